"""Write the tables of claims and verdicts from a run, and the links of pages to claims.

    kdverify verify --json build/verdicts.json
    python docs/tools/claims_table.py build/verdicts.json

Written anew are ``docs/claims.md``, the table of README.md between its markers, and the
targets of the claims that `LINKED_PAGES` name; without an argument only the last.  What
they say can be told from ``proofs/`` alone if all stands, so that a test notices what is stale.
"""

from __future__ import annotations

import json
import re
import sys
from collections import Counter
from collections.abc import Mapping, Sequence
from pathlib import Path

import ledger
from ledger import ROOT
from why_not import NOT_YET, WHY_NOT

from kdverify.evidence import Claim
from kdverify.evidence.claim import WHOLE
from kdverify.report.html.page import SECTIONS

CLAIMS_PAGE = ROOT / "docs" / "claims.md"
THEORY_PAGE = ROOT / "docs" / "theory.md"
#: Pages in which a claim named by its id links to its proof file.
LINKED_PAGES = [
    THEORY_PAGE,
    *(
        ROOT / "docs" / f"{name}.md"
        for name in ("regimes", "readings", "figures", "weak-to-strong")
    ),
]
README = ROOT / "README.md"
BEGIN, END = "<!-- claims: begin -->", "<!-- claims: end -->"

Verdicts = Mapping[str, str]

_ROW = re.compile(r"^\| \[`([^`]+)`\]\(.*\| \**([a-z ]+?)\**(?:, as expected)? \|$", re.MULTILINE)
#: A claim named in a page: its id as code, linked to its proof file or not yet.
NAMED = re.compile(
    r"\[`(\d+\.[a-z][a-z0-9-]*)`\]\([^)]*\)|(?<![\[`])`(\d+\.[a-z][a-z0-9-]*)`(?![\]`])"
)

_HEAD = """\
# All claims

Written by `make claims-table`, which runs `kdverify verify --json build/verdicts.json` and then
`python docs/tools/claims_table.py build/verdicts.json`; a test compares it with `proofs/`.
[What "verified" means](verification.md) explains the verdicts and the kinds of evidence. A
number before a kind counts its pieces; *refuted* is the expected outcome of a tempting false
reading. *Kernel*: what of the statement stands as a theorem of Coq beside the claim; *lemmas*,
its foralls only (at the full level). The theorems rest on the axioms of Coq's classical real
numbers, those over any field on none; a run shows the axioms beside each verdict. Sources:
*paper*, the paper states it; *classic*, older than the paper; *new*, derived for this project;
*neighbouring*, of a later paper.

"""


def verdicts_of(documents: Sequence[Path]) -> Verdicts:
    """Verdict of each claim in the documents of one or more runs of ``kdverify verify --json``.

    Raises:
        ValueError: if the runs did not cover exactly the claims of ``proofs/``, or a claim
            did not come out as expected.
    """
    found = [claim for file in documents for claim in json.loads(file.read_text())["claims"]]
    odd = {claim["id"] for claim in found} ^ {claim.id for claim in ledger.claims()}
    if odd:
        raise ValueError(f"the runs and proofs/ differ by these claims: {', '.join(sorted(odd))}")
    fallen = [claim["id"] for claim in found if not claim["as_expected"]]
    if fallen:
        raise ValueError(f"these claims did not come out as expected: {', '.join(fallen)}")
    return {claim["id"]: claim["verdict"] for claim in found}


def verdicts_on(page: str) -> Verdicts:
    """Verdict of each claim as a claims page states it."""
    return dict(_ROW.findall(page))


def claims_page(claims: Sequence[Claim], verdicts: Verdicts) -> str:
    """The page of all claims, one table per section."""
    text = _HEAD
    for number, title in SECTIONS.items():
        members = [claim for claim in claims if ledger.section(claim.id) == number]
        if not members:
            continue
        text += f"## {number}. {title}\n\n"
        text += "| claim | title | source | evidence | kernel | controls | verdict |\n"
        text += "|---|---|---|---|---|---:|---|\n"
        text += "".join(_row(claim, verdicts[claim.id]) + "\n" for claim in members) + "\n"
    return text + _not_by_the_kernel(claims, verdicts)


