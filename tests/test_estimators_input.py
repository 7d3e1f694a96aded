"""Bad input to the estimators: clear errors, or a treatment with a name."""

from __future__ import annotations

import warnings

import numpy as np
import pytest
from scipy import stats
from sklearn import datasets
from sklearn.base import clone

from kdverify.estimators import MinNormClassifier, MinNormRegressor, RidgeStudent
from kdverify.gaussian.theory import NoFiniteMeanWarning

STUDENTS = [MinNormRegressor(), RidgeStudent(2.0), MinNormClassifier()]


def drawn(n: int, p: int, outputs: int = 1, seed: int = 0) -> tuple[np.ndarray, np.ndarray]:
    generator = np.random.default_rng(seed)
    features = generator.standard_normal((n, p)) + generator.standard_normal(p)
    return features, generator.standard_normal((n, outputs)) + 3.0


@pytest.mark.parametrize("model", STUDENTS, ids=lambda m: type(m).__name__)
class TestBadInput:
    def calls(self, model, X, y):
        """Each way in that takes labelled rows."""
        yield lambda: clone(model).fit(X, y)
        yield lambda: clone(model).predicted_learning_curve(X, y, [3])
        yield lambda: clone(model).measured_learning_curve(X, y, [3])

    def data(self):
        X, y = drawn(20, 5)
        return X, (y[:, 0] > 3).astype(int)

    def test_nan(self, model):
        X, y = self.data()
        X[3, 2] = np.nan
        for call in self.calls(model, X, y):
            with pytest.raises(ValueError, match="Input X contains NaN"):
                call()

    def test_labels_of_wrong_length(self, model):
        X, y = self.data()
        for call in self.calls(model, X, y[:-1]):
            with pytest.raises(ValueError, match=r"inconsistent numbers|must have length 20"):
                call()

    def test_strings(self, model):
        X, y = self.data()
        for call in self.calls(model, np.full(X.shape, "red"), y):
            with pytest.raises(ValueError, match="could not convert string to float"):
                call()
        if not isinstance(model, MinNormClassifier):
            for call in self.calls(model, X, np.full(20, "red")):
                with pytest.raises(
                    (TypeError, ValueError),
                    match=r"must be (numbers|a vector)|red",
                ):
                    call()

    def test_a_flag_that_is_none(self, model):
        X, y = self.data()
        with pytest.raises(TypeError, match="fit_intercept='yes' must be True or False"):
            clone(model).set_params(fit_intercept="yes").fit(X, y)

    def test_sample_sizes(self, model):
        X, y = self.data()
        with pytest.raises(ValueError, match="n=0 must be positive"):
            model.predicted_learning_curve(X, y, [3, 0])
        with pytest.raises(ValueError, match="n=20 must be below the number of rows, 20"):
            model.measured_learning_curve(X, y, [3, 20])

    def test_constant_columns(self, model):
        """With an intercept a constant column changes nothing; nothing but such ones is refused."""
        X, y = self.data()
        wider = np.column_stack([X[:, :2], np.full(20, 0.1), X[:, 2:]])
        fitted = clone(model).fit(wider, y)
        np.testing.assert_allclose(np.atleast_2d(fitted.coef_)[:, 2], 0, atol=1e-15)
        curve = model.predicted_learning_curve(wider, y, [3])
        np.testing.assert_allclose(
            curve.errors, model.predicted_learning_curve(X, y, [3]).errors, rtol=1e-6
        )
        with pytest.raises(ValueError, match="must have a column that is not constant"):
            model.predicted_learning_curve(np.ones((20, 3)), y, [3])

    def test_more_columns_than_rows(self, model):
        """The pool is what it is: n of its N rows, judged on the others."""
        X, y = drawn(30, 60, seed=1)
        y = (X[:, 0] > X[:, 0].mean()).astype(int)
        curve = model.predicted_learning_curve(X, y, [8])
        measured = model.measured_learning_curve(X, y, [8], repetitions=400, random_state=0)
        mean, error = measured.mean("error"), measured.standard_error("error")
        band = 8 / len(X)  # the rows differ from a sample of infinitely many by n/N
        z = stats.norm.isf(1e-3 / 2)
        assert (np.abs(curve.error - mean) + z * error < band * mean).all()


def test_a_single_class():
    X, _ = drawn(100, 30)
    for call in (MinNormClassifier().fit, MinNormClassifier().predicted_learning_curve):
        arguments = (X[:20], np.zeros(20, dtype=int), [5])
        with pytest.raises(ValueError, match="only 1 class|two classes or more"):
            call(*arguments[: 2 if call.__name__ == "fit" else 3])
    y = np.zeros(20)
    with pytest.raises(ValueError, match="at least 2 different values, not 1"):
        MinNormRegressor().predicted_learning_curve(X[:20], y, [5], classes=y)
    curve = MinNormRegressor().predicted_learning_curve(X[:100], np.ones(100), [5])
    np.testing.assert_allclose(curve.error, 0, atol=1e-20)  # a constant label is learnt at once


