"""What distillation can buy at each n: predicted, then measured."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from kdverify import checks, rows
from kdverify.exponents import Exponent, fit_rank_exponent
from kdverify.features.prepare import Prepared
from kdverify.features.solver import Prediction, Report, Solver, silent
from kdverify.gaussian import theory
from kdverify.problem import Spectrum

#: Rows a column that stand for a larger pool in the predictions, and the fewest.
ROWS_PER_COLUMN, FEWEST_SOLVED = 10, 5000


@dataclass(frozen=True, eq=False)
class Point:
    """Predictions and the measurement at one n."""

    n: float
    predictions: dict[str, Prediction]
    measured: rows.Measured | None


@dataclass(frozen=True, eq=False)
class Analysis:
    """What `analyse` found; ``solved_rows`` rows stood for the pool in the predictions."""

    prepared: Prepared
    alpha: Exponent
    beta: Exponent | None
    points: list[Point]
    noise: float | None
    solved_rows: int = 0


MODELS = ("rows", "gaussian", "both")


def analyse(
    prepared: Prepared,
    n: Sequence[float],
    model: str = "rows",
    ridge: float = 0.0,
    repetitions: int = 20,
    seed: int = 0,
    progress: Report = silent,
    solve_rows: int | None = None,
    groups: int = 0,
) -> Analysis:
    """Predict and measure students of a pool at each n.

    Args:
        prepared: from `prepare`.
        n: sample sizes; without ridge below the rank of the rows.
        model: ``"rows"`` (section 9), ``"gaussian"`` (2) or ``"both"``.
        ridge: of ``|y - Xb|^2 + ridge |b|^2``.
        repetitions: students trained for each teacher and n; 0 measures nothing.
        seed: of the measurement.
        progress: called with a line and the fraction that is done before each step.
        solve_rows: at most so many rows, drawn at random, stand for the pool in (9) to (12);
            beta* and Sigma are always those of all rows.  By default ten a column (5,000 at
            least), but no more than `rows.LARGEST_DIRECT` where there are several label columns.
        groups: of the jackknife over the pool's rows, for the standard error of the prediction;
            0 leaves it out, and each group costs another prediction.
    """
    checks.choice("model", model, MODELS)
    sizes = checks.sample_sizes("n", n, share=False)
    ridge = checks.non_negative("ridge", ridge)
    for size in sizes:
        checks.below_rank(size, prepared.pool.rank, ridge)
        if repetitions and prepared.labels is not None and size >= prepared.pool.size:
            raise ValueError(
                f"n={size:g} must be below the number of rows, {prepared.pool.size}: students are "
                "judged on the rest (repetitions=0 trains none)"
            )
    progress(f"covariance and spectrum of {prepared.pool.size} rows", 0.0)
    pool = prepared.pool
    values = pool.principal[0][: pool.rank]
    alpha = fit_rank_exponent(values)
    if prepared.labels is None:
        points = [
            Point(size, {"gaussian": _mask_only(values, size, ridge)}, None) for size in sizes
        ]
        return Analysis(prepared, alpha, None, points, None)
    test = rows.Moments.of(pool, pool, prepared.labels)
    beta = _signal_exponent(prepared, test)
    checks.count("groups", groups, 0)
    if solve_rows is None:
        solve_rows = _enough_rows(pool.width, prepared.labels.shape[1])
    solver = Solver(prepared, test, ridge, seed, solve_rows, groups)
    points = []
    for index, size in enumerate(sizes):

        def report(line: str, done: float, index: int = index, size: float = size) -> None:
            progress(f"n = {size:g}: {line}", (index + done) / len(sizes))

        predictions = {}
        if model in ("rows", "both"):
            predictions["rows"] = solver.on_rows(size, report)
        if model in ("gaussian", "both"):
            predictions["gaussian"] = solver.gaussian_formula(size)
        measured = None
        if repetitions and float(size).is_integer():
            measured = solver.measure(int(size), repetitions, report)
        points.append(Point(size, predictions, measured))
    return Analysis(prepared, alpha, beta, points, float(test.floor.sum()), solver.solving.size)


def _enough_rows(width: int, columns: int) -> int:
    """Rows that stand for a pool: more would cost more than they tell."""
    enough = max(ROWS_PER_COLUMN * width, FEWEST_SOLVED)
    return min(enough, rows.LARGEST_DIRECT) if columns > 1 else enough


def _mask_only(values: np.ndarray, n: float, ridge: float) -> Prediction:
    kept = theory.optimal_mask(Spectrum(values), n, ridge)
    return Prediction(n, "gaussian", {}, int(kept.sum()))


def _signal_exponent(prepared: Prepared, test: rows.Moments) -> Exponent:
    """beta of ``lambda_i beta*_i^2``, summed over label columns, noise of the estimate removed."""
    pool = prepared.pool
    values, vectors = pool.principal
    values = values[: pool.rank]
    coefficients = vectors.T[: pool.rank] @ test.best
    energy = (values[:, None] * np.square(coefficients)).sum(axis=1)
    return fit_rank_exponent(energy, noise=max(float(test.floor.sum()), 0.0) / pool.size)
