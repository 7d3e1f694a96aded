"""Random features: symbols, solver variables, certified cases and settings of simulations."""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction
from functools import cache
from types import SimpleNamespace
from typing import Any

import numpy as np
import sympy

from kdverify import Problem, Spectrum
from kdverify import formulas as f
from kdverify.arithmetic import BALLS
from kdverify.gaussian.solve.exact import ExactModes
from kdverify.gaussian.solve.newton import Wanted
from kdverify.random_features import certified, equivalents, theory
from kdverify.random_features.solve import FeatureEquivalents
from kdverify.random_features.solve.newton import Evaluation
from kdverify.random_features.solve.proved import NestedFixedPoint

from .balls import decades, integers, isotropic, two_levels
from .ensembles import copied, geometric, power_law, waves
from .ensembles import isotropic as isotropic_problem
from .ensembles import two_levels as two_levels_problem

NOISE = 0.25


def sums() -> SimpleNamespace:
    """SymPy: a student from its sums, which are free: n and q are what (16) makes them.

    ``spreads`` = sum zeta (1 - zeta), ``squares`` = sum (1 - zeta)^2, and the gaps n - df and
    q - df; everything else is computed by the library's formulas.
    """
    spreads, squares, samples, features, nu = sympy.symbols("S T e_n e_q nu", positive=True)
    return student(spreads, squares, samples, features, nu)


def student(spreads: Any, squares: Any, samples: Any, features: Any, nu: Any) -> SimpleNamespace:
    """The numbers of a student from its sums and gaps, in any number type."""
    df = squares + spreads
    n, q = df + samples, df + features
    crowding = f.crowding(spreads, features)
    room = f.one_minus_crowding(spreads, features)
    return SimpleNamespace(
        spreads=spreads,
        squares=squares,
        sample_gap=samples,
        feature_gap=features,
        nu=nu,
        df=df,
        n=n,
        q=q,
        nu_1=f.first_regularisation(nu, features, q),
        crowding=crowding,
        room=room,
        upsilon=f.upsilon(squares, spreads, crowding, n),
        one_minus_upsilon=f.one_minus_upsilon(spreads, room, samples, n),
    )


#: zeta, 1 - zeta, Upsilon, 1 - Upsilon, eta: what formulas take.
Values = tuple[Any, Any, Any, Any, Any]


@dataclass(frozen=True)
class Mode:
    """SymPy: one mode of a student whose Upsilon and eta are free; lambda from nu and zeta."""

    zeta: Any
    upsilon: Any
    crowding: Any
    nu: Any
    beta_star: Any
    surrogate: Any
    noise: Any

    @property
    def lam(self) -> Any:
        """The eigenvalue."""
        return self.nu * (1 - self.zeta) / self.zeta

    @property
    def signal(self) -> Any:
        """lam beta*^2."""
        return self.lam * self.beta_star**2

    @property
    def values(self) -> Values:
        """What formulas take."""
        return self.zeta, 1 - self.zeta, self.upsilon, 1 - self.upsilon, self.crowding


def mode() -> Mode:
    """The symbols."""
    zeta, upsilon, crowding, nu = sympy.symbols("zeta Upsilon eta nu", positive=True)
    beta_star, surrogate = sympy.symbols("beta^* beta^s", real=True)
    noise = sympy.Symbol("sigma^2", nonnegative=True)
    return Mode(zeta, upsilon, crowding, nu, beta_star, surrogate, noise)


def unit(smt: Any) -> tuple[Any, Values, list[Any]]:
    """Solver variables: zeta, what formulas take, and zeta, Upsilon in (0, 1), eta in [0, 1]."""
    zeta, upsilon, crowding = (smt.Real(name) for name in ("zeta", "Upsilon", "eta"))
    inside = [zeta > 0, zeta < 1, upsilon > 0, upsilon < 1, crowding >= 0, crowding <= 1]
    return zeta, (zeta, 1 - zeta, upsilon, 1 - upsilon, crowding), inside


UNIT = {"zeta": "1/4", "Upsilon": "1/2", "eta": "1/3"}


