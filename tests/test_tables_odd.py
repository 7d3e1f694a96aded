"""Tables that other programs wrote oddly: nothing is read as something else without a word."""

from __future__ import annotations

import json
import os

import numpy as np
import pytest

from kdverify import checks, tables
from kdverify.tables import Labels, Layout, reading

pandas = pytest.importorskip("pandas", reason="not run: no pandas")
pytest.importorskip("pyarrow", reason="not run: no pyarrow")


def notes_of(table):
    """What is said beside the line that every table has."""
    return list(table.notes[1:])


# -- row numbers ----------------------------------------------------------------------------------

NUMBERED = [
    ",a,y\n5,1.5,0\n9,2.5,1\n7,3,0\n",  # pandas' index of a part of a frame
    ",a,y\n1,1.5,0\n0,2.5,1\n2,3,0\n",  # of a shuffled one
    "Unnamed: 0.1,Unnamed: 0,a,y\n0,5,1.5,0\n1,9,2.5,1\n2,7,3,0\n",  # written twice
    '"","a","y"\n"1",1.5,0\n"2",2.5,1\n"3",3,0\n',  # R's row names
]


@pytest.mark.parametrize("text", NUMBERED)
def test_row_numbers_without_a_name_are_left_out(read_table, text):
    table = read_table(text, "y")
    assert table.columns == ("a",)
    assert table.features.tolist() == [[1.5], [2.5], [3]]
    assert notes_of(table) == ["the first column has no name and numbers the rows: left out"]


def test_a_first_column_without_a_name_may_be_a_feature(read_table):
    for text in (",a\n0.5,1\n1.5,7\n", ",a\n3,1\n3,7\n"):
        table = read_table(text)
        assert table.features.shape == (2, 2)
        assert notes_of(table) == [
            "the first column has no name and is read as a feature (--drop '')"
        ]
        assert read_table(text, drop=("",)).features.tolist() == [[1], [7]]


def test_columns_that_count_the_rows_are_pointed_out(read_table):
    table = read_table("id,a,y\n1,1.5,0\n2,2.5,1\n3,3,0\n", "y")
    assert table.columns == ("id", "a")
    assert notes_of(table) == ["column 'id' counts the rows: is it a feature? (--drop 'id')"]
    assert notes_of(read_table("id,a,y\n1,1.5,0\n2,2.5,1\n4,3,0\n", "y")) == []


# -- rows and names -------------------------------------------------------------------------------


@pytest.mark.parametrize("rows", [1, 200])
@pytest.mark.parametrize("last", ["3.5", "3.5,0,1", '"3.5"'])
def test_a_row_that_is_cut_off_is_no_row_without_a_label(read_table, rows, last):
    """Its number may be cut off too; a row that is too long is told in the same words."""
    text = "a,y\n" + "1.5,0\n2,\n" * rows
    assert Labels.of(read_table(text, "y").labels).unlabelled == rows
    cells = last.count(",") + 1
    with pytest.raises(
        ValueError, match=rf"row {2 * rows + 1}: it must have 2 cells, .*not {cells}"
    ):
        read_table(text + last + "\n", "y")


def test_names_are_found_however_letters_are_spelt(read_table):
    table = read_table("gro\u0308\u00dfe,a\n1,2\n3,4\n", "gr\u00f6\u00dfe")
    assert table.labels.tolist() == [1, 3]
    with pytest.raises(ValueError, match=r"must be a column of .* \('a\\u200b', \.\.\.\)"):
        read_table("a\u200b,b\n1,2\n", "a")
    for wrong in ("Digit", "digits", "DIGIT", "dgit"):  # near names come first
        text = ",".join([*(f"p{k}" for k in range(20)), "digit"])
        with pytest.raises(ValueError, match=r"must be a column of .* \(digit, \.\.\.\)"):
            read_table(f"{text}\n{'1,' * 20}2\n", wrong)
    with pytest.raises(ValueError, match="drop='y' must not be the column of labels of"):
        read_table("a,y\n1,2\n3,4\n", "y", drop=("y",))


