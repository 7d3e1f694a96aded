"""Students trained again and again: one recipe for every face.

One singular value decomposition of a drawn training set serves every teacher, every column of
labels and every ridge.  Students are judged through the second moments of the rows that were
not drawn, which follow from those of all rows; only accuracy looks at single rows.
"""

from __future__ import annotations

import os
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from kdverify import checks
from kdverify._parent import following
from kdverify.results import Results, check_ranges, grid, in_shape
from kdverify.rows.answers import Report, silent
from kdverify.rows.draws import Draws
from kdverify.rows.question import Question
from kdverify.rows.training import Decomposition, contrasts, fit, train
from kdverify.seeds import Rng, seed_from, stream
from kdverify.teachers import DEFAULT, Classroom, Teacher, Trained, teachers_of
from kdverify.threads import one_blas_thread

#: Each row at most once.
ONCE = Draws()
#: Risk and excess (ridges, K) and accuracy (ridges,) of one teacher's students.
Found = tuple[np.ndarray, np.ndarray, np.ndarray]


@dataclass(frozen=True, eq=False, repr=False)
class Measured(Results):
    """Students that were trained, for each teacher, n and ridge.

    ``risk``, ``excess`` and ``accuracy`` are means over the repetitions, as `Results` has them.

    Attributes:
        values: ``"risk"``, ``"excess"``, ``"accuracy"`` -> teacher -> (..., repetitions).
        risk_by_output, excess_by_output: teacher -> (..., K), means.
    """

    values: dict[str, dict[str, np.ndarray]] = field(default_factory=dict)
    risk_by_output: dict[str, np.ndarray] = field(default_factory=dict)
    excess_by_output: dict[str, np.ndarray] = field(default_factory=dict)

    @property
    def repetitions(self) -> int:
        """Students of each teacher, n and ridge."""
        first = next(iter(self.values["risk"].values()))
        return int(first.shape[-1])

    def standard_errors(self) -> dict[str, dict[str, np.ndarray]]:
        """Standard errors of the means."""
        root = np.sqrt(self.repetitions)
        return {
            name: {k: np.asarray(v.std(axis=-1, ddof=1) / root) for k, v in found.items()}
            for name, found in self.values.items()
        }

    def medians(self, name: str) -> dict[str, np.ndarray]:
        """Medians of ``"risk"``, ``"excess"`` or ``"accuracy"``: a mean can be a rare draw's."""
        checks.choice("name", name, tuple(self.values))
        return {k: np.asarray(np.median(v, axis=-1)) for k, v in self.values[name].items()}

    def carried(self, name: str) -> dict[str, np.ndarray]:
        """Where one draw carries the mean of ``"risk"`` or ``"excess"`` (`carried_by_one`)."""
        checks.choice("name", name, ("risk", "excess"))
        return {k: carried_by_one(v) for k, v in self.values[name].items()}


def carried_by_one(values: np.ndarray) -> np.ndarray:
    """(...) bool: whether the mean of (..., k) non-negative draws is halved by leaving one out."""
    rest = (values.sum(axis=-1) - values.max(axis=-1)) / max(values.shape[-1] - 1, 1)
    return np.asarray(rest < values.mean(axis=-1) / 2)


