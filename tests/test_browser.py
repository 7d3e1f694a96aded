"""The page in a browser: it opens from disk, can be used, and computes what Python computes.

Needs Chromium and playwright.  Without them these tests are reported as not run, unless
``KDVERIFY_REQUIRE_BROWSER=1`` makes that a failure.
"""

from __future__ import annotations

import inspect
import os
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from command_line import HANGS
from playwright.sync_api import expect
from report_samples import document, shipped

import kdverify as kd
from kdverify import formulas, stages
from kdverify.arithmetic import functions
from kdverify.gaussian import infinite as scaling
from kdverify.report import html
from kdverify.report.html import javascript

PATIENT = 1000 * HANGS
FLAGS = "headless no-sandbox disable-gpu disable-quic no-first-run"
FLAGS += " disable-background-networking disable-component-update disable-sync"
LAUNCH = {"timeout": PATIENT, "args": [f"--{flag}" for flag in FLAGS.split()]}
TOLERANCE = 1e-12
WIDE, NARROW = {"width": 1280, "height": 800}, {"width": 360, "height": 740}


def missing(what: str) -> Any:
    """Report the tests as not run; fail where a browser is required."""
    if os.environ.get("KDVERIFY_REQUIRE_BROWSER") == "1":
        pytest.fail(f"KDVERIFY_REQUIRE_BROWSER=1 but there is no {what}", pytrace=False)
    pytest.skip(f"not run: no {what}")


def chromium() -> str:
    for name in ("chromium", "chromium-browser", "google-chrome"):
        if found := shutil.which(name):
            return found
    return missing("Chromium")


@pytest.fixture(scope="module")
def browser() -> Iterator[Any]:
    program = chromium()
    try:
        from playwright.sync_api import sync_playwright
    except ImportError:
        missing("playwright")
    with sync_playwright() as playwright:
        running = playwright.chromium.launch(executable_path=program, **LAUNCH)
        yield running
        running.close()


