"""How results look: a short line, a table in a notebook, a data frame."""

from __future__ import annotations

import html
from collections.abc import Iterator
from dataclasses import fields, is_dataclass
from fractions import Fraction
from itertools import islice
from typing import Any

import numpy as np

from kdverify.extras import needed_for

#: Rows of a table in a notebook, fields of a short line, and entries of an array in it.
MOST_ROWS, MOST_FIELDS, MOST_ENTRIES = 60, 5, 3


class Shown:
    """A result: mixed into a dataclass with ``repr=False``."""

    def records(self) -> Iterator[dict[str, Any]]:
        """Flat records: one for each entry of the vectors, or one of the single numbers.

        Of the vectors those count that are as long as the first; arrays of other shapes are
        left out.
        """
        values = dict(_fields(self))
        vectors = {
            name: value
            for name, value in values.items()
            if isinstance(value, np.ndarray) and value.ndim == 1
        }
        length = len(next(iter(vectors.values()))) if vectors else None
        columns = {name: value for name, value in vectors.items() if len(value) == length}
        single = {name: _plain(value) for name, value in values.items() if _is_single(value)}
        if length is None:
            yield single
        for place in range(length or 0):
            yield {name: _plain(value[place]) for name, value in columns.items()}

    def to_frame(self) -> Any:
        """A pandas DataFrame of `records` (extra ``tables``)."""
        with needed_for("to_frame()"):
            import pandas
        return pandas.DataFrame(list(self.records()))

    def __repr__(self) -> str:
        parts = [f"{name}={_short(value)}" for name, value in _fields(self) if value is not None]
        more = ", ..." if len(parts) > MOST_FIELDS else ""
        return f"{type(self).__name__}({', '.join(parts[:MOST_FIELDS])}{more})"

    def _repr_html_(self) -> str:
        rows = list(islice(self.records(), MOST_ROWS + 1))
        names = list(dict.fromkeys(name for row in rows for name in row))
        head = "".join(f"<th>{html.escape(name)}</th>" for name in names)
        body = "".join(
            "<tr>"
            + "".join(f"<td>{html.escape(_cell(row.get(name)))}</td>" for name in names)
            + "</tr>"
            for row in rows[:MOST_ROWS]
        )
        title = html.escape(type(self).__name__)
        if len(rows) > MOST_ROWS:
            title += f", the first {MOST_ROWS} rows"
        return (
            f"<table><caption>{title}</caption><thead><tr>{head}</tr></thead>"
            f"<tbody>{body}</tbody></table>"
        )


def _fields(result: Any) -> Iterator[tuple[str, Any]]:
    """The fields of a dataclass that are to be seen."""
    for one in fields(result):
        if one.repr and not one.name.startswith("_"):
            yield one.name, getattr(result, one.name)


def _is_single(value: Any) -> bool:
    return isinstance(value, str) or not (hasattr(value, "__len__") or is_dataclass(value))


def _plain(value: Any) -> Any:
    return value.item() if isinstance(value, np.generic) else value


def _cell(value: Any) -> str:
    if value is None:
        return ""
    return f"{value:.4g}" if isinstance(value, float) else str(value)


def _short(value: Any) -> str:
    """A value in a few letters."""
    value = _plain(value)
    if isinstance(value, bool | int | Fraction):
        return str(value)
    if isinstance(value, float):
        return f"{value:.6g}"
    if isinstance(value, str):
        return repr(value if len(value) <= 40 else value[:37] + "...")
    if isinstance(value, dict):
        return f"{{{', '.join(map(str, value))}}}"
    if isinstance(value, np.ndarray | list | tuple):
        return _short_array(value)
    text = str(value)
    return text if len(text) <= 60 and "\n" not in text else f"<{type(value).__name__}>"


def _short_array(values: Any) -> str:
    if np.ndim(values) != 1 or len(values) == 0:
        shape = np.shape(values)
        return f"array of shape {shape}" if len(shape) > 1 else "[]"
    if len(values) <= MOST_ENTRIES:
        return f"[{', '.join(map(_short, values))}]"
    return f"[{_short(values[0])}, ..., {_short(values[-1])}] ({len(values)})"
