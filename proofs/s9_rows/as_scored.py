"""Claim of section 9: laws of single predictions, normal and as sums over rows, by hand."""

from dataclasses import replace
from typing import Any

import numpy as np
import sympy
from scipy import integrate, stats

import kdverify as kd
from kdverify import formulas as f
from kdverify.evidence import Claim, Step
from kdverify.rows.pairs import DrawnLaw, drawn_law, symmetric_roots
from kdverify.rows.scores import LeftOut, Scores, unseen_scores
from kdverify.seeds import stream

from ..lib.modes import Pairs
from .as_trained import data, near

AS_SCORED = Claim(
    "9.as-scored",
    title="Chances of classes and laws of predictions are the integrals and sums they are of",
    statement=r"P(\text{score} > c),\ P(\text{class}),\ f(x) = Ef(x) + \sum_j k(x,j)e_j -"
    r" \sum_{i\ne j}k(x,j)k(j,i)(e_i+d_i):\ \text{by quadrature, and term by term}",
    needs=("9.scores", "9.as-run"),
    parts=("scores", "pairs", "two stages", "left out twice"),
    steps=[
        Step("The chance that one of three normal scores is largest is one integral."),
        Step("The two orders of the sum, with their means over all rows, are loops over rows."),
        Step(
            "Rows beside the pool have no part in it: nothing is left out. A trained surrogate's"
            " student is (12) twice, the second time on the surrogate's second moments."
        ),
        Step("Where a row of the pool is judged it is left out of both stages' sums."),
    ],
)


@AS_SCORED.below("scores", note="normal laws of scores", but={"variance twice": {"scale": 2.0}})
def scores(digits: int, scale: float = 1.0) -> Pairs:
    """Chances from a normal law: one column, two, three by a quadrature; squared errors."""
    means = np.array([[0.3, -0.2, 0.1], [0.9, 0.4, 0.5], [-1.0, 0.2, 0.1]])
    spreads = np.array([[0.5, 1.0, 0.7], [0.2, 0.4, 0.9], [1.5, 0.3, 0.6]])
    covariances = np.array([np.diag(s**2) for s in spreads]) * scale
    law = Scores(means, covariances)
    above = 1 - stats.norm.cdf((0.5 - means) / spreads)
    yield from near(law.above(), above)
    yield from near(law.deviations, spreads)
    labels = np.arange(9.0).reshape(3, 3)
    yield from near(law.errors(labels), (labels - means) ** 2 + spreads**2)
    positive = np.array([True, False, True])
    true = np.where(positive, above[:, 1], 1 - above[:, 1]).mean()
    yield from near(law.two_class_accuracy(positive, 0.5, 1), true)
    certain = Scores(np.array([[0.7], [0.5], [0.1]]), np.zeros((3, 1, 1)))
    yield from near(certain.above(), [[1.0], [0.5], [0.0]])
    two = Scores(means[:, :2], covariances[:, :2, :2])
    gap = (means[:, 1] - means[:, 0]) / np.sqrt(spreads[:, 0] ** 2 + spreads[:, 1] ** 2)
    right = stats.norm.cdf(np.where([1, 0, 1], gap, -gap)).mean()
    yield from near(two.accuracy([1, 0, 1]), right)
    classes, chance = [1, 0, 2], 0.0
    for i, c in enumerate(classes):
        others = [k for k in range(3) if k != c]

        def first(x: float, i: int = i, c: int = c, others: list[int] = others) -> float:
            rest = [stats.norm.cdf(x, means[i, k], spreads[i, k]) for k in others]
            return float(stats.norm.pdf(x, means[i, c], spreads[i, c]) * np.prod(rest))

        chance += integrate.quad(first, -12, 12)[0] / 3
    yield from near(law.accuracy(classes), chance, 0.012)


