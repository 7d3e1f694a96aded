"""Claim 12.noisy-teacher: a teacher whose risk does not fall at all, and its student."""

from fractions import Fraction
from functools import cache
from typing import Any

import sympy

from kdverify import formulas as f
from kdverify.arithmetic import BALLS
from kdverify.evidence import Claim, Step
from kdverify.problem import Problem
from kdverify.random_features import certified

from ..lib.modes import Pairs
from ..lib.weak_to_strong import Teacher, local_exponents

CLAIM = Claim(
    id="12.noisy-teacher",
    title="A ridgeless teacher of noisy labels stays on a plateau; its student has the best rate",
    statement=r"\sigma^2>0,\ \delta_t=0,\ q_t=cm,\ b = \min(\beta-1,2\alpha):\quad"
    r" R(\text{teacher}) \to \sigma^2\big(\alpha-1+\tfrac1{c-1}\big),\qquad \min_{\nu_s}"
    r"R(\text{student}) \sim m^{-b/(b+1)} \sim \min_\delta R(\text{strong labels, the same } m)",
    source="neighbouring",
    needs=("12.plateau", "12.two-stages", "6.teacher-exponent"),
    parts=("balance", "best", "limits"),
    steps=[
        Step(
            "The teacher's variance does not fall (claim 12.plateau); it is spread over all modes."
        ),
        Step(
            "A student of endless data that keeps k modes keeps k/m of it and misses k^-b of the"
            " signal: k = m^(1/(b+1)) gives both the exponent b/(b+1).",
            lambda: balance()[0],
        ),
        Step(
            "So does the best ridge on the teacher's own m noisy labels: bias k^-b and variance"
            " sigma^2 k/m. The student is as good as tuning would have been, not better."
        ),
        Step(
            "Wu, Chen, Misiakiewicz, Mondelli 2026 state such a student for random-feature ridge"
            " regression; the plateau's constant and the comparison with tuning are ours."
        ),
    ],
)

SIZES = (20, 80, 320)
NOISE = Fraction(1)


@CLAIM.identity("balance", but={"noise kept as (k/m)^2": {"power": 2}})
def balance(power: int = 1) -> tuple[Any, Any]:
    """The exponents of bias and variance at k = m^(1/(b+1)), and the library's."""
    decay = sympy.Symbol("b", positive=True)
    kept = 1 / (decay + 1)
    found = f.tuned_exponent(decay)
    return [decay * kept, power * (1 - kept)], [found, found]


@CLAIM.forall("best", witness={"b": 1, "a": "1/2"}, but={"a tenth more": {"more": "11/10"}})
def no_ridge_is_better(smt: Any, more: str = "1") -> Any:
    """min(ab, 1 - a) is at most b/(b+1), whatever a; above 0, the teacher's."""
    decay, kept = smt.Real("b"), smt.Real("a")
    inside = [decay > 0, kept > 0, kept < 1]
    bias, variance, best = decay * kept, 1 - kept, f.tuned_exponent(decay)
    reached = smt.Or(bias >= smt.number(more) * best, variance >= smt.number(more) * best)
    return inside, smt.And(smt.And(reached, best > 0), smt.Or(bias <= best, variance <= best))


@cache
def teachers(digits: int) -> tuple[Teacher, ...]:
    """alpha = beta = 2, p = 2000, c = 4: sigma^2 = 1."""
    problem = Problem.power_law(2000, 2, 2)
    return tuple(Teacher(problem, m, 4 * m, NOISE, digits) for m in SIZES)


@CLAIM.below("at hand", but={"students no better": {"student": 0}, "falling": {"level": "1.6"}})
def at_hand(digits: int, student: int = 1, level: str = "1.25") -> Pairs:
    """Teachers above 1.25, students' and tuned local exponents within 0.1 of 1/2.

    The plateau is 4/3 at p = infinity, somewhat higher at p = 2000.
    """
    found = teachers(digits)
    for teacher in found:
        yield BALLS.number(Fraction(level)), teacher.risk
    roots = [BALLS.number(Fraction(m)).sqrt() for m in SIZES]
    students = [t.student(k) if student else t.risk for t, k in zip(found, roots, strict=True)]
    tuned = [
        certified.risk(found[0].problem, m, 4 * m, None, NOISE, ridge_for(m), digits) for m in SIZES
    ]
    for values in (students, tuned):
        for value in local_exponents(SIZES, values):
            yield abs(value - Fraction(1, 2).numerator / BALLS.number(Fraction(2))), Fraction(1, 10)


def ridge_for(m: int) -> Fraction:
    """delta = m nu at nu = k^-alpha with k = m^(1/2), alpha = 2: always 1."""
    return Fraction(m, m)


@CLAIM.equal("limits", guard=12, but={"c = 3": {"ratio": 3}})
def same_exponent(digits: int, ratio: int = 4) -> Pairs:
    """The plateau at alpha = 2, c = 4, and b/(b+1) at b = 1."""
    yield BALLS.number(Fraction(f.feature_plateau(Fraction(2), Fraction(ratio)))), Fraction(4, 3)
    yield BALLS.number(f.tuned_exponent(Fraction(1))), Fraction(1, 2)
