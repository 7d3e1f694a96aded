"""Learning curves: predicted from a pool of rows, and measured by training on it."""

from __future__ import annotations

import warnings
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
from sklearn.exceptions import ConvergenceWarning

from kdverify import checks, rows
from kdverify.estimators.centring import CentredPool
from kdverify.gaussian.theory import NoFiniteMeanWarning
from kdverify.rows.as_gaussian import GaussianStudents

#: From n to errors (K,), excess risks (K,) and accuracy.
Point = Callable[[float], tuple[np.ndarray, np.ndarray, float]]
MODELS = ("rows", "gaussian")
#: Least squares is the limit of ridge -> 0: this fraction of the smallest eigenvalue of Sigma.
VANISHING = 1e-6
#: Largest change of log b, and relative residual of (10) and (12): far below the theory's error.
TOLERANCE = 1e-5
#: Ten rows a column, within these bounds, stand for the pool in the correction for finite n:
#: on digits it varies by 5 % of itself with the rows, 1 % of the error at n = 45 of 62.
CORRECTION_ROWS = (500, 1500)
#: Least squares learns a direction and b of its rows vanishes with the ridge, or it does not.
RARE = 1e3


@dataclass(frozen=True, eq=False)
class LearningCurve:
    """A predicted learning curve; k sample sizes, K label columns.

    Attributes:
        n: (k,) sample sizes.
        errors: (k, K) mean squared error on rows that were not trained on, label noise
            included; with ``unseen=False`` and for the Gaussian formula on the pool's rows.
        excess_risks: (k, K) mean square of prediction less ``x'beta*`` over the pool's rows:
            what the student loses against the best linear predictor of the pool.
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


@dataclass(frozen=True, eq=False)
class MeasuredCurve:
    """A measured learning curve: one row a sample size, one column a repetition.

    Attributes:
        n: (k,) sample sizes.
        values: ``"error"``, ``"excess_risk"`` and, for classes, ``"accuracy"``:
            (k, repetitions), as in `LearningCurve`.
    """

    n: np.ndarray
    values: dict[str, np.ndarray]

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


@dataclass(frozen=True, eq=False)
class Classes:
    """Classes of the pool's rows, and how they are read off a student's outputs.

    Attributes:
        numbers: (N,) class numbers.
        threshold: for one label column: above it an output means class 1.
    """

    numbers: np.ndarray
    threshold: float | None

    @classmethod
    def of(cls, classes: Any, labels: np.ndarray) -> Classes:
        """Of any class names (N,) that belong to labels (N, K): K = 1, or one-hot columns."""
        names, numbers = np.unique(np.asarray(classes), return_inverse=True)
        count, columns = len(names), labels.shape[1]
        if numbers.shape != (len(labels),):
            raise ValueError(
                f"classes of shape {np.shape(classes)} must have shape ({len(labels)},)"
            )
        if count < 2:
            raise ValueError(f"classes must have at least 2 different values, not {count}")
        if columns > 1:
            if count != columns:
                raise ValueError(f"classes must have one value for each of the {columns} columns")
            return cls(numbers, None)
        values = np.unique(labels)
        if count != 2 or values.size != 2:
            raise ValueError(
                f"classes must have 2 values where y is one column with 2 values; they have "
                f"{count} and {values.size}"
            )
        return cls((labels[:, 0] == values[1]).astype(int), float(values.mean()))

    def predicted(self, law: rows.Scores) -> float:
        """Chance of being right, averaged over the rows."""
        if self.threshold is None:
            return law.accuracy(self.numbers)
        return law.two_class_accuracy(self.numbers == 1, self.threshold)

    def measured(self, outputs: np.ndarray, chosen: np.ndarray) -> float:
        """Share of right answers of outputs (k, K) for the rows ``chosen``."""
        if self.threshold is None:
            found = outputs.argmax(axis=1)
        else:
            found = (outputs[:, 0] > self.threshold).astype(int)
        return float((found == self.numbers[chosen]).mean())


@dataclass(frozen=True, eq=False)
class Question:
    """What a curve is asked about: checked rows (N, p), labels (N, K), and the student."""

    features: np.ndarray
    labels: np.ndarray
    classes: Classes | None
    ridge: float
    fit_intercept: bool

    def predict(
        self, sizes: list[float], model: str, unseen: bool, finite_size: bool
    ) -> LearningCurve:
        """The predicted curve at ``sizes``, which may be in any order."""
        checks.choice("model", model, MODELS)
        pool = CentredPool.of(self.features, self.fit_intercept, self.ridge).pool
        labels = self.labels - self.level
        moments = rows.Moments.of(pool, pool, labels)
        point: Point
        if model == "rows":
            point = _RowPoints(self, pool, labels, moments, unseen, finite_size).point
        else:
            point = _gaussian_points(self, pool, moments)
        order = np.argsort(sizes, kind="stable")
        found: dict[int, tuple[np.ndarray, np.ndarray, float]] = {}
        for index in order:
            n = sizes[index]
            if self.ridge == 0 and pool.rank <= n <= pool.rank + 1:
                warnings.warn(
                    f"n={n:g} at rank {pool.rank}: the error has no finite mean; use a ridge or "
                    "another n",
                    NoFiniteMeanWarning,
                    stacklevel=4,
                )
                infinite = np.full(labels.shape[1], np.inf)
                found[int(index)] = (infinite, infinite, np.nan)
                continue
            found[int(index)] = point(n)
        errors, risks, accuracy = zip(*(found[i] for i in range(len(sizes))), strict=True)
        return LearningCurve(
            np.array(sizes),
            np.array(errors),
            np.array(risks),
            None if self.classes is None else np.array(accuracy),
            moments.floor,
            model,
        )

    @property
    def level(self) -> np.ndarray:
        """(K,) what is taken off the labels: their means where there is an intercept."""
        means = self.labels.mean(axis=0)
        return means if self.fit_intercept else np.zeros_like(means)

    def shifted(self, law: rows.Scores) -> rows.Scores:
        """Scores of centred labels as those of the labels."""
        return rows.Scores(law.means + self.level, law.covariances)


class _RowPoints:
    """Points of a curve from (9), (11) and (12), each with a warm start from the one before."""

    def __init__(
        self,
        question: Question,
        pool: rows.Pool,
        labels: np.ndarray,
        moments: rows.Moments,
        unseen: bool,
        finite_size: bool,
    ) -> None:
        self.question, self.pool, self.labels, self.moments = question, pool, labels, moments
        self.unseen = unseen
        # the correction adds the labels to the coordinates, which have to be fewer than the rows
        room = pool.size > pool.width + labels.shape[1]
        self.finite_size = finite_size and room
        self.before: rows.RowEquivalents | None = None

    def point(self, n: float) -> tuple[np.ndarray, np.ndarray, float]:
        """Errors (K,), excess risks (K,) and accuracy at n; NaN where there is no solution."""
        try:
            at = self._solved(n)
            change = None
            if self.finite_size and at.ridge == self.question.ridge:
                change = self._change(at)
            errors, risks, accuracy = self._judged(at, change)
            if change is not None:
                added = change.errors(self.moments)
                errors, risks = errors + added, risks + added
            return errors, risks, accuracy
        except ArithmeticError as problem:
            warnings.warn(f"n={n:g}: {problem}", ConvergenceWarning, stacklevel=5)
            nothing = np.full(self.labels.shape[1], np.nan)
            return nothing, nothing, np.nan

    def _solved(self, n: float) -> rows.RowEquivalents:
        ridge, pool = self.question.ridge, self.pool
        least_squares = ridge == 0 and n > pool.rank
        if least_squares:
            ridge, self.before = VANISHING * float(pool.principal[0][pool.rank - 1]), None
        at = rows.solve(pool, n, ridge, self.before, TOLERANCE)
        if at.code is not rows.Code.CONVERGED:
            raise ArithmeticError(at.code.value)
        rare = int((at.b > RARE * np.median(at.b)).sum()) if least_squares else 0
        if rare:
            warnings.warn(
                f"n={n:g}: {rare} of {pool.size} rows are almost alone in some direction, which n "
                "rows may miss: the prediction for least squares is too high there; drop columns "
                "that are rarely different from their usual value, or use a ridge",
                UserWarning,
                stacklevel=6,
            )
        self.before = at
        return at

    def _change(self, at: rows.RowEquivalents) -> rows.StudentChange:
        """Change of the student's moments by finite n; none for columns that are zero."""
        count = self.labels.shape[1]
        mean, second = np.zeros((self.pool.width, count)), np.zeros(count)
        varying, sampled = self.labels.any(axis=0), False
        if varying.any():
            limit = min(max(10 * self.pool.width, CORRECTION_ROWS[0]), CORRECTION_ROWS[1])
            found = rows.student_change(
                self.pool,
                self.labels[:, varying],
                at.n,
                self.moments.covariance,
                at.ridge,
                start=at,
                limit=limit,
            )
            mean[:, varying], second[varying] = found.mean, found.second
            sampled = found.sampled
        return rows.StudentChange(mean, second, self.moments.covariance, sampled)

    def _judged(
        self, at: rows.RowEquivalents, change: rows.StudentChange | None
    ) -> tuple[np.ndarray, np.ndarray, float]:
        response, best = rows.Response(at, TOLERANCE), self.moments.best
        classes = self.question.classes
        if classes is not None:
            students = rows.Students(at, self.labels, response=response)
            left_out = rows.LeftOut.of(at)
            law = rows.unseen_scores(students, left_out)
            threshold = 0.5 if classes.threshold is None else classes.threshold
            accuracy = rows.class_accuracy(
                students, classes.numbers, self.question.level, left_out, change, threshold
            )
            return law.errors(self.labels).mean(axis=0), _excess_risks(students, best), accuracy
        if not self.unseen:
            risks = rows.Students(at, self.labels, response=response).excess_risks(self.moments)
            return risks + self.moments.floor, risks, np.nan
        errors, risks = np.empty((2, self.labels.shape[1]))
        for column, labels in enumerate(self.labels.T):  # no covariances of different columns
            students = rows.Students(at, labels, response=response)
            law = rows.unseen_scores(students)
            errors[column] = law.errors(students.labels).mean()
            risks[column] = _excess_risks(students, best[:, [column]])[0]
        return errors, risks, np.nan


def _excess_risks(students: rows.Students, best: np.ndarray) -> np.ndarray:
    """(K,) excess risks over the pool by (12), whose solution there is already.

    The covariance of the student is ``M (V - theta theta') M``.
    """
    at = students.at
    own = [index for index, (k, other) in enumerate(students.pairs) if k == other]
    unlearnt = at.pool.times(at.M @ students.theta)
    variances = students.spread.forms[:, own] - np.square(unlearnt)
    return np.asarray((np.square(at.pool.times(students.mean - best)) + variances).mean(axis=0))


def _gaussian_points(question: Question, pool: rows.Pool, moments: rows.Moments) -> Point:
    """Points of a curve from (2)."""
    students = GaussianStudents(pool, moments)
    left = question.labels - question.level - pool.times(moments.best)
    residuals = left.T @ left / pool.size

    def point(n: float) -> tuple[np.ndarray, np.ndarray, float]:
        risks = students.excess_risks(n, question.ridge)
        accuracy = np.nan
        if question.classes is not None:
            law = students.scores(n, question.ridge, residuals)
            if law is not None:
                accuracy = question.classes.predicted(question.shifted(law))
        return risks + moments.floor, risks, accuracy

    return point
