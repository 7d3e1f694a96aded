"""Gain map: over (m, n), where does a trained surrogate beat strong labels, and by how much?

The surrogate trains on m strong labels with noise; its student on n pseudo-labels.  The
standard target trains on n strong labels of the same noise.  Left: plain pseudo-labels;
right: the surrogate's modes are first multiplied by the gains of the best surrogate, which
need only the target covariance and n.  Theory only (6.two-stage measures it).
"""

from __future__ import annotations

import numpy as np

import kdverify as kd
from kdverify.gain_map import gain_map
from kdverify.report.drawing import Drawing, Effort
from kdverify.report.figures import blank

P, ALPHA, BETA, NOISE = 400, "1.5", "2", 1.0
SIZES = np.unique(np.geomspace(8, 380, 40).round())
LEVELS = np.array([-1.0, -0.5, -0.25, -0.1, 0.0, 0.1, 0.25, 0.5, 1.0])


def run(effort: Effort) -> Drawing:
    """Draw log10 of the risk over that of strong labels; the effort makes no difference."""
    del effort
    problem = kd.Problem.power_law(P, ALPHA, BETA)
    plain, gained = (
        gain_map(problem, SIZES, SIZES, source_noise_variance=NOISE, transform=transform)
        for transform in ("none", "gain")
    )
    figure, panels = blank(2)
    for axes, found, name in zip(
        panels, (plain, gained), ("plain pseudo-labels", "gained pseudo-labels"), strict=True
    ):
        ratio = np.log10(found.ratio)
        filled = axes.contourf(SIZES, SIZES, ratio, levels=LEVELS, cmap="PuOr_r", extend="both")
        axes.contour(SIZES, SIZES, ratio, levels=[0.0], colors="black", linewidths=1.5)
        axes.set(xscale="log", yscale="log", xlabel="student's samples n", title=name)
    panels[0].set_ylabel("surrogate's samples m")
    bar = figure.colorbar(filled, ax=panels, label="log10 (risk / risk on n strong labels)")
    bar.ax.axhline(0.0, color="black", linewidth=1.5)
    figure.suptitle(
        f"p={P}, α={ALPHA}, β={BETA}, noise of strong labels {NOISE:g}; "
        "the black line is parity, the student of the surrogate wins on the purple side",
        fontsize=10,
    )
    rows = [
        {
            "m": m,
            "n": n,
            "strong": plain.strong[i, j],
            "plain": plain.risks[i, j],
            "gained": gained.risks[i, j],
        }
        for i, m in enumerate(SIZES.tolist())
        for j, n in enumerate(SIZES.tolist())
    ]
    return Drawing(figure, {"p": P, "alpha": ALPHA, "beta": BETA, "noise": NOISE}, rows)
