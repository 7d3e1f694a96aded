"""Variates of Gaussian designs whose means are known to be zero, for `kdverify.steady`.

With rows X of covariance ``diag(lam)``, ``C = (XX' + ridge I)^-1`` and ``A = X'C``, so that
``P = AX``, integration by parts over column i of X, ``E x_i'F = lam_i E div F``, is exact at every
n.  The fields ``F = C x_i`` and ``F = C X diag(D) X' C x_i`` give, with ``a_i = (AA')_ii``,

    E P_ii = lam_i E[tr C (1 - P_ii) - a_i],
    E (P'DP)_ii = lam_i E[(D'a) (1 - P_ii) - tr C (P'DP)_ii - 2 (AA'DP)_ii + D_i (tr C P_ii + a_i)],

and from n >= r without ridge, where P is the identity, ``1 = lam_i (n - r - 1) E a_i``.  The
differences of the two sides move with the risk of the same design.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from kdverify.gaussian.solve import equivalents
from kdverify.problem import Spectrum
from kdverify.simulation.task import Task


class ZeroMeans:
    """Of the designs of one stage.

    Both differences are summed over modes with weights: 1, zeta, zeta^2, D, and what the caller
    expects the risk to hang on, each with and without zeta.  Means stay zero with any.

    Args:
        eigenvalues: (r,) of the rows' covariance.
        n, ridge: of the stage.
        form: (r,) D, how errors weigh.
        own: two arrays (r, k), the weights of P_ii and of (P'DP)_ii in the risk.
    """

    def __init__(
        self, eigenvalues: np.ndarray, n: int, ridge: float, form: np.ndarray, *own: np.ndarray
    ) -> None:
        self._lam, self._ridge, self._form = eigenvalues, ridge, form
        zeta = equivalents(Spectrum(eigenvalues), n, ridge).zeta
        shared = [np.ones_like(zeta), zeta, zeta**2, form, form * zeta]
        self._sums = [np.column_stack([*shared, w, w * zeta[:, None]]) for w in own]

    def summed(self, gaps: np.ndarray) -> np.ndarray:
        """(..., m) sums over modes of what `of` finds."""
        found = [gaps[..., k, :] @ over for k, over in enumerate(self._sums)]
        return np.concatenate(found, axis=-1)

    def of(self, rows: np.ndarray) -> np.ndarray:
        """(..., 2, r) left less right side of both equations, of designs (..., n, r)."""
        lam, form, across = self._lam, self._form, np.swapaxes(rows, -1, -2)
        n, r = rows.shape[-2:]
        if n >= r and not self._ridge:
            noise = np.diagonal(np.linalg.inv(across @ rows), axis1=-2, axis2=-1)
            gap = 1 - lam * (n - r - 1) * noise
            return np.stack([gap, form * gap], axis=-2)
        inverse = np.linalg.inv(rows @ across + self._ridge * np.eye(n))
        fitted = inverse @ rows
        weighed = ((rows * form) @ across) @ fitted
        learnt, noise = _down(rows, fitted), _down(fitted, fitted)
        energy = _down(fitted, weighed)
        through = _down(inverse @ fitted, weighed)
        trace, missed = np.trace(inverse, axis1=-2, axis2=-1)[..., None], 1 - learnt
        square = (noise @ form)[..., None] * missed - trace * energy - 2 * through
        square += form * (trace * learnt + noise)
        mean = trace * missed - noise
        return np.stack([learnt - lam * mean, energy - lam * square], axis=-2)


def _down(a: np.ndarray, b: np.ndarray) -> np.ndarray:
    """(..., r) inner product of each column of ``a`` with that of ``b``."""
    return np.asarray(np.einsum("...ij,...ij->...j", a, b))


def of_stages(task: Task) -> Sequence[ZeroMeans]:
    """For each stage of a task, with weights from what theory expects of the other stages."""
    found = []
    learnt = [
        1 - equivalents(Spectrum(stage.eigenvalues), stage.n, stage.ridge).zeta
        for stage in task.stages
    ]
    for j, stage in enumerate(task.stages):
        before, after = np.prod(learnt[:j], axis=0), np.prod(learnt[j + 1 :], axis=0)
        taught = task.starts * np.reshape(before, (-1, 1))
        aim = (task.weights * task.beta_star * after)[:, None]
        squares = [np.square(taught)]
        if j:
            squares.append((learnt[j - 1] ** 2 / task.stages[j - 1].eigenvalues)[:, None])
        form = task.weights * after**2
        own = aim * taught, np.hstack(squares)
        found.append(ZeroMeans(stage.eigenvalues, stage.n, stage.ridge, form, *own))
    return found
