"""Predictions and measurements for the teachers of one pool at one n."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import cached_property

import numpy as np

from kdverify import rows
from kdverify.features.prepare import Prepared
from kdverify.gaussian import theory
from kdverify.problem import Problem
from kdverify.rows.as_gaussian import GaussianStudents

#: Teachers, in the order of the tables.
TEACHERS = ("strong", "clean", "optimal", "masked", "gained")
#: Of log b in (9): below what is printed.
TOLERANCE = 1e-8


@dataclass(frozen=True, eq=False)
class Prediction:
    """Predicted risks at one n, for each of `TEACHERS`; sums over label columns.

    Attributes:
        excess: teacher -> excess risk over beta* of the pool, E over samples.  ``"rows"``: on
            the pool's rows that were not drawn; ``"gaussian"``: on rows of the same covariance.
        unseen_error: error of students of strong labels on rows that were not drawn.
        optimism: teacher -> the part of its excess risk that would be missing if each row were
            not left out of the pool that its students are drawn from; in ``excess`` already.
        accuracy: their accuracy on such rows, for classes.
        kept: directions that the best mask keeps.
        code: how the solve of (9) ended; empty for the Gaussian formula.
        evaluations: of (9).
        finite_size: teacher -> the part of its excess risk that is the first-order correction
            for finite n (`kdverify.rows.finite_size`), in ``excess`` already.
        pool_error: standard error of the prediction for strong labels over the draw of the
            pool, by a jackknife over its rows, where it was asked for.
    """

    n: float
    model: str
    excess: dict[str, float]
    kept: int
    unseen_error: float | None = None
    optimism: dict[str, float] = field(default_factory=dict)
    accuracy: float | None = None
    code: str = ""
    evaluations: int = 0
    finite_size: dict[str, float] = field(default_factory=dict)
    pool_error: float | None = None


#: Told what is being done, and the fraction that is done.
Report = Callable[[str, float], None]


def silent(line: str, done: float) -> None:
    """Report nothing."""


class Solver:
    """Predictions and measurements for one pool."""

    def __init__(
        self,
        prepared: Prepared,
        test: rows.Moments,
        ridge: float,
        seed: int,
        solve_rows: int | None,
        groups: int = 0,
    ) -> None:
        assert prepared.labels is not None
        self.prepared, self.test, self.ridge, self.seed = prepared, test, ridge, seed
        self.groups = groups
        self.labels = prepared.labels
        self.pool = prepared.pool
        self.chosen = np.arange(self.pool.size)
        if solve_rows is not None and solve_rows < self.pool.size:
            generator = np.random.default_rng(np.random.SeedSequence([seed, 0]))
            self.chosen = np.sort(generator.choice(self.pool.size, solve_rows, replace=False))
        full = self.chosen.size == self.pool.size
        self.solving = self.pool if full else rows.Pool(np.asarray(self.pool.rows[self.chosen]))
        self.before: rows.RowEquivalents | None = None
        self.teachers: dict[float, dict[str, np.ndarray]] = {}

    def on_rows(self, n: float, report: Report = silent) -> Prediction:
        """Section 9; ``report`` is told of the first half of the work at an n."""
        report("fixed point on the rows", 0.0)
        at = rows.solve(self.solving, n, self.ridge, self.before, TOLERANCE)
        if at.code is not rows.Code.CONVERGED:
            raise ArithmeticError(f"n={n:g}: {at.code.value}")
        self.before = at
        labels = self.labels[self.chosen]
        pairs = labels.shape[1] * (labels.shape[1] + 1) // 2
        response = rows.Response(at, columns=len(TEACHERS) * pairs + 1)  # (12), and (10) once
        report("students and teachers", 0.1)
        students = rows.Students(at, labels, response=response)
        best = rows.Teachers(at, self.test, response)
        surrogates = {
            "clean": self.test.best,
            "optimal": best.optimal,
            "masked": best.masked(best.mask),
            "gained": best.transformed(best.gains),
        }
        self.teachers[n] = {name: self.pool.times(value) for name, value in surrogates.items()}
        left_out = rows.LeftOut.of(at)
        unseen = rows.unseen_scores(students, left_out)
        truth = self.solving.times(self.test.best)
        kept = rows.LeftOut.nothing(self.solving.size)

        def missing(taught: rows.Students) -> float:
            """Excess risk on the rows where they are not drawn, less that on all of them."""
            laws = (rows.unseen_scores(taught, which) for which in (left_out, kept))
            apart, together = (_mean_error(law, truth) for law in laws)
            return apart - together

        excess = {"strong": float(students.excess_risks(self.test).sum())}
        optimism = {"strong": missing(students)}
        for name, surrogate in surrogates.items():
            taught = rows.Students(at, self.solving.times(surrogate), response=response)
            excess[name] = float((best.errors(surrogate) - self.test.floor).sum())
            optimism[name] = missing(taught)
        response.release()  # the correction needs the room
        report("correction for finite n", 0.3)
        first_order, change = self._finite_size(at, labels)
        for name in excess:
            excess[name] += optimism[name] + first_order[name]
        accuracy = None
        if self.prepared.classes is not None:
            report("accuracy", 0.45)
            accuracy = rows.class_accuracy(
                students,
                self.prepared.classes[self.chosen],
                self.prepared.offsets,
                left_out,
                change,
            )
        return Prediction(
            n,
            "rows",
            excess,
            int(best.mask.sum()),
            _mean_error(unseen, labels) + first_order["strong"],
            optimism,
            accuracy,
            at.code.name,
            at.evaluations,
            first_order,
            self._pool_error(n, labels),
        )

    def _pool_error(self, n: float, labels: np.ndarray) -> float | None:
        if self.groups == 0:
            return None

        def predict(at: rows.RowEquivalents, given: np.ndarray, noise: float) -> np.ndarray:
            students = rows.Students(at, given, noise)
            test = rows.Moments.of(at.pool, at.pool, given)
            return np.array([students.excess_risks(test).sum()])

        found = rows.jackknife(
            self.solving, labels, n, self.ridge, groups=self.groups, seed=self.seed, predict=predict
        )
        return float(found.standard_error[0])

    def _finite_size(
        self, at: rows.RowEquivalents, labels: np.ndarray
    ) -> tuple[dict[str, float], rows.StudentChange]:
        """First-order change by finite n: of each teacher's risk, and of students of ``labels``."""
        every = {"strong": labels}
        for name, values in self.teachers[at.n].items():
            every[name] = values[self.chosen]
        change = rows.student_change(
            self.solving,
            np.column_stack(list(every.values())),
            at.n,
            self.test.covariance,
            self.ridge,
            start=at,
            seed=self.seed,
            tolerance=TOLERANCE,
        )
        outputs = labels.shape[1]
        errors = change.errors(self.test.repeated(len(every))).reshape(-1, outputs).sum(axis=1)
        return dict(zip(every, errors.tolist(), strict=True)), change.first(outputs)

    def gaussian_formula(self, n: float) -> Prediction:
        """Formula (2) on the eigenvalues and beta* of the pool."""
        students = self.gaussian
        mask = theory.optimal_mask(students.spectrum, n, self.ridge)
        excess = dict.fromkeys(TEACHERS[:-1], 0.0)
        excess["strong"] = float(students.excess_risks(n, self.ridge).sum())
        for column in students.beta.T:
            problem = Problem(students.spectrum, column)
            excess["clean"] += theory.risk(problem, n, ridge=self.ridge)
            excess["optimal"] += theory.optimal_risk(problem, n, ridge=self.ridge)
            excess["masked"] += theory.risk(problem, n, mask * column, ridge=self.ridge)
        return Prediction(n, "gaussian", excess, int(mask.sum()))

    @cached_property
    def gaussian(self) -> GaussianStudents:
        """The pool as Gaussian rows."""
        return GaussianStudents(self.pool, self.test)

    def measure(self, n: int, repetitions: int, report: Report = silent) -> rows.Measured:
        """Students on real rows with each teacher's labels, on the rows that were not drawn.

        ``report`` is told of the second half of the work at an n.
        Excess risk over beta* of the pool; for strong labels the error and accuracy too.
        """
        teachers = {"strong": self.labels} | self.teachers.get(n, self._gaussian_teachers(n))
        best, strong = self.test.best, strong_judge(self.prepared, self.test.best)
        begun = itertools.count()

        def judge(name: str, student: np.ndarray, unseen: np.ndarray) -> Mapping[str, float]:
            if name != "strong":
                return {"excess": rows.excess_on(self.pool, student, best, unseen)}
            number = next(begun)
            report(f"repetition {number + 1} of {repetitions}", 0.5 + number / (2 * repetitions))
            return strong(name, student, unseen)

        return rows.measure(self.pool, n, teachers, judge, repetitions, self.seed, self.ridge)

    def _gaussian_teachers(self, n: float) -> dict[str, np.ndarray]:
        students = self.gaussian
        factors = {
            "clean": np.ones(students.lam.size),
            "optimal": theory.gains(students.spectrum, n, self.ridge),
            "masked": theory.optimal_mask(students.spectrum, n, self.ridge).astype(float),
        }
        return {
            name: self.pool.times(students.vectors @ (factor[:, None] * students.beta))
            for name, factor in factors.items()
        }


def strong_judge(prepared: Prepared, best: np.ndarray) -> rows.Judge:
    """Judges students of the labels as they are, on the rows that were not drawn.

    Excess risk over ``best`` (width, K), error, and for classes the accuracy.
    """
    pool, labels, classes = prepared.pool, prepared.labels, prepared.classes
    assert labels is not None

    def judge(_: str, student: np.ndarray, unseen: np.ndarray) -> dict[str, float]:
        predicted = pool.times(student)[unseen]
        wrong = predicted - labels[unseen]
        found = {
            "excess": rows.excess_on(pool, student, best, unseen),
            "unseen_error": float(np.square(wrong).sum(axis=1).mean()),
        }
        if classes is not None:
            chosen = (predicted + prepared.offsets).argmax(axis=1)
            found["accuracy"] = float((chosen == classes[unseen]).mean())
        return found

    return judge


def _mean_error(scores: rows.Scores, labels: np.ndarray) -> float:
    """Mean squared error over the rows, label columns summed."""
    return float(scores.errors(labels).sum(axis=1).mean())
