"""Learning curves of one student as users of scikit-learn expect them: arrays over n."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from kdverify import checks
from kdverify.measurement import Measured
from kdverify.prediction import Prediction
from kdverify.shown import Shown


class _Curve(Shown):
    """A curve with a `table`."""

    def table(self) -> dict[str, np.ndarray]:
        """Columns of one number a sample size."""
        raise NotImplementedError

    def records(self) -> Iterator[dict[str, Any]]:
        """One record for each sample size, of the columns of `table`."""
        columns = self.table()
        for values in zip(*(column.tolist() for column in columns.values()), strict=True):
            yield dict(zip(columns, values, strict=True))


@dataclass(frozen=True, eq=False, repr=False)
class LearningCurve(_Curve):
    """A predicted learning curve; k sample sizes, K label columns.

    Attributes:
        n: (k,) sample sizes.
        errors: (k, K) mean squared error on rows that were not trained on, label noise
            included; with ``unseen=False`` on all of the pool's rows.
        excess_risks: (k, K) mean square of prediction less ``x'beta*`` over the same rows: what
            the student loses against the best linear predictor of the pool.
        accuracy: (k,) share of the same rows that are classified right, or None.
        floor: (K,) error of the best linear predictor on the pool that it is fitted to.
        model: ``"rows"`` or ``"gaussian"``.
    """

    n: np.ndarray
    errors: np.ndarray
    excess_risks: np.ndarray
    accuracy: np.ndarray | None
    floor: np.ndarray
    model: str

    @classmethod
    def of(cls, found: Prediction) -> LearningCurve:
        """From students of strong labels, one ridge."""
        return cls(
            np.atleast_1d(found.n),
            np.atleast_2d(found.risk_by_output["strong"]),
            np.atleast_2d(found.excess_by_output["strong"]),
            np.atleast_1d(found.accuracy["strong"]) if found.accuracy else None,
            found.question.moments.floor,
            found.by,
        )

    @classmethod
    def least(cls, curves: Sequence[LearningCurve]) -> LearningCurve:
        """At each n the point of the curve with the least error, summed over labels."""
        errors = np.array([curve.error for curve in curves])
        best = np.where(np.isnan(errors), np.inf, errors).argmin(axis=0)
        points = np.arange(len(best))
        first = curves[0]

        def chosen(name: str) -> np.ndarray:
            return np.asarray([getattr(curve, name) for curve in curves])[best, points]

        accuracy = None if first.accuracy is None else chosen("accuracy")
        return replace(
            first,
            errors=chosen("errors"),
            excess_risks=chosen("excess_risks"),
            accuracy=accuracy,
        )

    @property
    def error(self) -> np.ndarray:
        """(k,) `errors` summed over the label columns."""
        return np.asarray(self.errors.sum(axis=1))

    @property
    def excess_risk(self) -> np.ndarray:
        """(k,) `excess_risks` summed over the label columns."""
        return np.asarray(self.excess_risks.sum(axis=1))

    def table(self) -> dict[str, np.ndarray]:
        """Columns of one number a sample size, as a data frame takes them."""
        columns = {"n": self.n, "error": self.error, "excess_risk": self.excess_risk}
        return columns if self.accuracy is None else columns | {"accuracy": self.accuracy}


@dataclass(frozen=True, eq=False, repr=False)
class MeasuredCurve(_Curve):
    """A measured learning curve: one row a sample size, one column a repetition.

    Attributes:
        n: (k,) sample sizes.
        values: ``"error"``, ``"excess_risk"`` and, for classes, ``"accuracy"``:
            (k, repetitions), as in `LearningCurve`.
    """

    n: np.ndarray
    values: dict[str, np.ndarray]

    @classmethod
    def of(cls, found: Measured) -> MeasuredCurve:
        """From students of strong labels, one ridge."""
        names = {"error": "risk", "excess_risk": "excess", "accuracy": "accuracy"}
        values = {
            name: np.atleast_2d(found.values[key]["strong"])
            for name, key in names.items()
            if key in found.values
        }
        return cls(np.atleast_1d(found.n).astype(int), values)

    def mean(self, name: str) -> np.ndarray:
        """(k,) mean over the repetitions."""
        return np.asarray(self._named(name).mean(axis=1))

    def standard_error(self, name: str) -> np.ndarray:
        """(k,) standard error of the mean."""
        found = self._named(name)
        return np.asarray(found.std(axis=1, ddof=1) / np.sqrt(found.shape[1]))

    def half_width(self, name: str, confidence: float = 0.95) -> np.ndarray:
        """(k,) half the width of Student's interval of the mean."""
        from scipy.stats import t

        repetitions = self._named(name).shape[1]
        quantile = t.ppf((1 + confidence) / 2, repetitions - 1)
        return np.asarray(quantile * self.standard_error(name))

    def table(self) -> dict[str, np.ndarray]:
        """Columns of one number a sample size: means, and standard errors beside them."""
        found = {"n": self.n}
        for name in self.values:
            found |= {name: self.mean(name), f"{name}_se": self.standard_error(name)}
        return found

    def _named(self, name: str) -> np.ndarray:
        checks.choice("name", name, tuple(self.values))
        return self.values[name]
