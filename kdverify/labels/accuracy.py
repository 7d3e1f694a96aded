"""Accuracy of students of n labels: the outputs that leave-one-out measures, moved.

A student's outputs f for rows with label columns y split into ``a y`` and a rest, ``a`` the slope
``E y'f / E y'y``.  Risk and slope follow from the linear theory, and with them the rest's mean
square ``v = R - (1 - a)^2 E y'y``.  How the rest is distributed does not; it is taken from the
left-out outputs of the labelled rows, brought to a and v of students of n labels.  How often such
outputs name the right class is their accuracy.  At n_0 both the theory and leave-one-out say what
a and v are; the geometric mean is taken, and its ratio to the theory's is kept for all n.

The outputs are the best ridge's, at its ridge the surest.  A student of another ridge has its own:
what they say at n_0 beyond the best's is added to the logit of the accuracy at n, times the share
of its risk that it has more than the best ridge at n.  Through n = rank that falls to nothing.
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
    """Left-out outputs of the labelled rows at one ridge, to be moved.

    Attributes:
        measured: labels y, outputs f, classes; now: what the theory says at n_0.
        rest: (n_0, K) ``f - a y`` over the root of its mean square.
        slopes, scatters: (T,) what a and v of each draw are multiplied by.
        shift: added to the logit of the accuracy: half of what the control of `LeaveOneOut` adds.
        error: of that logit at n_0: half of the standard error of the share of right classes, as
            half of the level is the theory's, or what is told less what is measured if larger.
        start: logit of the accuracy at n_0, before the shift.
    """

    measured: LeaveOneOut
    now: AtSize
    rest: np.ndarray
    slopes: np.ndarray
    scatters: np.ndarray
    shift: float
    error: float
    start: float = 0.0

    @classmethod
    def of(cls, measured: LeaveOneOut, now: AtSize, ridge: int) -> Outputs:
        """Of classes, at the ridge of this index."""
        assert measured.hits is not None
        assert measured.accuracies is not None
        assert measured.accuracy_variances is not None
        y, f = measured.labels, measured.outputs[ridge]
        slope = float((y * f).sum() / np.square(y).sum())
        rest = f - slope * y
        scatter = float(np.square(rest).sum(axis=1).mean())
        slopes, scatters = (one.mean(axis=0) for one in now.outputs(ridge))
        level = measured.accuracies[ridge]
        found = cls(
            measured,
            now,
            rest / np.sqrt(scatter),
            np.sqrt(np.maximum(slope / slopes, FLATTEST)),
            np.sqrt(scatter / scatters),
            float(logit(level) - logit(_inside(measured.hits[ridge].mean(), len(y)))) / 2,
            float(np.sqrt(measured.accuracy_variances[ridge]) / (level * (1 - level))) / 2,
        )
        start = float(found.logits(now, ridge).mean())
        gap = float(abs(logit(level) - start - found.shift))
        return replace(found, error=max(found.error, gap), start=start)

    def logits(self, at: AtSize, ridge: int) -> np.ndarray:
        """(T,) logits of the accuracy at n for each draw, before the shift."""
        slopes, scatters = at.outputs(ridge)
        slopes, roots = slopes * self.slopes, np.sqrt(scatters * self.scatters)
        found = np.empty(slopes.shape)
        for place, slope in np.ndenumerate(slopes):
            found[place] = self._accuracy(slope * self.measured.labels + roots[place] * self.rest)
        return np.asarray(logit(_inside(found.mean(axis=0), len(self.rest))))

    def accuracy(self, at: AtSize, ridge: int, quantile: float) -> tuple[float, float, float]:
        """Accuracy at n, and its interval; these outputs are the best ridge's."""
        logits = self.logits(at, ridge)
        middle, error = float(logits.mean()), self.error
        change, share = abs(middle - self.start), self.own_share(at, ridge)
        middle += self.shift
        if share > 0:
            own = Outputs.of(self.measured, self.now, ridge)
            beyond = own.start + own.shift - self.logits(self.now, ridge).mean() - self.shift
            middle += share * float(beyond)
            error += share * (own.error - self.error)
        half = quantile * (error + logits.std() + CHANGE_ERROR * change)
        found = expit(middle + half * np.array([0.0, -1.0, 1.0]))
        return float(found[0]), float(found[1]), float(found[2])

    def own_share(self, at: AtSize, ridge: int) -> float:
        """What a student's own outputs count for at n beside the best ridge's.

        ``1 - R_best/R``, and at most ``log(R/R_best)`` over that at n_0: where a student at n_0 is
        much further from the best ridge than at n, near n_0 = rank, its outputs are of another law.
        """
        behind, start = _behind(at, ridge), _behind(self.now, ridge)
        return float(min(-np.expm1(-behind), behind / start if start > 0 else 1.0))

    def _accuracy(self, outputs: np.ndarray) -> float:
        """Share of the rows whose margin is positive, smoothed; mean and variance are kept."""
        margins = self.measured.margins(outputs)
        mean, width = margins.mean(), SMOOTHING * margins.std()
        kept = mean + np.sqrt(1 - SMOOTHING**2) * (margins - mean)
        return float(ndtr(kept / max(width, np.finfo(float).tiny)).mean())


def _behind(at: AtSize, ridge: int) -> float:
    """Log of a student's mean risk over that of the best ridge."""
    risks = at.risks.mean(axis=0)
    return float(np.log(risks[ridge] / risks[at.best]))


def _inside(accuracy: np.ndarray, count: int) -> np.ndarray:
    """Accuracy of ``count`` rows, kept half a row from 0 and 1."""
    return np.clip(accuracy, 0.5 / count, 1 - 0.5 / count)
