"""Labels of several kinds in one training set: (14), and (15) for weights in the loss.

A share of the rows has real labels, the rest those of surrogates (pseudo-labels), each kind with
its own noise.  Risks are excess risks, label noise not added, deterministic equivalents as in
`kdverify.risk`; rows of all kinds have the problem's covariance.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from kdverify import checks, formulas
from kdverify.gaussian import risks as compose
from kdverify.gaussian.numbers import FloatModes, Numbers, numbers
from kdverify.gaussian.solve.weighted import Weighted
from kdverify.problem import Problem
from kdverify.training import Coefficients


@dataclass(frozen=True, eq=False)
class Kind:
    """One kind of label.

    Args:
        share: fraction of the rows that have it; all shares add up to 1.
        surrogate: None for beta*; (p,) coefficients in the problem's coordinates; or the
            `Coefficients` of a trained surrogate (float64 only), independent of these rows and of
            the other kinds.
        noise_variance: variance of the noise in these labels.
        weight: of their squared errors in the loss; 0 leaves the rows out.
    """

    share: Any
    surrogate: Any = None
    noise_variance: Any = 0.0
    weight: Any = 1.0


def mixed_risk(
    problem: Problem, n: Any, kinds: Sequence[Kind], ridge: Any = 0.0, digits: int | None = None
) -> Any:
    """Excess risk of the student of ``sum_i v_i (y_i - x_i'b)^2 + ridge |b|^2``: (14), (15).

    Args:
        n: rows of all kinds together.
        kinds: at least one.  Those without rows or weight are left out; without ridge other
            weights make no difference for n <= p (all rows left are fitted), and must be equal
            for n > p.
        digits: None for float64, else a ball with so many certified digits.

    Raises:
        ValueError, TypeError: shares that do not add up to 1, negative weights, all weights zero.

    Source: claims ``11.mixed``, ``11.weighted``.
    """
    with numbers(problem, digits) as on:
        n, kinds, weights = trained_on(on, n, kinds)
        equal = len(set(map(float, weights))) == 1
        if not equal and ridge == 0:
            if checks.positive("n", n) > problem.p:
                raise ValueError("weights must be equal for n > p without ridge")
            equal = True
        value = (_one_noise if equal else _weighted)(on, problem, n, kinds, weights, ridge)
        return value if digits else float(value)


def trained_on(on: Numbers, n: Any, kinds: Sequence[Kind]) -> tuple[Any, Sequence[Kind], list[Any]]:
    """Rows, kinds and weights in the loss, without those that have no rows or no weight."""
    checks.instances("kinds", kinds, Kind)
    shares = [checks.exact("share", kind.share) for kind in kinds]
    for share in shares:
        checks.fraction("share", share)
    checks.adds_up("shares", shares)
    weights = [on.number("weight", kind.weight) for kind in kinds]
    kept = [k for k, share in enumerate(shares) if share > 0 and weights[k] > 0]
    if not kept:
        raise ValueError("weights must not be zero for all rows")
    if len(kept) < len(shares):
        total = sum(shares[k] for k in kept)
        n = checks.exact("n", n) * total
        kinds = [replace(kinds[k], share=shares[k] / total) for k in kept]
    return n, kinds, [weights[k] for k in kept]


def coordinates(problem: Problem, surrogate: Any) -> tuple[np.ndarray, np.ndarray]:
    """Mean and variance of a surrogate's coordinates in the eigenbasis."""
    if isinstance(surrogate, Coefficients):
        return surrogate.mean, surrogate.variances
    if surrogate is None:
        return problem.beta_modes, np.zeros(problem.p)
    vector = checks.real_vector("surrogate", surrogate, problem.p)
    return problem.spectrum.to_modes(vector), np.zeros(problem.p)


def ridge_of_weight(ridge: Any, weight: Any) -> Any:
    """The ridge that does what ``ridge`` does where all rows have this weight."""
    return ridge if weight == 1 else float(ridge) / float(weight)


def laws(on: Numbers, problem: Problem, kinds: Sequence[Kind]) -> list[tuple[Any, Any]]:
    """Means of all kinds' coordinates, and their variances (None without)."""
    return [
        coordinates(problem, kind.surrogate)
        if isinstance(kind.surrogate, Coefficients)
        else (on.vector("surrogate", kind.surrogate), None)
        for kind in kinds
    ]


def _one_noise(
    on: Numbers, problem: Problem, n: Any, kinds: Sequence[Kind], weights: list[Any], ridge: Any
) -> Any:
    """(14): one surrogate, one noise."""
    modes = on.modes
    shares = [on.number("share", kind.share) for kind in kinds]
    coordinates = laws(on, problem, kinds)
    at = on.solve(n, ridge_of_weight(ridge, weights[0]))
    centre = sum(s * mean for s, (mean, _) in zip(shares, coordinates, strict=True))
    noise = 0 * shares[0]
    for s, kind, (mean, _) in zip(shares, kinds, coordinates, strict=True):
        apart = formulas.disagreement(modes.lam, mean, centre, modes.total)
        noise = noise + s * (on.number("noise_variance", kind.noise_variance) + apart)
    risk = compose.excess_risk(modes, at, centre, noise)
    for s, (_, variance) in zip(shares, coordinates, strict=True):
        if variance is not None:  # independent of the others: its square by itself
            random = np.sqrt(variance)
            zero = FloatModes(modes.lam, 0 * random, modes.signal)
            spread = s * (1 - s) * float((modes.lam * variance).sum())
            risk = risk + compose.excess_risk(zero, at, s * random, spread)
    return risk


def _weighted(
    on: Numbers, problem: Problem, n: Any, kinds: Sequence[Kind], weights: list[Any], ridge: Any
) -> Any:
    """(15)."""
    modes = on.modes
    shares = [on.number("share", kind.share) for kind in kinds]
    coordinates = laws(on, problem, kinds)
    at = Weighted.solve(problem, n, shares, weights, ridge, on)
    centre = sum(c * mean for c, (mean, _) in zip(at.pulls, coordinates, strict=True))
    errors = []
    for kind, (mean, _) in zip(kinds, coordinates, strict=True):
        noise = on.number("noise_variance", kind.noise_variance)
        errors.append(
            formulas.unseen_error(modes.lam, mean, centre, at.one_minus_zeta, noise, modes.total)
        )
    risk = at.risk(modes, centre, modes.beta_star, errors)
    for k, (_, variance) in enumerate(coordinates):
        if variance is None:
            continue
        random, pull = np.sqrt(variance), at.pulls[k]
        own = [
            formulas.unseen_error(
                modes.lam, (g == k) * random, pull * random, at.one_minus_zeta, 0.0, modes.total
            )
            for g in range(len(kinds))
        ]
        risk = risk + at.risk(modes, pull * random, 0 * random, own)
    return risk
