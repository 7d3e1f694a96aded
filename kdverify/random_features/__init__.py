"""Random features: two-layer students with a random first layer (section 12).

``z = W x`` with W (q, p) of independent N(0, 1/q) entries; the student fits its q coefficients
to n labels.
"""

from __future__ import annotations

from kdverify.random_features.finite_size import size_error
from kdverify.random_features.layers import GivenLayers, given_layers, structured
from kdverify.random_features.solve import FeatureEquivalents, equivalents
from kdverify.random_features.theory import (
    curve,
    gains,
    improvements,
    masked_risk,
    optimal_mask,
    optimal_risk,
    optimal_surrogate,
    risk,
)

__all__ = [
    "FeatureEquivalents",
    "GivenLayers",
    "curve",
    "equivalents",
    "gains",
    "given_layers",
    "improvements",
    "masked_risk",
    "optimal_mask",
    "optimal_risk",
    "optimal_surrogate",
    "risk",
    "size_error",
    "structured",
]
