"""What the labels at hand measure: leave-one-out at n_0, with the unlabelled rows as control.

A row's squared error is predicted in part by the scores that it gets: for classes by
``1 - sum p^2`` of the scores read as chances, for numbers by the row's length.  The mean of that
over the unlabelled rows is known, over the labelled ones too; what they differ in is taken off
the measured mean, times the slope of the squared errors on it (a control variate: Angelopoulos
et al. 2023 call it prediction-powered).  Likewise the share of right classes, by the largest
chance.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

from kdverify.labels.classes import Classes
from kdverify.labels.path import Decomposition, leave_one_out
from kdverify.shown import Shown

#: Unlabelled rows, at most, that the control is averaged over.
CONTROL_ROWS = 4000


@dataclass(frozen=True, eq=False, repr=False)
class LeaveOneOut(Shown):
    """Leave-one-out along the ridge path.

    Attributes:
        ridges: sums over samples.
        rows: (len(ridges), n_0) squared error of each labelled row by the student of the
            others, columns summed.
        risks: (len(ridges),) their means, moved by the control.
        left: (len(ridges), n_0) what the control does not explain of ``rows``.
        hits: (len(ridges), n_0) whether the class is right, or None for numbers.
        accuracies: (len(ridges),) their means, moved by the control likewise; or None.
        labels: (n_0, K) label columns; outputs: (len(ridges), n_0, K) left-out outputs.
        accuracy_variances: (len(ridges),) of ``accuracies``, or None.
        classes: of the columns, or None.
        beside: number of ridges, the last ones, that were asked for: none of them is the best.
    """

    ridges: np.ndarray
    rows: np.ndarray
    risks: np.ndarray
    left: np.ndarray
    hits: np.ndarray | None
    accuracies: np.ndarray | None
    labels: np.ndarray
    outputs: np.ndarray
    accuracy_variances: np.ndarray | None = None
    classes: Classes | None = None
    beside: int = 0

    @classmethod
    def of(
        cls,
        rows: np.ndarray,
        labels: np.ndarray,
        ridges: np.ndarray,
        intercept: bool,
        classes: Classes | None,
        pool: np.ndarray,
        beside: int = 0,
    ) -> LeaveOneOut:
        """Of labelled rows (n_0, r) and label columns (n_0, K); ``pool``: rows without labels."""
        errors = leave_one_out(rows, labels, ridges, intercept)
        squares, left_out = np.square(errors).sum(axis=2), labels - errors
        pool = pool[:: max(1, len(pool) // CONTROL_ROWS)]
        centre = rows.mean(axis=0) if intercept else np.zeros(rows.shape[1])
        level = labels.mean(axis=0) if intercept else np.zeros(labels.shape[1])
        made = Decomposition.of(rows - centre)
        projected, seen = made.projected(labels - level), (pool - centre) @ made.right
        risks, left = np.empty(len(ridges)), np.empty_like(squares)
        hits, accuracies = np.empty(squares.shape, dtype=bool), np.empty(len(ridges))
        variances = np.empty(len(ridges))
        for index, ridge in enumerate(ridges):
            if classes is None:
                own, every = np.square(rows).sum(axis=1), np.square(pool).sum(axis=1)
            else:
                outputs = seen @ made.coefficients(projected, ridge) + level
                chances = [_chances(classes.scores(one)) for one in (left_out[index], outputs)]
                own, every = (1 - np.square(one).sum(axis=1) for one in chances)
                hits[index] = classes.right(left_out[index], labels)
                sure, all_sure = (one.max(axis=1) for one in chances)
                found, rest = _controlled(hits[index].astype(float), sure, float(all_sure.mean()))
                variances[index] = _mean_variance(rest)
                accuracies[index] = np.clip(found, 0.5 / len(rows), 1 - 0.5 / len(rows))
            found, left[index] = _controlled(squares[index], own, float(every.mean()))
            risks[index] = np.clip(found, squares[index].mean() / 2, 2 * squares[index].mean())
        made_of = cls(ridges, squares, risks, left, None, None, labels, left_out)
        made_of = replace(made_of, beside=beside)
        if classes is None:
            return made_of
        return replace(
            made_of, classes=classes, hits=hits, accuracies=accuracies,
            accuracy_variances=variances,
        )  # fmt: skip

    def margins(self, outputs: np.ndarray) -> np.ndarray:
        """(n_0,) by how much outputs (n_0, K) prefer the right class."""
        assert self.classes is not None
        return self.classes.margins(outputs, self.labels)

    @property
    def best(self) -> int:
        """Index of the ridge of the grid of least risk, before the control."""
        return int(self.rows[: len(self.rows) - self.beside].mean(axis=1).argmin())

    @property
    def relative_variance(self) -> float:
        """Variance of the log of the level at the best ridge."""
        return float(self.variances[self.best])

    @property
    def variances(self) -> np.ndarray:
        """(len(ridges),) of the logs of ``risks``: rows are what is independent."""
        return np.array(
            [_mean_variance(one / risk) for one, risk in zip(self.left, self.risks, strict=True)]
        )

    @property
    def temper(self) -> float:
        """Power of the likelihood: 2/K over the squared variation of the rows' squared errors."""
        rows = self.rows[self.best]
        return min(1.0, 2 / self.labels.shape[1] / float(rows.var() / rows.mean() ** 2))

    @property
    def weights(self) -> np.ndarray:
        """(len(ridges),) of sum 1: what a ridge of the grid counts for the level; 0 nothing."""
        raw = self.rows.mean(axis=1)
        near = 1 / np.square(np.log(raw / raw[self.best]) + 0.1)
        own = np.arange(len(self.ridges)) < len(self.ridges) - self.beside
        found = np.where((self.ridges > 0) & own, near, 0.0)
        return np.asarray(found / found.sum())


def log_ratio(first: np.ndarray, second: np.ndarray) -> tuple[float, float]:
    """Log of the ratio of two means, and its standard error: the same rows give both."""
    gaps = first / first.mean() - second / second.mean()
    error = float(gaps.std(ddof=1) / np.sqrt(len(gaps)))
    return float(np.log(first.mean() / second.mean())), error


def _mean_variance(left: np.ndarray) -> float:
    """Variance of a mean that a straight line was taken from, from what it left of each."""
    return float(np.square(left).sum() / (len(left) - 2) / len(left))


def _chances(scores: np.ndarray) -> np.ndarray:
    """(k, C) scores read as chances: not negative, of sum 1."""
    chances = np.clip(scores, 1e-9, 1.0)
    return np.asarray(chances / chances.sum(axis=1, keepdims=True))


def _controlled(
    squares: np.ndarray, control: np.ndarray, expected: float
) -> tuple[float, np.ndarray]:
    """Mean of ``squares`` where ``control`` has the mean ``expected``; what it leaves of each."""
    gaps = control - control.mean()
    spread = float(gaps @ gaps)
    slope = float(gaps @ squares) / spread if spread > 0 else 0.0
    moved = squares.mean() + slope * (expected - control.mean())
    return float(moved), squares - squares.mean() - slope * gaps
