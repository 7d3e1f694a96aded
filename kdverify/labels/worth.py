"""What a teacher is worth in labels: its student measured on the labels at hand, set on the curve.

A student of the teacher's labels on all other rows, alone or with true labels of weight v beside
them (section 11), is measured on the n_0 true labels by cross-validation; what is free, a ridge
student of the n_0 labels, by leaving one out.  The same rows judge both, so that their ratio is
known better than either.  The predicted curve says how many labels bring that ratio.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np

from kdverify import checks, tables
from kdverify.labels.curve import QUANTILE
from kdverify.labels.learning import REFUSED, LabelCurve, crossing, interval_of, shown_anyway
from kdverify.labels.measured import LeaveOneOut, log_ratio
from kdverify.labels.setting import Setting
from kdverify.seeds import Rng, seed_from, stream
from kdverify.shown import Shown

#: Folds of the n_0 labelled rows, and weights of a true label beside a teacher's of weight 1.
FOLDS, WEIGHTS = 10, (0.0, 1.0, 3.0, 10.0, 30.0, 100.0, 300.0)
#: Least ridge in units of the mean squared length of all rows together: the minimum norm is taken
#: for its limit.
FLOOR = 1e-9
#: Where the curve is needed below n_0, as shares of it.
BELOW = (0.125, 0.25, 0.5)

#: A teacher's labels (M, C), or a function to them from the labelled rows that it may learn from.
Labels = np.ndarray | Callable[[np.ndarray], np.ndarray]


@dataclass(frozen=True, eq=False)
class Route:
    """A way to a student, measured on the labels at hand.

    Attributes:
        name: ``"labels"``, ``"teacher"`` or ``"mix"``.
        weight: of a true label beside a teacher's; 0 for the teacher alone, infinite without it.
        ridge: the sum over samples, teacher's labels of weight 1.
        rows: (n_0,) squared error of each labelled row, columns summed.
        accuracy: share of classes that are right, or None.
    """

    name: str
    weight: float
    ridge: float
    rows: np.ndarray
    accuracy: float | None

    @property
    def risk(self) -> float:
        """Mean squared error."""
        return float(self.rows.mean())

    def log_ratio(self, other: Route) -> tuple[float, float]:
        """Log of this risk over another's, and its standard error."""
        return log_ratio(self.rows, other.rows)


@dataclass(frozen=True, eq=False, repr=False)
class Worth(Shown):
    """A teacher: its routes, and the true labels that would do as well as its student.

    Attributes:
        labels: None where the curve does not reach so far; low, high: interval of 80 %, None
            likewise.
        with_labels: the same for the mix.
        refused: whether the curve has numbers that are refused and were asked for anyway.
        at_most: whether ``labels`` is the curve's first point, so that fewer may do as well;
            low_at_most, with_labels_at_most: whether ``low`` and ``with_labels`` are.
    """

    teacher: str
    free: Route
    alone: Route
    mix: Route
    labels: float | None
    low: float | None
    high: float | None
    with_labels: float | None
    refused: bool = False
    at_most: bool = False
    low_at_most: bool = False
    with_labels_at_most: bool = False

    def to_json(self) -> dict[str, Any]:
        """Worth and routes as JSON has them."""
        routes = {
            route.name: {
                "risk": route.risk,
                "accuracy": route.accuracy,
                "ridge": route.ridge,
                "weight": route.weight,
            }
            for route in (self.free, self.alone, self.mix)
        }
        return {
            "teacher": self.teacher,
            "labels": self.labels,
            "low": self.low,
            "high": self.high,
            "with_labels": self.with_labels,
            "refused": self.refused,
            "at_most": self.at_most,
            "low_at_most": self.low_at_most,
            "with_labels_at_most": self.with_labels_at_most,
            "routes": routes,
        }

    def __str__(self) -> str:
        reach = "more than the curve reaches"
        if self.labels is None or self.low is None:
            worth = "more labels than the curve reaches"
            if self.low is not None:
                low = f"{self.low:.3g}"
                worth += f" (from {low} or fewer)" if self.low_at_most else f" ({low} at least)"
        else:
            worth = f"{'at most ' * self.at_most}{self.labels:.3g} labels"
            worth += interval_of(self.labels, self.low, self.high, self.low_at_most, reach)
        worth += REFUSED * self.refused
        alone, mix = (route.risk / self.free.risk for route in (self.alone, self.mix))
        return (
            f"{self.teacher}: worth {worth}; its student has {alone:.3f} of plain ridge's measured "
            f"risk, with the labels beside it (weight {self.mix.weight:g}) {mix:.3f}"
        )


