"""Rows of which some are labelled, in the coordinates that section 13 works in."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np

from kdverify.labels.drawn import Sample
from kdverify.labels.forecast import Classes
from kdverify.labels.likelihood import Draws, Evidence
from kdverify.labels.measured import Measured
from kdverify.labels.path import GRID

#: Eigenvalues below this share of the largest are zero.
CUT = 1e-11
#: A column that differs from its middle value in a smaller share of the rows is nearly empty.
RARE = 0.03
#: Labelled rows, labels of a class, that there must be.
FEWEST_LABELLED, FEWEST_IN_CLASS = 20, 2


@dataclass(frozen=True, eq=False)
class Setting:
    """N rows, or M of them that stand for all, n_0 labelled.

    Attributes:
        sample: the rows in the eigenvectors of their covariance.
        known: (n_0,) numbers of the labelled rows in ``sample``.
        labels: (n_0, C) numbers, or one-hot.
        class_names: of the columns for classes, else empty.
        size: N.
        rare_columns: number of columns that are nearly always the same.
        notes: what was done to the rows.
        numbers: (M,) of the rows in the matrix that was given.
    """

    sample: Sample
    known: np.ndarray
    labels: np.ndarray
    class_names: tuple[str, ...] = ()
    size: int = 0
    rare_columns: int = 0
    notes: tuple[str, ...] = ()
    numbers: np.ndarray | None = None

    @classmethod
    def of(
        cls,
        rows: np.ndarray,
        known: np.ndarray,
        labels: np.ndarray,
        class_names: tuple[str, ...] = (),
        intercept: bool = True,
        size: int | None = None,
        notes: tuple[str, ...] = (),
        numbers: np.ndarray | None = None,
    ) -> Setting:
        """Of rows (M, p), of which ``known`` have the labels (n_0, C)."""
        return cls(
            _sample(rows, intercept),
            known,
            labels,
            class_names,
            len(rows) if size is None else size,
            _rare_columns(rows),
            notes,
            np.arange(len(rows)) if numbers is None else numbers,
        )

    @property
    def count(self) -> int:
        """Number of labelled rows n_0."""
        return len(self.known)

    @property
    def rows(self) -> np.ndarray:
        """(n_0, r) the labelled rows."""
        return np.asarray(self.sample.rows[self.known])

    @cached_property
    def classes(self) -> Classes | None:
        """How classes stand as columns; None for numbers."""
        return Classes.of(self.labels) if self.class_names else None

    @cached_property
    def columns(self) -> np.ndarray:
        """(n_0, K) the labels as the theory sees them: C - 1 columns for C classes."""
        return self.columns_of(self.labels)

    def columns_of(self, labels: np.ndarray) -> np.ndarray:
        """Labels (k, C) as columns (k, K)."""
        if self.classes is None:
            return labels
        return np.asarray((labels - self.classes.shares) @ self.classes.contrasts)

    def ridges(self, given: float | None = None) -> np.ndarray:
        """The grid as sums over samples, and a ``given`` ridge, rising."""
        grid = np.array(GRID) * self.sample.scale
        return np.unique(grid if given is None else np.append(grid, given))

    def measured(self, ridges: np.ndarray) -> Measured:
        """Leave-one-out of the labelled rows along the path."""
        others = np.delete(self.sample.rows, self.known, axis=0)
        return Measured.of(
            self.rows, self.columns, ridges, self.sample.intercept, self.classes, others
        )

    def draws(self, count: int, generator: np.random.Generator, temper: float) -> Draws:
        """Posterior draws of the signal: classes share q, rho and v, numbers have their own."""
        values, intercept = self.sample.values, self.sample.intercept
        shared = self.classes is not None
        evidence = Evidence.of(self.rows, values, self.columns, intercept, shared)
        return evidence.draws(count, generator, temper)


def _rare_columns(rows: np.ndarray) -> int:
    other = (rows != np.median(rows, axis=0)).mean(axis=0)
    return int(((other > 0) & (other < RARE)).sum())


def _sample(rows: np.ndarray, intercept: bool) -> Sample:
    """Rows in the eigenvectors of their covariance; through the smaller Gram matrix."""
    rows = np.asarray(rows, dtype=float)
    if intercept:
        rows = rows - rows.mean(axis=0)
    size, width = rows.shape
    if width <= size:
        values, vectors = np.linalg.eigh(rows.T @ rows / size)
        kept = values > CUT * values[-1]
        return Sample(rows @ vectors[:, kept][:, ::-1], values[kept][::-1], intercept)
    values, left = np.linalg.eigh(rows @ rows.T / size)
    kept = values > CUT * values[-1]
    scales = np.sqrt(size * values[kept])
    return Sample((left[:, kept] * scales)[:, ::-1], values[kept][::-1], intercept)
