"""Real labels and pseudo-labels in one training set: what one more of either is worth.

(14) and (15) of `kdverify.gaussian.mixed` for two kinds of label.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from scipy.optimize import minimize_scalar

from kdverify import checks, formulas
from kdverify.gaussian.finite_size import EXACT, SizeError
from kdverify.gaussian.mixed import Kind, coordinates, mixed_risk
from kdverify.gaussian.mixed_finite_size import mixed_error
from kdverify.gaussian.numbers import FloatModes
from kdverify.gaussian.solve import Code, equivalents
from kdverify.problem import Problem
from kdverify.shown import Shown

#: Weights of pseudo-labels between which the best is looked for, beside 0.
LIGHTEST, HEAVIEST = 1e-6, 1e6


@dataclass(frozen=True, eq=False, repr=False)
class Mixture(Shown):
    """Real rows and pseudo-labelled rows.

    Args:
        real, pseudo: numbers of rows, not both 0.
        surrogate: what labels the pseudo rows, as in `Kind`.
        noise_variance: of real labels; pseudo_noise_variance: of pseudo-labels.
        ridge: delta of ``|y - Xb|^2 + delta |b|^2``.
    """

    real: Any
    pseudo: Any
    surrogate: Any = None
    noise_variance: Any = 0.0
    pseudo_noise_variance: Any = 0.0
    ridge: Any = 0.0

    @property
    def n(self) -> float:
        """All rows."""
        both = checks.non_negative("real", self.real), checks.non_negative("pseudo", self.pseudo)
        return checks.positive("real + pseudo", sum(both))

    def kinds(self, weight: float = 1.0) -> list[Kind]:
        """The two kinds, pseudo-labels with a weight in the loss."""
        share = float(self.real) / self.n
        return [
            Kind(share, None, self.noise_variance),
            Kind(1 - share, self.surrogate, self.pseudo_noise_variance, weight),
        ]

    def risk(self, problem: Problem, weight: float = 1.0) -> float:
        """Excess risk of the student of this mixture."""
        if self.real == 0 and (weight == 0 or self.pseudo == 0):  # nothing is learnt
            return float(problem.signal.sum())
        return float(mixed_risk(problem, self.n, self.kinds(weight), self.ridge))

    def error(self, problem: Problem, weight: float = 1.0) -> SizeError:
        """`risk` with its first correction in 1/n for Gaussian rows."""
        if self.real == 0 and (weight == 0 or self.pseudo == 0):
            return SizeError(self.risk(problem, weight), 0.0, EXACT)
        return mixed_error(problem, self.n, self.kinds(weight), self.ridge)


@dataclass(frozen=True, repr=False)
class LabelWorth(Shown):
    """What one more label changes.

    Attributes:
        by_real, by_pseudo: derivatives of the excess risk by the numbers of rows.
        worth: ``by_pseudo / by_real``: what a pseudo-label is worth in real ones where both
            derivatives are negative; below 0 where one of the two hurts.
    """

    by_real: float
    by_pseudo: float

    @property
    def worth(self) -> float:
        """Pseudo-labels in real ones."""
        return self.by_pseudo / self.by_real if self.by_real else math.nan


def label_worth(problem: Problem, mixture: Mixture) -> LabelWorth:
    """Derivatives of the risk by the numbers of real rows and of pseudo-labels; all weights 1.

    Raises:
        ValueError: for n >= p without ridge, where the exact mean of least squares is no
            function of the mixture's n alone near p.

    Source: claim ``11.worth``.
    """
    checks.instance("problem", problem, Problem)
    checks.instance("mixture", mixture, Mixture)
    n = mixture.n
    at = equivalents(problem, n, mixture.ridge)
    if at.code is Code.UNREGULARISED:
        raise ValueError(f"n={n:g} must be below p={problem.p} without ridge")
    modes = FloatModes.of(problem)
    mean, variance = coordinates(problem, mixture.surrogate)
    gap = mean - modes.beta_star
    spread = float((modes.lam * (gap * gap + variance)).sum())
    share = float(mixture.pseudo) / n
    noise = checks.non_negative("noise_variance", mixture.noise_variance)
    other = checks.non_negative("pseudo_noise_variance", mixture.pseudo_noise_variance)
    centre = modes.beta_star + share * gap
    split = at.zeta, at.one_minus_zeta
    omegas = at.omega, at.one_minus_omega
    known = (modes.lam, centre, modes.beta_star, *split, *omegas)
    level = formulas.two_kinds_noise(1 - share, noise, other, spread)
    by_size = formulas.risk_by_log_n(*known, n, level, np.sum)
    slope = -formulas.two_kinds_noise_by_share(1 - share, noise, other, spread)
    by_share = formulas.risk_by_share(
        modes.lam, centre, modes.beta_star, gap, *split, *omegas, slope, np.sum
    )
    if variance.any():
        random = np.sqrt(variance)
        zero = np.zeros_like(random)
        by_size += formulas.risk_by_log_n(
            modes.lam, share * random, zero, *split, *omegas, n, 0.0, np.sum
        )
        by_share += formulas.risk_by_share(
            modes.lam, share * random, zero, random, *split, *omegas, 0.0, np.sum
        )
    return LabelWorth(
        *(float(formulas.risk_by_row(by_size, by_share, w, n)) for w in (-share, 1 - share))
    )


@dataclass(frozen=True, repr=False)
class BestWeight(Shown):
    """The weight of pseudo-labels with the least excess risk; ``inf`` drops the real ones."""

    weight: float
    risk: float


def best_weight(problem: Problem, mixture: Mixture) -> BestWeight:
    """The best weight of pseudo-labels in the loss, real ones having weight 1; needs a ridge.

    Searched between 1e-6 and 1e6 to eight digits (the risk to rounding), and compared with no
    pseudo-labels at all.  Source: claim ``11.best-weight``.
    """
    checks.instance("problem", problem, Problem)
    checks.instance("mixture", mixture, Mixture)
    checks.positive("ridge", mixture.ridge)
    checks.positive("real", mixture.real)
    checks.positive("pseudo", mixture.pseudo)

    def risk(u: float) -> float:
        return mixture.risk(problem, math.exp(u))

    grid = np.linspace(math.log(LIGHTEST), math.log(HEAVIEST), 28)
    values = [risk(u) for u in grid]
    k = int(np.argmin(values))
    bounds = grid[max(k - 1, 0)], grid[min(k + 1, grid.size - 1)]
    found = minimize_scalar(risk, bounds=bounds, method="bounded", options={"xatol": 1e-9})
    without = mixture.risk(problem, 0.0)
    if without <= found.fun:
        return BestWeight(0.0, without)
    return BestWeight(math.exp(found.x), float(found.fun))


def pseudo_map(problem: Problem, real: Any, pseudo: Any, mixture: Mixture) -> np.ndarray:
    """(len(real), len(pseudo)) excess risks of mixtures; other settings from ``mixture``."""
    rows = [checks.non_negative("real", r) for r in np.atleast_1d(real).tolist()]
    columns = [checks.non_negative("pseudo", c) for c in np.atleast_1d(pseudo).tolist()]
    return np.array(
        [[replace(mixture, real=r, pseudo=c).risk(problem) for c in columns] for r in rows]
    )
