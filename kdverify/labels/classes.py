"""How labels of C classes stand as C - 1 columns."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np


@dataclass(frozen=True, eq=False)
class Classes:
    """How labels of C classes stand as C - 1 columns.

    Attributes:
        shares: (C,) of the classes among the labelled rows.
        contrasts: (C, C - 1) orthonormal, orthogonal to ones: one-hot labels times these are
            the columns; squared errors summed over the columns are those of one-hot labels.
    """

    shares: np.ndarray
    contrasts: np.ndarray

    @classmethod
    def of(cls, one_hot: np.ndarray) -> Classes:
        """Of one-hot labels (n_0, C)."""
        count = one_hot.shape[1]
        contrasts = np.linalg.qr(np.column_stack([np.ones(count), np.eye(count)[:, 1:]]))[0][:, 1:]
        return cls(one_hot.mean(axis=0), contrasts)

    def scores(self, columns: np.ndarray) -> np.ndarray:
        """(..., C) what outputs (..., C - 1) in the columns say of each class."""
        return np.asarray(columns @ self.contrasts.T + self.shares)

    def margins(self, outputs: np.ndarray, labels: np.ndarray) -> np.ndarray:
        """(k,) score of the class that labels name less the largest of the others'."""
        scores, named = self.scores(outputs), self.scores(labels).argmax(axis=1)[:, None]
        own = np.take_along_axis(scores, named, axis=1)[:, 0]
        np.put_along_axis(scores, named, -np.inf, axis=1)
        return np.asarray(own - scores.max(axis=1))

    def right(self, outputs: np.ndarray, labels: np.ndarray) -> np.ndarray:
        """(k,) bool: whether outputs and labels (k, C - 1) name the same class."""
        return np.asarray(self.scores(outputs).argmax(axis=1) == self.scores(labels).argmax(axis=1))
