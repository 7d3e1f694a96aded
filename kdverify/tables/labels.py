"""Labels of rows: what they are labels of, and which rows have none."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from kdverify import checks
from kdverify.checks.frames import cells, is_nothing, missing
from kdverify.shown import Shown
from kdverify.tables.cells import LARGEST_WHOLE, SMALLEST_WHOLE, number

TASKS = ("auto", "regression", "classes")
KINDS = {"integer": "whole numbers", "real": "real numbers", "boolean": "truth values"}


@dataclass(frozen=True, eq=False, repr=False)
class Labels(Shown):
    """Labels, one a row; N rows.

    Attributes:
        values: (N,) or (N, K): float64, int64, bool or text; where ``missing``, anything.
        missing: (N,) bool: rows without a label (of several columns, without one of them).
        kind: ``"real"``, ``"integer"``, ``"boolean"`` or ``"name"``.
    """

    values: np.ndarray
    missing: np.ndarray
    kind: str

    @classmethod
    def of(cls, given: Any, count: int | None = None, name: str = "labels") -> Labels:
        """Labels from an array, a list, a series or a frame.

        None, NaN, NA, masked entries and the empty texts of `kdverify.tables.cells.MISSING` are
        missing.  (N, 1) is (N,).

        Raises:
            ValueError, TypeError: not ``count`` of them; numbers beside names; no label at all.
        """
        try:
            known = cells(given)
        except ValueError as error:
            raise ValueError(f"{name} must have rows of one length: {error}") from None
        values, nothing = np.ma.getdata(known), missing(known)
        if values.ndim == 2 and values.shape[1] == 1:
            values, nothing = values[:, 0], nothing.reshape(values.shape)[:, 0]
        if values.ndim not in (1, 2) or values.size == 0:
            raise ValueError(f"{name} of shape {values.shape} must have shape (N,) or (N, K)")
        if count is not None and len(values) != count:
            raise ValueError(f"{name} of length {len(values)} must have length {count}, one a row")
        if nothing.all():
            raise ValueError(f"{name} must have a row with a label")
        kind, values = _typed(name, values, nothing)
        rows = nothing if nothing.ndim == 1 else nothing.any(axis=1)
        return cls(values, np.asarray(rows), kind)

    def at(self, rows: np.ndarray) -> Labels:
        """The labels of ``rows``, by number."""
        return Labels(self.values[rows], self.missing[rows], self.kind)

    @property
    def unlabelled(self) -> int:
        """Number of rows without a label."""
        return int(self.missing.sum())

    def task(self, asked: str = "auto") -> tuple[str, str]:
        """``"regression"`` or ``"classes"``, and why."""
        checks.choice("task", asked, TASKS)
        if asked != "auto":
            return asked, "as asked for"
        if self.values.ndim == 2:
            return "regression", f"{self.values.shape[1]} columns of labels"
        if self.kind != "real":
            return "classes", f"the labels are {KINDS.get(self.kind, 'names')}"
        present = self.values[~self.missing]
        distinct = np.unique(present).size
        if (present == np.round(present)).all() and distinct <= max(2, present.size // 5):
            return "regression", (
                f"the labels are real numbers, though only {distinct} different ones, all whole: "
                "for classes say so"
            )
        return "regression", "the labels are real numbers"

    def numbers(self, name: str = "labels") -> np.ndarray:
        """(N, K) float64, NaN where missing."""
        if self.kind == "name":
            raise TypeError(f"{name} must be numbers for regression; for names use task='classes'")
        found = np.array(self.values, dtype=float).reshape(len(self.values), -1)
        found[self.missing] = np.nan
        if np.isinf(found).any():
            raise ValueError(f"{name} must hold finite numbers only")
        return found

    def classes(self, name: str = "labels") -> tuple[tuple[str, ...], np.ndarray]:
        """Names of the classes, sorted, and the number of each row's class (N,), -1 for none."""
        if self.values.ndim != 1:
            raise ValueError(f"{name} of shape {self.values.shape} must be one class a row")
        found, numbers = np.unique(self.values[~self.missing], return_inverse=True)
        if self.kind == "real" and (found == np.round(found)).all():
            names = tuple(f"{value:.0f}" for value in found)
        else:
            names = tuple(str(value) for value in found)
        every = np.full(len(self.values), -1)
        every[~self.missing] = numbers
        return names, every


def unmarked(given: Any, mark: Any) -> Any:
    """Labels with nothing where they are the ``mark`` of rows without one; None is no mark."""
    if mark is None:
        return given
    known = cells(given)
    values, nothing = np.ma.getdata(known), missing(known)
    spelt, text = number(str(mark)), str(mark).strip()
    marked = np.array([_is_mark(value, text, spelt) for value in values.ravel().tolist()], bool)
    marked = marked.reshape(values.shape)
    if not marked.any():
        raise ValueError(f"unlabelled={mark!r} must be one of the labels")
    real = values.dtype.kind == "f"
    found = values.astype(float if real else object)
    found[marked | nothing] = np.nan if real else None
    return found


def _is_mark(value: Any, text: str, spelt: float | None) -> bool:
    if isinstance(value, str | bytes | bool) or is_nothing(value):
        return (value.decode() if isinstance(value, bytes) else str(value)).strip() == text
    return spelt is not None and bool(value == spelt)


def _typed(name: str, values: np.ndarray, nothing: np.ndarray) -> tuple[str, np.ndarray]:
    """The kind of all labels that are there, and the values as its type."""
    code = values.dtype.kind
    if code in "fiub":
        kind = {"f": "real", "b": "boolean"}.get(code, "integer")
        return kind, values.astype(float) if kind == "real" else values
    if code in "US":
        return "name", np.char.strip(values.astype(str))
    if code != "O":
        raise TypeError(f"{name} must be numbers or names, not of dtype {values.dtype}")
    present = values[~nothing].tolist()
    kinds = {_kind_of(name, value) for value in present}
    if kinds == {"integer", "real"}:
        kinds = {"real"}
    if len(kinds) > 1:
        first = present[0]
        other = next(value for value in present if _kind_of(name, value) != _kind_of(name, first))
        raise TypeError(
            f"{name} must be all numbers or all names; some are {first!r}, others {other!r}"
        )
    kind = kinds.pop()
    if kind == "integer" and not all(SMALLEST_WHOLE <= v <= LARGEST_WHOLE for v in present):
        kind, present = "name", [str(value) for value in present]
    if kind == "name":
        present = [(v.decode() if isinstance(v, bytes) else str(v)).strip() for v in present]
    types: dict[str, Any] = {"real": float, "integer": np.int64, "boolean": bool, "name": object}
    found = np.full(values.shape, "" if kind == "name" else 0, dtype=types[kind])
    found[~nothing] = np.array(present, dtype=types[kind])
    return kind, found.astype(str) if kind == "name" else found


def _kind_of(name: str, value: Any) -> str:
    if isinstance(value, bool | np.bool_):
        return "boolean"
    if isinstance(value, str | bytes):
        return "name"
    if isinstance(value, int | np.integer):
        return "integer"
    try:
        float(value)
    except (TypeError, ValueError, OverflowError):
        raise TypeError(f"{name} must be numbers or names; one is {checks.shown(value)}") from None
    return "real"