@AS_SCORED.below(
    "pairs", note="sums over rows, term by term", but={"first order alone": {"second": 0.0}}
)
def pairs(digits: int, second: float = 1.0) -> Pairs:
    """`DrawnLaw`: kernel, residuals, and the two orders with their centring, by loops."""
    rows, labels, _ = data(12, 4)
    question = kd.Question.of(rows, labels, task="regression", intercept="none")
    pool, y, n = question.pool, question.labels, 3
    at = kd.rows.solve(pool, float(n), 0.5)
    taught = kd.rows.Students(at, y)
    left = LeftOut.of(at)
    chosen = np.array([1, 4, 11])
    law = drawn_law(taught, chosen, left)
    X, M = np.asarray(pool.rows), at.M
    for place, x in enumerate(chosen):
        for j in range(12):
            true = 0.0 if j == x else left.factor[x] * (X[x] @ M @ X[j]) / at.b[j]
            yield from near(law.kernel[j, place], true)
            between = 0.0 if j == x else X[x] @ M @ X[j] / at.b[j]
            yield from near(law.between[x, j], between)
    yield from near(law.residuals, y - X @ taught.mean)
    unseen = unseen_scores(taught, left)
    yield from near(law.means, unseen.means[chosen])
    yield from near(law.variance, np.einsum("ikk->", unseen.covariances[chosen]))
    for j in (0, 5):
        spread = np.array(
            [[X[j] @ taught.covariance(k, h) @ X[j] for h in range(2)] for k in range(2)]
        )
        yield from near(law.roots[j] @ law.roots[j], spread)
    drawn, normal = np.array([2, 7, 5]), np.array([[0.5, -1.0], [0.25, 2.0], [1.5, 0.0]])
    weights = np.linspace(0.5, 1.5, 12)
    uneven = DrawnLaw(
        chosen,
        law.means,
        law.variance,
        law.kernel,
        law.between,
        law.residuals,
        law.roots,
        weights,
        n,
    )
    for one, w in ((law, np.ones(12)), (uneven, weights)):
        yield from near(one.fluctuation(drawn, normal), fluctuation(one, w, drawn, normal, second))
    other = replace(uneven, residuals=y[::-1])  # another teacher's
    both = uneven.fluctuation(np.stack([drawn, drawn]), normal, np.stack([y[::-1], law.residuals]))
    for found, one in zip(both, (other, uneven), strict=True):
        yield from near(found, fluctuation(one, weights, drawn, normal, second))
    outside = X[:4] + np.array([[0.5], [-1.0], [0.25], [2.0]])
    beside = drawn_law(taught, np.array([3, 1]), outside=outside)
    yield from near(beside.kernel, (outside[[3, 1]] @ M @ X.T / at.b).T)
    yield from near(beside.means, outside[[3, 1]] @ taught.mean)
    variance = sum(x @ taught.covariance(k) @ x for x in outside[[3, 1]] for k in range(2))
    yield from near([beside.variance], [variance])


