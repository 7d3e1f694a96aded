"""The learning curve that n_0 labels promise, with what was measured kept apart."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from kdverify import checks
from kdverify.gaussian import theory
from kdverify.labels.curve import HELD, Level
from kdverify.labels.forecast import AtSize, Report, at_size
from kdverify.labels.guards import Refusal, at_size_refusals, path_refusals, refusals
from kdverify.labels.likelihood import SignalDraws
from kdverify.labels.measured import LeaveOneOut, log_ratio
from kdverify.labels.setting import Setting
from kdverify.problem import Problem, Spectrum
from kdverify.seeds import Rng, seed_from, stream
from kdverify.shown import Shown

#: Multiples of n_0 where no n is asked for, and students that there are.
MULTIPLES, STUDENTS = (1, 2, 4, 8, 16), ("best", "min-norm", "ridge")
#: Largest share of the rows that students are drawn from; above it n is extrapolated.
SHARE = 0.8
#: Posterior draws.
DRAWS = 24
#: Stands beside numbers that are refused, where they are asked for anyway.
REFUSED = " (refused)"
#: Standard errors by which the best student must beat the mean of the labels.
SURE = 2.0


def silent(_: str, __: float) -> None:
    """Report nothing."""


@dataclass(frozen=True)
class Point:
    """A student of n labels: total risk and accuracy on unseen rows, with intervals of 80 %.

    Attributes:
        student: ``"best"`` (the ridge of least risk at this n), ``"min-norm"`` or ``"ridge"``.
        ridge: the sum over samples that scikit-learn calls alpha.
        risk: mean total squared error, noise included, summed over outputs.  The mean is over
            training sets; so are the intervals, a single student's risk varies by more.
        change: risk over that of the same kind of student at n_0, where that has a number.
        shape_error: standard error of log change: over the posterior, and the prior's misfit.
        accuracy: for classes.
        reasons: why there is no number: risk and the rest are None; or, where numbers were asked
            for anyway, why they are not to be relied on.
        extrapolated: n is beyond what can be drawn from the rows.
    """

    n: int
    student: str
    ridge: float
    risk: float | None = None
    risk_low: float | None = None
    risk_high: float | None = None
    change: float | None = None
    shape_error: float | None = None
    accuracy: float | None = None
    accuracy_low: float | None = None
    accuracy_high: float | None = None
    reasons: tuple[str, ...] = ()
    extrapolated: bool = False


@dataclass(frozen=True)
class Now:
    """A student by leaving one out of the n_0 labels: risk, its standard error, and accuracy."""

    student: str
    ridge: float
    risk: float
    error: float
    accuracy: float | None


@dataclass(frozen=True)
class Needed:
    """Labels that a target needs; None: more than the curve reaches.

    ``reached``: the largest n that the curve tells this target at; None: nowhere.
    ``refused``: whether the curve has numbers that are refused and were asked for anyway.
    ``at_most``: whether ``labels`` is the curve's first point, which reaches the target already,
    so that fewer may do; ``low_at_most``: whether ``low`` is.
    """

    target: str
    value: float
    labels: float | None = None
    low: float | None = None
    high: float | None = None
    reached: float | None = None
    refused: bool = False
    at_most: bool = False
    low_at_most: bool = False

    def __str__(self) -> str:
        if self.reached is None:
            return f"{self.target} {self.value:g}: cannot tell how many labels it needs"
        beyond, refused = f"more than {self.reached:g}", REFUSED * self.refused
        if self.low is None:
            return f"{self.target} {self.value:g} needs {beyond} labels{refused}"
        middle = beyond if self.labels is None else f"{self.labels:.3g}"
        needs = f"{self.target} {self.value:g} needs {middle} labels{' or fewer' * self.at_most}"
        interval = interval_of(self.labels, self.low, self.high, self.low_at_most, beyond)
        return f"{needs}{interval}{refused}"


@dataclass(frozen=True, eq=False, repr=False)
class LabelCurve(Shown):
    """What more labels buy.

    Attributes:
        n_labelled: n_0; size: rows N; rank of the rows.
        points: for each n and student, n_0 included.
        now: measured at n_0.
        level_error: relative standard error of the level that n_0 labels measure.
        power: q, and share: rho, posterior means.
        cautions: what a reader should know.
    """

    n_labelled: int
    size: int
    rank: int
    points: tuple[Point, ...]
    now: tuple[Now, ...]
    level_error: float
    power: float
    share: float
    cautions: tuple[str, ...]

    def records(self) -> Iterator[dict[str, Any]]:
        """One record for each point, the fields of `Point`."""
        for point in self.points:
            yield vars(point) | {"reasons": "; ".join(point.reasons)}

    @property
    def students(self) -> tuple[str, ...]:
        """Kinds of students, in the order asked for."""
        return tuple(one.student for one in self.now)

    def of(self, student: str) -> list[Point]:
        """The points of one kind of student that have numbers, n rising."""
        return [p for p in self.points if p.student == student and p.risk is not None]

    def needed(self, target: str, value: float, student: str | None = None) -> Needed:
        """Labels that ``"risk"`` or ``"accuracy"`` of ``value`` needs, with an interval of 80 %.

        Where the curve crosses the value, between its points in the logarithm of n.
        """
        checks.choice("target", target, ("risk", "accuracy"))
        value = checks.positive(f"target_{target}", value)
        points = self.of(student or self.students[0])
        if target == "accuracy":
            checks.fraction("target_accuracy", value)
            points = [point for point in points if point.accuracy is not None]
            if self.now[0].accuracy is None:
                raise ValueError("target_accuracy must go with classes")
            names, sign = ("accuracy", "accuracy_high", "accuracy_low"), -1.0
        else:
            names, sign = ("risk", "risk_low", "risk_high"), 1.0
        if not points:
            return Needed(target, value)
        sizes = np.array([point.n for point in points], dtype=float)
        labels, low, high = (
            crossing(sizes, sign * np.array([getattr(p, name) for p in points]), sign * value)
            for name in names
        )
        reached = float(sizes.max())
        anyway, first = shown_anyway(points), float(sizes[0])
        ends = labels == first, low == first
        return Needed(target, value, labels, low, high, reached, anyway, *ends)

    def to_json(self) -> dict[str, Any]:
        """Curve and measurement as JSON has them."""
        return {
            "n_labelled": self.n_labelled,
            "measured": [vars(one) for one in self.now],
            "curve": [vars(point) for point in self.points],
            "cautions": list(self.cautions),
        }


def learning_curve(
    setting: Setting,
    n: Sequence[int] | None = None,
    students: Sequence[str] = ("best",),
    ridge: float | None = None,
    draws: int = DRAWS,
    seed: int = 0,
    progress: Report = silent,
    rng: Rng = None,
    anyway: bool = False,
) -> LabelCurve:
    """Total risk and accuracy of students of n labels, from the labels and rows of ``setting``.

    Args:
        n: sample sizes; by default 1, 2, 4, 8, 16 times n_0, which always stands first.
        students: of `STUDENTS`; ``ridge`` goes with ``"ridge"``, a sum over samples.
        draws: of the signal, from its posterior.
        seed: of the draws of signals and of rows.
        rng: in its place, a seed or a NumPy generator (`kdverify.seeds.seed_from`).
        anyway: whether refused points have numbers too, beside the reasons.
    """
    seed = seed_from(seed, rng)
    anyway = checks.flag("anyway", anyway)
    students = (students,) if isinstance(students, str) else students
    checks.instances("students", students, str)
    for student in students:
        checks.choice("student", student, STUDENTS)
    if ("ridge" in students) != (ridge is not None):
        raise ValueError("ridge must be given where students name it, and only there")
    count = setting.count
    sizes = default_sizes(count) if n is None else checks.sample_sizes("n", n)
    wanted = sorted({count, *(checks.count("n", one) for one in sizes)})
    ridges = setting.ridges(ridge)
    beside = len(ridges) - len(setting.ridges())
    measured = setting.measured(ridges, beside)
    generator = stream(seed, "signals from their posterior")
    progress("posterior of the signal", 0.02)
    signals = setting.draws(checks.count("draws", draws, 2), generator, measured.temper)
    largest = int(SHARE * len(setting.sample.rows))
    drawn = sorted({min(one, largest) for one in wanted})
    fixed = {"min-norm": 0, "ridge": int(np.argmax(ridges == (ridge or 0.0)))}
    found: dict[int, AtSize] = {}
    work = np.array([min(one, setting.sample.rank) ** 2 * one for one in drawn], dtype=float)
    for index, one in enumerate(drawn):
        progress(f"students of {one} labels", 0.05 + 0.95 * work[:index].sum() / work.sum())
        rows = stream(seed, "rows of students", one)
        found[one] = at_size(setting.sample, one, ridges, [signals], rows, beside=beside)[0]
    level = Level.of(measured, found[count])
    known = [*refusals(setting, measured, signals), *path_refusals(measured, found[count])]

    def told(at: AtSize, student: str) -> Point:
        reasons = [*known, *at_size_refusals(at, 0 if "min-norm" in students else None)]
        return _point(at, student, fixed.get(student, at.best), level, ridges, reasons, anyway)

    starts = {student: told(found[count], student).risk for student in students}
    points = []
    for one in wanted:
        at = found[min(one, largest)]
        for student in students:
            point = told(at, student)
            if one > largest:
                point = _beyond(point, one, at.n, setting, signals)
            start = starts[student]
            if point.risk is not None and start is not None:
                point = replace(point, change=point.risk / start)
            points.append(point)
    now = [_now(measured, student, fixed.get(student, measured.best)) for student in students]
    return LabelCurve(
        count,
        setting.size,
        setting.sample.rank,
        tuple(points),
        tuple(now),
        float(np.sqrt(level.variance)),
        signals.power,
        signals.share,
        tuple(_cautions(setting, measured, points, level, largest, wanted)),
    )


def shown_anyway(points: Sequence[Point]) -> bool:
    """Whether numbers that are refused are among these points."""
    return any(point.reasons and point.risk is not None for point in points)


def default_sizes(count: int) -> list[int]:
    """1, 2, 4, 8, 16 times the labels at hand."""
    return [multiple * count for multiple in MULTIPLES]


def _point(
    at: AtSize,
    student: str,
    place: int,
    level: Level,
    ridges: np.ndarray,
    known: Sequence[Refusal],
    anyway: bool,
) -> Point:
    ridge = float(ridges[place])
    reasons = tuple(one.reason for one in known if one.meets(at.n, ridge))
    if reasons and not anyway:
        return Point(at.n, student, ridge, reasons=reasons)
    shape = level.shape_error(at, place)
    told = (*level.risk(at, place), None, shape, *level.accuracy(at, place))
    return replace(Point(at.n, student, ridge, *told), reasons=reasons)


def _beyond(point: Point, n: int, drawn: int, setting: Setting, signals: SignalDraws) -> Point:
    """The point at n: that of the largest n that is drawn, times the ratio for Gaussian rows."""
    if point.risk is None:
        return replace(point, n=n, extrapolated=True)
    values = setting.sample.values
    coefficients = np.sqrt(np.square(signals.signal).sum(axis=2).mean(axis=1))
    noise = float(signals.noise.mean())
    problem = Problem(Spectrum(values), coefficients)
    risks = [
        theory.risk(problem, size, noise_variance=noise, ridge=point.ridge) + noise
        for size in (n, drawn)
    ]
    ratio = float(risks[0] / risks[1])
    scaled: dict[str, Any] = {
        name: ratio * getattr(point, name) for name in ("risk", "risk_low", "risk_high")
    }
    scaled |= dict.fromkeys(("accuracy", "accuracy_low", "accuracy_high"))
    return replace(point, n=n, extrapolated=True, **scaled)


def _now(measured: LeaveOneOut, student: str, place: int) -> Now:
    accuracy = None if measured.hits is None else float(measured.hits[place].mean())
    risk, error = float(measured.risks[place]), float(np.sqrt(measured.variances[place]))
    return Now(student, float(measured.ridges[place]), risk, risk * error, accuracy)


def _cautions(
    setting: Setting,
    measured: LeaveOneOut,
    points: Sequence[Point],
    level: Level,
    largest: int,
    wanted: Sequence[int],
) -> list[str]:
    found = list(setting.notes)
    for point in (one for one in points if one.n >= setting.count):
        word = "cannot tell" if point.risk is None else "refused, shown anyway"
        found += [f"{word}, {point.student}: {reason}" for reason in point.reasons]
    found += _no_better(setting, measured)
    far = [str(one) for one in wanted if one > largest]
    if far:
        found.append(
            f"n = {', '.join(far)}: more than {SHARE:.0%} of the rows; extrapolated from n = "
            f"{largest} by the formula for Gaussian rows, accuracies are not"
        )
    found.append(
        f"the level is what {setting.count} labels measure, to {np.sqrt(level.variance):.0%} (one "
        "standard error); only more labels make it surer"
    )
    if any(point.risk is not None for point in points):
        labels, shares = (("{:,}, {:,} and {:,}").format(*ones) for ones in (HELD, HELD.values()))
        found.append(
            f"on real data intervals of 80 % held {shares} of the time, from {labels} labels"
        )
    return list(dict.fromkeys(found))


def _no_better(setting: Setting, measured: LeaveOneOut) -> list[str]:
    """A caution where the best student is not surely better than the mean of the other labels."""
    y = setting.columns
    alone = np.square((y - y.mean(axis=0)) * len(y) / (len(y) - 1)).sum(axis=1)
    loss, error = log_ratio(measured.rows[measured.best], alone)
    if loss < -SURE * error:
        return []
    return [
        "no ridge is surely better than the mean of the labels, which needs no rows: the best has "
        f"{np.exp(loss):.2f} ± {np.exp(loss) * error:.2f} of its risk; are rows and labels paired "
        "(row numbers count from 0)?"
    ]


def interval_of(
    middle: float | None, low: float, high: float | None, low_at_most: bool, beyond: str
) -> str:
    """The interval of a number of labels in words; ``low_at_most``: it may begin below ``low``."""
    end = beyond if high is None else f"{high:.3g}"
    if low_at_most and middle == low:
        return "" if high == low else f" (up to {end})"
    return f" ({low:.3g}{' or fewer' * low_at_most} to {end})"


def crossing(sizes: np.ndarray, values: np.ndarray, target: float) -> float | None:
    """Least n at which values, falling, reach the target, or None; linear in log n in between.

    The smallest of the sizes where its value is below the target already.
    """
    below = np.flatnonzero(values <= target)
    if not below.size:
        return None
    place = int(below[0])
    if place == 0:
        return float(sizes[0])
    share = (values[place - 1] - target) / (values[place - 1] - values[place])
    return float(sizes[place - 1] * (sizes[place] / sizes[place - 1]) ** share)
