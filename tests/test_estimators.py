"""Students as scikit-learn estimators, and their learning curves."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from scipy import stats
from sklearn.datasets import load_digits
from sklearn.linear_model import LinearRegression, Ridge
from sklearn.model_selection import GridSearchCV, cross_val_score
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler
from sklearn.utils.estimator_checks import parametrize_with_checks

import kdverify as kd
from kdverify import rows
from kdverify.estimators import (
    Distiller,
    MinNormClassifier,
    MinNormRegressor,
    PredictedCurveDisplay,
    RidgeStudent,
)

#: Chance that a test of measured against predicted fails for nothing, all its points together.
FALSE_ALARM = 1e-3


def drawn(n: int, p: int, outputs: int = 1, seed: int = 0) -> tuple[np.ndarray, np.ndarray]:
    generator = np.random.default_rng(seed)
    features = generator.standard_normal((n, p)) + generator.standard_normal(p)
    return features, generator.standard_normal((n, outputs)) + 3.0


@pytest.fixture(scope="module")
def digits() -> tuple[np.ndarray, np.ndarray]:
    """Handwritten digits: (1797, 64) pixels, class numbers."""
    return load_digits(return_X_y=True)


@parametrize_with_checks(
    [
        MinNormRegressor(),
        MinNormRegressor(fit_intercept=False),
        RidgeStudent(),
        RidgeStudent(0.5, fit_intercept=False),
        MinNormClassifier(),
        MinNormClassifier(fit_intercept=False),
        Distiller(),
        Distiller(label_transform="mask"),
        Distiller(label_transform="gain", rule="gaussian", residual="keep"),
        Distiller(RidgeStudent(), Ridge(), label_transform="gain"),
    ]
)
@pytest.mark.filterwarnings("ignore:n=.* is not below the rank:UserWarning")
def test_scikit_learn_checks(estimator, check):
    check(estimator)


@pytest.mark.parametrize("shape", [(12, 30), (30, 12), (12, 12), (13, 12), (2, 5), (1, 3)])
@pytest.mark.parametrize("outputs", [1, 3])
def test_minimum_norm_is_the_pseudo_inverse(shape, outputs):
    X, y = drawn(*shape, outputs)
    without = MinNormRegressor(fit_intercept=False).fit(X, y)
    np.testing.assert_allclose(without.coef_, (np.linalg.pinv(X) @ y).T, atol=1e-9)
    centred = MinNormRegressor().fit(X, y)
    expected = np.linalg.pinv(X - X.mean(0)) @ (y - y.mean(0))
    np.testing.assert_allclose(centred.coef_, expected.T, atol=1e-9)
    np.testing.assert_allclose(centred.intercept_, y.mean(0) - X.mean(0) @ expected, atol=1e-8)


def test_minimum_norm_has_no_hidden_ridge():
    """It interpolates, and nothing that interpolates is shorter: b lies in the rows' span."""
    X, y = drawn(20, 50)
    X *= np.geomspace(1, 1e-5, 50)
    model = MinNormRegressor(fit_intercept=False).fit(X, y[:, 0])
    scale = np.abs(model.coef_).max() * np.abs(X).max()
    assert np.abs(X @ model.coef_ - y[:, 0]).max() < 1e3 * np.finfo(float).eps * scale
    outside = model.coef_ - np.linalg.pinv(X) @ (X @ model.coef_)
    assert np.linalg.norm(outside) < 1e-8 * np.linalg.norm(model.coef_)
    ridged = RidgeStudent(1e-6, fit_intercept=False).fit(X, y[:, 0])  # the control
    assert np.abs(X @ ridged.coef_ - y[:, 0]).max() > 1e4 * np.finfo(float).eps * scale


@pytest.mark.parametrize("fit_intercept", [True, False])
def test_dependent_rows_and_columns(fit_intercept):
    X, y = drawn(15, 6)
    X = np.hstack([X, X @ np.ones((6, 3)), np.full((15, 1), 0.1)])
    y = np.vstack([y, y + 1.0])
    X = np.vstack([X, X])
    model = MinNormRegressor(fit_intercept=fit_intercept).fit(X, y[:, 0])
    reference = LinearRegression(fit_intercept=fit_intercept).fit(X, y[:, 0])
    np.testing.assert_allclose(model.predict(X), reference.predict(X), atol=1e-10)
    expected = np.linalg.pinv(X - fit_intercept * X.mean(0), rcond=1e-12) @ (
        y[:, 0] - fit_intercept * y.mean()
    )
    np.testing.assert_allclose(model.coef_, expected, atol=1e-10)


