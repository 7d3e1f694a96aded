"""Real rows and pseudo-labels: contours of the risk, and where pseudo-labels stop helping.

A teacher trained on 80 noisy real labels (left), and the best mask (right), label more rows.  The
student has a ridge and gives all rows the weight 1.  Theory only (11.mixed measures it).
"""

from __future__ import annotations

from dataclasses import replace

import numpy as np

import kdverify as kd
from kdverify.report.drawing import Drawing, Effort
from kdverify.report.figures import blank
from kdverify.report.mixture_figure import mixture_figure
from kdverify.stages import Stage, ground_truth, train

P, ALPHA, BETA, NOISE, RIDGE, M = 400, "1.5", "2", 0.3, 0.05, 80
SIZES = np.geomspace(10, 1000, 28)


def run(effort: Effort) -> Drawing:
    """Draw both maps; the effort makes no difference."""
    del effort
    problem = kd.Problem.power_law(P, ALPHA, BETA)
    start = kd.Mixture(0, 0, None, NOISE, 0.0, RIDGE)
    law = train(problem, ground_truth(problem), Stage(M, None, NOISE, RIDGE))

    def masked(n: float) -> np.ndarray:
        return kd.optimal_mask(problem, n, RIDGE) * problem.beta_star

    figure, panels = blank(2)
    rows = []
    for axes, teacher, name in zip(
        panels,
        (lambda n: law, masked),
        (f"a teacher trained on {M} labels", "the best mask of β*"),
        strict=True,
    ):
        mixtures = [
            [replace(start, real=r, pseudo=s, surrogate=teacher(r + s)) for s in SIZES]
            for r in SIZES
        ]
        mixture_figure(problem, mixtures, name, axes)
        for row in mixtures[::3]:
            for mixture in row[::3]:
                worth = kd.label_worth(problem, mixture)
                rows.append(
                    {
                        "teacher": name,
                        "real": mixture.real,
                        "pseudo": mixture.pseudo,
                        "risk": mixture.risk(problem),
                        "by_real": worth.by_real,
                        "by_pseudo": worth.by_pseudo,
                    }
                )
    figure.suptitle(
        f"excess risk, p={P}, α={ALPHA}, β={BETA}, noise of real labels {NOISE}, ridge {RIDGE}; "
        "on the ticked side of the line one more pseudo-label hurts",
        fontsize=10,
    )
    settings = {"p": P, "alpha": ALPHA, "beta": BETA, "noise": NOISE, "ridge": RIDGE, "m": M}
    return Drawing(figure, settings, rows)
