"""Settings for the measured claims of section 2: spectra, surrogates, bands.

Every band has the half-width C/n with C = 1/(1 - Omega), relative to the prediction.  The
scale is the exactly solvable Sigma = I: there 1/(n (1 - Omega)) = p/(n (p - n)), and at
n = p/2 the noise part is off by 1/(p - n - 1) and Var P_11 by -2/(p + 2) (claims
``2.isotropic-noise`` and ``2.coordinates``), each half of the band up to O(1/n^2).
"""

from dataclasses import dataclass

import numpy as np

from kdverify import Problem, Spectrum, equivalents, optimal_mask, optimal_surrogate
from kdverify.evidence import Comparison, Context
from kdverify.gaussian.finite_size import size_error
from kdverify.gaussian.solve import Equivalents
from kdverify.problem import powers
from kdverify.simulation import SimulationResult

from .drawn import simulate


def copied(problem: Problem, k: int) -> Problem:
    """Each mode k times, with 1/k of its signal: the same equivalents at k times n and ridge."""
    values, truth = problem.spectrum.eigenvalues, problem.beta_modes
    return Problem(Spectrum(np.repeat(values, k)), np.repeat(truth, k) / np.sqrt(k))


@dataclass(frozen=True, eq=False)
class Ensemble:
    """A problem with a sample size and a ridge."""

    name: str
    problem: Problem
    n: int
    ridge: float = 0.0
    floor: float = 0.001

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

    @property
    def corrected_band(self) -> float:
        """Half-width where the first correction in 1/n is part of what is predicted.

        Second order, 1.4 times the square of the first; at least ``floor``, what hundreds of trials
        tell.
        """
        return max(1.4 * self.risk_band**2, self.floor)

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


def generator(context: Context, *key: str | int) -> np.random.Generator:
    """The random numbers of one simulation of a unit of work."""
    return np.random.default_rng(context.seed_sequence(*key))


def times(context: Context) -> int:
    """What sizes are multiplied by: 2 at the full level, where second orders are a quarter."""
    return 2 if context.level.name == "full" else 1


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


def ridgeless(p: int) -> list[Ensemble]:
    """Four spectra at n = p/2 and one at p/3."""
    return [
        Ensemble(f"isotropic, p={p}", isotropic(p), p // 2),
        Ensemble(f"two levels, p={p}", two_levels(p), p // 2),
        Ensemble(f"power law, p={p}", power_law(p), p // 2),
        Ensemble(f"geometric, p={p}", geometric(p), p // 3),
    ]


def with_ridge(p: int) -> list[Ensemble]:
    """A ridge with n below and above p."""
    return [
        Ensemble(f"two levels, p={p}, n=p/2", two_levels(p), p // 2, ridge=p / 20),
        Ensemble(f"power law, p={p}, n=2p", power_law(p), 2 * p, ridge=p / 20),
    ]


#: places in `Ensemble.surrogates`
STANDARD, BEST, MASKED = 0, 1, 2


def settings(context: Context) -> list[Ensemble]:
    """Spectra of 60 modes where both surrogates save something; the last has a ridge.

    At the full level all sizes are twice as large, so that second orders are a quarter.
    """
    k = times(context)
    p, half, floor = 60 * k, 30 * k, 0.001 / k
    return [
        Ensemble("power law", Problem.power_law(p, 2, "1.5"), half, floor=floor),
        Ensemble("geometric", geometric(p), 20 * k, floor=floor),
        Ensemble("two levels", two_levels(p), half, floor=floor),
        Ensemble("two levels, ridge", two_levels(p), half, ridge=3.0 * k, floor=floor),
    ]


def savings(context: Context, which: int) -> list[Comparison]:
    """Excess risk on strong labels less that on the labels of surrogate ``which``, sigma = 0."""
    comparisons = []
    for setting in settings(context):
        run = measured(context, setting)
        saved, error = run.difference(STANDARD, which)
        standard, other = predicted(setting, STANDARD), predicted(setting, which)
        theory = standard - other
        band = setting.corrected_band * theory
        comparisons.append(
            Comparison(setting.name, saved, error, run.degrees_of_freedom, theory, band)
        )
    return comparisons


def ratios(context: Context) -> list[Comparison]:
    """Excess risk on the best labels over that on strong ones, sigma = 0.

    The standard error is that of a ratio of two correlated means, to first order.
    """
    comparisons = []
    for setting in settings(context):
        run = measured(context, setting)
        standard, best = run.means[STANDARD], run.means[BEST]
        ratio = best / standard
        slope = np.zeros(run.means.size)
        slope[STANDARD], slope[BEST] = -ratio / standard, 1 / standard
        error = float(np.sqrt(slope @ run.covariance @ slope))
        theory = predicted(setting, BEST) / predicted(setting, STANDARD)
        band = setting.corrected_band / 2 * theory  # both are too small by nearly as much
        comparisons.append(
            Comparison(setting.name, ratio, error, run.degrees_of_freedom, theory, band)
        )
    return comparisons


#: The name of these draws.
SETTINGS = "students of both surrogates"


def measured(context: Context, setting: Ensemble) -> SimulationResult:
    """Students of the truth, the best surrogate and the best mask on the same designs."""
    return simulate(
        setting.problem,
        setting.n,
        setting.surrogates()[: MASKED + 1],
        context.trials(500, full=2400) // times(context),
        seed(context, setting.name),
        ridge=setting.ridge,
        steady=True,
        workers=context.workers,
    )


def predicted(setting: Ensemble, which: int) -> float:
    """(2) at sigma = 0 with its first correction in 1/n."""
    surrogate = setting.surrogates()[which]
    found = size_error(setting.problem, setting.n, surrogate, ridge=setting.ridge)
    return found.risk + found.correction
