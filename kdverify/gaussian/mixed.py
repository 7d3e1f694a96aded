"""Labels of several kinds in one training set: (14), and (15) for weights in the loss.

A share of the rows has real labels, the rest those of surrogates (pseudo-labels), each kind with
its own noise.  Risks are excess risks, label noise not added, deterministic equivalents as in
`kdverify.risk`; rows of all kinds have the problem's covariance.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

import numpy as np
from scipy.optimize import minimize_scalar

from kdverify import checks, formulas
from kdverify.gaussian import risks as compose
from kdverify.gaussian.numbers import FloatModes, Numbers, numbers
from kdverify.gaussian.solve import Code, equivalents
from kdverify.gaussian.solve.weighted import Weighted
from kdverify.problem import Problem
from kdverify.shown import Shown
from kdverify.training import Coefficients

if TYPE_CHECKING:
    from kdverify.gaussian.finite_size import SizeError

#: Weights of pseudo-labels between which the best is looked for, beside 0.
LIGHTEST, HEAVIEST = 1e-6, 1e6


@dataclass(frozen=True, eq=False)
class Kind:
    """One kind of label.

    Args:
        share: fraction of the rows that have it; all shares add up to 1.
        surrogate: None for beta*; (p,) coefficients in the problem's coordinates; or the
            `Coefficients` of a trained surrogate (float64 only), independent of these rows and of
            the other kinds.
        noise_variance: variance of the noise in these labels.
        weight: of their squared errors in the loss; 0 leaves the rows out.
    """

    share: Any
    surrogate: Any = None
    noise_variance: Any = 0.0
    weight: Any = 1.0


def mixed_risk(
    problem: Problem, n: Any, kinds: Sequence[Kind], ridge: Any = 0.0, digits: int | None = None
) -> Any:
    """Excess risk of the student of ``sum_i v_i (y_i - x_i'b)^2 + ridge |b|^2``: (14), (15).

    Args:
        n: rows of all kinds together.
        kinds: at least one; without ridge the weights make no difference for n <= p (all the rows
            are fitted), and must be equal for n > p.
        digits: None for float64, else a ball with so many certified digits.

    Raises:
        ValueError, TypeError: shares that do not add up to 1, negative weights, all weights zero.

    Source: claims ``11.mixed``, ``11.weighted``.
    """
    with numbers(problem, digits) as on:
        weights = checked_weights(on, kinds)
        equal = len(set(map(float, weights))) == 1
        if not equal and ridge == 0:
            if checks.positive("n", n) > problem.p:
                raise ValueError("weights must be equal for n > p without ridge")
            equal = True
        value = (_one_noise if equal else _weighted)(on, problem, n, kinds, weights, ridge)
        return value if digits else float(value)


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
        if self.real == 0 or (weight == 0 and self.pseudo > 0):
            return self._one_kind(problem, weight)
        return float(mixed_risk(problem, self.n, self.kinds(weight), self.ridge))

    def error(self, problem: Problem, weight: float = 1.0) -> SizeError:
        """`risk` with its first correction in 1/n for Gaussian rows."""
        from kdverify.gaussian.mixed_finite_size import mixed_error

        if weight == 0:
            return replace(self, pseudo=0).error(problem)
        return mixed_error(problem, self.n, self.kinds(weight), self.ridge)

    def _one_kind(self, problem: Problem, weight: float) -> float:
        if weight == 0 or self.pseudo == 0:
            if self.real == 0:
                return float(problem.signal.sum())
            rows, kind = self.real, Kind(1, None, self.noise_variance)
        else:
            rows, kind = self.pseudo, Kind(1, self.surrogate, self.pseudo_noise_variance)
        ridge = self.ridge / (weight or 1.0)
        return float(mixed_risk(problem, rows, [kind], ridge))


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
    n = mixture.n
    at = equivalents(problem, n, mixture.ridge)
    if at.code is Code.UNREGULARISED:
        raise ValueError(f"n={n:g} must be below p={problem.p} without ridge")
    modes = FloatModes.of(problem)
    mean, variance = _coordinates(problem, mixture.surrogate)
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


def checked_weights(on: Numbers, kinds: Sequence[Kind]) -> list[Any]:
    """Weights in the loss, after a look at the kinds and their shares."""
    if not kinds:
        raise ValueError("kinds must hold at least one kind of label")
    for index, kind in enumerate(kinds):
        checks.instance(f"kinds[{index}]", kind, Kind)
    shares = [checks.exact("share", kind.share) for kind in kinds]
    for share in shares:
        checks.fraction("share", share)
    checks.adds_up("shares", shares)
    weights = [on.number("weight", kind.weight) for kind in kinds]
    if not any(w > 0 and share > 0 for w, share in zip(weights, shares, strict=True)):
        raise ValueError("weights must not be zero for all rows")
    return weights


def _coordinates(problem: Problem, surrogate: Any) -> tuple[np.ndarray, np.ndarray]:
    """Mean and variance of a surrogate's coordinates in the eigenbasis."""
    if isinstance(surrogate, Coefficients):
        return surrogate.mean, surrogate.variances
    if surrogate is None:
        return problem.beta_modes, np.zeros(problem.p)
    vector = checks.real_vector("surrogate", surrogate, problem.p)
    return problem.spectrum.to_modes(vector), np.zeros(problem.p)


def ridge_of_weight(ridge: Any, weight: Any) -> Any:
    """The ridge that does what ``ridge`` does where all rows have this weight."""
    return ridge if weight == 1 else float(ridge) / float(weight)


def laws(on: Numbers, problem: Problem, kinds: Sequence[Kind]) -> list[tuple[Any, Any]]:
    """Means of all kinds' coordinates, and their variances (None without)."""
    return [
        _coordinates(problem, kind.surrogate)
        if isinstance(kind.surrogate, Coefficients)
        else (on.vector("surrogate", kind.surrogate), None)
        for kind in kinds
    ]


def _one_noise(
    on: Numbers, problem: Problem, n: Any, kinds: Sequence[Kind], weights: list[Any], ridge: Any
) -> Any:
    """(14): one surrogate, one noise."""
    modes = on.modes
    shares = [on.number("share", kind.share) for kind in kinds]
    coordinates = laws(on, problem, kinds)
    at = on.solve(n, ridge_of_weight(ridge, weights[0]))
    centre = sum(s * mean for s, (mean, _) in zip(shares, coordinates, strict=True))
    noise = 0 * shares[0]
    for s, kind, (mean, _) in zip(shares, kinds, coordinates, strict=True):
        apart = formulas.disagreement(modes.lam, mean, centre, modes.total)
        noise = noise + s * (on.number("noise_variance", kind.noise_variance) + apart)
    risk = compose.excess_risk(modes, at, centre, noise)
    for s, (_, variance) in zip(shares, coordinates, strict=True):
        if variance is not None:  # independent of the others: its square by itself
            random = np.sqrt(variance)
            zero = FloatModes(modes.lam, 0 * random, modes.signal)
            spread = s * (1 - s) * float((modes.lam * variance).sum())
            risk = risk + compose.excess_risk(zero, at, s * random, spread)
    return risk


def _weighted(
    on: Numbers, problem: Problem, n: Any, kinds: Sequence[Kind], weights: list[Any], ridge: Any
) -> Any:
    """(15)."""
    modes = on.modes
    shares = [on.number("share", kind.share) for kind in kinds]
    coordinates = laws(on, problem, kinds)
    at = Weighted.solve(problem, n, shares, weights, ridge, on)
    centre = sum(c * mean for c, (mean, _) in zip(at.pulls, coordinates, strict=True))
    errors = []
    for kind, (mean, _) in zip(kinds, coordinates, strict=True):
        noise = on.number("noise_variance", kind.noise_variance)
        errors.append(
            formulas.unseen_error(modes.lam, mean, centre, at.one_minus_zeta, noise, modes.total)
        )
    risk = at.risk(modes, centre, modes.beta_star, errors)
    for k, (_, variance) in enumerate(coordinates):
        if variance is None:
            continue
        random, pull = np.sqrt(variance), at.pulls[k]
        own = [
            formulas.unseen_error(
                modes.lam, (g == k) * random, pull * random, at.one_minus_zeta, 0.0, modes.total
            )
            for g in range(len(kinds))
        ]
        risk = risk + at.risk(modes, pull * random, 0 * random, own)
    return risk
