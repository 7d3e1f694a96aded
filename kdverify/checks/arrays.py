"""Checks of arrays: vectors, matrices, rows and labels."""

from __future__ import annotations

from typing import Any

import numpy as np

from kdverify.checks import frames
from kdverify.checks.values import LARGEST_EIGENVALUE, SMALLEST_EIGENVALUE


def paired(name: str, basis: np.ndarray | None, target_basis: np.ndarray | None) -> None:
    """Turn away a spectrum with eigenvectors that are not the target's."""
    if basis is None or (target_basis is not None and np.array_equal(basis, target_basis)):
        return
    raise ValueError(
        f"{name} with eigenvectors of its own must be given as a matrix: a Spectrum is paired "
        "mode by mode with the target's"
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


def row_numbers(name: str, values: Any, count: int) -> np.ndarray:
    """Different row numbers from 0 to ``count`` - 1, at least one."""
    array = np.asarray(values)
    whole = array.ndim == 1 and array.size > 0 and array.dtype.kind in "iu"
    if not whole or array.min() < 0 or array.max() >= count or np.unique(array).size < array.size:
        raise ValueError(f"{name} must be different row numbers from 0 to {count - 1}")
    return array


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
    matrix = frames.matrix(name, values)
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


def mask(name: str, values: Any, length: int) -> np.ndarray:
    """A boolean vector of the given length."""
    vector = np.asarray(values)
    if vector.dtype != np.bool_:
        raise TypeError(f"{name} must be a vector of booleans, not of dtype {vector.dtype}")
    if vector.shape != (length,):
        raise ValueError(f"{name} of shape {vector.shape} must have shape ({length},)")
    return vector
