"""Kernels of wide fully-connected networks in closed form: NNGP and neural tangent kernel.

At infinite width a network at its initialisation is a Gaussian process with the first kernel,
and one that is trained by gradient descent on squares is kernel regression with the second.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass
from functools import cache
from typing import Any

import numpy as np

from kdverify import checks, formulas

ACTIVATIONS = ("relu", "erf")
#: Of an activation of your own: terms of its Hermite series, and nodes for their coefficients.
TERMS, NODES = 60, 200


@dataclass(frozen=True)
class NetworkKernel:
    """The kernel of ``depth`` hidden layers and a linear readout of variance 1 without bias.

    Every layer is ``sqrt(weight_variance/width) W h + sqrt(bias_variance) b``, W and b of
    independent N(0, 1) entries that are trained, the readout too.  The kernel of two inputs of
    squared norm d with cosine t is `__call__`, dot-product kernel for `kdverify.kernels.sphere`
    and `kdverify.kernels.cube`; `gram` takes any rows.

    Attributes:
        depth: hidden layers, at least 1.
        activation: ``relu`` or ``erf``; or a function of arrays, taken as its Hermite series of
            60 terms: of tangent kernels, sines to rounding, erf to 1e-4, kinks to some percent.
        weight_variance, bias_variance: of the hidden layers.
        tangent: the neural tangent kernel; False: the covariance of the outputs (NNGP).

    Source: claim ``16.networks``.

    >>> import kdverify as kd
    >>> kernel = NetworkKernel(depth=2)
    >>> levels = kd.kernels.sphere(kernel, dimension=10, degrees=8)
    >>> round(float(levels.eigenvalues[1]), 4), int(levels.multiplicities[1])
    (0.101, 10)
    """

    depth: int = 1
    activation: str | Callable[[np.ndarray], Any] = "relu"
    weight_variance: float = 2.0
    bias_variance: float = 0.0
    tangent: bool = True

    def __post_init__(self) -> None:
        checks.count("depth", self.depth)
        if not callable(self.activation):
            checks.choice("activation", self.activation, ACTIVATIONS)
        checks.positive("weight_variance", self.weight_variance)
        checks.non_negative("bias_variance", self.bias_variance)

    def __call__(self, cosines: Any) -> np.ndarray:
        """K(t) for cosines t in [-1, 1] of inputs with the squared norm d."""
        t = np.asarray(cosines, dtype=float)
        if not np.all(np.abs(t) <= 1):
            raise ValueError(f"cosines={checks.shown(cosines)} must lie between -1 and 1")
        return self._kernel(t, np.ones(()), np.ones(()))

    def gram(self, rows: Any, others: Any = None) -> np.ndarray:
        """(N, M) kernel of rows (N, d) and others (M, d), None for the rows themselves."""
        x = checks.feature_rows("rows", rows)
        y = x if others is None else checks.data_matrix("others", others, x.shape[1])
        d = x.shape[1]
        first, second = (np.vecdot(z, z) / d for z in (x, y))
        return self._kernel(x @ y.T / d, first[:, None], second)

    def features(self, rows: Any) -> np.ndarray:
        """(N, r) features whose products are `gram`: rows for `kdverify.Question`.

        Directions below rounding are left out.
        """
        values, vectors = np.linalg.eigh(self.gram(rows))
        kept = values > len(values) * np.finfo(float).eps * values[-1]
        return np.asarray(vectors[:, kept] * np.sqrt(values[kept]))

    def _kernel(self, both: np.ndarray, first: np.ndarray, second: np.ndarray) -> np.ndarray:
        """From covariance and variances of the inputs, layer by layer."""
        layer = self.weight_variance, self.bias_variance
        both, first, second = (formulas.next_covariance(c, *layer) for c in (both, first, second))
        tangent = both
        for place in range(self.depth):
            weight, bias = layer if place < self.depth - 1 else (1.0, 0.0)
            hidden, slopes = self._means(both, first, second)
            first, second = (
                formulas.next_covariance(self._means(c, c, c)[0], weight, bias)
                for c in (first, second)
            )
            both = formulas.next_covariance(hidden, weight, bias)
            tangent = formulas.next_tangent(both, tangent, weight, slopes)
        return np.asarray(tangent if self.tangent else both)

    def _means(
        self, both: np.ndarray, first: np.ndarray, second: np.ndarray
    ) -> tuple[np.ndarray, np.ndarray]:
        """Means of the products of the activation and of its slope."""
        if self.activation == "erf":
            one, other = 1 + 2 * first, 1 + 2 * second
            square = one * other
            root = np.sqrt(square - 4 * both * both)
            angle = np.arcsin(2 * both / np.sqrt(square))
            return formulas.erf_covariance(angle, math.pi), formulas.erf_slopes(root, math.pi)
        length = np.sqrt(first * second)
        cosine = np.clip(both / np.where(length > 0, length, 1.0), -1, 1)
        if callable(self.activation):
            return self._by_series(first, second, length, cosine)
        angle, sine = np.arccos(cosine), np.sqrt((1 - cosine) * (1 + cosine))
        hidden = formulas.relu_covariance(length, angle, sine, cosine, math.pi)
        return hidden, formulas.relu_slopes(angle, math.pi)

    def _by_series(
        self, first: np.ndarray, second: np.ndarray, length: np.ndarray, cosine: np.ndarray
    ) -> tuple[np.ndarray, np.ndarray]:
        """``sum a_n b_n cosine^n``, and its derivative by the covariance (Price's theorem)."""
        assert callable(self.activation)
        nodes, polynomials = _hermite()
        one, other = (
            np.asarray(self.activation(np.sqrt(c)[..., None] * nodes)) @ polynomials
            for c in (first, second)
        )
        hidden, slopes = np.zeros_like(cosine), np.zeros_like(cosine)
        for n in reversed(range(TERMS)):
            product = one[..., n] * other[..., n]
            hidden = hidden * cosine + product
            if n:
                slopes = slopes * cosine + n * product
        return hidden, slopes / np.where(length > 0, length, 1.0)


@cache
def _hermite() -> tuple[np.ndarray, np.ndarray]:
    """Nodes, and normed Hermite polynomials there times the weights, (nodes, terms)."""
    nodes, weights = np.polynomial.hermite_e.hermegauss(NODES)
    rows = [np.ones(NODES), nodes]
    for n in range(1, TERMS - 1):
        rows.append((nodes * rows[n] - math.sqrt(n) * rows[n - 1]) / math.sqrt(n + 1))
    return nodes, (np.array(rows) * (weights / weights.sum())).T