def test_the_rank_and_beyond():
    X, y = drawn(400, 10)
    with pytest.warns(NoFiniteMeanWarning, match="n=11 at rank 11: the error has no finite mean"):
        curve = MinNormRegressor().predicted_learning_curve(X, y, [5, 11, 12.5])
    assert np.isfinite(curve.error).tolist() == [True, False, True]
    X[:, 0] = 0
    X[3, 0] = 1.0
    with pytest.warns(UserWarning, match="1 of 400 rows are almost alone in some direction"):
        MinNormRegressor().predicted_learning_curve(X, y, [40])


def test_repeated_rows_fill_a_subspace():
    X, y = drawn(400, 20)
    X[:300] = X[0]
    model = MinNormRegressor(fit_intercept=False)
    with pytest.warns(UserWarning, match="too many rows lie in one subspace"):
        curve = model.predicted_learning_curve(X, y, [10])
    assert np.isnan(curve.error).all()
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        ridged = RidgeStudent(1.0, fit_intercept=False).predicted_learning_curve(X, y, [10])
    assert np.isfinite(ridged.error).all()


def test_classes_that_do_not_fit_the_labels():
    X, y = drawn(20, 5, 3)
    model = MinNormRegressor()
    with pytest.raises(ValueError, match="one value for each of the 3 columns"):
        model.predicted_learning_curve(X, y, [3], classes=np.arange(20) % 2)
    with pytest.raises(ValueError, match="labels are one column with 2 values"):
        model.predicted_learning_curve(X, y[:, 0], [3], classes=np.arange(20) % 2)
    with pytest.raises(ValueError, match=r"classes of shape \(19,\) must have shape \(20,\)"):
        model.predicted_learning_curve(X, y, [3], classes=np.arange(19))
    with pytest.raises(ValueError, match="ridge=-1 must not be negative"):
        RidgeStudent(-1).fit(X, y)


NAMES = np.array(["up", "down"] * 40, dtype=object)


@pytest.mark.parametrize("nothing", [None, np.nan, "", "NA"])
def test_rows_without_a_class_are_left_out_with_a_warning(nothing):
    X, _ = drawn(80, 6)
    y = NAMES.copy()
    y[[3, 20]] = nothing
    kept = np.delete(np.arange(80), [3, 20])
    model = MinNormClassifier()
    said = pytest.warns(UserWarning, match="2 of 80 rows have no label and are left out")
    with said:
        fitted = clone(model).fit(X, y)
    assert fitted.classes_.tolist() == ["down", "up"]
    assert np.array_equal(fitted.coef_, clone(model).fit(X[kept], y[kept]).coef_)
    with said:
        curve = model.predicted_learning_curve(X, y, [5])
    assert curve.error == model.predicted_learning_curve(X[kept], y[kept], [5]).error
    with said:
        measured = model.measured_learning_curve(X, y, [5], repetitions=2, random_state=0)
    assert measured.n == [5]


def test_rows_without_a_number_are_left_out_with_a_warning():
    pandas = pytest.importorskip("pandas", reason="not run: no pandas")
    X, y = drawn(80, 6)
    frame = pandas.DataFrame(X, columns=list("abcdef")).astype({"b": "Float64"})
    series = pandas.Series(y[:, 0], dtype="Float64")
    series[4] = pandas.NA
    kept = np.delete(np.arange(80), 4)
    with pytest.warns(UserWarning, match="1 of 80 rows have no label"):
        fitted = MinNormRegressor().fit(frame, series)
    alone = MinNormRegressor().fit(X[kept], y[kept, 0])
    np.testing.assert_allclose(fitted.coef_, alone.coef_, rtol=1e-10)
    with pytest.warns(UserWarning, match="1 of 80 rows have no label"):
        MinNormRegressor().predicted_learning_curve(frame, series, [5])


@pytest.mark.parametrize("n", [0.1, 0.5, np.float32(0.999)])
def test_a_share_of_the_rows_is_no_sample_size(n):
    X, y = drawn(20, 5)
    with pytest.raises(ValueError, match="must be at least 1: a number of samples"):
        MinNormRegressor().predicted_learning_curve(X, y, n)


@pytest.mark.parametrize("model", [MinNormRegressor(), RidgeStudent(0.1), MinNormClassifier()])
def test_one_and_two_samples_with_an_intercept(model):
    """No negative error at n = 1, and the mean of many students at both: 4 standard errors."""
    X, y = datasets.load_wine(return_X_y=True)
    X = (X - X.mean(axis=0)) / X.std(axis=0)
    labels = y if isinstance(model, MinNormClassifier) else y.astype(float)
    curve = model.predicted_learning_curve(X, labels, [1, 2])
    measured = model.measured_learning_curve(X, labels, [1, 2], repetitions=300, random_state=0)
    for name in ("error", "excess_risk"):
        gap = np.abs(getattr(curve, name) - measured.mean(name))
        assert (gap < 4 * measured.standard_error(name)).all(), name
    if curve.accuracy is not None:
        gap = abs(curve.accuracy[0] - measured.mean("accuracy")[0])
        assert gap < 4 * measured.standard_error("accuracy")[0]
