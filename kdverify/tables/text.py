"""Tables of texts: .csv and .tsv, by pandas where it is installed, else by `csv`.

Both give the same: numbers where a column of a chunk holds nothing else, else texts as they
stand in the file.  The first byte-order mark, blank lines and spaces beside a delimiter are
skipped.
"""

from __future__ import annotations

import csv
import re
import warnings
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from typing import Any

import numpy as np

from kdverify import checks
from kdverify.tables.cells import EXACT_WHOLE, is_number
from kdverify.tables.header import LOOKED_AT, is_header

HEADERS = ("auto", "yes", "no")
DELIMITERS = {",": "','", ";": "';'", "\t": "tab", "|": "'|'", " ": "' '"}
#: First bytes of files of gzip, zip (.xlsx too), bzip2, xz and zstd.
PACKED = (b"\x1f\x8b", b"PK\x03\x04", b"BZh", b"\xfd7zX", b"\x28\xb5\x2f\xfd")
#: Byte-order marks of UTF-16 and UTF-32.
WIDE = (b"\xff\xfe", b"\xfe\xff", b"\0\0\xfe\xff")
#: Cells that are held at once as they are read.
CHUNK = 2_000_000


@dataclass(frozen=True)
class Layout:
    """How a table is written down.

    Args:
        header: whether the first row of a .csv or .tsv names the columns: ``"yes"``, ``"no"``
            or ``"auto"``, which is an error where both can be.
        delimiter: one character; None is a comma, and a tab for .tsv.
        decimal: the decimal mark, ``"."`` or ``","``.
        drop: names of columns to leave out.
        unlabelled: a label that stands for "no label", beside empty cells, NaN and NA.
    """

    header: str = "auto"
    delimiter: str | None = None
    decimal: str = "."
    drop: tuple[str, ...] = ()
    unlabelled: str | None = None

    def __post_init__(self) -> None:
        checks.choice("header", self.header, HEADERS)
        checks.choice("decimal", self.decimal, (".", ","))
        object.__setattr__(self, "drop", tuple(dict.fromkeys(self.drop)))
        if self.delimiter in ("tab", "\\t"):
            object.__setattr__(self, "delimiter", "\t")
        if self.delimiter is not None and (
            len(self.delimiter) != 1 or self.delimiter in '"\r\n' or self.delimiter.isalnum()
        ):
            raise ValueError(
                f"delimiter={self.delimiter!r} must be one character that no number has, or 'tab'"
            )

    def between(self, path: Path) -> str:
        """The delimiter of a file."""
        found = self.delimiter or ("\t" if path.suffix.lower() == ".tsv" else ",")
        if found == self.decimal:
            raise ValueError(
                f"decimal={self.decimal!r} must differ from the delimiter; name it: --delimiter ';'"
            )
        return found


