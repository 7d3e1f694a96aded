"""A forecast set against what the labels at hand measure: level, interval, accuracy."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
from scipy.special import expit, logit

from kdverify.labels.forecast import AtSize
from kdverify.labels.measured import Measured

#: Half-widths are those of a normal law times this; calibrated on made-up laws.
FACTOR = 1.3
#: Quantile of the normal law for intervals of 80 %.
QUANTILE = 1.2815515655446004
#: Spread of the logit of the accuracy around that of the logit model of the classes, and what a
#: change of it may be off by.
SHIFT_SPREAD, CHANGE_ERROR = 0.7, 0.25


@dataclass(frozen=True, eq=False)
class Level:
    """What the measurement at n_0 does to a forecast.

    Attributes:
        shift: added to all log risks.
        reference: (T,) log risk of each draw at n_0, weighted over the ridges.
        variance: of the log of the level.
        accuracy_shift: added to the logits of all accuracies.
        accuracy_variance: of that shift.
        accuracy_reference: logit of the accuracy of the draws at n_0, weighted over the ridges.
    """

    shift: float
    reference: np.ndarray
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
        level = cls(float(weights[used] @ gaps), reference, measured.relative_variance)
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
        half = FACTOR * QUANTILE * np.hypot(np.sqrt(self.variance), self.shape_error(at, ridge))
        return float(middle), float(middle * np.exp(-half)), float(middle * np.exp(half))

    def shape_error(self, at: AtSize, ridge: int) -> float:
        """Standard deviation over the draws of log risk less that at n_0."""
        return float((np.log(at.risks[:, ridge]) - self.reference).std())

    def accuracy(self, at: AtSize, ridge: int) -> tuple[float, float, float]:
        """Accuracy at the ridge of this index, and its interval of 80 %."""
        drawn = float(logit(at.accuracies[ridge]))
        spread = np.hypot(
            np.sqrt(self.accuracy_variance), CHANGE_ERROR * (drawn - self.accuracy_reference)
        )
        moves = QUANTILE * spread * np.array([0.0, -1.0, 1.0])
        middle, low, high = expit(drawn + self.accuracy_shift + moves)
        return float(middle), float(low), float(high)
