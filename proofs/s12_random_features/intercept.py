"""Claim 12.intercept: a fitted intercept, exactly, and students of rows that are trained."""

from functools import cache
from typing import Any

import numpy as np
import sympy

import kdverify as kd
from kdverify import formulas as f
from kdverify.evidence import Claim, Comparison, Context, Step
from kdverify.gaussian.numbers import FloatModes
from kdverify.random_features.finite_size import form_correction
from kdverify.teachers import Classroom

from ..lib.ensembles import seed, times
from ..lib.features import TwoLayer

INTERCEPT = Claim(
    "12.intercept",
    title="A fitted intercept: a student of n - 1 contrasts, and the variance of its level",
    statement=r"R_n^{\rm fitted}(\beta^s) = R_{n-1}(\beta^s) + \frac1n\Big(\mathbb E"
    r"\lVert\hat\beta-\beta^s\rVert_\Sigma^2 + \sigma^2\Big),\quad\hat\beta"
    r"\text{ a student of }n-1\text{ rows; exact for Gaussian rows, any features }Wx",
    source="classic",
    needs=("12.risk",),
    parts=("contrasts", "level", "trained"),
    steps=[
        Step(
            "Centring and the reflection that takes (1, ..., 1)/sqrt(n) to the first axis leave"
            " n - 1 orthonormal contrasts of the rows, which are Gaussian rows as before, and"
            " independent of the mean row.",
            lambda: contrasts()[0],
        ),
        Step(
            "The prediction at x is off by x'(b - beta*) + mean(x)'(s - b) + mean(noise): the mean"
            " row has the covariance Sigma/n, and b is made of the contrasts alone.",
            lambda: level()[0],
        ),
        Step("E |b - s|^2 is (17) with s in the place of the truth: strong labels of s."),
    ],
)


@INTERCEPT.identity("contrasts", note="lemma: n = 4", but={"the sign of the shift": {"sign": -1}})
def contrasts(sign: int = 1) -> tuple[Any, Any]:
    """``C C' = I`` and ``C 1 = 0`` for rows ``x_i - mean + (x_1 - mean)/(sqrt(n) - 1)``."""
    n = 4
    centred = sympy.eye(n) - sympy.ones(n, n) / n
    made = centred[1:, :] + sympy.ones(n - 1, 1) * centred[0, :] * sign / (sympy.sqrt(n) - 1)
    both = sympy.Matrix.hstack(made * made.T, made * sympy.ones(n, 1))
    return both, sympy.Matrix.hstack(sympy.eye(n - 1), sympy.zeros(n - 1, 1))


@INTERCEPT.identity("level", note="two modes", but={"of n - 1 rows": {"fewer": 1}})
def level(fewer: int = 0) -> tuple[Any, Any]:
    """The mean square over a fresh x, the mean row and the mean noise, for a fixed student."""
    n, noise = sympy.symbols("n sigma^2", positive=True)
    lam, b, s, star = (sympy.symbols(f"{name}_1:3", real=True) for name in ("l", "b", "s", "t"))
    x, mean, rest = sympy.symbols("x_1:3", real=True), sympy.symbols("m_1:3"), sympy.Symbol("e")
    off = rest + sum(x[i] * (b[i] - star[i]) + mean[i] * (s[i] - b[i]) for i in range(2))
    # second moments; all other products have mean zero
    moments = {x[i] ** 2: lam[i] for i in range(2)} | {mean[i] ** 2: lam[i] / n for i in range(2)}
    moments[rest**2] = noise / n
    square = sympy.Poly(sympy.expand(off**2), *x, *mean, rest)
    found = sum(square.coeff_monomial(monomial) * value for monomial, value in moments.items())
    own = f.predictor_risk(np.array(lam), np.array(b), np.array(s))
    known = f.predictor_risk(np.array(lam), np.array(b), np.array(star))
    return found, known + f.intercept_variance(own, noise, n - fewer)


#: n, q, ridge
STUDENTS = ((40, 120, 0.0), (100, 50, 0.0), (50, 50, 0.6))
TEACHERS = ("strong", kd.teachers.BlindMask(by="random-features"))
#: What the trials can tell, relative.
FLOOR = 0.02


@INTERCEPT.agreement("trained", note="students of rows with labels, of their best mask too")
def trained(context: Context, more: int = 0) -> list[Comparison]:
    """`kdverify.measure` beside `kdverify.predict`, both with q random features.

    What is predicted has the first correction of section 15, so that bands are of second order.
    """
    question, runs = measured(context)
    found = []
    for (n, q, ridge), run in zip(STUDENTS, runs, strict=True):
        by = {"by": "random-features", "features": q + more}
        room = Classroom(question, {"random-features": {"features": q}})
        theory = kd.predict(question, n, TEACHERS, ridges=ridge, **by)
        for teacher in theory.teachers:
            added, order = correction(room.lesson(n, ridge).labels(teacher), question, n, q, ridge)
            expected = float(theory.excess[teacher.name]) + added
            values = run.values["excess"][teacher.name]
            title = f"{teacher.name}, n = {n}, q = {q}"
            band = (order**2 + FLOOR / times(context)) * expected
            found.append(Comparison.of(title, values, expected, band))
    return found


def correction(
    labels: np.ndarray, question: kd.Question, n: int, q: int, ridge: float
) -> tuple[float, float]:
    """What finite n and q add to the excess risk, outputs summed, and the size of one order."""
    lam, vectors = question.pool.principal
    truth, taught = (
        vectors.T @ question.pool.moment(one) / lam[:, None] for one in (question.labels, labels)
    )
    left = np.square(labels - question.pool.times(vectors @ taught)).mean(axis=0).sum()
    setting = TwoLayer("", kd.Problem(kd.Spectrum(lam), taught[:, 0]), n - 1, q, ridge)
    squares = np.square(taught).sum(axis=1)
    shift, level = (
        form_correction(FloatModes.of(setting.problem), setting.at, lam, lam, mean, squares, left)
        for mean in ((truth * taught).sum(axis=1), squares)
    )
    return float(shift + level / n), setting.law_band


@cache
def measured(context: Context) -> tuple[kd.Question, list[kd.Measured]]:
    """The question, and students of both teachers at each size."""
    rng = np.random.default_rng(context.seed_sequence("rows"))
    scales = np.repeat(np.arange(1.0, 41), 2) ** -0.75
    rows = rng.standard_normal((20_000, 80)) * scales + 1
    labels = rows @ rng.standard_normal((80, 30)) + 0.7 * rng.standard_normal((20_000, 30))
    question = kd.Question.of(rows, labels, task="regression")
    runs = []
    for n, q, ridge in STUDENTS:
        count, key = context.trials(330), seed(context, "students", n, q)
        students: dict[str, Any] = {"repetitions": count, "seed": key, "features": q}
        runs.append(kd.measure(question, n, TEACHERS, ridges=ridge, **students))
    return question, runs


trained.shifted(1)
trained.but("ten features more", more=10)
