"""Every check: what it turns away and how it says so, and its valid twin."""

from __future__ import annotations

import inspect
import math
from decimal import Decimal
from fractions import Fraction
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from kdverify import checks

EYE = np.eye(3)
RAGGED = [[1.0], [1, 2]]
MASKED = np.ma.array([1.0, 2.0], mask=[False, True])
SKEW = np.array([[1.0, 0.5], [0.5 + 1e-6, 1.0]])


def bad(check, value, error, message, *more):
    """A row of the table of bad inputs."""
    return pytest.param(check, value, error, message, more, id=f"{check.__name__}-{value!r:.20}")


BAD = [
    bad(checks.number, "1", TypeError, "x='1' must be a real number"),
    bad(checks.number, True, TypeError, "x=True must be a real number"),
    bad(checks.number, np.bool_(True), TypeError, "must be a real number"),
    bad(checks.number, None, TypeError, "x=None must be a real number"),
    bad(checks.number, 1j, TypeError, "x=1j must be a real number"),
    bad(checks.number, Decimal(1), TypeError, "must be a real number"),
    bad(checks.number, [1.0], TypeError, r"x=\[1.0\] must be a real number"),
    bad(checks.number, math.nan, ValueError, "x=nan must be finite"),
    bad(checks.number, -math.inf, ValueError, "x=-inf must be finite"),
    bad(checks.number, 10**400, ValueError, "x=1000.* must be finite in double precision"),
    bad(checks.number, Fraction(10**400), ValueError, "must be finite in double precision"),
    bad(checks.number, Fraction(-1, 10**400), ValueError, "must not be so close to 0"),
    bad(checks.positive, 0, ValueError, "x=0 must be positive"),
    bad(checks.positive, -0.0, ValueError, "x=-0.0 must be positive"),
    bad(checks.positive, -5e-324, ValueError, "x=-5e-324 must be positive"),
    bad(checks.positive, Fraction(-1, 3), ValueError, "x=-1/3 must be positive"),
    bad(checks.non_negative, -5e-324, ValueError, "x=-5e-324 must not be negative"),
    bad(checks.non_negative, Fraction(-1, 10**400), ValueError, "must not be so close to 0"),
    bad(checks.below, 3, ValueError, "x=3 must be below p=3", 3, "p"),
    bad(checks.at_most, 3, ValueError, "x=3 must be at most 2 .n.", 2, "n"),
    bad(checks.adds_up, [0.5, 0.4], ValueError, "x must add up to 1; their sum is 0.9"),
    bad(checks.fraction, 1.5, ValueError, "x=1.5 must be at most 1 .all."),
    bad(checks.fraction, -0.5, ValueError, "x=-0.5 must not be negative"),
    bad(checks.count, 0, ValueError, "x=0 must be at least 1"),
    bad(checks.count, 1, ValueError, "x=1 must be at least 2", 2),
    bad(checks.count, 2.5, ValueError, "x=2.5 must be a whole number"),
    bad(checks.count, Fraction(5, 2), ValueError, "x=2.5 must be a whole number"),
    bad(checks.count, math.inf, ValueError, "x=inf must be finite"),
    bad(checks.count, math.nan, ValueError, "x=nan must be finite"),
    bad(checks.count, True, TypeError, "x=True must be a whole number"),
    bad(checks.count, "3", TypeError, "x='3' must be a whole number"),
    bad(checks.count, 8, ValueError, "x=8 must be at most 7", 1, 7),
    bad(checks.count, 10**400, ValueError, "x=100.* must be at most 9223372036854775807"),
    bad(checks.instances, np.array(3), TypeError, r"x=array\(3\) must be a list, each a int", int),
    bad(checks.count, np.timedelta64(3), TypeError, "must be a whole number"),
    bad(checks.number, np.timedelta64(3, "D"), TypeError, "must be a real number"),
    bad(checks.number, EYE, TypeError, r"x=array\(\[\[1., 0., 0.\], \[0., 1., 0.\], "),
    bad(checks.flag, "no", TypeError, "x='no' must be True or False"),
    bad(checks.flag, 1, TypeError, "x=1 must be True or False"),
    bad(checks.instances, 3, TypeError, "x=3 must be a list, each a int", int),
    bad(checks.instances, "ab", TypeError, "x='ab' must be a list", str),
    bad(checks.instances, [], ValueError, "x must hold at least one fraction", Fraction),
    bad(checks.instances, [1, "a"], TypeError, r"x\[1\]='a' must be a int", int),
    bad(checks.exact, "one", ValueError, "x='one' must be a decimal number"),
    bad(checks.exact, "", ValueError, "x='' must be a decimal number"),
    bad(checks.exact, "1/0", ValueError, "x='1/0' must be a decimal number"),
    bad(checks.exact, "nan", ValueError, "x='nan' must be a decimal number"),
    bad(checks.exact, "inf", ValueError, "x='inf' must be a decimal number"),
    bad(checks.exact, "1,5", ValueError, "x='1,5' must be a decimal number"),
    bad(checks.exact, "1e99999", ValueError, "exponent of at most 4 digits"),
    bad(checks.exact, "1E-0010_000", ValueError, "exponent of at most 4 digits"),
    bad(checks.exact, math.nan, ValueError, "x=nan must be finite"),
    bad(checks.exact, None, TypeError, "x=None must be a real number"),
    bad(checks.exact, True, TypeError, "x=True must be a real number"),
    bad(checks.real_vector, [], ValueError, "x must not be empty"),
    bad(checks.real_vector, 3.0, ValueError, r"x of shape \(\) must be one-dimensional"),
    bad(checks.real_vector, EYE, ValueError, r"x of shape \(3, 3\) must be one-dimensional"),
    bad(checks.real_vector, [[1.0], [1, 2]], ValueError, "x must be a vector of real numbers"),
    bad(checks.real_vector, [1, math.nan], ValueError, r"x\[1\]=nan must be finite"),
    bad(checks.real_vector, [math.inf, 1], ValueError, r"x\[0\]=inf must be finite"),
    bad(checks.real_vector, ["1"], TypeError, "x must be a vector of real numbers, not of"),
    bad(checks.real_vector, [True], TypeError, "not of dtype bool"),
    bad(checks.real_vector, [1j], TypeError, "not of dtype complex"),
    bad(checks.real_vector, [None], TypeError, "not of dtype object"),
    bad(checks.real_vector, [1, 2], ValueError, "x of length 2 must have length p=3", 3),
    bad(checks.real_vector, MASKED, ValueError, "x must not have masked entries"),
    bad(checks.real_vector, np.longdouble([2]) ** 2000, ValueError, r"x\[0\]=inf must be fin"),
    bad(checks.real_array, RAGGED, ValueError, "x must be a tensor of real numb", "tensor"),
    bad(checks.energies, [1, -1], ValueError, r"x\[1\]=-1 must not be negative", 2),
    bad(checks.energies, [1], ValueError, "x of length 1 must have length p=2", 2),
    bad(checks.eigenvalues, [1, 0.0], ValueError, r"x\[1\]=0 must be positive"),
    bad(checks.eigenvalues, [-1.0], ValueError, r"x\[0\]=-1 must be positive"),
    bad(checks.eigenvalues, [1, -1.0], ValueError, r"x\[1\]=-1 must not be negative", True),
    bad(checks.eigenvalues, [1, 1e-301], ValueError, r"x\[1\]=1e-301 must lie between"),
    bad(checks.eigenvalues, [1, 1e-301], ValueError, r"x\[1\]=1e-301 must lie betw", True),
    bad(checks.eigenvalues, [1e301], ValueError, r"x\[0\]=1e\+301 must lie between"),
    bad(checks.choice, "c", ValueError, "x='c' must be one of a, b", ("a", "b")),
    bad(checks.choice, 1, TypeError, "x=1 must be one of a, b", ("a", "b")),
    bad(checks.data_matrix, EYE, ValueError, r"must have shape \(N, p\) with p=4", 4),
    bad(checks.data_matrix, RAGGED, ValueError, "x must be a matrix of real numbers: ", 2),
    bad(checks.data_matrix, np.ones(3), ValueError, r"x of shape \(3,\) must have shape", 3),
    bad(checks.data_matrix, np.ones((0, 3)), ValueError, r"x of shape \(0, 3\) must have", 3),
    bad(
        checks.data_matrix,
        np.full((3, 3), math.inf),
        ValueError,
        "x must hold finite numbers only",
        3,
    ),
    bad(checks.data_matrix, EYE > 0, TypeError, "matrix of real numbers, not of dtype bool", 3),
    bad(checks.feature_rows, np.ones(3), ValueError, r"x of shape \(3,\) must have shape \(N, p\)"),
    bad(checks.feature_rows, np.ones((0, 3)), ValueError, r"x of shape \(0, 3\) must have shape"),
    bad(checks.feature_rows, EYE + 1j, TypeError, "matrix of real numbers, not of dtype complex"),
    bad(checks.feature_rows, [[1, "a"]], TypeError, "matrix of real numbers, not of dtype <U"),
    bad(
        checks.feature_rows, np.where(EYE > 0, 1.0, np.nan), ValueError, "row 0, column 1 .* is nan"
    ),
    bad(checks.label_matrix, np.ones(3), ValueError, r"must have shape \(4,\) or \(4, K\)", 4),
    bad(checks.label_matrix, np.ones((3, 0)), ValueError, r"x of shape \(3, 0\) must have", 3),
    bad(checks.label_matrix, EYE + math.inf, ValueError, "x must hold finite numbers only", 3),
    bad(checks.label_matrix, ["a", "b"], TypeError, "must be a vector or matrix of real", 2),
    bad(checks.equal_weights, [1, 1], ValueError, "x must have equal weights: why", "why"),
    bad(checks.row_weights, [1, -1], ValueError, r"x\[1\]=-1 must not be negative", 2),
    bad(checks.row_weights, [1], ValueError, r"x of shape \(1,\) must have shape \(2,\)", 2),
    bad(checks.row_weights, [0, 0], ValueError, "x must not be zero for all rows", 2),
    bad(checks.class_numbers, [0, 1], ValueError, "x must be 3 class numbers from 0 to 1", 3, 2),
    bad(checks.class_numbers, [0, 2], ValueError, "x must be 2 class numbers from 0 to 1", 2, 2),
    bad(checks.class_numbers, [-1, 1], ValueError, "x must be 2 class numbers from 0 to 1", 2, 2),
    bad(checks.class_numbers, [0.0, 1], ValueError, "x must be 2 class numbers from 0 to 1", 2, 2),
    bad(checks.row_numbers, [], ValueError, "x must be different row numbers from 0 to 2", 3),
    bad(checks.row_numbers, [0, 3], ValueError, "x must be different row numbers from 0 to 2", 3),
    bad(checks.row_numbers, [-1], ValueError, "x must be different row numbers from 0 to 2", 3),
    bad(checks.row_numbers, [1, 1], ValueError, "x must be different row numbers from 0 to 2", 3),
    bad(checks.row_numbers, [0.5], ValueError, "x must be different row numbers from 0 to 2", 3),
    bad(checks.covariance, np.ones((2, 3)), ValueError, r"x of shape \(2, 3\) must be a square"),
    bad(checks.covariance, np.ones(4), ValueError, r"x of shape \(4,\) must be a square"),
    bad(checks.covariance, np.ones((0, 0)), ValueError, "must be a square matrix"),
    bad(checks.covariance, EYE * 1j, TypeError, "x must be a matrix of real numbers, not of"),
    bad(checks.covariance, EYE + math.nan, ValueError, "x must hold finite numbers only"),
    bad(checks.covariance, SKEW, ValueError, "must be symmetric; it differs .* by 1e-06"),
    bad(checks.covariance, RAGGED, ValueError, "x must be a matrix of real numbers: "),
    bad(checks.paired, EYE, ValueError, "x with eigenvectors of its own must be given", None),
    bad(checks.paired, EYE, ValueError, "must be given as a matrix", EYE[::-1]),
    bad(checks.orthonormal, RAGGED, ValueError, "x must be a matrix of real numbers: ", 3),
    bad(checks.orthonormal, EYE, ValueError, r"x of shape \(3, 3\) must have shape \(2", 2),
    bad(checks.orthonormal, 2 * EYE, ValueError, "orthonormal columns; B'B differs .* by 3", 3),
    bad(checks.orthonormal, EYE + 1e-13, ValueError, "must have orthonormal columns", 3),
    bad(
        checks.orthonormal,
        np.full((3, 3), math.nan),
        ValueError,
        "must have orthonormal columns",
        3,
    ),
    bad(checks.orthonormal, EYE > 0, TypeError, "matrix of real numbers, not of dtype", 3),
    bad(checks.sample_sizes, [], ValueError, "x must name at least one sample size"),
    bad(checks.sample_sizes, [3, 0], ValueError, "x=0 must be positive"),
    bad(checks.sample_sizes, "30", TypeError, "x='3' must be a real number"),
    bad(checks.sample_sizes, np.array("3"), TypeError, "must be a real number"),
    bad(checks.instance, 3, TypeError, "x=3 must be a str", str),
    bad(checks.file_path, None, TypeError, "x=None must be the path of a file"),
    bad(checks.output_folder, 3, TypeError, "x=3 must be the path of a file"),
    bad(checks.output_file, 3, TypeError, "x=3 must be the path of a file"),
    bad(checks.figure_file, [], TypeError, r"x=\[\] must be the path of a file"),
    bad(checks.readable_file, b"a.npy", TypeError, "must be the path of a", (".npy",)),
    bad(checks.mask, np.ones(3), TypeError, "vector of booleans, not of dtype float64", 3),
    bad(checks.mask, np.ones(2, bool), ValueError, r"x of shape \(2,\) must have shape", 3),
]


