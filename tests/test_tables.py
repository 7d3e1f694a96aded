"""Tables as they come: every cell read right, or an error that names file, row and column."""

from __future__ import annotations

import gzip

import numpy as np
import pytest

from kdverify import tables
from kdverify.tables import Layout

pandas = pytest.importorskip("pandas", reason="not run: no pandas")
pytest.importorskip("pyarrow", reason="not run: no pyarrow")


# -- the header -------------------------------------------------------------------------------


def test_a_quoted_header_with_a_comma(read_table):
    table = read_table('"h, cm",b,y,c\n1,2,3,4\n5,6,7,8\n', "y")
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
def test_what_can_be_read_in_two_ways_is_asked(read_table, text):
    with pytest.raises(ValueError, match=r"table.csv must come with --header yes or --header no"):
        read_table(text)


def test_the_option_decides(read_table):
    text = "0,1,2\n3,4,5\n6,7,9\n"
    assert read_table(text, header="no").features.shape == (3, 3)
    named = read_table(text, "2", header="yes")
    assert named.labels.tolist() == [5, 9]
    assert named.columns == ("0", "1")


def test_class_names_without_a_header(read_table):
    """The names of the last column are no header; columns then have numbers."""
    with pytest.raises(ValueError, match=r"row 1, column 3: it must be a finite number but is 'c'"):
        read_table("1.5,2.5,c\n3.5,4.5,d\n")
    for name in ("z", "0", "4", "-1", "3.0"):
        with pytest.raises(
            ValueError, match=rf"label_column='{name}' must be a number from 1 to 3"
        ):
            read_table("1.5,2.5,c\n3.5,4.5,d\n", name)
    table = read_table("1.5,2.5,c\n3.5,4.5,d\n", "3", drop=("1",))
    assert (table.features.tolist(), table.labels.tolist()) == ([[2.5], [4.5]], ["c", "d"])


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
    assert "the first column has no name and numbers the rows: left out" in table.notes
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
    ("a,b\n1,2\n3\n", r"row 2: it must have 2 cells, as the first row has, not 1"),
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
    ("\ufeff", "must not be empty"),
    ("a,b\n1,-1e400\n", r"row 1, column 'b': .* is -inf"),
    ("a,b\n1,\u22122\n", "row 1, column 'b': .* is '\u22122'"),  # a typographer's minus
    ("a,b\n1,\uff12\n", "row 1, column 'b': .* is '\uff12'"),  # a full-width digit
    ("a,b\n1,2\0\n", r"row 1, column 'b': .* is '2\\x00'"),
    ("a,b\n1,2020-01-01\n", r"row 1, column 'b': .* is '2020-01-01'"),
    ("a,b\n1,TRUE\n2,\n", r"row 2, column 'b': .* is missing"),
    ("# made by hand\na,b\n1,2\n", r"row 1: it must have 1 cells"),
    ("a,b,\n1,2,\n", r"row 1, column 3: .* is missing"),
    (
        f"{'x' * 5000},b\nz,2\n",
        r"column 'x{56,57}\.\.\.': it must be a finite number but is 'z': leave the",
    ),
]


@pytest.mark.parametrize(("text", "message"), WRONG)
def test_a_cell_that_is_no_number_is_named(read_table, text, message):
    with pytest.raises(ValueError, match=message):
        read_table(text)


def test_a_cell_with_a_nul_is_not_given_to_pandas(tmp_path, monkeypatch):
    """Pandas 2 reads ``2\\0`` as 2."""
    asked = []
    monkeypatch.setattr(
        tables.text.TextTable, "_by_pandas", lambda *given: iter(asked.append(1) or ())
    )
    for text, times in (("a,b\n1,2\n", 1), ("a,b\n1,2\0\n", 0)):
        (tmp_path / "x.csv").write_text(text)
        asked.clear()
        with pytest.raises(ValueError, match="x.csv"):
            tables.read(str(tmp_path / "x.csv"))
        assert len(asked) == times


def test_the_row_is_counted_over_chunks(read_table, monkeypatch):
    monkeypatch.setattr(tables.text, "CHUNK", 8)
    text = "a,b\n" + "".join(f"{k},{k}.5\n" for k in range(30))
    assert read_table(text).features[:, 1].tolist() == [k + 0.5 for k in range(30)]
    with pytest.raises(ValueError, match=r"row 31, column 'b'"):
        read_table(text + "1,x\n")


