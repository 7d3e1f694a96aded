"""Claims of section 9 that are measured: risk and spread of predictions, on six laws.

Pools, labels and bands stand in `lib.row_laws`.  Students are trained on rows drawn from a
pool independently, as the theory has it.
"""

from __future__ import annotations

from functools import cache
from typing import Any

import numpy as np
import sympy

from kdverify import rows
from kdverify.evidence import Agreement, Claim, Comparison, Context, Control, Identity, Step
from kdverify.rows import Scores

from ..lib.pools import random_pool
from ..lib.row_laws import Law, all_laws, trained
from .risk import students_of


@cache
def scores_of(law: Law) -> Scores:
    """The law of their predictions on the rows outside the pool."""
    return rows.scores(students_of(law), law.unseen)


def spreads(context: Context, shift: float = 0.0, trials: int = 900) -> list[Comparison]:
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
        comparisons.append(
            Comparison(
                f"variance ratio, {law.name}, quarters of the rows",
                ratios.mean(axis=1),
                ratios.std(axis=1, ddof=1) / np.sqrt(len(found)),
                len(found) - 1,
                1 + 2 * shift * law.relative_band,
                law.relative_band,
            )
        )
    return comparisons


def one_direction() -> tuple[list[Any], list[Any]]:
    """Var x0'beta_hat by (12) is (11) with A = x0 x0' less the squared mean: rational pools."""
    left, right = [], []
    for index in range(3):
        pool, row = random_pool(index), sympy.Matrix([index + 1, -2])
        left.append((row.T * pool.adjoint() * row)[0, 0])
        right.append(pool.second_moment(row * row.T))
    return left, right


SCORES = Claim(
    id="9.scores",
    title="Any rows: the standard deviation of the prediction on a row, by (12), on six laws",
    statement=r"{\rm Var}\,x_0^\top\hat\beta \approx x_0^\top M(V-\theta\theta^\top)Mx_0\ \text{up"
    r" to}\ O(1/(p-n)),\ \text{on the mean over quarters of unseen rows}",
    source="new",
    needs=("9.adjoint", "9.risk"),
    parts=("three pools", "six laws"),
    steps=[
        Step("(12) is (11) for A = x0 x0', all x0 at once (9.adjoint)."),
        Step(
            "Rows are grouped by their predicted deviation, so that small and large ones are told"
            " apart; single rows scatter more than the means of a quarter."
        ),
    ],
    evidence=[
        Identity(
            "three pools",
            left=lambda: one_direction()[0],
            right=lambda: one_direction()[1],
            note="rational",
        ),
        Agreement("six laws", sample=spreads, note="bands of 9.risk"),
    ],
    controls=[
        Control(
            Agreement("six laws", sample=lambda c: spreads(c, 1.0, 200)),
            wrong="one band-width too high",
        ),
        Control(
            Identity(
                "three pools",
                left=lambda: one_direction()[0],
                right=lambda: one_direction()[1][::-1],
            ),
            wrong="the pools exchanged",
        ),
    ],
)


CLAIMS = [SCORES]

if __name__ == "__main__":
    from kdverify.verify import run_as_script

    raise SystemExit(run_as_script(CLAIMS))
