"""The theory on balls: every number comes with a proof of its digits.

Same definitions as in `kdverify.gaussian.theory`.  Each result is a python-flint ``arb``, an
interval that contains the exact value for the exact input (power-law exponents given as
text, ``Fraction`` or integers are those numbers; floats and arrays are their exact binary
values; a covariance matrix stands for the eigenvalues that double precision finds in it).
The width of a result is about ``10**-digits`` relatively; it is never guessed.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from fractions import Fraction
from functools import cached_property
from typing import Any, ClassVar

import flint
import numpy as np

from kdverify import checks, formulas
from kdverify.arithmetic import BALLS, vector
from kdverify.gaussian import risks as compose
from kdverify.gaussian.solve import Equivalents, proved, spectrum_of
from kdverify.gaussian.solve.exact import GUARD_DIGITS, MAX_DIGITS, ExactModes
from kdverify.problem import Problem, Spectrum
from kdverify.shown import Shown


@dataclass(frozen=True, eq=False, repr=False)
class Certificate(Shown):
    """Everything that the theory says about one problem at one n, on balls.

    Properties are computed when first asked for, at ``digits + 10`` digits.
    """

    source: Spectrum | Problem
    digits: int
    noise: flint.arb
    modes: ExactModes
    equivalents: Any

    #: The module with the risks, gains and margins of this theory.
    _recipes: ClassVar[Any] = compose

    @property
    def tau(self) -> flint.arb:
        """Effective regularisation."""
        return self.equivalents.tau

    @property
    def omega(self) -> flint.arb:
        """Omega."""
        return self.equivalents.omega

    @cached_property
    def standard(self) -> flint.arb:
        """Excess risk on strong labels."""
        return self._at_precision(
            lambda: self._recipes.standard_risk(self._composed, self.equivalents, self.noise)
        )

    @cached_property
    def optimal(self) -> flint.arb:
        """Excess risk of the student of the best surrogate."""
        return self._at_precision(
            lambda: self._recipes.optimal_risk(self._composed, self.equivalents, self.noise)
        )

    @cached_property
    def masked(self) -> flint.arb:
        """Excess risk of the student of the best mask.

        A mode whose membership is undecided enters with the union of what either choice
        costs, so that the ball holds whatever the right choice is.
        """
        certain, possible = self.kept
        tied = possible & ~certain
        if not tied.any():
            return self.masked_by(certain)
        return self._at_precision(
            lambda: (
                self._recipes.masked_risk(
                    self._composed, self.equivalents, certain, self.noise, dropped=~possible
                )
                + self._either_cost(tied)
            )
        )

    def masked_by(self, mask: np.ndarray) -> flint.arb:
        """Excess risk of the student of ``M beta*`` for a given (p,) bool mask."""
        return self._at_precision(
            lambda: self._recipes.masked_risk(self._composed, self.equivalents, mask, self.noise)
        )

    def risk(self, surrogate: np.ndarray) -> flint.arb:
        """Excess risk for any surrogate, an object array (p,) of balls in the eigenbasis."""
        return self._at_precision(
            lambda: self._recipes.excess_risk(
                self._composed, self.equivalents, surrogate, self.noise
            )
        )

    @cached_property
    def gains(self) -> np.ndarray:
        """(p,) balls: ``beta_opt_i / beta*_i``."""
        return self._at_precision(lambda: self._recipes.gains(self.equivalents))

    @cached_property
    def improvements(self) -> np.ndarray:
        """(p,) balls: each mode's optimal over its standard risk, noise part excluded."""
        return self._at_precision(lambda: self._recipes.improvements(self.equivalents))

    @cached_property
    def optimal_surrogate(self) -> np.ndarray:
        """(p,) balls: the best surrogate, in the eigenbasis."""
        return self._at_precision(lambda: self.gains * self.modes.beta_star)

    @cached_property
    def kept(self) -> tuple[np.ndarray, np.ndarray]:
        """Two (p,) bool arrays: modes certainly kept by the mask, and possibly kept."""
        return self._signs(self._recipes.keep_margins)

    @cached_property
    def amplified(self) -> tuple[np.ndarray, np.ndarray]:
        """Two (p,) bool arrays: modes certainly amplified, and possibly amplified."""
        return self._signs(self._recipes.amplification_margins)

    def membership(self) -> list[str]:
        """``"yes"``, ``"no"`` or ``"undecided"`` for each mode: does the best mask keep it?"""
        certain, possible = self.kept
        return [
            "yes" if c else "undecided" if q else "no"
            for c, q in zip(certain, possible, strict=True)
        ]

    @property
    def _composed(self) -> compose.Modes:
        checks.instance("problem", self.source, Problem)
        return self.modes

    def _either_cost(self, tied: np.ndarray) -> flint.arb:
        kept = self._recipes.kept_costs(self._composed, self.equivalents)[tied]
        dropped = formulas.dropped_risk(self.modes.signal[tied])
        return BALLS.total(k.union(d) for k, d in zip(kept, dropped, strict=True))

    def _signs(self, margins: Callable[[Any], np.ndarray]) -> tuple[np.ndarray, np.ndarray]:
        values = self._at_precision(lambda: margins(self.equivalents)).tolist()
        certain = np.array([value > 0 for value in values])
        return certain, np.array([not value <= 0 for value in values])

    def _at_precision(self, compute: Callable[[], Any]) -> Any:
        with BALLS.precision(self.digits + GUARD_DIGITS):
            return compute()


