"""Laws of students who train on the output of the one before; `kdverify.gaussian.generations`."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np

from kdverify import checks, formulas
from kdverify.gaussian.solve import Code, Equivalents, equivalents
from kdverify.problem import Problem
from kdverify.shown import Shown
from kdverify.training import Coefficients, ground_truth

KEEP = ("rows", "labels")


@dataclass(frozen=True, eq=False, repr=False)
class GenerationLaws(Shown):
    """Laws of the coefficients of all students; `kdverify.Generations` says what each field is."""

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
        for name in ("noise_variance", "own_noise_variance", "ridge"):
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
        with np.errstate(divide="ignore", invalid="ignore"):
            settled = formulas.settled_spread(unit, at.one_minus_zeta, w)
        if not np.isfinite(settled).all():
            return law if level == 0 else law.spread(np.full_like(lam, np.inf))
        unlearnt = formulas.unlearnt_energy(lam, 1.0, zeta)
        back = formulas.generation_energy(lam, unlearnt, w, self.gap_factor)
        left = self.rest - float((back * settled).sum())
        start = level + float(formulas.unlearnt_energy(lam, labels.mean, zeta).sum())
        if left <= 0:
            return law.spread(np.full_like(lam, np.inf)) if start > 0 else law
        return law.spread(settled * start / left)

    def settled_risk(self) -> float:
        """Excess risk after infinitely many generations; ``inf`` where they diverge."""
        return self.settled_law().risk(self.problem)

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
        return float(formulas.averaged_noise(w, one, other))

    @property
    def unit(self) -> np.ndarray:
        """What one generation adds to each variance per unit of V."""
        at, lam = self.at, self.problem.spectrum.eigenvalues
        if at.code is Code.UNREGULARISED:
            if self.n <= lam.size + 1:  # no label has noise, and every student is beta*
                return np.zeros_like(lam)
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
