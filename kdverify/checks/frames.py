"""Data in memory as float64: arrays, data frames with nullable columns, truth values."""

from __future__ import annotations

from typing import Any

import numpy as np

from kdverify.checks.values import shown

#: Texts that stand for nothing: pandas' list.
MISSING = frozenset({
    "", "NA", "N/A", "n/a", "#N/A", "#N/A N/A", "#NA", "<NA>", "NaN", "nan", "-NaN", "-nan",
    "None", "NULL", "null", "1.#IND", "-1.#IND", "1.#QNAN", "-1.#QNAN",
})  # fmt: skip


def is_nothing(value: Any) -> bool:
    """Whether a cell of any type says nothing: None, NaN, NA, NaT, or a text of `MISSING`."""
    if value is None or type(value).__name__ in ("NAType", "NaTType"):
        return True
    if isinstance(value, str):
        return value.strip() in MISSING
    return isinstance(value, float | np.floating) and bool(np.isnan(value))


def matrix(name: str, values: Any) -> Any:
    """Rows of numbers as an array; a float array and a memory map stay what they are.

    Columns of a data frame may be nullable or truth values.  What is no number is turned away
    with its row and column, and so is a masked entry; `kdverify.checks.feature_rows` then checks
    the shape, and that every number is finite.
    """
    if np.ma.is_masked(values):
        raise ValueError(f"{name} must not have masked entries")
    if hasattr(values, "toarray"):
        raise TypeError(f"{name} must be dense; .toarray() makes a sparse matrix so")
    try:
        given = values if isinstance(values, np.ndarray) else _of_frame(values)
    except ValueError as error:
        raise ValueError(f"{name} must have rows of one length: {error}") from None
    if given.dtype.kind == "b":
        return given.astype(float)
    if given.dtype.kind != "O":
        return given
    found = np.empty(given.shape)
    for place, value in np.ndenumerate(given):
        if is_nothing(value):
            found[place] = np.nan
        elif isinstance(value, str | bytes) or not _as_float(found, place, value):
            raise TypeError(f"{name} must be numbers; {_place(place)} is {shown(value)}")
    return found


def missing(values: Any) -> np.ndarray:
    """Where an array, a series or a frame says nothing: None, NaN, NA, masked, an empty text."""
    given = np.ma.getdata(_of_frame(values)) if not isinstance(values, np.ndarray) else values
    if given.dtype.kind == "f":
        found = np.isnan(given)
    elif given.dtype.kind in "OUS":
        found = np.array([is_nothing(value) for value in given.ravel().tolist()], dtype=bool)
        found = found.reshape(given.shape)
    else:
        found = np.zeros(given.shape, dtype=bool)
    return np.asarray(found | np.ma.getmaskarray(values) if np.ma.isMA(values) else found)


def _of_frame(values: Any) -> np.ndarray:
    """A series or a frame as an array: of floats where all its columns are numbers or truths."""
    if not hasattr(values, "to_numpy"):
        return np.asarray(values)
    kinds = np.ravel(np.array(getattr(values, "dtypes", ()), dtype=object))
    if hasattr(values, "iloc") and all(getattr(kind, "kind", "O") in "fiub" for kind in kinds):
        if all(kind == np.float32 for kind in kinds):
            return np.asarray(values.to_numpy())
        return np.asarray(values.to_numpy(dtype=float, na_value=np.nan))
    return np.asarray(values.to_numpy())


def _as_float(found: np.ndarray, place: tuple[int, ...], value: Any) -> bool:
    try:
        found[place] = value
    except (TypeError, ValueError, OverflowError):
        return False
    return True


def _place(place: tuple[int, ...]) -> str:
    words = ("row", "column")
    return (
        ", ".join(f"{word} {index}" for word, index in zip(words, place, strict=False))
        + " (from 0)"
    )
