"""Settings for the measured claims of section 2: spectra, surrogates, bands.

Every band has the half-width C/n with C = 1/(1 - Omega), relative to the prediction.  The
scale is the exactly solvable Sigma = I: there 1/(n (1 - Omega)) = p/(n (p - n)), and at
n = p/2 the noise part is off by 1/(p - n - 1) and Var P_11 by -2/(p + 2) (claims
``2.isotropic-noise`` and ``2.coordinates``), each half of the band up to O(1/n^2).
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from kdverify import Problem, Spectrum, equivalents, optimal_mask, optimal_surrogate
from kdverify.evidence import Context
from kdverify.gaussian.solve import Equivalents
from kdverify.problem import powers


@dataclass(frozen=True, eq=False)
class Setting:
    """A problem with a sample size and a ridge."""

    name: str
    problem: Problem
    n: int
    ridge: float = 0.0

    @property
    def at(self) -> Equivalents:
        """The fixed point."""
        return equivalents(self.problem, self.n, self.ridge)

    @property
    def relative_band(self) -> float:
        """Half-width of the band, relative to the prediction."""
        return float(1 / (self.n * self.at.one_minus_omega))

    @property
    def risk_band(self) -> float:
        """The same for risks, which without ridge need only C = Omega/(1 - Omega).

        At Sigma = I that is the half-width 1/(p - n): the noise part is off by 1/(p - n - 1),
        and the rest of the risk is exact.
        """
        return self.relative_band * (1.0 if self.ridge else float(self.at.omega))

    def surrogates(self) -> list[np.ndarray]:
        """The truth, the best surrogate, the best mask, an unrelated one, zero."""
        truth, n, ridge = self.problem.beta_modes, self.n, self.ridge
        return [
            truth,
            optimal_surrogate(self.problem, n, ridge),
            optimal_mask(self.problem, n, ridge) * truth,
            waves(self.problem.p, 1.7),
            np.zeros(self.problem.p),
        ]


def seed(context: Context, *key: str | int) -> int:
    """The seed of one simulation of a unit of work."""
    return int(context.seed_sequence(*key).generate_state(1, np.uint64)[0])


def waves(p: int, frequency: float) -> np.ndarray:
    """A spread-out unit vector with entries of both signs."""
    vector = np.cos(frequency * np.arange(1, p + 1))
    return vector / np.linalg.norm(vector)


def problem(eigenvalues: np.ndarray) -> Problem:
    """A spectrum with equal signal energy, up to a factor of order one, in all modes."""
    truth = waves(eigenvalues.size, 0.9)
    return Problem(Spectrum(eigenvalues), truth / np.sqrt(eigenvalues))


def isotropic(p: int) -> Problem:
    """Sigma = I."""
    return problem(np.ones(p))


def two_levels(p: int) -> Problem:
    """Half of the eigenvalues 4, half 1/4."""
    return problem(np.repeat([4.0, 0.25], p // 2))


def power_law(p: int) -> Problem:
    """lambda_i = i^-1.5."""
    return problem(powers(range(1, p + 1), -1.5))


def harmonic(p: int) -> Problem:
    """lambda_i = 1/i."""
    return problem(1 / np.arange(1.0, p + 1))


def geometric(p: int) -> Problem:
    """Ten octaves, evenly filled."""
    octaves = -10 * np.arange(p) / p
    return problem(np.array([2.0**octave for octave in octaves.tolist()]))


def ridgeless(p: int) -> list[Setting]:
    """Four spectra at n = p/2 and one at p/3."""
    return [
        Setting(f"isotropic, p={p}", isotropic(p), p // 2),
        Setting(f"two levels, p={p}", two_levels(p), p // 2),
        Setting(f"power law, p={p}", power_law(p), p // 2),
        Setting(f"geometric, p={p}", geometric(p), p // 3),
    ]


def with_ridge(p: int) -> list[Setting]:
    """A ridge with n below and above p."""
    return [
        Setting(f"two levels, p={p}, n=p/2", two_levels(p), p // 2, ridge=p / 20),
        Setting(f"power law, p={p}, n=2p", power_law(p), 2 * p, ridge=p / 20),
    ]
