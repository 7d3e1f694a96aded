"""kdverify: verification of the theory of knowledge distillation in ridgeless regression."""

from __future__ import annotations

import importlib
from typing import Any

__version__ = "0.2.0"

#: Public name -> module that defines it; loaded on first use (PEP 562).
_HOMES = {
    "Spectrum": "kdverify.problem",
    "Problem": "kdverify.problem",
    "load": "kdverify.problem",
    "Equivalents": "kdverify.gaussian.solve",
    "equivalents": "kdverify.gaussian.solve",
    "Code": "kdverify.gaussian.solve",
    "NoFiniteMeanWarning": "kdverify.gaussian.theory",
    "risk": "kdverify.gaussian.theory",
    "optimal_surrogate": "kdverify.gaussian.theory",
    "optimal_mask": "kdverify.gaussian.theory",
    "gains": "kdverify.gaussian.theory",
    "improvements": "kdverify.gaussian.theory",
    "masked_risk": "kdverify.gaussian.theory",
    "optimal_risk": "kdverify.gaussian.theory",
    "curve": "kdverify.gaussian.theory",
    "two_stage_error": "kdverify.stages",
    "two_stage_risk": "kdverify.stages",
    "covariate_shift_risk": "kdverify.stages",
    "chain_error": "kdverify.stages",
    "chain_law": "kdverify.stages",
    "chain_risks": "kdverify.stages",
    "Stage": "kdverify.training",
    "size_error": "kdverify.gaussian.finite_size",
    "risk_bounds": "kdverify.gaussian.bounds",
    "mean_risk": "kdverify.gaussian.mean_student",
    "mean_student": "kdverify.gaussian.mean_student",
    "Student": "kdverify.gaussian.shared",
    "crossed_risk": "kdverify.gaussian.shared",
    "combined_risk": "kdverify.gaussian.shared",
    "ensemble_risk": "kdverify.gaussian.shared",
    "subagging_ridge": "kdverify.gaussian.shared",
    "self_distillation": "kdverify.gaussian.self_distillation",
    "best_ridge": "kdverify.gaussian.best_ridge",
    "Kind": "kdverify.gaussian.mixed",
    "Mixture": "kdverify.gaussian.pseudo_labels",
    "mixed_risk": "kdverify.gaussian.mixed",
    "mixed_error": "kdverify.gaussian.mixed_finite_size",
    "label_worth": "kdverify.gaussian.pseudo_labels",
    "best_weight": "kdverify.gaussian.pseudo_labels",
    "Generations": "kdverify.gaussian.generations",
    "best_share": "kdverify.gaussian.generations",
    "simulate": "kdverify.simulation",
    "Question": "kdverify.rows",
    "Teacher": "kdverify.teachers",
    "Prediction": "kdverify.prediction",
    "predict": "kdverify.prediction",
    "Measured": "kdverify.measurement",
    "measure": "kdverify.measurement",
    "Claim": "kdverify.evidence",
}
#: Public module -> where it lies.
_MODULES = {
    **{
        name: f"kdverify.{name}"
        for name in (
            "arithmetic",
            "checks",
            "estimators",
            "evidence",
            "exponents",
            "features",
            "formulas",
            "gain_map",
            "gaussian",
            "images",
            "kernels",
            "labels",
            "problem",
            "random_features",
            "results",
            "rows",
            "seeds",
            "simulation",
            "stages",
            "tables",
            "teachers",
            "theories",
            "training",
            "verify",
        )
    },
    **{
        name: f"kdverify.gaussian.{name}"
        for name in (
            "certified",
            "generations",
            "mixed",
            "shared",
            "solve",
            "theory",
        )
    },
    "scaling": "kdverify.gaussian.infinite",
}

__all__ = ["__version__", *_HOMES, "certified", "formulas"]


def __getattr__(name: str) -> Any:
    if name in _HOMES:
        value = getattr(importlib.import_module(_HOMES[name]), name)
    elif name in _MODULES:
        value = importlib.import_module(_MODULES[name])
    else:
        raise AttributeError(f"module 'kdverify' has no attribute {name!r}")
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    return sorted({*globals(), *_HOMES, *_MODULES})
