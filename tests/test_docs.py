"""The site: it builds without warnings, opens with no network, and says what proofs/ says."""

from __future__ import annotations

import importlib
import inspect
import re
import shutil
import subprocess
import sys
from html.parser import HTMLParser
from pathlib import Path

import pytest
from command_line import HANGS

import kdverify
from kdverify.evidence import Verdict

ROOT = Path(__file__).resolve().parent.parent
DOCS = ROOT / "docs"
sys.path.insert(0, str(DOCS / "tools"))

import claims_table  # noqa: E402 - after its folder was made known
import generated  # noqa: E402 - after its folder was made known
import ledger  # noqa: E402 - after its folder was made known
import mathml  # noqa: E402 - after its folder was made known

# ----------------------------------------------------- the pages against proofs/


def test_every_claim_is_named_by_the_theory_page():
    named = set(claims_table.named_on(claims_table.THEORY_PAGE.read_text()))
    missing = [claim.id for claim in ledger.claims() if claim.id not in named]
    assert missing == [], f"docs/theory.md must name these claims, as `ID`: {missing}"


@pytest.mark.parametrize("page", sorted(DOCS.glob("*.md")), ids=lambda page: page.name)
def test_every_claim_that_a_page_names_exists(page):
    known = {claim.id for claim in ledger.claims()}
    assert set(claims_table.named_on(page.read_text())) <= known


@pytest.mark.parametrize("page", claims_table.LINKED_PAGES, ids=lambda page: page.name)
def test_claims_link_to_their_files(page):
    text = page.read_text()
    assert text == claims_table.with_links(text, ledger.claims()), (
        "run python docs/tools/claims_table.py"
    )


def test_links_to_claims_are_made_and_corrected():
    claim = ledger.claims()[0]
    link = f"[`{claim.id}`](../proofs/{ledger.proof_file(claim)})"
    for text in (f"`{claim.id}`", f"[`{claim.id}`](../proofs/moved.py)", link):
        assert claims_table.with_links(f"Claims: {text}.", [claim]) == f"Claims: {link}."
    with pytest.raises(ValueError, match=r"no claims 1\.nothing"):
        claims_table.with_links("`1.nothing`", [claim])


STANDS_AS = {
    "identity": Verdict.PROVED,
    "limit": Verdict.PROVED,
    "forall": Verdict.PROVED,
    "kernel": Verdict.PROVED,
    "enclosure": Verdict.CERTIFIED,
    "agreement": Verdict.MEASURED,
}
STRENGTH = [Verdict.PROVED, Verdict.CERTIFIED, Verdict.MEASURED]


def verdict_if_all_stands(claim) -> str:
    """The weakest part, each as strong as the strongest evidence that covers it."""
    if claim.expect == "refuted":
        return "refuted"

    def of_part(part):
        covering = [e for e in claim.evidence if e.part in (part, "whole")]
        return min((STANDS_AS[e.kind] for e in covering), key=STRENGTH.index)

    return max(map(of_part, claim.required), key=STRENGTH.index).value


def test_the_tables_of_claims_are_fresh():
    page = claims_table.CLAIMS_PAGE.read_text()
    verdicts = claims_table.verdicts_on(page)
    claims = ledger.claims()
    advice = "stale: run make claims-table"
    assert list(verdicts) == [claim.id for claim in claims], advice
    assert verdicts == {claim.id: verdict_if_all_stands(claim) for claim in claims}, advice
    assert page == claims_table.claims_page(claims, verdicts), advice
    readme = (ROOT / "README.md").read_text()
    assert readme == claims_table.with_table(readme, claims_table.readme_table(claims, verdicts)), (
        advice
    )


# -------------------------------------------------------------------- mathematics


def test_formulas_become_mathml():
    shown = mathml.to_mathml(r"\frac{\Omega}{1-\Omega} < 1/2")
    assert shown.startswith("<math ")
    assert "<mfrac>" in shown
    assert '<mi mathvariant="normal">&#x003A9;</mi>' in shown
    assert "(3)" in mathml.displayed(r"x \tag{3}")
    with pytest.raises(mathml.UnknownCommand, match="frobnicate"):
        mathml.to_mathml(r"\frobnicate x")


def test_dollars_in_code_and_prices_are_left_alone():
    markdown = pytest.importorskip("markdown", reason="not run: no extra docs")
    convert = markdown.Markdown(extensions=[mathml.MathML()]).convert
    assert convert(r"$x_i$ and `$y$`").count("<math") == 1
    assert "<math" not in convert("from 5$ to 6$ or $ 7 $")


# ----------------------------------------------------------------------- the site


