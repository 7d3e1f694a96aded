"""A stage whose student sees the inputs: the law of its coefficients, and what it passes on.

What a stage passes on is the law of its student's coefficients, of which the next stage
and the risk need the mean and the covariance (theory section 6, equation (7)).  As long as
every covariance is diagonal in the target's eigenbasis these are vectors; one that does not
commute with the target's makes the covariance a matrix.  `kdverify.stages` puts stages together.

A stage without ridge that has more than p + 1 samples enters with the exact mean and covariance
of least squares.  The term u u'/(m (1 - Omega)) of (7) is left out, as the theory says; its
effect on a risk is O(1/m).
"""

from __future__ import annotations

import warnings
from typing import Any

import numpy as np

from kdverify import checks, formulas
from kdverify.gaussian.risks import least_squares_noise
from kdverify.gaussian.solve import Code, Equivalents, equivalents
from kdverify.gaussian.theory import NoFiniteMeanWarning
from kdverify.problem import Problem, Spectrum
from kdverify.training import Coefficients, Stage, source_modes


def train(problem: Problem, labels: Coefficients, stage: Stage) -> Coefficients:
    """The law of the student of ``labels``: equation (7), averaged over the labels' law."""
    if stage.features is not None:
        raise ValueError("features must be None here; kdverify.stages.train takes them")
    values, basis = source_modes(problem.spectrum, stage.source)
    mean, covariance = labels.mean, labels.covariance
    if basis is None:
        kept = values > 0
        if covariance.ndim == 1:
            inner = Coefficients(mean[kept], covariance[kept])
            trained = _train_in_eigenbasis(values[kept], inner, stage)
            out = Coefficients(np.zeros_like(mean), np.zeros_like(mean))
            out.mean[kept], out.covariance[kept] = trained.mean, trained.covariance
            return out
        values, basis = values[kept], np.eye(problem.p)[:, kept]
    full = np.diag(covariance) if covariance.ndim == 1 else covariance
    if not np.isfinite(covariance).all():
        full = np.zeros((problem.p, problem.p))
    inner = Coefficients(basis.T @ mean, basis.T @ full @ basis)
    trained = _train_in_eigenbasis(values, inner, stage)
    mean = basis @ trained.mean
    if not (np.isfinite(covariance).all() and np.isfinite(trained.covariance).all()):
        return Coefficients(mean, np.full(problem.p, np.inf))
    return Coefficients(mean, basis @ trained.covariance @ basis.T)


def transfer(
    spectrum: Spectrum, n: float, noise: float, ridge: Any
) -> tuple[np.ndarray, np.ndarray, float]:
    """(p,) both transfer functions (3) at one n, and the noise part of a student's risk."""
    lam, at = spectrum.eigenvalues, equivalents(spectrum, n, ridge)
    _warn_no_finite_mean(at, noise)
    if at.code is Code.UNREGULARISED:
        return np.ones_like(lam), lam, float(least_squares_noise(n, lam.size, noise))
    energy = formulas.transfer_energy(lam, at.zeta, at.one_minus_zeta, at.omega, at.one_minus_omega)
    trace = formulas.noise_trace(at.omega, at.one_minus_omega)
    return formulas.transfer_mean(at.one_minus_zeta), energy, noise * trace


def _train_in_eigenbasis(values: np.ndarray, labels: Coefficients, stage: Stage) -> Coefficients:
    """`train` for a stage whose covariance is diagonal with positive ``values``."""
    noise = checks.non_negative("noise_variance", stage.noise_variance)
    at = equivalents(Spectrum(values), stage.n, stage.ridge)
    rank = values.size
    _warn_no_finite_mean(at, noise)
    if at.code is Code.UNREGULARISED:
        added = np.zeros(rank)
        if noise > 0 and at.n <= rank + 1:
            added = np.full(rank, np.inf)
        elif noise > 0:
            added = formulas.least_squares_variance(noise, values, at.n, rank)
        return labels.spread(added)
    leftover = formulas.unlearnt_energy(values, np.sqrt(labels.mean_squares), at.zeta).sum()
    scale = formulas.trained_scale(leftover, at.one_minus_omega, noise)
    added = formulas.trained_variance(scale, at.n, at.one_minus_zeta, values + at.tau)
    return labels.scaled(at.one_minus_zeta).spread(added)


def _warn_no_finite_mean(at: Equivalents, noise: float) -> None:
    """Warn where the noise leaves a stage without finite covariance, or next to it."""
    rank = at.eigenvalues.size
    if noise > 0 and at.ridge == 0 and rank - 1 <= at.n <= rank + 1:
        warnings.warn(
            f"n={at.n:g} with {rank} modes: the covariance of the trained coefficients is "
            "not finite there; use a ridge or another n",
            NoFiniteMeanWarning,
            stacklevel=6,
        )
