"""Data in memory as float64: arrays, data frames with nullable columns, truth values."""

from __future__ import annotations

from collections import Counter
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
    if isinstance(value, bytes):
        value = value.decode(errors="replace")
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


def cells(values: Any) -> np.ndarray:
    """Labels as an array, whole numbers whole: columns with gaps become objects.

    An array, a masked one too, is what it is; a series or a frame of pandas, of polars or of
    pyarrow, and a list, become one.
    """
    if isinstance(values, np.ndarray):
        return np.asarray(values) if isinstance(values, np.matrix) else values
    if hasattr(values, "toarray"):
        raise TypeError("labels must be dense; .toarray() makes a sparse matrix so")
    if hasattr(values, "to_pylist"):  # pyarrow
        return _of_list(values.to_pylist())
    if _library(values) == "polars":
        columns = [column.to_list() for column in _columns(values)]
        return _of_list(columns[0]) if len(columns) == 1 else _of_list(columns).T
    if hasattr(values, "cat") and values.ndim == 1:  # whole categories stay whole beside gaps
        names = np.array([*values.cat.categories.tolist(), None], dtype=object)
        return np.asarray(names[values.cat.codes.to_numpy()])
    if hasattr(values, "to_numpy"):
        kinds = np.ravel(np.array(getattr(values, "dtypes", ()), dtype=object))
        plain = all(isinstance(kind, np.dtype) for kind in kinds) and len(set(kinds)) == 1
        return np.asarray(values.to_numpy() if plain else values.to_numpy(dtype=object))
    return _of_list(values)


def index_of(values: Any) -> Any:
    """The index of a series or a frame of pandas, else None."""
    index = getattr(values, "index", None)
    return index if hasattr(index, "equals") else None


def same_order(name: str, values: Any, rows: Any) -> None:
    """Turn away a series or a frame whose index is that of ``rows`` in another order.

    Things with other indices, or none, stand side by side in the order that they have.
    """
    own, theirs = index_of(values), index_of(rows)
    if own is None or theirs is None or len(own) != len(theirs) or own.equals(theirs):
        return
    if Counter(own.tolist()) == Counter(theirs.tolist()):
        by_name = ".reindex(features.index); " if own.is_unique else ""
        raise ValueError(
            f"{name} must be in the order of the features: their index has the same entries in "
            f"another order ({by_name}by place: .to_numpy())"
        )


def missing(values: Any) -> np.ndarray:
    """Where labels say nothing: None, NaN, NA, masked, an empty text."""
    values = cells(values)
    given = np.ma.getdata(values)
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
    if _library(values) == "polars":
        columns = [np.asarray(column.to_numpy()) for column in _columns(values)]
        if all(column.dtype.kind in "fiub" for column in columns):
            return np.column_stack(columns)
        return np.array([column.astype(object) for column in columns], dtype=object).T
    if not hasattr(values, "to_numpy"):
        return _as_array(values)
    kinds = np.ravel(np.array(getattr(values, "dtypes", ()), dtype=object))
    if hasattr(values, "iloc") and all(getattr(kind, "kind", "O") in "fiub" for kind in kinds):
        if all(kind == np.float32 for kind in kinds):
            return np.asarray(values.to_numpy())
        return np.asarray(values.to_numpy(dtype=float, na_value=np.nan))
    return np.asarray(values.to_numpy())


def _library(values: Any) -> str:
    return type(values).__module__.partition(".")[0]


def _columns(values: Any) -> list[Any]:
    """The columns of a frame of polars; a series is one."""
    if hasattr(values, "collect") and not hasattr(values, "get_columns"):
        raise TypeError("a lazy frame must be collected first: .collect()")
    return list(values.get_columns()) if hasattr(values, "get_columns") else [values]


def _of_list(given: Any) -> np.ndarray:
    """A list as an array of objects where NumPy would write its None or NaN out as texts."""
    found = _as_array(given)
    return np.asarray(given, dtype=object) if found.dtype.kind in "USO" else found


def _as_array(given: Any) -> np.ndarray:
    try:
        return np.asarray(given)
    except RuntimeError as error:  # a tensor that needs its gradient
        raise TypeError(str(error)) from None


def _as_float(found: np.ndarray, place: tuple[int, ...], value: Any) -> bool:
    try:
        found[place] = value
    except (TypeError, ValueError, OverflowError):
        return False
    return True


def _place(place: tuple[int, ...]) -> str:
    words = ("row", "column")
    named = (f"{word} {index}" for word, index in zip(words, place, strict=False))
    return f"{', '.join(named)} (from 0)" if place else "what is given"
