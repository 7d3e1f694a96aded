"""Checks of input: the one place where a bad argument is turned away.

Every function returns its argument in canonical form or raises ``ValueError``
(``TypeError`` for a thing of the wrong kind) with a message that reads
``name=value must ...``.
"""

from __future__ import annotations

import math
import numbers
from collections.abc import Iterable
from fractions import Fraction
from pathlib import Path
from typing import Any

import numpy as np

#: Eigenvalues outside this range could overflow or underflow in double precision.
SMALLEST_EIGENVALUE = 1e-300
LARGEST_EIGENVALUE = 1e300

FIGURE_ENDINGS = (".png", ".svg", ".pdf")

DESIGNS = ("gaussian", "rademacher", "uniform", "student")


def shown(value: Any) -> str:
    """A short text of ``value`` for an error message."""
    text = str(value) if isinstance(value, Fraction) else repr(value)
    return text if len(text) <= 60 else text[:57] + "..."


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
    result = float(value)
    if not math.isfinite(result):
        raise ValueError(f"{name}={shown(value)} must be finite")
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


def count(name: str, value: Any, minimum: int = 1) -> int:
    """A whole number of at least ``minimum``."""
    if isinstance(value, bool | np.bool_) or not isinstance(value, numbers.Real | np.integer):
        raise TypeError(f"{name}={shown(value)} must be a whole number")
    if not math.isfinite(value) or float(value) % 1 != 0:
        raise ValueError(f"{name}={shown(value)} must be a whole number")
    if value < minimum:
        raise ValueError(f"{name}={shown(value)} must be at least {minimum}")
    return int(float(value))


def exact(name: str, value: Any) -> Fraction:
    """``value`` as an exact fraction.

    Text is read as a decimal (``"1.1"`` is 11/10); a float is its exact binary
    value; ``Fraction`` and integers are taken as they are.
    """
    if isinstance(value, str):
        try:
            return Fraction(value.strip())
        except (ValueError, ZeroDivisionError):
            raise ValueError(f"{name}={value!r} must be a decimal number") from None
    if isinstance(value, Fraction):
        return value
    number(name, value)
    return Fraction(int(value)) if isinstance(value, int | np.integer) else Fraction(float(value))


def real_vector(name: str, values: Any, length: int | None = None) -> np.ndarray:
    """A read-only float64 vector of finite numbers."""
    try:
        raw = np.asarray(values)
    except ValueError as error:
        raise ValueError(f"{name} must be a vector of real numbers: {error}") from None
    if raw.dtype.kind not in "fiu":
        raise TypeError(f"{name} must be a vector of real numbers, not of dtype {raw.dtype}")
    if raw.ndim != 1:
        raise ValueError(f"{name} of shape {raw.shape} must be one-dimensional")
    if raw.size == 0:
        raise ValueError(f"{name} must not be empty")
    vector = np.array(raw, dtype=np.float64)
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


def choice(name: str, value: Any, allowed: tuple[str, ...]) -> str:
    """One of a few words."""
    if not isinstance(value, str):
        raise TypeError(f"{name}={shown(value)} must be one of {', '.join(allowed)}")
    if value not in allowed:
        raise ValueError(f"{name}={value!r} must be one of {', '.join(allowed)}")
    return value


def data_matrix(name: str, values: Any, columns: int) -> np.ndarray:
    """A float64 matrix of finite numbers, one sample a row, with ``columns`` columns."""
    raw = np.asarray(values)
    if raw.dtype.kind not in "fiu":
        raise TypeError(f"{name} must be a matrix of real numbers, not of dtype {raw.dtype}")
    if raw.ndim != 2 or raw.shape[1] != columns or raw.shape[0] == 0:
        raise ValueError(f"{name} of shape {raw.shape} must have shape (N, p) with p={columns}")
    matrix = np.asarray(raw, dtype=np.float64)
    if not np.isfinite(matrix).all():
        raise ValueError(f"{name} must hold finite numbers only")
    return matrix


def covariance(name: str, values: Any) -> np.ndarray:
    """A symmetric float64 matrix of finite numbers."""
    raw = np.asarray(values)
    if raw.dtype.kind not in "fiu":
        raise TypeError(f"{name} must be a matrix of real numbers, not of dtype {raw.dtype}")
    if raw.ndim != 2 or raw.shape[0] != raw.shape[1] or raw.size == 0:
        raise ValueError(f"{name} of shape {raw.shape} must be a square matrix")
    matrix = np.array(raw, dtype=np.float64)
    if not np.isfinite(matrix).all():
        raise ValueError(f"{name} must hold finite numbers only")
    gap = float(np.abs(matrix - matrix.T).max())
    if gap > 1e-10 * float(np.abs(matrix).max()):
        raise ValueError(f"{name} must be symmetric; it differs from its transpose by {gap:g}")
    return (matrix + matrix.T) / 2


def sample_sizes(name: str, values: Any) -> list[float]:
    """One sample size or several, each positive; none repeated silently lost."""
    items = list(values) if isinstance(values, Iterable) else [values]
    if not items:
        raise ValueError(f"{name} must name at least one sample size")
    return [positive(name, item) for item in items]


def figure_file(name: str, path: Any) -> Path:
    """A file to write a figure to, in an existing folder."""
    file = Path(path)
    if file.suffix.lower() not in FIGURE_ENDINGS:
        raise ValueError(f"{name}={str(path)!r} must end in one of {', '.join(FIGURE_ENDINGS)}")
    if not file.parent.is_dir():
        raise ValueError(f"{name}={str(path)!r} must lie in an existing folder")
    return file


def readable_file(name: str, path: Any, endings: tuple[str, ...]) -> Path:
    """An existing file whose name ends in one of ``endings``."""
    file = Path(path)
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
