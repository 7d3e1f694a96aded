"""Claims 10.rounds and 10.rounds-literal: how many rounds reach every shrinkage."""

from fractions import Fraction
from typing import Any

import sympy

from kdverify import formulas as f
from kdverify.evidence import Claim, Step

from ..lib.modes import Pairs

ROUNDS = Claim(
    "10.rounds",
    title="k rounds on the same data are the polynomials of degree k in M, so r - 1 rounds do all",
    statement=r"\hat\beta_k = (X^\top X+\delta)^{-1}X^\top(a_ky + b_kX\hat\beta_{k-1}):"
    r"\ \{\hat\beta_k\} = \{P(M)\hat\beta: \deg P\le k\},\ M=(X^\top X+\delta)^{-1}X^\top X;"
    r"\quad a_k+b_k=1:\ P(1)=1",
    source="neighbouring",
    needs=("10.same-data",),
    parts=("one round", "all polynomials", "every shrinkage", "weights of sum one"),
    steps=[
        Step("One round multiplies by M and adds: P_k = a_k + b_k M P_(k-1).", lambda: one()[0]),
        Step(
            "So the degree rises by one a round; and c_0 + c_1 x + ... + c_k x^k is reached with"
            " a_k = c_0, b_k = 1 and the rest in k - 1 rounds.",
        ),
        Step(
            "r distinct nonzero singular values give M r distinct eigenvalues: a polynomial of"
            " degree r - 1 takes any values there (its Vandermonde determinant is not 0).",
            lambda: vandermonde()[1],
        ),
        Step(
            "Weights that add up to one keep P(1) = 1, one more condition: then r rounds are"
            " needed, r - 1 are not enough (10.rounds-literal)."
        ),
    ],
)

x = sympy.Symbol("x", positive=True)
A = sympy.symbols("a_1:4", real=True)
B = sympy.symbols("b_1:4", real=True)


def after(rounds: int, weights: Any) -> Any:
    """P_k as a polynomial in x, an eigenvalue of M."""
    found = sympy.Integer(1)
    for a, b in weights[:rounds]:
        found = a + b * x * found
    return sympy.expand(found)


@ROUNDS.identity("one round", but={"M left out": {"power": 0}})
def one(power: int = 1) -> tuple[Any, Any]:
    """The student of a y + b X (P(M) b_0) for one eigenvalue g, and (a + b M P) b_0."""
    g, delta, c, p, a, b = sympy.symbols("g delta c P a b", positive=True)
    kept = f.ridge_filter(g, delta)
    first = kept / g * c
    trained = kept / g * (a * c + b * g * p * first)
    return trained, (a + b * kept**power * p) * first


@ROUNDS.identity("all polynomials", note="lemma: three rounds, any four coefficients")
def reached() -> tuple[Any, Any]:
    """Weights that make a given polynomial: each round puts one coefficient at the front."""
    c = sympy.symbols("c_0:4", real=True)
    weights = [(c[2], c[3]), (c[1], 1), (c[0], 1)]
    return after(3, weights), sum(c[k] * x**k for k in range(4))


@ROUNDS.forall(
    "all polynomials",
    witness={f"c{k}": k + 1 for k in range(5)} | {f"d{k}": k + 1 for k in range(5)},
    note="lemma: induction, a coefficient in front of any polynomial of degree one less",
)
def in_front(smt: Any) -> Any:
    """a + b M P with a = c_0, b = 1 has the coefficients (c_0, those of P)."""
    c = [smt.Real(f"c{k}") for k in range(5)]
    d = [smt.Real(f"d{k}") for k in range(5)]
    wanted = [d[0] == c[0], *(d[k] == c[k] for k in range(1, 5))]
    at = smt.Real("c1")
    value = c[0] + at * (c[1] + at * (c[2] + at * c[3]))
    return wanted, value == d[0] + d[1] * at + d[2] * at * at + d[3] * at * at * at


