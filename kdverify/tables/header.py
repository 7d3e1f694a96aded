"""Whether the first row of a table names its columns."""

from __future__ import annotations

import itertools
from collections.abc import Sequence

from kdverify.tables.cells import MISSING, is_number

#: Rows below the first that the rule looks at.
LOOKED_AT = 50


def is_header(
    first: Sequence[str], below: Sequence[Sequence[str]], wanted: Sequence[str], decimal: str
) -> bool | None:
    """Whether ``first`` names the columns of the rows ``below`` it; None where both can be.

    It does where a column that is wanted has its name there, or where a text stands above a
    column without texts.  It does not where all its cells are numbers or empty, or where its
    texts stand beside numbers and above texts, or come again below.  It may or may not where it
    counts (0, 1, 2, ...) or rises while no row below does, and where new names stand above
    names.  Where the wanted name is the number of a column too, as it is called without a header,
    a first row of different cells that are not surely names may or may not.
    """
    first = [cell.strip() for cell in first]
    texts = [k for k, cell in enumerate(first) if _is_text(cell, decimal)]
    there = {name.strip() for name in wanted} & {*first}
    numbers = {str(k + 1) for k in range(len(first))}
    if there - numbers - MISSING:
        return True
    found = _by_cells(first, below, texts, decimal)
    either = there and len({*first}) == len(first)
    return None if found is False and either else found


def _by_cells(
    first: Sequence[str], below: Sequence[Sequence[str]], texts: Sequence[int], decimal: str
) -> bool | None:
    """The same by the cells alone; ``texts``: columns that have one in the first row."""
    if not texts:
        return None if _could_be_names(first, below) else False
    if not all(_has_texts(below, k, decimal) for k in texts):
        return True
    if len(texts) < len(first) and any(is_number(cell, decimal) for cell in first):
        return False
    if all(any(row[k].strip() == first[k] for row in below if len(row) > k) for k in texts):
        return False
    return None


def _is_text(cell: str, decimal: str) -> bool:
    return cell not in MISSING and not is_number(cell, decimal)


def _has_texts(rows: Sequence[Sequence[str]], k: int, decimal: str) -> bool:
    return any(len(row) > k and _is_text(row[k].strip(), decimal) for row in rows)


def _could_be_names(first: Sequence[str], below: Sequence[Sequence[str]]) -> bool:
    """Whether a row of numbers may name columns: it counts them, or rises where no other does."""
    if len(first) < 2 or not _rises(first):
        return False
    if [int(cell) for cell in first] == list(range(len(first))):
        return True
    return len(first) > 2 and not any(_rises(row) for row in below)


def _rises(cells: Sequence[str]) -> bool:
    """Whether these are whole numbers, each larger than the one before."""
    try:
        numbers = [int(cell) for cell in cells]
    except ValueError:
        return False
    return all(a < b for a, b in itertools.pairwise(numbers))