@pytest.fixture(scope="module")
def site(tmp_path_factory) -> Path:
    folder = tmp_path_factory.mktemp("site")
    finished = subprocess.run(
        [sys.executable, "-m", "mkdocs", "build", "--strict", "--site-dir", folder],
        cwd=ROOT,
        capture_output=True,
        text=True,
        timeout=HANGS,
        check=False,
    )
    assert finished.returncode == 0, finished.stdout + finished.stderr
    return folder


class Links(HTMLParser):
    """What a browser loads to show a page, and the page's ids and text."""

    def __init__(self, page: Path) -> None:
        super().__init__()
        self.loaded: list[str] = []
        self.ids: set[str] = set()
        self.hidden = 0
        self.text = ""
        self.feed(page.read_text())

    def handle_starttag(self, tag, attrs):
        values = dict(attrs)
        self.ids.add(values.get("id") or "")
        self.hidden += tag in ("pre", "code", "script", "style")
        if tag in ("script", "img", "iframe", "source") or (
            tag == "link" and values.get("rel") in ("stylesheet", "icon", "preconnect", "preload")
        ):
            self.loaded.append(values.get("src") or values.get("href") or "")

    def handle_endtag(self, tag):
        self.hidden -= tag in ("pre", "code", "script", "style")

    def handle_data(self, data):
        if not self.hidden:
            self.text += data


def test_nothing_is_loaded_from_elsewhere(site):
    pages = sorted(site.glob("**/*.html"))
    assert len(pages) > 50
    elsewhere = re.compile(r"^(?:[a-z]+:)?//")
    found = {url for page in pages for url in Links(page).loaded if elsewhere.match(url)}
    assert found == set()
    for sheet in site.glob("**/*.css"):
        assert not re.search(r"(?:@import|url\()\s*[\"']?(?:https?:)?//", sheet.read_text())


def test_no_latex_is_left(site):
    for page in (*site.glob("*.html"), *site.glob("claims/*.html")):
        left = re.findall(r"\\[a-z]+\b|\$[^$\n]{1,80}\$", Links(page).text)
        assert left == [], page.name
    assert (site / "theory.html").read_text().count("<math ") > 150


def test_claims_on_the_theory_page_lead_to_their_own_pages(site):
    text = (site / "theory.html").read_text()
    for claim in ledger.claims():
        number = ledger.section(claim.id)
        assert f'href="claims/section{number}.html#{claim.id}"' in text
        assert claim.id in Links(site / "claims" / f"section{number}.html").ids
        assert (site / "proofs" / f"{ledger.proof_file(claim)}.html").is_file()


@pytest.mark.parametrize("name", generated.api_modules())
def test_the_reference_has_every_public_name(site, name):
    """Functions and classes: those of ``__all__``, else those that the module defines."""
    module = importlib.import_module(name)
    code = {
        key: value
        for key, value in vars(module).items()
        if inspect.isfunction(value) or inspect.isclass(value)
    }
    defined = [k for k, v in code.items() if v.__module__ == name and not k.startswith("_")]
    ids = Links(site / "api" / f"{name}.html").ids
    missing = [
        key
        for key in getattr(module, "__all__", defined)
        if key in code
        and code[key].__module__.startswith("kdverify")
        and not {f"{name}.{key}", f"{name}.{key}.{key}"} & ids
    ]
    assert missing == []


def test_the_reference_begins_with_the_names_of_the_package(site):
    text = (site / "api" / "kdverify.html").read_text()
    for name in kdverify.__all__:
        assert name.startswith("_") or f"<code>{name}</code></a>" in text


CHROMIUM = shutil.which("chromium")
FLAGS = [
    "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-sync",
    "--disable-background-networking", "--disable-component-update",
]  # fmt: skip


@pytest.mark.skipif(CHROMIUM is None, reason="needs Chromium")
def test_the_site_opens_from_disk_without_a_network(site):
    """No request leaves the disk, no script fails, formulas have a size, the search finds."""
    browsers = pytest.importorskip("playwright.sync_api", reason="not run: no playwright")
    problems: list[str] = []
    with browsers.sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path=CHROMIUM, args=FLAGS, timeout=1000 * HANGS
        )
        page = browser.new_context(offline=True, viewport={"width": 1280, "height": 900}).new_page()
        page.set_default_timeout(1000 * HANGS)
        page.on("pageerror", lambda error: problems.append(str(error)))
        page.on("requestfailed", lambda request: problems.append(request.url))
        page.goto((site / "theory.html").as_uri())
        sizes = page.evaluate(
            "[...document.querySelectorAll('math')].map(m => m.getBoundingClientRect().height)"
        )
        assert len(sizes) > 150
        assert min(sizes) > 5
        assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
        page.fill("input.md-search__input", "amplified")
        page.wait_for_selector(".md-search-result__item")
        browser.close()
    assert problems == []