@pytest.mark.parametrize(("check", "value", "error", "message", "more"), BAD)
def test_bad_input(check, value, error, message, more):
    with pytest.raises(error, match=message) as caught:
        check("x", value, *more)
    assert str(caught.value).startswith("x")
    assert len(str(caught.value)) < 250
    assert "\n" not in str(caught.value)


#: Functions of `checks` with a test of their own: what they are given is no single value.
ELSEWHERE = {
    checks.index_of,
    checks.same_order,
    checks.shown,
    checks.shortened,
    checks.root_in_range,
    checks.below_rank,
    checks.power_in_range,
}


def test_every_check_is_in_the_table():
    public = {
        value
        for name, value in vars(checks).items()
        if inspect.isfunction(value) and name[0] != "_"
    }
    assert public == {row.values[0] for row in BAD} | ELSEWHERE


@pytest.mark.parametrize(
    ("check", "value", "result", "more"),
    [
        (checks.number, np.float32(0.5), 0.5, ()),
        (checks.number, np.int64(-3), -3.0, ()),
        (checks.number, Fraction(1, 4), 0.25, ()),
        (checks.number, 5e-324, 5e-324, ()),
        (checks.number, 0, 0.0, ()),
        (checks.positive, 5e-324, 5e-324, ()),
        (checks.positive, Fraction(1, 10**300), 1e-300, ()),
        (checks.non_negative, -0.0, 0.0, ()),
        (checks.below, 2.999, 2.999, (3, "p")),
        (checks.count, 3.0, 3, ()),
        (checks.count, np.uint8(3), 3, ()),
        (checks.count, Fraction(6, 2), 3, ()),
        (checks.count, 2**64 - 1, 2**64 - 1, (1, math.inf)),
        (checks.count, np.int64(2**62 + 1), 2**62 + 1, ()),
        (checks.count, 0, 0, (0,)),
        (checks.exact, "1.1", Fraction(11, 10), ()),
        (checks.exact, " 1.1e-3 ", Fraction(11, 10000), ()),
        (checks.exact, "1e30", Fraction(10**30), ()),
        (checks.exact, "1e0000003", Fraction(1000), ()),
        (checks.exact, "170/3", Fraction(170, 3), ()),
        (checks.exact, 1.1, Fraction(2476979795053773, 2251799813685248), ()),
        (checks.exact, Fraction(1, 3), Fraction(1, 3), ()),
        (checks.exact, 2**60 + 1, Fraction(2**60 + 1), ()),
        (checks.exact, np.int64(2**60 + 1), Fraction(2**60 + 1), ()),
        (checks.choice, "a", "a", (("a", "b"),)),
        (checks.flag, np.bool_(True), True, ()),
        (checks.instances, [1, 2], None, (int,)),
        (checks.sample_sizes, 3, [3.0], ()),
        (checks.sample_sizes, (3, 3, 2), [3.0, 3.0, 2.0], ()),
        (checks.sample_sizes, np.array([1.5, 2]), [1.5, 2.0], ()),
        (checks.sample_sizes, (n for n in (1, 2)), [1.0, 2.0], ()),
    ],
)
def test_valid_twins(check, value, result, more):
    found = check("x", value, *more)
    assert found == result
    assert type(found) is type(result)


