"""From a feature matrix and labels, some of them missing, to a `Setting`."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from kdverify import checks
from kdverify.labels.learning import SHARE, default_sizes
from kdverify.labels.setting import FEWEST_IN_CLASS, FEWEST_LABELLED, Setting

#: Rows a column that the covariance needs, rows there are at least, entries at most.
ROWS_PER_COLUMN, FEWEST_ROWS, MOST_ENTRIES = 10, 5000, 1 << 27
#: A column whose standard deviation is this small next to its largest entry is constant.
CONSTANT = 1e-12
#: Labels that are whole numbers are classes where each has this many labels on average.
LABELS_A_CLASS = 5
BLOCK = 8192


def ask(
    features: Any,
    labels: Any,
    *,
    task: str = "auto",
    intercept: bool = True,
    standardise: bool = False,
    unlabelled: Any = None,
    n: Sequence[int] | None = None,
    max_rows: int | None = None,
    seed: int = 0,
) -> Setting:
    """Check rows and labels, and bring them into the coordinates of section 13.

    Args:
        features: (N, p) numbers, an array or a memory map of any float type.
        labels: (N,) or (N, C); NaN, None, an empty text and pandas' NA are missing; or
            ``(numbers, labels)``: row numbers and the labels of those rows.
        task: ``"regression"``, ``"classes"``, or ``"auto"``: classes where labels are texts or
            whole numbers of few values.
        intercept: whether students fit a constant; standardise: divide columns by their
            standard deviations.
        unlabelled: a label that means that there is none, such as -1.
        n: sizes that will be asked for: so many rows are needed.
        max_rows: rows that stand for all; by default what covariance and sizes need.

    Raises:
        ValueError, TypeError: labels for fewer than 20 rows, one class, a class with one label,
            all rows labelled, features that are sparse or not finite.
    """
    matrix = _matrix(features)
    numbers, given = _known(labels, len(matrix), unlabelled)
    if len(numbers) == len(matrix):
        raise ValueError("labels must be missing in some rows; with all labels use features")
    if len(numbers) < FEWEST_LABELLED:
        raise ValueError(
            f"labels must be given for at least {FEWEST_LABELLED} rows, not {len(numbers)}"
        )
    y, names = _encoded(given, task)
    sizes = default_sizes(len(numbers)) if n is None else n
    chosen = _chosen(matrix.shape, numbers, max(sizes), max_rows, seed)
    rows, notes = np.asarray(matrix[chosen], dtype=float), []
    if len(chosen) < len(matrix):
        notes.append(
            f"{len(chosen)} of the {len(matrix)} rows, drawn at random with the labelled ones, "
            "stand for all: covariance and sizes need no more (--max-rows)"
        )
    mean, spread = rows.mean(axis=0), rows.std(axis=0)
    constant = spread <= CONSTANT * np.maximum(np.abs(mean), spread.max())
    if constant.all():
        raise ValueError("features must have a column that is not constant")
    if constant.any() and (intercept or standardise):
        notes.append(f"{int(constant.sum())} constant columns were dropped")
        rows, spread = rows[:, ~constant], spread[~constant]
    if standardise:
        rows = rows / spread
    if rows.shape[1] > len(rows):
        notes.append(
            f"more columns ({rows.shape[1]}) than rows ({len(rows)}): directions that no row has "
            "are not seen"
        )
    known = np.searchsorted(chosen, numbers)
    return Setting.of(rows, known, y, names, intercept, len(matrix), tuple(notes), chosen)


def _matrix(features: Any) -> np.ndarray:
    if hasattr(features, "tocsr"):
        raise TypeError(
            "features must not be sparse: their directions have to be known; take "
            "sklearn.decomposition.TruncatedSVD(n_components=300).fit_transform(features)"
        )
    matrix = features if isinstance(features, np.ndarray) else np.asarray(features)
    if matrix.dtype.kind not in "fiu":
        raise TypeError(f"features must be numbers, not of dtype {matrix.dtype}")
    if matrix.ndim != 2 or min(matrix.shape) == 0:
        raise ValueError(f"features of shape {matrix.shape} must have shape (N, p)")
    for start in range(0, len(matrix), BLOCK):
        bad = ~np.isfinite(matrix[start : start + BLOCK])
        if bad.any():
            row, column = np.argwhere(bad)[0] + (start, 0)
            raise ValueError(
                f"features must hold finite numbers only; row {row}, column {column} (from 0) is "
                f"{matrix[row, column]}"
            )
    return matrix


def missing(values: np.ndarray, unlabelled: Any = None) -> np.ndarray:
    """(N,) bool: rows with an entry that is NaN, None, empty, NA or ``unlabelled``."""
    flat = values.reshape(len(values), -1)
    if values.dtype.kind == "f":
        found = np.isnan(flat)
    elif values.dtype.kind in "iub":
        found = np.zeros(flat.shape, dtype=bool)
    else:
        found = np.array([[_is_missing(value) for value in row] for row in flat], dtype=bool)
    if unlabelled is not None:
        found |= np.array([[_same(value, unlabelled) for value in row] for row in flat.tolist()])
    return np.asarray(found.any(axis=1))


def _is_missing(value: Any) -> bool:
    if value is None or (isinstance(value, str) and value.strip() in ("", "nan", "NaN", "None")):
        return True
    if type(value).__name__ in ("NAType", "NaTType"):
        return True
    return isinstance(value, float | np.floating) and bool(np.isnan(value))


def _same(value: Any, other: Any) -> bool:
    try:
        return float(value) == float(other)
    except (TypeError, ValueError):
        return str(value) == str(other)


def _known(labels: Any, size: int, unlabelled: Any) -> tuple[np.ndarray, np.ndarray]:
    """Numbers of the labelled rows, rising, and their labels."""
    if isinstance(labels, tuple):
        numbers, given = np.asarray(labels[0]), np.asarray(labels[1])
        if numbers.dtype.kind == "f" and (numbers % 1 == 0).all():
            numbers = numbers.astype(int)
        numbers = checks.row_numbers("row numbers of labels", numbers, size)
        if len(given) != len(numbers):
            raise ValueError(f"labels must have one entry for each of {len(numbers)} row numbers")
        kept = ~missing(given, unlabelled)
        order = np.argsort(numbers[kept])
        return numbers[kept][order], given[kept][order]
    given = np.asarray(labels)
    if given.shape[:1] != (size,) or given.ndim > 2:
        raise ValueError(
            f"labels of shape {given.shape} must have one entry for each of the {size} rows, or "
            "be two columns: row number (from 0), label"
        )
    numbers = np.flatnonzero(~missing(given, unlabelled))
    return numbers, given[numbers]


def _encoded(given: np.ndarray, task: str) -> tuple[np.ndarray, tuple[str, ...]]:
    """Labels (n_0, C) without gaps: numbers, or one-hot with the names of the classes."""
    checks.choice("task", task, ("auto", "regression", "classes"))
    if given.dtype.kind == "O":
        given = np.array(given.tolist())
    values = None
    if given.dtype.kind in "fiub":
        values = given.astype(float)
    if task == "auto":
        task = "classes" if given.ndim == 1 and _classlike(given, values) else "regression"
    if task == "regression":
        if values is None:
            raise TypeError("labels must be numbers for regression; for names use task='classes'")
        y = checks.label_matrix("labels", values, len(values))
        if (y.std(axis=0) <= CONSTANT * np.abs(y).max(initial=1e-300)).any():
            raise ValueError("labels must not be constant")
        return y, ()
    if given.ndim != 1:
        raise ValueError(f"labels of shape {given.shape} must be one class a row")
    if values is not None and (values % 1 == 0).all():
        given = values.astype(int)
    found, numbers, counts = np.unique(given, return_inverse=True, return_counts=True)
    if found.size < 2:
        raise ValueError(f"labels must be of two classes or more; all are {found[0]}")
    if counts.min() < FEWEST_IN_CLASS:
        rare = found[counts.argmin()]
        raise ValueError(
            f"labels must have at least {FEWEST_IN_CLASS} of each class; {rare} has one (for "
            "numbers use task='regression')"
        )
    return np.eye(found.size)[numbers], tuple(str(name) for name in found)


def _classlike(given: np.ndarray, values: np.ndarray | None) -> bool:
    if values is None:
        return True
    whole = bool((values % 1 == 0).all())
    return whole and np.unique(values).size <= max(2, len(given) // LABELS_A_CLASS)


def _chosen(
    shape: tuple[int, ...], numbers: np.ndarray, largest: int, max_rows: int | None, seed: int
) -> np.ndarray:
    """Rows that are used, rising, the labelled ones among them."""
    size, width = shape
    wanted = max(ROWS_PER_COLUMN * width, FEWEST_ROWS, int(np.ceil(largest / SHARE)) + 1)
    wanted = max(min(wanted, MOST_ENTRIES // width), 2 * len(numbers))
    if max_rows is not None:
        wanted = max(checks.count("max_rows", max_rows), 2 * len(numbers))
    if wanted >= size:
        return np.arange(size)
    generator = np.random.default_rng(np.random.SeedSequence([seed, *b"rows"]))
    others = np.setdiff1d(np.arange(size), numbers, assume_unique=True)
    drawn = generator.choice(others, wanted - len(numbers), replace=False)
    return np.sort(np.concatenate([numbers, drawn]))