def below(count: int) -> list[int]:
    """Sizes below n_0 at which a curve must be known that teachers are set on."""
    return sorted({max(2, round(share * count)) for share in BELOW})


def teacher_labels(name: str, given: Any, setting: Setting, size: int) -> np.ndarray:
    """A teacher's predictions for all rows as labels (M, C) of the rows that are used.

    ``given``: (N,) or (N, C) numbers; for classes chances (N, C), those of the second of two
    classes (N,), or names (N,).  Columns of a frame that are named by classes go by name.
    """
    title = f"teacher={name!r}"
    question, rows = setting.question, setting.numbers
    assert question is not None
    assert rows is not None
    checks.same_order(title, given, setting)
    given = tables.in_class_order(title, given, question.class_names)
    used = tables.Labels.of(given, size, title).at(rows)
    values = used.values
    fractions = used.kind == "real" and not (values % 1 == 0).all()
    if len(question.class_names) == 2 and values.ndim == 1 and fractions:
        return question.outputs_of(np.column_stack([1 - values, values]), title) + question.level
    return question.outputs_of(used, title) + question.level


def fitted_teacher(teacher: Any, setting: Setting) -> Labels:
    """A teacher that is trained on the labels at hand, as a function for `worth`.

    Args:
        teacher: an estimator of scikit-learn, trained on the rows in the columns and units that
            they were given in, as an array without names: its ``predict_proba`` where it has one,
            else class names or numbers; or ``"ridge"``: the ridge that leave-one-out finds best.
    """
    question, every = setting.question, setting.sample.rows
    if isinstance(teacher, str):
        if teacher != "ridge":
            raise ValueError(f"teacher={teacher!r} must be 'ridge', an estimator or its labels")
        from sklearn.linear_model import Ridge

        measured = setting.measured(setting.ridges())
        intercept = setting.sample.intercept
        teacher = Ridge(alpha=float(measured.ridges[measured.best]), fit_intercept=intercept)
    elif question is not None:
        every = question.given_rows()
    from sklearn.base import clone, is_classifier

    kind = is_classifier(teacher)
    if kind and setting.classes is None:
        raise ValueError("teacher must be a regressor where labels are numbers")
    targets: Any = setting.labels.argmax(axis=1) if kind else setting.labels

    def given(rest: np.ndarray) -> np.ndarray:
        fitted = clone(teacher).fit(every[setting.known[rest]], targets[rest])
        count = setting.labels.shape[1]
        if not kind:
            return np.asarray(fitted.predict(every)).reshape(-1, count)
        if not hasattr(fitted, "predict_proba"):
            return np.eye(count)[fitted.predict(every)]
        chances = np.zeros((len(every), count))
        chances[:, fitted.classes_] = fitted.predict_proba(every)
        return chances

    return given


def worth(
    name: str,
    setting: Setting,
    curve: LabelCurve,
    teacher: Labels,
    measured: LeaveOneOut,
    seed: int = 0,
    rng: Rng = None,
) -> Worth:
    """A teacher's worth in labels.

    Args:
        curve: with points below n_0 (`BELOW`), for the student of the best ridge.
        teacher: see `Labels`; one that is trained on the labels at hand must be a function, so
            that it never sees the label that judges it.
        measured: along `Setting.ridges`.
        seed: of the folds.
        rng: in its place, a seed or a NumPy generator (`kdverify.seeds.seed_from`).
    """
    seed = seed_from(seed, rng)
    best = measured.best
    accuracy = None if measured.hits is None else float(measured.hits[best].mean())
    free = Route("labels", np.inf, float(measured.ridges[best]), measured.rows[best], accuracy)
    alone, mix = routes(setting, teacher, measured.ridges, seed)
    found = [_labels(curve, *route.log_ratio(free)) for route in (alone, mix)]
    told = curve.of("best")
    first = min((point.n for point in told if point.change is not None), default=None)
    values = (*found[0], found[1][0])
    ends = [value is not None and value == first for value in (values[0], values[1], values[3])]
    return Worth(name, free, alone, mix, *values, shown_anyway(told), *ends)


