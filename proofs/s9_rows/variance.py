"""Claim of section 9, any rows: the student's covariance, and one row left out of the pool."""

from typing import Any

import sympy

from kdverify import formulas as f
from kdverify.evidence import Claim, Step

from ..lib import words as w
from ..lib.balls import identity, labelled, number, random_pools
from ..lib.pools import random_pool, random_symmetric

VARIANCE = Claim(
    "9.variance",
    title="Any rows, any labels: the covariance by the errors on rows that were not drawn",
    statement=r"\bar r = y - x^\top E\hat\beta:\quad {\rm tr}(A\,{\rm Cov}\,\hat\beta) ="
    r" nE[(\bar r^2 + \sigma^2)x^\top D_Ax/b^2],\quad {\rm Cov}\,\hat\beta ="
    r" nM\,E[xx^\top L/b^2]\,M,\ L = \bar r^2 + \sigma^2 + x^\top{\rm Cov}\,\hat\beta\,x",
    needs=("9.adjoint",),
    parts=("one row", "weights"),
    steps=[
        Step(
            "D = M A M + M n E[x x' x'Dx/b^2] M turns (11) into a sum of squares: with w ="
            " n x'Dx/b^2, theta'(A - MA - AM + D) theta + 2 theta'k + E[w e^2] ="
            " |(I - M) theta|_A^2 + E[w (e + x'M theta)^2], and e + x'M theta = y - x'E beta_hat."
        ),
        Step(
            "(12) in the same way: V = theta theta' + U, U = n E[x x' ((e + x'M theta)^2 +"
            " x'MUMx)/b^2], Cov = M U M. L(x) is the mean squared error on x of a student that"
            " did not see x."
        ),
        Step(
            "So all variances are at least zero, and (11) is convex in the labels: w >= 0, since"
            " J >= 0 and x'MAMx >= 0 for A >= 0."
        ),
    ],
)


@VARIANCE.identity(
    "one row",
    note="lemma: words: any size, linear in the rows",
    but={"half of the term in k_A": {"crossed": 1}},
)
def split(crossed: int = 2) -> tuple[list[Any], ...]:
    """(11), and mean plus variance: words, one generic row."""
    return w.variance_split(crossed)


@VARIANCE.identity("weights", note="of one row in (12)", but={"x'M theta twice": {"crossed": 2}})
def loss_weights(crossed: int = 1) -> tuple[Any, Any]:
    """Weights of one row in V - theta theta' by (12), and of its loss in U."""
    e, lost = sympy.symbols("e u", real=True)  # residual of theta, x'M theta
    n, b, noise, spread = sympy.symbols("n b sigma^2 x'MUMx", positive=True)
    given = f.label_weight(n, b, crossed * lost, e, e**2 + noise)
    # x'MVMx is (x'M theta)^2 + x'MUMx
    added = f.response_weight(n, b, lost**2 + spread)
    return given + added, f.response_weight(n, b, (e + lost) ** 2 + noise + spread)


@VARIANCE.identity(
    "four pools",
    note="rational, (11)",
    but={"residuals of theta in the place of those of the mean": {"about_mean": False}},
)
def exact_variances(about_mean: bool = True) -> tuple[list[Any], list[Any]]:
    """(11) on rational pools, and ``mean' A mean + E[w (residual of the mean)^2]``."""
    left, right = [], []
    for seed in range(4):
        pool, A = random_pool(seed), random_symmetric(seed)
        theta, (_, forms) = pool.theta(), pool.response(A)
        mean = (pool.eye - pool.M) * theta
        missed = [
            y - (x.T * (mean if about_mean else theta))[0, 0]
            for x, y in zip(pool.rows, pool.labels[0], strict=True)
        ]
        spread = sum(
            weight * (r * r + pool.noise)
            for weight, r in zip(pool.weights(forms), missed, strict=True)
        )
        left.append(pool.second_moment(A))
        right.append((mean.T * A * mean)[0, 0] + spread / pool.size)
    return left, right


@VARIANCE.identity("four pools", note="rational, (12)", but={"without x'Cov x": {"own": False}})
def unseen_errors(own: bool = True) -> tuple[list[Any], list[Any]]:
    """Cov of (12), and ``M U M`` with ``U = n E[x x' L/b^2]``, L = residual^2 + noise + x'Cov x."""
    left, right = [], []
    for seed in range(4):
        pool = random_pool(seed)
        mean = (pool.eye - pool.M) * pool.theta()
        covariance = pool.adjoint() - mean * mean.T
        losses = [
            (y - (x.T * mean)[0, 0]) ** 2
            + pool.noise
            + (x.T * covariance * x)[0, 0] * (1 if own else 0)
            for x, y in zip(pool.rows, pool.labels[0], strict=True)
        ]
        left.append(covariance)
        right.append(pool.M * pool.gram(pool.weights(losses)) * pool.M)
    return left, right


@VARIANCE.below("variances at solutions of (9)", but={"negative ones": {"sign": -1}})
def positive(digits: int, sign: int = 1) -> Any:
    """Variances by (12) at solutions of (9) with residuals: above zero in four directions."""
    for pool in (pool.enclosed(digits) for pool in random_pools()):
        theta, _ = labelled(pool)
        mean = (identity(4) - pool.M) * theta
        fitted = pool.X * mean
        for i in range(4):
            axis = identity(4) * 0
            axis[i, i] = number(1)
            D = pool.response(axis)
            weights = [
                f.response_weight(number(pool.n), b, form)
                for b, form in zip(pool.b, pool.forms(D), strict=True)
            ]
            missed = [number(k * k % 7 - 2) - fitted[k, 0] for k in range(pool.size)]
            variance = sum((w * r * r for w, r in zip(weights, missed, strict=True)), number(0))
            yield 0, sign * variance
