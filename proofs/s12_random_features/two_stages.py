"""Claim 12.two-stages: a teacher with random features, and its student."""

from dataclasses import replace
from typing import Any

import numpy as np
import sympy

from kdverify import formulas as f
from kdverify.evidence import Claim, Comparison, Context, Step
from kdverify.stages import Stage, chain_risks

from ..lib.drawn import chain
from ..lib.ensembles import copied, power_law, seed, times
from ..lib.features import TwoLayer, mode, sums

CLAIM = Claim(
    id="12.two-stages",
    title="A student of a trained teacher: (17) averaged over the law of the teacher",
    statement=r"R = \sum_i\lambda_i\Big(\big((1-\zeta_i)m_i-\beta^*_i\big)^2 + (1-\zeta_i)^2 v_i"
    r" + \frac{\zeta_i(\Upsilon\zeta_i+\eta(1-\zeta_i))}{1-\Upsilon}(m_i^2+v_i)\Big) +"
    r" \frac{\Upsilon}{1-\Upsilon}\sigma^2,\quad m_i, v_i\ \text{mean and variance of the"
    r" teacher's coordinates (claim 12.law) for } q_t, m",
    needs=("12.law", "12.risk", "6.two-stage"),
    parts=("measured", "average", "from the law"),
    steps=[
        Step("The student's rows and layer are drawn afresh: (17) holds for each teacher."),
        Step("(17) is quadratic and additive: its mean over teachers needs m_i and v_i."),
        Step("The law of the student's own coordinates, by 12.law again, has the same risk."),
    ],
)


@CLAIM.identity("average", but={"the teacher's variance left out": {"spread": 0}})
def averaged(spread: Any = 1) -> tuple[Any, Any]:
    """(17) averaged over surrogates m + w and m - w, and from mean and mean square."""
    m = mode()
    width = sympy.Symbol("w", real=True)

    def at(surrogate: Any) -> Any:
        return f.feature_risk(
            m.lam, surrogate, m.beta_star, *m.values, m.noise, total=lambda share: share
        )

    mean = (at(m.surrogate + width) + at(m.surrogate - width)) / 2
    energy = f.feature_transfer_energy(m.lam, *m.values)
    square = m.surrogate**2 + spread * width**2
    trace = f.noise_trace(m.upsilon, 1 - m.upsilon)
    theirs = f.transfer_risk(
        m.lam,
        m.surrogate,
        square,
        m.beta_star,
        1 - m.zeta,
        energy,
        trace,
        m.noise,
        lambda share: share,
    )
    return mean, theirs


@CLAIM.identity("from the law", but={"the variance in V left out": {"spread": 0}})
def from_the_law(spread: Any = 1) -> tuple[Any, Any]:
    """p equal modes: mean and variance of the student's own coordinates."""
    s, m = sums(), mode()
    p, width = sympy.symbols("p w", positive=True)
    zeta, square = m.zeta, m.surrogate**2 + width**2
    here = {s.spreads: p * zeta * (1 - zeta), s.squares: p * (1 - zeta) ** 2, s.nu: m.nu}
    crowding, upsilon, rest, n = (
        x.subs(here) for x in (s.crowding, s.upsilon, s.one_minus_upsilon, s.n)
    )
    missed = f.feature_missed(zeta, 1 - zeta, crowding)
    seen = m.surrogate**2 + spread * width**2
    scale = f.trained_scale(p * f.feature_leftover(m.lam, seen, zeta, missed), rest, m.noise)
    drift = f.feature_drift(p * (1 - zeta) ** 2 * seen, here[s.spreads], s.feature_gap)
    added = f.feature_variance(scale, n, zeta, 1 - zeta, crowding, m.lam + m.nu, drift)
    variance = (1 - zeta) ** 2 * width**2 + added

    def over_modes(share: Any) -> Any:
        return p * share

    law = f.mean_variance_risk(m.lam, (1 - zeta) * m.surrogate, variance, m.beta_star, over_modes)
    values = (zeta, 1 - zeta, upsilon, rest, crowding)
    theirs = f.transfer_risk(
        m.lam,
        m.surrogate,
        square,
        m.beta_star,
        1 - zeta,
        f.feature_transfer_energy(m.lam, *values),
        f.noise_trace(upsilon, rest),
        m.noise,
        over_modes,
    )
    return law, theirs


def settings() -> list[tuple[str, list[Stage], float]]:
    """Stages on 60 modes: q below and above the samples in either, ridges, one Gaussian stage.

    And what the trials can tell of their risks.
    """
    return [
        (
            "few features, few samples",
            [Stage(45, None, 0.3, 0, 20), Stage(20, None, 0.1, 0, 50)],
            0.05,
        ),
        ("ridges", [Stage(30, None, 0.3, 0.5, 60), Stage(80, None, 0.0, 2.0, 40)], 0.028),
        ("teacher on the inputs", [Stage(40, None, 0.3), Stage(30, None, 0.0, 0.2, 25)], 0.06),
        ("three stages", [Stage(40, None, 0.3, 0.5, q) for q in (20, 50, 90)], 0.02),
    ]


def bands(stages: list[Stage]) -> np.ndarray:
    """Half-width after each stage: the stages' own bands, of rows and features, added up."""
    widths = []
    for stage in stages:
        q = getattr(stage, "features", None) or 10**9
        widths.append(TwoLayer("", power_law(60), int(stage.n), q, stage.ridge).law_band)
    return np.cumsum(widths)


def copies(stages: list[Stage], k: int) -> list[Stage]:
    """k times all sizes."""
    return [
        replace(s, n=k * s.n, ridge=k * s.ridge, features=s.features and k * s.features)
        for s in stages
    ]


def without_features(stages: list[Stage]) -> list[float]:
    """Wrong: every stage sees the inputs."""
    plain = [Stage(s.n, None, s.noise_variance, s.ridge) for s in stages]
    return chain_risks(power_law(60), plain)


@CLAIM.agreement("measured", note="4 chains")
def chains(context: Context, theory: Any = None) -> list[Comparison]:
    """Risks after each stage, extrapolated from two sizes (`proofs.lib.copies`)."""
    problem, comparisons, more = power_law(60), [], times(context)
    for name, stages, floor in settings():
        runs = [
            chain(
                copied(problem, k * more),
                copies(stages, k * more),
                trials=context.trials(150) // (k * more),
                seed=seed(context, name, k),
                workers=context.workers,
            )
            for k in (1, 2)
        ]
        means, errors = (
            [getattr(run, f"stage_{what}")[:, 0] for run in runs]
            for what in ("means", "standard_errors")
        )
        values = np.array((theory or (lambda s: chain_risks(problem, s)))(stages))
        comparisons.append(
            Comparison(
                name,
                2 * means[1] - means[0],
                np.hypot(2 * errors[1], errors[0]),
                runs[1].degrees_of_freedom,
                values,
                ((bands(stages) / more) ** 2 + floor / more) * values,
            )
        )
    return comparisons


chains.shifted(1)
chains.but("every stage on the inputs", theory=without_features)
