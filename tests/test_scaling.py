"""Scaling laws: exact sums at p = infinity, formulas on every number type, bad input."""

from __future__ import annotations

import inspect
from fractions import Fraction
from typing import Any

import mpmath
import pytest
from flint import arb

from kdverify import certified, formulas, operations, scaling
from kdverify.arithmetic import BALLS
from kdverify.problem import Problem
from kdverify.solve.power_sum import LEARNT, SPREAD, UNLEARNT, UNLEARNT_SQUARE, PowerSum

SUMMANDS = {
    "learnt": (LEARNT, lambda signal, w: signal / (1 + w)),
    "spread": (SPREAD, lambda signal, w: signal * w / (1 + w) ** 2),
    "unlearnt": (UNLEARNT, lambda signal, w: signal * w / (1 + w)),
    "unlearnt square": (UNLEARNT_SQUARE, lambda signal, w: signal * (w / (1 + w)) ** 2),
}
SCALING = [
    name
    for name, function in inspect.getmembers(formulas, inspect.isfunction)
    if "ops" in inspect.signature(function).parameters
]


def test_degrees_of_freedom_at_alpha_two_in_closed_form():
    """sum 1/(1 + tau i^2) = (x coth(x) - 1)/2 with x = pi/sqrt(tau)."""
    with BALLS.precision(45):
        for tau in (Fraction(10), Fraction(1, 7), Fraction(1, 10**5)):
            x = arb.pi() / BALLS.number(tau).sqrt()
            expected = (x * x.coth() - 1) / 2
            found = PowerSum(Fraction(2), Fraction(0), 35).total(LEARNT, BALLS.number(tau))
            assert found.overlaps(expected)
            assert found.rad() < expected * arb("1e-33")


@pytest.mark.parametrize("name", SUMMANDS)
@pytest.mark.parametrize("tau", [Fraction(3), Fraction(1, 50)])
def test_sums_against_mpmath(name, tau):
    summand, function = SUMMANDS[name]
    alpha, s = Fraction(5, 2), Fraction(7, 2)  # s = alpha + 1: a removable pole
    with BALLS.precision(40), mpmath.workdps(30):

        def term(i: Any) -> Any:
            return function(
                i ** -mpmath.mpf(3.5),
                mpmath.mpf(tau.numerator) / tau.denominator * i ** mpmath.mpf(2.5),
            )

        expected = mpmath.nsum(term, [1, mpmath.inf], method="e")
        found = PowerSum(alpha, s, 30).total(summand, BALLS.number(tau))
        assert abs(float(found) / float(expected) - 1) < 1e-12
        assert found.rad() < found * arb("1e-28")


@pytest.mark.parametrize("name", SUMMANDS)
def test_sums_do_not_depend_on_where_the_tail_starts(name):
    summand, _ = SUMMANDS[name]
    with BALLS.precision(40):
        sums, tau = PowerSum(Fraction(3, 2), Fraction(4), 30), BALLS.number(Fraction(1, 10**4))
        head = BALLS.total(sums._term(summand, i, tau) for i in range(1, 300))
        assert sums.total(summand, tau).overlaps(head + sums.total(summand, tau, 300))


@pytest.mark.parametrize("beta", ["3", "5", "7", "2.5"])
def test_finite_p_approaches_infinite(beta):
    """What p modes miss is at most the trace beyond p over n tau, and the energy beyond p."""
    n = 12
    found = scaling.infinite("3", beta, n)
    last = None
    for p in (100, 400):
        finite = certified.certificate(Problem.power_law(p, "3", beta), n, digits=20)
        gaps = [
            float(abs(getattr(finite, name) / getattr(found, name) - 1))
            for name in ("tau", "omega", "standard", "optimal", "masked")
        ]
        # tau misses a fraction of about alpha/(alpha-1) (n/p)^2 / c^alpha; half of the
        # decrease from 16-fold (or, for the energy, 4^(beta-1)) has to be seen
        if last is not None:
            assert all(2 * gap < before for gap, before in zip(gaps, last, strict=True))
        last = gaps


def test_defining_equation_and_complements():
    found = scaling.infinite("1.5", 2, "7.5", digits=40)
    with BALLS.precision(60):
        total = PowerSum(Fraction(3, 2), Fraction(0), 45).total(LEARNT, found.tau)
        assert total.overlaps(arb("7.5"))
        assert total.rad() < arb("1e-38")
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


def test_check_values():
    assert scaling.rho(2, 3) == pytest.approx(float(mpmath.pi / 4), rel=1e-14)
    assert scaling.rho("1.5", 2) == pytest.approx(2 ** (-1 / 3), rel=1e-14)
    assert scaling.rho(2, 6) == 0.5
    assert scaling.rho_mask(2, 6) == 1
    assert scaling.exponent(2, 6) == 4
    assert scaling.exponent(2, "3.5") == Fraction(5, 2)
    found = scaling.constants(2, 3)
    assert found.optimal / found.standard == pytest.approx(scaling.rho(2, 3), rel=1e-14)
    assert scaling.rho(2, 3) < scaling.rho_mask(2, 3) < 1


@pytest.mark.parametrize("name", SCALING)
def test_formulas_on_floats_mpmath_balls_and_sympy(name):
    """mpmath's value lies in the ball; floats and SymPy agree to float precision."""
    values = {"alpha": 2.5, "beta": 2.25, "n": 8.0, "p": 64.0, "log_term": 1.5}
    function = getattr(formulas, name)
    names = [key for key in inspect.signature(function).parameters if key != "ops"]
    arguments = [values[key] for key in names]
    with BALLS.precision(30), mpmath.workdps(40):
        ball = function(*map(arb, arguments), operations.balls())
        exact = function(*map(mpmath.mpf, arguments), operations.multiprecision())
        assert abs(ball - arb(mpmath.nstr(exact, 38))) < abs(ball) * arb("1e-25")
    plain = function(*arguments, operations.floats())
    assert plain == pytest.approx(float(exact), rel=1e-13)
    import sympy

    symbolic = function(*map(sympy.Rational, arguments), operations.symbols())
    assert float(sympy.N(symbolic, 20)) == pytest.approx(float(exact), rel=1e-13)


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
