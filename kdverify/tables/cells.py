"""What a cell of a table says: a number, a truth value, a name, or nothing."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Any

import numpy as np

from kdverify import checks
from kdverify.checks.frames import MISSING

TRUTH = {"True": 1.0, "true": 1.0, "TRUE": 1.0, "False": 0.0, "false": 0.0, "FALSE": 0.0}
_NUMBER = re.compile(r"[+-]?((\d+\.?\d*|\.\d+)([eE][+-]?\d+)?|inf|infinity)", re.ASCII | re.I)
_WHOLE = re.compile(r"[+-]?\d+", re.ASCII)
#: Separators of thousands, and decimal commas.
SEPARATORS = ",'\u2019\u00a0\u202f"
#: Names that some programs write for nothing, beside those of `MISSING`.
DOUBTFUL = frozenset({"?", ".", "--", "n.a.", "na", "none", "nil", "missing", "unknown"})
_LEADING_ZERO = re.compile(r"[+-]?0\d")
#: Whole numbers beyond these are identifiers, not quantities.
LARGEST_WHOLE, SMALLEST_WHOLE = 2**63 - 1, -(2**63)
#: Beyond it not every whole number is a double.
EXACT_WHOLE = 2**53


def is_number(text: str, decimal: str = ".") -> bool:
    """Whether a text is a number (infinities are; NaN says that there is none)."""
    return number(text, decimal) is not None


def number(text: str, decimal: str = ".") -> float | None:
    """The number that a text spells with this decimal mark, or None."""
    text = text.strip()
    if decimal != ".":
        if "." in text:
            return None
        text = text.replace(decimal, ".")
    return float(text) if _NUMBER.fullmatch(text) else None


def is_whole(text: str) -> bool:
    """Whether a text is a sign, perhaps, and digits."""
    return _WHOLE.fullmatch(text.strip()) is not None


def is_identifier(text: str) -> bool:
    """Whether a text is a whole number that no 64-bit integer holds."""
    digits = text.strip().lstrip("+-0")
    long = len(digits) > len(str(LARGEST_WHOLE))
    return is_whole(text) and (long or not SMALLEST_WHOLE <= int(text) <= LARGEST_WHOLE)


def is_rounded(text: str) -> bool:
    """Whether a text is a whole number that double precision may round."""
    return is_whole(text) and abs(int(text)) > EXACT_WHOLE


def is_grouped(text: str, decimal: str = ".") -> bool:
    """Whether a text is a number with another decimal mark, or with separators of thousands."""
    bare = text.translate(dict.fromkeys(map(ord, SEPARATORS)))
    commas = text.replace(".", "")
    return not is_number(text, decimal) and (is_number(bare) or is_number(commas, ","))


def doubts(labels: np.ndarray) -> list[str]:
    """Notes on names among labels (N,) that may stand for no label, or for a number."""
    if labels.dtype.kind not in "OU" or labels.ndim != 1:
        return []
    names = dict.fromkeys(text.strip() for text in labels.tolist() if isinstance(text, str))
    others = [name for name in names if not is_number(name)]
    option = "for rows without a label: --unlabelled"
    if 0 < len(others) < len(names):
        shown = checks.shortened(repr(others[0]), 30)
        return [f"labels are numbers and names, such as {shown}: all are read as names ({option})"]
    strange = [repr(name) for name in names if name.casefold() in DOUBTFUL]
    return [
        f"the label {name} is read as the name of a class ({option} {name})" for name in strange
    ]


def typed(texts: Sequence[str], decimal: str = ".") -> np.ndarray:
    """Texts as what all of them are: integers, real numbers, truth values, or else names.

    Where a text is missing the array is real with NaN, or of objects with None.  Whole numbers
    of more than 64 bits, or of which one has a leading zero, are names.
    """
    said = {text: text.strip() for text in set(texts)}
    distinct = {text for text in said.values() if text not in MISSING}
    values: dict[str, Any]
    if all(is_whole(text) for text in distinct):
        named = any(is_identifier(text) or _LEADING_ZERO.match(text) for text in distinct)
        values = {text: text if named else int(text) for text in distinct}
    elif all(is_number(text, decimal) for text in distinct):
        values = {text: number(text, decimal) for text in distinct}
        return np.array([values.get(said[text], np.nan) for text in texts])
    elif distinct <= TRUTH.keys():
        values = {text: bool(TRUTH[text]) for text in distinct}
    else:
        values = {text: text for text in distinct}
    found = [values.get(said[text]) for text in texts]
    return np.array(found, dtype=object if None in found else None)
