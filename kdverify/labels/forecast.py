"""Risk and accuracy of students of n labels, from draws of what n_0 labels leave unknown."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np

from kdverify import formulas
from kdverify.labels.chances import class_chances, logit_model
from kdverify.labels.drawn import DrawnSet, Sample
from kdverify.labels.likelihood import Draws

#: Sets of rows drawn for each n where the rank is small, the fewest, and the work that they share.
MOST_SETS, FEWEST_SETS, SET_WORK = 12, 3, 6e9
#: Rows that the logit model of the classes is fitted on.
MODEL_ROWS = 1000
#: Accuracies are kept this far from 0 and 1.
SURE = 1e-4

#: Called with what is being done and the fraction that is done.
Report = Callable[[str, float], None]


@dataclass(frozen=True, eq=False)
class Classes:
    """How labels of C classes stand as C - 1 columns.

    Attributes:
        shares: (C,) of the classes among the labelled rows.
        contrasts: (C, C - 1) orthonormal, orthogonal to ones: one-hot labels times these are
            the columns; squared errors summed over the columns are those of one-hot labels.
        covariance: (C - 1, C - 1) of the columns; the noise is shaped as what the signal
            leaves of it.
    """

    shares: np.ndarray
    contrasts: np.ndarray
    covariance: np.ndarray

    @classmethod
    def of(cls, one_hot: np.ndarray) -> Classes:
        """Of one-hot labels (n_0, C)."""
        count = one_hot.shape[1]
        contrasts = np.linalg.qr(np.column_stack([np.ones(count), np.eye(count)[:, 1:]]))[0][:, 1:]
        labels = (one_hot - one_hot.mean(axis=0)) @ contrasts
        return cls(one_hot.mean(axis=0), contrasts, labels.T @ labels / len(labels))

    def scores(self, columns: np.ndarray) -> np.ndarray:
        """(..., C) what outputs (..., C - 1) in the columns say of each class."""
        return np.asarray(columns @ self.contrasts.T + self.shares)

    def right(self, outputs: np.ndarray, labels: np.ndarray) -> np.ndarray:
        """(k,) bool: whether outputs and labels (k, C - 1) name the same class."""
        return np.asarray(self.scores(outputs).argmax(axis=1) == self.scores(labels).argmax(axis=1))

    def noise_root(self, signal: np.ndarray, values: np.ndarray, noise: float) -> np.ndarray:
        """(C - 1, C - 1) R with RR' of trace ``noise``, shaped as what ``signal`` leaves."""
        left = self.covariance - (signal.T * values) @ signal
        sizes, vectors = np.linalg.eigh((left + left.T) / 2)
        sizes = np.maximum(sizes, 0.0) + 1e-9 * np.trace(self.covariance)
        return np.asarray(vectors * np.sqrt(sizes * noise / sizes.sum()))


@dataclass(frozen=True, eq=False)
class AtSize:
    """What the draws say at one n, before it is set against what was measured.

    Attributes:
        n: number of labels.
        risks: (T, len(ridges)) total risk of a student for each draw, averaged over the sets.
        sets: (sets, len(ridges)) the same for each set, averaged over the draws.
        accuracies: index of a ridge -> accuracy, averaged over draws and sets; for classes.
        dependent: whether rows of a set, not more than the rank, were dependent.
    """

    n: int
    risks: np.ndarray
    sets: np.ndarray
    accuracies: dict[int, float]
    dependent: bool

    @property
    def best(self) -> int:
        """Index of the ridge of least mean risk."""
        return int(self.risks.mean(axis=0).argmin())


def sets_of(n: int, rank: int) -> int:
    """How many sets are drawn: fewer where one is expensive."""
    return int(np.clip(SET_WORK / min(n, rank) ** 3, FEWEST_SETS, MOST_SETS))


def at_size(
    sample: Sample,
    n: int,
    ridges: np.ndarray,
    draws: Sequence[Draws],
    classes: Sequence[Classes | None],
    accuracy_at: Callable[[int], list[int]],
    generator: np.random.Generator,
    sets: int | None = None,
) -> list[AtSize]:
    """For each of ``draws`` (several questions may share the rows that are drawn) its risks at n.

    Args:
        ridges: sums over samples.
        classes: of each of ``draws``; None for numbers.
        accuracy_at: from the best ridge's index to those whose accuracy is wanted.
        generator: draws the rows.
        sets: of rows; `sets_of` by default.
    """
    count = sets_of(n, sample.rank) if sets is None else sets
    biases = [np.zeros((count, one.count, len(ridges))) for one in draws]
    weights = np.empty((count, len(ridges)))
    made: list[DrawnSet] = []
    for index in range(count):
        made.append(DrawnSet.of(sample, n, generator))
        weights[index] = made[-1].noise_weights(ridges)
        for found, one in zip(biases, draws, strict=True):
            found[index] = made[-1].biases(ridges, one.columns, one.signal.shape[2]).T
    free = n - sample.intercept
    dependent = free <= sample.rank and any(one.made.rank < free for one in made)
    results = []
    for found, one, kind in zip(biases, draws, classes, strict=True):
        risks = formulas.linear_risk(found, one.noise[:, None], weights[:, None, :])
        mean = risks.mean(axis=0)
        accuracies: dict[int, float] = {}
        if kind is not None:
            for ridge in dict.fromkeys(accuracy_at(int(mean.mean(axis=0).argmin()))):
                accuracies[ridge] = _accuracy(made, ridges[ridge], one, kind, generator)
        results.append(AtSize(n, mean, risks.mean(axis=1), accuracies, dependent))
    return results


def _accuracy(
    sets: list[DrawnSet],
    ridge: float,
    draws: Draws,
    classes: Classes,
    generator: np.random.Generator,
) -> float:
    """Mean over sets and draws: students of classes that are drawn from the logit model."""
    sample, columns = sets[0].sample, draws.signal.shape[2]
    few = sample.rows[:: max(1, len(sample.rows) // MODEL_ROWS)]
    models = [
        logit_model(few @ draws.signal[:, t] @ classes.contrasts.T, classes.shares)
        for t in range(draws.count)
    ]

    def chances(rows: np.ndarray) -> np.ndarray:
        scores = (rows @ draws.columns).reshape(len(rows), draws.count, columns)
        scores = scores @ classes.contrasts.T
        found = [class_chances(scores[:, t], model) for t, model in enumerate(models)]
        return np.stack(found, axis=1)

    total = 0.0
    for one in sets:
        known = np.cumsum(chances(sample.rows[one.numbers]), axis=2)
        dice = generator.random((*known.shape[:2], 1))
        drawn = (dice > known[..., :-1]).sum(axis=2)
        labels = classes.contrasts[drawn].reshape(len(drawn), -1)
        level = labels.mean(axis=0) if sample.intercept else np.zeros(labels.shape[1])
        inside = one.made.coefficients(one.made.projected(labels - level), ridge)
        rows = one.judges(generator)
        outputs = (rows - one.centre) @ (one.made.right @ inside) + level
        said = (outputs.reshape(len(rows), draws.count, columns) @ classes.contrasts.T).argmax(2)
        total += float(np.take_along_axis(chances(rows), said[..., None], axis=2).mean())
    return float(np.clip(total / len(sets), SURE, 1 - SURE))
