"""Known wrong results of computer algebra: none may come out proved, no truth refuted.

Each is restated from what users of computer algebra systems have reported; whether the installed
SymPy still makes the mistake does not matter: where it does not, the wrong statement has to be
refuted all the same.
"""

from __future__ import annotations

import dataclasses
import os
import subprocess
import sys
from typing import Any

import pytest
from runner_samples import ROOT

from kdverify.evidence import Context, Identity, Limit, Verdict
from kdverify.evidence.outcome import LEVELS

#: SymPy is not given long: what it cannot show is undecided, whatever the values say.
SOON = Context(level=dataclasses.replace(LEVELS["quick"], seconds=4.0))

#: (left, wrong, true): `true` may be None where it is no closed form.
EQUAL = {
    # definite integrals
    "kink": ("Integral(Abs(sin(x)*cos(x)), (x, 0, 2*pi))", "1", "2"),
    "sign": ("Integral(x*sqrt(2*x + 3), (x, -1, 1))", "-S(2)/5", "S(2)/5"),
    "period": ("Integral(1/(cos(x) + 2), (x, 0, 2*pi))", "0", "2*pi/sqrt(3)"),
    "across zero": ("Integral((x**2 + 1)**(-S(3)/2), (x, -1, 1))", "0", "sqrt(2)"),
    "ball": (
        "Integral(-4*(1 - x**2)**(S(3)/2)/3 + 2*sqrt(1 - x**2)*(2 - 2*x**2), (x, -1, 1))",
        "-pi/2",
        "pi",
    ),
    "substituted": (
        "Integral(sqrt(cos(x)**2)*cos(x)/(sin(x)**2 + 1), (x, -pi/2, pi/2))",
        "0",
        "(sqrt(2) - 1)*pi",
    ),
    "shifted root": ("Integral(sqrt(2 - x)*sqrt(1/(2 - x)), (x, 0, 1))", "-1", "1"),
    "branch of polylog": (
        "Integral(log(x)/(1 + x), (x, 0, 1))",
        "pi**2/6 - polylog(2, 2) + I*pi*log(2)",
        "-pi**2/12",
    ),
    "quartic": (
        "Integral(400*pi**2*x**2/(1600*pi**4*x**4 - 796*pi**2*x**2 + 100), (x, 0, oo))",
        "5",
        "S(5)/2",
    ),
    "tangent": ("Integral(1/(1 + 3*cos(x)**2), (x, 0, pi))", "0", "pi/2"),
    "pole inside": ("Integral(1/x**2, (x, -1, 1))", "-2", None),
    "steps": ("Integral(floor(x), (x, 0, 3))", "S(9)/2", "3"),
    "pieces": (
        "Integral(Piecewise((x, x < 1), (2, True)), (x, 0, 3))",
        "S(9)/2 - S(1)/2",
        "S(9)/2",
    ),
    "larger of two": ("Integral(Max(x, 1 - x), (x, 0, 1))", "S(1)/2", "S(3)/4"),
    "divergent": ("Integral(x**(-S(5)/4), (x, 0, 1))", "-4", None),
    "beta integral": (
        "Integral(x**(-S(1)/2)*(1 - x)**(-S(1)/2), (x, 0, 1))",
        "-pi",
        "pi",
    ),
    # the same with SymPy's answer taken before the identity sees it
    "eager kink": ("integrate(Abs(sin(x)*cos(x)), (x, 0, 2*pi))", "1", "2"),
    "eager positive": ("integrate(1/(cos(x) + 2), (x, 0, 2*pi))", "0", "2*pi/sqrt(3)"),
    # sums
    "three poles": ("Sum(n/((n + 2)*(n + 4)*(n + 8)), (n, 1, oo))", "S(521)/25200", "S(4)/35"),
    "telescoping": ("Sum(1/(n*(n + 1)*(2*n + 1)), (n, 1, oo))", "1", "3 - 4*log(2)"),
    "shifted": ("Sum((n + 1)/(n*(2*n - 1)*(2*n + 1)), (n, 2, oo))", "0", "-S(7)/6 + log(4)"),
    "not summable": ("Sum(1/sqrt(n), (n, 1, oo))", "zeta(S(1)/2)", None),
    "factorials": ("Sum(binomial(4, n)*factorial(4 - n), (n, 0, 4))", "24*E", "65"),
    # branch cuts, with symbols that may be anything
    "root of square": ("sqrt(z**2)", "z", None),
    "log of square": ("log(z**2)", "2*log(z)", None),
    "log of product": ("log(z*w)", "log(z) + log(w)", None),
    "product of roots": ("sqrt(z)*sqrt(w)", "sqrt(z*w)", None),
    "root of inverse": ("sqrt(1/z)", "1/sqrt(z)", None),
    "power of power": ("(z**w)**2 - z**(2*w) + (z**2)**w", "z**(2*w)", None),
    "arctangents": ("atan(1/z) + atan(z)", "pi/2", None),
    "inverse of cosine": ("acos(cos(z))", "z", None),
    "log of exponential": ("log(exp(z))", "z", None),
    "forced": ("powsimp(sqrt(z)*sqrt(w), force=True)", "sqrt(z*w)", None),
    "forced logarithm": ("expand_log(log(z*w), force=True)", "log(z) + log(w)", None),
    "denested": ("powdenest((z**2)**(S(1)/2), force=True)", "z", None),
    # numbers
    "nearly one": ("acos(S(7823207)/7823209)", "0", "acos(S(7823207)/7823209)"),
    "near miss": ("exp(pi*sqrt(163))", "262537412640768744", None),
    "nested roots": ("sqrt(2) + sqrt(3)", "sqrt(5 + 2*sqrt(5))", "sqrt(5 + 2*sqrt(6))"),
    "cube root": ("(-8)**(S(1)/3)", "-2", "1 + I*sqrt(3)"),
    # floor, hypergeometric, roots of equations
    "floor": ("floor(r) + floor(-r)", "0", None),
    "hypergeometric": ("hyper([1, 1], [2], S(1)/2)", "log(2)", "2*log(2)"),
    "kummer": ("hyper([1], [2], 1)", "E", "E - 1"),
    "solved": ("solve(y**2 - 2, y)[0]**2", "4", "2"),
    # a second list
    "kink at zero": ("Integral(sqrt(x**2), (x, -1, 1))", "0", "1"),
    "any sign": ("Integral(1/(x**2 + r**2), (x, -oo, oo))", "pi/r", "pi/Abs(r)"),
    "two variables": ("Integral(exp(-x*y), (x, 0, oo), (y, 1, 2))", "log(3)", "log(2)"),
    "one of two": ("Integral(exp(-x), (x, 0, oo), (y, 1, 2))", "2", "1"),
    "dilogarithm": ("Integral(log(1 - x)/x, (x, 0, 1))", "pi**2/6", "-pi**2/6"),
    "negative side": ("Integral(1/x, (x, -2, -1))", "log(2)", "-log(2)"),
    "principal value": ("Integral(1/x, (x, -1, 2))", "log(2)", None),
    "pole of tangent": ("Integral(tan(x), (x, 0, pi))", "0", None),
    "half a delta": ("Integral(DiracDelta(x), (x, 0, 1))", "1", None),
    "half circle": ("Integral(1/(2 + sin(x)), (x, 0, 2*pi))", "0", "2*pi/sqrt(3)"),
    "any exponent": ("Integral(x**z, (x, 0, 1))", "1/(z + 1)", None),
    "alternating": ("Sum((-1)**n/n, (n, 1, oo))", "log(2)", "-log(2)"),
    "Grandi": ("Sum((-1)**n, (n, 0, oo))", "S(1)/2", None),
    "regularised": ("Sum(n, (n, 1, oo))", "-S(1)/12", None),
    "any ratio": ("Sum(z**n, (n, 0, oo))", "1/(1 - z)", None),
    "product": ("Product(1 - 1/n**2, (n, 2, oo))", "0", "S(1)/2"),
    "order": ("besselj(-n, 2)", "besselj(n, 2)", "(-1)**n*besselj(n, 2)"),
    "argument": ("arg(z*w)", "arg(z) + arg(w)", None),
    "log of gamma": ("loggamma(z)", "log(gamma(z))", None),
    "conjugate": ("conjugate(log(z))", "log(conjugate(z))", None),
    "two roots": ("sqrt(z + 1)*sqrt(z - 1)", "sqrt(z**2 - 1)", None),
    "fourth root": ("(z**4)**(S(1)/4)", "z", None),
    "inverse of sine": ("asin(sin(r))", "r", None),
    "quadrant": ("atan2(r, y)", "atan(r/y)", None),
    "even cosh": ("acosh(cosh(r))", "r", None),
    "turns": ("(-1)**(2*r)", "1", None),
    "ceiling": ("ceiling(r) - floor(r)", "1", None),
    "real cube roots": (
        "real_root(2 + sqrt(5), 3) + real_root(2 - sqrt(5), 3)",
        "2",
        "1",
    ),
    "third": ("nsimplify(0.333333333333)", "S(1)/3", None),
    "transformed": ("laplace_transform(t, t, x)[0]", "1/x**2", None),
    "cut off": ("series(cos(x), x, 0, 4).removeO()", "cos(x)", None),
    "refined": ("refine(sqrt(z**2), Q.real(z))", "z", None),
    "shown": ("cos(pi*cos(pi*cos(log(pi + 20))))", "-1", None),
}

