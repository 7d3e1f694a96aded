"""Claim of section 9: what `kdverify.rows` computes, beside the equations written out on balls.

Pools of 7 rows in 4 columns, two columns of labels, label noise; n below, at and above p, ridge.
The balls of `lib.balls` enclose the solution of (9); everything else is put together here from
the equations as they stand in the theory, without the library's rearrangements.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from fractions import Fraction
from functools import cache, cached_property
from typing import Any

import flint
import numpy as np

import kdverify as kd
from kdverify import formulas as f
from kdverify.evidence import Claim, Comparison, Context, Step

from ..lib.balls import BallPool, column, diagonal, identity, matrix, number, random_pools
from ..lib.ensembles import seed
from ..lib.modes import Pairs

AS_RUN = Claim(
    "9.as-run",
    title="What kdverify.rows computes is (9) to (12): ridge, noise, weights, rows left out",
    statement=r"b,\ D_A,\ (11),\ (12),\ \text{unseen rows},\ K^{-1}(I-M)c,\ \text{masks, labels}:"
    r"\ \text{within}\ 10^{-8}\ \text{of the equations on balls}",
    needs=("9.unique", "9.adjoint", "9.variance", "9.left-out-row", "9.best-labels"),
    parts=("fixed point", "moments", "unseen rows", "teachers", "other pools", "finite n, ridge"),
    steps=[
        Step(
            "(9) to (12) are linear once b is known: a student's law is put together from"
            " matrices of balls, row by row, and compared number by number."
        ),
        Step("A weight 2 is the same row twice; a row left out is a pool without it."),
        Step(
            "With a ridge the correction for finite n is compared with students: without it the"
            " prediction is a band-width off."
        ),
    ],
)

#: Relative accuracy that is asked for: solves in float64 stop at 1e-10.
CLOSE = Fraction(1, 10**8)
NOISE = Fraction(1, 2)
TRUTH = ((1, 2), (-1, 0), (2, 1), (0, -1))


def labels_of(size: int) -> list[list[int]]:
    """Two columns of labels, not linear in the rows."""
    return [[i * i % 7 - 2, 3 * i % 5 - 1] for i in range(size)]


@dataclass(frozen=True, eq=False)
class Written:
    """The equations of section 9 written out at an enclosed solution of (9)."""

    pool: BallPool
    labels: list[list[Any]]
    noise: Any = NOISE

    @cached_property
    def theta(self) -> Any:
        """``E[x x'/b]^-1 E[x y'/b]``, p x 2; the least one where labels can be met exactly."""
        if self.pool.size < len(self.pool.rows[0]):
            X = self.pool.X
            return X.transpose() * (X * X.transpose()).solve(matrix(self.labels))
        crossed = diagonal([1 / b for b in self.pool.b]) * matrix(self.labels)
        gram = self.pool.gram([1 / b for b in self.pool.b])
        return gram.solve(self.pool.X.transpose() * crossed * (number(1) / self.pool.size))

    @cached_property
    def residuals(self) -> Any:
        """N x 2."""
        return matrix(self.labels) - self.pool.X * self.theta

    @cached_property
    def mean(self) -> Any:
        """``E beta_hat``, p x 2."""
        return self.theta - self.pool.M * self.theta

    def column(self, k: int) -> Any:
        """theta of one label, p x 1."""
        return matrix([[self.theta[i, k]] for i in range(self.theta.nrows())])

    def weights(self, forms: list[Any]) -> list[Any]:
        """``n x'Dx/b^2``."""
        n = number(self.pool.n)
        return [f.response_weight(n, b, q) for b, q in zip(self.pool.b, forms, strict=True)]

    def second_moment(self, A: Any, k: int, crossed: int = 2) -> Any:
        """(11) for one label."""
        M, D, theta = self.pool.M, self.pool.response(A), self.column(k)
        weights, e = self.weights(self.pool.forms(D)), self.residuals
        lost, noise = self.pool.X * (M * theta), number(self.noise)
        own = [
            w * (crossed * e[i, k] * lost[i, 0] + e[i, k] ** 2 + noise)
            for i, w in enumerate(weights)
        ]
        linear = (theta.transpose() * (A - M * A - A * M + D) * theta)[0, 0]
        return linear + sum(own, number(0)) / self.pool.size

    def spread_weights(self, k: int, j: int) -> list[Any]:
        """Weights w of ``V - theta theta' = E[w x x']``, from (12) solved row by row."""
        pool, e = self.pool, self.residuals
        lost = pool.X * (pool.M * self.theta)
        given = [
            (e[i, k] + lost[i, k]) * (e[i, j] + lost[i, j]) + number(self.noise if k == j else 0)
            for i in range(pool.size)
        ]  # the errors of the mean, 9.variance
        own = self.weights(given)
        start = pool.forms(pool.M * pool.gram(own) * pool.M)
        u = (identity(pool.size) - pool.coupling(pool.b)).solve(
            matrix([[q / b] for q, b in zip(start, pool.b, strict=True)])
        )
        added = self.weights([u[i, 0] * b for i, b in enumerate(pool.b)])
        return [a + b for a, b in zip(own, added, strict=True)]

    def covariance(self, k: int, j: int) -> Any:
        """``Cov beta_hat`` of two labels, p x p."""
        return self.pool.M * self.pool.gram(self.spread_weights(k, j)) * self.pool.M

    def unseen(self, i: int, k: int) -> tuple[Any, Any]:
        """Mean and variance of the prediction on row i where it is left out of the pool."""
        pool, size = self.pool, self.pool.size
        kept = [number(int(j != i)) for j in range(size)]
        n, row = number(pool.n), matrix([pool.rows[i]])
        over_b = [w / b for w, b in zip(kept, pool.b, strict=True)]
        rest = (identity(len(pool.rows[0])) + pool.gram([n * w for w in over_b])).inv()
        labels = diagonal(over_b) * column([self.labels[j][k] for j in range(size)])
        theta = pool.gram(over_b).solve(pool.X.transpose() * labels * (number(1) / size))
        weights = [w * v for w, v in zip(kept, self.spread_weights(k, k), strict=True)]
        variance = row * rest * pool.gram(weights) * rest * row.transpose()
        return (row * (theta - rest * theta))[0, 0], variance[0, 0]