def certificate(
    source: Spectrum | Problem,
    n: Any,
    noise_variance: Any = 0,
    ridge: Any = 0,
    digits: int = 50,
) -> Certificate:
    """Solve the fixed point with proof and offer everything that follows from it.

    Args:
        source: a problem, or a spectrum (then only what needs no beta*).
        n: number of samples; noise_variance, ridge: as in `kdverify.risk`.  Text is read
            as an exact decimal, a float is its exact binary value.
        digits: decimal digits wanted, 1 to 100,000.

    Raises:
        ValueError, TypeError: for bad input.
    """
    spectrum = spectrum_of(source)
    digits, (size, noise, delta) = exact_question(
        digits, n=n, noise_variance=noise_variance, ridge=ridge
    )
    with BALLS.precision(digits + GUARD_DIGITS):
        problem = source if isinstance(source, Problem) else None
        modes = ExactModes(BALLS, spectrum, problem)
        solved = proved.solve(modes, size, delta, digits)
        return Certificate(source, digits, BALLS.number(noise), modes, solved)


def exact_question(digits: Any, **values: Any) -> tuple[int, list[Fraction]]:
    """Digits, and n, noise_variance, ridge, ... as exact fractions: n positive, others not below 0.

    Raises:
        ValueError, TypeError: for bad input.
    """
    digits = checks.count("digits", digits, most=MAX_DIGITS)
    exact = {name: checks.exact(name, value) for name, value in values.items()}
    for name, value in exact.items():
        (checks.positive if name == "n" else checks.non_negative)(name, value)
    return digits, list(exact.values())


def risk(
    problem: Problem,
    n: Any,
    surrogate: Any = None,
    noise_variance: Any = 0,
    ridge: Any = 0,
    digits: int = 50,
) -> flint.arb:
    """A ball that contains `kdverify.risk`, some ``10**-digits`` wide relatively.

    ``surrogate``: (p,) floats, at their exact binary values, in the problem's coordinates.
    """
    checks.instance("problem", problem, Problem)
    solved = certificate(problem, n, noise_variance, ridge, digits)
    if surrogate is None:
        return solved.standard
    values = checks.real_vector("surrogate", surrogate, problem.p)
    return solved.risk(vector(BALLS, problem.spectrum.to_modes(values)))


def equivalents(
    source: Spectrum | Problem, n: Any, ridge: Any = 0, digits: int = 50
) -> Equivalents:
    """`kdverify.equivalents` on balls: tau, zeta, Omega and their complements."""
    return certificate(source, n, 0, ridge, digits).equivalents
