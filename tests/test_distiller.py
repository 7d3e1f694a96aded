"""Distillation: which rows are whose, what a transform does, and that a mask helps."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from scipy import stats
from sklearn.base import clone
from sklearn.ensemble import RandomForestRegressor
from sklearn.exceptions import NotFittedError
from sklearn.frozen import FrozenEstimator
from sklearn.linear_model import LinearRegression, LogisticRegression, Ridge
from sklearn.model_selection import cross_val_score
from sklearn.neighbors import KNeighborsRegressor
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

import kdverify as kd
from kdverify import Question, rows
from kdverify.estimators import Distiller, MinNormRegressor, RidgeStudent

P, N = 100, 40
#: Chance that the one-sided test finds an improvement where there is none.
FALSE_ALARM = 1e-3


def power_law(rows_: int, seed: int, isotropic: bool = False) -> tuple[np.ndarray, np.ndarray]:
    """Rows with eigenvalues i^-2 (or 1) and labels of a signal lam beta^2 = i^-1.5, no noise."""
    generator = np.random.default_rng(seed)
    i = np.arange(1, P + 1.0)
    lam = np.ones(P) if isotropic else i**-2
    X = generator.standard_normal((rows_, P)) * np.sqrt(lam)
    if isotropic:
        X = np.linalg.qr(X - X.mean(0))[0] * np.sqrt(rows_)
    beta = np.sqrt(i**-1.5 / lam) * generator.choice([-1.0, 1.0], P)
    return X, X @ beta


def risks(X, y, transform: str, draws: int = 30, **options) -> np.ndarray:
    """Errors on all rows of students on the labels of a perfect surrogate, one a draw."""
    teacher = LinearRegression().fit(X, y)
    found = [
        Distiller(
            surrogate=teacher, label_transform=transform, n=N, random_state=draw, **options
        ).fit(X)
        for draw in range(draws)
    ]
    return np.array([np.square(model.predict(X) - y).mean() for model in found])


@pytest.fixture(scope="module")
def strong() -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Rows, labels, and the risks of students on labels as they are."""
    X, y = power_law(1000, 0)
    return X, y, risks(X, y, "none")


@pytest.mark.parametrize("rule", ["rows", "gaussian"])
@pytest.mark.parametrize("transform", ["mask", "gain"])
def test_a_transformed_teacher_makes_a_better_student(strong, transform, rule):
    """The same draws with and without: a paired one-sided test at level 1e-3.

    The theory's own figures for this spectrum: a fifth less with the mask.
    """
    X, y, plain = strong
    better = risks(X, y, transform, rule=rule)
    assert stats.ttest_rel(better, plain, alternative="less").pvalue < FALSE_ALARM
    problem = kd.Problem.power_law(P, 2.0, 1.5)
    best = kd.masked_risk if transform == "mask" else kd.optimal_risk
    predicted = best(problem, N) / kd.risk(problem, N)
    assert better.mean() / plain.mean() == pytest.approx(predicted, abs=0.1)


@pytest.mark.parametrize("transform", ["mask", "gain"])
def test_it_cannot_help_with_isotropic_features(transform):
    """The control: all eigenvalues equal, gains 1, everything kept."""
    X, y = power_law(1000, 0, isotropic=True)
    plain, other = risks(X, y, "none", 20), risks(X, y, transform, 20)
    assert stats.ttest_rel(other, plain, alternative="less").pvalue > FALSE_ALARM
    assert other.mean() / plain.mean() == pytest.approx(1, abs=0.01)


def test_factors_are_those_of_the_theory(strong):
    X, y, _ = strong
    teacher = LinearRegression().fit(X, y)
    student = MinNormRegressor(fit_intercept=False)
    options = {"surrogate": teacher, "student": student, "n": N, "random_state": 0}
    values = np.linalg.eigvalsh(X.T @ X / len(X))[::-1]
    spectrum = kd.Spectrum(values)
    gained = Distiller(label_transform="gain", rule="gaussian", **options).fit(X)
    np.testing.assert_allclose(gained.factors_, kd.gains(spectrum, N), rtol=1e-8)
    masked = Distiller(label_transform="mask", rule="gaussian", **options).fit(X)
    np.testing.assert_array_equal(masked.factors_, kd.optimal_mask(spectrum, N))
    pool = rows.Pool(X)
    at = rows.solve(pool, N)
    teachers = rows.Teachers(at, rows.Moments.of(pool, pool, y[:, None]), rows.Response(at))
    ours = Distiller(label_transform="gain", **options).fit(X)
    np.testing.assert_allclose(ours.factors_, teachers.gains, rtol=1e-4)


