"""The Gaussian formula (2) on real rows, as `kdverify.predict` asks it.

It sees Sigma, the linear part of labels, and the mean square of what that leaves, as noise.
"""

from __future__ import annotations

import warnings
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np

from kdverify.gaussian import stages, theory
from kdverify.gaussian.solve import equivalents
from kdverify.problem import Problem, Spectrum
from kdverify.rows.answers import Answer, CannotTell, Report, silent
from kdverify.rows.modes import transformed_labels
from kdverify.rows.pool import Pool
from kdverify.rows.question import Question
from kdverify.rows.scores import Scores
from kdverify.training import Coefficients, Stage, ground_truth


@dataclass(frozen=True, eq=False)
class Linear:
    """Labels as the formula sees them: coefficients (r, K) in the modes, and the rest (N, K).

    ``level``: what an intercept that is no column of the pool finds of them.
    """

    coefficients: np.ndarray
    rest: np.ndarray
    level: np.ndarray | float = 0.0


class GaussianTheory:
    """Students of Gaussian rows with the pool's Sigma."""

    caption = "Gaussian formula"

    def __init__(self, question: Question) -> None:
        self.question = question

    def at(self, n: float, ridge: float, report: Report = silent) -> GaussianAnswers:
        """The fixed point (1) on the eigenvalues of the pool."""
        report("fixed point of the spectrum", 0.0)
        pool = self.question.theory_pool(ridge)
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", theory.NoFiniteMeanWarning)
            return GaussianAnswers(self.question, pool, n, ridge)


