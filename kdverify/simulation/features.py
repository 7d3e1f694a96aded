"""One factorisation of a random-feature student: all that risks need, for all surrogates at once.

A design X (n, r) and a first layer W (q, r) give the features ``Z = X W'``.  A student trained
on labels ``X b + z`` has the coefficients ``P b + A z`` on the inputs, with

    A = W' (Z'Z + ridge I)^+ Z',      P = A X.

Flipping the sign of a column of X and of W leaves their law unchanged and flips the sign of a row
and a column of P.  Every route writes ``P = E'C`` and ``A = E'N`` with E, C of min(n, q) rows:

* *wide*, n < q: ``ZZ' + ridge I = U'U``, ``E = U^-T Z W``, ``C = U^-T X``, ``N = U^-T``;
* *tall*, n >= q: ``Z'Z + ridge I = U'U``, ``E = U^-T W``, ``C = U^-T Z'X``, ``N = U^-T Z'``, so
  that ``NN' = I - ridge U^-T U^-1``;
* *safe*, where either is too ill-conditioned: singular values of Z as in
  `kdverify.simulation.factor`.

``M = E diag(weights) E' = R'R`` gives ``sum_k weights_k P_ki^2 = |R c_i|^2`` and the noise trace
``|R N|^2``.
"""

from __future__ import annotations

from functools import cached_property

import numpy as np
from scipy.linalg import blas, lapack

from kdverify.simulation.factor import (
    LARGEST_CONDITION,
    Factor,
    Transfer,
    column_dot,
    estimated_condition,
    probe,
    singular_values,
)


class FeatureWorkspace:
    """Arrays that every student of one shape reuses."""

    def __init__(self, r: int, n: int, q: int) -> None:
        small = min(n, q)
        self.rows = np.empty((n, r))
        self.layer = np.empty((q, r))
        self.hidden = np.empty((n, q))
        self.gram = np.zeros((small, small), order="F")
        self.middle = np.zeros((small, small), order="F")
        self.scratch = np.empty((small, r))
        self.left = np.empty((small, r))
        self.probe = probe(small)

    def draw_layer(self, rng: np.random.Generator) -> None:
        """A first layer W of independent N(0, 1/q) entries."""
        rng.standard_normal(out=self.layer)
        self.layer /= np.sqrt(len(self.layer))


def feature_work(r: int, n: int, q: int) -> int:
    """Multiply-adds of one student, about."""
    small = min(n, q)
    return r * (2 * n * q + 4 * small * small) + 50 * r * (n + q)


def feature_bytes(r: int, n: int, q: int) -> int:
    """Bytes of a `FeatureWorkspace` and of the largest temporaries beside it."""
    small = min(n, q)
    return 8 * (r * (n + q + 3 * small) + 2 * n * q + 4 * small * small)


class RandomFeatures(Factor):
    """``P = E'C`` and ``A = E'N`` of one design and one first layer."""

    def __init__(self, left: np.ndarray, right: np.ndarray, space: FeatureWorkspace) -> None:
        self._left, self._right, self._space = left, right, space

    def fit(self, b: np.ndarray) -> np.ndarray:
        """``E'(C b)``."""
        return self._left.T @ (self._right @ b)

    def fit_noise(self, z: np.ndarray) -> np.ndarray:
        """``E'(N z)``."""
        return self._left.T @ (self._noise_map @ z)

    def diagonal(self) -> np.ndarray:
        """``e_i'c_i``."""
        return column_dot(self._left, self._right)

    def energy(self, weights: np.ndarray) -> np.ndarray:
        """``c_i'M c_i``, M as it is: weights may be zero."""
        middle = (self._left * weights) @ self._left.T
        return column_dot(self._right, middle @ self._right)

    def carried(self, squares: np.ndarray) -> np.ndarray:
        """``e_i' C diag(squares) C' e_i``: P is not symmetric."""
        middle = (self._right * squares) @ self._right.T
        return column_dot(self._left, middle @ self._left)

    def noise_columns(self) -> np.ndarray:
        """``E'N``."""
        return self._left.T @ self._noise_map

    def noise_diagonal(self) -> np.ndarray:
        """Squared rows of A."""
        rows = self.noise_columns()
        return np.vecdot(rows, rows)

    def transfer(self, weights: np.ndarray) -> Transfer:
        """All three from one M and its root: uses C up."""
        scaled = np.multiply(self._left, np.sqrt(weights), out=self._space.scratch)
        middle = self._space.middle
        middle = blas.dsyrk(1.0, scaled.T, 0.0, middle, trans=1, overwrite_c=1)
        trace = float(middle.trace())
        root, info = lapack.dpotrf(middle, overwrite_a=1, clean=1)
        if info:
            return super().transfer(weights)
        mean = self.diagonal()
        mapped = blas.dtrmm(1.0, root, self._right.T, side=1, trans_a=1, overwrite_b=1).T
        return mean, column_dot(mapped, mapped), self._noise_of(root, trace)

    @property
    def _noise_map(self) -> np.ndarray:
        raise NotImplementedError

    def _noise_of(self, root: np.ndarray, trace: float) -> float:
        """``|R N|^2`` from the root R, which may be used up, and ``|R|^2``."""
        raise NotImplementedError


