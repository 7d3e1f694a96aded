"""Spectra and problems: what the theory is asked about.

A `Spectrum` is a feature covariance, reduced to its eigenvalues (and, where it
came as a matrix, its eigenvectors).  A `Problem` adds the ground truth.  Both
keep the caller's order: every vector that goes in or comes out is in it.
"""

from __future__ import annotations

import csv
import hashlib
import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from fractions import Fraction
from functools import cached_property
from itertools import repeat
from pathlib import Path
from typing import Any

import numpy as np

from kdverify import checks
from kdverify.shown import Shown

#: Modes of a power law that can be asked for: 8 GB.
MOST_MODES = 10**9
FILE_ENDINGS = (".npy", ".npz", ".csv")
COLUMNS = ("eigenvalues", "beta_star")


@dataclass(frozen=True, eq=False, repr=False)
class Spectrum(Shown):
    """Eigenvalues of a feature covariance.

    Args:
        eigenvalues: (p,) positive numbers, in any order, which is kept.
        basis: (p, p) orthonormal eigenvectors as columns, column i belonging to
            ``eigenvalues[i]``; None when the covariance is diagonal.

    Attributes:
        exponent: alpha, where the spectrum is exactly ``i**-alpha``: set by `power_law` only.

    Raises:
        ValueError, TypeError: for empty, non-finite or non-positive eigenvalues.
    """

    eigenvalues: np.ndarray
    basis: np.ndarray | None = field(default=None, repr=False)
    exponent: Fraction | None = field(default=None, init=False)

    def __post_init__(self) -> None:
        values = checks.eigenvalues("eigenvalues", self.eigenvalues)
        object.__setattr__(self, "eigenvalues", values)
        if self.basis is not None:
            object.__setattr__(self, "basis", checks.orthonormal("basis", self.basis, values.size))

    @classmethod
    def power_law(cls, p: int, alpha: Any) -> Spectrum:
        """``lam_i = i**-alpha`` for i = 1..p; ``alpha`` > 0, text is read as an exact decimal."""
        p = checks.count("p", p, most=MOST_MODES)
        exponent = checks.exact("alpha", alpha)
        checks.positive("alpha", exponent)
        checks.power_in_range(p, exponent)
        spectrum = cls(_powers(p, exponent))
        object.__setattr__(spectrum, "exponent", exponent)
        return spectrum

    @classmethod
    def from_covariance(cls, covariance: Any) -> Spectrum:
        """Eigenvalues and eigenvectors of a symmetric positive definite matrix (p, p).

        Vectors of the problem then go in and out in the matrix's own coordinates.
        A numerically singular matrix is refused (rank stated).
        """
        matrix = checks.covariance("covariance", covariance)
        values, vectors = np.linalg.eigh(matrix)
        if not np.isfinite(values).all():
            raise ValueError("covariance must have finite eigenvalues: rescale the covariance")
        floor = values[-1] * (len(values) * np.finfo(float).eps)
        rank = int((values > floor).sum())
        if rank < len(values):
            raise ValueError(
                f"covariance of rank {rank} must have full rank p={len(values)}: "
                "drop or merge linearly dependent features"
            )
        return cls(values[::-1], basis=np.ascontiguousarray(vectors[:, ::-1]))

    @classmethod
    def from_multiplicities(cls, values: Any, counts: Any) -> Spectrum:
        """Each of ``values`` repeated as often as ``counts`` says."""
        distinct = checks.eigenvalues("values", values)
        repeats = checks.real_array("counts", counts, "vector")
        if repeats.shape != distinct.shape:
            raise ValueError(
                f"counts of shape {repeats.shape} must have shape {distinct.shape} as values has"
            )
        whole = [checks.count(f"counts[{i}]", c) for i, c in enumerate(repeats.tolist())]
        return cls(np.repeat(distinct, whole))

    @classmethod
    def from_file(cls, path: str | Path) -> Spectrum:
        """The eigenvalues in a ``.npy``, ``.npz`` or ``.csv`` file (see `load`)."""
        loaded = load(path)
        return loaded.spectrum if isinstance(loaded, Problem) else loaded

    @property
    def p(self) -> int:
        """Number of features."""
        return int(self.eigenvalues.size)

    @cached_property
    def order(self) -> np.ndarray:
        """Permutation that sorts the eigenvalues downward (ties keep their order)."""
        return np.argsort(-self.eigenvalues, kind="stable")

    @cached_property
    def descending(self) -> np.ndarray:
        """The eigenvalues from largest to smallest, contiguous and read-only."""
        if bool(np.all(self.eigenvalues[:-1] >= self.eigenvalues[1:])):
            return self.eigenvalues
        values = self.eigenvalues[self.order]
        values.setflags(write=False)
        return values

    @property
    def is_isotropic(self) -> bool:
        """Whether all eigenvalues are equal."""
        return bool((self.eigenvalues == self.eigenvalues[0]).all())

    def to_modes(self, vector: np.ndarray) -> np.ndarray:
        """From the caller's coordinates into the eigenbasis."""
        return vector if self.basis is None else self.basis.T @ vector

    def from_modes(self, vector: np.ndarray) -> np.ndarray:
        """From the eigenbasis back into the caller's coordinates."""
        return vector if self.basis is None else self.basis @ vector

    def fingerprint(self) -> str:
        """Hash of everything that results depend on (hex, 16 digits)."""
        return _digest(self.eigenvalues, self.basis)


