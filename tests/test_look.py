"""Values of expressions on balls, against mpmath and against numbers known otherwise."""

from __future__ import annotations

from functools import partial
from typing import Any

import mpmath
import pytest
import sympy
from flint import acb

from kdverify.arithmetic import BALLS
from kdverify.evidence.look.compare import compare
from kdverify.evidence.look.program import Program, Unknown
from kdverify.evidence.look.watch import watching

x, y, n = sympy.Symbol("x"), sympy.Symbol("y"), sympy.Symbol("n", integer=True)
t = sympy.Symbol("t", positive=True)


def value(expression: Any) -> acb:
    with BALLS.at_bits(160):
        return Program(sympy.sympify(expression)).at({})[0]


#: (expression of z, mpmath's function), at points on both sides of the usual branch cuts
SAME = [
    ("acot(z)", lambda z: mpmath.atan(1 / z)),
    ("asec(z)", lambda z: mpmath.acos(1 / z)),
    ("acsc(z)", lambda z: mpmath.asin(1 / z)),
    ("acoth(z)", lambda z: mpmath.atanh(1 / z)),
    ("asech(z)", lambda z: mpmath.acosh(1 / z)),
    ("acsch(z)", lambda z: mpmath.asinh(1 / z)),
    ("loggamma(z)", mpmath.loggamma),
    ("polygamma(2, z)", lambda z: mpmath.psi(2, z)),
    ("zeta(3, z)", lambda z: mpmath.zeta(3, z)),
    ("beta(z, 3)", lambda z: mpmath.beta(z, 3)),
    ("factorial(z)", mpmath.factorial),
    ("binomial(z, 3)", lambda z: mpmath.binomial(z, 3)),
    ("RisingFactorial(z, 4)", lambda z: mpmath.rf(z, 4)),
    ("FallingFactorial(z, 4)", lambda z: mpmath.ff(z, 4)),
    ("harmonic(z)", mpmath.harmonic),
    ("Ei(z)", mpmath.ei),
    ("Si(z)", mpmath.si),
    ("Ci(z)", mpmath.ci),
    ("Shi(z)", mpmath.shi),
    ("Chi(z)", mpmath.chi),
    ("expint(2, z)", lambda z: mpmath.expint(2, z)),
    ("uppergamma(S(3)/2, z)", lambda z: mpmath.gammainc(1.5, z)),
    ("lowergamma(S(3)/2, z)", lambda z: mpmath.gammainc(1.5, 0, z)),
    ("fresnels(z)", mpmath.fresnels),
    ("fresnelc(z)", mpmath.fresnelc),
    ("besselj(2, z)", lambda z: mpmath.besselj(2, z)),
    ("bessely(1, z)", lambda z: mpmath.bessely(1, z)),
    ("besseli(2, z)", lambda z: mpmath.besseli(2, z)),
    ("besselk(1, z)", lambda z: mpmath.besselk(1, z)),
    ("airyai(z)", mpmath.airyai),
    ("LambertW(z)", mpmath.lambertw),
    ("polylog(2, z)", lambda z: mpmath.polylog(2, z)),
    ("elliptic_k(z)", mpmath.ellipk),
    ("hyper([1, z], [3], S(1)/3)", lambda z: mpmath.hyp2f1(1, z, 3, mpmath.mpf(1) / 3)),
    ("erf(z)", mpmath.erf),
    ("gamma(z)", mpmath.gamma),
    ("sqrt(z)", mpmath.sqrt),
    ("z**(S(1)/3)", mpmath.cbrt),
    ("log(z)", mpmath.log),
    *((f"{name}(z)", getattr(mpmath, name)) for name in ("asin", "acos", "atan", "acosh", "atanh")),
]
POINTS = ["S(1)/3", "-S(7)/5 + I/2", "-S(7)/5 - I/2", "S(11)/4 + 2*I", "S(2)/7 - 3*I"]


@pytest.mark.parametrize(("text", "function"), SAME, ids=[text for text, _ in SAME])
@pytest.mark.parametrize("place", POINTS)
def test_functions_are_those_of_mpmath(text: str, function: Any, place: str) -> None:
    at = sympy.sympify(place)
    with BALLS.at_bits(160):
        z = sympy.Symbol("z")
        (ours,) = Program(sympy.sympify(text)).at({z: value(at)})
    with mpmath.workdps(30):
        real, imaginary = (mpmath.mpf(int(part.p)) / int(part.q) for part in at.as_real_imag())
        theirs = function(mpmath.mpc(real, imaginary))
        digits = [part.mid().str(30, radius=False) for part in (ours.real, ours.imag)]
        gap = mpmath.mpc(*digits) - theirs
        assert abs(gap) <= 1e-12 * max(1, abs(theirs))


