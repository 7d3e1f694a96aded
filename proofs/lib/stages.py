"""Settings and sums that the claims of section 6 share."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

import numpy as np

from kdverify import Problem, Spectrum, chain_error, equivalents
from kdverify import formulas as f
from kdverify.evidence import Comparison, Context
from kdverify.stages import Stage, chain_risks

from . import flips
from .drawn import chain
from .ensembles import generator, power_law, seed, times

#: Label noise of the first stage and of all later ones.
NOISES = (0.3, 0.1)
#: Modes at the quick level.
P = 60


@dataclass(frozen=True, eq=False)
class Chain:
    """Stages on one problem; bands are relative to the predicted risk."""

    name: str
    stages: tuple[Stage, ...]
    problem: Problem

    @property
    def turned(self) -> bool:
        """Whether a stage's covariance is given as a matrix."""
        return any(np.ndim(stage.source) == 2 for stage in self.stages)

    def equivalents(self) -> list[float]:
        """Risk after each stage, by section 6."""
        return chain_risks(self.problem, self.stages)

    def corrections(self) -> np.ndarray:
        """What finite sizes add to each of them, to first order."""
        stops = range(1, len(self.stages) + 1)
        return np.array([chain_error(self.problem, self.stages[:k]).correction for k in stops])

    def bands(self, context: Context, share: float = 0.75, floor: float = 0.002) -> np.ndarray:
        """Half-width after each stage: what the first order leaves.

        At Sigma = I a stage multiplies its noise part by ``1/(1 - u)``, u = 1/(p - n), and leaves
        the rest exact; Omega/(n (1 - Omega)) stands for u elsewhere, with ridge without its Omega.
        The width is a ``share`` of their product less ``1 + sum u``; at least ``floor`` at quick
        level, half of it at the full one, whose sizes are twice as large: the trials' error.
        """
        widths = []
        for stage in self.stages:
            at = equivalents(spectrum_of(stage.source, self.problem), stage.n, stage.ridge)
            constant = 1.0 if stage.ridge else float(at.omega)
            widths.append(constant / (stage.n * float(at.one_minus_omega)))
        units = np.array(widths)
        left = np.cumprod(1 / (1 - units)) - 1 - np.cumsum(units)
        return np.maximum(share * left, floor / times(context))


def spectrum_of(source: Any, problem: Problem) -> Spectrum:
    """The eigenvalues of a stage's rows."""
    if source is None:
        return problem.spectrum
    if isinstance(source, Spectrum):
        return source
    return Spectrum(np.linalg.eigvalsh(source) if np.ndim(source) == 2 else source[source > 0])


def reversed_source(p: int) -> Spectrum:
    """1/i with the modes in the target's opposite order."""
    return Spectrum(1 / np.arange(p, 0.0, -1))


def turned_source(p: int) -> np.ndarray:
    """The spectrum 1/i in eigenvectors far from the target's: a product of reflections."""
    i = np.arange(1.0, p + 1)
    basis = np.eye(p)
    for frequency in (0.7, 1.9, 2.6):
        v = np.cos(frequency * i)
        basis -= np.outer(basis @ v, v) * (2 / (v @ v))
    matrix = (basis / i) @ basis.T
    return (matrix + matrix.T) / 2


def two_stages(
    context: Context,
    name: str,
    source: Any,
    sizes: tuple[int, int],
    ridges: tuple[float, float] = (0.0, 0.0),
) -> Chain:
    """A surrogate trained on m samples, a student on n; sizes and ridges of the quick level."""
    k = times(context)
    first = Stage(k * sizes[0], source, NOISES[0], k * ridges[0])
    last = Stage(k * sizes[1], None, NOISES[1], k * ridges[1])
    return Chain(name, (first, last), power_law(k * P))