@dataclass(frozen=True, eq=False)
class Case:
    """A spectrum, n, q and ridge, solved on balls."""

    spectrum: Spectrum
    n: Fraction
    q: Fraction
    ridge: Fraction = Fraction(0)

    @property
    def equation(self) -> NestedFixedPoint:
        """(16)."""
        modes = ExactModes(BALLS, self.spectrum)
        return NestedFixedPoint.of(modes, self.n, self.q, self.ridge)

    def solved(self, digits: int) -> FeatureEquivalents:
        """The certified solution."""
        return self.certificate(digits).equivalents

    def certificate(self, digits: int, noise: Fraction = Fraction(0)) -> certified.Certificate:
        """The certificate of a problem with all signals of order one."""
        problem = Problem(self.spectrum, waves(self.spectrum.p, 0.9))
        return certified.certificate(problem, self.n, self.q, noise, self.ridge, digits)

    def evaluation(self, nu: Any) -> Evaluation:
        """exp(g) and -g' at ``nu``, a ball."""
        return self.equation.evaluate(nu, Wanted.SLOPE)


def cases() -> list[Case]:
    """Few samples, few features, n = q with a ridge, both above p, gaps, 200 decades."""
    power = Spectrum.power_law(30, "1.5")
    return [
        Case(power, Fraction(10), Fraction(20)),
        Case(power, Fraction(20), Fraction(10)),
        Case(power, Fraction(12), Fraction(12), Fraction(1, 10)),
        Case(power, Fraction(50), Fraction(40), Fraction(1, 3)),
        Case(power, Fraction(50), Fraction(10)),
        Case(two_levels(1e10, 1e-10, 5), Fraction(5), Fraction(6), Fraction(1, 10**6)),
        Case(decades(200, 41), Fraction(20), Fraction(61, 3), Fraction(1, 1000)),
        Case(integers(12), Fraction(7, 2), Fraction(9)),
        Case(isotropic(20), Fraction(15), Fraction(12), Fraction(1)),
    ]


def tame_cases() -> list[Case]:
    """Those without gaps and decades: differences of nearly equal numbers keep digits."""
    return [case for case in cases() if np.ptp(np.log10(case.spectrum.eigenvalues)) < 10]


@dataclass(frozen=True, eq=False)
class TwoLayer:
    """A problem with n, q and a ridge, to be simulated; the band is relative."""

    name: str
    problem: Problem
    n: int
    q: int
    ridge: float = 0.0

    @property
    def at(self) -> FeatureEquivalents:
        """The fixed points."""
        return equivalents(self.problem, self.n, self.q, self.ridge)

    @property
    def band(self) -> float:
        """2/(n (1 - Upsilon)): for q < n without ridge 2/(n - q), twice what is known to be off.

        There the student is, given W, least squares on q features, whose exact noise part is
        larger by the relative 1/(n - q - 1) (claim 12.limits).
        """
        return float(2 / (self.n * self.at.one_minus_upsilon))

    @property
    def law_band(self) -> float:
        """For parts of the law: 1/(n (1 - Upsilon)), and 1/(q - T_2), that of the q features."""
        at = self.at
        return self.band / 2 + float(1 / (at.feature_gap + at.spreads))

    @property
    def corrected_band(self) -> float:
        """Where the first correction is part of what is predicted: `law_band` squared."""
        return self.law_band**2

    def copies(self, k: int) -> TwoLayer:
        """k times all sizes, at the same equivalents."""
        sizes = (k * self.n, k * self.q, k * self.ridge)
        return TwoLayer(self.name, copied(self.problem, k), *sizes)

    def surrogates(self) -> list[np.ndarray]:
        """The truth, the best surrogate, the best mask, an unrelated one, zero."""
        p, question = self.problem.p, (self.problem, self.n, self.q, self.ridge)
        truth = self.problem.beta_modes
        return [
            truth,
            theory.optimal_surrogate(*question),
            theory.optimal_mask(*question) * truth,
            waves(p, 1.7),
            np.zeros(p),
        ]


@cache
def settings(p: int = 60) -> tuple[TwoLayer, ...]:
    """Both sides of n = q without ridge, n = q and n above p with one."""
    return (
        TwoLayer("power law, few samples", power_law(p), p // 3, 3 * p // 4),
        TwoLayer("power law, few features", power_law(p), 3 * p // 4, p // 3),
        TwoLayer("Sigma = I, few features", isotropic_problem(p), 4 * p // 3, p // 3),
        TwoLayer("geometric, q above p", geometric(p), p // 3, 3 * p // 2),
        TwoLayer("two levels, n = q, ridge", two_levels_problem(p), 2 * p // 5, 2 * p // 5, p / 60),
        TwoLayer("power law, n above p, ridge", power_law(p), 4 * p // 3, 2 * p // 3, p / 30),
    )
