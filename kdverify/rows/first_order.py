"""The law of predictions beyond its two moments: a student as a sum over the rows it was given.

To first order (the first term of Hoeffding's decomposition) a student's prediction is

    ``f(x) = E f(x) + sum_j (phi_j(x) - E phi)``,   ``phi_j(x) = x'M x_j r_j / b_j``,

over its n rows j, with r_j the error that the others make on row j: normal, with mean and
covariance from (12) itself, so that the sum has the covariance (12) too.  With few samples a
class, or few rows that are near to x, it is far from Gaussian: this law draws the rows.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from kdverify import checks
from kdverify.rows.prediction import Students
from kdverify.rows.scores import LeftOut, Scores, unseen_scores

#: Rows, taken at random, on which the law is wanted; how many of them share a drawn sample.
ROWS, TOGETHER = 1000, 50
#: Draws for each group of rows, and those that are held at a time.
DRAWS, AT_ONCE = 256, 16


@dataclass(frozen=True, eq=False)
class FirstOrder:
    """Predictions on k unseen rows of the pool as sums over drawn rows.

    Attributes:
        chosen: (k,) the rows.
        means: (k, K) E f(x).
        kernel: (k, N) ``x'M x_j / b_j``, zero between a row and itself.
        residuals: (N, K) mean of r_j.
        roots: (N, K, K) square roots of its covariance.
        weights: (N,) of the rows in one draw, with mean 1.
        n: rows of a student.
    """

    chosen: np.ndarray
    means: np.ndarray
    kernel: np.ndarray
    residuals: np.ndarray
    roots: np.ndarray
    weights: np.ndarray
    n: int

    def fluctuations(self, generator: np.random.Generator, rows: slice, count: int) -> np.ndarray:
        """(count, rows, K) draws of ``f(x) - E f(x)`` for some of the k rows, that share samples.

        The number of rows is fixed, so that their sum lacks ``n E phi E phi'`` of the covariance
        (12): it comes back as a Gaussian along ``E phi``.
        """
        size, outputs = self.residuals.shape
        drawn = generator.choice(size, (count, self.n), p=self.weights / size)
        normal = generator.standard_normal((count, self.n, outputs))
        errors = self.residuals[drawn] + np.einsum("cnkl,cnl->cnk", self.roots[drawn], normal)
        kernel = self.kernel[rows]
        mean = self.n / size * (kernel * self.weights) @ self.residuals
        sums = np.einsum("xcn,cnk->cxk", kernel[:, drawn], errors, optimize=True)
        lost = generator.standard_normal((count, 1, 1)) / np.sqrt(self.n)
        return np.asarray(sums + (lost - 1) * mean)

    def accuracy(
        self, right: np.ndarray, means: np.ndarray, threshold: float = 0.5, seed: int = 0
    ) -> float:
        """Chance that the class that is read off the scores is the row's, averaged.

        Args:
            right: (k,) class numbers of the rows.
            means: (k, K) of the scores: `means`, and what centred labels or finite n add.
            threshold: where K = 1, a score above it means class 1; else the largest score wins.
            seed: of the draws.
        """
        generator = np.random.default_rng(np.random.SeedSequence([seed, 13]))
        hits = 0
        for start in range(0, right.size, TOGETHER):
            part = slice(start, min(start + TOGETHER, right.size))
            for _ in range(DRAWS // AT_ONCE):
                scores = means[part] + self.fluctuations(generator, part, AT_ONCE)
                single = scores.shape[2] == 1
                named = scores[..., 0] > threshold if single else scores.argmax(axis=2)
                hits += int((named == right[part]).sum())
        return hits / (DRAWS * right.size)


def first_order(
    students: Students, chosen: np.ndarray, left_out: LeftOut | None = None
) -> FirstOrder:
    """Law of the predictions on the pool's rows where they are not drawn, as sums over rows.

    Args:
        students: of n rows, a whole number.
        chosen: (k,) different rows of the pool, on which it is found.
        left_out: where it is known already.
    """
    at, pool = students.at, students.at.pool
    n = checks.count("n", int(at.n) if float(at.n).is_integer() else at.n)
    chosen = checks.row_numbers("chosen", chosen, pool.size)
    left_out = left_out or LeftOut.of(at)
    unseen = unseen_scores(students, left_out)
    crossed = np.asarray(pool.rows[chosen], dtype=float) @ at.M
    kernel = pool.times(crossed.T).T * left_out.factor[chosen][:, None] * at.inverse_b
    kernel[np.arange(chosen.size), chosen] = 0.0
    values, vectors = np.linalg.eigh(students.by_pairs(students.spread.variances))
    # symmetric roots: they do not depend on the signs of the eigenvectors
    roots = (vectors * np.sqrt(np.maximum(values, 0.0))[:, None, :]) @ vectors.transpose(0, 2, 1)
    residuals = students.labels - pool.times(students.mean)
    means = unseen.means[chosen]
    return FirstOrder(chosen, means, kernel, residuals, roots, pool.each_weight, n)


def class_accuracy(
    students: Students,
    classes: Any,
    offsets: Any = 0.0,
    left_out: LeftOut | None = None,
    change: np.ndarray | None = None,
    threshold: float = 0.5,
    seed: int = 0,
) -> float:
    """Chance that the class that is read off K scores is right, on unseen rows of the pool.

    The class of the largest score, or for one label column whether it is above ``threshold``.

    The Gaussian law of `Scores` on all rows, and what `FirstOrder` changes of it on `ROWS` of
    them; for an n that is not whole, the Gaussian law alone.

    Args:
        students: with one label column a class, or with one column for classes 0 and 1.
        classes: (N,) class numbers of the pool's rows.
        offsets: added to the scores, (K,): the columns' means where labels were centred.
        left_out: where it is known already.
        change: (width, K) of ``E beta_hat`` by finite n (`student_change`), where it is known
            from all rows of the pool.
        threshold: for one column.
        seed: of the rows and the draws.
    """
    at = students.at
    outputs = students.labels.shape[1]
    classes = checks.class_numbers("classes", classes, at.pool.size, max(outputs, 2))
    left_out = left_out or LeftOut.of(at)
    unseen = unseen_scores(students, left_out)
    means = unseen.means + offsets
    if change is not None:
        means += at.pool.times(change)

    def gaussian(chosen: Any) -> float:
        law = Scores(means[chosen], unseen.covariances[chosen])
        if outputs == 1:
            return law.two_class_accuracy(classes[chosen] == 1, threshold)
        return law.accuracy(classes[chosen])

    accuracy = gaussian(slice(None))
    if not float(at.n).is_integer():
        return accuracy
    generator = np.random.default_rng(np.random.SeedSequence([seed, 12]))
    chosen = np.sort(generator.permutation(at.pool.size)[:ROWS])
    found = first_order(students, chosen, left_out)
    shape = found.accuracy(classes[chosen], means[chosen], threshold, seed) - gaussian(chosen)
    return float(np.clip(accuracy + shape, 0.0, 1.0))
