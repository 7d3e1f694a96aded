"""The theory of rows as they are, (9) to (12), as `kdverify.predict` asks it."""

from __future__ import annotations

import warnings
from functools import cached_property
from typing import Any

import numpy as np

from kdverify import checks
from kdverify.gaussian.theory import NoFiniteMeanWarning
from kdverify.rows.answers import Answer, CannotTell, Report, silent
from kdverify.rows.draws import some_rows
from kdverify.rows.finite_size import FiniteSize
from kdverify.rows.fixed_point import RowCode, RowEquivalents, solve, warn_of_rare_rows
from kdverify.rows.jackknife import pool_error
from kdverify.rows.modes import transformed_labels
from kdverify.rows.one_or_two import few_sample_accuracy, few_sample_errors
from kdverify.rows.one_row import OneRow
from kdverify.rows.pairs import class_accuracy
from kdverify.rows.pool import Pool
from kdverify.rows.prediction import Moments, Students
from kdverify.rows.question import Question
from kdverify.rows.response import LARGEST_DIRECT, Response
from kdverify.rows.scores import LeftOut, optimism, scores_at, unseen_scores
from kdverify.rows.teachers import Teachers
from kdverify.rows.two_stages import TwoStages
from kdverify.seeds import Rng, seed_from

#: Of log b in (9), and of conjugate gradients: far below the theory's error.
TOLERANCE = 1e-7
#: Least squares is the limit of ridge -> 0: this fraction of the smallest eigenvalue of Sigma.
VANISHING = 1e-6
#: Rows a column that stand for a larger pool at least; more while an evaluation of (9) costs less
#: than so many multiplications, and the most.
ROWS_PER_COLUMN, WORK, MOST_SOLVED = 10, 4e9, 100_000
#: Rows a column that stand for the pool in the correction for finite n, within these bounds.
CORRECTED_PER_COLUMN, CORRECTED = 20, (1000, 2000)


class RowsTheory:
    """Students of the rows as they are, with labels of any kind.

    Args:
        question: what is asked.
        solve_rows: at most so many rows, drawn at random, stand for the pool in (9) to (12);
            beta* and Sigma are always those of all rows.  By default ten a column, more where
            there are few columns (`WORK`), but no more than `LARGEST_DIRECT` where there are
            several label columns.
        finite_size: whether answers have the first-order correction for finite n; there is
            none for least squares and for weighted rows.
        seed: of the rows that are drawn, and of drawn students.
        rng: in its place, a seed or a NumPy generator (`kdverify.seeds.seed_from`).
        groups: of the jackknife over the pool's rows (`RowsAnswers.pool_error`); 0: none.
        judges: (k,) numbers of the rows that the accuracy is averaged over; None: all.  All rows
            stand for themselves then.
        distinct: samples of fewer rows than there are are different rows of these very ones, as
            `kdverify.measure` draws them; else, for more rows, and where rows have weights, they
            are independent draws from a population that these stand for.  Below the rank and
            without ridge both are the same.  The correction for finite n, and ``groups``, are
            those of independent draws.
    """

    caption = "rows as they are"

    def __init__(
        self,
        question: Question,
        solve_rows: int | None = None,
        finite_size: bool = True,
        seed: int = 0,
        groups: int = 0,
        rng: Rng = None,
        judges: Any = None,
        distinct: bool = True,
    ) -> None:
        self.question, self.seed, self.groups = question, seed_from(seed, rng), groups
        self.distinct = checks.flag("distinct", distinct)
        self.judges = judges
        if question.held_out is not None and (groups or judges is not None):
            raise ValueError("groups and judges must go with rows of the question's own")
        self.finite_size = finite_size and question.pool.weights is None
        width = question.pool.width + 1
        if solve_rows is None:
            solve_rows = max(ROWS_PER_COLUMN * width, min(int(WORK / width**2), MOST_SOLVED))
            if question.outputs > 1:
                solve_rows = min(solve_rows, LARGEST_DIRECT)
        size = question.size
        if judges is not None:
            self.judges, solve_rows = checks.row_numbers("judges", judges, size), size
        least = max(solve_rows, width)
        self.chosen = some_rows(size, least, self.seed, "rows that stand for the pool")
        self.before: RowEquivalents | None = None
        self._solving: tuple[Pool, Pool] | None = None

    def solving(self, pool: Pool) -> Pool:
        """The rows of ``pool`` that stand for it."""
        if self.chosen.size == pool.size:
            return pool
        if self._solving is None or self._solving[0] is not pool:
            weights = None if pool.weights is None else pool.weights[self.chosen]
            self._solving = pool, Pool(np.asarray(pool.rows[self.chosen]), weights)
        return self._solving[1]

    def at(self, n: float, ridge: float, report: Report = silent) -> RowsAnswers | OneRow:
        """Solve (9), from the solution before where there is one."""
        question = self.question
        if n <= 2 and question.intercept == "fitted" and question.pool.weights is None:
            if question.held_out is not None:
                raise CannotTell(f"n={n:g}: with an intercept, held-out rows take 3 samples")
            if n == 1:
                return OneRow(question, ridge)
        pool = question.theory_pool(ridge)
        at = self.solved(pool, n, ridge, report)
        return RowsAnswers(self, pool, at, ridge, report)

    def solved(self, pool: Pool, n: float, ridge: float, report: Report) -> RowEquivalents:
        """(9) on the rows that stand for ``pool``; for least squares with a vanishing ridge."""
        solving = self.solving(pool)
        if ridge == 0 and pool.rank <= n <= pool.rank + 1:
            warnings.warn(
                f"n={n:g} at rank {pool.rank}: the error has no finite mean; use a ridge or "
                "another n",
                NoFiniteMeanWarning,
                stacklevel=5,
            )
            raise CannotTell(f"n={n:g} at rank {pool.rank}: the error has no finite mean")
        least_squares = ridge == 0 and n > pool.rank
        solved_ridge = (
            VANISHING * float(pool.principal[0][pool.rank - 1]) if least_squares else ridge
        )
        start = self.before
        if start is not None and (least_squares or start.pool is not solving):
            start = None
        report("fixed point on the rows", 0.0)
        apart = self.distinct and n < pool.size and pool.weights is None
        taken = n / pool.size if apart else 0.0
        at = solve(solving, n, solved_ridge, start, TOLERANCE, taken=taken)
        if at.code is not RowCode.CONVERGED:
            raise CannotTell(f"n={n:g}: {at.code.value}")
        if least_squares:
            warn_of_rare_rows(at)
        else:
            self.before = at
        return at


