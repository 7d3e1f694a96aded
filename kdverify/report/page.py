"""One HTML page of a command's result: lines, a figure, tables; it opens with no network."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from kdverify._files import write_text
from kdverify.report.figures import drawn

if TYPE_CHECKING:
    from matplotlib.figure import Figure

PAGE = """<!doctype html>
<html lang="en"><head><meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>{{ heading }}: {{ title }}</title>
<style>
:root { color-scheme: light dark; }
body { font: 1rem/1.5 system-ui, sans-serif; max-width: 52rem; margin: 2rem auto; padding: 0 1rem; }
table { border-collapse: collapse; margin: 1rem 0; display: block; overflow-x: auto; }
th, td { padding: .2rem .6rem; border-bottom: 1px solid #8884; }
th, td { text-align: right; white-space: nowrap; }
th:first-child, td:first-child { text-align: left; }
figure { margin: 1rem 0; background: #fff; } figure svg { width: 100%; height: auto; }
</style></head><body><main>
<h1>{{ heading }}</h1>
<p>{{ title }}</p>
{% for line in lines %}<p>{{ line }}</p>{% endfor %}
<figure role="img" aria-label="{{ alt }}">{{ svg }}</figure>
{% for table in tables %}
<h2>{{ table.caption }}</h2>
<table><thead><tr>{% for name in table.header %}<th scope="col">{{ name }}</th>{% endfor %}</tr>
</thead><tbody>{% for row in table.rows %}<tr>
{% for cell in row %}<td>{{ cell }}</td>{% endfor %}</tr>{% endfor %}</tbody></table>
{% endfor %}
</main></body></html>
"""


@dataclass(frozen=True)
class Table:
    """A caption, heads of columns, and rows of cells."""

    caption: str
    header: Sequence[str]
    rows: Sequence[Sequence[str]]


def write_page(
    path: str,
    heading: str,
    title: str,
    lines: Sequence[str],
    figure: Figure,
    alt: str,
    tables: Sequence[Table],
) -> None:
    """Write it; ``alt`` says what the figure shows."""
    from jinja2 import Environment
    from markupsafe import Markup

    svg = drawn(figure, format="svg", metadata={"Date": None}).decode()
    page = Environment(autoescape=True).from_string(PAGE)
    text = page.render(
        heading=heading,
        title=title,
        lines=lines,
        alt=alt,
        svg=Markup(svg[svg.index("<svg") :]),  # our own drawing
        tables=tables,
    )
    write_text(Path(path), text)
