"""Figure and page of ``kdverify features``."""

from __future__ import annotations

import io
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from kdverify._files import write_text
from kdverify.features import TEACHERS, Analysis, cautions, verdicts
from kdverify.palette import COLOURS
from kdverify.report.figures import blank, markers, plain_ticks

if TYPE_CHECKING:
    from matplotlib.figure import Figure

LABELS = {
    "strong": "labels as they are",
    "clean": "noiseless linear labels",
    "optimal": "best linear surrogate",
    "masked": "best mask",
    "gained": "gains without labels",
}
MODEL_LINES = {"rows": "-", "gaussian": "--"}
MODEL_NAMES = {"rows": "rows as they are", "gaussian": "Gaussian formula"}


def figure(analysis: Analysis, title: str) -> Figure:
    """Excess risk against n: predictions as lines, measurements as markers with 95 % intervals."""
    drawn, axes = blank()
    points = sorted(analysis.points, key=lambda point: point.n)
    sizes = np.array([point.n for point in points])
    for index, teacher in enumerate(TEACHERS):
        for model, dash in MODEL_LINES.items():
            made = [point.predictions[model] for point in points if model in point.predictions]
            values = [one.excess[teacher] for one in made if teacher in one.excess]
            if values:
                axes.plot(sizes, values, dash, color=COLOURS[index], linewidth=1.2)
        measured = [point for point in points if _has(point, teacher)]
        name = f"{teacher}/excess"
        if measured:
            markers(
                axes,
                [point.n for point in measured],
                [point.measured.mean(name) for point in measured if point.measured],
                [point.measured.standard_error(name) for point in measured if point.measured],
                index,
                LABELS[teacher],
            )
        else:
            axes.plot([], [], color=COLOURS[index], label=LABELS[teacher])
    for model in points[0].predictions:
        axes.plot([], [], MODEL_LINES[model], color="#666666", label=MODEL_NAMES[model])
    axes.set(xscale="log", yscale="log", xlabel="samples n", ylabel="excess risk")
    for axis in (axes.xaxis, axes.yaxis):
        plain_ticks(axis)
    axes.set_title(f"{title}\nlines: predicted; markers: measured, 95 % intervals", fontsize=9)
    axes.legend(frameon=False, fontsize=8)
    return drawn


def _has(point: Any, teacher: str) -> bool:
    return point.measured is not None and f"{teacher}/excess" in point.measured.values


PAGE = """<!doctype html>
<html lang="en"><head><meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>What distillation can buy: {{ title }}</title>
<style>
:root { color-scheme: light dark; }
body { font: 1rem/1.5 system-ui, sans-serif; max-width: 52rem; margin: 2rem auto; padding: 0 1rem; }
table { border-collapse: collapse; margin: 1rem 0; display: block; overflow-x: auto; }
th, td { padding: .2rem .8rem; text-align: right; border-bottom: 1px solid #8884; }
th:first-child, td:first-child { text-align: left; }
figure { margin: 1rem 0; background: #fff; } figure svg { width: 100%; height: auto; }
</style></head><body><main>
<h1>What distillation can buy</h1>
<p>{{ title }}</p>
{% for line in lines %}<p>{{ line }}</p>{% endfor %}
<figure role="img" aria-label="Excess risk against n, predicted and measured">{{ svg }}</figure>
{% for table in tables %}
<h2>n = {{ table.n }}</h2>
<table><thead><tr>{% for name in table.header %}<th scope="col">{{ name }}</th>{% endfor %}</tr>
</thead><tbody>{% for row in table.rows %}<tr>
{% for cell in row %}<td>{{ cell }}</td>{% endfor %}</tr>{% endfor %}</tbody></table>
{% endfor %}
</main></body></html>
"""


def write_page(path: str, analysis: Analysis, title: str, drawn: Figure) -> None:
    """One HTML file with the verdicts, the figure and the tables; opens with no network."""
    from jinja2 import Environment
    from markupsafe import Markup

    stream = io.StringIO()
    drawn.savefig(stream, format="svg", metadata={"Date": None})
    svg = stream.getvalue()
    template = Environment(autoescape=True).from_string(PAGE)
    tables = [_table(point) for point in analysis.points]
    page = template.render(
        title=title,
        lines=[*analysis.prepared.notes, *verdicts(analysis), *cautions(analysis)],
        svg=Markup(svg[svg.index("<svg") :]),  # our own drawing
        tables=tables,
    )
    write_text(Path(path), page)


def _table(point: Any) -> dict[str, Any]:
    models = list(point.predictions)
    rows = []
    for teacher in TEACHERS:
        predicted = [point.predictions[model].excess.get(teacher) for model in models]
        cells = [LABELS[teacher], *("" if v is None else f"{v:.5g}" for v in predicted)]
        if _has(point, teacher):
            name = f"{teacher}/excess"
            error = point.measured.standard_error(name)
            cells.append(f"{point.measured.mean(name):.5g} ± {error:.2g}")
        else:
            cells.append("")
        rows.append(cells)
    header = ["teacher", *(MODEL_NAMES[model] for model in models), "measured"]
    return {"n": f"{point.n:g}", "header": header, "rows": rows}
