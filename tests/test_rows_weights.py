"""Rows with weights: the same as rows that stand several times in the pool."""

import numpy as np
import pytest
from row_samples import heavy_rows, labels_of

import kdverify as kd
from kdverify import rows


@pytest.fixture(scope="module")
def pools():
    """A pool in which rows stand zero to three times, and the same as weights."""
    features = heavy_rows(200, 12)
    times = np.random.default_rng(1).integers(0, 4, 200)
    return rows.Pool(np.repeat(features, times, axis=0)), rows.Pool(features, times), times


def students_of(pools, n, ridge, columns):
    repeated, weighted, times = pools
    labels = labels_of(np.asarray(weighted.rows), 2)
    found = []
    for pool, given in ((repeated, np.repeat(labels, times, axis=0)), (weighted, labels)):
        at = rows.solve(pool, n, ridge)
        response = rows.Response(at, columns=columns)
        found.append(rows.Students(at, given, 0.1, response=response))
    return found


@pytest.mark.parametrize("columns", [1, 1000])  # conjugate gradients and a factorisation
@pytest.mark.parametrize(("n", "ridge"), [(5, 0.0), (20, 0.3)])
def test_weights_are_repetitions(pools, n, ridge, columns):
    first, second = students_of(pools, n, ridge, columns)
    assert first.at.evaluations == second.at.evaluations
    np.testing.assert_allclose(second.at.M, first.at.M, atol=1e-9)
    assert abs(second.at.trace_gap) < 1e-8
    new = heavy_rows(30, 12, key=3)
    laws = [rows.scores(students, new) for students in (first, second)]
    np.testing.assert_allclose(laws[1].means, laws[0].means, atol=1e-8)
    np.testing.assert_allclose(laws[1].covariances, laws[0].covariances, rtol=1e-6, atol=1e-8)
    tests = [rows.Moments.of(s.at.pool, s.at.pool, s.labels) for s in (first, second)]
    np.testing.assert_allclose(tests[1].floor, tests[0].floor, rtol=1e-10)
    risks = [s.excess_risks(t) for s, t in zip((first, second), tests, strict=True)]
    np.testing.assert_allclose(risks[1], risks[0], rtol=1e-7)
    # rows of weight zero as well: their forms are those of the matrix
    M, pool = second.at.M, second.at.pool
    inner = M @ second.spread.matrix(0) @ M
    np.testing.assert_allclose(second.spread.variances(0), pool.forms(inner), rtol=1e-6, atol=1e-9)


def test_teachers_and_the_best_labels(pools):
    first, second = students_of(pools, 5, 0.0, 1000)
    found = []
    for students in (first, second):
        pool = students.at.pool
        test = rows.Moments.of(pool, pool, students.labels)
        best = rows.Teachers(students.at, test, students.response)
        labels = best.optimal_labels()
        taught = rows.Students(students.at, labels, response=students.response)
        found.append((best.optimal, best.gains, best.mask, taught.errors(test)))
    for one, other in zip(*found, strict=True):
        np.testing.assert_allclose(other, one, rtol=1e-6, atol=1e-7)


def test_leaving_a_row_out(pools):
    """The factor of a row of weight w is that of the rank-one change ``n w x x' / (N b)``."""
    _, weighted, _ = pools
    at = rows.solve(weighted, 5)
    left = rows.LeftOut.of(at)
    for row in np.flatnonzero(weighted.weights > 0)[:5]:
        x, share = weighted.rows[row], at.n * weighted.weights[row] / weighted.size
        without = np.linalg.inv(np.linalg.inv(at.M) - share * np.outer(x, x) / at.b[row])
        np.testing.assert_allclose(x @ without, left.factor[row] * (x @ at.M), rtol=1e-8)
    assert (left.factor[weighted.weights == 0] == 1).all()


def test_a_solution_of_other_weights_is_a_start(pools):
    _, weighted, _ = pools
    near = weighted.reweighted(weighted.weights + 0.01)
    assert near.rows is weighted.rows
    cold = rows.solve(near, 5)
    warm = rows.solve(near, 5, start=rows.solve(weighted, 5))
    assert warm.evaluations < cold.evaluations
    np.testing.assert_allclose(warm.b, cold.b, rtol=1e-8)
    assert weighted.reweighted(None).weights is None


def test_jackknife_and_measurement_follow_the_weights(pools):
    repeated, weighted, times = pools
    labels = labels_of(np.asarray(weighted.rows), 1)[:, 0]
    assert rows.jackknife(weighted, labels, 4, groups=4).value == pytest.approx(
        rows.jackknife(repeated, np.repeat(labels, times), 4, groups=4).value, rel=1e-7
    )
    test = rows.Moments.of(weighted, weighted, labels[:, None])
    question = kd.Question.of(weighted.rows, labels, intercept="none", weights=weighted.weights)
    found = kd.measure(question, 4, "strong", repetitions=300, draws=rows.Draws(replace=True))
    error = found.standard_errors()["excess"]["strong"]
    students = rows.Students(rows.solve(weighted, 4), labels)
    law = rows.unseen_scores(students)
    predicted = weighted.mean(law.errors(weighted.times(test.best))[:, 0])
    assert abs(found.excess["strong"] - predicted) < 0.05 * predicted + 4 * error


@pytest.mark.parametrize(
    ("weights", "message"),
    [
        (np.ones(3), r"weights of shape \(3,\) must have shape \(200,\), one number a row"),
        (np.r_[-1.0, np.ones(199)], r"weights\[0\]=-1 must not be negative"),
        (np.zeros(200), "weights must not be zero for all rows"),
        (np.r_[np.nan, np.ones(199)], "weights"),
    ],
)
def test_bad_weights(pools, weights, message):
    features = np.asarray(pools[1].rows)
    with pytest.raises(ValueError, match=message):
        rows.Pool(features, weights)
    with pytest.raises(ValueError, match=message):
        pools[1].reweighted(weights)


def test_what_needs_equal_weights_says_so(pools):
    _, weighted, _ = pools
    labels = labels_of(np.asarray(weighted.rows), 1)[:, 0]
    with pytest.raises(ValueError, match="pool must have equal weights"):
        rows.Correction(rows.solve(weighted, 4))
    with pytest.raises(ValueError, match="rows must have equal weights"):
        kd.measure(kd.Question(weighted, labels[:, None], np.zeros(1)), 4)
    with pytest.raises(ValueError, match="pool must have equal weights"):
        rows.corrected_errors(
            weighted, labels, 4, rows.Moments.of(weighted, weighted, labels[:, None])
        )
