"""Several stages: a surrogate that is itself trained, covariate shift, chains.

What a stage passes on is the law of its student's coefficients, of which the next stage
and the risk need the mean and the covariance (theory section 6, equation (7)).  As long as
every covariance is diagonal in the target's eigenbasis these are vectors; one that does not
commute with the target's makes the covariance a matrix.

Risks are excess risks on the target covariance, label noise not added, and deterministic
equivalents; a stage without ridge that has more than p + 1 samples enters with the exact
mean and covariance of least squares.  The term u u'/(m (1 - Omega)) of (7) is left out, as
the theory says; its effect on a risk is O(1/m).
"""

from __future__ import annotations

import warnings
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from kdverify import checks, formulas
from kdverify.gaussian import theory
from kdverify.gaussian.risks import least_squares_noise
from kdverify.gaussian.solve import Code, Equivalents, equivalents
from kdverify.gaussian.theory import NoFiniteMeanWarning
from kdverify.problem import Problem, Spectrum

TRANSFORMS = ("none", "gain", "mask")


@dataclass(frozen=True, eq=False)
class Stage:
    """One link of a chain: what a student is trained on.

    Args:
        n: number of fresh samples, any positive real number.
        source: covariance of its rows: None for the target's own; a `Spectrum` or a (p,)
            vector of eigenvalues >= 0, paired mode by mode with the target's; or a (p, p)
            symmetric matrix in the problem's coordinates, which need not commute with the
            target's and may be singular (its rank then plays the role of p).
        noise_variance: variance of the noise in its labels.
        ridge: delta of ``|y - Xb|^2 + delta |b|^2``.
    """

    n: float
    source: Any = None
    noise_variance: float = 0.0
    ridge: float = 0.0


@dataclass(frozen=True, eq=False)
class Law:
    """Mean and covariance of a student's coefficients in the target's eigenbasis.

    ``covariance`` is (p,), its diagonal, where all covariances so far commute, else (p, p).
    """

    mean: np.ndarray
    covariance: np.ndarray

    @property
    def variances(self) -> np.ndarray:
        """(p,) variance of each coordinate."""
        return self.covariance if self.covariance.ndim == 1 else self.covariance.diagonal()

    def scaled(self, factors: np.ndarray) -> Law:
        """The law after each coordinate is multiplied by a fixed factor (p,)."""
        rows = factors if self.covariance.ndim == 1 else factors[:, None]
        return Law(factors * self.mean, rows * self.covariance * factors)

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


def ground_truth(problem: Problem) -> Law:
    """beta* itself, without spread: what the first stage's labels come from."""
    return Law(problem.beta_modes, np.zeros(problem.p))


def train(problem: Problem, labels: Law, stage: Stage) -> Law:
    """The law of the student of ``labels``: equation (7), averaged over the labels' law."""
    values, basis = _source(problem.spectrum, stage.source)
    mean, covariance = labels.mean, labels.covariance
    if basis is None:
        kept = values > 0
        if covariance.ndim == 1:
            inner = Law(mean[kept], covariance[kept])
            trained = _train_in_eigenbasis(values[kept], inner, stage)
            out = Law(np.zeros_like(mean), np.zeros_like(mean))
            out.mean[kept], out.covariance[kept] = trained.mean, trained.covariance
            return out
        values, basis = values[kept], np.eye(problem.p)[:, kept]
    full = np.diag(covariance) if covariance.ndim == 1 else covariance
    if not np.isfinite(covariance).all():
        full = np.zeros((problem.p, problem.p))
    trained = _train_in_eigenbasis(values, Law(basis.T @ mean, basis.T @ full @ basis), stage)
    mean = basis @ trained.mean
    if not (np.isfinite(covariance).all() and np.isfinite(trained.covariance).all()):
        return Law(mean, np.full(problem.p, np.inf))
    return Law(mean, basis @ trained.covariance @ basis.T)


def chain_risks(problem: Problem, stages: Sequence[Stage]) -> list[float]:
    """Excess risk after each stage of a chain on fresh data; the first learns from beta*."""
    checks.instance("problem", problem, Problem)
    if not stages:
        raise ValueError("stages must hold at least one stage")
    for index, stage in enumerate(stages):
        checks.instance(f"stages[{index}]", stage, Stage)
    law, risks = ground_truth(problem), []
    for stage in stages:
        law = train(problem, law, stage)
        risks.append(law.risk(problem))
    return risks


def covariate_shift_risk(
    problem: Problem, source: Any, m: Any, noise_variance: Any = 0.0, ridge: Any = 0.0
) -> float:
    """Excess risk on the target covariance of a model trained on m samples of ``source``."""
    return chain_risks(problem, [Stage(m, source, noise_variance, ridge)])[0]


def two_stage_risk(
    problem: Problem,
    source: Any,
    m: Any,
    n: Any,
    source_noise_variance: Any = 0.0,
    noise_variance: Any = 0.0,
    source_ridge: Any = 0.0,
    ridge: Any = 0.0,
    transform: str = "none",
) -> float:
    """Excess risk of a student of a surrogate that is itself trained.

    Stage 1: m samples with covariance ``source`` (see `Stage`), labels of beta* with noise
    ``source_noise_variance``.  Stage 2: n fresh samples with the target covariance, labels
    of the trained surrogate with noise ``noise_variance`` (0: plain pseudo-labels).

    Args:
        transform: what is done to the trained surrogate in between: ``"none"``, or
            multiply its modes by the ``"gain"`` of the best surrogate, or drop those that
            the best ``"mask"`` drops.  Both need only the target spectrum and n.

    Returns:
        The expectation of (2) over the law (7) of the surrogate; ``inf`` where a stage has
        noise and no finite covariance.

    Source: the paper's second theorem; claims ``6.*``.
    """
    checks.instance("problem", problem, Problem)
    checks.choice("transform", transform, TRANSFORMS)
    first = Stage(m, source, source_noise_variance, source_ridge)
    law = train(problem, ground_truth(problem), first)
    if transform != "none":
        law = law.scaled(_factors(problem, n, ridge, transform))
    return train(problem, law, Stage(n, None, noise_variance, ridge)).risk(problem)


