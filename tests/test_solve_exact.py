"""Multiprecision and certified solves: digits promised are digits delivered, and proved."""

from __future__ import annotations

import math
from fractions import Fraction

import flint
import mpmath
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from strategies import large_settings, large_spectra, sample_sizes

from kdverify import formulas
from kdverify.arithmetic import BALLS, MULTIPRECISION
from kdverify.gaussian import certified
from kdverify.gaussian.solve import Code, double, exact, multiprecision
from kdverify.problem import Problem, Spectrum

FEW = settings(max_examples=settings.default.max_examples // 5)


def as_ball(value: mpmath.mpf) -> flint.arb:
    """The exact value of an mpmath number."""
    sign, mantissa, exponent, _ = value._mpf_
    return flint.arb(((-1) ** sign * int(mantissa), int(exponent)))


def relative_width(ball: flint.arb) -> float:
    return float((ball.rad() / ball.abs_lower()).abs_upper())


def quadratic_root(n: Fraction, a: int, b: int, digits: int) -> flint.arb:
    """tau for eigenvalues a, b: a/(a + t) + b/(b + t) = n is a quadratic in t."""
    with BALLS.precision(2 * digits):
        half = (n - 1) * (a + b)
        inside = half * half - 4 * n * (n - 2) * a * b
        return (BALLS.number(inside).sqrt() - BALLS.number(half)) / BALLS.number(2 * n)


@pytest.mark.parametrize("digits", [1, 15, 50, 200, 1000])
@pytest.mark.parametrize("n", ["1", "0.1", "3/2", "1.999999999"])
def test_two_modes_in_closed_form(n, digits):
    truth = quadratic_root(Fraction(n), 3, 7, max(digits, 30) + 20)
    spectrum = Spectrum([3.0, 7.0])
    ball = certified.equivalents(spectrum, n, digits=digits).tau
    with BALLS.precision(2 * digits + 60):
        assert ball.contains(truth) or (ball - truth).contains(0)
        assert relative_width(ball) <= 10.0 ** -min(digits, 300)
        assert (ball.rad() / truth).abs_upper() * BALLS.number(Fraction(10**digits)) < 1
        number = multiprecision.solve(spectrum, Fraction(n), digits=digits)
        gap = abs(as_ball(number.tau) / truth - 1)
        assert gap * BALLS.number(Fraction(10**digits)) < 1
    assert number.code is Code.CONVERGED


@FEW
@given(large_settings(ridge=True), st.booleans(), st.sampled_from([15, 50, 200]))
def test_balls_hold_the_value_at_twice_the_digits_and_are_narrow(setting, ridgeless, digits):
    lam, n, ridge = setting
    lam, n = lam[:300], min(n, 299.5) if ridgeless else n
    ridge = 0.0 if ridgeless and n < lam.size else ridge
    spectrum = Spectrum(lam)
    balls = certified.equivalents(spectrum, n, ridge, digits=digits)
    numbers = multiprecision.solve(spectrum, Fraction(n), Fraction(ridge), 2 * digits + 20)
    solvable = ridge > 0 or n < lam.size
    assert balls.code is numbers.code is (Code.CONVERGED if solvable else Code.UNREGULARISED)
    if not solvable:
        return
    with BALLS.precision(3 * digits + 60):
        for name in ("tau", "omega", "one_minus_omega"):
            ball, number = getattr(balls, name), as_ball(getattr(numbers, name))
            # the number itself is only right to 2 digits + 20
            around = number * flint.arb(1, 10.0 ** -(2 * digits)) if digits < 150 else number
            assert ball.overlaps(around), name
            assert (ball.rad() * BALLS.number(Fraction(10**digits))) < ball.abs_lower(), name
        for ball, number in zip(balls.zeta[:5], numbers.zeta[:5], strict=True):
            assert (ball - as_ball(number)).contains(0) or digits < 150


@FEW
@given(large_spectra(largest=60), st.data())
def test_a_sign_change_proves_the_enclosure(lam, data):
    """(1) without any of the theory behind g: above n at the lower end, below at the upper."""
    n, digits = Fraction(data.draw(sample_sizes(lam.size, ridge=False))), 25
    ball = certified.equivalents(Spectrum(lam), n, digits=digits).tau
    with BALLS.precision(1300):
        modes = [BALLS.number(v) for v in lam.tolist()]
        for end, sign in ((ball.lower(), 1), (ball.upper(), -1)):
            learnt = [formulas.one_minus_zeta(v, end) for v in modes]
            residual = formulas.fixed_point_residual(learnt, BALLS.number(n), 0, BALLS.total)
            assert sign * residual >= 0


def test_a_shifted_enclosure_would_be_refuted():
    """Twice the width aside, the test above finds the residual of the wrong sign."""
    ball = certified.equivalents(Spectrum([3.0, 7.0]), 1, digits=25).tau
    with BALLS.precision(200):
        aside = ball + 4 * ball.rad()
        learnt = [formulas.one_minus_zeta(BALLS.number(v), aside.lower()) for v in (3.0, 7.0)]
        assert formulas.fixed_point_residual(learnt, 1) < 0


@pytest.mark.parametrize("start", [1e3, 1 + 1e-3, 1 - 1e-9])
def test_the_enclosure_does_not_trust_its_start(monkeypatch, start):
    """However bad the root it is given, the ball holds the true one."""
    truth = quadratic_root(Fraction(1), 3, 7, 60)
    monkeypatch.setattr(
        exact.FixedPoint, "root", lambda *_: truth.mid() * BALLS.number(float(start))
    )
    ball = certified.equivalents(Spectrum([3.0, 7.0]), 1, digits=40).tau
    assert not ball.is_finite() or (ball - truth).contains(0)
    assert not ball > 0 or relative_width(ball) > 1e-40


def test_the_residual_is_checked_again(monkeypatch):
    """A root that is not right to the digits asked for is not called converged."""
    spectrum = Spectrum([3.0, 7.0])
    good = multiprecision.solve(spectrum, Fraction(1), digits=30)
    monkeypatch.setattr(exact.FixedPoint, "root", lambda *_: good.tau * (1 + mpmath.mpf(2) ** -40))
    bad = multiprecision.solve(spectrum, Fraction(1), digits=30)
    assert bad.code is Code.NOT_CONVERGED
    assert 2.0**-41 < bad.log_error < 2.0**-39


@pytest.mark.parametrize("n", ["40", "40.000000000000000000000001", "100"])
def test_beyond_p_without_ridge(n):
    spectrum = Spectrum.power_law(40, 2)
    for at in (
        certified.equivalents(spectrum, n, digits=30),
        multiprecision.solve(spectrum, Fraction(n), digits=30),
    ):
        assert at.code is Code.UNREGULARISED
        assert at.tau == 0
        assert all(z == 0 for z in at.zeta)
        assert all((flint.arb(z) if z == 1 else z).contains(1) for z in at.one_minus_zeta)
        assert math.isclose(float(at.omega), 40 / float(Fraction(n)), rel_tol=1e-15)


def test_n_that_only_exact_arithmetic_tells_from_p():
    """n = p - 10^-40 is p in double precision; tau is 10^-40 over sum(1/lam)."""
    spectrum = Spectrum([1.0, 2.0, 4.0])
    n = 3 - Fraction(1, 10**40)
    ball = certified.equivalents(spectrum, n, digits=20).tau
    number = multiprecision.solve(spectrum, n, digits=20).tau
    with BALLS.precision(40):
        leading = BALLS.number(Fraction(4, 7 * 10**40))  # up to a relative 10^-40
        assert abs(ball / leading - 1) < 1e-20
        assert abs(as_ball(number) / leading - 1) < 1e-20


def test_precisions_are_restored(monkeypatch):
    before = flint.ctx.prec, mpmath.mp.prec
    problem = Problem.power_law(10, 2, 2)
    proof = certified.certificate(problem, 5, digits=70)
    for name in ("standard", "optimal", "masked", "gains", "kept", "amplified"):
        getattr(proof, name)
        assert (flint.ctx.prec, mpmath.mp.prec) == before
    multiprecision.solve(problem.spectrum, Fraction(5), digits=70)
    assert (flint.ctx.prec, mpmath.mp.prec) == before

    def broken(*_, **__):
        raise RuntimeError("broken")

    monkeypatch.setattr(exact.FixedPoint, "evaluate", broken)
    for solve in (
        lambda: certified.certificate(problem, 5, digits=70),
        lambda: multiprecision.solve(problem.spectrum, Fraction(5), digits=70),
    ):
        with pytest.raises(RuntimeError, match="broken"):
            solve()
        assert (flint.ctx.prec, mpmath.mp.prec) == before


def test_results_do_not_depend_on_the_precision_in_force():
    spectrum = Spectrum.power_law(10, "1.1")
    texts = set()
    for digits in (15, 400):
        with BALLS.precision(digits), MULTIPRECISION.precision(digits):
            ball = certified.equivalents(spectrum, 4, digits=30).tau
            number = multiprecision.solve(spectrum, Fraction(4), digits=30).tau
        texts.add((ball.mid().man_exp(), number._mpf_))
    assert len({str(t) for t in texts}) == 1


def test_power_law_is_exact_and_not_that_of_the_doubles():
    """alpha = 1.1 as text: the certified solve works on i^(-11/10), not on rounded doubles."""
    exact_law = certified.equivalents(Spectrum.power_law(10, "1.1"), 4, digits=40).tau
    rounded = Spectrum(Spectrum.power_law(10, "1.1").eigenvalues)
    of_doubles = certified.equivalents(rounded, 4, digits=40).tau
    assert not exact_law.overlaps(of_doubles)
    # each eigenvalue is off by a rounding of the exponent, times log 10, and one of its own
    assert abs(float(exact_law / of_doubles - 1)) < 4 * 2.0**-52
    assert np.isclose(double.solve(rounded, 4).tau, float(exact_law), rtol=2e-14, atol=0)
