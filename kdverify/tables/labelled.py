"""Rows with a label, and how many have none."""

from __future__ import annotations

import warnings
from typing import Any

import numpy as np

from kdverify.checks.frames import cells, missing, same_order
from kdverify.tables.labels import Labels


def labelled_rows(X: Any, y: Any) -> tuple[Any, Any]:
    """The rows of X and labels of y where y has a label, with a warning if some have none.

    Both are given back as they are where all have one, or where their lengths do not fit.
    """
    same_order("y", y, X)
    length = (X if hasattr(X, "shape") else np.asarray(X)).shape[:1]
    if not length or cells(y).shape[:1] != length:
        return X, y
    nothing = without_label(y)
    if not nothing.any() or nothing.all():
        return X, y
    warnings.warn(
        f"{int(nothing.sum())} of {nothing.size} rows have no label and are left out",
        UserWarning,
        stacklevel=3,
    )
    kept = np.flatnonzero(~nothing)
    return (X.iloc[kept] if hasattr(X, "iloc") else np.asarray(X)[kept]), labels_at(y, kept)


def without_label(y: Any) -> np.ndarray:
    """(N,) bool: rows without a label, or without one of several."""
    nothing = missing(y)
    return nothing if nothing.ndim == 1 else np.asarray(nothing.any(axis=1))


def labels_at(y: Any, kept: np.ndarray) -> np.ndarray:
    """The labels of the rows ``kept``, which have one: whole numbers of nullable columns too."""
    values = np.asarray(y)
    if values.dtype.kind == "O" or hasattr(y, "to_numpy"):
        values = Labels.of(y, name="y").values
    return np.asarray(values[kept])
