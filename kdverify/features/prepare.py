"""A feature matrix and its labels, checked and made ready."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import numpy as np

from kdverify import checks, rows

#: Fewer rows than this are refused: no moment of the labels can be told from them.
FEWEST_ROWS = 50
#: A column whose standard deviation is this small next to its largest entry is constant.
CONSTANT = 1e-12


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
    """

    pool: rows.Pool
    labels: np.ndarray | None
    classes: np.ndarray | None
    class_names: tuple[str, ...]
    offsets: np.ndarray
    notes: tuple[str, ...]
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
        features: (N, p) numbers, an array or a memory map; at least 50 rows.
        labels: (N,) or (N, K), or None.  Numbers, or class names or numbers.
        task: ``"regression"``, ``"classes"`` or ``"auto"``: classes where labels are integers
            or texts.
        intercept: subtract the mean of every column and of every label, which stands for an
            intercept that is known; students are then trained on centred rows.
        standardise: divide every column by its standard deviation.

    Constant columns are dropped (an intercept makes them zero; without one they would be an
    unequal intercept), with a note.
    """
    matrix = features if isinstance(features, np.ndarray) else np.asarray(features)
    if matrix.dtype.kind not in "fiu":
        raise TypeError(f"features must be numbers, not of dtype {matrix.dtype}")
    matrix = checks.feature_rows("features", matrix)
    if matrix.shape[0] < FEWEST_ROWS:
        raise ValueError(f"features must have at least {FEWEST_ROWS} rows, not {matrix.shape[0]}")
    notes = []
    mean, spread = _column_moments(matrix)
    kept = spread > CONSTANT * np.maximum(np.abs(mean), spread.max())
    if not kept.any():
        raise ValueError("features must have a column that is not constant")
    if not kept.all():
        notes.append(f"{int((~kept).sum())} constant columns were dropped")
    ready = np.asarray(matrix[:, kept], dtype=float)
    if intercept:
        ready -= mean[kept]
    if standardise:
        ready /= spread[kept]
    if ready.shape[1] > ready.shape[0]:
        notes.append(
            f"more columns ({ready.shape[1]}) than rows ({ready.shape[0]}): the pool's own labels "
            "are interpolated by beta*, so that only what is said of unseen rows means much"
        )
    y, classes, names = _labels(labels, len(ready), task)
    offsets = np.zeros(0 if y is None else y.shape[1])
    if y is not None and intercept:
        offsets = y.mean(axis=0)
        y = y - offsets
    settings = {"intercept": intercept, "standardise": standardise, "task": task}
    return Prepared(rows.Pool(ready), y, classes, names, offsets, tuple(notes), settings)


def _column_moments(matrix: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Mean and standard deviation of every column, block by block."""
    total = np.zeros(matrix.shape[1])
    for start in range(0, len(matrix), 4096):
        total += np.asarray(matrix[start : start + 4096], dtype=float).sum(axis=0)
    mean = total / len(matrix)
    square = np.zeros(matrix.shape[1])
    for start in range(0, len(matrix), 4096):
        block = np.asarray(matrix[start : start + 4096], dtype=float) - mean
        square += np.square(block).sum(axis=0)
    return mean, np.sqrt(square / len(matrix))


def _labels(
    labels: Any, count: int, task: str
) -> tuple[np.ndarray | None, np.ndarray | None, tuple[str, ...]]:
    checks.choice("task", task, ("auto", "regression", "classes"))
    if labels is None:
        return None, None, ()
    given = np.asarray(labels)
    if given.shape[:1] != (count,):
        raise ValueError(
            f"labels of length {given.shape[0] if given.ndim else 0} must have length {count}, "
            "one a row"
        )
    if task == "auto":
        task = "classes" if given.dtype.kind in "iubUSO" and given.ndim == 1 else "regression"
    if task == "regression":
        if given.dtype.kind not in "fiub":
            raise TypeError("labels must be numbers for regression; for names use task='classes'")
        y = checks.label_matrix("labels", given.astype(float), count)
        if (y.std(axis=0) <= CONSTANT * np.abs(y).max(initial=1e-300)).any():
            raise ValueError("labels must not be constant")
        return y, None, ()
    if given.ndim != 1:
        raise ValueError(f"labels of shape {given.shape} must be one class a row")
    names, classes = np.unique(given, return_inverse=True)
    if names.size < 2:
        raise ValueError(f"labels must be of two classes or more; all are {names[0]!r}")
    if names.size > max(2, count // 5):
        raise ValueError(
            f"labels have {names.size} different values in {count} rows: for regression use "
            "task='regression'"
        )
    shown = tuple(str(name) for name in names)
    return np.eye(names.size)[classes], classes, shown
