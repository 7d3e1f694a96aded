"""Spectra and problems: order, exactness, files, and what is turned away."""

from __future__ import annotations

import math
from fractions import Fraction

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from strategies import spectra

import kdverify as kd
from kdverify.gaussian import certified
from kdverify.problem import Problem, Spectrum, load


@given(spectra())
def test_the_callers_order_is_kept(lam):
    spectrum = Spectrum(lam)
    assert np.array_equal(spectrum.eigenvalues, lam)
    assert np.array_equal(spectrum.descending, np.sort(lam)[::-1])
    assert np.array_equal(lam[spectrum.order], spectrum.descending)
    assert spectrum.p == lam.size
    assert spectrum.is_isotropic == (lam.max() == lam.min())


def test_input_is_copied():
    lam, beta = np.ones(3), np.ones(3)
    problem = Problem(Spectrum(lam), beta)
    lam[0], beta[0] = 7, 7
    assert problem.signal.tolist() == [1, 1, 1]
    for array in (problem.spectrum.descending, problem.beta_star):
        with pytest.raises(ValueError, match="read-only"):
            array[0] = 2


def test_power_law():
    problem = Problem.power_law(5, "2", "1.5")
    i = np.arange(1, 6.0)
    # one correctly rounded power against a product: 2 units in the last place
    assert np.allclose(problem.spectrum.eigenvalues, 1 / (i * i), rtol=4e-16, atol=0)
    assert np.allclose(problem.signal, 1 / (i * np.sqrt(i)), rtol=6e-16, atol=0)
    products = problem.spectrum.eigenvalues * problem.beta_star**2
    assert np.allclose(problem.signal, products, rtol=1e-15, atol=0)
    assert problem.spectrum.exponent == 2
    assert problem.signal_exponent == Fraction(3, 2)


@pytest.mark.parametrize(
    ("given_as", "exact"),
    [
        ("1.1", Fraction(11, 10)),
        ("11/10", Fraction(11, 10)),
        ("1.1e0", Fraction(11, 10)),
        (Fraction(11, 10), Fraction(11, 10)),
        (1.1, Fraction(1.1)),
        (np.float64(1.1), Fraction(1.1)),
        (3, Fraction(3)),
    ],
)
def test_exponents_are_exact(given_as, exact):
    assert Spectrum.power_law(3, given_as).exponent == exact
    assert Problem.power_law(3, 2, given_as).signal_exponent == exact


def test_decimal_text_and_binary_float_are_different_numbers():
    laws = [Problem.power_law(9, alpha, 2) for alpha in ("1.1", 1.1, Fraction(11, 10))]
    text, binary, same = (certified.risk(law, 4, digits=40) for law in laws)
    assert text.overlaps(same)
    assert not text.overlaps(binary)
    assert math.isclose(float(text), float(binary), rel_tol=1e-14)


def test_from_multiplicities():
    spectrum = Spectrum.from_multiplicities([1.0, 3.0], [2, 3])
    assert spectrum.eigenvalues.tolist() == [1, 1, 3, 3, 3]


@given(spectra(largest=12), st.integers(0, 999))
def test_from_covariance(lam, seed):
    lam = np.clip(lam / lam.max(), 1e-6, None)
    p = lam.size
    q, _ = np.linalg.qr(np.random.default_rng(seed).normal(size=(p, p)))
    matrix = q @ np.diag(lam) @ q.T
    spectrum = Spectrum.from_covariance(matrix)
    # Forming the product and diagonalising it are backward stable: some p roundings of |S| = 1.
    rounding = 10 * p * np.finfo(float).eps
    assert np.allclose(spectrum.eigenvalues, np.sort(lam)[::-1], rtol=0, atol=rounding)
    back = spectrum.basis * spectrum.eigenvalues @ spectrum.basis.T
    assert np.allclose(back, matrix, rtol=0, atol=rounding)
    vector = np.arange(1.0, p + 1)
    back = spectrum.from_modes(spectrum.to_modes(vector))
    assert np.allclose(back, vector, rtol=0, atol=rounding * p * p)
    assert not spectrum.basis.flags.writeable


def test_a_diagonal_spectrum_leaves_vectors_alone():
    spectrum, vector = Spectrum([3.0, 2, 1]), np.arange(3.0)
    assert spectrum.to_modes(vector) is spectrum.from_modes(vector) is vector


