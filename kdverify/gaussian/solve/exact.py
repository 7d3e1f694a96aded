"""The fixed point to any number of digits, and with proof.

The same Newton iteration as in double precision, on mpmath numbers or on balls, at
doubling precision from the double-precision root; `kdverify.gaussian.solve.multiprecision` and
`kdverify.gaussian.solve.proved` then check the root in their own ways.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from fractions import Fraction
from functools import cached_property
from typing import Any

import numpy as np

from kdverify import arithmetic, formulas
from kdverify.arithmetic import NumberType
from kdverify.gaussian.solve import double
from kdverify.gaussian.solve.newton import Evaluation, Split, Wanted, evaluate, pieces
from kdverify.gaussian.solve.result import Code, Equivalents
from kdverify.problem import Problem, Spectrum

#: Digits carried beyond those asked for: rounding in sums over up to 10^7 modes costs 7.
GUARD_DIGITS = 10
#: Digits that can be asked for.
MAX_DIGITS = 100_000
DOUBLE_DIGITS = 14
MAX_STEPS = 60


@dataclass(frozen=True, eq=False)
class ExactModes:
    """A spectrum, and the signal if there is one, in numbers of one kind.

    Entries of a power law are computed from its exact exponents; all others are the
    exact binary values of the doubles given.  Vectors are in the caller's order, at the
    precision in force when the object is made.
    """

    kind: NumberType
    spectrum: Spectrum
    problem: Problem | None = None
    lam: np.ndarray = field(init=False, repr=False)  # (p,) eigenvalues
    descending: np.ndarray = field(init=False, repr=False)  # (p,) sorted downward
    bits: int = field(init=False, repr=False)

    def __post_init__(self) -> None:
        spectrum = self.spectrum
        lam = self._vector(spectrum.exponent, spectrum.eigenvalues)
        in_order = spectrum.descending is spectrum.eigenvalues
        object.__setattr__(self, "bits", self.kind.bits_in_force())
        object.__setattr__(self, "lam", lam)
        object.__setattr__(self, "descending", lam if in_order else lam[spectrum.order])

    @cached_property
    def beta_star(self) -> np.ndarray:
        """(p,) ground truth in the eigenbasis."""
        assert self.problem is not None
        exponent = self.problem.signal_exponent
        half = None if exponent is None else (exponent - self._alpha) / 2
        with self.kind.at_bits(self.bits):
            return self._vector(half, self.problem.beta_modes)

    @cached_property
    def signal(self) -> np.ndarray:
        """(p,) lam beta_star^2."""
        assert self.problem is not None
        exponent = self.problem.signal_exponent
        with self.kind.at_bits(self.bits):
            if exponent is not None:
                return arithmetic.powers(self.kind, self.spectrum.p, exponent)
            return self.lam * self.beta_star * self.beta_star

    @property
    def total(self) -> Callable[[Iterable[Any]], Any]:
        """The sum of a vector of these numbers."""
        return self.kind.total

    @property
    def _alpha(self) -> Fraction:
        assert self.spectrum.exponent is not None
        return self.spectrum.exponent

    def _vector(self, exponent: Fraction | None, values: np.ndarray) -> np.ndarray:
        if exponent is None:
            return arithmetic.vector(self.kind, values)
        return arithmetic.powers(self.kind, self.spectrum.p, exponent)


@dataclass(frozen=True, eq=False)
class FixedPoint:
    """Equation (1) for given modes, n and ridge, in numbers of one kind."""

    modes: ExactModes
    n: Fraction
    ridge: Fraction

    def evaluate(self, tau: Any, wanted: Wanted) -> Evaluation:
        """g and Omega at ``tau``, at the precision in force."""
        kind, p = self.modes.kind, self.modes.spectrum.p
        split = self._split(kind, p)
        head, tail = pieces(self.modes.descending, split, tau, kind.total, p, wanted)
        n, ridge = kind.number(self.n), kind.number(self.ridge)
        return evaluate(head, tail, tau, n, ridge, split.surplus, kind.total)

    def start(self) -> tuple[float, float]:
        """tau and -g' there, in double precision."""
        n, p = float(self.n), self.modes.spectrum.p
        if self.n < p <= n:
            n = math.nextafter(p, 0)
        found = double.solve(self.modes.spectrum, n, float(self.ridge))
        return found.tau, found.minus_slope

    def root(self, digits: int) -> Any:
        """tau to about ``digits`` digits (not yet proved)."""
        kind = self.modes.kind
        tau, minus_slope = (kind.number(value) for value in self.start())
        reached = DOUBLE_DIGITS
        for step in range(MAX_STEPS):
            aim = min(2 * reached, digits)
            with kind.precision(aim + GUARD_DIGITS):
                # The first step doubles the digits with the slope of double precision.
                now = self.evaluate(tau, Wanted.SLOPE if step else Wanted.RATIO)
                g = kind.log(now.ratio)
                tau = kind.midpoint(tau * kind.exp(g / (now.minus_slope if step else minus_slope)))
                # The step was about |g| long, and what is left is below its square.
                if kind.magnitude(g * 10 ** (aim // 2)) < 1:
                    reached = aim
            if reached >= digits:
                break
        return tau

    def slack(self, size: Any) -> Any:
        """By what the mean slope between t and the root may differ from that at t; size: |g|."""
        return formulas.slope_slack(size)

    def enclosed(self, t: Any) -> tuple[Any, Any]:
        """A ball with the root in it, from one evaluation at any t > 0, and that (balls only)."""
        kind = self.modes.kind
        at = self.evaluate(t, Wanted.SLOPE)
        g = kind.log(at.ratio)
        slack = self.slack(g.abs_upper())
        return t * kind.exp(g / (at.slope + slack.neg().union(slack))), at

    def _split(self, kind: NumberType, p: int) -> Split:
        whole = min(math.floor(self.n), p)
        fraction = self.n - whole if whole < p else Fraction(0)
        surplus = max(self.n - p, Fraction(0))
        return Split(whole, *(kind.number(part) for part in (fraction, surplus, 1 - fraction)))


def unregularised(modes: ExactModes, n: Fraction) -> Equivalents:
    """The values for n >= p without ridge: tau = zeta = 0, Omega = p/n."""
    kind, p = modes.kind, modes.spectrum.p
    n_exact = kind.number(n)
    return Equivalents(
        n=n_exact,
        ridge=kind.number(Fraction(0)),
        tau=kind.number(Fraction(0)),
        omega=formulas.unregularised_omega(n_exact, p),
        one_minus_omega=formulas.unregularised_one_minus_omega(n_exact, p),
        eigenvalues=modes.lam,
        split=formulas.split_mode(modes.lam, kind.number(Fraction(0))),
        log_error=kind.number(Fraction(0)),
        code=Code.UNREGULARISED,
    )
