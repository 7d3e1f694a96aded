"""Training on one's own output: each student labels for the next, a share of real data is kept.

Every generation trains on n fresh rows.  With ``keep="rows"`` a fraction w of the rows has real
labels and the rest those of the last student; with ``keep="labels"`` each row's label is w times
a real one plus 1 - w times the last student's, each with noise of its own.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any

import numpy as np
from scipy.optimize import minimize_scalar

from kdverify import checks, formulas
from kdverify.gaussian.numbers import FloatModes
from kdverify.gaussian.solve import Code, Equivalents, equivalents
from kdverify.problem import Problem
from kdverify.shown import Shown

KEEP = ("rows", "labels")


@dataclass(frozen=True, eq=False, repr=False)
class Generations(Shown):
    """A family of students, each trained on the labels of the one before.

    Args:
        problem: spectrum and ground truth, which labels for the first.
        n: fresh rows of every generation.
        share: w, from 0 (only its own output) to 1 (only real labels).
        noise_variance: of real labels; own_noise_variance: of labels by the last student.
        ridge: of every student.
        keep: "rows" or "labels".

    Source: claims ``11.generations``, ``11.collapse``, ``11.golden-ratio``; Dohmatob, Feng,
    Kempe 2024; Garg, Bhattacharya, Sur 2025.
    """

    problem: Problem
    n: float
    share: float
    noise_variance: float = 0.0
    own_noise_variance: float = 0.0
    ridge: float = 0.0
    keep: str = "rows"

    def __post_init__(self) -> None:
        checks.instance("problem", self.problem, Problem)
        checks.fraction("share", self.share)
        checks.choice("keep", self.keep, KEEP)
        for name in ("noise_variance", "own_noise_variance"):
            checks.non_negative(name, getattr(self, name))
        noisy = self.noise_variance > 0 or self.own_noise_variance > 0
        p = self.problem.p
        if noisy and self.ridge == 0 and p <= self.n <= p + 1:
            raise ValueError(
                f"n={self.n:g} must not lie between p={p} and p + 1 without ridge: no finite mean"
            )

    def risks(self, count: int) -> np.ndarray:
        """(count,) excess risks of the students of the first generations; the first sees beta*."""
        checks.count("count", count)
        at, modes = self._at, FloatModes.of(self.problem)
        mean, variance = modes.beta_star, np.zeros_like(modes.lam)
        noise = float(self.noise_variance)
        found: list[float] = []
        for _ in range(count):
            labels = self.share * modes.beta_star + (1 - self.share) * mean
            spread = (1 - self.share) ** 2 * variance
            apart = float(self._apart(mean, variance))
            level = (noise if not found else self._noise()) + self._gap_factor() * apart
            mean = at.one_minus_zeta * labels
            kept = at.one_minus_zeta * at.one_minus_zeta * spread
            variance = kept + self._added(at, labels, spread, level)
            found.append(self._risk(mean, variance))
        return np.array(found)

    def settled_risk(self) -> float:
        """Excess risk after infinitely many generations; ``inf`` where they diverge."""
        at, modes, w = self._at, FloatModes.of(self.problem), float(self.share)
        mean = modes.beta_star  # of least squares, for ever
        if at.code is not Code.UNREGULARISED:
            mean = formulas.settled_mean(modes.beta_star, at.one_minus_zeta, w)
        labels = w * modes.beta_star + (1 - w) * mean
        lam, zeta = modes.lam, at.zeta
        level = self._noise() + self._gap_factor() * float(self._apart(mean, 0 * mean))
        unit = self._unit(at)
        with np.errstate(divide="ignore"):
            settled = formulas.settled_spread(unit, at.one_minus_zeta, w)
        if not np.isfinite(settled).all():
            return self._risk(mean, 0 * mean) if level == 0 else math.inf
        back = (1 - w) ** 2 * lam * zeta * zeta * settled
        feedback = float((back + self._gap_factor() * lam * settled).sum())
        left = self._rest(at) - feedback
        start = level + float(formulas.unlearnt_energy(lam, labels, zeta).sum())
        if left <= 0:
            return math.inf if start > 0 else self._risk(mean, 0 * mean)
        return self._risk(mean, settled * start / left)

    @property
    def _at(self) -> Equivalents:
        return equivalents(self.problem, self.n, self.ridge)

    def _apart(self, mean: np.ndarray, variance: np.ndarray) -> Any:
        modes = FloatModes.of(self.problem)
        shift = mean - modes.beta_star
        return (modes.lam * (shift * shift + variance)).sum()

    def _gap_factor(self) -> float:
        """What the distance of the two kinds adds to the noise: (14); nothing if averaged."""
        return self.share * (1 - self.share) if self.keep == "rows" else 0.0

    def _noise(self) -> float:
        one, other, w = self.noise_variance, self.own_noise_variance, self.share
        if self.keep == "rows":
            return float(formulas.two_kinds_noise(w, one, other, 0.0))
        return float(w * w * one + (1 - w) * (1 - w) * other)

    def _unit(self, at: Equivalents) -> np.ndarray:
        """What one generation adds to each variance per unit of V."""
        lam = self.problem.spectrum.eigenvalues
        if at.code is Code.UNREGULARISED:
            return formulas.least_squares_variance(1.0, lam, self.n, lam.size)
        return formulas.trained_variance(1.0, at.n, at.one_minus_zeta, lam + at.tau)

    def _rest(self, at: Equivalents) -> float:
        return 1.0 if at.code is Code.UNREGULARISED else float(at.one_minus_omega)

    def _added(
        self, at: Equivalents, labels: np.ndarray, spread: np.ndarray, noise: float
    ) -> np.ndarray:
        lam = self.problem.spectrum.eigenvalues
        root = np.sqrt(labels * labels + spread)
        leftover = formulas.unlearnt_energy(lam, root, at.zeta).sum()
        return formulas.trained_scale(leftover, self._rest(at), noise) * self._unit(at)

    def _risk(self, mean: np.ndarray, variance: np.ndarray) -> float:
        modes = FloatModes.of(self.problem)
        return float(
            formulas.mean_variance_risk(modes.lam, mean, variance, modes.beta_star, np.sum)
        )


def best_share(
    problem: Problem,
    n: float,
    noise_variance: float = 0.0,
    own_noise_variance: float = 0.0,
    ridge: float = 0.0,
    keep: str = "rows",
) -> tuple[float, float]:
    """The share of real data with the least risk in the long run, and that risk.

    To eight digits; arguments as in `Generations`.
    """

    def settled(share: float) -> float:
        settings = (noise_variance, own_noise_variance, ridge, keep)
        return Generations(problem, n, share, *settings).settled_risk()

    grid = np.linspace(0, 1, 65)
    values = [settled(w) for w in grid]
    k = int(np.argmin(values))
    bounds = grid[max(k - 1, 0)], grid[min(k + 1, grid.size - 1)]
    found = minimize_scalar(settled, bounds=bounds, method="bounded", options={"xatol": 1e-10})
    if values[k] <= found.fun:
        return float(grid[k]), float(values[k])
    return float(found.x), float(found.fun)
