"""Kernels on known domains: eigenvalues with multiplicities, as a `Spectrum`.

Kernel regression is ridge regression on the kernel's eigenfunctions, so that everything the
Gaussian theory says of a spectrum it says of a kernel, as an approximation: eigenfunctions are
not independent Gaussian features.  Cut off at some degree, what is left of the trace acts as a
ridge of that size (`Levels.tail`).

Exact: the unit sphere and the cube of signs for any dot-product kernel, Gaussian inputs for the
kernels ``exp(s x.y - damping (|x|^2 + |y|^2)/2)``, the Gaussian and the exponential one among
them.  Approximate: any dot-product kernel on Gaussian inputs (`hermite_ansatz`).
"""

from __future__ import annotations

import heapq
import math
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
from scipy.special import roots_legendre

from kdverify import checks, formulas
from kdverify.network_kernels import NetworkKernel as NetworkKernel
from kdverify.problem import Problem, Spectrum
from kdverify.shown import Shown

#: Nodes of the quadrature: this many, and for each degree and square root of the dimension.
NODES, DEGREE_NODES, DIMENSION_NODES = 200, 2, 8
#: Eigenvalues that are smaller than this fraction of the largest are rounding.
ROUNDING = 1e-12


@dataclass(frozen=True, eq=False, repr=False)
class Levels(Shown):
    """Eigenvalues of a kernel by level, each with its multiplicity.

    Attributes:
        eigenvalues: (L,) in the order of the levels; 0 where a kernel has no such degree.
        multiplicities: (L,) whole numbers.
        tail: what is left of the trace ``E K(x, x)``: the sum of all eigenvalues that are not kept.
    """

    eigenvalues: np.ndarray
    multiplicities: np.ndarray
    tail: float

    @property
    def kept(self) -> np.ndarray:
        """(L,) bool: the levels with an eigenvalue above rounding."""
        return np.asarray(self.eigenvalues > ROUNDING * self.eigenvalues.max())

    def spectrum(self) -> Spectrum:
        """The levels that are kept, each eigenvalue as often as its multiplicity says."""
        return Spectrum.from_multiplicities(
            self.eigenvalues[self.kept], self.multiplicities[self.kept]
        )

    def problem(self, energies: Any) -> Problem:
        """A target with the squared norm ``energies`` (L,) in each level, spread evenly in it.

        Raises:
            ValueError: for energy where the kernel has no eigenvalue: it cannot be learnt.
        """
        values = checks.energies("energies", energies, self.eigenvalues.size)
        lost = np.flatnonzero((values > 0) & ~self.kept)
        if lost.size:
            raise ValueError(
                f"energies[{lost[0]}]={values[lost[0]]:g} must be 0: the kernel has no such level"
            )
        each = np.sqrt(values / self.multiplicities / np.where(self.kept, self.eigenvalues, 1.0))
        return Problem(self.spectrum(), np.repeat(each[self.kept], self.multiplicities[self.kept]))


def sphere(kernel: Callable[[np.ndarray], Any], dimension: int, degrees: int) -> Levels:
    """A dot-product kernel ``K(x.y)`` on the unit sphere of R^d, uniform inputs: Funk and Hecke.

    Args:
        kernel: K on [-1, 1], an array at a time.
        dimension: d >= 2; 2 is the circle.
        degrees: highest degree of spherical harmonics, at least 1.

    Eigenvalues are integrals over the angle by Gauss-Legendre quadrature, exact to rounding for
    kernels that are smooth functions of the angle, as those of networks are; a kink inside
    converges like a power of the number of nodes.  Source: claim ``16.sphere``.
    """
    d = checks.count("dimension", dimension, minimum=2)
    top = checks.count("degrees", degrees)
    places, weights = roots_legendre(
        NODES + DEGREE_NODES * top + round(DIMENSION_NODES * math.sqrt(d))
    )
    angles = math.pi / 2 * (1 + places)
    nodes, weights = np.cos(angles), weights * np.sin(angles) ** (d - 2)
    values = _values(kernel, nodes) * (weights / weights.sum())
    found, before, last = [float(values.sum())], np.ones_like(nodes), nodes
    counts = [1, d]
    for k in range(1, top + 1):
        found.append(float((values * last).sum()))
        before, last = last, formulas.next_gegenbauer(nodes, last, before, k, d)
        counts.append(round(formulas.next_multiplicity(counts[-1], k, d)))
    return _levels(found, counts[: top + 1], float(_values(kernel, np.ones(1))[0]))


