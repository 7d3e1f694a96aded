"""Rows of which some are labelled, in the coordinates that section 13 works in."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np

from kdverify.labels.classes import Classes
from kdverify.labels.drawn import Sample
from kdverify.labels.likelihood import Evidence, SignalDraws
from kdverify.labels.measured import LeaveOneOut
from kdverify.labels.path import GRID
from kdverify.rows.question import Question

#: A column that differs from its middle value in a smaller share of the rows is nearly empty.
RARE = 0.03
#: A column is lost in rounding where its variance is below this share of the largest eigenvalue.
FAINT = 1e-9


@dataclass(frozen=True, eq=False)
class Setting:
    """N rows, or M of them that stand for all, n_0 labelled.

    Attributes:
        sample: the rows in the eigenvectors of their covariance.
        known: (n_0,) numbers of the labelled rows in ``sample``.
        labels: (n_0, C) numbers, or one-hot.
        class_names: of the columns for classes, else empty.
        size: N.
        rare_columns: number of columns that are nearly always the same; faint_columns: of those
            whose variance is lost beside the others'.
        notes: what was done to the rows.
        numbers: (M,) of the rows in the matrix that was given.
        question: what is asked, of these rows.
        index: (N,) of the data frame that the rows came in, or None.
    """

    sample: Sample
    known: np.ndarray
    labels: np.ndarray
    class_names: tuple[str, ...] = ()
    size: int = 0
    rare_columns: int = 0
    faint_columns: int = 0
    notes: tuple[str, ...] = ()
    numbers: np.ndarray | None = None
    question: Question | None = None
    index: Any = None

    @classmethod
    def of(
        cls,
        question: Question,
        size: int | None = None,
        numbers: np.ndarray | None = None,
        notes: Sequence[str] = (),
        index: Any = None,
    ) -> Setting:
        """Of a question of which some rows are labelled."""
        rows, known = question.pool.original(), np.flatnonzero(question.labelled)
        sample = Sample.of(rows, question.intercept != "none")
        return cls(
            sample,
            known,
            question.labels[known] + question.level,
            question.class_names,
            question.size if size is None else size,
            *thin_columns(rows, sample),
            (*notes, *question.notes),
            np.arange(question.size) if numbers is None else numbers,
            question,
            index,
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
        """The grid as sums over samples, rising; behind it a ``given`` ridge that it has not."""
        grid = np.array(GRID) * self.sample.scale
        return grid if given is None or given in grid else np.append(grid, given)

    def measured(self, ridges: np.ndarray, beside: int = 0) -> LeaveOneOut:
        """Leave-one-out of the labelled rows along the path; the last ``beside`` are never best."""
        others = np.delete(self.sample.rows, self.known, axis=0)
        return LeaveOneOut.of(
            self.rows, self.columns, ridges, self.sample.intercept, self.classes, others, beside
        )

    def draws(self, count: int, generator: np.random.Generator, temper: float) -> SignalDraws:
        """Posterior draws of the signal: classes share q, rho and v, numbers have their own."""
        values, intercept = self.sample.values, self.sample.intercept
        shared = self.classes is not None
        evidence = Evidence.of(self.rows, values, self.columns, intercept, shared)
        return evidence.draws(count, generator, temper)


def thin_columns(rows: np.ndarray, sample: Sample) -> tuple[int, int]:
    """Numbers of columns that are nearly always the same, and that are lost beside the others."""
    other = (rows != np.median(rows, axis=0)).mean(axis=0)
    rare, faint = (other > 0) & (other < RARE), rows.var(axis=0) < FAINT * sample.values[0]
    return int(rare.sum()), int(faint.sum())
