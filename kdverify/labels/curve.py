"""A forecast set against what the labels at hand measure: level, interval, accuracy."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from kdverify.labels.accuracy import Outputs
from kdverify.labels.forecast import AtSize
from kdverify.labels.measured import LeaveOneOut

#: Error of the change as a share of its logarithm, beside the posterior's: what the prior misses
#: does not become less with more labels.  Chosen on tuning sets (experiments/label_sets.py).
MISFIT = 0.05
#: Quantile of the normal law for intervals of 80 %.
QUANTILE = 1.2815515655446004
#: Labels -> share of these intervals that held the truth on real data, in the mean over sets and
#: students (docs/labels-measured.md).
HELD = {100: 0.76, 300: 0.79, 1000: 0.83}


def half_width(level: float, spread: float, change: float, sets: float) -> float:
    """Half of the interval of 80 % of a log risk.

    Errors are added, not their squares: labels with too little noise by chance lower the level
    and make the forecast fall too fast (correlations of 0.2 to 0.9 were measured).

    Args:
        level: standard error of the log of the level; spread: standard deviation of the log change
            over the posterior; change: log of the risk over the best ridge's at n_0.
        sets: relative standard error of the mean over drawn sets of rows, which has nothing to
            do with the others.
    """
    return QUANTILE * np.hypot(level + spread + MISFIT * abs(change), sets)


@dataclass(frozen=True, eq=False)
class Level:
    """What the measurement at n_0 does to a forecast.

    Attributes:
        shift: added to all log risks.
        reference: (T,) log risk of each draw at n_0, weighted over the ridges.
        best: log of the least mean risk at n_0, before the shift.
        variance: of the log of the level.
        outputs: left out at the best ridge, for accuracies; None for numbers.
    """

    shift: float
    reference: np.ndarray
    best: float
    variance: float
    outputs: Outputs | None = None

    @classmethod
    def of(cls, measured: LeaveOneOut, now: AtSize) -> Level:
        """From the measurement, and the forecast for n_0."""
        weights = measured.weights
        used = weights > 0
        gaps = np.log(measured.risks[used] / now.risks[:, used].mean(axis=0))
        reference = np.log(now.risks[:, used]) @ weights[used]
        best = float(np.log(now.risks.mean(axis=0)[now.best]))
        shift, variance = float(weights[used] @ gaps), measured.relative_variance
        outputs = None if measured.hits is None else Outputs.of(measured, now, measured.best)
        return cls(shift, reference, best, variance, outputs)

    def risk(self, at: AtSize, ridge: int) -> tuple[float, float, float]:
        """Mean total risk at the ridge of this index, and its interval of 80 %."""
        middle = float(at.risks[:, ridge].mean()) * np.exp(self.shift)
        half = half_width(np.sqrt(self.variance), *self._change(at, ridge))
        return float(middle), float(middle * np.exp(-half)), float(middle * np.exp(half))

    def shape_error(self, at: AtSize, ridge: int) -> float:
        """Standard error of log risk less that at n_0: over the draws, and the prior's misfit."""
        return half_width(0.0, *self._change(at, ridge)) / QUANTILE

    def _change(self, at: AtSize, ridge: int) -> tuple[float, float, float]:
        """What `half_width` takes beside the level."""
        risks = at.risks[:, ridge]
        spread = (np.log(risks) - self.reference).std()
        return float(spread), float(np.log(risks.mean()) - self.best), at.set_error(ridge)

    def accuracy(
        self, at: AtSize, ridge: int
    ) -> tuple[float, float, float] | tuple[None, None, None]:
        """Accuracy at the ridge of this index, and its interval of 80 %; none for numbers."""
        return (None,) * 3 if self.outputs is None else self.outputs.accuracy(at, ridge, QUANTILE)
