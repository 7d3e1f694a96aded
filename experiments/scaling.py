"""Scaling: risk against n at p = infinity on log-log axes, exponents and constants.

Claims 5.*: strong labels, best surrogate and best mask share the exponent, min(beta - 1,
2 alpha); the best surrogate improves the constant by rho, the mask by rho_mask.  Exact values
at p = infinity (certified) as markers, the limit laws as lines; no simulation.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from kdverify.gaussian import infinite as scaling
from kdverify.report.drawing import Drawing, Effort
from kdverify.report.figures import STYLES, blank

PAIRS = (("1.5", "2"), ("2", "3"), ("2", "6"))
SIZES = (10, 30, 100, 300, 1000, 3000, 10000)


def run(effort: Effort) -> Drawing:
    """One panel for each pair of exponents; the effort makes no difference."""
    del effort
    figure, panels = blank(len(PAIRS))
    rows: list[dict[str, Any]] = []
    for axes, (alpha, beta) in zip(panels, PAIRS, strict=True):
        law = scaling.constants(alpha, beta)
        ratios = {
            "standard": 1.0,
            "optimal": scaling.rho(alpha, beta),
            "masked": scaling.rho_mask(alpha, beta),
        }
        exact = [scaling.infinite(alpha, beta, n, digits=20) for n in SIZES]
        line = np.geomspace(SIZES[0], SIZES[-1], 50)
        limit = law.standard * (law.c / line) ** float(law.exponent)
        for k, (name, style) in enumerate(STYLES.items()):
            values = [float(getattr(at, name)) for at in exact]
            color, dashes = style["color"], style["linestyle"]
            axes.plot(line, ratios[name] * limit, color=color, linestyle=dashes)
            label = style["label"] + ("" if name == "standard" else f", ratio {ratios[name]:.3f}")
            axes.plot(SIZES, values, "os^"[k], color=color, label=label, fillstyle="none")
            rows.extend(
                {
                    "alpha": alpha,
                    "beta": beta,
                    "n": n,
                    "labels": name,
                    "exact": value,
                    "limit_law": ratios[name] * law.standard * (law.c / n) ** float(law.exponent),
                }
                for n, value in zip(SIZES, values, strict=True)
            )
        axes.set(xscale="log", yscale="log", xlabel="samples n")
        axes.set_title(f"α={alpha}, β={beta}: risk ~ n^-{float(law.exponent):g}")
        axes.legend(frameon=False, fontsize=8, loc="lower left")
    panels[0].set_ylabel("excess risk at p = ∞, no noise")
    figure.suptitle("markers: exact values; lines: limit laws with their constants", fontsize=10)
    return Drawing(figure, {"p": "infinity", "digits": 20}, rows)
