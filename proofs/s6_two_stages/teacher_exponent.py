"""Claim of section 6: what can be trained, what it recovers, the exponent."""

from __future__ import annotations

import math
from collections.abc import Callable
from functools import partial
from typing import Any

import numpy as np
import sympy

from kdverify import Problem, risk, two_stage_risk
from kdverify import formulas as f
from kdverify.evidence import Claim, Comparison, Context, Step
from kdverify.verify import run_as_script

TEACHER_EXPONENT = Claim(
    "6.teacher-exponent",
    title="Against its teacher a student can have the better exponent",
    statement=r"\lambda_i = i^{-1.5},\ \lambda_i\beta_i^{*2} = i^{-2},\ \sigma_s^2 = 1,\ m = n:"
    r"\ R(\beta^s) \to \tfrac12,\ \text{best-ridge student}\ 0.2127,\ 0.1229,\ 0.0705,\ 0.0403",
    source="neighbouring",
    needs=("6.two-stage",),
    parts=("teacher's limit", "numbers"),
    steps=[
        Step(
            "The ridgeless teacher keeps the noise part sigma^2 Omega/(1 - Omega), which tends to"
            " alpha - 1 = 1/2; its other part tends to 0.",
            lambda: plateau()[0],
        ),
        Step(
            "The student's ridge is chosen best, the teacher stays ridgeless: m = 100, 316, 1000,"
            " 3162 at p = 10^6."
        ),
        Step("Strong labels with the best ridge are better still: no contradiction to section 5."),
    ],
)


SIZES = (100, 316, 1000, 3162)
STUDENTS = (0.2127, 0.1229, 0.0705, 0.0403)
STRONG = (0.168, 0.093, 0.052, 0.029)
SLOPES = (-0.477, -0.482, -0.485)


def least(risk: Callable[[float], float], guess: float) -> float:
    """The least value over the ridge, within a factor 2 of ``guess``."""
    from scipy.optimize import minimize_scalar

    found = minimize_scalar(
        lambda log_ridge: risk(math.exp(log_ridge)),
        bounds=(math.log(guess / 2), math.log(2 * guess)),
        method="bounded",
        options={"xatol": 1e-2},
    )
    return float(found.fun)


@TEACHER_EXPONENT.agreement(
    "numbers", note="double precision; m = 100 at quick", but={"p = 10^4": {"p": 10**4}}
)
def numbers(context: Context, p: int = 10**6, noise: float = 1.0) -> list[Comparison]:
    """Teacher, best-ridge student, best ridge on strong labels; at full for all sizes.

    Each has to lie within half a unit of the last digit given.
    """
    problem = Problem.power_law(p, "1.5", "2")
    count = len(SIZES) if context.level.name == "full" else 1

    def taught(m: int, ridge: float) -> float:
        return two_stage_risk(problem, None, m, m, noise, ridge=ridge)

    def alone(m: int, ridge: float) -> float:
        return risk(problem, m, noise_variance=noise, ridge=ridge)

    teachers, students, strong = [], [], []
    for m in SIZES[:count]:
        teachers.append(risk(problem, m, noise_variance=noise))
        students.append(least(partial(taught, m), guess=3.1 * (m / 100) ** 0.4))
        strong.append(least(partial(alone, m), guess=2.8 * (m / 100) ** 0.28))
    slopes = np.diff(np.log(students)) / np.diff(np.log(SIZES[:count]))

    def digits(name: str, values: Any, expected: Any, band: float) -> Comparison:
        values = np.asarray(values)
        return Comparison(name, values, 1e-9 * abs(values), 10**6, np.asarray(expected), band)

    found = [
        digits("teacher", teachers, [0.52] * count, 0.006),
        digits("student", students, STUDENTS[:count], 5e-5),
        digits("strong labels", strong, STRONG[:count], 5e-4),
    ]
    return found if count == 1 else [*found, digits("slopes", slopes, SLOPES, 5e-4)]


@TEACHER_EXPONENT.identity("teacher's limit", but={"the limit alpha": {"exponent_shift": 1}})
def plateau(exponent_shift: int = 0) -> tuple[Any, Any]:
    """Omega/(1 - Omega) at the limit Omega = (alpha-1)/alpha, and alpha - 1."""
    alpha = sympy.Symbol("alpha", positive=True)
    return f.noise_trace((alpha - 1) / alpha, 1 / alpha), alpha - 1 + exponent_shift


if __name__ == "__main__":
    raise SystemExit(run_as_script([TEACHER_EXPONENT]))