@AS_SCORED.below(
    "two stages",
    note="the student of a trained surrogate's labels",
    but={"one surrogate for all": {"spread": 0.0}},
)
def stages(digits: int, spread: float = 1.0) -> Pairs:
    """`TwoStages`: (12) for the student, by the surrogate's second moments, written out."""
    rows, labels, _ = data(14, 4)
    question = kd.Question.of(rows, labels, task="regression", intercept="none")
    pool, y = question.pool, question.labels
    X, outside = np.asarray(pool.rows), np.asarray(pool.rows)[:3] + 1.0
    target = kd.rows.solve(pool, 3.0, 0.5)
    source = kd.rows.Students(kd.rows.solve(pool, 5.0, 0.25), y)
    vectors, M = pool.principal[1], target.M
    for factors in (None, np.array([1.0, 0.5, 2.0, 0.0])):
        two = kd.rows.TwoStages(source, target, kd.rows.Response(target), factors)
        turn = np.eye(4) if factors is None else (vectors * factors) @ vectors.T
        law = two.scores(outside)
        learnt = outside @ (np.eye(4) - M) @ turn
        yield from near(law.means, learnt @ source.mean)
        yield from near(two.mean, (np.eye(4) - M) @ turn @ source.mean)
        coupled = 3 * np.square(X @ M @ X.T) / (14 * target.b**2)
        lost = np.empty((14, 2, 2))  # what the student itself scatters by on its own rows
        for k, other in ((0, 0), (0, 1), (1, 1)):
            shared = spread * source.covariance(k, other)
            mean = np.outer(source.mean[:, k], source.mean[:, other])
            unlearnt = X @ M @ turn
            given = np.einsum("xi,ij,xj->x", unlearnt, shared + mean, unlearnt)
            forms = np.linalg.solve(np.eye(14) - coupled, given)
            lost[:, k, other] = lost[:, other, k] = forms - given
            wanted = np.einsum("xi,ij,xj->x", learnt, shared, learnt)
            wanted += np.square(outside @ M @ X.T) @ (3 * forms / (14 * target.b**2))
            yield from near(law.covariances[:, k, other], wanted)
        yield from drawn_twice(two, X, outside, turn, lost)
        test, whole = kd.rows.Moments.of(pool, pool, y), two.scores(X)
        yield from near(whole.errors(y).mean(axis=0), two.errors(test))  # (11) and (12) agree
        yield from near(two.own_scores().covariances, whole.covariances, 1e-7)
        yield from near(two.own_scores().means, whole.means)
        # what finite m and n change of the mean, and of the variance to first order
        own = kd.rows.student_change(pool, y, 5.0, two.moments(test).covariance, 0.25)
        taught = X @ turn @ source.mean
        other = kd.rows.student_change(pool, taught, 3.0, test.covariance, 0.5)
        moved, factor = two.changed(test, own, other)
        change = (np.eye(4) - M) @ turn @ own.mean + other.mean
        yield from near(moved, change)
        more = own.second.sum() + other.second.sum()
        more -= 2 * (whole.means * (X @ change)).sum(axis=1).mean()
        yield from near([factor], [1 + more / (whole.variance / 14)], 1e-6)
    yield from asked()


@AS_SCORED.below(
    "left out twice",
    note="a row of the pool is judged by surrogates and students without it",
    but={"of the student alone": {"stages": 1}, "of neither": {"stages": 0}},
)
def left_out(digits: int, stages: int = 2) -> Pairs:
    """`TwoStages.unseen_scores`: matrices inverted anew without each row, scales as they are."""
    rows, labels, _ = data(14, 4)
    question = kd.Question.of(rows, labels, task="regression", intercept="none")
    pool, y = question.pool, question.labels
    X, rest = np.asarray(pool.rows), np.eye(14)
    source = kd.rows.Students(kd.rows.solve(pool, 5.0, 0.25), y)
    at, target = source.at, kd.rows.solve(pool, 3.0, 0.5)
    missed = y - X @ source.mean

    def weights(one: Any, given: Any) -> Any:
        """Of (12): what its sums over rows weigh ``x x'`` by."""
        coupled = one.n * np.square(X @ one.M @ X.T) / (14 * one.b**2)
        return one.n * np.linalg.solve(np.eye(14) - coupled, given) / (14 * one.b**2)

    def without(one: Any, x: int, apart: bool) -> Any:
        share = apart * one.n / (14 * one.b[x])
        return np.linalg.inv(np.linalg.inv(one.M) - share * np.outer(X[x], X[x]))

    for factors in (None, np.array([1.0, 0.5, 2.0, 0.0])):
        two = kd.rows.TwoStages(source, target, kd.rows.Response(target), factors)
        vectors = pool.principal[1]
        turn = np.eye(4) if factors is None else (vectors * factors) @ vectors.T
        law, unlearnt = two.unseen_scores(), X @ target.M @ turn
        for k, other in ((0, 0), (0, 1), (1, 1)):
            own = weights(at, missed[:, k] * missed[:, other])
            second = source.covariance(k, other) + np.outer(
                source.mean[:, k], source.mean[:, other]
            )
            next_ = weights(target, np.einsum("xi,ij,xj->x", unlearnt, second, unlearnt))
            for x in range(14):
                M, T = without(at, x, stages > 1), without(target, x, stages > 0)
                first = (1 - rest[x] * (stages > 1)) / at.b
                theta = np.linalg.solve((X.T * first) @ X, (X.T * first) @ y[:, k])
                z = turn @ (X[x] - T @ X[x])
                yield from near(law.means[x, k], z @ (theta - M @ theta), 1e-7)
                kept = [own * (1 - rest[x] * (stages > 1)), next_ * (1 - rest[x] * (stages > 0))]
                sums = [(X.T * one) @ X for one in kept]
                wanted = z @ M @ sums[0] @ M @ z + X[x] @ T @ sums[1] @ T @ X[x]
                yield from near(law.covariances[x, k, other], wanted, 1e-7)
        # draws of students scatter as much as the law without the row
        classes = y.argmax(axis=1)
        moves = to_variance(two.drawn(X), law.variance) + law.means
        right = (moves.argmax(axis=2) == classes).mean()
        told = two.class_accuracy(classes, X, np.zeros(2), law=law)
        yield from near([told], [right], 1e-4)


