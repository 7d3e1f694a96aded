"""Labels and features in memory, of any library: the same rows, the same labels, or an error."""

from __future__ import annotations

import numpy as np
import pytest

import kdverify as kd
from kdverify import checks, features, labels, rows
from kdverify.estimators import (
    Distiller,
    DistillerClassifier,
    LabelledCurve,
    MinNormClassifier,
    MinNormRegressor,
    RidgeClassifier,
    RidgeStudent,
)
from kdverify.tables import Labels
from kdverify.tables.labels import unmarked
from kdverify.teachers import Given

pandas = pytest.importorskip("pandas", reason="not run: no pandas")
pyarrow = pytest.importorskip("pyarrow", reason="not run: no pyarrow")
polars = pytest.importorskip("polars", reason="not run: no polars")

N = 60
X = np.random.default_rng(0).standard_normal((N, 3))
Y = X[:, 0] + 0.1 * X[:, 1]
K = np.arange(N) % 3
NAMES = np.array(["u", "v", "w"])[K]


# -- frames that are not pandas' ------------------------------------------------------------------

COLUMNS = [
    # labels, kind, missing
    (polars.Series(Y), "real", 0),
    (polars.Series(K), "integer", 0),
    (polars.Series([0, 1, None] * 20), "integer", 20),
    (polars.Series([0.5, 1.0, None] * 20), "real", 20),
    (polars.Series([True, None, False] * 20), "boolean", 20),
    (polars.Series(["u", None, "v"] * 20), "name", 20),
    (polars.Series(["u", "v", "w"] * 20, dtype=polars.Categorical), "name", 0),
    (polars.Series(["u", "v", None] * 20, dtype=polars.Enum(["u", "v"])), "name", 20),
    (polars.DataFrame({"y": K}), "integer", 0),
    (polars.DataFrame({"y": Y, "z": Y}), "real", 0),
    (pyarrow.array(["u", None, "v"] * 20), "name", 20),
    (pyarrow.chunked_array([[0, 1, None] * 20]), "integer", 20),
    (pandas.DataFrame({"cat": K}), "integer", 0),  # a column that is called as an accessor is
    (np.asmatrix(K).T, "integer", 0),
]


@pytest.mark.parametrize(("given", "kind", "missing"), COLUMNS)
def test_labels_of_any_library(given, kind, missing):
    found = Labels.of(given, N)
    assert (found.kind, found.unlabelled) == (kind, missing)
    assert checks.frames.missing(given).sum() == missing
    if given is COLUMNS[1][0]:
        assert found.classes()[1].tolist() == K.tolist()


def test_features_of_polars():
    frame = polars.DataFrame(X, schema=["a", "b", "c"])
    more = frame.with_columns(polars.Series("t", [True, False] * 30), polars.Series("i", K))
    assert np.array_equal(rows.Pool(frame).rows, X)
    assert np.array_equal(rows.Pool(more).rows[:, 3:], np.column_stack([np.arange(N) % 2 == 0, K]))
    for column, error, message in (
        (polars.Series("t", [1.0] + [None] * 59), ValueError, r"row 1, column 3 \(from 0\) is nan"),
        (polars.Series("t", [1] + [None] * 59), ValueError, r"row 1, column 3 \(from 0\) is nan"),
        (polars.Series("t", ["a"] * N), TypeError, r"row 0, column 3 \(from 0\) is 'a'"),
        (polars.date_range(polars.date(2020, 1, 1), polars.date(2020, 2, 29), eager=True),
         TypeError, r"row 0, column 3 \(from 0\) is datetime.date\(2020, 1, 1\)"),
    ):  # fmt: skip
        with pytest.raises(error, match=message):
            rows.Pool(frame.with_columns(column.alias("t")))
    with pytest.raises(TypeError, match="a lazy frame must be collected first"):
        rows.Pool(frame.lazy())


def test_estimators_take_gaps_of_polars():
    frame = polars.DataFrame(X, schema=["a", "b", "c"])
    names = polars.Series(["u", "v", None, "u", "v", "u"] * 10)
    there = ~names.is_null().to_numpy()
    with pytest.warns(UserWarning, match="10 of 60 rows have no label"):
        fitted = MinNormClassifier().fit(frame, names)
    alone = MinNormClassifier().fit(X[there], names.to_numpy()[there])
    np.testing.assert_allclose(fitted.coef_, alone.coef_, rtol=1e-10)


