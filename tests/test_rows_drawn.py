"""Predictions as sums over drawn rows, and the accuracy that follows."""

import dataclasses

import numpy as np
import pytest

import kdverify as kd
from kdverify import rows


@pytest.fixture(scope="module")
def pool_and_classes():
    generator = np.random.default_rng(3)
    X = rows.made_up.relu_features(generator, 1500, 60)
    X -= X.mean(axis=0)
    return rows.Pool(X), rows.made_up.noisy_classes(
        generator, generator.standard_normal((60, 10)), X
    )


def students_of(pool, classes, n):
    labels = np.eye(classes.max() + 1)[classes]
    labels -= labels.mean(axis=0)
    at = rows.solve(pool, n)
    return rows.Students(at, labels, response=rows.Response(at, columns=60))


def measured(pool, classes, n, repetitions=300):
    question = kd.Question.of(pool.rows, classes, intercept="known")
    found = kd.measure(question, n, "strong", repetitions=repetitions)
    return found.accuracy["strong"], found.standard_errors()["accuracy"]["strong"]


@pytest.mark.parametrize("weighted", [False, True])
def test_the_single_rows_have_the_moments_of_the_scores(pool_and_classes, weighted):
    """In closed form: the sum of the rows' second moments is the covariance (12)."""
    pool, classes = pool_and_classes
    if weighted:
        pool = pool.reweighted(np.where(classes < 3, 2.0, 1.0))
    students = students_of(pool, classes, 12)
    found = rows.drawn_law(students, np.arange(0, 1500, 2))
    unseen = rows.unseen_scores(students)
    np.testing.assert_array_equal(found.means, unseen.means[found.chosen])
    spread = found.roots @ found.roots.transpose(0, 2, 1)
    spread += np.einsum("nk,nl->nkl", found.residuals, found.residuals)
    weights = 12 / pool.size * found.weights[:, None] * found.kernel**2
    summed = np.einsum("nx,nkl->xkl", weights, spread)
    wanted = unseen.covariances[found.chosen]
    np.testing.assert_allclose(summed, wanted, rtol=1e-7, atol=1e-12)
    assert found.variance == pytest.approx(np.einsum("xkk->", wanted))
    spread -= found.roots @ found.roots.transpose(0, 2, 1)  # the control: fixed errors
    summed = np.einsum("nx,nkl->xkl", weights, spread)
    assert np.abs(summed - wanted).max() > 0.1 * np.abs(wanted).max()


def small_law(pool_and_classes):
    """A law of students of two of ten rows, three of them wanted, drawn by weights."""
    pool, classes = pool_and_classes
    found = rows.drawn_law(students_of(pool, classes, 12), np.arange(8, 11))
    few = np.arange(10)
    weights = np.linspace(0.5, 1.5, 10)
    return dataclasses.replace(
        found,
        kernel=found.kernel[few],
        between=found.between[np.ix_(few, few)],
        residuals=found.residuals[few],
        roots=found.roots[few],
        weights=weights,
        n=2,
    )


def test_the_second_order_has_no_part_of_the_first(pool_and_classes):
    """Over all pairs of rows: no mean, and given one row the first-order term of that row."""
    found = small_law(pool_and_classes)
    zeros = np.zeros((2, 10))
    pairs = np.array(
        [[found.fluctuation(np.array([i, j]), zeros) for j in range(10)] for i in range(10)]
    )
    given_one = np.einsum("ijxk,j->ixk", pairs, found.weights / 10)
    single = found.kernel[:, :, None] * found.residuals[:, None, :]
    single -= np.einsum("ixk,i->xk", single, found.weights / 10)
    np.testing.assert_allclose(given_one, single, atol=1e-14)
    # the rest is what one row leaves of the other's error, less a part of each row alone
    taught = np.einsum("jx,ji,ik->ijxk", found.kernel, found.between, found.residuals)
    alone = pairs - given_one[:, None] - given_one[None, :] + taught + taught.swapaxes(0, 1)
    crossed = alone - alone[:, :1] - alone[:1] + alone[:1, :1]
    np.testing.assert_allclose(crossed, 0, atol=1e-14)
    crossed -= taught - taught[:, :1] - taught[:1] + taught[:1, :1]  # one of the two is missing
    assert np.abs(crossed).max() > 1e-3 * np.abs(single).max()
    # the control: weights that are not those of the draws
    given_one = pairs.mean(axis=1)
    assert np.abs(given_one - single).max() > 1e-3 * np.abs(single).max()