def test_rotated_problem_keeps_the_signal_in_the_eigenbasis():
    turn = np.array([[0.6, -0.8], [0.8, 0.6]])
    problem = Problem(Spectrum([4.0, 1.0], basis=turn), turn @ [1.0, 2.0])
    assert np.allclose(problem.signal, [4.0, 4.0], rtol=1e-14, atol=0)
    assert np.allclose(problem.beta_modes, [1, 2], rtol=1e-14, atol=0)


def test_fingerprints_tell_problems_apart():
    turn = np.array([[0.0, 1.0], [1.0, 0.0]])
    different = [
        Problem(Spectrum([2.0, 1.0]), [1.0, 1.0]),
        Problem(Spectrum([1.0, 2.0]), [1.0, 1.0]),
        Problem(Spectrum([2.0, 1.0]), [1.0, -1.0]),
        Problem(Spectrum([2.0, 1.0], basis=turn), [1.0, 1.0]),
    ]
    assert len({problem.fingerprint() for problem in different}) == 4
    assert len({problem.spectrum.fingerprint() for problem in different}) == 3
    assert Problem(different[0].spectrum, [1, 1]).fingerprint() == different[0].fingerprint()


SINGULAR = np.ones((3, 3))
NEARLY = np.diag([1.0, 1e-17])
OVERFLOWING = np.full((2, 2), 1.7e308)
HIDDEN = np.ma.array([1.0, 2.0], mask=[False, True])


@pytest.mark.parametrize(
    ("make", "error", "message"),
    [
        (lambda: Spectrum([]), ValueError, "eigenvalues must not be empty"),
        (lambda: Spectrum([1.0, 0.0]), ValueError, r"eigenvalues\[1\]=0 must be positive"),
        (lambda: Spectrum([1.0, -2.0]), ValueError, r"eigenvalues\[1\]=-2 must be positive"),
        (lambda: Spectrum([math.nan]), ValueError, r"eigenvalues\[0\]=nan must be finite"),
        (lambda: Spectrum(["a"]), TypeError, "eigenvalues must be a vector of real numbers"),
        (lambda: Spectrum(np.eye(2)), ValueError, r"of shape \(2, 2\) must be one-dimensional"),
        (lambda: Spectrum([1e-310]), ValueError, "rescale the covariance"),
        (lambda: Spectrum([1.0], basis=np.eye(2)), ValueError, r"basis of shape \(2, 2\) must"),
        (lambda: Spectrum([1.0, 2], basis=np.ones((2, 2))), ValueError, "orthonormal columns"),
        (lambda: Spectrum([1.0], basis=[["a"]]), TypeError, "basis must be a matrix of real"),
        (lambda: Spectrum.power_law(0, 2), ValueError, "p=0 must be at least 1"),
        (lambda: Spectrum.power_law(2.5, 2), ValueError, "p=2.5 must be a whole number"),
        (lambda: Spectrum.power_law("9", 2), TypeError, "p='9' must be a whole number"),
        (lambda: Spectrum.power_law(9, 0), ValueError, "alpha=0 must be positive"),
        (lambda: Spectrum.power_law(9, "-1.5"), ValueError, "alpha=-1.5 must be positive"),
        (lambda: Spectrum.power_law(9, "two"), ValueError, "alpha='two' must be a decimal"),
        (lambda: Spectrum.power_law(9, 1000), ValueError, "alpha=1000 must be at most 314.4 for"),
        (lambda: Spectrum.power_law(9, "1e400"), ValueError, "must be finite in double precision"),
        (lambda: Problem.power_law(9, 2, "1e400"), ValueError, "beta=1000.* must be finite in dou"),
        (lambda: Problem.power_law(9, 2, None), TypeError, "beta=None must be a real number"),
        (lambda: Problem.power_law(9, 2, -1000), ValueError, r"beta_star\[4\]=inf must be finite"),
        (lambda: Spectrum.from_covariance(SINGULAR), ValueError, "rank 1 must have full rank p=3"),
        (lambda: Spectrum.from_covariance(NEARLY), ValueError, "rank 1 must have full rank p=2"),
        (lambda: Spectrum.from_covariance(-np.eye(2)), ValueError, "rank 0 must have full rank"),
        (lambda: Spectrum.from_covariance(np.zeros((2, 2))), ValueError, "rank 0 must have full"),
        (lambda: Spectrum.from_covariance([[1, 2], [0, 1]]), ValueError, "must be symmetric"),
        (
            lambda: Spectrum.from_covariance([[1], [1, 2]]),
            ValueError,
            "covariance must be a matrix",
        ),
        (lambda: Spectrum.from_covariance(OVERFLOWING), ValueError, "must have finite eigenvalues"),
        (lambda: Spectrum.from_covariance([1, 2]), ValueError, "must be a square matrix"),
        (lambda: Spectrum.from_covariance(np.eye(2) * 1e308), ValueError, "rescale the covariance"),
        (lambda: Spectrum.from_multiplicities([1, 2], [1]), ValueError, r"counts of shape \(1,\)"),
        (lambda: Spectrum.from_multiplicities([1], [0]), ValueError, r"counts\[0\]=0.0 must be"),
        (lambda: Spectrum.from_multiplicities([1, 2], [[1], [1, 2]]), ValueError, "counts must be"),
        (lambda: Spectrum.from_multiplicities([1], ["2"]), TypeError, "counts must be a vector"),
        (
            lambda: Spectrum.from_multiplicities([1], [2.5]),
            ValueError,
            r"counts\[0\]=2.5 must be a",
        ),
        (lambda: Spectrum.from_multiplicities([0], [1]), ValueError, r"values\[0\]=0 must be posi"),
        (lambda: Spectrum(HIDDEN), ValueError, "eigenvalues must not have masked entries"),
        (lambda: Problem([1.0], [1.0]), TypeError, r"spectrum=\[1.0\] must be a Spectrum"),
        (
            lambda: Problem(Spectrum([1.0]), [1.0, 2]),
            ValueError,
            "of length 2 must have length p=1",
        ),
        (lambda: Problem(Spectrum([1.0]), [math.inf]), ValueError, r"beta_star\[0\]=inf must be"),
        (lambda: Problem(Spectrum([1.0]), [1e200]), ValueError, "must keep every lam"),
    ],
)
def test_bad_input(make, error, message):
    with pytest.raises(error, match=message):
        make()


