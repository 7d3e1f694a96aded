"""Claims: a statement, the evidence for it, and the controls that keep the evidence honest."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import combinations
from pathlib import Path
from typing import Any

from kdverify.evidence.base import Control, Evidence, check_kind
from kdverify.evidence.outcome import unit_name
from kdverify.evidence.stating import Stating
from kdverify.evidence.twice import made_in_a_loop

SOURCES = ("paper", "classic", "new", "neighbouring")
EXPECTATIONS = ("stands", "refuted")
WHOLE = "whole"

#: Lists that are told of each claim that is made.
_told: list[list[Claim]] = []

_ID = re.compile(r"[A-Za-z0-9]+(\.[A-Za-z0-9]+(-[A-Za-z0-9]+)*)+")


@dataclass(frozen=True, eq=False)
class Step:
    """One line of a derivation: a sentence and, if wanted, the expression it arrives at.

    ``expression`` is a function without arguments that returns a SymPy expression, so that
    loading a claim costs nothing.
    """

    text: str
    expression: Callable[[], Any] | None = None


def check_identity(claim_id: str, source: str, expect: str) -> None:
    """Refuse an id that is not ``section.slug``, an unknown source or expectation."""
    if not isinstance(claim_id, str) or not _ID.fullmatch(claim_id):
        raise ValueError(f"id={claim_id!r} must read section.slug, such as '1.unique'")
    if source not in SOURCES:
        raise ValueError(f"source={source!r} of claim {claim_id} must be one of {SOURCES}")
    if expect not in EXPECTATIONS:
        raise ValueError(f"expect={expect!r} of claim {claim_id} must be one of {EXPECTATIONS}")


@dataclass(frozen=True)
class Entry:
    """One line of a ledger: a claim that has to be there, its source and expected outcome."""

    id: str
    source: str = "new"
    expect: str = "stands"

    def __post_init__(self) -> None:
        check_identity(self.id, self.source, self.expect)


@dataclass(frozen=True, eq=False)
class Claim(Stating):
    """A statement with at least two kinds of evidence and at least one control.

    Evidence is given to a claim by its methods (`identity`, `forall`, `limit`, `below`,
    `equal`, `enclosed`, `agreement`), so that the statement stands first and each piece of
    evidence below it, or in the lists ``evidence`` and ``controls``.  Whether there is
    enough of it is looked at when the claim is collected or run.

    Attributes:
        id: ``section.slug``.
        title: a short sentence in words.
        statement: the statement in LaTeX.
        source: ``"paper"``, ``"classic"``, ``"neighbouring"`` or, unless told, ``"new"``.
        needs: ids of the claims that this one builds on.
        parts: the parts of the statement that have to be covered; none means that the
            statement is one ``"whole"``.
        evidence, controls: what is run.
        expect: ``"stands"``, or ``"refuted"`` for a tempting false reading.
        steps: the derivation, for a reader.
        origin: the file that the claim was collected from.
    """

    id: str
    title: str
    statement: str
    source: str = "new"
    needs: Sequence[str] = ()
    parts: Sequence[str] = ()
    evidence: Sequence[Evidence] = ()
    controls: Sequence[Control] = ()
    expect: str = "stands"
    steps: Sequence[Step] = ()
    origin: Path | None = None

    def __post_init__(self) -> None:
        check_identity(self.id, self.source, self.expect)
        for name in ("needs", "parts", "evidence", "controls", "steps"):
            value = getattr(self, name)
            if isinstance(value, str):
                raise TypeError(f"{name}={value!r} of claim {self.id} must be a list")
            object.__setattr__(self, name, tuple(value))
        for name in ("title", "statement"):
            if not getattr(self, name).strip():
                raise ValueError(f"{name} of claim {self.id} must not be empty")
        self._check_references()
        self._check_kinds()
        for listed in _told:
            listed.append(self)

    def _check_references(self) -> None:
        for name in ("needs", "parts"):
            values = getattr(self, name)
            if len(set(values)) != len(values):
                raise ValueError(f"{name}={values!r} of claim {self.id} must not repeat an entry")
        if self.id in self.needs:
            raise ValueError(f"needs={self.needs!r} of claim {self.id} must not name itself")
        if WHOLE in self.parts:
            raise ValueError(
                f"parts={self.parts!r} of claim {self.id} must not contain {WHOLE!r}: it covers all"
            )

    def _check_kinds(self) -> None:
        for item in self.evidence:
            if not isinstance(item, Evidence) or isinstance(item, Control):
                raise TypeError(f"evidence of claim {self.id} must be evidence, not {item!r:.60}")
        for item in self.controls:
            if type(item) is not Control:
                raise TypeError(f"controls of claim {self.id} must be Control, not {item!r:.60}")

    def add(self, item: Evidence) -> None:
        """Give the claim one more piece of evidence, or one more control."""
        name = "controls" if isinstance(item, Control) else "evidence"
        object.__setattr__(self, name, (*getattr(self, name), item))
        self._check_kinds()
        object.__setattr__(item, "claim", self)

    def check_complete(self) -> None:
        """Refuse a claim with fewer than two kinds of evidence, no control, or an open part."""
        for each in self.checks:
            check_kind(each.evidence if isinstance(each, Control) else each)
        kinds = sorted({item.kind for item in self.evidence})
        if len(kinds) < 2:
            raise ValueError(
                f"evidence of claim {self.id} must be of at least two kinds, has {kinds}"
            )
        if not self.controls:
            raise ValueError(f"controls of claim {self.id} must hold at least one control")
        covered = {item.part for item in self.evidence}
        for one, other in combinations(self.evidence, 2):
            if made_in_a_loop(one, other):
                raise ValueError(
                    f"evidence of claim {self.id} must not be given twice: that of "
                    f"{one.part!r} and of {other.part!r} is one function with the same values; "
                    "in a loop give each its own, as an argument"
                )
        missing = [] if WHOLE in covered else [p for p in self.required if p not in covered]
        if missing:
            raise ValueError(f"parts {missing} of claim {self.id} must be covered by evidence")

    @property
    def required(self) -> tuple[str, ...]:
        """The parts that evidence has to cover."""
        return tuple(self.parts) or (WHOLE,)

    @property
    def checks(self) -> tuple[Evidence, ...]:
        """Evidence, then controls: the order in which units of work are numbered."""
        return (*self.evidence, *self.controls)

    def seeds_of(self, index: int) -> str:
        """The unit on whose name the seeds of ``checks[index]`` hang.

        That is its own; of a control, that of the evidence which was changed, so that what the
        change leaves as it is comes out the same; of draws with a name, this.
        """
        item = self.checks[index]
        of = item.of if isinstance(item, Control) else item
        place = next((k for k, e in enumerate(self.evidence) if e is of), index)
        return (of.draws if of else "") or unit_name(self.id, place)


@contextmanager
def claims_made() -> Iterator[list[Claim]]:
    """The claims that are made inside, in order."""
    made: list[Claim] = []
    _told.append(made)
    try:
        yield made
    finally:
        _told.pop()
