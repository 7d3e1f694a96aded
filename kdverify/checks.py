"""Checks of input: the one place where a bad argument is turned away.

Every function returns its argument in canonical form or raises ``ValueError``
(``TypeError`` for a thing of the wrong kind) with a message that reads
``name=value must ...``.
"""

from __future__ import annotations

import math
import numbers
import os
import re
from collections.abc import Iterable
from fractions import Fraction
from pathlib import Path
from typing import Any, cast

import numpy as np

#: Eigenvalues outside this range could overflow or underflow in double precision.
SMALLEST_EIGENVALUE = 1e-300
LARGEST_EIGENVALUE = 1e300

#: The same for tau.
SMALLEST_ROOT, LARGEST_ROOT = 1e-307, 1e307

#: A decimal exponent of five digits or more.
LONG_EXPONENT = re.compile(r"[eE][+-]?[0_]*[1-9](_?\d){4}")

FIGURE_ENDINGS = (".png", ".svg", ".pdf")


def shown(value: Any) -> str:
    """A short text of ``value`` for an error message."""
    text = str(value) if isinstance(value, Fraction) else repr(value)
    return text if len(text) <= 60 else text[:57] + "..."


def paired(name: str, basis: np.ndarray | None, target_basis: np.ndarray | None) -> None:
    """Turn away a spectrum with eigenvectors that are not the target's."""
    if basis is None or (target_basis is not None and np.array_equal(basis, target_basis)):
        return
    raise ValueError(
        f"{name} with eigenvectors of its own must be given as a matrix: a Spectrum is paired "
        "mode by mode with the target's"
    )


def instance(name: str, value: Any, kind: type) -> None:
    """Turn away a thing of another class."""
    if not isinstance(value, kind):
        raise TypeError(f"{name}={shown(value)} must be a {kind.__name__}")


def number(name: str, value: Any) -> float:
    """A finite real number (not a bool, not a string)."""
    if isinstance(value, bool | np.bool_) or not isinstance(
        value, numbers.Real | np.integer | np.floating
    ):
        raise TypeError(f"{name}={shown(value)} must be a real number")
    try:
        result = float(value)
    except OverflowError:
        result = math.inf
    if not math.isfinite(result):
        raise ValueError(f"{name}={shown(value)} must be finite in double precision")
    if result == 0 and value != 0:
        raise ValueError(f"{name}={shown(value)} must not be so close to 0: it rounds to 0")
    return result


def positive(name: str, value: Any) -> float:
    """A finite number above zero."""
    result = number(name, value)
    if result <= 0:
        raise ValueError(f"{name}={shown(value)} must be positive")
    return result


def non_negative(name: str, value: Any) -> float:
    """A finite number, zero allowed."""
    result = number(name, value)
    if result < 0:
        raise ValueError(f"{name}={shown(value)} must not be negative")
    return result


def below(name: str, value: float, limit: float, meaning: str) -> float:
    """A number below ``limit``, which the message calls ``meaning``."""
    if value >= limit:
        raise ValueError(f"{name}={shown(value)} must be below {meaning}={limit}")
    return value


def at_most(name: str, value: Any, limit: Any, meaning: str) -> None:
    """Turn away a number, or a ball, above ``limit``, which the message calls ``meaning``."""
    if value > limit:
        raise ValueError(f"{name}={shown(value)} must be at most {meaning}={shown(limit)}")


def adds_up(name: str, values: Any) -> None:
    """Turn away numbers whose sum is not 1, up to rounding."""
    gap = math.fsum(float(value) for value in values) - 1
    if not abs(gap) <= 1e-12 * max(1.0, math.fsum(abs(float(value)) for value in values)):
        raise ValueError(f"{name} must add up to 1; their sum is {1 + gap:.12g}")


def fraction(name: str, value: Any) -> float:
    """A number from 0 to 1."""
    result = non_negative(name, value)
    at_most(name, result, 1.0, "all")
    return result


def count(name: str, value: Any, minimum: int = 1) -> int:
    """A whole number of at least ``minimum``."""
    if isinstance(value, bool | np.bool_) or not isinstance(value, numbers.Real | np.integer):
        raise TypeError(f"{name}={shown(value)} must be a whole number")
    if not isinstance(value, numbers.Integral) and number(name, value) % 1 != 0:
        raise ValueError(f"{name}={shown(value)} must be a whole number")
    if value < minimum:
        raise ValueError(f"{name}={shown(value)} must be at least {minimum}")
    return int(cast(Any, value))


