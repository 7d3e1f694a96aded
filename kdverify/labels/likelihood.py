"""What few labels say of the signal: marginal likelihood of three numbers, posterior draws.

Labels ``y = x'beta + e`` of the n_0 labelled rows, in the coordinates of the pool's eigenvectors.
Prior: ``beta_i`` normal with ``lambda_i E beta_i^2 = v rho lambda_i^q / sum lambda^q``, noise
normal with variance ``v (1 - rho)``: v the labels' variance, rho the share of it that is linear,
q how fast the energy falls along the spectrum (q = 1 is the prior of ridge regression).  v has
the prior 1/v and is integrated out; q and rho lie on a grid.
"""

from __future__ import annotations

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
class SignalDraws:
    """Posterior draws of the signal, T of them, for K columns of labels.

    Attributes:
        signal: (r, T, K) coefficients in the eigenvectors.
        noises: (T, K) variance of each column of labels given the row.
        power: mean of q over the posterior; share: of rho.
    """

    signal: np.ndarray
    noises: np.ndarray
    power: float
    share: float

    @property
    def count(self) -> int:
        """Number of draws T."""
        return len(self.noises)

    @property
    def noise(self) -> np.ndarray:
        """(T,) variance of the labels given the row, summed over the columns."""
        return np.asarray(self.noises.sum(axis=1))

    def totals(self, values: np.ndarray) -> np.ndarray:
        """(T,) mean squared label, summed over the columns; ``values`` (r,) of the rows."""
        return np.asarray(np.tensordot(values, np.square(self.signal).sum(axis=2), 1) + self.noise)

    @property
    def columns(self) -> np.ndarray:
        """(r, T K) the signals side by side, the columns of a draw together."""
        return self.signal.reshape(len(self.signal), -1)


@dataclass(frozen=True, eq=False)
class Evidence:
    """Log marginal likelihood on the grid of powers and shares, of G groups of label columns.

    Attributes:
        rows: (n_0, r) labelled rows, centred where there is an intercept.
        values: (r,) eigenvalues of the pool.
        labels: (n_0, G, K) labels, centred likewise; the K columns of a group share q, rho and v.
        shapes: (len(POWERS), r) shares of the signal's energy, each of sum 1.
        log: (G, len(POWERS), len(SHARES)), each up to a constant.
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
        cls,
        rows: np.ndarray,
        values: np.ndarray,
        labels: np.ndarray,
        intercept: bool,
        shared: bool = True,
    ) -> Evidence:
        """Of labelled rows (n_0, r) and labels (n_0, columns); an eigendecomposition a power.

        ``shared``: all columns have one q, rho and v, as those of classes; or each its own.
        """
        if intercept:
            rows, labels = rows - rows.mean(axis=0), labels - labels.mean(axis=0)
        grouped = labels[:, None, :] if shared else labels[:, :, None]
        groups, columns = grouped.shape[1:]
        freedom = len(rows) - intercept
        energies = (values / values[0]) ** POWERS[:, None]
        shapes = energies / energies.sum(axis=1, keepdims=True)
        made = [Decomposition.of(rows * np.sqrt(shape / values)) for shape in shapes]
        log, forms = np.empty((2, groups, len(POWERS), len(SHARES)))
        total = np.square(grouped).sum(axis=(0, 2))
        for index, found in enumerate(made):
            variances = formulas.label_variance(found.squares[:, None], SHARES)
            projected = (found.left.T @ labels).reshape(-1, groups, columns)
            inside = np.square(projected).sum(axis=2)
            outside = np.maximum(total - inside.sum(axis=0), 0.0)
            silent = freedom - len(found.squares)
            form = inside.T @ (1 / variances) + outside[:, None] / (1 - SHARES)
            form = np.maximum(form, np.finfo(float).tiny)  # labels may all be the same
            determinant = np.log(variances).sum(axis=0) + silent * np.log(1 - SHARES)
            forms[:, index] = form
            log[:, index] = formulas.log_evidence(
                columns * determinant, np.log(form), columns * freedom
            )
        return cls(rows, values, grouped, shapes, made, log, forms, freedom)

    def chances(self, temper: float = 1.0) -> np.ndarray:
        """(G, len(POWERS), len(SHARES)) posterior; the likelihood to the power ``temper``."""
        weights = np.exp(temper * (self.log - self.log.max(axis=(1, 2), keepdims=True)))
        return np.asarray(weights / weights.sum(axis=(1, 2), keepdims=True))

    def draws(self, count: int, generator: np.random.Generator, temper: float = 1.0) -> SignalDraws:
        """``count`` draws of (q, rho, v), and of beta given them and the labels; groups abreast."""
        chances = self.chances(temper)
        picked = [generator.choice(own.size, count, p=own.ravel()) for own in chances]
        powers, shares = np.divmod(np.array(picked), len(SHARES))
        groups, columns = np.indices(powers.shape)[0], self.labels.shape[2]
        degrees = max(temper * columns * self.freedom, FEWEST_FREEDOM)
        means = self.forms[groups, powers, shares] / (columns * self.freedom)
        scales = means * degrees / generator.chisquare(degrees, means.shape)
        signal = np.empty((len(self.values), *powers.shape, columns))
        for power in np.unique(powers):
            at = powers == power
            signal[:, at] = self.signals(power, groups[at], shares[at], scales[at], generator)
        noises = np.repeat((scales * (1 - SHARES[shares])).T, columns, axis=1)
        return SignalDraws(
            signal.transpose(0, 2, 1, 3).reshape(len(signal), count, -1),
            noises,
            float((chances.sum(axis=2) @ POWERS).mean()),
            float((chances.sum(axis=1) @ SHARES).mean()),
        )

    def signals(
        self,
        power: int,
        groups: np.ndarray,
        shares: np.ndarray,
        scales: np.ndarray,
        generator: np.random.Generator,
    ) -> np.ndarray:
        """(r, m, K) a draw of beta for each of m groups, shares' numbers and v, with one power.

        A draw from the prior, moved by what its labels and the given ones differ in (Matheron).
        """
        rho, columns, count = SHARES[shares], self.labels.shape[2], len(groups)
        made, energies = self.decompositions[power], self.shapes[power][:, None] * rho
        whitened = self.rows / np.sqrt(self.values)
        prior = generator.standard_normal((len(self.values), count, columns))
        prior *= np.sqrt(scales * energies)[..., None]
        noise = generator.standard_normal((len(self.rows), count, columns))
        noise *= np.sqrt(scales * (1 - rho))[:, None]
        if self.freedom < len(self.rows):
            noise -= noise.mean(axis=0)
        gap = self.labels[:, groups] - np.tensordot(whitened, prior, 1) - noise
        inside = np.tensordot(made.left.T, gap, 1)
        weights = 1 / formulas.label_variance(made.squares[:, None], rho) - 1 / (1 - rho)
        solved = np.tensordot(made.left, weights[..., None] * inside, 1)
        solved += gap / (1 - rho)[:, None]
        moved = energies[..., None] * np.tensordot(whitened.T, solved, 1)
        return np.asarray((prior + moved) / np.sqrt(self.values)[:, None, None])
