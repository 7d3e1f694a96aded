"""Figure 1a: beta*, the best surrogate and the best mask against the mode.

Claim: modes with zeta < 1 - Omega are amplified (3.transition), modes with
zeta^2 < 1 - Omega are kept by the mask (4.rule).  Exact; no simulation.
"""

from __future__ import annotations

from kdverify import gains, optimal_mask
from kdverify.problem import Problem
from kdverify.report.drawing import Drawing, Effort
from kdverify.report.figures import surrogate_figure

P, ALPHA, BETA, N = 500, "2", "1.5", 200


def run(effort: Effort) -> Drawing:
    """Draw it; the effort makes no difference."""
    problem = Problem.power_law(P, ALPHA, BETA)
    title = f"p={P}, α={ALPHA}, β={BETA}, n={N}, no noise"
    gain, kept = gains(problem, N), optimal_mask(problem, N)
    rows = [
        {"mode": i + 1, "beta_star": b, "gain": g, "beta_opt": b * g, "kept": bool(k)}
        for i, (b, g, k) in enumerate(zip(problem.beta_star, gain, kept, strict=True))
    ]
    settings = {"p": P, "alpha": ALPHA, "beta": BETA, "n": N}
    return Drawing(surrogate_figure(problem, N, 0.0, title), settings, rows)
