"""For the tests of the page: documents of runs, outcomes made up without running; a reader."""

from __future__ import annotations

from collections.abc import Sequence
from html.parser import HTMLParser
from typing import Any

from kdverify import _locate, verify
from kdverify.evidence import Claim
from kdverify.evidence.outcome import LEVELS, Figures, Outcome, Verdict
from kdverify.evidence.results import ClaimResult, Report

VERDICTS = {
    "kernel": Verdict.PROVED,
    "identity": Verdict.PROVED,
    "forall": Verdict.PROVED,
    "limit": Verdict.PROVED,
    "enclosure": Verdict.CERTIFIED,
    "agreement": Verdict.MEASURED,
}
FIGURES: dict[str, Figures] = {
    "agreement": {
        "entries": 12,
        "worst": "risk[3]",
        "estimate": 0.1196,
        "theory": 0.1194,
        "standard error": 0.0001,
        "band": 0.0012,
        "used": 0.61,
        "error rate": 2.1e-6,
    },
    "forall": {"z3": "unsat", "cvc5": "unsat"},
    "enclosure": {"pairs": 12, "relative width": 3.1e-31, "digits asked": 26},
}


def shipped(word: str = "") -> list[Claim]:
    """The package's own claims whose id begins with ``word``."""
    claims = verify.collect([_locate.folder("proofs")])
    return [claim for claim in claims if claim.id.startswith(word)]


def as_expected(claims: Sequence[Claim]) -> Report:
    """A report in which every claim came out as it should."""
    return Report(tuple(map(_result, claims)), LEVELS["quick"], 61.5)


def _result(claim: Claim) -> ClaimResult:
    evidence = [
        Outcome(e.kind, e.part, VERDICTS[e.kind], FIGURES.get(e.kind, {}), "", 0.25, e.note)
        for e in claim.evidence
    ]
    if claim.expect == "refuted":
        first = claim.evidence[0]
        at: Figures = {"at": "x = 1/2"}
        evidence[0] = Outcome(first.kind, first.part, Verdict.REFUTED, at, "the sides differ", 0.2)
    controls = [
        Outcome("control", c.part, Verdict.REJECTED, {"of": c.evidence.kind}, "", 0.1, c.note)
        for c in claim.controls
    ]
    return ClaimResult(claim, tuple(evidence), tuple(controls))


def document(claims: Sequence[Claim]) -> dict[str, Any]:
    """The JSON document of `as_expected`."""
    return as_expected(claims).to_json()


class Page(HTMLParser):
    """What the tests look at: tags with their attributes, headings, text."""

    VOID = frozenset({"meta", "link", "input", "img", "br"})

    def __init__(self, text: str) -> None:
        super().__init__()
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.open: list[str] = []
        self.mismatched: list[str] = []
        self.words: list[str] = []
        self.feed(text)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))
        if tag not in self.VOID:
            self.open.append(tag)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))

    def handle_endtag(self, tag: str) -> None:
        if not self.open or self.open.pop() != tag:
            self.mismatched.append(tag)

    def handle_data(self, data: str) -> None:
        if self.open and self.open[-1] not in ("script", "style"):
            self.words.append(data)

    @property
    def text(self) -> str:
        return " ".join(" ".join(self.words).split())

    def values(self, name: str) -> list[str]:
        return [attributes[name] or "" for _, attributes in self.tags if name in attributes]