def _labels(
    curve: LabelCurve, ratio: float, error: float
) -> tuple[float | None, float | None, float | None]:
    """n at which the predicted risk over that at n_0 is exp(ratio), and the ends of 80 %."""
    points = [point for point in curve.of("best") if point.change is not None]
    if not points:
        return None, None, None
    sizes = np.array([point.n for point in points], dtype=float)
    logs = np.log(np.array([point.change for point in points], dtype=float))
    shape = np.array([point.shape_error for point in points], dtype=float)
    half = QUANTILE * np.hypot(error, shape)
    middle, low, high = (crossing(sizes, logs + move, ratio) for move in (0.0 * half, -half, half))
    return middle, low, high


def routes(
    setting: Setting, teacher: Labels, ridges: np.ndarray, seed: int = 0
) -> tuple[Route, Route]:
    """The teacher alone, and mixed with true labels: each at its best ridge and weight."""
    count = setting.count
    generator = stream(seed, "folds of the worth of a teacher")
    errors = np.empty((len(WEIGHTS), len(ridges), *setting.columns.shape))
    kernels = _Kernels(setting, ridges)
    for part in np.array_split(generator.permutation(count), FOLDS):
        rest = np.setdiff1d(np.arange(count), part)
        given = teacher(rest) if callable(teacher) else teacher
        errors[:, :, part] = kernels.fold(setting.columns_of(given), rest, part)
    found = []
    for name, first, last in (("teacher", 0, 1), ("mix", 1, len(WEIGHTS))):
        rows = np.square(errors[first:last]).sum(axis=3)
        weight, ridge = divmod(int(rows.mean(axis=2).argmin()), len(ridges))
        accuracy = None
        if setting.classes is not None:
            outputs = setting.columns - errors[first + weight, ridge]
            accuracy = float(setting.classes.right(outputs, setting.columns).mean())
        found.append(
            Route(
                name,
                WEIGHTS[first + weight],
                float(kernels.scaled[ridge]),
                rows[weight, ridge],
                accuracy,
            )
        )
    return found[0], found[1]


class _Kernels:
    """Students of the teacher's labels on all unlabelled rows and weighted true labels.

    The Gram matrix is that of all rows, diagonal in these coordinates, less and plus labelled
    rows: a system of n_0 equations (Woodbury) whose matrix is ``X0 (M Lambda + d)^-1 X0'``.
    """

    def __init__(self, setting: Setting, ridges: np.ndarray) -> None:
        self.setting = setting
        sample, size = setting.sample, len(setting.sample.rows)
        # the same penalty a row as on the n_0 labels, and up to all rows together
        self.scaled = np.maximum(ridges * size / setting.count, FLOOR * size * sample.scale)
        self.inverses = [1 / (size * sample.values + ridge) for ridge in self.scaled]
        self.kernels = [(setting.rows * inverse) @ setting.rows.T for inverse in self.inverses]

    def fold(self, teacher: np.ndarray, rest: np.ndarray, part: np.ndarray) -> Any:
        """(len(WEIGHTS), len(ridges), len(part), K) errors on the labelled rows ``part``."""
        setting = self.setting
        sample, count, labels = setting.sample, setting.count, setting.columns
        moment = sample.rows.T @ teacher - setting.rows.T @ teacher[setting.known]
        total = teacher.sum(axis=0) - teacher[setting.known].sum(axis=0)
        found = np.empty((len(WEIGHTS), len(self.scaled), len(part), labels.shape[1]))
        for k, (inverse, kernel) in enumerate(zip(self.inverses, self.kernels, strict=True)):
            pulled = setting.rows @ (inverse[:, None] * moment)
            for index, weight in enumerate(WEIGHTS):
                true = np.zeros((count, 1))
                true[rest] = weight
                signs = true[:, 0] - 1.0  # out of the teacher's rows, in with a weight of its own
                base, level = pulled + kernel @ (true * labels), np.zeros(labels.shape[1])
                system, weights = kernel, signs
                if sample.intercept:
                    # a free constant takes the mean row away: one more row of negative weight
                    mass = len(sample.rows) + signs.sum()
                    level = (total + (true * labels).sum(axis=0)) / mass
                    mean = signs / mass  # the mean row, in terms of the labelled rows
                    base = base - np.outer(kernel @ signs, level)
                    with_mean = np.vstack([np.eye(count), mean])
                    system = with_mean @ kernel @ with_mean.T
                    base, weights = with_mean @ base, np.append(signs, -mass)
                inner = np.linalg.solve(np.eye(len(system)) + system * weights, base)
                outputs = base - system @ (weights[:, None] * inner)
                given = outputs[part] + level
                if sample.intercept:
                    given = given - outputs[-1]
                found[index, k] = labels[part] - given
        return found
