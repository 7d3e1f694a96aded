"""Figures of the commands: readable in print and by the colour-blind.

Colours are Okabe and Ito's; every line also has its own dash or marker.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from kdverify import checks, theory
from kdverify.problem import Problem

if TYPE_CHECKING:
    from matplotlib.figure import Figure

COLOURS = ("#000000", "#0072B2", "#D55E00", "#009E73", "#CC79A7", "#E69F00", "#56B4E9")
MARKERS = ("o", "s", "^", "D", "v", "P", "X")
#: Settings that a sweep's title names where they do not vary.
SHOWN = ("p", "alpha", "beta", "m", "noise_variance", "ridge", "design", "trials")
STYLES: dict[str, dict[str, Any]] = {
    "standard": {"color": "#000000", "linestyle": "-", "label": "strong labels (β*)"},
    "optimal": {"color": "#0072B2", "linestyle": "--", "label": "best surrogate"},
    "masked": {"color": "#D55E00", "linestyle": "-.", "label": "best mask"},
}


def risk_figure(curve: theory.Curve, title: str) -> Figure:
    """Excess risk against n, log-log, for strong labels, best surrogate and best mask."""
    figure, axes = blank()
    order = np.argsort(curve.n)
    for name, style in STYLES.items():
        values = getattr(curve, name)[order]
        shown = np.isfinite(values) & (values > 0)
        marker = "o" if shown.sum() < 3 else ""
        axes.plot(curve.n[order][shown], values[shown], marker=marker, **style)
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
    gains = theory.gains(problem, n, ridge)[order]
    kept = theory.optimal_mask(problem, n, ridge)[order]
    index = np.arange(1, beta.size + 1)
    axes.plot(index, beta, **{**STYLES["standard"], "label": "|β*|"})
    axes.plot(index, gains * beta, **{**STYLES["optimal"], "label": "|β| of the best surrogate"})
    axes.plot(
        index[kept],
        beta[kept],
        **{**STYLES["masked"], "label": "|β| of the best mask"},
        linewidth=3,
        alpha=0.6,
    )
    for count, name in (
        (int((gains > 1).sum()), "transition ζ = 1 − Ω"),
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
                transform=axes.get_xaxis_transform(),
            )
    axes.set(
        xscale="log",
        yscale="log",
        xlabel="mode i, by falling eigenvalue",
        ylabel="size of the coefficient",
        title=title,
    )
    axes.legend(frameon=False, loc="upper left")
    return figure


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


def markers(axes: Any, x: Any, y: Any, error: Any, index: int, label: str | None = None) -> None:
    """Measured values with 95 % intervals."""
    axes.errorbar(
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
    """Write a figure atomically; the ending of ``path`` says in which format."""
    file = checks.figure_file("plot", path)
    temporary = file.with_name(f".{file.name}.part{file.suffix}")
    figure.savefig(temporary, dpi=150)
    temporary.replace(file)


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
