"""Risks, best surrogate and best mask in double precision, and certified."""

from __future__ import annotations

import math
import warnings
from itertools import product

import flint
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

import kdverify as kd
from kdverify.gaussian import certified
from kdverify.gaussian.theory import NoFiniteMeanWarning
from kdverify.problem import Problem, Spectrum

#: Rounding of a risk: what the solver is tested for (tests/test_solve.py), on either side.
RISK = 2e-13

FIGURE_1A = {
    "tau": "3.973373216e-5",
    "omega": "0.6129848549",
    "standard": "0.1193669839",
    "optimal": "0.08325095954",
    "masked": "0.08966240321",
}


@pytest.fixture(scope="module")
def figure_1a() -> Problem:
    return Problem.power_law(500, 2.0, 1.5)


@st.composite
def problems(draw) -> tuple[Problem, int]:
    p = draw(st.integers(3, 30))
    n = draw(st.integers(1, p - 1))
    seed = draw(st.integers(0, 2**32 - 1))
    rng = np.random.default_rng(seed)
    lam = np.arange(1, p + 1.0) ** -draw(st.floats(0, 4)) * rng.uniform(0.5, 2, p)
    return Problem(Spectrum(lam), rng.normal(size=p)), n


def test_figure_1a(figure_1a):
    curve = kd.curve(figure_1a, 200)
    for name, text in FIGURE_1A.items():
        digits = len(text.split("e")[0].replace(".", "").lstrip("0"))
        assert f"{getattr(curve, name)[0]:.{digits}g}" == f"{float(text):.{digits}g}"
    assert (curve.amplified[0], curve.kept[0]) == (126, 203)
    assert kd.optimal_mask(figure_1a, 200).sum() == 203
    assert (kd.gains(figure_1a, 200) > 1).sum() == 126


@given(problems())
def test_optimum_is_a_minimum(setting):
    problem, n = setting
    best, least = kd.optimal_surrogate(problem, n), kd.optimal_risk(problem, n)
    assert abs(kd.risk(problem, n, best) / least - 1) <= RISK
    rng = np.random.default_rng(n)
    for size in (1e-3, 0.1, 3.0):
        moved = best + size * rng.normal(size=problem.p)
        assert kd.risk(problem, n, moved) > least * (1 - RISK)
    assert least <= kd.masked_risk(problem, n) * (1 + RISK)
    assert kd.masked_risk(problem, n) <= kd.risk(problem, n) * (1 + RISK)


@given(problems(), st.floats(0, 10))
def test_linear_in_the_noise(setting, noise):
    problem, n = setting
    at = kd.equivalents(problem, n)
    added = noise * at.omega / at.one_minus_omega
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", NoFiniteMeanWarning)
        for call in (kd.risk, kd.optimal_risk, kd.masked_risk):
            with_noise, without = call(problem, n, noise_variance=noise), call(problem, n)
            assert abs(with_noise - without - added) <= RISK * with_noise


@given(problems())
def test_common_sign_change(setting):
    problem, n = setting
    signs = np.where(np.arange(problem.p) % 2, -1.0, 1.0)
    turned = Problem(problem.spectrum, signs * problem.beta_star)
    surrogate = np.cos(np.arange(problem.p))
    assert kd.risk(problem, n, surrogate) == kd.risk(turned, n, signs * surrogate)


@given(problems())
def test_a_rotated_covariance_is_the_same_problem(setting):
    problem, n = setting
    rng = np.random.default_rng(n)
    q, _ = np.linalg.qr(rng.normal(size=(problem.p, problem.p)))
    lam = problem.spectrum.eigenvalues
    rotated = Problem(Spectrum.from_covariance(q @ np.diag(lam) @ q.T), q @ problem.beta_star)
    surrogate = rng.normal(size=problem.p)
    # Forming and diagonalising the matrix is right to p eps of the largest eigenvalue.
    rounding = 100 * problem.p * np.finfo(float).eps * lam.max() / lam.min()
    assert math.isclose(
        kd.risk(rotated, n, q @ surrogate), kd.risk(problem, n, surrogate), rel_tol=rounding
    )
    best = q.T @ kd.optimal_surrogate(rotated, n)
    assert np.allclose(best, kd.optimal_surrogate(problem, n), rtol=rounding, atol=rounding)
    assert not math.isclose(
        kd.risk(rotated, n, surrogate), kd.risk(problem, n, surrogate), rel_tol=1e-6
    )


@pytest.mark.parametrize("n", [2, 4, 6])
def test_mask_by_exhaustive_search(n):
    problem = Problem.power_law(8, 1.5, 1.2)
    risks = {
        mask: kd.masked_risk(problem, n, np.array(mask))
        for mask in product((False, True), repeat=8)
    }
    best = min(risks, key=risks.__getitem__)
    assert best == tuple(kd.optimal_mask(problem, n).tolist())
    masked = problem.beta_star * np.array(best)
    assert math.isclose(risks[best], kd.risk(problem, n, masked), rel_tol=RISK)