def drawn_twice(two: Any, X: Any, outside: Any, turn: Any, lost: Any) -> Pairs:
    """Surrogates by their sums over rows; each one's student by its own, of what it misses."""
    M, size = two.target.M, len(X)
    functionals = np.vstack([X @ M @ turn, outside @ (np.eye(4) - M) @ turn])
    of_source = drawn_law(two.source, np.arange(len(functionals)), outside=functionals)
    found = two.drawn(outside)
    first = of_source.fluctuations(stream(0, "surrogates of the pair law", 5), len(found))
    first = to_variance(first, of_source.variance)
    between = X @ M @ X.T / two.target.b
    np.fill_diagonal(between, 0.0)
    parts = two.scores(outside).variance - of_source_part(two, outside, M, turn)
    law = DrawnLaw(
        np.arange(len(outside)),
        two.scores(outside).means,
        parts,
        (outside @ M @ X.T / two.target.b).T,
        between,
        X @ M @ turn @ two.source.mean,
        symmetric_roots(lost),
        np.ones(size),
        3,
    )
    missed = first[:, :size] + law.residuals
    dice = stream(0, "students of the pair law", 3)
    own = to_variance(law.fluctuations(dice, len(found), missed), parts)
    yield from near(
        found[::64], to_variance(own + first[:, size:], two.scores(outside).variance)[::64], 2e-3
    )


def of_source_part(two: Any, outside: Any, M: Any, turn: Any) -> float:
    """Variance that the surrogate's scatter makes on rows, summed."""
    z = outside @ (np.eye(4) - M) @ turn
    spread = two.source.covariance(0, 0) + two.source.covariance(1, 1)
    return float(np.einsum("xi,ij,xj->", z, spread, z))


def to_variance(moves: Any, variance: float) -> np.ndarray:
    """Moves (students, k, K) without their mean, of a variance summed over rows and columns."""
    moves = moves.astype(float) - moves.mean(axis=0, dtype=float)
    return np.asarray(moves * (variance * len(moves) / np.square(moves).sum()) ** 0.5)


