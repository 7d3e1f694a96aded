"""Labels of tables and of arrays: what they are labels of, and which rows have none."""

from __future__ import annotations

import numpy as np
import pytest

from kdverify import features, tables
from kdverify.tables import Labels, Layout

pandas = pytest.importorskip("pandas", reason="not run: no pandas")
pytest.importorskip("pyarrow", reason="not run: no pyarrow")


# -- labels -------------------------------------------------------------------------------------


def test_two_columns_of_the_name_of_the_labels(read_table):
    with pytest.raises(ValueError, match="label_column='y' must name one column; .* has 2"):
        read_table("a,y,y\n1,2,2\n", "y")
    with pytest.raises(ValueError, match="label_column='z' must be a column of .* \\(a, y\\)"):
        read_table("a,y\n1,2\n", "z")
    with pytest.raises(ValueError, match="must have a column of features beside its labels"):
        read_table("y\n1\n2\n", "y")


def test_parquet_with_two_columns_of_one_name(tmp_path):
    import pyarrow
    from pyarrow import parquet

    column = pyarrow.array([1.0, 2.0])
    table = pyarrow.Table.from_arrays([column, column, column], names=["a", "y", "y"])
    parquet.write_table(table, tmp_path / "t.parquet")
    with pytest.raises(ValueError, match="label_column='y' must name one column"):
        tables.read(tmp_path / "t.parquet", label_column="y")


def test_a_copy_of_the_labels_among_the_features_is_pointed_out(read_table):
    table = read_table("a,target,y\n1.5,0,0\n2.5,1,1\n", "y")
    assert table.notes[-1] == "column 'target' is a copy of the labels: leave it out"


LABELS = [
    # cells of the column, labels, kind, missing rows
    (["1", "2", "1"], [1, 2, 1], "integer", []),
    (["1", "", "2"], [1, None, 2], "integer", [1]),
    (["1.0", "NA", "2"], [1, None, 2], "real", [1]),
    (["cat", "", "dog"], ["cat", None, "dog"], "name", [1]),
    (["cat", "None", "NaN"], ["cat", None, None], "name", [1, 2]),
    (["True", "False", ""], [True, False, None], "boolean", [2]),
    (["01", "1", "02"], ["01", "1", "02"], "name", []),  # two classes, not one
    (["12345678901234567890", "1", "1"], ["12345678901234567890", "1", "1"], "name", []),
    (["-1", "+1", "-1"], [-1, 1, -1], "integer", []),
]


@pytest.mark.parametrize(("cells", "values", "kind", "missing"), LABELS)
def test_labels_of_a_table(read_table, cells, values, kind, missing):
    text = "a,y\n" + "".join(f"{k}.5,{cell}\n" for k, cell in enumerate(cells))
    labels = Labels.of(read_table(text, "y").labels)
    assert labels.kind == kind
    assert np.flatnonzero(labels.missing).tolist() == missing
    present = [value for value in values if value is not None]
    assert labels.values[~labels.missing].tolist() == present


@pytest.mark.parametrize("ending", ["csv", "parquet"])
@pytest.mark.parametrize("dtype", ["string", "object", "category", "Int64", "Float64", "boolean"])
def test_labels_of_every_type_of_column(tmp_path, engine, ending, dtype):
    given = {"Int64": [3, None, 5], "Float64": [0.5, None, 1.5], "boolean": [True, None, False]}
    values = given.get(dtype, ["cat", None, "dog"])
    frame = pandas.DataFrame({"a": [1.5, 2.5, 3.5], "y": pandas.Series(values, dtype=dtype)})
    file = tmp_path / f"t.{ending}"
    if ending == "csv":
        frame.to_csv(file, index=False)
    elif engine == "csv":
        return  # parquet has one way
    else:
        frame.to_parquet(file)
    labels = Labels.of(tables.read(file, label_column="y").labels)
    kinds = {"Int64": "integer", "Float64": "real", "boolean": "boolean"}
    assert labels.kind == kinds.get(dtype, "name")
    assert labels.missing.tolist() == [False, True, False]
    assert labels.values[[0, 2]].tolist() == [values[0], values[2]]
    direct = Labels.of(frame["y"])
    assert direct.kind == labels.kind
    assert direct.missing.tolist() == [False, True, False]
    assert direct.values[[0, 2]].tolist() == [values[0], values[2]]


