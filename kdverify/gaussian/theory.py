"""The theory in double precision: risks, the best surrogate, the best mask.

Risks are excess risks ``|Sigma^(1/2)(b - beta*)|^2``: the irreducible label noise is not
added.  They are deterministic equivalents of the risk over one training sample, except
for n > p + 1 without ridge, where they are exact means of ordinary least squares.
"""

from __future__ import annotations

import warnings
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np

from kdverify import checks, formulas
from kdverify.gaussian import risks as compose
from kdverify.gaussian.solve import Equivalents, equivalents, spectrum_of
from kdverify.gaussian.solve.many_n import Sweep
from kdverify.problem import Problem, Spectrum
from kdverify.shown import Shown

__all__ = [
    "Curve",
    "NoFiniteMeanWarning",
    "curve",
    "gains",
    "improvements",
    "masked_risk",
    "optimal_mask",
    "optimal_risk",
    "optimal_surrogate",
    "risk",
]


class NoFiniteMeanWarning(UserWarning):
    """The noise part of the risk has no finite mean at this n (p - 1 <= n <= p + 1)."""


def risk(
    problem: Problem,
    n: Any,
    surrogate: Any = None,
    noise_variance: Any = 0.0,
    ridge: Any = 0.0,
) -> float:
    """Excess risk of the student that trains on n labels of ``surrogate``.

    The student is the minimum-norm interpolator (ridge = 0, n < p), least squares
    (ridge = 0, n >= p) or the ridge solution, fitted to ``x' surrogate + z``.

    Args:
        problem: target spectrum and ground truth beta*.
        n: number of samples, any positive real number.
        surrogate: (p,) the teacher's coefficients in the problem's coordinates;
            None means beta*, that is strong labels.
        noise_variance: variance of z; it is not itself added to the result.
        ridge: delta >= 0 of ``|y - Xb|^2 + delta |b|^2``.

    Returns:
        Equation (2) of the theory for n < p or with ridge.  For n > p + 1 without ridge
        the exact mean, with noise part ``sigma^2 p/(n - p - 1)``; the limit ridge -> 0 of
        (2) has ``sigma^2 p/(n - p)`` instead.  ``inf`` for p <= n <= p + 1 with noise.
        `kdverify.size_error` says how far off it is at this n, to first order.

    Raises:
        ValueError, TypeError: n <= 0, a negative variance or ridge, a wrong length.

    Warns:
        NoFiniteMeanWarning: with noise and without ridge at p - 1 <= n <= p + 1.
        RuntimeWarning: where double precision does not reach the solution (`Code.NOT_CONVERGED`).

    Source: the paper's theorem on model shift; claims ``2.*``.

    >>> import kdverify as kd
    >>> problem = kd.Problem.power_law(p=500, alpha=2.0, beta=1.5)
    >>> round(kd.risk(problem, n=200), 10)
    0.1193669839
    """
    checks.instance("problem", problem, Problem)
    noise = checks.non_negative("noise_variance", noise_variance)
    vector = None if surrogate is None else vector_in_modes(problem, surrogate)
    at = _solved(problem, n, ridge, noise)
    if vector is None:
        return float(compose.standard_risk(float_modes(problem), at, noise))
    return float(compose.excess_risk(float_modes(problem), at, vector, noise))


def optimal_risk(problem: Problem, n: Any, noise_variance: Any = 0.0, ridge: Any = 0.0) -> float:
    """Excess risk of the student of the best surrogate: the minimum of `risk`."""
    checks.instance("problem", problem, Problem)
    noise = checks.non_negative("noise_variance", noise_variance)
    at = _solved(problem, n, ridge, noise)
    return float(compose.optimal_risk(float_modes(problem), at, noise))


def masked_risk(
    problem: Problem,
    n: Any,
    mask: Any = None,
    noise_variance: Any = 0.0,
    ridge: Any = 0.0,
) -> float:
    """Excess risk of the student of ``M beta*``.

    ``mask``: (p,) bool, the eigenmodes that the teacher keeps; None means the best mask.
    """
    checks.instance("problem", problem, Problem)
    noise = checks.non_negative("noise_variance", noise_variance)
    kept = None if mask is None else checks.mask("mask", mask, problem.p)
    at = _solved(problem, n, ridge, noise)
    if kept is None:
        kept = compose.keep_margins(at) > 0
    return float(compose.masked_risk(float_modes(problem), at, kept, noise))


def optimal_surrogate(problem: Problem, n: Any, ridge: Any = 0.0) -> np.ndarray:
    """(p,) the teacher that makes the best student: equation (4).

    In the problem's coordinates.  Independent of the noise.  Equal to beta* for n >= p
    without ridge.  Source: the paper's proposition; claim ``3.optimal``.
    """
    checks.instance("problem", problem, Problem)
    return problem.spectrum.from_modes(gains(problem, n, ridge) * problem.beta_modes)


def gains(source: Spectrum | Problem, n: Any, ridge: Any = 0.0) -> np.ndarray:
    """(p,) factor ``beta_opt_i / beta*_i`` of each eigenmode; needs no beta*.

    Above 1 iff ``zeta_i < 1 - Omega`` (the mode is amplified); 1 for n >= p without ridge.
    """
    return compose.gains(equivalents(source, n, ridge))


def improvements(source: Spectrum | Problem, n: Any, ridge: Any = 0.0) -> np.ndarray:
    """(p,) each eigenmode's optimal over its standard risk, noise part excluded: (5)."""
    return compose.improvements(equivalents(source, n, ridge))


