"""One text for both: a problem in float64, or in balls with proof.

Functions that take ``digits`` compute in float64 where it is None, and else return python-flint
``arb`` some ``10**-digits`` wide relatively, by the same lines.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any, Protocol

import numpy as np

from kdverify import checks
from kdverify.arithmetic import BALLS, vector
from kdverify.gaussian.risks import Modes
from kdverify.gaussian.solve import Code, Equivalents, equivalents, proved
from kdverify.gaussian.solve.exact import GUARD_DIGITS, MAX_DIGITS, ExactModes
from kdverify.problem import Problem


class Numbers(Protocol):
    """A problem in numbers of one kind."""

    @property
    def modes(self) -> Modes:
        """Eigenvalues, ground truth, signal and the sum, in the eigenbasis."""

    def solve(self, n: Any, ridge: Any) -> Equivalents:
        """The fixed point (1)."""

    def number(self, name: str, value: Any) -> Any:
        """A number that is not negative; text is an exact decimal."""

    def vector(self, name: str, values: Any) -> np.ndarray:
        """(p,) coefficients in the eigenbasis; None is the ground truth."""


@dataclass(frozen=True, eq=False)
class FloatModes:
    """A problem as `kdverify.gaussian.risks.Modes` in float64."""

    lam: np.ndarray
    beta_star: np.ndarray
    signal: np.ndarray
    total: Any = np.sum

    @classmethod
    def of(cls, problem: Problem) -> FloatModes:
        """Its eigenvalues, coefficients and energies."""
        return cls(problem.spectrum.eigenvalues, problem.beta_modes, problem.signal)


@dataclass(frozen=True, eq=False)
class _Floats:
    problem: Problem

    @property
    def modes(self) -> Modes:
        return FloatModes.of(self.problem)

    def solve(self, n: Any, ridge: Any) -> Equivalents:
        return equivalents(self.problem, n, ridge)

    def number(self, name: str, value: Any) -> float:
        value = checks.exact(name, value) if isinstance(value, str) else value
        return checks.non_negative(name, value)

    def vector(self, name: str, values: Any) -> np.ndarray:
        if values is None:
            return self.problem.beta_modes
        return self.problem.spectrum.to_modes(checks.real_vector(name, values, self.problem.p))


@dataclass(frozen=True, eq=False)
class _Balls:
    problem: Problem
    digits: int
    modes: ExactModes

    def solve(self, n: Any, ridge: Any) -> Equivalents:
        size, delta = checks.exact("n", n), checks.exact("ridge", ridge)
        checks.positive("n", size)
        checks.non_negative("ridge", delta)
        return proved.solve(self.modes, size, delta, self.digits + GUARD_DIGITS // 2)

    def number(self, name: str, value: Any) -> Any:
        exact = checks.exact(name, value)
        checks.non_negative(name, exact)
        return BALLS.number(exact)

    def vector(self, name: str, values: Any) -> np.ndarray:
        if values is None:
            return self.modes.beta_star
        floats = checks.real_vector(name, values, self.problem.p)
        return vector(BALLS, self.problem.spectrum.to_modes(floats))


@contextmanager
def numbers(problem: Problem, digits: int | None) -> Iterator[Numbers]:
    """The problem in float64 (``digits`` None), or in balls at the precision they need."""
    checks.instance("problem", problem, Problem)
    if digits is None:
        yield _Floats(problem)
        return
    digits = checks.count("digits", digits, most=MAX_DIGITS)
    with BALLS.precision(digits + GUARD_DIGITS):
        yield _Balls(problem, digits, ExactModes(BALLS, problem.spectrum, problem))


def slack(at: Equivalents) -> Any:
    """``n - sum (1 - zeta)`` without cancellation: ridge/tau, or n - p for least squares."""
    if at.code is Code.UNREGULARISED:
        return at.n - at.eigenvalues.size
    return at.ridge / at.tau


def squares(at: Equivalents) -> Any:
    """``sum (1 - zeta)^2 = n Omega``."""
    return at.n * at.omega
