"""A second list of known wrong results of computer algebra and of solvers, from public trackers.

None may come out proved, no truth beside them refuted.  The first is in `test_wrong_algebra`.
"""

from __future__ import annotations

import dataclasses
from typing import Any

import pytest
import sympy
from evidence_samples import QUICK, verdict

from kdverify.evidence import Context, Forall, Identity, Limit, Verdict
from kdverify.evidence.outcome import LEVELS

#: SymPy, and each look, is given a second.
SOON = Context(level=dataclasses.replace(LEVELS["quick"], seconds=1.0))

NAMES = {
    **vars(sympy),
    **{name: sympy.Symbol(name) for name in "xyzw"},
    **{name: sympy.Symbol(name, positive=True) for name in "tp"},
    "r": sympy.Symbol("r", real=True),
    "n": sympy.Symbol("n", integer=True),
    "m": sympy.Symbol("m", integer=True, positive=True),
    "o": sympy.Symbol("o", odd=True),
    "e": sympy.Symbol("e", even=True, negative=True),
    "u": sympy.Function("u"),
    "f": sympy.Function("f"),
}

#: Where it was reported, left, wrong, true (None where it is no closed form).
EQUAL = [
    ("sympy 30319", "Integral(Abs(sin(2*x)), (x, 0, 2*pi))", "2", "4"),
    ("sympy 30319", "Integral(sin(4*x)/sin(x), (x, 0, pi/2))", "S(4)/3 - 2*pi", "S(4)/3"),
    ("sympy 21549", "integrate(x*sqrt(Abs(x)), (x, -1, 0))", "S(2)/5", "-S(2)/5"),
    ("sympy 11079", "Integral(1/cos(x)**2, (x, 0, 2*pi))", "0", None),
    ("sympy 16046", "Integral(exp(exp(I*x)), (x, 0, 2*pi))", "0", "2*pi"),
    ("sage 35406", "Integral(cos(2*pi*n*x), (x, 0, 1))", "sin(2*pi*n)/(2*pi*n + 1)", None),
    (
        "sympy 25786",
        "integrate(exp(-S(4)*x**2/5), (x, -3, -S(1)/5))",
        "-sqrt(5*pi)/4*(erf(6/sqrt(5)) - erf(2/(5*sqrt(5))))",
        "sqrt(5*pi)/4*(erf(6/sqrt(5)) - erf(2/(5*sqrt(5))))",
    ),
    (
        "sympy 6122",
        "Integral(exp(-I*x**2), (x, -oo, oo))",
        "-sqrt(pi)*exp(-I*pi/4)",
        "sqrt(pi)*exp(-I*pi/4)",
    ),
    (
        "sage 38593",
        "Integral(1/(2*x - sqrt(4*I + 1) - 1), (x, 0, 1))",
        "log(Abs(1 - sqrt(4*I + 1)))/2 - log(Abs(1 + sqrt(4*I + 1)))/2",
        "log(1 - sqrt(4*I + 1))/2 - log(-1 - sqrt(4*I + 1))/2",
    ),
    ("sympy 26949", "Integral(x**-2, (x, -1, 1))", "-2", None),
    (
        "sage 33034",
        "Integral((x + cos(x))*exp(-I*x) - x*exp(-I*x) - cos(x)*exp(-I*x), (x, 0, 2*pi))",
        "-pi",
        "0",
    ),
    (
        "sympy 22126",
        "diff(integrate(1/(x**3*sqrt(1 + x**4)), x), x)",
        "-1/(x**3*sqrt(1 + x**4))",
        None,
    ),
    ("sympy 20898", "diff((atan(tan(r)) + pi*floor((r - pi/2)/pi))**2/2, r)", "r", None),
    (
        "mpmath quad",
        "Integral(1000*exp(-10000000*pi*(x - S(1)/7)**2), (x, 0, 1), (y, 0, 1))",
        "0",
        "1/sqrt(10)*(erf(sqrt(10000000*pi)*S(6)/7) + erf(sqrt(10000000*pi)/7))/2",
    ),
    (
        "mpmath quad",
        "Integral(1000*exp(-1000000*pi*(x - S(1)/7)**2), (x, 0, 1))",
        "0",
        "(erf(1000*sqrt(pi)*S(6)/7) + erf(1000*sqrt(pi)/7))/2",
    ),
    ("diofant 241", "hyper([2, 3, 5, 9, 1], [1, 4, 6, 10], 1)", "S(526)/35", "S(108)/7"),
    ("diofant 203", "hyper([-7, -5], [-6], 1)", "0", None),
    ("sympy 13546", "Product(2 + S(1)/2**n, (n, 0, 1))", "S(9)/2", "S(15)/2"),
    ("sympy Sum", "Sum(n, (n, 5, 1))", "15", None),
    ("sympy 20932", "Sum((-1)**n*binomial(60, n), (n, 0, 60))", "1", "0"),
    (
        "sympy 20430",
        "simplify(cos(r/2)*sin(r/2)*cos(r)*cos(y)**2*sin(y))",
        "(cos(2*r - 2*y) - cos(2*r + 2*y))/16",
        "sin(2*r)*cos(y)**2*sin(y)/4",
    ),
    ("sympy 18059", "simplify(cos(x) + sqrt(sin(x)**2))", "sqrt(2)*sin(x + pi/4)", None),
    ("sympy 10195", "powsimp((-1)**(o/2))", "I", None),
    ("sympy 8866", "simplify(log(x, 10))", "log(x)", "log(x)/log(10)"),
    (
        "sympy 21039",
        "floor(sqrt(2)/(541131238821888000 - 382637568482834149*sqrt(2)))",
        "1402",
        "1401",
    ),
    ("sympy 13098", "floor(log(S(999999999)/100000000, 10))", "1", "0"),
    (
        "sympy 26368",
        "floor((sqrt(62274204097870571696467174993143330835664166821124311) + 251519874856047008187562714)/596987581)",  # noqa: E501
        "839327132406530642",
        "839327132406530643",
    ),
    ("sympy 27749", "Mod(1, m)", "1 - m", None),
    ("sympy 10592", "zeta(0, -3)", "S(5)/2", "S(7)/2"),
    ("diofant 138", "polylog(2, -1)", "pi**2/12", "-pi**2/12"),
    (
        "symengine 806",
        "digamma(S(1)/4)",
        "-pi/3 - 3*log(2) - EulerGamma",
        "-pi/2 - 3*log(2) - EulerGamma",
    ),
    ("sympy 14615", "powsimp(-w**(S(9)/2)*x**7 + w*(w*x**2)**(S(7)/2))", "0", None),
    ("sympy 8853", "floor(e - S(1)/2)", "e", "e - 1"),
    ("sympy", "atan(tan(r))", "r", None),
    ("sympy", "log(x**3)", "3*log(x)", None),
    ("sympy", "Abs(z**w)", "Abs(z)**w", None),
    ("sympy", "conjugate(sqrt(z))", "sqrt(conjugate(z))", None),
    ("sympy", "re(z*w)", "re(z)*re(w)", None),
    ("sympy", "sign(r + y)", "sign(r) + sign(y)", None),
    ("sympy", "Max(r, r**2)", "r**2", None),
    ("sympy", "Heaviside(r)*Heaviside(-r)", "1", None),
    ("sympy", "Piecewise((r, r > 0), (-r, True))", "r", "Abs(r)"),
    ("sympy", "asin(z) + acos(z)", "pi", "pi/2"),
    ("sympy", "acosh(z)", "sqrt(-1)*acos(z)", None),
    ("sympy", "log(-z)", "log(z) + I*pi", None),
    ("sympy", "sqrt(z)/sqrt(w)", "sqrt(z/w)", None),
    ("sympy", "expand_power_base(sqrt(z*w), force=True)", "sqrt(z)*sqrt(w)", None),
    ("sympy", "(r**3)**(S(1)/3)", "r", None),
    ("sympy", "binomial(-1, m)", "0", "(-1)**m"),
    ("sympy", "beta(x, y)", "gamma(x)*gamma(y)/gamma(x*y)", "gamma(x)*gamma(y)/gamma(x + y)"),
    ("sympy", "gamma(z)*gamma(1 - z)", "pi/sin(z)", "pi/sin(pi*z)"),
    ("sympy 26105", "solve(x*exp(x**2/2) - p, x)[0]", "p", None),
    ("sympy solve", "len(solve(sqrt(x) + 2, x))", "1", "0"),
    ("sympy 14012", "solve(x**3 + 4, x)[0]", "-(-2)**(S(2)/3)", None),
    (
        "sympy 9480",
        "Matrix([[-5 + 5*sqrt(2), -5], [-5*sqrt(2)/2 + 5, -5*sqrt(2)/2]]).rank()",
        "2",
        "1",
    ),
    (
        "sympy 15872",
        "((Matrix([[1, 1, 1, 0], [-2, -1, 0, -1], [0, 0, -1, -1], [0, 0, 2, 1]]) - I*eye(4))**3).rank()",  # noqa: E501
        "3",
        "2",
    ),
    ("sympy", "Matrix([[0, z], [w, 0]]).eigenvals(multiple=True)[0]**2", "-z*w", "z*w"),
    ("sympy", "(Matrix([[z, 1], [1, w]])**-1)[0, 0]", "z/(z*w - 1)", "w/(z*w - 1)"),
    ("sympy 11402", "Piecewise((sin(r)/r, Ne(r, 0)), (1, True)).diff(r, r).subs(r, 0)", "0", None),
    ("sympy", "diff(Abs(r), r)", "1", "sign(r)"),
    ("sympy 5654", "residue((1 + y)/x/(z - exp(x)), x, 0)", "0", "(1 + y)/(z - 1)"),
    (
        "sympy 21176",
        "residue(x**2*cot(pi*x)/(x**4 + 1), x, exp(I*pi/4))",
        "0",
        "cot(pi*exp(I*pi/4))/(4*exp(I*pi/4))",
    ),
    (
        "sympy 14143",
        "series(log(1 + x)/log(1 - x), x, 0, 4).removeO()",
        "-1 + x - x**2/2 + 5*x**3/12 - x**3/7",
        "-1 + x - x**2/2 + 5*x**3/12",
    ),
    (
        "sympy 10761",
        "series(1/(x**-2 + x**-3), x, 0, 6).removeO()",
        "x**3 - x**4",
        "x**3 - x**4 + x**5",
    ),
    (
        "sympy 18008",
        "series(x*(1 + x*(1 - x))/((1 + x*(1 - x)) - (1 - x)**2), x, oo, 4).removeO()",
        "-45/(16*x**3) - 3/(16*x**2) - 1/(8*x) + S(1)/4 + x/2",
        "-9/(32*x**3) - 3/(16*x**2) - 1/(8*x) + S(1)/4 + x/2",
    ),
    (
        "sympy 12578",
        "series((1 - 1/(x/2 + 1/(2*x))**4)**(S(1)/8), x, 0, 8).removeO()",
        "1 - 2*x**4 + 6*x**6",
        "1 - 2*x**4 + 8*x**6",
    ),
    (
        "sympy 13629",
        "rsolve(u(m + 1) - u(m) - (m + 1)**2, u(m), {u(0): 0})",
        "m*(m**2 + 2*m + 1)",
        "m*(m + 1)*(2*m + 1)/6",
    ),
    (
        "diofant 294",
        "rsolve(u(m) - u(m - 1) - 2*u(m - 2) - 2*m, u(m), {u(0): 0, u(1): 0})",
        "2*m + 4",
        "-m - S(5)/2 + (-1)**m/2 + 2**(m + 1)",
    ),
    (
        "sympy 21372",
        "laplace_transform(t*exp(-2*t), t, x, noconds=True)",
        "1/(x + 2)",
        "1/(x + 2)**2",
    ),
    (
        "sympy 26517",
        "inverse_laplace_transform((2*x + 1)/(x*(x + 1)*(x + 3)), x, t, noconds=True)",
        "1 + exp(-t)/2 - 5*exp(-3*t)/6",
        "S(1)/3 + exp(-t)/2 - 5*exp(-3*t)/6",
    ),
    (
        "sympy 18136",
        "fourier_transform(exp(-x**2), x, r, noconds=True)",
        "sqrt(pi)*exp(-r**2)",
        "sqrt(pi)*exp(-pi**2*r**2)",
    ),
    ("sympy", "dsolve(f(x).diff(x) - 2*x*f(x), f(x), ics={f(0): 1}).rhs", "exp(2*x)", "exp(x**2)"),
    ("sympy", "list(linsolve([x + y - 3, x - y - z], x, y))[0][0]", "(3 - z)/2", "(3 + z)/2"),
]

