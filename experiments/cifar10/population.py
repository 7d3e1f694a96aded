"""A pool of labelled rows: features of a network from a file, or random ReLU features of images."""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from kdverify import checks

from .. import streams

#: Modes of the covariance below this fraction of the largest are dropped.
RANK_TOLERANCE = 1e-9


@dataclass(frozen=True, eq=False)
class Population:
    """A pool of labelled rows in the eigenbasis of its covariance, centred.

    Attributes:
        rows: (N, p); `heads` trains teachers on the first half, students on the second.
        labels: (N, K) centred one-hot labels.
        eigenvalues: (p,) of E x x', falling.
        beta: (p, K) least-squares coefficients.
        noise: (K,) variances of the residuals.
        prior: (K,) mean of the one-hot labels.
        source: what it is.
    """

    rows: np.ndarray
    labels: np.ndarray
    eigenvalues: np.ndarray
    beta: np.ndarray
    noise: np.ndarray
    prior: np.ndarray
    source: str

    @property
    def half(self) -> int:
        """Rows of the teachers' half."""
        return len(self.rows) // 2


def centred(train: np.ndarray, train_labels: np.ndarray, source: str) -> Population:
    """Centre, rotate and fit; modes without variance are dropped."""
    hot = np.eye(int(train_labels.max()) + 1)[train_labels]
    prior, mean = hot.mean(axis=0), train.mean(axis=0, dtype=np.float64)
    rows = train - mean
    covariance = rows.T @ rows / len(rows)
    values, basis = np.linalg.eigh(covariance)
    kept = values > RANK_TOLERANCE * values[-1]
    values, basis = values[kept][::-1], basis[:, kept][:, ::-1]
    rows = rows @ basis
    labels = hot - prior
    beta = rows.T @ labels / len(rows) / values[:, None]
    noise = np.square(labels - rows @ beta).mean(axis=0)
    return Population(rows, labels, values, beta, noise, prior, source)


def from_file(file: Path) -> Population:
    """The population of a feature file (see `experiments.cifar10.features`)."""
    checks.readable_file("features", file, (".npz",))
    try:
        with np.load(file, allow_pickle=False) as content:
            rows, labels = content["train"], content["train_labels"]
            source = _described(str(content["sources"])) if "sources" in content else file.name
    except Exception as error:
        raise ValueError(
            f"features={checks.shown(str(file))} must be a file of experiments.cifar10.features; "
            f"it is damaged or of another kind ({type(error).__name__})"
        ) from error
    return centred(rows, labels, source)


def _described(sources: str) -> str:
    found = json.loads(sources)
    return f"{found['data']}; features of {found['model']}, weights {found['weights']}"


def random_relu(images: Any, width: int, pool: int | None, seed: int) -> Population:
    """Population of ``width`` features max(0, w'x + b), w ~ N(0, I/d), b ~ N(0, 1/4).

    x are the pixels of an image, standardised by the mean and standard deviation of all pixels
    of the train split; ``pool`` train images are used, chosen at random.
    """
    generator = streams.stream(seed, "first layer and pool")
    chosen = generator.permutation(len(images.train))[:pool]
    center, spread = images.train.mean(), images.train.std()
    size = images.train[0].size
    weights = generator.standard_normal((size, width), dtype=np.float32) / np.float32(size**0.5)
    shift = generator.standard_normal(width, dtype=np.float32) / 2

    def features(pictures: np.ndarray) -> np.ndarray:
        flat = (pictures.reshape(len(pictures), -1) - np.float32(center)) / np.float32(spread)
        return np.maximum(flat @ weights + shift, 0)

    return centred(
        features(images.train[chosen]),
        images.train_labels[chosen],
        f"{images.source}; {width} random ReLU features of the pixels",
    )
