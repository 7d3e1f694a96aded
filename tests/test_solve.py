"""The fixed point in double precision and to any number of digits, against balls."""

from __future__ import annotations

import math
from fractions import Fraction
from itertools import pairwise

import flint
import mpmath
import numpy as np
import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from strategies import settings_ridgeless, spectra

import kdverify as kd
from kdverify import certified
from kdverify.arithmetic import BALLS
from kdverify.problem import Problem, Spectrum
from kdverify.solve import Code, double, multiprecision

#: Allowed by the issue of the solver: tau and 1 - Omega, and the risks.
TAU, RISK = 1e-14, 1e-13
DIGITS = 40


def relative_error(value: float, ball) -> float:
    return abs(float((BALLS.number(float(value)) / ball - 1).abs_upper()))


@given(settings_ridgeless())
@example((np.logspace(100, -100, 201), 100))
@example((np.array([1.0, 1.0]), 1))
@example((np.array([1e-300, 1e300]), 1))
@example((np.array([1e300] * 3 + [1e-300] * 3), 3))
def test_ridgeless_errors(setting):
    lam, n = setting
    problem = Problem(Spectrum(lam), 1 / np.sqrt(lam))
    exact = certified.certificate(problem, n, digits=DIGITS)
    at = kd.equivalents(problem, n)
    assert at.code is Code.CONVERGED
    assert at.evaluations <= 4
    assert at.log_error <= TAU
    distance = float(abs((BALLS.number(at.tau) / exact.tau).log()).upper())
    assert distance <= at.log_error
    assert relative_error(at.tau, exact.tau) <= TAU
    assert relative_error(at.one_minus_omega, exact.equivalents.one_minus_omega) <= TAU
    assert relative_error(at.omega, exact.omega) <= TAU
    curve = kd.curve(problem, n)
    assert relative_error(curve.standard[0], exact.standard) <= RISK
    assert relative_error(curve.optimal[0], exact.optimal) <= RISK
    assert relative_error(curve.masked[0], exact.masked) <= RISK


@given(spectra(), st.floats(-12, 12), st.floats(0.05, 3))
@example(np.ones(120), math.log10(0.25), 0.5)
def test_ridge_errors(lam, log_ridge, fraction):
    ridge = 10.0**log_ridge * lam.mean()
    n = fraction * lam.size
    exact = certified.certificate(Spectrum(lam), n, ridge=ridge, digits=DIGITS)
    at = kd.equivalents(Spectrum(lam), n, ridge)
    assert at.code is Code.CONVERGED
    assert at.evaluations <= 4
    assert relative_error(at.tau, exact.tau) <= TAU
    assert relative_error(at.one_minus_omega, exact.equivalents.one_minus_omega) <= TAU


def test_a_wrong_tau_would_be_seen():
    """The comparison above can fail: 50 units in the last place are too many."""
    exact = certified.certificate(Spectrum.power_law(50, 2), 20, digits=DIGITS)
    at = kd.equivalents(Spectrum.power_law(50, 2), 20)
    assert relative_error(at.tau * (1 + 50 * 2.0**-52), exact.tau) > TAU


@given(settings_ridgeless())
def test_defining_equation_at_high_precision(setting):
    lam, n = setting
    with mpmath.workdps(400):
        tau = multiprecision.solve(Spectrum(lam), Fraction(n), digits=60).tau
        values = [mpmath.mpf(v) for v in lam.tolist()]
        learnt = mpmath.fsum(v / (v + tau) for v in values)
        missed = mpmath.fsum(tau / (v + tau) for v in values)
        slope = mpmath.fsum(v * tau / (v + tau) ** 2 for v in values)
        # d(sum)/d log tau is -slope, so that an error e in log tau leaves e * slope.
        assert abs(learnt - mpmath.mpf(n)) <= mpmath.mpf(10) ** -58 * slope + mpmath.mpf(10) ** -390
        assert (
            abs(missed - (len(values) - mpmath.mpf(n)))
            <= mpmath.mpf(10) ** -58 * slope + mpmath.mpf(10) ** -390
        )


@pytest.mark.parametrize("digits", [15, 50, 200])
def test_multiprecision_agrees_with_balls(digits):
    spectrum = Spectrum.power_law(60, "1.1")
    at = multiprecision.solve(spectrum, Fraction(25), Fraction(1, 10), digits)
    ball = certified.certificate(spectrum, 25, ridge="0.1", digits=digits + 5).tau
    assert at.code is Code.CONVERGED
    with BALLS.precision(digits + 40):
        gap = abs(flint.arb(at.tau) / ball - 1)
        assert gap < BALLS.number(Fraction(2, 10**digits))


