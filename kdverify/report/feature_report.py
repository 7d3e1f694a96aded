"""Figure, tables and page of ``kdverify features``."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

import numpy as np

from kdverify.features import Analysis, carried_at, cautions, verdicts
from kdverify.report import page
from kdverify.report.colours import COLOURS
from kdverify.report.figures import blank, means, plain_ticks
from kdverify.report.output import number
from kdverify.theories import theory_named

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

    from kdverify.prediction import Prediction

FREE = "students of your labels, measured"
MODEL_LINES = {"rows": "-", "gaussian": "--"}


def figure(analysis: Analysis, title: str) -> Figure:
    """Against n, predictions as lines and measurements as markers with 95 % intervals.

    Excess risk, and beside it accuracy where there are classes.
    """
    classes = analysis.question.classes is not None
    drawn, axes = blank(2 if classes else 1)
    panels = list(np.ravel(axes))
    for panel, name in zip(panels, ("excess", "accuracy"), strict=False):
        _panel(panel, analysis, name)
        panel.set(xscale="log", xlabel="samples n")
        plain_ticks(panel.xaxis)
    panels[0].set(yscale="log", ylabel="excess risk")
    plain_ticks(panels[0].yaxis)
    if classes:
        panels[1].set(ylabel="accuracy on unseen rows")
    lines = "lines" if len(analysis.n) > 1 else "dashes (long: rows as they are)"
    heading = f"{title}\n{lines}: predicted; markers: measured, 95 % intervals"
    (drawn.suptitle if classes else panels[0].set_title)(heading, fontsize=9)
    panels[0].legend(frameon=False, fontsize=8)
    return drawn


def _panel(axes: Axes, analysis: Analysis, name: str) -> None:
    measured = analysis.measured
    for index, teacher in enumerate(analysis.teachers):
        colour = COLOURS[index % len(COLOURS)]
        for model, prediction in analysis.predictions.items():
            values = getattr(prediction, name)[teacher.name]
            finite = np.where(np.isfinite(values), values, np.nan)
            look: dict[str, Any] = {"color": colour, "linewidth": 1.2}
            if len(analysis.n) == 1:  # no line: a dash through the marker
                look |= {"marker": "_", "markersize": 30 if model == "rows" else 18}
            axes.plot(analysis.n, finite, MODEL_LINES[model], **look)
        if measured is not None:
            values = measured.values[name][teacher.name]
            half = 1.96 * measured.standard_errors()[name][teacher.name]
            means(axes, measured.n, values, half, index, teacher.caption)
        else:
            axes.plot([], [], color=colour, label=teacher.caption)
    for model in analysis.predictions:
        caption = theory_named(model).caption
        axes.plot([], [], MODEL_LINES[model], color="#666666", label=caption)


def table_at(analysis: Analysis, place: int) -> tuple[list[str], list[list[str]]]:
    """Header and rows of the table at one n: excess risks, then risk and accuracy.

    Medians stand beside the measured means where one draw carries a mean.
    """
    predictions = analysis.predictions
    captions = {"rows": "predicted", "gaussian": "Gaussian"}
    medians = bool(carried_at(analysis, analysis.n[place]))
    header = ["teacher", *(captions[model] for model in predictions), "measured", "± s.e."]
    header += ["median", "ratio"] if medians else ["ratio"]
    names = [one.name for one in analysis.teachers]
    wanted = [("excess", name, name) for name in names]
    if "strong" in names:
        wanted.append(("risk", "strong", "error, unseen rows"))
    if analysis.question.classes is not None:
        wanted += [("accuracy", name, f"accuracy, {name}") for name in names]
    return header, [_row(analysis, place, *one, medians) for one in wanted]


def free_table(analysis: Analysis) -> tuple[list[str], list[list[str]]]:
    """Header and rows: students of the labels as they are, best ridge and none, as measured."""
    header = ["n", "student", "ridge", "risk", "± s.e.", "accuracy", "± s.e."]
    classes = analysis.question.classes is not None
    rows = []
    for one in free_rows(analysis):
        cells = [f"{one['n']:g}", one["student"], number(one["ridge"], 3)]
        names = ("risk", "risk_error", *(("accuracy", "accuracy_error") if classes else ()))
        rows.append([*cells, *(number(one[name], 4 - 2 * ("error" in name)) for name in names)])
    return header[: 7 if classes else 5], rows


def free_rows(analysis: Analysis) -> Iterator[dict[str, Any]]:
    """Students of the labels as they are, the best ridge and none at each n: what is free."""
    free = analysis.free
    if free is None:
        return
    errors = free.standard_errors()
    for place in range(len(free.n)):
        for student, at in (("best", int(free.risk["strong"][place].argmin())), ("min-norm", 0)):
            row = {"n": float(free.n[place, at]), "student": student}
            row["ridge"] = float(free.ridges[place, at])
            for name in ("risk", "accuracy"):
                values = getattr(free, name)
                if "strong" in values:
                    row[name] = float(values["strong"][place, at])
                    row[f"{name}_error"] = float(errors[name]["strong"][place, at])
            yield row


def _row(
    analysis: Analysis, place: int, name: str, teacher: str, caption: str, medians: bool
) -> list[str]:
    def value(prediction: Prediction) -> float:
        return float(getattr(prediction, name)[teacher][place])

    values = [value(prediction) for prediction in analysis.predictions.values()]
    cells = [caption, *("" if v != v else number(v, 4) for v in values)]
    at = analysis.measured_at(analysis.n[place])
    if at is None or analysis.measured is None:
        return [*cells, "", "", ""]
    mean = float(getattr(analysis.measured, name)[teacher][at])
    error = float(analysis.measured.standard_errors()[name][teacher][at])
    cells += [number(mean, 4), number(error, 2)]
    if medians:
        cells.append(number(analysis.measured.medians(name)[teacher][at], 4))
    if not np.isfinite(values[0]) or not values[0]:
        return [*cells, ""]
    ratio = mean / values[0]
    return [*cells, f"{ratio:.3f}" if abs(ratio) < 1000 else number(ratio, 4)]


def write_page(path: str, analysis: Analysis, title: str, drawn: Figure) -> None:
    """One HTML file with the verdicts, the figure and the tables; opens with no network."""
    captions = {one.name: one.caption for one in analysis.teachers}
    tables = []
    if analysis.free is not None:
        header, rows = free_table(analysis)
        tables.append(page.Table(FREE, header, rows))
    for place, n in enumerate(analysis.n if analysis.predictions else ()):
        header, rows = table_at(analysis, place)
        named = [[captions.get(row[0], row[0]), *row[1:]] for row in rows]
        tables.append(page.Table(f"n = {n:g}", header, named))
    lines = [*analysis.question.notes, *verdicts(analysis), *cautions(analysis)]
    alt = "Excess risk against n, predicted and measured"
    page.write_page(path, "What distillation can buy", title, lines, drawn, alt, tables)
