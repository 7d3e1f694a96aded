"""Claim of section 9, any rows: two stages."""

from __future__ import annotations

from typing import Any

import kdverify as kd
from kdverify import formulas as f
from kdverify.evidence import Claim, Comparison, Context, Step
from kdverify.teachers import Trained
from kdverify.verify import run_as_script

from ..lib import sums as m
from ..lib.ensembles import seed
from ..lib.row_laws import digits, made

TWO_STAGE = Claim(
    "9.two-stage",
    title="Any rows, two stages: the second is a quadratic form in the first one's student",
    statement=r"K = \Sigma-\Sigma M_t-M_t\Sigma+D_\Sigma:\ R = E\,\hat\beta_s^\top K\hat\beta_s -"
    r" 2\beta_*^\top\Sigma(I-M_t)(I-M_s)\theta_s + \beta_*^\top\Sigma\beta_*"
    r" + n\sigma_t^2E[x^\top D_\Sigma x/b^2]",
    source="new",
    needs=("9.best-surrogate", "6.two-stage"),
    parts=("Gaussian rows", "measured"),
    steps=[
        Step("Given stage 1, its student labels linearly: (11) is beta_s'K beta_s."),
        Step(
            "The mean over stage 1 is (11) of stage 1 with A = K, and (I - M_s) theta_s in the"
            " crossed term."
        ),
        Step(
            "Gaussian rows: the expectation of (2) over beta^s, as in section 6.",
            lambda: gaussian_two_stage()[0],
        ),
    ],
)


@TWO_STAGE.identity(
    "Gaussian rows", note="any number of modes", but={"twice the noise of stage 2": {"noise": 2}}
)
def gaussian_two_stage(noise: int = 1) -> tuple[Any, Any]:
    """R of stage 2 from stage 1's mean and second moment by K, and section 6's expectation."""
    zeta, learnt = m.split()
    square = m.surrogate**2 + m.spread  # mean beta^s, variance w
    D = m.lam * zeta * zeta / (1 - m.omega)
    K = f.teacher_form(m.lam, zeta * m.lam, m.lam * zeta, D)
    form = m.total(m.lam**2 * zeta**2 / (1 - m.omega))
    second = m.total(K * square)
    crossed = m.total(m.lam * learnt * m.surrogate * m.beta_star)
    own = f.response_weight(m.n, m.n * m.tau, form) * m.noise * noise
    left = f.squared_error(second, crossed, m.total(m.lam * m.beta_star**2)) + own
    energy = f.transfer_energy(m.lam, zeta, learnt, m.omega, 1 - m.omega)
    trace = f.noise_trace(m.omega, 1 - m.omega)
    right = f.transfer_risk(
        m.lam, m.surrogate, square, m.beta_star, learnt, energy, trace, m.noise, m.total
    )
    return left, right


@TWO_STAGE.agreement(
    "measured", note="t3 mixture, ReLU features, digits; band 3/(p - n - 1) for each stage"
)
def two_stages(context: Context, trials: int = 250) -> list[Comparison]:
    """Stage 1 on n rows with true labels, stage 2 on n others with its predictions."""
    comparisons = []
    for law in (made("Student t3 mixture"), made("ReLU features"), digits()):
        question = kd.Question.of(
            law.pool.rows, law.labels, task="regression", intercept="none", judged="all"
        )
        one = Trained(law.n)
        expected = float(kd.predict(question, law.n, one).excess[one.name])
        measured = kd.measure(
            question, law.n, one, repetitions=context.trials(trials), seed=seed(context, law.name)
        )
        values = measured.values["excess"][one.name]
        band = 2 * law.relative_band * expected  # one band for each stage
        comparisons.append(Comparison.of(law.name, values, expected, band))
    return comparisons


two_stages.shifted(-1, trials=120)


if __name__ == "__main__":
    raise SystemExit(run_as_script([TWO_STAGE]))