def asked() -> Pairs:
    """`kd.predict` at n that is no whole number: the normal law alone, moved by finite m and n."""
    rows, _, classes = data(40, 4)
    for asks in ("unseen", "held out"):
        question = kd.Question.of(rows[:28], classes[:28], task="classes", intercept="known")
        if asks == "held out":
            question = question.judged_on(rows[28:], classes[28:])
        pool, y, ridge = question.pool, question.labels, 0.5
        one = kd.teachers.Trained(6, "gains", ridge=0.25)
        kind: dict[str, Any] = {"accuracy": "all", "laws": True, "distinct": False}
        found = kd.predict(question, 4.5, one, ridges=ridge, **kind)
        room = kd.teachers.Classroom(question, {"rows": {"distinct": False}})
        factors = one.factors(room.lesson(4.5, ridge))
        source = kd.rows.Students(kd.rows.solve(pool, 6.0, 0.25), y)
        target = kd.rows.solve(pool, 4.5, ridge)
        two = kd.rows.TwoStages(source, target, kd.rows.Response(target), factors)
        judged, truth = np.asarray(pool.rows), classes[:28]
        if question.held_out is not None:
            judged, truth = question.held_out.rows, classes[28:]
        A = judged.T @ judged / len(judged)
        test = kd.rows.Moments(A, np.zeros((4, y.shape[1])), np.zeros(y.shape[1]))
        changes = (
            kd.rows.student_change(pool, y, 6.0, two.moments(test).covariance, 0.25),
            kd.rows.student_change(pool, pool.times(two.taught), 4.5, A, ridge),
        )
        moved, _ = two.changed(test, *changes)
        law = two.unseen_scores() if asks == "unseen" else two.scores(judged)
        shifted = Scores(law.means + question.level + judged @ moved, law.covariances)
        yield from near([found.accuracy[one.name]], [shifted.accuracy(truth)], 1e-3)
        (told,) = found.laws[one.name]
        yield from near(told.means, law.means, 1e-5)
        yield from near(told.covariances, law.covariances, 1e-5)
        if asks == "unseen":
            more = law.errors(y) - two.scores(judged).errors(y)
            true = pool.times(np.linalg.pinv(judged) @ y)
            linear = law.errors(true) - two.scores(judged).errors(true)
            parts = found.parts[one.name]
            yield from near([parts["optimism"]], [linear.mean(axis=0).sum()], 1e-5)
            plain = two.errors(kd.rows.Moments.of(pool, pool, y)).sum() + parts["finite_size"]
            floor = np.square(y - true).sum(axis=1).mean()
            risk, excess = plain + more.sum(axis=1).mean(), plain + parts["optimism"] - floor
            yield from near([found.risk[one.name]], [risk], 1e-5)
            yield from near([found.excess[one.name]], [excess], 1e-5)


def fluctuation(law: DrawnLaw, w: np.ndarray, drawn: Any, normal: Any, second: float) -> np.ndarray:
    """The sums of the module's head over three drawn rows, less their means over all rows."""
    n, q = law.n, len(w)
    k, between, e = law.kernel, law.between, law.residuals
    moved = [e[j] + law.roots[j] @ normal[place] for place, j in enumerate(drawn)]
    total = sum(np.outer(k[j], e[j]) for j in drawn)
    total = total - n * sum(w[j] * np.outer(k[j], e[j]) for j in range(q)) / q
    for a in range(n):
        for b in range(n):
            if a != b:
                total = total - np.outer(
                    k[drawn[a]], second * between[drawn[a], drawn[b]] * moved[b]
                )
    mean_taught = [sum(w[i] * between[j, i] * e[i] for i in range(q)) / q for j in range(q)]
    through = [sum(w[j] * k[j] * between[j, i] for j in range(q)) / q for i in range(q)]
    for place, j in enumerate(drawn):
        total = total + (n - 1) * np.outer(k[j], mean_taught[j])
        total = total + (n - 1) * np.outer(through[j], moved[place])
    return total - n * (n - 1) * sum(w[i] * np.outer(through[i], e[i]) for i in range(q)) / q


@AS_SCORED.identity("row kernel", note="one row", but={"a share": {"share": 2}})
def kernel(share: int = 1) -> tuple[Any, Any]:
    """`formulas.row_kernel` is the form over the row's scale."""
    q, b = sympy.symbols("q b", positive=True)
    return f.row_kernel(q, share * b), q / b
