"""One door: every face gives the same number for the same question."""

from __future__ import annotations

import numpy as np
import pytest

import kdverify as kd
from kdverify import features
from kdverify.estimators import MinNormClassifier, RidgeStudent
from kdverify.seeds import sequence, stream
from kdverify.teachers import DEFAULT, TEACHERS, Given


@pytest.fixture(scope="module")
def data():
    generator = np.random.default_rng(4)
    X = generator.standard_normal((240, 12)) * np.arange(1, 13) ** -0.5
    X[:, 0] += 0.3 * np.square(X[:, 1])
    return X, (X[:, 0] + 0.5 * generator.standard_normal(240) > 0).astype(int)


def test_all_faces_agree_to_the_last_bit(data):
    X, y = data
    question = kd.Question.of(X, y)
    predicted = kd.predict(question, [6, 9], "strong")
    curve = MinNormClassifier().predicted_learning_curve(X, y, [6, 9])
    found = features.analyse(features.prepare(X, y), [6, 9], repetitions=5)
    asked = found.predictions["rows"]
    for mine, curves, face in (
        (predicted.risk["strong"], curve.error, asked.risk["strong"]),
        (predicted.excess["strong"], curve.excess_risk, asked.excess["strong"]),
        (predicted.accuracy["strong"], curve.accuracy, asked.accuracy["strong"]),
    ):
        np.testing.assert_allclose(curves, mine, rtol=1e-14)  # sums over outputs
        np.testing.assert_array_equal(face, mine)
    measured = kd.measure(question, [6, 9], "strong", repetitions=5)
    np.testing.assert_array_equal(measured.risk["strong"], found.measured.risk["strong"])
    np.testing.assert_array_equal(measured.accuracy["strong"], found.measured.accuracy["strong"])


def test_an_answer_does_not_depend_on_who_else_is_asked(data):
    question = kd.Question.of(*data)
    together = kd.predict(question, 8, accuracy="all")
    for teacher in DEFAULT:
        alone = kd.predict(question, 8, teacher, accuracy="all")
        assert alone.risk[teacher.name] == together.risk[teacher.name]
        assert alone.accuracy[teacher.name] == together.accuracy[teacher.name]


def test_measured_students_are_those_that_are_trained(data):
    """One decomposition for all ridges: the same errors as estimators that are fitted."""
    X, y = data
    labels = y.astype(float)
    question = kd.Question.of(X, labels, task="regression")
    found = kd.measure(question, 9, "strong", ridges=[0.0, 0.5], repetitions=3, seed=2)
    for repetition in range(3):
        order = stream(2, "training rows", 9, repetition).permutation(len(X))
        for k, ridge in enumerate((0.0, 0.5)):
            student = RidgeStudent(ridge).fit(X[order[:9]], labels[order[:9]])
            error = np.square(student.predict(X[order[9:]]) - labels[order[9:]]).mean()
            assert found.values["risk"]["strong"][k, repetition] == pytest.approx(error, rel=1e-9)


def test_labels_that_a_user_brings(data):
    X, y = data
    question = kd.Question.of(X, y)
    brought = kd.predict(question, 8, Given(y), accuracy="all")
    assert brought.excess["given"] == kd.predict(question, 8, "strong").excess["strong"]
    with pytest.raises(ValueError, match="given must be among the classes; '7' is not"):
        kd.predict(question, 8, Given(np.full(240, 7)))
    with pytest.raises(ValueError, match="teacher='nobody' must be one of strong, "):
        kd.predict(question, 8, "nobody")
    assert set(TEACHERS) >= {teacher.name for teacher in DEFAULT}


def test_streams_of_different_purposes_differ():
    assert sequence(1, "a").entropy != sequence(1, "a", 0).entropy != sequence(1, "b", 0).entropy
    assert stream(1, "a", 2).random() == stream(1, "a", 2).random()


def test_accuracy_is_of_the_teacher_that_is_named(data):
    question = kd.Question.of(*data)
    for wanted in ("clean", ["clean"]):
        found = kd.predict(question, 8, ["strong", "clean"], accuracy=wanted)
        assert np.isfinite(found.accuracy["clean"])
        assert np.isnan(found.accuracy["strong"])
    with pytest.raises(ValueError, match="accuracy='cleen' must name teachers"):
        kd.predict(question, 8, ["strong", "clean"], accuracy="cleen")


PROBLEM = kd.Problem.power_law(8, 1, 2)


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: kd.size_error(PROBLEM, 5, exact="no"), "exact='no' must be True or False"),
        (lambda: kd.best_ridge(PROBLEM, 5, negative="no"), "negative='no' must be True or False"),
        (lambda: kd.simulate(PROBLEM, 5, keep_trials="no"), "keep_trials='no' must be True"),
        (lambda: kd.simulate(PROBLEM, 5, transfer="no"), "transfer='no' must be True or False"),
        (lambda: kd.simulate(PROBLEM, 5, surrogates=3), "surrogates=3 must be a list of vectors"),
        (lambda: kd.predict(3, 5), "question=3 must be a Question"),
        (lambda: kd.measure(3, 5), "question=3 must be a Question"),
        (lambda: kd.label_worth(PROBLEM, 3), "mixture=3 must be a Mixture"),
        (lambda: kd.best_weight(PROBLEM, 3), "mixture=3 must be a Mixture"),
        (lambda: kd.chain_risks(PROBLEM, 3), "stages=3 must be a list, each a Stage"),
        (lambda: kd.mixed_risk(PROBLEM, 5, 3), "kinds=3 must be a list, each a Kind"),
        (lambda: kd.crossed_risk(PROBLEM, 3, kd.Student(5), 2), r"students\[0\]=3 must be a Stud"),
        (lambda: kd.Generations(PROBLEM, 5, 0.5, ridge=[1.0]), r"ridge=\[1.0\] must be a real"),
        (lambda: kd.best_ridge(PROBLEM, 5, digits=10**6), "digits=1000000 must be at most 100000"),
        (lambda: kd.mixed_risk(PROBLEM, 5, [kd.Kind(1)], digits=10**6), "digits=1000000 must be"),
        (lambda: kd.Problem.power_law(10**400, 1, 2), "must be at most 1000000000"),
        (lambda: kd.random_features.curve(PROBLEM, 5, []), "features must name at least one"),
        (lambda: kd.gains(PROBLEM, 5, 1e300), "n=5.0 must be larger"),
        (lambda: kd.random_features.gains(PROBLEM, 5, 7, 1e300), "n=5.0 and features=7.0 must be"),
    ],
)
def test_bad_input_ends_at_the_door(call, message):
    with pytest.raises((TypeError, ValueError), match=message):
        call()
