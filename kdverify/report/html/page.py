"""The page of a run: what the templates show, made from the JSON document."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cached_property
from importlib import resources
from typing import TYPE_CHECKING, Any

from kdverify.evidence.origin import SHIPPED
from kdverify.evidence.outcome import LEVELS
from kdverify.provenance import SCHEMA
from kdverify.report.html import bands, graph, javascript, marks, mathematics, typography
from kdverify.report.html import pictures as shipped_pictures

if TYPE_CHECKING:
    import jinja2

SECTIONS = {
    "1": "The fixed point",
    "2": "Model shift: the risk for a given surrogate",
    "3": "The best surrogate",
    "4": "The best mask",
    "5": "The scaling law",
    "6": "Two stages",
    "7": "Concentration and universality",
    "8": "The numbers of figure 1a",
    "9": "Rows as they are: real features",
    "10": "Two students that share data",
    "11": "Labels of several kinds in one training set",
    "12": "Random features",
    "13": "Labels that one does not have",
    "14": "Small exact facts",
    "15": "How far off at finite n",
    "16": "Kernels on known domains",
}
SOURCES = {
    "paper": "the paper states it",
    "classic": "older than the paper",
    "new": "derived for this project",
    "neighbouring": "of a later paper",
}
KINDS = {
    "identity": "two expressions are equal: SymPy, on symbols",
    "forall": "no counterexample exists: Z3 and cvc5 both say so",
    "kernel": "it has a proof, or a counterexample, that Coq's kernel has checked",
    "limit": "it tends there: SymPy, beside distances that shrink",
    "enclosure": "numbers lie in order or agree: ball arithmetic",
    "agreement": "simulation agrees with theory: an equivalence test",
}
SCRIPTS = ("report.js",)
INTERACTIVE_SCRIPTS = ("solver.js", "chart.js", "explore.js")


@dataclass(frozen=True, eq=False)
class Claim:
    """A claim of the document with what the page adds to it."""

    data: dict[str, Any]
    carries: tuple[str, ...]
    present: frozenset[str]
    pictures: tuple[str, ...]

    @property
    def id(self) -> str:
        """The claim's id, which is also its fragment in the page's address."""
        return str(self.data["id"])

    @cached_property
    def mark(self) -> marks.Mark:
        """How it came out."""
        return marks.mark_of(self.data)

    @property
    def shipped(self) -> bool:
        """Whether it comes with the package."""
        return str(self.data["origin"] or "").startswith(SHIPPED)

    def text(self, plain: str) -> str:
        """A text of the claim; Greek letters and signs are set in the package's own claims."""
        return typography.spelled(plain) if self.shipped else plain

    @property
    def statement(self) -> Any:
        """The statement as mathematics."""
        return mathematics.formula(self.data["statement"])

    @property
    def steps(self) -> list[tuple[str, Any]]:
        """The derivation: each sentence with its expression as mathematics, or None."""
        pairs = zip(self.data["steps"], self.data["expressions"], strict=True)
        return [
            (self.text(text), None if latex is None else mathematics.formula(latex))
            for text, latex in pairs
        ]

    @property
    def needs(self) -> list[str]:
        """Ids of the claims that it builds on."""
        return list(self.data["needs"])

    @property
    def measured_below(self) -> list[str]:
        """Ids of measured claims that a proved or certified one rests on, however far below."""
        return list(self.data.get("rests_on_measured", []))

    @property
    def open_below(self) -> list[str]:
        """Ids of claims that do not stand and that one which stands rests on."""
        return list(self.data.get("rests_on_open", []))

    @property
    def kinds(self) -> str:
        """Its evidence in a few words: each kind, with a number where there are several."""
        counts = Counter(item["kind"] for item in self.data["evidence"])
        return ", ".join(kind if n == 1 else f"{n} {kind}" for kind, n in counts.items())

    @property
    def unrun(self) -> int:
        """Number of pieces of evidence and controls that were not run."""
        outcomes = [*self.data["evidence"], *self.data["controls"]]
        return sum(outcome["verdict"] == "not run" for outcome in outcomes)

    @property
    def rejected(self) -> int:
        """Number of its controls that were rejected."""
        return sum(control["verdict"] == "rejected" for control in self.data["controls"])


@dataclass(frozen=True)
class Group:
    """Claims under one heading."""

    key: str
    title: str
    words: str
    claims: tuple[Claim, ...]


