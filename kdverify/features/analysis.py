"""What distillation can buy at each n: predicted, then measured."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from kdverify import checks
from kdverify.exponents import Exponent, fit_rank_exponent
from kdverify.measurement import Measured, measure
from kdverify.prediction import Prediction, predict
from kdverify.rows.answers import Report, silent
from kdverify.rows.question import CONSTANT, Question
from kdverify.seeds import Rng, seed_from
from kdverify.shown import Shown
from kdverify.tables import Labels, labels_at
from kdverify.teachers import DEFAULT, Classroom, NestedMask, Teacher, teachers_of

#: Fewer rows than this are refused: no moment of the labels can be told from them.
FEWEST_ROWS = 50
MODELS = ("rows", "gaussian", "both")


def prepare(
    features: Any,
    labels: Any = None,
    task: str = "auto",
    intercept: str = "fitted",
    standardise: bool = False,
) -> Question:
    """The question of `Question.of`, with at least 50 rows; rows without a label are left out."""
    matrix = checks.feature_rows("features", features)
    note: tuple[str, ...] = ()
    if labels is not None:
        known = Labels.of(labels, len(matrix))
        if known.unlabelled:
            note = (f"{known.unlabelled} of {len(matrix)} rows have no label and are left out",)
            matrix, labels = matrix[~known.missing], labels_at(labels, ~known.missing)
    question = Question.of(matrix, labels, task=task, intercept=intercept, standardise=standardise)
    question = replace(question, notes=(*note, *question.notes))
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
        ridge: of the students.
        alpha, beta: rank exponents of the eigenvalues and of the signal.
        predictions: theory -> `Prediction` over n; empty without labels.
        measured: `Measured` over ``measured_n``, the whole numbers below the number of rows.
        kept: (k,) modes that the best mask keeps at each n; -1 where the theory cannot tell.
        noise: mean square of the labels that no linear predictor explains; None without labels.
        solved_rows: rows that stood for the pool in the predictions.
    """

    question: Question
    n: list[float]
    ridge: float
    alpha: Exponent
    beta: Exponent | None
    predictions: dict[str, Prediction]
    measured: Measured | None
    kept: list[int]
    noise: float | None
    solved_rows: int = 0

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
    ridge: float = 0.0,
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
        ridge: of ``|y - c - Xb|^2 + ridge |b|^2``.
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
    ridge = checks.non_negative("ridge", ridge)
    checks.count("repetitions", repetitions, 0)
    progress(f"covariance and spectrum of {question.size} rows", 0.0)
    pool = question.pool
    values = pool.principal[0][: pool.rank]
    alpha = fit_rank_exponent(values)
    options = {"rows": {"solve_rows": solve_rows, "seed": seed, "groups": groups}}
    room = Classroom(question, options)
    if not question.outputs:
        masks = [room.lesson(size, ridge).by("gaussian").blind_mask() for size in sizes]
        free = question.intercept == "fitted"
        kept = [int(mask.sum()) - free for mask in masks]
        return Analysis(question, sizes, ridge, alpha, None, {}, None, kept, None)
    asked = teachers_of(teachers or (_designed_by("gaussian") if model == "gaussian" else DEFAULT))
    models = ("rows", "gaussian") if model == "both" else (model,)
    predictions = {}
    for index, by in enumerate(models):

        def report(line: str, done: float, index: int = index) -> None:
            progress(line, 0.7 * (index + done) / len(models))

        predictions[by] = predict(
            question, sizes, asked, ridges=ridge, by=by, classroom=room, progress=report
        )
    untold = {n for n, _ in _untold(predictions)}
    whole = [n for n in sizes if n.is_integer() and n < question.size and n not in untold]
    measured = None
    if repetitions and whole:
        measured = measure(
            question,
            whole,
            asked,
            ridges=ridge,
            repetitions=repetitions,
            seed=seed,
            classroom=room,
            progress=lambda line, done: progress(line, 0.7 + 0.3 * done),
        )
    mask = next((one for one in asked if isinstance(one, NestedMask)), None)
    kept = [room.lesson(size, ridge).kept.get(mask, -1) if mask else -1 for size in sizes]
    solved = room.theory("rows").chosen.size if "rows" in models else question.size
    return Analysis(
        question,
        sizes,
        ridge,
        alpha,
        _signal_exponent(question),
        predictions,
        measured,
        kept,
        float(question.moments.floor.sum()),
        solved,
    )


def _untold(predictions: dict[str, Prediction]) -> set[tuple[float, float]]:
    """Where a teacher could not be designed: nothing to measure but strong labels."""
    return set().union(*(found.reasons for found in predictions.values()))


def _designed_by(theory: str) -> list[Teacher]:
    return [type(one)(by=theory) if hasattr(one, "by") else one for one in DEFAULT]  # type: ignore[call-arg]


def _signal_exponent(question: Question) -> Exponent:
    """beta of ``lambda_i beta*_i^2``, summed over label columns, noise of the estimate removed."""
    pool = question.pool
    values, vectors = pool.principal
    values = values[: pool.rank]
    coefficients = vectors.T[: pool.rank] @ question.moments.best
    energy = (values[:, None] * np.square(coefficients)).sum(axis=1)
    floor = max(float(question.moments.floor.sum()), 0.0)
    return fit_rank_exponent(energy, noise=floor / pool.size)
