"""Claim of section 7: how fast the mean risk converges.

Sigma = I is solved exactly, with chi-square variables.  On a power law of fixed shape the
rates are measured; the bands stand in `lib.rates`.
"""

import math
from typing import Any

import sympy

from kdverify import equivalents, size_error
from kdverify import formulas as f
from kdverify.evidence import Claim, Comparison, Context, Step

from ..lib import sums as m
from ..lib.integrals import mean_inverse_wishart_trace
from ..lib.rates import NOISE, Estimate, Rate, fixed_shape, simulated

BIAS_RATE = Claim(
    "7.bias",
    title="The mean risk is off by a relative O(1/n)",
    statement=r"p = n/\kappa,\ \Sigma\ \text{and}\ \beta_*\ \text{of fixed shape}:\quad"
    r" E\,R/\bar R - 1 \sim \frac{C}{n};\quad \Sigma = I:\ \text{the noise part by exactly}"
    r"\ \frac1{p-n-1}",
    needs=("2.risk", "2.isotropic-exact", "2.isotropic-noise", "15.correction"),
    parts=("Sigma = I", "power law"),
    steps=[
        Step("Sigma = I: the part of R without noise has no bias (2.isotropic-exact)."),
        Step(
            "The noise part is n/(p-n-1) where (2) has n/(p-n): n times the relative bias tends"
            " to kappa/(1 - kappa), which is Omega/(1 - Omega).",
            lambda: by_formulas(),
        ),
        Step(
            "Power law: at every size the relative bias is C/n of 15.correction up to 3 (C/n)^2,"
            " and its slope against n is measured."
        ),
    ],
)


def relative_bias(n: Any, p: Any) -> Any:
    """Of the noise part: the exact mean against that of (2)."""
    return f.isotropic_noise_risk(1, n, p) / f.variance_factor(n / p, 1 - n / p) - 1


def exact_bias() -> Any:
    """Relative bias of the noise part, its mean by the integral of 1/chi^2."""
    return mean_inverse_wishart_trace(m.n, m.p) * (m.p - m.n) / m.n - 1


@BIAS_RATE.limit(
    "Sigma = I",
    note="n times the relative bias",
    symbol="n",
    point="oo",
    value=lambda: kappa() / (1 - kappa()),
    samples=lambda: small_kappas(),
    but={"a bias of smaller order than 1/n": {"value": 0}},
)
def at_fixed_kappa() -> Any:
    """n times the relative bias at p = n / kappa."""
    return m.n * relative_bias(m.n, m.n / kappa())


def kappa() -> Any:
    """n/p, a symbol."""
    return sympy.Symbol("kappa", positive=True)


def small_kappas() -> list[dict[Any, Any]]:
    """Points of the domain."""
    return [{kappa(): sympy.Rational(1, k)} for k in (2, 3)]


def by_formulas() -> Any:
    """The relative bias in symbols."""
    return sympy.factor(relative_bias(m.n, m.p))


BIAS_RATE.identity(
    "Sigma = I", lambda: (by_formulas(), exact_bias()), note="inverse chi-square integral"
)


@BIAS_RATE.agreement("power law", note="n = 8 to 64; bands of second order, 1.7 to 0.03 %")
def biases(context: Context) -> list[Comparison]:
    """The mean risk at every size, and the slopes of its bias and of its noise part's."""

    def log_bias(mean: Any, error: Any, theory: float) -> Estimate:
        return math.log((mean - theory) / theory), error / (mean - theory), run.trials

    sizes = (8, 16, 32, 64)
    means, risks, traces = [], [], []
    for n, trials in zip(sizes, (600, 300, 300, 300), strict=True):
        run = simulated(context, n, trials, steady=True)
        problem = fixed_shape(2 * n)
        at, theory = equivalents(problem, n), size_error(problem, n, noise_variance=NOISE)
        trace = float(f.noise_trace(at.omega, at.one_minus_omega))
        mean, error = run.means[0], run.standard_errors[0]
        risks.append(log_bias(mean, error, theory.risk))
        traces.append(log_bias(run.noise_trace, run.noise_trace_standard_error, trace))
        band = 3 * theory.correction**2 / theory.risk
        means.append(
            Comparison(f"mean risk, n={n}", mean, error, run.trials - 1, theory.corrected, band)
        )
    rate = Rate(-1.0, sizes, relative_bias)
    return [
        *means,
        rate.comparison("the bias of R", risks),
        rate.comparison("the bias of the noise part", traces),
    ]


biases.shifted(-1)
