"""Self-distillation: a student on the very data of its teacher.

The teacher is the ridge solution with ``teacher_ridge`` on (X, y); its student is the ridge
solution with ``ridge`` on the same X and the labels ``(1 - xi) y + xi X b_teacher``.  For every
X and y its risk is a quadratic polynomial of xi (claims ``10.same-data``, ``10.two-ridges``);
here its three coefficients are deterministic equivalents.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from kdverify import formulas
from kdverify.gaussian import risks as compose
from kdverify.gaussian.numbers import numbers
from kdverify.gaussian.shared import pair_omega
from kdverify.problem import Problem
from kdverify.shown import Shown


@dataclass(frozen=True, eq=False, repr=False)
class SelfDistillation(Shown):
    """The excess risk as a function of the mixing xi.

    Attributes:
        ridge, teacher_ridge: of the student and of its teacher.
        risk: excess risk at xi = 0, of the student of the labels themselves.
        slope, curvature: the risk at xi is ``risk + 2 u slope + u^2 curvature`` with
            ``u = xi teacher_ridge``; with one ridge slope is half of dR/d ridge.

    Numbers are floats, or balls where digits were asked for.
    """

    ridge: Any
    teacher_ridge: Any
    risk: Any
    slope: Any
    curvature: Any

    def at(self, mixing: Any) -> Any:
        """Excess risk at xi = ``mixing``, any real number; 1 is pure self-distillation."""
        return formulas.mixed_labels_risk(
            self.risk, self.slope, self.curvature, self.teacher_ridge, mixing
        )

    @property
    def best_mixing(self) -> Any:
        """xi*, of either sign; 0 where the teacher interpolates (it then changes nothing)."""
        if not self.teacher_ridge > 0:
            return 0 * self.risk
        return formulas.best_mixing(self.slope, self.curvature, self.teacher_ridge)

    @property
    def gain(self) -> Any:
        """What xi* takes off the excess risk; 0 where the teacher interpolates."""
        if not self.teacher_ridge > 0:
            return 0 * self.risk
        return formulas.mixing_gain(self.slope, self.curvature)

    @property
    def best_risk(self) -> Any:
        """Excess risk at xi*."""
        return self.risk - self.gain


def self_distillation(
    problem: Problem,
    n: Any,
    ridge: Any,
    teacher_ridge: Any = None,
    surrogate: Any = None,
    noise_variance: Any = 0.0,
    digits: int | None = None,
) -> SelfDistillation:
    """The risk of self-distillation on the same n samples, for every mixing at once.

    Args:
        ridge: of the student; 0 without ridge (n < p).
        teacher_ridge: of the teacher; None: the same.
        surrogate: (p,) coefficients of the labels y; None: beta*.
        noise_variance: variance of the noise in y.
        digits: None for float64, else certified digits.

    Raises:
        ValueError, TypeError: a negative ridge; least squares (n >= p without ridge), where the
            teacher's labels are fitted by its own coefficients.

    Source: claims ``10.same-data-risk``; Pareek, Du, Oh 2024; Dang, Patil, Rinaldo 2026.
    """
    with numbers(problem, digits) as on:
        given = ridge if teacher_ridge is None else teacher_ridge
        student, teacher = on.solve(n, ridge), on.solve(n, given)
        for name, at in (("ridge", student), ("teacher_ridge", teacher)):
            if not at.tau > 0:
                raise ValueError(f"{name}=0 must go with n below p={problem.p}: nothing to distil")
        modes, vector = on.modes, on.vector("surrogate", surrogate)
        noise = on.number("noise_variance", noise_variance)
        crossed = pair_omega(student, teacher, student.n, modes.total)[1]
        secant = formulas.secant_mode(student.one_minus_zeta, teacher.one_minus_zeta, modes.lam)
        split_s, split_t = ((at.zeta, at.one_minus_zeta) for at in (student, teacher))
        slope = formulas.secant_slope(
            modes.lam,
            vector,
            modes.beta_star,
            *split_s,
            secant,
            student.n,
            student.one_minus_omega,
            crossed,
            noise,
            modes.total,
        )
        curvature = formulas.secant_curvature(
            modes.lam,
            vector,
            *split_s,
            *split_t,
            secant,
            student.n,
            student.one_minus_omega,
            crossed,
            teacher.one_minus_omega,
            noise,
            modes.total,
        )
        risk = compose.excess_risk(modes, student, vector, noise)
        ridges = on.number("ridge", ridge), on.number("teacher_ridge", given)
        return SelfDistillation(*ridges, risk, slope, curvature)
