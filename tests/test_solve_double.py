"""The double-precision solver over up to 3,000 modes and 560 decades, against balls.

`test_solve.py` holds the small spectra and single cases; here every figure that a solve
returns, and every risk built on it, is compared with its certified value.
"""

from __future__ import annotations

import math
from fractions import Fraction

import flint
import numpy as np
import pytest
from hypothesis import assume, example, given, settings
from hypothesis import strategies as st
from strategies import large_settings, large_spectra, sample_sizes

import kdverify as kd
from kdverify import formulas
from kdverify.arithmetic import BALLS, vector
from kdverify.gaussian import certified
from kdverify.gaussian.solve import Code, coarse, double
from kdverify.problem import Problem, Spectrum

#: What the solver promises: tau, Omega and 1 - Omega, and the risks.
TAU, RISK = 1e-14, 1e-13
DIGITS = 30
#: Certified solves of thousands of modes are slow: some of the profile's examples.
FEW = settings(max_examples=settings.default.max_examples // 3)
#: No risk is meant to be right where its terms underflow.
UNDERFLOW = 1e-290


def relative_error(value: float, ball: flint.arb) -> float:
    """Upper bound of |value/ball - 1|."""
    return float((BALLS.number(float(value)) / ball - 1).abs_upper())


def check_equivalents(lam: np.ndarray, n: float, ridge: float) -> None:
    """All promises of one solve."""
    at = kd.equivalents(Spectrum(lam), n, ridge)
    exact = certified.equivalents(Spectrum(lam), n, ridge, digits=DIGITS)
    assert at.code is Code.CONVERGED
    assert at.evaluations <= 4
    assert at.log_error <= TAU
    assert (BALLS.number(at.tau) / exact.tau).log().abs_upper() <= BALLS.number(at.log_error)
    assert relative_error(at.tau, exact.tau) <= TAU
    assert relative_error(at.one_minus_omega, exact.one_minus_omega) <= TAU
    # Omega is a sum of squares: below the square root of the smallest double they underflow.
    if exact.omega > UNDERFLOW and at.one_minus_zeta.max() > 1e-140:
        assert relative_error(at.omega, exact.omega) <= TAU


@FEW
@given(large_settings(ridge=False))
@example((np.logspace(290, -290, 581), 290.0, 0.0))
@example((np.logspace(290, -290, 581), 580.999, 0.0))
@example((np.array([1e300, 1e-300, 1e-300]), 1.0, 0.0))
@example((np.array([1e300, 1e-300, 1e-300]), 1 + 2.0**-52, 0.0))
@example((np.array([1e300, 1e-300]), 1 - 2.0**-53, 0.0))
@example((np.array([1e-300] * 5), math.nextafter(5, 0), 0.0))
@example((np.array([2.0]), 1e-12, 0.0))
@example((np.array([2.0]), math.nextafter(1, 0), 0.0))
@example((np.ones(3000), 1.0, 0.0))
def test_ridgeless(setting):
    if setting[0].max() == 1e-300:  # tau = 1e-316 has no 53 bits: said, not promised
        at = kd.equivalents(Spectrum(setting[0]), setting[1])
        exact = certified.equivalents(Spectrum(setting[0]), setting[1], digits=DIGITS).tau
        assert at.code is Code.NOT_CONVERGED or relative_error(at.tau, exact) <= TAU
        return
    check_equivalents(*setting)


@FEW
@given(large_settings(ridge=True))
@example((np.ones(7), 7.0, 7e-12))
@example((np.ones(7), 1e5, 7e12))
@example((np.array([1e200, 1e-200]), 2.0, 1e-250))
@example((np.logspace(290, -290, 581), 581.0, 1e-280))
@example((np.logspace(100, -100, 2001), 0.5, 1e90))
def test_with_ridge(setting):
    check_equivalents(*setting)


@FEW
@given(
    large_settings(ridge=True), st.sampled_from(["flat", "random", "head", "tail"]), st.booleans()
)
def test_risks(setting, shape, ridgeless):
    lam, n, ridge = setting
    ridge = 0.0 if ridgeless and n < lam.size else ridge
    beta = 1 / np.sqrt(lam)
    rank = np.argsort(np.argsort(-lam))
    if shape == "random":
        beta = beta * np.random.default_rng(lam.size).normal(size=lam.size)
    elif shape != "flat":
        beta = beta * ((rank < lam.size / 2) == (shape == "head"))
    problem = Problem(Spectrum(lam), beta)
    exact = certified.certificate(problem, n, ridge=ridge, digits=DIGITS)
    for value, ball in (
        (kd.risk(problem, n, ridge=ridge), exact.standard),
        (kd.optimal_risk(problem, n, ridge=ridge), exact.optimal),
        (kd.masked_risk(problem, n, ridge=ridge), exact.masked),
    ):
        if ball > UNDERFLOW:
            assert relative_error(value, ball) <= RISK
        else:
            assert value <= 2 * UNDERFLOW
    gains = kd.gains(problem, n, ridge)
    for value, ball in zip(gains[:5], exact.gains[:5], strict=True):
        # The gain falls to zeta -> 1 like 1 - zeta; tau is off by TAU, and it enters four times.
        assert relative_error(value, ball) <= 8 * TAU or ball < UNDERFLOW


def test_a_wrong_value_is_noticed():
    with pytest.raises(AssertionError):
        assert relative_error(1 + 2e-14, flint.arb(1)) <= TAU
    lam = np.logspace(100, -100, 201)
    at = kd.equivalents(Spectrum(lam), 70)
    # 1 - Omega by subtraction is what the solver must not do
    gapped = np.where(np.arange(10) < 4, 1e20, 1.0)
    exact = certified.equivalents(Spectrum(gapped), 4, digits=DIGITS).one_minus_omega
    naive = 1 - kd.equivalents(Spectrum(gapped), 4).omega
    assert relative_error(naive, exact) > 1e-8
    assert at.code.ok


@FEW
@given(large_settings(ridge=True), st.booleans())
def test_the_defining_equation_holds(setting, ridgeless):
    """(1) itself, in balls, at tau e^-log_error and tau e^log_error: opposite signs."""
    lam, n, ridge = setting
    ridge = 0.0 if ridgeless and n < lam.size else ridge
    at = kd.equivalents(Spectrum(lam), n, ridge)
    decades = math.log10(lam.max()) - math.log10(lam.min())
    with BALLS.precision(40 + int(decades)):
        modes = vector(BALLS, lam)
        signs = []
        for step in (-at.log_error, at.log_error):
            tau = BALLS.number(at.tau) * BALLS.number(step).exp()
            learnt = formulas.one_minus_zeta(modes, tau)
            # n as p minus the unlearnt part keeps the digits where n is close to p
            residual = formulas.fixed_point_residual(
                learnt, BALLS.number(n), BALLS.number(ridge) / tau, BALLS.total
            )
            signs.append((residual > 0, residual < 0))
    assert signs[0][0], "the sum is above n at the lower end"
    assert signs[1][1], "and below n at the upper end"


@given(large_spectra(largest=200), st.integers(2, 4), st.data())
def test_multiplicity_is_repetition(lam, times, data):
    """k copies of every mode with k n samples and k times the ridge: the same tau and Omega."""
    n = data.draw(sample_sizes(lam.size, ridge=True))
    ridge = float(lam.sum()) * 1e-3
    one = kd.equivalents(Spectrum(lam), n, ridge)
    many = Spectrum.from_multiplicities(lam, [times] * lam.size)
    # times * n and times * ridge are rounded once: tau moves by as much over n (1 - Omega)
    other = kd.equivalents(many, Fraction(n) * times, Fraction(ridge) * times)
    slack = 4 * 2.0**-53 / one.one_minus_omega if n < 2 * lam.size else 4 * 2.0**-53
    assume(slack < 1e-6)
    assert abs(math.log(other.tau / one.tau)) <= one.log_error + other.log_error + slack


@given(large_spectra(largest=300), st.data(), st.integers(-200, 200))
def test_scale_and_permutation(lam, data, exponent):
    """A power of two is exact: tau scales with it, zeta and Omega stay."""
    c = 2.0**exponent
    assume(lam.max() < 1e290 / max(c, 1))
    assume(lam.min() > 1e-290 / min(c, 1))
    n = data.draw(sample_sizes(lam.size, ridge=True))
    ridge = float(lam.sum()) * 0.1
    one = kd.equivalents(Spectrum(lam), n, ridge)
    order = np.random.default_rng(lam.size).permutation(lam.size)
    other = kd.equivalents(Spectrum(c * lam[order]), n, c * ridge)
    assert abs(math.log(other.tau / c / one.tau)) <= one.log_error + other.log_error
    assert math.isclose(other.one_minus_omega, one.one_minus_omega, rel_tol=2 * TAU)
    assert np.allclose(other.zeta, one.zeta[order], rtol=3 * TAU, atol=0)


@given(large_spectra(largest=300), st.floats(0.01, 0.98), st.integers(0, 1))
def test_more_samples_regularise_less(lam, fraction, with_ridge):
    ridge = with_ridge * float(lam.mean())
    n = fraction * lam.size
    below, above = (kd.equivalents(Spectrum(lam), m, ridge) for m in (n, n * 1.01))
    # dlog tau/dlog n = -1/(1 - Omega) <= -1: 1 % in n is at least 1 % in tau
    assert math.log(below.tau / above.tau) >= math.log(1.01) - below.log_error - above.log_error


@pytest.mark.parametrize("n", [3.0, 9.5])
def test_ridge_to_zero_meets_the_ridgeless_root(n):
    """d tau/d ridge = 1/(n (1 - Omega)): the first-order term is all that is left."""
    lam = np.arange(1, 13.0) ** -1.5
    bare = kd.equivalents(Spectrum(lam), n)
    for ridge in (1e-6, 1e-8):
        moved = kd.equivalents(Spectrum(lam), n, ridge).tau - bare.tau
        slope = 1 / (n * bare.one_minus_omega)
        # the second-order term, relatively ridge/(n tau) over (1 - Omega)^2, and rounding
        second = ridge / (n * bare.tau) / bare.one_minus_omega**2
        assert abs(moved / (ridge * slope) - 1) <= second + 2 * TAU * bare.tau / (ridge * slope)


@pytest.mark.parametrize("n", [13.0, 40.0])
def test_ridge_to_zero_beyond_p(n):
    """tau -> ridge/(n - p), Omega -> p/n, each relatively off by at most p tau/min lam."""
    lam = np.arange(1, 13.0) ** -1.5
    at = kd.equivalents(Spectrum(lam), n, 1e-20)
    assert abs(at.tau * (n - 12) / 1e-20 - 1) <= TAU + 12 * at.tau / lam.min()
    assert abs(at.omega * n / 12 - 1) <= TAU + 2 * at.tau / lam.min()


def test_n_to_p():
    """tau/(p - n) tends to 1/sum(1/lam), and is below the leading term's error of it."""
    lam = np.array([4.0, 2.0, 1.0, 1.0])
    harmonic = (1 / lam).sum()
    for gap in (1e-3, 1e-6, 1e-12):
        n = 4 - gap
        tau = kd.equivalents(Spectrum(lam), n).tau
        # sum tau/(lam + tau) = p - n lies between tau h (1 - tau/min lam) and tau h
        assert 1 - TAU <= tau * harmonic / (4 - n) <= (1 + TAU) / (1 - tau / lam.min())


@pytest.mark.parametrize(
    "make",
    [
        pytest.param(lambda i: i**-1.01, id="slow power law"),
        pytest.param(lambda i: np.exp(-i / 2000), id="exponential"),
        pytest.param(lambda i: np.where(i <= 1000, 1e150, 1e-150), id="two levels"),
        pytest.param(lambda i: np.random.default_rng(1).pareto(0.3, i.size) + 1e-9, id="heavy"),
    ],
)
@pytest.mark.parametrize(("n", "ridge"), [(0.5, 0.0), (1000, 0.0), (300_000.3, 1.0), (3e6, 1e-3)])
def test_a_million_modes(make, n, ridge):
    at = kd.equivalents(Spectrum(make(np.arange(1, 10**6 + 1.0))), n, ridge)
    assert at.code is Code.CONVERGED
    assert at.evaluations <= 4
    assert at.log_error <= TAU


def test_evaluations_are_passes_over_the_modes(monkeypatch):
    """Every call counts, also the one that only adds Omega."""
    calls = []
    original = double.pieces
    monkeypatch.setattr(double, "pieces", lambda *a: calls.append(a) or original(*a))
    for lam in (np.ones(5), np.logspace(0, -9, 50), np.logspace(100, -100, 2001)):
        calls.clear()
        assert kd.equivalents(Spectrum(lam), 2.5).evaluations == len(calls)


def test_the_certificate_rests_on_g_alone(monkeypatch):
    """A bad start is repaired, or else reported with a bound that still holds."""
    spectrum = Spectrum.power_law(40, 2)
    exact = certified.equivalents(spectrum, 15, digits=DIGITS).tau
    for factor, steps in ((1e3, 12), (1e3, 1), (1e-3, 2), (1 + 1e-9, 1)):
        monkeypatch.setattr(double, "MAX_EVALUATIONS", steps)

        def wrong(*arguments, factor=factor, true=coarse.root):
            root, slope = true(*arguments)
            return root * factor, slope

        monkeypatch.setattr(coarse, "root", wrong)
        at = double.solve(spectrum, 15)
        monkeypatch.undo()
        error = (BALLS.number(at.tau) / exact).log().abs_upper()
        assert error <= BALLS.number(at.log_error)
        assert at.code.ok is (at.log_error <= TAU)
        assert at.code.ok is (steps == 12)


@pytest.mark.parametrize(
    ("lam", "n", "ridge", "message"),
    [
        ([1e300, 1.0], 1e-10, 0, "n=1e-10 must be larger"),
        ([1.0, 1.0], 5e-324, 0, "n=5e-324 must be larger"),
        ([1.0, 1.0], 3, 5e-324, "ridge=5e-324 must be at least"),
        ([1.0, 1.0], 1e308, 1e-3, "ridge=0.001 must be at least"),
        ([1.0, 1.0], 10**400, 0, "must be finite in double precision"),
        ([1.0, 1.0], Fraction(1, 10**400), 0, "must not be so close to 0"),
    ],
)
def test_roots_that_no_double_holds(lam, n, ridge, message):
    with pytest.raises(ValueError, match=message):
        kd.equivalents(Spectrum(lam), n, ridge)
