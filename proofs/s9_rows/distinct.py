"""Claim of section 9, any rows: samples that take rows of a finite pool at most once."""

from typing import Any

import numpy as np
import sympy

import kdverify as kd
from kdverify import formulas as f
from kdverify.evidence import Claim, Comparison, Context, Step

from ..lib.ensembles import seed
from ..lib.modes import Pairs
from ..lib.row_laws import digits, made
from .as_trained import data, near

DISTINCT = Claim(
    "9.distinct",
    title="Samples without a row twice: another b, and a slope in all weights of (10) to (12)",
    statement=r"\pi = n/N,\ a = x^\top M_- x:\quad x^\top Mx = \frac{a(\delta + (1-\pi)a)}"
    r"{\delta + a},\quad b = \delta + (1-\pi)a,\quad \frac{n}{b^2} \to \frac{n}{b^2}"
    r"\,\frac{db}{d(x^\top Mx)};\quad \delta = 0:\ \text{(9) as it stands}",
    needs=("9.trace", "9.response", "9.left-out-row"),
    parts=("scale", "slope", "without ridge", "as run", "measured"),
    steps=[
        Step(
            "I - N = sum w N_- x x' / (ridge + w x'N_- x) over the pool, w = 1 with chance pi, else"
            " 0: N_- does not depend on w. Its mean is t M_- x x', t = pi / (ridge + a)."
        ),
        Step(
            "M = M_- - t M_- x x' M_- is (M_-^-1 + s x x')^-1 with s = t / (1 - t a), so that"
            " M^-1 = I + sum s x x' where all rows are added: b = pi / s, and x'Mx = a - t a^2.",
            lambda: scale()[0],
        ),
        Step(
            "Labels are one more, vanishing, coordinate of the rows, quadratic forms a change of"
            " the penalty: (10) to (12) are derivatives of M and know s and ds/d(x'Mx) alone.",
            lambda: slope()[0],
        ),
    ],
)

others, ridge, left = sympy.symbols("a delta q", positive=True)


@DISTINCT.identity("scale", note="any ridge", but={"a row that is always there": {"there": 1}})
def scale(there: int = 0) -> tuple[list[Any], list[Any]]:
    """b and x'Mx from t, the mean weight of one row."""
    chance = 1 - left if not there else 1
    t = chance / (ridge + others)
    s = t / (1 - t * others)
    found = [f.distinct_scale(others, ridge, left), f.distinct_form(others, ridge, left)]
    return [(1 - left) / s, others - t * others**2], found


@DISTINCT.identity("slope", note="any ridge", but={"(9)'s own": {"own": True}})
def slope(own: bool = False) -> tuple[Any, Any]:
    """The derivative of b by x'Mx, through a."""
    b = f.distinct_scale(others, ridge, left)
    form = f.distinct_form(others, ridge, left)
    found = sympy.Integer(1) if own else f.distinct_slope(others, ridge, left)
    return sympy.diff(b, others) / sympy.diff(form, others), found


@DISTINCT.identity("without ridge", note="any share", but={"a ridge": {"some": 1}})
def without(some: int = 0) -> tuple[list[Any], list[Any]]:
    """b is x'Mx, and the slope 1."""
    given = some * ridge
    b = f.distinct_scale(others, given, left)
    return [b, f.distinct_slope(others, given, left)], [f.distinct_form(others, given, left), 1]


