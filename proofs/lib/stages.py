"""Settings and sums that the claims of section 6 share."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

import numpy as np

from kdverify import Problem, Spectrum, equivalents
from kdverify import formulas as f
from kdverify.evidence import Comparison, Context
from kdverify.simulation import chain
from kdverify.stages import Stage, chain_risks

from .ensembles import power_law, seed

#: Label noise of the first stage and of all later ones.
NOISES = (0.3, 0.1)
P = 60


@dataclass(frozen=True, eq=False)
class Chain:
    """Stages on one problem; bands are relative to the predicted risk."""

    name: str
    stages: tuple[Stage, ...]
    problem: Problem

    def bands(self) -> np.ndarray:
        """Half-width after each stage: the stages' own bands C/n added up.

        Those of `lib.ensembles`: C = Omega/(1 - Omega), with ridge 1/(1 - Omega), from
        Sigma = I.  A stage of least squares (Omega = p/m) has the exact mean and covariance;
        its band is there for the trials' error alone.
        """
        widths = []
        for stage in self.stages:
            values = spectrum_of(stage.source, self.problem)
            at = equivalents(values, stage.n, stage.ridge)
            constant = 1.0 if stage.ridge else float(at.omega)
            widths.append(constant / (stage.n * float(at.one_minus_omega)))
        return np.cumsum(widths)


def spectrum_of(source: Any, problem: Problem) -> Spectrum:
    """The eigenvalues of a stage's rows."""
    if source is None:
        return problem.spectrum
    return source if isinstance(source, Spectrum) else Spectrum(np.linalg.eigvalsh(source))


def reversed_source() -> Spectrum:
    """1/i with the modes in the target's opposite order."""
    return Spectrum(1 / np.arange(P, 0.0, -1))


def turned_source() -> np.ndarray:
    """The spectrum 1/i in eigenvectors far from the target's: a product of reflections."""
    i = np.arange(1.0, P + 1)
    basis = np.eye(P)
    for frequency in (0.7, 1.9, 2.6):
        v = np.cos(frequency * i)
        basis -= np.outer(basis @ v, v) * (2 / (v @ v))
    matrix = (basis / i) @ basis.T
    return (matrix + matrix.T) / 2


def two_stages(
    name: str, source: Any, m: int, n: int, source_ridge: float = 0.0, ridge: float = 0.0
) -> Chain:
    """A surrogate trained on m samples, a student on n."""
    first = Stage(m, source, NOISES[0], source_ridge)
    return Chain(name, (first, Stage(n, None, NOISES[1], ridge)), power_law(P))


def settings() -> list[Chain]:
    """m and n below and above p; one covariance, commuting and turned ones; ridges."""
    return [
        two_stages("one covariance, m=40, n=30", None, 40, 30),
        two_stages("commuting, m=30, n=40", reversed_source(), 30, 40),
        two_stages("turned, m=30, n=30", turned_source(), 30, 30),
        two_stages("turned, m=75, n=30", turned_source(), 75, 30),
        two_stages("commuting, m=30, n=90", reversed_source(), 30, 90),
        two_stages("ridge, m=80, n=40", None, 80, 40, 3.0, 2.0),
    ]


def predicted(case: Chain) -> list[float]:
    """Risk after each stage, by section 6."""
    return chain_risks(case.problem, case.stages)


def simulated(
    context: Context,
    cases: Sequence[Chain],
    theory: Callable[[Chain], Sequence[float]] = predicted,
    trials: int = 400,
    first: int = 0,
) -> list[Comparison]:
    """Risks after each stage from ``first`` on."""
    comparisons = []
    for case in cases:
        run = chain(
            case.problem,
            case.stages,
            trials=context.trials(trials),
            seed=seed(context, case.name),
            workers=context.workers,
        )
        assert run.stage_means is not None
        assert run.stage_standard_errors is not None
        expected = np.array(theory(case))
        bands = case.bands() * expected
        comparisons.append(
            Comparison(
                case.name,
                run.stage_means[first:, 0],
                run.stage_standard_errors[first:, 0],
                run.degrees_of_freedom,
                expected[first:],
                bands[first:],
            )
        )
    return comparisons


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
