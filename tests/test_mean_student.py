"""The exact mean student at every n: the library, the command, edges."""

from __future__ import annotations

import math

import numpy as np
import pytest

import kdverify as kd

LAM = np.array([2.0, 1.0, 0.5, 0.25, 0.1])


@pytest.fixture
def problem():
    return kd.Problem.power_law(30, 1, 2)


def drawn(n, ridge, weights, trials=40_000):
    """Means over Gaussian rows by draws, with their standard errors."""
    rows = np.random.default_rng(n).standard_normal((trials, n, LAM.size)) * np.sqrt(LAM)
    solved = np.linalg.solve(rows @ rows.transpose(0, 2, 1) + ridge * np.eye(n), rows)
    missed = np.eye(LAM.size) - rows.transpose(0, 2, 1) @ solved
    unlearnt = missed.diagonal(axis1=1, axis2=2)
    residual = np.einsum("kij,j,kij->ki", missed, weights, missed)
    noise = np.einsum("kai,i,kai->k", solved, weights, solved)[:, None]
    values = np.hstack([unlearnt, residual, noise])
    return values.mean(axis=0), values.std(axis=0) / math.sqrt(trials)


@pytest.mark.parametrize(("n", "ridge"), [(1, 0.0), (1, 0.3), (2, 0.0), (4, 0.3), (7, 1.0)])
def test_means_are_those_of_draws(n, ridge):
    for weights in (LAM, np.array([0.0, 3.0, 1.0, 0.5, 2.0])):
        found = kd.mean_student(kd.Spectrum(LAM), n, ridge, weights)
        mean, error = drawn(n, ridge, weights)
        exact = np.hstack([found.unlearnt, found.residual, found.noise])
        assert (np.abs(exact - mean) < 5 * error).all()
        assert found.error < 1e-8
        np.testing.assert_allclose(found.learnt + found.unlearnt, 1)


def test_steep_spectra_keep_their_digits():
    """Strongly learnt modes: lam E N_ii and E (N Sigma N)_ii lam tend to one number each."""
    found = kd.mean_student(kd.Spectrum.power_law(100, 8), 50)
    lam = kd.Spectrum.power_law(100, 8).eigenvalues
    for values in (lam * found.unlearnt, lam * found.residual):
        np.testing.assert_allclose(values[:3], values[0], rtol=1e-9)
    assert found.error < 1e-9


def test_least_squares_and_infinite_means(problem):
    assert kd.mean_risk(problem, 40, None, 0.5) == pytest.approx(kd.risk(problem, 40, None, 0.5))
    assert kd.mean_risk(problem, 30) == 0.0
    for n in (29, 30, 31):
        assert kd.mean_risk(problem, n, None, 0.5) == math.inf
    assert kd.mean_risk(problem, 28, None, 0.5) < math.inf


def test_the_correction_is_its_first_order(problem):
    for n in (10, 20):
        first = kd.size_error(problem, n, None, 0.1, 0.2)
        whole = kd.size_error(problem, n, None, 0.1, 0.2, exact=True)
        assert whole.corrected == pytest.approx(first.corrected, rel=2 / n**2)
        assert whole.corrected == kd.mean_risk(problem, n, None, 0.1, 0.2)


@pytest.mark.parametrize(
    ("n", "arguments", "message"),
    [
        (2.5, {}, "n=2.5 must be"),
        (0, {}, "n=0 must be"),
        (3, {"ridge": -1}, "ridge=-1 must"),
        (3, {"surrogate": [1.0]}, "surrogate of length 1 must"),
        (3, {"noise_variance": -1}, "noise_variance=-1 must"),
    ],
)
def test_bad_input(problem, n, arguments, message):
    with pytest.raises((ValueError, TypeError), match=message):
        kd.mean_risk(problem, n, **arguments)


def test_more_than_it_takes():
    with pytest.raises(ValueError, match="p=10001 must be"):
        kd.mean_student(kd.Spectrum(np.ones(10_001)), 3)
    with pytest.raises(ValueError, match="n=1e\\+15 must be smaller with a ridge: .*kd.risk"):
        kd.mean_risk(kd.Problem.power_law(5, 1, 2), 10**15, ridge=1)
    with pytest.raises(ValueError, match="digits=30 must be None"):
        kd.size_error(kd.Problem.power_law(5, 1, 2), 2, digits=30, exact=True)


