"""A predicted learning curve against scikit-learn's measured one, in one run.

`MinNormRegressor.predicted_learning_curve` beside ``sklearn.model_selection.learning_curve`` of
the same estimator on the same rows: squared error on rows that were not trained on.  CPU time
of one thread each.  Measuring is repeated 20 times, which says how often it has to be repeated
for a standard error of 3 % at the worst of the sizes: about the prediction's own error for
n up to 0.7 p.  The ratio is the time of so many repetitions over that of the prediction.

python -m bench estimators
python -m bench.bench_estimators digits
"""

from __future__ import annotations

import sys
import time
from collections.abc import Callable
from typing import Any

import numpy as np
from sklearn.datasets import load_digits
from sklearn.model_selection import ShuffleSplit, learning_curve

from bench.timing import print_table
from kdverify.estimators import MinNormRegressor

REPETITIONS = 20
#: Relative standard error that is measured to.
TARGET = 0.03
Setting = tuple[np.ndarray, np.ndarray, list[int]]


def digits() -> Setting:
    X, t = load_digits(return_X_y=True)
    return X, (t == 3).astype(float), [10, 20, 30, 40]


def synthetic() -> Setting:
    """10,000 rows of 768 features, i^-1.2, a scale mixture (t with 5 degrees of freedom)."""
    generator = np.random.default_rng(0)
    scale = np.sqrt(5 / generator.chisquare(5, 10_000))[:, None]
    X = generator.standard_normal((10_000, 768)) * np.arange(1, 769) ** -0.6 * scale
    return X, X[:, :50].sum(axis=1) + generator.standard_normal(10_000), [150, 540]


SETTINGS: dict[str, Callable[[], Setting]] = {
    "digits 1,797 x 64": digits,
    "synthetic 10,000 x 768": synthetic,
}


def seconds(call: Callable[[], Any]) -> tuple[Any, float]:
    begin = time.process_time()
    found = call()
    return found, time.process_time() - begin


def compared(name: str, setting: Setting) -> list[list[str]]:
    """One line a way of predicting."""
    X, y, n = setting
    model = MinNormRegressor()
    test = len(X) - max(n)
    cv = ShuffleSplit(REPETITIONS, train_size=max(n), test_size=test, random_state=0)
    (_, _, scores), measuring = seconds(
        lambda: learning_curve(
            model, X, y, train_sizes=n, cv=cv, scoring="neg_mean_squared_error", n_jobs=1
        )
    )
    mean = -scores.mean(axis=1)
    error = scores.std(axis=1, ddof=1) / np.sqrt(REPETITIONS) / mean
    repetitions = max(np.ceil(REPETITIONS * (error.max() / TARGET) ** 2), 2)
    needed = measuring * repetitions / REPETITIONS
    lines = []
    for label, options in (
        ("rows", {}),
        ("not corrected for finite n", {"finite_size": False}),
        ("nor for unseen rows", {"finite_size": False, "unseen": False}),
        ("Gaussian", {"model": "gaussian"}),
    ):
        curve, taken = seconds(lambda o=options: model.predicted_learning_curve(X, y, n, **o))
        distance = (curve.error / mean - 1) / error
        lines.append(
            [
                name,
                label,
                f"{taken:.2f}",
                f"{repetitions:.0f}",
                f"{needed:.2f}",
                f"{needed / taken:.2f}",
                " ".join(f"{d:+.1f}" for d in distance),
            ]
        )
    return lines


def main(words: list[str] | None = None) -> None:
    """All settings, or those whose name has one of the words."""
    chosen = {k: v for k, v in SETTINGS.items() if not words or any(w in k for w in words)}
    rows = [line for name, make in chosen.items() for line in compared(name, make())]
    print_table(
        f"learning curve: predicted, and measured to {100 * TARGET:g} % (CPU seconds)",
        ["rows", "prediction", "predicted", "repetitions", "measured", "ratio", "distance in s.e."],
        rows,
    )


if __name__ == "__main__":
    main(sys.argv[1:])
