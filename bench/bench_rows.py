"""Rows as they are: what a prediction costs, against measuring.

An evaluation of (9) in units of one product of N x p by p x p; evaluations to 1e-10 in log b
and products of J up to 0.95 p; a curve of eight n with warm starts against one n; and the time
of a prediction against measuring 60 students on the same rows: to 1e-10, and to a tenth of the
standard error that 60 students leave.
"""

from __future__ import annotations

import time

import numpy as np

import kdverify as kd
from bench.timing import best, print_table
from kdverify import rows
from kdverify.rows.fixed_point import _evaluate
from kdverify.seeds import stream

SIZES = (2000, 100), (10_000, 768)
REPETITIONS = 60


def feature_rows(size: int, width: int) -> tuple[np.ndarray, np.ndarray]:
    """ReLU features of a Student-t mixture: rows far from Gaussian, noisy labels."""
    rng = stream(0, "rows to measure on", size, width)
    inner = rng.standard_normal((size, width)) * np.arange(1, width + 1) ** -0.5
    inner *= np.sqrt(5 / rng.chisquare(5, size))[:, None]
    X = np.maximum(inner @ rng.standard_normal((width, width)) / np.sqrt(width), 0)
    X -= X.mean(axis=0)
    return X, (X[:, 0] > 0) + 0.3 * rng.standard_normal(size)


def measure(X: np.ndarray, y: np.ndarray, n: int) -> tuple[float, float]:
    """Seconds of `REPETITIONS` measured students, each judged on all rows that it did not see,
    and what error they leave, relative to the risk.
    """
    question = kd.Question.of(X, y, task="regression", intercept="none")
    start = time.perf_counter()
    found = kd.measure(question, n, "strong", repetitions=REPETITIONS)
    seconds = time.perf_counter() - start
    excess, error = found.excess["strong"], found.standard_errors()["excess"]["strong"]
    print(f"  {REPETITIONS} students measured: {excess:.4g} ± {error:.2g} in {seconds:.1f} s")
    return seconds, float(error / excess)


def predict(
    pool: rows.Pool, y: np.ndarray, n: float, tolerance: float = 1e-10
) -> tuple[float, rows.RowEquivalents, int]:
    """Predicted excess risk, the solution of (9), and products of J for (10)."""
    at = rows.solve(pool, n, tolerance=tolerance)
    response = rows.Response(at, tolerance)
    students = rows.Students(at, y, response=response)
    risk = students.excess_risks(rows.Moments.of(pool, pool, students.labels))[0]
    return float(risk), at, response.count.products


def case(size: int, width: int) -> None:
    """Print the figures of one pool."""
    X, y = feature_rows(size, width)
    pool = rows.Pool(X)
    pool.covariance, pool.principal, pool.zero_rows  # noqa: B018 - once for all n
    square = np.ones((width, width))
    product = best(lambda: X @ square)
    at = rows.solve(pool, 0.4 * width)
    evaluation = best(lambda: _evaluate(pool, at.n, at.b))
    table = []
    for fraction in (0.1, 0.4, 0.7, 0.9, 0.95):
        start = time.perf_counter()
        _, found, products = predict(pool, y, fraction * width)
        seconds = time.perf_counter() - start
        table.append(
            [
                f"{found.n:g}",
                str(found.evaluations),
                str(products or "factored"),
                f"{seconds:.2f} s",
            ]
        )
    title = f"{size} x {width}: one product {1e3 * product:.0f} ms, an evaluation of (9) "
    title += f"{1e3 * evaluation:.0f} ms, {evaluation / product:.2f} products"
    print_table(title, ["n", "evaluations of (9)", "products of J for (10)", "prediction"], table)
    sizes = np.linspace(0.1, 0.8, 8) * width
    for tolerance in (1e-5, 1e-10):
        start = time.perf_counter()
        rows.solve(pool, sizes[4], tolerance=tolerance)
        one = time.perf_counter() - start
        start, before = time.perf_counter(), None
        for n in sizes:
            before = rows.solve(pool, n, start=before, tolerance=tolerance)
        curve = time.perf_counter() - start
        print(f"  eight n with warm starts, to {tolerance:g}: {curve / one:.1f} times one n alone")
    n = round(0.4 * width)
    start = time.perf_counter()
    risk, _, _ = predict(pool, y, n)
    predicted = time.perf_counter() - start
    start = time.perf_counter()
    test = rows.Moments.of(pool, pool, y[:, None])
    change = rows.corrected_errors(pool, y, n, test)[0]
    corrected = time.perf_counter() - start
    print(f"  n = {n}: predicted {risk:.4g} in {predicted:.1f} s; with the finite-size", end="")
    print(f" correction {risk + change:.4g} in {predicted + corrected:.1f} s")
    measured, error = measure(X, y, n)
    print(f"  measuring takes {measured / predicted:.2f} times the prediction,", end="")
    print(f" {measured / (predicted + corrected):.2f} times the corrected one")
    start = time.perf_counter()
    coarse, _, _ = predict(pool, y, n, error / 10)
    seconds = time.perf_counter() - start
    print(f"  to a tenth of its error, {error / 10:.1g}: predicted in {seconds:.1f} s,", end="")
    print(f" off by {abs(coarse / risk - 1):.1g}; measuring takes", end="")
    print(f" {measured / seconds:.2f} times that")


def main() -> None:
    """Both pools."""
    for size, width in SIZES:
        case(size, width)


if __name__ == "__main__":
    main()
