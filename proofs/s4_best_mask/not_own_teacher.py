"""Claim of section 4: the masked teacher and its own student."""

from typing import Any

import numpy as np

from kdverify import formulas as f
from kdverify.arithmetic import BALLS
from kdverify.evidence import Claim, Step

from ..lib import modes as one
from ..lib.modes import symbolic_modes

NOT_OWN_TEACHER = Claim(
    "4.not-own-teacher",
    title="The student of a masked teacher never beats that teacher",
    statement=r"\bar R(M\beta^*) = \sum_{kept}\frac{\lambda_i\beta_i^{*2}\zeta_i^2}{1-\Omega}"
    r" + R(M\beta^*) \ge R(M\beta^*)\qquad(\sigma=0)",
    needs=("4.rule",),
    parts=("dropped modes", "kept modes"),
    steps=[
        Step("A dropped mode costs both its whole energy.", lambda: teacher_share(0)),
        Step(
            "A kept mode costs the teacher nothing, the student something.",
            lambda: kept_mode()[1],
        ),
    ],
)


@NOT_OWN_TEACHER.identity("p = 3")
def student_and_teacher() -> tuple[Any, Any]:
    """Three modes, the second dropped, no noise: the student's risk less the teacher's."""
    m = symbolic_modes(3)
    mask = np.array([True, False, True])
    student = f.masked_risk(
        m.signal[mask], m.zeta[mask], m.signal[~mask], m.omega, m.one_minus_omega
    )
    teacher = f.predictor_risk(m.lam, m.beta_star * mask.astype(int), m.beta_star)
    return student - teacher, sum(f.kept_risk(m.signal[mask], m.zeta[mask], m.one_minus_omega))


def teacher_share(keep: int) -> Any:
    """One mode's cost to the teacher."""
    lam, _, _, beta_star, _, _ = one.symbols()
    return f.predictor_risk(lam, keep * beta_star, beta_star, total=one.itself)


@NOT_OWN_TEACHER.identity("kept modes")
def kept_mode() -> tuple[Any, Any]:
    """What a kept mode costs the student more than the teacher, and its cost in the statement."""
    _, zeta, omega, beta_star, _, _ = one.symbols()
    return one.share(beta_star) - teacher_share(1), f.kept_risk(one.signal(), zeta, 1 - omega)


def dropped_mode() -> list[Any]:
    """What a dropped mode costs the student: by (2), and in the mask's risk."""
    return [one.share(0), f.dropped_risk(one.signal())]


dropped_modes = NOT_OWN_TEACHER.identity(
    "dropped modes", lambda: (dropped_mode(), [teacher_share(0)] * 2)
)
dropped_modes.but(
    "as if the teacher kept it", sides=lambda: (dropped_mode(), [teacher_share(1)] * 2)
)


@NOT_OWN_TEACHER.forall(
    "kept modes", witness={"zeta": "1/4", "Omega": "1/2", "signal": "1"}, but={"sign": {"sign": -1}}
)
def kept_costs(smt: Any, sign: int = 1) -> Any:
    """A kept mode costs the student something, and the teacher nothing."""
    zeta, omega, inside = one.unit(smt)
    signal = smt.Real("signal")
    return [*inside, signal > 0], sign * f.kept_risk(signal, zeta, 1 - omega) > 0


@NOT_OWN_TEACHER.enclosed(
    "teacher at figure 1a", value="0.0508", but={"the last digit": {"value": "0.0509"}}
)
def teacher_at_1a(digits: int) -> Any:
    """Risk of the masked teacher as a predictor at figure 1a."""
    proof = one.certificate(digits)
    mask = proof.kept[0]
    with BALLS.precision(digits + 10):
        modes = proof.modes
        return f.predictor_risk(
            modes.lam, modes.beta_star * mask.astype(int), modes.beta_star, BALLS.total
        )


NOT_OWN_TEACHER.enclosed(
    "student at figure 1a", lambda d: one.certificate(d).masked, value="0.0897"
)
