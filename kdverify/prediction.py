"""Students predicted before they are trained: one recipe for every face."""

from __future__ import annotations

import warnings
from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np

from kdverify import checks
from kdverify.results import Results, check_ranges, grid, in_shape
from kdverify.rows.answers import Answer, CannotTell, Report, silent
from kdverify.rows.question import Question
from kdverify.rows.scores import Scores
from kdverify.teachers import DEFAULT, Classroom, Lesson, Teacher, teachers_of
from kdverify.theories import theory_named
from kdverify.threads import blas_threads_for


@dataclass(frozen=True, eq=False, repr=False)
class Prediction(Results):
    """What a theory says of students, for each teacher, n and ridge.

    ``risk``, ``excess`` and ``accuracy`` are as `Results` has them; NaN where the theory cannot
    tell (``reasons`` says why), ``inf`` where the mean is infinite.

    Attributes:
        by: name of the theory.
        risk_by_output, excess_by_output: teacher -> (..., K), one number a label column.
        parts: teacher -> name -> (...): corrections that ``excess`` contains, outputs summed:
            ``"optimism"``, by leaving each row out of the pool where it is judged, and
            ``"finite_size"``, the first order in 1/n.
        reasons: (n, ridge) -> why there is no number.
        laws: teacher -> list of the laws of predictions on the question's rows (`Scores`), one
            for each n and ridge, n first; where they were asked for.
        codes, evaluations: how the fixed point was solved, (...).
        pool_error: (...) standard error of the excess risk of strong labels over the draw of the
            pool, by a jackknife; NaN where it was not asked for.
    """

    by: str = "rows"
    risk_by_output: dict[str, np.ndarray] = field(default_factory=dict)
    excess_by_output: dict[str, np.ndarray] = field(default_factory=dict)
    parts: dict[str, dict[str, np.ndarray]] = field(default_factory=dict)
    reasons: dict[tuple[float, float], str] = field(default_factory=dict)
    laws: dict[str, list[Scores | None]] = field(default_factory=dict)
    codes: np.ndarray = field(default_factory=lambda: np.empty(0))
    evaluations: np.ndarray = field(default_factory=lambda: np.empty(0))
    pool_error: np.ndarray = field(default_factory=lambda: np.empty(0))


def predict(
    question: Question,
    n: Any,
    teachers: Iterable[Teacher | str] | Teacher | str = DEFAULT,
    *,
    ridges: Any = 0.0,
    by: str = "rows",
    laws: bool = False,
    accuracy: str | Iterable[str] = ("strong",),
    classroom: Classroom | None = None,
    progress: Report = silent,
    **options: Any,
) -> Prediction:
    """Predict students of each teacher's labels, without training any.

    On rows as they are, samples of fewer rows than the question has are n different ones of them,
    as `kdverify.measure` draws them (``distinct`` of `kdverify.rows.theory.RowsTheory`).

    Args:
        question: rows, labels, and how students are judged.
        n: a sample size or several, any positive numbers.
        teachers: objects or names of `kdverify.teachers`.
        ridges: delta of ``|y - c - Xb|^2 + delta |b|^2``, a sum over samples; one or several; 0 is
            the minimum-norm solution, or least squares for n above the rank.
        by: the theory: ``"rows"`` (section 9), ``"gaussian"`` (2), or ``"random-features"`` (17)
            of students that see random features of the rows.  All predict students of the same
            labels: teachers that a theory designs name it themselves.
        laws: keep the law of the predictions on every row.
        accuracy: names of the teachers whose students' accuracy is wanted, which takes seconds for
            each; ``"all"`` of them.
        classroom: lessons that were made already, for the same question.
        progress: called with a line and the fraction that is done.
        options: of the theory (for rows: ``solve_rows``, ``finite_size``, ``distinct``, ``seed``,
            ``groups``; for random features: ``features``, their number q).

    Returns:
        `Prediction`; a number where n and ridges are numbers, else arrays over them.

    Raises:
        ValueError, TypeError: bad arguments; missing labels.

    Warns:
        UserWarning: where the theory cannot tell; the entry is NaN.

    >>> import numpy as np
    >>> rows = np.random.default_rng(0).standard_normal((400, 30))
    >>> question = Question.of(rows, rows[:, 0] + 0.1 * rows[:, 1] ** 2)
    >>> bool(predict(question, 15, "strong").excess["strong"] > 0)
    True
    """
    checks.instance("question", question, Question)
    asked = teachers_of(teachers)
    there = {one.name for one in asked}
    named = there if accuracy == "all" else {accuracy} if isinstance(accuracy, str) else {*accuracy}
    if not named <= there | {"strong"}:
        raise ValueError(f"accuracy={checks.shown(accuracy)} must name teachers, or be 'all'")
    checks.flag("laws", laws)
    theory_named(by)
    sizes, deltas, shape = grid(n, ridges)
    question.need_labels()
    room = classroom or Classroom(question, {by: options})
    answers: dict[tuple[float, float], dict[str, Answer]] = {}
    reasons: dict[tuple[float, float], str] = {}
    solved: dict[tuple[float, float], tuple[str, int, float | None]] = {}
    total, reached = len(sizes) * len(deltas), [0.0]
    order = sorted((delta, size) for size in set(sizes) for delta in set(deltas))
    for index, (delta, size) in enumerate(order):

        def report(line: str, done: float, index: int = index, size: float = size) -> None:
            reached[0] = max(reached[0], (index + done) / total)  # teachers take turns
            progress(f"n = {size:g}: {line}", reached[0])

        lesson = room.lesson(size, delta, report)
        try:
            with blas_threads_for(question.pool.rows.size):
                answers[size, delta], solved[size, delta] = _answered(
                    lesson, asked, by, laws, named
                )
        except CannotTell as problem:
            reasons[size, delta] = str(problem)
            warnings.warn(f"cannot tell: {problem}", UserWarning, stacklevel=2)
    return _gathered(question, asked, by, (sizes, deltas, shape), (answers, reasons, solved), laws)