def cases(digits: int) -> Iterator[tuple[Written, kd.rows.Students]]:
    """Every pool: the equations on balls, and the library's students of the same labels."""
    for pool in random_pools():
        labels = labels_of(pool.size)
        at = kd.rows.solve(
            kd.rows.Pool(np.array(pool.rows, dtype=float)), float(pool.n), pool.ridge
        )
        students = kd.rows.Students(at, np.array(labels, dtype=float), float(NOISE))
        yield Written(pool.enclosed(digits), labels), students


def close(found: Any, ball: Any) -> tuple[Any, Any]:
    """In order iff a float64 number is within `CLOSE` of a ball, relative to 1 or its size."""
    return abs(flint.arb(float(found)) - ball), number(CLOSE) * (1 + abs(ball))


@AS_RUN.below("fixed point", note="five pools", but={"n + 1e-6": {"excess": Fraction(1, 10**6)}})
def scales(digits: int, excess: Fraction = Fraction(0)) -> Pairs:
    """b and M of `rows.solve`, inside the balls that `lib.balls` proves to hold the solution."""
    for pool in random_pools():
        moved = BallPool(pool.rows, pool.n + excess, pool.ridge).enclosed(digits)
        at = kd.rows.solve(
            kd.rows.Pool(np.array(pool.rows, dtype=float)), float(pool.n), pool.ridge
        )
        yield from (close(b, ball) for b, ball in zip(at.b, moved.b, strict=True))
        yield from (close(at.M[i, j], moved.M[i, j]) for i in range(4) for j in range(4))
        yield number(0), flint.arb(at.log_error) + number(CLOSE)