def settings(context: Context) -> list[Chain]:
    """m and n below and above p; one covariance, commuting and turned ones; ridges."""
    p = times(context) * P
    commuting, turned = reversed_source(p), turned_source(p)
    return [
        two_stages(context, "one covariance, m = 2/3 p, n = p/2", None, (40, 30)),
        two_stages(context, "commuting, m = p/2, n = 2/3 p", commuting, (30, 40)),
        two_stages(context, "turned, m = n = p/2", turned, (30, 30)),
        two_stages(context, "turned, m = 3/2 p, n = p/2", turned, (90, 30)),
        two_stages(context, "one covariance, m = 2/3 p, n = 3/2 p", None, (40, 90)),
        two_stages(context, "ridge, m = 4/3 p, n = 2/3 p", None, (80, 40), (3.0, 2.0)),
    ]


def predicted(case: Chain) -> list[float]:
    """Risk after each stage, by section 6."""
    return case.equivalents()


def simulated(
    context: Context,
    cases: Sequence[Chain],
    theory: Callable[[Chain], Sequence[float]] = predicted,
    first: int = 0,
    trials: int = 300,
    share: float = 0.75,
    floor: float = 0.002,
) -> list[Comparison]:
    """Risks after each stage from ``first`` on, beside their equivalents, both corrected.

    Column signs and noise are averaged exactly: by the engine where all covariances commute, else
    by `lib.flips`.
    """
    comparisons = []
    for case in cases:
        count = context.trials(trials, full=4 * trials) // times(context)
        means, errors = _measured(context, case, count)
        expected = np.array(theory(case)) + case.corrections()
        bands = case.bands(context, share, floor) * expected
        every = (means, errors, count - 1 + 0 * means, expected, bands)
        comparisons.append(Comparison(case.name, *(values[first:] for values in every)))
    return comparisons


def _measured(context: Context, case: Chain, trials: int) -> tuple[np.ndarray, np.ndarray]:
    """Mean risk after each stage, and its standard error."""
    if case.turned:
        draw = generator(context, case.name)
        risks = flips.chain_risks(case.problem, case.stages, trials, draw)
        return risks.mean(axis=0), risks.std(axis=0, ddof=1) / np.sqrt(trials)
    run = chain(
        case.problem,
        case.stages,
        trials=trials,
        seed=seed(context, case.name),
        workers=context.workers,
        steady=True,
    )
    return run.stage_means[:, 0], run.stage_standard_errors[:, 0]


#: Eigenvalues 4 and 1/4, one mode of each per sample: tau = 1.
LEVELS = np.array([Fraction(4), Fraction(1, 4)], dtype=object)
TAU = Fraction(1)


@dataclass(frozen=True, eq=False)
class TwoLevels:
    """The fixed point of half the modes 4, half 1/4 at n = p/2: sums per sample."""

    zeta: np.ndarray
    learnt: np.ndarray
    omega: Fraction
    one_minus_omega: Fraction

    def trained(self, mean: Any, square: Any, noise: Any = Fraction(0)) -> tuple[Any, Any]:
        """(7) averaged over labels: mean and mean square of each level's coordinates.

        Squares are per sample: a mode's is 1/n of it, and so is its variance.
        """
        leftover = sum(LEVELS * self.zeta * self.zeta * square)
        scale = f.trained_scale(leftover, self.one_minus_omega, noise)
        added = f.trained_variance(scale, 1, self.learnt, LEVELS + TAU)
        return self.learnt * mean, self.learnt * self.learnt * square + added


def two_levels() -> TwoLevels:
    """Exact fractions."""
    zeta, learnt = f.split_mode(LEVELS, TAU)
    assert f.fixed_point_residual(learnt, 1) == 0
    omega = f.omega(sum(f.learnt_square(learnt)), 1)
    return TwoLevels(zeta, learnt, omega, f.one_minus_omega(sum(f.spread(zeta, learnt)), 1))


def level_risk(mean: Any, square: Any, truth: Any) -> Any:
    """Excess risk on the two levels."""
    return f.moment_risk(LEVELS, mean, square, truth)
