"""Claim of section 13: the total risk is linear in the signal's energies and in the noise."""

from typing import Any

import numpy as np
import sympy

from kdverify import formulas as f
from kdverify import rows
from kdverify.evidence import Claim, Comparison, Context, Step
from kdverify.labels.drawn import DrawnSet, Sample

from ..lib.ensembles import seed

LINEAR = Claim(
    "13.linear-form",
    title="Any rows: the total risk is a quadratic form in beta plus sigma^2 c, without labels",
    statement=r"X = U s V',\ y = X\beta + e:\quad E(y_0 - x_0'\hat\beta)^2 ="
    r" \beta' N S N \beta + \sigma^2 c,\quad N = I - V\frac{s^2}{s^2+d}V',\quad"
    r" c = 1 + {\rm tr}\,S V\frac{s^2}{(s^2+d)^2}V'",
    source="classic",
    parts=("one design", "drawn rows"),
    steps=[
        Step("A student without noise has the error N beta: a ridge leaves d/(s^2 + d) of V_i."),
        Step(
            "Noise adds A e with A A' = V s^2/(s^2 + d)^2 V'; e is independent of beta and of the"
            " label that judges, which adds its own variance.  N, S and c hold no label."
        ),
        Step(
            "Averaged over rows and independent directions of beta: sum_i s_i w_i + sigma^2 c,"
            " w_i = E[(N S N)_ii] / lambda_i: one eigendecomposition serves all ridges, signals"
            " and columns of labels."
        ),
    ],
)


@LINEAR.identity(
    "one design",
    note="two rows, three columns",
    but={"singular values in the place of their squares": {"power": 1}},
)
def risks(power: int = 2) -> tuple[Any, Any]:
    """By the normal equations, and by singular values; a direction that no row has stays."""
    first, second, d, noise = sympy.symbols("s_1 s_2 d sigma^2", positive=True)
    a, b, c = sympy.symbols("S_11 S_12 S_33", real=True)
    S = sympy.Matrix([[a, b, 0], [b, 1, 0], [0, 0, c]])
    beta = sympy.Matrix(sympy.symbols("beta_1:4", real=True))
    V = sympy.Matrix([[1, 2, 2], [2, 1, -2], [2, -2, 1]]) / 3
    U = sympy.Matrix([[3, -4], [4, 3]]) / 5
    X = U * sympy.Matrix([[first, 0, 0], [0, second, 0]]) * V.T
    A = (X.T * X + d * sympy.eye(3)).inv().applyfunc(sympy.factor) * X.T
    missed = (sympy.eye(3) - A * X) * beta
    parts = (missed.T * S * missed)[0, 0], 1 + (S * A * A.T).trace()
    squares = [first**power, second**power]
    left = sympy.diag(*(f.left_over(square, d) for square in squares), 1)
    taken = sympy.diag(*(f.noise_taken(square, d) for square in squares), 0)
    inside, judged = left * V.T * beta, V.T * S * V
    bias, weight = (inside.T * judged * inside)[0, 0], 1 + (judged * taken).trace()
    risk = f.linear_risk(bias, noise, weight)
    return list(parts), [risk.subs(noise, 0), risk.coeff(noise)]


@LINEAR.agreement(
    "drawn rows",
    note="rows of Student-t lengths, with an intercept: 10 and 40 of 80, rank 20",
    but={"the noise of the label that judges left out": {"own": 0}},
)
def students(context: Context, own: int = 1, trials: int = 4000) -> list[Comparison]:
    """Students of noisy labels of fixed rows, judged on the others, beside N, S and c."""
    generator = np.random.default_rng(seed(context, "rows"))
    drawn = rows.made_up.student_mixture(generator, 80, 20)
    sample = Sample.of(drawn)
    signal, sigma = generator.standard_normal((20, 1)), 0.7
    ridges, comparisons = np.array([0.0, 0.5, 10.0]), []
    for n in (10, 40):
        one = DrawnSet.of(sample, n, generator)
        noise = sigma * generator.standard_normal((n, context.trials(trials)))
        unseen = np.setdiff1d(np.arange(80), one.numbers)
        theory = f.linear_risk(
            one.forms(ridges, signal, 1)[0][:, 0], sigma**2, one.noise_weights(ridges)
        )
        for ridge, expected in zip(ridges, theory, strict=True):
            inside, level = one.students(ridge, np.tile(signal, noise.shape[1]), noise)
            outputs = (sample.rows[unseen] - one.centre) @ (one.made.right @ inside) + level
            gaps = np.square(outputs - sample.rows[unseen] @ signal).mean(axis=0)
            name = f"n={n}, ridge {ridge:g}"
            comparisons.append(
                Comparison.of(name, gaps + own * sigma**2, expected, 0.05 * expected)
            )
    return comparisons