@pytest.mark.parametrize(
    ("check", "value", "more"),
    [
        (checks.real_array, [[[1], [2]]], ("tensor",)),
        (checks.real_vector, [1, -2], (2,)),
        (checks.real_vector, np.ma.array([1.0, 2.0]), ()),
        (checks.real_vector, np.array([1, 2], dtype=np.longdouble), ()),
        (checks.energies, [0.0, 3], (2,)),
        (checks.eigenvalues, [1e-300, 1e300], ()),
        (checks.eigenvalues, [0.0, 1], (True,)),
        (checks.data_matrix, [[1, 2]], (2,)),
        (checks.feature_rows, [[1, 2]], ()),
        (checks.feature_rows, EYE > 0, ()),
        (checks.label_matrix, [[1, 2]], (1,)),
        (checks.covariance, [[2, 1], [1, 2]], ()),
        (checks.covariance, np.full((1, 1), 1.7e308), ()),
        (checks.orthonormal, [[0, 1], [-1, 0]], (2,)),
        (checks.mask, [True, False], (2,)),
    ],
)
def test_valid_arrays(check, value, more):
    found = check("x", value, *more)
    assert np.array_equal(found, value)
    assert found.dtype in (np.float64, np.bool_)


def test_a_vector_is_a_read_only_copy():
    mine = np.array([1.0, 2.0])
    kept = checks.real_vector("x", mine)
    mine[0] = 5
    assert kept[0] == 1
    with pytest.raises(ValueError, match="read-only"):
        kept[0] = 2