@given(problems(), st.floats(1e-6, 10))
def test_curve_equals_single_calls(setting, ridge):
    problem, n = setting
    sizes = [n, n + 0.5, 2 * problem.p, n]
    curve = kd.curve(problem, sizes, noise_variance=0.3, ridge=ridge)
    for k, size in enumerate(sizes):
        single = kd.risk(problem, size, noise_variance=0.3, ridge=ridge)
        assert math.isclose(curve.standard[k], single, rel_tol=RISK)
        single = kd.optimal_risk(problem, size, noise_variance=0.3, ridge=ridge)
        assert math.isclose(curve.optimal[k], single, rel_tol=RISK)
        assert curve.kept[k] == kd.optimal_mask(problem, size, ridge).sum()
    assert np.array_equal(curve.n, sizes)


def test_ridge_tends_to_the_ridgeless_values():
    problem = Problem.power_law(40, 2, 1.5)
    assert math.isclose(
        kd.risk(problem, 15, ridge=1e-18), kd.risk(problem, 15), rel_tol=1e-12
    )  # tau moves by at most ridge/(n (1 - Omega)), relatively 1e-18/(15 * 0.3 * 4e-3)
    noisy = kd.risk(problem, 60, noise_variance=1.0, ridge=1e-18)
    assert math.isclose(noisy, 40 / 20, rel_tol=1e-12)
    assert kd.risk(problem, 60, noise_variance=1.0) == pytest.approx(40 / 19, rel=1e-15)


@pytest.mark.parametrize(
    ("n", "noise", "value", "warns"),
    [
        (8, 0.0, 0.0, False),  # n = p: exact interpolation of the truth
        (7, 0.0, None, False),
        (7, 0.1, None, True),  # p - 1: (2)
        (8, 0.1, math.inf, True),
        (9, 0.1, math.inf, True),
        (8.5, 0.1, math.inf, True),
        (10, 0.1, 0.8, False),  # sigma^2 p/(n - p - 1)
        (12, 0.0, 0.0, False),
    ],
)
def test_around_n_equal_p(n, noise, value, warns):
    problem = Problem.power_law(8, 2, 2)
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        found = kd.risk(problem, n, noise_variance=noise)
        curve = kd.curve(problem, [n, n], noise_variance=noise)
    assert bool(caught) is warns
    assert all(w.category is NoFiniteMeanWarning for w in caught)
    if value is None:
        at = kd.equivalents(problem, n)
        leftover = (problem.signal * at.zeta**2).sum()
        value = (noise * at.omega + leftover) / at.one_minus_omega
    assert found == pytest.approx(value, rel=RISK)
    assert curve.standard == pytest.approx([found, found], rel=RISK)


@pytest.mark.parametrize(
    "call",
    [
        lambda q: kd.risk(q, 8, noise_variance=1),
        lambda q: kd.optimal_risk(q, 8, noise_variance=1),
        lambda q: kd.masked_risk(q, 8, noise_variance=1),
        lambda q: kd.curve(q, 8, noise_variance=1),
        lambda q: kd.curve(q, [2, 8], noise_variance=1),
    ],
)
def test_the_warning_points_at_the_caller(call):
    with pytest.warns(NoFiniteMeanWarning, match="n=8 at p=8") as caught:
        call(Problem.power_law(8, 2, 2))
    assert [w.filename for w in caught] == [__file__]


def test_a_solve_beyond_double_precision_is_not_silent():
    problem = Problem(kd.Spectrum(np.array([1.0, 0.5, 0.2, 1e-300])), np.ones(4))
    for call in (kd.risk, kd.optimal_risk, kd.masked_risk):
        with pytest.warns(RuntimeWarning, match="n=3.9999999999999996: the residual") as caught:
            call(problem, 4 - 4e-16)
        assert [w.filename for w in caught] == [__file__]
        with warnings.catch_warnings():
            warnings.simplefilter("error")
            call(problem, 3.999999)


def test_least_squares_regime():
    problem = Problem.power_law(8, 2, 2)
    surrogate = np.zeros(8)
    shift = problem.signal.sum()
    assert kd.risk(problem, 20, surrogate) == pytest.approx(shift, rel=RISK)
    assert (kd.gains(problem, 20) == 1).all()
    assert (kd.improvements(problem, 20) == 1).all()
    assert kd.optimal_mask(problem, 20).all()
    assert np.array_equal(kd.optimal_surrogate(problem, 20), problem.beta_star)
    mask = np.arange(8) < 5
    assert kd.masked_risk(problem, 20, mask) == pytest.approx(problem.signal[5:].sum(), rel=RISK)