def test_precisions_are_restored_even_after_errors(monkeypatch):
    before = flint.ctx.prec, mpmath.mp.prec
    spectrum = Spectrum.power_law(10, 2)
    certified.certificate(spectrum, 5, digits=70)
    multiprecision.solve(spectrum, Fraction(5), digits=70)

    def broken(*_, **__):
        raise RuntimeError("broken")

    monkeypatch.setattr(double, "solve", broken)
    with pytest.raises(RuntimeError, match="broken"):
        certified.certificate(spectrum, 5, digits=70)
    with pytest.raises(RuntimeError, match="broken"):
        multiprecision.solve(spectrum, Fraction(5), digits=70)
    assert (flint.ctx.prec, mpmath.mp.prec) == before


@pytest.mark.parametrize(
    ("name", "lam"),
    [
        ("power law", np.arange(1, 10**6 + 1.0) ** -2),
        ("200 decades", np.logspace(100, -100, 10**6)),
        ("uniform", np.random.default_rng(0).uniform(0.1, 4, 10**6)),
    ],
)
@pytest.mark.parametrize("n", [1, 1000.5, 400_000, 999_999])
def test_evaluations_at_a_million_modes(name, lam, n):
    at = kd.equivalents(Spectrum(lam), n)
    assert at.evaluations <= 4, name
    assert at.code is Code.CONVERGED
    assert at.log_error <= TAU


@given(settings_ridgeless(), st.integers(-20, 20))
def test_scale(setting, exponent):
    """tau(c Sigma) = c tau(Sigma) for a power of two, up to the solver's own error."""
    lam, n = setting
    lam = np.clip(lam, 1e-200, 1e200)
    c = 2.0**exponent
    one, other = kd.equivalents(Spectrum(lam), n), kd.equivalents(Spectrum(c * lam), n)
    assert abs(math.log(other.tau / (c * one.tau))) <= one.log_error + other.log_error


@given(settings_ridgeless())
def test_order_of_the_caller_is_kept(setting):
    lam, n = setting
    forward, backward = kd.equivalents(Spectrum(lam), n), kd.equivalents(Spectrum(lam[::-1]), n)
    assert forward.tau == backward.tau
    assert np.array_equal(forward.zeta, backward.zeta[::-1])
    assert np.array_equal(forward.one_minus_zeta + forward.zeta > 0.999, np.ones(lam.size, bool))


@given(spectra())
def test_tau_falls_as_n_grows(lam):
    sizes = np.linspace(0.5, lam.size - 0.5, 7)
    taus = [kd.equivalents(Spectrum(lam), n).tau for n in sizes]
    assert all(a > b for a, b in pairwise(taus))


def test_n_at_and_above_p_without_ridge():
    at = kd.equivalents(Spectrum.power_law(10, 2), 25)
    assert at.code is Code.UNREGULARISED
    assert (at.tau, at.omega, at.one_minus_omega) == (0.0, 0.4, 0.6)
    assert not at.zeta.any()
    assert (at.one_minus_zeta == 1).all()


def test_one_mode():
    """p = 1, n < 1: lam/(lam + tau) = n has the root lam (1 - n)/n."""
    at = kd.equivalents(Spectrum([3.0]), 0.25)
    assert abs(at.tau / 9 - 1) <= TAU


def test_codes_explain_themselves():
    assert all(len(code.value) > 20 for code in Code)
    assert Code.CONVERGED.ok
    assert not Code.NOT_CONVERGED.ok


@pytest.mark.parametrize(
    ("n", "ridge", "error", "message"),
    [
        (0, 0, ValueError, r"n=0 must be positive"),
        (-1, 0, ValueError, r"n=-1 must be positive"),
        (math.nan, 0, ValueError, r"n=nan must be finite"),
        ("5", 0, TypeError, r"n='5' must be a real number"),
        (True, 0, TypeError, r"n=True must be a real number"),
        (5, -1e-9, ValueError, r"ridge=-1e-09 must not be negative"),
        (5, math.inf, ValueError, r"ridge=inf must be finite"),
    ],
)
def test_bad_input(n, ridge, error, message):
    with pytest.raises(error, match=message):
        kd.equivalents(Spectrum.power_law(10, 2), n, ridge)


def test_something_that_is_no_spectrum():
    with pytest.raises(TypeError, match="must be a Spectrum or a Problem"):
        kd.equivalents(np.ones(3), 2)
