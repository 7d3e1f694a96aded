"""Tables: feature matrices and labels from files, data frames and arrays, one way for all.

    table = tables.read("digits.csv", label_column="digit")
    table.notes                              # what was understood, line by line
    labels = tables.Labels.of(table.labels)
    labels.missing, labels.task("auto")      # rows without a label; what they are labels of

Nothing is guessed silently: where a file can be read in two ways, an error names the option that
decides, and an error in a cell names file, row and column.
"""

from __future__ import annotations

from kdverify.checks.frames import matrix, missing
from kdverify.tables.labelled import labelled_rows, labels_at, without_label
from kdverify.tables.labels import TASKS, Labels
from kdverify.tables.predictions import in_class_order, read_predictions
from kdverify.tables.reading import ENDINGS, Table, columns_of, read, read_labels
from kdverify.tables.text import Layout

__all__ = [
    "ENDINGS",
    "TASKS",
    "Labels",
    "Layout",
    "Table",
    "columns_of",
    "in_class_order",
    "labelled_rows",
    "labels_at",
    "matrix",
    "missing",
    "read",
    "read_labels",
    "read_predictions",
    "without_label",
]
