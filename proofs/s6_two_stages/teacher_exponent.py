"""Claim of section 6: what can be trained, what it recovers, the exponent."""

import math
from collections.abc import Callable
from dataclasses import dataclass
from functools import cache, cached_property
from typing import Any

import numpy as np
import sympy

from kdverify import Problem, two_stage_risk
from kdverify import formulas as f
from kdverify.evidence import Claim, Comparison, Context, Step

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


#: Modes that stand for themselves; beyond, one stands for a hundredth of its index more.
ALONE = 3000


@cache
def modes(p: int) -> tuple[np.ndarray, np.ndarray]:
    """Indices of the modes, and how many each stands for: p in all.

    A mode in the middle of w others differs from their mean by w^2/24 times a second derivative: a
    relative 1e-5 of what the modes beyond `ALONE` add.
    """
    ends = [float(ALONE)]
    while ends[-1] < p:
        ends.append(min(float(p), np.ceil(1.01 * ends[-1])))
    edges = np.array(ends)
    counts = np.append(np.ones(ALONE), np.diff(edges))
    return np.append(np.arange(1.0, ALONE + 1), (edges[:-1] + edges[1:] + 1) / 2), counts


@dataclass(frozen=True, eq=False)
class Sums:
    """Section 6 on the power law by sums over p modes, m samples in either stage."""

    p: int
    m: int
    noise: float

    @property
    def lam(self) -> np.ndarray:
        """Eigenvalues of the modes that are kept."""
        return modes(self.p)[0] ** -1.5

    @property
    def truth(self) -> np.ndarray:
        """beta*, from ``lam beta*^2 = i^-2``."""
        return modes(self.p)[0] ** -0.25

    def total(self, shares: np.ndarray) -> float:
        """Sum over all p modes."""
        return float(modes(self.p)[1] @ shares)

    def fixed_point(self, ridge: float) -> tuple[float, Any, Any, float, float]:
        """tau, zeta, 1 - zeta, Omega, 1 - Omega."""
        from scipy.optimize import brentq

        def residual(log_tau: float) -> float:
            tau = math.exp(log_tau)
            learnt = f.one_minus_zeta(self.lam, tau)
            return float(f.fixed_point_residual(learnt, self.m, ridge / tau, self.total))

        tau = math.exp(brentq(residual, -30, 5, xtol=1e-13))
        zeta, learnt = f.split_mode(self.lam, tau)
        omega = f.omega(self.total(f.learnt_square(learnt)), self.m)
        return tau, zeta, learnt, omega, 1 - omega

    @cached_property
    def teacher(self) -> tuple[np.ndarray, np.ndarray]:
        """Mean and mean square of the ridgeless teacher's coordinates."""
        tau, zeta, learnt, _, rest = self.fixed_point(0.0)
        leftover = self.total(f.unlearnt_energy(self.lam, self.truth, zeta))
        scale = f.trained_scale(leftover, rest, self.noise)
        mean = learnt * self.truth
        return mean, mean**2 + f.trained_variance(scale, self.m, learnt, self.lam + tau)

    def student(self, ridge: float) -> float:
        """The risk of the teacher's student."""
        _, zeta, learnt, omega, rest = self.fixed_point(ridge)
        energy = f.transfer_energy(self.lam, zeta, learnt, omega, rest)
        trace = f.noise_trace(omega, rest)
        mean, square = self.teacher
        return float(
            f.transfer_risk(
                self.lam, mean, square, self.truth, learnt, energy, trace, 0.0, self.total
            )
        )

    def alone(self, ridge: float) -> float:
        """The risk on strong labels, with their noise."""
        _, zeta, _, omega, rest = self.fixed_point(ridge)
        signal = self.lam * self.truth**2
        return float(f.standard_risk(signal, zeta, omega, rest, self.noise, self.total))


def least(risk: Callable[[float], float], guess: float) -> tuple[float, float]:
    """The least value over the ridge, within a factor 2 of ``guess``, and the ridge."""
    from scipy.optimize import minimize_scalar

    found = minimize_scalar(
        lambda log_ridge: risk(math.exp(log_ridge)),
        bounds=(math.log(guess / 2), math.log(2 * guess)),
        method="bounded",
        options={"xatol": 1e-2},
    )
    return float(found.fun), math.exp(found.x)


@TEACHER_EXPONENT.agreement(
    "numbers",
    note="float64, all sizes; the library at m = 100",
    but={"p = 10^4": {"p": 10**4}, "noise 1.01": {"noise": 1.01}},
)
def numbers(context: Context, p: int = 10**6, noise: float = 1.0) -> list[Comparison]:
    """Teacher, best-ridge student, best ridge on strong labels, and the slopes of the student.

    Each has to lie within half a unit of the last digit given.  The sums are those of section 6
    over modes that stand for others; the library's risk over all p modes is beside one of them.
    No simulation: the error of the sums and of the least value is estimated, not bounded.
    """
    teachers, students, strong = [], [], []
    for m in SIZES:
        at = Sums(p, m, noise)
        teachers.append(at.alone(0.0))
        student, ridge = least(at.student, guess=3.1 * (m / 100) ** 0.4)
        students.append(student)
        strong.append(least(at.alone, guess=2.8 * (m / 100) ** 0.28)[0])
        if m == SIZES[0]:
            problem = Problem.power_law(p, "1.5", "2")
            library = two_stage_risk(problem, None, m, m, noise, ridge=ridge), student
    slopes = np.diff(np.log(students)) / np.diff(np.log(SIZES))

    def digits(name: str, values: Any, expected: Any, band: float) -> Comparison:
        values = np.asarray(values)
        return Comparison(name, values, 1e-9 * abs(values), 10**6, np.asarray(expected), band)

    return [
        digits("teacher", teachers, 0.52, 0.006),
        digits("student", students, STUDENTS, 5e-5),
        digits("strong labels", strong, STRONG, 5e-4),
        digits("slopes", slopes, SLOPES, 5e-4),
        digits("the library", [library[0]], [library[1]], 1e-6),
    ]


@TEACHER_EXPONENT.identity("teacher's limit", but={"the limit alpha": {"exponent_shift": 1}})
def plateau(exponent_shift: int = 0) -> tuple[Any, Any]:
    """Omega/(1 - Omega) at the limit Omega = (alpha-1)/alpha, and alpha - 1."""
    alpha = sympy.Symbol("alpha", positive=True)
    return f.noise_trace((alpha - 1) / alpha, 1 / alpha), alpha - 1 + exponent_shift
