"""Pools and labels for the tests of section 9."""

import numpy as np

N, P, SAMPLES = 60, 8, 4
NOISE = 0.3


def random(*key):
    return np.random.default_rng([2024, *key])


def heavy_rows(size=N, p=P, key=0):
    """A scale mixture with eigenvalues 1/i."""
    generator = random(key, size, p)
    scale = np.sqrt(3 / generator.chisquare(3, (size, 1)))
    return scale * generator.standard_normal((size, p)) / np.sqrt(np.arange(1, p + 1))


def labels_of(features, columns=2, key=1):
    """Linear, not linear, noisy."""
    generator = random(key, *features.shape)
    linear = features @ generator.standard_normal((features.shape[1], columns))
    return linear + 0.5 * np.abs(linear) + 0.2 * generator.standard_normal(linear.shape)