@DISTINCT.below("as run", note="pools of 14 rows", but={"slopes of 1": {"plain": True}})
def as_run(digits: int, plain: bool = False) -> Pairs:
    """`kdverify.rows`: b from M_- of the other rows, (10) to (12), rows left out, by hand."""
    rows, labels, _ = data(14, 4)
    question = kd.Question.of(rows, labels, task="regression", intercept="none")
    pool, y, eye = question.pool, question.labels, np.eye(4)
    X, test = np.asarray(pool.rows), kd.rows.Moments.of(pool, pool, y)
    for n, delta in ((6.0, 0.5), (11.0, 2.0), (3.0, 0.0)):
        at = kd.rows.solve(pool, n, delta, taken=n / 14)
        a = np.array([])
        for x, b in zip(X, at.b, strict=True):
            rest = np.linalg.inv(np.linalg.inv(at.M) - n / (14 * b) * np.outer(x, x))
            a = np.append(a, x @ rest @ x)
        yield from near(at.b, delta + (1 - n / 14) * a, 1e-8)
        yield from near(at.M, np.linalg.inv(eye + n / 14 * (X.T / at.b) @ X), 1e-8)
        yield from near([1 + at.trace_gap], [1.0], 1e-8)
        slopes = np.ones(14)
        if not plain:  # by a small change of x'Mx, through a
            more, less = (f.distinct_form(a + h, delta, 1 - n / 14) for h in (1e-6, -1e-6))
            slopes = 2e-6 * (1 - n / 14) / (more - less)
        weights = n * slopes / (14 * at.b**2)
        students = kd.rows.Students(at, y, 0.25)
        mean = at.M @ X.T @ (y / at.b[:, None]) * n / 14
        yield from near(students.mean, mean, 1e-6)
        coupled = np.square(X @ at.M @ X.T) * weights
        forms = np.linalg.solve(
            np.eye(14) - coupled, np.diag(X @ at.M @ test.covariance @ at.M @ X.T)
        )
        squares = np.square(y - X @ mean)
        second = np.einsum("ik,ij,jk->k", mean, test.covariance, mean)
        second += (weights * forms) @ (squares + 0.25)
        yield from near(students.second_moments(test.covariance), second, 1e-5)
        crossed = (y - X @ mean)[:, 0] * (y - X @ mean)[:, 1]
        for pair, given in ((0, squares[:, 0] + 0.25), (1, crossed)):
            # (12) is the transpose of (10)
            seen = np.linalg.solve(np.eye(14) - coupled.T, weights * given)
            wanted = at.M @ (X.T * seen) @ X @ at.M
            yield from near(students.covariance(0, pair), wanted, 1e-5)
        every = kd.Question.of(rows, labels, task="regression", intercept="none", judged="all")
        told = kd.predict(every, n, "strong", ridges=delta, finite_size=False)
        own = kd.rows.Students(at, y).errors(test)
        yield from near(told.risk_by_output["strong"], own, 1e-5)
        law = kd.rows.unseen_scores(students)
        rest = np.linalg.inv(np.linalg.inv(at.M) - n / (14 * at.b[2]) * np.outer(X[2], X[2]))
        kept = np.arange(14) != 2
        alone = rest @ (X[kept].T * (n / (14 * at.b[kept]))) @ y[kept]
        yield from near(law.means[2], X[2] @ alone, 1e-6)


#: Name, law, rows of a student, ridge over E x'x (none: least squares), repetitions.
CASES = (
    ("digits", "digits", 100, 0.3, 400),
    ("ReLU features", "ReLU features", 100, 0.3, 300),
    ("t3 mixture", "Student t3 mixture", 100, 0.3, 900),
    ("least squares", "ReLU features", 150, 0.0, 400),
)
#: Rows of the pool, and half-width of a band, relative: independent draws are 4 to 24 % off.
POOL, BAND = 200, 0.015


@DISTINCT.agreement(
    "measured",
    note="100 of 200 rows with a ridge, 150 without, judged on others: within 1.5 %",
    but={"a pool that stands for a population": {"distinct": False}},
)
def measured(context: Context, distinct: bool = True) -> list[Comparison]:
    """Risks of students of a large part of a pool, of the first rows of three laws."""
    comparisons = []
    for name, known, n, share, trials in CASES:
        law = digits() if known == "digits" else made(known)
        rows, labels = np.asarray(law.pool.rows), law.labels.reshape(len(law.labels), -1)
        asked = kd.Question.of(rows[:POOL], labels[:POOL], task="regression", intercept="none")
        question = asked.judged_on(rows[POOL:], labels[POOL:])
        delta = share * float(np.trace(asked.pool.covariance))
        kind: dict[str, Any] = {"distinct": distinct, "finite_size": False}
        found = kd.predict(question, n, "strong", ridges=delta, **kind)
        kind = {"repetitions": context.trials(trials), "seed": seed(context, name)}
        values = kd.measure(question, n, "strong", ridges=delta, **kind).values["risk"]["strong"]
        expected = float(found.risk["strong"])
        comparisons.append(Comparison.of(name, values, expected, BAND * expected))
    return comparisons
