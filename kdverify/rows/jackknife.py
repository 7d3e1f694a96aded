"""How far a prediction from a finite pool can be trusted: delete-a-group jackknife over its rows.

A prediction is a smooth function of the pool's distribution of rows.  Its standard error and
its bias of order 1/N over the draw of the pool follow from predictions on the pool without one
group of rows after another.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np

from kdverify import checks
from kdverify.rows.fixed_point import RowEquivalents, solve
from kdverify.rows.pool import Pool
from kdverify.rows.prediction import Moments, Students
from kdverify.seeds import Rng, seed_from, stream
from kdverify.shown import Shown

GROUPS = 10


@dataclass(frozen=True, eq=False, repr=False)
class Jackknife(Shown):
    """Spread and bias of a prediction over the draw of the pool.

    Attributes:
        value: (K,) the prediction from the whole pool.
        bias: (K,) estimate of its bias, of order 1/N; ``value - bias`` is corrected for it.
        standard_error: (K,) over the draw of the pool, not over that of the training rows.
    """

    value: np.ndarray
    bias: np.ndarray
    standard_error: np.ndarray

    @property
    def corrected(self) -> np.ndarray:
        """(K,) the prediction without its bias of order 1/N."""
        return self.value - self.bias


def jackknife(
    pool: Pool,
    labels: Any,
    n: float,
    ridge: float = 0.0,
    noise_variance: float = 0.0,
    groups: int = GROUPS,
    seed: int = 0,
    predict: Callable[[RowEquivalents, np.ndarray, float], np.ndarray] | None = None,
    rng: Rng = None,
) -> Jackknife:
    """Jackknife of a prediction; by default of the excess risk over the pool's own beta*.

    Args:
        pool, labels, n, ridge, noise_variance: as for `solve` and `Students`.
        groups: at least 2; each is left out once, so that the cost is that of ``groups`` more
            predictions.  The standard error itself is good to about ``1 / sqrt(2 groups)``.
        seed: of the division into groups.
        rng: in its place, a seed or a NumPy generator (`kdverify.seeds.seed_from`).
        predict: what is predicted from the solution of (9) on a pool, its labels (N, K) and the
            noise: (K,) values.
    """
    seed = seed_from(seed, rng)
    groups = checks.count("groups", groups, 2)
    labels = checks.label_matrix("labels", labels, pool.size)
    if groups > pool.size:
        raise ValueError(f"groups={groups} must be at most the number of rows, {pool.size}")
    predict = predict or _excess_risks
    order = stream(seed, "groups of the jackknife").permutation(pool.size)
    rows = pool.rows if pool.basis is None else pool.rows @ pool.basis.T
    whole = solve(pool, n, ridge)
    value = predict(whole, labels, noise_variance)
    left = []
    for group in np.array_split(order, groups):
        kept = np.setdiff1d(np.arange(pool.size), group)
        weights = None if pool.weights is None else pool.weights[kept]
        at = solve(Pool(np.asarray(rows[kept]), weights), n, ridge)
        left.append(predict(at, labels[kept], noise_variance))
    found = np.array(left)
    bias = (groups - 1) * (found.mean(axis=0) - value)
    spread = np.square(found - found.mean(axis=0)).sum(axis=0)
    return Jackknife(value, bias, np.sqrt((groups - 1) / groups * spread))


def _excess_risks(at: RowEquivalents, labels: np.ndarray, noise: float) -> np.ndarray:
    students = Students(at, labels, noise)
    return students.excess_risks(Moments.of(at.pool, at.pool, students.labels))


def pool_error(at: RowEquivalents, labels: np.ndarray, groups: int, seed: int) -> float:
    """Standard error over the draw of the pool of the excess risk, summed over outputs."""

    def summed(at: RowEquivalents, labels: np.ndarray, noise: float) -> np.ndarray:
        return _excess_risks(at, labels, noise).sum(keepdims=True)

    found = jackknife(at.pool, labels, at.n, at.ridge, groups=groups, seed=seed, predict=summed)
    return float(found.standard_error[0])