def test_columns_that_are_dependent_up_to_rounding():
    """Pixels that are alike in the few rows drawn: singular values of the order of rounding."""
    X, t = load_digits(return_X_y=True)
    for seed in range(20):
        chosen = np.random.default_rng(seed).permutation(len(X))[:300]
        model = MinNormRegressor().fit(X[chosen], (t == 3)[chosen].astype(float))
        assert np.abs(model.coef_).max() < 10


@pytest.mark.parametrize("shape", [(12, 30), (30, 12)])
@pytest.mark.parametrize("fit_intercept", [True, False])
@pytest.mark.parametrize("ridge", [1e-3, 1.0, 1e4])
def test_ridge_is_that_of_scikit_learn(shape, fit_intercept, ridge):
    X, y = drawn(*shape, 2)
    ours = RidgeStudent(ridge, fit_intercept=fit_intercept).fit(X, y)
    theirs = Ridge(ridge, fit_intercept=fit_intercept, solver="svd").fit(X, y)
    np.testing.assert_allclose(ours.coef_, theirs.coef_, rtol=1e-8, atol=1e-10)
    np.testing.assert_allclose(ours.intercept_, theirs.intercept_, rtol=1e-8, atol=1e-10)
    none = RidgeStudent(0.0, fit_intercept=fit_intercept).fit(X, y)
    exact = MinNormRegressor(fit_intercept=fit_intercept).fit(X, y)
    np.testing.assert_array_equal(none.coef_, exact.coef_)


def test_classifier_is_the_regressor_on_one_hot_labels(digits):
    X, t = digits
    names = np.array([f"digit {k}" for k in t])
    model = MinNormClassifier().fit(X[:50], names[:50])
    numbers = np.unique(names[:50], return_inverse=True)[1]
    outputs = MinNormRegressor().fit(X[:50], np.eye(10)[numbers]).predict(X[50:])
    np.testing.assert_allclose(model.decision_function(X[50:]), outputs, atol=1e-9)
    np.testing.assert_array_equal(model.predict(X[50:]), model.classes_[outputs.argmax(1)])
    assert model.score(X[50:], names[50:]) > 0.2  # twice the rate of guessing, at n near p


def test_pipelines_data_frames_and_searches(digits):
    X, t = digits
    frame = pd.DataFrame(X[:200], columns=[f"pixel {k}" for k in range(64)])
    pipe = make_pipeline(StandardScaler(), RidgeStudent()).set_output(transform="pandas")
    pipe.fit(frame, t[:200].astype(float))
    assert list(pipe[-1].feature_names_in_) == list(frame.columns)
    with pytest.raises(ValueError, match="feature names"):
        pipe.predict(frame.rename(columns={"pixel 3": "other"}))
    search = GridSearchCV(RidgeStudent(), {"ridge": [1e-6, 1e3, 1e9]}, cv=3)
    assert search.fit(frame, t[:200].astype(float)).best_params_ == {"ridge": 1e3}
    scores = cross_val_score(MinNormClassifier(), X, t, cv=3)
    assert scores.mean() > 0.9


BAND = 3.0


def relative_band(n: np.ndarray, rank: int) -> np.ndarray:
    """Three times the relative finite-size error of (2) for Sigma = I, ``1/(p - n - 1)``."""
    return BAND / (rank - n - 1)


def agrees(predicted, mean, error, band, points: int) -> np.ndarray:
    """Equivalence: the interval of the difference lies inside the band."""
    z = stats.norm.isf(FALSE_ALARM / (2 * points))
    return np.abs(predicted - mean) + z * error < band * mean


def differs(predicted, mean, error, band, points: int) -> np.ndarray:
    z = stats.norm.isf(FALSE_ALARM / (2 * points))
    return np.abs(predicted - mean) - z * error > band * mean


def test_predicted_curve_is_the_measured_one(digits):
    """Digits, "is it a 3": joint false-alarm rate 1e-3; the Gaussian formula must fail."""
    X, t = digits
    n = np.array([20, 30, 40, 45])
    model, options = MinNormRegressor(), {"classes": t == 3}
    y = (t == 3).astype(float)
    curve = model.predicted_learning_curve(X, y, n, **options)
    gaussian = model.predicted_learning_curve(X, y, n, model="gaussian", **options)
    measured = model.measured_learning_curve(X, y, n, repetitions=2000, random_state=0, **options)
    band = relative_band(n, 62)
    for name in ("error", "excess_risk"):
        mean, error = measured.mean(name), measured.standard_error(name)
        near = agrees(getattr(curve, name), mean, error, band, 10)
        assert near[1:].all(), name  # from 30 on: at 20 the band is narrower than 2,000 tell
        assert differs(getattr(gaussian, name), mean, error, band, 10)[-1], name
    plain = model.predicted_learning_curve(X, y, n[-1:], finite_size=False)  # close to p: further
    mean, error = measured.mean("error")[-1], measured.standard_error("error")[-1]
    assert agrees(curve.error[-1], mean, error, abs(plain.error[0] / mean - 1), 10)
    few = model.measured_learning_curve(X, y, n[:1], repetitions=10_000, random_state=1, **options)
    mean, error = few.mean("accuracy")[0], few.standard_error("accuracy")[0]
    assert agrees(curve.accuracy[0], mean, error, 0.005 / mean, 10)  # half a point, at n = 20
    assert differs(gaussian.accuracy[0], mean, error, 0, 10)