def test_valid_twins():
    assert Spectrum([1e-300, 1e300]).p == 2
    assert Spectrum.from_covariance(np.diag([1.0, 1e-12])).p == 2
    assert Spectrum.power_law(3.0, "0.5").p == 3
    assert Problem(Spectrum([1e-300]), [1e200]).signal == pytest.approx([1e100], rel=1e-15)
    assert np.array_equal(Spectrum([2, 1], basis=[[0, 1], [1, 0]]).basis, [[0, 1], [1, 0]])


# -------------------------------------------------------------------------- files

LAM, BETA = np.array([0.1, 3.0, 2.0]), np.array([1.0, -1 / 3, 0.0])


def write(folder, name, content):
    path = folder / name
    if isinstance(content, bytes):
        path.write_bytes(content)
    elif name.endswith(".npy"):
        np.save(path, content)
    else:
        np.savez(path, **content)
    return path


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("a.npy", LAM),
        ("row.npy", LAM[None]),
        ("column.npy", LAM[:, None]),
        ("a.npz", {"eigenvalues": LAM}),
        ("column.npz", {"eigenvalues": LAM[:, None], "more": LAM}),
        ("column.csv", b"0.1\n3\n2\n"),
        ("row.csv", b" 0.1, 3.0, 2e0\n"),
        ("A.CSV", b"0.1\r\n3\r\n2"),
        ("blank.csv", b"\n0.1\n  \n3\n\n2\n , \n"),
        ("header.csv", b"eigenvalues\n0.1\n3\n2\n"),
        ("bom.csv", b"\xef\xbb\xbfeigenvalues\n0.1\n3\n2\n"),
    ],
)
def test_files_with_a_spectrum(tmp_path, name, content):
    path = write(tmp_path, name, content)
    found = load(path)
    assert isinstance(found, Spectrum)
    assert found.eigenvalues.tolist() == LAM.tolist()
    assert Spectrum.from_file(str(path)).eigenvalues.tolist() == LAM.tolist()
    with pytest.raises(ValueError, match="must hold beta_star beside eigenvalues"):
        Problem.from_file(path)


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("a.npz", {"eigenvalues": LAM, "beta_star": BETA}),
        ("column.npz", {"eigenvalues": LAM[:, None], "beta_star": BETA[None]}),
        ("a.csv", f"eigenvalues,beta_star\n0.1,1\n3,{-1 / 3!r}\n2,0\n".encode()),
        ("turned.csv", f"beta_star, i, eigenvalues\n1,1,.1\n{-1 / 3!r},2,3\n0,3,2\n".encode()),
    ],
)
def test_files_with_a_signal(tmp_path, name, content):
    path = write(tmp_path, name, content)
    found = load(path)
    assert isinstance(found, Problem)
    assert found.beta_star.tolist() == BETA.tolist()
    assert Spectrum.from_file(path).eigenvalues.tolist() == LAM.tolist()
    direct = Problem(Spectrum(LAM), BETA)
    assert kd.risk(Problem.from_file(path), 2) == kd.risk(direct, 2)
    assert Problem.from_file(path).fingerprint() == direct.fingerprint()