def test_labels_of_a_linear_surrogate_are_gained_in_the_eigenbasis(strong):
    """What the student interpolates, against coefficients changed by hand."""
    X, y, _ = strong
    teacher = LinearRegression(fit_intercept=False).fit(X, y)
    student = MinNormRegressor(fit_intercept=False)
    model = Distiller(student, teacher, label_transform="gain", n=N, random_state=0).fit(X)
    vectors = np.linalg.eigh(X.T @ X)[1][:, ::-1]
    gained = vectors @ (model.factors_ * (vectors.T @ teacher.coef_))
    left = np.random.RandomState(0)
    chosen = np.sort(left.choice(len(X), N, replace=False))
    np.testing.assert_allclose(
        model.predict(X[chosen]), X[chosen] @ gained, atol=1e-8 * np.abs(y).max()
    )


def test_residual_of_a_non_linear_surrogate():
    """Kept: labels less the linear part's change; dropped: linear labels."""
    generator = np.random.default_rng(0)
    X = generator.standard_normal((300, 30)) * np.arange(1, 31) ** -1.0
    y = np.sin(3 * X[:, 0]) + X[:, 1]
    surrogate = KNeighborsRegressor(3).fit(X, y)
    labels = surrogate.predict(X)
    linear = LinearRegression().fit(X, labels).predict(X)
    options = {"surrogate": surrogate, "label_transform": "gain", "n": 12, "random_state": 1}
    chosen = np.sort(np.random.RandomState(1).choice(300, 12, replace=False))
    dropped = Distiller(residual="drop", **options).fit(X).predict(X[chosen])
    kept = Distiller(residual="keep", **options).fit(X).predict(X[chosen])
    np.testing.assert_allclose(kept - dropped, (labels - linear)[chosen], atol=1e-9)
    assert np.abs(labels - linear)[chosen].max() > 0.1
    plain = Distiller(surrogate=surrogate, n=12, random_state=1).fit(X).predict(X[chosen])
    np.testing.assert_allclose(plain, labels[chosen], atol=1e-9)


def test_which_rows_are_whose(strong):
    X, y, _ = strong
    X, y = X[:150], y[:150]
    hidden = y.copy()
    hidden[60:] = np.nan
    one = Distiller(surrogate=Ridge(1e-3)).fit(X, hidden)
    two = Distiller(surrogate=Ridge(1e-3)).fit(X[:60], y[:60], X_unlabelled=X[60:])
    surrogate = Ridge(1e-3).fit(X[:60], y[:60])
    by_hand = MinNormRegressor().fit(X[60:], surrogate.predict(X[60:]))
    assert one.n_samples_ == two.n_samples_ == 90
    for model in (one, two, Distiller(surrogate=surrogate).fit(X[60:])):
        np.testing.assert_allclose(model.predict(X), by_hand.predict(X), atol=1e-12)
    objects = hidden.astype(object)
    objects[60:] = None
    np.testing.assert_array_equal(
        Distiller(surrogate=Ridge(1e-3)).fit(X, objects).predict(X), one.predict(X)
    )
    split = Distiller(surrogate=Ridge(1e-3), split=0.4, random_state=0).fit(X, y)
    assert split.n_samples_ == 90
    with pytest.raises(NotFittedError):
        Distiller(surrogate=surrogate).predict(X)


def test_pipelines_data_frames_and_clones(strong):
    X, y, _ = strong
    frame = pd.DataFrame(X[:200], columns=[f"mode {k}" for k in range(P)])
    hidden = pd.Series(y[:200].copy())
    hidden[80:] = np.nan
    model = Distiller(surrogate=Ridge(1e-3), label_transform="mask", n=40, random_state=0)
    pipe = make_pipeline(StandardScaler(), model).set_output(transform="pandas")
    pipe.fit(frame, hidden)
    assert list(pipe[-1].feature_names_in_) == list(frame.columns)
    assert list(pipe[-1].surrogate_.feature_names_in_) == list(frame.columns)
    again = clone(pipe).fit(frame, hidden)
    np.testing.assert_array_equal(pipe.predict(frame), again.predict(frame))
    frozen = FrozenEstimator(LinearRegression().fit(X, y))
    copy = clone(Distiller(surrogate=frozen, n=50, random_state=0)).fit(X)
    assert copy.surrogate_ is frozen
    scores = cross_val_score(Distiller(surrogate=frozen, random_state=0), X[:300], y[:300], cv=3)
    assert scores.min() > 0.9
    lost = clone(Distiller(surrogate=LinearRegression().fit(X, y)))
    with pytest.raises(ValueError, match=r"requires y.*clones never are; FrozenEstimator"):
        lost.fit(X)


def test_classifiers_give_probabilities():
    generator = np.random.default_rng(0)
    X = generator.standard_normal((400, 6))
    t = np.where(X[:, 0] > 0, 1, 0) + np.where(X[:, 1] > 1, 1, 0)
    hidden = np.where(np.arange(400) < 100, t, -1)
    model = Distiller(surrogate=LogisticRegression()).fit(X, hidden)
    assert set(model.surrogate_.classes_) == {0, 1, 2}
    outputs = model.predict(X)
    assert outputs.shape == (400, 3)
    np.testing.assert_allclose(outputs.sum(1), 1, atol=1e-10)
    assert (outputs.argmax(1) == t).mean() > 0.7