def exact(name: str, value: Any) -> Fraction:
    """``value`` as an exact fraction.

    Text is read as a decimal (``"1.1"`` is 11/10); a float is its exact binary
    value; ``Fraction`` and integers are taken as they are.
    """
    if isinstance(value, str):
        if LONG_EXPONENT.search(value):  # its digits would have to be written out
            raise ValueError(f"{name}={shown(value)} must have an exponent of at most 4 digits")
        try:
            return Fraction(value.strip())
        except (ValueError, ZeroDivisionError):
            raise ValueError(f"{name}={value!r} must be a decimal number") from None
    if isinstance(value, Fraction):
        return value
    number(name, value)
    return Fraction(int(value)) if isinstance(value, int | np.integer) else Fraction(float(value))


def root_in_range(n: float, ridge: float, p: int, largest: float) -> None:
    """Turn away n and ridge at which tau, in [ridge/n, (p largest + ridge)/n], leaves float64."""
    if (p * largest + ridge) / n > LARGEST_ROOT:
        raise ValueError(
            f"n={shown(n)} must be larger: (p*largest eigenvalue + ridge)/n bounds tau and "
            f"must be at most {LARGEST_ROOT:g}"
        )
    if n >= p and ridge / n < SMALLEST_ROOT:
        raise ValueError(
            f"ridge={shown(ridge)} must be at least {SMALLEST_ROOT:g} times n={shown(n)}"
        )


def real_array(name: str, values: Any, kind: str) -> np.ndarray:
    """An array of real numbers of any shape, which the messages call a ``kind``."""
    try:
        raw = np.asarray(values)
    except ValueError as error:
        raise ValueError(f"{name} must be a {kind} of real numbers: {error}") from None
    if raw.dtype.kind not in "fiu":
        raise TypeError(f"{name} must be a {kind} of real numbers, not of dtype {raw.dtype}")
    if np.ma.is_masked(values):
        raise ValueError(f"{name} must not have masked entries")
    with np.errstate(over="ignore"):  # from wider types; infinite values are refused by name
        return np.array(raw, dtype=np.float64)


def real_vector(name: str, values: Any, length: int | None = None) -> np.ndarray:
    """A read-only float64 vector of finite numbers."""
    vector = real_array(name, values, "vector")
    if vector.ndim != 1:
        raise ValueError(f"{name} of shape {vector.shape} must be one-dimensional")
    if vector.size == 0:
        raise ValueError(f"{name} must not be empty")
    bad = np.flatnonzero(~np.isfinite(vector))
    if bad.size:
        raise ValueError(f"{name}[{bad[0]}]={vector[bad[0]]} must be finite")
    if length is not None and vector.size != length:
        raise ValueError(f"{name} of length {vector.size} must have length p={length}")
    vector.setflags(write=False)
    return vector


def energies(name: str, values: Any, length: int) -> np.ndarray:
    """A vector of numbers that are not negative, of the given length."""
    vector = real_vector(name, values, length)
    bad = np.flatnonzero(vector < 0)
    if bad.size:
        raise ValueError(f"{name}[{bad[0]}]={vector[bad[0]]:g} must not be negative")
    return vector


def eigenvalues(name: str, values: Any, allow_zero: bool = False) -> np.ndarray:
    """A vector of eigenvalues: positive (zero allowed on request) and of sane size."""
    vector = real_vector(name, values)
    bad = np.flatnonzero(vector < 0 if allow_zero else vector <= 0)
    if bad.size:
        need = "not be negative" if allow_zero else "be positive"
        raise ValueError(f"{name}[{bad[0]}]={vector[bad[0]]:g} must {need}")
    extreme = np.flatnonzero(
        ((vector > 0) & (vector < SMALLEST_EIGENVALUE)) | (vector > LARGEST_EIGENVALUE)
    )
    if extreme.size:
        raise ValueError(
            f"{name}[{extreme[0]}]={vector[extreme[0]]:g} must lie between "
            f"{SMALLEST_EIGENVALUE:g} and {LARGEST_EIGENVALUE:g}: rescale the covariance"
        )
    return vector


def power_in_range(p: int, alpha: Fraction) -> None:
    """Turn away a power law whose smallest eigenvalue ``p**-alpha`` is too small for doubles."""
    if float(p) ** -float(alpha) < SMALLEST_EIGENVALUE:
        largest = -math.log(SMALLEST_EIGENVALUE) / math.log(p)
        raise ValueError(
            f"alpha={float(alpha):g} must be at most {largest:.4g} for p={p}: p**-alpha, the "
            f"smallest eigenvalue, must be at least {SMALLEST_EIGENVALUE:g}"
        )


