"""The modes of a pool: its eigenvectors, in which masks and gains act."""

from __future__ import annotations

import numpy as np

from kdverify.rows.pool import Pool

RESIDUALS = ("drop", "keep")


def turn_of(directions: np.ndarray, factors: np.ndarray) -> np.ndarray:
    """(width, width): multiplies coefficients in the columns of ``directions`` by ``factors``."""
    return np.asarray((directions * np.asarray(factors, dtype=float)) @ directions.T)


def transformed_labels(
    pool: Pool, labels: np.ndarray, factors: np.ndarray, residual: str = "drop"
) -> np.ndarray:
    """Labels (N, K) of the pool's rows, the coefficients of their linear part times ``factors``.

    The linear part is least squares on the pool, in its eigenvectors by falling eigenvalue, of
    which ``factors`` has the first ones; what it leaves is dropped or kept.
    """
    values, vectors = pool.principal
    modes = vectors[:, : pool.rank]
    coefficients = (modes.T @ pool.moment(labels)) / values[: pool.rank, None]
    changed = factors[: pool.rank, None] * coefficients
    if residual == "drop":
        return pool.times(modes @ changed)
    return labels + pool.times(modes @ (changed - coefficients))