class GaussianAnswers:
    """Equation (2) at one n and ridge; exact least squares for n > p + 1 without ridge."""

    evaluations = 0

    def __init__(self, question: Question, pool: Pool, n: float, ridge: float) -> None:
        self.question, self.pool, self.n, self.ridge = question, pool, n, ridge
        values, vectors = pool.principal
        self.lam, self.vectors = values[: pool.rank], vectors[:, : pool.rank]
        self.spectrum = Spectrum(self.lam)
        self.constant = pool is not question.pool
        self.at = self._solved()
        self.code = self.at.code.name

    def students(self, labels: np.ndarray, law: bool = False, accuracy: bool = True) -> Answer:
        """Risk, excess risk and accuracy; the same on seen and unseen rows."""
        self._need_own_rows()
        if not self._finite():
            raise CannotTell(f"n={self.n:g} at rank {self.lam.size}: the error has no finite mean")
        truth, given = self.truth, self._linear(labels)
        noise = self.pool.mean(np.square(given.rest))
        floor = self.pool.mean(np.square(truth.rest))
        excess, chance, scores = np.empty(labels.shape[1]), np.nan, None
        wanted = accuracy and self.question.classes is not None
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", theory.NoFiniteMeanWarning)
            for k in range(labels.shape[1]):
                problem = Problem(self.spectrum, truth.coefficients[:, k])
                excess[k] = self._excess(problem, given.coefficients[:, k], noise[k])
            if (law or wanted) and np.isfinite(excess).all():
                scores = self._scores(given)
        excess += np.square(given.level - truth.level)
        if wanted and scores is not None:
            shifted = Scores(scores.means + self.question.level, scores.covariances)
            chance = shifted.accuracy(self.question.classes, self.question.threshold or 0.0)
        return Answer(excess + floor, excess, chance, {}, scores if law else None)

    def students_of_trained(
        self,
        m: float,
        ridge: float,
        factors: np.ndarray | None,
        law: bool = False,
        accuracy: bool = True,
    ) -> Answer:
        """Risk and excess risk by (7), once for the surrogate and once for its student."""
        self._need_own_rows()
        floor = self.pool.mean(np.square(self.truth.rest))
        excess = np.empty(floor.size)
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", theory.NoFiniteMeanWarning)
            for k, noise in enumerate(floor):
                problem = Problem(self.spectrum, self.truth.coefficients[:, k])
                first, second = Stage(m, None, noise, ridge), Stage(self.n, None, 0.0, self.ridge)
                learnt = stages.train(problem, ground_truth(problem), first)
                if factors is not None:
                    learnt = learnt.scaled(np.append(np.ones(int(self.constant)), factors))
                excess[k] = stages.train(problem, learnt, second).risk(problem)
        if not np.isfinite(excess).all():
            raise CannotTell(f"m={m:g}, n={self.n:g}: the error has no finite mean")
        return Answer(excess + floor, excess, np.nan, {})

    def best_linear(self) -> np.ndarray:
        """Labels of the best surrogate (4)."""
        return self._labels(self.gains(), self.truth)

    def best_of_any_kind(self) -> np.ndarray:
        """The same: no other labels are better for Gaussian rows."""
        return self.best_linear()

    def nested_mask(self) -> np.ndarray:
        """(r,) the best mask of section 4, which needs no beta*."""
        return self.blind_mask()

    def blind_mask(self) -> np.ndarray:
        """(r,) the best mask of section 4."""
        return theory.optimal_mask(self.spectrum, self.n, self.ridge).astype(float)

    def gains(self) -> np.ndarray:
        """(r,) ``beta_opt / beta*`` of (4)."""
        return theory.gains(self.spectrum, self.n, self.ridge)

    def transformed(
        self, labels: np.ndarray, factors: np.ndarray, residual: str = "drop"
    ) -> np.ndarray:
        """Labels with the modes of their linear part multiplied by ``factors``."""
        return transformed_labels(self.pool, labels, factors, residual)

    @cached_property
    def truth(self) -> Linear:
        """The question's own labels."""
        self.question.need_labels()
        return self._linear(self.question.labels)

    def _need_own_rows(self) -> None:
        if self.question.held_out is not None:
            raise CannotTell("held-out rows have a covariance of their own: by='rows' knows it")

    def _solved(self) -> Any:
        return equivalents(self.spectrum, self.n, self.ridge)

    def _finite(self) -> bool:
        """Whether the mean risk is."""
        return bool(self.at.one_minus_omega > 0)

    def _excess(self, problem: Problem, surrogate: np.ndarray, noise: float) -> float:
        return theory.risk(problem, self.n, surrogate, noise, self.ridge)

    def _linear(self, labels: np.ndarray) -> Linear:
        found = (self.vectors.T @ self.pool.moment(labels)) / self.lam[:, None]
        return Linear(found, labels - self.pool.times(self.vectors @ found))

    def _labels(self, factors: np.ndarray, given: Linear) -> np.ndarray:
        return self.pool.times(self.vectors @ (factors[:, None] * given.coefficients))

    def _scores(self, given: Linear) -> Scores:
        """Law of the predictions on the pool's rows."""
        learnt = self.at.one_minus_zeta[:, None] * given.coefficients
        means = self.pool.times(self.vectors @ learnt) + given.level
        rows = np.square(self.pool.times(self.vectors))
        count = means.shape[1]
        covariances = np.empty((self.pool.size, count, count))
        for k in range(count):
            for other in range(k + 1):
                variance, level = self._variance(given, k, other)
                covariances[:, k, other] = covariances[:, other, k] = rows @ variance + level
        return Scores(means, covariances)

    def _variance(self, given: Linear, k: int, other: int) -> tuple[np.ndarray, float]:
        """(r,) covariance of two students' coordinates, and of their levels.

        A quarter of the variances for the sum of both labels less those for their difference.
        """
        parts = []
        for sign in (1, -1):
            label = given.coefficients[:, k] + sign * given.coefficients[:, other]
            rest = given.rest[:, k] + sign * given.rest[:, other]
            parts.append(self._spread(label, float(self.pool.mean(np.square(rest)))))
        (both, level), (apart, other_level) = parts
        return (both - apart) / 4, (level - other_level) / 4

    def _spread(self, label: np.ndarray, noise: float) -> tuple[np.ndarray, float]:
        """(r,) variances of one student's coordinates, and of its level.

        A fitted intercept is a column of the pool here.
        """
        stage = Stage(self.n, None, noise, self.ridge)
        given = Coefficients(label, np.zeros_like(label))
        return stages.train(Problem(self.spectrum, label), given, stage).variances, 0.0