def row_numbers(name: str, values: Any, count: int) -> np.ndarray:
    """Different row numbers from 0 to ``count`` - 1, at least one."""
    array = np.asarray(values)
    whole = array.ndim == 1 and array.size > 0 and array.dtype.kind in "iu"
    if not whole or array.min() < 0 or array.max() >= count or np.unique(array).size < array.size:
        raise ValueError(f"{name} must be different row numbers from 0 to {count - 1}")
    return array


def below_rank(n: float, rank: int, ridge: float, taught: float = 1.0) -> None:
    """Turn away n rows, the fraction ``taught`` of them not zero, that fill the rank; no ridge."""
    if ridge == 0 and n * taught >= rank:
        raise ValueError(
            f"n={n:g} must be below the rank {rank} of the rows where there is no ridge"
        )


def choice(name: str, value: Any, allowed: tuple[str, ...]) -> str:
    """One of a few words."""
    if not isinstance(value, str):
        raise TypeError(f"{name}={shown(value)} must be one of {', '.join(allowed)}")
    if value not in allowed:
        raise ValueError(f"{name}={value!r} must be one of {', '.join(allowed)}")
    return value


def data_matrix(name: str, values: Any, columns: int) -> np.ndarray:
    """A float64 matrix of finite numbers, one sample a row, with ``columns`` columns."""
    matrix = real_array(name, values, "matrix")
    if matrix.ndim != 2 or matrix.shape[1] != columns or matrix.shape[0] == 0:
        raise ValueError(f"{name} of shape {matrix.shape} must have shape (N, p) with p={columns}")
    if not np.isfinite(matrix).all():
        raise ValueError(f"{name} must hold finite numbers only")
    return matrix


def feature_rows(name: str, values: Any) -> np.ndarray:
    """A matrix (N, p) of finite floats; a memory map stays one, of whatever float type.

    Truth values, and columns of a data frame that are nullable, are numbers too.
    """
    from kdverify.tables.arrays import matrix as numbers

    matrix = numbers(name, values)
    if matrix.dtype not in (np.float16, np.float32, np.float64):
        matrix = real_array(name, matrix, "matrix")
    if matrix.ndim != 2 or min(matrix.shape) == 0:
        raise ValueError(f"{name} of shape {matrix.shape} must have shape (N, p), one row a sample")
    for start in range(0, len(matrix), 4096):
        bad = ~np.isfinite(matrix[start : start + 4096])
        if bad.any():
            row, column = np.argwhere(bad)[0] + (start, 0)
            raise ValueError(
                f"{name} must hold finite numbers only; row {row}, column {column} (from 0) is "
                f"{matrix[row, column]}"
            )
    return matrix


def label_matrix(name: str, values: Any, length: int) -> np.ndarray:
    """Labels as float64 (N, K): one column for a vector."""
    matrix = real_array(name, values, "vector or matrix")
    matrix = matrix[:, None] if matrix.ndim == 1 else matrix
    if matrix.ndim != 2 or matrix.shape[0] != length or matrix.shape[1] == 0:
        raise ValueError(
            f"{name} of shape {np.shape(values)} must have shape ({length},) or ({length}, K), "
            "one label a row"
        )
    if not np.isfinite(matrix).all():
        raise ValueError(f"{name} must hold finite numbers only")
    return matrix


def row_weights(name: str, values: Any, length: int) -> np.ndarray:
    """Numbers that are not negative, one a row, scaled to the mean 1."""
    if np.shape(values) != (length,):
        raise ValueError(
            f"{name} of shape {np.shape(values)} must have shape ({length},), one number a row"
        )
    weights = energies(name, values, length)
    if not weights.sum() > 0:
        raise ValueError(f"{name} must not be zero for all rows")
    return np.asarray(weights / weights.mean())


def equal_weights(name: str, weights: np.ndarray | None, reason: str) -> None:
    """Turn away rows with weights, for a ``reason``."""
    if weights is not None:
        raise ValueError(f"{name} must have equal weights: {reason}")


def class_numbers(name: str, values: Any, length: int, count: int) -> np.ndarray:
    """``length`` whole numbers from 0 to ``count - 1``."""
    found = np.asarray(values)
    whole = found.shape == (length,) and np.issubdtype(found.dtype, np.integer)
    if not whole or found.min() < 0 or found.max() >= count:
        raise ValueError(f"{name} must be {length} class numbers from 0 to {count - 1}")
    return found


