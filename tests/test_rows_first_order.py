"""Predictions as sums over drawn rows, and the accuracy that follows."""

import numpy as np
import pytest

from kdverify import rows


@pytest.fixture(scope="module")
def pool_and_classes():
    generator = np.random.default_rng(3)
    X = rows.laws.relu_features(generator, 1500, 60)
    X -= X.mean(axis=0)
    return rows.Pool(X), rows.laws.noisy_classes(generator, generator.standard_normal((60, 10)), X)


def students_of(pool, classes, n):
    labels = np.eye(classes.max() + 1)[classes]
    labels -= labels.mean(axis=0)
    at = rows.solve(pool, n)
    return rows.Students(at, labels, response=rows.Response(at, columns=60))


def measured(pool, classes, n, repetitions=300):
    hot = np.eye(classes.max() + 1)[classes]
    offsets = hot.mean(axis=0)

    def judge(_, student, unseen):
        guess = (pool.times(student) + offsets).argmax(axis=1)
        return {"accuracy": (guess == classes)[unseen].mean()}

    found = rows.measure(pool, n, {"x": hot - offsets}, judge, repetitions)
    return found.mean("x/accuracy"), found.standard_error("x/accuracy")


@pytest.mark.parametrize("weighted", [False, True])
def test_the_sums_have_the_moments_of_the_scores(pool_and_classes, weighted):
    """In closed form: the sum of the rows' second moments is the covariance (12)."""
    pool, classes = pool_and_classes
    if weighted:
        pool = pool.reweighted(np.where(classes < 3, 2.0, 1.0))
    students = students_of(pool, classes, 12)
    found = rows.first_order(students, np.arange(0, 1500, 2))
    unseen = rows.unseen_scores(students)
    np.testing.assert_array_equal(found.means, unseen.means[found.chosen])
    spread = found.roots @ found.roots.transpose(0, 2, 1)
    spread += np.einsum("nk,nl->nkl", found.residuals, found.residuals)
    summed = np.einsum("xn,nkl->xkl", 12 / pool.size * found.weights * found.kernel**2, spread)
    wanted = unseen.covariances[found.chosen]
    np.testing.assert_allclose(summed, wanted, rtol=1e-7, atol=1e-12)
    spread -= found.roots @ found.roots.transpose(0, 2, 1)  # the control: fixed errors
    summed = np.einsum("xn,nkl->xkl", 12 / pool.size * found.weights * found.kernel**2, spread)
    assert np.abs(summed - wanted).max() > 0.1 * np.abs(wanted).max()


def test_draws_have_these_moments(pool_and_classes):
    pool, classes = pool_and_classes
    pool = pool.reweighted(np.where(classes < 3, 2.0, 1.0))
    students = students_of(pool, classes, 12)
    found = rows.first_order(students, np.arange(0, 1500, 2))
    few = slice(0, 8)
    drawn = found.fluctuations(np.random.default_rng(0), few, 20_000)
    wanted = rows.unseen_scores(students).covariances[found.chosen][few]
    deviations = np.sqrt(np.einsum("xkk->xk", wanted))
    # 80 means, 440 variances and products; five standard errors of each, fourth moments measured
    assert np.abs(drawn.mean(axis=0) / deviations).max() < 5 / np.sqrt(20_000)
    product = np.einsum("cxk,cxl->cxkl", drawn, drawn)
    errors = product.std(axis=0) / np.sqrt(20_000)
    assert np.abs((product.mean(axis=0) - wanted) / errors).max() < 5
    # the control: without what a fixed number of rows loses, or with equal weights
    found.weights[:] = 1.0
    other = found.fluctuations(np.random.default_rng(0), few, 20_000)
    product = np.einsum("cxk,cxl->cxkl", other, other)
    assert np.abs((product.mean(axis=0) - wanted) / errors).max() > 5


def test_few_samples_a_class(pool_and_classes):
    """One sample a class: the Gaussian law is too high, this one by less."""
    pool, classes = pool_and_classes
    students = students_of(pool, classes, 10)
    offsets = np.bincount(classes) / classes.size
    unseen = rows.unseen_scores(students)
    gaussian = rows.Scores(unseen.means + offsets, unseen.covariances).accuracy(classes)
    change = rows.student_change(pool, students.labels, 10, pool.covariance, start=students.at)
    found = rows.class_accuracy(students, classes, offsets, change=change.mean)
    mean, error = measured(pool, classes, 10)
    assert gaussian - mean > 4 * error
    assert mean - 2 * error < found < gaussian - (gaussian - mean) / 3


def test_many_samples_a_class_are_gaussian(pool_and_classes):
    pool, classes = pool_and_classes
    two = (classes >= 5).astype(int)
    students = students_of(pool, two, 40)
    offsets = np.bincount(two) / two.size
    unseen = rows.unseen_scores(students)
    gaussian = rows.Scores(unseen.means + offsets, unseen.covariances).accuracy(two)
    assert rows.class_accuracy(students, two, offsets) == pytest.approx(gaussian, abs=0.01)
    between = rows.Students(rows.solve(pool, 40.5), students.labels)
    unseen = rows.unseen_scores(between)
    gaussian = rows.Scores(unseen.means + offsets, unseen.covariances).accuracy(two)
    assert rows.class_accuracy(between, two, offsets) == gaussian


@pytest.mark.parametrize("wrong", [lambda c: c[:-1], lambda c: c - 1])
def test_bad_classes(pool_and_classes, wrong):
    pool, classes = pool_and_classes
    with pytest.raises(ValueError, match="classes must be 1500 class numbers from 0"):
        rows.class_accuracy(students_of(pool, classes, 10), wrong(classes))


@pytest.mark.parametrize("wrong", [[], [1500], [-1], [2, 2], [0.5], [[1, 2]]])
def test_bad_row_numbers(pool_and_classes, wrong):
    pool, classes = pool_and_classes
    with pytest.raises(ValueError, match="chosen must be different row numbers from 0 to 1499"):
        rows.first_order(students_of(pool, classes, 10), wrong)


def test_n_must_be_whole(pool_and_classes):
    pool, classes = pool_and_classes
    with pytest.raises(ValueError, match="n=10.5 must be"):
        rows.first_order(students_of(pool, classes, 10.5), np.arange(3))