def cube(kernel: Callable[[np.ndarray], Any], dimension: int, degrees: int | None = None) -> Levels:
    """A kernel ``K(x.y/d)`` on the cube {-1, 1}^d: its eigenfunctions are the parities.

    ``degrees``: the highest, d unless given.  Source: claim ``16.cube``.
    """
    d = checks.count("dimension", dimension)
    top = d if degrees is None else checks.count("degrees", degrees)
    checks.at_most("degrees", top, d, "dimension")
    flips = np.arange(d + 1)
    logs = [math.lgamma(d + 1) - math.lgamma(j + 1) - math.lgamma(d - j + 1) for j in flips]
    values = _values(kernel, 1 - 2 * flips / d) * np.exp(np.array(logs) - d * math.log(2))
    before, last = np.ones(d + 1), 1 - 2 * flips / d
    found = [float(values.sum())]
    for k in range(1, top + 1):
        found.append(float((values * last).sum()))
        if k < d:
            before, last = last, formulas.next_krawtchouk(flips, last, before, k, d)
    counts = [math.comb(d, k) for k in range(top + 1)]
    return _levels(found, counts, float(_values(kernel, np.ones(1))[0]))


def gaussian_inputs(
    variances: Any, product: float, damping: float | None = None, count: int = 1000
) -> Levels:
    """``exp(s x.y - damping (|x|^2 + |y|^2)/2)`` on independent Gaussian inputs: Mehler.

    Args:
        variances: (d,) of the inputs.
        product: s > 0.
        damping: None: s, the Gaussian kernel ``exp(-s |x - y|^2/2)``; 0: the exponential kernel
            ``exp(s x.y)``, which has a finite trace where ``2 s gamma < 1`` for every variance.
        count: the largest eigenvalues that are returned, each with multiplicity 1.

    Source: claim ``16.mehler``.
    """
    gamma = checks.eigenvalues("variances", variances)
    s = checks.positive("product", product)
    damped = s if damping is None else checks.non_negative("damping", damping)
    number = checks.count("count", count)
    if (2 * (s - damped) * gamma >= 1).any():
        worst = int(np.argmax(gamma))
        raise ValueError(
            f"variances[{worst}]={gamma[worst]:g} must be below {1 / (2 * (s - damped)):g}: the "
            "kernel's trace is infinite"
        )
    root = np.sqrt(formulas.mehler_root_squared(gamma, s, damped))
    ratio = formulas.mehler_ratio(gamma, s, damped, root)
    first = math.sqrt(math.prod(formulas.mehler_first_squared(gamma, damped, root).tolist()))
    found = np.array(_largest_products(ratio, number)) * first
    # E exp((s - damping) x^2) of every input
    trace = math.prod((1 / np.sqrt(1 - 2 * (s - damped) * gamma)).tolist())
    return Levels(found, np.ones(found.size, dtype=int), max(trace - math.fsum(found), 0.0))