class _Cholesky(RandomFeatures):
    """Either Cholesky route, with its factor U."""

    def __init__(
        self,
        left: np.ndarray,
        right: np.ndarray,
        space: FeatureWorkspace,
        upper: np.ndarray,
        ridge: float,
        condition: float,
    ) -> None:
        super().__init__(left, right, space)
        self._upper, self._ridge, self.condition = upper, ridge, condition
        self._wide = space.hidden.shape[0] < space.hidden.shape[1]

    @cached_property
    def _noise_map(self) -> np.ndarray:
        rows = np.eye(len(self._upper)) if self._wide else self._space.hidden.T
        return np.asarray(lapack.dtrtrs(self._upper, rows, trans=1)[0])

    def _noise_of(self, root: np.ndarray, trace: float) -> float:
        if not (self._wide or self._ridge):
            return trace
        solved = blas.dtrsm(1.0, self._upper, root, side=1, trans_a=1, overwrite_b=1)
        flat = solved.ravel(order="K")
        square = float(flat @ flat)
        return square if self._wide else trace - self._ridge * square


class _Safe(RandomFeatures):
    """Any design, by the singular values of its features."""

    def __init__(self, space: FeatureWorkspace, ridge: float) -> None:
        samples, s, features, self.condition = singular_values(space.hidden)
        self._noise = (s / (s**2 + ridge))[:, None] * samples
        super().__init__(features @ space.layer, self._noise @ space.rows, space)

    @property
    def _noise_map(self) -> np.ndarray:
        return self._noise

    def transfer(self, weights: np.ndarray) -> Transfer:
        """One by one: M may be singular."""
        return Factor.transfer(self, weights)


def factorise_features(space: FeatureWorkspace, ridge: float) -> tuple[Factor, bool]:
    """Factorise the design in ``space.rows`` with the layer in ``space.layer``.

    Returns:
        The factor and whether the safe route had to be taken.
    """
    x, w, z = space.rows, space.layer, space.hidden
    n, q = z.shape
    np.matmul(x, w.T, out=z)
    gram = blas.dsyrk(1.0, z.T, 0.0, space.gram, trans=int(n < q), overwrite_c=1)
    gram.ravel(order="K")[:: len(gram) + 1] += ridge
    trace = float(gram.trace())
    upper, info = lapack.dpotrf(gram, overwrite_a=1, clean=0)
    condition = estimated_condition(upper, trace, space.probe) if info == 0 else np.inf
    if not condition <= LARGEST_CONDITION:
        return _Safe(space, ridge), True
    if n < q:
        left, right = np.matmul(z, w, out=space.left), x
    else:
        left, right = w, np.matmul(z.T, x, out=space.left)
    for rows in (left, right):
        blas.dtrsm(1.0, upper, rows.T, side=1, overwrite_b=1)
    return _Cholesky(left, right, space, upper, ridge, condition), False