#: Where it was reported, the expression, the symbol, its limit point, wrong, true.
LIMITS = [
    ("sympy 26513", "Abs((-t/(t + 1))**t)", "t", "oo", "0", "exp(-1)"),
    ("sympy 9075", "(6**(t + 1) + t + 1)/(6**t + t)", "t", "oo", "1", "6"),
    ("diofant 55", "(t + exp(t))/(t - 1)", "t", "oo", "1", "oo"),
    ("diofant 56", "(log(E + 1/t) - 1)**(1 - sqrt(E + 1/t))", "t", "oo", "0", "oo"),
    ("sympy 22893", "(2*exp(-2*t) + exp(-t))*exp(t)", "t", "oo", "oo", "1"),
    ("sympy 14355", "floor(sin(t)/t)", "t", "0", "1", "0"),
    ("sympy 14478", "t/2*floor(3/t)", "t", "0", "0", "S(3)/2"),
    ("sympy 14355", "floor(-tan(t)/t)", "t", "0", "-1", "-2"),
    ("sympy 18118", "sign(sin(t))", "t", "0", "0", "1"),
    ("sympy 19026", "Abs(log(t) + 1)/log(t)", "t", "oo", "-1", "1"),
    ("sympy 24020", "Mod(-t, 1)", "t", "0", "0", "1"),
    ("CAS", "Mod(t, 1)", "t", "oo", "0", None),
    ("CAS", "sin(pi*t)", "t", "oo", "0", None),
    ("CAS", "cos(2*pi*t)", "t", "oo", "1", None),
    ("CAS", "(-1)**m", "m", "oo", "1", None),
    ("CAS", "log(log(t))", "t", "oo", "5", "oo"),
    ("CAS", "log(t)**100/t", "t", "oo", "oo", "0"),
    ("CAS", "1 + exp(-t)", "t", "oo", "0", "1"),
    ("sympy 20482", "(2*x + 12)/Abs(x + 6)", "x", "-6", "2", None),
    ("sympy 8751", "Abs(r)/r", "r", "0", "1", None),
]


