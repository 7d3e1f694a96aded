"""Training on one's own output: each student labels for the next, a share of real data is kept.

Every generation trains on n fresh rows.  With ``keep="rows"`` a fraction w of the rows has real
labels and the rest those of the last student; with ``keep="labels"`` each row's label is w times
a real one plus 1 - w times the last student's, each with noise of its own.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy.optimize import minimize_scalar

from kdverify.gaussian import generations_finite_size
from kdverify.gaussian.finite_size import SizeError
from kdverify.gaussian.generation_laws import GenerationLaws
from kdverify.problem import Problem


@dataclass(frozen=True, eq=False, repr=False)
class Generations(GenerationLaws):
    """A family of students, each trained on the labels of the one before.

    Args:
        problem: spectrum and ground truth, which labels for the first.
        n: fresh rows of every generation.
        share: w, from 0 (only its own output) to 1 (only real labels).
        noise_variance: of real labels; own_noise_variance: of labels by the last student.
        ridge: of every student.
        keep: "rows" or "labels".

    Risks are deterministic equivalents; for n > p + 1 without ridge only the disagreement of the
    two kinds of rows is one, by (14), and the corrected risks are exact means.

    Source: claims ``11.generations``, ``11.collapse``, ``11.golden-ratio``; Dohmatob, Feng,
    Kempe 2024; Garg, Bhattacharya, Sur 2025.
    """

    def errors(self, count: int) -> list[SizeError]:
        """`risks` with their first corrections in 1/n for Gaussian rows, those of all students."""
        return generations_finite_size.errors(self, count)

    def settled_error(self) -> SizeError:
        """`settled_risk` with its first correction in 1/n for Gaussian rows."""
        return generations_finite_size.settled_error(self)


def best_share(
    problem: Problem,
    n: float,
    noise_variance: float = 0.0,
    own_noise_variance: float = 0.0,
    ridge: float = 0.0,
    keep: str = "rows",
) -> tuple[float, float]:
    """The share of real data with the least risk in the long run, and that risk.

    To eight digits; arguments as in `Generations`.
    """

    def settled(share: float) -> float:
        settings = (noise_variance, own_noise_variance, ridge, keep)
        return Generations(problem, n, share, *settings).settled_risk()

    grid = np.linspace(0, 1, 65)
    values = [settled(w) for w in grid]
    k = int(np.argmin(values))
    bounds = grid[max(k - 1, 0)], grid[min(k + 1, grid.size - 1)]
    found = minimize_scalar(settled, bounds=bounds, method="bounded", options={"xatol": 1e-10})
    if values[k] <= found.fun:
        return float(grid[k]), float(values[k])
    return float(found.x), float(found.fun)
