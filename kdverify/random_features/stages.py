"""A stage whose student sees random features: the law of its coefficients ``W' a`` on the inputs.

Over the draw of W, its sample and its noise they have the mean ``(1 - zeta_i) E s_i`` and the
variance of `kdverify.formulas.feature_variance` (claim ``12.law``).  The next stage, on fresh
samples and a layer of its own, sends means and variances on, and its risk needs no more.
`kdverify.stages` puts stages together, of this kind and of `kdverify.gaussian.stages`.
"""

from __future__ import annotations

import numpy as np

from kdverify import checks, formulas
from kdverify.gaussian import stages as gaussian
from kdverify.gaussian.risks import least_squares_noise
from kdverify.gaussian.solve import Code
from kdverify.problem import Problem
from kdverify.random_features import question, theory
from kdverify.random_features.solve import FeatureEquivalents, equivalents
from kdverify.training import Coefficients, Stage


def train(problem: Problem, labels: Coefficients, stage: Stage) -> Coefficients:
    """The law of the student of ``labels``, averaged over their law."""
    if stage.source is not None:
        raise ValueError("source must be None for a stage with random features")
    noise = checks.non_negative("noise_variance", stage.noise_variance)
    at = equivalents(problem, stage.n, question.one_layer(stage.features), stage.ridge)
    theory.warn_without_mean(at, noise, stacklevel=5)
    if at.code is Code.UNREGULARISED:  # least squares on all modes, whatever W
        return gaussian.train(problem, labels, Stage(stage.n, None, noise))
    lam, square = problem.spectrum.eigenvalues, labels.mean_squares
    zeta, learnt = at.zeta, at.one_minus_zeta
    missed = formulas.feature_missed(zeta, learnt, at.crowding)
    leftover = formulas.feature_leftover(lam, square, zeta, missed).sum()
    scale = formulas.trained_scale(leftover, at.one_minus_upsilon, noise)
    drift = formulas.feature_drift((learnt * learnt * square).sum(), at.spreads, at.feature_gap)
    added = formulas.feature_variance(scale, at.n, zeta, learnt, at.crowding, lam + at.nu, drift)
    return labels.scaled(learnt).spread(added)


def transfer(at: FeatureEquivalents, noise: float) -> tuple[np.ndarray, np.ndarray, float]:
    """(p,) what a student makes of means and mean squares of labels, and its noise part."""
    lam = at.eigenvalues
    if at.code is Code.UNREGULARISED:
        return np.ones_like(lam), lam, float(least_squares_noise(at.n, lam.size, noise))
    energy = formulas.feature_transfer_energy(lam, *at.values)
    trace = formulas.noise_trace(at.upsilon, at.one_minus_upsilon)
    return formulas.transfer_mean(at.one_minus_zeta), energy, noise * trace