def test_the_page_says_what_digits_give(digits):
    page = (Path(__file__).parents[1] / "docs" / "estimators.md").read_text(encoding="utf-8")
    question = kd.Question.of(*digits)
    for n in (15, 30):
        predicted = kd.predict(question, n, "strong", accuracy="all").accuracy["strong"]
        found = kd.measure(question, n, "strong", repetitions=400)
        error = found.standard_errors()["accuracy"]["strong"]
        measured = f"{found.accuracy['strong']:.3f} ± {error:.3f}"
        pair = f"predicted {predicted:.3f}, measured {measured}"
        assert pair in page or f"{predicted:.3f} and {measured}" in page


def test_ridge_curve_is_the_measured_one_beyond_the_rank(digits):
    X, t = digits
    y, n = (t == 3).astype(float), np.array([30, 60, 100])
    model = RidgeStudent(200.0)
    curve = model.predicted_learning_curve(X, y, n, finite_size=False)
    measured = model.measured_learning_curve(X, y, n, repetitions=400, random_state=0)
    mean, error = measured.mean("error"), measured.standard_error("error")
    assert agrees(curve.error, mean, error, BAND / n, 3).all()
    without = MinNormRegressor().predicted_learning_curve(X, y, n[:1])  # the control
    assert differs(without.error, mean[:1], error[:1], BAND / n[:1], 3)[0]


@pytest.mark.parametrize("fit_intercept", [True, False])
def test_gaussian_rows_least_squares_and_a_free_intercept(fit_intercept):
    """n > p + 1: exact are sigma^2 p/(n - p - 1), and the intercept's (R + sigma^2)/n."""
    generator = np.random.default_rng(0)
    X = generator.standard_normal((20_000, 20)) @ generator.standard_normal((20, 20)) + 5.0
    y = X[:, 0] + generator.standard_normal(len(X))
    if not fit_intercept:
        X, y = X - 5.0, y - 5.0
    n = np.array([60.0, 200.0])
    curve = MinNormRegressor(fit_intercept).predicted_learning_curve(X, y, n, unseen=False)
    freedom = n - fit_intercept
    exact = 20 / (freedom - 21)
    exact = exact + fit_intercept * (1 + exact) / n
    band = BAND / (freedom - 21)
    assert (np.abs(curve.excess_risk / curve.floor.sum() - exact) < band * exact).all()
    formula = MinNormRegressor(fit_intercept).predicted_learning_curve(X, y, n, model="gaussian")
    assert (np.abs(formula.excess_risk / curve.floor.sum() - exact) < band * exact).all()


def test_several_outputs_are_single_ones(digits):
    X, t = digits
    labels = np.column_stack([t == 3, t / 9.0]).astype(float)
    n = [40, 20]

    def curve(y, sizes=n, **options):
        options = {"finite_size": False} | options
        return RidgeStudent(5.0).predicted_learning_curve(X, y, sizes, **options)

    both = curve(labels)
    for column in range(2):
        alone = curve(labels[:, column])
        np.testing.assert_allclose(both.errors[:, [column]], alone.errors, rtol=1e-4)
        np.testing.assert_allclose(both.excess_risks[:, [column]], alone.excess_risks, rtol=1e-4)
    np.testing.assert_allclose(both.error, both.errors.sum(1))
    assert both.n.tolist() == [40, 20]
    np.testing.assert_allclose(curve(labels, n[::-1]).errors[::-1], both.errors, rtol=1e-4)
    pool = curve(labels, unseen=False)
    np.testing.assert_allclose(pool.errors, pool.excess_risks + pool.floor)
    assert (both.errors > pool.errors).all()
    assert (both.excess_risks > pool.excess_risks).all()
    corrected = curve(labels, [40], finite_size=True)
    np.testing.assert_allclose(
        corrected.errors - both.errors[:1],
        corrected.excess_risks - both.excess_risks[:1],
        atol=1e-6,
    )


