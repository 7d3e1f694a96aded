"""Claims 12.student-exponent and 12.never-improves: against a teacher with few features."""

from fractions import Fraction
from typing import Any

import sympy

from kdverify import formulas as f
from kdverify.arithmetic import BALLS
from kdverify.evidence import Claim, Step
from kdverify.problem import Problem

from ..lib.modes import Pairs
from ..lib.weak_to_strong import ENDLESS, Teacher, local_exponents

STUDENT = Claim(
    id="12.student-exponent",
    title="Limited by its features only, a teacher has a student with a better exponent",
    statement=r"m = \infty,\ b = \min(\beta-1,2\alpha) > \alpha:\quad R(\text{teacher}) \sim"
    r" q_t^{-\alpha},\qquad \min_{\nu_s} R(\text{student}) \sim q_t^{-b(2\alpha+1)/(b+\alpha+1)},"
    r"\quad \text{reached at } \nu_s = k_s^{-\alpha},\ k_s = q_t^{(2\alpha+1)/(b+\alpha+1)}",
    needs=("12.two-stages", "12.exponents", "5.exponents"),
    parts=("balance", "best", "better"),
    steps=[
        Step("m = infinity: Upsilon = 0, eta = 1, and the teacher's risk is sum i^-beta zeta_t."),
        Step(
            "Its coordinates have the variance zeta_t^2 B/(q - T_2), B = sum (1-zeta_t)^2 beta*^2"
            " bounded for beta > alpha + 1 (claim 12.law; V/m is 0)."
        ),
        Step(
            "A student of endless data keeps k_s = q_t^a modes, a < 1. Its bias falls as q_t^(-ab);"
            " the variance kept is of order nu_t^2 k_s^(alpha+1)/q_t = q_t^(a(alpha+1)-2 alpha-1)."
        ),
        Step(
            "The smaller of both exponents is largest where they are equal.", lambda: balance()[1]
        ),
    ],
)

NEVER = Claim(
    id="12.never-improves",
    title="False reading: a student never improves the exponent of its teacher",
    statement=r"R(\text{student}) \gtrsim R(\text{its teacher})\ \text{as}\ q_t\to\infty",
    source="neighbouring",
    needs=("12.student-exponent",),
    expect="refuted",
    steps=[
        Step(
            "Section 5 says this of strong labels: the best teacher of all has a student whose risk"
            " is a constant share of that on strong labels. It does not say it of the teacher."
        )
    ],
)


@STUDENT.identity("balance", but={"alpha for alpha + 1": {"lost": 1}})
def balance(lost: int = 0) -> tuple[Any, Any]:
    """ab and 2 alpha + 1 - a (alpha + 1) at the a where they are equal."""
    alpha, decay = sympy.symbols("alpha b", positive=True)
    kept = (2 * alpha + 1) / (decay + alpha + 1)
    found = f.feature_student_exponent(alpha, decay)
    return [found, found], [kept * decay, 2 * alpha + 1 - kept * (alpha + 1 - lost)]


@STUDENT.forall(
    "best",
    witness={"alpha": 2, "b": 3, "a": "1/2"},
    but={"already at alpha": {"exact": False}},
)
def no_ridge_is_better(smt: Any, exact: bool = True) -> Any:
    """min(ab, 2 alpha + 1 - a(alpha+1)) is at most the library's exponent, whatever a."""
    alpha, decay, kept = smt.Real("alpha"), smt.Real("b"), smt.Real("a")
    inside = [alpha > 1, decay > alpha, decay <= 2 * alpha, kept > 0, kept <= 1]
    bias, variance = kept * decay, 2 * alpha + 1 - kept * (alpha + 1)
    best = f.feature_student_exponent(alpha, decay) if exact else alpha
    return inside, smt.Or(bias <= best, variance <= best)


@STUDENT.forall("better", witness={"alpha": 2, "b": 3}, but={"more than twice": {"least": 2}})
def better_than_teacher(smt: Any, least: int = 1) -> Any:
    """alpha < exponent <= b <= 2 alpha: better, and at most the square (claim 12.teacher-limit)."""
    alpha, decay = smt.Real("alpha"), smt.Real("b")
    inside = [alpha > 1, decay > alpha, decay <= 2 * alpha]
    found = f.feature_student_exponent(alpha, decay)
    return inside, smt.And(found > least * alpha, found < decay)


SETTINGS = (("2.5", "6.5"), ("2", "4"))
SIZES = (10, 40, 160)


@STUDENT.below("two power laws", but={"a tenth higher": {"more": Fraction(1, 10)}})
def exponents_at_hand(digits: int, more: Any = 0) -> Pairs:
    """Local exponents for q_t = 10, 40, 160, p = 2000: theory less 0.2 < student's < theory.

    The student's rises to its limit, and is above the teacher's, which is within 0.13 of alpha.
    """
    for alpha, beta in SETTINGS:
        a, decay = Fraction(alpha), min(Fraction(beta) - 1, 2 * Fraction(alpha))
        limit = f.feature_student_exponent(a, decay) * (1 + more)
        teachers, students = risks(alpha, beta, decay, digits)
        for value in local_exponents(SIZES, students):
            yield limit - Fraction(1, 5), value
            yield value, limit
        for value in local_exponents(SIZES, teachers):
            yield (
                abs(value - a.numerator / BALLS.number(Fraction(a.denominator))),
                Fraction(13, 100),
            )


def risks(alpha: str, beta: str, decay: Fraction, digits: int) -> tuple[list[Any], list[Any]]:
    """Teachers and their students at the balanced ridge."""
    problem, a = Problem.power_law(2000, alpha, beta), Fraction(alpha)
    kept = BALLS.number((2 * a + 1) / (decay + a + 1))
    teachers = [Teacher(problem, ENDLESS, q, Fraction(0), digits) for q in SIZES]
    students = [
        teacher.student(BALLS.number(Fraction(q)) ** kept)
        for teacher, q in zip(teachers, SIZES, strict=True)
    ]
    return [teacher.risk for teacher in teachers], students


@NEVER.below("whole")
def student_no_better(digits: int) -> Pairs:
    """The reading: the student's local exponents are below the teacher's."""
    for alpha, beta in SETTINGS:
        decay = min(Fraction(beta) - 1, 2 * Fraction(alpha))
        teachers, students = (
            local_exponents(SIZES, values) for values in risks(alpha, beta, decay, digits)
        )
        yield from zip(students, teachers, strict=True)


@NEVER.forall("whole", witness={"alpha": 2, "b": 3})
def limits_no_better(smt: Any) -> Any:
    """The reading, of the limits: exponent <= alpha."""
    alpha, decay = smt.Real("alpha"), smt.Real("b")
    inside = [alpha > 1, decay > alpha, decay <= 2 * alpha]
    return inside, f.feature_student_exponent(alpha, decay) <= alpha


@NEVER.enclosed("alpha = 2, beta = 4", value="2.5", but={"another digit": {"value": "2.6"}})
def at_two(digits: int) -> Any:
    """The student's exponent where the teacher's is 2."""
    return BALLS.number(f.feature_student_exponent(Fraction(2), Fraction(3)))
