"""Scaling laws: exact sums at p = infinity, formulas on every number type, bad input."""

from __future__ import annotations

import inspect
import math
from fractions import Fraction
from typing import Any

import flint
import mpmath
import numpy as np
import pytest
from flint import arb

from kdverify import formulas
from kdverify.arithmetic import BALLS, functions
from kdverify.gaussian import certified
from kdverify.gaussian import infinite as scaling
from kdverify.gaussian.solve.power_sum import LEARNT, SPREAD, UNLEARNT, UNLEARNT_SQUARE, PowerSum
from kdverify.problem import Problem

SUMMANDS = {
    "learnt": (LEARNT, lambda signal, w: signal / (1 + w)),
    "spread": (SPREAD, lambda signal, w: signal * w / (1 + w) ** 2),
    "unlearnt": (UNLEARNT, lambda signal, w: signal * w / (1 + w)),
    "unlearnt square": (UNLEARNT_SQUARE, lambda signal, w: signal * (w / (1 + w)) ** 2),
}
#: More than the rounded operations of any term, each of which errs by half a unit at most.
ROUNDINGS = 16
#: Digits that a formula may lose on balls; `Enclosure` has the same default.
GUARD = 5
SCALING = [
    name
    for name, function in inspect.getmembers(formulas, inspect.isfunction)
    if "ops" in inspect.signature(function).parameters
]


def narrow(ball: Any, digits: int) -> bool:
    """Whether at most 2 of the ``digits`` aimed at were lost."""
    return ball.rad() < abs(ball) * arb(10) ** (2 - digits)


def test_degrees_of_freedom_at_alpha_two_in_closed_form():
    """sum 1/(1 + tau i^2) = (x coth(x) - 1)/2 with x = pi/sqrt(tau)."""
    with BALLS.precision(45):
        for tau in (Fraction(10), Fraction(1, 7), Fraction(1, 10**5)):
            x = arb.pi() / BALLS.number(tau).sqrt()
            expected = (x * x.coth() - 1) / 2
            found = PowerSum(Fraction(2), Fraction(0), 35).total(LEARNT, BALLS.number(tau))
            assert found.overlaps(expected)
            assert narrow(found, 35)


@pytest.mark.parametrize("name", SUMMANDS)
@pytest.mark.parametrize("tau", [3.0, 2.0**-6])
def test_sums_against_partial_sums(name, tau):
    """The terms are positive and at most i^-s, so that those beyond N add at most N^(1-s)/(s-1)."""
    summand, function = SUMMANDS[name]
    alpha, s = 2.5, 3.5  # s = alpha + 1: a removable pole
    i = np.arange(1.0, 10**5 + 1)
    partial = math.fsum(function(i**-s, tau * i**alpha))
    beyond = i[-1] ** (1 - s) / (s - 1)
    rounding = ROUNDINGS * np.finfo(float).eps * partial
    with BALLS.precision(40):
        sums = PowerSum(Fraction(alpha), Fraction(s), 30)
        found = sums.total(summand, BALLS.number(Fraction(tau)))
        assert partial - rounding < found < partial + beyond + rounding
        assert narrow(found, 30)


@pytest.mark.parametrize("name", SUMMANDS)
def test_sums_do_not_depend_on_where_the_tail_starts(name):
    summand, _ = SUMMANDS[name]
    with BALLS.precision(40):
        sums, tau = PowerSum(Fraction(3, 2), Fraction(4), 30), BALLS.number(Fraction(1, 10**4))
        head = BALLS.total(sums._term(summand, i, tau) for i in range(1, 300))
        assert sums.total(summand, tau).overlaps(head + sums.total(summand, tau, 300))


@pytest.mark.parametrize("beta", ["3", "5", "7", "2.5"])
def test_finite_p_approaches_infinite(beta):
    """tau misses a fraction that falls like (n/p)^(alpha-1), the energy like (n/p)^(beta-1)."""
    n, alpha = 12, 3
    found = scaling.infinite(alpha, beta, n)
    gaps = []
    for p in (200, 800):
        finite = certified.certificate(Problem.power_law(p, alpha, beta), n, digits=20)
        names = ("tau", "omega", "standard", "optimal", "masked")
        gaps.append([float(abs(getattr(finite, k) / getattr(found, k) - 1)) for k in names])
    slowest = 4 ** min(alpha - 1, float(beta) - 1)
    # first orders, whose own corrections are of the order n/p: a tenth is left for them
    assert all(0.9 * slowest * after < before for before, after in zip(*gaps, strict=True))


def test_defining_equation_and_complements():
    found = scaling.infinite("1.5", 2, "7.5", digits=40)
    with BALLS.precision(60):
        total = PowerSum(Fraction(3, 2), Fraction(0), 45).total(LEARNT, found.tau)
        assert total.overlaps(arb("7.5"))
        assert narrow(total, 40)
    assert (found.omega + found.one_minus_omega).overlaps(arb(1))
    assert found.optimal < found.masked < found.standard


def test_noise_and_modes():
    clean, noisy = (scaling.infinite(2, 3, 50, v) for v in (0, 2))
    part = formulas.variance_factor(clean.omega, clean.one_minus_omega) * 2
    for name in ("standard", "optimal", "masked"):
        assert (getattr(clean, name) + part).overlaps(getattr(noisy, name))
    certain, possible = clean.kept
    assert certain == possible
    with BALLS.precision(40):
        assert clean.zeta(certain) ** 2 < clean.one_minus_omega < clean.zeta(certain + 1) ** 2
    assert clean.gain(1) > 1 > clean.gain(1000)


