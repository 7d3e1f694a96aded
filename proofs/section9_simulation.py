"""Claims of section 9 that are measured: risk and spread of predictions, on six laws.

Pools, labels and bands stand in ``_rows_laws.py``.  Students are trained on rows drawn from a
pool independently, as the theory has it.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import cache, partial
from typing import TYPE_CHECKING, Any

from kdverify import formulas as f
from kdverify.evidence import Agreement, Claim, Comparison, Context, Control, Identity, Step

if TYPE_CHECKING:
    import numpy as np
    from _rows_laws import Law

    from kdverify.rows import Scores, Students

# --------------------------------------------------------------------------
# 9.risk
# --------------------------------------------------------------------------


@cache
def students_of(law: Law) -> Students:
    """The theory's students on one law's pool."""
    from kdverify import rows

    return rows.Students(rows.solve(law.pool, law.n), law.labels)


@cache
def scores_of(law: Law) -> Scores:
    """The law of their predictions on the rows outside the pool."""
    from kdverify import rows

    return rows.scores(students_of(law), law.unseen)


def gaussian_formula(law: Law) -> float:
    """(2) with the pool's Sigma and the mean square of what is not linear as noise."""

    from kdverify import Problem, Spectrum, risk, rows

    test = rows.Moments.of(law.pool, law.pool, law.labels)
    values, vectors = law.pool.principal
    kept = values > 0
    total = 0.0
    for beta, floor in zip(test.best.T, test.floor, strict=True):
        problem = Problem(Spectrum(values[kept]), (vectors.T @ beta)[kept])
        total += float(risk(problem, law.n, noise_variance=float(floor)))
    return total


def any_rows(law: Law) -> float:
    """(11), summed over the label columns."""
    import numpy as np

    from kdverify import rows

    test = rows.Moments.of(law.pool, law.pool, law.labels)
    return float(np.sum(students_of(law).excess_risks(test)))


def excess(law: Law, best: np.ndarray, student: np.ndarray) -> float:
    """Excess risk on the pool over its own best coefficients, label columns summed."""
    missed = student - best
    return float((missed * (law.pool.covariance @ missed)).sum())


def risks(
    context: Context,
    theory: Callable[[Law], float] = any_rows,
    shift: float = 0.0,
    trials: int = 450,
    names: tuple[str, ...] = (),
) -> list[Comparison]:
    """Excess risk of students on every law, summed over the label columns."""
    from _rows_laws import all_laws, made, mean_of, trained

    from kdverify import rows

    comparisons = []
    for law in [made(name) for name in names] or all_laws():
        best = rows.Moments.of(law.pool, law.pool, law.labels).best
        values = trained(context, law, law.labels, partial(excess, law, best), trials)
        predicted = theory(law)
        name, band = f"{law.name}, n={law.n}", law.relative_band * predicted
        comparisons.append(mean_of(name, values, predicted, band, shift))
    return comparisons


def exact_gap() -> tuple[Any, Any]:
    """Sigma = I: the exact noise part over that of (11), and the unit of the bands."""
    import sympy

    n, p = sympy.symbols("n p", positive=True)
    exact = f.isotropic_noise_risk(1, n, p)
    omega = n / p
    return exact / f.noise_trace(omega, 1 - omega) - 1, 1 / (p - n - 1)


RISK = Claim(
    id="9.risk",
    title="Any rows, any labels: excess risk by (11), measured on six row distributions",
    statement=r"E\,\|\Sigma^{1/2}(\hat\beta-\beta_*)\|^2 \approx (11)_{A=\Sigma} -"
    r" 2\beta_*^\top\Sigma(I-M)\theta + \beta_*^\top\Sigma\beta_*\ \text{up to}\ O(1/(p-n))",
    source="new",
    needs=("9.second-moment", "9.left-out-noise"),
    parts=("band", "six laws"),
    steps=[
        Step("9.second-moment: M stands for the N with one row left out."),
        Step(
            "For Sigma = I the noise part is off by the fraction 1/(p - n - 1): the bands are three"
            " times as wide on either side.",
            lambda: exact_gap()[0],
        ),
    ],
    evidence=[
        Identity("band", left=lambda: exact_gap()[0], right=lambda: exact_gap()[1]),
        Agreement(
            "six laws",
            sample=risks,
            note="Gaussian, t3 mixture, sparse, two Gaussians, ReLU features, digits",
        ),
    ],
    controls=[
        Control(
            Agreement("six laws", sample=lambda c: risks(c, shift=1.0, trials=250)),
            wrong="one band-width too high",
        ),
        Control(
            Agreement(
                "t3 mixture",
                sample=lambda c: risks(
                    c, gaussian_formula, trials=250, names=("Student t3 mixture",)
                ),
            ),
            wrong="the Gaussian formula (2) on the t3 mixture",
        ),
        Control(
            Identity("band", left=lambda: exact_gap()[0], right=lambda: exact_gap()[1] / 2),
            wrong="half of the unit",
        ),
    ],
)

# --------------------------------------------------------------------------
# 9.scores
# --------------------------------------------------------------------------


def spreads(context: Context, shift: float = 0.0, trials: int = 900) -> list[Comparison]:
    """Variance of unseen rows' predictions over the predicted one, in four groups of rows.

    The groups are the quarters of the rows by their predicted standard deviation, for each
    label column; a ratio is the mean over the rows of a quarter and over the columns.
    """
    import numpy as np
    from _rows_laws import all_laws, trained

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
    import sympy
    from _rows_pools import random_pool

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

CLAIMS = [RISK, SCORES]

if __name__ == "__main__":
    from kdverify.verify import run_as_script

    raise SystemExit(run_as_script(CLAIMS))
