"""Claim of section 3: the best surrogate, and when it amplifies a mode."""

from collections.abc import Iterator
from fractions import Fraction
from typing import Any

import flint
import numpy as np
import sympy

from kdverify import Problem, Spectrum, optimal_surrogate
from kdverify import formulas as f
from kdverify.arithmetic import BALLS
from kdverify.evidence import Claim, Comparison, Context, Step
from kdverify.gaussian.certified import certificate

from ..lib import modes as one
from ..lib.balls import reflection
from ..lib.ensembles import BEST, SETTINGS, savings
from ..lib.modes import Pairs
from ..s2_model_shift.four_term import BETA_STAR, DIRECTION, N, P, diagonal_problem

OPTIMAL = Claim(
    "3.optimal",
    title="(4) is the one best surrogate, whatever the noise",
    statement=r"\beta^{opt}_i = \frac{(1-\zeta_i)\beta^*_i}{(1-\zeta_i)^2+\zeta_i^2"
    r"\frac{\Omega}{1-\Omega}} = \arg\min_{\beta^s}\bar R(\beta^s)",
    source="paper",
    needs=("2.risk",),
    parts=("minimum", "unique", "any noise"),
    steps=[
        Step("(2) is additive over the modes, with Omega a number that no surrogate changes."),
        Step("Complete the square in one mode.", lambda: completed_square()[1]),
        Step("Its curvature is positive, so the minimum is the one zero of the square."),
        Step("The noise adds the same to every surrogate.", lambda: noise_part()[1]),
        Step(
            "The same in the measurable terms of (3): lambda E P_ii beta*_i over"
            " E sum_k lambda_k P_ki^2.",
            lambda: from_transfer(),
        ),
    ],
)


@OPTIMAL.identity("minimum")
def completed_square(best: Any = None) -> tuple[Any, Any]:
    """One mode's risk above its minimum, and the square that it should be."""
    lam, zeta, omega, _, surrogate, noise = one.symbols()
    best = one.best() if best is None else best
    curvature = lam * f.mode_curvature(zeta, 1 - zeta, omega, 1 - omega) / (1 - omega)
    above = one.share(surrogate, noise) - one.share(best, noise)
    return above, curvature * (surrogate - best) ** 2


def swapped_best() -> Any:
    """(4) with Omega and 1 - Omega in each other's place."""
    _, zeta, omega, beta_star, _, _ = one.symbols()
    return f.optimal_surrogate(beta_star, zeta, 1 - zeta, 1 - omega, omega)


completed_square.but("Omega and 1 - Omega swapped in (4)", best=swapped_best())


@OPTIMAL.forall("unique", witness={"zeta": "1/4", "Omega": "1/2"}, but={"sign": {"sign": -1}})
def curvature_positive(smt: Any, sign: int = 1) -> Any:
    """(2) curves upward in every coordinate."""
    zeta, omega, inside = one.unit(smt)
    return inside, sign * f.mode_curvature(zeta, 1 - zeta, omega, 1 - omega) > 0


@OPTIMAL.identity("any noise")
def noise_part() -> tuple[Any, Any]:
    """What the noise adds, whatever the surrogate."""
    _, _, omega, _, surrogate, noise = one.symbols()
    added = one.share(surrogate, noise) - one.share(surrogate)
    return added, f.variance_factor(omega, 1 - omega) * noise


def from_transfer() -> Any:
    """The zero of the derivative of the risk that the transfer functions (3) make."""
    lam, zeta, omega, beta_star, surrogate, noise = one.symbols()
    at = (omega, 1 - omega)
    mean = f.transfer_mean(1 - zeta)
    energy = f.transfer_energy(lam, zeta, 1 - zeta, *at)
    square, trace = surrogate * surrogate, f.noise_trace(*at)
    risk = f.transfer_risk(
        lam, surrogate, square, beta_star, mean, energy, trace, noise, total=one.itself
    )
    (zero,) = sympy.solve(sympy.diff(risk, surrogate), surrogate)
    return zero


OPTIMAL.identity("minimum", lambda: (from_transfer(), one.best()), note="from (3)")


#: ridges at figure 1a, and modes at both ends and around the transition
RIDGES = (Fraction(0), Fraction(1, 1000))
SOME_MODES = (0, 125, 126, 499)


def moves(digits: int, factor: Fraction = Fraction(1)) -> Iterator[tuple[Any, Any, Any]]:
    """Risk of ``factor`` times the best surrogate, and moved up and down by a thousandth.

    Moved in one coordinate at a time, then as a whole; without and with ridge.
    """
    for ridge in RIDGES:
        proof = one.certificate(digits, ridge)
        with BALLS.precision(digits + 10):
            centre = proof.optimal_surrogate * BALLS.number(factor)
            thousandth = centre * BALLS.number(Fraction(1, 1000))
        least = proof.risk(centre)
        for chosen in (*([k] for k in SOME_MODES), list(range(centre.size))):
            step = np.zeros(centre.size, dtype=int).astype(object)
            step[chosen] = thousandth[chosen]
            with BALLS.precision(digits + 10):
                up, down = centre + step, centre - step
            yield least, proof.risk(up), proof.risk(down)


@OPTIMAL.below("figure 1a", note="moved surrogates are worse")
def moved_is_worse(digits: int) -> Pairs:
    """The best surrogate costs less than itself moved either way, and than beta*."""
    for least, up, down in moves(digits):
        yield least, up
        yield least, down
    for ridge in RIDGES:
        proof = one.certificate(digits, ridge)
        yield proof.optimal, proof.standard


@OPTIMAL.equal(
    "figure 1a",
    note="no slope at the minimum",
    but={"(4) smaller by a thousandth": {"factor": Fraction(999, 1000)}},
)
def no_slope(digits: int, factor: Fraction = Fraction(1)) -> Pairs:
    """Steps up and down cost the same: a quadratic has no slope there."""
    for _, up, down in moves(digits, factor):
        yield up, down


@OPTIMAL.equal("figure 1a", note="ridgeless and ridge")
def minimum_by_two_routes(digits: int) -> Pairs:
    """The formula for the minimum, and (2) at the minimiser."""
    for ridge in RIDGES:
        proof = one.certificate(digits, ridge)
        yield proof.optimal, proof.risk(proof.optimal_surrogate)


@OPTIMAL.agreement("saving by simulation", note="4 settings, one with ridge", draws=SETTINGS)
def best_saves(context: Context) -> list[Comparison]:
    """What the best surrogate saves its student, by simulation."""
    return savings(context, BEST)


best_saves.shifted(-1)


@OPTIMAL.below(
    "as run: a turned covariance",
    note="p = 8, with and without ridge, relative 1e-10",
    but={"beta* left in the eigenbasis": {"turned": False}},
)
def turned_best(digits: int, turned: bool = True) -> Pairs:
    """`kdverify.optimal_surrogate` of a dense covariance, and (4) on balls, turned."""
    q = np.array(reflection(DIRECTION), dtype=float)
    dense = q @ np.diag(1 / np.arange(1.0, P + 1)) @ q
    truth = q @ np.array(BETA_STAR, dtype=float)
    for ridge in (0.0, 0.25):
        found = optimal_surrogate(Problem(Spectrum.from_covariance(dense), truth), N, ridge)
        proof = certificate(diagonal_problem(), N, ridge=ridge, digits=digits)
        for ours, ball in zip(q @ found if turned else found, proof.optimal_surrogate, strict=True):
            yield abs(flint.arb(float(ours)) - ball), Fraction(1, 10**10)


OPTIMAL.identity("minimum", one.additive, note="(2) is additive, any number of modes")
