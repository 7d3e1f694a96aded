"""Random features (17) on real rows, as `kdverify.predict` asks them.

A student sees q random features ``W x`` of a row, with a W (q, p) of independent N(0, 1/q)
entries that is drawn anew for each student; risks are means over W too.  Of the rows it sees what
the Gaussian formula sees: Sigma, the linear part of labels, and the rest as noise.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from kdverify import checks, formulas
from kdverify import random_features as features_theory
from kdverify.problem import Problem
from kdverify.random_features.stages import train
from kdverify.rows.answers import Answer, CannotTell, Report, silent
from kdverify.rows.as_gaussian import GaussianAnswers, Linear
from kdverify.rows.question import Question
from kdverify.training import Coefficients, Stage


class RandomFeaturesTheory:
    """Students with ``features`` random features of Gaussian rows with the pool's Sigma."""

    caption = "random features"

    def __init__(self, question: Question, features: Any = None) -> None:
        if features is None:
            raise ValueError(
                "features=None must be the number of random features that students see"
            )
        self.question, self.features = question, checks.count("features", features)

    def at(self, n: float, ridge: float, report: Report = silent) -> RandomFeaturesAnswers:
        """The fixed points (16) on the eigenvalues of the pool."""
        report("fixed points of the spectrum", 0.0)
        return RandomFeaturesAnswers(self.question, n, ridge, self.features)


class RandomFeaturesAnswers(GaussianAnswers):
    """Equation (17) at one n, q and ridge.

    A fitted intercept is exact for Gaussian rows: their mean is independent of n - 1 contrasts,
    on which the coefficients are trained (claim ``12.intercept``).
    """

    def __init__(self, question: Question, n: float, ridge: float, features: int) -> None:
        self.fitted, self.features = question.intercept == "fitted", features
        self.contrasts = n - self.fitted
        if not self.contrasts > 0:
            raise CannotTell(f"n={n:g} with a fitted intercept leaves nothing to train on")
        rank = question.pool.rank
        if ridge == 0 and features < rank and abs(self.contrasts - features) <= 1:
            raise CannotTell(f"n={n:g} with {features} features: the error has no finite mean")
        super().__init__(question, question.pool, n, ridge)

    def students_of_trained(
        self,
        m: float,
        ridge: float,
        factors: np.ndarray | None,
        law: bool = False,
        accuracy: bool = True,
    ) -> Answer:
        """Not told: that takes a number of features of the surrogate too."""
        raise CannotTell(
            "random features: kdverify.two_stage_risk(..., features=q) has trained surrogates"
        )

    def blind_mask(self) -> np.ndarray:
        """(r,) the best mask of section 12."""
        return features_theory.optimal_mask(*self._student).astype(float)

    def gains(self) -> np.ndarray:
        """(r,) ``beta_opt / beta*`` of section 12."""
        return features_theory.gains(*self._student)

    @property
    def _student(self) -> tuple[Any, ...]:
        return self.spectrum, self.contrasts, self.features, self.ridge

    def _solved(self) -> Any:
        return features_theory.equivalents(*self._student)

    def _finite(self) -> bool:
        return bool(self.at.one_minus_upsilon > 0)

    def _linear(self, labels: np.ndarray) -> Linear:
        if not self.fitted:
            return super()._linear(labels)
        level = self.pool.mean(labels)
        found = super()._linear(labels - level)
        return Linear(found.coefficients, found.rest, level)

    def _excess(self, problem: Problem, surrogate: np.ndarray, noise: float) -> float:
        asked = (self.contrasts, self.features)
        found = features_theory.risk(problem, *asked, surrogate, noise, self.ridge)
        if not self.fitted:
            return found
        taught = Problem(self.spectrum, surrogate)
        own = features_theory.risk(taught, *asked, None, noise, self.ridge)
        return float(found + formulas.intercept_variance(own, noise, self.n))

    def _spread(self, label: np.ndarray, noise: float) -> tuple[np.ndarray, float]:
        taught = Problem(self.spectrum, label)
        stage = Stage(self.contrasts, None, noise, self.ridge, self.features)
        law = train(taught, Coefficients(label, np.zeros_like(label)), stage)
        level = formulas.intercept_variance(law.risk(taught), noise, self.n)
        return law.variances, float(level) if self.fitted else 0.0
