"""How a claim came out, as the page shows it: a word, a colour class and a shape.

The shape says what the colour says, so that the page can be read without colour.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True)
class Mark:
    """One way in which a claim can come out.

    Attributes:
        key: names the colour in the style sheet.
        word: for the reader.
        path: the shape, as an SVG path around the origin, 7 units in radius.
        meaning: one sentence for the legend.
        standing: whether the claim came out as it should.
    """

    key: str
    word: str
    path: str
    meaning: str
    standing: bool = False


_CIRCLE = "M-6,0a6,6 0 1,0 12,0a6,6 0 1,0 -12,0z"
_DIAMOND = "M0,-7.5L7.5,0L0,7.5L-7.5,0z"
_TRIANGLE = "M0,-7L7,5.5L-7,5.5z"
_CROSS = (
    "M-6.5,-3.5L-3.5,-6.5L0,-3L3.5,-6.5L6.5,-3.5L3,0L6.5,3.5L3.5,6.5L0,3L-3.5,6.5L-6.5,3.5L-3,0z"
)
_STRUCK = "M-6,-6H6V6H-6zM-3.5,3.5L3.5,-3.5"
_OCTAGON = "M-3,-7H3L7,-3V3L3,7H-3L-7,3V-3z"
_SQUARE = "M-6,-6H6V6H-6z"
_RING = "M-6,0a6,6 0 1,0 12,0a6,6 0 1,0 -12,0zM-2.5,0H2.5"

#: In the order in which a reader has to see them.
MARKS = (
    Mark("refuted", "refuted", _CROSS, "a counterexample was found"),
    Mark("unnoticed", "control not rejected", _OCTAGON, "a check did not notice a wrong formula"),
    Mark("error", "error", _OCTAGON, "the check itself broke"),
    Mark("unexpected", "not refuted", _CROSS, "expected to be refuted, and was not"),
    Mark("undecided", "undecided", _RING, "too wide, too few trials or out of resources"),
    Mark("missing", "not run", _SQUARE, "data, an extra or hardware is missing"),
    Mark(
        "fallen",
        "refuted, as expected",
        _STRUCK,
        "a tempting reading that is false, with its counterexample",
        standing=True,
    ),
    Mark(
        "proved",
        "proved",
        _CIRCLE,
        "by symbolic algebra or by two decision procedures, for all admissible values",
        standing=True,
    ),
    Mark(
        "certified", "certified", _DIAMOND, "by ball arithmetic, with error bounds", standing=True
    ),
    Mark(
        "measured",
        "measured",
        _TRIANGLE,
        "by an equivalence test on simulations, at the stated error rate",
        standing=True,
    ),
)
BY_KEY = {mark.key: mark for mark in MARKS}
_BY_VERDICT = {
    "refuted": "refuted",
    "not rejected": "unnoticed",
    "error": "error",
    "undecided": "undecided",
    "not run": "missing",
    "proved": "proved",
    "certified": "certified",
    "measured": "measured",
    "refuted, as expected": "fallen",
}


def mark_of(claim: dict[str, Any]) -> Mark:
    """The mark of a claim of the JSON document."""
    if claim["expect"] == "refuted":
        if claim["as_expected"]:
            return BY_KEY["fallen"]
        if claim["verdict"] in ("proved", "certified", "measured"):
            return BY_KEY["unexpected"]
        if claim["verdict"] == "refuted":  # by the evidence, but no control has spoken
            return BY_KEY["missing"]
    return BY_KEY[_BY_VERDICT[claim["verdict"]]]


def outcome_key(verdict: str) -> str:
    """The colour class of one piece of evidence or of a control."""
    return "rejected" if verdict == "rejected" else _BY_VERDICT[verdict]
