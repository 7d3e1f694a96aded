"""Claim of section 8: the numbers at the setting of the paper's figure 1a."""

from typing import Any

import numpy as np

import kdverify as kd
from kdverify import formulas
from kdverify.evidence import Claim, Comparison, Context, Step

from ..lib import modes as one

#: name of the property of a certificate -> its value.
VALUES = {
    "tau": "3.973373216e-5",
    "omega": "0.6129848549",
    "standard": "0.1193669839",
    "optimal": "0.08325095954",
    "masked": "0.08966240321",
}
COUNTS = {"amplified": 126, "kept": 203}

VALUES_CLAIM = Claim(
    "8.values",
    title="The numbers at the setting of figure 1a",
    statement=r"p=500,\ n=200,\ \alpha=2,\ \beta=1.5,\ \sigma=0:\quad \tau=3.973373216\cdot10^{-5},"
    r"\ \Omega=0.6129848549,\ \bar R_{std}=0.1193669839,\ \bar R_{opt}=0.08325095954,"
    r"\ \bar R_{mask}=0.08966240321;\ 126 \text{ modes amplified, } 203 \text{ kept}",
    source="paper",
    needs=("1.unique", "3.optimal", "4.rule"),
    parts=(*VALUES, *COUNTS),
    steps=[
        Step("Each number is enclosed by balls and rounds to the digits shown."),
        Step(
            "The simulation's band is twice the relative finite-size bias of the exactly solvable"
            " noise part for Sigma = I at the same p and n, 1/(p - n - 1)."
        ),
    ],
)


def number(digits: int, name: str) -> Any:
    """One number of the table."""
    return getattr(one.certificate(digits), name)


def counted(digits: int, name: str, expected: int) -> Any:
    """The modes that certainly belong, and those that possibly do: equal where decided."""
    certain, possible = getattr(one.certificate(digits), name)
    return [(int(certain.sum()), expected), (int(possible.sum()), expected)]


def relative_band() -> float:
    """Twice the relative finite-size bias of the noise part for Sigma = I at this p and n.

    There E R is exact, sigma^2 n/(p - n - 1), and (2) has sigma^2 n/(p - n).
    """
    problem, n = one.figure_1a()
    exact = formulas.isotropic_noise_risk(1.0, n, problem.p)
    learnt = n / problem.p
    limit = formulas.variance_factor(learnt, 1 - learnt)
    return 2 * (exact / limit - 1)


@VALUES_CLAIM.agreement("three risks by simulation")
def simulated(context: Context) -> Comparison:
    """The three risks, measured."""
    problem, n = one.figure_1a()
    mask = kd.optimal_mask(problem, n)
    found = kd.simulate(
        problem,
        n,
        [None, kd.optimal_surrogate(problem, n), problem.beta_star * mask],
        trials=context.trials(130, full=1000),
        seed=int(context.seed_sequence().generate_state(1)[0]),
        workers=context.workers,
    )
    theory = np.array(
        [kd.risk(problem, n), kd.optimal_risk(problem, n), kd.masked_risk(problem, n)]
    )
    band = relative_band() * theory
    return Comparison(
        "standard, optimal, masked",
        found.means,
        found.standard_errors,
        found.degrees_of_freedom,
        theory,
        band,
    )


simulated.shifted(-1)


def wrong_digit(text: str) -> str:
    """The number with its last significant digit raised by one."""
    mantissa, e, exponent = text.partition("e")
    last = str((int(mantissa[-1]) + 1) % 10)
    return mantissa[:-1] + last + e + exponent


for name, text in VALUES.items():
    VALUES_CLAIM.enclosed(
        name, number, value=text, name=name, but={"the last digit": {"value": wrong_digit(text)}}
    )

for name, count in COUNTS.items():
    wrong = {f"{count + 1} modes": {"expected": count + 1}}
    VALUES_CLAIM.equal(name, counted, note=f"{count} modes", name=name, expected=count, but=wrong)
