"""Accuracy where a class has few samples: how often each class is drawn is not Gaussian.

To first order a student is a sum over its rows, ``f(x) = E f(x) + sum_j phi_j(x)``, with
``phi_j = x'M x_j r_j / b_j`` and r_j the error that the others make on row j.  Rows of class c
have the mean influence ``G_c = x'M E_c[x r/b]`` and, from (12), the second moment ``C_c / n_c``,
where C_c is what they bring to the covariance of f(x).  Given that class c was drawn n_c times,
``n_c ~ multinomial(n, shares)``, f(x) has the mean ``E f + sum_c (n_c - n share_c) G_c`` and the
covariance ``sum_c n_c (C_c / (n share_c) - G_c G_c' + G G')``, G the mean of the G_c.  Over the
draw of the n_c these add up to mean and covariance of `Scores`; only the shape is another.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from kdverify import checks, formulas
from kdverify.rows.prediction import Students
from kdverify.rows.scores import LeftOut, Scores, unseen_scores

#: Rows, drawn at random, on which the accuracy is predicted, and draws of the n_c.
ROWS, DRAWS = 1000, 512


@dataclass(frozen=True, eq=False)
class Composition:
    """Law of the predictions on k unseen rows of the pool, class by class of the sample.

    Attributes:
        chosen: (k,) the rows.
        means: (k, K) E f(x).
        shares: (C,) of the classes that there are in the pool.
        influences: (k, C, K) ``G_c``, mean change of f(x) by one more row of class c.
        parts: (k, C, K, K) ``C_c``, what class c brings to the covariance of f(x).
        n: rows of a student.
    """

    chosen: np.ndarray
    means: np.ndarray
    shares: np.ndarray
    influences: np.ndarray
    parts: np.ndarray
    n: int

    @property
    def spreads(self) -> np.ndarray:
        """(k, C, K, K) covariance that one sample of each class brings, given the n_c."""
        middle = np.einsum("c,ick->ik", self.shares, self.influences)[:, None]
        square = _outer(self.influences) - _outer(middle)
        return np.asarray(
            formulas.influence_covariance(self.n, self.shares[:, None, None], self.parts, square)
        )

    def accuracy(self, classes: Any, offsets: Any = 0.0, seed: int = 0) -> float:
        """Chance that the largest of the K scores is that of the row's class, averaged.

        Args:
            classes: (N,) class numbers of the pool's rows.
            offsets: added to the scores, (K,): the columns' means where labels were centred.
            seed: of the draws of the n_c and of what is Gaussian given them.
        """
        right = np.asarray(classes)[self.chosen]
        generator = np.random.default_rng(np.random.SeedSequence([seed, 13]))
        values, vectors = np.linalg.eigh(self.spreads)
        roots = vectors * np.sqrt(np.maximum(values, 0.0))[..., None, :]
        hits = 0
        for _ in range(DRAWS):
            counts = generator.multinomial(self.n, self.shares, right.size)
            normal = generator.standard_normal(roots.shape[:3]) * np.sqrt(counts)[..., None]
            scores = self.means + offsets + np.einsum("ickj,icj->ik", roots, normal)
            scores += np.einsum("ic,ick->ik", counts - self.n * self.shares, self.influences)
            hits += int((scores.argmax(axis=1) == right).sum())
        return hits / (DRAWS * right.size)


def class_accuracy(
    students: Students,
    classes: Any,
    offsets: Any = 0.0,
    left_out: LeftOut | None = None,
    seed: int = 0,
) -> float:
    """Chance that the largest of the K scores is right, on unseen rows of the pool, averaged.

    The Gaussian law of `Scores` on all rows, and what `Composition` changes of it on `ROWS` of
    them; for an n that is not whole, the Gaussian law alone.
    """
    left_out = left_out or LeftOut.of(students.at)
    unseen = unseen_scores(students, left_out)
    gaussian = Scores(unseen.means + offsets, unseen.covariances)
    accuracy = gaussian.accuracy(classes)
    if not float(students.at.n).is_integer():
        return accuracy
    found = composition(students, classes, left_out, seed)
    chosen = Scores(gaussian.means[found.chosen], gaussian.covariances[found.chosen])
    change = found.accuracy(classes, offsets, seed)
    change -= chosen.accuracy(np.asarray(classes)[found.chosen])
    return float(np.clip(accuracy + change, 0.0, 1.0))


def composition(
    students: Students, classes: Any, left_out: LeftOut | None = None, seed: int = 0
) -> Composition:
    """Law of the predictions on the pool's rows where they are not drawn, class by class.

    Args:
        students: of n rows, a whole number.
        classes: (N,) class numbers of the pool's rows, from 0 to K - 1; C of them have a row.
        left_out: where it is known already.
        seed: of the rows, at most `ROWS`, on which it is found.
    """
    at, pool = students.at, students.at.pool
    n = checks.count("n", int(at.n) if float(at.n).is_integer() else at.n)
    outputs = students.labels.shape[1]
    classes = checks.class_numbers("classes", classes, pool.size, outputs)
    left_out = left_out or LeftOut.of(at)
    unseen = unseen_scores(students, left_out)
    generator = np.random.default_rng(np.random.SeedSequence([seed, 12]))
    chosen = np.sort(generator.permutation(pool.size)[:ROWS])
    # x'M x_j for the chosen rows x; a row that is left out brings nothing to itself
    crossed = np.asarray(pool.rows[chosen], dtype=float) @ at.M
    kernel = pool.times(crossed.T).T * left_out.factor[chosen][:, None]
    kernel[np.arange(chosen.size), chosen] = 0.0
    member = (classes[:, None] == np.unique(classes)).astype(float)
    errors = (students.labels - unseen.means) * at.inverse_b[:, None]
    counts = member.sum(axis=0)
    influences = np.stack(
        [
            kernel @ (errors * own[:, None]) / size
            for own, size in zip(member.T, counts, strict=True)
        ],
        axis=1,
    )
    kernel **= 2
    parts = np.empty((chosen.size, counts.size, outputs, outputs))
    for index, (k, other) in enumerate(students.pairs):
        found = kernel @ (member * students.spread.weights[:, [index]]) / pool.size
        parts[:, :, k, other] = parts[:, :, other, k] = found
    return Composition(chosen, unseen.means[chosen], counts / pool.size, influences, parts, n)


def _outer(vectors: np.ndarray) -> np.ndarray:
    return np.asarray(vectors[..., :, None] * vectors[..., None, :])
