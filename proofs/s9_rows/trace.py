"""Claim of section 9, any rows: when (9) has a solution, and the trace of I - M."""

from fractions import Fraction
from typing import Any

from kdverify import formulas as f
from kdverify.evidence import Claim, Step

from ..lib import words as w
from ..lib.balls import number, random_pools
from ..lib.modes import Pairs
from ..lib.pools import solved_pools

TRACE = Claim(
    "9.trace",
    title="Any rows: tr(I - M) is n less the ridge's share; rows that are zero teach nothing",
    statement=r"{\rm tr}(I-M) = n - n\,\delta\,E[1/b] = n\,P(x\ne0) - n\,\delta\,"
    r"E[1/b;\,x\ne0]",
    needs=("9.unique",),
    steps=[
        Step("I - M = S M with S = n E[x x'/b], so that tr(I - M) = n E[x'Mx/b]."),
        Step("x'Mx = b - delta; for a zero row b = delta, and its share is zero."),
        Step("Without ridge a zero row leaves the equation, and n counts the others only."),
    ],
)


@TRACE.identity("whole", note="words, and one row's share")
def learnt_words() -> tuple[list[Any], list[Any]]:
    """``I - M = S M``, and one row's share ``x'Mx/b = 1 - delta/b``."""
    (left, right), b = w.coefficients(*w.learnt()), f.row_scale(w.delta, w.form)
    return [*left, f.row_weight(w.form, b)], [*right, 1 - w.delta / b]


@TRACE.identity(
    "four pools, rational, with a zero row and two equal ones",
    but={"n, with a ridge": {"ridge_counts": False}},
)
def exact_traces(ridge_counts: bool = True) -> tuple[list[Any], list[Any]]:
    """``tr(I - M)`` and ``n - n delta E[1/b]`` at exact solutions, a zero row among them."""
    traces, claimed = [], []
    for pool in solved_pools():
        traces.append((pool.unit.eye - pool.unit.M).trace())
        lost = sum(pool.ridge / b for b in pool.b) / len(pool.b) if ridge_counts else 0
        claimed.append(pool.n - pool.n * lost)
    return traces, claimed


@TRACE.equal("five pools", guard=9, but={"n + 1/1000": {"excess": Fraction(1, 1000)}})
def solved_traces(digits: int, excess: Fraction = Fraction(0)) -> Pairs:
    """The same on balls, without ridge and with."""
    for pool in random_pools():
        at = pool.enclosed(digits)
        lost = sum((number(pool.ridge) / b for b in at.b), number(0)) / at.size
        trace = sum((1 - at.M[i, i] for i in range(4)), number(0))
        yield trace, number(pool.n + excess) * (1 - lost)
