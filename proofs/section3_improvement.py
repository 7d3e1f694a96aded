"""Claims of section 3: what the best surrogate buys, mode by mode."""

from __future__ import annotations

from fractions import Fraction
from functools import partial
from typing import Any

import _one_mode as one
from _notation import Pairs

from kdverify import formulas as f
from kdverify.evidence import Claim, Control, Enclosure, Forall, Identity, Step

# --------------------------------------------------------------------------
# 3.teacher-not-best
# --------------------------------------------------------------------------


def teacher_risk() -> tuple[Any, Any]:
    """One mode's risk of the best surrogate as a predictor, two ways."""
    lam, zeta, omega, beta_star, _, _ = one.symbols()
    excess = f.gain_excess(zeta, 1 - zeta, omega, 1 - omega)
    risk = f.predictor_risk(lam, one.best(), beta_star, total=one.itself)
    return risk, one.signal() * excess**2


def teacher_worse(smt: Any, anywhere: bool = False) -> Any:
    """The best surrogate is off in every mode with zeta not equal to 1 - Omega."""
    zeta, omega, inside = one.unit(smt)
    margin = f.amplification_margin(zeta, 1 - omega)
    off = f.gain_excess(zeta, 1 - zeta, omega, 1 - omega)
    if anywhere:
        return inside, smt.Not(off == 0)
    return [*inside, smt.Not(margin == 0)], smt.Not(off == 0)


def teacher_and_student(digits: int, swapped: bool = False) -> Pairs:
    """Figure 1a: 0 < risk of the teacher, and its labels beat strong ones."""
    from kdverify.arithmetic import BALLS

    proof = one.certificate(digits)
    modes = proof.modes
    with BALLS.precision(digits + 10):
        teacher = f.predictor_risk(modes.lam, proof.optimal_surrogate, modes.beta_star, BALLS.total)
    student = (proof.standard, proof.optimal) if swapped else (proof.optimal, proof.standard)
    return iter([(0, teacher), student])


TEACHER = Claim(
    id="3.teacher-not-best",
    title="The best teacher is not the best model: worse than beta*, and it labels better",
    statement=r"R(\beta^{opt}) = \sum_i\lambda_i\beta_i^{*2}\Bigl(\frac{\beta^{opt}_i}{\beta^*_i}"
    r"-1\Bigr)^2 > 0 = R(\beta^*)\ \text{ iff some mode with } \beta^*_i\ne0"
    r"\text{ has } \zeta_i\ne1-\Omega",
    source="paper",
    needs=("3.transition",),
    steps=[
        Step("As a predictor it is off by gain - 1 in each mode.", lambda: teacher_risk()[1]),
        Step("A sum of squares vanishes iff every square does, and gain - 1 only at the tie."),
    ],
    evidence=[
        Identity("whole", left=lambda: teacher_risk()[0], right=lambda: teacher_risk()[1]),
        Forall("whole", build=teacher_worse, witness={"zeta": "1/4", "Omega": "1/2"}),
        Enclosure("figure 1a", below=teacher_and_student),
    ],
    controls=[
        Control(
            Forall("whole", build=lambda smt: teacher_worse(smt, anywhere=True)),
            wrong="at the tie too",
        ),
        Control(
            Enclosure("figure 1a", below=lambda d: teacher_and_student(d, swapped=True)),
            wrong="its labels are worse",
        ),
    ],
)

# --------------------------------------------------------------------------
# 3.improvement
# --------------------------------------------------------------------------


def ratio() -> tuple[Any, Any]:
    """One mode's optimal over its standard risk at sigma = 0, and (5)."""
    _, zeta, omega, beta_star, _, _ = one.symbols()
    arguments = (zeta, 1 - zeta, omega, 1 - omega)
    measured = one.share(one.best()) / one.share(beta_star)
    return measured, f.improvement(*arguments)


def two_curvatures() -> tuple[Any, Any]:
    """The curvature as a sum of positive terms, and as the denominator of (5)."""
    _, zeta, omega, _, _, _ = one.symbols()
    distance = zeta - (1 - omega)
    return (
        f.mode_curvature(zeta, 1 - zeta, omega, 1 - omega),
        omega * (1 - omega) + distance * distance,
    )


def whole_risks() -> tuple[list[Any], list[Any]]:
    """Two modes, lam = (1, 1/3), tau = 1/2, any signal and noise: the library's sums, and (2)."""
    import numpy as np
    import sympy
    from _symbolic import symbolic_modes

    m = symbolic_modes(2)
    at = (m.zeta, m.one_minus_zeta, m.omega, m.one_minus_omega)
    best = f.optimal_surrogate(m.beta_star, *at)

    def risk(surrogate: Any) -> Any:
        return f.risk(m.lam, surrogate, m.beta_star, *at, m.noise)

    mode = f.mode_standard_risk(m.signal, m.zeta, m.one_minus_omega)
    noise = f.variance_factor(m.omega, m.one_minus_omega) * m.noise
    optimal = f.optimal_risk(m.signal, *at, m.noise)
    standard = f.standard_risk(m.signal, m.zeta, m.omega, m.one_minus_omega, m.noise)
    here = {m.lam[0]: 1, m.lam[1]: sympy.Rational(1, 3), m.tau: sympy.Rational(1, 2)}
    sums = [optimal, standard, np.sum(mode) + noise]
    routes = [risk(best), risk(m.beta_star), risk(m.beta_star)]
    return [s.subs(here) for s in sums], [r.subs(here) for r in routes]