def optimal_mask(source: Spectrum | Problem, n: Any, ridge: Any = 0.0) -> np.ndarray:
    """(p,) bool: the eigenmodes that the best masked teacher keeps; needs no beta*.

    A mode is kept iff ``zeta_i^2 < 1 - Omega``; a tie counts as dropped.  All are kept for
    n >= p without ridge.  Source: the paper; claim ``4.rule``.
    """
    return compose.keep_margins(equivalents(source, n, ridge)) > 0


@dataclass(frozen=True, eq=False, repr=False)
class Curve(Shown):
    """Learning curves over several n; every array has one entry per n, in the caller's order.

    ``standard``, ``optimal`` and ``masked`` are excess risks on strong labels, on those of
    the best surrogate and of the best mask (NaN for a spectrum without signal);
    ``kept`` counts the modes that the mask keeps, ``amplified`` those that the best
    surrogate amplifies.
    """

    n: np.ndarray
    tau: np.ndarray
    omega: np.ndarray
    one_minus_omega: np.ndarray
    standard: np.ndarray
    optimal: np.ndarray
    masked: np.ndarray
    kept: np.ndarray
    amplified: np.ndarray


def curve(source: Spectrum | Problem, n: Any, noise_variance: Any = 0.0, ridge: Any = 0.0) -> Curve:
    """All three risks, tau, Omega and the mode counts at each of several n.

    Arguments as in `risk`; ``n`` is one number or a sequence.  Many n cost little more than
    a few: the spectrum is compressed once (`kdverify.gaussian.solve.many_n`).
    """
    sizes = checks.sample_sizes("n", n)
    noise = checks.non_negative("noise_variance", noise_variance)
    ridge = checks.non_negative("ridge", ridge)
    p = spectrum_of(source).p
    for size in sizes:
        _warn_without_mean(size, p, ridge, noise, stacklevel=3)
    solved = [size for size in sizes if ridge > 0 or size < p]
    rows = dict(zip(solved, _swept(source, solved, noise, ridge), strict=True))
    for size in sizes:
        if size not in rows:
            rows[size] = _row(source, equivalents(source, size, ridge), noise)
    columns = zip(*(rows[size] for size in sizes), strict=True)
    return Curve(np.array(sizes), *(np.array(column) for column in columns))


def _swept(
    source: Spectrum | Problem, sizes: list[float], noise: float, ridge: float
) -> list[tuple[Any, ...]]:
    """Rows of a curve at the sizes that have a fixed point; one size is not worth a sweep."""
    if len(sizes) < 2:
        return [_row(source, equivalents(source, size, ridge), noise) for size in sizes]
    signal = source.signal if isinstance(source, Problem) else None
    sweep = Sweep(spectrum_of(source), signal)
    at = sweep.solve(sizes, ridge)
    risks = sweep.risks(at)
    noise_part = noise * formulas.variance_factor(at.omega, at.one_minus_omega)
    return list(
        zip(
            at.tau,
            at.omega,
            at.one_minus_omega,
            risks.standard + noise_part,
            risks.optimal + noise_part,
            risks.masked + noise_part,
            risks.kept,
            risks.amplified,
            strict=True,
        )
    )


def _row(source: Spectrum | Problem, at: Equivalents, noise: float) -> tuple[Any, ...]:
    return at.tau, at.omega, at.one_minus_omega, *risks_and_counts(compose, source, at, noise)


def risks_and_counts(
    recipes: Any, source: Spectrum | Problem, at: Any, noise: float
) -> tuple[Any, ...]:
    """Risks on strong labels, of the best surrogate and mask, modes kept, modes amplified.

    ``recipes``: the module of risks that goes with ``at``.  Risks are NaN without a signal.
    """
    kept = recipes.keep_margins(at) > 0
    amplified = int((recipes.amplification_margins(at) > 0).sum())
    risks: tuple[Any, ...] = (np.nan,) * 3
    if isinstance(source, Problem):
        modes = float_modes(source)
        risks = (
            recipes.standard_risk(modes, at, noise),
            recipes.optimal_risk(modes, at, noise),
            recipes.masked_risk(modes, at, kept, noise),
        )
    return *risks, int(kept.sum()), amplified


@dataclass(frozen=True, eq=False)
class _Modes:
    """A problem as `compose.Modes` in float64."""

    lam: np.ndarray
    beta_star: np.ndarray
    signal: np.ndarray
    total: Callable[..., Any] = np.sum


def float_modes(problem: Problem) -> compose.Modes:
    """Spectrum, ground truth and signal of a problem in float64."""
    return _Modes(problem.spectrum.eigenvalues, problem.beta_modes, problem.signal)


def vector_in_modes(problem: Problem, surrogate: Any) -> np.ndarray:
    """(p,) a surrogate in the eigenbasis, checked."""
    return problem.spectrum.to_modes(checks.real_vector("surrogate", surrogate, problem.p))


def _solved(source: Spectrum | Problem, n: Any, ridge: Any, noise: float) -> Equivalents:
    at = equivalents(source, n, ridge)
    _warn_without_mean(at.n, at.eigenvalues.size, at.ridge, noise)
    if not at.code.ok:
        warnings.warn(f"n={at.n!r}: {at.code.value}", RuntimeWarning, stacklevel=3)
    return at


def _warn_without_mean(n: float, p: int, ridge: float, noise: float, stacklevel: int = 4) -> None:
    if noise > 0 and ridge == 0 and p - 1 <= n <= p + 1:
        warnings.warn(
            f"n={n:g} at p={p}: the noise part of the risk has no finite mean for "
            "p - 1 <= n <= p + 1; use a ridge or another n",
            NoFiniteMeanWarning,
            stacklevel=stacklevel,
        )
