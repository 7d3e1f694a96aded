"""Random features in double precision: risks, the best surrogate, the best mask.

A student sees ``z = W x`` with a random first layer W (q, p) of independent N(0, 1/q) entries
and fits its q coefficients to n labels ``x' surrogate + noise`` by ridge regression, or without
ridge by the minimum norm (n < q) or least squares (n >= q).  Risks are excess risks ``|Sigma^(1/2)
(W' a - beta*)|^2``: the label noise is not added.  They are deterministic equivalents of the
risk over the draw of W and of the sample, for Gaussian inputs; where n and q reach p without
ridge the exact mean of least squares.
"""

from __future__ import annotations

import warnings
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

import numpy as np

from kdverify import checks
from kdverify.gaussian.theory import (
    NoFiniteMeanWarning,
    float_modes,
    risks_and_counts,
    vector_in_modes,
)
from kdverify.problem import Problem, Spectrum
from kdverify.random_features import risks
from kdverify.random_features.solve import FeatureEquivalents, equivalents
from kdverify.shown import Shown

__all__ = [
    "Curve",
    "curve",
    "gains",
    "improvements",
    "masked_risk",
    "optimal_mask",
    "optimal_risk",
    "optimal_surrogate",
    "risk",
]


def risk(
    problem: Problem,
    n: Any,
    features: Any,
    surrogate: Any = None,
    noise_variance: Any = 0.0,
    ridge: Any = 0.0,
) -> float:
    """Excess risk (17) of a random-feature student that trains on n labels of ``surrogate``.

    Args:
        problem: covariance of the inputs and ground truth beta*.
        n: number of samples, any positive real number.
        features: q >= 1, number of random features; a tuple of widths: several random layers.
        surrogate: (p,) the teacher's coefficients on the inputs, in the problem's coordinates;
            None means beta*, that is strong labels.
        noise_variance: of the labels; it is not itself added to the result.
        ridge: delta >= 0 of ``|y - Za|^2 + delta |a|^2``, a sum over samples.

    Raises:
        ValueError, TypeError: n <= 0, features < 1, a negative variance or ridge, a wrong
            length; n = features < p without ridge.

    Warns:
        NoFiniteMeanWarning: without ridge at abs(n - features) <= 1 below p, where the exact
            risk has no finite mean; with noise at p - 1 <= n <= p + 1 where features >= p.
        RuntimeWarning: where double precision does not reach the solution.

    Source: strong labels Defilippis, Loureiro, Misiakiewicz 2024; any surrogate claim
    ``12.risk``.

    >>> import kdverify as kd
    >>> problem = kd.Problem.power_law(p=500, alpha=2.0, beta=1.5)
    >>> round(kd.random_features.risk(problem, n=200, features=400), 10)
    0.2080332624
    """
    checks.instance("problem", problem, Problem)
    noise = checks.non_negative("noise_variance", noise_variance)
    at = _solved(problem, n, features, ridge, noise)
    if surrogate is None:
        return float(risks.standard_risk(float_modes(problem), at, noise))
    teacher = vector_in_modes(problem, surrogate)
    return float(risks.excess_risk(float_modes(problem), at, teacher, noise))


def optimal_risk(
    problem: Problem, n: Any, features: Any, noise_variance: Any = 0.0, ridge: Any = 0.0
) -> float:
    """Excess risk of the student of the best surrogate: the minimum of `risk`."""
    checks.instance("problem", problem, Problem)
    noise = checks.non_negative("noise_variance", noise_variance)
    at = _solved(problem, n, features, ridge, noise)
    return float(risks.optimal_risk(float_modes(problem), at, noise))


def masked_risk(
    problem: Problem,
    n: Any,
    features: Any,
    mask: Any = None,
    noise_variance: Any = 0.0,
    ridge: Any = 0.0,
) -> float:
    """Excess risk of the student of ``M beta*``.

    ``mask``: (p,) bool, the eigenmodes that the teacher keeps; None means the best mask.
    """
    checks.instance("problem", problem, Problem)
    noise = checks.non_negative("noise_variance", noise_variance)
    at = _solved(problem, n, features, ridge, noise)
    kept = risks.keep_margins(at) > 0 if mask is None else checks.mask("mask", mask, problem.p)
    return float(risks.masked_risk(float_modes(problem), at, kept, noise))


def optimal_surrogate(problem: Problem, n: Any, features: Any, ridge: Any = 0.0) -> np.ndarray:
    """(p,) the teacher that makes the best student, in the problem's coordinates.

    Independent of the noise.  Source: claim ``12.optimal``.
    """
    checks.instance("problem", problem, Problem)
    return problem.spectrum.from_modes(gains(problem, n, features, ridge) * problem.beta_modes)


def gains(source: Spectrum | Problem, n: Any, features: Any, ridge: Any = 0.0) -> np.ndarray:
    """(p,) factor ``beta_opt_i / beta*_i`` of each eigenmode; needs no beta*.

    Below 1 in every mode where features <= n without ridge.
    """
    return risks.gains(equivalents(source, n, features, ridge))


