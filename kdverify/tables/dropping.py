"""Columns to leave out, where features and labels stand in files of their own."""

from __future__ import annotations

import unicodedata
from collections.abc import Sequence
from pathlib import Path

from kdverify.tables.assemble import Source, label_places


def shared(
    drop: Sequence[str],
    path: Path,
    own: Source | None,
    theirs: Source | None,
    label_column: str | None,
) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """What to leave out of the features of ``path``, and of the table of labels.

    A column is left out wherever it is; the last column of labels stays where the features have
    one of its name.

    Args:
        own, theirs: the two tables; None where it is an array, or not there.
        label_column: of the table of labels, where one is named.

    Raises:
        ValueError: a column that no table can have; the only one of labels.
    """
    first, second = [], []
    for name in drop:
        here, there = _has(own, name), _has(theirs, name)
        if here and theirs is not None and theirs.names is None:
            there = False  # numbers of columns are those of the features
        if own is None and not there:
            raise ValueError(f"drop={name!r} must go with a table: {path.name} has no column names")
        if here or not there:  # where there is none, reading the features says so
            first.append(name)
        if there:
            second.append(name)
    if theirs is None or not second:
        return tuple(first), ()
    if label_column is not None:
        if label_column in second and label_column not in first:
            raise ValueError(
                f"drop={label_column!r} must not be the column of labels of {theirs.path}"
            )
        return tuple(first), ()
    if not label_places(theirs, None, second):
        if alone := [name for name in second if name not in first]:
            raise ValueError(f"drop={alone[0]!r} must leave a column of labels in {theirs.path}")
        second = []
    return tuple(first), tuple(second)


def _has(source: Source | None, name: str) -> bool:
    if source is None:
        return False
    if source.names is None:
        return name.strip() in map(str, range(1, source.width + 1))
    wanted, *names = (unicodedata.normalize("NFC", text) for text in (name.strip(), *source.names))
    return wanted in names
