"""Two stages: students whose labels are those of a surrogate that was trained on other rows.

Given the surrogate its labels are linear, ``x'beta_s`` with ``beta_s = G beta_hat_s`` where its
modes are turned by G, and (11) and (12) hold for its student; they are quadratic in beta_s, so
that only its mean and second moments count.  The student's prediction on x has

    the mean        ``z' E beta_hat_s``  with  ``z = G'(I - M)'x``, and
    the covariance  ``z' Cov(beta_hat_s) z + x' M E[V - beta_s beta_s'] M x``,

where the second term solves (12) for ``E (x_i'M beta_s)(x_i'M beta_s)'``.
"""

from __future__ import annotations

from functools import cached_property

import numpy as np
from scipy.linalg import pinvh

from kdverify.rows.draws import some_rows
from kdverify.rows.finite_size import StudentChange, variance_factor
from kdverify.rows.fixed_point import RowEquivalents
from kdverify.rows.modes import turn_of
from kdverify.rows.pairs import (
    DRAWN_FROM,
    DrawnLaw,
    drawn_law,
    refined_accuracy,
    scaled,
    share_right,
    students_drawn,
    symmetric_roots,
    taught_by,
)
from kdverify.rows.prediction import Moments, Students
from kdverify.rows.response import Response
from kdverify.rows.scores import LeftOut, Scores, scores_at, variances_at
from kdverify.rows.teachers import Teachers
from kdverify.seeds import stream


