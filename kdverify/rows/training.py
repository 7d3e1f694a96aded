"""Students on given rows: minimum norm, least squares and ridge, with or without an intercept.

``min |b|^2`` or ``min |y - c - Xb|^2 + ridge |b|^2`` with a free c is the same problem on rows
and labels with their own means removed.  Centred rows sum to zero; a Householder reflection
that takes ``(1, ..., 1)/sqrt(n)`` to the first axis leaves n - 1 independent ones,
``x_i + x_1/(sqrt(n) - 1)`` for i = 2..n.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from scipy.linalg import lapack, lstsq, svd

#: Columns that LAPACK's factorisations may take together.
BLOCK = 64
#: A diagonal entry of R below this fraction of the largest: the rows are dependent.
DEPENDENT = 1e-11


class Decomposition:
    """Rows (n, p) as ``U S V'``: students of any labels and ridges on them.

    Singular values within rounding of zero are zero.
    """

    def __init__(self, rows: np.ndarray) -> None:
        self.width = rows.shape[1]
        if min(rows.shape) == 0:
            self.left, self.sizes = np.empty((len(rows), 0)), np.empty(0)
            self.right = np.empty((self.width, 0))
            return
        left, sizes, right = svd(rows, full_matrices=False, check_finite=False)
        kept = sizes > max(rows.shape) * np.finfo(float).eps * sizes[0]
        self.left, self.sizes, self.right = left[:, kept], sizes[kept], right[kept].T

    def students(self, labels: np.ndarray, ridges: Sequence[float]) -> np.ndarray:
        """Coefficients (ridges, p, K) for labels (n, K); ridge 0 is the minimum norm."""
        turned = self.left.T @ labels
        deltas = np.asarray(ridges)[:, None]
        factors = self.sizes / (np.square(self.sizes) + deltas)  # 1 / s without ridge
        shrunk = factors[:, :, None] * turned
        flat = shrunk.transpose(1, 0, 2).reshape(self.sizes.size, len(deltas) * labels.shape[1])
        found = (self.right @ flat).reshape(self.width, len(deltas), labels.shape[1])
        return np.ascontiguousarray(found.transpose(1, 0, 2))


def fit(rows: np.ndarray, labels: np.ndarray, ridge: float = 0.0) -> np.ndarray:
    """One student on rows (n, p) and labels (n, K): (p, K), faster than a `Decomposition`.

    Without ridge the minimum-norm least-squares solution, by a QR factorisation; by singular
    values where the rows are dependent or more than their columns.
    """
    n, width = rows.shape
    if n == 0:
        return np.zeros((width, labels.shape[1]))
    if ridge > 0:
        if n < width:
            return np.asarray(rows.T @ _solved(rows @ rows.T + ridge * np.eye(n), labels))
        return _solved(rows.T @ rows + ridge * np.eye(width), rows.T @ labels)
    if n <= width:
        packed, scales, _, _ = lapack.dgeqrf(rows.T, lwork=BLOCK * n)
        sizes = np.abs(packed.diagonal())
        if sizes.min() > DEPENDENT * sizes.max():
            half, _ = lapack.dtrtrs(packed[:n], labels, trans=1)
            basis, _, _ = lapack.dorgqr(packed, scales, lwork=BLOCK * n)
            return np.asarray(basis @ half)
    return np.asarray(lstsq(rows, labels, cond=max(rows.shape) * np.finfo(float).eps)[0])


def _solved(matrix: np.ndarray, right: np.ndarray) -> np.ndarray:
    """By Cholesky's factorisation; LAPACK itself, since most systems are small."""
    _, found, info = lapack.dposv(matrix, right, lower=1)
    if info:
        raise np.linalg.LinAlgError("the ridge is lost in the rounding of the rows")
    return np.asarray(found)


def train(
    features: np.ndarray, labels: np.ndarray, ridge: float, fit_intercept: bool
) -> tuple[np.ndarray, np.ndarray]:
    """Coefficients (p, K) and intercepts (K,) of the student on features (n, p), labels (n, K)."""
    if not fit_intercept:
        return fit(features, labels, ridge), np.zeros(labels.shape[1])
    mean, level = features.mean(axis=0), labels.mean(axis=0)
    if len(features) == 1:
        return np.zeros((features.shape[1], labels.shape[1])), level
    coefficients = fit(contrasts(features, mean), contrasts(labels, level), ridge)
    return coefficients, level - mean @ coefficients


def contrasts(rows: np.ndarray, mean: np.ndarray) -> np.ndarray:
    """n - 1 rows with the same Gram matrix of columns as n rows less their ``mean``.

    Constant columns are exactly zero, not a rounding error.
    """
    if len(rows) == 1:
        return np.empty((0, rows.shape[1]))
    centred = rows - mean
    centred[:, (rows == rows[0]).all(axis=0)] = 0.0
    return np.asarray(centred[1:] + centred[0] / (np.sqrt(len(centred)) - 1))