@pytest.mark.parametrize("chances", [False, True])
def test_a_model_of_another_library_is_a_surrogate(chances):
    class Model:
        def predict(self, X):
            return X[:, 0]

    if chances:
        Model.predict_proba = lambda self, X: np.column_stack([1 - X[:, 0], X[:, 0]])
    X = np.random.default_rng(0).standard_normal((40, 3))
    student = Distiller(MinNormRegressor(), surrogate=Model()).fit(X)
    told = student.predict(X[:, :3])
    np.testing.assert_allclose(told[:, 1] if chances else told, X[:, 0], atol=1e-9)


def test_a_ridge_student_and_one_that_the_theory_does_not_know(strong):
    X, y, _ = strong
    teacher = LinearRegression().fit(X, y)
    options = {"surrogate": teacher, "label_transform": "gain", "n": 60, "random_state": 0}
    ours = Distiller(RidgeStudent(0.5), **options).fit(X)
    theirs = Distiller(Ridge(0.5), **options).fit(X)
    np.testing.assert_array_equal(ours.factors_, theirs.factors_)
    np.testing.assert_allclose(ours.predict(X), theirs.predict(X), atol=1e-6)
    assert not np.allclose(ours.factors_, Distiller(**options).fit(X).factors_)
    forest = RandomForestRegressor(2, random_state=0)
    with pytest.raises(TypeError, match=r"student=RandomForest.* must be a MinNormRegressor"):
        Distiller(forest, **options).fit(X)
    assert Distiller(forest, teacher, n=60, random_state=0).fit(X).n_samples_ == 60


def test_too_few_known_rows_change_nothing(strong):
    X, y, _ = strong
    teacher = LinearRegression().fit(X, y)
    for n, known in ((None, 300), (50, 50)):
        model = Distiller(surrogate=teacher, label_transform="gain", n=n, random_state=0)
        with pytest.warns(UserWarning, match="label_transform='gain' changes nothing there"):
            model.fit(X[:known])
        assert (model.factors_ == 1).all()


def test_more_columns_than_rows(strong):
    X, y, _ = strong
    teacher = LinearRegression().fit(X, y)
    model = Distiller(surrogate=teacher, label_transform="mask", n=20, random_state=0)
    model.fit(X[:60])
    assert 0 < model.factors_.sum() < 59
    assert Question.of(X[:60]).rank == 60


@pytest.mark.parametrize(
    ("options", "arguments", "message"),
    [
        ({"label_transform": "twist"}, {}, "label_transform='twist' must be one of none, gain"),
        ({"rule": "thumb"}, {}, "rule='thumb' must be one of rows, gaussian"),
        ({"residual": "half"}, {}, "residual='half' must be one of drop, keep"),
        ({"split": 1.0}, {}, "split=1.0 must lie between 0 and 1"),
        ({"n": 0}, {}, "n=0 must be at least 1"),
        ({"n": 11}, {}, "n=11 must be at most the number of unlabelled rows, 10"),
        ({}, {"y": None}, "requires y to be passed"),
        ({}, {"y": np.full(20, np.nan)}, "y must have a labelled row"),
        ({}, {"y": np.zeros(19)}, "inconsistent numbers of samples"),
        ({}, {"y": np.full(20, "red")}, "could not convert string|not of dtype"),
        ({}, {"X": np.full((20, 3), np.nan)}, "Input X contains NaN"),
        ({}, {"X": np.full((20, 3), "red")}, "could not convert string to float"),
        ({}, {"X_unlabelled": np.full((5, 3), np.nan)}, "Input X_unlabelled contains NaN"),
        ({}, {"X_unlabelled": np.ones((5, 4))}, r"X_unlabelled of shape \(5, 4\) must have 3"),
        ({"label_transform": "gain"}, {"X": np.ones((20, 3))}, "a column that is not constant"),
    ],
)
def test_bad_input(options, arguments, message):
    generator = np.random.default_rng(0)
    given = {"X": generator.standard_normal((20, 3)), "y": np.arange(20.0)} | arguments
    with pytest.raises((TypeError, ValueError), match=message):
        Distiller(random_state=0, **options).fit(**given)


@pytest.mark.parametrize("dtype", ["string", "object", "category"])
def test_names_with_missing_ones_in_a_nullable_series(dtype):
    pandas = pytest.importorskip("pandas", reason="not run: no pandas")
    generator = np.random.default_rng(0)
    X = generator.standard_normal((60, 4))
    names = np.where(X[:, 0] > 0, "up", "down").astype(object)
    names[30:] = None
    fitted = Distiller(surrogate=LogisticRegression()).fit(X, pandas.Series(names, dtype=dtype))
    assert fitted.surrogate_.classes_.tolist() == ["down", "up"]
    assert fitted.n_samples_ == 30
    numbers = pandas.Series(X[:, 0], dtype="Float64")
    numbers[30:] = pandas.NA
    assert Distiller().fit(X, numbers).n_samples_ == 30
