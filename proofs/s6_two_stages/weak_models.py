"""Claim of section 6: what a surrogate's covariance means, and what it does not."""

from typing import Any

import numpy as np
import sympy

from kdverify import Problem, Stage
from kdverify import formulas as f
from kdverify.evidence import Claim, Comparison, Context, Step

from ..lib.drawn import shared
from ..lib.ensembles import generator, power_law, times
from ..lib.stages import NOISES, Chain, P

WEAK_MODELS = Claim(
    "6.weak-models",
    title="Dropping columns turns the missing features into label noise; truncation does not",
    statement=r"\Sigma_s\ \text{diagonal}:\quad \sigma_s^2 \to \sigma_s^2"
    r" + \sum_{\text{missing}}\lambda_i\beta_i^{*2},\quad \beta^s_i = 0\ \text{there}",
    needs=("6.two-stage", "6.covariate-shift"),
    parts=("noise", "dropped columns", "truncated"),
    steps=[
        Step(
            "The missing columns are independent of the others: their share of the label is"
            " centred, and each in turn adds lambda_i beta*_i^2 to the variance of the rest.",
            lambda: as_noise(),
        ),
        Step("For Gaussian rows it is Gaussian noise, independent of what the model sees."),
        Step("Rows of a truncated covariance are zero there: nothing is added to the labels."),
    ],
)


def residual_square() -> Any:
    """E (x b + r)^2 over fair signs of x = +-sqrt(lam) and of a residual r = +-sigma."""
    lam, sigma = sympy.symbols("lambda sigma", positive=True)
    truth = sympy.Symbol("b", real=True)
    signs = [(1, 1), (1, -1), (-1, 1), (-1, -1)]
    return sum((x * sympy.sqrt(lam) * truth + r * sigma) ** 2 for x, r in signs) / 4


def as_noise() -> Any:
    """The same by the formula."""
    lam, sigma = sympy.symbols("lambda sigma", positive=True)
    return f.missing_noise(sigma**2, f.dropped_risk(lam * sympy.Symbol("b", real=True) ** 2))


WEAK_MODELS.identity("noise", lambda: (residual_square(), as_noise()), note="one mode more")


@shared
def drawn(
    context: Context, problem: Problem, m: int, kept: int, truncated: bool, trials: int
) -> list[float]:
    """Risks, exact means over the signs of all columns, missing ones included, and the noise."""
    lam, truth = problem.spectrum.eigenvalues, problem.beta_modes
    squares = truth**2 * (np.arange(problem.p) < kept if truncated else 1.0)
    draw = generator(context, "weak model", int(truncated))
    risks = []
    for _ in range(trials):
        x = draw.standard_normal((m, problem.p)) * np.sqrt(lam)
        part = x[:, :kept]
        inverse = part.T @ np.linalg.inv(part @ part.T)
        learnt = inverse @ x
        second = np.square(learnt) @ squares + NOISES[0] * np.square(inverse).sum(axis=1)
        crossed = learnt.diagonal() @ (lam * truth**2)[:kept]
        risks.append(float(lam[:kept] @ second - 2 * crossed + problem.signal.sum()))
    return risks


@WEAK_MODELS.agreement(
    "truncated",
    truncated=True,
    with_missing=False,
    but={"with the missing signal": {"with_missing": True}},
)
@WEAK_MODELS.agreement(
    "dropped columns",
    truncated=False,
    with_missing=True,
    but={"without the missing signal": {"with_missing": False}},
)
def weak_model(
    context: Context, truncated: bool, with_missing: bool, trials: int = 2500
) -> list[Comparison]:
    """A model without the last third of the features: own draws, least norm on the rest.

    ``truncated``: its rows come from the covariance without these modes, so that labels do
    not see them; else the full data loses columns.  ``with_missing``: in the prediction.
    """
    k = times(context)
    problem, m, kept = power_law(k * P), k * P // 4, 2 * k * P // 3
    lam, seen = problem.spectrum.eigenvalues, np.arange(k * P) < kept
    risks = drawn(context, problem, m, kept, truncated, context.trials(trials // k))
    noise = NOISES[0]
    if with_missing:
        noise = f.missing_noise(noise, problem.signal[kept:].sum())
    case = Chain("", (Stage(m, np.where(seen, lam, 0.0), noise),), problem)
    theory = case.equivalents()[0] + case.corrections()[0]
    band = theory * case.bands(context, share=1.0, floor=0.01)[0]
    name = "truncated" if truncated else "dropped columns"
    return [Comparison.of(name, risks, theory, band)]


weak_model.shifted(-1)