@AS_RUN.below(
    "moments",
    note="five pools, two labels and their covariance",
    but={"half of the term in k_A": {"crossed": 1}, "no label noise": {"noise": Fraction(0)}},
)
def moments(digits: int, crossed: int = 2, noise: Fraction = NOISE) -> Pairs:
    """Mean, (11), errors and excess risks on other rows, (12), and the law of a prediction."""
    test = np.array([[2, 1, 0, 1], [0, 1, -1, 3], [1, 1, 1, -2]], dtype=float)
    truth = test @ np.array(TRUTH, dtype=float)
    A = matrix([[Fraction(int(v)) for v in line] for line in test.T @ test]) * (number(1) / 3)
    for case, students in cases(digits):
        written = Written(case.pool, case.labels, noise)
        yield from (
            close(students.mean[i, k], written.mean[i, k]) for i in range(4) for k in range(2)
        )
        judged = kd.rows.Moments.of(students.at.pool, kd.rows.Pool(test[:, :4]), truth)
        excess = students.excess_risks(judged)
        for k in range(2):
            second = written.second_moment(A, k, crossed)
            beta = column([line[k] for line in TRUTH])
            overlap = (beta.transpose() * A * matrix([[written.mean[i, k]] for i in range(4)]))[
                0, 0
            ]
            power = (beta.transpose() * A * beta)[0, 0]
            yield close(students.second_moments(test.T @ test / 3)[k], second)
            yield close(excess[k], f.squared_error(second, overlap, power))
        law = kd.rows.scores(students, test)
        for k, j in ((0, 0), (0, 1), (1, 1)):
            covariance = written.covariance(k, j)
            found = students.covariance(k, j)
            yield from (close(found[i, h], covariance[i, h]) for i in range(4) for h in range(4))
            for i, row in enumerate(test):
                line = matrix([[Fraction(int(v)) for v in row]])
                spread = (line * covariance * line.transpose())[0, 0]
                yield close(law.covariances[i, k, j], spread)


@AS_RUN.below("unseen rows", note="five pools", but={"no row left out": {"left_out": False}})
def unseen(digits: int, left_out: bool = True) -> Pairs:
    """Means and variances on the pool's own rows, each left out of it."""
    for written, students in cases(digits):
        nothing = kd.rows.LeftOut.nothing(written.pool.size)
        law = kd.rows.unseen_scores(students, None if left_out else nothing)
        for i in range(written.pool.size):
            for k in range(2):
                mean, variance = written.unseen(i, k)
                yield close(law.means[i, k], mean)
                yield close(law.covariances[i, k, k], variance)


def least(error: Callable[[Any], np.ndarray], chosen: Any, others: list[Any]) -> Pairs:
    """In order iff ``chosen`` has the least error, up to rounding."""
    best = error(chosen).sum()
    for other in others:
        yield flint.arb(float(best)), flint.arb(float(error(other).sum())) + number(CLOSE)


@AS_RUN.below("teachers", note="five pools", but={"one direction more": {"more": 1}})
def teachers(digits: int, more: int = 0) -> Pairs:
    """The best linear teacher, masks, gains and labels: none of their neighbours is better.

    Errors are those of students (checked above) of the teacher's labels, not of the quadratic
    form that chose it; two stages: the mean error over the law of the first one's student.
    """
    for written, students in cases(digits):
        pool, at = students.at.pool, students.at
        test = kd.rows.Moments.of(pool, pool, students.labels)
        best = kd.rows.Teachers(at, test, students.response)

        def error(labels: np.ndarray) -> np.ndarray:
            return kd.rows.Students(at, labels, response=students.response).errors(test)  # noqa: B023 - called in its turn

        def taught(surrogate: np.ndarray) -> np.ndarray:
            return error(pool.times(surrogate))  # noqa: B023 - called in its turn

        moves = [
            np.outer(a, b) / 100 for a in np.eye(4) for b in ((1, 0), (0, 1), (-1, 0), (0, -1))
        ]
        yield from least(taught, best.optimal, [best.optimal + move for move in moves])
        kept = int(best.mask.sum()) + more
        nested = [best.masked(np.arange(4) < k) for k in range(5)]
        yield from least(taught, nested[min(kept, 4) if more == 0 else kept % 5], nested)
        labels = best.optimal_labels()
        steps = [np.outer(a, [s, -s]) / 10 for a in np.eye(pool.size) for s in (1, -1)]
        yield from least(error, labels, [labels + step for step in steps])
        yield from blind(written, best)
        other = kd.rows.Moments.linear(np.diag([4.0, 1.0, 3.0, 2.0]), test.best)  # other rows judge
        yield from blind(written, kd.rows.Teachers(at, other, students.response))
        first = kd.rows.TwoStages(students, at, students.response).errors(test)
        K, aim = matrix(best.form.tolist()), matrix(best.aim.tolist())
        for k in range(2):
            mean = matrix([[written.mean[i, k]] for i in range(4)])
            second = written.second_moment(K, k)
            crossed = sum((mean[i, 0] * aim[i, k] for i in range(4)), number(0))
            yield close(first[k], f.squared_error(second, crossed, number(test.power[k])))