@dataclass(frozen=True, eq=False, repr=False)
class Problem(Shown):
    """A spectrum and a ground truth.

    Args:
        spectrum: the target covariance Sigma.
        beta_star: (p,) coefficients of the ground truth (beta*, not lam beta*^2), in
            the coordinates of the spectrum.

    Attributes:
        signal_exponent: beta, where ``lam_i beta*_i^2`` is exactly ``i**-beta``: set by
            `power_law` only.
    """

    spectrum: Spectrum
    beta_star: np.ndarray
    signal_exponent: Fraction | None = field(default=None, init=False)

    def __post_init__(self) -> None:
        checks.instance("spectrum", self.spectrum, Spectrum)
        vector = checks.real_vector("beta_star", self.beta_star, self.spectrum.p)
        object.__setattr__(self, "beta_star", vector)
        if not np.isfinite(self._energies()).all():
            raise ValueError("beta_star must keep every lam*beta_star^2 finite: rescale it")

    def records(self) -> Iterator[dict[str, float]]:
        """One record for each mode: its eigenvalue, and ``beta_star`` in the eigenbasis."""
        for value, beta in zip(self.spectrum.eigenvalues, self.beta_modes, strict=True):
            yield {"eigenvalue": float(value), "beta_star": float(beta)}

    @classmethod
    def power_law(cls, p: int, alpha: Any, beta: Any) -> Problem:
        """``lam_i = i**-alpha`` and ``lam_i beta*_i^2 = i**-beta``, i = 1..p.

        Text is read as an exact decimal; a float is its exact binary value.
        """
        spectrum = Spectrum.power_law(p, alpha)
        exponent = checks.exact("beta", beta)
        checks.number("beta", exponent)
        assert spectrum.exponent is not None
        half = (exponent - spectrum.exponent) / 2
        problem = cls(spectrum, _powers(spectrum.p, half))
        object.__setattr__(problem, "signal_exponent", exponent)
        return problem

    @classmethod
    def from_file(cls, path: str | Path) -> Problem:
        """Eigenvalues and ``beta_star`` from a ``.npz`` or ``.csv`` file (see `load`)."""
        loaded = load(path)
        if isinstance(loaded, Spectrum):
            raise ValueError(f"file={str(path)!r} must hold beta_star beside eigenvalues")
        return loaded

    @property
    def p(self) -> int:
        """Number of features."""
        return self.spectrum.p

    @cached_property
    def beta_modes(self) -> np.ndarray:
        """(p,) the ground truth in the eigenbasis."""
        return self.spectrum.to_modes(self.beta_star)

    @cached_property
    def signal(self) -> np.ndarray:
        """(p,) ``lam_i beta*_i^2`` in the eigenbasis."""
        if self.signal_exponent is not None:
            return _powers(self.p, self.signal_exponent)
        return self._energies()

    def _energies(self) -> np.ndarray:
        with np.errstate(over="ignore"):  # infinite values are refused at the door
            return self.spectrum.eigenvalues * self.beta_modes * self.beta_modes

    def fingerprint(self) -> str:
        """Hash of everything that results depend on (hex, 16 digits)."""
        return _digest(self.spectrum.eigenvalues, self.spectrum.basis, self.beta_star)


