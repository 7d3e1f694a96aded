"""What a theory answers.

A theory is made for a `Question`; at a sample size and a ridge it gives the teachers that it
calls best, and the law of the students of any labels.  To add one, write a class with these
members and name it in `kdverify.theories.THEORIES`.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Protocol

import numpy as np

from kdverify.rows.question import Question
from kdverify.rows.scores import Scores

#: Told what is being done, and the fraction that is done.
Report = Callable[[str, float], None]


def silent(line: str, done: float) -> None:
    """Report nothing."""


class CannotTell(ArithmeticError):
    """The theory is known not to hold here; the message is the reason."""


@dataclass(frozen=True, eq=False)
class Answer:
    """Students of one teacher's labels at one n and ridge; K label columns.

    Attributes:
        risk: (K,) mean squared error against the true labels, their noise included, averaged over
            training sets and the rows that the question judges.
        excess: (K,) mean square of prediction less ``x'beta*``, averaged likewise: what the student
            loses against the best linear predictor of the rows.
        accuracy: share of the rows that are classified right; NaN for regression, or not asked.
        parts: named parts of ``excess`` (K,), for a record: corrections that it contains.
        law: law of the predictions on the question's rows, where it was asked for.
    """

    risk: np.ndarray
    excess: np.ndarray
    accuracy: float
    parts: dict[str, np.ndarray]
    law: Scores | None = None


class Answers(Protocol):
    """A theory at one n and ridge.

    Labels are (N, K), those of the question's rows without its level; factors are (m,), one a
    mode of ``transformed``.
    """

    n: float
    ridge: float
    #: How the solution was found, for a record.
    code: str
    evaluations: int
    #: Whether the first mode is the column of a fitted intercept.
    constant: bool

    def students(self, labels: np.ndarray, law: bool = False, accuracy: bool = True) -> Answer:
        """Students of ``labels``; law and accuracy cost more, and are left out where not asked."""

    def students_of_trained(
        self,
        m: float,
        ridge: float,
        factors: np.ndarray | None,
        law: bool = False,
        accuracy: bool = True,
    ) -> Answer:
        """Students of a surrogate that was trained on the question's labels of m other rows.

        ``factors``, one a mode of the question's rows, multiply its coefficients first, but not
        its level; ``ridge`` is the surrogate's.
        """

    def best_linear(self) -> np.ndarray:
        """Labels of the linear teacher whose students are best; knows beta*."""

    def best_of_any_kind(self) -> np.ndarray:
        """The labels whose students are best; knows beta*."""

    def nested_mask(self) -> np.ndarray:
        """Factors 0 or 1: the leading modes that beta* had best be cut to; knows beta*."""

    def blind_mask(self) -> np.ndarray:
        """Factors 0 or 1: the modes that a teacher had best keep; from the rows alone."""

    def gains(self) -> np.ndarray:
        """Factors of a teacher's modes that are best where beta* is not known."""

    def transformed(self, labels: np.ndarray, factors: np.ndarray, residual: str) -> np.ndarray:
        """Labels with the modes of their linear part multiplied; the rest dropped or kept."""


class Theory(Protocol):
    """A theory of the students of one question; ``options`` are its own."""

    #: Words for tables and legends.
    caption: str

    def __init__(self, question: Question, **options: Any) -> None: ...

    def at(self, n: float, ridge: float, report: Report = silent) -> Answers:
        """Solve at n samples and a ridge; raises `CannotTell`."""
