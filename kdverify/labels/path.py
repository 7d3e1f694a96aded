"""Ridge students along a path of ridges: one eigendecomposition of the rows serves them all."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy.linalg import eigh

from kdverify import formulas

#: Squared singular values below this share of the largest, times the number of rows, are zero.
CUT = 1e-13
#: Ridges of the grid in units of the mean squared row length; 0 is the minimum norm.
GRID = (0.0, 1e-3, 3e-3, 0.01, 0.03, 0.1, 0.3, 1.0, 3.0, 10.0, 30.0, 100.0)
#: Leverages are kept this far from 1.
FREE = 1e-9
#: Without ridge, where rows are dependent, one of leverage 1 is left out in the limit of a ridge of
#: this share of the largest squared singular value.
TINY = 1e-9


@dataclass(frozen=True, eq=False)
class Decomposition:
    """``X = U s V'`` of rows X (n, r), zero singular values left out.

    Attributes:
        squares: s^2, rising.
        right: V (r, k); left: U (n, k).
    """

    rows: np.ndarray
    squares: np.ndarray
    right: np.ndarray
    _left: np.ndarray | None

    @classmethod
    def of(cls, rows: np.ndarray) -> Decomposition:
        """Through the smaller of the two Gram matrices."""
        wide = len(rows) <= rows.shape[1]
        gram = rows @ rows.T if wide else rows.T @ rows
        squares, vectors = eigh(gram, check_finite=False, overwrite_a=True, driver="evd")
        kept = squares > CUT * len(gram) * max(squares[-1], 0.0)
        squares, vectors = squares[kept], vectors[:, kept]
        if wide:
            return cls(rows, squares, rows.T @ (vectors / np.sqrt(squares)), vectors)
        return cls(rows, squares, vectors, None)

    @property
    def rank(self) -> int:
        """Number of directions that the rows have."""
        return len(self.squares)

    @property
    def left(self) -> np.ndarray:
        """U (n, k)."""
        if self._left is None:
            return self.rows @ (self.right / np.sqrt(self.squares))
        return self._left

    def projected(self, labels: np.ndarray) -> np.ndarray:
        """``U'y`` of labels (n, K), without forming U where it is large."""
        if self._left is None:
            return (self.right.T @ (self.rows.T @ labels)) / np.sqrt(self.squares)[:, None]
        return np.asarray(self._left.T @ labels)

    def coefficients(self, projected: np.ndarray, ridge: float) -> np.ndarray:
        """Students (k, K), in the columns of V, of labels with ``U'y`` = projected."""
        return projected * np.sqrt(formulas.noise_taken(self.squares, ridge))[:, None]


def leave_one_out(
    rows: np.ndarray, labels: np.ndarray, ridges: np.ndarray, intercept: bool
) -> np.ndarray:
    """(len(ridges), n, K) errors of each row's label by the student of the other rows.

    Exact, in closed form: ``e_i / (1 - h_i)``; without ridge, where the rows are interpolated,
    the limit ``(G^+ y)_i / (G^+)_ii`` with G the Gram matrix of the (centred) rows.  Where rows
    are dependent but some have leverage 1 that is 0/0, and a tiny ridge stands for none.
    """
    found = np.empty((len(ridges), *labels.shape))
    share = 0.0
    if intercept:
        rows, labels = rows - rows.mean(axis=0), labels - labels.mean(axis=0)
        share = 1 / len(rows)
    made = Decomposition.of(rows)
    left, inside = made.left, made.left.T @ labels
    outside = labels - left @ inside
    interpolated = made.rank >= len(rows) - intercept
    for index, ridge in enumerate(ridges):
        if ridge == 0 and interpolated:
            missed = 1 / made.squares
            error, free = left @ (missed[:, None] * inside), np.square(left) @ missed
        else:
            if ridge == 0 and 1 - share - np.square(left).sum(axis=1).max() < FREE:
                ridge = TINY * made.squares[-1]
            missed = formulas.left_over(made.squares, ridge)
            error = left @ (missed[:, None] * inside) + outside
            free = 1 - share - np.square(left) @ (1 - missed)
        found[index] = error / np.maximum(free, FREE * free.max())[:, None]
    return found