def _not_by_the_kernel(claims: Sequence[Claim], verdicts: Verdicts) -> str:
    """The proved claims of which no whole theorem stands in Coq, and why."""
    proved = [claim for claim in claims if verdicts[claim.id] == "proved"]
    missing = [claim.id for claim in proved if ledger.kernel(claim) != WHOLE]
    whole = len(proved) - len(missing)
    lines = [f"| `{name}` | {WHY_NOT.get(name, NOT_YET)} |" for name in missing]
    return (
        "## Proved, and not whole by the kernel\n\n"
        f"Of {len(proved)} proved claims {whole} have a theorem of Coq that says the whole"
        " statement. Of the others:\n\n| claim | what is missing |\n|---|---|\n"
        + "\n".join(lines)
        + "\n"
    )


def _row(claim: Claim, verdict: str) -> str:
    kinds = ", ".join(
        (f"{item.count} " if item.count > 1 else "") + item.kind for item in ledger.evidence(claim)
    )
    shown = f"**{verdict}**, as expected" if claim.expect == "refuted" else verdict
    cells = (
        f"[`{claim.id}`](../proofs/{ledger.proof_file(claim)})",
        claim.title.replace("|", "\\|").replace("*", "\\*"),
        claim.source,
        kinds,
        ledger.kernel(claim),
        str(len(claim.controls)),
        shown,
    )
    return f"| {' | '.join(cells)} |"


def readme_table(claims: Sequence[Claim], verdicts: Verdicts) -> str:
    """One line per section: how many claims came out how, and which were refuted."""
    lines = [
        "| section | claims | proved | certified | measured | refuted, as expected |",
        "|---|---:|---:|---:|---:|---|",
    ]
    for number, title in SECTIONS.items():
        members = [claim for claim in claims if ledger.section(claim.id) == number]
        if members:
            lines.append(_summary(f"{number}. {title}", members, verdicts))
    lines.append(_summary("all", claims, verdicts))
    return "\n".join(lines)


def _summary(name: str, claims: Sequence[Claim], verdicts: Verdicts) -> str:
    counts = Counter(verdicts[claim.id] for claim in claims)
    refuted = [claim.id for claim in claims if verdicts[claim.id] == "refuted"]
    named = str(len(refuted)) if name == "all" else ", ".join(f"`{i}`" for i in refuted)
    cells = [name, str(len(claims))]
    cells += [str(counts[kind] or "") for kind in ("proved", "certified", "measured")]
    return f"| {' | '.join([*cells, named])} |"


def with_table(readme: str, table: str) -> str:
    """The README with the table between its markers."""
    before, _, rest = readme.partition(BEGIN)
    _, _, after = rest.partition(END)
    return f"{before}{BEGIN}\n\n{table}\n\n{END}{after}"


def with_links(page: str, claims: Sequence[Claim]) -> str:
    """A page in which every claim that it names by its id links to its proof file.

    Raises:
        ValueError: for ids of which there is no claim.
    """
    files = {claim.id: ledger.proof_file(claim) for claim in claims}
    unknown = sorted(set(named_on(page)) - files.keys())
    if unknown:
        raise ValueError(f"there are no claims {', '.join(unknown)}")

    def linked(match: re.Match[str]) -> str:
        name = match[1] or match[2]
        return f"[`{name}`](../proofs/{files[name]})"

    return NAMED.sub(linked, page)


def named_on(page: str) -> list[str]:
    """Ids of the claims that a page names, in order."""
    return [first or second for first, second in NAMED.findall(page)]


def main(arguments: Sequence[str]) -> int:
    """Write the tables from the documents of runs, if any are given, and the links."""
    claims = ledger.claims()
    if arguments:
        try:
            verdicts = verdicts_of([Path(argument) for argument in arguments])
        except (OSError, ValueError) as error:
            print(f"claims_table: {error}", file=sys.stderr)
            return 1
        CLAIMS_PAGE.write_text(claims_page(claims, verdicts))
        README.write_text(with_table(README.read_text(), readme_table(claims, verdicts)))
    for page in LINKED_PAGES:
        page.write_text(with_links(page.read_text(), claims))
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
