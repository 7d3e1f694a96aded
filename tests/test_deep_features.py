"""Several random layers, structured first layers, layers with given weights."""

from __future__ import annotations

import math

import numpy as np
import pytest
from mpmath import mp

import kdverify as kd
from kdverify import random_features as rf
from kdverify.random_features import certified


@pytest.fixture
def problem():
    return kd.Problem.power_law(60, 1, 2)


def test_one_layer_is_one_layer(problem):
    for n, q, ridge in ((20, 50, 0.0), (50, 20, 0.0), (30, 30, 0.5), (80, 90, 0.0)):
        assert rf.risk(problem, n, (q,), None, 0.1, ridge) == rf.risk(
            problem, n, q, None, 0.1, ridge
        )
        wide = rf.risk(problem, n, (q, 1e12), None, 0.1, ridge)
        assert wide == pytest.approx(rf.risk(problem, n, q, None, 0.1, ridge), rel=1e-9)


def test_the_order_of_layers_does_not_matter(problem):
    for ridge in (0.0, 0.2):
        found = {rf.risk(problem, 25, w, None, 0, ridge) for w in ((30, 40, 50), (50, 30, 40))}
        low, high = min(found), max(found)
        assert high - low < 1e-12 * high
    assert rf.risk(problem, 25, (30, 40)) > rf.risk(problem, 25, 30)


def test_surrogates_and_masks_of_deep_students(problem):
    best = rf.optimal_surrogate(problem, 25, (30, 40), 0.1)
    least = rf.optimal_risk(problem, 25, (30, 40), 0.1, 0.1)
    assert rf.risk(problem, 25, (30, 40), best, 0.1, 0.1) == pytest.approx(least)
    assert least < rf.masked_risk(problem, 25, (30, 40), None, 0.1, 0.1)
    at = rf.equivalents(problem, 25, (30, 40), 0.1)
    assert at.log_error < 1e-12
    assert at.one_minus_upsilon == pytest.approx(1 - at.upsilon)
    assert at.sample_gap == pytest.approx(0.1 / at.nu_1)


def test_a_square_layer_changes_nothing_without_ridge(problem):
    """Least squares on W_2 z is least squares on z for an invertible W_2."""
    two = rf.risk(problem, 50, (20, 20), None, 0.1)
    assert two == pytest.approx(rf.risk(problem, 50, 20, None, 0.1), rel=1e-12)


def drawn(problem, covariance, n, q, trials=300):
    """Mean risk of ridgeless students of drawn layers whose rows have a covariance."""
    rng, lam = np.random.default_rng(1), problem.spectrum.eigenvalues
    risks = []
    for _ in range(trials):
        w = rng.standard_normal((q, problem.p)) * np.sqrt(covariance / q)
        x = rng.standard_normal((n, problem.p)) * np.sqrt(lam)
        fit = w.T @ np.linalg.lstsq(x @ w.T, x @ problem.beta_star, rcond=None)[0]
        risks.append(lam @ (fit - problem.beta_star) ** 2)
    return np.mean(risks), np.std(risks) / trials**0.5


def test_structured_layers(problem):
    covariance = np.linspace(3, 0.2, 60)
    mean, error = drawn(problem, covariance, 20, 45)
    found = rf.risk(rf.structured(problem, covariance), 20, 45)
    assert found == pytest.approx(mean, abs=4 * error + 0.06 * mean)
    assert abs(found - rf.risk(problem, 20, 45)) > 10 * error
    matrix = rf.structured(problem, np.diag(covariance))
    assert rf.risk(matrix, 20, 45) == pytest.approx(found)
    turned = kd.Problem(
        kd.Spectrum.from_covariance(np.array([[2.0, 0.5], [0.5, 1.0]])), np.array([1.0, -1.0])
    )
    root = np.array([[1.5, 0.25], [0.25, 1.0]])
    other = rf.structured(turned, root @ root)
    assert other.signal.sum() == pytest.approx(turned.signal.sum())
    assert other.beta_star @ root == pytest.approx(turned.beta_star)


def test_given_layers(problem):
    weights = np.random.default_rng(2).standard_normal((2, 60, 60))
    found = rf.given_layers(problem, weights)
    assert found.unexplained == pytest.approx(0, abs=1e-9)
    assert found.problem.signal.sum() == pytest.approx(problem.signal.sum())
    bent = rf.given_layers(problem, weights, lambda u: np.maximum(u, 0))
    assert 0.1 < bent.unexplained / problem.signal.sum() < 1


def given(problem, activation):
    return rf.given_layers(problem, [np.eye(60)], activation)


