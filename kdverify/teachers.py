"""Teachers: where the labels that a student is trained on come from.

A teacher has a name, a caption for tables and legends, and says whether it needs the truth; it
labels the rows of a question for students of n samples and a ridge.  To add one, write a class
with these members; `TEACHERS` lists those that commands offer by name.
"""

from __future__ import annotations

import inspect
import itertools
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from operator import methodcaller
from typing import Any, ClassVar

import numpy as np

from kdverify import checks
from kdverify.rows.answers import Answer, Answers, Report, silent
from kdverify.rows.modes import RESIDUALS, turn_of
from kdverify.rows.question import Question
from kdverify.theories import theory_named


class Lesson:
    """One question at one n and ridge, solved by a theory when it is first asked for.

    Teachers and `kdverify.predict` share it, so that nothing is solved twice.
    """

    def __init__(self, classroom: Classroom, n: float, ridge: float, report: Report) -> None:
        self.question, self.n, self.ridge, self.report = classroom.question, n, ridge, report
        self._classroom = classroom
        self._answers: dict[str, Answers] = {}
        self._labels: dict[Teacher, np.ndarray] = {}
        #: Of a teacher that multiplies modes: how many are not zero, a fitted intercept left out.
        self.kept: dict[Teacher, int] = {}

    def by(self, theory: str) -> Answers:
        """The answers of a theory; raises `CannotTell`."""
        if theory not in self._answers:
            found = self._classroom.theory(theory).at(self.n, self.ridge, self.report)
            self._answers[theory] = found
        return self._answers[theory]

    def labels(self, teacher: Teacher) -> np.ndarray:
        """Labels (N, K) of a teacher, the question's level taken off."""
        if teacher not in self._labels:
            self._labels[teacher] = teacher.labels(self)
        return self._labels[teacher]

    def forget(self) -> None:
        """Drop the theories' solutions, which are large; the labels stay."""
        self._answers.clear()


class Classroom:
    """Lessons of one question: one for each n and ridge, made once.

    Args:
        question: what is asked.
        options: of the theories, by their names: ``{"rows": {"solve_rows": 2000}}``.
    """

    def __init__(
        self, question: Question, options: dict[str, dict[str, Any]] | None = None
    ) -> None:
        self.question = question
        self._options = options or {}
        self._theories: dict[str, Any] = {}
        self._lessons: dict[tuple[float, float], Lesson] = {}

    def theory(self, name: str) -> Any:
        """The theory ``name`` of this question."""
        if name not in self._theories:
            theory, options = theory_named(name), self._options.get(name, {})
            known = tuple(inspect.signature(theory).parameters)[1:]
            for option in options:
                checks.choice(f"option of by={name!r}: name", option, known)
            self._theories[name] = theory(self.question, **options)
        return self._theories[name]

    def lesson(self, n: float, ridge: float, report: Report = silent) -> Lesson:
        """The lesson at n samples and a ridge; solutions of the others are dropped."""
        key = (float(n), float(ridge))
        for other, lesson in self._lessons.items():
            if other != key:
                lesson.forget()
        found = self._lessons.setdefault(key, Lesson(self, *key, report))
        found.report = report
        return found


class Teacher:
    """Labels of a question's rows, for students of n samples and a ridge.

    Attributes:
        name: key of results; different for the teachers of one call.
        caption: words for tables and legends.
        needs_truth: whether it knows labels or beta* of all rows, as nobody does in practice.
    """

    name: str = ""
    caption: str = ""
    needs_truth: bool = True

    def labels(self, lesson: Lesson) -> np.ndarray:
        """(N, K), the question's level taken off."""
        raise NotImplementedError

    def answer(self, lesson: Lesson, by: str, law: bool, accuracy: bool) -> Answer:
        """What the theory ``by`` says of its students."""
        return lesson.by(by).students(lesson.labels(self), law, accuracy)