@pytest.mark.parametrize(
    ("call", "error", "message"),
    [
        (lambda q: kd.risk(q.spectrum, 3), TypeError, "must be a Problem"),
        (lambda q: kd.risk(q, 0), ValueError, "n=0 must be positive"),
        (lambda q: kd.risk(q, 3, np.ones(7)), ValueError, "of length 7 must have length p=8"),
        (lambda q: kd.risk(q, 3, [math.nan] * 8), ValueError, r"surrogate\[0\]=nan must be finite"),
        (lambda q: kd.risk(q, 3, ["a"] * 8), TypeError, "surrogate must be a vector of real"),
        (lambda q: kd.risk(q, 3, noise_variance=-1), ValueError, "must not be negative"),
        (lambda q: kd.risk(q, 3, ridge=-1), ValueError, "ridge=-1 must not be negative"),
        (lambda q: kd.masked_risk(q, 3, np.ones(8)), TypeError, "must be a vector of booleans"),
        (lambda q: kd.masked_risk(q, 3, np.ones(3, bool)), ValueError, r"must have shape \(8,\)"),
        (lambda q: kd.curve(q, []), ValueError, "at least one sample size"),
        (lambda q: kd.optimal_surrogate(q.spectrum, 3), TypeError, "must be a Problem"),
        (lambda q: certified.risk(q, 3, digits=0), ValueError, "digits=0 must be at least 1"),
        (lambda q: certified.risk(q, 3, digits=10**6), ValueError, "must be at most"),
        (lambda q: certified.risk(q, "x"), ValueError, "n='x' must be a decimal number"),
        (lambda q: certified.certificate(q.spectrum, 3).standard, TypeError, "must be a Problem"),
    ],
)
def test_bad_input(call, error, message):
    with pytest.raises(error, match=message):
        call(Problem.power_law(8, 2, 2))


# ---------------------------------------------------------------------- certified


def test_certified_risks_are_narrow_and_agree(figure_1a):
    proof = certified.certificate(figure_1a, 200, noise_variance="0.1", ridge="0.001", digits=60)
    for ball in (proof.tau, proof.standard, proof.optimal, proof.masked):
        assert ball.rel_accuracy_bits() >= 60 * math.log2(10)
    for name in ("standard", "optimal", "masked"):
        value = getattr(kd.curve(figure_1a, 200, 0.1, 0.001), name)[0]
        # 0.1 and 0.001 as floats are not the decimals: off by at most 2^-53 relatively.
        assert abs(float(flint.arb(value) / getattr(proof, name) - 1)) <= RISK
    surrogate = np.linspace(0, 1, 500)
    ball = certified.risk(figure_1a, 200, surrogate, digits=40)
    assert abs(float(flint.arb(kd.risk(figure_1a, 200, surrogate)) / ball - 1)) <= RISK


def test_more_digits_refine(figure_1a):
    coarse, fine = (certified.risk(figure_1a, 200, digits=d) for d in (20, 200))
    assert coarse.contains(fine)
    assert not fine.contains(coarse)


def test_decimal_input_is_exact():
    """alpha = 1.1 as text is 11/10; as a float it is another number."""
    text = certified.risk(Problem.power_law(20, "1.1", "1.5"), 8, digits=40)
    binary = certified.risk(Problem.power_law(20, 1.1, 1.5), 8, digits=40)
    assert not text.overlaps(binary)


def test_membership_is_three_valued():
    """lam = 17 (48 times) and 2 (17 times) at n = 170/3: tau = 1, zeta^2 = 1 - Omega at lam = 2."""
    problem = Problem(Spectrum.from_multiplicities([17, 2], [48, 17]), np.ones(65))
    proof = certified.certificate(problem, "170/3", digits=50)
    assert proof.membership() == ["yes"] * 48 + ["undecided"] * 17
    assert proof.tau.contains(1)
    for mask in (np.ones(65, bool), np.arange(65) < 48, np.arange(65) < 50):
        assert proof.masked.overlaps(proof.masked_by(mask))
    decided = certified.certificate(Problem.power_law(20, 2, 2), 8, digits=50).membership()
    assert set(decided) == {"yes", "no"}
    assert decided == sorted(decided, reverse=True)


def test_an_exact_tie_is_dropped():
    """lam = 7 (16 times) and 1 (14 times) at n = 21: the same tie, exact in binary."""
    problem = Problem(Spectrum.from_multiplicities([7, 1], [16, 14]), np.ones(30))
    proof = certified.certificate(problem, 21, digits=50)
    assert proof.membership() == ["yes"] * 16 + ["no"] * 14
    assert kd.optimal_mask(problem, 21).tolist() == [True] * 16 + [False] * 14


def test_certified_least_squares():
    problem = Problem.power_law(8, 2, 2)
    assert certified.risk(problem, 10, noise_variance="0.1").overlaps(flint.arb(8) / 10)
    assert not certified.risk(problem, 9, noise_variance="0.1").is_finite()
    assert certified.risk(problem, 9) == 0
    assert certified.certificate(problem, 12).kept[0].all()