@pytest.mark.parametrize("neighbour", ["3", "3.5"])
def test_large_whole_numbers_are_the_same_beside_real_ones(read_table, neighbour):
    table = read_table(f"a,b\n9007199254740993,2\n{neighbour},4\n")
    assert notes_of(table) == ["whole numbers above 2^53 are rounded to double precision: 'a'"]
    for digits in ("12345678901234567890", "1" * 5000):
        with pytest.raises(ValueError, match=r"row 1, column 'a': .* identifier .*--drop 'a'\)$"):
            read_table(f"a,b\n{digits},2\n{neighbour},4\n")
    table = read_table(f"a,b\n1e20,2\n{neighbour},4\n")
    assert (table.features[0, 0], notes_of(table)) == (1e20, [])


# -- labels ---------------------------------------------------------------------------------------

NOT_PLAIN = ['"1,5"', '"1,000"', '"1,234.5"', "1'000", "1\u00a0000"]


@pytest.mark.parametrize("label", NOT_PLAIN)
def test_numbers_in_another_notation_are_no_names_of_classes(read_table, label):
    shown = label.strip('"')
    for others in ("2", label):
        with pytest.raises(
            ValueError, match="row 2, column 'y': a label must be a plain number or"
        ):
            read_table(f"a,y\n1,{others if others != label else 3}\n2,{label}\n3,{others}\n", "y")
    table = read_table(f"a,y\n1,fern\n2,{label}\n", "y")
    assert table.labels.tolist() == ["fern", shown]


def test_a_point_where_decimals_have_commas(read_table):
    text = "a;y\n1;1.5\n2;2,5\n"
    with pytest.raises(ValueError, match=r"row 1, column 'y': .* but is '1.5'"):
        read_table(text, "y", delimiter=";", decimal=",")


DOUBTS = [
    (["?", "1", "0"], "labels are numbers and names, such as '?': all are read as names"),
    (["1", "b", "0"], "labels are numbers and names, such as 'b': all are read as names"),
    (
        ["cat", "?", "dog"],
        "the label '?' is read as the name of a class (for rows without a label: --unlabelled '?')",
    ),
    (["cat", "Missing", "dog"], "the label 'Missing' is read as the name of a class"),
    (["n.a.", "cat", "dog"], "the label 'n.a.' is read as the name of a class"),
]


@pytest.mark.parametrize(("cells", "note"), DOUBTS)
def test_labels_that_may_be_none_are_pointed_out(tmp_path, read_table, cells, note):
    text = "a,y\n" + "".join(f"{k}.5,{cell}\n" for k, cell in enumerate(cells))
    table = read_table(text, "y")
    assert len(notes_of(table)) == 1
    assert note in table.notes[1]
    np.savez(tmp_path / "t.npz", X=np.ones((3, 2)), y=np.array(cells))
    assert notes_of(tables.read(tmp_path / "t.npz")) == notes_of(table)
    assert notes_of(read_table("a,y\n1,cat\n2,dog\n", "y")) == []


# -- binary files ---------------------------------------------------------------------------------


