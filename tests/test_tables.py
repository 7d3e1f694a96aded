"""Tables as they come: every cell read right, or an error that names file, row and column."""

from __future__ import annotations

import re
import sys
import tracemalloc

import numpy as np
import pytest

from kdverify import features, rows, tables
from kdverify.tables import Labels, Layout

pandas = pytest.importorskip("pandas", reason="not run: no pandas")
pytest.importorskip("pyarrow", reason="not run: no pyarrow")


@pytest.fixture(params=["pandas", "csv"])
def engine(request, monkeypatch):
    """Both ways to read a table of texts."""
    if request.param == "csv":
        monkeypatch.setattr(tables.text, "_pandas_if_there", lambda: None)
    return request.param


@pytest.fixture
def read(tmp_path, engine):
    """Writes a text to a file and reads it."""

    def run(text, label_column=None, ending="csv", encoding="utf-8", **layout):
        file = tmp_path / f"table.{ending}"
        file.write_bytes(text.encode(encoding))
        return tables.read(file, label_column=label_column, layout=Layout(**layout))

    return run


# -- the header -------------------------------------------------------------------------------


def test_a_quoted_header_with_a_comma(read):
    table = read('"h, cm",b,y,c\n1,2,3,4\n5,6,7,8\n', "y")
    assert table.columns == ("h, cm", "b", "c")
    assert table.features.tolist() == [[1, 2, 4], [5, 6, 8]]
    assert table.labels.tolist() == [3, 7]
    assert table.notes == (
        "table.csv: 2 rows, 3 columns; the first row is the header; labels: column 'y'",
    )


HEADERS = [
    # text, is the first row a header?
    ("a,b\n1,2\n3,4\n", True),
    ("0.5,1.5\n1,2\n", False),
    ("1,2,3\n4,5,6\n", False),  # every row rises
    ("5\n6\n", False),
    ("0\n1\n1\n", False),
    ("0,1,y\n1.5,2.5,3.5\n", True),  # pandas' default names and one of its own
    (",a,b\n0,1.5,2.5\n1,3.5,4.5\n", True),  # pandas' row index
    ("1.5,,2\n1,2,3\n", False),  # an empty cell in a first row of data
    ("1.5,NA,2\n1,2,3\n", False),
    ("\ufeff1.5,2\n3,4\n", False),  # a byte-order mark
    ("\ufeffa,b\n3,4\n", True),
    ('"a","b"\n"3","4"\n', True),
    ("# a,b\n3,4\n", True),  # numpy.savetxt
    ("inf,2\n1,1\n", False),
    ("3,2,1\n1,1.5,2\n", False),
]


@pytest.mark.parametrize(("text", "header"), HEADERS)
def test_the_first_row(tmp_path, text, header):
    file = tmp_path / "t.csv"
    file.write_text(text, encoding="utf-8")
    table = tables.text.TextTable(file, Layout())
    assert (table.undecided, table.header) == (False, header)


AMBIGUOUS = [
    "0,1\n1,0\n",
    "0,1,2\n3,4,5\n",  # pandas' default names, or data that count
    "400,402,404\n0.1,0.2,0.3\n0.3,0.1,0.2\n",  # wavelengths
    "kind\ncat\ndog\n",
    "x,y\na,b\n",
]


@pytest.mark.parametrize("text", AMBIGUOUS)
def test_what_can_be_read_in_two_ways_is_asked(read, text):
    with pytest.raises(ValueError, match=r"table.csv must come with --header yes or --header no"):
        read(text)


def test_the_option_decides(read):
    text = "0,1,2\n3,4,5\n6,7,9\n"
    assert read(text, header="no").features.shape == (3, 3)
    named = read(text, "2", header="yes")
    assert named.labels.tolist() == [5, 9]
    assert named.columns == ("0", "1")


def test_class_names_without_a_header(read):
    """The names of the last column are no header, and a column cannot be named."""
    with pytest.raises(ValueError, match=r"row 1, column 3: it must be a finite number but is 'c'"):
        read("1.5,2.5,c\n3.5,4.5,d\n")
    with pytest.raises(ValueError, match="label_column='z' must name a column, but .* no header"):
        read("1.5,2.5,c\n3.5,4.5,d\n", "z")


