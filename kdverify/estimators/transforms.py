"""Gains and masks of a surrogate's labels: from unlabelled rows and n alone."""

from __future__ import annotations

import warnings

import numpy as np

from kdverify import rows
from kdverify.estimators.centring import CentredPool
from kdverify.estimators.curves import TOLERANCE
from kdverify.gaussian import theory
from kdverify.problem import Spectrum

TRANSFORMS = ("none", "gain", "mask")
RULES = ("rows", "gaussian")
RESIDUALS = ("drop", "keep")


def mode_factors(
    centred: CentredPool, n: float, ridge: float, transform: str, rule: str
) -> np.ndarray:
    """(width,) factor of each eigenmode of the pool, by falling eigenvalue.

    ``"rows"``: best gains, or the mask, for the rows as they are (section 9, signs of beta*
    unknown); ``"gaussian"``: those of sections 3 and 4, which see the eigenvalues only.
    Modes without variance, and a constant column, have factor 1.
    """
    pool = centred.pool
    factors = np.ones(pool.width)
    if ridge == 0 and n >= pool.rank:
        warnings.warn(
            f"n={n:g} is not below the rank {pool.rank} of the {pool.size} rows that are known: "
            f"label_transform={transform!r} changes nothing there; take a smaller n or more "
            "unlabelled rows",
            UserWarning,
            stacklevel=4,
        )
        return factors
    kept = slice(int(centred.constant), pool.rank)  # the constant column is the first mode
    if rule == "rows":
        found = _of_rows(pool, n, ridge, transform)
    else:
        found = _of_spectrum(pool, n, ridge, transform)
    factors[kept] = found[kept]
    return factors


def transformed_labels(
    centred: CentredPool, labels: np.ndarray, factors: np.ndarray, residual: str
) -> np.ndarray:
    """Labels (N, K) of the pool's rows, the coefficients of their linear part times ``factors``.

    The linear part is least squares on the pool; what it leaves is dropped or kept.
    """
    pool = centred.pool
    values, vectors = pool.principal
    modes = vectors[:, : pool.rank]
    coefficients = (modes.T @ pool.moment(labels)) / values[: pool.rank, None]
    changed = factors[: pool.rank, None] * coefficients
    if residual == "drop":
        return pool.times(modes @ changed)
    return labels + pool.times(modes @ (changed - coefficients))


def _of_rows(pool: rows.Pool, n: float, ridge: float, transform: str) -> np.ndarray:
    at = rows.solve(pool, n, ridge, tolerance=TOLERANCE)
    if at.code is not rows.Code.CONVERGED:
        raise ValueError(f"n={n:g}: {at.code.value}")
    nothing = np.zeros((pool.width, 1))
    test = rows.Moments(pool.covariance, nothing, nothing[0])
    teachers = rows.Teachers(at, test, rows.Response(at, TOLERANCE))
    return teachers.gains if transform == "gain" else teachers.blind_mask.astype(float)


def _of_spectrum(pool: rows.Pool, n: float, ridge: float, transform: str) -> np.ndarray:
    spectrum = Spectrum(pool.principal[0][: pool.rank])
    if transform == "gain":
        return theory.gains(spectrum, n, ridge)
    return theory.optimal_mask(spectrum, n, ridge).astype(float)
