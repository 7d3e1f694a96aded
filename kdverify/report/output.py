"""JSON documents and tables of the commands.

A document is ``{"schema", "command", "settings", "rows", "formula_version", "environment"}``.
Numbers are JSON numbers; certified digits and numbers that are not finite are strings
(``"inf"``, ``"nan"``).
"""

from __future__ import annotations

import json
import math
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
from rich.console import Console
from rich.table import Table

from kdverify._files import write_text
from kdverify.provenance import SCHEMA, environment, formula_version


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


def write_json(content: dict[str, Any], path: str) -> None:
    """Write atomically to a file, or to standard output where ``path`` is ``-``."""
    text = json.dumps(content, indent=2, ensure_ascii=False, allow_nan=False) + "\n"
    if path == "-":
        sys.stdout.write(text)
    else:
        write_text(Path(path), text)


def plain(value: Any) -> Any:
    """A value as JSON knows it."""
    if isinstance(value, dict):
        return {str(name): plain(item) for name, item in value.items()}
    if isinstance(value, list | tuple | np.ndarray):
        return [plain(item) for item in value]
    if isinstance(value, np.generic):
        value = value.item()
    if isinstance(value, float) and not math.isfinite(value):
        return str(value)
    if value is None or isinstance(value, bool | int | float | str):
        return value
    return str(value)


def console(json_path: str | None) -> Console:
    """Where tables go: standard error if the JSON document takes standard output."""
    return Console(stderr=json_path == "-", highlight=False)


def print_table(
    header: Sequence[str], rows: Sequence[Sequence[str]], title: str, to: Console
) -> None:
    """Right-aligned columns under a title; cells fold rather than vanish."""
    table = Table(title=title, title_justify="left", box=None, pad_edge=False, padding=(0, 1, 0, 0))
    for name in header:
        table.add_column(name, justify="right", overflow="fold")
    for row in rows:
        table.add_row(*row)
    to.print(table)


def number(value: Any, digits: int = 6) -> str:
    """A number for a table; nothing for NaN."""
    value = float(value)
    return "" if math.isnan(value) else f"{value:.{digits}g}"