def rounded(value: float) -> Any:
    """``value`` up to `ROUNDINGS` rounded operations."""
    return pytest.approx(value, rel=ROUNDINGS * np.finfo(float).eps, abs=0)


def test_check_values():
    assert scaling.rho(2, 3) == rounded(math.pi / 4)
    assert scaling.rho("1.5", 2) == rounded(2 ** (-1 / 3))
    assert scaling.rho(2, 6) == 0.5
    assert scaling.rho_mask(2, 6) == 1
    assert scaling.exponent(2, 6) == 4
    assert scaling.exponent(2, "3.5") == Fraction(5, 2)
    found = scaling.constants(2, 3)
    assert found.optimal / found.standard == rounded(scaling.rho(2, 3))
    assert scaling.rho(2, 3) < scaling.rho_mask(2, 3) < 1


@pytest.mark.parametrize("name", SCALING)
def test_formulas_on_floats_mpmath_balls_and_sympy(name):
    """mpmath's value lies in the ball; floats and SymPy agree to float precision."""
    values = {"alpha": 2.5, "beta": 2.25, "n": 8.0, "p": 64.0, "log_term": 1.5, "exponent": 1.75}
    function = getattr(formulas, name)
    names = [key for key in inspect.signature(function).parameters if key != "ops"]
    arguments = [values[key] for key in names]
    with BALLS.precision(30), mpmath.workdps(40):
        ball = function(*map(arb, arguments), functions.balls())
        exact = function(*map(mpmath.mpf, arguments), functions.multiprecision())
        assert ball.contains(arb(mpmath.nstr(exact, 38)))
        assert ball.rad() < abs(ball) * arb(10) ** (GUARD - 30)
    before = flint.ctx.prec
    flint.ctx.prec = np.finfo(float).nmant + 1
    try:  # its radius adds up what operations rounded to 53 bits may err
        rounding = float(function(*map(arb, arguments), functions.balls()).rad())
    finally:
        flint.ctx.prec = before
    # library functions err by a few units where operations err by half a one
    near = pytest.approx(float(exact), rel=0, abs=ROUNDINGS * rounding)
    assert function(*arguments, functions.floats()) == near
    import sympy

    symbolic = function(*map(sympy.Rational, arguments), functions.symbols())
    with mpmath.workdps(40):
        assert abs(mpmath.mpf(str(sympy.N(symbolic, 38))) - exact) < abs(exact) * 10 ** (GUARD - 38)


def test_extrapolation_is_exact_for_the_powers_it_eliminates():
    powers, n = [Fraction(1, 2), Fraction(1), Fraction(5, 2)], [4, 9, 25, 64]
    values = [7 + 3 * Fraction(1, math.isqrt(k)) - Fraction(2, k) for k in (4, 9, 25, 64)]
    found = scaling.extrapolate(values, n, powers)
    assert found.value.contains(7)
    # the values hold two of the powers, so that the shorter ones are exact as well
    assert found.error < 10.0 ** (GUARD - 30)
    assert found.exponents == tuple(powers)


def test_extrapolation_estimates_what_is_left_out():
    n = [8 * 2**k for k in range(6)]
    values = [math.pi * (1 + 0.5 / k) / (1 + 1 / k) for k in n]
    found = scaling.extrapolate(values, n, range(1, 6))
    assert abs(float(found.value) - math.pi) < found.error < abs(values[-1] - math.pi)
    wrong = scaling.extrapolate(values, n, [Fraction(2 * k + 1, 2) for k in range(1, 6)])
    assert wrong.error > 100 * found.error


def test_correction_exponents():
    found = scaling.correction_exponents(2, "4.5", 6)
    assert found == [Fraction(k, 2) for k in (1, 2, 3, 4, 5, 6)]
    assert scaling.correction_exponents(3, "1.5", 5) == [1, 2, 3, 4, 5]


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: scaling.correction_exponents(2, 5, 3), "beta=5 must lie between"),
        (lambda: scaling.correction_exponents(1, 2, 3), "alpha=1 above 1"),
        (lambda: scaling.extrapolate([1, 2], [1, 2], [1]), "must hold at least 3"),
        (lambda: scaling.extrapolate([1, 2, 3], [1, 2], [1, 2]), "one entry for each value"),
        (lambda: scaling.extrapolate([1, 2, 3], [1, 2, 3], [1]), "must hold 2"),
        (lambda: scaling.extrapolate([1, 2, 3], [1, 3, 2], [1, 2]), "must be positive and incr"),
        (lambda: scaling.extrapolate([1, 2, 3], [1, 2, 3], [0, 1]), "exponents=.* positive"),
    ],
)
def test_bad_input_of_extrapolation(call, message):
    with pytest.raises(ValueError, match=message):
        call()


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ((1, 2, 10), "alpha=1 must be above 1"),
        (("0.9", 2, 10), "alpha='0.9' must be above 1"),
        ((2, 1, 10), "beta=1 must be above 1"),
        ((2, 51, 10), "beta=51 must be above 1 .* at most 50"),
        ((2, 3, 0), "n=0 must lie between"),
        ((2, 3, -1), "n=-1 must lie between"),
        ((2, 3, 10, -1), "noise_variance=-1 must not be negative"),
        ((2, 3, 10, 0, 301), "digits=301 must be at most 300"),
    ],
)
def test_bad_input(arguments, message):
    with pytest.raises(ValueError, match=message):
        scaling.infinite(*arguments)
