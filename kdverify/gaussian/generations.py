"""Training on one's own output: each student labels for the next, a share of real data is kept.

Every generation trains on n fresh rows.  With ``keep="rows"`` a fraction w of the rows has real
labels and the rest those of the last student; with ``keep="labels"`` each row's label is w times
a real one plus 1 - w times the last student's, each with noise of its own.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

import numpy as np
from scipy.optimize import minimize_scalar

from kdverify import checks, formulas
from kdverify.gaussian.solve import Code, Equivalents, equivalents
from kdverify.problem import Problem
from kdverify.shown import Shown
from kdverify.training import Coefficients, ground_truth

if TYPE_CHECKING:
    from kdverify.gaussian.finite_size import SizeError

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

    Risks are deterministic equivalents; for n > p + 1 without ridge only the disagreement of the
    two kinds of rows is one, by (14), and the corrected risks are exact means.

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

    def laws(self, count: int) -> list[Coefficients]:
        """Of the students of the first generations; the first sees beta*."""
        checks.count("count", count)
        at, law = self.at, ground_truth(self.problem)
        found: list[Coefficients] = []
        for _ in range(count):
            labels = self.labels(law)
            level = self.noise(bool(found)) + self.gap_factor * law.risk(self.problem)
            law = labels.scaled(at.one_minus_zeta).spread(self._added(at, labels, level))
            found.append(law)
        return found

    def risks(self, count: int) -> np.ndarray:
        """(count,) excess risks of the students of the first generations."""
        return np.array([law.risk(self.problem) for law in self.laws(count)])

    def errors(self, count: int) -> list[SizeError]:
        """`risks` with their first corrections in 1/n for Gaussian rows, those of all students."""
        from kdverify.gaussian.generations_finite_size import errors

        return errors(self, count)

    def settled_law(self) -> Coefficients:
        """Of the student after infinitely many generations; infinite where they diverge."""
        at, lam, w = self.at, self.problem.spectrum.eigenvalues, float(self.share)
        mean = self.problem.beta_modes  # of least squares, for ever
        if at.code is not Code.UNREGULARISED:
            mean = formulas.settled_mean(mean, at.one_minus_zeta, w)
        law = Coefficients(mean, np.zeros_like(lam))
        labels = self.labels(law)
        level = self.noise() + self.gap_factor * law.risk(self.problem)
        unit, zeta = self.unit, at.zeta
        with np.errstate(divide="ignore"):
            settled = formulas.settled_spread(unit, at.one_minus_zeta, w)
        if not np.isfinite(settled).all():
            return law if level == 0 else law.spread(np.full_like(lam, np.inf))
        back = (1 - w) ** 2 * lam * zeta * zeta * settled
        left = self.rest - float((back + self.gap_factor * lam * settled).sum())
        start = level + float(formulas.unlearnt_energy(lam, labels.mean, zeta).sum())
        if left <= 0:
            return law.spread(np.full_like(lam, np.inf)) if start > 0 else law
        return law.spread(settled * start / left)

    def settled_risk(self) -> float:
        """Excess risk after infinitely many generations; ``inf`` where they diverge."""
        return self.settled_law().risk(self.problem)

    def settled_error(self) -> SizeError:
        """`settled_risk` with its first correction in 1/n for Gaussian rows."""
        from kdverify.gaussian.generations_finite_size import settled_error

        return settled_error(self)

    @cached_property
    def at(self) -> Equivalents:
        """The solution of (1), the same for every student."""
        return equivalents(self.problem, self.n, self.ridge)

    def labels(self, law: Coefficients) -> Coefficients:
        """What a student learns from where the last one has this law, averaged over kinds."""
        w = float(self.share)
        mixed = w * self.problem.beta_modes + (1 - w) * law.mean
        return Coefficients(mixed, (1 - w) ** 2 * law.variances)

    @property
    def gap_factor(self) -> float:
        """What the distance of the two kinds adds to the noise: (14); nothing if averaged."""
        return float(self.share * (1 - self.share)) if self.keep == "rows" else 0.0

    def noise(self, later: bool = True) -> float:
        """Variance of the noise in the labels of later students, or of the first one."""
        if not later:
            return float(self.noise_variance)
        one, other, w = self.noise_variance, self.own_noise_variance, self.share
        if self.keep == "rows":
            return float(formulas.two_kinds_noise(w, one, other, 0.0))
        return float(w * w * one + (1 - w) * (1 - w) * other)

    @property
    def unit(self) -> np.ndarray:
        """What one generation adds to each variance per unit of V."""
        at, lam = self.at, self.problem.spectrum.eigenvalues
        if at.code is Code.UNREGULARISED:
            return formulas.least_squares_variance(1.0, lam, self.n, lam.size)
        return formulas.trained_variance(1.0, at.n, at.one_minus_zeta, lam + at.tau)

    @property
    def rest(self) -> float:
        """``1 - Omega``; 1 for least squares, whose `unit` is whole."""
        return 1.0 if self.at.code is Code.UNREGULARISED else float(self.at.one_minus_omega)

    def _added(self, at: Equivalents, labels: Coefficients, noise: float) -> np.ndarray:
        lam = self.problem.spectrum.eigenvalues
        leftover = formulas.unlearnt_energy(lam, np.sqrt(labels.mean_squares), at.zeta).sum()
        return formulas.trained_scale(leftover, self.rest, noise) * self.unit


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
