"""One training: what a student is trained on, and the law of the coefficients that it finds.

Theory (`kdverify.stages`) and simulation (`kdverify.simulation.chain`) take the same `Stage`.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from kdverify import checks, formulas
from kdverify.problem import Problem, Spectrum
from kdverify.shown import Shown


@dataclass(frozen=True, eq=False)
class Stage:
    """One link of a chain: what a student is trained on.

    Args:
        n: number of fresh samples; theory takes any positive real number.
        source: covariance of its rows: None for the target's own; a `Spectrum` or a (p,)
            vector of eigenvalues >= 0, paired mode by mode with the target's; or a (p, p)
            symmetric matrix in the problem's coordinates, which need not commute with the
            target's and may be singular (its rank then plays the role of p).
        noise_variance: variance of the noise in its labels.
        ridge: delta of ``|y - Xb|^2 + delta |b|^2``.
        features: number q of random features ``z = W x`` that the student sees in the place of
            x, W of independent N(0, 1/q) entries, drawn anew for each student; None: x itself.
    """

    n: Any
    source: Any = None
    noise_variance: Any = 0.0
    ridge: Any = 0.0
    features: Any = None


@dataclass(frozen=True, eq=False, repr=False)
class Coefficients(Shown):
    """Mean and covariance of a student's coefficients in the target's eigenbasis.

    ``covariance`` is (p,), its diagonal, where all covariances so far commute, else (p, p).
    """

    mean: np.ndarray
    covariance: np.ndarray

    @property
    def variances(self) -> np.ndarray:
        """(p,) variance of each coordinate."""
        return self.covariance if self.covariance.ndim == 1 else self.covariance.diagonal()

    @property
    def mean_squares(self) -> np.ndarray:
        """(p,) mean square of each coordinate."""
        return np.asarray(self.mean * self.mean + self.variances)

    def scaled(self, factors: np.ndarray) -> Coefficients:
        """The law after each coordinate is multiplied by a fixed factor (p,).

        What is dropped has no variance, even where there was no finite one.
        """
        both = factors * factors if self.covariance.ndim == 1 else np.outer(factors, factors)
        covariance = np.multiply(both, self.covariance, where=both != 0, out=np.zeros_like(both))
        return Coefficients(factors * self.mean, covariance)

    def spread(self, variances: np.ndarray) -> Coefficients:
        """The law with an independent variance (p,) added to each coordinate."""
        added = variances if self.covariance.ndim == 1 else np.diag(variances)
        return Coefficients(self.mean, self.covariance + added)

    def added(self, form: Form) -> float:
        """What finite samples add to the mean of a form; 0 for a law that is given, not trained."""
        return 0.0

    def risk(self, problem: Problem) -> float:
        """Mean excess risk as a predictor on the target covariance."""
        return float(
            formulas.mean_variance_risk(
                problem.spectrum.eigenvalues,
                self.mean,
                self.variances,
                problem.beta_modes,
                np.sum,
            )
        )


def ground_truth(problem: Problem) -> Coefficients:
    """beta* itself, without spread: what the first stage's labels come from."""
    return Coefficients(problem.beta_modes, np.zeros(problem.p))


@dataclass(frozen=True, eq=False)
class Form:
    """What follows a stage sees of coefficients b: ``tr(A bb') - 2 linear'b``.

    Attributes:
        square: A, symmetric, (p, p), or (p,) where it is diagonal; linear: (p,).  Both in the
            target's eigenbasis.
    """

    square: np.ndarray
    linear: np.ndarray

    @classmethod
    def risk(cls, problem: Problem) -> Form:
        """The excess risk of b, less that of 0."""
        lam = problem.spectrum.eigenvalues
        return cls(lam, lam * problem.beta_modes)

    @property
    def weights(self) -> np.ndarray:
        """(p,) the diagonal of A."""
        return self.square if self.square.ndim == 1 else self.square.diagonal()

    def within(self, basis: np.ndarray) -> Form:
        """The same in coordinates of ``basis``, (p, r)."""
        turned = basis.T * self.square if self.square.ndim == 1 else basis.T @ self.square
        return Form(turned @ basis, basis.T @ self.linear)

    def kept(self, mask: np.ndarray) -> Form:
        """A diagonal form on some of the modes."""
        return Form(self.square[mask], self.linear[mask])

    def placed(self, mask: np.ndarray) -> Form:
        """A diagonal form on some of the modes among all of them: `kept` the other way round."""
        both = np.zeros((2, mask.size))
        both[:, mask] = self.square, self.linear
        return Form(*both)

    def scaled(self, factors: np.ndarray) -> Form:
        """The form seen before each coordinate is multiplied by a factor."""
        both = factors * factors if self.square.ndim == 1 else np.outer(factors, factors)
        return Form(both * self.square, factors * self.linear)

    def at(self, law: Coefficients) -> float:
        """Its mean over a law of coefficients."""
        crossed = 2 * self.linear @ law.mean
        if self.square.ndim == 1:
            return float(self.square @ law.mean_squares - crossed)
        square = law.covariance if law.covariance.ndim == 2 else np.diag(law.covariance)
        return float(np.vdot(self.square, square + np.outer(law.mean, law.mean)) - crossed)


def source_modes(target: Spectrum, source: Any) -> tuple[np.ndarray, np.ndarray | None]:
    """The covariance of a stage's rows, as `Stage` describes it, in the target's eigenbasis.

    Returns:
        (p,) eigenvalues >= 0, paired with the target's modes, and None; where it does not commute
        with the target's, its r positive eigenvalues and (p, r) eigenvectors.
    """
    if source is None:
        return target.eigenvalues, None
    if isinstance(source, Spectrum):
        checks.paired("source", source.basis, target.basis)
        values = source.eigenvalues
    elif np.ndim(source) == 1:
        values = checks.eigenvalues("source", source, allow_zero=True)
    else:
        return _of_matrix(target, checks.covariance("source", source))
    if values.size != target.p:
        raise ValueError(f"source of {values.size} modes must have p={target.p}")
    if not (values > 0).any():
        raise ValueError("source must have a positive eigenvalue")
    return values, None


def _of_matrix(target: Spectrum, matrix: np.ndarray) -> tuple[np.ndarray, np.ndarray | None]:
    if matrix.shape[0] != target.p:
        raise ValueError(f"source of shape {matrix.shape} must have shape {(target.p,) * 2}")
    if target.basis is not None:
        matrix = target.basis.T @ matrix @ target.basis
    rounding = target.p * np.finfo(float).eps
    values, basis = matrix.diagonal(), None
    if np.abs(matrix - np.diag(values)).max() > rounding * np.abs(values).max():
        values, basis = np.linalg.eigh(matrix)
    floor = rounding * values.max()
    if values.min() < -floor or values.max() <= 0:
        raise ValueError(
            f"source must be positive semi-definite; its least eigenvalue is {values.min():g}"
        )
    kept = values > floor
    if basis is None:
        return np.where(kept, values, 0.0), None
    return values[kept], np.ascontiguousarray(basis[:, kept])
