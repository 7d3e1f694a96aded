"""What the students do on single rows: law of their predictions, accuracy."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from scipy import special
from scipy.linalg import pinvh
from scipy.stats import qmc

from kdverify import checks, formulas
from kdverify.rows.fixed_point import RowEquivalents
from kdverify.rows.pool import Pool
from kdverify.rows.prediction import Students

#: Draws of a row's K scores, for the chance that one of them is the largest (a power of two).
DRAWS = 1024
#: Rows whose draws are held at a time.
ROWS_AT_ONCE = 512
#: A row whose leverage is this close to 1 is alone in some direction of the pool.
ALONE = 1e-6


@dataclass(frozen=True, eq=False)
class Scores:
    """Predicted law of ``x0' beta_hat`` for k rows and K label columns: close to Gaussian.

    Attributes:
        means: (k, K).
        covariances: (k, K, K), over the draw of the training rows and the noise.
    """

    means: np.ndarray
    covariances: np.ndarray

    @property
    def deviations(self) -> np.ndarray:
        """(k, K) standard deviations."""
        return np.sqrt(np.maximum(np.einsum("ikk->ik", self.covariances), 0.0))

    @property
    def variance(self) -> float:
        """Trace of the covariances, summed over the rows."""
        return float(np.einsum("ikk->", self.covariances))

    def of(self, chosen: np.ndarray) -> Scores:
        """The law of some of the rows."""
        return Scores(self.means[chosen], self.covariances[chosen])

    def errors(self, labels: np.ndarray) -> np.ndarray:
        """(k, K) mean squared error of each row's prediction of ``labels`` (k, K)."""
        labels = checks.label_matrix("labels", labels, len(self.means))
        return np.square(labels - self.means) + np.square(self.deviations)

    def above(self, threshold: float = 0.5) -> np.ndarray:
        """(k, K) probability that a score is above ``threshold``."""
        checks.number("threshold", threshold)
        distance = self.means - threshold
        spread = self.deviations
        certain = np.where(distance > 0, 1.0, np.where(distance < 0, 0.0, 0.5))
        with np.errstate(divide="ignore", invalid="ignore"):
            return np.where(spread > 0, special.ndtr(distance / spread), certain)

    def two_class_accuracy(self, positive: Any, threshold: float = 0.5, column: int = 0) -> float:
        """Chance that (score > threshold) is right, averaged over the rows.

        ``positive`` is (k,) bool.
        """
        positive = checks.mask("positive", positive, len(self.means))
        chance = self.above(threshold)[:, column]
        return float(np.where(positive, chance, 1 - chance).mean())

    def accuracy(self, classes: Any, threshold: float = 0.5) -> float:
        """Chance that the class read off the K scores is the row's, averaged over the rows.

        The class of the largest score, or for K = 1 whether it is above ``threshold``; ``classes``
        is (k,), class numbers.  Exact for K <= 2; else by the same 1,024 quasi-random normal
        vectors for every row, good to about 1e-3 for one row and far better on average.
        """
        count = self.means.shape[1]
        chosen = checks.class_numbers("classes", classes, len(self.means), max(count, 2))
        if count == 1:
            return self.two_class_accuracy(chosen == 1, threshold)
        if count == 2:
            return self._difference().two_class_accuracy(chosen == 1, 0.0)
        normal = normal_draws(DRAWS, count)
        total = 0
        for start in range(0, len(chosen), ROWS_AT_ONCE):
            part = slice(start, start + ROWS_AT_ONCE)
            values, vectors = np.linalg.eigh(self.covariances[part])
            roots = vectors * np.sqrt(np.maximum(values, 0))[:, None, :]
            scores = self.means[part, None, :] + normal @ roots.swapaxes(1, 2)
            total += int((scores.argmax(2) == chosen[part, None]).sum())
        return total / (len(chosen) * DRAWS)

    def _difference(self) -> Scores:
        turn = np.array([-1.0, 1.0])
        variance = np.einsum("ikl,k,l->i", self.covariances, turn, turn)
        return Scores((self.means @ turn)[:, None], variance[:, None, None])


