"""A forecast set against what the labels at hand measure: level, interval, accuracy."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
from scipy.special import expit, logit

from kdverify.labels.forecast import AtSize
from kdverify.labels.measured import Measured

#: Error of the change as a share of its logarithm, beside the posterior's: what the prior misses
#: does not become less with more labels.  Chosen on tuning sets (experiments/label_sets.py).
MISFIT = 0.05
#: Quantile of the normal law for intervals of 80 %.
QUANTILE = 1.2815515655446004
#: Spread of the logit of the accuracy around that of the logit model of the classes, and what a
#: change of it may be off by.
SHIFT_SPREAD, CHANGE_ERROR = 0.7, 0.25


def half_width(level: float, spread: float, change: float) -> float:
    """Half of the interval of 80 % of a log risk.

    Errors are added, not their squares: labels with too little noise by chance lower the level
    and make the forecast fall too fast (correlations of 0.2 to 0.9 were measured).

    Args:
        level: standard error of the log of the level; spread: standard deviation of the log change
            over the posterior; change: log of the risk over the best ridge's at n_0.
    """
    return QUANTILE * (level + spread + MISFIT * abs(change))


@dataclass(frozen=True, eq=False)
class Level:
    """What the measurement at n_0 does to a forecast.

    Attributes:
        shift: added to all log risks.
        reference: (T,) log risk of each draw at n_0, weighted over the ridges.
        best: log of the least mean risk at n_0, before the shift.
        variance: of the log of the level.
        accuracy_shift: added to the logits of all accuracies.
        accuracy_variance: of that shift.
        accuracy_reference: logit of the accuracy of the draws at n_0, weighted over the ridges.
    """

    shift: float
    reference: np.ndarray
    best: float
    variance: float
    accuracy_shift: float = 0.0
    accuracy_variance: float = 0.0
    accuracy_reference: float = 0.0

    @classmethod
    def of(cls, measured: Measured, now: AtSize) -> Level:
        """From the measurement, and the forecast for n_0."""
        weights = measured.weights
        used = weights > 0
        gaps = np.log(measured.risks[used] / now.risks[:, used].mean(axis=0))
        reference = np.log(now.risks[:, used]) @ weights[used]
        best = float(np.log(now.risks.mean(axis=0).min()))
        level = cls(float(weights[used] @ gaps), reference, best, measured.relative_variance)
        if measured.accuracies is None:
            return level
        known = weights @ logit(measured.accuracies)
        drawn = weights @ logit([now.accuracies[k] for k in range(len(weights))])
        # the noise of the share of right classes among n_0, as a logit
        share = expit(known)
        noise = 1 / (measured.rows.shape[1] * share * (1 - share))
        kept = SHIFT_SPREAD**2 / (SHIFT_SPREAD**2 + noise)
        return replace(
            level,
            accuracy_shift=float(kept * (known - drawn)),
            accuracy_variance=float(kept * noise),
            accuracy_reference=float(drawn),
        )

    def risk(self, at: AtSize, ridge: int) -> tuple[float, float, float]:
        """Mean total risk at the ridge of this index, and its interval of 80 %."""
        middle = float(at.risks[:, ridge].mean()) * np.exp(self.shift)
        half = half_width(np.sqrt(self.variance), *self._change(at, ridge))
        return float(middle), float(middle * np.exp(-half)), float(middle * np.exp(half))

    def shape_error(self, at: AtSize, ridge: int) -> float:
        """Standard error of log risk less that at n_0: over the draws, and the prior's misfit."""
        return half_width(0.0, *self._change(at, ridge)) / QUANTILE

    def _change(self, at: AtSize, ridge: int) -> tuple[float, float]:
        """Spread of the log change over the draws; log of the mean over the best risk at n_0."""
        risks = at.risks[:, ridge]
        spread = (np.log(risks) - self.reference).std()
        return float(spread), float(np.log(risks.mean()) - self.best)

    def accuracy(self, at: AtSize, ridge: int) -> tuple[float, float, float]:
        """Accuracy at the ridge of this index, and its interval of 80 %."""
        drawn = float(logit(at.accuracies[ridge]))
        spread = np.hypot(
            np.sqrt(self.accuracy_variance), CHANGE_ERROR * (drawn - self.accuracy_reference)
        )
        moves = QUANTILE * spread * np.array([0.0, -1.0, 1.0])
        middle, low, high = expit(drawn + self.accuracy_shift + moves)
        return float(middle), float(low), float(high)
