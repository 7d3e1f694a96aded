"""JSON documents and tables of the commands.

A document is ``{"schema", "command", "settings", "rows", "formula_version", "environment"}``.
Numbers are JSON numbers; certified digits and infinities (``"inf"``) are strings.  ``null``
is a quantity that is not defined, as a risk without beta_star; the command's notes say why.
"""

from __future__ import annotations

import decimal
import math
from collections.abc import Sequence
from contextvars import ContextVar
from itertools import zip_longest
from typing import Any

import numpy as np
from rich.cells import cell_len
from rich.console import Console

from kdverify._files import write_json
from kdverify._streams import spelt
from kdverify.provenance import SCHEMA, environment, formula_version

__all__ = [
    "console",
    "document",
    "markdown_table",
    "number",
    "plain",
    "print_table",
    "quiet",
    "write_json",
]

#: Whether tables and notes are left out (``kdverify -q``).
quiet: ContextVar[bool] = ContextVar("quiet", default=False)


def document(command: str, settings: dict[str, Any], rows: list[dict[str, Any]]) -> dict[str, Any]:
    """A result with everything that is needed to know where it comes from."""
    return {
        "schema": SCHEMA,
        "command": command,
        "settings": {name: plain(value) for name, value in settings.items()},
        "rows": [{name: plain(value) for name, value in row.items()} for row in rows],
        "formula_version": formula_version(),
        "environment": environment(),
    }


def plain(value: Any) -> Any:
    """A value as JSON knows it."""
    if isinstance(value, dict):
        return {str(name): plain(item) for name, item in value.items()}
    if isinstance(value, list | tuple | np.ndarray):
        return [plain(item) for item in value]
    if isinstance(value, np.generic):
        value = value.item()
    if isinstance(value, float) and not math.isfinite(value):
        return None if math.isnan(value) else str(value)
    if value is None or isinstance(value, bool | int | float | str):
        return value
    return str(value)


def console(*results: str | None, styled: bool = False) -> Console:
    """Where tables go: standard error if one of the ``results`` takes standard output (``-``).

    ``styled`` turns rich's markup and highlighting on; the text must then be escaped.
    """
    taken = results.count("-")
    if taken > 1:
        raise ValueError("only one result must go to standard output (-)")
    return Console(
        stderr=taken == 1, quiet=quiet.get(), highlight=styled, markup=styled, emoji=False
    )


def print_table(
    header: Sequence[str], rows: Sequence[Sequence[str]], title: str, to: Console
) -> None:
    """Right-aligned columns under a title; where they do not fit, one block of lines per row."""
    title, header = spelt(title, to.encoding), [spelt(name, to.encoding) for name in header]
    rows = [[spelt(cell, to.encoding) for cell in row] for row in rows]
    to.print(title)
    heads = _head_lines(header)
    widths = [max(map(cell_len, column)) for column in zip(*heads, *rows, strict=True)]
    if sum(widths) + len(widths) - 1 > to.width:
        _print_blocks(header, rows, to)
        return
    for line in heads:
        to.out(_aligned(line, widths), style="bold", highlight=False)
    for row in rows:
        to.out(_aligned(row, widths), highlight=False)


def markdown_table(header: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    """A table for a page, as Markdown."""
    head, *body = ("| " + " | ".join(cells) + " |\n" for cells in (header, *rows))
    return "".join([head, "|---" * len(header) + "|\n", *body])


def _head_lines(header: Sequence[str]) -> list[tuple[str, ...]]:
    """The lines of the heading; names of fewer lines stand at the bottom."""
    names = [name.split("\n")[::-1] for name in header]
    return list(zip_longest(*names, fillvalue=""))[::-1]


def _aligned(cells: Sequence[str], widths: Sequence[int]) -> str:
    return " ".join(
        " " * (width - cell_len(cell)) + cell for cell, width in zip(cells, widths, strict=True)
    )


def _print_blocks(header: Sequence[str], rows: Sequence[Sequence[str]], to: Console) -> None:
    """The first cell as a heading, the others below it; no number is ever torn apart."""
    first, *names = (name.replace("\n", " ") for name in header)
    wide = max(map(cell_len, names))
    for heading, *cells in rows:
        to.out(f"{first} = {heading}", highlight=False)
        for name, cell in zip(names, cells, strict=True):
            to.out(f"  {name}{' ' * (wide - cell_len(name))}  {cell}", highlight=False)


def bounds(low: float, high: float, digits: int = 8) -> str:
    """Both ends for a table, rounded outwards: what is printed bounds too."""
    down, up = (decimal.Context(digits, mode) for mode in ("ROUND_FLOOR", "ROUND_CEILING"))
    return f"{down.create_decimal(low):g} to {up.create_decimal(high):g}"


def number(value: Any, digits: int = 6) -> str:
    """A number for a table; nothing where there is none."""
    value = math.nan if value is None else float(value)
    return "" if math.isnan(value) else f"{value:.{digits}g}"