def measure(
    question: Question,
    n: Any,
    teachers: Iterable[Teacher | str] | Teacher | str = DEFAULT,
    *,
    ridges: Any = 0.0,
    features: int | None = None,
    repetitions: int = 20,
    draws: Draws = ONCE,
    seed: int = 0,
    n_jobs: int | None = None,
    classroom: Classroom | None = None,
    progress: Report = silent,
    rng: Rng = None,
) -> Measured:
    """Train students of each teacher's labels on rows that are drawn again and again.

    Args:
        question: rows, labels, and how students are judged.
        n: a sample size or several, whole numbers.
        teachers, ridges: as in `kdverify.predict`.
        features: q: students see q random features ``W x`` of each row, and the ridge is on
            their q coefficients; W is drawn for each repetition, its entries independent
            N(0, 1/q), by ``stream(seed, "first layer", n, repetition)``.  None: the rows.
        repetitions: students of each teacher, n and ridge, at least 2; all of one repetition
            share their rows.
        draws: how rows are drawn: by default each at most once, which takes rows of equal weight.
        seed: the rows of a repetition are ``stream(seed, "training rows", n, repetition)``.
        rng: in its place, a seed or a NumPy generator (`kdverify.seeds.seed_from`).
        n_jobs: worker processes; results do not depend on it.
        classroom: lessons that were made already, for the same question.
        progress: called with a line and the fraction that is done.

    Returns:
        `Measured`; its numbers have the keys, units and shapes of `kdverify.predict`'s.
    """
    checks.instance("question", question, Question)
    seed = seed_from(seed, rng)
    asked = teachers_of(teachers)
    sizes, deltas, shape = grid(n, ridges)
    counts = [checks.count("n", int(size) if size.is_integer() else size) for size in sizes]
    repetitions = checks.count("repetitions", repetitions, 2)
    question.need_labels()
    checks.instance("draws", draws, Draws)
    taken = max((one.m for one in asked if isinstance(one, Trained)), default=0)
    _check_counts(question, max(counts), taken, draws)
    options = {}
    if features is not None:
        features = checks.count("features", features)
        options = {"random-features": {"features": features}}
    room = classroom or Classroom(question, options)
    judge = Judge(question, features, draws)
    found = []
    for index, count in enumerate(counts):

        def report(line: str, done: float, index: int = index, count: int = count) -> None:
            progress(f"n = {count}: {line}", (index + done) / len(counts))

        labels: dict[str, list[Any]] = {}
        for one in asked:
            if isinstance(one, Trained):
                turns = [one.turn(room.lesson(count, delta, report)) for delta in deltas]
                labels[one.name] = [Surrogate(one.m, one.ridge, turn) for turn in turns]
                continue
            each = [room.lesson(count, delta, report).labels(one) for delta in deltas]
            same = all(values is each[0] for values in each)
            labels[one.name] = each[:1] if same else each
        found.append(_repeated(judge, count, deltas, labels, repetitions, seed, n_jobs, report))
    return _gathered(question, asked, (sizes, deltas, shape), found)


def _check_counts(question: Question, n: int, m: int, draws: Draws) -> None:
    if not draws.replace:
        checks.equal_weights("rows", question.pool.weights, "each row is drawn at most once")
    elif question.judged != "unseen":
        return
    name = f"m + n = {n + m}" if m else f"n={n}"
    if question.judged == "unseen" and n + m >= question.size:
        raise ValueError(
            f"{name} must be below the number of rows, {question.size}: the rest is what students "
            "are judged on"
        )
    if n + m > question.size:
        raise ValueError(f"{name} must be at most the number of rows, {question.size}")


def _repeated(
    judge: Judge,
    n: int,
    ridges: list[float],
    labels: dict[str, list[np.ndarray]],
    repetitions: int,
    seed: int,
    n_jobs: int | None,
    report: Report,
) -> list[dict[str, Found]]:
    """What each repetition at one n found."""
    if n_jobs in (None, 1):
        found = []
        with one_blas_thread():
            for repetition in range(repetitions):
                report(f"repetition {repetition + 1} of {repetitions}", repetition / repetitions)
                found.append(judge.trained(n, ridges, labels, seed, repetition))
        return found
    from joblib import Parallel, delayed

    return list(
        Parallel(n_jobs=n_jobs)(
            delayed(following)(os.getpid(), _in_worker, judge, n, ridges, labels, seed, repetition)
            for repetition in range(repetitions)
        )
    )


def _in_worker(judge: Judge, *arguments: Any) -> Any:
    with one_blas_thread():
        return judge.trained(*arguments)


@dataclass(frozen=True, eq=False)
class Surrogate:
    """How a trained surrogate is made: rows, ridge, and what multiplies its coefficients."""

    m: int
    ridge: float
    turn: np.ndarray | None

    def labels(self, question: Question, rows: np.ndarray, mine: np.ndarray) -> np.ndarray:
        """Of ``rows`` (n, width), by a student of the question's labels on the rows ``mine``."""
        seen, fitted = np.asarray(question.pool.rows[mine], float), question.intercept == "fitted"
        slope, level = train(seen, question.labels[mine], self.ridge, fitted)
        return np.asarray(rows @ (slope if self.turn is None else self.turn @ slope) + level)


