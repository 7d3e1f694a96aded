"""Accuracy of students of n labels: the outputs that leave-one-out measures, moved.

A student's outputs f for rows with label columns y split into ``a y`` and a rest, ``a`` the slope
``E y'f / E y'y``.  Risk and slope follow from the linear theory, and with them the rest's mean
square ``v = R - (1 - a)^2 E y'y``.  How the rest is distributed does not; it is taken from the
left-out outputs of the labelled rows, brought to a and v of students of n labels.  How often such
outputs name the right class is their accuracy.  At n_0 both the theory and leave-one-out say what
a and v are; the geometric mean is taken, and its ratio to the theory's is kept for all n.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
from scipy.special import expit, logit, ndtr

from kdverify.labels.forecast import AtSize
from kdverify.labels.measured import LeaveOneOut

#: Width of the normal law that smooths margins, as a share of their standard deviation; error of
#: a change of the logit, as a share of it, beside the draws'.  Chosen on tuning sets.
SMOOTHING, CHANGE_ERROR = 0.5, 0.1
#: The measured slope counts as at least this share of the theory's.
FLATTEST = 0.1


@dataclass(frozen=True, eq=False)
class Outputs:
    """Left-out outputs of the labelled rows at the best ridge, to be moved.

    Attributes:
        measured: labels y, outputs f, classes.
        rest: (n_0, K) ``f - a y`` over the root of its mean square.
        slopes, scatters: (T,) what a and v of each draw are multiplied by.
        shift: added to the logit of the accuracy: half of what the control of `LeaveOneOut` adds.
        error: of that logit at n_0: half of the standard error of the share of right classes, as
            half of the level is the theory's, or what is told less what is measured if larger; of
            the best ridge, and taken for all.
        now: logit of the accuracy at n_0, before the shift.
    """

    measured: LeaveOneOut
    rest: np.ndarray
    slopes: np.ndarray
    scatters: np.ndarray
    shift: float
    error: float
    now: float = 0.0

    @classmethod
    def of(cls, measured: LeaveOneOut, now: AtSize) -> Outputs | None:
        """None for numbers."""
        if measured.accuracies is None or measured.hits is None:
            return None
        best, y, f = measured.best, measured.labels, measured.outputs
        slope = float((y * f).sum() / np.square(y).sum())
        rest = f - slope * y
        scatter = float(np.square(rest).sum(axis=1).mean())
        slopes, scatters = (one.mean(axis=0) for one in now.outputs(best))
        level = measured.accuracies[best]
        found = cls(
            measured,
            rest / np.sqrt(scatter),
            np.sqrt(np.maximum(slope / slopes, FLATTEST)),
            np.sqrt(scatter / scatters),
            float(logit(level) - logit(_inside(measured.hits[best].mean(), len(y)))) / 2,
            float(np.sqrt(measured.accuracy_variance) / (level * (1 - level))) / 2,
        )
        middle = float(found.logits(now, best).mean())
        gap = float(abs(logit(level) - middle - found.shift))
        return replace(found, error=max(found.error, gap), now=middle)

    def logits(self, at: AtSize, ridge: int) -> np.ndarray:
        """(T,) logits of the accuracy at n for each draw, before the shift."""
        slopes, scatters = at.outputs(ridge)
        slopes, roots = slopes * self.slopes, np.sqrt(scatters * self.scatters)
        found = np.empty(slopes.shape)
        for place, slope in np.ndenumerate(slopes):
            found[place] = self._accuracy(slope * self.measured.labels + roots[place] * self.rest)
        return np.asarray(logit(_inside(found.mean(axis=0), len(self.rest))))

    def accuracy(self, at: AtSize, ridge: int, quantile: float) -> tuple[float, float, float]:
        """Accuracy at n, and its interval."""
        logits = self.logits(at, ridge)
        middle = float(logits.mean())
        half = quantile * (self.error + logits.std() + CHANGE_ERROR * abs(middle - self.now))
        found = expit(middle + self.shift + half * np.array([0.0, -1.0, 1.0]))
        return float(found[0]), float(found[1]), float(found[2])

    def _accuracy(self, outputs: np.ndarray) -> float:
        """Share of the rows whose margin is positive, smoothed; mean and variance are kept."""
        margins = self.measured.margins(outputs)
        mean, width = margins.mean(), SMOOTHING * margins.std()
        kept = mean + np.sqrt(1 - SMOOTHING**2) * (margins - mean)
        return float(ndtr(kept / max(width, np.finfo(float).tiny)).mean())


def _inside(accuracy: np.ndarray, count: int) -> np.ndarray:
    """Accuracy of ``count`` rows, kept half a row from 0 and 1."""
    return np.clip(accuracy, 0.5 / count, 1 - 0.5 / count)
