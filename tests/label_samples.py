"""Made-up rows of which some are labelled."""

import numpy as np

from kdverify import labels


def made(size=300, p=30, known=60, noise=0.5, seed=0, columns=1):
    """Gaussian rows, linear labels with noise, of which ``known`` are given."""
    rng = np.random.default_rng(seed)
    rows = rng.standard_normal((size, p)) * np.arange(1, p + 1) ** -0.5 + 0.3
    labels_ = rows @ rng.standard_normal((p, columns))
    labels_ += noise * rng.standard_normal(labels_.shape)
    return rows, labels_, np.sort(rng.choice(size, known, replace=False))


def curve_of(rows, values, known, **options):
    """Learning curve from the labels of the rows ``known``."""
    given = np.full(len(rows), np.nan)
    given[known] = values[known, 0]
    setting = labels.ask(rows, given, task="regression")
    return labels.learning_curve(setting, draws=3, **options)