def load(path: str | Path) -> Spectrum | Problem:
    """Read a spectrum, or a spectrum with its signal, from a file.

    ``.npy``, or ``.csv`` as one row or column without header: eigenvalues.
    ``.npz`` with ``eigenvalues`` and, if wanted, ``beta_star``; ``.csv`` with the
    header ``eigenvalues,beta_star``: both.  Every number is taken at its exact
    double-precision value.

    Raises:
        ValueError: for a missing file, another ending, or contents of another form.
    """
    file = checks.readable_file("spectrum", path, FILE_ENDINGS)
    columns = _read_csv(file) if file.suffix.lower() == ".csv" else _read_numpy(file)
    spectrum = Spectrum(columns["eigenvalues"])
    if "beta_star" in columns:
        return Problem(spectrum, columns["beta_star"])
    return spectrum


def _read_numpy(file: Path) -> dict[str, np.ndarray]:
    try:
        with file.open("rb") as stream:
            content = np.load(stream, allow_pickle=False)
            if isinstance(content, np.ndarray):
                return {"eigenvalues": _one_line(content)}
            arrays = {k: content[k] for k in COLUMNS if k in content.files}
    except Exception as error:  # a malformed header or archive raises nearly anything
        raise ValueError(f"spectrum={str(file)!r} must be a NumPy file: {error}") from None
    if "eigenvalues" not in arrays:
        raise ValueError(
            f"spectrum={str(file)!r} must hold an array 'eigenvalues'; it holds "
            f"{', '.join(content.files) or 'nothing'}"
        )
    return {name: _one_line(array) for name, array in arrays.items()}


def _one_line(array: Any) -> Any:
    """One row or one column as a vector; anything else as it is."""
    is_line = np.ndim(array) == 2 and 1 in np.shape(array)
    return np.ravel(array) if is_line else array


def _read_csv(file: Path) -> dict[str, np.ndarray]:
    try:
        with file.open(newline="", encoding="utf-8-sig") as stream:
            cells = [[cell.strip() for cell in row] for row in csv.reader(stream)]
    except (csv.Error, UnicodeDecodeError) as error:
        raise ValueError(f"spectrum={str(file)!r} must be a text file: {error}") from None
    rows = [row for row in cells if any(row)]
    if not rows:
        raise ValueError(f"spectrum={str(file)!r} must not be empty")
    header = rows[0]
    if "eigenvalues" in header:
        table = _numbers(file, rows[1:])
        if table.ndim != 2 or table.shape[1] != len(header):
            raise ValueError(
                f"spectrum={str(file)!r} must have rows of {len(header)} cells below its header"
            )
        if len(set(header)) < len(header):
            raise ValueError(f"spectrum={str(file)!r} must name each column once")
        return {name: table[:, header.index(name)] for name in COLUMNS if name in header}
    table = _numbers(file, rows)
    if 1 not in table.shape:
        raise ValueError(
            f"spectrum={str(file)!r} must be one row or one column of eigenvalues, "
            "or have the header eigenvalues,beta_star"
        )
    return {"eigenvalues": table.ravel()}


def _numbers(file: Path, rows: list[list[str]]) -> np.ndarray:
    if len({len(row) for row in rows}) > 1:
        raise ValueError(f"spectrum={str(file)!r} must have the same number of cells in every row")
    return np.array(
        [[_number(file, text, r, c) for c, text in enumerate(row)] for r, row in enumerate(rows)]
    )


def _number(file: Path, text: str, row: int, column: int) -> float:
    """A cell as tables of features read it; NaN is refused by name later."""
    from kdverify.tables import cells

    found = cells.number(text)
    if found is None and text.lower() != "nan":
        raise ValueError(
            f"spectrum={str(file)!r} must hold numbers, a comma between two; row {row + 1}, column "
            f"{column + 1} is {checks.shortened(text)!r}"
        )
    return math.nan if found is None else found


def _powers(p: int, exponent: Fraction) -> np.ndarray:
    """``i**-exponent`` for i = 1..p in double precision."""
    values = powers(range(1, p + 1), -float(exponent))
    values.setflags(write=False)
    return values


def powers(bases: Sequence[float], exponent: float) -> np.ndarray:
    """``base**exponent`` for positive bases, by the C library's ``pow``, one after another.

    NumPy's own differs between processors in the last bit, and random draws are keyed by the
    bits of a problem (`Problem.fingerprint`).  Infinite where a double cannot hold it.
    """
    try:
        return np.fromiter(map(math.pow, bases, repeat(exponent)), float, len(bases))
    except OverflowError:
        with np.errstate(over="ignore"):
            return np.asarray(bases, dtype=float) ** exponent


def _digest(*arrays: np.ndarray | None) -> str:
    digest = hashlib.sha256()
    for array in arrays:
        digest.update(b"-" if array is None else np.ascontiguousarray(array).tobytes())
    return digest.hexdigest()[:16]
