"""Claim of section 9, any rows: the best teachers, linear or not."""

from fractions import Fraction
from functools import cache
from typing import Any

import sympy

from kdverify import formulas as f
from kdverify.evidence import Claim, Step

from ..lib import words as w
from ..lib.modes import Pairs
from ..lib.pools import ExactPool, solve, solved_pools

BEST_LABELS = Claim(
    "9.best-labels",
    title="Any rows: the error is convex and quadratic in the labels, linear or not",
    statement=r"y\mapsto R\ \text{is}\ |E\hat\beta|_A^2 + nE[(y-x^\top E\hat\beta)^2"
    r"x^\top D_Ax/b^2] - 2c^\top E\hat\beta + \text{const}:\ \text{convex; its minimum is never"
    r" above that of linear labels}",
    needs=("9.variance", "9.best-surrogate"),
    parts=("weights", "convex", "least"),
    steps=[
        Step(
            "9.variance: a sum of squares of linear functions of the labels, with the weights"
            " n x'Dx/b^2 >= 0; E beta_hat = (I - M) theta is linear in the labels."
        ),
        Step(
            "x'Dx >= 0: the smallest u of (I - J) u = c is at least c + r u for a row sum r < 1 of"
            " J >= 0, so that it is not below 0."
        ),
        Step(
            "So R is y'Qy - 2 y'l + const with Q >= 0. Where y solves Q y = l, other labels add"
            " (their distance)'Q(their distance) >= 0: the best labels solve a linear system, and"
            " linear labels, a subspace, cannot do better."
        ),
    ],
)


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


@BEST_LABELS.identity(
    "two pools", note="rational: the completed square", but={"other best labels": {"shift": 1}}
)
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


@BEST_LABELS.below("two pools", note="positive definite, strictly better")
def better(digits: int) -> Pairs:
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
        yield _fraction(free), _fraction(restricted)


def _fraction(value: Any) -> Fraction:
    return Fraction(int(value.p), int(value.q))


@BEST_LABELS.forall(
    "weights", note="lemma: the smallest of any number of u", but={"r up to 3": {"coupled": "3"}}
)
def weight_is_positive(smt: Any, coupled: str = "1") -> Any:
    """The smallest u: ``u = c + others`` with ``others >= r u``, a row sum 0 <= r < 1, c >= 0."""
    u, c, r, others = (smt.Real(name) for name in ("u", "c", "r", "others"))
    assumptions = [c >= 0, r >= 0, r < smt.number(coupled), others >= r * u, u == c + others]
    return assumptions, u >= 0


@BEST_LABELS.forall("convex", note="one row", but={"a weight below 0": {"sign": -1}})
def convex_share(smt: Any, sign: int = 1) -> Any:
    """A row's share of R, its weight times a squared error, lies below its chord."""
    n, b, form, first, second = (smt.Real(name) for name in ("n", "b", "x'Dx", "r_1", "r_2"))
    weight = f.response_weight(n, b, sign * form)
    middle = (first + second) / 2
    chord = weight * (first * first + second * second) / 2
    return [n > 0, b > 0, form > 0], weight * middle * middle <= chord


@BEST_LABELS.identity(
    "least", note="lemma: words: any size", but={"the distance once": {"distance": 1}}
)
def completed_words(distance: int = 2) -> tuple[list[Any], ...]:
    """``y'Qy - 2 y'l`` at any y, and at a solution s of Q s = l plus the distance's form."""
    y, yt, s, st, Q = sympy.symbols("y y^T s s^T Q", commutative=False)
    at_best = -st * Q * s
    left = yt * Q * y - yt * Q * s - st * Q * y  # l = Q s
    added = (yt - st) * Q * (y - s) if distance == 2 else (yt - st) * Q * y
    return w.coefficients(left, at_best + added)
