"""Labels that a teacher gives: columns that are named by classes stand in the order of these."""

from __future__ import annotations

import unicodedata
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np

from kdverify import checks
from kdverify.tables.reading import read_columns
from kdverify.tables.text import Layout


def read_predictions(
    file: str | Path, count: int, classes: Sequence[str] = (), layout: Layout | None = None
) -> tuple[np.ndarray, tuple[str, ...]]:
    """A teacher's labels of ``count`` rows from a file, and what was understood of its columns.

    Args:
        classes: names of the classes in their order; of none for numbers.

    Raises:
        ValueError: a file that cannot be read, or columns whose names contradict the classes.
    """
    values, names = read_columns(file, count, "teacher", layout, classes)
    title = Path(file).name
    if values.ndim == 1:
        return values, _of_one_column(title, values, names, classes)
    order, note = class_order(f"teacher={title!r}", names, values.shape[1], classes)
    found = values if order is None else values[:, order]
    return found, () if note is None else (f"{title}: {note}",)


def in_class_order(name: str, given: Any, classes: Sequence[str]) -> Any:
    """A data frame with its columns in the order of the classes that name them; else ``given``.

    Columns that are numbered 0, 1, 2, ... have no names.
    """
    columns = list(getattr(given, "columns", ()))
    if len(columns) < 2 or columns == list(range(len(columns))):
        return given
    order, _ = class_order(name, tuple(map(str, columns)), len(columns), classes)
    if order is None or order == list(range(len(columns))):
        return given
    return given.iloc[:, order] if hasattr(given, "iloc") else given[[columns[k] for k in order]]


def class_order(
    name: str, names: Sequence[str] | None, width: int, classes: Sequence[str]
) -> tuple[list[int] | None, str | None]:
    """Number of the column of each class, None: as they stand; and what there is to say of it."""
    if not classes or width != len(classes):
        return None, None
    listed = ", ".join(checks.shortened(one, 30) for one in classes[:10])
    listed += ", ..." if len(classes) > 10 else ""
    assumed = f"columns are taken for the classes in this order: {listed}"
    if names is None:
        return None, f"no names of columns; {assumed}"
    own, wanted = _plain(names), _plain(classes)
    if set(own) == set(wanted):
        order = [own.index(one) for one in wanted]
        moved = order != list(range(width))
        return order, "columns are matched with the classes by name" if moved else None
    if some := [one for one in own if one in wanted]:
        other = next((one for one in own if one not in wanted), None)
        why = f"{some[0]!r} is one, {other!r} is not" if other is not None else "one comes twice"
        raise ValueError(f"{name} must have columns named by all classes ({listed}) or none: {why}")
    return None, f"columns are not named by classes; {assumed}"


def _of_one_column(
    title: str, values: np.ndarray, names: Sequence[str] | None, classes: Sequence[str]
) -> tuple[str, ...]:
    """What is said of the chances of one of two classes, which must be those of the second."""
    if len(classes) != 2 or values.dtype.kind != "f" or not (values % 1 != 0).any():
        return ()
    first, second = _plain(classes)
    if names is not None and _plain(names) == [first]:
        raise ValueError(
            f"teacher={title!r} must hold chances of the second class, {second!r}; its column is "
            f"named {first!r}"
        )
    return (f"{title}: read as chances of {second!r}, the second class",)


def _plain(names: Sequence[str]) -> list[str]:
    return [unicodedata.normalize("NFC", name).strip() for name in names]