def two_stage_map(
    problem: Problem,
    source: Any,
    m: Any,
    n: Any,
    source_noise_variance: Any = 0.0,
    noise_variance: Any = 0.0,
    source_ridge: Any = 0.0,
    ridge: Any = 0.0,
    transform: str = "none",
) -> np.ndarray:
    """`two_stage_risk` on a grid: (len(m), len(n)) excess risks by two matrix products.

    The student's risk is linear in the mean and in the mean square of the surrogate's
    coordinates, with coefficients (3) that depend on n alone.
    """
    checks.instance("problem", problem, Problem)
    checks.choice("transform", transform, TRANSFORMS)
    source_sizes, sizes = checks.sample_sizes("m", m), checks.sample_sizes("n", n)
    noise = checks.non_negative("noise_variance", noise_variance)
    lam, beta_star = problem.spectrum.eigenvalues, problem.beta_modes
    start = ground_truth(problem)
    laws = [
        train(problem, start, Stage(size, source, source_noise_variance, source_ridge))
        for size in source_sizes
    ]
    means = np.stack([law.mean for law in laws])
    squares = means * means + np.stack([law.variances for law in laws])
    students = [transfer(problem.spectrum, size, noise, ridge) for size in sizes]
    learnt = np.stack([s[0] for s in students])
    energy = np.stack([s[1] for s in students])
    if transform != "none":
        factors = np.stack([_factors(problem, size, ridge, transform) for size in sizes])
        learnt, energy = factors * learnt, factors * factors * energy
    floor = np.array([s[2] for s in students])
    cross = means @ (learnt * (lam * beta_star)).T
    risks: np.ndarray = squares @ energy.T - 2 * cross + problem.signal.sum() + floor
    return risks


def performance_gap_recovered(weak: float, student: float, strong: float) -> float:
    """PGR: the share of the gap between teacher and strong student that the student closes.

    Risks of the surrogate, of its student and of the student on strong labels.  Not
    clipped; NaN unless the surrogate is worse than the strong student.
    """
    values = [
        checks.number(n, v) for n, v in (("weak", weak), ("student", student), ("strong", strong))
    ]
    if not values[0] > values[2]:
        return float("nan")
    return float(formulas.performance_gap_recovered(*values))


def _factors(problem: Problem, n: Any, ridge: Any, transform: str) -> np.ndarray:
    """(p,) what "gain" or "mask" multiplies the surrogate's modes by; needs no beta*."""
    if transform == "gain":
        return theory.gains(problem, n, ridge)
    return theory.optimal_mask(problem, n, ridge).astype(float)


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


def _train_in_eigenbasis(values: np.ndarray, labels: Law, stage: Stage) -> Law:
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
        return _with_variances(labels.mean, labels.covariance, added)
    root_mean_square = np.sqrt(labels.mean * labels.mean + labels.variances)
    leftover = formulas.unlearnt_energy(values, root_mean_square, at.zeta).sum()
    scale = formulas.trained_scale(leftover, at.one_minus_omega, noise)
    added = formulas.trained_variance(scale, at.n, at.one_minus_zeta, values + at.tau)
    learnt = labels.scaled(at.one_minus_zeta)
    return _with_variances(learnt.mean, learnt.covariance, added)


def _warn_no_finite_mean(at: Equivalents, noise: float) -> None:
    """Warn where the noise leaves a stage without finite covariance, or next to it."""
    rank = at.eigenvalues.size
    if noise > 0 and at.ridge == 0 and rank - 1 <= at.n <= rank + 1:
        warnings.warn(
            f"n={at.n:g} with {rank} modes: the covariance of the trained coefficients is "
            "not finite there; use a ridge or another n",
            NoFiniteMeanWarning,
            stacklevel=5,
        )


def _with_variances(mean: np.ndarray, covariance: np.ndarray, added: np.ndarray) -> Law:
    """A law with independent variance ``added`` to each coordinate."""
    return Law(mean, covariance + (added if covariance.ndim == 1 else np.diag(added)))


def _source(target: Spectrum, source: Any) -> tuple[np.ndarray, np.ndarray | None]:
    """Eigenvalues paired with the target's modes and None, or any eigenvalues and a basis."""
    if source is None:
        return target.eigenvalues, None
    if isinstance(source, Spectrum):
        checks.paired("source", source.basis, target.basis)
        values = source.eigenvalues
    elif np.ndim(source) == 1:
        values = checks.eigenvalues("source", source, allow_zero=True)
    else:
        return _matrix_source(target, checks.covariance("source", source))
    if values.size != target.p:
        raise ValueError(f"source of {values.size} eigenvalues must have p={target.p}")
    if not (values > 0).any():
        raise ValueError("source must have a positive eigenvalue")
    return values, None


def _matrix_source(target: Spectrum, matrix: np.ndarray) -> tuple[np.ndarray, np.ndarray | None]:
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
    return values[kept], basis[:, kept]
