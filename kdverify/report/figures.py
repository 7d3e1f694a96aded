"""Figures of the commands: readable in print and by the colour-blind.

Colours are Okabe and Ito's; every line also has its own dash or marker.
"""

from __future__ import annotations

import io
from collections.abc import Iterable
from typing import TYPE_CHECKING, Any

import numpy as np

from kdverify import checks
from kdverify._files import write_bytes
from kdverify._streams import spelt
from kdverify.gaussian import risks as compose
from kdverify.gaussian import theory
from kdverify.gaussian.solve import equivalents
from kdverify.measurement import carried_by_one
from kdverify.problem import Problem
from kdverify.report.colours import COLOURS, MARKERS

if TYPE_CHECKING:
    from matplotlib.figure import Figure

#: What the legend says where a mean is not drawn to scale.
CARRIED = "mean carried by one draw, off the scale; hollow: median"
#: Up to so many points a line shows each of them.
FEW = 40
#: Settings that a sweep's title names where they do not vary.
SHOWN = ("p", "alpha", "beta", "m", "noise_variance", "ridge", "design", "trials")
STYLES: dict[str, dict[str, Any]] = {
    "standard": {"color": COLOURS[0], "linestyle": "-", "label": "strong labels (β*)"},
    "optimal": {"color": COLOURS[1], "linestyle": "--", "label": "best surrogate"},
    "masked": {"color": COLOURS[2], "linestyle": "-.", "label": "best mask"},
}


def risk_figure(curve: theory.Curve, title: str) -> Figure:
    """Excess risk against n, log-log, for strong labels, best surrogate and best mask.

    Lines break where a risk is infinite or, without noise and at n >= p, zero.
    """
    figure, axes = blank()
    order = np.argsort(curve.n)
    for name, style in STYLES.items():
        values = getattr(curve, name)[order]
        drawn = np.where(np.isfinite(values) & (values > 0), values, np.nan)
        marker = "." if order.size <= FEW else ""
        axes.plot(curve.n[order], drawn, marker=marker, **style)
    axes.set(xscale="log", yscale="log", xlabel="samples n", ylabel="excess risk", title=title)
    axes.legend(frameon=False)
    return figure


def surrogate_figure(problem: Problem, n: float, ridge: float, title: str) -> Figure:
    """|beta*|, |beta_opt| and |beta_mask| against the mode, log axes (the paper's figure 1a).

    Modes run from the largest eigenvalue down.  The transition (amplified to its left) and
    the cut of the mask (kept to its left) are marked.
    """
    figure, axes = blank()
    order = problem.spectrum.order
    beta = np.abs(problem.beta_modes[order])
    at = equivalents(problem, n, ridge)
    gains = compose.gains(at)[order]
    amplified = compose.amplification_margins(at) > 0
    kept = (compose.keep_margins(at) > 0)[order]
    index = np.arange(1, beta.size + 1)
    band = {"linestyle": "-", "linewidth": 7, "alpha": 0.35, "solid_capstyle": "butt"}
    for name, shown, coefficients, label in (
        ("masked", kept, beta, "|β| of the best mask"),
        ("standard", np.full(beta.size, True), beta, "|β*|"),
        ("optimal", np.full(beta.size, True), gains * beta, "|β| of the best surrogate"),
    ):
        look = STYLES[name] | {"label": label} | (band if name == "masked" else {})
        axes.plot(index, np.where(shown & (coefficients > 0), coefficients, np.nan), **look)
    for count, name in (
        (int(amplified.sum()), "transition ζ = 1 − Ω"),
        (int(kept.sum()), "mask's cut ζ² = 1 − Ω"),
    ):
        if 0 < count < beta.size:
            axes.axvline(count + 0.5, color="#666666", linewidth=0.8, linestyle=":")
            axes.text(
                count + 0.5,
                0.02,
                f"{name}: {count}",
                rotation=90,
                va="bottom",
                ha="right",
                fontsize=9,
                color="#444444",
                bbox={"facecolor": "white", "edgecolor": "none", "alpha": 0.8, "pad": 1},
                transform=axes.get_xaxis_transform(),
            )
    axes.set(
        xscale="log",
        yscale="log",
        xlabel="mode i, by falling eigenvalue",
        ylabel="size of the coefficient",
        title=title,
    )
    plain_ticks(axes.yaxis)
    axes.legend(frameon=False, loc="best")
    return figure


def plain_ticks(axis: Any) -> None:
    """Ticks 0.5, 1, 2 rather than powers of ten, where the axis spans less than three decades."""
    from matplotlib.ticker import LogLocator

    low, high = axis.get_view_interval()
    if high < 1000 * low:
        axis.set_minor_locator(LogLocator(subs=(2, 5)))
        axis.set_major_formatter(lambda value, _: f"{value:g}")
        axis.set_minor_formatter(lambda value, _: f"{value:g}")


