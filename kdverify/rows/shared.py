"""Two students of one pool that share rows: (11), polarised.

``D = M_a (A + n_0 E[x x' x'Dx/(b_a b_b)]) M_b`` takes the place of (10), and the covariance of
the two students is ``n_0 E[r_a r_b x'Dx/(b_a b_b)]`` with the errors r of the mean students on
rows that were not drawn.  With a = b and n_0 = n these are (10) and (11).
"""

from __future__ import annotations

from typing import Any

import numpy as np
from scipy.sparse.linalg import LinearOperator, gmres

from kdverify import checks, formulas
from kdverify.rows.prediction import Moments, Students

#: Relative residual, and steps, of the linear solve.
TOLERANCE, STEPS = 1e-12, 200


def crossed_forms(first: Students, second: Students, shared: float, matrix: np.ndarray) -> Any:
    """``x'Dx`` for every row of the pool, (N,), for the symmetric A = ``matrix``.

    Raises:
        ArithmeticError: where the linear equation is not solved, n being too near the rank.
    """
    one, other = first.at, second.at
    pool = one.pool
    if other.pool is not pool:
        raise ValueError("second must be a student of the same pool as first")
    if one.taken or other.taken:
        raise ValueError("taken must be 0: students that share rows are not known for others")
    checks.non_negative("shared", shared)
    checks.at_most("shared", shared, min(one.n, other.n), "both sample sizes")
    inverse = one.inverse_b * other.inverse_b

    def back(values: np.ndarray) -> np.ndarray:
        inner = pool.gram(formulas.response_weight(shared, 1.0, values) * inverse)
        return pool.forms(one.M @ inner @ other.M)

    given = pool.forms(one.M @ matrix @ other.M)
    operator = LinearOperator((pool.size,) * 2, matvec=lambda u: u - back(u), dtype=float)
    found, left = gmres(operator, given, x0=given, rtol=TOLERANCE, restart=STEPS, maxiter=1)
    if left and np.linalg.norm(operator @ found - given) > 1e-8 * np.linalg.norm(given):
        raise ArithmeticError("the crossed equation was not solved: n is too near the rank")
    return found


def crossed_second_moments(
    first: Students,
    second: Students,
    shared: float,
    matrix: np.ndarray,
    noise_covariance: float = 0.0,
) -> np.ndarray:
    """(K,) ``E b_a' A b_b`` for every label column of two students that share rows.

    Args:
        first, second: students of one pool, at any n, ridges and labels of their own.
        shared: rows that both train on, at most the smaller n.
        matrix: (width, width) symmetric A.
        noise_covariance: of the noises that were added to their labels on a shared row; labels
            themselves are functions of the row.
    """
    weights = formulas.response_weight(shared, 1.0, crossed_forms(first, second, shared, matrix))
    weights = weights * first.at.inverse_b * second.at.inverse_b
    pool = first.at.pool
    errors = (first.labels - pool.times(first.mean)) * (second.labels - pool.times(second.mean))
    spread = pool.mean(weights[:, None] * (errors + checks.number("noise", noise_covariance)))
    return np.asarray(np.einsum("ik,ij,jk->k", first.mean, matrix, second.mean) + spread)


def crossed_excess(
    first: Students,
    second: Students,
    shared: float,
    test: Moments,
    noise_covariance: float = 0.0,
) -> np.ndarray:
    """(K,) mean of ``(b_a - beta*)' A (b_b - beta*)``: (13) on rows as they are.

    ``test`` has A and beta*.  Source: claim ``10.rows``.
    """
    both = crossed_second_moments(first, second, shared, test.covariance, noise_covariance)
    aim = test.covariance @ test.best
    means = first.mean + second.mean - test.best
    return np.asarray(both - np.einsum("ik,ik->k", means, aim))
