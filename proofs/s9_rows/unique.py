"""Claim of section 9, any rows: the equation (9) has at most one solution, that is reached."""

from fractions import Fraction
from typing import Any

from kdverify.evidence import Claim, Step

from ..lib.balls import number, random_pools
from ..lib.modes import Pairs

UNIQUE = Claim(
    "9.unique",
    title="Any rows: (9) has at most one solution, and the iteration reaches it from any start",
    statement=r"b = f(b),\ b' = f(b')\ \Rightarrow\ b = b';\quad f^k(b_0)\to b\ \text{from any}"
    r"\ b_0>0,\ \text{where there is a solution}",
    source="classic",
    needs=("9.interference",),
    parts=("unique", "reached"),
    steps=[
        Step(
            "Two solutions, c = max b'/b > 1 (else exchange them): b' <= c b, so that in the row"
            " of the maximum b' = f(b') <= f(c b) < c f(b) = c b = b'."
        ),
        Step(
            "Reached (Yates 1995): c b with c > 1 is mapped below itself and b/c above itself;"
            " from there the iteration is monotone and bounded, and ends in a solution, the one"
            " there is. Any start lies between b/c and c b for some c, and f is monotone."
        ),
        Step(
            "So low <= f(low), f(high) <= high, low <= high enclose the solution, in ball"
            " arithmetic with certainty."
        ),
    ],
)


@UNIQUE.forall(
    "unique",
    witness={"b": "1", "c": "2", "f": "1", "f'": "1", "f_c": "3/2"},
    note="lemma: the row where b'/b is largest",
    but={"f(cb) <= c f(b) only": {"strict": False}},
)
def no_second_solution(smt: Any, strict: bool = True) -> Any:
    """The row where b'/b is largest, c > 1: ``b' = f(b') <= f(c b) < c f(b) = c b = b'``."""
    b, c, own, renewed, scaled = (smt.Real(v) for v in ("b", "c", "f", "f'", "f_c"))
    below = scaled < c * own if strict else scaled <= c * own
    assumptions = [b > 0, c > 1, own == b, renewed <= scaled, below]
    return assumptions, renewed != c * b


@UNIQUE.forall("reached", note="lemma: c b is mapped below itself, b/c above itself")
def bracketed(smt: Any) -> Any:
    """``f(c b) < c b`` and ``f(b/c) > b/c`` at a solution b, by scaling at b and at b/c."""
    b, c, own, up, down = (smt.Real(v) for v in ("b", "c", "f", "f_up", "f_down"))
    assumptions = [b > 0, c > 1, own == b, up < c * own, own < c * down]
    return assumptions, smt.And(up < c * b, down > b / c)


@UNIQUE.below("two pools, from 10^6 and 10^-6", but={"reached in one step": {"steps": 1}})
def from_far(digits: int, steps: int = 160) -> Pairs:
    """The plain iteration from 10^6 and 10^-6: above and below the solution, always nearer."""
    for pool in random_pools()[1::2]:
        solution = pool.enclosed(digits).b
        for start in (Fraction(10**6), Fraction(1, 10**6)):
            b = [number(start)] * pool.size
            gap = None
            for step in range(steps):
                b = [ball.mid() for ball in pool.renewed(b)]
                if step % 40 == 0:
                    gaps = [abs((x / y).log()) for x, y in zip(b, solution, strict=True)]
                    worst = max(gaps, key=lambda ball: float(ball.mid()))
                    if gap is not None:
                        yield worst, gap
                    gap = worst
            yield gap, number(Fraction(1, 10))