RIGHT = [
    ({"delimiter": ";", "decimal": ","}, "a;b\n1,5;2\n-,5;1e3\n"),
    ({"delimiter": "tab"}, "a\tb\n1.5\t2\n-.5\t1000\n"),
    ({}, "a,b\r\n 1.5 , 2 \r\n-0.5,1000.\r\n"),
    ({}, '"a","b"\n"1.5","2"\n"-5e-1","+1000"\n'),
    ({}, "a,b\n\n1.5,2\n\n-0.5,1000\n\n"),
    ({"delimiter": "|"}, "a|b\n1.5|2\n-0.5|1000"),
    ({}, "a,b\r1.5,2\r-0.5,1000\r"),  # of old Macs
    ({"delimiter": " "}, "a  b\n  1.5  2\n  -0.5 1000\n"),
    ({}, "a,b\n1.5,\u00a02\n-0.5,1000\n"),  # a space that does not break
    ({"drop": ("id",)}, "a,id,b\n1.5,12345678901234567890,2\n-0.5,x,1000\n"),
]


@pytest.mark.parametrize(("layout", "text"), RIGHT)
def test_cells_that_are_numbers(read_table, layout, text):
    table = read_table(text, **layout)
    assert table.features.tolist() == [[1.5, 2], [-0.5, 1000]]
    assert table.columns == ("a", "b")


def test_a_packed_file_is_no_text(tmp_path):
    (tmp_path / "t.csv").write_bytes(gzip.compress(b"a,b\n1,2\n"))
    with pytest.raises(ValueError, match=r"t.csv must be a table of UTF-8 text: it is compressed"):
        tables.read(tmp_path / "t.csv")
    for name in ("t.csv.gz", "t.xlsx", "t"):
        (tmp_path / name).write_bytes(b"PK")
        with pytest.raises(ValueError, match=r"must end in one of .npy, .npz, .csv"):
            tables.read(tmp_path / name)


def test_names_that_are_blank_or_come_twice(read_table):
    for text in ("a,,\n1,2,3\n4,5,7\n", "a,a,\n1,2,3\n4,5,7\n"):
        table = read_table(text)
        assert table.features.tolist() == [[1, 2, 3], [4, 5, 7]]
        with pytest.raises(ValueError, match="row 1, column 3: it must be"):
            read_table(text.replace("3", "x"), header="yes")


def test_a_file_of_one_row(read_table):
    assert read_table("a,b\n1,2\n").features.tolist() == [[1, 2]]
    assert read_table("1.5,2\n").features.tolist() == [[1.5, 2]]
    assert read_table("5\n").features.tolist() == [[5]]


def test_a_tsv_file_has_tabs(read_table):
    with pytest.raises(ValueError, match="must have tab between its cells .*--delimiter ','"):
        read_table("a,b\n1,2\n", ending="tsv")
    assert read_table("a\tb\n1\t2\n", ending="tsv").features.tolist() == [[1, 2]]


def test_every_double_is_read_to_the_last_bit(tmp_path, engine):
    bits = np.random.default_rng(0).integers(0, 2**64, 3000, dtype=np.uint64).view(float)
    values = bits[np.isfinite(bits)][:2000].reshape(-1, 4)
    np.savetxt(tmp_path / "t.csv", values, delimiter=",", fmt="%.17g")
    assert np.array_equal(tables.read(tmp_path / "t.csv").features, values)


def test_truth_values_and_large_whole_numbers_are_noted(read_table):
    table = read_table("t,b\n1700000000000000001,True\n1700000000000000003,False\n")
    assert table.features[:, 1].tolist() == [1, 0]
    assert table.notes[1:] == (
        "truth values are read as 0 and 1: 'b'",
        "whole numbers above 2^53 are rounded to double precision: 't'",
    )


def test_other_encodings_and_quotes_that_do_not_end(read_table):
    with pytest.raises(ValueError, match=r"table.csv must be a table of UTF-8 text"):
        read_table("é,b\n1,2\n", encoding="latin-1")
    for wide in ("utf-16", "utf-16-le", "utf-16-be"):
        with pytest.raises(ValueError, match=r"table.csv must be a table of UTF-8 text: .*UTF-16"):
            read_table("a,b\n1,2\n", encoding=wide)
    with pytest.raises(ValueError, match=r"table.csv must be a table"):
        read_table('a,b\n1,"2\n3,4\n')


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
def test_options_that_do_not_fit(read_table, layout, message):
    with pytest.raises(ValueError, match=message):
        read_table("a,y\n1,2\n", **layout)