class Judge:
    """Trains and judges the students of one question, which see ``features`` of the rows or all."""

    def __init__(
        self, question: Question, features: int | None = None, draws: Draws = ONCE
    ) -> None:
        self.question, self.pool = question, question.pool
        self.features, self.draws = features, draws
        self.fitted = question.intercept == "fitted"
        self.best = question.moments.best
        # the rows that may be judged, and sums over all of them
        self.among, truth, self.classes = question.judged_among
        self.residuals = truth - self.among.times(self.best)
        size = self.among.size
        self.covariance = self.among.covariance * size
        self.crossed = self.among.moment(self.residuals) * size
        self.total = self.among.moment(np.ones((size, 1)))[:, 0] * size
        self.rest = self.among.mean(self.residuals) * size
        self.power = self.among.mean(np.square(self.residuals)) * size

    def trained(
        self,
        n: int,
        ridges: list[float],
        labels: Mapping[str, list[Any]],
        seed: int,
        repetition: int,
    ) -> dict[str, Found]:
        """Each teacher's students; ``labels`` has one array (N, K) for all ridges, or one each.

        Or a `Surrogate` for each ridge, whose rows come after the student's.
        """
        surrogates = {k: v[0].m for k, v in labels.items() if isinstance(v[0], Surrogate)}
        most = max(surrogates.values(), default=0)
        drawn, others = self.draws.rows(self.pool, n, most, seed, repetition)
        rows = np.asarray(self.pool.rows[drawn], dtype=float)
        mean = rows.mean(axis=0) if self.fitted else np.zeros(rows.shape[1])
        seen = contrasts(rows, mean) if self.fitted else rows
        layer = self._first_layer(n, seed, repetition)
        seen = seen if layer is None else seen @ layer.T
        made = Decomposition(seen) if any(ridges) else None  # without ridge QR is faster
        places: dict[int, _Judged] = {}
        found = {}
        for name, columns in labels.items():
            parts = [ridges] if len(columns) == 1 else [[ridge] for ridge in ridges]
            slopes, levels = [], []
            for given, deltas in zip(columns, parts, strict=True):
                if isinstance(given, Surrogate):
                    taught = given.labels(self.question, rows, others[: given.m])
                else:
                    taught = given[drawn]
                level = np.zeros(taught.shape[1])
                if self.fitted:
                    level = taught.mean(axis=0)
                    taught = contrasts(taught, level)
                made_of = made.students(taught, deltas) if made else fit(seen, taught)[None]
                slopes.append(made_of if layer is None else layer.T @ made_of)
                levels.append(level - mean @ slopes[-1])
            taken = surrogates.get(name, 0)
            if taken not in places:
                places[taken] = _Judged(self, np.append(drawn, others[:taken]))
            found[name] = places[taken].judged(np.concatenate(slopes), np.concatenate(levels))
        return found

    def _first_layer(self, n: int, seed: int, repetition: int) -> np.ndarray | None:
        """W, in the coordinates that the pool keeps rows in: its law is the same in all."""
        if self.features is None:
            return None
        drawn = stream(seed, "first layer", n, repetition)
        shape = (self.features, self.pool.rows.shape[1])
        return drawn.standard_normal(shape) / np.sqrt(self.features)


