"""Weak to strong with random features: three comparisons, three answers about the exponent.

Claim: against strong labels no teacher improves the exponent of a ridgeless student
(12.strong-exponent); against a teacher that only its features limit its student has a better
one, at most the square (12.student-exponent, 12.teacher-limit); a ridgeless teacher of noisy
labels stays on a plateau while its student falls like the best ridge on the same labels
(12.noisy-teacher).  Lines: theory at p = 4000, markers: simulation, 95 % intervals.
"""

from __future__ import annotations

from typing import Any

import numpy as np

import kdverify as kd
from kdverify.random_features import equivalents, theory
from kdverify.report.colours import COLOURS
from kdverify.report.drawing import Drawing, Effort
from kdverify.report.figures import blank, markers
from kdverify.simulation import chain, simulate
from kdverify.stages import Stage, chain_risks, two_stage_map

P, ENDLESS = 4000, 1e12
SIZES = np.unique(np.geomspace(10, 400, 25).round())
MEASURED = (15, 30, 60)
TRIALS = 24
#: alpha and beta of each panel; q_t = 4m in the second, q = 4n in the third.
STRONG, FEATURES, NOISY = ("2", "2"), ("2", "4"), ("2", "2")
WIDE = 4
Rows = list[dict[str, Any]]


def run(effort: Effort) -> Drawing:
    """Against strong labels; against a teacher with few features; against a noisy one."""
    figure, panels = blank(3)
    rows: Rows = []
    for panel, (axes, fill) in enumerate(zip(panels, (_strong, _features, _noisy), strict=True)):
        names, lines, measured, slopes = fill(effort)
        for k, (name, values) in enumerate(zip(names, lines, strict=True)):
            axes.plot(SIZES, values, color=COLOURS[k], marker="", label=f"{name}: {slopes[k]}")
            rows += [
                {"panel": panel, "what": name, "size": n, "theory": v}
                for n, v in zip(SIZES.tolist(), values.tolist(), strict=True)
            ]
            found = measured[k] if k < len(measured) else []
            if found:
                markers(axes, MEASURED, [f[0] for f in found], [f[1] for f in found], k)
            rows += [
                {"panel": panel, "what": name, "size": n, "measured": m, "standard_error": e}
                for n, (m, e) in zip(MEASURED, found, strict=bool(found))
            ]
        axes.set(xscale="log", yscale="log")
        axes.legend(frameon=False, fontsize=8, loc="lower left")
    for axes, title, label in zip(
        panels,
        (
            "against strong labels:\nthe same exponent",
            "against a teacher of few features:\na better exponent",
            "against a teacher of noisy labels:\nthe best rate",
        ),
        ("student's samples n, q = 4n", "teacher's features q", "teacher's samples m, q = 4m"),
        strict=True,
    ):
        axes.set_title(title, fontsize=10)
        axes.set_xlabel(label)
    panels[0].set_ylabel("excess risk")
    settings = {"p": P, "strong": STRONG, "features": FEATURES, "noisy": NOISY, "trials": TRIALS}
    return Drawing(figure, settings, rows)


def _strong(effort: Effort) -> tuple[Any, ...]:
    """A ridgeless student, no noise: strong labels, the best surrogate, the best mask."""
    problem = kd.Problem.power_law(P, *STRONG)
    curve = theory.curve(problem, SIZES, [WIDE * n for n in SIZES])
    found: list[list[tuple[float, float]]] = [[], []]
    for n in MEASURED:
        best = theory.optimal_surrogate(problem, n, WIDE * n)
        run = simulate(
            problem,
            n,
            (None, best),
            effort.trials(TRIALS),
            effort.seed,
            features=WIDE * n,
            workers=effort.jobs,
        )
        for k in range(2):
            found[k].append((float(run.means[k]), float(run.standard_errors[k])))
    names = ("strong labels", "best surrogate", "best mask")
    lines = (curve.standard, curve.optimal, curve.masked)
    return names, lines, found, ("$n^{-1}$",) * 3


def _features(effort: Effort) -> tuple[Any, ...]:
    """A teacher of endless data and q features, its student of endless data and features."""
    del effort
    problem = kd.Problem.power_law(P, *FEATURES)
    teachers, students, least = np.empty((3, SIZES.size))
    for i, q in enumerate(SIZES):
        stage = Stage(ENDLESS, features=q)
        teachers[i] = chain_risks(problem, [stage])[0]
        at = equivalents(problem, ENDLESS, q)
        least[i] = (problem.signal * at.zeta**2).sum()
        ridges = at.nu * np.geomspace(0.05, 500, 80)
        options = [Stage(ENDLESS, ridge=ENDLESS * nu) for nu in ridges]
        students[i] = two_stage_map(problem, [stage], options).min()
    names = ("teacher", "its student, best ridge", "no student is below")
    return names, (teachers, students, least), [], ("$q^{-2}$", "$q^{-5/2}$", "$q^{-3}$")


def _noisy(effort: Effort) -> tuple[Any, ...]:
    """A ridgeless teacher on m labels with noise 1; a student on 4m of its labels."""
    problem = kd.Problem.power_law(P, *NOISY)
    teachers, students, tuned = np.empty((3, SIZES.size))
    for i, m in enumerate(SIZES):
        teachers[i], students[i], tuned[i] = _best(problem, m)[:3]
    found: list[list[tuple[float, float]]] = [[], []]
    for m in MEASURED:
        ridge = _best(problem, m)[3]
        links = [
            Stage(m, None, 1.0, 0.0, WIDE * m),
            Stage(WIDE * m, None, 0.0, ridge, WIDE * WIDE * m),
        ]
        run = chain(
            problem, links, trials=effort.trials(TRIALS), seed=effort.seed, workers=effort.jobs
        )
        for k in range(2):
            error = run.stage_standard_errors[k, 0]
            found[k].append((float(run.stage_means[k, 0]), float(error)))
    names = ("teacher", "its student, best ridge", "strong, best ridge")
    slopes = ("plateau 4/3", "$m^{-1/2}$", "$m^{-1/2}$")
    return names, (teachers, students, tuned), found, slopes


def _best(problem: kd.Problem, m: float) -> tuple[float, float, float, float]:
    """Risks of the teacher, its best-ridge student, best-ridge strong labels; the ridge."""
    teacher, n = Stage(m, None, 1.0, 0.0, WIDE * m), WIDE * m
    ridges = n * np.geomspace(1e-5, 1, 50)
    options = [Stage(n, None, 0.0, ridge, WIDE * n) for ridge in ridges]
    risks = two_stage_map(problem, [teacher], options)[0]
    strong = min(theory.risk(problem, m, WIDE * m, None, 1.0, ridge) for ridge in ridges * (m / n))
    (own,) = chain_risks(problem, [teacher])
    return own, float(risks.min()), strong, float(ridges[risks.argmin()])
