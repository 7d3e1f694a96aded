"""Generated theorems: a statement, and a tactic that is to prove it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from kdverify.evidence.kernel import pieces
from kdverify.evidence.kernel.coqc import Checked
from kdverify.evidence.kernel.pieces import Piece


@dataclass(frozen=True)
class Theorem:
    """A statement and the tactic that is to prove it, both texts of Coq."""

    statement: str
    script: str

    @property
    def piece(self) -> Piece:
        """The theorem; that it says what is stated is checked once more after its proof."""
        text = (
            f"From KD Require Import Auto.\n"
            f"Theorem proof :\n  {self.statement}.\nProof.\n{self.script}\nQed.\n"
            f"Definition it : {self.statement}\n  := proof."
        )
        return Piece(text, ("it",))


def check(theorems: Sequence[Theorem], cached: bool) -> dict[Theorem, Checked]:
    """What the kernel says of each; see `pieces.check`."""
    answers = pieces.check([theorem.piece for theorem in theorems], cached)
    return {theorem: answers[theorem.piece] for theorem in theorems}
