"""What labels are as numbers: one-hot columns, thresholds, names of classes."""

from __future__ import annotations

from typing import Any

import numpy as np

from kdverify import checks
from kdverify.tables.labels import Labels


def label_numbers(
    labels: Labels | None, classes: Any, count: int, task: str
) -> tuple[np.ndarray, np.ndarray | None, tuple[str, ...], float | None]:
    """Labels (N, K), class numbers and names, and the threshold of a single column."""
    if labels is None:
        return np.zeros((count, 0)), None, (), None
    if classes is not None:
        return _numbers_with_classes(labels.numbers(), np.asarray(classes), count)
    if labels.task(task)[0] == "regression":
        return labels.numbers(), None, (), None
    names, numbers = labels.classes()
    if len(names) < 2:
        raise ValueError(f"labels must be of two classes or more; all are {names[0]!r}")
    present = count - labels.unlabelled
    if len(names) > (max(2, present // 5) if task == "auto" else max(2, present - 1)):
        raise ValueError(
            f"labels have {len(names)} different values in {present} rows: for regression use "
            "task='regression'"
        )
    one_hot = np.eye(len(names))[numbers]
    one_hot[labels.missing] = np.nan
    return one_hot, numbers, names, None


def _numbers_with_classes(
    given: np.ndarray, classes: np.ndarray, count: int
) -> tuple[np.ndarray, np.ndarray, tuple[str, ...], float | None]:
    labels = checks.label_matrix("labels", given, count)
    names, numbers = np.unique(classes, return_inverse=True)
    columns = labels.shape[1]
    if numbers.shape != (count,):
        raise ValueError(f"classes of shape {classes.shape} must have shape ({count},)")
    if names.size < 2:
        raise ValueError(f"classes must have at least 2 different values, not {names.size}")
    shown = tuple(str(name) for name in names)
    if columns > 1:
        if names.size != columns:
            raise ValueError(f"classes must have one value for each of the {columns} columns")
        return labels, numbers, shown, None
    values = np.unique(labels)
    if names.size != 2 or values.size != 2:
        raise ValueError(
            f"classes must have 2 values where labels are one column with 2 values; they have "
            f"{names.size} and {values.size}"
        )
    return labels, (labels[:, 0] == values[1]).astype(int), shown, float(values.mean())


def class_text(value: Any, known: dict[str, int]) -> str:
    """The name of a class as it was written: 3.0 names the class 3 where there is no 3.0."""
    text = str(value)
    whole = isinstance(value, float) and value.is_integer() and text not in known
    return str(int(value)) if whole else text
