"""Random features: two-layer students with a random first layer (section 12).

``z = W x`` with W (q, p) of independent N(0, 1/q) entries; the student fits its q coefficients
to n labels.  Names load on first use.
"""

from __future__ import annotations

import importlib
from typing import Any

_HOMES = {
    "equivalents": "solve",
    "FeatureEquivalents": "solve",
    **{
        name: "theory"
        for name in (
            "curve",
            "gains",
            "improvements",
            "masked_risk",
            "optimal_mask",
            "optimal_risk",
            "optimal_surrogate",
            "risk",
        )
    },
    **{name: "stages" for name in ("Stage", "chain_risks", "two_stage_map", "two_stage_risk")},
}
_MODULES = ("certified", "infinite", "risks", "solve", "stages", "theory")

__all__ = sorted(_HOMES)


def __getattr__(name: str) -> Any:
    if name in _HOMES:
        module = importlib.import_module(f"kdverify.random_features.{_HOMES[name]}")
        value = getattr(module, name)
    elif name in _MODULES:
        value = importlib.import_module(f"kdverify.random_features.{name}")
    else:
        raise AttributeError(f"module 'kdverify.random_features' has no attribute {name!r}")
    globals()[name] = value
    return value