def optimal_by_two_routes(digits: int, ridge_scale: int = 1) -> Pairs:
    """Figure 1a with and without ridge: sums of (5) against (2) at the best surrogate."""
    for ridge in (Fraction(0), Fraction(ridge_scale, 100)):
        proof = one.certificate(digits, ridge)
        other = one.certificate(digits, ridge * ridge_scale)
        yield proof.optimal, other.risk(other.optimal_surrogate)


IMPROVEMENT = Claim(
    id="3.improvement",
    title="The best surrogate's risk over that of strong labels, mode by mode",
    statement=r"\frac{\bar R_{opt,i}}{\bar R_{std,i}} = \frac{\Omega(1-\Omega)}"
    r"{\Omega(1-\Omega)+(\zeta_i-(1-\Omega))^2}\qquad(\sigma=0)",
    source="new",
    needs=("3.optimal",),
    parts=("ratio", "denominator"),
    steps=[
        Step("Put (4) into one mode of (2), and beta*.", lambda: ratio()[0]),
        Step("The denominator of (5) is the curvature.", lambda: two_curvatures()[1]),
    ],
    evidence=[
        Identity("ratio", left=lambda: ratio()[0], right=lambda: ratio()[1]),
        Identity(
            "denominator", left=lambda: two_curvatures()[0], right=lambda: two_curvatures()[1]
        ),
        Identity(
            "p = 2",
            left=lambda: whole_risks()[0],
            right=lambda: whole_risks()[1],
            note="the risks as the library sums them, with noise",
        ),
        Enclosure("figure 1a", equal=optimal_by_two_routes, note="ridgeless and ridge"),
    ],
    controls=[
        Control(
            Identity("ratio", left=lambda: ratio()[0], right=lambda: 1 - ratio()[1]),
            wrong="one minus (5)",
        ),
        Control(
            Enclosure("figure 1a", equal=lambda d: optimal_by_two_routes(d, 2)),
            wrong="another ridge on one side",
        ),
    ],
)

# --------------------------------------------------------------------------
# 3.improvement-bounds
# --------------------------------------------------------------------------


def bound(smt: Any, which: str, slack: str = "1") -> Any:
    """(5) is at most one and at least the smaller of Omega and 1 - Omega."""
    zeta, omega, inside = one.unit(smt)
    value = f.improvement(zeta, 1 - zeta, omega, 1 - omega)
    factor = smt.number(slack)
    if which == "upper":
        return inside, value * factor <= 1
    if which == "Omega":
        return [*inside, omega <= smt.number("1/2")], value >= factor * omega
    return [*inside, omega >= smt.number("1/2")], value >= factor * (1 - omega)


def bounds_hold(digits: int, factor: Fraction = Fraction(1)) -> Pairs:
    """min(Omega, 1 - Omega) R_std < R_opt < R_std at figure 1a, with and without ridge."""
    from kdverify.arithmetic import BALLS

    for ridge in (Fraction(0), Fraction(1, 100)):
        proof = one.certificate(digits, ridge)
        least = proof.equivalents.one_minus_omega.min(proof.omega)
        yield least * proof.standard * BALLS.number(factor), proof.optimal
        yield proof.optimal, proof.standard


BOUNDS = Claim(
    id="3.improvement-bounds",
    title="Without noise the best surrogate cannot do better than min(Omega, 1 - Omega)",
    statement=r"\min(\Omega,1-\Omega)\,\bar R_{std}\le\bar R_{opt}\le\bar R_{std}"
    r"\qquad(\sigma=0)",
    source="new",
    needs=("3.improvement",),
    parts=("upper", "lower"),
    steps=[
        Step(
            "In (5) the distance |zeta - (1 - Omega)| is at most max(Omega, 1 - Omega), and"
            " Omega(1 - Omega) + max^2 = max; the bounds hold mode by mode, hence for the sums."
        )
    ],
    evidence=[
        Forall(
            "upper",
            build=lambda smt: bound(smt, "upper"),
            witness={"zeta": "1/4", "Omega": "1/2"},
        ),
        *(
            Forall(
                "lower",
                build=partial(bound, which=which),
                witness={"zeta": "1/4", "Omega": "1/2"},
                note=f"Omega on the side of {which}",
            )
            for which in ("Omega", "1 - Omega")
        ),
        Enclosure("figure 1a", below=bounds_hold, note="ridgeless and ridge"),
    ],
    controls=[
        Control(
            Forall("lower", build=lambda smt: bound(smt, "Omega", "101/100")),
            wrong="a bound larger by a hundredth",
        ),
        Control(
            Forall("upper", build=lambda smt: bound(smt, "upper", "101/100")),
            wrong="always better by a hundredth",
        ),
        Control(
            Enclosure("figure 1a", below=lambda d: bounds_hold(d, Fraction(2))),
            wrong="twice the bound",
        ),
    ],
)

CLAIMS = [TEACHER, IMPROVEMENT, BOUNDS]

if __name__ == "__main__":
    from kdverify.verify import run_as_script

    raise SystemExit(run_as_script(CLAIMS))
