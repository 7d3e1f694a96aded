"""What distillation can buy at each n: predicted, then measured."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from kdverify import checks
from kdverify.exponents import Exponent, fit_rank_exponent
from kdverify.labels.path import GRID
from kdverify.measurement import Measured, measure
from kdverify.prediction import Prediction, predict
from kdverify.results import side_by_side
from kdverify.rows.answers import Report, silent
from kdverify.rows.question import CONSTANT, Question
from kdverify.seeds import Rng, seed_from
from kdverify.shown import Shown
from kdverify.tables import Labels, labels_at
from kdverify.teachers import DEFAULT, Classroom, NestedMask, Teacher, teachers_of

#: Fewer rows than this are refused: no moment of the labels can be told from them.
FEWEST_ROWS = 50
MODELS = ("rows", "gaussian", "both")
#: Share of the rows that students are measured on where every n is beyond them.
MOST = 0.8


def prepare(
    features: Any,
    labels: Any = None,
    task: str = "auto",
    intercept: str = "fitted",
    standardise: bool = False,
) -> Question:
    """The question of `Question.of`, with at least 50 rows; rows without a label are left out."""
    matrix = checks.feature_rows("features", features)
    if len(matrix) < FEWEST_ROWS:
        raise ValueError(f"features must have at least {FEWEST_ROWS} rows, not {len(matrix)}")
    index = checks.index_of(features)
    note: tuple[str, ...] = ()
    if labels is not None:
        checks.same_order("labels", labels, features)
        known = Labels.of(labels, len(matrix))
        if known.unlabelled:
            note = (f"{known.unlabelled} of {len(matrix)} rows have no label and are left out",)
            matrix, labels = matrix[~known.missing], labels_at(labels, ~known.missing)
            index = None if index is None else index[~known.missing]
    question = Question.of(matrix, labels, task=task, intercept=intercept, standardise=standardise)
    question = replace(question, notes=(*note, *question.notes), index=index)
    given = question.labels + question.level
    if (given.std(axis=0) <= CONSTANT * np.abs(given).max(initial=1e-300)).any():
        raise ValueError("labels must not be constant")
    if question.size < FEWEST_ROWS:
        raise ValueError(f"features must have at least {FEWEST_ROWS} rows, not {question.size}")
    return question


@dataclass(frozen=True, eq=False, repr=False)
class Analysis(Shown):
    """What `analyse` found.

    Attributes:
        question: what was asked.
        n: sample sizes, rising.
        ridges: of the students, one for each n.
        free: students of the labels as they are, no ridge to a strong one, (n, ridge), measured
            where the best ridge was asked for: what is free, before any teacher.
        alpha, beta: rank exponents of the eigenvalues and of the signal.
        predictions: theory -> `Prediction` over n; empty without labels.
        measured: `Measured` over ``measured_n``, the whole numbers below the number of rows.
        kept: (k,) modes that the best mask keeps at each n; -1 where the theory cannot tell.
        noise: mean square of the labels that no linear predictor explains; None without labels.
        solved_rows: rows that stood for the pool in the predictions.
    """

    question: Question
    n: list[float]
    ridges: list[float]
    alpha: Exponent
    beta: Exponent | None
    predictions: dict[str, Prediction]
    measured: Measured | None
    kept: list[int]
    noise: float | None
    solved_rows: int = 0
    free: Measured | None = None

    @property
    def teachers(self) -> tuple[Teacher, ...]:
        """Who was asked; empty without labels."""
        return next(iter(self.predictions.values())).teachers if self.predictions else ()

    def records(self) -> Iterator[dict[str, Any]]:
        """One record for each theory, n and teacher.

        ``predicted``, ``measured`` and ``median`` are excess risks, ``risk`` and ``accuracy`` are
        predicted; measured ones and standard errors have names of their own.
        """
        for model, prediction in self.predictions.items():
            for place, n in enumerate(self.n):
                for teacher in self.teachers:
                    name = teacher.name
                    row: dict[str, Any] = {
                        "n": n,
                        "model": model,
                        "teacher": name,
                        "predicted": float(prediction.excess[name][place]),
                        "risk": float(prediction.risk[name][place]),
                        "ridge": self.ridges[place],
                        "kept": self.kept[place],
                        "code": str(prediction.codes[place]),
                    }
                    for part, values in prediction.parts[name].items():
                        row[part] = float(values[place])
                    if name in prediction.accuracy:
                        row["accuracy"] = float(prediction.accuracy[name][place])
                    if name == "strong":
                        row["pool_error"] = float(prediction.pool_error[place])
                    yield row | self._measured(name, n)

    def _measured(self, name: str, n: float) -> dict[str, float]:
        """What was measured of one teacher's students at n."""
        at, measured = self.measured_at(n), self.measured
        if at is None or measured is None:
            return {}
        errors, found = measured.standard_errors(), {}
        for what, prefix in {"excess": "", "risk": "risk_", "accuracy": "accuracy_"}.items():
            values = getattr(measured, what)
            if name in values:
                found[f"{prefix}measured"] = float(values[name][at])
                found[f"{prefix}standard_error"] = float(errors[what][name][at])
                found[f"{prefix}median"] = float(measured.medians(what)[name][at])
        return found

    def measured_at(self, n: float) -> int | None:
        """Place of n in ``measured``, None where it was not measured."""
        if self.measured is None or n not in self.measured.n:
            return None
        return int(np.flatnonzero(self.measured.n == n)[0])


