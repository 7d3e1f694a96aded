"""Spectra, and certified solutions of (1) on balls, that the claims of section 1 share."""

from __future__ import annotations

from dataclasses import dataclass, replace
from fractions import Fraction
from functools import cached_property
from typing import Any

import numpy as np

from kdverify import formulas
from kdverify.arithmetic import BALLS
from kdverify.gaussian.certified import equivalents
from kdverify.gaussian.solve import Equivalents
from kdverify.gaussian.solve.exact import ExactModes, FixedPoint
from kdverify.gaussian.solve.newton import Evaluation, Wanted
from kdverify.problem import Spectrum

#: log(t/tau) at which the bounds by g are tried; both signs, from far to near.
OFFSETS = (-30.0, -2.0, -0.125, -(2.0**-20), 2.0**-20, 0.125, 2.0, 30.0)


@dataclass(frozen=True, eq=False)
class Case:
    """One spectrum with n and a ridge, solved on balls at the precision in force."""

    spectrum: Spectrum
    n: Fraction
    ridge: Fraction = Fraction(0)

    @cached_property
    def equation(self) -> FixedPoint:
        """Equation (1)."""
        return FixedPoint(ExactModes(BALLS, self.spectrum), self.n, self.ridge)

    def solved(self, digits: int) -> Equivalents:
        """The certified solution."""
        return equivalents(self.spectrum, self.n, self.ridge, digits)

    def evaluation(self, tau: Any) -> Evaluation:
        """exp(g), -g' and Omega at ``tau``, a ball."""
        return self.equation.evaluate(tau, Wanted.OMEGA)

    def residual(self, tau: Any) -> Any:
        """Left minus right side of (1) at ``tau``: mode by mode, without the split at n."""
        learnt = formulas.one_minus_zeta(self.equation.modes.lam, tau)
        n, ridge = BALLS.number(self.n), BALLS.number(self.ridge)
        return formulas.fixed_point_residual(learnt, n, ridge / tau, BALLS.total)

    def distances(self, digits: int) -> list[tuple[Any, Any]]:
        """Pairs |g(t)|, |log(tau/t)| at t = tau e^s, for s from -30 to 30."""
        tau = self.solved(digits).tau
        trials = [tau.mid() * BALLS.exp(BALLS.number(s)) for s in OFFSETS]
        return [(abs(BALLS.log(self.evaluation(t).ratio)), abs(BALLS.log(tau / t))) for t in trials]

    def sign_change(self, digits: int, factor: Fraction = Fraction(1)) -> list[tuple[Any, Any]]:
        """(1) is positive at the lower end of the certified interval and negative at the upper.

        Evaluated with more digits than the interval has, and without g; ``factor`` moves the
        interval.
        """
        tau = self.solved(digits).tau
        with BALLS.precision(2 * digits + 60):
            afresh, moved = replace(self), BALLS.number(factor)
            lower, upper = (afresh.residual(end * moved) for end in (tau.lower(), tau.upper()))
            return [(0, lower), (upper, 0)]


def isotropic(p: int) -> Spectrum:
    """The identity."""
    return Spectrum(np.ones(p))


def integers(p: int, scale: int = 1) -> Spectrum:
    """Eigenvalues ``scale * (p, ..., 2, 1)``: exact in double precision."""
    return Spectrum(scale * np.arange(p, 0, -1.0))


def two_levels(high: float, low: float, each: int) -> Spectrum:
    """``each`` eigenvalues ``high`` and as many ``low``."""
    return Spectrum.from_multiplicities([high, low], [each, each])


def decades(count: int, p: int) -> Spectrum:
    """``p`` eigenvalues evenly spread over ``count`` decades around one."""
    return Spectrum(np.logspace(count / 2, -count / 2, p))


def ridgeless_cases() -> list[Case]:
    """Unequal eigenvalues, integer n: power law, both ends, a gap at n, repeats, 200 decades."""
    power_law = Spectrum.power_law(40, 2)
    return [
        Case(power_law, Fraction(15)),
        Case(power_law, Fraction(1)),
        Case(power_law, Fraction(39)),
        Case(two_levels(1e10, 1e-10, 10), Fraction(10)),
        Case(two_levels(4, 0.25, 10), Fraction(7)),
        Case(decades(200, 41), Fraction(20)),
        Case(integers(12), Fraction(5)),
    ]


def ridge_cases() -> list[Case]:
    """A ridge with n below, at and above p."""
    power_law = Spectrum.power_law(20, "1.5")
    return [
        Case(power_law, Fraction(8), Fraction(1, 1000)),
        Case(power_law, Fraction(20), Fraction(1, 7)),
        Case(power_law, Fraction(50), Fraction(3)),
        Case(isotropic(120), Fraction(60), Fraction(30)),
        Case(two_levels(1e10, 1e-10, 5), Fraction(5), Fraction(1, 10**6)),
    ]


def real_n_cases() -> list[Case]:
    """n between integers: in the middle, below one, just below p, above p with a ridge."""
    power_law = Spectrum.power_law(20, 2)
    return [
        Case(power_law, Fraction(17, 2)),
        Case(power_law, Fraction(1, 3)),
        Case(power_law, Fraction(20) - Fraction(1, 1000)),
        Case(two_levels(1e10, 1e-10, 5), Fraction(26, 5)),
        Case(power_law, Fraction(61, 3), Fraction(1, 10)),
    ]
