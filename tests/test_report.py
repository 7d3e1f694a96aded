"""The page of ``kdverify verify --html``: what it holds, and that nothing can break it."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from collections import Counter
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest
from report_samples import Page, document, shipped
from runner_samples import (
    BLIND,
    FAILING,
    MISSING,
    REFUTED,
    ROOT,
    SAMPLE,
    STANDS,
    UNDECIDED,
    claim,
)

from kdverify import verify
from kdverify.evidence import Claim
from kdverify.report import html
from kdverify.report.html import marks, mathematics, typography


@pytest.fixture(scope="module")
def ledger() -> dict[str, Any]:
    """The whole ledger with made-up outcomes; its derivations are the real ones."""
    return document(shipped())


@pytest.fixture(scope="module")
def sample() -> dict[str, Any]:
    return verify.run(verify.collect([SAMPLE]), jobs=1).to_json()


MIXED = [
    claim("stands", STANDS),
    claim("missing", MISSING),
    claim("false", REFUTED, expect="refuted"),
    claim("open", UNDECIDED),
    claim("broken", FAILING),
    claim("blind", STANDS, BLIND),
    claim("surprise", STANDS, expect="refuted"),
    claim("fallen", REFUTED),
]


@pytest.fixture(scope="module")
def mixed() -> dict[str, Any]:
    return verify.run(MIXED).to_json()


# ------------------------------------------------------------------ the page


def test_every_derivation_of_the_ledger_is_mathematics(ledger: dict[str, Any]) -> None:
    expected = {c.id: [step.expression is not None for step in c.steps] for c in shipped()}
    for entry in ledger["claims"]:
        assert [e is not None for e in entry["expressions"]] == expected[entry["id"]], entry["id"]
        for expression in filter(None, entry["expressions"]):
            assert 'class="latex"' not in mathematics.formula(expression), entry["id"]


def test_greek_in_the_packages_own_claims_only(mixed: dict[str, Any]) -> None:
    assert typography.spelled("tau <= beta*, restaurant") == "τ ≤ β*, restaurant"
    own = [dict(mixed["claims"][0], title="a beta version")]
    assert "a beta version" in Page(html.render(dict(mixed, claims=own))).text


def test_the_page_is_well_formed_and_loads_nothing(ledger: dict[str, Any]) -> None:
    text = html.render(ledger)
    page = Page(text)
    assert page.mismatched == []
    assert page.open == []
    assert [n for n, count in Counter(page.values("id")).items() if count > 1] == []
    ids = set(page.values("id"))
    for address in (*page.values("href"), *page.values("src")):
        assert address.startswith(("#", "data:")), address
        if address.startswith("#"):
            assert address[1:] in ids, address
    assert "http" not in re.sub(r"http://www\.w3\.org/[0-9A-Za-z/]+|http-equiv", "", text)


def test_headings_come_in_order(ledger: dict[str, Any]) -> None:
    levels = [
        int(tag[1]) for tag, _ in Page(html.render(ledger)).tags if re.fullmatch("h[1-6]", tag)
    ]
    assert levels[0] == 1
    assert levels.count(1) == 1
    assert all(b - a <= 1 for a, b in pairwise(levels))


def test_the_page_is_small(ledger: dict[str, Any]) -> None:
    assert len(html.render(ledger, interactive=False).encode()) < 3_000_000
    assert len(html.render(ledger, interactive=True).encode()) < 8_000_000


def test_the_page_shows_what_the_document_holds(sample: dict[str, Any]) -> None:
    text = Page(html.render(sample)).text
    for entry in sample["claims"]:
        for value in (entry["id"], entry["title"], entry["source"], entry["reproduce"]):
            assert value in text
        for words in (*entry["steps"], *entry["needs"]):
            assert words in text
        for outcome in (*entry["evidence"], *entry["controls"]):
            for value in (outcome["part"], outcome["verdict"], outcome["note"], outcome["detail"]):
                assert value in text
            for name, value in outcome["figures"].items():
                assert name in ("of", "variant") or f"{name} {typography.figure(value)}" in text
    for name, version in sample["environment"].items():
        assert f"{name} {version}" in text
    assert f"Family-wise error {typography.figure(sample['family_wise_error'])}" in text
    assert "All 3 claims came out as they should" in text
    assert "2 claims stand; 1 tempting reading is refuted, as expected." in text


def test_the_document_says_where_claims_come_from(sample: dict[str, Any]) -> None:
    ratio = next(entry for entry in sample["claims"] if entry["id"] == "1.ratio")
    file = os.path.relpath(SAMPLE / "algebra.py")
    where = file if not file.startswith("..") else str(SAMPLE / "algebra.py")
    assert ratio["origin"] == where
    assert ratio["reproduce"] == f"kdverify verify {where} -k 1.ratio"
    assert ratio["expressions"] == [r"\frac{1}{x + 1}"]
    assert [o["unit"] for o in ratio["evidence"]] == ["1.ratio#0", "1.ratio#1"]
    assert [o["unit"] for o in ratio["controls"]] == ["1.ratio#2"]


def test_a_shipped_claim_needs_no_path_and_keeps_its_level() -> None:
    from kdverify.evidence.origin import origin, reproduce
    from kdverify.evidence.outcome import LEVELS

    (wanted,) = (c for c in shipped("3.optimal") if c.id == "3.optimal")
    assert origin(wanted) == "proofs:s3_best_surrogate/optimal.py"
    assert reproduce(wanted, LEVELS["quick"]) == "kdverify verify -k 3.optimal"
    assert reproduce(wanted, LEVELS["full"]) == "kdverify verify -k 3.optimal --level full"
    assert reproduce(claim("a", STANDS), LEVELS["quick"]) is None


def test_what_fell_or_is_open_comes_first(mixed: dict[str, Any]) -> None:
    page = Page(html.render(mixed))
    claims = [a["id"] for tag, a in page.tags if tag == "article"]
    assert claims == [
        "1.fallen", "1.blind", "1.broken", "1.surprise", "1.open",
        "1.false", "1.stands", "1.missing",
    ]  # fmt: skip
    assert "5 of 8 claims need attention" in page.text
    assert "Evidence: enclosure, agreement; 1 of 1 control rejected; 1 not run" in page.text
    found = {entry["id"]: marks.mark_of(entry).word for entry in mixed["claims"]}
    assert found == {
        "1.stands": "certified",
        "1.missing": "certified",
        "1.false": "refuted, as expected",
        "1.open": "undecided",
        "1.broken": "error",
        "1.blind": "control not rejected",
        "1.surprise": "not refuted",
        "1.fallen": "refuted",
    }


def test_marks_differ_in_shape_where_they_differ_in_meaning() -> None:
    shapes = {mark.key: mark.path for mark in marks.MARKS if mark.standing}
    assert len(set(shapes.values())) == len(shapes)
    assert not {m.path for m in marks.MARKS if not m.standing} & set(shapes.values())


def test_the_text_of_a_reader_cannot_break_the_page() -> None:
    evil = "<script>alert('x')</script> & \" ' </article> {{ 7*7 }} \u202e"
    wanted = Claim(
        id="1.evil",
        title=evil,
        statement=r"\text{" + evil + "}",
        source="new",
        needs=["9.absent"],
        evidence=STANDS,
        controls=[claim("a", STANDS).controls[0]],
    )
    run = verify.run([wanted]).to_json()
    run["claims"][0]["evidence"][0] |= {"note": evil, "detail": evil, "figures": {evil: evil}}
    page = Page(html.render(run))
    assert page.mismatched == []
    assert [tag for tag, _ in page.tags].count("script") == 1
    assert page.text.count(" ".join(evil.split())) >= 5
    assert "9.absent" in page.text


def test_pictures_come_with_the_packages_claims_only(
    mixed: dict[str, Any], ledger: dict[str, Any]
) -> None:
    assert 'id="explore"' not in html.render(mixed)
    assert 'id="explore"' in html.render(mixed, interactive=True)
    assert 'id="explore"' in html.render(ledger)
    assert 'id="explore"' not in html.render(ledger, interactive=False)


def test_a_document_of_another_schema_is_refused(mixed: dict[str, Any]) -> None:
    with pytest.raises(ValueError, match="schema=99 must be 1"):
        html.render(dict(mixed, schema=99))


# ----------------------------------------------------------- the command line


def test_html_and_json_from_one_run(kdverify: Any, tmp_path: Path) -> None:
    done = kdverify(
        "verify", str(SAMPLE), "-k", "1.", "-j", "1", "--json", "a.json", "--html", "new/a.html"
    )
    assert done.code == 0
    written = json.loads((tmp_path / "a.json").read_text())
    page = (tmp_path / "new" / "a.html").read_text()
    assert page == html.render(written)
    assert [entry["id"] for entry in written["claims"]] == ["1.ratio", "1.false-reading"]
    assert sorted(f.name for f in (tmp_path / "new").iterdir()) == ["a.html"]


@pytest.mark.parametrize("path", ["-", "."])
def test_a_page_needs_a_file(kdverify: Any, path: str) -> None:
    done = kdverify("verify", str(SAMPLE), "--html", path)
    assert done.code == 2
    assert f"html='{path}' must be a file" in done.err
    assert done.out == ""


def test_a_failing_run_still_writes_its_page(tmp_path: Path) -> None:
    file = tmp_path / "claims" / "a.py"
    file.parent.mkdir()
    file.write_text(
        "from kdverify.evidence import Claim, Control, Enclosure, Identity\n"
        "below = lambda pair: Enclosure('whole', below=lambda digits: [pair])\n"
        "C = Claim(id='1.a', title='t', statement='s', source='new', evidence=[below((2, 1)),"
        "Identity('whole', lambda: (1, 1))],"
        "controls=[Control(below((2, 1)), wrong='order')])\n"
    )
    page = tmp_path / "a.html"
    assert verify.main_verify([file], jobs=1, html_path=page) == 1
    assert "1 of 1 claim needs attention" in Page(page.read_text()).text


def test_the_page_costs_nothing_until_it_is_wanted() -> None:
    code = (
        "import sys, kdverify.cli, kdverify.verify, kdverify.report.html\n"
        "heavy = {'jinja2', 'networkx', 'latex2mathml', 'markupsafe', 'sympy'}\n"
        "sys.exit(str(heavy & sys.modules.keys()) if heavy & sys.modules.keys() else 0)"
    )
    environment = os.environ | {"PYTHONPATH": str(ROOT)}
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, env=environment, check=False
    )
    assert (done.returncode, done.stderr) == (0, "")