def test_one_mode_in_every_kind_of_file(tmp_path):
    for name, content in (
        ("a.npy", np.ones((1, 1))),
        ("a.npz", {"eigenvalues": np.ones(1)}),
        ("a.csv", b"1\n"),
    ):
        assert load(write(tmp_path, name, content)).p == 1


def damaged_archive(folder, name):
    """A .npz whose check sum is wrong."""
    path = write(folder, "whole.npz", {"eigenvalues": np.arange(1.0, 50)})
    content = bytearray(path.read_bytes())
    content[200] ^= 255
    return write(folder, name, bytes(content))


def changed_entry(offset, value):
    """A .npz with one byte of its entry's description changed, in both places that hold it."""

    def write_it(folder, name):
        path = write(folder, "whole.npz", {"eigenvalues": LAM})
        content = bytearray(path.read_bytes())
        for signature, shift in ((b"PK\x03\x04", 0), (b"PK\x01\x02", 2)):
            content[content.find(signature) + offset + shift] = value
        return write(folder, name, bytes(content))

    return write_it


ENCRYPTED, PACKED_UNKNOWN = changed_entry(6, 1), changed_entry(8, 99)


def with_header(text):
    """The bytes of a .npy file that is nothing but this header."""
    return b"\x93NUMPY\x01\x00" + (len(text) + 1).to_bytes(2, "little") + text.encode() + b"\n"


def with_shape(shape):
    return with_header(f"{{'descr': '<f8', 'fortran_order': False, 'shape': {shape}, }}")


def cut_short(folder, name):
    path = write(folder, "whole" + name[-4:], LAM if name.endswith("npy") else {"eigenvalues": LAM})
    return write(folder, name, path.read_bytes()[:-10])


NOT_NUMPY = r"spectrum='.*' must be a NumPy file: "
NOT_TEXT = r"spectrum='.*' must be a text file: "
NO_NUMBERS = r"spectrum='.*' must hold numbers, "
RAGGED = r"spectrum='.*' must have the same number of cells in every row"


