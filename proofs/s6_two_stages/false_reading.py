"""Claim of section 6: what a surrogate's covariance means, and what it does not."""

from fractions import Fraction
from typing import Any

import numpy as np
import sympy

from kdverify import formulas as f
from kdverify.arithmetic import BALLS
from kdverify.evidence import Claim, Step

from ..lib.stages import two_levels

FALSE_READING = Claim(
    "6.false-reading",
    title="False: covariate shift is S2T with the surrogate Sigma_t^-1/2 Sigma_s^1/2 beta*",
    statement=r"\text{trained on }\Sigma_s,\text{ tested on }\Sigma_t:\ R = \bar R(\beta^s),"
    r"\ \beta^s = \Sigma_t^{-1/2}\Sigma_s^{1/2}\beta^*\quad\text{(false)}",
    needs=("6.covariate-shift", "6.label-law"),
    expect="refuted",
    steps=[
        Step(
            "p = 2n, Sigma_t = I, Sigma_s = 4 and 1/4 on half the modes each, beta*_i^2 = 1/p:"
            " tau_s = 1, Omega_s = 0.68.",
        ),
        Step("Covariate shift: 1/2.", lambda: rational(readings()[0])),
        Step("S2T with that surrogate: 13/16.", lambda: rational(readings()[1])),
        Step(
            "The labels do agree (6.label-law); but the least norm is taken in other"
            " coordinates, and so is the risk."
        ),
    ],
)


def readings() -> tuple[Any, Any]:
    """Covariate-shift risk, and S2T risk with Sigma_t^-1/2 Sigma_s^1/2 beta*, as fractions.

    p = 2n, Sigma_t = I, Sigma_s = 4 and 1/4.  One mode of each per sample; beta*^2 = 1/2 per
    sample is written as 1 with both risks halved, so that its root is rational.
    """
    at, one, half = two_levels(), Fraction(1), Fraction(1, 2)
    truth = np.array([one, one], dtype=object)
    mean, square = at.trained(truth, truth)
    shift = f.moment_risk(truth, mean, square, truth)
    roots = np.array([Fraction(2), half], dtype=object)
    surrogate = f.surrogate_from_covariances(roots, one, truth)
    zeta, learnt = f.split_mode(one, one)
    assert f.fixed_point_residual(2 * learnt, 1, total=lambda x: x) == 0
    omega = f.omega(2 * f.learnt_square(learnt), 1)
    student = f.risk(truth, surrogate, truth, zeta, learnt, omega, 1 - omega)
    return shift / 2, student / 2


def rational(value: Fraction) -> Any:
    """A SymPy number."""
    return sympy.Rational(value.numerator, value.denominator)


FALSE_READING.identity(
    "whole", lambda: (rational(readings()[0]), rational(readings()[1])), note="one exact example"
)


def ball(value: Fraction) -> Any:
    """A ball around an exact number."""
    return BALLS.number(value)


FALSE_READING.equal("whole", lambda digits: [tuple(ball(r) for r in readings())])
FALSE_READING.enclosed("covariate shift", lambda digits: ball(readings()[0]), value="0.5")


s2t = FALSE_READING.enclosed("S2T", lambda digits: ball(readings()[1]), value="0.8125")
s2t.but("another fourth digit", value="0.8126")