class TwoStages:
    """The law of the students of a trained surrogate's labels, which have no noise.

    Args:
        source: law of the surrogate; both pools are in the same coordinates.
        target: solution of (9) for the student's rows.
        response: at ``target``.
        factors: (width,) of the surrogate's modes before it labels: gains, or a mask as zeros
            and ones; None: none.
        basis: the modes, as columns; by default the eigenvectors of the target pool's Sigma.
    """

    def __init__(
        self,
        source: Students,
        target: RowEquivalents,
        response: Response,
        factors: np.ndarray | None = None,
        basis: np.ndarray | None = None,
    ) -> None:
        self.source, self.target, self.response = source, target, response
        self.turn = None
        if factors is not None:
            vectors = target.pool.principal[1] if basis is None else basis
            self.turn = turn_of(vectors, factors)

    def moments(self, test: Moments) -> Moments:
        """What the surrogate is judged by: K for Sigma, ``(I - M) c`` for c, both turned.

        The test error of its student is that of the surrogate itself on these moments.
        """
        teachers = Teachers(self.target, test, self.response)
        form, aim = teachers.form, teachers.aim
        if self.turn is not None:
            form, aim = self.turn @ form @ self.turn, self.turn @ aim
        return Moments(form, aim, test.power)

    def errors(self, test: Moments) -> np.ndarray:
        """(K,) test error of the student on ``test``."""
        return self.source.errors(self.moments(test))

    @cached_property
    def taught(self) -> np.ndarray:
        """(width, K) ``E beta_s``."""
        mean = self.source.mean
        return mean if self.turn is None else self.turn @ mean

    @cached_property
    def mean(self) -> np.ndarray:
        """(width, K) ``E beta_hat`` of the student."""
        return np.asarray(self.target.learnt.T @ self.taught)

    @cached_property
    def unlearnt(self) -> Scores:
        """Law of ``x' M beta_s`` on the target's rows: what its mean student misses there."""
        pool = self.target.pool
        return scores_at(self.source, self._turned(pool.times(self.target.M)))

    @cached_property
    def forms(self) -> np.ndarray:
        """(N, pairs) ``x' M V M x`` on the target's rows, V of (12), surrogates averaged over."""
        inverse = self.target.inverse_b[:, None]
        solved = self.response.solve(self._outer * inverse)
        return np.divide(solved, inverse, out=self._outer.copy(), where=inverse > 0)

    def scores(self, rows: np.ndarray) -> Scores:
        """Law of the student's predictions on ``rows`` (k, width) that neither stage has seen."""
        first, second = self._parts(rows)
        return Scores(first.means, first.covariances + second)

    def own_scores(self) -> Scores:
        """The same on the target's rows, which stand for others: none is left out."""
        rows = np.asarray(self.target.pool.rows, dtype=float)
        of_source = scores_at(self.source, self._learnt(rows))
        added = self._by_matrix(self.forms - self._outer)
        return Scores(of_source.means, of_source.covariances + added)

    def unseen_scores(self) -> Scores:
        """Law of the student's predictions on rows of the pool that neither stage has drawn.

        Both stages have one pool.  Each row is left out of it for both where it is judged:
        rank-one changes of (9), as `kdverify.rows.scores.unseen_scores` makes one of them.
        """
        source, target, pool = self.source, self.target, self.target.pool
        M, theta, own = source.at.M, source.theta, LeftOut.of(source.at)
        other, inverse = LeftOut.of(target), pinvh(source.at.weighted)
        residuals, spread = own.residuals(source), source.spread.weights
        share = (pool.each_weight * source.at.inverse_b / pool.size)[:, None]
        means, variances = np.empty((pool.size, theta.shape[1])), []
        for part, rows in pool.blocks():
            unlearnt, moved = rows @ M, share[part] * (rows @ inverse)
            aim = self._turned(rows - other.factor[part, None] * (rows @ target.M))
            seen, square = (_dot(unlearnt, one) for one in (aim, rows))
            # what x' M_- is beside x' M, times z' M x
            more = seen * np.divide(
                own.factor[part] - 1, square, out=np.zeros(len(rows)), where=square > 0
            )
            aim_missed = aim @ M + more[:, None] * unlearnt
            fitted = aim - aim_missed
            means[part] = fitted @ theta - _dot(fitted, moved)[:, None] * residuals[part]
            itself = np.square(own.factor[part] * seen) * pool.each_weight[part] / pool.size
            found = variances_at(source.at, spread, aim + more[:, None] * rows)
            variances.append(found - itself[:, None] * spread[part])
        weights, students = self.response.weights(self.forms), self.forms - self._outer
        students = np.square(other.factor)[:, None] * (students - other.own[:, None] * weights)
        return Scores(means, self._by_matrix(np.concatenate(variances) + students))

    def changed(
        self, test: Moments, own: StudentChange | None, other: StudentChange | None
    ) -> tuple[np.ndarray, float]:
        """What finite m (``own``) and n (``other``) change of predictions on ``test``.

        Of their mean, (width, K), and the factor of their variance, as `StudentChange` has both;
        ``own`` is of the surrogate on `moments`, ``other`` of a student of its mean's labels.
        """
        learnt = self._learnt(np.eye(len(self.mean)))
        moved, added, aim = np.zeros_like(self.mean), 0.0, test.covariance @ self.mean
        if own is not None:
            moved += learnt @ own.mean_change(self.source.mean)
            added += own.variance_added(learnt @ own.mean, aim)
        if other is not None:
            moved += other.mean_change(self.mean)
            added += other.variance_added(other.mean, aim)
        second = self.source.second_moments(self.moments(test).covariance).sum()
        variance = second - np.einsum("ik,ik->", self.mean, aim)
        return moved, variance_factor(added, variance)

    def class_accuracy(
        self,
        classes: np.ndarray,
        rows: np.ndarray,
        offsets: np.ndarray,
        threshold: float = 0.5,
        seed: int = 0,
        meant: np.ndarray | None = None,
        factor: float = 1.0,
        law: Scores | None = None,
    ) -> float:
        """Chance that the class that is read off the student's scores is the row's.

        By `scores`, and by what draws of surrogates and students change of it.

        Args:
            classes: (k,) class numbers of ``rows``.
            rows: (k, width) that neither stage has seen.
            offsets: added to the scores, (K,) or (k, K): levels, and changes by finite n and m.
            threshold: for one label column.
            seed: of the rows and the draws.
            meant: numbers of the rows that are meant; None: all.
            factor: of the variance, by finite n and m.
            law: of the predictions on ``rows``; by default `scores`.
        """
        given, law = law, self.scores(rows) if law is None else law
        law = Scores(law.means + offsets, law.covariances)

        def drawn(chosen: np.ndarray) -> float:
            wanted = factor
            if given is not None:
                wanted *= law.of(chosen).variance / self.scores(rows[chosen]).variance
            found = self.drawn(rows[chosen], wanted, seed) + law.means[chosen]
            return share_right(found, classes[chosen], threshold)

        meant = np.arange(len(rows)) if meant is None else meant
        sizes = self.source.at.n, self.target.n
        return refined_accuracy(law, classes, meant, threshold, seed, drawn, *sizes)

    def drawn(self, rows: np.ndarray, factor: float = 1.0, seed: int = 0) -> np.ndarray:
        """(students, k, K) predictions on ``rows`` less their means, of drawn surrogates' students.

        Both are sums over rows, as `kdverify.rows.pairs` has them, brought to the variance of
        `scores` times ``factor``.
        """
        target = self.target
        drawn = some_rows(target.pool.size, DRAWN_FROM, seed, "rows that students are drawn from")
        size, (first, second) = len(drawn), self._parts(rows)
        given = np.asarray(target.pool.rows[drawn], dtype=float)
        wanted = np.concatenate([self._turned(given @ target.M), self._learnt(rows)])
        surrogates = drawn_law(self.source, np.arange(len(wanted)), seed=seed, outside=wanted)
        largest = max(surrogates.n, int(target.n))
        count = students_drawn(largest, len(wanted) * first.means.shape[1])
        generator = stream(seed, "surrogates of the pair law", surrogates.n)
        moved = scaled(surrogates.fluctuations(generator, count), surrogates.variance, generator)
        missed = moved[:, :size] + surrogates.means[:size].astype(moved.dtype)
        weights = target.pool.each_weight[drawn]
        students = DrawnLaw(
            np.arange(len(rows)),
            first.means,
            float(np.einsum("ikk->", second)),
            *taught_by(target, drawn, rows),
            surrogates.means[:size],
            symmetric_roots(self._by_matrix(self.forms - self._outer)[drawn]),
            weights / weights.mean(),
            int(target.n),
        )
        generator = stream(seed, "students of the pair law", students.n)
        own = scaled(students.fluctuations(generator, count, missed), students.variance, generator)
        variance = students.variance + first.variance
        return scaled(own + moved[:, size:], variance, generator, factor)

    def _parts(self, rows: np.ndarray) -> tuple[Scores, np.ndarray]:
        """Law of ``x'(I - M) beta_s``, and covariances (k, K, K) of what the student adds."""
        weights = self.response.weights(self.forms)
        variances = variances_at(self.target, weights, rows)
        return scores_at(self.source, self._learnt(rows)), self._by_matrix(variances)

    @cached_property
    def _outer(self) -> np.ndarray:
        """(N, pairs) ``E (x'M beta_s)(x'M beta_s)'``."""
        law, pairs = self.unlearnt, self.source.pairs
        second = law.covariances + law.means[:, :, None] * law.means[:, None, :]
        return np.column_stack([second[:, k, other] for k, other in pairs])

    def _by_matrix(self, values: np.ndarray) -> np.ndarray:
        return self.source.by_pairs(lambda pair: values[:, pair])

    def _turned(self, rows: np.ndarray) -> np.ndarray:
        return rows if self.turn is None else rows @ self.turn

    def _learnt(self, rows: np.ndarray) -> np.ndarray:
        """z of the module's head for ``rows`` (k, width)."""
        return self._turned(rows @ self.target.learnt.T)


def _dot(first: np.ndarray, second: np.ndarray) -> np.ndarray:
    """(k,) products of the rows of both, (k, width)."""
    return np.asarray(np.einsum("ij,ij->i", first, second))