def improvements(source: Spectrum | Problem, n: Any, features: Any, ridge: Any = 0.0) -> np.ndarray:
    """(p,) each eigenmode's optimal over its standard risk, noise part excluded."""
    return risks.improvements(equivalents(source, n, features, ridge))


def optimal_mask(source: Spectrum | Problem, n: Any, features: Any, ridge: Any = 0.0) -> np.ndarray:
    """(p,) bool: the eigenmodes that the best masked teacher keeps; needs no beta*.

    A mode is kept iff ``zeta (zeta + eta (1 - zeta)) < 1 - Upsilon``: the dropped ones are those
    below some eigenvalue.  A tie counts as dropped.  Source: claims ``12.mask``, ``12.tail``.
    """
    return risks.keep_margins(equivalents(source, n, features, ridge)) > 0


@dataclass(frozen=True, eq=False, repr=False)
class Curve(Shown):
    """Learning curves over n, or over features; one entry for each pair, in the caller's order.

    ``standard``, ``optimal`` and ``masked`` are excess risks on strong labels, on those of the
    best surrogate and of the best mask (NaN for a spectrum without signal); ``kept`` counts the
    modes that the mask keeps, ``amplified`` those that the best surrogate amplifies.
    """

    n: np.ndarray
    features: np.ndarray
    nu: np.ndarray
    nu_1: np.ndarray
    upsilon: np.ndarray
    crowding: np.ndarray
    standard: np.ndarray
    optimal: np.ndarray
    masked: np.ndarray
    kept: np.ndarray
    amplified: np.ndarray


def curve(
    source: Spectrum | Problem,
    n: Any,
    features: Any,
    noise_variance: Any = 0.0,
    ridge: Any = 0.0,
) -> Curve:
    """All three risks, the fixed points and the mode counts for n and features, paired.

    ``n`` and ``features`` are numbers or sequences of one length; one number goes with all of
    the other.  An entry of ``features`` that is a tuple is a student of several layers.
    """
    if isinstance(features, tuple):
        raise TypeError(
            f"features={checks.shown(features)} must be a list here, a student an entry: a tuple "
            "would be the layers of one"
        )
    noise = checks.non_negative("noise_variance", noise_variance)
    sizes, widths = paired("features", checks.sample_sizes("n", n), features)
    rows = [
        _row(source, _solved(source, size, q, ridge, noise), noise)
        for size, q in zip(sizes, widths, strict=True)
    ]
    columns = zip(*rows, strict=True)
    layers = np.fromiter(widths, dtype=object if (tuple in map(type, widths)) else float)
    return Curve(np.array(sizes), layers, *(np.array(column) for column in columns))


def paired(name: str, sizes: list[float], values: Any) -> tuple[list[float], list[Any]]:
    """Two lists of one length, from a list and one number or a sequence."""
    several = isinstance(values, Iterable) and getattr(values, "ndim", 1) > 0
    entries = values if several else [values]
    others = [v if isinstance(v, tuple) else checks.number(name, v) for v in entries]
    if not others:
        raise ValueError(f"{name} must name at least one number")
    if 1 not in (len(sizes), len(others)) and len(sizes) != len(others):
        raise ValueError(f"{name} of length {len(others)} must have length {len(sizes)} as n has")
    length = max(len(sizes), len(others))
    return sizes * (length // len(sizes)), others * (length // len(others))


def _row(source: Spectrum | Problem, at: FeatureEquivalents, noise: float) -> tuple[Any, ...]:
    numbers = at.nu, at.nu_1, at.upsilon, at.crowding
    return *numbers, *risks_and_counts(risks, source, at, noise)


def _solved(
    source: Spectrum | Problem, n: Any, features: Any, ridge: Any, noise: float
) -> FeatureEquivalents:
    at = equivalents(source, n, features, ridge)
    warn_without_mean(at, noise, stacklevel=4)
    if not at.code.ok:
        warnings.warn(
            f"n={at.n!r}, features={at.q!r}: {at.code.value}", RuntimeWarning, stacklevel=3
        )
    return at


def warn_without_mean(at: FeatureEquivalents, noise: float, stacklevel: int) -> None:
    """Warn where the exact risk has no finite mean: n next to the student's dimension.

    Given W, the student is least squares on q Gaussian features; what these miss of the labels
    acts as noise, so that there is noise even for sigma = 0.
    """
    p = at.eigenvalues.size
    dimension, noisy = (at.q, True) if at.q < p else (p, noise > 0)
    if at.ridge == 0 and noisy and abs(at.n - dimension) <= 1:
        warnings.warn(
            f"n={at.n:g} with {dimension:g} free coefficients: the risk has no finite mean for "
            f"{dimension - 1:g} <= n <= {dimension + 1:g}; use a ridge or another n",
            NoFiniteMeanWarning,
            stacklevel=stacklevel,
        )
