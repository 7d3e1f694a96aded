"""Claim of section 5: simulations at p >> n, the bias in 1/n, and the way to p = infinity."""

from fractions import Fraction
from typing import Any

import numpy as np

from kdverify.evidence import Claim, Comparison, Context, Step
from kdverify.gaussian import infinite as scaling

from ..lib import power_laws as finite
from .size_correction import Setting, measured

SIMULATED = Claim(
    "5.simulated",
    title="Simulated students at p >> n follow the law at p = infinity",
    statement=r"p = 20n:\ E R = \bar R_p(1 + C/n)\ \text{and}\ E R = \bar R_\infty(1 + C/n)"
    r"\text{ up to } |\bar R_p/\bar R_\infty - 1|,\ \text{three tenths of } C/n;"
    r"\quad\text{standard, best surrogate, best mask}",
    needs=("5.size-correction", "5.finite-p-bounds", "5.standard", "5.optimal", "5.mask"),
    parts=("simulated at four settings", "finite p at these settings"),
    steps=[
        Step(
            "(alpha, beta) below, at and above beta = 2 alpha + 1; signs of the columns flipped"
            " exactly, no label noise."
        ),
        Step("The bias C/n is that of 5.size-correction: 4 to 21 % at n = 20 and 30."),
        Step("What p = 20 n takes from the values at p = infinity is certified, not estimated."),
    ],
)


RISKS = ("standard", "optimal", "masked")
#: Below, below, at and above beta = 2 alpha + 1.
SIMULATED_AT = (
    Setting(Fraction(2), Fraction(3), 20, 400, 300),
    Setting(Fraction(3), Fraction(5, 2), 20, 400, 300),
    Setting(Fraction(2), Fraction(5), 20, 400, 400),
    Setting(Fraction(2), Fraction(6), 30, 600, 400),
)
#: Further n and p at the full level.
FULL = (Setting(Fraction(2), Fraction(3), 50, 1500, 200),)


@SIMULATED.agreement(
    "simulated at four settings", note="three risks each, at finite p and p = infinity"
)
def runs(context: Context) -> list[Comparison]:
    """Against the equivalent at finite p and against p = infinity, with the correction.

    The band is three tenths of the correction; for p = infinity what p takes, certified, is added.
    """
    found = []
    for setting in SIMULATED_AT + (FULL if context.level.name == "full" else ()):
        run = measured(context, setting)
        limit = scaling.infinite(setting.alpha, setting.beta, setting.n)
        infinite = np.array([float(getattr(limit, name)) for name in RISKS])
        taken = finite.ratios(*setting.exponents, digits=20)
        far = np.array([float(abs(1 - taken[name]).upper()) for name in RISKS])
        near = 0.3 * abs(run.bias)
        for name, law, band in (
            ("finite p", run.equivalent, near),
            ("p = infinity", infinite, near + far * (1 + abs(run.bias))),
        ):
            found.append(
                Comparison(
                    f"{name}, {setting.name}",
                    run.mean,
                    run.standard_error,
                    run.degrees_of_freedom,
                    law * (1 + run.bias),
                    law * band,
                )
            )
    return found


runs.shifted(-1)


@SIMULATED.below(
    "finite p at these settings", but={"bounds 10 % closer to 1": {"wrong": Fraction(9, 10)}}
)
def close(digits: int, wrong: Fraction = Fraction(1)) -> list[tuple[Any, Any]]:
    """The simulated settings lie within their bounds of p = infinity."""
    return finite.within((s.exponents for s in (*SIMULATED_AT, *FULL)), digits, wrong)
