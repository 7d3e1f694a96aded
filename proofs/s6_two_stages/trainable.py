"""Claim of section 6: what can be trained, what it recovers, the exponent."""

from fractions import Fraction
from typing import Any

import flint
import numpy as np

from kdverify import formulas as f
from kdverify import gains, optimal_mask
from kdverify.evidence import Claim, Comparison, Context, Step
from kdverify.stages import two_stage_error, two_stage_risk

from ..lib import dense_stages as dense
from ..lib import sums as m
from ..lib.ensembles import generator, times
from ..lib.flips import chain_risks
from ..lib.modes import Pairs
from ..lib.stages import level_risk, two_levels, two_stages

TRAINABLE = Claim(
    "6.trainable",
    title="A trained surrogate, gained or masked, against strong labels of the same budget",
    statement=r"\beta^s \to g\odot\beta^s,\ g = g(\Sigma_t, n):\ \text{its student's risk is (2)}"
    r"\text{ averaged over } N(gA\beta^*, g\,\mathrm{Cov}\,g);\ \text{it may win or lose}",
    needs=("6.two-stage", "3.optimal", "4.rule"),
    parts=("closed form", "simulated", "examples"),
    steps=[
        Step("Gains and masks need Sigma_t and n only, not beta*."),
        Step(
            "A fixed factor scales mean and standard deviation of each coordinate; with them the"
            " transfer functions (3) give the risk.",
            lambda: m.risk_of_squares(),
        ),
        Step(
            "Two levels, m = n: with label noise mask and gain beat the m strong labels, without"
            " noise they lose. The gain is made for an exact teacher: with a noisy one it can be"
            " worse than no gain."
        ),
    ],
)


closed_form = TRAINABLE.identity(
    "closed form", lambda: (m.averaged_risk(), m.risk_of_squares()), note="any p"
)
closed_form.but(
    "the square of the mean for the mean square",
    sides=lambda: (m.averaged_risk(), m.risk_of_squares(lambda s, w: s**2)),
)


@TRAINABLE.agreement(
    "simulated",
    note="p = 60, m = 40, n = 30, corrected in 1/n",
    but={"no gain, no mask": {"changed": False}},
)
def own_draws(context: Context, changed: bool = True) -> list[Comparison]:
    """Both stages drawn here; the surrogate's modes gained or masked in between."""
    case = two_stages(context, "one covariance", None, (40, 30))
    teacher, student = case.stages
    n = int(student.n)
    factors = {"gain": gains(case.problem, n), "mask": optimal_mask(case.problem, n).astype(float)}
    comparisons = []
    for name, multiplied in factors.items():
        count = context.trials(160, full=1600) // times(context)
        draw = generator(context, name)
        values = chain_risks(case.problem, case.stages, count, draw, multiplied)[:, -1]
        told = name if changed else "none"
        theory = two_stage_error(case.problem, teacher, student, told).corrected
        band = case.bands(context, share=0.5)[-1] * theory
        comparisons.append(Comparison.of(name, values, theory, band))
    return comparisons


own_draws.shifted(-1)


@TRAINABLE.below(
    "as run: dense matrices",
    note="gain and mask in the target's eigenbasis, ridges, relative 1e-12",
    but={"the mask for the gain": {"exchanged": True}, "gains without ridge": {"ridge": 0.0}},
)
def dense_transforms(digits: int, exchanged: bool = False, ridge: float = dense.RIDGES[1]) -> Pairs:
    """`two_stage_risk` with a gain and with a mask, beside matrices of balls."""
    for size, n in ((2, 2), (7, 9)):
        for name in ("gain", "mask"):
            ball = dense.risk(size, n, digits, name)
            other = {"gain": "mask", "mask": "gain"}[name] if exchanged else name
            options = (*dense.NOISES, dense.RIDGES[0], ridge, other)
            value = two_stage_risk(dense.problem(), dense.source(), size, n, *options)
            yield abs(flint.arb(value) / ball - 1), Fraction(1, 10**12)


def level_risks(second: Any, noise: Any) -> dict[str, Any]:
    """Two levels, m = n = p/2, beta* = (1, second): strong labels, and the trained students.

    The same m strong labels, with their noise, serve all; pseudo-labels cost nothing.
    """
    at = two_levels()
    truth = np.array([Fraction(1), Fraction(second)], dtype=object)
    mean, square = at.trained(truth, truth * truth, Fraction(noise))
    factors = {
        "plain": np.array([Fraction(1), Fraction(1)], dtype=object),
        "gain": f.gain(at.zeta, at.learnt, at.omega, at.one_minus_omega),
        "mask": np.array(
            [Fraction(int(f.keep_margin(z, at.one_minus_omega) > 0)) for z in at.zeta]
        ),
    }
    risks = {"strong": level_risk(mean, square, truth)}
    for name, g in factors.items():
        risks[name] = level_risk(*at.trained(g * mean, g * g * square), truth)
    return risks


@TRAINABLE.below("examples", note="exact fractions", but={"noiseless labels": {"noise": 0}})
def comparisons(digits: int, noise: int = 1) -> list[tuple[Any, Any]]:
    """Pairs (smaller, larger): each way, for gain and for mask."""
    faint, noiseless = level_risks("1/4", noise), level_risks("1/4", 0)
    middle = level_risks(1, 1)
    strong = level_risks(2, 4)
    return [
        (faint["mask"], faint["strong"]),
        (noiseless["strong"], noiseless["mask"]),
        (strong["gain"], strong["strong"]),
        (noiseless["strong"], noiseless["gain"]),
        (faint["plain"], faint["gain"]),
        (middle["mask"], middle["strong"]),
    ]
