"""Made-up laws of rows, from Gaussian to far from it: each gives (size, p) independent rows."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

#: Chance that an entry of `sparse` is not zero, and inputs of `relu_features`.
DENSITY, INPUTS = 0.25, 10


def gaussian(generator: np.random.Generator, size: int, p: int) -> np.ndarray:
    """Gaussian rows, eigenvalues 1/i."""
    return generator.standard_normal((size, p)) * np.arange(1.0, p + 1) ** -0.5


def student_mixture(generator: np.random.Generator, size: int, p: int) -> np.ndarray:
    """``x = s Sigma^(1/2) g`` with ``1/s^2 ~ chi^2_3/3``: multivariate t with 3 degrees."""
    scale = np.sqrt(3 / generator.chisquare(3, (size, 1)))
    return gaussian(generator, size, p) * scale


def sparse(generator: np.random.Generator, size: int, p: int) -> np.ndarray:
    """A quarter of the entries is not zero, of equal variance."""
    return generator.standard_normal((size, p)) * (generator.random((size, p)) < DENSITY)


def two_gaussians(generator: np.random.Generator, size: int, p: int) -> np.ndarray:
    """Two covariances, turned against each other, of scales 1 and 1/25."""
    small = gaussian(generator, size, p)[:, ::-1] / 5
    return np.where(generator.random((size, 1)) < 0.5, gaussian(generator, size, p), small)


def relu_weights(generator: np.random.Generator, inputs: int, width: int) -> np.ndarray:
    """(inputs, width) first layer of random ReLU features, ``w ~ N(0, I/inputs)``."""
    return generator.standard_normal((inputs, width)) / np.sqrt(inputs)


def relu_features(generator: np.random.Generator, size: int, p: int) -> np.ndarray:
    """Random ReLU features of ten Gaussian inputs."""
    weights = relu_weights(generator, INPUTS, p)
    return np.maximum(generator.standard_normal((size, INPUTS)) @ weights, 0.0)


#: Name -> law.
LAWS: dict[str, Callable[[np.random.Generator, int, int], np.ndarray]] = {
    "Gaussian": gaussian,
    "Student t3 mixture": student_mixture,
    "sparse": sparse,
    "two Gaussians": two_gaussians,
    "ReLU features": relu_features,
}


def noisy_classes(
    generator: np.random.Generator, weights: np.ndarray, rows: np.ndarray, noise: float = 0.3
) -> np.ndarray:
    """(N,) the largest of the forms ``x'w_k + noise |x| g_k``, for ``weights`` (p, K)."""
    forms = rows @ weights
    lengths = np.linalg.norm(rows, axis=1)[:, None]
    return np.asarray(
        (forms + noise * (generator.standard_normal(forms.shape) * lengths)).argmax(1)
    )
