"""Sampled label noise: the risk of one draw of (X, z)."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

import kdverify as kd
from kdverify.simulation import Stage, Task, build_task, chain, run_task, two_stage

#: |z| beyond this has probability 7e-6 under a true value.
LIMIT = 4.5

EPS = np.finfo(float).eps
PROBLEM = kd.Problem.power_law(p=12, alpha=1.5, beta=1.5)
OTHER = np.cov(np.random.default_rng(0).standard_normal((12, 40)))


def by_hand(task: Task, trials: int) -> list[np.ndarray]:
    """Risks of every trial after the last stage, from the same draws."""
    rng = task.generator(0)
    found = []
    for _ in range(trials):
        fitted = task.starts
        for stage in task.stages:
            x = rng.standard_normal((stage.n, stage.r)) * np.sqrt(stage.eigenvalues)
            noise = np.zeros((stage.n, 1))
            if stage.noise_variance:
                noise = np.sqrt(stage.noise_variance) * rng.standard_normal((stage.n, 1))
            if stage.into_modes is not None:
                x = x @ stage.into_modes.T
            gram = x.T @ x + stage.ridge * np.eye(task.p)
            inverse = np.linalg.solve(gram, x.T) if stage.ridge else np.linalg.pinv(x)
            fitted = inverse @ (x @ fitted + noise)
        found.append(task.weights @ (fitted - task.beta_star[:, None]) ** 2)
    return found


@pytest.mark.parametrize(
    "trainings",
    [
        [Stage(5, None, 0.3)],
        [Stage(5, None, 0.3, 0.2)],
        [Stage(30, None, 0.3)],
        [Stage(30, None, 0.3, 0.2)],
        [Stage(5, OTHER, 0.3)],
        [Stage(5, None, 0.3), Stage(6), Stage(7, OTHER, 0.2), Stage(4, None, 0.1)],
    ],
)
def test_risks_are_those_of_one_draw(trainings: list[Stage]) -> None:
    task = build_task(PROBLEM, trainings, reduction="none", noise="sampled", seed=3)
    raw = run_task(task, 6, keep_trials=True).raw
    np.testing.assert_allclose(raw, by_hand(task, 6), rtol=1e-9)


def test_one_sample_of_noise_serves_all_surrogates() -> None:
    starts = [None, PROBLEM.beta_star, np.zeros(12)]
    options: dict[str, Any] = {"reduction": "none", "noise_variance": 0.5, "keep_trials": True}
    raw = kd.simulate(PROBLEM, 5, starts, trials=4, noise="sampled", **options).raw
    assert raw is not None
    np.testing.assert_array_equal(raw[:, 0], raw[:, 1])
    assert (raw[:, 2] != raw[:, 0]).all()


def test_the_transfer_functions_are_the_same_and_stay_exact() -> None:
    task = build_task(PROBLEM, [Stage(5, None, 0.4)], reduction="none", transfer=True)
    sampled = build_task(
        PROBLEM, [Stage(5, None, 0.4)], reduction="none", transfer=True, noise="sampled"
    )
    exact, drawn = run_task(task, 2, keep_trials=True), run_task(sampled, 2)
    assert exact.raw_noise_trace is not None
    assert exact.raw_noise_trace.mean() == exact.noise_trace
    assert drawn.raw_noise_trace is None
    quiet = run_task(
        build_task(PROBLEM, [Stage(5)], reduction="none", transfer=True, noise="sampled"), 2
    )
    # Without variance nothing is drawn, so that the designs are those of the exact mode.
    np.testing.assert_array_equal(quiet.transfer_energy, exact.transfer_energy)
    assert drawn.noise_trace != exact.noise_trace  # another design follows the first noise


def test_the_mean_over_noise_is_the_exact_mode_and_its_spread_is_larger() -> None:
    options: dict[str, Any] = {"reduction": "none", "noise_variance": 0.7, "seed": 4}
    exact = kd.simulate(PROBLEM, 5, trials=3000, **options)
    drawn = kd.simulate(PROBLEM, 5, trials=3000, noise="sampled", **options)
    error = np.hypot(exact.standard_errors, drawn.standard_errors)
    assert (np.abs(exact.means - drawn.means) < LIMIT * error).all()
    assert (drawn.standard_errors > 1.2 * exact.standard_errors).all()
    assert exact.reductions != ()
    assert drawn.reductions == ()


def test_singular_designs_get_noise_too() -> None:
    problem = kd.Problem(kd.Spectrum(np.ones(3)), np.zeros(3))
    found = kd.simulate(
        problem, 2, trials=400, design="rademacher", reduction="none", noise="sampled",
        noise_variance=1.0, keep_trials=True,
    )  # fmt: skip
    assert found.raw is not None
    assert found.safe_factorisations > 0
    # E tr (XX')^+: equal rows (1/4) give 1/6, else XX' = 3 +- 1 gives 1/4 + 1/2.
    error = found.standard_errors[0]
    assert abs(found.means[0] - (1 / 24 + 9 / 16)) < LIMIT * error


def test_keys_tell_the_noise_apart() -> None:
    links = [Stage(5, None, 0.3)]
    exact = build_task(PROBLEM, links, reduction="none")
    sampled = build_task(PROBLEM, links, reduction="none", noise="sampled")
    assert exact.key != sampled.key


@pytest.mark.parametrize("reduction", ["auto", "signs"])
def test_flips_need_the_exact_mean(reduction: str) -> None:
    with pytest.raises(ValueError, match="noise='sampled' must go with reduction='none'"):
        kd.simulate(PROBLEM, 5, noise="sampled", reduction=reduction)
    with pytest.raises(ValueError, match="noise='sampled' must go with"):
        two_stage(PROBLEM, None, 5, 5, noise="sampled", reduction=reduction)


def test_bad_noise_is_turned_away() -> None:
    with pytest.raises(ValueError, match="noise='none' must be one of exact, sampled"):
        kd.simulate(PROBLEM, 5, noise="none")
    with pytest.raises(TypeError, match="noise=0.1 must be one of"):
        chain(PROBLEM, [Stage(5)], noise=0.1)  # type: ignore[arg-type]
