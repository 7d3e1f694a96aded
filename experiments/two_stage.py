"""Two stages: the student of a trained surrogate, strong labels, covariate shift.

Claim: the two-stage theory (lines) is what simulation measures (markers, 95 % intervals),
against the surrogate's samples m and against the student's samples n (6.*).  The surrogate
trains on noisy labels of beta* with the flatter spectrum i^-1; its student on its
predictions; the standard target on the same noisy labels; "surrogate" is the surrogate's
own risk on the target covariance.
"""

from __future__ import annotations

from typing import Any

import numpy as np

import kdverify as kd
from kdverify.report.colours import COLOURS
from kdverify.report.drawing import Drawing, Effort
from kdverify.report.figures import blank, markers
from kdverify.simulation import two_stage

P, ALPHA, BETA, SOURCE_ALPHA, NOISE = 200, "2", "1.5", "1", 0.1
FIXED = 80
LINE = np.unique(np.geomspace(10, 1000, 100).round())
LINE = LINE[(LINE < P - 8) | (LINE > P + 8)]
SIZES = (20, 40, 80, 120, 160, 300, 600)
TRIALS = 300
NAMES = ("student of the surrogate", "student on strong labels", "surrogate itself")


def run(effort: Effort) -> Drawing:
    """Left: against m at n = 80; right: against n at m = 80."""
    problem = kd.Problem.power_law(P, ALPHA, BETA)
    source = kd.Spectrum.power_law(P, SOURCE_ALPHA)
    figure, panels = blank(2)
    rows: list[dict[str, Any]] = []
    for axes, moving in zip(panels, "mn", strict=True):
        pairs = [(s, FIXED) if moving == "m" else (FIXED, s) for s in LINE]
        lines = np.array([_theory(problem, source, m, n) for m, n in pairs])
        for k, name in enumerate(NAMES):
            for part in (LINE < P, LINE > P):
                axes.plot(LINE[part], lines[part, k], color=COLOURS[k])
            axes.plot([], [], color=COLOURS[k], marker="os^"[k], label=name)
        for size in SIZES:
            m, n = (size, FIXED) if moving == "m" else (FIXED, size)
            rows.extend(_measure(problem, source, m, n, effort, moving))
        for k, name in enumerate(NAMES):
            found = [r for r in rows if r["moving"] == moving and r["what"] == name]
            measured, errors = ([r[key] for r in found] for key in ("measured", "standard_error"))
            markers(axes, [r[moving] for r in found], measured, errors, k)
        axes.axvline(P, color="#999999", linewidth=0.8, linestyle=":")
        axes.set(xscale="log", yscale="log", xlabel=f"samples {moving}", ylim=(0.004, 20))
        other = "n" if moving == "m" else "m"
        axes.set_title(f"{other} = {FIXED}; the dotted line is p = {P}", fontsize=10)
    panels[0].set_ylabel("excess risk on the target")
    panels[0].legend(frameon=False, fontsize=9)
    figure.suptitle(
        f"target α={ALPHA}, β={BETA}; surrogate's data α={SOURCE_ALPHA}; label noise {NOISE}; "
        "lines: theory, markers: simulation",
        fontsize=10,
    )
    settings = {"p": P, "alpha": ALPHA, "beta": BETA, "source_alpha": SOURCE_ALPHA, "noise": NOISE}
    return Drawing(figure, settings, rows)


def _theory(problem: kd.Problem, source: kd.Spectrum, m: float, n: float) -> tuple[float, ...]:
    return (
        kd.two_stage_risk(problem, source, m, n, source_noise_variance=NOISE),
        kd.risk(problem, n, noise_variance=NOISE),
        kd.covariate_shift_risk(problem, source, m, noise_variance=NOISE),
    )


def _measure(
    problem: kd.Problem, source: kd.Spectrum, m: int, n: int, effort: Effort, moving: str
) -> list[dict[str, Any]]:
    options = {"trials": effort.trials(TRIALS), "seed": effort.seed, "workers": effort.jobs}
    both = two_stage(problem, source, m, n, source_noise_variance=NOISE, **options)
    strong = kd.simulate(problem, n, noise_variance=NOISE, **options)
    means = (both.means[0], strong.means[0], both.stage_means[0, 0])
    errors = (
        both.standard_errors[0],
        strong.standard_errors[0],
        both.stage_standard_errors[0, 0],
    )
    predicted = _theory(problem, source, m, n)
    return [
        {
            "moving": moving,
            "m": m,
            "n": n,
            "what": name,
            "predicted": predicted[k],
            "measured": means[k],
            "standard_error": errors[k],
            "trials": both.trials,
        }
        for k, name in enumerate(NAMES)
    ]
