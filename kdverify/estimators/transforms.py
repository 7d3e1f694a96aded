"""Gains and masks of a surrogate's labels: from unlabelled rows and n alone."""

from __future__ import annotations

import warnings

import numpy as np

from kdverify import checks
from kdverify.rows.answers import CannotTell
from kdverify.rows.modes import RESIDUALS, transformed_labels
from kdverify.rows.question import Question
from kdverify.teachers import Classroom

TRANSFORMS = ("none", "gain", "mask")
RULES = ("rows", "gaussian")


class Modes:
    """The modes of rows that are known, for students of n of them and a ridge.

    ``transform`` is ``"gain"`` or ``"mask"``; ``rule`` names the theory that finds them:
    ``"rows"`` (section 9, signs of beta* unknown) or ``"gaussian"`` (sections 3 and 4, which see
    the eigenvalues only).

    Attributes:
        factors: (width,) of each eigenmode, by falling eigenvalue; 1 for modes without variance.
    """

    def __init__(
        self, question: Question, n: float, ridge: float, transform: str, rule: str
    ) -> None:
        checks.choice("label_transform", transform, TRANSFORMS[1:])
        self.question = question
        self.factors = np.ones(question.pool.width)
        if ridge == 0 and n >= question.rank:
            warnings.warn(
                f"n={n:g} is not below the rank {question.rank} of the {question.size} rows that "
                f"are known: label_transform={transform!r} changes nothing there; take a smaller n "
                "or more unlabelled rows",
                UserWarning,
                stacklevel=4,
            )
            return
        try:
            answers = Classroom(question).lesson(n, ridge).by(rule)
            made = answers.gains() if transform == "gain" else answers.blind_mask()
        except CannotTell as problem:
            raise ValueError(str(problem)) from problem
        found = made[int(question.intercept == "fitted") :]  # the constant column is the first mode
        self.factors[: found.size] = found[: self.factors.size]

    def changed(self, labels: np.ndarray, residual: str) -> np.ndarray:
        """Labels (N, K) of the rows, the coefficients of their linear part times the factors.

        The linear part is least squares on the rows; what it leaves is dropped or kept.
        """
        checks.choice("residual", residual, RESIDUALS)
        level = labels.mean(axis=0) if self.question.intercept != "none" else 0.0
        pool = self.question.pool
        return transformed_labels(pool, labels - level, self.factors, residual) + level
