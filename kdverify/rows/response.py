"""The linear equations (10) and (12) on a pool of rows.

Both are ``(I - J) u = c`` with the same J, ``J_ij = n (x_i'Mx_j)^2 w_j / (N b_i b_j)``,
whose rows sum to ``1 - (ridge + x'M^2x)/b < 1``: in (10) ``u_i = x_i'Dx_i / b_i``, in (12)
``u_i = x_i'MVMx_i / b_i``.  The weights w are 1 unless the pool has some, or are the slopes of
samples without a row twice; in ``sqrt(w) u`` J is symmetric, and rows of weight zero follow from
the others.  With few rows, or many right-hand sides, J is formed and factored; else conjugate
gradients apply it through p x p matrices, two products of N x p by p x p a step.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from scipy.linalg import cho_factor, cho_solve, solve_triangular
from scipy.sparse.linalg import LinearOperator, cg

from kdverify import formulas
from kdverify.rows.fixed_point import RowEquivalents

#: Largest number of rows whose J (N x N, float64) is formed: 4.6 GB.
LARGEST_DIRECT = 24_000
#: Bytes of J that are computed at a time.
PART_BYTES = 1 << 28
#: Steps of conjugate gradients that are expected, to choose between the two ways.
EXPECTED_STEPS = 10


@dataclass
class Count:
    """How often J was applied to a vector (none where it was factored)."""

    products: int = 0


class Response:
    """Solves with ``I - J`` at a solution of (9).

    Args:
        at: the solution of (9).
        tolerance: of conjugate gradients, relative to the right-hand side.
        limit: of their steps.
        columns: right-hand sides that are to come in all; many make a factorisation cheaper.
    """

    def __init__(
        self, at: RowEquivalents, tolerance: float = 1e-10, limit: int = 200, columns: int = 1
    ) -> None:
        self.at, self.tolerance, self.limit, self.columns = at, tolerance, limit, columns
        self.count = Count()
        self._known: tuple[np.ndarray, np.ndarray] | None = None
        #: Of the rows in J: the pool's, and the slopes of different rows; None: ones.
        self._weights = at.pool.weights
        if at.slope is not None:
            self._weights = at.slope

    def solve(self, right: np.ndarray) -> np.ndarray:
        """u (N, k) of ``(I - J) u = right``, (N, k)."""
        columns = max(self.columns, right.shape[1])
        direct = "_factored" in self.__dict__ or self._direct_is_cheaper(columns)
        if direct:
            self.count = Count()
        weights = self._weights
        roots = np.ones(self.at.pool.size) if weights is None else np.sqrt(weights)
        given = right if weights is None else right * roots[:, None]
        if direct:
            found = np.asarray(cho_solve(self._factored, given, check_finite=False))
        else:
            found = np.column_stack([self._gradients(column, roots) for column in given.T])
        if weights is None:
            return found
        found = np.divide(found, roots[:, None], out=np.zeros_like(right), where=roots[:, None] > 0)
        unweighted = weights == 0
        if unweighted.any():
            applied = np.column_stack([self._apply(column) for column in found.T])
            found[unweighted] = (right + applied)[unweighted]
        return found

    def release(self) -> None:
        """Drop the factorisation, which holds N x N numbers; a later solve makes it anew."""
        self.__dict__.pop("_factored", None)

    def forms(self, matrix: np.ndarray) -> np.ndarray:
        """``x' D_A x`` for every row, (N,), for the symmetric A = ``matrix``: (10).

        The last answer is kept: students and teachers ask for the same A.
        """
        if self._known is None or not np.array_equal(self._known[0], matrix):
            M = self.at.M
            given = self.at.pool.forms(M @ matrix @ M)
            self._known = matrix.copy(), self.solve_forms(given[:, None])[:, 0]
        return self._known[1]

    def matrix(self, matrix: np.ndarray, forms: np.ndarray | None = None) -> np.ndarray:
        """``D_A`` (width, width) of (10); ``forms`` are its values on the rows, where known."""
        at = self.at
        forms = self.forms(matrix) if forms is None else forms
        return at.M @ (matrix + self.weighted(forms)) @ at.M

    def weighted(self, forms: np.ndarray) -> np.ndarray:
        """``n E[x x' form / b^2]`` for values (N,) on the rows."""
        return self.at.pool.gram(self.weights(forms))

    def weights(self, forms: np.ndarray) -> np.ndarray:
        """``n form / b^2`` for values (N,) or (N, k), 0 for rows that teach nothing."""
        return (formulas.response_weight(self.at.n, 1.0, forms.T) * self._squared).T

    def label_weights(self, crossed: np.ndarray, square: np.ndarray) -> np.ndarray:
        """Weights of W in (12), (N,), from ``e x'M theta`` and ``E e^2``, (N,) each."""
        weights = formulas.label_weight(self.at.n, 1.0, crossed, 1.0, square)
        return weights * self._squared

    @cached_property
    def _squared(self) -> np.ndarray:
        """(N,) ``slope / b^2``."""
        squared = self.at.inverse_b**2
        return squared if self.at.slope is None else squared * self.at.slope

    def solve_forms(self, given: np.ndarray) -> np.ndarray:
        """Solve ``q_i = given_i + n/N sum_j (x_i'Mx_j)^2 q_j / b_j^2``, columns (N, k).

        (10) for ``given = x'MAMx``, (12) for ``given = x'MWMx``.
        """
        inverse = self.at.inverse_b[:, None]
        solved = self.solve(given * inverse)
        return np.divide(solved, inverse, out=given.copy(), where=inverse > 0)

    def _direct_is_cheaper(self, columns: int) -> bool:
        size, width = self.at.pool.size, self.at.pool.width
        if size > LARGEST_DIRECT:
            return False
        direct = size**2 * width + size**3 / 3 + 2 * columns * size**2
        return direct < 4 * EXPECTED_STEPS * columns * size * width**2

    @cached_property
    def _factored(self) -> tuple[np.ndarray, bool]:
        at = self.at
        rows = np.asarray(at.pool.rows, dtype=float)
        solved = solve_triangular(at.factor, rows.T, lower=True, check_finite=False)
        solved *= np.sqrt(at.inverse_b)
        if self._weights is not None:
            solved *= self._weights**0.25
        # J = n/N (x_i'Mx_j)^2 / (b_i b_j): the scales are in `solved` already; lower half only
        matrix = np.empty((at.pool.size, at.pool.size), order="F")
        step = max(1, PART_BYTES // (8 * at.pool.size))
        for start in range(0, at.pool.size, step):
            end = min(start + step, at.pool.size)
            crossed = solved[:, start:end].T @ solved[:, :end]
            matrix[start:end, :end] = -formulas.coupling(at.n, at.pool.size, 1.0, 1.0, crossed)
        matrix[np.diag_indices_from(matrix)] += 1.0
        return cho_factor(matrix, lower=True, overwrite_a=True, check_finite=False)

    def _apply(self, u: np.ndarray) -> np.ndarray:
        """J u without forming J."""
        at = self.at
        inner = at.pool.gram(u * at.inverse_b if at.slope is None else u * at.inverse_b * at.slope)
        self.count.products += 1
        return at.n * at.pool.forms(at.M @ inner @ at.M) * self.at.inverse_b

    def _gradients(self, right: np.ndarray, roots: np.ndarray) -> np.ndarray:
        """Conjugate gradients for one column; raises where they do not converge.

        ``roots`` of the weights turn the column u into ``sqrt(w) u``, where J is symmetric.
        """
        self.count = Count()
        inverse = np.divide(1.0, roots, out=np.zeros_like(roots), where=roots > 0)
        return conjugate_gradients(
            lambda u: u - roots * self._apply(u * inverse),
            right,
            np.zeros_like(right),
            self.tolerance,
            self.limit,
        )


def conjugate_gradients(
    apply: Callable[[np.ndarray], np.ndarray],
    right: np.ndarray,
    start: np.ndarray,
    tolerance: float,
    limit: int,
) -> np.ndarray:
    """u with ``|apply(u) - right| <= tolerance |right|`` for a symmetric positive ``apply``.

    Raises:
        ArithmeticError: after ``limit`` steps without it.
    """
    operator = LinearOperator((right.size, right.size), matvec=apply, dtype=float)
    found, left = cg(operator, right, x0=start, rtol=tolerance, atol=0.0, maxiter=limit)
    if left:
        gap = np.linalg.norm(apply(found) - right) / np.linalg.norm(right)
        raise ArithmeticError(
            f"conjugate gradients left {gap:.1e} of the right-hand side after {limit} steps: n is "
            "too close to the rank of the rows"
        )
    return np.asarray(found)
