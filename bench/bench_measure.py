"""Measuring a whole grid, against a plain script that measures strong labels alone.

`kd.measure`: five teachers, ten ridges, four n, twenty repetitions.  The plain script: NumPy's
`lstsq` on drawn rows, no ridge, judged on the rest; the same four n and twenty repetitions.
The teachers' labels are designed beforehand, by the theory of Gaussian rows, for each n and
ridge; what that costs is shown beside it.
"""

from __future__ import annotations

import time
from collections.abc import Callable

import numpy as np

import kdverify as kd
from bench.timing import print_table
from kdverify.seeds import stream
from kdverify.teachers import Best, Classroom, Clean, Gains, NestedMask, Strong

SIZES = (2000, 100), (10_000, 768)
FRACTIONS, REPETITIONS, RUNS = (0.1, 0.3, 0.5, 0.8), 20, 3
TEACHERS = Strong(), Clean(), Best(by="gaussian"), NestedMask(by="gaussian"), Gains(by="gaussian")
RIDGES = np.array([0, *np.geomspace(1e-3, 10, 9)])


def made(size: int, width: int) -> tuple[np.ndarray, np.ndarray]:
    """Rows with a power-law covariance and noisy labels."""
    generator = stream(0, "rows of the benchmark of measuring", size, width)
    X = generator.standard_normal((size, width)) * np.arange(1, width + 1) ** -0.75
    return X, X @ generator.standard_normal(width) + 0.3 * generator.standard_normal(size)


def plain(X: np.ndarray, y: np.ndarray, sizes: list[int]) -> dict[int, float]:
    """Mean squared errors on unseen rows of min-norm students, n by n."""
    found = {}
    for n in sizes:
        risks = []
        for repetition in range(REPETITIONS):
            order = np.random.default_rng((n, repetition)).permutation(len(X))
            student = np.linalg.lstsq(X[order[:n]], y[order[:n]], rcond=None)[0]
            rest = order[n:]
            risks.append(np.square(y[rest] - X[rest] @ student).mean())
        found[n] = float(np.mean(risks))
    return found


def seconds(call: Callable[[], object]) -> float:
    """Of one call."""
    start = time.perf_counter()
    call()
    return time.perf_counter() - start


def main() -> None:
    """Print the ratios."""
    table = []
    for size, width in SIZES:
        X, y = made(size, width)
        sizes = [round(fraction * width) for fraction in FRACTIONS]
        question = kd.Question.of(X, y, intercept="none")
        room = Classroom(question)

        def whole(
            question: kd.Question = question, sizes: list[int] = sizes, room: Classroom = room
        ) -> object:
            return kd.measure(
                question, sizes, TEACHERS, ridges=RIDGES, repetitions=REPETITIONS, classroom=room
            )

        print(f"  {size:,} x {width}", flush=True)
        first = seconds(whole)  # designs the teachers' labels
        pairs = [(seconds(lambda: plain(X, y, sizes)), seconds(whole)) for _ in range(RUNS)]
        script, grid = (min(times) for times in zip(*pairs, strict=True))
        ratio = f"{grid / script:.2f}"
        table.append([f"{size:,} x {width}", f"{script:.2f} s", f"{grid:.2f} s", ratio])
        table[-1].append(f"{first - grid:.1f} s")
    header = ["rows", "plain script", "kd.measure", "ratio", "teachers designed in"]
    print_table("5 teachers, 10 ridges, 4 n, 20 repetitions", header, table)