def parsed(text: str) -> Any:
    return eval(text, dict(NAMES))


def identity(left: str, right: str) -> Identity:
    return Identity("whole", lambda: (parsed(left), parsed(right)))


@pytest.mark.parametrize(("source", "left", "wrong", "true"), EQUAL)
def test_equations(source: str, left: str, wrong: str, true: str | None) -> None:
    assert verdict(identity(left, wrong), SOON) in (Verdict.REFUTED, Verdict.UNDECIDED)
    if true is not None:
        assert verdict(identity(left, true), SOON) in (Verdict.PROVED, Verdict.UNDECIDED)


@pytest.mark.parametrize(("source", "expression", "symbol", "point", "wrong", "true"), LIMITS)
def test_limits(
    source: str, expression: str, symbol: str, point: str, wrong: str, true: str | None
) -> None:
    def to(value: str) -> Limit:
        return Limit(
            "whole",
            lambda: parsed(expression),
            symbol=parsed(symbol),
            point=parsed(point),
            value=lambda: parsed(value),
        )

    assert verdict(to(wrong), SOON) in (Verdict.REFUTED, Verdict.UNDECIDED)
    if true is not None:
        assert verdict(to(true), SOON) in (Verdict.PROVED, Verdict.UNDECIDED)


#: Automatic values, expansions, recurrences and transforms that are looked at: both are decided.
DECIDED = [
    ("floor(sqrt(2)/(541131238821888000 - 382637568482834149*sqrt(2)))", "1402", None),
    ("residue((1 + y)/x/(z - exp(x)), x, 0)", "0", "(1 + y)/(z - 1)"),
    ("series(1/(x**-2 + x**-3), x, 0, 6).removeO()", "x**3 - x**4", "x**3 - x**4 + x**5"),
    ("rsolve(u(m + 1) - 2*u(m), u(m), {u(0): 3})", "2**m", "3*2**m"),
    ("dsolve(f(x).diff(x) - f(x), f(x), ics={f(0): 2}).rhs", "exp(x)", "2*exp(x)"),
    ("laplace_transform(t**2, t, x, noconds=True)", "1/x**3", "2/x**3"),
    ("Matrix([[x, 1], [1, y]]).det()", "x*y", "x*y - 1"),
    ("Matrix([[x, 1], [x, 1]]).rank()", "2", "1"),
]


