"""Students of one and of two samples with a fitted intercept: exact sums over rows and pairs.

A constant column that stands for the intercept takes one degree of freedom; with one sample
nothing is left, and with two one direction, ``d = x_i - x_j``: there the theory for many samples
does not hold.  But these students are known.  Of one sample: ``f(x) = t_i``.  Of two: ``f(x) = c +
s (x - m)'d`` with ``m, c`` the means of the two, ``s = (t_i - t_j) / (|d|^2 + 2 ridge)``.
"""

from __future__ import annotations

import numpy as np

from kdverify import checks
from kdverify.rows.pool import Pool
from kdverify.rows.question import Question
from kdverify.seeds import stream

#: Rows whose pairs are summed over; of a larger pool so many, drawn at random, stand for all.
LARGEST = 1500
#: Training sets whose accuracies are averaged.
DRAWN = 2000
#: Rows that differ by this part of their square, a few roundings, are equal.
EQUAL = 1e-28


def few_sample_errors(
    pool: Pool,
    taught: np.ndarray,
    judged: np.ndarray,
    n: int,
    ridge: float = 0.0,
    unseen: bool = True,
    seed: int = 0,
) -> np.ndarray:
    """Mean squared error of students of n = 1 or 2 rows, (K,), averaged over all training sets.

    Args:
        pool: (N, p) centred rows of equal weight, N > n.
        taught: (N, K) the labels that students are trained on.
        judged: (N, K) what their outputs are compared with: labels for the risk, ``x'beta*`` for
            the excess risk.
        n: 1 or 2 different rows.
        ridge: delta of ``|y - c - Xb|^2 + delta |b|^2``; 0 is the minimum norm.
        unseen: errors on the rows that were not drawn, or on all.
        seed: of the rows that stand for a pool of more than `LARGEST`.
    """
    taught = checks.label_matrix("taught", taught, pool.size)
    judged = checks.label_matrix("judged", judged, pool.size)
    checks.equal_weights("pool", pool.weights, "sums are over rows that are equally likely")
    if n not in (1, 2) or pool.size <= n:
        raise ValueError(f"n={n} must be 1 or 2, and below the number of rows, {pool.size}")
    judged = judged - (level := judged.mean(axis=0))
    taught = taught - level
    power = np.square(judged).mean(axis=0)
    if n == 1:
        on_all = power + np.square(taught)
        own = np.square(taught - judged)
        return _on(on_all, own, 1, pool.size, unseen).mean(axis=0)
    rows = np.asarray(pool.rows, dtype=float)
    cross = rows.T @ judged / pool.size
    chosen = np.arange(pool.size)
    if pool.size > LARGEST:
        chosen = stream(seed, "rows whose pairs are taken").choice(
            pool.size, LARGEST, replace=False
        )
    total, pairs = np.zeros(taught.shape[1]), 0
    for place, i in enumerate(chosen[:-1].tolist()):
        others = chosen[place + 1 :]
        found = _pairs(pool, rows, taught, judged, cross, power, ridge, i, others, unseen)
        total, pairs = total + found.sum(axis=0), pairs + len(others)
    return np.asarray(total / pairs)


def _pairs(
    pool: Pool,
    rows: np.ndarray,
    taught: np.ndarray,
    judged: np.ndarray,
    cross: np.ndarray,
    power: np.ndarray,
    ridge: float,
    i: int,
    others: np.ndarray,
    unseen: bool,
) -> np.ndarray:
    """(k, K) errors of the students of row i and each of k others."""
    d = rows[i] - rows[others]
    square = np.square(d).sum(axis=1)[:, None]
    spread = (d @ pool.covariance * d).sum(axis=1)[:, None]
    sizes = np.square(rows[i]).sum() + np.square(rows[others]).sum(axis=1)[:, None]
    room = np.where(square > EQUAL * sizes, square, 0.0) + 2 * ridge
    change = taught[i] - taught[others]
    slope = np.divide(change, room, out=np.zeros_like(change), where=room > 0)
    middle = ((rows[i] + rows[others]) / 2 * d).sum(axis=1)[:, None]
    level = (taught[i] + taught[others]) / 2
    offset = level - slope * middle
    on_all = power - 2 * slope * (d @ cross) + np.square(slope) * spread + np.square(offset)
    step = slope * square / 2
    own = np.square(level + step - judged[i]) + np.square(level - step - judged[others])
    return _on(on_all, own, 2, pool.size, unseen)


def _on(on_all: np.ndarray, own: np.ndarray, n: int, size: int, unseen: bool) -> np.ndarray:
    """The mean over all rows, or over those but the n whose errors sum to ``own``."""
    return (size * on_all - own) / (size - n) if unseen else on_all


def few_sample_accuracy(
    question: Question, taught: np.ndarray, n: int, ridge: float = 0.0, seed: int = 0
) -> float:
    """Share of rows that students of n = 1 or 2 rows classify right.

    Averaged over `DRAWN` training sets, drawn at random, and the rows that the question judges.
    """
    generator = stream(seed, "training rows of one or two", n)
    features, size = np.asarray(question.pool.rows, dtype=float), question.size
    every, right = np.arange(size), 0.0
    for _ in range(DRAWN):
        chosen = generator.choice(size, n, replace=False)
        outputs = np.broadcast_to(taught[chosen].mean(axis=0), taught.shape)
        if n == 2:
            d = features[chosen[0]] - features[chosen[1]]
            square = d @ d
            if square > EQUAL * np.square(features[chosen]).sum():
                along = (features - features[chosen].mean(axis=0)) @ d / (square + 2 * ridge)
                outputs = outputs + along[:, None] * (taught[chosen[0]] - taught[chosen[1]])
        judged = np.delete(every, chosen) if question.judged == "unseen" else every
        right += question.right(outputs[judged], judged).mean()
    return right / DRAWN
