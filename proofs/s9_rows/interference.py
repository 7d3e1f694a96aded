"""Claim of section 9, any rows: the equation (9) has at most one solution, that is reached."""

from fractions import Fraction
from typing import Any

from kdverify import formulas as f
from kdverify.evidence import Claim, Step

from ..lib import words as w
from ..lib.balls import number, random_pools
from ..lib.modes import Pairs

INTERFERENCE = Claim(
    "9.interference",
    title="Any rows: the right-hand side of (9) is a standard interference function of b",
    statement=r"f(b) = \delta + x^\top(I+nE[x'x'^\top/b'])^{-1}x:\quad f > 0,\quad b\le b'"
    r"\Rightarrow f(b)\le f(b'),\quad f(cb) < c\,f(b)\ \text{for}\ c>1,\ x\ne0,\ \delta\ge0",
    source="classic",
    parts=("monotone", "scalable"),
    steps=[
        Step(
            "M^-1 = I + S(b) and S(b) >= S(b') for b <= b': with G = S(b) - S(b') >= 0,"
            " M' - M = M G M + M G M' G M, both terms positive semidefinite."
        ),
        Step(
            "c M - (I + S/c)^-1 has the eigenvalues c (c - 1)/((1 + s)(c + s)) > 0 on those of S:"
            " strict for every row that is not zero, with and without ridge."
        ),
    ],
)


@INTERFERENCE.identity(
    "monotone", note="lemma: words: any size", but={"the second square subtracted": {"sign": -1}}
)
def monotone(sign: int = 1) -> tuple[Any, ...]:
    """``M' - M`` and its two squares, word by word."""
    return w.coefficients(*w.monotone(sign))


@INTERFERENCE.forall(
    "monotone",
    note="lemma: one eigenvalue of G and of M'",
    but={"the second square subtracted": {"sign": -1}},
)
def nonnegative_squares(smt: Any, sign: int = 1) -> Any:
    """One eigenvalue g of G >= 0 and one of M': what it adds to ``y'(M' - M)y``, y = M x."""
    g, larger, y, z = (smt.Real(s) for s in ("g", "m'", "y", "z"))
    added = g * y * y + sign * larger * z * z
    return [g >= 0, larger > 0], added >= 0


@INTERFERENCE.forall(
    "scalable", note="one eigenvalue", but={"a gap of at least 1/100": {"at_least": "1/100"}}
)
def scalable(smt: Any, at_least: str = "0") -> Any:
    """One eigenvalue s of ``n E[x x'/b]`` and one coordinate of x: ``c f(b) - f(c b) > 0``."""
    s, c, ridge, y = (smt.Real(v) for v in ("s", "c", "delta", "y"))
    form, scaled = y * y / (1 + s), y * y / (1 + s / c)
    gap = c * f.row_scale(ridge, form) - f.row_scale(ridge, scaled)
    return [c > 1, s >= 0, ridge >= 0, y != 0], gap > smt.number(at_least)


@INTERFERENCE.below("five pools", but={"f(2b) < 3/2 f(b)": {"factor": Fraction(2)}})
def properties(digits: int, factor: Fraction = Fraction(3, 2)) -> Pairs:
    """``0 < f(b) < f(b') < c f(b)`` for ``b < b' = c b`` in one entry, ``<=`` in all."""
    c = number(factor)
    for pool in random_pools():
        b = [number(2 + i) for i in range(pool.size)]
        raised = [b[0] * c, *b[1:]]
        own, more, scaled = (pool.renewed(v) for v in (b, raised, [c * v for v in b]))
        for i in range(pool.size):
            yield 0, own[i]
            yield own[i], more[i]
            yield more[i], scaled[i]
            yield scaled[i], number(Fraction(3, 2)) * own[i]
