"""What a stage with random features makes of the form that follows it sees, and the correction.

As `kdverify.gaussian.chain_size`: what follows sees coefficients b through ``tr(A bb') - 2 l'b``.
Signs of columns leave ``A_ij (P_ii P_jj + P_ij P_ji)`` off the diagonal of ``P'AP``.  Source: claim
``15.feature-stages``.
"""

from __future__ import annotations

import numpy as np

from kdverify import formulas
from kdverify.gaussian.chain_size import products_correction
from kdverify.gaussian.numbers import FloatModes
from kdverify.gaussian.solve import Code
from kdverify.problem import Problem
from kdverify.random_features.finite_size import form_correction, learnt_correction
from kdverify.random_features.solve import FeatureEquivalents, equivalents
from kdverify.training import Coefficients, Form, Stage


def passed_back(
    problem: Problem, stage: Stage, form: Form, labels: Coefficients
) -> tuple[Form, float, bool]:
    """As `kdverify.gaussian.chain_size.passed_back`."""
    at = equivalents(problem, stage.n, stage.features, stage.ridge)
    if at.code is Code.UNREGULARISED:
        return form, 0.0, True
    modes, weights, learnt = FloatModes.of(problem), form.weights, at.one_minus_zeta
    noise, squares = float(stage.noise_variance), labels.mean_squares
    added = form_correction(modes, at, weights, form.linear, labels.mean, squares, noise)
    passed = own = energies(at, weights)
    if form.square.ndim == 2:
        passed = np.outer(learnt, learnt) * form.square
        np.fill_diagonal(passed, own)
        spreads = formulas.feature_spreads(at.spreads, at.sample_gap, at.feature_gap)
        change = products_correction(form.square, at, learnt_correction(modes, at), spreads)
        np.fill_diagonal(change, 0.0)
        added += Form(change, 0 * learnt).at(labels)
    return Form(passed, learnt * form.linear), float(added), False


def energies(at: FeatureEquivalents, weights: np.ndarray) -> np.ndarray:
    """(p,) equivalents of ``E(P'AP)_jj``, P the student's map, A diagonal with these weights.

    `kdverify.random_features.stages.train` the other way round: for A = Sigma they are
    `kdverify.formulas.feature_transfer_energy`.
    """
    lam, zeta, learnt = at.eigenvalues, at.zeta, at.one_minus_zeta
    missed = formulas.feature_missed(zeta, learnt, at.crowding)
    scale = formulas.trained_scale(
        formulas.feature_leftover(lam, 1.0, zeta, missed), at.one_minus_upsilon
    )
    spread = formulas.feature_variance(1.0, at.n, zeta, learnt, at.crowding, lam + at.nu, 0.0)
    drift = formulas.feature_drift(learnt * learnt, at.spreads, at.feature_gap)
    kept = learnt * learnt * weights
    return np.asarray(kept + scale * (spread @ weights) + drift * ((zeta * zeta) @ weights))