class RowsAnswers:
    """Section 9 of the theory at one n and ridge.

    Every teacher is answered by itself, so that an answer does not depend on who else is asked.
    """

    def __init__(
        self,
        theory: RowsTheory,
        pool: Pool,
        at: RowEquivalents,
        ridge: float,
        report: Report,
    ) -> None:
        self._theory, self._pool, self._at, self._report = theory, pool, at, report
        self.n, self.ridge = at.n, ridge
        self.constant = theory.question.intercept == "fitted"
        self.code, self.evaluations = at.code.name, at.evaluations
        self._corrected = theory.finite_size and not (ridge == 0 and at.n > pool.rank)
        outputs = max(theory.question.outputs, 1)
        # (12) for every pair of columns where classes need them, and (10) once
        self._crossed = theory.question.classes is not None
        pairs = outputs * (outputs + 1) // 2 if self._crossed else outputs
        self._response = Response(at, TOLERANCE, columns=pairs + 1)

    def students(self, labels: np.ndarray, law: bool = False, accuracy: bool = True) -> Answer:
        """Risk, excess risk and accuracy of the students of ``labels`` (N, K)."""
        question, chosen, solving = self._theory.question, self._theory.chosen, self._at.pool
        held = question.held_out
        if question.intercept == "fitted" and self.n <= 2 and question.pool.weights is None:
            return self._exact(labels)
        taught = Students(self._at, labels[chosen], response=self._response, crossed=self._crossed)
        test, aim = self._judges
        truth, real = solving.times(aim.best), question.labels[chosen]
        excess = taught.excess_risks(aim)
        risk = excess + test.floor if held is None else taught.errors(test)
        unseen = question.judged == "unseen"
        left = self._left_out if unseen else LeftOut.nothing(solving.size)
        outside = None if held is None else self._held_out.rows
        scores = unseen_scores(taught, left) if outside is None else scores_at(taught, outside)
        parts = {}
        if unseen:
            together = unseen_scores(taught, LeftOut.nothing(solving.size))
            parts["optimism"], more = optimism(solving, scores, together, truth, real)
            excess, risk = excess + parts["optimism"], risk + more
        change = None
        if self._corrected:
            self._report("correction for finite n", 0.3)
            change = self._finite_size.change(labels[chosen])
            parts["finite_size"] = change.errors(aim)
            excess, risk = excess + parts["finite_size"], risk + change.errors(test)
        chance = np.nan
        if accuracy and question.classes is not None:
            self._report("accuracy", 0.45)
            threshold = 0.5 if question.threshold is None else question.threshold
            chance = class_accuracy(
                taught,
                question.classes[chosen] if held is None else held.classes,
                question.level,
                left,
                change,
                threshold,
                self._theory.seed,
                rows=self._theory.judges,
                outside=outside,
            )
        return Answer(risk, excess, chance, parts, scores if law else None)

    def students_of_trained(
        self,
        m: float,
        ridge: float,
        factors: np.ndarray | None,
        law: bool = False,
        accuracy: bool = True,
    ) -> Answer:
        """(12) as the law of the labels, (11) averaged over it, on rows that neither has seen.

        Corrected for finite m, and for finite n on the labels of the mean surrogate: what finite
        n changes on the surrogate's spread about its mean is left out.
        """
        question, chosen = self._theory.question, self._theory.chosen
        if question.intercept == "fitted" and min(m, self.n) <= 2:
            raise CannotTell("trained surrogates and their students take 3 samples at least")
        pool, target, response = self._pool, self._at, self._response
        if factors is not None:
            factors = self._free(np.append(np.ones(int(self.constant)), factors))
        if ridge > self.ridge:  # one height of the constant column for both
            pool = question.theory_pool(ridge)
        if pool is not self._pool:
            target = self._theory.solved(pool, self.n, self.ridge, self._report)
            response = Response(target, TOLERANCE)
        at = self._theory.solved(pool, m, ridge, self._report)
        source = Students(at, question.labels[chosen], crossed=self._crossed)
        two = TwoStages(source, target, response, factors, pool.principal[1])
        same = pool is self._pool
        judges = self._judges if same else self._judged(pool, ridge)
        turned = [two.moments(one) for one in judges]
        risk, excess = (source.errors(one) for one in turned)
        parts, own, other = {}, None, None  # changes of the surrogate, and of its student
        if self._theory.finite_size:
            parts["finite_size"] = np.zeros_like(risk)
            if ridge > 0 or m < pool.rank:
                own = self._correction(at, turned[0].covariance).change(question.labels[chosen])
            if self._corrected:
                covariance = judges[0].covariance
                students = self._finite_size if same else self._correction(target, covariance)
                other = students.change(at.pool.times(two.taught))
            for change, tests in ((own, turned), (other, judges)):
                if change is not None:
                    risk = risk + change.errors(tests[0])
                    parts["finite_size"] = parts["finite_size"] + change.errors(tests[1])
            excess = excess + parts["finite_size"]
        held, rows, classes = question.held_out, at.pool.rows, question.classes
        if held is not None:
            rows, classes = question.held_out_in(pool, ridge).rows, held.classes
        elif classes is not None:
            classes = classes[chosen]
        rows, chance, scores = np.asarray(rows, dtype=float), np.nan, None
        if question.judged == "unseen":
            scores, together = two.unseen_scores(), two.own_scores()
            truth, real = at.pool.times(judges[1].best), question.labels[chosen]
            parts["optimism"], more = optimism(at.pool, scores, together, truth, real)
            excess, risk = excess + parts["optimism"], risk + more
        if accuracy and classes is not None:
            self._report("accuracy", 0.45)
            moved, factor = two.changed(judges[0], own, other)
            offsets = question.level + rows @ moved
            threshold = 0.5 if question.threshold is None else question.threshold
            chance = two.class_accuracy(
                classes, rows, offsets, threshold, self._theory.seed, self._theory.judges, factor,
                scores,
            )  # fmt: skip
        if law and scores is None:
            scores = two.scores(rows)
        return Answer(risk, excess - judges[1].floor, chance, parts, scores if law else None)

    def _exact(self, labels: np.ndarray) -> Answer:
        """The same for one and two samples with an intercept: sums over rows and pairs."""
        if self.n not in (1, 2):
            raise CannotTell(f"n={self.n:g}: with an intercept there is no student between 1 and 2")
        question, n = self._theory.question, int(self.n)
        truth = self._pool.times(self._judges[1].best)
        unseen = question.judged == "unseen"
        risk, excess = (
            few_sample_errors(question.pool, labels, judged, n, self.ridge, unseen)
            for judged in (question.labels, truth)
        )
        accuracy = np.nan
        if question.classes is not None:
            accuracy = few_sample_accuracy(question, labels, n, self.ridge, self._theory.seed)
        return Answer(risk, excess, accuracy, {})

    def pool_error(self) -> float | None:
        """Standard error of the excess risk of strong labels over the draw of the pool.

        By a jackknife over its rows, outputs summed; None without groups.
        """
        theory = self._theory
        if theory.groups == 0:
            return None
        labels = theory.question.labels[theory.chosen]
        return pool_error(self._at, labels, theory.groups, theory.seed)

    def best_linear(self) -> np.ndarray:
        """Labels ``x' K^-1 (I - M) c``."""
        return self._pool.times(self._teachers.optimal)

    def best_of_any_kind(self) -> np.ndarray:
        """Labels that make (11) least; linear ones on rows that do not stand for the pool."""
        found = self.best_linear()
        found[self._theory.chosen] = self._teachers.optimal_labels()
        return found

    def nested_mask(self) -> np.ndarray:
        """(width,) leading modes that (11) had best keep of beta*; modes without variance too."""
        return self._free(self._teachers.mask.astype(float))

    def blind_mask(self) -> np.ndarray:
        """(width,) modes that a mask keeps, signs of beta* averaged over."""
        return self._free(self._blind.blind_mask.astype(float))

    def gains(self) -> np.ndarray:
        """(width,) factors that are best, signs of beta* averaged over."""
        return self._free(self._blind.gains)

    def transformed(
        self, labels: np.ndarray, factors: np.ndarray, residual: str = "drop"
    ) -> np.ndarray:
        """Labels with the modes of their linear part multiplied by ``factors``."""
        return transformed_labels(self._pool, labels, factors, residual)

    def _free(self, factors: np.ndarray) -> np.ndarray:
        """Factors, 1 for a constant column (the first mode) and for modes without variance."""
        pool = self._pool
        found = np.ones(pool.width)
        kept = slice(int(self.constant), pool.rank)
        found[kept] = factors[kept]
        return found

    def _judged(self, pool: Pool, ridge: float) -> tuple[Moments, Moments]:
        """What the risk is measured on, true labels, and the excess risk: those or ``x'beta*``."""
        question = self._theory.question
        question.need_labels()
        own = Moments.of(pool, pool, question.labels)
        if question.held_out is None:
            return own, own
        rows = question.held_out_in(pool, ridge)
        test = Moments.of(pool, rows, question.held_out.labels)
        return test, Moments.linear(test.covariance, own.best)

    @cached_property
    def _judges(self) -> tuple[Moments, Moments]:
        return self._judged(self._pool, self.ridge)

    @cached_property
    def _held_out(self) -> Pool:
        return self._theory.question.held_out_in(self._pool, self.ridge)

    @cached_property
    def _left_out(self) -> LeftOut:
        return LeftOut.of(self._at)

    @cached_property
    def _teachers(self) -> Teachers:
        return Teachers(self._at, self._judges[1], self._response, self._pool.principal[1])

    @cached_property
    def _blind(self) -> Teachers:
        """What needs no labels."""
        nothing, covariance = np.zeros((self._pool.width, 1)), self._pool.covariance
        if self._theory.question.held_out is not None:
            covariance = self._held_out.covariance
        test = Moments(covariance, nothing, nothing[0])
        return Teachers(self._at, test, self._response, self._pool.principal[1])

    @cached_property
    def _finite_size(self) -> FiniteSize:
        return self._correction(self._at, self._judges[0].covariance)

    def _correction(self, at: RowEquivalents, covariance: np.ndarray) -> FiniteSize:
        low, high = CORRECTED
        return FiniteSize(
            at.pool,
            at.n,
            covariance,
            at.ridge,
            start=at,
            seed=self._theory.seed,
            limit=min(max(CORRECTED_PER_COLUMN * at.pool.width, low), high),
        )