LIMITS = {
    "exponent": ("(1 + 1/t)**(t**2)/exp(t)", "oo", "1", "exp(-S(1)/2)"),
    "second order": ("t*(1 + 1/t)**t - E*t", "oo", "0", "-E/2"),
    "cancelling": ("t*(((t + 1)**2 + 1)/(t**2 + 1) - 1)", "oo", "0", "2"),
    "logarithms": ("t*(-1 + (t + log(t + 1) + 1)/(t + log(t)))", "oo", "0", "1"),
    "sines": ("t**3*((-t - 1)*sin(1/t) + (t + 2)*sin(1/(t + 1)))/(1 - t)", "oo", "0", "1"),
    "at zero": ("((t + 1)**(1/t) - E)/t", "0", "0", "-E/2"),
    "lambert": ("LambertW(t)", "1", "1", "LambertW(1)"),
    "root of cosine": ("sqrt(1 - cos(t))/t", "0", "0", "sqrt(2)/2"),
    "slow": ("log(t)/(log(t) + 1)", "oo", "0", "1"),
    "sine at infinity": ("sin(t)/t", "oo", "1", "0"),
    "difference of roots": ("sqrt(t**2 + t) - t", "oo", "0", "S(1)/2"),
    "bump": ("exp(-1/t)/t**5", "0", "1", "0"),
    "whole part": ("floor(t)/t", "oo", "0", "1"),
    "half a step": ("gamma(t + S(1)/2)/(gamma(t)*sqrt(t))", "oo", "0", "1"),
}


