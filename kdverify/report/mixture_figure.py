"""Contours of the risk over real and pseudo-labelled rows."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from kdverify.gaussian.pseudo_labels import Mixture, label_worth
from kdverify.problem import Problem
from kdverify.report.figures import blank, plain_ticks

if TYPE_CHECKING:
    from matplotlib.figure import Figure


def mixture_figure(
    problem: Problem, mixtures: Sequence[Sequence[Mixture]], title: str, axes: Any = None
) -> Figure:
    """Contours of the excess risk, and the line where one more pseudo-label stops helping.

    Ticks of that line point to where it hurts.

    ``mixtures[i][j]`` has the i-th number of real rows and the j-th of pseudo-labels.  Drawn into
    ``axes`` where they are given.
    """
    from matplotlib.colors import LogNorm
    from matplotlib.patheffects import withTickedStroke

    figure, panel = blank() if axes is None else (axes.figure, axes)
    real = [row[0].real for row in mixtures]
    pseudo = [mixture.pseudo for mixture in mixtures[0]]
    risks = np.array([[mixture.risk(problem) for mixture in row] for row in mixtures])
    slopes = np.array(
        [[label_worth(problem, mixture).by_pseudo for mixture in row] for row in mixtures]
    )
    panel.grid(False)
    levels = np.geomspace(risks.min(), risks.max(), 13)
    filled = panel.contourf(pseudo, real, risks, levels=levels, cmap="cividis_r", norm=LogNorm())
    lines = panel.contour(pseudo, real, risks, levels=levels, colors="white", linewidths=0.5)
    panel.clabel(lines, lines.levels[::2], fmt=lambda value: f"{value:.2g}", fontsize=7)
    if slopes.min() < 0 < slopes.max():
        border = panel.contour(pseudo, real, slopes, levels=[0.0], colors="#D55E00", linewidths=2)
        border.set_path_effects([withTickedStroke(angle=60, length=0.7, spacing=9)])
    panel.set(xscale="log", yscale="log", xlabel="pseudo-labels", ylabel="real rows")
    panel.set_title(title, fontsize=9)
    for axis in (panel.xaxis, panel.yaxis):
        plain_ticks(axis)
    figure.colorbar(filled, ax=panel, format=lambda value, _: f"{value:.2g}")
    return figure
