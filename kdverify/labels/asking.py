"""From a feature matrix and labels, some of them missing, to a question and its `Setting`."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from kdverify import checks, tables
from kdverify.labels.learning import SHARE, default_sizes
from kdverify.labels.setting import Setting
from kdverify.rows.question import CONSTANT, Question
from kdverify.seeds import Rng, seed_from, stream
from kdverify.tables.labels import unmarked

#: Rows a column that the covariance needs, rows there are at least, entries at most.
ROWS_PER_COLUMN, FEWEST_ROWS, MOST_ENTRIES = 10, 5000, 1 << 27
#: Labelled rows, labels of a class, that there must be.
FEWEST_LABELLED, FEWEST_IN_CLASS = 20, 2


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
    if hasattr(features, "toarray"):
        raise TypeError(
            "features must not be sparse: their directions have to be known; take "
            "sklearn.decomposition.TruncatedSVD(n_components=300).fit_transform(features)"
        )
    matrix = checks.feature_rows("features", features)
    beside = (labels[1], labels[0]) if isinstance(labels, tuple) else (labels, features)
    checks.same_order("labels", *beside)
    given = _given(labels, len(matrix), unlabelled)
    numbers = np.flatnonzero(~given.missing)
    if len(numbers) == len(matrix):
        raise ValueError(
            "labels must be missing in some rows (unlabelled=VALUE names a mark for those); with "
            "all labels use features"
        )
    if len(numbers) < FEWEST_LABELLED:
        raise ValueError(
            f"labels must be given for at least {FEWEST_LABELLED} rows, not {len(numbers)}"
        )
    kind, reason = given.task(task)
    _check_labels(given, kind)
    sizes = default_sizes(len(numbers)) if n is None else n
    chosen = _chosen(matrix.shape, numbers, max(sizes), max_rows, seed)
    notes = [f"regression: {reason} (--task classes)"] if "though" in reason else []
    if len(chosen) < len(matrix):
        notes.append(
            f"{len(chosen)} of the {len(matrix)} rows, drawn at random with the labelled ones, "
            "stand for all: covariance and sizes need no more (--max-rows)"
        )
    question = Question.of(
        matrix[chosen],
        given.at(chosen),
        task=task,
        intercept="fitted" if intercept else "none",
        standardise=standardise,
    )
    index = checks.index_of(features)
    return Setting.of(question, len(matrix), chosen, notes, index)


def _given(labels: Any, size: int, mark: Any) -> tables.Labels:
    """Labels of all rows; ``mark`` means that there is none."""
    if not isinstance(labels, tuple):
        return tables.Labels.of(unmarked(labels, mark), size)
    numbers = np.asarray(labels[0])
    if numbers.dtype.kind == "f" and (numbers % 1 == 0).all():
        numbers = numbers.astype(int)
    numbers = checks.row_numbers("row numbers of labels", numbers, size)
    few = tables.Labels.of(unmarked(labels[1], mark), len(numbers))
    values = np.zeros((size, *few.values.shape[1:]), dtype=few.values.dtype)
    missing = np.ones(size, dtype=bool)
    values[numbers], missing[numbers] = few.values, few.missing
    return tables.Labels(values, missing, few.kind)


def _check_labels(given: tables.Labels, kind: str) -> None:
    """Refuse labels that are constant, and a class with one label."""
    if kind == "regression":
        y = given.numbers()[~given.missing]
        if (y.std(axis=0) <= CONSTANT * np.abs(y).max(initial=1e-300)).any():
            raise ValueError("labels must not be constant")
        return
    names, numbers = given.classes()
    counts = np.bincount(numbers[numbers >= 0])
    if counts.min() < FEWEST_IN_CLASS:
        rare = names[int(counts.argmin())]
        raise ValueError(
            f"labels must have at least {FEWEST_IN_CLASS} of each class; {rare} has one (for "
            "numbers use task='regression')"
        )


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
