"""Claims of section 3: the best surrogate, and when it amplifies a mode."""

from __future__ import annotations

from collections.abc import Iterator
from fractions import Fraction
from functools import partial
from typing import Any

import _one_mode as one
from _notation import Pairs

from kdverify import formulas as f
from kdverify.evidence import (
    Agreement,
    Claim,
    Comparison,
    Context,
    Control,
    Enclosure,
    Forall,
    Identity,
    Step,
)

# --------------------------------------------------------------------------
# 3.optimal
# --------------------------------------------------------------------------


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


def curvature_positive(smt: Any, sign: int = 1) -> Any:
    """(2) curves upward in every coordinate."""
    zeta, omega, inside = one.unit(smt)
    return inside, sign * f.mode_curvature(zeta, 1 - zeta, omega, 1 - omega) > 0


def noise_part() -> tuple[Any, Any]:
    """What the noise adds, whatever the surrogate."""
    _, _, omega, _, surrogate, noise = one.symbols()
    added = one.share(surrogate, noise) - one.share(surrogate)
    return added, f.variance_factor(omega, 1 - omega) * noise


def from_transfer() -> Any:
    """The zero of the derivative of the risk that the transfer functions (3) make."""
    import sympy

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


#: ridges at figure 1a, and modes at both ends and around the transition
RIDGES = (Fraction(0), Fraction(1, 1000))
SOME_MODES = (0, 125, 126, 499)


def moves(digits: int, factor: Fraction = Fraction(1)) -> Iterator[tuple[Any, Any, Any]]:
    """Risk of ``factor`` times the best surrogate, and moved up and down by a thousandth.

    Moved in one coordinate at a time, then as a whole; without and with ridge.
    """
    import numpy as np

    from kdverify.arithmetic import BALLS

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


def moved_is_worse(digits: int) -> Pairs:
    """The best surrogate costs less than itself moved either way, and than beta*."""
    for least, up, down in moves(digits):
        yield least, up
        yield least, down
    for ridge in RIDGES:
        proof = one.certificate(digits, ridge)
        yield proof.optimal, proof.standard


def no_slope(digits: int, factor: Fraction = Fraction(1)) -> Pairs:
    """Steps up and down cost the same: a quadratic has no slope there."""
    for _, up, down in moves(digits, factor):
        yield up, down


def minimum_by_two_routes(digits: int) -> Pairs:
    """The formula for the minimum, and (2) at the minimiser."""
    for ridge in RIDGES:
        proof = one.certificate(digits, ridge)
        yield proof.optimal, proof.risk(proof.optimal_surrogate)


def best_saves(context: Context, shift: float = 0.0, trials: int = 500) -> list[Comparison]:
    """What the best surrogate saves its student, by simulation."""
    from _students import BEST, savings

    return savings(context, BEST, shift, trials)


OPTIMAL = Claim(
    id="3.optimal",
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
            from_transfer,
        ),
    ],
    evidence=[
        Identity(
            "minimum", left=lambda: completed_square()[0], right=lambda: completed_square()[1]
        ),
        Identity(
            "minimum",
            left=lambda: one.additive()[0],
            right=lambda: one.additive()[1],
            note="(2) is additive, any number of modes",
        ),
        Forall("unique", build=curvature_positive, witness={"zeta": "1/4", "Omega": "1/2"}),
        Identity("any noise", left=lambda: noise_part()[0], right=lambda: noise_part()[1]),
        Identity("minimum", left=from_transfer, right=one.best, note="from (3)"),
        Enclosure("figure 1a", below=moved_is_worse, note="moved surrogates are worse"),
        Enclosure("figure 1a", equal=no_slope, note="no slope at the minimum"),
        Enclosure("figure 1a", equal=minimum_by_two_routes, note="ridgeless and ridge"),
        Agreement("saving by simulation", sample=best_saves, note="4 settings, one with ridge"),
    ],
    controls=[
        Control(
            Identity(
                "minimum",
                left=lambda: completed_square(swapped_best())[0],
                right=lambda: completed_square(swapped_best())[1],
            ),
            wrong="Omega and 1 - Omega swapped in (4)",
        ),
        Control(Forall("unique", build=lambda smt: curvature_positive(smt, -1)), wrong="sign"),
        Control(
            Enclosure("figure 1a", equal=lambda d: no_slope(d, Fraction(999, 1000))),
            wrong="(4) smaller by a thousandth",
        ),
        Control(
            Agreement("saving by simulation", sample=lambda c: best_saves(c, 1.0, trials=150)),
            wrong="savings one band-width larger",
        ),
    ],
)

