"""Claim of section 3: what the best surrogate buys, mode by mode."""

from typing import Any

from kdverify import formulas as f
from kdverify.arithmetic import BALLS
from kdverify.evidence import Claim, Step

from ..lib import modes as one
from ..lib.modes import Pairs

TEACHER = Claim(
    "3.teacher-not-best",
    title="The best teacher is not the best model: worse than beta*, and it labels better",
    statement=r"R(\beta^{opt}) = \sum_i\lambda_i\beta_i^{*2}\Bigl(\frac{\beta^{opt}_i}{\beta^*_i}"
    r"-1\Bigr)^2 > 0 = R(\beta^*)\ \text{ iff some mode with } \beta^*_i\ne0"
    r"\text{ has } \zeta_i\ne1-\Omega",
    source="paper",
    needs=("3.transition",),
    parts=("risk", "beta*", "iff"),
    steps=[
        Step("As a predictor it is off by gain - 1 in each mode.", lambda: teacher_risk()[1]),
        Step("A sum of squares vanishes iff every square does, and gain - 1 only at the tie."),
    ],
)


@TEACHER.identity("risk")
def teacher_risk() -> tuple[Any, Any]:
    """One mode's risk of the best surrogate as a predictor, two ways."""
    lam, zeta, omega, beta_star, _, _ = one.symbols()
    excess = f.gain_excess(zeta, 1 - zeta, omega, 1 - omega)
    risk = f.predictor_risk(lam, one.best(), beta_star, total=one.itself)
    return risk, one.signal() * excess**2


teacher_risk.but("all of the energy", sides=lambda: (teacher_risk()[0], one.signal()))


def risk_of_truth() -> Any:
    """One mode's risk of beta* as a predictor."""
    lam, _, _, beta_star, _, _ = one.symbols()
    return f.predictor_risk(lam, beta_star, beta_star, total=one.itself)


TEACHER.identity("beta*", lambda: (risk_of_truth(), 0))


@TEACHER.forall(
    "iff",
    note="gain - 1",
    witness={"zeta": "1/4", "Omega": "1/2"},
    but={"at the tie too": {"anywhere": True}},
)
def off_iff(smt: Any, anywhere: bool = False) -> Any:
    """gain - 1 is zero exactly at zeta = 1 - Omega."""
    zeta, omega, inside = one.unit(smt)
    off = smt.Not(f.gain_excess(zeta, 1 - zeta, omega, 1 - omega) == 0)
    return inside, off if anywhere else off == smt.Not(zeta == 1 - omega)


@TEACHER.forall(
    "iff",
    note="one mode's term",
    witness={"lam": "1", "truth": "0", "excess": "0"},
    but={"modes without signal too": {"strict": True}},
)
def square_positive(smt: Any, strict: bool = False) -> Any:
    """One mode's term: never negative, zero iff gain = 1 or beta*_i = 0."""
    lam, truth, excess = smt.Real("lam"), smt.Real("truth"), smt.Real("excess")
    risk = f.predictor_risk(lam, (1 + excess) * truth, truth, total=one.itself)
    if strict:
        return [lam > 0], risk > 0
    zero = smt.Or(truth == 0, excess == 0)
    return [lam > 0], smt.And(risk >= 0, (risk == 0) == zero)


@TEACHER.below("figure 1a", but={"its labels are twice as good": {"factor": 2}})
def teacher_and_student(digits: int, factor: int = 1) -> Pairs:
    """Figure 1a: 0 < risk of the teacher, and its labels beat strong ones."""
    proof = one.certificate(digits)
    modes = proof.modes
    with BALLS.precision(digits + 10):
        teacher = f.predictor_risk(modes.lam, proof.optimal_surrogate, modes.beta_star, BALLS.total)
    return iter([(0, teacher), (factor * proof.optimal, proof.standard)])