def normal_draws(draws: int, columns: int) -> np.ndarray:
    """(draws, columns) quasi-random normal vectors, symmetric; ``draws`` is a power of two."""
    sobol = qmc.Sobol(columns, seed=0).random(draws // 2)
    half = special.ndtri(np.clip(sobol, 1e-12, 1 - 1e-12))
    return np.concatenate([half, -half])


def scores(students: Students, rows: Any) -> Scores:
    """Law of the predictions on ``rows`` (k, p), none of which is in the pool."""
    at = students.at
    given = checks.feature_rows("rows", rows)
    if given.shape[1] != at.pool.columns:
        raise ValueError(f"rows of shape {given.shape} must have {at.pool.columns} columns")
    return scores_at(students, at.pool.coordinates(np.asarray(given, dtype=float)))


def scores_at(students: Students, coordinates: np.ndarray) -> Scores:
    """The same for rows (k, width) in the pool's coordinates."""
    variances = variances_at(students.at, students.spread.weights, coordinates)
    means = coordinates @ students.mean
    return Scores(means, students.by_pairs(lambda pair: variances[:, pair]))


def variances_at(at: RowEquivalents, weights: np.ndarray, coordinates: np.ndarray) -> np.ndarray:
    """(k, pairs) ``x' M E[weight x x'] M x`` of ``coordinates`` (k, width); weights (N, pairs)."""
    shares = weights * (at.pool.each_weight / at.pool.size)[:, None]
    found = np.empty((len(coordinates), weights.shape[1]))
    for start in range(0, len(coordinates), ROWS_AT_ONCE):
        part = slice(start, start + ROWS_AT_ONCE)
        found[part] = np.square(at.pool.times(at.M @ coordinates[part].T)).T @ shares
    return found


@dataclass(frozen=True, eq=False)
class LeftOut:
    """What leaving each row out of the pool changes there: a rank-one change of (9).

    The scales of the other rows stay as they are.  All are (N,).

    Attributes:
        factor: of ``x'M`` at the row.
        leverage: ``x' E[x x'/b]^-1 x / (N b)``, of theta at the row.
        crossed: ``x' M E[x x'/b]^-1 x / (N b)``, of ``M theta`` at the row.
        own: weight of the row itself in ``x' M V M x``.
    """

    factor: np.ndarray
    leverage: np.ndarray
    crossed: np.ndarray
    own: np.ndarray

    @classmethod
    def of(cls, at: RowEquivalents) -> LeftOut:
        """At a solution of (9)."""
        pool = at.pool
        weights = pool.each_weight
        share = weights * at.inverse_b / pool.size
        factor = formulas.left_out_factor(at.n * weights, pool.size, at.rest, at.b)
        inverse = pinvh(at.weighted)
        return cls(
            np.where(np.isfinite(factor), factor, 1.0),
            pool.forms(inverse) * share,
            pool.forms(at.M @ inverse) * share,
            weights * np.square(np.where(at.inverse_b > 0, at.b - at.rest, 0.0)) / pool.size,
        )

    def residuals(self, students: Students) -> np.ndarray:
        """(N, K) by what theta without the row misses its label; 0 where it is alone."""
        # a row that is alone in a direction leaves nothing there to be learnt: no correction
        remaining = (1 - self.leverage)[:, None]
        found = np.zeros(students.residuals.shape)
        return np.divide(students.residuals, remaining, out=found, where=remaining > ALONE)

    @classmethod
    def nothing(cls, size: int) -> LeftOut:
        """No row is left out: the law is that of the pool with the row in it."""
        zeros = np.zeros(size)
        return cls(np.ones(size), zeros, zeros, zeros)


def unseen_scores(students: Students, left_out: LeftOut | None = None) -> Scores:
    """Law of the predictions on the pool's own rows where they are not drawn.

    Each row is left out of the pool that the theory sees: a rank-one change of M, theta and
    V, which is the same for all students of one solution of (9).
    """
    at, pool = students.at, students.at.pool
    left = left_out or LeftOut.of(at)
    residuals = left.residuals(students)
    fitted = pool.times(students.theta) - left.leverage[:, None] * residuals
    unlearnt = pool.times(at.M @ students.theta) - left.crossed[:, None] * residuals
    means = fitted - left.factor[:, None] * unlearnt
    law = students.spread

    def variances(pair: int) -> np.ndarray:
        return left.factor**2 * (law.variances(pair) - law.weights[:, pair] * left.own)

    return Scores(means, students.by_pairs(variances))


def optimism(
    pool: Pool, apart: Scores, together: Scores, *labels: np.ndarray
) -> tuple[np.ndarray, ...]:
    """(K,) for each of ``labels``: what is added where each row is left out of the pool."""
    return tuple(pool.mean(apart.errors(one) - together.errors(one)) for one in labels)
