"""How the intercept enters: in training, and in the rows that the theory sees.

Training.  ``min |b|^2`` or ``min |y - c - Xb|^2 + ridge |b|^2`` with a free c is the same
problem on rows and labels with their own means removed.  Centred rows sum to zero; a
Householder reflection that takes ``(1, ..., 1)/sqrt(n)`` to the first axis leaves n - 1
independent ones, ``x_i + x_1/(sqrt(n) - 1)`` for i = 2..n.

Theory.  A constant column of height s has the coefficient ``c / s``, that costs ``(c/s)^2``:
for large s a free intercept, and the n - 1 degrees of freedom that are left come out by
themselves.  Before it is added, rows and labels are centred on the pool.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from kdverify import rows

#: Square of the constant column over the trace of Sigma (and the ridge): the intercept is then
#: free but for a relative shrinkage of at most tau/s^2 < 1/(HEIGHT n).
HEIGHT = 1e3


def train(
    features: np.ndarray, labels: np.ndarray, ridge: float, fit_intercept: bool
) -> tuple[np.ndarray, np.ndarray]:
    """Coefficients (p, K) and intercepts (K,) of the student on features (n, p), labels (n, K)."""
    if not fit_intercept:
        return rows.fit(features, labels, ridge), np.zeros(labels.shape[1])
    mean, level = features.mean(axis=0), labels.mean(axis=0)
    if len(features) == 1:
        return np.zeros((features.shape[1], labels.shape[1])), level
    coefficients = rows.fit(_contrasts(_centred(features, mean)), _contrasts(labels - level), ridge)
    return coefficients, level - mean @ coefficients


def _centred(features: np.ndarray, mean: np.ndarray) -> np.ndarray:
    """Rows less their mean; constant columns are exactly zero, not a rounding error."""
    centred = features - mean
    centred[:, (features == features[0]).all(axis=0)] = 0.0
    return centred


def _contrasts(centred: np.ndarray) -> np.ndarray:
    """n - 1 rows with the same Gram matrix of columns as n rows whose sum is zero."""
    return np.asarray(centred[1:] + centred[0] / (np.sqrt(len(centred)) - 1))


@dataclass(frozen=True, eq=False)
class CentredPool:
    """A pool as the theory sees it.

    Attributes:
        pool: the rows, centred and with the constant column last where there is an intercept.
        constant: whether there is one.
    """

    pool: rows.Pool
    constant: bool

    @classmethod
    def of(cls, features: np.ndarray, fit_intercept: bool, ridge: float) -> CentredPool:
        """The pool of ``features`` (N, p) for students with this intercept and ridge."""
        if not fit_intercept:
            pool = rows.Pool(features)
        else:
            centred = _centred(features, features.mean(axis=0))
            trace = np.square(centred).sum(axis=1).mean()
            height = np.sqrt(HEIGHT * (trace + ridge))
            pool = rows.Pool(np.column_stack([centred, np.full(len(centred), height)]))
        if not pool.principal[0][0] > 0 or (fit_intercept and not trace > 0):
            raise ValueError("X must have a column that is not constant")
        return cls(pool, fit_intercept)
