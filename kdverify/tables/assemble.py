"""From the columns of a table to a matrix of numbers, and columns of labels."""

from __future__ import annotations

import difflib
import re
import unicodedata
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
    is_rounded,
    number,
)

#: What writers and readers of tables call the column of row numbers that nobody named.
INDEX_NAME = re.compile(r"(Unnamed: \d+(\.\d+)*)?")


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
    if twice := dropped & set(taught):
        name = source.names[min(twice)] if source.names else ""
        raise ValueError(f"drop={name!r} must not be the column of labels of {source.path}")
    used = [k for k in range(source.width) if k not in dropped and k not in taught]
    if not used:
        raise ValueError(f"{source.path} must have a column of features beside its labels")
    source.require_numbers(used)
    numbers = _Numbers(source, used)
    answers = _read_through(source, taught, numbers.add)
    matrix, notes = numbers.whole()
    first = _row_numbers(source, used, matrix)
    if first:
        notes.append("the first column has no name and numbers the rows: left out")
        matrix, used = np.ascontiguousarray(matrix[:, first:]), used[first:]
    names = None if source.names is None else tuple(source.names[k] for k in used)
    if names is not None:
        notes += _looked_up(names, matrix)
    return Assembled(matrix, answers, names, tuple(notes))


def label_columns(source: Source, name: str | None, drop: Sequence[str] = ()) -> list[np.ndarray]:
    """The columns of a table of labels that `label_places` finds."""
    return _read_through(source, label_places(source, name, drop))


def label_places(source: Source, name: str | None, drop: Sequence[str] = ()) -> list[int]:
    """Numbers of the columns of labels: that of the name, or all but a row index and ``drop``."""
    if name is not None:
        return [column_of(source, "label_column", name)]
    dropped = {column_of(source, "drop", one) for one in drop}
    first = 1 if source.width > 1 and _unnamed(source, 0) else 0
    return [k for k in range(first, source.width) if k not in dropped]


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
    """The number of the column of that name, which must be there once.

    Where there is no header columns are numbered from 1.
    """
    if source.names is None:
        if name.strip() in map(str, range(1, source.width + 1)):
            return int(name) - 1
        raise ValueError(
            f"{option}={name!r} must be a number from 1 to {source.width}: {source.path} has no "
            "header"
        )
    wanted, *names = (unicodedata.normalize("NFC", text) for text in (name.strip(), *source.names))
    places = [k for k, own in enumerate(names) if own == wanted]  # é has two spellings
    if len(places) > 1:
        raise ValueError(
            f"{option}={name!r} must name one column; {source.path} has {len(places)} of that name"
        )
    if not places:
        plain = {own.lower(): own for own in names}
        near = [plain[own] for own in difflib.get_close_matches(wanted.lower(), plain, 3)]
        listed = near or source.names[:10]
        known = ", ".join(_readable(checks.shortened(own, 30)) for own in listed)
        known += ", ..." if len(listed) < source.width else ""
        raise ValueError(f"{option}={name!r} must be a column of {source.path} ({known})")
    return places[0]


def _readable(name: str) -> str:
    """A name with what cannot be seen in it spelt out."""
    return name if name.isprintable() else repr(name)


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
                row = int((column > LARGEST_WHOLE).argmax())
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
            shown = checks.shortened(text, 30)
            raise self._wrong(row, k, f"is the identifier {shown}", "leave it out")
        found = number(text, self.source.decimal)
        if found is None:
            shown = checks.shortened(text, 30)
            hint = self.source.hint(text)
            raise self._wrong(row, k, f"is {shown!r}{hint}", "" if hint else "leave it out")
        self.plain.add(k)
        if is_rounded(text):
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
    return source.names is not None and INDEX_NAME.fullmatch(source.names[k]) is not None


def _row_numbers(source: Source, used: Sequence[int], matrix: np.ndarray) -> int:
    """How many columns before all others have no name and are whole numbers, none of them twice."""
    first = 0
    while first < len(used) - 1 and _unnamed(source, used[first]):
        column = matrix[:, first]
        if (column % 1 != 0).any() or np.unique(column).size < column.size:
            break
        first += 1
    return first


def _looked_up(names: Sequence[str], matrix: np.ndarray) -> list[str]:
    """Notes on columns that may be row numbers: a first without a name, and those that count."""
    notes = []
    if INDEX_NAME.fullmatch(names[0]):
        notes.append(f"the first column has no name and is read as a feature (--drop {names[0]!r})")
    if len(matrix) > 2:
        rising = np.flatnonzero((np.diff(matrix[:3], axis=0) == 1).all(axis=0)).tolist()
        for name in (repr(names[k]) for k in rising if _counts(matrix[:, k])):
            notes.append(f"column {name} counts the rows: is it a feature? (--drop {name})")
    return notes


def _counts(column: np.ndarray) -> bool:
    """Whether a column is 0, 1, 2, ... or 1, 2, 3, ..."""
    return column[0] in (0, 1) and bool((np.diff(column) == 1).all())
