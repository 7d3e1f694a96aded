"""Risk and outputs of students of n labels, from draws of what n_0 labels leave unknown."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np

from kdverify import formulas
from kdverify.labels.drawn import DrawnSet, Sample
from kdverify.labels.likelihood import SignalDraws

#: Sets of rows drawn for each n where the rank is small, the fewest, and the work that they share.
MOST_SETS, FEWEST_SETS, SET_WORK = 12, 3, 6e9

#: Called with what is being done and the fraction that is done.
Report = Callable[[str, float], None]


@dataclass(frozen=True, eq=False)
class AtSize:
    """What the draws say at one n, before it is set against what was measured.

    Attributes:
        n: number of labels.
        each: (sets, T, len(ridges)) total risk of a student of each set of rows and draw.
        products: the same shape, mean product of its outputs and the signal.
        totals: (T,) mean squared label of each draw.
        dependent: whether rows of a set, not more than the rank, were dependent.
        spare: n, less one for an intercept, less the rank of the rows.
        beside: number of ridges, the last ones, that were asked for: none of them is the best.
    """

    n: int
    each: np.ndarray
    products: np.ndarray
    totals: np.ndarray
    dependent: bool
    spare: int
    beside: int = 0

    @cached_property
    def risks(self) -> np.ndarray:
        """(T, len(ridges)) total risk for each draw, averaged over the sets."""
        return np.asarray(self.each.mean(axis=0))

    @property
    def sets(self) -> np.ndarray:
        """(sets, len(ridges)) total risk for each set, averaged over the draws."""
        return np.asarray(self.each.mean(axis=1))

    @property
    def best(self) -> int:
        """Index of the ridge of the grid of least mean risk."""
        means = self.risks.mean(axis=0)
        return int(means[: len(means) - self.beside].argmin())

    def outputs(self, ridge: int) -> tuple[np.ndarray, np.ndarray]:
        """Slope a of the outputs f on the labels y, and ``E|f - a y|^2``, each (sets, T)."""
        slopes = self.products[..., ridge] / self.totals
        found = formulas.output_scatter(self.each[..., ridge], slopes, self.totals)
        return slopes, np.maximum(found, np.finfo(float).tiny)

    def set_error(self, ridge: int) -> float:
        """Relative standard error of the mean risk over the drawn sets."""
        risks = self.sets[:, ridge]
        return float(risks.std(ddof=1) / risks.mean() / np.sqrt(len(risks)))


def sets_of(n: int, rank: int) -> int:
    """How many sets are drawn: fewer where one is expensive."""
    return int(np.clip(SET_WORK / min(n, rank) ** 3, FEWEST_SETS, MOST_SETS))


def at_size(
    sample: Sample,
    n: int,
    ridges: np.ndarray,
    draws: Sequence[SignalDraws],
    generator: np.random.Generator,
    sets: int | None = None,
    beside: int = 0,
) -> list[AtSize]:
    """For each of ``draws`` (several questions may share the rows that are drawn) its risks at n.

    Args:
        ridges: sums over samples.
        generator: draws the rows.
        sets: of rows; `sets_of` by default.
        beside: see `AtSize`.
    """
    count = sets_of(n, sample.rank) if sets is None else sets
    forms = [np.zeros((2, count, one.count, len(ridges))) for one in draws]
    weights = np.empty((count, len(ridges)))
    free, dependent = n - sample.intercept, False
    for index in range(count):
        made = DrawnSet.of(sample, n, generator)
        dependent |= made.made.rank < free <= sample.rank
        weights[index] = made.noise_weights(ridges)
        for found, one in zip(forms, draws, strict=True):
            for place, form in enumerate(made.forms(ridges, one.columns, one.signal.shape[2])):
                found[place, index] = form.T
    results = []
    for (biases, products), one in zip(forms, draws, strict=True):
        risks = formulas.linear_risk(biases, one.noise[:, None], weights[:, None, :])
        totals, spare = one.totals(sample.values), free - sample.rank
        results.append(AtSize(n, risks, products, totals, dependent, spare, beside))
    return results