def test_nearly_symmetric_is_made_symmetric():
    found = checks.covariance("x", SKEW + np.array([[0, 0], [-1e-6 + 1e-13, 0]]))
    assert np.array_equal(found, found.T)


@pytest.mark.parametrize(
    ("n", "ridge", "p", "largest", "message"),
    [
        (1e-10, 0.0, 2, 1e300, "n=1e-10 must be larger"),
        (5, 1e308, 2, 1.0, "n=5 must be larger"),
        (3, 1e-320, 2, 1.0, "ridge=1e-320 must be at least 1e-307 times n=3"),
        (2, 1e-320, 3, 1.0, None),  # below p tau does not vanish with the ridge
        (1e-140, 0.0, 2, 1.0, None),
        # squares of 1 - zeta vanish, and the gains are 0/0
        (1e-300, 0.0, 2, 1.0, "n=1e-300 must be larger.* at most 1e\\+150"),
        (5, 0.3, 4, 1e-300, "n=5 must be larger.* at most 1e-150"),
    ],
)
def test_root_in_range(n, ridge, p, largest, message):
    if message is None:
        assert checks.root_in_range(n, ridge, p, largest) is None
        return
    with pytest.raises(ValueError, match=message):
        checks.root_in_range(n, ridge, p, largest)


def test_files(tmp_path):
    there = tmp_path / "a.NPY"
    there.touch()
    assert checks.readable_file("x", str(there), (".npy",)) == there
    assert checks.figure_file("x", tmp_path / "a.svg") == tmp_path / "a.svg"
    new = tmp_path / "to" / "be" / "made.json"
    assert checks.output_file("x", str(new)) == checks.file_path("x", new) == new
    for check, path, more, message in (
        (checks.readable_file, tmp_path / "b.npy", ((".npy",),), "must be an existing file"),
        (checks.readable_file, tmp_path, ((".npy",),), "must be a file, not a folder"),
        (checks.readable_file, there, ((".csv",),), "must end in one of .csv"),
        (checks.output_file, tmp_path, (), "must be a file, not a folder"),
        (checks.output_folder, there, (), "must be a folder that can be written to"),
        (checks.output_folder, there / "a", (), "must be a folder that can be written to"),
        (checks.output_file, there / "a.json", (), "must lie in a folder that can be written to"),
        (checks.figure_file, Path("a.jpg"), (), "must end in one of .png, .svg, .pdf"),
        (checks.figure_file, there / "a.png", (), "must lie in a folder that can be written to"),
    ):
        with pytest.raises(ValueError, match=message):
            check("x", path, *more)


