"""Claim 10.two-ridges: a student of its teacher's labels on the same data, two ridges."""

from typing import Any

import flint
import sympy

from kdverify import formulas as f
from kdverify.evidence import Claim, Step

from ..lib.balls import matrix as balls
from ..lib.modes import Pairs

TWO_RIDGES = Claim(
    "10.two-ridges",
    title="Teacher and student on the same data with two ridges: a combination of both",
    statement=r"\tilde\beta = \frac{\delta_s\hat\beta_{\delta_s} -"
    r" \delta_t\hat\beta_{\delta_t}}{\delta_s-\delta_t};\quad \delta_t=0:"
    r"\ \tilde\beta=\hat\beta_{\delta_s};\quad \delta_s = 0:\ \tilde\beta=\hat\beta_{\delta_t}",
    source="neighbouring",
    needs=("10.same-data",),
    parts=("combination", "interpolating teacher", "ridgeless student", "same ridge", "mixed"),
    steps=[
        Step("One eigenvalue g of X'X: filters multiply.", lambda: both()[0]),
        Step("Partial fractions in g.", lambda: both()[1]),
        Step(
            "A teacher without ridge fits y on the rows' span, so that its labels are y there; a"
            " student without ridge fits its teacher's labels, which its teacher's coefficients"
            " do as well: ridgeless self-distillation on the same data changes nothing."
        ),
    ],
)

g, student, teacher, c, xi = sympy.symbols("g delta_s delta_t c xi", positive=True)


def solution(ridge: Any) -> Any:
    """One coordinate of the ridge solution for one eigenvalue g > 0."""
    return f.ridge_filter(g, ridge) / g * c


@TWO_RIDGES.identity("combination", but={"weights exchanged": {"exchanged": True}})
def both(exchanged: bool = False) -> tuple[Any, Any]:
    """The student of X b_t, and the combination."""
    trained = f.ridge_filter(g, student) * solution(teacher)
    one, other = solution(student), solution(teacher)
    if exchanged:
        one, other = other, one
    return trained, f.self_distilled(one, other, student, teacher)


@TWO_RIDGES.identity("interpolating teacher")
def interpolating_teacher() -> tuple[Any, Any]:
    """delta_t = 0 on the rows' span, where g > 0."""
    return f.ridge_filter(g, student) * solution(0), solution(student)


@TWO_RIDGES.identity("ridgeless student")
def ridgeless_student() -> tuple[Any, Any]:
    """delta_s = 0."""
    return f.ridge_filter(g, 0) * solution(teacher), solution(teacher)


@TWO_RIDGES.limit("same ridge", symbol=student, point=sympy.Integer(3))
def same_ridge() -> tuple[Any, Any]:
    """delta_s -> delta_t = 3: the student of `10.same-data` at xi = 1."""
    combined = f.self_distilled(solution(student), solution(3), student, 3)
    along = sympy.diff(solution(student), student).subs(student, 3)
    return combined, f.mixed_student(solution(3), along, 3, 1)


@TWO_RIDGES.identity("mixed", but={"the student's ridge for the teacher's": {"of": "student"}})
def mixed(of: str = "teacher") -> tuple[Any, Any]:
    """The student of (1 - xi) y + xi X b_t, by the secant through both ridges."""
    labels = (1 - xi) * c + xi * g * solution(teacher)
    secant = (solution(student) - solution(teacher)) / (student - teacher)
    ridge = teacher if of == "teacher" else student
    return f.ridge_filter(g, student) / g * labels, f.mixed_student(
        solution(student), secant, ridge, xi
    )


@TWO_RIDGES.equal("four rows of three", but={"ridges exchanged": {"exchanged": True}})
def trained_twice(digits: int, exchanged: bool = False) -> Pairs:
    """Trained in balls: ridge 2 after ridge 5, and the combination of both."""
    del digits
    x = balls([[1, 2, -1], [0, 1, 3], [2, -1, 1], [1, 1, 1]])
    labels = balls([[1], [-2], [3], [1]])

    def fit(ridge: int, target: Any) -> Any:
        gram = x.transpose() * x + balls([[ridge * (i == j) for j in range(3)] for i in range(3)])
        return gram.solve(x.transpose() * target)

    trained = fit(2, x * fit(5, labels))
    pair = (5, 2) if exchanged else (2, 5)
    one, other = fit(pair[0], labels), fit(pair[1], labels)
    for i in range(3):
        yield trained[i, 0], f.self_distilled(one[i, 0], other[i, 0], flint.arb(2), flint.arb(5))