def hermite_ansatz(coefficients: Any, variances: Any, count: int = 1000) -> Levels:
    """Any dot-product kernel ``sum_l c_l (x.y)^l/l!`` on independent Gaussian inputs: an ansatz.

    The eigenvalue of each product of Hermite polynomials of degrees a_i is taken for
    ``c_l prod gamma_i^a_i``, l their sum (Karkada, Turnbull, Liu, Simon 2025).  An approximation
    that becomes exact as the variances fall; for ``exp(s x.y)`` compare `gaussian_inputs`.

    Args:
        coefficients: c_0, c_1, ..., not negative; degrees beyond have none.
        variances: (d,) of the inputs.
        count: the largest eigenvalues that are returned, each with multiplicity 1.
    """
    gamma = checks.eigenvalues("variances", variances)
    series = checks.real_vector("coefficients", coefficients)
    checks.energies("coefficients", series, series.size)
    number = checks.count("count", count)
    found: list[float] = []
    for degree, coefficient in enumerate(series.tolist()):
        if coefficient > 0:
            found += [coefficient * v for v in _products_of_degree(gamma, degree, number)]
    kept = np.sort(found)[::-1][:number]
    factorials = [math.factorial(degree) for degree in range(series.size)]
    norms = [_mean_power(gamma, degree) for degree in range(series.size)]
    trace = math.fsum(c * m / q for c, m, q in zip(series, norms, factorials, strict=True))
    return Levels(kept, np.ones(kept.size, dtype=int), max(trace - math.fsum(kept), 0.0))


def _products_of_degree(gamma: np.ndarray, degree: int, count: int) -> list[float]:
    """The largest ``count`` products of so many variances, falling."""
    products = np.ones(1)
    last = np.zeros(1, dtype=int)
    order = np.sort(gamma)[::-1]
    for _ in range(degree):  # factors in order, so that each product is made once
        pairs = [
            (value * order[k], k)
            for value, first in zip(products.tolist(), last.tolist(), strict=True)
            for k in range(first, order.size)
        ]
        pairs.sort(reverse=True)
        products = np.array([value for value, _ in pairs])
        last = np.array([k for _, k in pairs])
    return products[:count].tolist()


def _mean_power(gamma: np.ndarray, degree: int) -> float:
    """``E |x|^(2 degree)`` from the cumulants ``2^(j-1) (j-1)! sum gamma^j`` of ``|x|^2``."""
    means = [1.0]
    for order in range(1, degree + 1):
        means.append(
            math.fsum(
                math.comb(order - 1, j - 1)
                * 2 ** (j - 1)
                * math.factorial(j - 1)
                * float((gamma**j).sum())
                * means[order - j]
                for j in range(1, order + 1)
            )
        )
    return means[degree]


def _values(kernel: Callable[[np.ndarray], Any], nodes: np.ndarray) -> np.ndarray:
    values = checks.real_vector("kernel's values", kernel(nodes), None)
    if values.size != nodes.size:
        raise ValueError(f"kernel must return one value a node, not {values.size}")
    return values


def _levels(found: list[float], counts: list[int], trace: float) -> Levels:
    eigenvalues = np.array(found)
    below = np.flatnonzero(eigenvalues < -ROUNDING * np.abs(eigenvalues).max())
    if below.size:
        raise ValueError(
            f"kernel must be positive: its eigenvalue of degree {below[0]} is "
            f"{eigenvalues[below[0]]:g}"
        )
    eigenvalues = np.maximum(eigenvalues, 0.0)
    multiplicities = np.array(counts)
    kept = eigenvalues > ROUNDING * eigenvalues.max()  # rounding, times how many there are, is none
    tail = trace - math.fsum(eigenvalues[kept] * multiplicities[kept])
    return Levels(eigenvalues, multiplicities, max(tail, 0.0))


def _largest_products(ratios: np.ndarray, count: int) -> list[float]:
    """The largest products of powers of the ratios, all in (0, 1), from 1 downward."""
    order = np.sort(ratios)[::-1]
    heap: list[tuple[float, tuple[int, ...], int]] = [(-1.0, (), 0)]
    found: list[float] = []
    while heap and len(found) < count:
        value, _, first = heapq.heappop(heap)
        found.append(-value)
        for k in range(first, order.size):
            heapq.heappush(heap, (value * order[k], (len(found), k), k))
    return found