@pytest.mark.filterwarnings("ignore:invalid value", "ignore:divide by zero")
@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda p: rf.risk(p, 20, (30, 0)), "features=0 must be at least 1"),
        (lambda p: rf.risk(p, 20, ()), "features must name"),
        (lambda p: rf.risk(p, 20, (20, 30)), "features=20 must differ from n=20"),
        (lambda p: rf.risk(p, 20, (40, 30), ridge=-1), "ridge=-1 must"),
        (lambda p: rf.size_error(p, 20, (40, 30)), "features"),
        (lambda p: kd.chain_risks(p, [kd.Stage(20, features=(30, 40))]), "features"),
        (lambda p: rf.structured(p, np.ones(3)), "weights_covariance of length 3 must"),
        (lambda p: rf.structured(p, np.eye(3)), "weights_covariance of shape"),
        (lambda p: rf.structured(p, np.zeros((60, 60))), "weights_covariance must be positive"),
        (lambda p: rf.given_layers(p, [np.ones((4, 5))]), r"weights\[0\] of shape"),
        (lambda p: rf.given_layers(p, []), r"weights=\[\] must be a list of matrices"),
        (lambda p: rf.given_layers(p, [np.zeros((4, 60))]), r"weights\[0\] must not all be zero"),
        (lambda p: given(p, "relu"), "activation='relu' must be a function of an array"),
        (lambda p: given(p, math.tanh), "activation must make real numbers of an array: only "),
        (lambda p: given(p, lambda z: None), "activation must make real numbers of an array"),
        (lambda p: given(p, lambda z: z + 1j), "real numbers, not of dtype complex"),
        (lambda p: given(p, lambda z: z[:3]), r"entry by entry: of shape \(200,\) it makes \(3,\)"),
        (lambda p: given(p, lambda z: 1.0), r"entry by entry: of shape \(200,\) it makes \(\)"),
        (lambda p: given(p, np.log1p), "activation must make finite numbers"),
        (lambda p: given(p, lambda z: 0 * z + 1), "activation must not be constant"),
    ],
)
def test_bad_input(problem, call, message):
    with pytest.raises((ValueError, TypeError), match=message):
        call(problem)


@pytest.mark.parametrize(
    "call",
    [
        lambda pr: kd.two_stage_risk(pr, None, 8, 6, features=(9, 10)),
        lambda pr: kd.chain_error(pr, [kd.Stage(8, features=(9, 10)), kd.Stage(6)]),
        lambda pr: rf.size_error(pr, 6, (9, 10)),
    ],
)
def test_what_takes_one_layer_says_so(problem, call):
    with pytest.raises(TypeError, match=r"features=\(9, 10\) must be one number here: stages"):
        call(problem)


def by_bisection(n, widths, ridge):
    """nu and Upsilon of the 60 modes 1/i from the one equation, in mpmath."""
    lam = [mp.mpf(1) / i for i in range(1, 61)]
    low, high = mp.mpf(-80), mp.mpf(80)
    for _ in range(170):
        nu = mp.exp((low + high) / 2)
        gaps = [size - sum(x / (x + nu) for x in lam) for size in (n, *widths)]
        above = min(gaps) > 0 and mp.fprod(gaps) * nu > ridge * mp.fprod(widths)
        low, high = (low, mp.log(nu)) if above else (mp.log(nu), high)
    learnt = [x / (x + nu) for x in lam]
    spreads, load = sum(x * (1 - x) for x in learnt), sum(1 / gap for gap in gaps[1:])
    eta = spreads * load / (1 + spreads * load)
    return nu, (sum(x * x for x in learnt) + eta * spreads) / n


@pytest.mark.parametrize(
    ("n", "widths", "ridge"),
    [(25, (30, 40), "0.1"), (40, (30, 50, 45), 1), (9, (9, 9), "1e-6"), (90, (80, 70), 2)],
)
def test_layers_on_balls(problem, n, widths, ridge):
    with mp.workdps(50):
        nu, upsilon = by_bisection(n, widths, mp.mpf(ridge))
        at = certified.certificate(problem, n, widths, "0.2", ridge, 30).equivalents
        for ball, value in ((at.nu, nu), (at.upsilon, upsilon)):
            assert abs(mp.mpf(ball.str(35, radius=False)) / value - 1) < mp.mpf("1e-30")
            assert ball.rel_accuracy_bits() > 100
    for which in ("standard", "optimal", "masked"):
        name = {"standard": "risk"}.get(which, f"{which}_risk")
        options = {"noise_variance": 0.2, "ridge": float(ridge)}
        found = getattr(rf, name)(problem, n, widths, **options)
        ball = getattr(certified.certificate(problem, n, widths, 0.2, float(ridge), 20), which)
        assert float(ball) == pytest.approx(found, rel=1e-13)


def test_ridgeless_layers_on_balls(problem):
    for n, widths in ((25, (30, 40)), (50, (20, 20)), (90, (80, 70)), (20, ("22.5", 30))):
        ball = certified.risk(problem, n, widths, None, 0.2, 0, 30)
        found = rf.risk(problem, n, tuple(map(float, widths)), None, 0.2)
        assert float(ball) == pytest.approx(found, rel=1e-13)
        assert ball.rel_accuracy_bits() > 95
    one = certified.risk(problem, 25, 40, None, 0.2, 0.1, 30)
    assert certified.risk(problem, 25, [40], None, 0.2, 0.1, 30).overlaps(one)


def test_a_curve_of_a_tuple_is_none(problem):
    """A list is several students, a tuple would be the layers of one."""
    assert list(rf.curve(problem, 6, [9, 10]).features) == [9, 10]
    with pytest.raises(TypeError, match=r"features=\(9, 10\) must be a list here"):
        rf.curve(problem, 6, (9, 10))
