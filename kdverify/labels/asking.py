"""From a feature matrix and labels, some of them missing, to a `Setting`."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from kdverify import checks, tables
from kdverify.labels.learning import SHARE, default_sizes
from kdverify.labels.setting import FEWEST_IN_CLASS, FEWEST_LABELLED, Setting
from kdverify.seeds import Rng, seed_from, stream

#: Rows a column that the covariance needs, rows there are at least, entries at most.
ROWS_PER_COLUMN, FEWEST_ROWS, MOST_ENTRIES = 10, 5000, 1 << 27
#: A column whose standard deviation is this small next to its largest entry is constant.
CONSTANT = 1e-12
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
    rng: Rng = None,
) -> Setting:
    """Check rows and labels, and bring them into the coordinates of section 13.

    Args:
        features: (N, p) numbers, an array or a memory map of any float type.
        labels: (N,) or (N, C); NaN, None, an empty text and pandas' NA are missing; or
            ``(numbers, labels)``: row numbers and the labels of those rows.
        task: ``"regression"``, ``"classes"``, or ``"auto"``: classes where labels are texts,
            whole numbers or truth values (real numbers are not, though they be whole).
        intercept: whether students fit a constant; standardise: divide columns by their
            standard deviations.
        unlabelled: a label that means that there is none, such as -1.
        n: sizes that will be asked for: so many rows are needed.
        max_rows: rows that stand for all; by default what covariance and sizes need.
        seed: of the rows that do.
        rng: in its place, a seed or a NumPy generator (`kdverify.seeds.seed_from`).

    Raises:
        ValueError, TypeError: labels for fewer than 20 rows, one class, a class with one label,
            all rows labelled, features that are sparse or not finite.
    """
    seed = seed_from(seed, rng)
    matrix = _matrix(features)
    numbers, given = _known(labels, len(matrix), unlabelled)
    if len(numbers) == len(matrix):
        raise ValueError("labels must be missing in some rows; with all labels use features")
    if len(numbers) < FEWEST_LABELLED:
        raise ValueError(
            f"labels must be given for at least {FEWEST_LABELLED} rows, not {len(numbers)}"
        )
    y, names, notes = _encoded(given, task)
    sizes = default_sizes(len(numbers)) if n is None else n
    chosen = _chosen(matrix.shape, numbers, max(sizes), max_rows, seed)
    rows = np.asarray(matrix[chosen], dtype=float)
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


def _matrix(features: Any) -> Any:
    if hasattr(features, "tocsr"):
        raise TypeError(
            "features must not be sparse: their directions have to be known; take "
            "sklearn.decomposition.TruncatedSVD(n_components=300).fit_transform(features)"
        )
    matrix = tables.matrix("features", features)
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


def _known(labels: Any, size: int, unlabelled: Any) -> tuple[np.ndarray, tables.Labels]:
    """Numbers of the labelled rows, rising, and their labels."""
    numbers, values = np.arange(size), labels
    if isinstance(labels, tuple):
        numbers, values = np.asarray(labels[0]), labels[1]
        if numbers.dtype.kind == "f" and (numbers % 1 == 0).all():
            numbers = numbers.astype(int)
        numbers = checks.row_numbers("row numbers of labels", numbers, size)
        order = np.argsort(numbers)
        values = tables.Labels.of(_unmarked(values, unlabelled), len(numbers))
        return _present(numbers[order], values, order)
    return _present(numbers, tables.Labels.of(_unmarked(values, unlabelled), size), numbers)


def _present(
    numbers: np.ndarray, values: tables.Labels, order: np.ndarray
) -> tuple[np.ndarray, tables.Labels]:
    kept = ~values.missing[order]
    given = values.values[order][kept]
    return numbers[kept], tables.Labels(given, np.zeros(len(given), dtype=bool), values.kind)


def _unmarked(labels: Any, mark: Any) -> Any:
    """Labels with None where they are the ``mark`` of rows without one."""
    if mark is None:
        return labels
    values = np.array(labels, dtype=object)
    values[values == mark] = None
    return values


def _encoded(given: tables.Labels, task: str) -> tuple[np.ndarray, tuple[str, ...], list[str]]:
    """Labels (n_0, C) without gaps: numbers, or one-hot with the names of the classes; notes."""
    task, reason = given.task(task)
    notes = [f"regression: {reason} (--task classes)"] if "though" in reason else []
    if task == "regression":
        y = given.numbers()
        if (y.std(axis=0) <= CONSTANT * np.abs(y).max(initial=1e-300)).any():
            raise ValueError("labels must not be constant")
        return y, (), notes
    names, numbers = given.classes()
    if len(names) < 2:
        raise ValueError(f"labels must be of two classes or more; all are {names[0]}")
    counts = np.bincount(numbers)
    if counts.min() < FEWEST_IN_CLASS:
        rare = names[int(counts.argmin())]
        raise ValueError(
            f"labels must have at least {FEWEST_IN_CLASS} of each class; {rare} has one (for "
            "numbers use task='regression')"
        )
    return np.eye(len(names))[numbers], names, notes


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
    generator = stream(seed, "rows beside the labelled ones")
    others = np.setdiff1d(np.arange(size), numbers, assume_unique=True)
    drawn = generator.choice(others, wanted - len(numbers), replace=False)
    return np.sort(np.concatenate([numbers, drawn]))