class _Judged:
    """The rows that one repetition is judged on: those that were not drawn, or all."""

    def __init__(self, judge: Judge, drawn: np.ndarray) -> None:
        self.judge = judge
        seen = np.zeros(judge.among.size, dtype=bool)
        if judge.question.judged == "unseen":
            seen[drawn] = True
        self.chosen, gone = np.flatnonzero(~seen), np.flatnonzero(seen)
        self.weights = judge.among.each_weight[self.chosen]
        self.count = self.weights.sum()
        roots = np.sqrt(judge.among.each_weight[gone])[:, None]
        self.gone = np.asarray(judge.among.rows[gone], dtype=float) * roots
        left = judge.residuals[gone] * roots
        # means over the judged rows: of x, of the residuals e, of x e' and of e^2
        self.mean = (judge.total - (self.gone * roots).sum(axis=0)) / self.count
        self.crossed = (judge.crossed - self.gone.T @ left) / self.count
        if 2 * gone.size > judge.among.size:  # a difference of sums would lose digits
            kept = judge.residuals[self.chosen]
            self.rest, self.floor = (
                np.average(part, axis=0, weights=self.weights) for part in (kept, np.square(kept))
            )
        else:
            self.rest = (judge.rest - (left * roots).sum(axis=0)) / self.count
            self.floor = (judge.power - np.square(left).sum(axis=0)) / self.count

    def judged(self, slopes: np.ndarray, levels: np.ndarray) -> Found:
        """Students with ``slopes`` (ridges, width, K) and ``levels`` (ridges, K)."""
        count, width, outputs = slopes.shape
        gaps = (slopes - self.judge.best).transpose(1, 0, 2).reshape(width, -1)
        moved = self.judge.covariance @ gaps - self.gone.T @ (self.gone @ gaps)
        squares = np.einsum("ij,ij->j", gaps, moved) / self.count
        shift = (2 * (self.mean @ gaps)).reshape(count, outputs) + levels
        excess = squares.reshape(count, outputs) + levels * shift
        aligned = np.einsum("irk,ik->rk", gaps.reshape(width, count, outputs), self.crossed)
        risk = self.floor - 2 * (aligned + levels * self.rest) + excess
        return risk, excess, self._accuracy(slopes, levels)

    def _accuracy(self, slopes: np.ndarray, levels: np.ndarray) -> np.ndarray:
        judge, found = self.judge, np.full(len(slopes), np.nan)
        if judge.classes is not None:
            rows = np.asarray(judge.among.rows[self.chosen], dtype=float)
            true = judge.classes[self.chosen]
            for k, (slope, level) in enumerate(zip(slopes, levels, strict=True)):
                right = judge.question.named(rows @ slope + level) == true
                found[k] = np.average(right, weights=self.weights)
        return found


def _gathered(
    question: Question,
    asked: Iterable[Teacher],
    where: tuple[list[float], list[float], tuple[int, ...]],
    found: list[list[dict[str, Found]]],
) -> Measured:
    sizes, deltas, shape = where
    outputs = question.outputs
    values: dict[str, dict[str, np.ndarray]] = {}
    names = ("risk", "excess", "accuracy")
    power = float(question.moments.power.sum())
    by_output: dict[str, dict[str, np.ndarray]] = {name: {} for name in names}
    for index, name in enumerate(names[: 2 + (question.classes is not None)]):
        values[name] = {}
        for one in asked:
            # (sizes, repetitions, ridges[, K]) -> (sizes, ridges, repetitions[, K])
            every = np.array([[each[one.name][index] for each in at_n] for at_n in found])
            every = np.moveaxis(every, 1, 2)
            if name != "accuracy":
                means = every.mean(axis=2)
                by_output[name][one.name] = means.reshape(*shape, outputs)
                every = every.sum(axis=-1)
            where_at = f"measured students of {one.name}"
            check_ranges(where_at, power, every if name != "accuracy" else 0.0, 0.0)
            values[name][one.name] = every.reshape(*shape, -1)
    means_of = {
        name: {k: v.mean(axis=-1) for k, v in found.items()} for name, found in values.items()
    }
    keys = [(size, delta) for size in sizes for delta in deltas]
    return Measured(
        question=question,
        n=in_shape([size for size, _ in keys], shape),
        ridges=in_shape([delta for _, delta in keys], shape),
        teachers=tuple(asked),
        risk=means_of["risk"],
        excess=means_of["excess"],
        accuracy=means_of.get("accuracy", {}),
        values=values,
        risk_by_output=by_output["risk"],
        excess_by_output=by_output["excess"],
    )
