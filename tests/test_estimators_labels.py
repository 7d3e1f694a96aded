"""Estimators of section 13, and of classes: curve from few labels, ridge and distillation."""

from __future__ import annotations

import numpy as np
import pytest
from sklearn.base import clone
from sklearn.linear_model import LogisticRegression, Ridge
from sklearn.model_selection import cross_val_score
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler
from sklearn.svm import LinearSVC

from kdverify.estimators import DistillerClassifier, LabelledCurve, RidgeClassifier


@pytest.fixture(scope="module")
def classes():
    rng = np.random.default_rng(0)
    rows = rng.standard_normal((400, 25)) * np.arange(1, 26) ** -0.5
    scores = rows @ rng.standard_normal((25, 3))
    return rows, np.array(["a", "b", "c"])[scores.argmax(axis=1)]


def test_ridge_for_classes_is_ridge_on_one_hot_labels(classes):
    rows, names = classes
    one_hot = (names[:, None] == ["a", "b", "c"]).astype(float)
    model, plain = RidgeClassifier(2.0).fit(rows, names), Ridge(alpha=2.0).fit(rows, one_hot)
    np.testing.assert_allclose(model.coef_, plain.coef_, atol=1e-10)
    np.testing.assert_allclose(model.intercept_, plain.intercept_, atol=1e-10)
    chances = model.predict_proba(rows)
    np.testing.assert_allclose(chances.sum(axis=1), 1.0)
    assert (chances >= 0).all()
    assert model.score(rows, names) > 0.8
    weights = np.random.default_rng(1).uniform(0.1, 2, len(rows))
    model.fit(rows, names, sample_weight=weights)
    plain = Ridge(alpha=2.0).fit(rows, one_hot, sample_weight=weights / weights.mean())
    np.testing.assert_allclose(model.coef_, plain.coef_, atol=1e-10)


@pytest.mark.parametrize("surrogate", [None, LogisticRegression(), LinearSVC()])
def test_a_distiller_of_classes_scores_an_accuracy(classes, surrogate):
    rows, names = classes
    model = DistillerClassifier(surrogate=surrogate, random_state=0)
    assert (cross_val_score(model, rows, names, cv=3) > 0.6).all()
    model.fit(rows, names)
    assert set(model.predict(rows)) == {"a", "b", "c"}
    np.testing.assert_allclose(model.predict_proba(rows).sum(axis=1), 1.0)


def test_rows_without_a_class_are_the_students(classes):
    rows, names = classes
    given = names.astype(object)
    given[100:] = None
    model = make_pipeline(StandardScaler(), DistillerClassifier(surrogate=LogisticRegression()))
    model.fit(rows, given)
    assert model[-1].distiller_.n_samples_ == 300
    assert model.score(rows, names) > 0.7
    with pytest.raises(TypeError, match="must be a classifier"):
        DistillerClassifier(surrogate=Ridge()).fit(rows, names)
    with pytest.raises(ValueError, match="only 1 class"):
        DistillerClassifier().fit(rows, ["a"] * 400)


def test_a_curve_from_few_labels(classes):
    rows, names = classes
    given = names.astype(object)
    given[80:] = None
    curve = LabelledCurve(draws=4).fit(rows, given)
    assert curve.n_labelled_ == 80
    assert curve.classes_.tolist() == ["a", "b", "c"]
    found = curve.predict_curve([160, 240])
    assert [point.n for point in found.points] == [80, 160, 240]
    assert all(0.5 < point.accuracy < 1 for point in found.points)
    assert clone(curve).get_params() == curve.get_params()
    assert curve.plot(found).axes
    fixed = LabelledCurve(student=3.0, draws=4).fit(rows, given).predict_curve(160)
    assert {point.ridge for point in fixed.points} == {3.0}
    with pytest.raises(ValueError, match="student='most' must be one of"):
        LabelledCurve(student="most").fit(rows, given).predict_curve()


@pytest.mark.parametrize("teacher", ["ridge", LogisticRegression(), Ridge(), LinearSVC()])
def test_teachers_that_learn_from_the_labels_at_hand_are_cross_fitted(classes, teacher):
    rows, names = classes
    given = names.astype(object)
    given[80:] = None
    worth = LabelledCurve(draws=4).fit(rows, given).worth(teacher)
    # a linear teacher of 72 labels cannot be worth four times as many
    assert worth.labels is not None
    assert 10 <= worth.labels < 320
    with pytest.raises(ValueError, match="teacher='knn' must be"):
        LabelledCurve(draws=4).fit(rows, given).worth("knn")


@pytest.mark.parametrize("dtype", [int, np.int8, float, np.float32, "integers", "numbers"])
def test_minus_one_is_no_label_whatever_its_type(dtype):
    generator = np.random.default_rng(3)
    X = generator.standard_normal((60, 4))
    own = (X[:, 0] > 0).astype(int)
    y = np.where(np.arange(60) < 30, own, -1)
    kinds = {"integers": np.int64, "numbers": np.float64}
    given = (
        np.array([kinds[dtype](v) for v in y], dtype=object) if dtype in kinds else y.astype(dtype)
    )
    found = DistillerClassifier().fit(X, given)
    plain = DistillerClassifier().fit(X, y)
    assert found.classes_.tolist() == [0, 1]
    np.testing.assert_array_equal(found.predict_proba(X), plain.predict_proba(X))
    signs = np.where(own, 1, -1).astype(dtype if dtype not in kinds else object)
    with pytest.raises(ValueError, match='2 classes beside -1, which is "no label"; it has only 1'):
        DistillerClassifier().fit(X, signs)
    with pytest.raises(ValueError, match="at least 2 classes; it has only 1 class"):
        DistillerClassifier().fit(X, np.ones(60, dtype=int))