@given(st.binary(max_size=200))
def test_shown_is_short(value):
    assert len(checks.shown(value)) <= 60
    assert len(checks.shown(Fraction(10**100, 3))) <= 60


@given(st.decimals(allow_nan=False, allow_infinity=False, places=6, min_value=-9, max_value=9))
def test_decimal_text_is_exact(value):
    assert checks.exact("x", str(value)) == Fraction(value)


@given(st.floats(allow_nan=False, allow_infinity=False))
def test_floats_are_their_binary_values(value):
    assert checks.exact("x", value) == Fraction(value)
    assert checks.exact("x", np.float64(value)) == Fraction(value)


def test_power_in_range():
    checks.power_in_range(10, Fraction(300))
    checks.power_in_range(1, Fraction(10**6))
    with pytest.raises(ValueError, match=r"alpha=300.5 must be at most 300 for p=10: p\*\*-alpha"):
        checks.power_in_range(10, Fraction("300.5"))


def test_below_rank():
    checks.below_rank(3, 3, ridge=1e-9)
    checks.below_rank(3, 3, ridge=0.0, taught=0.9)
    for taught in (1.0, 1.1):
        with pytest.raises(ValueError, match="n=3 must be below the rank 3 of the rows"):
            checks.below_rank(3, 3, 0.0, taught)