def covariance(name: str, values: Any) -> np.ndarray:
    """A symmetric float64 matrix of finite numbers."""
    matrix = real_array(name, values, "matrix")
    if matrix.ndim != 2 or matrix.shape[0] != matrix.shape[1] or matrix.size == 0:
        raise ValueError(f"{name} of shape {matrix.shape} must be a square matrix")
    if not np.isfinite(matrix).all():
        raise ValueError(f"{name} must hold finite numbers only")
    gap = float(np.abs(matrix - matrix.T).max())
    if gap > 1e-10 * float(np.abs(matrix).max()):
        raise ValueError(f"{name} must be symmetric; it differs from its transpose by {gap:g}")
    return matrix / 2 + matrix.T / 2


def orthonormal(name: str, values: Any, size: int) -> np.ndarray:
    """A read-only float64 matrix (size, size) with orthonormal columns.

    Each entry of ``B'B - I`` may be off by ``size`` roundings of B, that is what eigenvectors
    in double precision are good for (times a factor 10 for the constant of that bound).
    """
    basis = real_array(name, values, "matrix")
    if basis.shape != (size, size):
        raise ValueError(f"{name} of shape {basis.shape} must have shape {(size, size)}")
    gap = float(np.abs(basis.T @ basis - np.eye(size)).max())
    if not gap <= 10 * size * np.finfo(float).eps:
        raise ValueError(f"{name} must have orthonormal columns; B'B differs from I by {gap:g}")
    basis.setflags(write=False)
    return basis


def sample_sizes(name: str, values: Any, share: bool = True) -> list[float]:
    """One sample size or several, each positive; none repeated silently lost.

    Without ``share`` each must be 1 at least: what is less is the habit of a share of the rows.
    """
    several = isinstance(values, Iterable) and getattr(values, "ndim", 1) > 0
    items = list(values) if several else [values]
    if not items:
        raise ValueError(f"{name} must name at least one sample size")
    sizes = [positive(name, item) for item in items]
    for size, item in zip(sizes, items, strict=True):
        if size < 1 and not share:
            raise ValueError(
                f"{name}={shown(item)} must be at least 1: a number of samples, not a share of rows"
            )
    return sizes


def file_path(name: str, path: Any) -> Path:
    """A path, given as text or as a path."""
    if not isinstance(path, str | os.PathLike):
        raise TypeError(f"{name}={shown(path)} must be the path of a file")
    return Path(path)


def output_file(name: str, path: Any) -> Path:
    """A file to write, in a folder that exists or can be made."""
    file = file_path(name, path)
    if file.is_dir():
        raise ValueError(f"{name}={str(path)!r} must be a file, not a folder")
    if file.exists():
        if not os.access(file, os.W_OK):
            raise ValueError(f"{name}={str(path)!r} must be a file that can be written to")
        return file
    nearest = next(folder for folder in file.absolute().parents if folder.exists())
    if not (nearest.is_dir() and os.access(nearest, os.W_OK)):
        raise ValueError(f"{name}={str(path)!r} must lie in a folder that can be written to")
    return file


def figure_file(name: str, path: Any) -> Path:
    """A file to write a figure to, in an existing folder."""
    file = output_file(name, path)
    if file.suffix.lower() not in FIGURE_ENDINGS:
        raise ValueError(f"{name}={str(path)!r} must end in one of {', '.join(FIGURE_ENDINGS)}")
    if not file.parent.is_dir():
        raise ValueError(f"{name}={str(path)!r} must lie in an existing folder")
    return file


def readable_file(name: str, path: Any, endings: tuple[str, ...]) -> Path:
    """An existing file whose name ends in one of ``endings``."""
    file = file_path(name, path)
    if not file.is_file():
        raise ValueError(f"{name}={str(path)!r} must be an existing file")
    if file.suffix.lower() not in endings:
        raise ValueError(f"{name}={str(path)!r} must end in one of {', '.join(endings)}")
    return file


def mask(name: str, values: Any, length: int) -> np.ndarray:
    """A boolean vector of the given length."""
    vector = np.asarray(values)
    if vector.dtype != np.bool_:
        raise TypeError(f"{name} must be a vector of booleans, not of dtype {vector.dtype}")
    if vector.shape != (length,):
        raise ValueError(f"{name} of shape {vector.shape} must have shape ({length},)")
    return vector
