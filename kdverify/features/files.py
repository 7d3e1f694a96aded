"""Feature matrices and labels from files: .npy, .npz, .csv, and .parquet where pandas is there."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import numpy as np

from kdverify import checks

ENDINGS = (".npy", ".npz", ".csv", ".parquet")
#: Names that an array of features, and one of labels, may have in an .npz file.
FEATURE_NAMES = ("features", "X", "x", "train")
LABEL_NAMES = ("labels", "y", "target", "train_labels")


@dataclass(frozen=True, eq=False)
class Table:
    """A feature matrix (N, p), its labels (N,) or (N, K) or None, and the columns' names."""

    features: np.ndarray
    labels: np.ndarray | None
    columns: tuple[str, ...] | None


def read(features: str, labels: str | None = None, label_column: str | None = None) -> Table:
    """Read a feature matrix and its labels.

    Args:
        features: .npy (N, p), memory-mapped; .npz with an array named features, X, x or train
            (and labels, y, target or train_labels); .csv with or without a header line;
            .parquet.
        labels: a file of labels, of the same kinds: one column, or K.
        label_column: the column of a .csv or .parquet table of features that holds the labels.
    """
    path = checks.readable_file("features", features, ENDINGS)
    found = _read(path, label_column)
    if labels is not None:
        if label_column is not None or found.labels is not None:
            raise ValueError(f"labels={labels!r} must be given once: in a file, or in {path.name}")
        other = _read(checks.readable_file("labels", labels, ENDINGS), None, wanted=LABEL_NAMES)
        return Table(found.features, other.features.squeeze(), found.columns)
    return found


def _read(path: Path, label_column: str | None, wanted: tuple[str, ...] = FEATURE_NAMES) -> Table:
    ending = path.suffix.lower()
    if label_column is not None and ending not in (".csv", ".parquet"):
        raise ValueError(f"label_column={label_column!r} must go with a .csv or .parquet file")
    try:
        if ending == ".npy":
            return Table(np.load(path, mmap_mode="r", allow_pickle=False), None, None)
        if ending == ".npz":
            return _from_npz(path, wanted)
        if ending == ".csv":
            return _from_csv(path, label_column)
        return _from_parquet(path, label_column)
    except (OSError, EOFError) as error:
        raise ValueError(f"{path} must be a whole {ending} file: {error}") from error


def _from_npz(path: Path, wanted: tuple[str, ...]) -> Table:
    with np.load(path, allow_pickle=False) as file:
        names = [name for name in wanted if name in file]
        if not names:
            raise ValueError(
                f"{path} must hold an array named {', '.join(wanted)}; it holds "
                f"{', '.join(file.files)}"
            )
        own = [name for name in LABEL_NAMES if name in file and name != names[0]]
        labels = file[own[0]] if own and wanted is FEATURE_NAMES else None
        return Table(file[names[0]], labels, None)


def _from_csv(path: Path, label_column: str | None) -> Table:
    with path.open(encoding="utf-8") as stream:
        first = stream.readline().strip().split(",")
    header = not all(_is_number(cell) for cell in first)
    cells = np.loadtxt(path, delimiter=",", skiprows=int(header), dtype=str, ndmin=2, comments=None)
    columns = [name.strip().strip('"') for name in first] if header else None
    return _split(cells, columns, label_column, path)


def _from_parquet(path: Path, label_column: str | None) -> Table:
    try:
        import pandas
    except ImportError as error:
        raise ValueError(f"{path} needs pandas: pip install pandas pyarrow") from error
    try:
        frame = pandas.read_parquet(path)
    except ImportError as error:
        raise ValueError(f"{path} needs pyarrow: pip install pyarrow ({error})") from error
    return _split(frame.to_numpy(dtype=object), [str(c) for c in frame.columns], label_column, path)


def _split(
    cells: np.ndarray, columns: list[str] | None, label_column: str | None, path: Path
) -> Table:
    """Numbers and labels of a table of texts or objects."""
    labels = None
    if label_column is not None:
        if columns is None or label_column not in columns:
            known = ", ".join(columns[:10]) if columns else "no header line"
            raise ValueError(f"label_column={label_column!r} must be a column of {path} ({known})")
        index = columns.index(label_column)
        labels = _plain(cells[:, index])
        cells = np.delete(cells, index, axis=1)
        columns = columns[:index] + columns[index + 1 :]
    return Table(_plain(cells), labels, tuple(columns) if columns else None)


def _plain(cells: np.ndarray) -> np.ndarray:
    """Numbers where every cell is one (integers where all are), else texts."""
    texts = cells.astype(str)
    try:
        return texts.astype(np.int64)
    except ValueError:
        pass
    try:
        return texts.astype(np.float64)
    except ValueError:
        return texts


def _is_number(cell: str) -> bool:
    try:
        float(cell)
    except ValueError:
        return False
    return True