def _answered(
    lesson: Lesson, asked: Iterable[Teacher], by: str, laws: bool, named: set[str]
) -> tuple[dict[str, Answer], tuple[str, int, float | None]]:
    try:
        theory = lesson.by(by)
        found = {one.name: one.answer(lesson, by, laws, one.name in named) for one in asked}
        error = theory.pool_error() if hasattr(theory, "pool_error") else None
    except CannotTell:
        raise
    except ArithmeticError as problem:
        raise CannotTell(f"n={lesson.n:g}: {problem}") from problem
    power = float(lesson.question.moments.power.sum())
    for name, answer in found.items():
        where = f"predicted students of {name} at n={lesson.n:g}, ridge={lesson.ridge:g}"
        check_ranges(where, power, answer.risk, answer.excess, answer.accuracy)
        not_negative = np.maximum(answer.risk, 0.0), np.maximum(answer.excess, 0.0)
        found[name] = replace(answer, risk=not_negative[0], excess=not_negative[1])
    return found, (theory.code, theory.evaluations, error)


def _gathered(
    question: Question,
    asked: Iterable[Teacher],
    by: str,
    where: tuple[list[float], list[float], tuple[int, ...]],
    found: tuple[dict[Any, dict[str, Answer]], dict[Any, str], dict[Any, Any]],
    laws: bool,
) -> Prediction:
    sizes, deltas, shape = where
    answers, reasons, solved = found
    keys = [(size, delta) for size in sizes for delta in deltas]
    nothing = Answer(*(np.full(question.outputs, np.nan),) * 2, np.nan, {})
    infinite = np.full(question.outputs, np.inf)
    missing = {
        key: Answer(infinite, infinite, np.nan, {}) if "no finite mean" in reasons[key] else nothing
        for key in reasons
    }
    made: dict[str, Any] = {name: {} for name in ("risk", "excess", "accuracy", "parts", "laws")}
    for one in asked:
        mine = [answers[key][one.name] if key in answers else missing[key] for key in keys]
        made["risk"][one.name] = np.array([each.risk for each in mine])
        made["excess"][one.name] = np.array([each.excess for each in mine])
        made["accuracy"][one.name] = in_shape([each.accuracy for each in mine], shape)
        names = sorted({name for each in mine for name in each.parts})
        made["parts"][one.name] = {
            name: in_shape([np.sum(each.parts.get(name, np.nan)) for each in mine], shape)
            for name in names
        }
        made["laws"][one.name] = [each.law for each in mine]
    known = [solved.get(key, ("", 0, None)) for key in keys]
    errors = [np.nan if error is None else error for _, _, error in known]
    return Prediction(
        question=question,
        n=in_shape([size for size, _ in keys], shape),
        ridges=in_shape([delta for _, delta in keys], shape),
        teachers=tuple(asked),
        risk={k: in_shape(v.sum(axis=1), shape) for k, v in made["risk"].items()},
        excess={k: in_shape(v.sum(axis=1), shape) for k, v in made["excess"].items()},
        accuracy=made["accuracy"] if question.classes is not None else {},
        by=by,
        risk_by_output={k: v.reshape(*shape, -1) for k, v in made["risk"].items()},
        excess_by_output={k: v.reshape(*shape, -1) for k, v in made["excess"].items()},
        parts=made["parts"],
        reasons=reasons,
        laws=made["laws"] if laws else {},
        codes=np.array([code for code, _, _ in known]).reshape(shape),
        evaluations=in_shape([count for _, count, _ in known], shape),
        pool_error=in_shape(errors, shape),
    )
