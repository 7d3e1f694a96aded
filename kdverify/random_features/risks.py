"""Risks, gains and masks of random-feature students, for every number type.

`kdverify.random_features.theory` calls these on float64, `kdverify.random_features.certified`
on balls.  Where n and q reach p without ridge the student is least squares on all modes, whose
mean risk is exact (`kdverify.gaussian.risks`).
"""

from __future__ import annotations

from typing import Any

import numpy as np

from kdverify import formulas
from kdverify.gaussian.risks import Modes, least_squares_noise
from kdverify.gaussian.solve.result import Code
from kdverify.random_features.solve.result import FeatureEquivalents


def excess_risk(modes: Modes, at: FeatureEquivalents, surrogate: np.ndarray, noise: Any) -> Any:
    """(17) for any surrogate."""
    if at.code is Code.UNREGULARISED:
        shift = formulas.predictor_risk(modes.lam, surrogate, modes.beta_star, modes.total)
        return shift + _exact_noise(at, noise)
    return formulas.feature_risk(
        modes.lam, surrogate, modes.beta_star, *at.values, noise, modes.total
    )


def standard_risk(modes: Modes, at: FeatureEquivalents, noise: Any) -> Any:
    """Excess risk on strong labels."""
    if at.code is Code.UNREGULARISED:
        return _exact_noise(at, noise)
    return formulas.feature_standard_risk(modes.signal, *at.values, noise, modes.total)


def optimal_risk(modes: Modes, at: FeatureEquivalents, noise: Any) -> Any:
    """Excess risk of the student of the best surrogate."""
    if at.code is Code.UNREGULARISED:
        return _exact_noise(at, noise)
    return formulas.feature_optimal_risk(modes.signal, *at.values, noise, modes.total)


def masked_risk(
    modes: Modes,
    at: FeatureEquivalents,
    kept: np.ndarray,
    noise: Any,
    dropped: np.ndarray | None = None,
) -> Any:
    """Excess risk of the student of ``M beta_star``, M keeping the modes ``kept``.

    ``dropped`` is the rest unless given; modes in neither are left out of the sum.
    """
    if dropped is None:
        dropped = ~kept
    if at.code is Code.UNREGULARISED:
        missed = modes.total(formulas.dropped_risk(modes.signal[dropped]))
        return missed + _exact_noise(at, noise)
    zeta, learnt, upsilon, one_minus_upsilon, crowding = at.values
    return formulas.feature_masked_risk(
        modes.signal[kept],
        zeta[kept],
        learnt[kept],
        modes.signal[dropped],
        upsilon,
        one_minus_upsilon,
        crowding,
        noise,
        modes.total,
    )


def kept_costs(modes: Modes, at: FeatureEquivalents) -> np.ndarray:
    """(p,) what each mode costs if the mask keeps it, noise part excluded (not at zeta = 0)."""
    return formulas.feature_kept_risk(
        modes.signal, at.zeta, at.one_minus_zeta, at.one_minus_upsilon, at.crowding
    )


def gains(at: FeatureEquivalents) -> np.ndarray:
    """(p,) ``beta_opt_i / beta*_i``."""
    if at.code is Code.UNREGULARISED:
        return at.one_minus_zeta
    return formulas.feature_gain(*at.values)


def improvements(at: FeatureEquivalents) -> np.ndarray:
    """(p,) optimal over standard risk of each mode, without the noise part."""
    if at.code is Code.UNREGULARISED:
        return at.one_minus_zeta
    return formulas.feature_improvement(*at.values)


def keep_margins(at: FeatureEquivalents) -> np.ndarray:
    """(p,) positive where the best mask keeps the mode (all kept at zeta = 0)."""
    if at.code is Code.UNREGULARISED:
        return at.one_minus_zeta
    return formulas.feature_keep_margin(
        at.zeta, at.one_minus_zeta, at.one_minus_upsilon, at.crowding
    )


def amplification_margins(at: FeatureEquivalents) -> np.ndarray:
    """(p,) positive where the best surrogate amplifies the mode."""
    if at.code is Code.UNREGULARISED:
        return at.zeta
    return formulas.feature_amplification_margin(*at.values)


def _exact_noise(at: FeatureEquivalents, noise: Any) -> Any:
    return least_squares_noise(at.n, at.eigenvalues.size, noise)
