"""Claim 12.risk: the risk of a random-feature student, whatever its surrogate."""

from collections.abc import Callable
from typing import Any

import numpy as np
from flint import arb

from kdverify.evidence import Claim, Comparison, Context, Step
from kdverify.random_features import certified, theory
from kdverify.random_features.finite_size import size_error

from ..lib.drawn import simulate
from ..lib.ensembles import seed, times
from ..lib.features import NOISE, TwoLayer, settings
from ..lib.modes import Pairs
from .law import risk_of_law

CLAIM = Claim(
    id="12.risk",
    title="The risk of a student with random features is close to (17), whatever its surrogate",
    statement=r"R(\beta^s) \approx \sum_i\lambda_i\big((1-\zeta_i)\beta^s_i-\beta^*_i\big)^2 +"
    r" \frac{1}{1-\Upsilon}\sum_i\lambda_i\zeta_i\big(\Upsilon\zeta_i+\eta(1-\zeta_i)\big)"
    r"(\beta^s_i)^2 + \frac{\Upsilon}{1-\Upsilon}\sigma^2,\quad\text{up to a relative}\ O(1/n)",
    needs=("12.one-equation", "12.positive-forms", "12.law"),
    parts=("measured", "from the law"),
    steps=[
        Step("R is the squared bias and the variance of the coordinates, lambda-weighted: 12.law."),
        Step(
            "sum lambda (1-zeta+eta zeta)/(lambda+nu) = T_2 + eta S = n Upsilon and nu sum"
            " zeta(1-zeta) = nu S give (17).",
        ),
        Step("For strong labels it is the equivalent of Defilippis, Loureiro, Misiakiewicz 2024."),
    ],
)

CLAIM.identity("from the law", risk_of_law, note="p equal modes")


def predicted(setting: TwoLayer, surrogate: Any) -> float:
    """(17) with its first correction, 15.random-features."""
    question = (setting.problem, setting.n, setting.q, surrogate, NOISE, setting.ridge)
    return float(size_error(*question).corrected)


def exchanged(setting: TwoLayer, surrogate: Any) -> float:
    """Wrong: q for n and n for q."""
    return theory.risk(setting.problem, setting.q, setting.n, surrogate, NOISE, setting.ridge)


def gaussian(setting: TwoLayer, surrogate: Any) -> float:
    """Wrong: as many features as there are modes to see, q = infinity."""
    return theory.risk(setting.problem, setting.n, 1e12, surrogate, NOISE, setting.ridge)


@CLAIM.agreement(
    "measured",
    note="6 settings, both sides of n = q, 5 surrogates",
    but={
        "q for n": {"expected": exchanged},
        "infinitely many features": {"expected": gaussian},
    },
)
def simulated(
    context: Context,
    expected: Callable[[TwoLayer, Any], float] = predicted,
) -> list[Comparison]:
    """Simulated risks, averaged over label noise and column signs; sampled W and rows."""
    comparisons = []
    more = times(context)
    for setting in (one.copies(more) for one in settings()):
        surrogates = setting.surrogates()
        run = simulate(
            setting.problem,
            setting.n,
            surrogates,
            context.trials(500, full=3600) // more,
            seed(context, setting.name),
            noise_variance=NOISE,
            ridge=setting.ridge,
            features=setting.q,
            workers=context.workers,
        )
        values = np.array([expected(setting, surrogate) for surrogate in surrogates])
        comparisons.append(
            Comparison(
                setting.name,
                run.means,
                run.standard_errors,
                run.degrees_of_freedom,
                values,
                (setting.corrected_band + 0.004 / more) * values,
            )
        )
    return comparisons


simulated.shifted(1)


@CLAIM.below("six settings", but={"a relative error of 1e-12": {"shift": 1e-12}})
def digits_of_double(digits: int, shift: float = 0.0) -> Pairs:
    """`kdverify.random_features.risk` is within a relative 2e-13 of the certified ball."""
    for setting in settings():
        for surrogate in setting.surrogates():
            question = (setting.problem, setting.n, setting.q, surrogate, NOISE, setting.ridge)
            ball = certified.risk(*question, digits=digits)
            yield abs(arb(theory.risk(*question) * (1 + shift)) - ball), ball / (5 * 10**12)
