"""Several stages with random features: a teacher with q_t on m samples, its student q_s on n.

What a stage passes on is the law of its student's coefficients ``W' a`` on the inputs: over the
draw of W, its sample and its noise they have the mean ``(1 - zeta_i) E s_i`` and the variance of
`kdverify.formulas.feature_variance` (claim ``12.law``).  The next stage, on fresh samples and a
layer of its own, sends means and variances on, and its risk needs no more.  A stage without
``features`` is one of `kdverify.gaussian.stages`; both kinds may be mixed.

Risks are excess risks on the target covariance, label noise not added.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from kdverify import checks, formulas
from kdverify.gaussian import stages as gaussian
from kdverify.gaussian import theory as gaussian_theory
from kdverify.gaussian.risks import least_squares_noise
from kdverify.gaussian.solve import Code
from kdverify.gaussian.stages import TRANSFORMS, Law, ground_truth
from kdverify.problem import Problem
from kdverify.random_features import theory
from kdverify.random_features.solve import FeatureEquivalents, equivalents


@dataclass(frozen=True, eq=False)
class Stage(gaussian.Stage):
    """One link of a chain: what a student is trained on.

    As `kdverify.gaussian.stages.Stage`, and ``features``: number q of random features that the
    student sees; None: the inputs themselves.  With features, ``source`` is None.
    """

    features: Any = None


def train(problem: Problem, labels: Law, stage: gaussian.Stage) -> Law:
    """The law of the student of ``labels``, averaged over their law."""
    features = getattr(stage, "features", None)
    if features is None:
        return gaussian.train(problem, labels, stage)
    if stage.source is not None:
        raise ValueError("source must be None for a stage with random features")
    noise = checks.non_negative("noise_variance", stage.noise_variance)
    at = equivalents(problem, stage.n, features, stage.ridge)
    theory.warn_without_mean(at, noise, stacklevel=4)
    if at.code is Code.UNREGULARISED:  # least squares on all modes, whatever W
        return gaussian.train(problem, labels, gaussian.Stage(stage.n, None, noise))
    lam, square = problem.spectrum.eigenvalues, labels.mean * labels.mean + labels.variances
    zeta, learnt = at.zeta, at.one_minus_zeta
    missed = formulas.feature_missed(zeta, learnt, at.crowding)
    leftover = formulas.feature_leftover(lam, square, zeta, missed).sum()
    scale = formulas.trained_scale(leftover, at.one_minus_upsilon, noise)
    drift = formulas.feature_drift((learnt * learnt * square).sum(), at.spreads, at.feature_gap)
    added = formulas.feature_variance(scale, at.n, zeta, learnt, at.crowding, lam + at.nu, drift)
    kept = labels.scaled(learnt)
    grown = added if kept.covariance.ndim == 1 else np.diag(added)
    return Law(kept.mean, kept.covariance + grown)


def chain_risks(problem: Problem, stages: Sequence[gaussian.Stage]) -> list[float]:
    """Excess risk after each stage of a chain on fresh data; the first learns from beta*."""
    checks.instance("problem", problem, Problem)
    if not stages:
        raise ValueError("stages must hold at least one stage")
    law, found = ground_truth(problem), []
    for index, stage in enumerate(stages):
        checks.instance(f"stages[{index}]", stage, gaussian.Stage)
        law = train(problem, law, stage)
        found.append(law.risk(problem))
    return found


def two_stage_risk(
    problem: Problem, teacher: gaussian.Stage, student: gaussian.Stage, transform: str = "none"
) -> float:
    """Excess risk of a student of a teacher that is itself trained on labels of beta*.

    Args:
        transform: what is done to the teacher in between: ``"none"``, or multiply its modes by
            the ``"gain"`` of the best surrogate for this student, or drop those that its best
            ``"mask"`` drops.  Both need only the spectrum, n, q and the ridge.
    """
    return float(two_stage_map(problem, [teacher], [student], transform)[0, 0])


def two_stage_map(
    problem: Problem,
    teachers: Sequence[gaussian.Stage],
    students: Sequence[gaussian.Stage],
    transform: str = "none",
) -> np.ndarray:
    """(len(teachers), len(students)) excess risks of students, by two matrix products.

    A student's risk is linear in the mean and in the mean square of its teacher's coordinates,
    with coefficients that depend on the student alone.
    """
    checks.instance("problem", problem, Problem)
    checks.choice("transform", transform, TRANSFORMS)
    laws = [train(problem, ground_truth(problem), stage) for stage in teachers]
    means = np.stack([law.mean for law in laws])
    squares = means * means + np.stack([law.variances for law in laws])
    learnt, energy, floor = zip(*(_student(problem, s, transform) for s in students), strict=True)
    signal = problem.spectrum.eigenvalues * problem.beta_modes
    cross = means @ (np.stack(learnt) * signal).T
    return np.asarray(
        squares @ np.stack(energy).T - 2 * cross + problem.signal.sum() + np.array(floor)
    )


def _student(
    problem: Problem, stage: gaussian.Stage, transform: str
) -> tuple[np.ndarray, np.ndarray, float]:
    """What a student makes of the means and of the mean squares of labels, and its noise part."""
    features = getattr(stage, "features", None)
    noise = checks.non_negative("noise_variance", stage.noise_variance)
    if stage.source is not None:
        raise ValueError("source of a student must be None: its rows are the target's")
    if features is None:
        learnt, energy, floor = gaussian.transfer(problem.spectrum, stage.n, noise, stage.ridge)
        recipes: Any = gaussian_theory
        sizes: tuple[Any, ...] = (stage.n,)
    else:
        at = equivalents(problem, stage.n, features, stage.ridge)
        theory.warn_without_mean(at, noise, stacklevel=5)
        learnt, energy, floor = transfer(at, noise)
        recipes, sizes = theory, (stage.n, features)
    if transform == "none":
        return learnt, energy, floor
    wanted = recipes.gains if transform == "gain" else recipes.optimal_mask
    factors = wanted(problem, *sizes, stage.ridge).astype(float)
    return factors * learnt, factors * factors * energy, floor


def transfer(at: FeatureEquivalents, noise: float) -> tuple[np.ndarray, np.ndarray, float]:
    """(p,) what a student makes of means and mean squares of labels, and its noise part."""
    lam = at.eigenvalues
    if at.code is Code.UNREGULARISED:
        return np.ones_like(lam), lam, float(least_squares_noise(at.n, lam.size, noise))
    energy = formulas.feature_transfer_energy(lam, *at.values)
    trace = formulas.noise_trace(at.upsilon, at.one_minus_upsilon)
    return formulas.transfer_mean(at.one_minus_zeta), energy, noise * trace