class TextTable:
    """An open table of texts.

    Attributes:
        width: number of columns.
        first: cells of the first row.
        names: of the columns, or None.
        undecided: whether ``header="auto"`` could not tell; ``names`` is then the first row.
    """

    def __init__(self, path: Path, layout: Layout, wanted: Sequence[str] = ()) -> None:
        self.path, self.layout, self.decimal = path, layout, layout.decimal
        self.rows: int | None = None
        self.delimiter = layout.between(path)
        self.first_line = self._first_line()
        sample = list(islice(self._rows(), LOOKED_AT + 1))
        if not sample:
            raise ValueError(f"{path} must not be empty")
        first = [cell.strip() for cell in sample[0]]
        first[0] = first[0].removeprefix("# ")  # as numpy.savetxt marks a header
        self.width = len(first)
        if self.width == 1:
            self._one_column_is_meant(first[0])
        found: bool | None = layout.header == "yes"
        if layout.header == "auto":
            found = is_header(first, sample[1:], wanted, layout.decimal)
        self.undecided, self.header = found is None, found is not False
        self.first = tuple(first)
        self.names = self.first if self.header else None
        self._require_whole(sample, 1 - self.header)

    def _first_line(self) -> str:
        with self.path.open("rb") as stream:
            start = stream.read(4)
        for marks, kind in ((PACKED, "compressed"), (WIDE, "UTF-16 or UTF-32")):
            if start.startswith(marks):
                raise ValueError(f"{self.path} must be a table of UTF-8 text: it is {kind}")
        try:
            with self.path.open(encoding="utf-8-sig") as stream:
                first = next((line for line in stream if line.strip()), "")
        except UnicodeError as error:
            raise ValueError(f"{self.path} must be a table of UTF-8 text: {error}") from None
        if "\0" in first:
            raise ValueError(f"{self.path} must be a table of UTF-8 text: is it UTF-16?")
        return first

    def decide(self, header: bool) -> None:
        """Settle what ``undecided`` left open."""
        self.undecided, self.header = False, header
        self.names = self.first if header else None

    def require_numbers(self, columns: Sequence[int]) -> None:
        """Nothing: texts may be numbers."""

    def ask(self) -> ValueError:
        """The error of a first row that can be read in two ways."""
        shown = ", ".join(self.names or ())
        return ValueError(
            f"{self.path} must come with --header yes or --header no: its first row "
            f"({shown if len(shown) < 40 else shown[:36] + ' ...'}) may be names or data"
        )

    def chunks(self, as_text: frozenset[int] = frozenset()) -> Iterator[list[np.ndarray]]:
        """The columns below the header, some rows at a time; those of ``as_text`` as texts."""
        pandas = _pandas_if_there()
        if self.width > 1 and pandas is not None and not self._has(b"\0"):  # pandas 2 reads past it
            yield from self._by_pandas(pandas, as_text)
            return
        rows = islice(self._rows(), int(self.header), None)
        step, start = max(CHUNK // self.width, 1), 1
        while block := list(islice(rows, step)):
            self._require_whole(block, start)
            yield [np.array(column, dtype=object) for column in zip(*block, strict=True)]
            start += len(block)

    def _rows(self) -> Iterator[list[str]]:
        """The rows that are not blank; of a single column, all down to the last that is not."""
        width = blank = 0
        try:
            with self.path.open(newline="", encoding="utf-8-sig") as stream:
                for row in csv.reader(
                    stream, delimiter=self.delimiter, skipinitialspace=True, strict=True
                ):
                    if not row or (width > 1 and len(row) == 1 and not row[0].strip()):
                        blank += 1
                        continue
                    if width == 1:
                        yield from ([""] for _ in range(blank))
                    width, blank = width or len(row), 0
                    yield row
        except (csv.Error, UnicodeError) as error:
            raise ValueError(
                f"{self.path} must be a table of UTF-8 text: {error}{self.hint()}"
            ) from None

    def _by_pandas(self, pandas: Any, as_text: frozenset[int]) -> Iterator[list[np.ndarray]]:
        """The same by pandas; what it does not tell is looked up in the rows as they stand.

        These are the cells of real numbers so large that a whole one among them is rounded, and
        the rows that may be too short, since their last cells are empty.
        """
        again, at, start = islice(self._rows(), int(self.header), None), 0, 0
        for columns in self._chunks_of(pandas, as_text):
            size = len(columns[0])
            large = [k for k, one in enumerate(columns) if one.dtype.kind == "f" and _large(one)]
            last = columns[-1]
            if large or (last.dtype.kind == "O" and (last == "").any()):
                rows = list(islice(again, start - at, start - at + size))
                self._require_whole(rows, start + 1)
                for k in large:
                    columns[k] = np.array([row[k] for row in rows], dtype=object)
                at = start + size
            start += size
            yield columns

    def _chunks_of(self, pandas: Any, as_text: frozenset[int]) -> Iterator[list[np.ndarray]]:
        inexact = int(pandas.__version__.split(".")[0]) < 3
        try:
            with warnings.catch_warnings():
                warnings.simplefilter("error", pandas.errors.ParserWarning)
                with pandas.read_csv(
                    str(self.path),
                    sep=self.delimiter,
                    decimal=self.layout.decimal,
                    header=0 if self.header else None,
                    names=list(range(self.width)),
                    index_col=False,
                    converters=dict.fromkeys(as_text, str),
                    na_filter=False,
                    skipinitialspace=self._has(b" "),  # which costs a tenth
                    encoding="utf-8",  # a byte-order mark is skipped
                    low_memory=False,
                    chunksize=max(CHUNK // self.width, 1),
                    **({"float_precision": "round_trip"} if inexact else {}),
                ) as chunks:
                    for chunk in chunks:
                        yield _columns(chunk)
        except (ValueError, pandas.errors.ParserWarning) as error:
            self._require_whole(islice(self._rows(), int(self.header), None), 1)
            found = re.search(r"Expected .*", str(error))
            reason = found.group() if found else " ".join(str(error).split())
            raise ValueError(f"{self.path} must be a table: {reason}{self.hint()}") from None

    def _has(self, byte: bytes) -> bool:
        with self.path.open("rb") as stream:
            return any(byte in part for part in iter(lambda: stream.read(2**18), b""))

    def _require_whole(self, rows: Iterable[Sequence[str]], start: int) -> None:
        """Turn away a row that is longer or shorter than the first; ``start`` numbers the rows."""
        for k, row in enumerate(rows):
            if len(row) != self.width:
                raise ValueError(
                    f"{self.path}, row {start + k}: it must have {self.width} cells, as the first "
                    f"row has, not {len(row)}{self.hint()}"
                )

    def hint(self, cell: str = "") -> str:
        """What may be meant by a table, or by a cell, that does not fit."""
        own = self.first_line.count(self.delimiter)
        for other in ";\t|,".replace(self.decimal, ""):
            if (other in cell and other != ",") or self.first_line.count(other) > own:
                return f" (for {DELIMITERS[other]} between cells: --delimiter {DELIMITERS[other]})"
        if "," in cell and is_number(cell, ","):
            return " (for decimal commas: --decimal ,; thousands separators are not read)"
        return ""

    def _one_column_is_meant(self, first: str) -> None:
        """Turn away a table of several columns that another delimiter divides."""
        parts = first.split()
        if self.hint() or (len(parts) > 1 and all(is_number(part) for part in parts)):
            hint = self.hint() or " (for spaces between cells: --delimiter ' ')"
            own = DELIMITERS.get(self.delimiter, self.delimiter)
            raise ValueError(f"{self.path} must have {own} between its cells{hint}")


def _pandas_if_there() -> Any:
    try:
        import pandas
    except ImportError:
        return None
    return pandas


def _large(column: np.ndarray) -> bool:
    return bool(np.abs(column).max(initial=0.0) >= EXACT_WHOLE)


def _columns(chunk: Any) -> list[np.ndarray]:
    """Columns of numbers or truth values as they are, others as Python objects."""
    kinds = [getattr(kind, "kind", "O") for kind in chunk.dtypes]
    reals = [k for k, kind in enumerate(kinds) if kind == "f"]
    together = dict(zip(reals, chunk.iloc[:, reals].to_numpy().T, strict=True))
    return [
        together[k]
        if kind == "f"
        else np.asarray(chunk.iloc[:, k].to_numpy(dtype=None if kind in "iub" else object))
        for k, kind in enumerate(kinds)
    ]