@pytest.mark.parametrize(("left", "wrong", "true"), DECIDED)
def test_what_is_looked_at_is_decided(left: str, wrong: str, true: str | None) -> None:
    assert verdict(identity(left, wrong), SOON) is Verdict.REFUTED
    assert true is None or verdict(identity(left, true), SOON) is Verdict.PROVED


def coverings(smt: Any) -> Any:
    a, b, x, z = map(smt.Real, "abxz")
    return [a**5 == 0, b**5 == 0], smt.number("1/3") - x**4 + b * z + a * z**3 != 0


def nullification(smt: Any) -> Any:
    a, b, x, z = map(smt.Real, "abxz")
    cubic = z**3 + 2 * (b + (x - 1) ** 3) - 3 * z * ((a - 1) + (x - 1) ** 2)
    return [(b - 1) * (a - 1) ** 3 == 0, b**3 == 0, x > 0, z > x - 1], cubic >= 0


#: Where it was reported (a word for what Python makes of terms): false, or nothing is said.
FALSE = {
    "cvc5 12926": coverings,
    "cvc5 12927": nullification,
    "z3 4272": lambda smt: ([smt.Real("c") != 0], smt.Real("b") * smt.Real("d") == 0),
    "0/0": lambda smt: ([], smt.Real("x") / smt.Real("x") == 1),
    "x/0": lambda smt: ([], smt.Real("x") / 0 == smt.Real("x") / 0),
    "integers": lambda smt: ([smt.Real("x") > 0], smt.Real("x") >= 1),
    "root": lambda smt: ([], (smt.Real("x") ** 0.5) ** 2 == smt.Real("x")),
    "not": lambda smt: ([], not smt.Real("x") == smt.Real("y")),  # noqa: SIM201 - is the point
    "and": lambda smt: ([], smt.Real("x") == 1 and smt.Real("x") == 2),
    "in": lambda smt: ([], smt.Real("x") not in (smt.Real("y"), 0)),
    "float": lambda smt: ([smt.Real("x") > 0], smt.Real("x") * (1 / 3) * 3 != smt.Real("x")),
    "constant": lambda smt: ([smt.Real("x") > 0], True),
    "contradiction": lambda smt: ([smt.Real("x") > 1, smt.Real("x") < 0], smt.Real("x") == 5),
}


@pytest.mark.parametrize("name", FALSE)
def test_foralls(name: str) -> None:
    assert verdict(Forall("whole", FALSE[name]), QUICK) not in (Verdict.PROVED, Verdict.NOT_RUN)
