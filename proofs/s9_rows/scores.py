"""Claim of section 9 that are measured: risk and spread of predictions, on six laws.

Pools, labels and bands stand in `lib.row_laws`.  Students are trained on rows drawn from a
pool independently, as the theory has it.
"""

from functools import cache
from typing import Any

import numpy as np
import sympy

import kdverify as kd
from kdverify.evidence import Claim, Comparison, Context, Step

from ..lib.pools import random_pool
from ..lib.row_laws import Law, all_laws, trained
from .risk import students_of

SCORES = Claim(
    "9.scores",
    title="Any rows: the standard deviation of the prediction on a row, by (12), on six laws",
    statement=r"{\rm Var}\,x_0^\top\hat\beta \approx x_0^\top M(V-\theta\theta^\top)Mx_0\ \text{up"
    r" to}\ O(1/(p-n)),\ \text{on the mean over quarters of unseen rows}",
    needs=("9.adjoint", "9.risk"),
    parts=("three pools", "six laws"),
    steps=[
        Step("(12) is (11) for A = x0 x0', all x0 at once (9.adjoint)."),
        Step(
            "Rows are grouped by their predicted deviation, so that small and large ones are told"
            " apart; single rows scatter more than the means of a quarter."
        ),
    ],
)


@cache
def scores_of(law: Law) -> kd.rows.Scores:
    """The law of their predictions on the rows outside the pool."""
    return kd.rows.scores(students_of(law), law.unseen)


@SCORES.agreement("six laws", note="bands of 9.risk")
def spreads(context: Context, trials: int = 900) -> list[Comparison]:
    """Variance of unseen rows' predictions over the predicted one, in four groups of rows.

    The groups are the quarters of the rows by their predicted standard deviation, for each
    label column; a ratio is the mean over the rows of a quarter and over the columns.
    """
    comparisons = []
    for law in all_laws():
        predicted = scores_of(law)
        found: list[np.ndarray] = []

        def predict(student: np.ndarray) -> float:
            found.append(law.unseen @ student)  # noqa: B023 - called before the next law
            return 0.0

        trained(context, law, law.labels, predict, trials)
        squares = np.square((np.array(found) - np.mean(found, axis=0)) / predicted.deviations)
        squares *= len(found) / (len(found) - 1)
        order = np.argsort(predicted.deviations, axis=0)
        ratios = np.stack(
            [
                np.take_along_axis(squares, group[None], axis=1).mean(axis=(1, 2))
                for group in np.array_split(order, 4)
            ]
        )
        name, band = f"variance ratio, {law.name}, quarters of the rows", law.relative_band
        comparisons.append(Comparison.of(name, ratios.T, np.ones(4), band))
    return comparisons


spreads.shifted(-1)


@SCORES.identity("three pools", note="rational", but={"half of the term in k_A": {"crossed": 1}})
def one_direction(crossed: int = 2) -> tuple[list[Any], list[Any]]:
    """Var x0'beta_hat by (12) is (11) with A = x0 x0' less the squared mean: rational pools."""
    left, right = [], []
    for index in range(3):
        pool, row = random_pool(index), sympy.Matrix([index + 1, -2])
        left.append((row.T * pool.adjoint() * row)[0, 0])
        right.append(pool.second_moment(row * row.T, crossed=crossed))
    return left, right
