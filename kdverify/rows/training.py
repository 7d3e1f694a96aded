"""Students on given rows: minimum norm, least squares and ridge, with or without an intercept.

``min |b|^2`` or ``min |y - c - Xb|^2 + ridge |b|^2`` with a free c is the same problem on rows
and labels with their own means removed.  Centred rows sum to zero; a Householder reflection
that takes ``(1, ..., 1)/sqrt(n)`` to the first axis leaves n - 1 independent ones,
``x_i + x_1/(sqrt(n) - 1)`` for i = 2..n.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from scipy.linalg import cho_factor, cho_solve, lstsq, qr, solve_triangular, svd

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
    if ridge > 0:
        if n < width:
            factor = cho_factor(rows @ rows.T + ridge * np.eye(n), lower=True)
            return np.asarray(rows.T @ cho_solve(factor, labels))
        factor = cho_factor(rows.T @ rows + ridge * np.eye(width), lower=True)
        return np.asarray(cho_solve(factor, rows.T @ labels))
    if n <= width:
        basis, triangle = qr(rows.T, mode="economic", check_finite=False)
        sizes = np.abs(np.diag(triangle))
        if sizes.min() > DEPENDENT * sizes.max():
            return np.asarray(basis @ solve_triangular(triangle, labels, trans="T"))
    return np.asarray(lstsq(rows, labels, cond=max(rows.shape) * np.finfo(float).eps)[0])


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
