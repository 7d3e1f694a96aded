"""Concentration: the risk of one draw of the data gathers around its equivalent like n^-1/2.

Claim 7.concentration.  A family of fixed shape: p = 2 n, eigenvalues (i/p)^-1 scaled, no
noise.  Left: the risk of single draws over its equivalent; right: the relative standard
deviation and the relative bias of the mean against n, log-log.
"""

from __future__ import annotations

import numpy as np

import kdverify as kd
from kdverify.report.colours import COLOURS
from kdverify.report.drawing import Drawing, Effort
from kdverify.report.figures import blank

SIZES = (25, 50, 100, 200, 400)
TRIALS = 2000


def problem(n: int) -> kd.Problem:
    """p = 2 n modes of a shape that does not depend on n."""
    shape = np.arange(1, 2 * n + 1) / (2 * n)
    return kd.Problem(kd.Spectrum(1 / (0.02 + shape)), np.cos(3 * shape) / np.sqrt(n))


def run(effort: Effort) -> Drawing:
    """Draw single trials, and deviation and bias against n."""
    figure, (left, right) = blank(2)
    rows = []
    for k, n in enumerate(SIZES):
        trials = effort.trials(TRIALS * SIZES[0] // n + 200)
        setting = problem(n)
        equivalent = kd.risk(setting, n)
        draws = kd.simulate(
            setting,
            n,
            trials=trials,
            seed=effort.seed,
            reduction="none",
            transfer=False,
            workers=effort.jobs,
            keep_trials=True,
        )
        assert draws.raw is not None
        ratios = draws.raw[:, 0] / equivalent
        spread = np.full(ratios.size, float(k)) + np.linspace(-0.3, 0.3, ratios.size)
        left.plot(spread, ratios, ".", color=COLOURS[1], markersize=2, alpha=0.4)
        averaged = kd.simulate(setting, n, trials=trials, seed=effort.seed, workers=effort.jobs)
        rows.append(
            {
                "n": n,
                "trials": trials,
                "relative_deviation": ratios.std(ddof=1),
                "relative_bias": abs(averaged.means[0] / equivalent - 1),
                "bias_standard_error": averaged.standard_errors[0] / equivalent,
            }
        )
    left.axhline(1.0, color="black", linewidth=0.8)
    left.set_xticks(range(len(SIZES)), [str(n) for n in SIZES])
    left.set(xlabel="samples n", ylabel="risk of one draw / equivalent")
    sizes = np.array(SIZES, dtype=float)
    for k, (name, power, label) in enumerate(
        (
            ("relative_deviation", -0.5, "standard deviation"),
            ("relative_bias", -1.0, "bias of the mean"),
        )
    ):
        values = np.array([row[name] for row in rows])
        error = values / np.sqrt(2 * np.array([r["trials"] for r in rows]))
        if name == "relative_bias":
            error = np.array([row["bias_standard_error"] for row in rows])
        right.errorbar(sizes, values, 1.96 * error, fmt="os"[k], color=COLOURS[k], label=label)
        guide = values[2] * (sizes / sizes[2]) ** power
        right.plot(sizes, guide, "--", color=COLOURS[k], label=f"n^{power:g}")
    right.set(xscale="log", yscale="log", xlabel="samples n", ylabel="relative to the equivalent")
    right.set_xticks(SIZES, [str(n) for n in SIZES])
    right.minorticks_off()
    right.legend(frameon=False)
    figure.suptitle("p = 2 n, spectrum of fixed shape, no noise, strong labels", fontsize=10)
    return Drawing(figure, {"p": "2 n"}, rows)
