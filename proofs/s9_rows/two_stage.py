"""Claim of section 9, any rows: two stages."""

from __future__ import annotations

from functools import cache
from typing import Any

import numpy as np

import kdverify as kd
from kdverify import formulas as f
from kdverify.evidence import Claim, Comparison, Context, Step
from kdverify.verify import run_as_script

from ..lib import sums as m
from ..lib.row_laws import Law, digits, made

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


@cache
def predicted(law: Law) -> float:
    """Excess risk of stage 2, summed over the label columns: both stages on the law's pool."""
    at = kd.rows.solve(law.pool, law.n)
    students = kd.rows.Students(at, law.labels)
    test = kd.rows.Moments.of(law.pool, law.pool, law.labels)
    errors = kd.rows.two_stage_errors(students, at, test, students.response)
    return float((errors - test.floor).sum())


@TWO_STAGE.agreement(
    "measured", note="t3 mixture, ReLU features, digits; band 3/(p - n - 1) for each stage"
)
def two_stages(context: Context, trials: int = 250) -> list[Comparison]:
    """Stage 1 on n rows with true labels, stage 2 on n others with its predictions."""
    comparisons = []
    for law in (made("Student t3 mixture"), made("ReLU features"), digits()):
        pool = law.pool
        best = kd.rows.Moments.of(pool, pool, law.labels).best
        generator = np.random.default_rng(context.seed_sequence(law.name))
        values = np.empty(context.trials(trials))
        for trial in range(values.size):
            first, second = generator.integers(0, pool.size, (2, law.n))
            teacher = kd.rows.fit(pool.rows[first], law.labels[first])
            missed = kd.rows.fit(pool.rows[second], pool.rows[second] @ teacher) - best
            values[trial] = np.sum(missed * (pool.covariance @ missed))
        band = 2 * law.relative_band * predicted(law)  # one band for each stage
        comparisons.append(Comparison.of(law.name, values, predicted(law), band))
    return comparisons


two_stages.shifted(-1, trials=120)


if __name__ == "__main__":
    raise SystemExit(run_as_script([TWO_STAGE]))
