"""Accuracy class by class of the sample."""

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


def test_the_classes_add_up_to_the_law_of_the_scores(pool_and_classes):
    pool, classes = pool_and_classes
    students = students_of(pool, classes, 12)
    found = rows.composition(students, classes)
    unseen = rows.unseen_scores(students)
    np.testing.assert_allclose(found.means, unseen.means[found.chosen], rtol=1e-10, atol=1e-12)
    wanted = unseen.covariances[found.chosen]
    np.testing.assert_allclose(found.parts.sum(axis=1), wanted, rtol=1e-8, atol=1e-12)
    # given the n_c, and over their draw: n_c are multinomial
    inner = np.einsum("c,ickl->ikl", 12 * found.shares, found.spreads)
    middle = np.einsum("c,ick->ik", found.shares, found.influences)
    second = np.einsum("c,ick,icl->ikl", found.shares, found.influences, found.influences)
    drawn = 12 * (second - np.einsum("ik,il->ikl", middle, middle))
    np.testing.assert_allclose(inner + drawn, wanted, rtol=1e-8, atol=1e-12)
    assert np.linalg.eigvalsh(found.spreads).min() > -1e-12


def test_few_samples_a_class(pool_and_classes):
    """One sample a class: the Gaussian law is too high, this one by less than half as much."""
    pool, classes = pool_and_classes
    students = students_of(pool, classes, 10)
    offsets = np.bincount(classes) / classes.size
    unseen = rows.unseen_scores(students)
    gaussian = rows.Scores(unseen.means + offsets, unseen.covariances).accuracy(classes)
    found = rows.class_accuracy(students, classes, offsets)
    mean, error = measured(pool, classes, 10)
    assert gaussian - mean > 4 * error
    assert abs(found - mean) < (gaussian - mean) / 2


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


def test_a_class_without_rows(pool_and_classes):
    pool, classes = pool_and_classes
    fewer = np.where(classes == 3, 4, classes)
    found = rows.composition(students_of(pool, fewer, 10), fewer)
    assert found.shares.shape == (9,)
    assert found.shares.sum() == pytest.approx(1)
    assert found.means.shape[1] == 10


@pytest.mark.parametrize("wrong", [lambda c: c[:-1], lambda c: c - 1])
def test_bad_classes(pool_and_classes, wrong):
    pool, classes = pool_and_classes
    with pytest.raises(ValueError, match="classes must be 1500 class numbers from 0"):
        rows.composition(students_of(pool, classes, 10), wrong(classes))


def test_n_must_be_whole(pool_and_classes):
    pool, classes = pool_and_classes
    with pytest.raises(ValueError, match="n=10.5 must be"):
        rows.composition(students_of(pool, classes, 10.5), classes)