@pytest.fixture(scope="module")
def file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The page of sections 3 and 4: a graph, every kind of evidence but limits, pictures."""
    path = tmp_path_factory.mktemp("report") / "report.html"
    html.write(document([*shipped("2.risk"), *shipped("3."), *shipped("4.")]), path)
    return path


@pytest.fixture
def opened(browser: Any, file: Path) -> Iterator[Any]:
    """Opens the page; afterwards nothing may have been requested or have gone wrong."""
    contexts, complaints = [], []

    def open_page(fragment: str = "", viewport: Any = WIDE, **options: Any) -> Any:
        context = browser.new_context(viewport=viewport, reduced_motion="reduce", **options)
        context.set_default_timeout(PATIENT)
        contexts.append(context)
        page = context.new_page()
        page.on("console", lambda m: complaints.append(m.text) if m.type == "error" else None)
        page.on("pageerror", lambda e: complaints.append(str(e)))
        page.on(
            "request",
            lambda r: None if r.url.startswith(("file:", "data:")) else complaints.append(r.url),
        )
        page.goto(file.as_uri() + fragment)
        return page

    yield open_page
    for context in contexts:
        context.close()
    assert complaints == []


@pytest.fixture(scope="module")
def computing(browser: Any, file: Path) -> Iterator[Any]:
    """One page for the tests that only compute in it."""
    context = browser.new_context(viewport=NARROW)
    context.set_default_timeout(PATIENT)
    page = context.new_page()
    page.goto(file.as_uri())
    yield page
    context.close()


def test_it_opens_from_disk_without_errors_or_requests(opened: Any) -> None:
    page = opened()
    page.wait_for_load_state("networkidle")
    assert "claims came out as they should" in page.inner_text("h1")
    for name in ("risk", "gain", "rho", "ridge", "mixture"):
        assert page.locator(f"#plot-{name} svg path, #plot-{name} svg circle").count() >= 1


@pytest.mark.parametrize(
    ("scheme", "viewport"), [("light", WIDE), ("dark", NARROW)], ids=["light-wide", "dark-narrow"]
)
def test_axe_finds_no_serious_violation(opened: Any, scheme: str, viewport: Any) -> None:
    try:
        from axe_playwright_python.sync_playwright import Axe
    except ImportError:
        missing("axe-playwright-python")
    page = opened(viewport=viewport, color_scheme=scheme)
    page.eval_on_selector_all("details", "all => all.forEach((part) => { part.open = true; })")
    found = Axe().run(page).response["violations"]
    serious = [
        (violation["id"], violation["nodes"][0]["html"][:200])
        for violation in found
        if violation["impact"] in ("serious", "critical")
    ]
    assert serious == []


@pytest.mark.parametrize("width", [320, 360, 768, 1280])
def test_the_page_never_scrolls_sideways(opened: Any, width: int) -> None:
    page = opened(viewport={"width": width, "height": 700})
    page.eval_on_selector_all("details", "all => all.forEach((part) => { part.open = true; })")
    assert page.evaluate("document.documentElement.scrollWidth - innerWidth") <= 0


def test_without_scripts_the_page_can_be_read(opened: Any) -> None:
    page = opened(java_script_enabled=False)
    assert page.locator(".claim").count() == page.locator("a.node").count() > 5
    assert page.locator("#settings").is_hidden()
    page.locator("[id='3.optimal'] summary").first.click()
    assert page.locator("[id='3.optimal'] table").is_visible()


def test_mathematics_is_drawn_as_such(opened: Any) -> None:
    page = opened()
    assert page.locator(".formula math mfrac").count() > 5
    fraction = page.locator("[id='3.optimal'] .formula mfrac").first.bounding_box()
    assert fraction["height"] > 30


def test_the_button_turns_the_theme_and_remembers_it(opened: Any) -> None:
    page = opened(color_scheme="light")
    ground = "getComputedStyle(document.body).backgroundColor"
    light = page.evaluate(ground)
    page.click("#theme")
    assert page.get_attribute("#theme", "aria-pressed") == "true"
    dark = page.evaluate(ground)
    assert dark != light
    page.reload()
    assert page.evaluate(ground) == dark
    assert opened(color_scheme="dark").evaluate(ground) == dark


def test_print_opens_all_and_leaves_out_what_is_for_the_screen(opened: Any) -> None:
    page = opened()
    page.evaluate("dispatchEvent(new Event('beforeprint'))")
    page.emulate_media(media="print")
    assert page.locator(".claim details:not([open])").count() == 0
    assert page.locator(".claim .evidence table").first.is_visible()
    assert page.locator(".top").is_hidden()
    assert page.locator("#explore").is_hidden()
    page.evaluate("dispatchEvent(new Event('afterprint'))")
    assert page.locator(".claim details[open]").count() == 0


def test_a_fragment_leads_to_its_claim(opened: Any) -> None:
    page = opened("#3.optimal")
    box = page.locator("[id='3.optimal']").bounding_box()
    assert 0 <= box["y"] < 200
    assert page.locator("[id='3.optimal'] details.evidence").get_attribute("open") is not None
    assert page.get_attribute(".node.chosen", "data-id") == "3.optimal"
    page.evaluate("location.hash = '#4.rule'")
    page.wait_for_selector("[id='4.rule'].visited")
    assert page.get_attribute(".node.chosen", "data-id") == "4.rule"


def test_a_claim_in_the_graph_shows_what_it_rests_on(opened: Any) -> None:
    page = opened()
    page.click("a.node[data-id='3.transition']")

    def ids(kind: str) -> set[str]:
        return set(
            page.eval_on_selector_all(f".node.{kind}", "all => all.map((n) => n.dataset.id)")
        )

    assert ids("below") == {"3.optimal", "2.risk"}
    assert ids("above") == {"3.both-kinds", "3.teacher-not-best"}
    assert page.locator(".arrows path.below").count() == 2
    assert "rests on 2 claims; 2 claims rest on it" in page.inner_text("#chosen")
    others = page.locator("a.node[data-id='4.rule']")
    assert float(others.evaluate("node => getComputedStyle(node).opacity")) < 0.5
    page.keyboard.press("Escape")
    assert ids("below") == ids("above") == set()
    assert page.locator("#chosen").is_hidden()


def test_the_graph_by_keyboard(opened: Any) -> None:
    page = opened()
    focused = "document.activeElement.dataset.id"
    page.focus("a.node[data-id='2.risk']")
    page.keyboard.press("ArrowRight")
    assert page.evaluate(focused) in {"3.optimal", "4.rule"}
    page.keyboard.press("ArrowRight")
    page.keyboard.press("ArrowDown")
    chosen = page.evaluate(focused)
    page.keyboard.press("Enter")
    assert page.get_attribute(".node.chosen", "data-id") == chosen
    assert page.locator(".node[tabindex='0']").count() == 1
    outline = page.evaluate(
        "getComputedStyle(document.activeElement.querySelector('path')).strokeWidth"
    )
    assert float(outline.removesuffix("px")) > 3


def test_tab_leads_through_the_page_and_focus_is_seen(opened: Any) -> None:
    page = opened()
    seen = []
    for _ in range(9):
        page.keyboard.press("Tab")
        seen.append(page.evaluate("document.activeElement.className || document.activeElement.id"))
        width = page.evaluate("getComputedStyle(document.activeElement).outlineStyle")
        assert width != "none"
    assert seen[0] == "skip"
    assert "theme" in seen


def test_the_filter_hides_other_claims(opened: Any) -> None:
    page = opened()
    page.fill("#filter", "3. transition")
    assert page.locator(".claim:visible").count() == 1
    assert page.inner_text("#filtered").startswith("1 of ")
    page.evaluate("location.hash = '#4.rule'")
    page.wait_for_selector("[id='4.rule'].visited")
    assert page.locator("[id='4.rule']").is_visible()


def test_sliders_move_the_pictures_and_their_text(opened: Any) -> None:
    page = opened()
    before = page.inner_text("#readout")
    assert "0.1194" in before
    assert "0.08325" in before
    assert "126 of 500 modes are amplified, the mask keeps 203" in before
    page.focus("#set-alpha")
    page.keyboard.press("ArrowRight")
    expect(page.locator("#readout")).not_to_contain_text("0.1194")  # the page's policy bars eval
    assert page.inner_text("output[for='set-alpha']") == "2.05"
    problem = kd.Problem.power_law(p=500, alpha=2.05, beta=1.5)
    assert f"{kd.risk(problem, 200):.4g}" in page.inner_text("#readout")


def test_clicks_on_the_map_set_the_exponents(opened: Any) -> None:
    page = opened()
    page.locator("#plot-rho .target").click(position={"x": 10, "y": 10})
    assert float(page.input_value("#set-alpha")) < 1.3
    assert float(page.input_value("#set-beta")) > 7
    page.select_option("#set-p", "100")
    expect(page.locator("#set-n")).to_have_attribute("max", "99")
    assert float(page.input_value("#set-n")) <= 99


def close(got: Any, wanted: Any) -> None:
    """Equal to `TOLERANCE`, relatively, entry by entry."""
    got, wanted = np.asarray(got, float), np.asarray(wanted, float)
    assert got.shape == wanted.shape
    assert np.isfinite(got).all()
    assert np.all(np.abs(got - wanted) <= TOLERANCE * np.abs(wanted))


@pytest.mark.parametrize("formula", javascript.FORMULAS, ids=lambda f: f.__name__)
def test_each_formula_in_the_page_is_the_packages(computing: Any, formula: Any) -> None:
    rng = np.random.default_rng(20241018)
    parameters = inspect.signature(formula).parameters
    names = [name for name in parameters if name not in ("total", "ops")]
    per_mode = javascript.PER_MODE if "total" in parameters else frozenset()
    extra: dict[str, Any] = {}
    if "total" in parameters:
        extra["total"] = np.sum
    if "ops" in parameters:
        extra["ops"] = functions.floats()
    points, wanted = [], []
    for _ in range(200):
        size = int(rng.integers(1, 40))
        values = {name: _value(rng, name, size if name in per_mode else None) for name in names}
        points.append([v.tolist() if isinstance(v, np.ndarray) else v for v in values.values()])
        wanted.append(float(formula(**values, **extra)))
    call = "(a) => kdverify.formulas[a.name](...a.point"
    call += ", kdverify.ops)" if "ops" in parameters else ")"
    got = computing.evaluate(
        f"(all) => all.points.map((point) => ({call})({{ name: all.name, point }}))",
        {"name": formula.__name__, "points": points},
    )
    # margins are differences: compare on the scale of what is subtracted
    if formula.__name__.endswith("margin"):
        got, wanted = np.asarray(got) + 2, np.asarray(wanted) + 2
    close(got, wanted)


def _value(rng: np.random.Generator, name: str, size: int | None) -> Any:
    """A value in the range of the parameter of this name."""
    if name in ("alpha", "beta"):  # beta < 2 alpha + 1 for all alpha > 1
        return float(rng.uniform(1.05, 3.0))
    if name in ("zeta", "one_minus_zeta", "omega", "one_minus_omega", "kept_zeta"):
        value = rng.uniform(0.01, 0.99, size)
    else:
        value = np.exp(rng.uniform(-8, 3, size))
    return float(value) if size is None else value


SETTINGS = [
    (alpha, beta, p, n)
    for alpha, beta, p in [(2, 1.5, 500), (1.05, 1.05, 100), (4, 8, 1000), (1.5, 3, 500)]
    for n in (1, 2.5, p // 3, p / 2 + 0.25, p - 2)
]


@pytest.mark.parametrize("noise", [0.0, 0.3])
def test_the_pages_solver_agrees_with_the_packages(computing: Any, noise: float) -> None:
    script = """([alpha, beta, p, n, noise]) => {
      const law = kdverify.powerLaw(p, alpha, beta), at = kdverify.solve(law.lam, n);
      const r = kdverify.risks(law.signal, at, noise);
      return { tau: at.tau, omega: at.omega, oneMinusOmega: at.oneMinusOmega, ...r,
               gains: [...kdverify.gains(at)] };
    }"""
    for alpha, beta, p, n in SETTINGS:
        got = computing.evaluate(script, [alpha, beta, p, n, noise])
        problem = kd.Problem.power_law(p=p, alpha=alpha, beta=beta)
        at = kd.equivalents(problem, n)
        close(
            [got["tau"], got["omega"], got["oneMinusOmega"]], [at.tau, at.omega, at.one_minus_omega]
        )
        close(
            [got["standard"], got["optimal"], got["masked"]],
            [
                kd.risk(problem, n, noise_variance=noise),
                kd.optimal_risk(problem, n, noise_variance=noise),
                kd.masked_risk(problem, n, noise_variance=noise),
            ],
        )
        close(got["gains"], kd.gains(problem, n))
        assert got["kept"] == int(kd.optimal_mask(problem, n).sum())
        assert got["amplified"] == int((kd.gains(problem, n) > 1).sum())


def test_the_pages_best_ridge_is_the_packages(computing: Any) -> None:
    script = """([alpha, beta, p, n, noise, tau]) => {
      const law = kdverify.powerLaw(p, alpha, beta), start = kdverify.solve(law.lam, n);
      const best = ["standard", "optimal"].map((k) => kdverify.bestRidge(law, start, noise, k));
      return { ridge: kdverify.withRoot(law.lam, n, tau).ridge, best };
    }"""
    for (alpha, beta, p, n), noise in zip(SETTINGS, [0.0, 0.3] * 10, strict=True):
        problem = kd.Problem.power_law(p=p, alpha=alpha, beta=beta)
        at = kd.equivalents(problem, n, 0.5)
        got = computing.evaluate(script, [alpha, beta, p, n, noise, at.tau])
        assert got["ridge"] == pytest.approx(0.5, rel=1e-10)
        for found, labels in zip(got["best"], ("strong", "optimal"), strict=True):
            best = kd.best_ridge(problem, n, noise, labels)
            assert found["risk"] == pytest.approx(best.risk, rel=1e-10)
            assert found["ridge"] == pytest.approx(best.ridge, rel=1e-3, abs=1e-4)


def test_the_pages_mixture_is_the_packages(computing: Any) -> None:
    script = """([alpha, beta, p, n, m, more, noise]) => {
      const law = kdverify.powerLaw(p, alpha, beta);
      return kdverify.mixture(law, kdverify.trained(law, m, noise), n, more, noise); }"""
    for (alpha, beta, p, n), noise in zip(SETTINGS, [0.0, 0.3] * 10, strict=True):
        problem, m, more = kd.Problem.power_law(p=p, alpha=alpha, beta=beta), p // 3, (p - n) / 2
        law = stages.train(problem, stages.ground_truth(problem), kd.Stage(m, None, noise))
        got = computing.evaluate(script, [alpha, beta, p, n, m, more, noise])
        assert got == pytest.approx(kd.Mixture(n, more, law, noise).risk(problem), rel=1e-10)


def test_the_map_agrees_with_the_packages_scaling_law(computing: Any) -> None:
    points = [(a, b) for a in np.linspace(1.05, 4, 30) for b in np.linspace(1.05, 8, 30)]
    got = computing.evaluate(
        "(points) => points.map(([a, b]) => kdverify.rho(a, b))",
        [list(map(float, p)) for p in points],
    )
    close(got, [scaling.rho(float(a), float(b)) for a, b in points])


def test_every_formula_of_the_page_is_one_of_the_packages() -> None:
    assert all(getattr(formulas, f.__name__) is f for f in javascript.FORMULAS)
