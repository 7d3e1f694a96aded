"""Claim 14.misfit: what a student of infinitely many labels gains is at least its misfit."""

from fractions import Fraction
from typing import Any

import sympy

from kdverify import formulas as f
from kdverify.evidence import Claim, Step

from ..lib.balls import matrix
from ..lib.modes import Pairs

MISFIT = Claim(
    "14.misfit",
    title="A student that is its teacher's projection gains at least what it disagrees with",
    statement=r"f_S=\arg\min_{f\in\mathcal F}\lVert f-f_T\rVert,\ f^*\in\mathcal F\text{ convex}:"
    r"\quad \lVert f_S-f^*\rVert^2 \le \lVert f_T-f^*\rVert^2 - \lVert f_S-f_T\rVert^2,"
    r"\text{ equality for a linear class}",
    source="neighbouring",
    parts=("expansion", "angle", "inequality", "linear class"),
    steps=[
        Step(
            "With c = <f_T - f_S, f* - f_S> the slack is -2 c, in any Hilbert space: L^2 of the"
            " rows, n -> infinity, where the student is the best fit to its teacher's labels.",
            lambda: expansion()[1],
        ),
        Step(
            "f_S + t (f* - f_S) is in the class for 0 <= t <= 1, and no nearer to f_T:"
            " 0 <= -2 t c + t^2 |f* - f_S|^2. With a small t this is c <= 0."
        ),
        Step("In a linear class t may be negative as well: c = 0."),
    ],
)


@MISFIT.identity("expansion", note="two coordinates; both sides are quadratic forms")
def expansion() -> tuple[Any, Any]:
    """The slack, and -2 <f_T - f_S, f* - f_S>."""
    teacher, student, truth = (
        sympy.Matrix(sympy.symbols(f"{name}_1 {name}_2", real=True)) for name in "TSf"
    )

    def square(v: Any) -> Any:
        return (v.T * v)[0]

    slack = f.projection_slack(
        square(teacher - truth), square(student - truth), square(student - teacher)
    )
    return slack, -2 * ((teacher - student).T * (truth - student))[0]


@MISFIT.forall(
    "angle",
    witness={"c": -1, "d": 3},
    note="lemma: convexity",
    but={"with the opposite of the small step": {"step": -1}},
)
def angle(smt: Any, step: int = 1) -> Any:
    """c <= 0: else some t in (0, 1] would bring the student nearer, t = c/(c + d) for one."""
    product, distance = smt.Real("c"), smt.Real("d")
    t = step * product / (product + distance)
    nearer = -2 * t * product + t * t * distance
    inside = [distance > 0, smt.Or(product <= 0, smt.And(t > 0, t <= 1, nearer >= 0))]
    if step == 1:
        return inside, product <= 0
    return [distance > 0, product > 0, product < distance, t < 0], nearer < 0


@MISFIT.forall("inequality", witness={"T": 3, "S": 1, "c": -1, "m": 0})
def inequality(smt: Any) -> Any:
    """The slack -2 c is not negative."""
    teacher, student, product, misfit = (smt.Real(name) for name in ("T", "S", "c", "m"))
    slack = f.projection_slack(teacher, student, misfit)
    return [product <= 0, slack == -2 * product], slack >= 0


@MISFIT.forall("linear class", witness={"c": 0, "d": 1}, note="lemma: steps of both signs")
def linear(smt: Any) -> Any:
    """c = 0 where steps of both signs bring nothing, of any size."""
    product, distance = smt.Real("c"), smt.Real("d")
    t = product / distance
    inside = [distance > 0, -2 * t * product + t * t * distance >= 0]
    return inside, product == 0


@MISFIT.equal("least squares", note="span of two of three; equality", but={"a third": {"off": 1}})
def subspace(digits: int, off: int = 0) -> Pairs:
    """The projection of a teacher on a plane, in exact balls."""
    del digits
    basis = matrix([[1, 0], [2, 1], [-1, 3]])
    truth = basis * matrix([[2], [Fraction(1, 3)]])
    teacher = matrix([[1], [5], [7]])
    gram = basis.transpose() * basis
    student = basis * gram.solve(basis.transpose() * teacher)
    student = student + matrix([[0], [0], [Fraction(off, 7)]])

    def square(v: Any) -> Any:
        return (v.transpose() * v)[0, 0]

    yield (
        f.projection_slack(square(teacher - truth), square(student - truth), 0),
        square(student - teacher),
    )


@MISFIT.below("a half-line", note="strict", but={"not convex: two points": {"points": True}})
def cone(digits: int, points: bool = False) -> Pairs:
    """Class {t (1, 0): t >= 0}, truth (2, 0), teacher (-1, 1): the student is 0, slack 4.

    On the two points 0 and 2 a teacher at (0.9, 0) leads to 0: the slack is -3.6.
    """
    del digits
    if points:
        teacher, student, misfit = Fraction(121, 100), Fraction(4), Fraction(81, 100)
    else:
        teacher, student, misfit = Fraction(10), Fraction(4), Fraction(2)
    yield 0, f.projection_slack(teacher, student, misfit)