def test_draws_have_no_mean_and_the_variance_of_the_scores(pool_and_classes):
    pool, classes = pool_and_classes
    pool = pool.reweighted(np.where(classes < 3, 2.0, 1.0))
    students = students_of(pool, classes, 12)
    found = rows.drawn_law(students, np.arange(0, 160, 2))
    drawn = found.fluctuations(np.random.default_rng(0), 4000)
    errors = drawn.std(axis=0) / np.sqrt(4000)
    # 800 means; a false alarm in less than one of a thousand runs
    assert np.abs(drawn.mean(axis=0) / errors).max() < 5
    # single rows lack what errors vary by; pairs bring nearly all of that
    alone = dataclasses.replace(found, between=np.zeros_like(found.between))
    lacking, left = (
        abs(1 - np.square(draws).sum() / 4000 / found.variance)
        for draws in (alone.fluctuations(np.random.default_rng(0), 4000), drawn)
    )
    assert left < lacking / 3
    plain = found.scores(found.means) - found.means
    squares = np.square(plain).sum(axis=2, dtype=float)
    for factor in (0.9, 1.0, 1.2):
        scores = found.scores(found.means, factor) - found.means
        # the scale's relative variance is factor - 1: five standard errors; float32 beside them
        error = factor * np.sqrt(max(factor - 1, 0) * np.square(squares).sum()) / len(scores)
        assert np.square(scores).sum(dtype=float) / len(scores) == pytest.approx(
            factor * found.variance, abs=5 * error + 1e-5 * found.variance
        )
    # the control: with equal weights the means are others
    other = dataclasses.replace(found, weights=np.ones(1500))
    other.__dict__["centring"] = found.centring
    drawn = other.fluctuations(np.random.default_rng(0), 4000)
    assert np.abs(drawn.mean(axis=0) / errors).max() > 5


def test_few_samples_a_class(pool_and_classes):
    """One sample a class: the Gaussian law is points too high, this one is not."""
    pool, classes = pool_and_classes
    students = students_of(pool, classes, 10)
    offsets = np.bincount(classes) / classes.size
    unseen = rows.unseen_scores(students)
    gaussian = rows.Scores(unseen.means + offsets, unseen.covariances).accuracy(classes)
    change = rows.student_change(pool, students.labels, 10, pool.covariance, start=students.at)
    found = rows.class_accuracy(students, classes, offsets, change=change)
    mean, error = measured(pool, classes, 10)
    assert gaussian - mean > 4 * error
    assert abs(found - mean) < min(0.005 + 2 * error, (gaussian - mean) / 2)


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


def test_few_samples_a_class_on_held_out_rows(pool_and_classes):
    """Rows beside the pool, by `kdverify.predict`: as far from the Gaussian law, as near to it."""
    pool, classes = pool_and_classes
    question = kd.Question.of(pool.rows[:900], classes[:900]).judged_on(
        pool.rows[900:], classes[900:]
    )
    found = kd.predict(question, 12, "strong", laws=True)
    (law,), level = found.laws["strong"], question.level
    gaussian = rows.Scores(law.means + level, law.covariances).accuracy(classes[900:])
    measured = kd.measure(question, 12, "strong", repetitions=300)
    mean = measured.accuracy["strong"]
    error = measured.standard_errors()["accuracy"]["strong"]
    assert gaussian - mean > 4 * error
    assert abs(found.accuracy["strong"] - mean) < min(0.005 + 2 * error, (gaussian - mean) / 2)


def two_stages(pool_and_classes, m=30, n=12):
    """Students of trained surrogates, their modes halved by turns."""
    pool, classes = pool_and_classes
    source, target = students_of(pool, classes, m), rows.solve(pool, n)
    factors = np.where(np.arange(60) % 2, 0.5, 1.0)
    return rows.TwoStages(source, target, rows.Response(target, columns=60), factors)


def test_drawn_surrogates_and_students_have_the_law_of_the_scores(pool_and_classes):
    """No mean, and row by row nearly the variance of `scores`; the mean surrogate's has less."""
    two, chosen = two_stages(pool_and_classes), np.arange(0, 160, 4)
    judged = np.asarray(pool_and_classes[0].rows[chosen])
    law, found = two.scores(judged), two.drawn(judged)
    count = len(found)
    errors = found.std(axis=0) / np.sqrt(count)
    assert np.abs(found.mean(axis=0) / errors).max() < 5
    wanted = np.einsum("xkk->x", law.covariances)
    variances = np.square(found).sum(axis=2).mean(axis=0)
    assert variances.sum() == pytest.approx(wanted.sum(), rel=1e-4)  # float32
    assert np.abs(variances / wanted - 1).mean() < 0.1
    # the control: the mean surrogate in the place of all
    mean = rows.Students(two.target, two.target.pool.times(two.taught))
    alone = rows.scores(mean, judged).variance
    assert alone < 0.9 * law.variance
    # the same draws with twice the variance, and other draws for another seed
    assert np.square(two.drawn(judged, 2.0)).sum() / np.square(found).sum() == pytest.approx(
        2.0, abs=0.2
    )
    assert np.abs(two.drawn(judged, seed=1) - found).max() > 0


@pytest.mark.parametrize("wrong", [lambda c: c[:-1], lambda c: c - 1])
def test_bad_classes(pool_and_classes, wrong):
    pool, classes = pool_and_classes
    with pytest.raises(ValueError, match="classes must be 1500 class numbers from 0"):
        rows.class_accuracy(students_of(pool, classes, 10), wrong(classes))


@pytest.mark.parametrize("wrong", [[], [1500], [-1], [2, 2], [0.5], [[1, 2]]])
def test_bad_row_numbers(pool_and_classes, wrong):
    pool, classes = pool_and_classes
    with pytest.raises(ValueError, match="chosen must be different row numbers from 0 to 1499"):
        rows.drawn_law(students_of(pool, classes, 10), wrong)


def test_n_must_be_whole(pool_and_classes):
    pool, classes = pool_and_classes
    with pytest.raises(ValueError, match="n=10.5 must be"):
        rows.drawn_law(students_of(pool, classes, 10.5), np.arange(3))
