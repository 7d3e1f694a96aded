"""Predictions from (11) and (12): risk, mean and covariance of the student, row by row."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
from scipy.linalg import lstsq

from kdverify import checks, formulas
from kdverify.rows.fixed_point import RowEquivalents
from kdverify.rows.pool import Pool
from kdverify.rows.response import Response


@dataclass(frozen=True, eq=False)
class Moments:
    """What a squared error needs of a test distribution.

    Attributes:
        covariance: (width, width) ``A = E x x'``.
        crossed: (width, K) ``E[x y]``.
        power: (K,) ``E y^2``.
        truth: (width, K) beta* where the labels are ``x'beta*``.
    """

    covariance: np.ndarray
    crossed: np.ndarray
    power: np.ndarray
    truth: np.ndarray | None = None

    @classmethod
    def of(cls, pool: Pool, rows: Pool, labels: np.ndarray) -> Moments:
        """Moments of ``rows`` with true labels (N, K), in the coordinates of ``pool``."""
        covariance, crossed = rows.covariance, rows.moment(labels)
        if rows.basis is not pool.basis:
            for turn in (rows.basis, None if pool.basis is None else pool.basis.T):
                if turn is not None:
                    covariance, crossed = turn @ covariance @ turn.T, turn @ crossed
        return cls(covariance, crossed, rows.mean(np.square(labels)))

    @classmethod
    def linear(cls, covariance: np.ndarray, truth: np.ndarray) -> Moments:
        """Of labels ``x'beta*``, beta* = ``truth`` (width, K)."""
        crossed = covariance @ truth
        return cls(covariance, crossed, np.einsum("ik,ik->k", crossed, truth), truth)

    @cached_property
    def best(self) -> np.ndarray:
        """beta*: `truth`, or least squares, of minimum norm where there are several."""
        if self.truth is not None:
            return self.truth
        return np.asarray(
            lstsq(self.covariance, self.crossed, cond=rounding_cut(self.covariance))[0]
        )

    def repeated(self, times: int) -> Moments:
        """The same distribution and truth for ``times`` groups of label columns."""
        return Moments(
            self.covariance, np.tile(self.crossed, (1, times)), np.tile(self.power, times)
        )

    @property
    def floor(self) -> np.ndarray:
        """(K,) error of beta*, ``E (y - x'beta*)^2``."""
        return self.power - np.einsum("ik,ik->k", self.crossed, self.best)


def rounding_cut(matrix: np.ndarray) -> float:
    """Singular values below this fraction of the largest are rounding."""
    return len(matrix) * float(np.finfo(float).eps)