@dataclass(frozen=True)
class Strong(Teacher):
    """The question's own labels, noise and all."""

    name = "strong"
    caption = "labels as they are"

    def labels(self, lesson: Lesson) -> np.ndarray:
        """The question's labels."""
        lesson.question.need_labels()
        return lesson.question.labels


@dataclass(frozen=True)
class Clean(Teacher):
    """Noiseless labels ``x'beta*`` of the best linear predictor of all rows."""

    name = "clean"
    caption = "noiseless linear labels"

    def labels(self, lesson: Lesson) -> np.ndarray:
        """``x'beta*``."""
        return lesson.question.pool.times(lesson.question.moments.best)


@dataclass(frozen=True)
class Best(Teacher):
    """The linear teacher whose students are best, by the theory ``by``."""

    by: str = "rows"
    name = "best"
    caption = "best linear teacher"

    def labels(self, lesson: Lesson) -> np.ndarray:
        """``x'beta_opt``."""
        return lesson.by(self.by).best_linear()


@dataclass(frozen=True)
class BestLabels(Teacher):
    """The labels of any kind whose students are best, by the theory ``by``."""

    by: str = "rows"
    name = "best-labels"
    caption = "best labels of any kind"

    def labels(self, lesson: Lesson) -> np.ndarray:
        """One label a row."""
        return lesson.by(self.by).best_of_any_kind()


@dataclass(frozen=True)
class _OfModes(Teacher):
    """A teacher ``of`` whose linear part is changed mode by mode, by the theory ``by``.

    ``residual`` says what becomes of the part of its labels that is not linear: ``"drop"`` or
    ``"keep"``.
    """

    #: From the `Answers` of that theory to one factor a mode.
    factors: ClassVar[methodcaller]

    of: Teacher = field(default_factory=Clean)
    by: str = "rows"
    residual: str = "drop"

    def __post_init__(self) -> None:
        checks.choice("residual", self.residual, RESIDUALS)

    def labels(self, lesson: Lesson) -> np.ndarray:
        """The labels of ``of``, their modes multiplied."""
        answers = lesson.by(self.by)
        factors = type(self).factors(answers)
        own = factors[int(answers.constant) :][: lesson.question.pool.rank]
        lesson.kept[self] = int((own != 0).sum())
        return answers.transformed(lesson.labels(self.of), factors, self.residual)


@dataclass(frozen=True)
class NestedMask(_OfModes):
    """The leading modes alone, as many as is best for beta*, which it knows."""

    name = "nested-mask"
    caption = "best mask"
    factors = methodcaller("nested_mask")


@dataclass(frozen=True)
class Gains(_OfModes):
    """Modes multiplied by what is best where beta* is not known."""

    name = "gains"
    caption = "gains without labels"
    factors = methodcaller("gains")


@dataclass(frozen=True)
class BlindMask(_OfModes):
    """The modes that a mask had best keep where beta* is not known."""

    name = "blind-mask"
    caption = "mask without labels"
    factors = methodcaller("blind_mask")