def test_labels_of_one_column_are_counted(tmp_path, engine):
    """A first name above names is a header if the labels below it are as many as the rows."""
    np.save(tmp_path / "x.npy", np.ones((3, 2)))
    for text in ("kind\na\nb\nc\n", "a\nb\nc\n"):
        (tmp_path / "y.csv").write_text(text, encoding="utf-8")
        table = tables.read(tmp_path / "x.npy", tmp_path / "y.csv")
        assert table.labels.tolist() == ["a", "b", "c"]
    (tmp_path / "y.csv").write_text("0\n5\n6\n7\n", encoding="utf-8")  # pandas' name of a series
    with pytest.raises(ValueError, match=r"hold 3 labels, .*, not 4 \(is its first row a header"):
        tables.read(tmp_path / "x.npy", tmp_path / "y.csv")
    table = tables.read(tmp_path / "x.npy", tmp_path / "y.csv", layout=Layout(header="yes"))
    assert table.labels.tolist() == [5, 6, 7]


def test_the_index_that_pandas_writes_is_left_out(tmp_path, engine):
    frame = pandas.DataFrame({"a": [1.5, 2.5, 4.0], "y": [0, 1, 0]})
    frame.to_csv(tmp_path / "t.csv")
    table = tables.read(tmp_path / "t.csv", label_column="y")
    assert table.features.tolist() == [[1.5], [2.5], [4.0]]
    assert table.columns == ("a",)
    assert "its first column has no name and counts the rows: left out" in table.notes
    frame["y"].to_csv(tmp_path / "y.csv")
    other = tables.read(tmp_path / "t.csv", tmp_path / "y.csv", layout=Layout(drop=("y",)))
    assert other.labels.tolist() == [0, 1, 0]


# -- cells --------------------------------------------------------------------------------------


WRONG = [
    ("a,b\n1,2\n3,\n", r"row 2, column 'b': it must be a finite number but is missing"),
    ("a,b\n1,NA\n", r"row 1, column 'b': .* is missing"),
    ("a,b\n1,nan\n", r"row 1, column 'b': .* is missing"),
    ("a,b\n1,2\n3,inf\n", r"row 2, column 'b': .* is inf"),
    ("a,b\n1,1e400\n", r"row 1, column 'b': .* is inf"),
    ("1.5,2\n1,x\n", r"row 2, column 2: .* is 'x'"),
    ('a,b\n1,"2,5"\n', r"row 1, column 'b': .* is '2,5' \(for decimal commas: --decimal ,;"),
    ('a,b\n1,"1,234.5"\n', r"row 1, column 'b': .* is '1,234.5'"),
    ("a,b\n1,1_000\n", r"row 1, column 'b': .* is '1_000'"),
    ("a,b\n1,0x10\n", r"row 1, column 'b': .* is '0x10'"),
    ("a,b\n1,5%\n", r"row 1, column 'b': .* is '5%'"),
    ("a,b\n1,2\n3,4,5\n", r"table.csv"),
    ("a,b\n1,2\n3\n", r"row 2, column 'b': .* is missing"),
    ("id,b\n12345678901234567890,1\n", r"row 1, column 'id': .* identifier .* \(--drop 'id'\)"),
    ("id,b\n123456789012345678901,1\n", r"row 1, column 'id': .* identifier"),
    ("id,b\n-12345678901234567890,1.5\n2,2\n", r"row 1, column 'id': .* identifier"),
    ("a,b\nTrue,2\n1.5,3\n", r"column 'a': it must hold numbers or truth values, not both"),
    ("a;b\n1;2\n", r"must have ',' between its cells \(for ';' between cells: --delimiter ';'\)"),
    ("a;b\n1,5;2,5\n", r"--delimiter ';'"),
    ("a\tb\n1\t2\n", r"for tab between cells: --delimiter tab"),
    ("1.5 2.5\n3.5 4.5\n", r"for spaces between cells: --delimiter ' '"),
    ("", "must not be empty"),
    ("\n\n", "must not be empty"),
    ("a,b\n", "must have a row of data"),
]


