"""Figure 1b: risk against n for strong labels, the best surrogate and the best mask.

Claim: the theory (lines) is what simulation measures (markers, 95 % intervals) at every n
(2.risk, 8.values).  The same spectrum as figure 1a.
"""

from __future__ import annotations

import numpy as np

import kdverify as kd
from kdverify.report.drawing import Drawing, Effort
from kdverify.report.figures import STYLES, blank

P, ALPHA, BETA = 500, "2", "1.5"
LINE = np.unique(np.geomspace(10, 495, 80).round())
SIZES = (25, 50, 100, 150, 200, 300, 400, 450)
TRIALS = 200


def run(effort: Effort) -> Drawing:
    """Draw lines and markers."""
    problem = kd.Problem.power_law(P, ALPHA, BETA)
    curve = kd.curve(problem, LINE)
    figure, axes = blank()
    for name, style in STYLES.items():
        axes.plot(curve.n, getattr(curve, name), **style)
    rows = []
    for n in SIZES:
        mask = kd.optimal_mask(problem, n)
        teachers = [None, kd.optimal_surrogate(problem, n), problem.beta_star * mask]
        found = kd.simulate(
            problem, n, teachers, effort.trials(TRIALS), effort.seed, workers=effort.jobs
        )
        at = kd.curve(problem, n)
        for k, (name, style) in enumerate(STYLES.items()):
            mean, error = found.means[k], found.standard_errors[k]
            axes.errorbar(n, mean, 1.96 * error, fmt="os^"[k], color=style["color"], capsize=2)
            rows.append(
                {
                    "n": n,
                    "labels": name,
                    "predicted": getattr(at, name)[0],
                    "measured": mean,
                    "standard_error": error,
                    "trials": found.trials,
                }
            )
    axes.set(xscale="log", yscale="log", xlabel="samples n", ylabel="excess risk")
    axes.set_title(f"p={P}, α={ALPHA}, β={BETA}, no noise\nlines: theory; markers: simulation")
    axes.legend(frameon=False)
    return Drawing(figure, {"p": P, "alpha": ALPHA, "beta": BETA}, rows)