@pytest.mark.parametrize(
    ("expression", "expected"),
    [
        (sympy.Integral(sympy.exp(-(x**2)), (x, -sympy.oo, sympy.oo)), sympy.sqrt(sympy.pi)),
        (sympy.Integral(1 / sympy.sqrt(x), (x, 0, 1)), 2),
        (sympy.Integral(sympy.log(x), (x, 0, 1)), -1),
        (sympy.Integral(sympy.Abs(x - 1), (x, 0, 3)), sympy.Rational(5, 2)),
        (sympy.Integral(x * y, (y, 0, x), (x, 0, 1)), sympy.Rational(1, 8)),
        (sympy.Integral(x**2, (x, 1, 0)), -sympy.Rational(1, 3)),
        (sympy.Sum(1 / n**2, (n, 1, sympy.oo)), sympy.pi**2 / 6),
        (sympy.Sum((-1) ** n / (2 * n + 1), (n, 0, sympy.oo)), sympy.pi / 4),
        (sympy.Sum(n, (n, 1, 10)), 55),
        (sympy.Product(n, (n, 1, 5)), 120),
        (sympy.Limit((1 + 1 / t) ** t, t, sympy.oo), sympy.E),
        (sympy.Limit(sympy.sin(x) / x, x, 0), 1),
    ],
)
def test_what_binds_a_variable(expression: Any, expected: Any) -> None:
    assert compare(expression, sympy.sympify(expected)).equal is True
    assert compare(expression, sympy.sympify(expected) + sympy.Rational(1, 10**7)).equal is False


@pytest.mark.parametrize(
    "expression",
    [
        sympy.Integral(1 / x, (x, 0, 1)),
        sympy.Integral(1 / x, (x, -1, 1)),
        sympy.Integral(1, (x, 0, sympy.oo)),
        sympy.Sum(1 / n, (n, 1, sympy.oo)),
        sympy.Sum((-1) ** n, (n, 1, sympy.oo)),
        sympy.Integral(x, x),
        sympy.Integral(sympy.DiracDelta(x), (x, -1, 1)),
    ],
)
def test_what_has_no_value_has_none(expression: Any) -> None:
    with pytest.raises(Unknown):
        value(expression)
    assert compare(expression, sympy.Integer(0)).equal is None


def test_derivatives_are_looked_at() -> None:
    first = sympy.Derivative(sympy.exp(t) / t, t)
    assert compare(first, first.doit()).equal is True
    assert compare(first, first.doit() + t / 10**6).equal is False


def test_symbols_that_do_not_commute_are_matrices() -> None:
    a, b = sympy.symbols("A B", commutative=False)
    assert compare((a + b) ** 2, a**2 + a * b + b * a + b**2).equal is True
    assert compare((a + b) ** 2, a**2 + 2 * a * b + b**2).equal is False
    assert compare(a * a**-1, sympy.Integer(1)).equal is True


def test_answers_are_written_down_once_and_only_the_claims_own() -> None:
    before = sympy.simplify, sympy.Integral.doit
    with watching() as answers:
        for _ in range(2):
            sympy.integrate(x**2, (x, 0, 1))
            sympy.simplify(sympy.sin(x) ** 2 + sympy.cos(x) ** 2)
        sympy.solve(x**2 - y, x)
    assert [answer.asked for answer in answers.found] == ["Integral", "simplify", "solve"]
    assert answers.look(None) is None
    assert (sympy.simplify, sympy.Integral.doit) == before


def test_a_wrong_answer_is_found() -> None:
    with watching() as answers:
        sympy.powsimp(sympy.sqrt(x) * sympy.sqrt(y), force=True)
    found = answers.look(None)
    assert found is not None
    answer, seen = found
    assert (answer.asked, seen.equal) == ("powsimp", False)


def test_a_function_is_watched_under_every_name() -> None:
    from sympy.simplify.simplify import simplify

    def asked(by: Any = sympy.simplify) -> Any:
        from sympy.simplify import simplify as inside

        return [
            call(sympy.sin(k * x) ** 2 + sympy.cos(k * x) ** 2)
            for k, call in (
                (1, by),
                (2, inside),
                (3, simplify),
                (4, partial(sympy.simplify)),
                (5, held["now"]),
            )
        ]

    held = {"now": None}
    with watching() as answers:
        held["now"] = sympy.simplify
        assert asked() == [1] * 5
        sympy.apart(1 / (x**2 - 1), x)  # a decorated one
    assert [answer.asked for answer in answers.found] == ["simplify"] * 5 + ["apart"]
    with watching() as later:
        assert held["now"] is sympy.simplify
    assert asked() == [1] * 5
    assert not later.found
