"""``--drop`` holds for features and for the file of labels; arrays have no columns by name."""

from __future__ import annotations

import numpy as np
import pytest

from kdverify import tables
from kdverify.commands.labels import _read
from kdverify.tables import Layout

ID = Layout(drop=("id",))


@pytest.fixture
def folder(tmp_path):
    np.save(tmp_path / "x.npy", np.array([[1.5, 2], [3, 4], [5, 7]]))
    np.save(tmp_path / "y.npy", np.array([0.5, 1.5, 2.5]))
    (tmp_path / "x.csv").write_text("id,a\n11,1.5\n17,3\n12,5\n")
    (tmp_path / "y.csv").write_text("id,y\n11,0.5\n17,1.5\n12,2.5\n")
    (tmp_path / "texts.csv").write_text("id,y\np1,0.5\np2,1.5\np3,2.5\n")
    return tmp_path


@pytest.mark.parametrize("features", ["x.npy", "x.csv"])
@pytest.mark.parametrize("labels", ["y.csv", "texts.csv"])
def test_a_dropped_column_of_the_labels_is_no_label(folder, features, labels):
    table = tables.read(folder / features, folder / labels, layout=ID)
    assert table.labels.tolist() == [0.5, 1.5, 2.5]
    assert table.columns in (None, ("a",))
    assert table.notes[1].endswith("; left out: 'id'")


def test_a_column_of_the_labels_alone_is_dropped_there(folder):
    (folder / "only.csv").write_text("a\n1.5\n3\n5\n")
    table = tables.read(folder / "only.csv", folder / "y.csv", layout=ID)
    assert (table.columns, table.labels.tolist()) == (("a",), [0.5, 1.5, 2.5])
    named = tables.read(folder / "only.csv", folder / "y.csv", "y", ID)
    assert named.labels.tolist() == [0.5, 1.5, 2.5]


@pytest.mark.parametrize(
    ("features", "labels", "column", "drop", "message"),
    [
        ("x.npy", "y.npy", None, "3", "drop='3' must go with a table: x.npy has no column names"),
        ("x.npy", None, None, "id", "drop='id' must go with a table: x.npy has no column names"),
        ("x.npy", "y.csv", None, "z", "drop='z' must go with a table: x.npy has no column names"),
        ("x.csv", "y.csv", None, "z", r"drop='z' must be a column of .*x.csv \(id, a\)"),
        ("x.npy", "y.csv", "y", "y", "drop='y' must not be the column of labels of .*y.csv"),
    ],
)
def test_columns_that_are_not_there(folder, features, labels, column, drop, message):
    with pytest.raises(ValueError, match=message):
        tables.read(folder / features, labels and folder / labels, column, Layout(drop=(drop,)))


def test_the_last_column_of_labels_stays(folder):
    (folder / "one.csv").write_text("id\n1\n0\n1\n")
    with pytest.raises(ValueError, match=r"drop='id' must leave a column of labels in .*one.csv"):
        tables.read(folder / "x.npy", folder / "one.csv", layout=ID)
    table = tables.read(folder / "x.csv", folder / "one.csv", layout=ID)
    assert (table.columns, table.labels.tolist()) == (("a",), [1, 0, 1])


def test_labels_of_some_rows_beside_a_column_that_is_dropped(folder):
    (folder / "few.csv").write_text("row,y,who\n2,0.5,me\n0,1.5,you\n")
    few = str(folder / "few.csv")
    _, (numbers, labels) = _read(str(folder / "x.npy"), few, None, Layout(drop=("who",)))
    assert (numbers.tolist(), labels.tolist()) == ([2, 0], [0.5, 1.5])
    with pytest.raises(ValueError, match="label_column=None must name one of y, who in"):
        _read(str(folder / "x.npy"), few, None, Layout())
    with pytest.raises(ValueError, match="drop='z' must go with a table: x.npy"):
        _read(str(folder / "x.npy"), few, "y", Layout(drop=("z",)))