# --------------------------------------------------------------------------
# 3.transition
# --------------------------------------------------------------------------


def excess() -> tuple[Any, Any]:
    """gain - 1, two ways."""
    _, zeta, omega, _, _, _ = one.symbols()
    arguments = (zeta, 1 - zeta, omega, 1 - omega)
    return f.gain(*arguments) - 1, f.gain_excess(*arguments)


def gain_from_derivative() -> tuple[Any, Any]:
    """The zero of the derivative of one mode's risk at beta* = 1, and the gain."""
    import sympy

    _, zeta, omega, _, surrogate, _ = one.symbols()
    slope = sympy.diff(one.share(surrogate, truth=sympy.Integer(1)), surrogate)
    (zero,) = sympy.solve(slope, surrogate)
    return zero, f.gain(zeta, 1 - zeta, omega, 1 - omega)


def sign_of_gain(smt: Any, relation: str, threshold: Any = None) -> Any:
    """Amplified iff zeta is below the threshold, shrunk iff above (so unchanged iff at it)."""
    zeta, omega, inside = one.unit(smt)
    gain = f.gain(zeta, 1 - zeta, omega, 1 - omega)
    at = 1 - omega if threshold is None else threshold(omega)
    if relation == "amplified":
        return inside, (gain > 1) == (zeta < at)
    return inside, (gain < 1) == (zeta > at)


def sign_of_margin(smt: Any) -> Any:
    """The margin that the library looks at has the sign of gain - 1."""
    zeta, omega, inside = one.unit(smt)
    margin = f.amplification_margin(zeta, 1 - omega)
    return inside, (margin > 0) == (f.gain_excess(zeta, 1 - zeta, omega, 1 - omega) > 0)


def around_transition(digits: int, last: int = 126) -> Pairs:
    """Mode 126 is amplified, mode 127 is shrunk."""
    gains = one.certificate(digits).gains
    return iter([(1, gains[last - 1]), (gains[last], 1)])


TRANSITION = Claim(
    id="3.transition",
    title="A mode is amplified iff zeta < 1 - Omega, shrunk iff zeta > 1 - Omega",
    statement=r"\frac{\beta^{opt}_i}{\beta^*_i}-1 = \frac{\zeta_i(1-\Omega-\zeta_i)}"
    r"{(1-\Omega)(1-\zeta_i)^2+\Omega\zeta_i^2}",
    source="paper",
    needs=("3.optimal",),
    parts=("excess", "sign"),
    steps=[
        Step("The gain is the zero of the derivative of (2).", lambda: gain_from_derivative()[0]),
        Step(
            "Its excess over one has the sign of 1 - Omega - zeta, so that it is zero exactly at"
            " zeta = 1 - Omega.",
            lambda: excess()[1],
        ),
    ],
    evidence=[
        Identity("excess", left=lambda: excess()[0], right=lambda: excess()[1]),
        Identity(
            "excess",
            left=lambda: gain_from_derivative()[0],
            right=lambda: gain_from_derivative()[1],
            note="from the derivative",
        ),
        *(
            Forall(
                "sign",
                build=partial(sign_of_gain, relation=relation),
                witness={"zeta": "1/4", "Omega": "1/2"},
                note=relation,
            )
            for relation in ("amplified", "shrunk")
        ),
        Forall("sign", build=sign_of_margin, witness={"zeta": "1/4", "Omega": "1/2"}),
        Enclosure("figure 1a", below=around_transition, note="126 modes amplified"),
    ],
    controls=[
        Control(
            Forall("sign", build=lambda smt: sign_of_gain(smt, "amplified", lambda omega: omega)),
            wrong="threshold Omega",
        ),
        Control(
            Identity("excess", left=lambda: excess()[0], right=lambda: -excess()[1]),
            wrong="the sign of the excess",
        ),
        Control(
            Enclosure("figure 1a", below=lambda d: around_transition(d, 127)),
            wrong="127 modes amplified",
        ),
    ],
)

CLAIMS = [OPTIMAL, TRANSITION]

if __name__ == "__main__":
    from kdverify.verify import run_as_script

    raise SystemExit(run_as_script(CLAIMS))
