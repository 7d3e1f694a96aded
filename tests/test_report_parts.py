"""The parts of the page: mathematics, the graph, small pictures, formulas as JavaScript."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from itertools import pairwise
from typing import Any

import pytest
from report_samples import Page, shipped
from runner_samples import ROOT

from kdverify import formulas
from kdverify.evidence import Claim
from kdverify.report.html import bands, graph, javascript, mathematics, typography

# ------------------------------------------------------------ mathematics


@pytest.mark.parametrize("wanted", shipped(), ids=lambda c: c.id)
def test_every_statement_of_the_ledger_is_mathematics(wanted: Claim) -> None:
    for piece in mathematics.pieces(wanted.statement):
        text = mathematics.mathml(piece)
        assert "merror" not in text
        assert not re.findall(r"\\[A-Za-z]+", re.sub(r'alttext="[^"]*"', "", text))


@pytest.mark.parametrize("wanted", shipped(), ids=lambda c: c.id)
def test_cutting_a_statement_loses_only_wide_spaces(wanted: Claim) -> None:
    def dense(text: str) -> str:
        return re.sub(r"\\q?quad(?![A-Za-z])|\\ |\s", "", text)

    assert dense("".join(mathematics.pieces(wanted.statement))) == dense(wanted.statement)


@pytest.mark.parametrize(
    "latex",
    [
        r"\unknowncommand{x}",
        r"\text{<script>alert(1)</script>}",
        r"\text{</math><img src=x onerror=alert(1)>}",
        r"\left( x",
        "}{",
    ],
)
def test_what_is_no_mathematics_is_shown_as_code(latex: str) -> None:
    shown = mathematics.formula(latex)
    page = Page(shown)
    assert {tag for tag, _ in page.tags} == {"pre", "code"}
    assert page.text == latex


@pytest.mark.parametrize(
    "latex", [r"\href{javascript:alert(1)}{x}", r"\style{color:red}{x}", r"\class{top}{x}"]
)
def test_mathematics_carries_neither_links_nor_styles(latex: str) -> None:
    for _, attributes in Page(mathematics.mathml(latex)).tags:
        assert not attributes.keys() & {"href", "style", "class"}


@pytest.mark.parametrize(
    ("latex", "wanted"),
    [
        ("R_{opt}", "<mi>opt</mi>"),
        (r"\log t", '<mspace width="0.167em" />'),
        ("x = -y", '<mo form="prefix" lspace="0" rspace="0">&#8722;</mo>'),
        (r"a \iff b", '<mo form="infix" lspace="0.278em" rspace="0.278em">'),
        (r"a/b", '<mo lspace="0" rspace="0">/</mo>'),
    ],
)
def test_spaces_and_words_are_set(latex: str, wanted: str) -> None:
    assert wanted.replace("&#8722;", "−") in mathematics.mathml(latex)


@pytest.mark.parametrize(
    ("latex", "pieces"),
    [
        (r"a = b,\quad c = d", ["a = b,", "c = d"]),
        (r"f(x,\ y) < 1,\ g = 2", [r"f(x,\ y) < 1,", "g = 2"]),
        (r"\sum_{i=1}^{p}\lambda_i\zeta_i^2 = n", [r"\sum_{i=1}^{p}\lambda_i\zeta_i^2", "= n"]),
        (r"\frac{a,\quad b}{c}", [r"\frac{a,\quad b}{c}"]),
        (r"(0, 1],\quad ]", [r"(0, 1],\quad ]"]),
    ],
)
def test_lines_break_outside_brackets_only(latex: str, pieces: list[str]) -> None:
    assert mathematics.pieces(latex) == pieces


# -------------------------------------------------------------- the graph

DIAMOND = {"1.a": (), "1.b": ("1.a",), "1.c": ("1.a",), "1.d": ("1.b", "1.c", "1.a", "9.absent")}


def test_layers_and_arrows_of_a_small_graph() -> None:
    picture = graph.draw(DIAMOND)
    assert {node.id: node.layer for node in picture.nodes} == {
        "1.a": 0, "1.b": 1, "1.c": 1, "1.d": 2
    }  # fmt: skip
    arrows = {(arrow.source, arrow.target) for arrow in picture.arrows}
    assert arrows == {("1.a", "1.b"), ("1.a", "1.c"), ("1.b", "1.d"), ("1.c", "1.d")}


def test_the_graph_of_the_ledger_is_layered_and_nothing_overlaps() -> None:
    needs = {c.id: c.needs for c in shipped()}
    picture = graph.draw(needs)
    nodes = {node.id: node for node in picture.nodes}
    assert nodes.keys() == needs.keys()
    for name, wanted in needs.items():
        assert all(nodes[need].layer < nodes[name].layer for need in wanted)
    for layer in {node.layer for node in picture.nodes}:
        heights = sorted(node.y for node in picture.nodes if node.layer == layer)
        assert all(b - a >= graph.ROW - 1e-9 for a, b in pairwise(heights))
    assert all(
        0 < node.x < picture.width and 0 < node.y < picture.height for node in nodes.values()
    )


def test_the_picture_does_not_depend_on_the_order_of_sets() -> None:
    code = (
        "from kdverify.report.html import graph\n"
        "needs = {f'1.c{i}': [f'1.c{j}' for j in range(i) if (i * j + j) % 5 == 1]"
        " for i in range(30)}\n"
        "print(graph.draw(needs))"
    )
    pictures = {
        subprocess.run(
            [sys.executable, "-c", code],
            capture_output=True,
            text=True,
            env=os.environ | {"PYTHONPATH": str(ROOT), "PYTHONHASHSEED": seed},
            check=True,
        ).stdout
        for seed in ("1", "2", "3")
    }
    assert len(pictures) == 1


def test_an_empty_graph_and_one_claim_can_be_drawn() -> None:
    assert graph.draw({}).nodes == ()
    assert len(graph.draw({"1.a": ()}).nodes) == 1


def test_heights_are_as_close_to_the_wishes_as_distances_allow() -> None:
    layer: list[graph.Place] = ["1.a", "1.b", "1.c"]
    assert graph._spread(layer, [0.0, 0.0, 90.0]) == pytest.approx([-13.5, 13.5, 90.0])


# ------------------------------------------------------- small pictures, words


def test_a_strip_shows_the_interval_against_its_band() -> None:
    strip = bands.strip({"estimate": 1.1, "theory": 1.0, "band": 0.4, "used": 0.75})
    assert strip is not None
    assert strip.estimate / strip.band == pytest.approx(0.1 / 0.4)
    assert strip.high / strip.band == pytest.approx(0.75)
    assert strip.low / strip.band == pytest.approx((0.1 - 0.2) / 0.4)


def test_a_strip_far_outside_its_band_stays_in_the_picture() -> None:
    strip = bands.strip({"estimate": 9.0, "theory": 0.0, "band": 1.0, "used": 9.5})
    assert strip is not None
    assert strip.band < strip.low < strip.high <= bands.REACH + 1e-9


@pytest.mark.parametrize("figures", [{}, {"at": "x = 1"}, {"estimate": "inf", "used": 1}])
def test_other_figures_have_no_strip(figures: dict[str, Any]) -> None:
    assert bands.strip(figures) is None


@pytest.mark.parametrize(
    ("value", "text"),
    [(0.25, "0.25"), (3.1e-31, "3.1·10⁻³¹"), (-1e-7, "−10⁻⁷"), (12, "12"), ("x-1", "x-1")],
)
def test_figures_for_the_reader(value: Any, text: str) -> None:
    assert typography.figure(value) == text


# -------------------------------------------------------------- the formulas


def test_formulas_become_javascript_in_the_same_order_of_operations() -> None:
    assert javascript.function(formulas.zeta) == "(lam, tau) => { return (tau / (lam + tau)); }"
    risk = javascript.function(formulas.standard_risk)
    assert "total(signal.length, (i) => { return ((signal[i] * zeta[i]) * zeta[i]); })" in risk
    ratio = javascript.function(formulas.scaling_ratio)
    assert ratio.count("(beta - 1)") == 1  # a name for what is used twice
    assert "ops.sinc(" in ratio


def test_a_formula_that_branches_or_has_odd_numbers_is_refused() -> None:
    def branches(x: Any) -> Any:
        return x if x else 1

    def odd(x: Any) -> Any:
        return x + "1"

    with pytest.raises(TypeError, match="must not branch"):
        javascript.function(branches)
    with pytest.raises(TypeError, match="cannot be written as a number"):
        javascript.function(odd)
