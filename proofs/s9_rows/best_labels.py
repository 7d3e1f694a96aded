"""Claims of section 9, any rows: the best teachers, linear or not."""

from __future__ import annotations

from fractions import Fraction
from functools import cache
from typing import Any

import sympy

from kdverify import formulas as f
from kdverify.evidence import (
    Claim,
    Control,
    Enclosure,
    Forall,
    Identity,
    Step,
)

from ..lib.modes import Pairs
from ..lib.pools import ExactPool, solve, solved_pools


@cache
def label_problem(seed: int) -> tuple[Any, Any, Any, Any, Any]:
    """A pool, A, the matrix Q of (11) in the labels, the linear part, and beta*."""
    solved = solved_pools()[seed]
    # rows over sqrt(b): x'Dx/b is u'Du, and b = 1 for all of them
    unit = [sympy.Matrix(u[:2]) for u in solved.directions[:4]]
    pool = ExactPool(unit, [sympy.Integer(1)] * 4, [], sympy.Rational(3, 2))
    A = pool.gram(solved.b[:4])
    units = [[sympy.Integer(int(i == j)) for j in range(4)] for i in range(4)]
    own = [pool.second_moment_of(unit, A) for unit in units]

    def pair(i: int, j: int) -> Any:
        both = pool.second_moment_of([a + b for a, b in zip(units[i], units[j], strict=True)], A)
        return own[i] if i == j else (both - own[i] - own[j]) / 2

    Q = sympy.Matrix(4, 4, lambda i, j: pair(min(i, j), max(i, j)))
    truth = sympy.Matrix([2, -1])
    aim = (pool.eye - pool.M) * A * truth
    linear = sympy.Matrix([(pool.theta_of(unit).T * aim)[0, 0] for unit in units])
    return pool, A, Q, linear, truth


def completed(shift: int = 0) -> tuple[list[Any], list[Any]]:
    """The error for arbitrary labels, and at the best ones plus a square: rational pools."""
    left, right = [], []
    for seed in range(2):
        pool, A, Q, linear, truth = label_problem(seed)
        best = solve(Q, linear)
        labels = sympy.Matrix([3, -1, seed, 2])
        aim = (pool.eye - pool.M) * A * truth
        error = pool.second_moment_of(list(labels), A)
        left.append(error - 2 * (pool.theta_of(list(labels)).T * aim)[0, 0])
        gap = labels - best + shift * sympy.ones(4, 1)
        right.append((gap.T * Q * gap)[0, 0] - (best.T * linear)[0, 0])
    return left, right


def better(digits: int, swapped: bool = False) -> Pairs:
    """The best labels' error below that of the best linear surrogate's labels; Q's minors > 0."""
    for seed in range(2):
        pool, A, Q, linear, truth = label_problem(seed)
        for k in range(1, 5):
            yield 0, _fraction(Q[:k, :k].det())
        D, _ = pool.response(A)
        K = f.teacher_form(A, pool.M * A, A * pool.M, D)
        aim = (pool.eye - pool.M) * A * truth
        free = -(linear.T * solve(Q, linear))[0, 0]
        restricted = -(aim.T * solve(K, aim))[0, 0]
        pair = (_fraction(free), _fraction(restricted))
        yield pair[::-1] if swapped else pair


def _fraction(value: Any) -> Fraction:
    return Fraction(int(value.p), int(value.q))


def weight_is_positive(smt: Any, coupled: str = "1") -> Any:
    """Two equal rows: ``u = c + j u`` with 0 <= j < 1 and c >= 0 has u >= 0."""
    u, c, j = smt.Real("u"), smt.Real("c"), smt.Real("j")
    return [c >= 0, j >= 0, j < smt.number(coupled), u == c + j * u], u >= 0


BEST_LABELS = Claim(
    id="9.best-labels",
    title="Any rows: the error is convex and quadratic in the labels, linear or not",
    statement=r"y\mapsto R\ \text{is}\ |E\hat\beta|_A^2 + nE[(y-x^\top E\hat\beta)^2"
    r"x^\top D_Ax/b^2] - 2c^\top E\hat\beta + \text{const}:\ \text{convex; its minimum is never"
    r" above that of linear labels}",
    source="new",
    needs=("9.variance", "9.best-surrogate"),
    parts=("weights", "two pools"),
    steps=[
        Step(
            "9.variance: a sum of squares of linear functions of the labels, with the weights"
            " n x'Dx/b^2 >= 0; E beta_hat = (I - M) theta is linear in the labels."
        ),
        Step(
            "x'Dx >= 0: u = (I - J)^-1 c = c + J c + J^2 c + ..., all terms at least 0 (J >= 0,"
            " its rows sum to less than 1)."
        ),
        Step("So the best labels solve a linear system; linear labels are a subspace of them."),
    ],
    evidence=[
        Forall("weights", build=weight_is_positive, note="the smallest u of a row sum j < 1"),
        Identity(
            "two pools",
            left=lambda: completed()[0],
            right=lambda: completed()[1],
            note="rational: the completed square",
        ),
        Enclosure("two pools", below=better, note="positive definite, strictly better"),
    ],
    controls=[
        Control(
            Identity("two pools", left=lambda: completed(1)[0], right=lambda: completed(1)[1]),
            wrong="other best labels",
        ),
        Control(
            Forall("weights", build=lambda smt: weight_is_positive(smt, "3")), wrong="j up to 3"
        ),
        Control(Enclosure("two pools", below=lambda d: better(d, swapped=True)), wrong="the order"),
    ],
)


CLAIMS = [BEST_LABELS]

if __name__ == "__main__":
    from kdverify.verify import run_as_script

    raise SystemExit(run_as_script(CLAIMS))
