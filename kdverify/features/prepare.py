"""A feature matrix and its labels, checked and made ready."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import numpy as np

from kdverify import checks, rows, tables
from kdverify.tables import Labels

#: Fewer rows than this are refused: no moment of the labels can be told from them.
FEWEST_ROWS = 50
#: A column whose standard deviation is this small next to its own largest entry is constant.
CONSTANT = 1e-12
#: Columns whose deviations differ by more than this factor get a note.
UNEQUAL = 1e6


@dataclass(frozen=True, eq=False)
class Prepared:
    """A feature matrix made ready, and what was done to it.

    Attributes:
        pool: the rows, centred where there is an intercept.
        labels: (N, K) float64, centred likewise; one-hot for classes.
        classes: (N,) class numbers, or None.
        class_names: names of the classes, in the order of the columns of ``labels``.
        offsets: (K,) what was subtracted from the labels.
        notes: what was done: constant columns dropped, and so on.
        labelled: (N,) rows of the features that are in the pool: those with a label.
    """

    pool: rows.Pool
    labels: np.ndarray | None
    classes: np.ndarray | None
    class_names: tuple[str, ...]
    offsets: np.ndarray
    notes: tuple[str, ...]
    labelled: np.ndarray
    settings: dict[str, Any] = field(default_factory=dict)


def prepare(
    features: Any,
    labels: Any = None,
    task: str = "auto",
    intercept: bool = True,
    standardise: bool = False,
) -> Prepared:
    """Check a feature matrix and its labels and make them ready.

    Args:
        features: (N, p) numbers, an array, a memory map or a data frame; at least 50 rows.
        labels: (N,) or (N, K), or None.  Numbers, or class names or numbers; rows without one
            (None, NaN, NA, an empty text) are left out, with a note.
        task: ``"regression"``, ``"classes"`` or ``"auto"``: classes where labels are integers,
            truth values or texts.
        intercept: subtract the mean of every column and of every label, which stands for an
            intercept that is known; students are then trained on centred rows.
        standardise: divide every column by its standard deviation.

    Constant columns are dropped (an intercept makes them zero; without one they would be an
    unequal intercept), with a note.
    """
    matrix = checks.feature_rows("features", features)
    checks.choice("task", task, tables.TASKS)
    notes = []
    labelled = np.ones(len(matrix), dtype=bool)
    given = None if labels is None else Labels.of(labels, len(matrix))
    if given is not None and given.unlabelled:
        labelled = ~given.missing
        notes.append(f"{given.unlabelled} of {len(matrix)} rows have no label and are left out")
        matrix = matrix[labelled]
    if matrix.shape[0] < FEWEST_ROWS:
        raise ValueError(f"features must have at least {FEWEST_ROWS} rows, not {matrix.shape[0]}")
    mean, spread, largest = _column_moments(matrix)
    kept = spread > CONSTANT * largest
    if not kept.any():
        raise ValueError("features must have a column that is not constant")
    if not kept.all():
        notes.append(f"{int((~kept).sum())} constant columns were dropped")
    ready = np.asarray(matrix[:, kept], dtype=float)
    if intercept:
        ready -= mean[kept]
    if standardise:
        ready /= spread[kept]
    elif (factor := spread[kept].max() / spread[kept].min()) > UNEQUAL:
        notes.append(
            f"deviations of columns differ by a factor {factor:.0e}: students learn from the large "
            "ones only; standardising makes all equal"
        )
    if ready.shape[1] > ready.shape[0]:
        notes.append(
            f"more columns ({ready.shape[1]}) than rows ({ready.shape[0]}): the pool's own labels "
            "are interpolated by beta*, so that only what is said of unseen rows means much"
        )
    y, classes, names = _labels(given, labelled, task)
    offsets = np.zeros(0 if y is None else y.shape[1])
    if y is not None and intercept:
        offsets = y.mean(axis=0)
        y = y - offsets
    settings = {"intercept": intercept, "standardise": standardise, "task": task}
    if given is not None:
        chosen, reason = given.task(task)
        settings |= {"chosen_task": chosen, "because": reason}
    pool = rows.Pool(ready)
    return Prepared(pool, y, classes, names, offsets, tuple(notes), labelled, settings)


def _column_moments(matrix: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Mean, standard deviation and largest entry of every column, whatever its scale."""
    blocks = [slice(start, start + 4096) for start in range(0, len(matrix), 4096)]
    largest = np.zeros(matrix.shape[1])
    for block in blocks:
        np.maximum(largest, np.abs(np.asarray(matrix[block], dtype=float)).max(axis=0), out=largest)
    unit = np.where(largest > 0, largest, 1.0)
    mean, square = np.zeros_like(unit), np.zeros_like(unit)
    for block in blocks:
        mean += (np.asarray(matrix[block], dtype=float) / unit).sum(axis=0) / len(matrix)
    for block in blocks:
        square += np.square(np.asarray(matrix[block], dtype=float) / unit - mean).sum(axis=0)
    return mean * unit, np.sqrt(square / len(matrix)) * unit, largest


def _labels(
    labels: Labels | None, labelled: np.ndarray, task: str
) -> tuple[np.ndarray | None, np.ndarray | None, tuple[str, ...]]:
    if labels is None:
        return None, None, ()
    if labels.task(task)[0] == "regression":
        y = labels.numbers()[labelled]
        if (y.std(axis=0) <= CONSTANT * np.abs(y).max(initial=1e-300)).any():
            raise ValueError("labels must not be constant")
        return y, None, ()
    names, every = labels.classes()
    classes = every[labelled]
    if len(names) < 2:
        raise ValueError(f"labels must be of two classes or more; all are {names[0]!r}")
    if len(names) > max(2, classes.size // 5):
        raise ValueError(
            f"labels have {len(names)} different values in {classes.size} rows: for regression use "
            "task='regression'"
        )
    return np.eye(len(names))[classes], classes, names
