"""Tables of typed columns: .parquet, by pyarrow."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import numpy as np

#: Cells that are held at once as they are read.
CHUNK = 500_000


class ParquetTable:
    """An open .parquet file; a row index that pandas kept in it is no column."""

    decimal = "."

    def __init__(self, path: Path) -> None:
        try:
            from pyarrow import parquet
        except ImportError:
            raise ValueError(
                f"{path} needs pyarrow, of the extra 'tables': pip install 'kdverify[tables]'"
            ) from None
        self.path = path
        self._file = parquet.ParquetFile(path)
        schema = self._file.schema_arrow
        index = (schema.pandas_metadata or {}).get("index_columns", ())
        names, kinds = schema.names, schema.types
        self._used = [k for k, name in enumerate(names) if name not in index]
        self._types = [kinds[k] for k in self._used]
        self.names: tuple[str, ...] | None = tuple(names[k] for k in self._used)
        self.width, self.rows = len(self._used), self._file.metadata.num_rows

    def require_numbers(self, columns: Sequence[int]) -> None:
        """Turn away columns of another type than numbers and truth values."""
        from pyarrow import types

        numeric = (types.is_integer, types.is_floating, types.is_boolean, types.is_decimal)
        for k in columns:
            if not any(test(self._types[k]) for test in numeric):
                assert self.names is not None
                raise ValueError(
                    f"{self.path}, column {self.names[k]!r}: it must hold numbers, not values of "
                    f"type {self._types[k]}; to leave it out: --drop {self.names[k]}"
                )

    def chunks(self, as_text: frozenset[int] = frozenset()) -> Iterator[list[np.ndarray]]:
        """The columns, some rows at a time; numbers as they are, null as NaN or None."""
        step = max(CHUNK // max(self.width, 1), 1)
        for batch in self._file.iter_batches(batch_size=step):
            columns = batch.columns
            yield [
                _plain(columns[k], kind) for k, kind in zip(self._used, self._types, strict=True)
            ]

    def hint(self, cell: str = "") -> str:
        """Nothing: a cell of a typed column is what it is."""
        return ""


def _plain(column: Any, kind: Any) -> np.ndarray:
    """A column of a batch: numbers without nulls as they are, the rest as Python objects."""
    from pyarrow import float64, types

    if types.is_decimal(kind) or types.is_float16(kind):
        column, kind = column.cast(float64()), float64()
    if types.is_floating(kind) or (types.is_integer(kind) and not column.null_count):
        return np.asarray(column.to_numpy(zero_copy_only=False))
    if types.is_boolean(kind) and not column.null_count:
        return np.asarray(column.to_numpy(zero_copy_only=False), dtype=bool)
    found = np.empty(len(column), dtype=object)
    found[:] = column.to_pylist()
    return found
