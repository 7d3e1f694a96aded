"""Measured learning curves: students trained on random rows of a pool, again and again."""

from __future__ import annotations

import os
from functools import cache
from typing import Any

import numpy as np

from kdverify import checks
from kdverify._parent import following
from kdverify.estimators.centring import train
from kdverify.estimators.curves import MeasuredCurve, Question


def measured_curve(
    question: Question, sizes: list[float], repetitions: int, seed: int, n_jobs: int | None
) -> MeasuredCurve:
    """Train ``repetitions`` students at each size on rows drawn without replacement.

    Errors and accuracy are those on the rows that were not drawn, excess risks are against the
    best linear predictor of the pool, over all of its rows.  Each repetition has a generator of
    its own, keyed by (seed, n, repetition), and one BLAS thread: results do not depend on
    ``n_jobs``.
    """
    from joblib import Parallel, delayed

    repetitions = checks.count("repetitions", repetitions, 2)
    counts = [checks.count("n", n) for n in sizes]
    largest = max(counts)
    if largest >= len(question.labels):
        raise ValueError(
            f"n={largest} must be below the number of rows, {len(question.labels)}: the rest is "
            "what the error is measured on"
        )
    beta, level = train(question.features, question.labels, 0.0, question.fit_intercept)
    best = question.features @ beta + level
    found = Parallel(n_jobs=n_jobs)(
        delayed(following)(os.getpid(), _repetition, question, best, n, [seed, n, repetition])
        for n in counts
        for repetition in range(repetitions)
    )
    shape = (len(counts), repetitions)
    return MeasuredCurve(
        np.array(counts),
        {name: np.array([one[name] for one in found]).reshape(shape) for name in found[0]},
    )


def _repetition(question: Question, best: np.ndarray, n: int, key: list[int]) -> dict[str, Any]:
    order = np.random.default_rng(np.random.SeedSequence(key)).permutation(len(best))
    drawn, unseen = order[:n], order[n:]
    features, labels = question.features, question.labels
    with _threads().limit(limits=1):
        coefficients, level = train(
            features[drawn], labels[drawn], question.ridge, question.fit_intercept
        )
        outputs = features @ coefficients + level
    found = {
        "error": float(np.square(outputs[unseen] - labels[unseen]).sum(axis=1).mean()),
        "excess_risk": float(np.square(outputs - best).sum(axis=1).mean()),
    }
    if question.classes is not None:
        found["accuracy"] = question.classes.measured(outputs[unseen], unseen)
    return found


@cache
def _threads() -> Any:
    """The BLAS of this process; to look for it takes longer than to train a small student."""
    from threadpoolctl import ThreadpoolController

    return ThreadpoolController()
