"""Students on n rows that are drawn from the pool, for many signals and ridges at once.

For labels ``x'beta + e`` the total risk of a ridge student of given rows is
``beta' N S N beta + sigma^2 c``, ``N = I - V (s^2/(s^2 + d)) V'`` and
``c = 1 + 1/n + tr S V s^2/(s^2 + d)^2 V'`` (1/n with an intercept): S is the second moment of
the rows that judge, around the mean of those that were drawn.  It holds for every set of rows,
and no label is needed for N, S and c; one eigendecomposition serves every ridge and signal.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from kdverify import formulas
from kdverify.labels.path import Decomposition

#: Eigenvalues below this share of the largest are zero.
CUT = 1e-11


@dataclass(frozen=True, eq=False)
class Sample:
    """Rows that stand for the population, in the eigenvectors of their covariance.

    Attributes:
        rows: (M, r) float64; of mean 0 where there is an intercept.
        values: (r,) their second moments, falling: ``rows'rows / M`` is diagonal.
        intercept: whether students fit a constant.
    """

    rows: np.ndarray
    values: np.ndarray
    intercept: bool

    @classmethod
    def of(cls, rows: np.ndarray, intercept: bool = True) -> Sample:
        """Of rows (M, p), through the smaller of their Gram matrices."""
        rows = np.asarray(rows, dtype=float)
        if intercept:
            rows = rows - rows.mean(axis=0)
        size, width = rows.shape
        wide = width > size
        values, vectors = np.linalg.eigh((rows @ rows.T if wide else rows.T @ rows) / size)
        kept = values > CUT * values[-1]
        values, vectors = values[kept][::-1], vectors[:, kept][:, ::-1]
        turned = vectors * np.sqrt(size * values) if wide else rows @ vectors
        return cls(turned, values, intercept)

    @property
    def scale(self) -> float:
        """Mean squared length of the rows, the unit of ridges."""
        return float(self.values.sum())

    @property
    def rank(self) -> int:
        """Number of coordinates."""
        return len(self.values)


@dataclass(frozen=True, eq=False)
class DrawnSet:
    """n rows without replacement, the others judge.

    Attributes:
        numbers: (n,) rows that were drawn; centre: (r,) their mean, zeros without intercept.
        made: decomposition of the drawn rows, centred.
        judged: (k, k) S in the coordinates V of ``made``.
    """

    sample: Sample
    numbers: np.ndarray
    centre: np.ndarray
    made: Decomposition
    judged: np.ndarray
    _pulled: np.ndarray
    _shift: np.ndarray

    @classmethod
    def of(cls, sample: Sample, n: int, generator: np.random.Generator) -> DrawnSet:
        """A set of n rows; n below the number of rows of the sample."""
        size = len(sample.rows)
        numbers = generator.choice(size, n, replace=False)
        rows = sample.rows[numbers]
        centre = rows.mean(axis=0) if sample.intercept else np.zeros(rows.shape[1])
        made = Decomposition.of(rows - centre if sample.intercept else rows)
        right, squares = made.right, made.squares
        pulled = (right * sample.values[:, None]).T  # V' Lambda
        shift = right.T @ centre
        # the others have second moment (M Lambda - X'X)/(M - n) and mean -n/(M - n) centre; seen
        # from the centre of the drawn rows that is (M Lambda - Xc'Xc + M centre centre')/(M - n)
        judged = size * (pulled @ right + np.outer(shift, shift))
        judged[np.diag_indices_from(judged)] -= squares
        judged /= size - n
        return cls(sample, numbers, centre, made, judged, pulled, shift)

    def forms(
        self, ridges: np.ndarray, signals: np.ndarray, columns: int
    ) -> tuple[np.ndarray, np.ndarray]:
        """``beta' N S N beta`` and ``beta' S (I - N) beta`` of signals (r, T columns).

        Each (len(ridges), T), summed over columns: the bias of a student, and the mean product of
        its outputs with the signal, both around the centre of its rows.
        """
        factor = len(self.sample.rows) / (len(self.sample.rows) - len(self.numbers))
        inside = self.made.right.T @ signals
        outside = signals - self.made.right @ inside  # only their mean has a part outside V
        off = self.centre @ outside
        pulled = factor * (self._pulled @ outside + np.outer(self._shift, off))
        weight = factor * (self.sample.values @ np.square(outside) + np.square(off))
        left = formulas.left_over(self.made.squares, np.asarray(ridges)[:, None])

        def over_columns(values: np.ndarray) -> np.ndarray:
            return np.asarray(values.reshape(*values.shape[:-1], -1, columns).sum(axis=-1))

        biases = over_columns(weight) + 2 * left @ over_columns(inside * pulled)
        for bias, one in zip(biases, left, strict=True):
            missed = one[:, None] * inside
            bias += over_columns(np.einsum("ij,ij->j", missed, self.judged @ missed))
        return biases, (1 - left) @ over_columns(inside * (pulled + self.judged @ inside))

    def noise_weights(self, ridges: np.ndarray) -> np.ndarray:
        """(len(ridges),) c: risk of a student of pure noise of variance 1, its own included."""
        taken = formulas.noise_taken(self.made.squares, np.asarray(ridges)[:, None])
        constant = 1 + (1 / len(self.numbers) if self.sample.intercept else 0.0)
        return np.asarray(constant + taken @ np.diag(self.judged))

    def students(
        self, ridge: float, signals: np.ndarray, noise: np.ndarray
    ) -> tuple[np.ndarray, np.ndarray]:
        """Coefficients (k, L) in V and constants (L,) of students of signals (r, L), noise (n, L).

        The constant is that of an intercept, for rows around the centre; without one it is 0.
        """
        inside = self.made.right.T @ signals
        learnt = 1 - formulas.left_over(self.made.squares, ridge)
        projected = self.made.projected(noise)
        found = learnt[:, None] * inside + self.made.coefficients(projected, ridge)
        level = self.centre @ signals + noise.mean(axis=0)
        return found, level if self.sample.intercept else np.zeros_like(level)