class Students:
    """The law of the student that n rows of a pool with the given labels make.

    Args:
        at: the solution of (9).
        labels: (N,) or (N, K), the labels that the student trains on, of any kind.
        noise_variance: variance of noise added to them, independent of everything.
        response: at the same solution, where there is one already.
        crossed: whether covariances of different label columns are wanted; else they are zero.

    Attributes:
        theta: (width, K), so that ``E beta_hat`` is close to ``(I - M) theta``.
        residuals: (N, K) ``e = y - x'theta``.
    """

    def __init__(
        self,
        at: RowEquivalents,
        labels: Any,
        noise_variance: float = 0.0,
        response: Response | None = None,
        crossed: bool = True,
    ) -> None:
        self.at, self.crossed = at, crossed
        self.labels = checks.label_matrix("labels", labels, at.pool.size)
        self.noise = checks.non_negative("noise_variance", noise_variance)
        self.response = response or Response(at)
        aim = at.pool.moment(self.labels * at.inverse_b[:, None])
        self.theta = np.asarray(lstsq(at.weighted, aim, cond=rounding_cut(at.weighted))[0])
        self.residuals = self.labels - at.pool.times(self.theta)

    @cached_property
    def mean(self) -> np.ndarray:
        """(width, K) ``E beta_hat``, in the pool's coordinates."""
        return self.at.learnt.T @ self.theta

    def second_moments(self, matrix: np.ndarray) -> np.ndarray:
        """(K,) ``E beta_hat' A beta_hat`` for every column: (11)."""
        response, theta = self.response, self.theta
        forms = response.forms(matrix)
        both = response.matrix(matrix, forms)
        M = self.at.M
        linear = formulas.teacher_form(matrix, M @ matrix, matrix @ M, both)
        weights = response.weights(forms)[:, None]
        crossed = M @ self.at.pool.moment(weights * self.residuals)
        noise = self.at.pool.mean(weights * (np.square(self.residuals) + self.noise))
        quadratic = np.einsum("ik,ij,jk->k", theta, linear, theta)
        return quadratic + 2 * np.einsum("ik,ik->k", theta, crossed) + noise

    def errors(self, test: Moments) -> np.ndarray:
        """(K,) total test error ``E (y - x'beta_hat)^2``, averaged over samples and noise."""
        crossed = np.einsum("ik,ik->k", test.crossed, self.mean)
        return np.asarray(
            formulas.squared_error(self.second_moments(test.covariance), crossed, test.power)
        )

    def excess_risks(self, test: Moments) -> np.ndarray:
        """(K,) excess of the test error over that of the best linear predictor beta*."""
        return self.errors(test) - test.floor

    @cached_property
    def pairs(self) -> list[tuple[int, int]]:
        """Pairs (k, l), k <= l, of label columns whose covariance is wanted."""
        count = self.theta.shape[1]
        return [
            (k, other) for k in range(count) for other in range(k, count if self.crossed else k + 1)
        ]

    def by_pairs(self, values: Callable[[int], np.ndarray]) -> np.ndarray:
        """(k, K, K) symmetric matrices whose entries are ``values(i)`` (k,) for the i-th pair."""
        found = np.array([values(index) for index in range(len(self.pairs))])
        count = self.theta.shape[1]
        matrices = np.zeros((found.shape[1], count, count))
        for (k, other), entries in zip(self.pairs, found, strict=True):
            matrices[:, k, other] = matrices[:, other, k] = entries
        return matrices

    @cached_property
    def spread(self) -> Spread:
        """The adjoint solution (12) for every pair of label columns."""
        return Spread(self)

    def covariance(self, first: int = 0, second: int | None = None) -> np.ndarray:
        """Covariance of ``beta_hat`` of two label columns, (width, width), symmetrised."""
        k, other = sorted((first, first if second is None else second))
        M = self.at.M
        return M @ self.spread.matrix(self.pairs.index((k, other))) @ M

    def second_moment_matrix(self, column: int = 0) -> np.ndarray:
        """``E beta_hat beta_hat'`` of one label column, (width, width): (12)."""
        theta, M = self.theta[:, column], self.at.M
        outer = np.outer(theta, theta)
        both = M @ (self.spread.matrix(self.pairs.index((column, column))) + outer) @ M
        return np.asarray(formulas.teacher_form(outer, M @ outer, outer @ M, both))


class Spread:
    """``V - theta theta'`` of (12) for every pair of label columns.

    Attributes:
        forms: (N, pairs) ``x' M V M x`` on the pool's rows.
        unlearnt: (N, K) ``x' M theta``.
        weights: (N, pairs) so that ``V - theta theta' = E[weight x x']``.
    """

    def __init__(self, students: Students) -> None:
        # no reference back to the students: it would keep their factorisation alive
        self.pairs, self.pool = students.pairs, students.at.pool
        at, residuals = students.at, students.residuals
        self.unlearnt = at.pool.times(at.M @ students.theta)
        own = np.empty((at.pool.size, len(students.pairs)))
        outer = np.empty_like(own)
        for index, (k, other) in enumerate(students.pairs):
            square = residuals[:, k] * residuals[:, other] + students.noise * (k == other)
            crossed = residuals[:, k] * self.unlearnt[:, other]
            crossed = (crossed + residuals[:, other] * self.unlearnt[:, k]) / 2
            own[:, index] = students.response.label_weights(crossed, square)
            outer[:, index] = self.unlearnt[:, k] * self.unlearnt[:, other]
        # x'MWMx / b is outer / b + J a with a = b own / (n slope), and
        # (I - J)^-1 J a = (I - J)^-1 a - a
        inverse = at.inverse_b[:, None]
        shares = at.n * inverse if at.slope is None else at.n * inverse * at.slope[:, None]
        added = np.divide(own, shares, out=np.zeros_like(own), where=inverse > 0)
        solved = students.response.solve(outer * inverse + added) - added
        self.forms = np.divide(solved, inverse, out=outer.copy(), where=inverse > 0)
        self.weights = own + students.response.weights(self.forms)

    def variances(self, pair: int) -> np.ndarray:
        """``x' M (V - theta theta') M x`` on the pool's rows, (N,)."""
        k, other = self.pairs[pair]
        return self.forms[:, pair] - self.unlearnt[:, k] * self.unlearnt[:, other]

    def matrix(self, pair: int) -> np.ndarray:
        """``V - theta theta'`` (width, width) of one pair."""
        return self.pool.gram(self.weights[:, pair])