IN_MEMORY = [
    ([1, None, 2], "integer", [1]),
    ([1.5, None, 2], "real", [1]),
    (["a", None, "b"], "name", [1]),
    (["a", "", "b"], "name", [1]),
    (np.array(["a", np.nan, "b"]), "name", [1]),  # NumPy writes "nan"
    (np.array(["a", np.nan, "b"], dtype=object), "name", [1]),
    (np.array([[1], [2]]), "integer", []),
    (np.ma.masked_array([1, 2, 3], [False, True, False]), "integer", [1]),
    ([True, None, False], "boolean", [1]),
    (np.array([[0.5, 1.0], [np.nan, 1.0]]), "real", [1]),
    (np.array([b"a", b"b"]), "name", []),
    ([10**25, 1], "name", []),
]


@pytest.mark.parametrize(("given", "kind", "missing"), IN_MEMORY)
def test_labels_in_memory(given, kind, missing):
    labels = Labels.of(given)
    assert labels.kind == kind
    assert np.flatnonzero(labels.missing).tolist() == missing


@pytest.mark.parametrize(
    ("given", "error", "message"),
    [
        ([1, "a"], TypeError, "all numbers or all names"),
        ([None, np.nan], ValueError, "must have a row with a label"),
        ([], ValueError, r"labels of shape \(0,\)"),
        (np.ones((2, 2, 2)), ValueError, r"labels of shape \(2, 2, 2\)"),
        ([1j, 2], TypeError, "must be numbers or names"),
        ([{}, 1], TypeError, "must be numbers or names; one is {}"),
        (np.array(["2020-01-01"], dtype="datetime64[D]"), TypeError, "not of dtype datetime64"),
    ],
)
def test_labels_that_are_none(given, error, message):
    with pytest.raises(error, match=message):
        Labels.of(given)


TASK = [
    (np.array([0.0, 1.0] * 20), "regression", "for classes say so"),
    (np.array([0, 1] * 20), "classes", "whole numbers"),
    (np.array([True, False]), "classes", "truth values"),
    (["a", "b"], "classes", "names"),
    (np.linspace(0, 1, 9), "regression", "real numbers"),
    (np.eye(3, dtype=int), "regression", "3 columns"),
]


@pytest.mark.parametrize(("given", "task", "because"), TASK)
def test_the_task_and_why(given, task, because):
    chosen, reason = Labels.of(given).task()
    assert chosen == task
    assert because in reason
    assert Labels.of(given).task("regression")[0] == "regression"


def test_one_rule_for_labels_of_one_column(tmp_path):
    X, y = np.ones((3, 2)), np.array([[0], [1], [0]])
    np.savez(tmp_path / "both.npz", X=X, y=y)
    np.save(tmp_path / "x.npy", X)
    np.save(tmp_path / "y.npy", y)
    inside = tables.read(tmp_path / "both.npz").labels
    apart = tables.read(tmp_path / "x.npy", tmp_path / "y.npy").labels
    assert np.array_equal(inside, apart)
    assert Labels.of(inside).task()[0] == Labels.of(y).task()[0] == "classes"


def test_a_mark_of_rows_without_labels(read_table):
    table = read_table("a,y\n1,0\n2,-1\n3,1\n", "y", unlabelled="-1")
    assert Labels.of(table.labels).missing.tolist() == [False, True, False]
    with pytest.raises(ValueError, match="unlabelled='7' must be one of the labels"):
        read_table("a,y\n1,0\n2,-1\n3,1\n", "y", unlabelled="7")


