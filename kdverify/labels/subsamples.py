"""The learning curve below n_0, measured: students of some labelled rows, the others judge."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import numpy as np

from kdverify.labels.path import Decomposition
from kdverify.labels.setting import Setting
from kdverify.seeds import stream

#: Shares of the labelled rows that train, and how often.
SHARES, REPETITIONS = (0.25, 0.5, 0.75), 10


def subsamples(
    rows: np.ndarray,
    labels: np.ndarray,
    ridges: np.ndarray,
    size: int,
    repetitions: int,
    generator: np.random.Generator,
    intercept: bool = True,
) -> Iterator[tuple[np.ndarray, Decomposition, np.ndarray]]:
    """For each repetition: total risks (len(ridges),) on the rows that are left, and the rows'
    decomposition and labels, centred where there is an intercept.
    """
    for _ in range(repetitions):
        order = generator.permutation(len(rows))
        drawn, others = order[:size], order[size:]
        centre, level = np.zeros(rows.shape[1]), np.zeros(labels.shape[1])
        if intercept:
            centre, level = rows[drawn].mean(axis=0), labels[drawn].mean(axis=0)
        made = Decomposition.of(rows[drawn] - centre)
        projected = made.projected(labels[drawn] - level)
        seen = (rows[others] - centre) @ made.right
        risks = np.empty(len(ridges))
        for k, ridge in enumerate(ridges):
            gap = labels[others] - seen @ made.coefficients(projected, ridge) - level
            risks[k] = np.square(gap).sum(axis=1).mean()
        yield risks, made, labels[drawn] - level


def measured_below(
    setting: Setting, ridges: np.ndarray, seed: int, shares: Sequence[float] = SHARES
) -> tuple[np.ndarray, np.ndarray]:
    """Sizes below n_0, and risks (sizes, len(ridges)) of students of so many labels."""
    sizes = np.array([max(2, round(share * setting.count)) for share in shares])
    generator = stream(seed, "sub-samples of the labelled rows")
    rows, labels, intercept = setting.rows, setting.columns, setting.sample.intercept
    found = [
        np.mean(
            [
                risks
                for risks, _, _ in subsamples(
                    rows, labels, ridges, size, REPETITIONS, generator, intercept
                )
            ],
            axis=0,
        )
        for size in sizes
    ]
    return sizes, np.array(found)
