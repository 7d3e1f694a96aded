"""Claim of section 9, any rows: accuracy where a class has one or two samples."""

from functools import cache
from typing import Any

import numpy as np
import sympy
from scipy.stats import hypergeom

from kdverify import formulas as f
from kdverify import rows
from kdverify.evidence import Claim, Comparison, Context, Step
from kdverify.measurement import measure
from kdverify.prediction import predict
from kdverify.rows.question import Question
from kdverify.seeds import stream

from ..lib.ensembles import seed
from ..lib.row_laws import digits, influences

FEW = Claim(
    "9.few-samples",
    title="Any rows: accuracy with one sample a class, from sums over rows and pairs of rows",
    statement=r"x^\top\hat\beta \approx x^\top E\hat\beta + \sum_j k(x,j)\Big(e_j -"
    r" \sum_{i \ne j} k(j,i)(e_i + d_i)\Big),\quad k(x,j) = x^\top M x_j/b_j;"
    r"\ \text{accuracy within 0.0125 and 0.02 where a normal law is 0.05 and 0.025 too high}",
    needs=("9.accuracy", "9.finite-size"),
    parts=("two rows", "two sets"),
    steps=[
        Step(
            "Row i, then row j, are added to the other rows: each adds N x r / v, with N, r and v"
            " those of the rows before it.  What both teach together less what each teaches alone"
            " is minus what one leaves less of the other's error, to first order in x_i'N x_j.",
            lambda: pair()[0][1],
        ),
        Step(
            "Put M for N and b for v; take from each order what single rows explain"
            " (Hoeffding); bring the sum to the variance (12), corrected for finite n.  That"
            " third and higher orders can be left out is measured, not proved: they do not fall"
            " off one by one, and without the variance (12) the accuracy is points off. Digits have"
            " a ridge of 4 tr Sigma: without one the sums are about a point too high."
        ),
    ],
)


#: Rows of a student, of ten classes; its ridge; students; half-width of the band of their accuracy,
#: below a quarter of what normal scores are too high by, or, without ridge, below all of it.
SETS = {"digits": (12, 5000.0, 700, 0.0125), "ReLU features": (10, 0.0, 450, 0.02)}


#: Rows and columns of the made-up set.
MADE_ROWS, MADE_COLUMNS = 900, 60


@FEW.identity("two rows", but={"one of the two counted twice": {"counted": 2}})
def pair(counted: int = 1) -> tuple[Any, Any]:
    """What two rows teach x together less what each does, to first order in their coupling.

    Exact: row i is added to the others, then row j to these and i.  N is that of the others,
    ``c = x_i'N x_j``, ``v = x'N x``, r the errors that the others make.
    """
    xi, xj, ri, rj, c = sympy.symbols("x_i x_j r_i r_j c", real=True)
    vi, vj = sympy.symbols("v_i v_j", positive=True)
    first = xi * ri / vi
    second = (xj - xi * c / vi) * (rj - c * ri / vi) / (vj - c**2 / vi)
    together = first + second - xi * ri / vi - xj * rj / vj
    slope = sympy.diff(together, c).subs(c, 0)
    at_i, at_j = f.row_kernel(xi, vi), f.row_kernel(xj, vj)
    taught = at_j * f.row_kernel(c, vi) * ri + counted * at_i * f.row_kernel(c, vj) * rj
    return [together.subs(c, 0), slope], [0, -sympy.diff(taught, c)]


@cache
def set_of(name: str) -> Question:
    """Rows and their classes, of which the means are known."""
    if name == "digits":
        law = digits()
        return Question.of(law.pool.rows, law.labels.argmax(axis=1), intercept="known")
    generator = np.random.default_rng(3)
    matrix = rows.made_up.relu_features(generator, MADE_ROWS, MADE_COLUMNS)
    weights = generator.standard_normal((MADE_COLUMNS, 10))
    matrix -= matrix.mean(axis=0)
    classes = rows.made_up.noisy_classes(generator, weights, matrix)
    return Question.of(matrix, classes, intercept="known")


@cache
def predicted(name: str) -> tuple[float, float]:
    """Accuracy on rows that are not drawn: of sums over rows and pairs, and of normal scores."""
    ready, (n, ridge, *_) = set_of(name), SETS[name]
    found = predict(ready, n, "strong", ridges=ridge, laws=True)
    law = found.laws["strong"][0]
    assert law is not None
    normal = rows.Scores(law.means + ready.level, law.covariances)
    return float(found.accuracy["strong"]), normal.accuracy(ready.classes)


@cache
def measured(name: str, trials: int, key: int) -> np.ndarray:
    """Accuracies of students, (trials,)."""
    n, ridge, *_ = SETS[name]
    found = measure(set_of(name), n, "strong", ridges=ridge, repetitions=trials, seed=key)
    return found.values["accuracy"]["strong"]


@cache
def known(name: str, trials: int, key: int) -> np.ndarray:
    """Of mean zero, (trials, 7): how many classes the drawn rows have, and their `influences`."""
    ready, (n, ridge, *_) = set_of(name), SETS[name]
    size, classes = ready.size, np.asarray(ready.classes)
    drawn = [stream(key, "training rows", n, i).permutation(size)[:n] for i in range(trials)]
    missed = [hypergeom.pmf(0, size, count, n) for count in np.bincount(classes)]
    found = np.array([np.unique(classes[chosen]).size for chosen in drawn])
    students = rows.Students(rows.solve(ready.pool, n, ridge), ready.labels)
    moved = influences(students, students, ready.moments.best)
    return np.column_stack([found - sum(1 - p for p in missed), moved[drawn].sum(axis=1)])


@FEW.agreement(
    "two sets",
    note="ten classes: 12 of 1,497 digits, with a ridge, 10 of 900 rows of ReLU features",
    but={"normal scores with the predicted mean and covariance": {"normal": True}},
)
def accuracies(context: Context, normal: bool = False) -> list[Comparison]:
    """Students of ten classes, judged on the rows that they did not see."""
    comparisons = []
    for name, (n, _, trials, band) in SETS.items():
        count, key = context.trials(trials), seed(context, name)
        values, zeros = measured(name, count, key), known(name, count, key)
        expected = predicted(name)[int(normal)]
        comparisons.append(Comparison.of(f"{name}, n={n}", values, expected, band, zeros))
    return comparisons