def parsed(text: str) -> Any:
    import sympy

    names = {
        "x": sympy.Symbol("x"),
        "y": sympy.Symbol("y"),
        "z": sympy.Symbol("z"),
        "w": sympy.Symbol("w"),
        "r": sympy.Symbol("r", real=True),
        "n": sympy.Symbol("n", integer=True),
        "t": sympy.Symbol("t", positive=True),
    }
    return eval(text, {**vars(sympy), **names})


def identity(left: str, right: str) -> Identity:
    return Identity("whole", lambda: (parsed(left), parsed(right)))


@pytest.mark.parametrize("name", EQUAL)
def test_what_is_wrong_is_never_proved(name: str) -> None:
    left, wrong, true = EQUAL[name]
    outcome = identity(left, wrong).run(SOON)
    # what diverges has no value that could refute a number given for it
    expected = {Verdict.REFUTED} | ({Verdict.UNDECIDED} if true is None else set())
    assert outcome.verdict in expected, outcome


@pytest.mark.parametrize("name", [name for name, (_, _, true) in EQUAL.items() if true])
def test_what_is_true_is_never_refuted(name: str) -> None:
    left, _, true = EQUAL[name]
    outcome = identity(left, str(true)).run(SOON)
    assert outcome.verdict in (Verdict.PROVED, Verdict.UNDECIDED), outcome


@pytest.mark.parametrize("name", LIMITS)
def test_wrong_limits_are_refuted_and_true_ones_are_not(name: str) -> None:
    expression, point, wrong, true = LIMITS[name]

    def at(value: str) -> Limit:
        return Limit(
            "whole",
            lambda: parsed(expression),
            symbol=parsed("t"),
            point=parsed(point),
            value=lambda: parsed(value),
        )

    assert at(wrong).run(SOON).verdict is Verdict.REFUTED
    assert at(true).run(SOON).verdict in (Verdict.PROVED, Verdict.UNDECIDED)


def test_there_are_at_least_thirty() -> None:
    assert len(EQUAL) + len(LIMITS) >= 30


VERDICTS = """
import sys
sys.path.insert(0, {tests!r})
from test_wrong_algebra import EQUAL, identity
from test_wrong_algebra import SOON
for name in ("nearly one", "eager kink", "root of square", "denested", "solved", "nested roots"):
    left, wrong, true = EQUAL[name]
    for right in (wrong, true or wrong):
        outcome = identity(left, right).run(SOON)
        print(name, right, outcome.verdict, sorted(outcome.figures.items()))
"""


def test_verdicts_do_not_depend_on_the_order_of_dictionaries() -> None:
    printed = set()
    for seed in ("1", "77", "4242"):
        done = subprocess.run(
            [sys.executable, "-c", VERDICTS.format(tests=str(ROOT / "tests"))],
            env=os.environ | {"PYTHONHASHSEED": seed, "PYTHONPATH": str(ROOT)},
            capture_output=True,
            text=True,
            check=True,
        )
        printed.add(done.stdout)
    assert len(printed) == 1
    assert "nearly one 0 refuted" in printed.pop()
