"""Many texts put to Coq at once, so that its libraries are loaded once; each is judged apart."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from kdverify.evidence.kernel import cache, coqc
from kdverify.evidence.kernel.coqc import Checked

_IMPORTS = re.compile(r"\s*(?:From KD Require Import [\w ]+\.\n)*")

#: Processor seconds for the libraries, and for each piece; most need a few tenths of a second.
_SECONDS, _SECONDS_EACH = 40, 20


@dataclass(frozen=True)
class Piece:
    """A text that proves theorems, and their names.

    In Coq it is the inside of a module of its own, so that it does not see other pieces.
    """

    text: str
    names: tuple[str, ...]

    @property
    def uses_mathcomp(self) -> bool:
        """Whether it, or a library of ours that it asks for, loads mathcomp."""
        texts = [self.text, *coqc.sources(self.text).values()]
        return any("From mathcomp" in text for text in texts)

    @property
    def imports(self) -> str:
        """The lines on top of it that ask for libraries of ours."""
        found = _IMPORTS.match(self.text)
        return found[0] if found else ""


def check(pieces: Sequence[Piece], cached: bool) -> dict[Piece, Checked]:
    """What the kernel says of each; one that is refused does not stop the others.

    ``cached``: whether an earlier acceptance of the same text is believed.  mathcomp changes how
    Coq reads what follows: pieces that use it are put to Coq apart.
    """
    keys = {piece: cache.key(piece.text, *piece.names) for piece in pieces}
    known = {p: found for p, key in keys.items() if cached and (found := cache.recall(key))}
    missing = [piece for piece in keys if piece not in known]
    for mathcomp in (False, True):
        group = [piece for piece in missing if piece.uses_mathcomp is mathcomp]
        group.sort(key=lambda piece: piece.imports)
        for piece, found in _together(group).items():
            known[piece] = found
            if cached:
                cache.remember(keys[piece], found)
    return known


def _together(pieces: list[Piece]) -> dict[Piece, Checked]:
    """One text for all; if it is refused, the piece in whose lines it was is left out."""
    if not pieces:
        return {}
    texts, names = _modules(pieces)
    seconds = _SECONDS + _SECONDS_EACH * len(pieces)
    answer = coqc.check("\n".join(texts), names, seconds)
    if answer.accepted or len(pieces) == 1:
        return dict.fromkeys(pieces, answer)
    place = _place(answer, texts)
    if place is None:  # a foreign axiom, or out of time: each alone
        return {p: found for piece in pieces for p, found in _together([piece]).items()}
    before, after = pieces[:place], pieces[place + 1 :]
    alone = _together([pieces[place]])  # its message then counts the lines of its own text
    return _together(before) | alone | _together(after)


def _modules(pieces: list[Piece]) -> tuple[list[str], list[str]]:
    """Each piece as a module, in one with its neighbours of the same imports; full names."""
    texts: list[str] = []
    names: list[str] = []
    group, opened = "", None
    for place, piece in enumerate(pieces):
        rest = "\n" * piece.imports.count("\n") + piece.text[len(piece.imports) :]
        text = f"Module kd_{place}.\n{rest}\nEnd kd_{place}."
        if piece.imports != opened:
            if texts:
                texts[-1] += f"\nEnd {group}."
            group, opened = f"kd_like_{place}", piece.imports
            text = f"Module {group}.\n{opened}{text}"
        texts.append(text)
        names += [f"{group}.kd_{place}.{name}" for name in piece.names]
    texts[-1] += f"\nEnd {group}."
    return texts, names


def _place(answer: Checked, texts: Sequence[str]) -> int | None:
    """Which of the texts holds the line at which Coq stopped."""
    if answer.line is None:
        return None
    line = answer.line
    for place, text in enumerate(texts):
        line -= text.count("\n") + 1
        if line <= 0:
            return place
    return None
