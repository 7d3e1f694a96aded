"""From the columns of a table to a matrix of numbers, and columns of labels."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol

import numpy as np

from kdverify import checks
from kdverify.tables.cells import (
    EXACT_WHOLE,
    LARGEST_WHOLE,
    MISSING,
    TRUTH,
    is_identifier,
    is_whole,
    number,
)

#: What writers of tables call the column of row numbers that nobody named.
INDEX_NAMES = ("", "Unnamed: 0")


class Source(Protocol):
    """An open table: columns in chunks."""

    path: Path
    names: tuple[str, ...] | None
    width: int
    rows: int | None
    decimal: str

    def chunks(self, as_text: frozenset[int] = ...) -> Iterator[list[np.ndarray]]:
        """The columns, some rows at a time."""
        ...

    def require_numbers(self, columns: Sequence[int]) -> None:
        """Turn away columns of a type that is not one of numbers."""
        ...

    def hint(self, cell: str = ...) -> str:
        """What a cell that does not fit may mean."""
        ...


@dataclass(frozen=True, eq=False)
class Assembled:
    """Numbers (N, p), label columns as they were read, the names of the p columns, and notes."""

    numbers: np.ndarray
    labels: list[np.ndarray]
    names: tuple[str, ...] | None
    notes: tuple[str, ...]


def assemble(source: Source, labels: Sequence[str], drop: Sequence[str]) -> Assembled:
    """Read a table of features through: the columns ``labels`` as labels, the rest as numbers."""
    dropped = {column_of(source, "drop", name) for name in drop}
    taught = [column_of(source, "label_column", name) for name in labels]
    used = [k for k in range(source.width) if k not in dropped and k not in taught]
    if not used:
        raise ValueError(f"{source.path} must have a column of features beside its labels")
    source.require_numbers(used)
    numbers = _Numbers(source, used)
    answers = _read_through(source, taught, numbers.add)
    matrix, notes = numbers.whole()
    names = None if source.names is None else tuple(source.names[k] for k in used)
    if matrix.shape[1] > 1 and _unnamed(source, used[0]) and _counts(matrix[:, 0]):
        notes.append("its first column has no name and counts the rows: left out")
        matrix, names = np.ascontiguousarray(matrix[:, 1:]), names and names[1:]
    return Assembled(matrix, answers, names, tuple(notes))


def label_columns(source: Source, name: str | None) -> list[np.ndarray]:
    """The columns of a table of labels: the one of that name, or all but a row index."""
    if name is not None:
        return _read_through(source, [column_of(source, "label_column", name)])
    first = 1 if source.width > 1 and _unnamed(source, 0) else 0
    return _read_through(source, range(first, source.width))


def _read_through(
    source: Source,
    taught: Sequence[int],
    also: Callable[[list[np.ndarray]], None] = lambda chunk: None,
) -> list[np.ndarray]:
    """The columns ``taught``; every chunk goes to ``also`` too."""
    found: list[list[np.ndarray]] = [[] for _ in taught]
    rows = 0
    for chunk in source.chunks(frozenset(taught)):
        also(chunk)
        rows += len(chunk[0])
        for column, k in zip(found, taught, strict=True):
            column.append(chunk[k])
    if not rows:
        raise ValueError(f"{source.path} must have a row of data")
    return [np.concatenate(parts) for parts in found]


def column_of(source: Source, option: str, name: str) -> int:
    """The number of the column of that name, which must be there once."""
    if source.names is None:
        raise ValueError(f"{option}={name!r} must name a column, but {source.path} has no header")
    places = [k for k, own in enumerate(source.names) if own == name.strip()]
    if len(places) > 1:
        raise ValueError(
            f"{option}={name!r} must name one column; {source.path} has {len(places)} of that name"
        )
    if not places:
        known = ", ".join(checks.shortened(own, 30) for own in source.names[:10])
        known += ", ..." if source.width > 10 else ""
        raise ValueError(f"{option}={name!r} must be a column of {source.path} ({known})")
    return places[0]


class _Numbers:
    """A matrix of numbers that grows by chunks of columns."""

    def __init__(self, source: Source, used: Sequence[int]) -> None:
        self.source, self.used, self.count = source, list(used), 0
        self.blocks: list[np.ndarray] = []
        self.room = None if source.rows is None else np.empty((source.rows, len(used)))
        self.truths: set[int] = set()
        self.plain: set[int] = set()
        self.rounded: set[int] = set()

    def add(self, chunk: list[np.ndarray]) -> None:
        """Take the used columns of a chunk."""
        size = len(chunk[0])
        block = np.empty((size, len(self.used)), order="F")  # filled column by column
        for place, k in enumerate(self.used):
            block[:, place] = self._numbers(chunk[k], k)
        bad = ~np.isfinite(block)
        if bad.any():
            row, place = np.argwhere(bad)[0]
            k = self.used[place]
            value = block[row, place]
            raise self._wrong(row, k, "is missing" if np.isnan(value) else f"is {value}")
        if self.room is None:
            self.blocks.append(block)
        else:
            self.room[self.count : self.count + size] = block
        self.count += size

    def whole(self) -> tuple[np.ndarray, list[str]]:
        """The matrix, and what there is to say of it."""
        mixed = self.truths & self.plain
        if mixed:
            raise ValueError(
                f"{self.source.path}, column {self._name(min(mixed))}: it must hold numbers or "
                "truth values, not both"
            )
        notes = []
        if self.truths:
            listed = ", ".join(self._name(k) for k in sorted(self.truths)[:5])
            notes.append(f"truth values are read as 0 and 1: {listed}")
        if self.rounded:
            listed = ", ".join(self._name(k) for k in sorted(self.rounded)[:5])
            notes.append(f"whole numbers above 2^53 are rounded to double precision: {listed}")
        if self.room is not None:
            return self.room, notes
        matrix = np.empty((self.count, len(self.used)))
        np.concatenate(self.blocks, out=matrix)
        return matrix, notes

    def _numbers(self, column: np.ndarray, k: int) -> Any:
        kind = column.dtype.kind
        if kind not in "fiub":
            return [self._cell(cell, row, k) for row, cell in enumerate(column)]
        (self.truths if kind == "b" else self.plain).add(k)
        if kind in "iu" and column.dtype.itemsize == 8:
            self._check_whole(column, k)
        return column

    def _check_whole(self, column: np.ndarray, k: int) -> None:
        large = (column > EXACT_WHOLE) | (column < -EXACT_WHOLE)
        if large.any():
            if int(column.max()) > LARGEST_WHOLE:
                row = int(column.argmax())
                raise self._wrong(row, k, f"is the identifier {column[row]}", "leave it out")
            self.rounded.add(k)

    def _cell(self, cell: Any, row: int, k: int) -> float:
        text = "" if cell is None else str(cell).strip()
        if text in TRUTH:
            self.truths.add(k)
            return TRUTH[text]
        if text in MISSING:
            raise self._wrong(row, k, "is missing")
        if is_identifier(text):
            raise self._wrong(row, k, f"is the identifier {text}", "leave it out")
        found = number(text, self.source.decimal)
        if found is None:
            shown = checks.shortened(text, 30)
            raise self._wrong(row, k, f"is {shown!r}{self.source.hint(text)}")
        self.plain.add(k)
        if abs(found) > EXACT_WHOLE and is_whole(text):
            self.rounded.add(k)
        return found

    def _wrong(self, row: int, k: int, what: str, advice: str = "") -> ValueError:
        option = f": leave the column out (--drop {self._name(k)})" if advice else ""
        return ValueError(
            f"{self.source.path}, row {self.count + row + 1}, column {self._name(k)}: it must be "
            f"a finite number but {what}{option}"
        )

    def _name(self, k: int) -> str:
        name = self.source.names[k] if self.source.names is not None else ""
        return repr(checks.shortened(name)) if name else str(k + 1)


def _unnamed(source: Source, k: int) -> bool:
    return source.names is not None and source.names[k] in INDEX_NAMES


def _counts(column: np.ndarray) -> bool:
    """Whether a column is 0, 1, 2, ... or 1, 2, 3, ..."""
    return column[0] in (0, 1) and bool((np.diff(column) == 1).all())