def sample_ticks(axes: Any, sizes: Iterable[float]) -> None:
    """Numbers on a logarithmic x axis at the sample sizes, and nowhere else."""
    from matplotlib.ticker import NullFormatter

    ticks = sorted(set(sizes))
    axes.set_xticks(ticks, [str(tick) for tick in ticks])
    axes.xaxis.set_minor_formatter(NullFormatter())


def sweep_figure(rows: list[dict[str, Any]]) -> Figure:
    """Measured risks with 95 % intervals (markers) and predicted ones (lines) against n."""
    figure, axes = blank()
    skip = {"n", "predicted", "measured", "standard_error"}
    series: dict[tuple[str, ...], list[dict[str, Any]]] = {}
    for row in rows:
        series.setdefault(tuple(str(row[k]) for k in row if k not in skip), []).append(row)
    names = [k for k in rows[0] if k not in skip]
    varying = [i for i in range(len(names)) if len({key[i] for key in series}) > 1]
    for k, (key, members) in enumerate(series.items()):
        members.sort(key=lambda row: row["n"])
        sizes = [row["n"] for row in members]
        label = ", ".join(
            key[i] if names[i] == "labels" else f"{names[i]} {key[i]}" for i in varying
        )
        color = COLOURS[k % len(COLOURS)]
        axes.plot(sizes, [r["predicted"] for r in members], color=color, linewidth=1)
        errors = [r["standard_error"] for r in members]
        markers(axes, sizes, [r["measured"] for r in members], errors, k, label or "measured")
    axes.set(xscale="log", yscale="log", xlabel="samples n", ylabel="excess risk")
    fixed = ", ".join(
        f"{name}={rows[0][name]}"
        for i, name in enumerate(names)
        if i not in varying and name in SHOWN and rows[0][name] is not None
    )
    axes.set_title(f"lines: theory; markers: simulation, 95 % intervals\n{fixed}", fontsize=10)
    axes.legend(frameon=False, fontsize=8)
    return figure


def means(axes: Any, x: Any, values: np.ndarray, half: Any, index: int, label: str) -> Any:
    """Means over the last axis of ``values`` (k, draws) with intervals of half-width ``half`` (k,).

    Where one draw carries the mean, the axis is not stretched to it: the median is drawn hollow, a
    triangle at the upper edge stands for the mean, and the legend says so.

    Returns:
        the error bars of the means that are drawn.
    """
    x, half, carried = np.asarray(x), np.asarray(half), carried_by_one(values)
    drawn = ~carried
    bars = markers(axes, x[drawn], values.mean(axis=-1)[drawn], half[drawn] / 1.96, index, label)
    if carried.any():
        style = {"linestyle": "none", "color": COLOURS[index % len(COLOURS)], "markersize": 5}
        middle = np.median(values, axis=-1)[carried]
        marker = MARKERS[index % len(MARKERS)]
        axes.plot(x[carried], middle, marker=marker, markerfacecolor="none", **style)
        edge = axes.get_xaxis_transform()
        top = np.ones(int(carried.sum()))
        axes.plot(x[carried], top, marker="^", transform=edge, clip_on=False, **style)
        if CARRIED not in axes.get_legend_handles_labels()[1]:
            axes.plot([], [], marker="^", **style | {"color": "#666666"}, label=CARRIED)
    return bars


def markers(axes: Any, x: Any, y: Any, error: Any, index: int, label: str | None = None) -> Any:
    """Measured values with 95 % intervals; returns the error bars."""
    return axes.errorbar(
        x,
        y,
        yerr=1.96 * np.asarray(error),
        fmt=MARKERS[index % len(MARKERS)],
        color=COLOURS[index % len(COLOURS)],
        markersize=5,
        capsize=2,
        label=label,
    )


def save(figure: Figure, path: str) -> None:
    """Write a figure whole or not at all; the ending of ``path`` says in which format."""
    file = checks.figure_file("plot", path)
    write_bytes(file, drawn(figure, format=file.suffix[1:].lower(), dpi=150))


def drawn(figure: Figure, **how: Any) -> bytes:
    """A figure as a file; names of files in titles and legends stand there as they are."""
    legends = [axes.get_legend() for axes in figure.axes]
    words = [*figure.texts, *(axes.title for axes in figure.axes)]
    words += [text for legend in legends if legend is not None for text in legend.get_texts()]
    for text in words:  # no formulas, and no bytes that are no letters
        text.set_parse_math(False)
        text.set_text(spelt(text.get_text(), "utf-8"))
    content = io.BytesIO()
    figure.savefig(content, **how)
    return content.getvalue()


def blank(columns: int = 1) -> tuple[Figure, Any]:
    """An empty figure of one row: its axes, or a list of them where there are several."""
    from matplotlib.backends.backend_agg import FigureCanvasAgg
    from matplotlib.figure import Figure

    figure = Figure(figsize=(6.4 if columns == 1 else 5.0 * columns, 4.4), layout="constrained")
    FigureCanvasAgg(figure)
    axes = [figure.add_subplot(1, columns, k + 1) for k in range(columns)]
    for panel in axes:
        panel.grid(visible=True, which="major", color="#dddddd", linewidth=0.6)
    return figure, axes[0] if columns == 1 else axes
