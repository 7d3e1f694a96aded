"""Curve fits to the learning curve that n_0 labels measure: the baselines of `few_labels`.

Sub-samples of 10 to 80 % of the n_0 rows train students that the rest judge; at n_0 itself
leave-one-out.  Families as in the literature on learning-curve extrapolation (Viering and Loog
2021), fitted to the risk by least squares of the logarithm from several starts.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator

import numpy as np
from scipy.optimize import least_squares

from kdverify.labels.path import Decomposition, leave_one_out

#: Shares of the n_0 rows that train, and how often.
SHARES, REPETITIONS, MANY = (0.1, 0.2, 0.35, 0.5, 0.65, 0.8), 8, 500
#: Family -> function of n (in units of n_0) and its parameters; starts.
Family = Callable[[np.ndarray, np.ndarray], np.ndarray]
FAMILIES: dict[str, tuple[Family, tuple[tuple[float, ...], ...]]] = {
    "pow3": (
        lambda n, t: np.exp(t[0]) + np.exp(t[1]) * n ** -np.exp(t[2]),
        ((-1.0, -1.0, -0.7), (-3.0, 0.0, -2.0)),
    ),
    "pow4": (
        lambda n, t: np.exp(t[0]) + np.exp(t[1]) * (n + np.exp(t[3])) ** -np.exp(t[2]),
        ((-1.0, -1.0, -0.7, -3.0), (-3.0, 0.0, -2.0, -2.0)),
    ),
    "mmf4": (
        lambda n, t: (
            (np.exp(t[0] + t[1]) + np.exp(t[2]) * n ** np.exp(t[3]))
            / (np.exp(t[1]) + n ** np.exp(t[3]))
        ),
        ((0.5, -1.0, -1.0, 0.0), (0.0, 0.0, -3.0, -0.7)),
    ),
    "exp3": (
        lambda n, t: np.exp(t[0]) + np.exp(t[1]) * np.exp(-np.exp(t[2]) * n),
        ((-1.0, -1.0, 0.7), (-3.0, 0.0, -1.0)),
    ),
}
EVALUATIONS = 150


def subsamples(
    rows: np.ndarray,
    labels: np.ndarray,
    ridges: np.ndarray,
    size: int,
    repetitions: int,
    generator: np.random.Generator,
) -> Iterator[tuple[np.ndarray, Decomposition, np.ndarray]]:
    """For each repetition: total risks (len(ridges),) on the rows that are left, and the rows'
    decomposition and labels, centred.
    """
    for _ in range(repetitions):
        order = generator.permutation(len(rows))
        drawn, others = order[:size], order[size:]
        centre, level = rows[drawn].mean(axis=0), labels[drawn].mean(axis=0)
        made = Decomposition.of(rows[drawn] - centre)
        projected = made.projected(labels[drawn] - level)
        seen = (rows[others] - centre) @ made.right
        risks = np.empty(len(ridges))
        for k, ridge in enumerate(ridges):
            gap = labels[others] - seen @ made.coefficients(projected, ridge) - level
            risks[k] = np.square(gap).sum(axis=1).mean()
        yield risks, made, labels[drawn] - level


def subsample_curves(
    rows: np.ndarray, labels: np.ndarray, ridges: np.ndarray, generator: np.random.Generator
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Sizes (S,), risks (S, len(ridges)) on the other rows, and by generalised cross-validation.

    The last size is n_0, with leave-one-out risks.
    """
    count = len(rows)
    sizes = sorted({max(5, round(share * count)) for share in SHARES})
    repetitions = REPETITIONS if count < MANY else 3
    risks, crossed = np.zeros((2, len(sizes) + 1, len(ridges)))
    for place, size in enumerate(sizes):
        drawn = subsamples(rows, labels, ridges, size, repetitions, generator)
        for found, made, centred in drawn:
            risks[place] += found / repetitions
            crossed[place] += _generalised(made, centred, ridges) / repetitions
    errors = leave_one_out(rows, labels, ridges, True)
    risks[-1] = np.square(errors).sum(axis=2).mean(axis=1)
    centred = labels - labels.mean(axis=0)
    crossed[-1] = _generalised(Decomposition.of(rows - rows.mean(axis=0)), centred, ridges)
    return np.array([*sizes, count]), risks, crossed


def _generalised(made: Decomposition, labels: np.ndarray, ridges: np.ndarray) -> np.ndarray:
    """Generalised cross-validation; its limit where a student without ridge interpolates."""
    size = len(labels)
    projected = made.projected(labels)
    inside = np.square(projected).sum(axis=1)
    outside = max(float(np.square(labels).sum() - inside.sum()), 0.0)
    found = np.empty(len(ridges))
    for k, ridge in enumerate(ridges):
        if ridge == 0 and made.rank >= size - 1:
            missed, rest = 1 / made.squares, 0.0
        else:
            missed, rest = ridge / (made.squares + ridge), size - 1 - made.rank
        error = float(np.square(missed) @ inside) + (outside if rest else 0.0)
        found[k] = size * error / (missed.sum() + rest) ** 2
    return found


def extrapolations(
    sizes: np.ndarray, risks: np.ndarray, crossed: np.ndarray, wanted: np.ndarray
) -> dict[str, np.ndarray]:
    """Name -> risks at ``wanted`` (k,), for one student with ``risks`` (S,) at ``sizes`` (S,)."""
    unit = sizes[-1]
    found = {"last": np.full(len(wanted), risks[-1])}
    for name, (family, starts) in FAMILIES.items():
        found[name] = _fitted(family, starts, sizes / unit, risks, wanted / unit)
    family, starts = FAMILIES["pow3"]
    found["gcv"] = _fitted(family, starts, sizes / unit, crossed, wanted / unit)
    return found


def _fitted(
    family: Family,
    starts: tuple[tuple[float, ...], ...],
    sizes: np.ndarray,
    risks: np.ndarray,
    wanted: np.ndarray,
) -> np.ndarray:
    logs = np.log(risks)

    def gaps(parameters: np.ndarray) -> np.ndarray:
        with np.errstate(all="ignore"):
            values = family(sizes, parameters)
            return np.nan_to_num(np.log(values) - logs, nan=1e3, posinf=1e3, neginf=-1e3)

    level = float(np.exp(logs[-1]))
    logs -= logs[-1]
    fits = [least_squares(gaps, start, max_nfev=EVALUATIONS, bounds=(-30, 30)) for start in starts]
    best = min(fits, key=lambda fit: float(fit.cost))
    with np.errstate(all="ignore"):
        return np.asarray(level * np.clip(family(wanted, best.x), 1e-6, 1e6))