@dataclass(frozen=True)
class Trained(Teacher):
    """A surrogate: a student of the question's labels on m other rows, drawn with the student's.

    Before it labels, its modes are multiplied: ``"all"`` are kept, by a ``"blind-mask"``, or by
    ``"gains"``, of the theory ``by``; none of them needs labels.  ``ridge`` is the surrogate's.
    Its students' accuracy is predicted by the theory of the rows.
    """

    m: int
    modes: str = "all"
    ridge: float = 0.0
    by: str = "rows"
    needs_truth = False

    def __post_init__(self) -> None:
        checks.count("m", self.m)
        checks.choice("modes", self.modes, ("all", "blind-mask", "gains"))
        checks.non_negative("ridge", self.ridge)

    @property
    def name(self) -> str:  # type: ignore[override]  # a property for a class attribute
        """``trained-M``, with what becomes of the modes."""
        return f"trained-{self.m}" + ("" if self.modes == "all" else f"-{self.modes}")

    @property
    def caption(self) -> str:  # type: ignore[override]  # a property for a class attribute
        """Words for tables and legends."""
        return f"trained on {self.m} rows" + ("" if self.modes == "all" else f", {self.modes}")

    def factors(self, lesson: Lesson) -> np.ndarray | None:
        """(rank,) one factor a mode of the question's rows; None for ones."""
        if self.modes == "all":
            return None
        answers = lesson.by(self.by)
        factors = answers.gains() if self.modes == "gains" else answers.blind_mask()
        return factors[int(answers.constant) :][: lesson.question.pool.rank]

    def labels(self, lesson: Lesson) -> np.ndarray:
        """There are none before its rows are drawn."""
        raise TypeError(f"{self.name} has labels for a drawn set only: kd.predict and kd.measure")

    def answer(self, lesson: Lesson, by: str, law: bool, accuracy: bool) -> Answer:
        """What the theory ``by`` says of its students."""
        factors = self.factors(lesson)
        return lesson.by(by).students_of_trained(self.m, self.ridge, factors, law, accuracy)

    def turn(self, lesson: Lesson) -> np.ndarray | None:
        """(width, width): what its coefficients are multiplied by on the question's rows."""
        factors, pool = self.factors(lesson), lesson.question.pool
        if factors is None:
            return None
        return turn_of(pool.principal[1][:, : pool.rank], factors)


@dataclass(frozen=True, eq=False)
class Given(Teacher):
    """Labels that a user brings: a column of predictions, or class names, one a row."""

    values: Any
    name: str = "given"
    caption: str = "labels that were brought"
    needs_truth = False

    def labels(self, lesson: Lesson) -> np.ndarray:
        """As they are, less the question's level."""
        return lesson.question.outputs_of(self.values, self.name)


@dataclass(frozen=True, eq=False)
class Fitted(Teacher):
    """A model that was fitted elsewhere: probabilities, decision values or predictions."""

    model: Any
    name: str = "fitted"
    caption: str = "a fitted model"
    needs_truth = False

    def labels(self, lesson: Lesson) -> np.ndarray:
        """Its outputs on the rows as they were given."""
        question = lesson.question
        rows = question.given_rows()
        several = question.classes is not None and question.threshold is None
        if several and hasattr(self.model, "predict_proba"):
            return question.outputs_of(self.model.predict_proba(rows), self.name)
        return question.outputs_of(self.model.predict(rows), self.name)


#: Teachers that commands offer by name, in the order of tables and colours.
TEACHERS: dict[str, type[Teacher]] = {
    kind.name: kind for kind in (Strong, Clean, Best, NestedMask, Gains, BlindMask, BestLabels)
}
_TRAINED = re.compile(r"trained-(\d+)(?:-(blind-mask|gains))?")
#: What is asked where nothing is said.
DEFAULT = (Strong(), Clean(), Best(), NestedMask(), Gains())


def _named(text: str) -> Teacher:
    """One of `TEACHERS`, or a `Trained` one by its name."""
    trained = _TRAINED.fullmatch(text)
    if trained:
        return Trained(int(trained[1]), trained[2] or "all")
    return TEACHERS[checks.choice("teacher", text, (*TEACHERS, "trained-M"))]()


def teachers_of(given: Teacher | str | Iterable[Teacher | str]) -> Sequence[Teacher]:
    """Teachers from objects, classes or names; refuses two of one name."""
    alone = isinstance(given, str | Teacher | type) or not isinstance(given, Iterable)
    alone = alone or getattr(given, "ndim", 1) == 0
    several: list[Any] = [given] if alone else list(given)  # type: ignore[arg-type]  # it is iterable here
    found = []
    for one in several:
        if isinstance(one, type) and issubclass(one, Teacher):
            one = one()
        if isinstance(one, str):
            one = _named(one)
        checks.instance("teacher", one, Teacher)
        found.append(one)
    if not found:
        raise ValueError("teachers=() must name at least one teacher")
    names = [teacher.name for teacher in found]
    for name, group in itertools.groupby(sorted(names)):
        if len(list(group)) > 1:
            raise ValueError(f"teachers must have different names; {name!r} comes twice")
    return found
