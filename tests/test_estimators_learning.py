"""Predicted learning curves of scikit-learn's linear models and of pipelines."""

from __future__ import annotations

import numpy as np
import pytest
from sklearn.ensemble import RandomForestRegressor
from sklearn.linear_model import LinearRegression, Ridge, RidgeCV
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

from kdverify.estimators import (
    MinNormClassifier,
    MinNormRegressor,
    RidgeStudent,
    predicted_learning_curve,
)


@pytest.fixture(scope="module")
def data():
    rng = np.random.default_rng(0)
    rows = rng.standard_normal((400, 20)) * np.arange(1, 21)
    return rows, rows @ rng.standard_normal(20) + 20 * rng.standard_normal(400)


@pytest.mark.parametrize(
    ("estimator", "student"),
    [
        (Ridge(30.0), RidgeStudent(30.0)),
        (Ridge(5.0, fit_intercept=False), RidgeStudent(5.0, fit_intercept=False)),
        (LinearRegression(), MinNormRegressor()),
        (RidgeStudent(2.0), RidgeStudent(2.0)),
    ],
)
def test_a_model_of_scikit_learn_is_its_student(data, estimator, student):
    found = predicted_learning_curve(estimator, *data, [8, 60])
    np.testing.assert_array_equal(
        found.errors, student.predicted_learning_curve(*data, [8, 60]).errors
    )


def test_a_pipeline_predicts_what_it_would_train(data):
    rows, y = data
    model = make_pipeline(StandardScaler(), Ridge(10.0))
    found = predicted_learning_curve(model, rows, y, [15, 100])
    rng, errors = np.random.default_rng(1), np.zeros((2, 200))
    for place, n in enumerate((15, 100)):
        for trial in range(200):
            order = rng.permutation(400)
            model.fit(rows[order[:n]], y[order[:n]])
            gaps = model.predict(rows[order[n:]]) - y[order[n:]]
            errors[place, trial] = np.square(gaps).mean()
    # the steps are fitted on all rows, in a real pipeline on the n: a difference of order 1/n
    np.testing.assert_allclose(found.error, errors.mean(axis=1), rtol=0.08)
    gaps = np.full(400, np.nan)
    gaps[:300] = y[:300]
    few = predicted_learning_curve(model, rows, gaps, [15])
    np.testing.assert_array_equal(
        few.error, predicted_learning_curve(model, rows[:300], y[:300], [15]).error
    )


def test_ridge_cv_takes_the_best_penalty_at_each_n(data):
    alphas = (0.1, 100.0, 10000.0)
    found = predicted_learning_curve(RidgeCV(alphas), *data, [10, 200])
    each = [RidgeStudent(a).predicted_learning_curve(*data, [10, 200]).error for a in alphas]
    np.testing.assert_array_equal(found.error, np.min(each, axis=0))


def test_classes_and_what_is_not_linear(data):
    rows, y = data
    names = np.where(y > 0, "up", "down")
    model = make_pipeline(StandardScaler(), MinNormClassifier())
    assert predicted_learning_curve(model, rows, names, [10]).accuracy[0] > 0.5
    with pytest.raises(TypeError, match="not RandomForestRegressor"):
        predicted_learning_curve(RandomForestRegressor(), rows, y, [10])
    with pytest.raises(ValueError, match="positive=True must be without"):
        predicted_learning_curve(Ridge(positive=True), rows, y, [10])
    with pytest.raises(ValueError, match="alpha_per_target=True"):
        predicted_learning_curve(RidgeCV(alpha_per_target=True), rows, y, [10])
