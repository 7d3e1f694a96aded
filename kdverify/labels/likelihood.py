"""What few labels say of the signal: marginal likelihood of three numbers, posterior draws.

Labels ``y = x'beta + e`` of the n_0 labelled rows, in the coordinates of the pool's eigenvectors.
Prior: ``beta_i`` normal with ``lambda_i E beta_i^2 = v rho lambda_i^q / sum lambda^q``, noise
normal with variance ``v (1 - rho)``: v the labels' variance, rho the share of it that is linear,
q how fast the energy falls along the spectrum (q = 1 is the prior of ridge regression).  v has
the prior 1/v and is integrated out; q and rho lie on a grid.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from kdverify import formulas
from kdverify.labels.path import Decomposition

#: Powers q, and shares rho, of the grid.
POWERS = np.arange(-0.5, 2.76, 0.25)
SHARES = 1 / (1 + np.exp(-np.linspace(-5, 6, 23)))
#: Degrees of freedom that the labels' variance has at least, however strongly it is tempered.
FEWEST_FREEDOM = 5.0


@dataclass(frozen=True, eq=False)
class Draws:
    """Posterior draws of the signal, T of them, for K columns of labels.

    Attributes:
        signal: (r, T, K) coefficients in the eigenvectors.
        noise: (T,) variance of the labels given the row, summed over the columns.
        power: mean of q over the posterior; share: of rho.
    """

    signal: np.ndarray
    noise: np.ndarray
    power: float
    share: float

    @property
    def count(self) -> int:
        """Number of draws T."""
        return len(self.noise)

    @property
    def columns(self) -> np.ndarray:
        """(r, T K) the signals side by side, the columns of a draw together."""
        return self.signal.reshape(len(self.signal), -1)


@dataclass(frozen=True, eq=False)
class Evidence:
    """Log marginal likelihood on the grid of powers and shares.

    Attributes:
        rows: (n_0, r) labelled rows, centred where there is an intercept.
        values: (r,) eigenvalues of the pool.
        labels: (n_0, K) labels, centred likewise; the columns share q, rho and v.
        shapes: (len(POWERS), r) shares of the signal's energy, each of sum 1.
        log: (len(POWERS), len(SHARES)), up to a constant.
        forms: the same shape, ``y'A^-1 y`` over the columns, A the covariance in units of v.
        freedom: number of independent labels a column.
    """

    rows: np.ndarray
    values: np.ndarray
    labels: np.ndarray
    shapes: np.ndarray
    decompositions: list[Decomposition]
    log: np.ndarray
    forms: np.ndarray
    freedom: int

    @classmethod
    def of(
        cls, rows: np.ndarray, values: np.ndarray, labels: np.ndarray, intercept: bool
    ) -> Evidence:
        """Of labelled rows (n_0, r) and labels (n_0, K); one eigendecomposition for each power."""
        if intercept:
            rows, labels = rows - rows.mean(axis=0), labels - labels.mean(axis=0)
        freedom, columns = len(rows) - intercept, labels.shape[1]
        energies = (values / values[0]) ** POWERS[:, None]
        shapes = energies / energies.sum(axis=1, keepdims=True)
        made = [Decomposition.of(rows * np.sqrt(shape / values)) for shape in shapes]
        log, forms = np.empty((2, len(POWERS), len(SHARES)))
        for index, found in enumerate(made):
            variances = formulas.label_variance(found.squares[:, None], SHARES)
            inside = np.square(found.left.T @ labels).sum(axis=1)
            outside = max(np.square(labels).sum() - inside.sum(), 0.0)
            silent = freedom - len(found.squares)
            form = (inside[:, None] / variances).sum(axis=0) + outside / (1 - SHARES)
            forms[index] = np.maximum(form, np.finfo(float).tiny)  # labels may all be the same
            determinant = np.log(variances).sum(axis=0) + silent * np.log(1 - SHARES)
            log[index] = formulas.log_evidence(
                columns * determinant, np.log(forms[index]), columns * freedom
            )
        return cls(rows, values, labels, shapes, made, log, forms, freedom)

    def chances(self, temper: float = 1.0) -> np.ndarray:
        """Posterior on the grid; the likelihood to the power ``temper``."""
        weights = np.exp(temper * (self.log - self.log.max()))
        return np.asarray(weights / weights.sum())

    def draws(self, count: int, generator: np.random.Generator, temper: float = 1.0) -> Draws:
        """``count`` draws of (q, rho, v), and of beta given them and the labels."""
        chances = self.chances(temper)
        picked = generator.choice(chances.size, count, p=chances.ravel())
        found = [self._draw(*divmod(int(k), len(SHARES)), generator, temper) for k in picked]
        signal = np.stack([signal for signal, _ in found], axis=1)
        power, share = chances.sum(axis=1) @ POWERS, chances.sum(axis=0) @ SHARES
        return Draws(signal, np.array([noise for _, noise in found]), float(power), float(share))

    def _draw(
        self, power: int, share: int, generator: np.random.Generator, temper: float
    ) -> tuple[np.ndarray, float]:
        """A draw from the prior, moved by what it and the labels differ in (Matheron's rule)."""
        columns, rho = self.labels.shape[1], SHARES[share]
        degrees = max(temper * columns * self.freedom, FEWEST_FREEDOM)
        mean = self.forms[power, share] / (columns * self.freedom)
        scale = mean * degrees / generator.chisquare(degrees)
        made, energy = self.decompositions[power], rho * self.shapes[power]
        whitened = self.rows / np.sqrt(self.values)
        prior = generator.standard_normal((len(self.values), columns))
        prior *= np.sqrt(scale * energy)[:, None]
        noise = generator.standard_normal(self.labels.shape) * np.sqrt(scale * (1 - rho))
        if self.freedom < len(self.rows):
            noise -= noise.mean(axis=0)
        gap = self.labels - whitened @ prior - noise
        inside = made.left.T @ gap
        solved = made.left @ (inside / formulas.label_variance(made.squares, rho)[:, None])
        solved += (gap - made.left @ inside) / (1 - rho)
        posterior = prior + energy[:, None] * (whitened.T @ solved)
        return posterior / np.sqrt(self.values)[:, None], columns * scale * (1 - rho)


def joined(parts: Iterator[Draws]) -> Draws:
    """Draws of columns that were drawn one by one, side by side."""
    found = list(parts)
    signal = np.concatenate([one.signal for one in found], axis=2)
    noise = np.sum([one.noise for one in found], axis=0)
    mean = np.mean([(one.power, one.share) for one in found], axis=0)
    return Draws(signal, noise, float(mean[0]), float(mean[1]))
