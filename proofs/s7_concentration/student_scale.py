"""Claims of section 7: Student's t has to be standardised."""

from collections.abc import Callable
from functools import cache
from typing import Any

import numpy as np
import sympy

from kdverify import formulas as f
from kdverify import size_error
from kdverify.evidence import Claim, Comparison, Context, Step

from ..lib.ensembles import Ensemble, power_law, times
from ..lib.integrals import STUDENT_DF, excess, student_moment

STUDENT_SCALE = Claim(
    "7.student-scale",
    title="Unstandardised t with 8 degrees of freedom has 3/4 of the noise part",
    statement=r"{\rm Var}\,t_8 = \tfrac43:\quad x = \Sigma^{1/2}t\ \text{is a standardised design"
    r" with covariance}\ \tfrac43\Sigma,\ \text{and}\ {\rm tr}\,\Sigma X^+X^{+\top}\ \text{is}"
    r"\ \tfrac34\ \text{of the standardised one};\ P\ \text{is the same}",
    needs=("1.scale",),
    parts=("variance", "scale", "measured"),
    steps=[
        Step("E t^2 = 8/6 by the integral of the density.", lambda: variances()[0]),
        Step(
            "X = U S V': a common factor sqrt(v) of the rows leaves P = VV' and divides each"
            " term lambda_i V_ij^2 / s_j^2 of the noise part by v.",
            lambda: scaled_share()[0],
        ),
    ],
)


UNSTANDARDISED = Claim(
    "7.unstandardised",
    title="False reading: t with 8 degrees of freedom needs no standardisation",
    statement=r"x = \Sigma^{1/2}t,\ t_i \sim t_8:\quad"
    r" E\,{\rm tr}\,\Sigma X^+X^{+\top} \approx \frac{\Omega}{1-\Omega}",
    needs=("7.student-scale",),
    expect="refuted",
    steps=[Step("Off by exactly 3/4, beyond every band of order 1/n.", lambda: 1 / variances()[0])],
)


def one(df: Any) -> int:
    """No standardisation."""
    return 1


@STUDENT_SCALE.identity("variance")
def variances() -> tuple[Any, Any]:
    """E t^2 by the integral and by the formula, 8 degrees of freedom."""
    return student_moment(2), f.student_variance(sympy.Integer(STUDENT_DF))


variances.but("variance 1", sides=lambda: (variances()[0], 1))
UNSTANDARDISED.identity("whole", lambda: (variances()[0], 1), note="variance 1")


@STUDENT_SCALE.identity("scale", note="mode by mode, singular value by singular value")
def scaled_share() -> tuple[Any, Any]:
    """What mode i and singular value s of X share of the noise part: X and sqrt(v) X.

    A A' = V S^-2 V' for X = U S V': the trace against Sigma is a sum of lambda V^2 / s^2.
    """
    lam, v, s, entry = sympy.symbols("lambda v s V", positive=True)
    scaled = lam * entry**2 / (sympy.sqrt(v) * s) ** 2
    return scaled, f.rescaled_noise(lam * entry**2 / s**2, v)


@cache
def raw_traces(context: Context, trials: int) -> tuple[Ensemble, np.ndarray]:
    """tr Sigma X'(XX')^-2 X of rows Sigma^(1/2) t, t not standardised."""
    k = times(context)
    setting = Ensemble("power law", power_law(480 * k), 120 * k)
    lam, n = setting.problem.spectrum.eigenvalues, setting.n
    rng = np.random.default_rng(context.seed_sequence("rows"))
    traces = []
    for _ in range(context.trials(trials) // k):
        x = rng.standard_t(STUDENT_DF, (n, lam.size)) * np.sqrt(lam)
        columns = np.linalg.solve(x @ x.T, x)
        traces.append((columns**2).sum(axis=0) @ lam)
    return setting, np.array(traces)


@STUDENT_SCALE.agreement(
    "measured",
    note="t drawn as it is, p = 480, n = 120, the Gaussian part corrected in 1/n",
    but={
        "9/16 of the noise part": {"scale": lambda df: f.student_variance(df) ** 2},
    },
)
@UNSTANDARDISED.agreement(
    "whole",
    note="p = 480, n = 120",
    scale=one,
    trials=40,
    but={"off by 4/3 the other way": {"scale": lambda df: 1 / f.student_variance(df)}},
)
def raw_noise(
    context: Context, scale: Callable[[Any], Any] = f.student_variance, trials: int = 150
) -> Comparison:
    """The noise part for unstandardised t against the Gaussian one over ``scale``.

    The first order in 1/n of Gaussian rows is added; what the fourth moment of t adds to that is
    in the band, `excess` times as wide as it.  Sizes double at the full level.
    """
    setting, traces = raw_traces(context, trials)
    p = setting.problem.p
    gaussian = size_error(setting.problem, setting.n, np.zeros(p), 1.0)
    own = setting.problem.signal.sum()  # the risk of a surrogate 0 without noise
    theory = f.rescaled_noise(gaussian.corrected - own, scale(STUDENT_DF))
    band = excess("student") * setting.risk_band * theory
    return Comparison.of("noise trace", traces, theory, band)


raw_noise.shifted(-1)
