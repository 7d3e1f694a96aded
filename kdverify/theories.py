"""Which theories there are: `kdverify.rows.answers` says what each must answer."""

from __future__ import annotations

import importlib

from kdverify import checks
from kdverify.rows.answers import Theory

#: Name -> module and class.
THEORIES = {
    "rows": ("kdverify.rows.theory", "RowsTheory"),
    "gaussian": ("kdverify.rows.as_gaussian", "GaussianTheory"),
    "random-features": ("kdverify.rows.as_random_features", "RandomFeaturesTheory"),
}


def theory_named(name: str) -> type[Theory]:
    """The class of a theory."""
    module, found = THEORIES[checks.choice("by", name, tuple(THEORIES))]
    chosen: type[Theory] = getattr(importlib.import_module(module), found)
    return chosen