def analyse(
    question: Question,
    n: Sequence[float],
    model: str = "rows",
    ridge: float | str = 0.0,
    repetitions: int = 20,
    seed: int = 0,
    progress: Report = silent,
    solve_rows: int | None = None,
    groups: int = 0,
    teachers: Iterable[Teacher | str] | None = None,
    rng: Rng = None,
) -> Analysis:
    """Predict and measure students of a pool at each n.

    Args:
        question: from `prepare`.
        n: sample sizes.
        model: ``"rows"`` (section 9), ``"gaussian"`` (2) or ``"both"``; teachers are designed by
            section 9 unless it is ``"gaussian"``, and all are asked about the same teachers.
        ridge: of ``|y - c - Xb|^2 + ridge |b|^2``, or ``"best"``: at each n the ridge of a grid
            with which students of the labels as they are have the least measured risk; without
            labels, none.
        repetitions: students trained for each teacher and n; 0 measures nothing.
        seed: of the measurement.
        rng: in its place, a seed or a NumPy generator (`kdverify.seeds.seed_from`).
        progress: called with a line and the fraction that is done before each step.
        solve_rows, groups: of `kdverify.rows.theory.RowsTheory`.
        teachers: who is asked about; by default labels as they are, noiseless linear labels, the
            best linear teacher, the best mask, gains.
    """
    seed = seed_from(seed, rng)
    checks.choice("model", model, MODELS)
    sizes = sorted(set(checks.sample_sizes("n", n, share=False)))
    best = ridge == "best"
    fixed = 0.0 if best else checks.non_negative("ridge", ridge)
    checks.count("repetitions", repetitions, 0)
    progress(f"covariance and spectrum of {question.size} rows", 0.0)
    pool = question.pool
    values = pool.principal[0][: pool.rank]
    alpha = fit_rank_exponent(values)
    options = {"rows": {"solve_rows": solve_rows, "seed": seed, "groups": groups}}
    room = Classroom(question, options)
    if not question.outputs:
        masks = [room.lesson(size, fixed).by("gaussian").blind_mask() for size in sizes]
        taken = question.intercept == "fitted"
        kept = [int(mask.sum()) - taken for mask in masks]
        ridges = [fixed] * len(sizes)
        return Analysis(question, sizes, ridges, alpha, None, {}, None, kept, None)
    asked = teachers_of(teachers or (_designed_by("gaussian") if model == "gaussian" else DEFAULT))
    models = ("rows", "gaussian") if model == "both" else (model,)
    free = _free(question, sizes, repetitions, seed, room, progress) if best else None
    ridges = [fixed] * len(sizes) if free is None else _best_ridges(free, sizes)
    steps = len(models) * len(sizes)
    predictions = {}
    for index, by in enumerate(models):
        found = []
        for place, (size, own) in enumerate(zip(sizes, ridges, strict=True)):
            start = index * len(sizes) + place
            report = _part(progress, 0.1 + 0.6 * start / steps, 0.6 / steps)
            found.append(
                predict(question, [size], asked, ridges=own, by=by, classroom=room, progress=report)
            )
        predictions[by] = side_by_side(found)
    untold = {n for n, _ in _untold(predictions)}
    whole = [size for size in _measurable(question, sizes) if size not in untold]
    measured = None
    if repetitions and whole:
        trained = []
        for place, size in enumerate(whole):
            trained.append(
                measure(
                    question,
                    [size],
                    asked,
                    ridges=ridges[sizes.index(size)],
                    repetitions=repetitions,
                    seed=seed,
                    classroom=room,
                    progress=_part(progress, 0.7 + 0.3 * place / len(whole), 0.3 / len(whole)),
                )
            )
        measured = side_by_side(trained)
    mask = next((one for one in asked if isinstance(one, NestedMask)), None)
    lessons = [room.lesson(size, own) for size, own in zip(sizes, ridges, strict=True)]
    kept = [lesson.kept.get(mask, -1) if mask else -1 for lesson in lessons]
    solved = room.theory("rows").chosen.size if "rows" in models else question.size
    return Analysis(
        question,
        sizes,
        ridges,
        alpha,
        _signal_exponent(question),
        predictions,
        measured,
        kept,
        float(question.moments.floor.sum()),
        solved,
        free,
    )


