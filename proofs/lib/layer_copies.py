"""Students with random features on `copies` of a problem: integration by parts over W as well.

``W`` (q, p) has entries of variance 1/q, q >= p.  ``b = W'(W X'X W' + ridge)^-1 W X'y`` is then
``B X'y`` with ``B = (X'X + ridge (W'W)^-1)^-1``, so that rows enter as without features.
"""

from __future__ import annotations

from functools import cached_property

import numpy as np

from .copies import Array, Copies, Fit, Sample, mode_weights


class LayerFit(Fit):
    """Students of a batch of layers, (T, q, p); ``ridge`` as for `Fit`, above zero."""

    def __init__(self, on: Copies, sample: Sample, ridge: float, layer: Array) -> None:
        super().__init__(on, sample, ridge)
        self.features = layer.shape[1]
        self.penalty = self.ridge * np.linalg.inv(np.swapaxes(layer, 1, 2) @ layer)

    @cached_property
    def inverse(self) -> Array:
        """(T, p, p) B."""
        return np.linalg.inv(self.sample.moment(self.weights) + self.penalty)


def layer_means(on: Copies, fit: LayerFit, *products: Array) -> Array:
    """(T, m) variates of mean zero: ``q W'F`` less the divergence of F, for two kinds of fields F.

    ``R W A`` and ``R W diag(form) B A``: R is the resolvent of features, A is 1 or X'X, which are
    free of W.  Forms are eigenvalues and the first product; diagonals are summed with `products`
    as in `copies.zero_means`.
    """
    weights = mode_weights(on, fit, *products)
    B, G, q = fit.inverse, fit.sample.moment(fit.weights), fit.features
    both = G @ B
    left = np.eye(on.lam.size) - both
    squared = B @ fit.penalty @ B / fit.ridge  # W'R^2 W
    trace = (q - traces(both)) / fit.ridge  # of R
    gaps = [q * B - trace * left + G @ squared]
    for form in (on.lam, on.k * products[0]):
        right, through = form[:, None] * B, form[:, None] * squared
        made = B @ right
        spread = trace * (right - G @ made) + traces(through) * left
        spread += through - both @ through - G @ squared @ right
        gaps.append(q * made - spread)
    sums = [np.einsum("tii->ti", gap) for gap in gaps]
    sums += [np.einsum("tij,tji->ti", gap, G) for gap in gaps]
    return np.stack([one @ weight for one in sums for weight in weights], axis=1)


def traces(matrices: Array) -> Array:
    """(T, 1, 1) traces."""
    return np.trace(matrices, axis1=1, axis2=2)[:, None, None]
