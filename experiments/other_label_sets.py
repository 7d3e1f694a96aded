"""Feature matrices of other kinds for `few_labels`: nothing was chosen on them.

Each is a kind of data that users have and the other sets do not; some are meant to be refused.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Any

import numpy as np

from experiments.label_sets import Set, survey
from experiments.streams import made_up

Made = tuple[np.ndarray, np.ndarray]
#: A generator and the rows of normal columns of falling scale -> labels.
Labels = Callable[[np.random.Generator, np.ndarray], np.ndarray]
SIZE, COLUMNS = 6000, 60


def _linear(generator: np.random.Generator, rows: np.ndarray, size: float) -> np.ndarray:
    return np.asarray(rows @ generator.standard_normal(rows.shape[1]) * size)


def _falling(name: str, labels: Labels, times: int, _: str | None) -> Made:
    """Normal columns of scale ``k^-1/2``, each row ``times`` times, with some law of the labels."""
    generator = made_up("few labels", name)
    rows = generator.standard_normal((SIZE // times, COLUMNS)) * np.arange(1, COLUMNS + 1) ** -0.5
    rows = np.repeat(rows, times, axis=0)
    return rows, labels(generator, rows)


def _lognormal(generator: np.random.Generator, rows: np.ndarray) -> np.ndarray:
    noise = 0.8 * generator.standard_normal(len(rows))
    return np.asarray(np.exp(_linear(generator, rows, 0.4) + noise))


def _growing(generator: np.random.Generator, rows: np.ndarray) -> np.ndarray:
    noise = generator.standard_normal(len(rows)) * np.exp(rows[:, 0])
    return np.asarray(_linear(generator, rows, 0.5) + noise)


def _counted(generator: np.random.Generator, rows: np.ndarray) -> np.ndarray:
    return generator.poisson(np.exp(_linear(generator, rows, 0.3) - 0.5)).astype(float)


def _above(generator: np.random.Generator, rows: np.ndarray) -> np.ndarray:
    noise = generator.standard_normal(len(rows))
    return (_linear(generator, rows, 0.6) + noise > 0.3).astype(int)


def _heavy(_: str | None) -> Made:
    generator = made_up("few labels", "t5")
    rows = generator.standard_t(5, (SIZE, 80)) * np.arange(1, 81) ** -0.4
    return rows, _linear(generator, rows, 0.3) + generator.standard_t(4, SIZE)


def _units(_: str | None) -> Made:
    """Columns in units that differ by up to 10^8."""
    generator = made_up("few labels", "units")
    rows = generator.standard_normal((SIZE, COLUMNS))
    labels = _linear(generator, rows, 0.3) + generator.standard_normal(SIZE)
    return rows * 10 ** generator.uniform(-4, 4, COLUMNS), labels


def _one_hot(_: str | None) -> Made:
    """Four columns of 30, 12, 8 and 5 kinds, one-hot, and five of numbers."""
    generator, labels = made_up("few labels", "one-hot"), np.zeros(SIZE)
    columns = []
    for kinds in (30, 12, 8, 5):
        drawn = generator.choice(kinds, SIZE, p=generator.dirichlet(np.full(kinds, 2.0)))
        columns.append(np.eye(kinds)[drawn])
        labels += generator.standard_normal(kinds)[drawn]
    numbers = generator.standard_normal((SIZE, 5))
    labels += _linear(generator, numbers, 1.0) + 1.5 * generator.standard_normal(SIZE)
    return np.column_stack([*columns, numbers]), labels


def _counts(_: str | None) -> Made:
    """Counts of 150 words that four subjects share; which subject there is most of."""
    generator = made_up("few labels", "counts")
    topics = generator.gamma(0.3, size=(4, 150))
    shares = generator.dirichlet(np.full(4, 0.6), 5000)
    return generator.poisson(shares @ topics * 3).astype(float), shares.argmax(axis=1)


def _friedman(_: str | None) -> Made:
    """Friedman's function of ten uniform columns; their squares and products."""
    from sklearn.datasets import make_friedman1
    from sklearn.preprocessing import PolynomialFeatures

    rows, labels = make_friedman1(SIZE, n_features=10, noise=1.0, random_state=1)
    return PolynomialFeatures(2, include_bias=False).fit_transform(rows - 0.5), labels


def _classes(size: int, columns: int, law: dict[str, Any], _: str | None) -> Made:
    from sklearn.datasets import make_classification

    rows, classes = make_classification(size, columns, random_state=2, **law)
    return rows, classes


def _low_rank(_: str | None) -> Made:
    from sklearn.datasets import make_low_rank_matrix

    generator = made_up("few labels", "low rank")
    law = {"effective_rank": 15, "tail_strength": 0.3, "random_state": 3}
    rows = 60 * make_low_rank_matrix(4000, 200, **law)
    signal = _linear(generator, rows, 1.0)
    return rows, signal / rows.sum(axis=1).std() + generator.standard_normal(4000)


def _radius(_: str | None) -> Made:
    """Three classes by the radius in eight columns; 150 Nystroem features of an RBF kernel."""
    from sklearn.datasets import make_gaussian_quantiles
    from sklearn.kernel_approximation import Nystroem

    law = {"n_samples": SIZE, "n_features": 8, "n_classes": 3, "random_state": 4}
    rows, classes = make_gaussian_quantiles(**law)
    made = Nystroem(gamma=0.1, n_components=150, random_state=0)
    return made.fit_transform(rows), classes


def _patches(_: str | None) -> Made:
    """Patches of 6 x 6 pixels of scikit-learn's two photographs; which one it is."""
    from sklearn.datasets import load_sample_images

    generator, found = made_up("few labels", "patches"), []
    for picture in load_sample_images().images:
        for _patch in range(SIZE // 2):
            i, j = (generator.integers(0, side - 6) for side in picture.shape[:2])
            found.append(picture[i : i + 6, j : j + 6].ravel() / 255)
    return np.array(found), np.repeat([0, 1], SIZE // 2)


def _election(_: str | None) -> Made:
    """American national election study 1996 (statsmodels): the vote; squares and products."""
    from sklearn.preprocessing import PolynomialFeatures, StandardScaler

    given = survey("anes96")
    columns = given.exog.drop(columns="vote", errors="ignore").to_numpy(float)
    rows = PolynomialFeatures(2, include_bias=False).fit_transform(
        StandardScaler().fit_transform(columns)
    )
    return rows, given.data["vote"].to_numpy(int)


_CLUSTERS = {"n_informative": 20, "n_classes": 5, "n_clusters_per_class": 3}
_RARE = {"n_informative": 10, "n_redundant": 50, "weights": [0.93], "class_sep": 0.8}
_MAKERS: dict[str, Callable[[str | None], Made]] = {
    "one-hot": _one_hot,
    "friedman": _friedman,
    "low-rank": _low_rank,
    "t5": _heavy,
    "counted": partial(_falling, "counted", _counted, 1),
    "counts": _counts,
    "clusters": partial(_classes, 8000, 60, _CLUSTERS),
    "rare-class": partial(_classes, SIZE, 100, _RARE),
    "repeated": partial(_falling, "repeated", _above, 4),
    "election": _election,
    "radius": _radius,
    "patches": _patches,
    "units": _units,
    "lognormal": partial(_falling, "lognormal", _lognormal, 1),
    "growing-noise": partial(_falling, "growing", _growing, 1),
}
OTHERS = {
    name: Set(make, (), 16, 16, (60, 100) if name == "election" else (100, 300))
    for name, make in _MAKERS.items()
}