@pytest.mark.parametrize(("text", "message"), WRONG)
def test_a_cell_that_is_no_number_is_named(read, text, message):
    with pytest.raises(ValueError, match=message):
        read(text)


def test_the_row_is_counted_over_chunks(read, monkeypatch):
    monkeypatch.setattr(tables.text, "CHUNK", 8)
    text = "a,b\n" + "".join(f"{k},{k}.5\n" for k in range(30))
    assert read(text).features[:, 1].tolist() == [k + 0.5 for k in range(30)]
    with pytest.raises(ValueError, match=r"row 31, column 'b'"):
        read(text + "1,x\n")


RIGHT = [
    ({"delimiter": ";", "decimal": ","}, "a;b\n1,5;2\n-,5;1e3\n"),
    ({"delimiter": "tab"}, "a\tb\n1.5\t2\n-.5\t1000\n"),
    ({}, "a,b\r\n 1.5 , 2 \r\n-0.5,1000.\r\n"),
    ({}, '"a","b"\n"1.5","2"\n"-5e-1","+1000"\n'),
    ({}, "a,b\n\n1.5,2\n\n-0.5,1000\n\n"),
    ({"delimiter": "|"}, "a|b\n1.5|2\n-0.5|1000"),
    ({"drop": ("id",)}, "a,id,b\n1.5,12345678901234567890,2\n-0.5,x,1000\n"),
]


@pytest.mark.parametrize(("layout", "text"), RIGHT)
def test_cells_that_are_numbers(read, layout, text):
    table = read(text, **layout)
    assert table.features.tolist() == [[1.5, 2], [-0.5, 1000]]
    assert table.columns == ("a", "b")


def test_a_tsv_file_has_tabs(read):
    assert read("a\tb\n1\t2\n", ending="tsv").features.tolist() == [[1, 2]]


def test_every_double_is_read_to_the_last_bit(tmp_path, engine):
    bits = np.random.default_rng(0).integers(0, 2**64, 3000, dtype=np.uint64).view(float)
    values = bits[np.isfinite(bits)][:2000].reshape(-1, 4)
    np.savetxt(tmp_path / "t.csv", values, delimiter=",", fmt="%.17g")
    assert np.array_equal(tables.read(tmp_path / "t.csv").features, values)


def test_truth_values_and_large_whole_numbers_are_noted(read):
    table = read("t,b\n1700000000000000001,True\n1700000000000000003,False\n")
    assert table.features[:, 1].tolist() == [1, 0]
    assert table.notes[1:] == (
        "truth values are read as 0 and 1: 'b'",
        "whole numbers above 2^53 are rounded to double precision: 't'",
    )


def test_other_encodings_and_quotes_that_do_not_end(read):
    with pytest.raises(ValueError, match=r"table.csv must be a table of UTF-8 text"):
        read("é,b\n1,2\n", encoding="latin-1")
    with pytest.raises(ValueError, match=r"table.csv must be a table"):
        read("a,b\n1,2\n", encoding="utf-16")
    with pytest.raises(ValueError, match=r"table.csv must be a table"):
        read('a,b\n1,"2\n3,4\n')


@pytest.mark.parametrize(
    ("layout", "message"),
    [
        ({"header": "maybe"}, "header='maybe' must be one of auto, yes, no"),
        ({"decimal": "'"}, 'decimal="\'" must be one of'),
        ({"delimiter": "::"}, "delimiter='::' must be one character"),
        ({"delimiter": "1"}, "delimiter='1' must be one character"),
        ({"decimal": ","}, "decimal=',' must differ from the delimiter"),
        ({"drop": ("z",)}, "drop='z' must be a column of .* \\(a, y\\)"),
    ],
)
def test_options_that_do_not_fit(read, layout, message):
    with pytest.raises(ValueError, match=message):
        read("a,y\n1,2\n", **layout)


# -- labels -------------------------------------------------------------------------------------