def _part(progress: Report, start: float, share: float) -> Report:
    """Reports of a step that is ``share`` of the whole."""
    return lambda line, done: progress(line, start + share * done)


def _measurable(question: Question, sizes: Sequence[float]) -> list[float]:
    """The whole numbers below the number of rows."""
    return [n for n in sizes if n.is_integer() and n < question.size]


def _free(
    question: Question,
    sizes: Sequence[float],
    repetitions: int,
    seed: int,
    room: Classroom,
    progress: Report,
) -> Measured:
    """Students of the labels as they are along a grid of ridges, at each n that can be measured."""
    if not repetitions:
        raise ValueError("ridge='best' must go with repetitions: it is found by measuring")
    whole = _measurable(question, sizes) or [float(int(MOST * question.size))]
    scale = float(np.trace(question.pool.covariance))
    return measure(
        question,
        whole,
        "strong",
        ridges=[scale * ridge for ridge in GRID],
        repetitions=max(repetitions, 2),
        seed=seed,
        classroom=room,
        progress=_part(progress, 0.0, 0.1),
    )


def _best_ridges(free: Measured, sizes: Sequence[float]) -> list[float]:
    """The ridge of least measured risk at each n, or at the measured n nearest to it."""
    risks, known = free.risk["strong"], free.n[:, 0]
    places = [int(np.abs(np.log(known / n)).argmin()) for n in sizes]
    return [float(free.ridges[place, risks[place].argmin()]) for place in places]


def _untold(predictions: dict[str, Prediction]) -> set[tuple[float, float]]:
    """Where a teacher could not be designed: nothing to measure but strong labels."""
    return set().union(*(found.reasons for found in predictions.values()))


def _designed_by(theory: str) -> list[Teacher]:
    return [type(one)(by=theory) if hasattr(one, "by") else one for one in DEFAULT]  # type: ignore[call-arg]  # those with a theory


def _signal_exponent(question: Question) -> Exponent:
    """beta of ``lambda_i beta*_i^2``, summed over label columns, noise of the estimate removed."""
    pool = question.pool
    values, vectors = pool.principal
    values = values[: pool.rank]
    coefficients = vectors.T[: pool.rank] @ question.moments.best
    energy = (values[:, None] * np.square(coefficients)).sum(axis=1)
    floor = max(float(question.moments.floor.sum()), 0.0)
    return fit_rank_exponent(energy, noise=floor / pool.size)