@ROUNDS.identity(
    "every shrinkage", note="lemma: Vandermonde", but={"two equal eigenvalues": {"equal": True}}
)
def vandermonde(equal: bool = False) -> tuple[Any, Any]:
    """The determinant at three eigenvalues is the product of their differences, never 0."""
    points = list(sympy.symbols("m_1:4", positive=True))
    product = (points[1] - points[0]) * (points[2] - points[0]) * (points[2] - points[1])
    if equal:
        points[1] = points[0]
    matrix = sympy.Matrix([[m**k for k in range(3)] for m in points])
    return sympy.factor(matrix.det()), product


@ROUNDS.identity(
    "weights of sum one", note="lemma: P(1)", but={"weights that add up to two": {"sum_to": 2}}
)
def at_one(sum_to: int = 1) -> tuple[Any, Any]:
    """P(1) stays 1 where it was 1."""
    a, b = sympy.symbols("a b", real=True)
    return (a + b * 1 * 1).subs(a, sum_to - b), sympy.Integer(1)


@ROUNDS.equal("r = 3", note="two rounds reach the shrinkages 1/2, 1/3 and 5 of M = 1/4, 1/2, 3/4")
def interpolated(digits: int) -> Pairs:
    """The weights of the interpolating polynomial, run as rounds in exact fractions."""
    del digits
    points = [Fraction(1, 4), Fraction(1, 2), Fraction(3, 4)]
    wanted = [Fraction(1, 2), Fraction(1, 3), Fraction(5)]
    c = sympy.Poly(sympy.interpolate(list(zip(points, wanted, strict=True)), x), x).all_coeffs()
    c0, c1, c2 = (Fraction(int(v.p), int(v.q)) for v in reversed(c))
    for m, value in zip(points, wanted, strict=True):
        first = c1 + c2 * m
        yield c0 + m * first, value


LITERAL = Claim(
    "10.rounds-literal",
    title="False: r - 1 rounds of mixing weights 1 - xi and xi reach every shrinkage",
    statement=r"\{P(M)\hat\beta:\ P=(1-\xi_k)+\xi_kMP_{k-1},\ k=r-1\}"
    r" = \text{all shrinkages of the }r\text{ directions (false: }P(1)=1)",
    source="neighbouring",
    needs=("10.rounds",),
    expect="refuted",
    steps=[
        Step(
            "r = 2, one round: both shrinkages 0 need 1 - xi + xi m = 0 at two different m;"
            " two rounds have the two parameters that it takes.",
            lambda: sympy.solve(1 - A[0] + A[0] * x, A[0])[0],
        ),
    ],
)


@LITERAL.forall("whole")
def one_round(smt: Any) -> Any:
    """One round shrinks two directions by s_1 and s_2, whatever these are."""
    xi, m, other = (smt.Real(name) for name in ("xi", "m", "m2"))
    # at ridge 1 the derivative of a direction's share 1 by the ridge is -(1 - m)
    first, second = (f.mixed_student(1, value - 1, 1, xi) for value in (m, other))
    inside = [m > 0, m < other, other < 1, first == 0]
    return inside, second == 0


@LITERAL.equal("r = 2", note="the second shrinkage where the first is 0, m = 1/4 and 1/2")
def second_shrinkage(digits: int) -> Pairs:
    """xi = 4/3 makes the first 0 and the second 1/3, which was to be 0 as well."""
    del digits
    xi = 1 / (1 - Fraction(1, 4))
    yield 1 - xi + xi / 2, 0


@LITERAL.equal("two rounds", but={"the same weights in both rounds": {"again": True}})
def two_rounds(digits: int, again: bool = False) -> Pairs:
    """Two rounds reach the two shrinkages 2 and 3 at m = 1/4 and 1/2."""
    del digits
    points, wanted = (Fraction(1, 4), Fraction(1, 2)), (Fraction(2), Fraction(3))
    # c_0 + c_1 m + (1 - c_0 - c_1) m^2
    c, pairs = sympy.symbols("c_0 c_1"), list(zip(points, wanted, strict=True))
    found = sympy.solve(
        [c[0] + c[1] * p + (1 - c[0] - c[1]) * p * p - w for p, w in pairs],
        c,
    )
    c0, c1 = (Fraction(int(found[v].p), int(found[v].q)) for v in c)
    last = 1 - c0
    first = last if again else 1 - c1 / last
    for m, value in zip(points, wanted, strict=True):
        yield 1 - last + last * m * (1 - first + first * m), value
