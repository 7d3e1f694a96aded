"""Tables of typed columns: .parquet, by pyarrow."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from kdverify import checks
from kdverify.extras import needed_for

#: What pandas calls a row index that nobody named.
UNNAMED = re.compile(r"__index_level_\d+__")
#: Cells that are held at once as they are read.
CHUNK = 1_000_000


class ParquetTable:
    """An open .parquet file.

    A row index that pandas kept in it is no column, unless it is ``wanted``; what is left out so
    is ``index``.
    """

    decimal = "."

    def __init__(self, path: Path, wanted: Sequence[str] = ()) -> None:
        with needed_for(str(path)):
            from pyarrow import parquet
        self.path = path
        self._file = parquet.ParquetFile(path, page_checksum_verification=True)
        schema = self._file.schema_arrow
        index = (schema.pandas_metadata or {}).get("index_columns", ())
        names, kinds = schema.names, schema.types
        left = {name for name in names if name in index and name not in wanted}
        self.index = tuple(name for name in names if name in left and not UNNAMED.fullmatch(name))
        self._used = [k for k, name in enumerate(names) if name not in left]
        self._types = [kinds[k] for k in self._used]
        self.names: tuple[str, ...] | None = tuple(names[k] for k in self._used)
        self.width, self.rows = len(self._used), self._file.metadata.num_rows

    def require_numbers(self, columns: Sequence[int]) -> None:
        """Turn away columns of another type than numbers and truth values."""
        from pyarrow import types

        numeric = (types.is_integer, types.is_floating, types.is_boolean, types.is_decimal)
        for k in columns:
            kind = self._types[k]
            kind = kind.value_type if types.is_dictionary(kind) else kind
            if not any(test(kind) for test in numeric):
                assert self.names is not None
                name = checks.shown(self.names[k])
                raise ValueError(
                    f"{self.path}, column {name}: it must hold numbers, not values of type "
                    f"{self._types[k]}; to leave it out: --drop {name}"
                )

    def chunks(self, as_text: frozenset[int] = frozenset()) -> Iterator[list[np.ndarray]]:
        """The columns, some rows at a time; numbers as they are, null as NaN or None."""
        step = max(CHUNK // max(self.width, 1), 1)
        read = [_reader(kind) for kind in self._types]
        for group in range(self._file.num_row_groups):
            for batch in self._file.read_row_group(group).to_batches(max_chunksize=step):
                columns = batch.columns
                yield [to_array(columns[k]) for k, to_array in zip(self._used, read, strict=True)]

    def hint(self, cell: str = "") -> str:
        """Nothing: a cell of a typed column is what it is."""
        return ""


def _reader(kind: Any) -> Callable[[Any], np.ndarray]:
    """From a column of this type to numbers where none is null, else to Python objects."""
    from pyarrow import float64, types

    if types.is_dictionary(kind):
        inner = _reader(kind.value_type)
        return lambda column: inner(column.dictionary_decode())
    if types.is_decimal(kind) or types.is_float16(kind):
        return lambda column: _array(column.cast(float64()))
    if types.is_floating(kind):
        return _array
    if types.is_integer(kind) or types.is_boolean(kind):
        return lambda column: _objects(column) if column.null_count else _array(column)
    return _objects


def _array(column: Any) -> np.ndarray:
    return np.asarray(column.to_numpy(zero_copy_only=False))


def _objects(column: Any) -> np.ndarray:
    found = np.empty(len(column), dtype=object)
    found[:] = column.to_pylist()
    return found