@pytest.mark.parametrize(
    ("name", "content", "error", "message"),
    [
        ("a.txt", b"1", ValueError, r"must end in one of .npy, .npz, .csv"),
        ("empty.npy", b"", ValueError, NOT_NUMPY),
        ("text.npy", b"1\n2\n", ValueError, NOT_NUMPY),
        ("object.npy", np.array([1.0, None]), ValueError, NOT_NUMPY),
        ("cut.npy", cut_short, ValueError, NOT_NUMPY),
        ("matrix.npy", np.ones((2, 3)), ValueError, r"of shape \(2, 3\) must be one-dimen"),
        ("scalar.npy", np.float64(1), ValueError, r"of shape \(\) must be one-dimensional"),
        ("none.npy", np.ones(0), ValueError, "eigenvalues must not be empty"),
        ("complex.npy", LAM + 1j, TypeError, "not of dtype complex128"),
        ("words.npy", np.array(["a"]), TypeError, "not of dtype <U1"),
        ("zero.npy", LAM * 0, ValueError, r"eigenvalues\[0\]=0 must be positive"),
        ("nan.npy", LAM * math.nan, ValueError, r"eigenvalues\[0\]=nan must be finite"),
        ("header.npy", with_header("{'descr': '<f8', "), ValueError, NOT_NUMPY),
        ("code.npy", with_header("import os"), ValueError, NOT_NUMPY),
        ("list.npy", with_header("{[]: 1}"), ValueError, NOT_NUMPY),
        ("no-data.npy", with_shape("(2,)"), ValueError, NOT_NUMPY),
        # NumPy 2.0 takes it for an empty array
        ("minus.npy", with_shape("(-1,)"), ValueError, f"{NOT_NUMPY}|must not be empty"),
        ("huge.npy", with_shape("(10000000000000000,)"), ValueError, NOT_NUMPY),
        ("beyond.npy", with_shape("(99999999999999999999999,)"), ValueError, NOT_NUMPY),
        ("version.npy", b"\x93NUMPY\x09\x00" + with_shape("(2,)")[8:], ValueError, NOT_NUMPY),
        ("empty.npz", b"", ValueError, NOT_NUMPY),
        ("encrypted.npz", ENCRYPTED, ValueError, NOT_NUMPY + ".*is encrypted"),
        ("packed.npz", PACKED_UNKNOWN, ValueError, NOT_NUMPY + ".*compression method"),
        ("text.npz", b"hello", ValueError, NOT_NUMPY),
        ("zip.npz", b"PK\x03\x04garbage", ValueError, NOT_NUMPY),
        ("cut.npz", cut_short, ValueError, NOT_NUMPY),
        ("damaged.npz", damaged_archive, ValueError, NOT_NUMPY),
        ("object.npz", {"eigenvalues": np.array([1, None])}, ValueError, NOT_NUMPY),
        ("other.npz", {"lam": LAM}, ValueError, "must hold an array 'eigenvalues'; it holds lam"),
        ("nothing.npz", {}, ValueError, "it holds nothing"),
        ("short.npz", {"eigenvalues": LAM, "beta_star": [1.0]}, ValueError, "must have length p=3"),
        ("signal.npz", {"eigenvalues": LAM, "beta_star": LAM * math.inf}, ValueError, "finite"),
        ("empty.csv", b"", ValueError, "must not be empty"),
        ("blank.csv", b"\n \n,\n", ValueError, "must not be empty"),
        ("word.csv", b"1\ntwo\n", ValueError, NO_NUMBERS),
        ("comma.csv", b"1;5\n2;5\n", ValueError, NO_NUMBERS),
        ("hole.csv", b"1,,3\n", ValueError, NO_NUMBERS),
        ("nul.csv", b"1\x00\n2\n", ValueError, NO_NUMBERS),
        ("nan.csv", b"1\nnan\n", ValueError, r"eigenvalues\[1\]=nan must be finite"),
        ("minus.csv", b"1\n-2\n", ValueError, r"eigenvalues\[1\]=-2 must be positive"),
        ("table.csv", b"1,2\n3,4\n", ValueError, "must be one row or one column of eigenvalues"),
        ("ragged.csv", b"1,2\n3\n", ValueError, RAGGED),
        ("binary.csv", b"\xff\xfe\x00", ValueError, NOT_TEXT),
        ("quote.csv", b'"' + b"1" * 200_000, ValueError, NOT_TEXT),
        ("header.csv", b"eigenvalues,beta_star\n", ValueError, "rows of 2 cells below its header"),
        ("cells.csv", b"eigenvalues,beta_star\n1\n", ValueError, "rows of 2 cells below its head"),
        ("rag.csv", b"eigenvalues,beta_star\n1,2\n3\n", ValueError, RAGGED),
        ("twice.csv", b"eigenvalues,eigenvalues\n1,2\n", ValueError, "must name each column once"),
        ("beta.csv", b"beta_star\n1\n", ValueError, NO_NUMBERS),
    ],
)
def test_malformed_files(tmp_path, name, content, error, message):
    path = content(tmp_path, name) if callable(content) else write(tmp_path, name, content)
    with pytest.raises(error, match=message):
        load(path)


def test_missing_files(tmp_path):
    for path in (tmp_path / "no.npy", tmp_path, "", "-", "/dev/null"):
        with pytest.raises(ValueError, match="must be (an existing file|a file)"):
            load(path)
    for nothing in (None, 3, [tmp_path]):
        with pytest.raises(TypeError, match="spectrum=.* must be the path of a file"):
            load(nothing)


def test_an_exponent_is_set_by_power_law_alone():
    """It would otherwise be a second, possibly different, account of the same numbers."""
    with pytest.raises(TypeError, match="unexpected keyword argument 'exponent'"):
        Spectrum([1.0, 2.0], exponent=Fraction(2))
    with pytest.raises(TypeError, match="unexpected keyword argument 'signal_exponent'"):
        Problem(Spectrum([1.0]), [1.0], signal_exponent=Fraction(2))
    assert Spectrum([1.0, 0.25]).exponent is None
    assert Problem(Spectrum.power_law(2, 2), [1.0, 1.0]).signal_exponent is None


@given(st.lists(st.floats(1e-300, 1e300), min_size=1, max_size=9))
def test_csv_numbers_are_exact_doubles(tmp_path_factory, values):
    path = tmp_path_factory.mktemp("exact") / "a.csv"
    path.write_text("\n".join(map(repr, values)))
    assert load(path).eigenvalues.tolist() == values
