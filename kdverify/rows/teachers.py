"""The best labels for a student on these rows: linear ones, masks, gains, and any labels.

All of it is one quadratic form.  For labels ``x'beta_s`` the student's error is

    ``beta_s' K beta_s - 2 beta_s' (I - M) c + E y^2``,   ``K = A - MA - AM + D_A``,

with ``A = E x x'``, ``c = E[x y]`` over the test rows (11).  Directions are the eigenvectors of
the pool's Sigma; a gain or a mask multiplies the coefficients of beta* in them.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np
from scipy.linalg import lstsq

from kdverify import formulas
from kdverify.rows.fixed_point import RowEquivalents
from kdverify.rows.prediction import Moments, rounding_cut
from kdverify.rows.response import Response, conjugate_gradients


@dataclass(frozen=True, eq=False)
class Teachers:
    """Best teachers at a solution of (9), judged on ``test``.

    ``basis`` holds the directions that masks and gains act in, as columns: by default the
    eigenvectors of the pool's Sigma.
    """

    at: RowEquivalents
    test: Moments
    response: Response
    basis: np.ndarray | None = None

    @cached_property
    def form(self) -> np.ndarray:
        """K (width, width)."""
        A, M = self.test.covariance, self.at.M
        D = self.response.matrix(A)
        return np.asarray(formulas.teacher_form(A, M @ A, A @ M, D))

    @cached_property
    def aim(self) -> np.ndarray:
        """``(I - M) c``, (width, K)."""
        return self.at.learnt @ self.test.crossed

    def errors(self, surrogate: np.ndarray) -> np.ndarray:
        """(K,) test error of students on the noiseless labels ``x'surrogate`` (width, K)."""
        second = np.einsum("ik,ij,jk->k", surrogate, self.form, surrogate)
        crossed = np.einsum("ik,ik->k", surrogate, self.aim)
        return np.asarray(formulas.squared_error(second, crossed, self.test.power))

    @cached_property
    def optimal(self) -> np.ndarray:
        """beta_opt (width, K): the best linear surrogate for these rows, ``K^-1 (I - M) c``."""
        return np.asarray(lstsq(self.form, self.aim, cond=rounding_cut(self.form))[0])

    @cached_property
    def _modes(self) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        """Directions (columns), K in them, and ``(I - M) A`` in them."""
        vectors = self.at.pool.principal[1] if self.basis is None else self.basis
        aim = vectors.T @ self.at.learnt @ self.test.covariance @ vectors
        return vectors, vectors.T @ self.form @ vectors, aim

    @cached_property
    def gains(self) -> np.ndarray:
        """(width,) best gain of each direction where beta* is not known: needs no labels.

        It minimises the error averaged over independent signs of beta*'s coefficients.
        """
        _, form, aim = self._modes
        taught = np.diag(form) > 0
        found = np.ones(taught.size)
        found[taught] = formulas.form_gain(np.diag(aim)[taught], np.diag(form)[taught])
        return found

    @cached_property
    def blind_mask(self) -> np.ndarray:
        """(width,) bool: directions that such a mask keeps; needs no labels."""
        _, form, aim = self._modes
        return formulas.form_keep_margin(np.diag(aim), np.diag(form)) > 0

    @cached_property
    def mask(self) -> np.ndarray:
        """(width,) bool: the best number of leading directions to keep, knowing beta*."""
        vectors, form, _ = self._modes
        coefficients = vectors.T @ self.test.best
        target = vectors.T @ self.aim
        summed = np.zeros(coefficients.shape[0] + 1)
        for beta, goal in zip(coefficients.T, target.T, strict=True):
            full = form * np.outer(beta, beta)
            nested = np.diag(np.cumsum(np.cumsum(full, axis=0), axis=1))
            summed[1:] += formulas.squared_error(nested, np.cumsum(beta * goal), 0.0)
        return np.arange(summed.size - 1) < int(summed.argmin())

    def masked(self, mask: np.ndarray) -> np.ndarray:
        """beta* with the directions outside ``mask`` removed, (width, K)."""
        return self.transformed(np.asarray(mask, dtype=float))

    def transformed(self, factors: np.ndarray, surrogate: np.ndarray | None = None) -> np.ndarray:
        """Coefficients with each direction multiplied by ``factors`` (width,); beta* by default."""
        vectors = self._modes[0]
        surrogate = self.test.best if surrogate is None else surrogate
        return np.asarray(vectors @ (factors[:, None] * (vectors.T @ surrogate)))

    def optimal_labels(self, steps: int = 500, tolerance: float = 1e-8) -> np.ndarray:
        """The best labels of any kind on the pool's rows, (N, K), by conjugate gradients.

        The student's error is quadratic in the labels (11).  Labels of rows that teach
        nothing are those of the best linear surrogate.
        """
        pool = self.at.pool
        forms = self.response.forms(self.test.covariance)
        quadratic = _LabelForm(self, self.response.weights(forms))
        columns = [
            conjugate_gradients(quadratic.apply, quadratic.transposed(aim), start, tolerance, steps)
            for start, aim in zip(pool.times(self.optimal).T, self.aim.T, strict=True)
        ]
        return np.column_stack(columns)


class _LabelForm:
    """The error as a quadratic function of the labels of the pool's rows (one column)."""

    def __init__(self, teachers: Teachers, weights: np.ndarray) -> None:
        self.at, self.form, self.weights = teachers.at, teachers.form, weights
        self.inverse = np.linalg.pinv(self.at.weighted, hermitian=True)

    def theta(self, labels: np.ndarray) -> np.ndarray:
        at = self.at
        return self.inverse @ at.pool.moment((labels * at.inverse_b)[:, None])[:, 0]

    def transposed(self, vector: np.ndarray) -> np.ndarray:
        """The transpose of `theta`, times N, of a vector (width,)."""
        at = self.at
        pulled = at.pool.times((self.inverse @ vector)[:, None])[:, 0]
        return pulled * at.inverse_b * self.at.pool.each_weight

    def apply(self, labels: np.ndarray) -> np.ndarray:
        """Half the gradient of the quadratic part, times N."""
        pool, M = self.at.pool, self.at.M
        theta = self.theta(labels)
        residual = labels - pool.times(theta[:, None])[:, 0]
        crossed = M @ pool.moment((self.weights * residual)[:, None])[:, 0]
        on_residual = self.weights * (residual + pool.times((M @ theta)[:, None])[:, 0])
        on_theta = self.form @ theta + crossed
        back = pool.moment(on_residual[:, None])[:, 0]
        return self.at.pool.each_weight * on_residual + self.transposed(on_theta - back)
