"""Claim of section 9, any rows: two stages."""

from dataclasses import replace
from fractions import Fraction
from functools import cache
from typing import Any

import numpy as np

import kdverify as kd
from kdverify import formulas as f
from kdverify.evidence import Claim, Comparison, Context, Step
from kdverify.seeds import stream
from kdverify.teachers import Classroom, Trained

from ..lib import sums as m
from ..lib.balls import number, random_pools
from ..lib.ensembles import seed, times
from ..lib.modes import Pairs
from ..lib.row_laws import Law, made
from ..lib.row_laws import digits as handwritten
from .as_run import Written, labels_of
from .as_trained import data, near, plain

TWO_STAGE = Claim(
    "9.two-stage",
    title="Any rows, two stages: the second is a quadratic form in the first one's student",
    statement=r"K = \Sigma-\Sigma M_t-M_t\Sigma+D_\Sigma:\ R = E\,\hat\beta_s^\top K\hat\beta_s -"
    r" 2\beta_*^\top\Sigma(I-M_t)(I-M_s)\theta_s + \beta_*^\top\Sigma\beta_*"
    r" + n\sigma_t^2E[x^\top D_\Sigma x/b^2]",
    needs=("9.best-surrogate", "6.two-stage"),
    parts=("Gaussian rows", "as asked", "measured"),
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


def floats(matrix: Any) -> np.ndarray:
    """A matrix of balls as an array."""
    return np.array(matrix.tolist(), dtype=float)


@TWO_STAGE.below(
    "as asked", note="trained surrogates, predicted", but={"gains forgotten": {"asked": "all"}}
)
def predicted(digits: int, asked: str = "gains") -> Pairs:
    """`kd.predict` of students of trained surrogates, by (11) and (12) written out on balls."""
    for pool in (one for one in random_pools() if one.n.denominator == 1):
        labels, n = labels_of(pool.size), int(pool.n)
        written = Written(pool.enclosed(digits), labels, Fraction(0))
        M, Sigma = written.pool.M, written.pool.gram([number(1)] * pool.size)
        K = floats(Sigma - M * Sigma - Sigma * M + written.pool.response(Sigma))
        rows, y = np.array(pool.rows, dtype=float), np.array(labels, dtype=float)
        kind = {"intercept": "none", "judged": "all"}
        question = kd.Question.of(rows, y, task="regression", **kind)
        vectors = np.linalg.eigh(floats(Sigma))[1][:, ::-1]
        aim = (np.eye(len(K)) - floats(M)) @ rows.T @ y / pool.size
        for modes in ("all", "gains", "blind-mask"):
            one = Trained(n, modes, pool.ridge)
            plan = {"rows": {"distinct": False, "finite_size": False}}
            factors = one.factors(Classroom(question, plan).lesson(n, pool.ridge))
            turn = (vectors * (1.0 if factors is None else factors)) @ vectors.T
            wrong = Trained(n, asked if modes == "gains" else modes, pool.ridge)
            found = kd.predict(question, n, wrong, ridges=pool.ridge, **plan["rows"])
            for k in range(2):
                mean = turn @ floats(written.mean)[:, k]
                spread = turn @ floats(written.covariance(k, k)) @ turn
                risk = mean @ K @ mean + np.sum(spread * K) - 2 * mean @ aim[:, k]
                risk += np.square(y[:, k]).mean()
                yield from near([found.risk_by_output[wrong.name][k]], [risk], 2e-6)


@TWO_STAGE.below("as asked", note="trained surrogates, measured by NumPy alone")
def measured(digits: int) -> Pairs:
    """`kd.measure`: the surrogate's rows come after the student's, judges after both."""
    rows, labels, _ = data()
    question = kd.Question.of(rows, labels, task="regression", intercept="fitted")
    R, t = rows - rows.mean(axis=0), labels - labels.mean(axis=0)
    best, vectors = np.linalg.pinv(R) @ t, np.linalg.eigh(R.T @ R)[1][:, ::-1]
    for modes, ridge in (("all", 0.0), ("gains", 0.25), ("blind-mask", 0.0)):
        one = Trained(4, modes, 0.5 * ridge)
        found = kd.measure(question, 5, one, ridges=ridge, repetitions=2, seed=7)
        factors = one.factors(Classroom(question).lesson(5, ridge))
        gains = np.ones(len(best)) if factors is None else factors
        turn = (vectors * gains) @ vectors.T
        for repetition in range(2):
            order = stream(7, "training rows", 5, repetition).permutation(len(R))
            slope, level = plain(R[order[5:9]], t[order[5:9]], 0.5 * ridge, True)
            taught = R[order[:5]] @ turn @ slope + level
            slope, level = plain(R[order[:5]], taught, ridge, True)
            outputs = R[order[9:]] @ slope + level
            risk = np.square(t[order[9:]] - outputs).mean(axis=0).sum()
            excess = np.square(R[order[9:]] @ best - outputs).mean(axis=0).sum()
            yield from near([found.values["risk"][one.name][repetition]], [risk])
            yield from near([found.values["excess"][one.name][repetition]], [excess])


@TWO_STAGE.below("as asked", note="corrections for finite n and m are those of one stage each")
def corrected(digits: int) -> Pairs:
    """`kd.rows.student_change` of the surrogate on K, and of the student on its mean's labels."""
    rows, labels, _ = data(150, 12)
    question = kd.Question.of(rows, labels, task="regression", intercept="none")
    pool, y, m, n = question.pool, question.labels, 5, 7
    one = Trained(m, "gains")
    found = kd.predict(question, n, one)
    room = Classroom(question)
    vectors = pool.principal[1]
    turn = (vectors * one.factors(room.lesson(n, 0.0))) @ vectors.T
    source = kd.rows.Students(kd.rows.solve(pool, m), y, crossed=False)
    at, test = kd.rows.solve(pool, n), kd.rows.Moments.of(pool, pool, y)
    best = kd.rows.Teachers(at, test, kd.rows.Response(at))
    judged = kd.rows.Moments(turn @ best.form @ turn, turn @ best.aim, test.power)
    first = kd.rows.student_change(pool, y, m, judged.covariance).errors(judged)
    taught = pool.times(turn @ source.mean)
    second = kd.rows.student_change(pool, taught, n, test.covariance).errors(test)
    yield from near([found.parts[one.name]["finite_size"]], [(first + second).sum()], 1e-4)


#: Half-width of a band, relative: the most that the corrections leave; what the trials can tell.
LEFT, FLOOR = 0.05, 0.011
#: Laws, and trials of each.
TRIALS = {"Student t3 mixture": 800, "ReLU features": 700, "digits": 1000}


@cache
def asked(name: str) -> tuple[Law, Classroom, Trained, float]:
    """A law, its question, a surrogate of as many rows as its student, and the corrected risk."""
    law = handwritten() if name == "digits" else made(name)
    if name == "Student t3 mixture":
        law = replace(law, n=60, ridge=20.0)
    question = kd.Question.of(
        law.pool.rows, law.labels, task="regression", intercept="none", judged="all"
    )
    room, one = Classroom(question), Trained(law.n, ridge=law.ridge)
    found = kd.predict(question, law.n, one, ridges=law.ridge, classroom=room)
    return law, room, one, float(found.excess[one.name])


@TWO_STAGE.agreement(
    "measured", note="t3 mixture with a ridge, within 1.4 %; ReLU features, digits, within 5 %"
)
def two_stages(context: Context) -> list[Comparison]:
    """Stage 1 on n rows with true labels, stage 2 on n others with its predictions.

    The corrections of both stages leave what is of second order.
    """
    comparisons = []
    for name, trials in TRIALS.items():
        law, room, one, expected = asked(name)
        options = {"repetitions": context.trials(trials), "seed": seed(context, name)}
        run = kd.measure(room.question, law.n, one, ridges=law.ridge, classroom=room, **options)
        band = min(2 * law.second_order + FLOOR / times(context), LEFT) * expected
        values = run.values["excess"][one.name]
        comparisons.append(Comparison.of(name, values, expected, band))
    return comparisons


two_stages.shifted(-1)
