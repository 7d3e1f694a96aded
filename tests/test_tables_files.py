"""Binary files, data frames in memory, and the command that reads them."""

from __future__ import annotations

import re
import sys
import tracemalloc

import numpy as np
import pytest
from scipy import sparse

from kdverify import features, rows, tables
from kdverify.tables import Layout

pandas = pytest.importorskip("pandas", reason="not run: no pandas")
pytest.importorskip("pyarrow", reason="not run: no pyarrow")


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


def test_parquet_of_categories_groups_and_odd_numbers(tmp_path):
    import pyarrow
    from pyarrow import parquet

    file = tmp_path / "t.parquet"
    halves = pyarrow.array(["1.5", "2"]).cast(pyarrow.decimal128(5, 2))
    columns = {"h": pyarrow.array(np.array([1.5, 2.5], dtype=np.float16)), "d": halves}
    columns["c"] = pyarrow.array([7, 7]).dictionary_encode()
    parquet.write_table(pyarrow.table(columns), file)
    assert tables.read(file).features.tolist() == [[1.5, 1.5, 7], [2.5, 2, 7]]
    values = np.random.default_rng(0).standard_normal((500, 3))
    pandas.DataFrame(values, columns=list("abc")).to_parquet(file, row_group_size=7)
    assert np.array_equal(tables.read(file).features, values)
    pandas.DataFrame({"a": [1.0], "c": pandas.Categorical(["u"])}).to_parquet(file)
    with pytest.raises(ValueError, match="column 'c': it must hold numbers, not .* dictionary"):
        tables.read(file)
    wrong = {
        "is inf": pyarrow.array([1.0, np.inf]),
        "identifier 9223372036854775808": pyarrow.array([1, 2**63], pyarrow.uint64()),
        "not values of type list": pyarrow.array([[1.0], [2.0]]),
        "not values of type null": pyarrow.array([None, None]),
        "a row of data": pyarrow.array([], pyarrow.float64()),
    }
    for message, column in wrong.items():
        parquet.write_table(pyarrow.table({"a": column}), file)
        with pytest.raises(ValueError, match=message):
            tables.read(file)


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


def test_columns_of_objects_categories_and_what_is_no_matrix():
    X = np.arange(20.0).reshape(10, 2)
    for frame in (
        frame_of(X).astype(object),
        frame_of(X).assign(x1=pandas.Categorical(X[:, 1])),
        frame_of(X).assign(x1=pandas.arrays.SparseArray(X[:, 1])),
        frame_of(X).astype("double[pyarrow]").astype(object),
        X.tolist(),
        X.astype(">f8"),
        X.astype(np.uint8),
    ):
        assert np.array_equal(rows.Pool(frame).rows, X)
    for wrong, error, message in (
        (frame_of(X).astype(str), TypeError, "row 0, column 0 .* is '0.0'"),
        (frame_of(X).assign(x1=pandas.Timestamp("2020")), TypeError, "is Timestamp"),
        (sparse.csr_matrix(X), TypeError, "must be dense; .toarray"),
        (X.astype(complex), TypeError, "not of dtype complex128"),
        ([[1.0, 2.0], [3.0]], ValueError, "must have rows of one length"),
        (X[:, 0], ValueError, r"of shape \(10,\) must have shape \(N, p\)"),
        (np.where(X == 5, np.inf, X), ValueError, r"row 2, column 1 \(from 0\) is inf"),
    ):
        with pytest.raises(error, match=message) as caught:
            rows.Pool(wrong)
        assert "\n" not in str(caught.value)


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
        ("0.1", "n=0.1 must be at least 1: a number of samples, not a share of rows"),
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
