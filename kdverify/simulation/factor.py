"""One factorisation of a design: everything that risks need, for all surrogates at once.

A design X has n rows, samples, and r columns, modes, in C order; LAPACK sees its
transpose in Fortran order and nothing is copied.  With

    P = X'(XX' + ridge I)^+ X,      A = X'(XX' + ridge I)^+,

a student trained on labels ``X b + z`` is ``P b + A z``.  The routes:

* *wide*, n < r: ``XX' + ridge I = U'U``; ``W = U^-T X`` has ``W'W = P``.  With w_i the
  columns of W and ``M = W diag(weights) W' = C'C``: ``P_ii = |w_i|^2``,
  ``sum_k weights_k P_ki^2 = w_i'M w_i = |C w_i|^2``, ``tr(diag(weights) A A') = |C U^-T|^2``.
* *tall*, n >= r: ``S = X'X + ridge I`` is scaled to unit diagonal and inverted.
* *safe*, where the condition estimate of either exceeds `LARGEST_CONDITION` or a
  pivot vanishes: the singular value decomposition, singular values below
  ``max(n, r) eps`` times the largest taken as zero (minimum norm).
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from functools import cached_property

import numpy as np
from scipy.linalg import blas, lapack

#: Beyond this condition number of the Gram matrix the Cholesky routes are left.  Their
#: relative error stays below eps times this number (tested): 2e-5 at the very limit.
LARGEST_CONDITION = 1e11


#: ``P_ii`` and ``sum_k weights_k P_ki^2``, (r,) each, and ``tr(diag(weights) A A')``.
Transfer = tuple[np.ndarray, np.ndarray, np.ndarray | float]


class Factor(ABC):
    """``P`` and ``A`` of one design, as far as they are asked for.

    For a stack of t designs every array that is returned has a leading axis of length t.

    Attributes:
        condition: estimated condition number of the Gram matrix (wide, tall), or
            the squared ratio of the extreme singular values (safe).
    """

    condition: float = 1.0

    @abstractmethod
    def fit(self, b: np.ndarray) -> np.ndarray:
        """``P b`` for b of shape (r, k)."""

    @abstractmethod
    def fit_noise(self, z: np.ndarray) -> np.ndarray:
        """``A z`` for z of shape (n, k)."""

    @abstractmethod
    def diagonal(self) -> np.ndarray:
        """``P_ii``, (r,)."""

    @abstractmethod
    def energy(self, weights: np.ndarray) -> np.ndarray:
        """``sum_k weights_k P_ki^2`` for every i, (r,)."""

    def carried(self, squares: np.ndarray) -> np.ndarray:
        """``sum_k P_ik^2 squares_k`` for every i, (r,): the same where P is symmetric."""
        return self.energy(squares)

    @abstractmethod
    def noise_columns(self) -> np.ndarray:
        """``A``, (r, n)."""

    @abstractmethod
    def noise_diagonal(self) -> np.ndarray:
        """``(A A')_ii``: variance of coordinate i per unit of label noise, (r,)."""

    def noise_trace(self, weights: np.ndarray) -> np.ndarray | float:
        """``sum_i weights_i (A A')_ii``."""
        return self.noise_diagonal() @ weights

    def transfer(self, weights: np.ndarray) -> Transfer:
        """``P_ii``, ``sum_k weights_k P_ki^2`` and ``tr(diag(weights) A A')`` at once.

        ``weights`` must be positive.  The factor may be used up: ask nothing of it later.
        """
        return self.diagonal(), self.energy(weights), self.noise_trace(weights)


class Workspace:
    """Arrays that every design of one shape reuses."""

    def __init__(self, r: int, n: int) -> None:
        small = min(r, n)
        self.rows = np.empty((n, r))
        self.gram = np.zeros((small, small), order="F")
        self.probe = probe(small)

    @cached_property
    def above(self) -> np.ndarray:
        """Which entries of a square matrix stand on or above its diagonal."""
        return np.tri(len(self.gram), dtype=bool).T

    @cached_property
    def scratch(self) -> np.ndarray:
        """(n, r) for weighted copies."""
        return np.empty_like(self.rows)

    @cached_property
    def middle(self) -> np.ndarray:
        """(n, n) for a second Gram matrix."""
        return np.zeros_like(self.gram)


def probe(size: int) -> np.ndarray:
    """(size, 1), always the same: no direction is special to it (see `estimated_condition`)."""
    return np.random.Generator(np.random.PCG64(size)).standard_normal((size, 1))


def workspace_bytes(r: int, n: int) -> int:
    """Bytes of a `Workspace` and of the largest temporaries beside it."""
    small = min(r, n)
    return 8 * (3 * r * n + 3 * small * small)


def factorise(space: Workspace, ridge: float) -> tuple[Factor, bool]:
    """Factorise the design in ``space.rows`` (overwritten later on).

    Returns:
        The factor and whether the safe route had to be taken.
    """
    n, r = space.rows.shape
    factor = (Wide if n < r else Tall).attempt(space, ridge)
    if factor is not None:
        return factor, False
    return Safe(space.rows, ridge), True


def estimated_condition(upper: np.ndarray, trace: float, probe: np.ndarray) -> float:
    """Estimate of ``trace(K) |K^-1|`` from the Cholesky factor of K.

    With a Gaussian vector v of size m, ``|K^-1 v|`` falls below ``|K^-1| / t`` with a
    probability of at most ``sqrt(2/pi) / t``: v's component along the last eigenvector
    is standard normal.  It exceeds ``|K^-1|`` by a factor of about ``sqrt(m)`` at most.
    For Gaussian rows the eigenvectors are uniform, and v may be the same every time.
    """
    solved, _ = lapack.dpotrs(upper, probe)
    inverse_norm = float(blas.dnrm2(solved))
    return trace * inverse_norm if np.isfinite(inverse_norm) else np.inf


class Wide(Factor):
    """Fewer rows than modes."""

    def __init__(self, space: Workspace, condition: float) -> None:
        self._space = space
        self._upper = space.gram
        self._white = False
        self.condition = condition

    @classmethod
    def attempt(cls, space: Workspace, ridge: float) -> Wide | None:
        """None where the Gram matrix is too ill-conditioned for Cholesky."""
        gram = blas.dsyrk(1.0, space.rows.T, 0.0, space.gram, trans=1, overwrite_c=1)
        if ridge:
            gram.ravel(order="K")[:: len(gram) + 1] += ridge
        trace = float(gram.trace())
        upper, info = lapack.dpotrf(gram, overwrite_a=1, clean=0)
        condition = estimated_condition(upper, trace, space.probe) if info == 0 else np.inf
        return cls(space, condition) if condition <= LARGEST_CONDITION else None

    def fit(self, b: np.ndarray) -> np.ndarray:
        """``P b`` by two triangular systems, or as ``W'W b`` once W is there."""
        x = self._space.rows
        labels = x @ b
        if self._white:
            return x.T @ labels
        solved, _ = lapack.dpotrs(self._upper, labels)
        return x.T @ solved

    def fit_noise(self, z: np.ndarray) -> np.ndarray:
        """``X'K^-1 z``, or ``W'U^-T z`` once W is there."""
        if self._white:
            half, _ = lapack.dtrtrs(self._upper, z, trans=1)
            return self._space.rows.T @ half
        solved, _ = lapack.dpotrs(self._upper, z)
        return self._space.rows.T @ solved

    def diagonal(self) -> np.ndarray:
        """Squared columns of W."""
        w = self._whitened()
        return column_dot(w, w)

    def energy(self, weights: np.ndarray) -> np.ndarray:
        """``w_i'M w_i``, M as it is: weights may be zero."""
        w = self._whitened()
        scaled = np.multiply(w, np.sqrt(weights), out=self._space.scratch)
        middle = self._middle(scaled)
        mapped = blas.dsymm(1.0, middle, w.T, 0.0, scaled.T, side=1, overwrite_c=1).T
        return column_dot(w, mapped)

    def noise_columns(self) -> np.ndarray:
        """``W' U^-T``."""
        w = self._whitened().copy()
        return blas.dtrsm(1.0, self._upper, w.T, side=1, trans_a=1, overwrite_b=1)

    def noise_diagonal(self) -> np.ndarray:
        """Squared rows of A."""
        rows = self.noise_columns().T
        return column_dot(rows, rows)

    def noise_trace(self, weights: np.ndarray) -> np.ndarray | float:
        """``|C U^-T|^2``; from A itself where M is numerically singular."""
        scaled = np.multiply(self._whitened(), np.sqrt(weights), out=self._space.scratch)
        root = self._middle_root(scaled)
        return super().noise_trace(weights) if root is None else self._noise_of(root)

    def transfer(self, weights: np.ndarray) -> Transfer:
        """All three from one W, scaled in place, and one C: uses the factor up."""
        w = self._whitened()
        mean = column_dot(w, w)
        scale = np.sqrt(weights)
        w *= scale
        root = self._middle_root(w)
        if root is None:
            w /= scale
            return super().transfer(weights)
        mapped = blas.dtrmm(1.0, root, w.T, side=1, trans_a=1, overwrite_b=1).T
        return mean, column_dot(mapped, mapped) / weights, self._noise_of(root)

    def _whitened(self) -> np.ndarray:
        """W, (n, r), in place of X."""
        if not self._white:
            blas.dtrsm(1.0, self._upper, self._space.rows.T, side=1, overwrite_b=1)
            self._white = True
        return self._space.rows

    def _middle(self, scaled: np.ndarray) -> np.ndarray:
        """M (its upper triangle) from ``scaled = W sqrt(weights)``."""
        return blas.dsyrk(1.0, scaled.T, 0.0, self._space.middle, trans=1, overwrite_c=1)

    def _middle_root(self, scaled: np.ndarray) -> np.ndarray | None:
        """C of ``M = C'C``; None where M is numerically singular."""
        root, info = lapack.dpotrf(self._middle(scaled), overwrite_a=1, clean=1)
        return root if info == 0 else None

    def _noise_of(self, root: np.ndarray) -> float:
        """``|C U^-T|^2``; uses C up."""
        solved = blas.dtrsm(1.0, self._upper, root, side=1, trans_a=1, overwrite_b=1)
        flat = solved.ravel(order="K")
        return float(flat @ flat)


class Tall(Factor):
    """At least as many rows as modes: least squares, with or without ridge."""

    def __init__(self, x: np.ndarray, inverse: np.ndarray, ridge: float, condition: float) -> None:
        self._x = x
        self._inverse = inverse
        self._ridge = ridge
        self.condition = condition

    @classmethod
    def attempt(cls, space: Workspace, ridge: float) -> Tall | None:
        """None where the Gram matrix is too ill-conditioned for Cholesky."""
        gram = blas.dsyrk(1.0, space.rows.T, 0.0, space.gram, overwrite_c=1)
        r = len(gram)
        gram.ravel(order="K")[:: r + 1] += ridge
        scale = np.sqrt(gram.diagonal())
        if not (scale > 0).all():
            return None
        gram /= scale
        gram /= scale[:, None]
        upper, info = lapack.dpotrf(gram, overwrite_a=1, clean=0)
        condition = estimated_condition(upper, float(r), space.probe) if info == 0 else np.inf
        if condition > LARGEST_CONDITION:
            return None
        inverse, _ = lapack.dpotri(upper, overwrite_c=1)
        inverse /= scale
        inverse /= scale[:, None]
        inverse = np.where(space.above, inverse, inverse.T)
        return cls(space.rows, inverse, ridge, condition)

    def fit(self, b: np.ndarray) -> np.ndarray:
        """``b - ridge S^-1 b``."""
        return b - self._ridge * (self._inverse @ b) if self._ridge else b.copy()

    def fit_noise(self, z: np.ndarray) -> np.ndarray:
        """``S^-1 X'z``."""
        return self._inverse @ (self._x.T @ z)

    def diagonal(self) -> np.ndarray:
        """``1 - ridge (S^-1)_ii``."""
        return 1.0 - self._ridge * self._inverse.diagonal()

    def energy(self, weights: np.ndarray) -> np.ndarray:
        """The weights themselves, or from ``P = I - ridge S^-1``."""
        if not self._ridge:
            return weights.copy()
        off = self._ridge**2 * (weights @ np.square(self._inverse))
        own = self._inverse.diagonal()
        return off + weights * (self.diagonal() ** 2 - (self._ridge * own) ** 2)

    def noise_columns(self) -> np.ndarray:
        """``S^-1 X'``."""
        return self._inverse @ self._x.T

    def noise_diagonal(self) -> np.ndarray:
        """``A A' = S^-1 - ridge S^-2``."""
        shrunk = self._ridge * np.vecdot(self._inverse, self._inverse) if self._ridge else 0.0
        return self._inverse.diagonal() - shrunk


class Safe(Factor):
    """Any design, by its singular value decomposition."""

    def __init__(self, x: np.ndarray, ridge: float) -> None:
        self._samples, s, modes, self.condition = singular_values(x)
        self._modes = modes.T
        self._shrink = s**2 / (s**2 + ridge)
        self._invert = s / (s**2 + ridge)

    def fit(self, b: np.ndarray) -> np.ndarray:
        """``V diag(s^2/(s^2 + ridge)) V' b``."""
        return self._modes @ (self._shrink[:, None] * (self._modes.T @ b))

    def fit_noise(self, z: np.ndarray) -> np.ndarray:
        """``V diag(s/(s^2 + ridge)) U'z``."""
        return self._modes @ (self._invert[:, None] * (self._samples @ z))

    def diagonal(self) -> np.ndarray:
        """From the modes and their shrinkage."""
        return np.square(self._modes) @ self._shrink

    def energy(self, weights: np.ndarray) -> np.ndarray:
        """``v_i'M v_i`` with the modes v_i shrunk on both sides."""
        shrunk = self._modes * self._shrink
        middle = shrunk.T @ (weights[:, None] * shrunk)
        return np.vecdot(self._modes, self._modes @ middle)

    def noise_columns(self) -> np.ndarray:
        """``V diag(s/(s^2 + ridge)) U'``."""
        return (self._modes * self._invert) @ self._samples

    def noise_diagonal(self) -> np.ndarray:
        """Squared rows of A."""
        return np.square(self._modes) @ np.square(self._invert)


def singular_values(x: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray, float]:
    """Left vectors (k, n), the k singular values above rounding, right vectors (k, r).

    Beside them the squared ratio of the extreme ones, infinite where some were left out.
    """
    samples, s, modes = np.linalg.svd(x, full_matrices=False)
    kept = s > s[0] * max(x.shape) * np.finfo(float).eps
    condition = float((s[kept][0] / s[kept][-1]) ** 2) if kept.all() else np.inf
    return samples[:, kept].T, s[kept], modes[kept], condition


def column_dot(a: np.ndarray, b: np.ndarray) -> np.ndarray:
    """Inner product of each column of ``a`` with that of ``b``."""
    return np.einsum("ij,ij->j", a, b)
