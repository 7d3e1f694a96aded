"""Tune the ridge or look for a teacher?  What each is worth alone, and both together.

Over the exponents of spectrum and signal, one column a noise level.  Above: log10 of the risk
with the best ridge over that with the best surrogate (red: a teacher is worth more than tuning
the ridge, blue: less; the line is parity).  Below: the fraction that both together take off the
better of the two.  Theory only
(10.best-ridge, 10.surrogate-ridge).
"""

from __future__ import annotations

import numpy as np

import kdverify as kd
from kdverify.gaussian.best_ridge import worth
from kdverify.report.drawing import Drawing, Effort

P, N = 300, 100
NOISES = (0.0, 0.01, 0.1, 1.0)
ALPHAS = np.linspace(0.6, 3.0, 13)
BETAS = np.linspace(1.1, 4.1, 13)
LEVELS = np.linspace(-0.6, 0.6, 13)


def run(effort: Effort) -> Drawing:
    """Draw the eight maps; the effort makes no difference."""
    del effort
    from matplotlib.backends.backend_agg import FigureCanvasAgg
    from matplotlib.figure import Figure

    figure = Figure(figsize=(13.0, 6.2), layout="constrained")
    FigureCanvasAgg(figure)
    panels = figure.subplots(2, len(NOISES), sharex=True, sharey=True)
    rows = []
    for column, noise in enumerate(NOISES):
        found = [
            [worth(kd.Problem.power_law(P, float(a), float(b)), N, noise) for a in ALPHAS]
            for b in BETAS
        ]
        ratio = np.log10([[w.ridge / w.teacher for w in row] for row in found])
        better = np.array([[min(w.ridge, w.teacher) for w in row] for row in found])
        both = np.array([[w.both for w in row] for row in found])
        saved = np.maximum(1 - both / better, 0.0)  # without noise 0 up to rounding
        top = panels[0, column].contourf(
            ALPHAS, BETAS, ratio, levels=LEVELS, cmap="RdBu_r", extend="both"
        )
        if ratio.min() < 0 < ratio.max():
            panels[0, column].contour(ALPHAS, BETAS, ratio, levels=[0.0], colors="black")
        low = panels[1, column].contourf(
            ALPHAS, BETAS, saved, levels=np.linspace(0, 0.5, 11), cmap="cividis", extend="max"
        )
        panels[0, column].set_title(f"label noise σ² = {noise:g}")
        panels[1, column].set_xlabel("α, of the spectrum")
        rows += [
            {
                "alpha": float(a),
                "beta": float(b),
                "noise": noise,
                "neither": w.neither,
                "ridge": w.ridge,
                "teacher": w.teacher,
                "both": w.both,
            }
            for b, line in zip(BETAS, found, strict=True)
            for a, w in zip(ALPHAS, line, strict=True)
        ]
    for line in panels:
        line[0].set_ylabel("β, of the signal")
    figure.colorbar(top, ax=panels[0], label="log10 (tuned ridge / best teacher)")
    figure.colorbar(low, ax=panels[1], label="taken off by both together")
    figure.suptitle(
        f"p={P}, n={N}: above, red: a teacher is worth more than tuning the ridge, blue: less; "
        "below: what both together take off the better of the two",
        fontsize=10,
    )
    return Drawing(figure, {"p": P, "n": N}, rows)