@pytest.mark.parametrize("shape", [(60, 12), (30, 50)])
def test_unseen_rows_are_judged_without_themselves(shape):
    """Against a pool from which the row was taken away; the other rows' b move by O(1/N)."""
    generator = np.random.default_rng(0)
    X = generator.standard_normal(shape) / np.arange(1, shape[1] + 1)
    X[:, -1] = 0
    X[5, -1] = 1.0  # alone in a direction
    y = X[:, 0] + 0.5 * generator.standard_normal(shape[0])
    found = rows.unseen_scores(rows.Students(rows.solve(rows.Pool(X), 7), y))
    for row in (5, 0, 17):
        others = np.arange(shape[0]) != row
        students = rows.Students(rows.solve(rows.Pool(X[others]), 7), y[others])
        alone = rows.scores(students, X[[row]])
        scale = np.abs(y).max()
        assert abs(found.means[row, 0] - alone.means[0, 0]) < scale / shape[0]
        np.testing.assert_allclose(found.deviations[row], alone.deviations[0], rtol=2 / shape[0])


def test_two_classes_are_the_same_as_one_column(digits):
    """One-hot outputs with an intercept sum to one: argmax is the threshold at one half."""
    X, t = digits
    one = MinNormRegressor().predicted_learning_curve(
        X, (t == 3).astype(float), [30], classes=t == 3, finite_size=False
    )
    two = MinNormClassifier().predicted_learning_curve(X, t == 3, [30], finite_size=False)
    # the law is drawn, from other numbers: standard error about 5e-4
    np.testing.assert_allclose(two.accuracy, one.accuracy, atol=3e-3)
    np.testing.assert_allclose(two.error, 2 * one.error, rtol=1e-4)
    signs = MinNormRegressor().predicted_learning_curve(
        X,
        np.where(t == 3, 1.0, -1.0),
        [30],
        classes=np.where(t == 3, "yes", "no"),
        finite_size=False,
    )
    np.testing.assert_allclose(signs.accuracy, one.accuracy, rtol=1e-4)


def test_measurement_does_not_depend_on_the_number_of_jobs():
    X, y = drawn(80, 10)
    options = {"repetitions": 6, "random_state": 3}
    one = MinNormRegressor().measured_learning_curve(X, y, [4, 30], n_jobs=1, **options)
    two = MinNormRegressor().measured_learning_curve(X, y, [4, 30], n_jobs=2, **options)
    for name in one.values:
        np.testing.assert_array_equal(one.values[name], two.values[name])
    other = MinNormRegressor().measured_learning_curve(X, y, [4, 30], repetitions=6, random_state=4)
    assert not np.array_equal(one.values["error"], other.values["error"])


def test_tables_make_data_frames(digits):
    X, t = digits
    curve = MinNormClassifier().predicted_learning_curve(X[:300], t[:300] == 3, [10])
    assert list(pd.DataFrame(curve.table())) == ["n", "error", "excess_risk", "accuracy"]
    measured = RidgeStudent().measured_learning_curve(X[:99], t[:99], [10], repetitions=2)
    assert list(pd.DataFrame(measured.table())) == [
        "n", "error", "error_se", "excess_risk", "excess_risk_se",
    ]  # fmt: skip
    with pytest.raises(ValueError, match="name='accuracy' must be one of error, excess_risk"):
        measured.mean("accuracy")


def test_display_draws_what_it_says(digits):
    import matplotlib as mpl

    mpl.use("Agg")
    X, t = digits
    y = (t == 3).astype(float)
    display = PredictedCurveDisplay.from_pool(
        MinNormRegressor(), X, y, [30, 10, 20], measure_at=[10, 20], repetitions=3,
        classes=t == 3, random_state=0, score="error", finite_size=False,
    )  # fmt: skip
    assert display.ax_.get_xlabel() == "samples n"
    np.testing.assert_array_equal(display.line_.get_xdata(), [10, 20, 30])
    np.testing.assert_array_equal(display.line_.get_ydata(), display.predicted.error[[1, 2, 0]])
    assert display.gaussian_line_.get_linestyle() == "--"
    points, _, (bars,) = display.errorbar_
    np.testing.assert_array_equal(points.get_ydata(), display.measured.mean("error"))
    found = display.measured.values["error"][0]
    interval = stats.t.interval(0.95, 2, found.mean(), stats.sem(found))
    np.testing.assert_allclose(bars.get_segments()[0][:, 1], interval)
    again = PredictedCurveDisplay(predicted=display.predicted, score="accuracy")
    assert again.plot(ax=display.ax_).errorbar_ is None
    with pytest.raises(ValueError, match="score='accuracy' must come with classes"):
        PredictedCurveDisplay(
            predicted=MinNormRegressor().predicted_learning_curve(X, y, [10]), score="accuracy"
        )


def test_the_package_does_not_load_scikit_learn():
    code = "import sys, kdverify, kdverify.rows; assert 'sklearn' not in sys.modules"
    subprocess.run([sys.executable, "-c", code], check=True)
