"""Labelled rows, made-up routes and curves, stand-in generators, posteriors by dense matrices."""

import math
from typing import Any

import numpy as np

from kdverify.labels.learning import LabelCurve, Now, Point
from kdverify.labels.likelihood import POWERS, SHARES, Evidence
from kdverify.labels.worth import Route


class Zero:
    """A generator whose normal numbers are zero and whose chi squares are their means."""

    def standard_normal(self, shape: Any) -> np.ndarray:
        """Zeros."""
        return np.zeros(shape)

    def chisquare(self, degrees: float, shape: Any) -> np.ndarray:
        """The mean."""
        self.degrees = degrees
        return np.full(shape, degrees)

    def choice(self, size: int, count: int, p: np.ndarray) -> np.ndarray:
        """The likeliest."""
        return np.full(count, int(np.argmax(p)))


class Unit:
    """A generator whose normal numbers are zero but for one row of them."""

    def __init__(self, place: int) -> None:
        self.place = place

    def standard_normal(self, shape: Any) -> np.ndarray:
        """Zeros and a row of ones, counted over all calls."""
        made = np.zeros(shape)
        if 0 <= self.place < shape[0]:
            made[self.place] = 1.0
        self.place -= shape[0] if self.place >= 0 else 0
        return made


def rows_and_labels(size: int = 14, p: int = 5) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Rows, eigenvalues that fall, labels in two columns."""
    generator = np.random.default_rng(8)
    values = np.arange(1.0, p + 1) ** -1.5
    rows = generator.standard_normal((size, p)) * np.sqrt(values) + 0.1
    labels = rows[:, :2] * [1.0, -0.5] + 0.3 * generator.standard_normal((size, 2))
    return rows, values, labels


def spreads(found: Evidence, W: Any, values: Any, basis: Any, scale: float) -> tuple[Any, Any]:
    """Covariance of drawn coefficients, one normal number at a time, and the posterior's."""
    place = 3, np.array([0]), np.array([9]), np.array([2.0])
    start = found.signals(*place, Unit(-1))[:, 0, 0]  # type: ignore[arg-type]  # a stand-in
    moves = [
        found.signals(*place, Unit(k))[:, 0, 0] - start  # type: ignore[arg-type]  # a stand-in
        for k in range(len(values) + len(W))
    ]
    energy = SHARES[9] * values ** POWERS[3] / (values ** POWERS[3]).sum()
    seen = basis.T @ W
    inner = (seen * energy) @ seen.T + (1 - SHARES[9]) * np.eye(len(seen))
    answer = (seen * energy).T @ np.linalg.solve(inner, seen * energy)
    root = np.sqrt(values)
    true = 2.0 * scale * (np.diag(energy) - answer) / np.outer(root, root)
    return np.transpose(moves) @ np.array(moves), true


def dense(W: Any, values: Any, y: Any, basis: Any, temper: float) -> tuple[Any, ...]:
    """Log evidence on the grid, the posterior, and at its likeliest point mean and noise."""
    size, columns, free = len(W), y.shape[1], basis.shape[1]
    log, forms = np.empty((2, len(POWERS), len(SHARES)))

    def law(i: int, k: int) -> tuple[Any, Any]:
        L = values ** POWERS[i] / (values ** POWERS[i]).sum()
        return SHARES[k] * L, SHARES[k] * (W * L) @ W.T + (1 - SHARES[k]) * np.eye(size)

    for i in range(len(POWERS)):
        for k in range(len(SHARES)):
            A = basis.T @ law(i, k)[1] @ basis
            forms[i, k] = np.trace(y.T @ basis @ np.linalg.solve(A, basis.T @ y))
            log[i, k] = -columns * (np.linalg.slogdet(A)[1] + free * math.log(forms[i, k])) / 2
    chances = np.exp(temper * (log - log.max()))
    chances /= chances.sum()
    i, k = np.unravel_index(chances.argmax(), chances.shape)
    energy, A = law(int(i), int(k))
    mean = energy[:, None] * (W.T @ np.linalg.solve(A, y)) / np.sqrt(values)[:, None]
    return log, chances, forms, mean, forms[i, k] / (columns * free) * (1 - SHARES[k])


def route(name: str, risk: float, error: float, place: int) -> Route:
    """A route of this risk, whose errors have a standard error of their own direction."""
    waves = np.cos(2 * np.pi * (place + 1) * np.arange(40) / 40)
    return Route(name, 0.0, 1.0, risk * (1 + waves * error * 40**0.5 / waves.std(ddof=1)), None)


def curve_of(changes: dict[int, float], error: float, reasons: tuple[str, ...] = ()) -> LabelCurve:
    """Ten labels, and points of the best ridge."""
    points = [Point(n, "best", 1.0, c, c, c, c, error) for n, c in changes.items()]
    points.append(Point(40, "min-norm", 0.0, 0.1, 0.1, 0.1, 0.1, 0.0))
    points.append(Point(20, "best", 1.0, reasons=reasons))
    now = (Now("best", 1.0, 1.0, 0.1, None),)
    return LabelCurve(10, 99, 30, tuple(points), now, 0.1, 1.0, 0.5, ("not this",))


def noisy(size: int, width: int, noise: float = 0.2) -> tuple[np.ndarray, np.ndarray]:
    """Gaussian rows of falling columns, labels of the first two and noise."""
    generator = np.random.default_rng(3)
    rows = generator.standard_normal((size, width)) * np.arange(1, width + 1) ** -1.0
    return rows, rows[:, 0] + 0.3 * rows[:, 1] + noise * generator.standard_normal(size)
