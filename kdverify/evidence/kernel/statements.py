"""Generated theorems: many in one text, so that Coq's libraries are loaded once."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from kdverify.evidence.kernel import cache, coqc
from kdverify.evidence.kernel.coqc import Checked

_HEAD = "From KD Require Import Auto.\n"
#: Processor seconds for the libraries, and for each theorem; most need a tenth of a second.
_SECONDS, _SECONDS_EACH = 20, 10


@dataclass(frozen=True)
class Theorem:
    """A statement and the tactic that is to prove it, both texts of Coq."""

    statement: str
    script: str

    def text(self, name: str) -> str:
        """The theorem; that it says what is stated is checked once more after its proof."""
        return (
            f"Theorem {name}_proof :\n  {self.statement}.\nProof.\n{self.script}\nQed.\n"
            f"Definition {name} : {self.statement}\n  := {name}_proof."
        )


def check(theorems: Sequence[Theorem], cached: bool) -> dict[Theorem, Checked]:
    """What the kernel says of each; one that is refused does not stop the others.

    ``cached``: whether an earlier acceptance of the same text is believed.
    """
    keys = {theorem: cache.key(_HEAD, theorem.text("it")) for theorem in theorems}
    known = {t: found for t, key in keys.items() if cached and (found := cache.recall(key))}
    for theorem, found in _together([t for t in keys if t not in known]).items():
        known[theorem] = found
        if cached:
            cache.remember(keys[theorem], found)
    return known


def _together(theorems: list[Theorem]) -> dict[Theorem, Checked]:
    """One text for all; if it is refused, the theorem in whose lines it was is left out."""
    if not theorems:
        return {}
    names = [f"kd_{place}" for place in range(len(theorems))]
    texts = [theorem.text(name) for theorem, name in zip(theorems, names, strict=True)]
    seconds = _SECONDS + _SECONDS_EACH * len(theorems)
    answer = coqc.check(_HEAD + "\n".join(texts), names, seconds)
    if answer.accepted or len(theorems) == 1:
        return dict.fromkeys(theorems, answer)
    place = _place(answer, texts)
    if place is None:  # a foreign axiom, or out of time: each alone
        return {t: found for theorem in theorems for t, found in _together([theorem]).items()}
    before, after = theorems[:place], theorems[place + 1 :]
    return _together(before) | {theorems[place]: answer} | _together(after)


def _place(answer: Checked, texts: Sequence[str]) -> int | None:
    """Which of the texts holds the line at which Coq stopped."""
    if answer.line is None:
        return None
    line = answer.line - _HEAD.count("\n")
    for place, text in enumerate(texts):
        line -= text.count("\n") + 1
        if line <= 0:
            return place
    return None
