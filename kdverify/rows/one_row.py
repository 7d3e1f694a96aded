"""One sample and a fitted intercept, as `kdverify.predict` asks it: exact."""

from __future__ import annotations

import numpy as np

from kdverify.rows.answers import Answer, CannotTell
from kdverify.rows.modes import transformed_labels
from kdverify.rows.question import Question
from kdverify.rows.scores import Scores


class OneRow:
    """One row and a fitted intercept: the student is the label of that row, which is exact.

    Teachers that change directions change nothing here.
    """

    n, code, evaluations, constant = 1.0, "EXACT", 0, False

    def __init__(self, question: Question, ridge: float) -> None:
        self.question, self.ridge = question, ridge

    def students(self, labels: np.ndarray, law: bool = False, accuracy: bool = True) -> Answer:
        """Means over all pairs of a row that is drawn and another that is judged."""
        question, size = self.question, self.question.size
        own = question.judged == "all"

        def error(truth: np.ndarray) -> np.ndarray:
            total = np.square(truth - labels.mean(axis=0)).sum(axis=0) * size
            total += np.square(labels - labels.mean(axis=0)).sum(axis=0) * size
            if own:
                return np.asarray(total / size**2)
            return (total - np.square(truth - labels).sum(axis=0)) / (size * (size - 1))

        chance = np.nan
        if accuracy and question.classes is not None:
            count = len(question.class_names)
            named = np.bincount(question.named(labels), minlength=count)
            hits = float(named @ np.bincount(question.classes, minlength=count))
            seen = float(question.right(labels, np.arange(size)).sum())
            chance = hits / size**2 if own else (hits - seen) / (size * (size - 1))
        best = question.pool.times(question.moments.best)
        scores = None
        if law:
            spread = np.cov(labels.T, bias=True).reshape(labels.shape[1], labels.shape[1])
            scores = Scores(np.tile(labels.mean(axis=0), (size, 1)), np.tile(spread, (size, 1, 1)))
        return Answer(error(question.labels), error(best), chance, {}, scores)

    def students_of_trained(
        self,
        m: float,
        ridge: float,
        factors: np.ndarray | None,
        law: bool = False,
        accuracy: bool = True,
    ) -> Answer:
        """Not told: the one label is the surrogate's prediction on a random row."""
        raise CannotTell("n=1: no answer for trained surrogates; take n=3 at least")

    def best_linear(self) -> np.ndarray:
        """Labels ``x'beta*``."""
        return self.question.pool.times(self.question.moments.best)

    def best_of_any_kind(self) -> np.ndarray:
        """The mean of all labels, on every row."""
        return np.zeros_like(self.question.labels)

    def nested_mask(self) -> np.ndarray:
        """Ones."""
        return np.ones(self.question.pool.width)

    def blind_mask(self) -> np.ndarray:
        """Ones."""
        return np.ones(self.question.pool.width)

    def gains(self) -> np.ndarray:
        """Ones."""
        return np.ones(self.question.pool.width)

    def transformed(
        self, labels: np.ndarray, factors: np.ndarray, residual: str = "drop"
    ) -> np.ndarray:
        """Labels with the modes of their linear part multiplied by ``factors``."""
        return transformed_labels(self.question.pool, labels, factors, residual)
