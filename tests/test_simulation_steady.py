"""Variates of known mean, and what they take off the standard errors of a simulation."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

import kdverify as kd
from kdverify.simulation import chain
from kdverify.simulation.zero_means import ZeroMeans

P = 6
LAM = np.arange(1, P + 1.0) ** -1.0
FORM = np.linspace(1.0, 2.0, P)


def integrated(rows: np.ndarray, n: int, ridge: float) -> tuple[np.ndarray, np.ndarray]:
    """``x_i'F - lam_i div F`` for both fields, the divergence by central differences."""

    def fields(x: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        inverse = np.linalg.pinv(x @ x.T + ridge * np.eye(n))
        first = inverse @ x
        return first, inverse @ ((x * FORM) @ x.T) @ first

    step, found = 1e-5, []
    for which in (0, 1):
        gaps = np.einsum("ai,ai->i", rows, fields(rows)[which])
        for a, i in np.ndindex(rows.shape):
            moved = np.zeros_like(rows)
            moved[a, i] = step
            high, low = fields(rows + moved)[which], fields(rows - moved)[which]
            gaps[i] -= LAM[i] * (high[a, i] - low[a, i]) / (2 * step)
        found.append(gaps)
    return found[0], found[1]


@pytest.mark.parametrize(("n", "ridge"), [(3, 0.0), (3, 0.7), (9, 0.7), (9, 0.0)])
def test_each_difference_is_an_integration_by_parts(n: int, ridge: float) -> None:
    rows = np.random.default_rng(n).standard_normal((n, P)) * np.sqrt(LAM)
    found = ZeroMeans(LAM, n, ridge, FORM).of(rows)
    if n > P and not ridge:  # the field there is X (X'X)^-1
        assert found[0][0] == pytest.approx(1 - (n - P - 1) * np.linalg.inv(rows.T @ rows)[0, 0])
        return
    for gaps, expected in zip(found, integrated(rows, n, ridge), strict=True):
        np.testing.assert_allclose(gaps, expected, rtol=1e-6, atol=1e-7)


PROBLEM = kd.Problem.power_law(20, 1.5, 2)


def students(**options: Any) -> kd.simulation.SimulationResult:
    teachers = [None, kd.optimal_surrogate(PROBLEM, 8)]
    return kd.simulate(PROBLEM, 8, teachers, trials=400, noise_variance=0.2, **options)


def test_the_means_stay_and_the_errors_fall() -> None:
    plain, steady = students(), students(steady=True)
    assert (steady.standard_errors < plain.standard_errors / 4).all()
    assert (abs(steady.means - plain.means) < 5 * plain.standard_errors).all()
    assert "known mean" in steady.reductions[-1]
    exact = kd.mean_risk(PROBLEM, 8, noise_variance=0.2)
    assert abs(steady.means[0] - exact) < 5 * steady.standard_errors[0]
    assert students(steady=True, workers=2).means == pytest.approx(steady.means, rel=1e-12)


def test_transfer_functions_and_the_noise_trace_too() -> None:
    plain, steady = students(), students(steady=True)
    for name in ("transfer_mean", "transfer_energy", "noise_trace"):
        word = "standard_error" if name == "noise_trace" else "standard_errors"
        was, now = (np.asarray(getattr(found, f"{name}_{word}")) for found in (plain, steady))
        assert (now < was / 3).all()
        assert (np.abs(getattr(steady, name) - getattr(plain, name)) < 5 * was).all()


def test_chains_too() -> None:
    source = kd.Spectrum(1 / np.arange(20.0, 0.0, -1))
    stages = [kd.Stage(12, source, 0.3), kd.Stage(30, None, 0.1), kd.Stage(8, ridge=0.2)]
    plain, steady = (chain(PROBLEM, stages, 400, steady=value) for value in (False, True))
    assert (steady.stage_standard_errors < plain.stage_standard_errors / 3).all()
    gaps = abs(steady.stage_means - plain.stage_means)
    assert (gaps < 5 * plain.stage_standard_errors).all()


@pytest.mark.parametrize(
    "options",
    [{"design": "uniform"}, {"features": 9}, {"reduction": "none"}, {"backend": "torch"}],
)
def test_refused_where_the_means_are_not_known(options: dict[str, Any]) -> None:
    if "backend" in options:
        pytest.importorskip("torch")
    with pytest.raises(ValueError, match="steady=True must go with"):
        students(steady=True, **options)


@pytest.mark.parametrize("n", [19, 20, 21])
def test_refused_where_no_mean_is_finite(n: int) -> None:
    with pytest.raises(ValueError, match=f"n={n} must be at least 2 off the 20 modes"):
        kd.simulate(PROBLEM, n, trials=2, steady=True)
    assert kd.simulate(PROBLEM, n, trials=2, ridge=0.1, steady=True).trials == 2
