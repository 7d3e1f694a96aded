"""Claim of section 6: the law of a trained surrogate, and its student."""

from collections.abc import Callable
from fractions import Fraction
from typing import Any

import flint
import sympy

from kdverify import formulas as f
from kdverify.evidence import Claim, Comparison, Context, Step
from kdverify.stages import Coefficients, ground_truth, train, two_stage_risk

from ..lib import dense_stages as dense
from ..lib import sums as m
from ..lib.integrals import mean_inverse_wishart_trace
from ..lib.modes import Pairs
from ..lib.stages import Chain, predicted, settings, simulated

TWO_STAGE = Claim(
    "6.two-stage",
    title="The student of a trained surrogate: (2) averaged over the law (7)",
    statement=r"E\beta^s = A\beta^*,\ \mathrm{Cov}\,\beta^s = \frac{V_s}{m}(\Sigma_s+\tau_s)^{-1}"
    r"\Sigma_s(\Sigma_s+\tau_s)^{-1}:\quad R \approx E_{\beta^s}\bar R(\beta^s)",
    source="paper",
    needs=("2.risk", "2.coordinates"),
    parts=("law", "least squares", "expectation", "simulated"),
    steps=[
        Step(
            "A stage's mean and covariance are those of section 2 in the eigenbasis of its own"
            " covariance; the share s_i is left out (6.rank-one).",
            lambda: variances()[0],
        ),
        Step("For m > p + 1 least squares is unbiased, with covariance sigma^2 E (X'X)^-1."),
        Step(
            "(2) is quadratic in the surrogate and has no products of two modes: its mean needs"
            " the mean and variance of each coordinate in the eigenbasis of Sigma_t.",
            lambda: m.risk_of_law(),
        ),
    ],
)


expectation = TWO_STAGE.identity(
    "expectation", lambda: (m.averaged_risk(), m.risk_of_law()), note="any number of modes"
)
expectation.but(
    "leftover energy of the mean surrogate only",
    sides=lambda: (m.averaged_risk(), m.risk_of_law(True)),
)


@TWO_STAGE.identity("law")
def variances() -> tuple[Any, Any]:
    """(7) in one mode, and the coordinate's variance of section 2 with s_i = 0."""
    learnt = m.split()[1]
    leftover = sympy.Symbol("L", positive=True)
    scale = f.trained_scale(leftover, 1 - m.omega, m.noise)
    spread = f.gamma_squared(m.p, m.n, 1 - m.omega, leftover, m.noise)
    return (
        f.trained_variance(scale, m.n, learnt, m.lam + m.tau),
        f.coordinate_variance(m.lam, learnt, spread, 0, m.p),
    )


def least_squares_risk() -> Any:
    """Noise part of least squares from its covariance, p modes."""
    variance = f.least_squares_variance(m.noise, m.lam, m.n, m.p)
    return m.total(f.mean_variance_risk(m.lam, 0, variance, 0, lambda share: share))


def inverse_wishart_risk() -> Any:
    """The same, sigma^2 E tr W^-1, by an integral."""
    return m.noise * mean_inverse_wishart_trace(m.p, m.n)


TWO_STAGE.identity(
    "least squares",
    lambda: (least_squares_risk(), inverse_wishart_risk()),
    note="inverse chi-square integral",
)


def without_surrogate_spread(case: Chain) -> list[float]:
    """Wrong: the student of the surrogate's mean."""
    first, second = case.stages
    law = train(case.problem, ground_truth(case.problem), first)
    fixed = Coefficients(law.mean, 0 * law.variances)
    return [law.risk(case.problem), train(case.problem, fixed, second).risk(case.problem)]


@TWO_STAGE.agreement("simulated", note="6 settings, p = 60, corrected in 1/n")
def two_stage_simulations(
    context: Context, theory: Callable[[Chain], list[float]] = predicted
) -> list[Comparison]:
    """The student in all six settings."""
    return simulated(context, settings(context), theory, first=1)


two_stage_simulations.shifted(-1)
two_stage_simulations.but("no covariance", theory=without_surrogate_spread)


@TWO_STAGE.below(
    "as run: dense matrices",
    note="Sigma_s and Sigma_t without a common eigenbasis, ridges, relative 1e-12",
    but={
        "without the ridge of stage 1": {"ridges": (0.0, 0.25)},
        "noise of stage 2 left out": {"noises": (0.5, 0.0)},
    },
)
def dense_stages(
    digits: int,
    ridges: tuple[float, float] = dense.RIDGES,
    noises: tuple[float, float] = dense.NOISES,
) -> Pairs:
    """`two_stage_risk` of a source matrix, beside matrices of balls that are inverted."""
    for size, n in ((2, 2), (3, 2), (7, 9)):
        ball = dense.risk(size, n, digits)
        value = two_stage_risk(dense.problem(), dense.source(), size, n, *noises, *ridges)
        yield abs(flint.arb(value) / ball - 1), Fraction(1, 10**12)
