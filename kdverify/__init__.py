"""kdverify: verification of the theory of knowledge distillation in ridgeless regression."""

from __future__ import annotations

import importlib
from typing import Any

__version__ = "0.1.0"

#: Public name -> module that defines it; loaded on first use (PEP 562).
_HOMES = {
    "Spectrum": "kdverify.problem",
    "Problem": "kdverify.problem",
    "load": "kdverify.problem",
    "Equivalents": "kdverify.solve",
    "equivalents": "kdverify.solve",
    "Code": "kdverify.solve",
    "NoFiniteMeanWarning": "kdverify.theory",
    "risk": "kdverify.theory",
    "optimal_surrogate": "kdverify.theory",
    "optimal_mask": "kdverify.theory",
    "gains": "kdverify.theory",
    "improvements": "kdverify.theory",
    "masked_risk": "kdverify.theory",
    "optimal_risk": "kdverify.theory",
    "curve": "kdverify.theory",
    "two_stage_risk": "kdverify.stages",
    "covariate_shift_risk": "kdverify.stages",
    "chain_risks": "kdverify.stages",
    "Stage": "kdverify.stages",
    "simulate": "kdverify.simulation",
    "Claim": "kdverify.evidence",
}
_MODULES = (
    "certified",
    "estimators",
    "formulas",
    "theory",
    "solve",
    "evidence",
    "features",
    "checks",
    "operations",
    "problem",
    "rows",
    "scaling",
    "stages",
    "verify",
)

__all__ = ["__version__", *_HOMES, "certified", "formulas"]


def __getattr__(name: str) -> Any:
    if name in _HOMES:
        value = getattr(importlib.import_module(_HOMES[name]), name)
    elif name in _MODULES:
        value = importlib.import_module(f"kdverify.{name}")
    else:
        raise AttributeError(f"module 'kdverify' has no attribute {name!r}")
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    return sorted({*globals(), *_HOMES, *_MODULES})
