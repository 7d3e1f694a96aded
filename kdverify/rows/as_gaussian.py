"""The Gaussian formula (2) on a pool: what it says beside the rows themselves."""

from __future__ import annotations

import warnings

import numpy as np

from kdverify import formulas
from kdverify.gaussian import theory
from kdverify.gaussian.solve import Equivalents, equivalents
from kdverify.problem import Problem, Spectrum
from kdverify.rows.pool import Pool
from kdverify.rows.prediction import Moments
from kdverify.rows.scores import Scores


class GaussianStudents:
    """Students of Gaussian rows with the pool's Sigma and beta*, the residual as noise.

    Args:
        pool: the rows.
        moments: of the pool with the labels.
    """

    def __init__(self, pool: Pool, moments: Moments) -> None:
        values, vectors = pool.principal
        self.pool = pool
        self.lam = values[: pool.rank]
        self.vectors = vectors[:, : pool.rank]
        self.spectrum = Spectrum(self.lam)
        self.beta = (self.vectors.T @ moments.crossed) / self.lam[:, None]
        self.floor = np.maximum(moments.floor, 0.0)

    def excess_risks(self, n: float, ridge: float) -> np.ndarray:
        """(K,) of (2); exact least squares for n > p + 1 without ridge."""
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", theory.NoFiniteMeanWarning)
            return np.array(
                [
                    theory.risk(Problem(self.spectrum, beta), n, noise_variance=noise, ridge=ridge)
                    for beta, noise in zip(self.beta.T, self.floor, strict=True)
                ]
            )

    def scores(self, n: float, ridge: float, residuals: np.ndarray) -> Scores | None:
        """Law of the predictions on the pool's rows; None where it is not finite (n = p).

        ``residuals`` (K, K): covariance of the labels' residuals, the noise.
        """
        at = equivalents(self.spectrum, n, ridge)
        if not at.one_minus_omega > 0:
            return None
        means = self.pool.times(self.vectors @ (at.one_minus_zeta[:, None] * self.beta))
        rows = self.pool.times(self.vectors)
        count, p = residuals.shape[0], self.lam.size
        covariances = np.empty((self.pool.size, count, count))
        for k in range(count):
            for other in range(k + 1):
                gamma = formulas.gamma_squared(
                    p, n, at.one_minus_omega, self._leftover(at, k, other), residuals[k, other]
                )
                variance = formulas.coordinate_variance(
                    self.lam, at.one_minus_zeta, gamma, 0.0, float(p)
                )
                spread = np.square(rows) @ variance
                covariances[:, k, other] = covariances[:, other, k] = spread
        return Scores(means, covariances)

    def _leftover(self, at: Equivalents, k: int, other: int) -> float:
        """``sum lam zeta^2 beta_k beta_l``, from the energies of sum and difference."""
        first, second = self.beta[:, k], self.beta[:, other]
        both = formulas.unlearnt_energy(self.lam, first + second, at.zeta)
        apart = formulas.unlearnt_energy(self.lam, first - second, at.zeta)
        return float((both - apart).sum()) / 4
