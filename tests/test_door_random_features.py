"""Random features on the door: predicted and measured for the same question and teachers."""

from __future__ import annotations

import numpy as np
import pytest
from sklearn.datasets import load_digits

import kdverify as kd
from kdverify.rows.training import fit
from kdverify.seeds import stream
from kdverify.teachers import Best, BlindMask, Classroom

INTERCEPTS = ("fitted", "known", "none")


@pytest.fixture(scope="module")
def data():
    generator = np.random.default_rng(4)
    X = generator.standard_normal((400, 12)) * np.arange(1, 13) ** -0.5
    y = X @ generator.standard_normal((12, 2)) + 0.5 * generator.standard_normal((400, 2))
    return X + 1, y + 1


@pytest.mark.parametrize("intercept", INTERCEPTS)
def test_endless_features_are_the_gaussian_formula(data, intercept):
    question = kd.Question.of(*data, intercept=intercept, task="regression")
    options = {"ridges": [0.0, 0.5], "laws": True}
    endless = kd.predict(question, [8, 30], by="random-features", features=10**9, **options)
    gaussian = kd.predict(question, [8, 30], by="gaussian", **options)
    # a fitted intercept is exact here, and one more mode there: they differ in the order 1/n^2
    tolerance = 0.02 if intercept == "fitted" else 1e-6
    for name, excess in gaussian.excess.items():
        np.testing.assert_allclose(endless.excess[name], excess, rtol=tolerance, atol=1e-9)
        for ours, theirs in zip(endless.laws[name], gaussian.laws[name], strict=True):
            size = np.abs(theirs.covariances).max()
            np.testing.assert_allclose(ours.means, theirs.means, rtol=3 * tolerance, atol=0.05)
            gap = np.abs(ours.covariances - theirs.covariances).max()
            assert gap <= (0.1 if intercept == "fitted" else 1e-5) * size + 1e-9


@pytest.mark.parametrize("intercept", INTERCEPTS)
def test_measured_students_are_those_that_are_trained(data, intercept):
    """The coefficients of W x, W as documented, fitted by another route."""
    X, y = data
    question = kd.Question.of(X, y, intercept=intercept, task="regression")
    options = {"ridges": [0.0, 0.5], "features": 5, "repetitions": 2, "seed": 3}
    found = kd.measure(question, 9, "strong", **options)
    centre = 0.0 if intercept == "none" else X.mean(axis=0)
    level = 0.0 if intercept == "none" else y.mean(axis=0)
    for repetition in range(2):
        order = stream(3, "training rows", 9, repetition).permutation(len(X))
        W = stream(3, "first layer", 9, repetition).standard_normal((5, 12)) / np.sqrt(5)
        seen, labels = (X - centre) @ W.T, y - level
        mean, shift = np.zeros(5), np.zeros(2)
        if intercept == "fitted":
            mean, shift = seen[order[:9]].mean(axis=0), labels[order[:9]].mean(axis=0)
        for k, ridge in enumerate((0.0, 0.5)):
            student = fit(seen[order[:9]] - mean, labels[order[:9]] - shift, ridge)
            errors = (seen[order[9:]] - mean) @ student + shift - labels[order[9:]]
            expected = np.square(errors).mean(axis=0).sum()
            assert found.values["risk"]["strong"][k, repetition] == pytest.approx(expected)


def test_the_excess_risk_is_that_of_the_law(data):
    """Excess risk of strong labels from means and variances of predictions; both are (17)."""
    question = kd.Question.of(*data, task="regression")
    found = kd.predict(question, 10, "strong", by="random-features", features=6, laws=True)
    (law,) = found.laws["strong"]
    best = question.pool.times(question.moments.best)
    spread = law.covariances[:, [0, 1], [0, 1]]
    excess = (np.square(law.means - best) + spread).mean(axis=0)
    np.testing.assert_allclose(excess, found.excess_by_output["strong"], rtol=1e-9)


def test_its_own_teachers_are_best(data):
    question = kd.Question.of(*data, task="regression")
    options = {"by": "random-features", "features": 6}
    own = kd.predict(question, 20, [Best("random-features"), "strong", "clean"], **options).excess
    other = kd.predict(question, 20, [Best("gaussian")], **options).excess
    masked = kd.predict(question, 20, [BlindMask(by="random-features")], **options).excess
    assert own["best"] < min(other["best"], own["strong"], own["clean"])
    assert own["best"] <= masked["blind-mask"] <= own["clean"]
    room = Classroom(question, {"random-features": {"features": 6}})
    given = kd.measure(question, 20, Best("random-features"), features=6, classroom=room)
    alone = kd.measure(question, 20, Best("random-features"), features=6)
    np.testing.assert_array_equal(given.excess["best"], alone.excess["best"])


def test_digits():
    """Real rows, not Gaussian: within a tenth; 25 features, which a formula without W misses."""
    pixels, digits = load_digits(return_X_y=True)
    question = kd.Question.of(pixels / 16, digits)
    for features in (25, 100):
        options = {"ridges": 1.0, "features": features}
        predicted = kd.predict(question, 60, "strong", by="random-features", **options)
        measured = kd.measure(question, 60, "strong", repetitions=40, **options)
        error = measured.errors()["excess"]["strong"]
        gap = abs(measured.excess["strong"] - predicted.excess["strong"])
        assert gap <= 0.1 * measured.excess["strong"]
        assert error <= 0.03 * measured.excess["strong"]
        if features == 25:
            rows_seen = kd.predict(question, 60, "strong", by="gaussian", ridges=1.0)
            assert measured.excess["strong"] - rows_seen.excess["strong"] > 5 * error


def test_where_there_is_no_number(data):
    question = kd.Question.of(*data, task="regression")
    with pytest.warns(UserWarning, match="n=7 with 6 features: the error has no finite mean"):
        found = kd.predict(question, [7, 20], "strong", by="random-features", features=6)
    assert np.isinf(found.risk["strong"][0])
    assert np.isfinite(found.risk["strong"][1])
    with pytest.warns(UserWarning, match="leaves nothing to train on"):
        kd.predict(question, 1, "strong", by="random-features", features=6)


def test_bad_input(data):
    question = kd.Question.of(*data, task="regression")
    with pytest.raises(ValueError, match="features=None must be the number of random features"):
        kd.predict(question, 9, "strong", by="random-features")
    for call in (kd.predict, kd.measure):
        options = {"by": "random-features"} if call is kd.predict else {}
        with pytest.raises(ValueError, match="features=0 must be"):
            call(question, 9, "strong", features=0, **options)
