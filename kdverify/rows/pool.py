"""A pool of rows: the moments and quadratic forms that the theory needs, block by block.

A pool stands for a distribution of rows, each of its N rows with the same weight unless weights
are given.  E in the docstrings is the (weighted) mean over the pool.  Rows may lie in a file (a
NumPy memory map) and may be float32: they are read in blocks and converted to float64.
"""

from __future__ import annotations

from collections.abc import Iterator
from functools import cached_property
from typing import Any

import numpy as np
from scipy.linalg import blas, solve_triangular

from kdverify import checks

#: Bytes of one block in float64.
BLOCK_BYTES = 1 << 26


class Pool:
    """Rows of a feature matrix.

    Args:
        rows: (N, p) finite numbers, float32 or float64, an array or a memory map.  Neither
            centred nor scaled here: Sigma is ``E x x'``.
        weights: (N,) how often each row is drawn, relative to the others; None for equally often.

    With more columns than rows everything happens in the (at most N) coordinates of the span
    of the rows, where a minimum-norm or ridge student lives; `basis` leads back.

    Attributes:
        basis: (p, r) orthonormal, the span's coordinates, or None where they are the columns.
        weights: (N,) with mean 1, or None.
    """

    def __init__(self, rows: Any, weights: Any = None) -> None:
        matrix = checks.feature_rows("rows", rows)
        self.columns = matrix.shape[1]
        self.basis: np.ndarray | None = None
        if matrix.shape[1] > matrix.shape[0]:
            matrix, self.basis = _in_span(np.asarray(matrix, dtype=float))
        self.rows = matrix
        self._set_weights(weights)

    def reweighted(self, weights: Any) -> Pool:
        """The same rows with other weights (N,), None for equal ones."""
        other = Pool.__new__(Pool)
        other.columns, other.basis, other.rows = self.columns, self.basis, self.rows
        other._set_weights(weights)
        return other

    def beside(self, rows: np.ndarray) -> Pool:
        """Other rows (k, p), of equal weight, in the coordinates of this pool."""
        other = self.reweighted(None)
        other.rows = self.coordinates(rows)
        return other

    def _set_weights(self, weights: Any) -> None:
        self.weights: np.ndarray | None = None
        if weights is not None:
            self.weights = checks.row_weights("weights", weights, self.size)

    @cached_property
    def each_weight(self) -> np.ndarray:
        """(N,) `weights`, ones where there are none."""
        return np.ones(self.size) if self.weights is None else self.weights

    @property
    def size(self) -> int:
        """Number of rows N."""
        return int(self.rows.shape[0])

    @property
    def width(self) -> int:
        """Number of coordinates that the rows are held in."""
        return int(self.rows.shape[1])

    def blocks(self) -> Iterator[tuple[slice, np.ndarray]]:
        """The rows in order, float64."""
        step = max(1, BLOCK_BYTES // (8 * self.width))
        for start in range(0, self.size, step):
            part = slice(start, min(start + step, self.size))
            yield part, np.asarray(self.rows[part], dtype=float)

    def original(self, chosen: Any = slice(None)) -> np.ndarray:
        """The rows ``chosen`` in the columns that they came in, (k, p)."""
        rows = self.rows[chosen]
        return rows if self.basis is None else rows @ self.basis.T

    def coordinates(self, rows: np.ndarray) -> np.ndarray:
        """Other rows (k, p) in the pool's coordinates (k, width)."""
        return rows if self.basis is None else rows @ self.basis

    def gram(self, weights: np.ndarray | None = None) -> np.ndarray:
        """``E[w x x']``, (width, width); ``weights`` w (N,) of any sign, 1 where it is None."""
        if self.weights is not None:
            weights = self.weights if weights is None else weights * self.weights
        total = np.zeros((self.width, self.width), order="F")
        signed = weights is not None and bool((weights < 0).any())
        for part, block in self.blocks():
            if signed:
                assert weights is not None
                total += block.T @ (block * weights[part, None])
                continue
            scaled = block if weights is None else block * np.sqrt(weights[part, None])
            total = blas.dsyrk(1.0, scaled.T, beta=1.0, c=total, overwrite_c=1)
        if not signed:
            total = total + np.triu(total, 1).T
        return np.ascontiguousarray(total + total.T) / (2 * self.size)

    def forms(self, matrix: np.ndarray) -> np.ndarray:
        """``x' A x`` for every row, (N,)."""
        found = np.empty(self.size)
        for part, block in self.blocks():
            found[part] = np.einsum("ij,ij->i", block @ matrix, block)
        return found

    def inverse_forms(self, factor: np.ndarray) -> np.ndarray:
        """``x' (L L')^-1 x`` for every row, (N,), for the lower triangular ``factor`` L."""
        found = np.empty(self.size)
        for part, block in self.blocks():
            solved = solve_triangular(factor, block.T, lower=True, check_finite=False)
            found[part] = np.einsum("ij,ij->j", solved, solved)
        return found

    def times(self, matrix: np.ndarray) -> np.ndarray:
        """``x' B`` for every row, (N, k)."""
        found = np.empty((self.size, matrix.shape[1]))
        for part, block in self.blocks():
            found[part] = block @ matrix
        return found

    def moment(self, values: np.ndarray) -> np.ndarray:
        """``E[x v']``, (width, k), of values v (N, k)."""
        if self.weights is not None:
            values = values * self.weights[:, None]
        total = np.zeros((self.width, values.shape[1]))
        for part, block in self.blocks():
            total += block.T @ values[part]
        return total / self.size

    def mean(self, values: np.ndarray) -> np.ndarray:
        """``E v`` of values v (N,) or (N, k)."""
        return np.asarray(np.average(values, axis=0, weights=self.weights))

    @cached_property
    def covariance(self) -> np.ndarray:
        """Sigma = ``E x x'``, (width, width); not centred."""
        return self.gram()

    @cached_property
    def principal(self) -> tuple[np.ndarray, np.ndarray]:
        """Eigenvalues of Sigma, falling, (width,), and its eigenvectors as columns."""
        values, vectors = np.linalg.eigh(self.covariance)
        return values[::-1], vectors[:, ::-1]

    @cached_property
    def rank(self) -> int:
        """Numerical rank of the rows."""
        values = self.principal[0]
        return int((values > values[0] * self.width * np.finfo(float).eps).sum())

    @cached_property
    def zero_rows(self) -> np.ndarray:
        """(N,) bool: rows that are zero; they teach nothing and are told apart in (9)."""
        found = np.empty(self.size, dtype=bool)
        for part, block in self.blocks():
            found[part] = ~block.any(axis=1)
        return found


def _in_span(rows: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Rows in orthonormal coordinates of their span, and these as columns (p, r)."""
    values, left = np.linalg.eigh(rows @ rows.T)
    kept = values > values[-1] * max(rows.shape) * np.finfo(float).eps
    scales = np.sqrt(values[kept])
    return left[:, kept] * scales, rows.T @ (left[:, kept] / scales)
