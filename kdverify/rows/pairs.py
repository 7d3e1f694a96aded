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

from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np

from kdverify import checks, formulas
from kdverify.rows.draws import some_rows
from kdverify.rows.finite_size import StudentChange
from kdverify.rows.fixed_point import RowEquivalents
from kdverify.rows.prediction import Students
from kdverify.rows.scores import LeftOut, Scores, scores_at, unseen_scores
from kdverify.seeds import Rng, seed_from, stream

#: Rows, taken at random, on which the law is wanted, and from which students are drawn.
ROWS, DRAWN_FROM = 1000, 4000
#: Students that are drawn, so that they have at most so many rows and scores in all.
STUDENTS, FEWEST, DRAWN_ROWS, DRAWN_SCORES = 2048, 128, 200_000, 20_000_000
#: Numbers of the kernel that are gathered at a time.
TOGETHER = 4_000_000


@dataclass(frozen=True, eq=False)
class DrawnLaw:
    """Predictions on k rows that no student has seen, as sums over rows that are drawn.

    Attributes:
        chosen: (k,) numbers of the k rows.
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
    def centring(self) -> tuple[np.ndarray, ...]:
        """What leaves the two orders without a mean, and the second without a part of the first.

        The mean of the sum of single rows (k, K); what one row teaches row j on average (q, K);
        n - 1 times the mean over j of k(x, j) k(j, i), (q, k); its own mean effect (k, K).
        """
        return self.centred(self.residuals)

    @cached_property
    def through(self) -> np.ndarray:
        """(q, k) n - 1 times the mean over j of k(x, j) k(j, i)."""
        shares = (self.n - 1) / len(self.weights) * self.weights
        return np.asarray(self.between.T @ (shares[:, None] * self.kernel))

    def centred(self, residuals: np.ndarray) -> tuple[np.ndarray, ...]:
        """`centring` of other residuals (..., q, K)."""
        size, n = len(self.weights), self.n
        weighted = self.weights[:, None] * residuals
        return (
            n / size * self.kernel.T @ weighted,
            self.between @ weighted / size,
            self.through,
            n / size * self.through.T @ weighted,
        )

    def fluctuation(
        self, j: np.ndarray, normal: np.ndarray, residuals: np.ndarray | None = None
    ) -> np.ndarray:
        """(..., k, K) ``f(x) - E f(x)`` of students of the rows j (..., n).

        ``normal`` (..., n, K) are standard normal draws; ``residuals`` (..., q, K) stand for the
        law's own where every student has its own teacher.
        """
        if residuals is None:
            first_mean, taught, through, second_mean = self.centring
            own, mean_taught = self.residuals[j], taught[j]
        else:
            first_mean, taught, through, second_mean = self.centred(residuals)
            own, mean_taught = (
                np.take_along_axis(e, j[..., None], -2) for e in (residuals, taught)
            )
        errors = own + (self.roots[j] @ normal[..., None])[..., 0]
        between = self.between[j[..., :, None], j[..., None, :]]
        changed = between @ errors - (self.n - 1) * mean_taught
        first = self.kernel[j].swapaxes(-1, -2) @ (own - changed)
        second = through[j].swapaxes(-1, -2) @ errors
        return np.asarray(first - first_mean + second - second_mean)

    def fluctuations(
        self, generator: np.random.Generator, count: int, residuals: np.ndarray | None = None
    ) -> np.ndarray:
        """(count, k, K) draws of ``f(x) - E f(x)``, of ``count`` students, float32.

        Their covariance is close to (12), and their mean zero up to the error of the draws.
        ``residuals`` (count, q, K) are each student's own.
        """
        size, outputs = self.residuals.shape
        found = np.empty((count, self.kernel.shape[1], outputs), dtype=np.float32)
        step = max(1, TOGETHER // (self.n * (self.kernel.shape[1] + self.n)))
        for start in range(0, count, step):
            part = found[start : start + step]
            j = generator.choice(size, (len(part), self.n), p=self.weights / size)
            own = None if residuals is None else residuals[start : start + len(part)]
            part[:] = self.fluctuation(j, generator.standard_normal((*j.shape, outputs)), own)
        return found

    def scores(self, means: np.ndarray, factor: float = 1.0, seed: int = 0) -> np.ndarray:
        """(students, k, K) draws of f(x) around ``means`` (k, K), with the variance (12).

        ``factor`` is what finite n makes of that variance.
        """
        generator = stream(seed, "students of the pair law", self.n)
        count = students_drawn(self.n, means.size)
        return means + scaled(self.fluctuations(generator, count), self.variance, generator, factor)

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
        return share_right(self.scores(means, factor, seed), right, threshold)


def students_drawn(n: int, scores: int) -> int:
    """How many students of n rows, with so many scores each, are drawn."""
    return max(min(STUDENTS, DRAWN_ROWS // n, DRAWN_SCORES // scores), FEWEST)


def scaled(
    drawn: np.ndarray, variance: float, generator: np.random.Generator, factor: float = 1.0
) -> np.ndarray:
    """Fluctuations (students, k, K) brought to mean 0 and ``factor`` times a ``variance``.

    The variance is summed over rows and columns; ``drawn`` is overwritten.
    """
    drawn -= drawn.mean(axis=0)
    found = np.square(drawn).sum(dtype=float) / len(drawn)
    scale = variance / found if found > 0 else 1.0
    if factor > 1:  # an inverse gamma law with mean `factor` and relative variance factor - 1
        shape = 1 / (factor - 1) + 2
        chosen = generator.gamma(shape, size=(*drawn.shape[:2], 1)).astype(np.float32)
        drawn *= np.sqrt(scale * factor * (shape - 1) / chosen)
    else:
        drawn *= np.float32(np.sqrt(scale * max(factor, 0.0)))
    return drawn


def share_right(scores: np.ndarray, right: np.ndarray, threshold: float = 0.5) -> float:
    """Share of scores (students, k, K) from which the class ``right`` (k,) of a row is read."""
    single = scores.shape[2] == 1
    named = scores[..., 0] > threshold if single else scores.argmax(axis=2)
    return float((named == right).mean())


def drawn_law(
    students: Students,
    chosen: np.ndarray,
    left_out: LeftOut | None = None,
    seed: int = 0,
    outside: np.ndarray | None = None,
) -> DrawnLaw:
    """Law of the predictions on rows that are not drawn, as sums over rows that are.

    Args:
        students: of n rows, a whole number.
        chosen: (k,) different rows of the pool, each left out of it where it is judged, or of
            ``outside``.
        left_out: where it is known already.
        seed: of the rows that students are drawn from, where the pool has more than `DRAWN_FROM`.
        outside: rows (h, width) beside the pool, in its coordinates.
    """
    at, pool = students.at, students.at.pool
    n = checks.count("n", int(at.n) if float(at.n).is_integer() else at.n)
    size = pool.size if outside is None else len(outside)
    chosen = checks.row_numbers("chosen", chosen, size)
    drawn = some_rows(pool.size, DRAWN_FROM, seed, "rows that students are drawn from")
    given = np.asarray(pool.rows[drawn], dtype=float)
    if outside is None:
        left_out = left_out or LeftOut.of(at)
        law = unseen_scores(students, left_out).of(chosen)
        wanted, factor = np.asarray(pool.rows[chosen], dtype=float), left_out.factor[chosen]
    else:
        wanted, factor = outside[chosen], np.ones(len(chosen))
        law = scores_at(students, wanted)
    kernel, between = taught_by(at, drawn, wanted)
    kernel *= factor
    if outside is None:
        kernel[drawn[:, None] == chosen] = 0.0
    covariances = students.by_pairs(lambda pair: students.spread.variances(pair)[drawn])
    weights = pool.each_weight[drawn]
    return DrawnLaw(
        chosen,
        law.means,
        law.variance,
        kernel,
        between,
        students.labels[drawn] - given @ students.mean,
        symmetric_roots(covariances),
        weights / weights.mean(),
        n,
    )


def taught_by(
    at: RowEquivalents, drawn: np.ndarray, wanted: np.ndarray
) -> tuple[np.ndarray, np.ndarray]:
    """``k(x, j)`` of the pool's rows ``drawn`` for rows ``wanted`` (k, width), (q, k).

    And for one another, (q, q), 0 for a row and itself.
    """
    given = np.asarray(at.pool.rows[drawn], dtype=float)
    taught = formulas.row_kernel(at.M @ given.T, 1.0) * at.inverse_b[drawn]
    between = given @ taught
    np.fill_diagonal(between, 0.0)
    return (wanted @ taught).T, between


def symmetric_roots(matrices: np.ndarray) -> np.ndarray:
    """Square roots of symmetric matrices (q, K, K): no sign of an eigenvector is in them."""
    values, vectors = np.linalg.eigh(matrices)
    roots = (vectors * np.sqrt(np.maximum(values, 0.0))[:, None, :]) @ vectors.transpose(0, 2, 1)
    return np.asarray(roots)


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
    outside: np.ndarray | None = None,
) -> float:
    """Chance that the class that is read off K scores is right, on rows that are not drawn.

    The class of the largest score, or for one label column whether it is above ``threshold``.

    The Gaussian law of `Scores` on these rows, and what `DrawnLaw` changes of it on `ROWS` of
    them; for an n that is not whole, the Gaussian law alone.

    Args:
        students: with one label column a class, or with one column for classes 0 and 1.
        classes: (N,) class numbers of the pool's rows, or (h,) of those ``outside``.
        offsets: added to the scores, (K,): the columns' means where labels were centred.
        left_out: where it is known already.
        change: of the students' moments by finite n (`student_change`).
        threshold: for one column.
        seed: of the rows and the draws.
        rng: in its place, a seed or a NumPy generator (`kdverify.seeds.seed_from`).
        rows: (k,) numbers of the rows that are meant; None: all.
        outside: rows (h, width) beside the pool, in its coordinates; None: the pool's own, each
            left out of it where it is judged.
    """
    seed = seed_from(seed, rng)
    at = students.at
    size = at.pool.size if outside is None else len(outside)
    meant = np.arange(size) if rows is None else checks.row_numbers("rows", rows, size)
    count = max(students.labels.shape[1], 2)
    classes = checks.class_numbers("classes", classes, size, count)
    if outside is None:
        left_out = left_out or LeftOut.of(at)
        law = unseen_scores(students, left_out)
    else:
        law = scores_at(students, outside)
    means = law.means + offsets
    factor = 1.0
    if change is not None:
        factor = change.spread_factor(students)
        moved = change.mean_change(students.mean)
        means += at.pool.times(moved) if outside is None else outside @ moved

    def drawn(chosen: np.ndarray) -> float:
        found = drawn_law(students, chosen, left_out, seed, outside)
        return found.accuracy(classes[chosen], means[chosen], threshold, factor, seed)

    normal = Scores(means, law.covariances)
    return refined_accuracy(normal, classes, meant, threshold, seed, drawn, at.n)


def refined_accuracy(
    law: Scores,
    classes: np.ndarray,
    meant: np.ndarray,
    threshold: float,
    seed: int,
    drawn: Callable[[np.ndarray], float],
    *sizes: float,
) -> float:
    """Accuracy on the rows ``meant`` by a normal law, and what draws change of it on `ROWS`.

    ``drawn`` of row numbers is the accuracy that drawn students have there; it is asked where
    all ``sizes`` of training sets are whole.
    """

    def gaussian(chosen: np.ndarray) -> float:
        return law.of(chosen).accuracy(classes[chosen], threshold)

    accuracy = gaussian(meant)
    if not all(float(size).is_integer() for size in sizes):
        return accuracy
    generator = stream(seed, "rows of the pair law")
    chosen = np.sort(meant[generator.permutation(meant.size)[:ROWS]])
    return float(np.clip(accuracy + drawn(chosen) - gaussian(chosen), 0.0, 1.0))