def test_two_columns_of_the_name_of_the_labels(read):
    with pytest.raises(ValueError, match="label_column='y' must name one column; .* has 2"):
        read("a,y,y\n1,2,2\n", "y")
    with pytest.raises(ValueError, match="label_column='z' must be a column of .* \\(a, y\\)"):
        read("a,y\n1,2\n", "z")
    with pytest.raises(ValueError, match="must have a column of features beside its labels"):
        read("y\n1\n2\n", "y")


def test_parquet_with_two_columns_of_one_name(tmp_path):
    import pyarrow
    from pyarrow import parquet

    column = pyarrow.array([1.0, 2.0])
    table = pyarrow.Table.from_arrays([column, column, column], names=["a", "y", "y"])
    parquet.write_table(table, tmp_path / "t.parquet")
    with pytest.raises(ValueError, match="label_column='y' must name one column"):
        tables.read(tmp_path / "t.parquet", label_column="y")


def test_a_copy_of_the_labels_among_the_features_is_pointed_out(read):
    table = read("a,target,y\n1.5,0,0\n2.5,1,1\n", "y")
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
def test_labels_of_a_table(read, cells, values, kind, missing):
    text = "a,y\n" + "".join(f"{k}.5,{cell}\n" for k, cell in enumerate(cells))
    labels = Labels.of(read(text, "y").labels)
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


def test_a_mark_of_rows_without_labels(read):
    table = read("a,y\n1,0\n2,-1\n3,1\n", "y", unlabelled="-1")
    assert Labels.of(table.labels).missing.tolist() == [False, True, False]
    with pytest.raises(ValueError, match="unlabelled='7' must be one of the labels"):
        read("a,y\n1,0\n2,-1\n3,1\n", "y", unlabelled="7")


def test_blank_lines_of_one_column_are_labels_that_are_missing(tmp_path, engine):
    np.save(tmp_path / "x.npy", np.ones((4, 2)))
    for text in ("y\n1\n\n0\n1\n", '1\n""\n0\n1\n\n', "1\nNA\n0\n1\n"):
        (tmp_path / "y.csv").write_text(text, encoding="utf-8")
        table = tables.read(tmp_path / "x.npy", tmp_path / "y.csv")
        assert Labels.of(table.labels).missing.tolist() == [False, True, False, False]


def test_a_column_of_a_separate_table_of_labels(tmp_path, engine):
    np.save(tmp_path / "x.npy", np.ones((2, 2)))
    (tmp_path / "y.csv").write_text("name,y\nanna,3\nbert,4\n", encoding="utf-8")
    assert tables.read(tmp_path / "x.npy", tmp_path / "y.csv", "y").labels.tolist() == [3, 4]
    with pytest.raises(ValueError, match="one column of labels, or several of numbers"):
        tables.read(tmp_path / "x.npy", tmp_path / "y.csv", layout=Layout(header="yes"))


# -- binary files ---------------------------------------------------------------------------------


@pytest.mark.parametrize("ending", ["npy", "npz", "parquet"])
@pytest.mark.parametrize("kept", [0, 0.1, 0.5, 0.98])
def test_a_file_that_is_cut_off(tmp_path, ending, kept):
    X = np.random.default_rng(0).standard_normal((60, 5))
    file = tmp_path / f"t.{ending}"
    if ending == "npy":
        np.save(file, X)
    elif ending == "npz":
        np.savez_compressed(file, X=X)
    else:
        pandas.DataFrame(X, columns=list("abcde")).to_parquet(file)
    content = file.read_bytes()
    file.write_bytes(content[: int(kept * len(content))])
    with pytest.raises(ValueError, match=rf"t.{ending} must be a whole .{ending} file"):
        tables.read(file)


def test_damage_inside_of_an_archive(tmp_path):
    file = tmp_path / "t.npz"
    np.savez_compressed(file, X=np.random.default_rng(0).standard_normal((600, 5)))
    content = bytearray(file.read_bytes())
    content[2000:2400] = bytes(400)
    file.write_bytes(content)
    with pytest.raises(ValueError, match=r"t.npz must be a whole .npz file"):
        tables.read(file)


