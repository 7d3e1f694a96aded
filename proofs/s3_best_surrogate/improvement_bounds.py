"""Claim of section 3: how much the best surrogate can buy."""

from fractions import Fraction
from typing import Any

import numpy as np
import sympy

from kdverify import formulas as f
from kdverify.arithmetic import BALLS
from kdverify.evidence import Claim, Comparison, Context, Step
from kdverify.gaussian.certified import certificate
from kdverify.problem import Problem, Spectrum

from ..lib import modes as one
from ..lib.ensembles import SETTINGS, ratios
from ..lib.modes import Pairs

BOUNDS = Claim(
    "3.improvement-bounds",
    title="Without noise the best surrogate cannot do better than min(Omega, 1 - Omega)",
    statement=r"\min(\Omega,1-\Omega)\,\bar R_{std}\le\bar R_{opt}\le\bar R_{std}"
    r"\qquad(\sigma=0)",
    needs=("3.improvement",),
    parts=("upper", "lower", "sharp"),
    steps=[
        Step(
            "In (5) the distance |zeta - (1 - Omega)| is at most max(Omega, 1 - Omega), and"
            " Omega(1 - Omega) + max^2 = max; the bounds hold mode by mode, hence for the sums."
        ),
        Step(
            "The upper one is attained where zeta_i = 1 - Omega for all modes with signal.  The"
            " lower one is never attained: it is the limit of modes with zeta -> 0 (where it is"
            " Omega) and zeta -> 1 (where it is 1 - Omega).",
            lambda: improvement_of_zeta(),
        ),
    ],
)


#: A point of the domain.
INSIDE = {"zeta": "1/4", "Omega": "1/2"}


@BOUNDS.forall(
    "upper",
    witness=INSIDE,
    which="upper",
    but={
        "a bound larger by a hundredth": {"which": "Omega", "slack": "101/100"},
        "always better by a hundredth": {"slack": "101/100"},
    },
)
def bound(smt: Any, which: str, slack: str = "1") -> Any:
    """(5) is at most one, and then at the tie, and above the smaller of Omega and 1 - Omega."""
    zeta, omega, inside = one.unit(smt)
    value = f.improvement(zeta, 1 - zeta, omega, 1 - omega)
    factor = smt.number(slack)
    if which == "upper":
        return inside, value * factor <= 1
    if which == "Omega":
        return [*inside, omega <= smt.number("1/2")], value > factor * omega
    return [*inside, omega >= smt.number("1/2")], value > factor * (1 - omega)


for side in ("Omega", "1 - Omega"):
    BOUNDS.forall("lower", bound, witness=INSIDE, note=f"Omega on the side of {side}", which=side)


@BOUNDS.forall(
    "sharp",
    note="upper bound",
    witness=INSIDE,
    but={"the tie at zeta = Omega": {"at": lambda omega: omega}},
)
def equality(smt: Any, at: Any = lambda omega: 1 - omega) -> Any:
    """(5) is one exactly at the tie: where it is not, it is below."""
    zeta, omega, inside = one.unit(smt)
    value = f.improvement(zeta, 1 - zeta, omega, 1 - omega)
    return inside, (value < 1) == smt.Not(zeta == at(omega))


def improvement_of_zeta() -> Any:
    """(5) in symbols."""
    _, zeta, omega, _, _, _ = one.symbols()
    return f.improvement(zeta, 1 - zeta, omega, 1 - omega)


def omega_symbol() -> Any:
    """Omega in symbols."""
    return one.symbols()[2]


def omegas() -> list[dict[Any, Any]]:
    """Values of Omega at which the limits are looked at in numbers."""
    return [{omega_symbol(): sympy.Rational(k, 10)} for k in (2, 5, 9)]


@BOUNDS.limit(
    "sharp",
    symbol="zeta",
    point=1,
    direction="-",
    samples=lambda: omegas(),
    note="zeta -> 1",
    end=1,
    but={"Omega as zeta -> 1": {"end": 0}},
)
@BOUNDS.limit("sharp", symbol="zeta", point=0, samples=lambda: omegas(), note="zeta -> 0", end=0)
def far_modes(end: int) -> tuple[Any, Any]:
    """(5) of one mode, and what it tends to: Omega as zeta -> 0, 1 - Omega as zeta -> 1."""
    return improvement_of_zeta(), 1 - omega_symbol() if end else omega_symbol()


@BOUNDS.below(
    "signal in one mode",
    note="lower bound within 1e-8",
    but={"within 1e-16": {"slack": Fraction(1, 10**16)}},
)
def nearly_attained(digits: int, slack: Fraction = Fraction(1, 10**8)) -> Pairs:
    """Signal in one far-off mode only: the lower bound is missed by a relative 1e-8 at most.

    Beside nineteen equal modes: a huge one at n = 5, where Omega < 1/2, and a tiny one at
    n = 15, where Omega > 1/2.
    """
    for far, n in ((1e12, 5), (1e-12, 15)):
        spectrum = Spectrum(np.append(np.ones(19), far))
        proof = certificate(Problem(spectrum, np.eye(20)[-1]), n, digits=digits)
        with BALLS.precision(digits + 10):
            least = proof.equivalents.one_minus_omega.min(proof.omega) * proof.standard
            yield least, proof.optimal
            yield proof.optimal, least * BALLS.number(1 + slack)


@BOUNDS.agreement("ratio by simulation", note="4 settings, one with ridge", draws=SETTINGS)
def measured_ratio(context: Context) -> list[Comparison]:
    """The best student's risk over the standard one's, by simulation."""
    return ratios(context)


measured_ratio.shifted(-1)


@BOUNDS.below(
    "figure 1a", note="ridgeless and ridge", but={"twice the bound": {"factor": Fraction(2)}}
)
def bounds_hold(digits: int, factor: Fraction = Fraction(1)) -> Pairs:
    """min(Omega, 1 - Omega) R_std < R_opt < R_std at figure 1a, with and without ridge."""
    for ridge in (Fraction(0), Fraction(1, 100)):
        proof = one.certificate(digits, ridge)
        least = proof.equivalents.one_minus_omega.min(proof.omega)
        yield least * proof.standard * BALLS.number(factor), proof.optimal
        yield proof.optimal, proof.standard
