"""Theorems by hand: a file of Coq beside a claim file.

``rule.v`` beside ``rule.py`` proves the claim of that file.  A comment before a theorem says
which part of the claim it covers, and what it says; a wrong variant is refuted by a theorem
that begins with ``~``::

    (** whole: n/p is at most Omega, which is below 1. *)
    Theorem omega_bounds : forall ...

    (** control of whole: 2n/p in the place of n/p. *)
    Theorem not_twice : ~ forall ...

The statement is what stands there.  A formula enters it by its name in `kdverify.formulas`,
``f.omega``, whose definition `definitions` prints from the function that the library runs.
Where a file serves several claims, the comment names the claim: ``(** 3.optimal, whole: ...``.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import ClassVar, cast

from kdverify.evidence.base import Control, Evidence
from kdverify.evidence.kernel import coqc, pieces
from kdverify.evidence.kernel.coqc import Checked
from kdverify.evidence.kernel.pieces import Piece
from kdverify.evidence.outcome import Context, Finding, Verdict

#: What the kernel said in this process of all theorems of a file.
_answers: dict[Path, Checked] = {}

_STATED = re.compile(
    r"\(\*\* (?:(?P<claim>[A-Za-z0-9]+(?:\.[A-Za-z0-9-]+)+), )?"
    r"(?P<control>control of )?(?P<part>[^:]+):\s+"
    r"(?P<note>.+?)\s*\*\)\s*(?:Theorem|Lemma)\s+(?P<name>\w+)\s*(?P<statement>.*?)\.\s*Proof\.",
    re.DOTALL,
)


_SECTION = re.compile(r"^\s*(?P<word>Section|End)\s+\w+\s*\.", re.MULTILINE)
#: What a section assumes; types alone are no premises.
_ASSUMED = re.compile(r"^\s*(?:Variable|Hypothes[ie]s|Context|Parameter|Axiom).*?\.\s", re.M | re.S)
_TYPES = re.compile(r"\s*Variables?\s+[\w\s]+:\s*\w*Type\s*\.\s")


@dataclass(frozen=True, eq=False)
class KernelTheorem(Evidence):
    """Does Coq's kernel accept the proof of a theorem that stands in a file?

    Attributes:
        file: the file, which Coq reads to its end.
        theorem: its name.
        refutes: whether it is the negation of a wrong variant.
    """

    kind: ClassVar[str] = "kernel"
    typical_seconds: ClassVar[float] = 15.0

    file: Path
    theorem: str
    refutes: bool = field(default=False, kw_only=True)

    @property
    def together(self) -> str:
        """All of a run are asked together."""
        return "theorems"

    @classmethod
    def prepare(cls, items: Sequence[Evidence], context: Context) -> None:
        """Ask the kernel about all files at once; `examine` then finds its answer."""
        files = dict.fromkeys(cast(KernelTheorem, item).file for item in items)
        _ask(list(files), context.cached)

    def examine(self, context: Context) -> Finding:
        """Let the kernel decide about the whole file."""
        coqc.version()
        if self.file not in _answers:
            _ask([self.file], context.cached)
        verdict = Verdict.REFUTED if self.refutes else Verdict.PROVED
        return coqc.finding(_answers[self.file], verdict, {"theorem": self.theorem})


def stated_in(file: Path, claim: str, claims: Sequence[str]) -> Iterator[Evidence]:
    """The evidence and the controls that a file of Coq holds for a claim, one of ``claims``.

    Raises:
        ValueError: if a control does not state a negation, a theorem stands in a section, the
            comment before it cannot be read, or does not say which of several claims is meant.
    """
    text = file.read_text()
    found = list(_STATED.finditer(text))
    if len(found) != text.count("(** "):
        raise ValueError(f"{file}: each comment (** must read PART: WORDS before a Theorem")
    for match in found:
        if _premises_around(text[: match.start()]):
            raise ValueError(
                f"{file}: {match['name']} must stand outside of sections with premises, which "
                "its words do not show"
            )
        if match["claim"] not in (claims if len(claims) > 1 else (None, *claims)):
            raise ValueError(
                f"{file}: the comment before {match['name']} must name one of the claims "
                f"{', '.join(claims)}: (** {claims[0]}, PART: WORDS"
            )
        if match["claim"] in (None, claim):
            yield _evidence(file, match)


def _premises_around(before: str) -> bool:
    """Whether a section that is open at the end of a text assumes more than types."""
    opened: list[int] = []
    for found in _SECTION.finditer(before):
        if found["word"] == "Section":
            opened.append(found.end())
        elif opened:
            opened.pop()
    assumed = _ASSUMED.findall(before[opened[0] :]) if opened else []
    return any(not _TYPES.fullmatch(one) for one in assumed)


def _evidence(file: Path, match: re.Match[str]) -> Evidence:
    name, note = match["name"], " ".join(match["note"].split()).rstrip(".")
    negated = re.match(r":\s*~", match["statement"]) is not None
    theorem = KernelTheorem(match["part"], file, name, note=note, refutes=negated)
    if not match["control"]:
        return theorem
    if not negated:
        raise ValueError(f"{file}: the control {name} must state a negation")
    return Control(theorem, note)


def _ask(files: list[Path], cached: bool) -> None:
    texts = {file: file.read_text() for file in files}
    asked = {
        file: Piece(text, tuple(match["name"] for match in _STATED.finditer(text)))
        for file, text in texts.items()
    }
    answers = pieces.check(list(asked.values()), cached)
    _answers.update({file: answers[piece] for file, piece in asked.items()})
