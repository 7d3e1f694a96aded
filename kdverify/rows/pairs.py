"""The law of predictions beyond its two moments: a student as a sum over the rows it was given.

To second order of Hoeffding's decomposition a student's prediction is

    ``f(x) = E f(x) + sum_j k(x, j) e_j - sum_{i != j} k(x, j) k(j, i) (e_i + d_i)`` + centring,

over its n rows, with ``k(x, j) = x'M x_j / b_j`` and e_j the error that the mean of the others
makes on row j: each row teaches what is left of its label (first order), and what is left is
less where another row taught the same (second).  d_i is what still other rows change of e_i:
normal, with the covariance that (12) gives to predictions on row i.

The sum is then brought to the variance (12), and to what finite n makes of that
(`StudentChange.spread_factor`).  What finite n adds is a fluctuation of the scale ``1 / x'N x``
from student to student: for a gamma law of ``x'N x`` with a small relative variance w the mean of
the inverse rises by w, and w is its relative variance too.

With few samples a class, or few rows that are near to x, this law is far from Gaussian.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np

from kdverify import checks, formulas
from kdverify.rows.draws import some_rows
from kdverify.rows.finite_size import StudentChange
from kdverify.rows.prediction import Students
from kdverify.rows.scores import LeftOut, Scores, unseen_scores
from kdverify.seeds import Rng, seed_from, stream

#: Rows, taken at random, on which the law is wanted, and from which students are drawn.
ROWS, DRAWN_FROM = 1000, 4000
#: Students that are drawn, so that they have at most so many rows and scores in all.
STUDENTS, FEWEST, DRAWN_ROWS, DRAWN_SCORES = 2048, 128, 200_000, 20_000_000
#: Numbers of the kernel that are gathered at a time.
TOGETHER = 4_000_000


@dataclass(frozen=True, eq=False)
class DrawnLaw:
    """Predictions on k unseen rows of the pool, as sums over rows that are drawn.

    Attributes:
        chosen: (k,) the rows.
        means: (k, K) E f(x).
        variance: trace of the covariance (12) of f(x), summed over the k rows.
        kernel: (q, k) ``k(x, j)`` for the q rows that are drawn, 0 between a row and itself.
        between: (q, q) ``k(j, i)`` among them, likewise.
        residuals: (q, K) e_j.
        roots: (q, K, K) square roots of the covariance of d_j.
        weights: (q,) of the rows in one draw, with mean 1.
        n: rows of a student.
    """

    chosen: np.ndarray
    means: np.ndarray
    variance: float
    kernel: np.ndarray
    between: np.ndarray
    residuals: np.ndarray
    roots: np.ndarray
    weights: np.ndarray
    n: int

    @cached_property
    def centring(self) -> tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray]:
        """What leaves the two orders without a mean, and the second without a part of the first.

        The mean of the sum of single rows (k, K); what one row teaches row j on average (q, K);
        n - 1 times the mean over j of k(x, j) k(j, i), (q, k); its own mean effect (k, K).
        """
        size, n = len(self.weights), self.n
        weighted = self.weights[:, None] * self.residuals
        through = (n - 1) / size * self.between.T @ (self.weights[:, None] * self.kernel)
        return (
            n / size * self.kernel.T @ weighted,
            self.between @ weighted / size,
            through,
            n / size * through.T @ weighted,
        )

    def fluctuation(self, j: np.ndarray, normal: np.ndarray) -> np.ndarray:
        """(..., k, K) ``f(x) - E f(x)`` of students of the rows j (..., n).

        ``normal`` (..., n, K) are standard normal draws.
        """
        first_mean, taught, through, second_mean = self.centring
        errors = self.residuals[j] + (self.roots[j] @ normal[..., None])[..., 0]
        between = self.between[j[..., :, None], j[..., None, :]]
        changed = between @ errors - (self.n - 1) * taught[j]
        first = self.kernel[j].swapaxes(-1, -2) @ (self.residuals[j] - changed)
        second = through[j].swapaxes(-1, -2) @ errors
        return np.asarray(first - first_mean + second - second_mean)

    def fluctuations(self, generator: np.random.Generator, count: int) -> np.ndarray:
        """(count, k, K) draws of ``f(x) - E f(x)``, of ``count`` students, float32.

        Their covariance is close to (12), and their mean zero up to the error of the draws.
        """
        size, outputs = self.residuals.shape
        found = np.empty((count, self.kernel.shape[1], outputs), dtype=np.float32)
        step = max(1, TOGETHER // (self.n * (self.kernel.shape[1] + self.n)))
        for start in range(0, count, step):
            part = found[start : start + step]
            j = generator.choice(size, (len(part), self.n), p=self.weights / size)
            part[:] = self.fluctuation(j, generator.standard_normal((*j.shape, outputs)))
        return found

    def scores(self, means: np.ndarray, factor: float = 1.0, seed: int = 0) -> np.ndarray:
        """(students, k, K) draws of f(x) around ``means`` (k, K), with the variance (12).

        ``factor`` is what finite n makes of that variance.
        """
        generator = stream(seed, "students of the pair law", self.n)
        bound = min(STUDENTS, DRAWN_ROWS // self.n, DRAWN_SCORES // means.size)
        found = self.fluctuations(generator, max(bound, FEWEST))
        found -= found.mean(axis=0)
        variance = np.square(found).sum(dtype=float) / len(found)
        scale = self.variance / variance if variance > 0 else 1.0
        if factor > 1:  # an inverse gamma law with mean `factor` and relative variance factor - 1
            shape = 1 / (factor - 1) + 2
            drawn = generator.gamma(shape, size=(*found.shape[:2], 1)).astype(np.float32)
            found *= np.sqrt(scale * factor * (shape - 1) / drawn)
        else:
            found *= np.float32(np.sqrt(scale * max(factor, 0.0)))
        return found + means

    def accuracy(
        self,
        right: np.ndarray,
        means: np.ndarray,
        threshold: float = 0.5,
        factor: float = 1.0,
        seed: int = 0,
    ) -> float:
        """Chance that the class that is read off the scores is the row's, averaged.

        Args:
            right: (k,) class numbers of the rows.
            means: (k, K) of the scores: `means`, and what centred labels or finite n add.
            threshold: where K = 1, a score above it means class 1; else the largest score wins.
            factor: of the variance, by finite n.
            seed: of the draws.
        """
        scores = self.scores(means, factor, seed)
        single = scores.shape[2] == 1
        named = scores[..., 0] > threshold if single else scores.argmax(axis=2)
        return float((named == right).mean())


def drawn_law(
    students: Students, chosen: np.ndarray, left_out: LeftOut | None = None, seed: int = 0
) -> DrawnLaw:
    """Law of the predictions on the pool's rows where they are not drawn, as sums over rows.

    Args:
        students: of n rows, a whole number.
        chosen: (k,) different rows of the pool, on which it is found.
        left_out: where it is known already.
        seed: of the rows that students are drawn from, where the pool has more than `DRAWN_FROM`.
    """
    at, pool = students.at, students.at.pool
    n = checks.count("n", int(at.n) if float(at.n).is_integer() else at.n)
    chosen = checks.row_numbers("chosen", chosen, pool.size)
    left_out = left_out or LeftOut.of(at)
    unseen = unseen_scores(students, left_out)
    drawn = some_rows(pool.size, DRAWN_FROM, seed, "rows that students are drawn from")
    given, wanted = (np.asarray(pool.rows[rows], dtype=float) for rows in (drawn, chosen))
    taught = formulas.row_kernel(at.M @ given.T, 1.0) * at.inverse_b[drawn]
    kernel = (wanted @ taught * left_out.factor[chosen][:, None]).T
    kernel[drawn[:, None] == chosen] = 0.0
    between = given @ taught
    np.fill_diagonal(between, 0.0)
    covariances = students.by_pairs(lambda pair: students.spread.variances(pair)[drawn])
    values, vectors = np.linalg.eigh(covariances)
    # symmetric roots: they do not depend on the signs of the eigenvectors
    roots = (vectors * np.sqrt(np.maximum(values, 0.0))[:, None, :]) @ vectors.transpose(0, 2, 1)
    residuals = students.labels[drawn] - given @ students.mean
    weights = pool.each_weight[drawn]
    return DrawnLaw(
        chosen,
        unseen.means[chosen],
        float(np.einsum("xkk->", unseen.covariances[chosen])),
        kernel,
        between,
        residuals,
        roots,
        weights / weights.mean(),
        n,
    )


def class_accuracy(
    students: Students,
    classes: Any,
    offsets: Any = 0.0,
    left_out: LeftOut | None = None,
    change: StudentChange | None = None,
    threshold: float = 0.5,
    seed: int = 0,
    rng: Rng = None,
    rows: Any = None,
) -> float:
    """Chance that the class that is read off K scores is right, on unseen rows of the pool.

    The class of the largest score, or for one label column whether it is above ``threshold``.

    The Gaussian law of `Scores` on these rows, and what `DrawnLaw` changes of it on `ROWS` of
    them; for an n that is not whole, the Gaussian law alone.

    Args:
        students: with one label column a class, or with one column for classes 0 and 1.
        classes: (N,) class numbers of the pool's rows.
        offsets: added to the scores, (K,): the columns' means where labels were centred.
        left_out: where it is known already.
        change: of the students' moments by finite n (`student_change`).
        threshold: for one column.
        seed: of the rows and the draws.
        rng: in its place, a seed or a NumPy generator (`kdverify.seeds.seed_from`).
        rows: (k,) numbers of the rows that are meant; None: all.
    """
    seed = seed_from(seed, rng)
    at = students.at
    meant = np.arange(at.pool.size)
    if rows is not None:
        meant = checks.row_numbers("rows", rows, at.pool.size)
    count = max(students.labels.shape[1], 2)
    classes = checks.class_numbers("classes", classes, at.pool.size, count)
    left_out = left_out or LeftOut.of(at)
    unseen = unseen_scores(students, left_out)
    means = unseen.means + offsets
    factor = 1.0
    if change is not None:
        factor = change.spread_factor(students)
        means += at.pool.times(change.mean_change(students))

    def gaussian(chosen: Any) -> float:
        law = Scores(means[chosen], unseen.covariances[chosen])
        return law.accuracy(classes[chosen], threshold)

    accuracy = gaussian(meant)
    if not float(at.n).is_integer():
        return accuracy
    generator = stream(seed, "rows of the pair law")
    chosen = np.sort(meant[generator.permutation(meant.size)[:ROWS]])
    found = drawn_law(students, chosen, left_out, seed)
    drawn = found.accuracy(classes[chosen], means[chosen], threshold, factor, seed)
    return float(np.clip(accuracy + drawn - gaussian(chosen), 0.0, 1.0))