def test_blank_lines_of_one_column_are_labels_that_are_missing(tmp_path, engine):
    np.save(tmp_path / "x.npy", np.ones((4, 2)))
    for text in ("y\n1\n\n0\n1\n", '1\n""\n0\n1\n\n', "1\nNA\n0\n1\n"):
        (tmp_path / "y.csv").write_text(text, encoding="utf-8")
        table = tables.read(tmp_path / "x.npy", tmp_path / "y.csv")
        assert Labels.of(table.labels).missing.tolist() == [False, True, False, False]


def test_labels_in_quotes_after_a_space(read_table):
    table = read_table('a,y\n1, "cat, dog"\n2, "b"\n', "y")
    assert table.labels.tolist() == ["cat, dog", "b"]


def test_labels_in_a_parquet_file_of_their_own(tmp_path):
    np.save(tmp_path / "x.npy", np.ones((3, 2)))
    frame = pandas.DataFrame({"id": [7, 8, 9], "y": pandas.Categorical(["a", "b", "a"])})
    frame.to_parquet(tmp_path / "y.parquet")
    found = tables.read(tmp_path / "x.npy", tmp_path / "y.parquet", "y").labels
    assert found.tolist() == ["a", "b", "a"]
    with pytest.raises(ValueError, match="name one with --label-column"):
        tables.read(tmp_path / "x.npy", tmp_path / "y.parquet")


def test_a_column_of_a_separate_table_of_labels(tmp_path, engine):
    np.save(tmp_path / "x.npy", np.ones((2, 2)))
    (tmp_path / "y.csv").write_text("name,y\nanna,3\nbert,4\n", encoding="utf-8")
    assert tables.read(tmp_path / "x.npy", tmp_path / "y.csv", "y").labels.tolist() == [3, 4]
    with pytest.raises(ValueError, match="one column of labels, or several of numbers"):
        tables.read(tmp_path / "x.npy", tmp_path / "y.csv", layout=Layout(header="yes"))


# -- preparing ------------------------------------------------------------------------------------


def test_rows_without_a_label_are_left_out_and_counted():
    X = np.random.default_rng(1).standard_normal((80, 4))
    names = np.array(["a", "b"] * 40, dtype=object)
    names[[3, 5, 70]] = [None, np.nan, ""]
    there = np.delete(np.arange(80), [3, 5, 70])
    ready = features.prepare(X, names)
    assert ready.class_names == ("a", "b")
    assert ready.notes[0] == "3 of 80 rows have no label and are left out"
    same = features.prepare(X[there], names[there])
    assert np.array_equal(ready.pool.rows, same.pool.rows)
    assert np.array_equal(ready.labels, same.labels)
    for dtype in ("Int64", "boolean", "int64[pyarrow]", "Int8", "category"):
        whole = pandas.Series(np.arange(80) % 2).astype(dtype)
        whole[:3] = None
        ready = features.prepare(X, whole)
        assert (ready.pool.size, len(ready.class_names)) == (77, 2)
    y = np.where(np.arange(80) < 20, np.nan, X[:, 0])
    assert features.prepare(X, y).pool.size == 60
    with pytest.raises(ValueError, match="at least 50 rows, not 40"):
        features.prepare(X, np.where(np.arange(80) < 40, np.nan, X[:, 0]))


@pytest.mark.parametrize("task", ["auto", "classes", "regression"])
def test_numeric_labels_with_blanks_have_one_reading(task):
    X = np.random.default_rng(1).standard_normal((80, 4))
    y = np.array([0, 1] * 40, dtype=object)
    y[7] = None
    ready = features.prepare(X, y, task=task)
    assert ready.pool.size == 79
    assert (ready.classes is None) == (task == "regression")


@pytest.mark.parametrize("dtype", [None, object])
def test_empty_texts_of_bytes_are_missing_as_others_are(dtype):
    found = Labels.of(np.array([b"a", b"", b"b", b" NA ", b"a"], dtype=dtype))
    assert found.missing.tolist() == [False, True, False, True, False]
    names, numbers = found.classes()
    assert (names, numbers.tolist()) == (("a", "b"), [0, -1, 1, -1, 0])
