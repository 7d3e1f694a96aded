"""Claim of section 9 on real features: what teachers bring, on handwritten digits."""

from __future__ import annotations

from dataclasses import replace
from functools import cache
from typing import Any

import numpy as np
import sympy

import kdverify as kd
from kdverify import formulas as f
from kdverify.evidence import Claim, Comparison, Context, Step
from kdverify.verify import run_as_script

from ..lib import sums as m
from ..lib.ensembles import seed
from ..lib.row_laws import Law, digits, fashion

DISTILLATION = Claim(
    "9.distillation",
    title="Real features: the risk of students of four kinds of teachers, on digits",
    statement=r"R(\beta_s) \approx \beta_s^\top K\beta_s - 2\beta_s^\top(I-M)\Sigma\beta_*"
    r" + \beta_*^\top\Sigma\beta_*,\quad \beta_s \in \{\beta_*,\ K^{-1}(I-M)\Sigma\beta_*,\ "
    r"\mathrm{mask}\,\beta_*\},\ \text{within}\ 3/(p-n-1)",
    source="new",
    needs=("9.best-surrogate", "9.finite-size"),
    parts=("Gaussian rows", "digits"),
    steps=[
        Step("A linear teacher's labels leave no residual: (11) is beta_s'K beta_s."),
        Step("For Gaussian rows a mode's share is that of (2).", lambda: one_mode_error()[1]),
        Step(
            "On digits: scikit-learn's 8x8 images, centred, one-hot classes; students of 20 of"
            " them, judged on those that they did not see, over beta* of the pool."
        ),
    ],
)


FASHION = Claim(
    "9.fashion",
    title="Real features: the same on random ReLU features of Fashion-MNIST, within 4.4 %",
    statement=r"R(y_s)\ \text{is (11) within}\ 3/(p-n-1),\quad y_s \in \{y,\ X\beta_*,\ "
    r"XK^{-1}(I-M)\Sigma\beta_*,\ X\,\mathrm{mask}\,\beta_*\}",
    source="new",
    needs=("9.distillation",),
    parts=("normal equations", "Fashion-MNIST"),
    steps=[
        Step(
            "3,000 images of Fashion-MNIST, 100 random ReLU features of their pixels, centred;"
            " one-hot classes.  Students of 30 of them, judged on those that they did not see,"
            " over beta* of the pool; labels as they are, and those of perfect, best and masked"
            " linear teachers."
        ),
        Step("The best linear teacher solves K beta_s = (I - M) c.", lambda: normal_equations()[0]),
    ],
)


#: Digits that a student gets, of 61 columns.
DIGITS_TRAINED = 20
TEACHERS = ("strong", "clean", "optimal", "masked")


@DISTILLATION.identity("Gaussian rows", but={"zeta for its square in D": {"power": 1}})
def one_mode_error(power: int = 2) -> tuple[Any, Any]:
    """Gaussian rows: error of a linear teacher on one mode by K, and the mode's share of (2)."""
    zeta, learnt = m.split()
    taught = sympy.Symbol("beta_s", real=True)
    both = m.lam * zeta**power / (1 - m.omega)
    K = f.teacher_form(m.lam, zeta * m.lam, m.lam * zeta, both)
    truth = m.lam * m.beta_star
    left = f.squared_error(K * taught**2, taught * learnt * truth, truth * m.beta_star)
    share = f.risk(
        m.lam, taught, m.beta_star, zeta, learnt, m.omega, 1 - m.omega, 0, total=lambda one: one
    )
    return m.in_zeta(left), m.in_zeta(share)


@FASHION.identity("normal equations", but={"the crossed part counted twice": {"counted": 2}})
def normal_equations(counted: int = 1) -> tuple[Any, Any]:
    """Where the error of a linear teacher on one mode is least, and the best gain there."""
    K, aim, taught = sympy.symbols("K a beta_s", positive=True)
    error = f.squared_error(K * taught**2, counted * aim * taught, 0)
    (least,) = sympy.solve(sympy.diff(error, taught), taught)
    return least, f.form_gain(aim, K)


def law_of(name: str) -> Law:
    """The digits or the images of Fashion-MNIST."""
    return replace(digits(), n=DIGITS_TRAINED) if name == "digits" else fashion()


@cache
def predicted(name: str) -> tuple[dict[str, np.ndarray], dict[str, float]]:
    """Labels of each teacher, and its students' excess risk on unseen rows, summed."""
    law = law_of(name)
    pool, n = law.pool, law.n
    test = kd.rows.Moments.of(pool, pool, law.labels)
    at = kd.rows.solve(pool, n)
    best = kd.rows.Teachers(at, test, kd.rows.Response(at))
    labels = {
        "strong": law.labels,
        "clean": pool.times(test.best),
        "optimal": pool.times(best.optimal),
        "masked": pool.times(best.masked(best.mask)),
    }
    columns = np.column_stack(list(labels.values()))
    change = kd.rows.corrected_errors(pool, columns, n, test.repeated(len(labels)), start=at)
    risks, truth = {}, labels["clean"]
    for (teacher, given), part in zip(labels.items(), np.split(change, len(labels)), strict=True):
        law_of_students = kd.rows.unseen_scores(kd.rows.Students(at, given, response=best.response))
        risks[teacher] = float(law_of_students.errors(truth).sum(axis=1).mean() + part.sum())
    return labels, risks


@FASHION.agreement(
    "Fashion-MNIST",
    note="four teachers, 3,000 rows, 100 columns, 30 of them",
    name="Fashion-MNIST",
    trials=1800,
    but={"the teachers' predictions swapped": {"swapped": True, "trials": 200}},
)
@DISTILLATION.agreement(
    "digits",
    note="four teachers, 1,497 rows, 61 columns, 20 of them",
    name="digits",
    but={"the teachers' predictions swapped": {"swapped": True, "trials": 200}},
)
def risks(
    context: Context, name: str, swapped: bool = False, trials: int = 500
) -> list[Comparison]:
    """Students of each teacher, judged on the rows that they did not see."""
    law = law_of(name)
    best = kd.rows.Moments.of(law.pool, law.pool, law.labels).best
    labels, theory = predicted(name)
    judge = kd.rows.excess_judge(law.pool, best)
    measured = kd.rows.measure(
        law.pool, law.n, labels, judge, context.trials(trials), seed(context, name)
    )
    comparisons = []
    for teacher, other in zip(TEACHERS, TEACHERS[1:] + TEACHERS[:1], strict=True):
        expected = theory[other if swapped else teacher]
        values = measured.values[f"{teacher}/excess"]
        band = law.relative_band * expected
        comparisons.append(Comparison.of(f"{teacher}, n={law.n}", values, expected, band))
    return comparisons


if __name__ == "__main__":
    raise SystemExit(run_as_script([DISTILLATION, FASHION]))