@pytest.mark.parametrize(
    ("given", "message"),
    [
        ((row for row in X), "features must be numbers; what is given is <generator"),
        ({"a": X}, "features must be numbers; what is given is {'a'"),
    ],
)
def test_what_is_no_matrix(given, message):
    with pytest.raises(TypeError, match=message):
        features.prepare(given)
    with pytest.raises(ValueError, match="labels must have rows of one length"):
        features.prepare(X, [[1], [1, 2]] * 30)


# -- order ----------------------------------------------------------------------------------------

FRAME = pandas.DataFrame(X, columns=list("abc"))


@pytest.mark.parametrize(
    "door",
    [
        features.prepare,
        kd.Question.of,
        lambda X, y: labels.ask(X, y.where(y > y.median())),
        lambda X, y: MinNormRegressor().fit(X, y),
        lambda X, y: MinNormRegressor().predicted_learning_curve(X, y, [2]),
        lambda X, y: MinNormRegressor().measured_learning_curve(X, y, [2]),
    ],
)
def test_a_series_in_another_order_than_the_rows_is_refused(door):
    """By place it would be other labels, by index other than scikit-learn takes: it is asked."""
    series = pandas.Series(Y)
    door(FRAME, series)
    door(FRAME, series.set_axis(range(100, 160)).rename_axis("other"))
    for other in (series[::-1], series.sample(frac=1, random_state=0)):
        with pytest.raises(ValueError, match=r"^(y|labels) must be in the order of the features: "):
            door(FRAME, other)
    shuffled = FRAME.sample(frac=1, random_state=0)
    with pytest.raises(ValueError, match="their index has the same entries in another order"):
        door(shuffled, series)
    door(shuffled, series.reindex(shuffled.index))