def test_an_archive_without_or_with_two_arrays_of_features(tmp_path):
    np.savez(tmp_path / "t.npz", data=np.ones((2, 2)))
    with pytest.raises(ValueError, match="must hold an array named features, .*; it holds data"):
        tables.read(tmp_path / "t.npz")
    np.savez(tmp_path / "t.npz", X=np.ones((2, 2)), x=np.ones((2, 2)))
    with pytest.raises(ValueError, match="must hold one array named .*; it holds X and x"):
        tables.read(tmp_path / "t.npz")


def test_parquet_columns_that_are_no_numbers(tmp_path):
    file = tmp_path / "t.parquet"
    frame = pandas.DataFrame({"a": [1.0, 2.0], "t": pandas.to_datetime(["2020", "2021"])})
    frame.to_parquet(file)
    with pytest.raises(ValueError, match="column 't': it must hold numbers, not .* timestamp"):
        tables.read(file)
    assert tables.read(file, layout=Layout(drop=("t",))).features.tolist() == [[1], [2]]
    pandas.DataFrame({"a": ["1", "2"]}).to_parquet(file)
    with pytest.raises(ValueError, match="column 'a': it must hold numbers, not .*string"):
        tables.read(file)


def test_parquet_columns_that_are(tmp_path):
    frame = pandas.DataFrame({
        "f": np.array([1.5, 2.5], dtype=np.float32),
        "i": pandas.array([1, 2], dtype="Int16"),
        "b": pandas.array([True, False], dtype="boolean"),
        "n": [True, False],
    }, index=pandas.Index([7, 9], name="id"))  # fmt: skip
    frame.to_parquet(tmp_path / "t.parquet")
    table = tables.read(tmp_path / "t.parquet")
    assert table.columns == ("f", "i", "b", "n")  # the index is none
    assert table.features.tolist() == [[1.5, 1, 1, 1], [2.5, 2, 0, 0]]
    frame.loc[9, "i"] = pandas.NA
    frame.to_parquet(tmp_path / "t.parquet")
    with pytest.raises(ValueError, match="row 2, column 'i': .* is missing"):
        tables.read(tmp_path / "t.parquet")


def test_memory_stays_below_twice_that_of_pandas(tmp_path):
    """Python's allocations, NumPy's among them; 4 bytes of text a cell."""
    values = np.random.default_rng(0).integers(0, 999, (4000, 100))
    frame = pandas.DataFrame(values, columns=[f"x{k}" for k in range(100)])
    frame.to_csv(tmp_path / "t.csv", index=False)

    def peak(call):
        tracemalloc.start()
        call()
        found = tracemalloc.get_traced_memory()[1]
        tracemalloc.stop()
        return found

    theirs = peak(lambda: pandas.read_csv(tmp_path / "t.csv").to_numpy(dtype=float))
    assert peak(lambda: tables.read(tmp_path / "t.csv")) < 2 * theirs


def test_parquet_without_pyarrow_names_the_extra(tmp_path, monkeypatch):
    (tmp_path / "t.parquet").write_bytes(b"")
    monkeypatch.setitem(sys.modules, "pyarrow", None)
    with pytest.raises(ValueError, match=r"needs pyarrow, .*: pip install 'kdverify\[tables\]'"):
        tables.read(tmp_path / "t.parquet")


# -- data frames in memory ----------------------------------------------------------------------


def frame_of(X, **types):
    frame = pandas.DataFrame(X, columns=[f"x{k}" for k in range(X.shape[1])])
    return frame.astype(types) if types else frame


def test_nullable_and_truth_columns_are_numbers():
    X = np.round(np.random.default_rng(0).standard_normal((60, 3)), 1)
    X[:, 2] = np.arange(60) % 2
    plain = features.prepare(X, X[:, 0])
    frame = frame_of(X, x0="Float64", x2="boolean")
    assert np.array_equal(features.prepare(frame, frame["x0"]).pool.rows, plain.pool.rows)
    assert np.array_equal(rows.Pool(frame).rows, X)
    assert np.array_equal(rows.Pool(frame_of(X, x2="bool")).rows, X)
    assert np.array_equal(rows.Pool(frame_of(X).astype("double[pyarrow]")).rows, X)
    assert np.array_equal(rows.Pool(X > 0).rows, (X > 0).astype(float))