def test_the_command_prints_them(problem, document, kdverify):
    setting = ("--alpha", "1", "--beta", "2", "-p", "30")
    (row,) = document("risk", *setting, "-n", "10", "--exact-means")["rows"]
    assert row["standard"] + row["corrections"]["standard"] == pytest.approx(
        kd.mean_risk(problem, 10), rel=1e-12
    )
    wrong = kdverify("risk", *setting, "-n", "10.5", "--exact-means")
    assert (wrong.code, wrong.err.count("\n")) == (2, 1)


def flat(eigenvalues):
    return kd.Problem(kd.Spectrum(eigenvalues), np.ones(len(eigenvalues)))


@pytest.mark.parametrize(
    ("eigenvalues", "n", "noise", "ridge", "truth"),
    [
        ([5.0, 1, 1, 1], 2, 0.0, 0.0, 3.0117973905),
        ([4.0, 1, 1, 0.25], 3, 0.0, 0.0, 0.8580014784),
        ([8, 4, 2, 1, 1, 0.5, 0.25, 0.125], 5, 0.0, 0.0, 2.6942427931),
        ([4.0, 4, 1, 1, 0.25, 0.25], 4, 0.1, 0.0, 2.3214135878),
        ([1, 0.5, 0.2], 2, 0.0, 1e-9, 0.4448419846),
        ([1, 0.5, 0.2], 2, 0.0, 1e-5, 0.4448533777),
    ],
)
def test_an_eigenvalue_that_is_tau(eigenvalues, n, noise, ridge, truth):
    """There 1 + x lam is 0 at x = -1, on the circle."""
    assert kd.mean_risk(flat(eigenvalues), n, None, noise, ridge) == pytest.approx(truth, rel=1e-9)
    found = kd.size_error(flat(eigenvalues), n, None, noise, ridge, exact=True)
    assert found.corrected == pytest.approx(truth, rel=1e-9)


@pytest.mark.parametrize("apart", [1e-12, -1e-9, 1e-6, 1e-4, -1e-3, 1e-1])
@pytest.mark.parametrize("ridge", [0.0, 1e-9, 0.3])
def test_an_eigenvalue_near_tau(apart, ridge):
    for p in (4, 5, 8):
        problem = flat(coincident(p, 2, ridge, 1 + apart))
        found = kd.mean_student(problem, 3, ridge)
        assert found.error < 1e-8
        if ridge == 0:
            low, high = kd.risk_bounds(problem, 3, 0).risk
            assert low * (1 - 1e-9) <= kd.mean_risk(problem, 3) <= high * (1 + 1e-9)


def coincident(p, n, ridge, factor):
    """Eigenvalues of which the largest is the root tau at n, times a factor."""
    rest = 1 / np.arange(1.0, p)
    low, high = 1e-3, 1e3
    for _ in range(200):
        first = math.sqrt(low * high)
        tau = kd.equivalents(kd.Spectrum([first, *rest]), n, ridge).tau
        low, high = (first, high) if tau > first else (low, first)
    return np.sort([first * factor, *rest])[::-1]


def test_what_rounding_spoils_is_refused():
    """Eigenvalues of very different sizes: a coarser grid tells; others keep their risk."""
    for ridge in (0.0, 1e-6):
        with pytest.raises(ValueError, match="must be less extreme for an exact mean: the quad"):
            kd.mean_risk(flat([1e12, 1.0, 1e-12]), 2, ridge=ridge)
        with pytest.raises(ValueError, match="must be less extreme"):
            kd.size_error(flat([1e100, 1.0, 1e-100]), 2, ridge=ridge, exact=True)
    steep = kd.Problem.power_law(60, 8, 1.5)
    assert kd.mean_student(steep, 2).error > 1e-6
    assert kd.mean_risk(steep, 2) > kd.risk(steep, 2)