def _regroup(series):
    """Not unique: the same entries in another order all the same."""
    return series.set_axis(np.arange(N) // 2)


FEW = pandas.Series(np.where(np.arange(N) < 40, Y, np.nan))
ROWS = pandas.Series(range(20, 50))


@pytest.mark.parametrize(
    ("door", "given"),
    [
        (lambda y: kd.Question.of(_regroup(FRAME), y), _regroup(pandas.Series(Y))),
        (lambda y: kd.Question.of(FRAME, Y, weights=y), pandas.Series(np.arange(1.0, N + 1))),
        (lambda y: kd.predict(kd.Question.of(FRAME, Y), 2, Given(y)), pandas.Series(Y)),
        (lambda y: kd.measure(kd.Question.of(FRAME, Y), 2, Given(y)), pandas.Series(Y)),
        (
            lambda y: kd.predict(kd.Question.of(FRAME, FEW).labelled_part(), 2, Given(y)),
            pandas.Series(Y[:40]),
        ),
        (lambda y: labels.ask(FRAME, (ROWS, y)), pandas.Series(Y[20:50])),
        (lambda y: LabelledCurve(draws=4).fit(FRAME, FEW).worth(y), pandas.Series(Y)),
        (lambda y: Distiller().fit(FRAME, y), FEW),
        (lambda y: DistillerClassifier().fit(FRAME, y), pandas.Series(NAMES)),
        (lambda y: RidgeClassifier().fit(FRAME, y), pandas.Series(NAMES)),
        (
            lambda y: RidgeClassifier().fit(FRAME, NAMES, sample_weight=y),
            pandas.Series(np.arange(1.0, N + 1)),
        ),
        (
            lambda y: RidgeStudent().predicted_learning_curve(FRAME, Y > 0, 2, classes=y),
            pandas.Series(Y > 0),
        ),
    ],
)
def test_whatever_stands_beside_the_rows_must_be_in_their_order(door, given):
    door(given)
    door(given.to_numpy())
    with pytest.raises(ValueError, match=r"must be in the order of the features: their index"):
        door(given[::-1])


def test_what_reindex_cannot_do_is_not_advised():
    twice = pandas.DataFrame(X, index=np.arange(N) // 2)
    given = pandas.Series(Y, index=twice.index)
    with pytest.raises(ValueError, match=r"another order \(by place: .to_numpy\(\)\)"):
        kd.Question.of(twice, given[::-1])


def test_held_out_rows_have_an_index_of_their_own():
    question = kd.Question.of(pandas.DataFrame(X, index=np.arange(N)[::-1]), Y)
    held, truth = pandas.DataFrame(X), pandas.Series(Y)
    assert question.judged_on(held, truth).held_out is not None
    with pytest.raises(ValueError, match="labels must be in the order of the features"):
        question.judged_on(held, truth.sample(frac=1, random_state=0))


def test_columns_of_more_rows_must_be_those_of_the_rows():
    Distiller().fit(FRAME, Y, FRAME)
    with pytest.raises(ValueError, match="feature names"):
        Distiller().fit(FRAME, Y, FRAME[["b", "a", "c"]])


# -- marks of rows without a label ----------------------------------------------------------------

MARKED = np.where(K == 0, -1, K)


@pytest.mark.parametrize("mark", [-1, "-1", -1.0])
@pytest.mark.parametrize(
    "given",
    [
        MARKED,
        MARKED.tolist(),
        MARKED.astype(float),
        MARKED.astype(str),
        MARKED.astype("S"),
        pandas.Series(MARKED, dtype="Int64").mask(np.arange(N) == 1),
        pandas.Series(MARKED).astype("category"),
        polars.Series(MARKED),
        np.ma.masked_array(MARKED, np.arange(N) == 1),
    ],
)
def test_a_mark_means_none_in_labels_of_any_type(given, mark):
    if isinstance(mark, float) and np.asarray(given).dtype.kind in "US":
        mark = int(mark)
    missing = np.array(K == 0)
    if checks.frames.missing(given).any():
        missing[1] = True
    found = Labels.of(unmarked(given, mark), N)
    assert np.array_equal(found.missing, missing)
    assert len(found.classes()[0]) == 2
    with pytest.raises(ValueError, match="unlabelled=7 must be one of the labels"):
        unmarked(given, 7)


def test_false_is_not_the_mark_0():
    with pytest.raises(ValueError, match="unlabelled=0 must be one of the labels"):
        unmarked(np.array([True, False]), 0)
    assert unmarked(np.array([True, False]), False).tolist() == [True, None]


def test_minus_one_in_a_nullable_column_is_unlabelled_as_in_a_plain_one():
    given = pandas.Series(MARKED, dtype="Int64")
    fitted = DistillerClassifier().fit(X, given)
    assert fitted.classes_.tolist() == [1, 2]
    plain = DistillerClassifier().fit(X, MARKED)
    np.testing.assert_array_equal(fitted.predict_proba(X), plain.predict_proba(X))


# -- a teacher's labels ---------------------------------------------------------------------------


def taught(y, given):
    question = kd.Question.of(X, y)
    return kd.measure(question, [4], ["strong", Given(given, "t")], repetitions=2).excess


SAME = [
    (Y, pandas.Series(Y, dtype="Float64")),
    (Y, Y.astype(object)),
    (Y, polars.Series(Y)),
    (K, K[:, None]),
    (K, K.astype("S")),
    (K, [f" {k}" for k in K]),
    (K, np.eye(3)[K] > 0),
    (K, pandas.DataFrame(np.eye(3)[K]).astype("Float64")),
    (NAMES, pandas.Series(NAMES, dtype="string")),
    (K > 0, K > 0),
]


@pytest.mark.parametrize(("y", "given"), SAME)
def test_a_teacher_of_the_same_labels_teaches_the_same(y, given):
    found = taught(y, given)
    assert found["t"] == found["strong"]


@pytest.mark.parametrize(
    ("y", "given"),
    [
        (Y, np.ma.masked_array(Y, np.arange(N) == 7)),
        (Y, pandas.Series(Y, dtype="Float64").mask(np.arange(N) == 7)),
        (Y, np.where(np.arange(N) == 7, np.nan, Y)),
        (K, np.ma.masked_array(K, np.arange(N) == 7)),
        (K, [None if k == 7 else int(c) for k, c in enumerate(K)]),
    ],
)
def test_a_teacher_with_gaps_is_refused(y, given):
    with pytest.raises(ValueError, match=r"t must be there for every row; row 7 \(from 0\) has"):
        taught(y, given)