def test_files_of_numpy_under_the_other_name(tmp_path):
    X = np.ones((3, 2))
    np.savez(tmp_path / "a.npz", X=X)
    (tmp_path / "a.npz").rename(tmp_path / "t.npy")
    with pytest.raises(
        ValueError, match=r"t.npy must be a whole .npy file: it is an archive, whose"
    ):
        tables.read(tmp_path / "t.npy")
    np.save(tmp_path / "a.npy", X)
    (tmp_path / "a.npy").rename(tmp_path / "t.npz")
    with pytest.raises(ValueError, match=r"t.npz must be a whole .npz file: it is a single array"):
        tables.read(tmp_path / "t.npz")
    np.savez(tmp_path / "u.npz", X=X, y=np.array(["a", None, "b"], dtype=object))
    with pytest.raises(ValueError, match=r"or holds Python objects \(.astype\(str\) makes texts"):
        tables.read(tmp_path / "u.npz")
    np.save(tmp_path / "o.npy", X.astype(object), allow_pickle=True)
    with pytest.raises(ValueError, match=r"o.npy must .* \(.astype\(str\).*.astype\(float\) numb"):
        tables.read(tmp_path / "o.npy")
    np.savez(
        tmp_path / "s.npz", indices=[0], indptr=[0, 1], format=b"csr", shape=[1, 1], data=[1.0]
    )
    with pytest.raises(
        ValueError, match=r"s.npz must hold a dense matrix, not a sparse one: reduce"
    ):
        tables.read(tmp_path / "s.npz")
    (tmp_path / "t.csv.gz").touch()
    with pytest.raises(ValueError, match=r"must end in .* \(it is compressed: unpack it first\)"):
        tables.read(tmp_path / "t.csv.gz")
    np.savez(tmp_path / "v.npz", X=X, y=np.arange(4))  # the length is told at the next door
    with pytest.raises(ValueError, match="labels of length 4 must have length 3"):
        Labels.of(tables.read(tmp_path / "v.npz").labels, 3)


def test_the_row_index_of_pandas_is_named_and_may_be_the_labels(tmp_path):
    file = tmp_path / "t.parquet"
    frame = pandas.DataFrame({"a": [1.0, 2.0], "b": [3.0, 4.0], "y": ["u", "v"]})
    frame.set_index(["b", "y"]).to_parquet(file)
    assert tables.read(file).notes == (
        "t.parquet: 2 rows, 1 columns; no labels; no columns, but the row index: 'b', 'y'",
    )
    table = tables.read(file, label_column="y")
    assert (table.columns, table.labels.tolist()) == (("a",), ["u", "v"])
    frame[["a"]].set_axis(["r1", "r2"]).to_parquet(file)  # an index without a name
    assert notes_of(tables.read(file)) == []


# -- files that are none --------------------------------------------------------------------------


def test_pipes_and_folders(tmp_path):
    os.mkfifo(tmp_path / "p.csv")
    (tmp_path / "d.csv").mkdir()
    for file, message in (
        (tmp_path / "p.csv", "must be a file on a disk, not a pipe or a device"),
        ("-", "must be a file on a disk, not a pipe or a device"),
        (tmp_path / "d.csv", "must be a file, not a folder"),
        (tmp_path / "no.csv", "must be an existing file"),
    ):
        with pytest.raises(ValueError, match=message):
            checks.readable_file("features", file, reading.ENDINGS)


@pytest.mark.parametrize("name", [os.fsdecode(b"t\xff.npz"), "$x_{.npz", "[red]\n.npz"])
def test_names_of_files_that_are_no_plain_words(kdverify, tmp_path, name):
    """Bytes that are no UTF-8, a formula that is none, markup: in document, figure and page."""
    X = np.random.default_rng(0).standard_normal((60, 3))
    np.savez(tmp_path / "t.npz", X=X, y=X[:, 0])
    (tmp_path / "t.npz").rename(tmp_path / name)
    given = ("features", name, "-n", "2", "--repetitions", "2", "--teacher", "strong")
    results = ("--json", "a.json", "--html", "a.html", "--plot", "a.png")
    finished = kdverify(*given, "--ridge", "1", *results)
    assert finished.code == 0, finished.err
    found = json.loads((tmp_path / "a.json").read_text(encoding="utf-8"))
    assert found["settings"]["features"] == name
    assert (tmp_path / "a.html").exists()
    assert (tmp_path / "a.png").exists()


def test_a_layout_names_each_dropped_column_once():
    assert Layout(drop=("a", "b", "a")).drop == ("a", "b")