def page(document: dict[str, Any], interactive: bool | None) -> str:
    """The page of a document; see `kdverify.report.html.render`."""
    if document.get("schema") != SCHEMA:
        raise ValueError(f"schema={document.get('schema')!r} must be {SCHEMA}: run verify again")
    found = shipped_pictures.pictures(claim["id"] for claim in _shipped(document))
    claims = _claims(document["claims"], found)
    if interactive is None:
        interactive = any(claim.shipped for claim in claims)
    return (
        _templates()
        .get_template("report.html.j2")
        .render(
            document=document,
            level=LEVELS.get(document["level"]),
            claims=claims,
            groups=_groups(claims),
            tally=_tally(claims),
            evidence=_evidence(document["claims"]),
            controls=[item for claim in document["claims"] for item in claim["controls"]],
            picture=graph.draw({claim.id: claim.needs for claim in claims}),
            by_id={claim.id: claim for claim in claims},
            pictures=found,
            interactive=interactive,
            style=_asset("report.css"),
            scripts=_scripts(interactive),
            sources=SOURCES,
            kinds=KINDS,
        )
    )


def _shipped(document: dict[str, Any]) -> list[dict[str, Any]]:
    return [c for c in document["claims"] if str(c["origin"] or "").startswith(SHIPPED)]


def _claims(
    entries: list[dict[str, Any]], found: Iterable[shipped_pictures.Picture]
) -> list[Claim]:
    carries: dict[str, list[str]] = {entry["id"]: [] for entry in entries}
    for entry in entries:
        for need in entry["needs"]:
            if need in carries:
                carries[need].append(entry["id"])
    shown: dict[str, list[str]] = {}
    for picture in found:
        for claim in picture.claims:
            shown.setdefault(claim, []).append(picture.name)
    present = frozenset(carries)
    return [
        Claim(e, tuple(carries[e["id"]]), present, tuple(shown.get(e["id"], ()))) for e in entries
    ]


def _groups(claims: list[Claim]) -> list[Group]:
    """What a reader has to see first: what fell or is open, then false readings, then the rest."""
    order = [mark.key for mark in marks.MARKS]
    open_claims = sorted(
        (c for c in claims if not c.mark.standing), key=lambda c: order.index(c.mark.key)
    )
    fallen = [c for c in claims if c.mark.key == "fallen"]
    groups = [
        Group("attention", "What needs attention", "Fallen, open or not run.", tuple(open_claims)),
        Group(
            "readings",
            "False readings, refuted as expected",
            "Tempting readings that the run has to refute, and does.",
            tuple(fallen),
        ),
    ]
    standing: dict[str, list[Claim]] = {}
    for claim in claims:
        if claim.mark.standing and claim.mark.key != "fallen":
            standing.setdefault(claim.id.partition(".")[0], []).append(claim)
    for section, members in standing.items():
        named = SECTIONS.get(section) if members[0].shipped else None
        title = f"{section}. {named}" if named else f"Section {section}"
        groups.append(Group(f"section-{section}", title, "", tuple(members)))
    return [group for group in groups if group.claims]


def _tally(claims: list[Claim]) -> list[tuple[marks.Mark, int]]:
    """How many claims came out how; what stands first, strongest first."""
    counts = Counter(claim.mark.key for claim in claims)
    strength = ("proved", "certified", "measured", "fallen")
    keys = [*strength, *(mark.key for mark in marks.MARKS if mark.key not in strength)]
    return [(marks.BY_KEY[key], counts[key]) for key in keys if counts[key]]


def _evidence(entries: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """One row per kind of evidence: its pieces, the claims that it serves, the outcomes."""
    rows = {kind: _row(kind, words) for kind, words in KINDS.items()}
    for entry in entries:
        for item in entry["evidence"]:
            row = rows.setdefault(item["kind"], _row(item["kind"], ""))
            row["pieces"] += 1
            row["claims"].add(entry["id"])
            expected = entry["as_expected"] and item["verdict"] == "refuted"
            row["outcomes"]["refuted, as expected" if expected else item["verdict"]] += 1
    return [row for row in rows.values() if row["pieces"]]


def _row(kind: str, words: str) -> dict[str, Any]:
    return {"kind": kind, "words": words, "pieces": 0, "claims": set(), "outcomes": Counter()}


def _scripts(interactive: bool) -> str:
    parts = [_asset(name) for name in SCRIPTS]
    if interactive:
        parts += [javascript.script(), *map(_asset, INTERACTIVE_SCRIPTS)]
    return "\n".join(parts)


def _asset(name: str) -> str:
    folder = resources.files("kdverify.report.html") / "assets"
    return (folder / name).read_text(encoding="utf-8")


def _templates() -> jinja2.Environment:
    import jinja2

    environment = jinja2.Environment(
        loader=jinja2.PackageLoader("kdverify.report.html"),
        autoescape=True,
        undefined=jinja2.StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters |= {
        "figure": typography.figure,
        "duration": typography.duration,
        "counted": typography.counted,
        "outcome_key": marks.outcome_key,
        "strip": bands.strip,
    }
    environment.globals |= {"MARKS": marks.BY_KEY}
    return environment
