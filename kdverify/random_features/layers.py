"""First layers that are not plain: structured weights, and layers whose weights are given.

Either makes a problem of its own, on which everything here and in `kdverify.gaussian` runs.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from kdverify import checks, formulas
from kdverify.problem import Problem, Spectrum
from kdverify.shown import Shown

#: Nodes of the quadrature over one normal variable.
NODES = 200


def structured(problem: Problem, weights_covariance: Any) -> Problem:
    """The problem in coordinates in which rows of W with a covariance are independent ones.

    For rows of W of N(0, C/q) ``W x`` is ``G C^(1/2) x``, G plain: inputs ``C^(1/2) x``, truth
    ``C^(-1/2) beta*``, exactly; so for every surrogate.

    Args:
        problem: covariance of the inputs and ground truth.
        weights_covariance: C: (p,) eigenvalues, all positive, in the eigenbasis of the inputs, or
            a (p, p) positive definite matrix in the problem's coordinates.
    """
    checks.instance("problem", problem, Problem)
    if np.ndim(weights_covariance) == 1:
        found = checks.eigenvalues("weights_covariance", weights_covariance)
        if found.size != problem.p:
            raise ValueError(
                f"weights_covariance of length {found.size} must have length p={problem.p}"
            )
        values = problem.spectrum.eigenvalues * found
        return Problem(Spectrum(values), problem.beta_modes / np.sqrt(found))
    matrix = checks.covariance("weights_covariance", weights_covariance)
    if len(matrix) != problem.p:
        raise ValueError(
            f"weights_covariance of shape {matrix.shape} must have shape ({problem.p}, {problem.p})"
        )
    values, vectors = np.linalg.eigh(matrix)
    if values[0] <= len(values) * np.finfo(float).eps * values[-1]:
        raise ValueError(f"weights_covariance must be positive definite: eigenvalue {values[0]:g}")
    root = (vectors * np.sqrt(values)) @ vectors.T
    truth = (vectors / np.sqrt(values)) @ (vectors.T @ problem.beta_star)
    return Problem(Spectrum.from_covariance(root @ _covariance(problem) @ root), truth)


@dataclass(frozen=True, eq=False, repr=False)
class GivenLayers(Shown):
    """A linear student on the last of several layers with given weights.

    Attributes:
        problem: covariance of the features, and the coefficients on them nearest to the truth.
        unexplained: energy of the labels that no linear function of the features has: it acts
            as label noise, and is added to every excess risk.
    """

    problem: Problem
    unexplained: float


def given_layers(
    problem: Problem,
    weights: Sequence[Any],
    activation: Callable[[np.ndarray], Any] | None = None,
) -> GivenLayers:
    """``z = phi(W_L ... phi(W_1 x))`` with given weights, by its Gaussian equivalent.

    Args:
        problem: covariance of the Gaussian inputs and ground truth.
        weights: W_l of shape (q_l, q_(l-1)), the first (q_1, p), in the problem's coordinates.
        activation: phi, on arrays, not constant; None: linear layers, for which all of this is
            exact.

    An activation of ``v z``, v^2 the mean variance of the layer's sums, is taken for its linear
    part and independent noise; features are taken around their means.  The risk on strong labels
    is ``kd.risk(found.problem, n, None, noise + found.unexplained, ridge) + found.unexplained``.
    """
    checks.instance("problem", problem, Problem)
    if not isinstance(weights, Sequence | np.ndarray) or len(weights) == 0:
        raise TypeError(f"weights={checks.shown(weights)} must be a list of matrices, one a layer")
    covariance = _covariance(problem)
    crossed = covariance @ problem.beta_star
    energy = float(problem.signal.sum())
    nodes, densities = np.polynomial.hermite_e.hermegauss(NODES)
    densities = densities / densities.sum()
    for place, given in enumerate(weights):
        w = checks.data_matrix(f"weights[{place}]", given, len(covariance))
        if not w.any():
            raise ValueError(f"weights[{place}] must not all be zero")
        covariance, crossed = w @ covariance @ w.T, w @ crossed
        if activation is None:
            continue
        spread = float(covariance.diagonal().mean())
        values = _applied(activation, math.sqrt(spread) * nodes)
        slope = float(densities @ (nodes * values)) / math.sqrt(spread)
        mean, square = float(densities @ values), float(densities @ values**2)
        rest = max(formulas.activation_rest(square, mean, slope, spread), 0.0)
        covariance = slope * slope * covariance + rest * np.eye(len(w))
        crossed = slope * crossed
    truth = np.linalg.solve(covariance, crossed)
    return GivenLayers(
        Problem(Spectrum.from_covariance(covariance), truth),
        max(energy - float(crossed @ truth), 0.0),
    )


def _applied(activation: Callable[[np.ndarray], Any], nodes: np.ndarray) -> np.ndarray:
    """An activation on an array: one finite number each, not all the same."""
    if not callable(activation):
        raise TypeError(f"activation={checks.shown(activation)} must be a function of an array")
    try:
        values = checks.real_array("activation(z)", activation(nodes) * 1, "vector")
    except (TypeError, ValueError) as error:
        raise TypeError(f"activation must make real numbers of an array: {error}") from None
    if values.shape != nodes.shape:
        raise ValueError(
            f"activation must work entry by entry: of shape {nodes.shape} it makes {values.shape}"
        )
    if not np.isfinite(values).all():
        raise ValueError("activation must make finite numbers")
    if np.ptp(values) <= 1e-12 * np.abs(values).max():
        raise ValueError("activation must not be constant")
    return values


def _covariance(problem: Problem) -> np.ndarray:
    """Sigma in the problem's coordinates."""
    lam, basis = problem.spectrum.eigenvalues, problem.spectrum.basis
    return np.diag(lam) if basis is None else (basis * lam) @ basis.T
