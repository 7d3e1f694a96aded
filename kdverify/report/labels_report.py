"""Figure and page of ``kdverify labels``."""

from __future__ import annotations

import io
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from kdverify._files import write_text
from kdverify.labels import LabelCurve, Setting
from kdverify.labels.subsamples import measured_below
from kdverify.report.figures import COLOURS, MARKERS, blank, plain_ticks
from kdverify.report.output import number

if TYPE_CHECKING:
    from matplotlib.figure import Figure

HEADER = (
    *("n", "student", "ridge", "risk", "80 % interval", "of that now"),
    *("accuracy", "80 % interval"),
)
NAMES = {"best": "best ridge", "min-norm": "no ridge (minimum norm)", "ridge": "the given ridge"}


def figure(curve: LabelCurve, setting: Setting, title: str, seed: int = 0) -> Figure:
    """Total risk against n: measured up to n_0 (markers), predicted beyond (lines and bands)."""
    drawn, axes = blank()
    ridges = np.unique(np.append(setting.ridges(), [one.ridge for one in curve.now]))
    sizes, below = measured_below(setting, ridges, seed)
    for index, now in enumerate(curve.now):
        colour = COLOURS[index + 1]
        points = [point for point in curve.of(now.student) if point.n >= curve.n_labelled]
        if points:
            n = [point.n for point in points]
            axes.plot(
                n, [point.risk for point in points], color=colour, marker=".",
                label=f"{NAMES[now.student]}: predicted, 80 %",
            )  # fmt: skip
            low, high = zip(*((p.risk_low, p.risk_high) for p in points), strict=True)
            axes.fill_between(n, low, high, color=colour, alpha=0.2, linewidth=0)
        place = int(np.searchsorted(ridges, now.ridge))
        risks = below.min(axis=1) if now.student == "best" else below[:, place]
        axes.errorbar(
            [*sizes, curve.n_labelled], [*risks, now.risk],
            yerr=[*(0.0 for _ in sizes), 1.28 * now.risk * curve.level_error],
            fmt=MARKERS[index], color=colour, markerfacecolor="none", capsize=2,
            label=f"{NAMES[now.student]}: measured",
        )  # fmt: skip
    axes.axvline(curve.n_labelled, color="#999999", linewidth=0.8)
    if "min-norm" in curve.students:
        axes.axvline(curve.rank, color="#999999", linewidth=0.8, linestyle=":")
        axes.annotate(
            "n = rank", (curve.rank, 1), xycoords=("data", "axes fraction"), fontsize=8,
            xytext=(3, -10), textcoords="offset points",
        )  # fmt: skip
    axes.set(xscale="log", yscale="log", xlabel="labels n", ylabel="risk on unseen rows")
    for axis in (axes.xaxis, axes.yaxis):
        plain_ticks(axis)
    axes.set_title(title, fontsize=9)
    axes.legend(frameon=False, fontsize=8)
    return drawn


PAGE = """<!doctype html>
<html lang="en"><head><meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>What more labels buy: {{ title }}</title>
<style>
:root { color-scheme: light dark; }
body { font: 1rem/1.5 system-ui, sans-serif; max-width: 52rem; margin: 2rem auto; padding: 0 1rem; }
table { border-collapse: collapse; margin: 1rem 0; display: block; overflow-x: auto; }
th, td { padding: .2rem .8rem; text-align: right; border-bottom: 1px solid #8884; }
figure { margin: 1rem 0; background: #fff; } figure svg { width: 100%; height: auto; }
</style></head><body><main>
<h1>What more labels buy</h1>
<p>{{ title }}</p>
<table><caption>Measured with the labels at hand (leave-one-out)</caption>
<thead><tr><th scope="col">student</th><th scope="col">ridge</th><th scope="col">risk</th>
<th scope="col">accuracy</th></tr></thead><tbody>
{% for one in now %}<tr><td>{{ one.student }}</td><td>{{ "%.3g" | format(one.ridge) }}</td>
<td>{{ "%.3g" | format(one.risk) }}</td>
<td>{% if one.accuracy is not none %}{{ "%.3f" | format(one.accuracy) }}{% endif %}</td></tr>
{% endfor %}</tbody></table>
<table><caption>Predicted</caption><thead><tr>
{% for name in header %}<th scope="col">{{ name }}</th>{% endfor %}</tr></thead>
<tbody>{% for row in rows %}<tr>{% for cell in row %}<td>{{ cell }}</td>{% endfor %}</tr>
{% endfor %}</tbody></table>
<figure role="img" aria-label="Risk against the number of labels, measured and predicted">
{{ svg }}</figure>
{% for line in lines %}<p>{{ line }}</p>{% endfor %}
</main></body></html>
"""


def write_page(
    path: str,
    curve: LabelCurve,
    title: str,
    lines: list[str],
    table: tuple[list[str], list[list[str]]],
    drawn: Figure,
) -> None:
    """One HTML file with verdict, tables and figure; opens with no network."""
    from jinja2 import Environment
    from markupsafe import Markup

    stream = io.StringIO()
    drawn.savefig(stream, format="svg", metadata={"Date": None})
    svg = stream.getvalue()
    page = (
        Environment(autoescape=True)
        .from_string(PAGE)
        .render(
            title=title,
            now=curve.now,
            header=table[0],
            rows=table[1],
            lines=lines,
            svg=Markup(svg[svg.index("<svg") :]),  # our own drawing
        )
    )
    write_text(Path(path), page)


def table_of(curve: LabelCurve, shown: Sequence[int]) -> tuple[list[str], list[list[str]]]:
    """Heads and cells of the points at ``shown``, and at n_0."""
    rows = []
    for point in curve.points:
        if point.n not in shown and point.n != curve.n_labelled:
            continue
        cells = [str(point.n), point.student, number(point.ridge, 3)]
        if point.risk is None:
            rows.append([*cells, "cannot tell", "", "", "", ""])
            continue
        cells += [number(point.risk, 3), _between(point.risk_low, point.risk_high)]
        cells += [number(point.change, 3), number(point.accuracy, 3)]
        rows.append([*cells, _between(point.accuracy_low, point.accuracy_high)])
    count = len(HEADER) if any(row[6] for row in rows) else 6
    return list(HEADER[:count]), [row[:count] for row in rows]


def _between(low: float | None, high: float | None) -> str:
    return "" if low is None or high is None else f"{low:.3g} to {high:.3g}"
