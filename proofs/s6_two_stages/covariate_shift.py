"""Claim of section 6: trained on one covariance, measured on another."""

from collections.abc import Callable
from dataclasses import replace
from typing import Any

from kdverify import Problem, risk
from kdverify import formulas as f
from kdverify.evidence import Claim, Comparison, Context, Step

from ..lib import sums as m
from ..lib.ensembles import times
from ..lib.stages import (
    Chain,
    P,
    predicted,
    settings,
    simulated,
    spectrum_of,
    turned_source,
    two_stages,
)

COVARIATE_SHIFT = Claim(
    "6.covariate-shift",
    title="Trained on Sigma_s, measured on Sigma_t",
    statement=r"R \approx \|\Sigma_t^{1/2}(A-I)\beta^*\|^2 + \mathrm{tr}(\Sigma_t\,"
    r"\mathrm{Cov}\,\beta^s)",
    source="classic",
    needs=("6.two-stage",),
    parts=("one covariance", "simulated"),
    steps=[
        Step("The mean risk of a random predictor: squared bias plus variance."),
        Step("With Sigma_s = Sigma_t it is the risk on strong labels.", lambda: shifted_risk()),
    ],
)


def shifted_risk(surrogate_noise: bool = True) -> Any:
    """Stop after stage 1; target and source the same, any number of modes."""
    zeta, learnt = m.split()
    leftover = m.total(f.unlearnt_energy(m.lam, m.beta_star, zeta))
    scale = f.trained_scale(leftover, 1 - m.omega, m.noise if surrogate_noise else 0)
    variance = f.trained_variance(scale, m.n, learnt, m.lam + m.tau)
    return f.mean_variance_risk(m.lam, learnt * m.beta_star, variance, m.beta_star, m.total)


def standard_risk() -> Any:
    """Strong labels, any number of modes."""
    zeta = m.split()[0]
    signal = m.lam * m.beta_star**2
    return f.standard_risk(signal, zeta, m.omega, 1 - m.omega, m.noise, m.total)


one_covariance = COVARIATE_SHIFT.identity(
    "one covariance", lambda: (shifted_risk(), standard_risk()), note="any p"
)
one_covariance.but("no label noise", sides=lambda: (shifted_risk(False), standard_risk()))


def on_its_own_covariance(case: Chain) -> list[float]:
    """Wrong: the risk measured on Sigma_s."""
    [stage] = case.stages
    own = Problem(spectrum_of(stage.source, case.problem), case.problem.beta_star)
    return [risk(own, stage.n, noise_variance=stage.noise_variance)]


@COVARIATE_SHIFT.agreement("simulated", note="commuting and turned Sigma_s")
def shifts(
    context: Context, theory: Callable[[Chain], list[float]] = predicted
) -> list[Comparison]:
    """The first stage alone, measured on the target."""
    turned = turned_source(times(context) * P)
    cases = [*settings(context)[:2], settings(context)[3]]
    cases.append(two_stages(context, "turned, m = 3/4 p", turned, (45, 1)))
    alone = [replace(case, stages=case.stages[:1]) for case in cases]
    return simulated(context, alone, theory, trials=700, share=1.0, floor=0.0035)


shifts.shifted(-1)
shifts.but("measured on Sigma_s", theory=on_its_own_covariance)
