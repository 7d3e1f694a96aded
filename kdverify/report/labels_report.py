"""Figure and page of ``kdverify labels``."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np

from kdverify.labels import LabelCurve, Setting
from kdverify.labels.learning import REFUSED, shown_anyway
from kdverify.labels.subsamples import measured_below
from kdverify.report import page
from kdverify.report.colours import COLOURS, MARKERS
from kdverify.report.figures import blank, plain_ticks, sample_ticks
from kdverify.report.output import number

if TYPE_CHECKING:
    from matplotlib.figure import Figure

HEADER = (
    *("n", "student", "ridge", "risk", "80 % interval", "of that now"),
    *("accuracy", "80 % interval"),
)
NAMES = {"best": "best ridge", "min-norm": "no ridge (minimum norm)", "ridge": "the given ridge"}

#: Numbers of labels that are named on the axis; where there are more, decades are.
MOST_TICKS = 7


def figure(curve: LabelCurve, setting: Setting, title: str, seed: int = 0) -> Figure:
    """Total risk against n: measured up to n_0 (markers), predicted beyond (lines and bands)."""
    drawn, axes = blank()
    grid = setting.ridges()
    ridges = np.unique(np.append(grid, [one.ridge for one in curve.now]))
    sizes, below = measured_below(setting, ridges, seed)
    for index, now in enumerate(curve.now):
        colour = COLOURS[index + 1]
        points = [point for point in curve.of(now.student) if point.n >= curve.n_labelled]
        if points:
            n, refused = [point.n for point in points], shown_anyway(points)
            axes.plot(
                n, [point.risk for point in points], color=colour, marker=".",
                label=f"{NAMES[now.student]}: predicted, 80 %{REFUSED * refused}",
            )  # fmt: skip
            low, high = zip(*((p.risk_low, p.risk_high) for p in points), strict=True)
            axes.fill_between(n, low, high, color=colour, alpha=0.2, linewidth=0)
        place = int(np.searchsorted(ridges, now.ridge))
        best = now.student == "best"
        risks = below[:, np.isin(ridges, grid)].min(axis=1) if best else below[:, place]
        axes.errorbar(
            [*sizes, curve.n_labelled], [*risks, now.risk],
            yerr=[*(np.nan for _ in sizes), 1.28 * now.error],
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
    plain_ticks(axes.yaxis)
    told = {point.n for point in curve.points}
    if len(told) <= MOST_TICKS:
        sample_ticks(axes, {*told, *sizes})
    else:
        plain_ticks(axes.xaxis)
    axes.set_title(title, fontsize=9)
    axes.legend(frameon=False, fontsize=8)
    return drawn


def write_page(
    path: str,
    curve: LabelCurve,
    title: str,
    lines: list[str],
    table: tuple[list[str], list[list[str]]],
    drawn: Figure,
) -> None:
    """One HTML file with verdict, tables and figure; opens with no network."""
    known = [
        [one.student, number(one.ridge, 3), f"{one.risk:.3g} ± {one.error:.1g}"]
        + [f"{one.accuracy:.3f}" for _ in range(one.accuracy is not None)]
        for one in curve.now
    ]
    header = ("student", "ridge", "risk ± s.e.", "accuracy")[: len(known[0])]
    tables = [
        page.Table("Measured with the labels at hand (leave-one-out)", header, known),
        page.Table("Predicted", *table),
    ]
    alt = "Risk against the number of labels, measured and predicted"
    page.write_page(path, "What more labels buy", title, lines, drawn, alt, tables)


def table_of(curve: LabelCurve, shown: Sequence[int]) -> tuple[list[str], list[list[str]]]:
    """Heads and cells of the points at ``shown``, and at n_0."""
    rows = []
    for point in curve.points:
        if point.n not in shown and point.n != curve.n_labelled:
            continue
        student = point.student + REFUSED * shown_anyway([point])
        cells = [str(point.n), student, number(point.ridge, 3)]
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