def blind(written: Written, best: kd.rows.Teachers) -> Pairs:
    """Gains and mask that do not know beta*: on the diagonal of K and of (I - M) A."""
    vectors = best.at.pool.principal[1]
    A = matrix(best.test.covariance.tolist())
    M, D = written.pool.M, written.pool.response(A)
    turn = matrix(vectors.tolist())
    form = turn.transpose() * (A - M * A - A * M + D) * turn
    aim = turn.transpose() * (A - M * A) * turn
    for i, (gain, keeps) in enumerate(zip(best.gains, best.blind_mask, strict=True)):
        yield close(gain, aim[i, i] / form[i, i])
        margin = 2 * aim[i, i] - form[i, i]
        yield number(0), margin if keeps else -margin


@AS_RUN.below(
    "other pools",
    note="a row twice is a weight of 2; more columns than rows",
    but={"a weight of 3": {"weight": 3}},
)
def other_pools(digits: int, weight: int = 2) -> Pairs:
    """Weights, and rows held in the coordinates of their span."""
    for pool in random_pools()[::2]:
        twice = BallPool([*pool.rows, pool.rows[0]], pool.n, pool.ridge)
        labels = labels_of(pool.size)
        written = Written(twice.enclosed(digits), [*labels, labels[0]])
        weights = np.array([weight, *[1.0] * (pool.size - 1)])
        held = kd.rows.Pool(np.array(pool.rows, dtype=float), weights)
        at = kd.rows.solve(held, float(pool.n), pool.ridge)
        students = kd.rows.Students(at, np.array(labels, dtype=float), float(NOISE))
        yield from (close(b, ball) for b, ball in zip(at.b, written.pool.b[:-1], strict=True))
        A = identity(4)
        for k in range(2):
            yield close(students.second_moments(np.eye(4))[k], written.second_moment(A, k))
            yield close(students.covariance(k)[0, 1], written.covariance(k, k)[0, 1])
    wide = [[(3 * i * j + i + j) % 7 - 3 for j in range(1, 7)] for i in range(1, 5)]
    written = Written(BallPool(wide, Fraction(3), 2).enclosed(digits), labels_of(4))
    held = kd.rows.Pool(np.array(wide, dtype=float))
    students = kd.rows.Students(kd.rows.solve(held, 3.0, 2.0), np.array(labels_of(4), dtype=float))
    law = kd.rows.scores(students, np.eye(6))
    for i in range(6):
        yield close(law.means[i, 0], written.mean[i, 0])


@AS_RUN.agreement(
    "finite n, ridge",
    note="Gaussian rows, 14 of 16 columns, ridge 1/2; the band is half of the correction",
    but={"its other sign": {"share": -1.0}},
)
def corrected(context: Context, share: float = 1.0) -> Comparison:
    """Excess risk on the pool, mean over 16 labels, of students of rows drawn independently."""
    plain, change, values = with_ridge(context.trials(7000, full=36000), seed(context, "ridge"))
    return Comparison.of("excess risk", values, plain + share * change, abs(change) / 2)


@cache
def with_ridge(trials: int, key: int) -> tuple[float, float, np.ndarray]:
    """(11), its correction, and what students have, (trials,)."""
    generator = np.random.default_rng(17)
    pool, n, ridge = kd.rows.Pool(generator.standard_normal((1500, 16))), 14, 0.5
    labels = pool.rows[:, :1] + generator.standard_normal((pool.size, 16))
    test, at = kd.rows.Moments.of(pool, pool, labels), kd.rows.solve(pool, n, ridge)
    plain = kd.rows.Students(at, labels).excess_risks(test).mean()
    change = kd.rows.corrected_errors(pool, labels, n, test, ridge, start=at).mean()
    options = {"task": "regression", "intercept": "none", "judged": "all"}
    question, draws = kd.Question.of(pool.rows, labels, **options), kd.rows.Draws(replace=True)
    found = kd.measure(
        question, n, "strong", ridges=ridge, repetitions=trials, draws=draws, seed=key
    )
    return plain, change, found.values["excess"]["strong"] / labels.shape[1]