def test_a_missing_number_of_a_frame_is_named():
    frame = frame_of(np.ones((60, 3)), x1="Float64")
    frame.loc[4, "x1"] = pandas.NA
    for call in (features.prepare, rows.Pool):
        with pytest.raises(ValueError, match=r"row 4, column 1 \(from 0\) is nan"):
            call(frame)
    with pytest.raises(TypeError, match=r"must be numbers; row 0, column 1 \(from 0\) is 'a'"):
        rows.Pool(frame.assign(x1="a"))


def test_a_float32_frame_stays_float32():
    assert rows.Pool(frame_of(np.ones((5, 2), dtype=np.float32))).rows.dtype == np.float32


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


@pytest.mark.parametrize("scale", [1e-200, 1e-12, 1.0, 1e18, 1e145])
def test_columns_are_judged_one_by_one(scale):
    """A timestamp column at 1e18 does not make the others constant."""
    generator = np.random.default_rng(2)
    X = generator.standard_normal((200, 4))
    X[:, 1] = scale * (1.7 + 1e-6 * generator.standard_normal(200))
    X[:, 3] = scale
    ready = features.prepare(X, X[:, 0], standardise=True)
    assert ready.pool.columns == 3
    assert ready.pool.rows.std(axis=0) == pytest.approx(np.ones(3), rel=1e-6)
    assert "1 constant columns were dropped" in ready.notes
    notes = features.prepare(X, X[:, 0]).notes
    assert any(re.match("deviations of columns differ by a factor", note) for note in notes)


# -- the command -----------------------------------------------------------------------------------


def test_command_prints_what_was_understood(kdverify, tmp_path):
    generator = np.random.default_rng(3)
    X = generator.standard_normal((120, 4))
    names = np.where(X[:, 0] > 0, "up", "down").astype(object)
    names[:7] = None
    frame = frame_of(X).assign(kind=names)
    frame.to_csv(tmp_path / "t.csv", index=False, sep=";", decimal=",")
    given = ("features", "t.csv", "--label-column", "kind", "-n", "2", "--repetitions", "2")
    asked = kdverify(*given)
    assert asked.code == 2
    assert "--delimiter ';'" in asked.err
    finished = kdverify(*given, "--delimiter", ";", "--decimal", ",")
    assert finished.code == 0, finished.err
    lines = finished.out.splitlines()
    assert lines[0] == (
        "t.csv: 120 rows, 4 columns; the first row is the header; labels: column 'kind'"
    )
    assert lines[1:4] == [
        "113 rows, 4 columns, rank 4",
        "task: classes (2), the labels are names",
        "note: 7 of 120 rows have no label and are left out",
    ]


def test_n_is_a_number_of_samples_below_that_of_rows(kdverify, tmp_path):
    X = np.random.default_rng(3).standard_normal((60, 4))
    np.savez(tmp_path / "t.npz", X=X, y=X[:, 0])
    for n, message in (
        ("0.1", "n=1/10 must be at least 1: a number of samples, not a share of rows"),
        ("fifty", "n='fifty' must be a decimal number"),
    ):
        finished = kdverify("features", "t.npz", "-n", n, "--ridge", "1")
        assert (finished.code, finished.err.count("\n")) == (2, 1)
        assert message in finished.err
    finished = kdverify("features", "t.npz", "-n", "60,90", "--ridge", "1")
    assert finished.code == 0, finished.err
    assert "n = 60, 90: predicted alone, since there are 60 rows" in finished.out


def test_default_sizes_are_distinct_and_below_the_rank(kdverify, tmp_path):
    generator = np.random.default_rng(3)
    for rank, expected in ((2, [1]), (3, [2]), (4, [2, 3])):
        X = generator.standard_normal((90, rank))
        np.savez(tmp_path / "t.npz", X=X, y=X[:, 0])
        finished = kdverify("features", "t.npz", "--repetitions", "0")
        assert finished.code == 0, finished.err
        found = [int(s.split()[2][:-1]) for s in finished.out.splitlines() if s[:3] == "n ="]
        assert list(dict.fromkeys(found)) == expected
