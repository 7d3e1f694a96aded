"""Feature matrices and labels from files."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, cast

import numpy as np

from kdverify import checks
from kdverify.checks.frames import is_nothing
from kdverify.shown import Shown
from kdverify.tables import parquet
from kdverify.tables.assemble import Assembled, assemble, label_columns, label_places
from kdverify.tables.cells import doubts, is_grouped, is_number, typed
from kdverify.tables.dropping import shared
from kdverify.tables.labels import unmarked
from kdverify.tables.text import Layout, TextTable

ENDINGS = (".npy", ".npz", ".csv", ".tsv", ".parquet")
TABLES = (".csv", ".tsv", ".parquet")
#: Names that an array of features, and one of labels, may have in an .npz file.
FEATURE_NAMES = ("features", "X", "x", "train")
LABEL_NAMES = ("labels", "y", "target", "train_labels")


@dataclass(frozen=True, eq=False, repr=False)
class Table(Shown):
    """What was read.

    Attributes:
        features: (N, p) numbers; an .npy file stays in its file.
        labels: (N,) or (N, K), or None.  Rows without a label are NaN among real numbers and
            None among others: `kdverify.tables.Labels.of` knows them.
        columns: names of the columns of ``features``, or None.
        notes: what was understood, one line each.
    """

    features: np.ndarray
    labels: np.ndarray | None
    columns: tuple[str, ...] | None
    notes: tuple[str, ...] = ()

    def records(self) -> Iterator[dict[str, Any]]:
        """One record for each row: its columns by name, or by number from 1, and its labels."""
        width = self.features.shape[1]
        names = [*(self.columns or map(str, range(1, width + 1)))]
        labels = np.empty((len(self.features), 0)) if self.labels is None else self.labels
        labels = labels[:, None] if labels.ndim == 1 else labels
        single = labels.shape[1] == 1
        names += ["labels" if single else f"labels {k + 1}" for k in range(labels.shape[1])]
        for row, own in zip(self.features, labels, strict=True):
            yield dict(zip(names, [*row.tolist(), *own.tolist()], strict=True))


def read(
    features: str | Path,
    labels: str | Path | None = None,
    label_column: str | None = None,
    layout: Layout | None = None,
) -> Table:
    """Read a feature matrix and its labels.

    Args:
        features: .npy (N, p), memory-mapped; .npz with an array named features, X, x or train
            (and labels, y, target or train_labels); .csv or .tsv; .parquet.
        labels: a file of labels, of the same kinds: one column, or K.
        label_column: the column that holds the labels: of the file of labels where there is
            one, else of the table of features.
        layout: how texts are to be read, and what is left out.

    Raises:
        ValueError: a file that is not there, not whole, or can be read in two ways; a cell that
            is no number; a column that is not there, or there twice.
    """
    layout = layout or Layout()
    path = checks.readable_file("features", features, ENDINGS)
    own = None if labels is not None else label_column
    layout, left_out = _parts(path, labels, label_column, layout)
    found = _features(path, own, layout)
    if labels is None:
        return found if found.labels is None else _known(found, found.labels, (), layout)
    if found.labels is not None:
        raise ValueError(f"labels={str(labels)!r} must be given once: {path.name} holds some too")
    other = checks.readable_file("labels", labels, ENDINGS)
    read_in = _labels(other, label_column, left_out, len(found.features))
    values, notes = read_in.values, read_in.notes
    if len(values) != len(found.features):
        raise ValueError(
            f"{other} must hold {len(found.features)} labels, one for each row of {path.name}, "
            f"not {len(values)}" + _advice(other, len(values), len(found.features))
        )
    return _known(found, values, notes, layout)


def _parts(
    path: Path, labels: str | Path | None, label_column: str | None, layout: Layout
) -> tuple[Layout, Layout]:
    """Layouts of the features and of the file of labels, each with what it leaves out."""
    if not layout.drop:
        return layout, layout
    column = () if label_column is None else (label_column,)
    other = None if labels is None else checks.readable_file("labels", labels, ENDINGS)
    own, theirs = (
        _open(file, layout, column) if file is not None and file.suffix.lower() in TABLES else None
        for file in (path, other)
    )
    named = None if labels is None else label_column
    first, second = shared(layout.drop, path, own, theirs, named)
    return replace(layout, drop=first), replace(layout, drop=second)


def _known(found: Table, labels: np.ndarray, notes: Sequence[str], layout: Layout) -> Table:
    """A table with its labels, and what there is to say of them."""
    labels = unmarked(labels, layout.unlabelled)
    notes = (*found.notes, *notes, *_leaks(found, labels), *doubts(labels))
    return replace(found, labels=labels, notes=notes)


def columns_of(
    file: str | Path, name: str, layout: Layout, wanted: Sequence[str] = ()
) -> tuple[str, ...] | None:
    """Names of the columns of a table, those of a first row that may be names too; else None."""
    path = checks.readable_file(name, file, ENDINGS)
    return _open(path, layout, wanted).names if path.suffix.lower() in TABLES else None


def read_labels(
    file: str | Path, count: int, name: str = "labels", layout: Layout | None = None
) -> np.ndarray:
    """Labels of ``count`` rows from a file of their own, read as `read` does."""
    return read_columns(file, count, name, layout)[0]


def read_columns(
    file: str | Path,
    count: int,
    name: str = "labels",
    layout: Layout | None = None,
    classes: Sequence[str] = (),
) -> tuple[np.ndarray, tuple[str, ...] | None]:
    """The same with the names of their columns, or None; ``classes`` are names that may be there.

    A first row of numbers that are the classes names the columns where there is one row too many.
    """
    path = checks.readable_file(name, file, ENDINGS)
    found = _labels(path, None, layout or Layout(), count, classes)
    if len(found.values) != count:
        advice = _advice(path, len(found.values), count)
        raise ValueError(
            f"{path} must hold {count} labels, one a row, not {len(found.values)}{advice}"
        )
    return found.values, found.names


def _features(path: Path, label_column: str | None, layout: Layout) -> Table:
    if path.suffix.lower() not in TABLES:
        if label_column is not None:
            raise ValueError(
                f"label_column={label_column!r} must go with a .csv, .tsv or .parquet file"
            )
        return _numpy_table(path)
    wanted = () if label_column is None else (label_column,)
    source = _open(path, layout, wanted)
    if isinstance(source, TextTable) and source.undecided:
        raise source.ask()
    found = _whole(path, lambda: assemble(source, wanted, layout.drop))
    labels = _column(source, found.labels[0], repr(label_column)) if found.labels else None
    notes = (_line(source, found, layout.drop, label_column), *found.notes)
    return Table(found.numbers, labels, found.names, notes)


@dataclass(frozen=True, eq=False)
class _OwnLabels:
    """Labels of a file of their own, notes, and the names of their columns or None."""

    values: np.ndarray
    notes: tuple[str, ...]
    names: tuple[str, ...] | None = None


def _labels(
    path: Path,
    label_column: str | None,
    layout: Layout,
    count: int,
    classes: Sequence[str] = (),
) -> _OwnLabels:
    """The labels of a file of their own, ``count`` of which are expected."""
    if path.suffix.lower() not in TABLES:
        if label_column is not None:
            raise ValueError(f"label_column={label_column!r} must go with a table, not {path.name}")
        values = _numpy_labels(path)
        return _OwnLabels(values, (f"{path.name}: labels of shape {values.shape}",))
    wanted = () if label_column is None else (label_column,)
    source = _open(path, layout, wanted)
    if isinstance(source, TextTable) and source.undecided:
        rows = sum(len(chunk[0]) for chunk in source.chunks())
        if rows not in (count, count - 1):
            raise source.ask()
        source.decide(header=rows == count)
    elif isinstance(source, TextTable) and _may_name(source, layout, classes):
        source.decide(header=sum(len(chunk[0]) for chunk in source.chunks()) == count + 1)
    found = _whole(path, lambda: label_columns(source, label_column, layout.drop))
    columns = [_column(source, column, str(k + 1)) for k, column in enumerate(found)]
    if len(columns) > 1 and any(column.dtype.kind not in "fiub" for column in columns):
        raise ValueError(
            f"{path} must hold one column of labels, or several of numbers: name one with "
            "--label-column"
        )
    values = columns[0] if len(columns) == 1 else np.column_stack(columns).astype(float)
    shown = f"column {label_column!r}" if label_column else f"{len(columns)} columns"
    head = (
        "" if not isinstance(source, TextTable) else f", header {'yes' if source.header else 'no'}"
    )
    out = f"; left out: {', '.join(map(repr, layout.drop))}" if layout.drop else ""
    notes = (f"{path.name}: {len(values)} labels, {shown}{head}{out}",)
    own = source.names
    if own is not None:
        own = tuple(own[k] for k in label_places(source, label_column, layout.drop))
    return _OwnLabels(values, notes, None if label_column else own)


def _may_name(source: TextTable, layout: Layout, classes: Sequence[str]) -> bool:
    """Whether a first row that was taken for data holds the names of all classes."""
    auto = layout.header == "auto" and not source.header
    return auto and len(source.first) > 1 and {*source.first} == {*classes}


def _open(path: Path, layout: Layout, wanted: Sequence[str]) -> TextTable | parquet.ParquetTable:
    if path.suffix.lower() == ".parquet":
        return cast(parquet.ParquetTable, _whole(path, lambda: parquet.ParquetTable(path, wanted)))
    return TextTable(path, layout, (*wanted, *layout.drop))


def _column(source: TextTable | parquet.ParquetTable, values: np.ndarray, name: str) -> np.ndarray:
    """A column of labels: texts of a table of texts as what they all are."""
    if not isinstance(source, TextTable):
        return values
    found = typed(values.tolist(), source.decimal)
    if found.dtype.kind not in "OU":
        return found
    told = {text for text in values.tolist() if not is_nothing(text)}
    grouped = {text for text in told if is_grouped(text.strip(), source.decimal)}
    if grouped and all(text in grouped or is_number(text, source.decimal) for text in told):
        row = next(k for k, text in enumerate(values) if text in grouped)
        raise ValueError(
            f"{source.path}, row {row + 1}, column {name}: a label must be a plain number or a "
            f"name but is {values[row]!r}{source.hint(values[row])}"
        )
    return found


def _numpy_table(path: Path) -> Table:
    if path.suffix.lower() == ".npy":
        found = _whole(path, lambda: _single_array(path, mmap_mode="r"))
        return Table(found, None, None, (f"{path.name}: {_shape(found)}",))
    arrays = _whole(path, lambda: _named_arrays(path, (FEATURE_NAMES, LABEL_NAMES)))
    (name, features), *rest = arrays
    note = f"{path.name}: {_shape(features)}, array {name!r}"
    if not rest:
        return Table(features, None, None, (f"{note}; no labels",))
    labels = _one_column(rest[0][1])
    return Table(features, labels, None, (f"{note}; labels: array {rest[0][0]!r}",))


def _numpy_labels(path: Path) -> np.ndarray:
    if path.suffix.lower() == ".npy":
        return _one_column(_whole(path, lambda: _single_array(path)))
    return _one_column(_whole(path, lambda: _named_arrays(path, (LABEL_NAMES,)))[0][1])


def _single_array(path: Path, **how: Any) -> np.ndarray:
    found = np.load(path, allow_pickle=False, **how)
    if not isinstance(found, np.ndarray):
        found.close()
        raise ValueError("it is an archive, whose name must end in .npz")
    return found


def _named_arrays(path: Path, wanted: Sequence[Sequence[str]]) -> list[tuple[str, np.ndarray]]:
    """The array with one of the first names, and with one of the others where there is one."""
    found = []
    loaded = np.load(path, allow_pickle=False)
    if isinstance(loaded, np.ndarray):
        raise ValueError("it is a single array, whose name must end in .npy")
    with loaded as file:
        if {"indices", "indptr", "data", "format"} <= {*file.files}:
            raise ValueError(
                f"{path} must hold a dense matrix, not a sparse one: reduce it first "
                "(scipy.sparse.load_npz, sklearn.decomposition.TruncatedSVD)"
            )
        for names in wanted:
            there = [name for name in names if name in file.files]
            if len(there) > 1:
                raise ValueError(
                    f"{path} must hold one array named {', '.join(names)}; it holds "
                    f"{' and '.join(there)}"
                )
            if there:
                found.append((there[0], file[there[0]]))
            elif not found:
                raise ValueError(
                    f"{path} must hold an array named {', '.join(names)}; it holds "
                    f"{', '.join(file.files) or 'none'}"
                )
    return found


def _whole(path: Path, load: Callable[[], Any]) -> Any:
    """What ``load`` reads; a file that is cut off or of another kind raises nearly anything."""
    try:
        return load()
    except MemoryError:
        raise
    except Exception as error:
        if str(path) in str(error):
            raise
        reason = str(error) or type(error).__name__
        if "pickle" in reason or "Python objects" in reason:
            reason = (
                "it is none, or holds Python objects (.astype(str) makes texts of names, "
                ".astype(float) numbers)"
            )
        ending = path.suffix.lower()
        raise ValueError(f"{path} must be a whole {ending} file: {reason}") from error


def _one_column(values: np.ndarray) -> np.ndarray:
    return values[:, 0] if values.ndim == 2 and values.shape[1] == 1 else values


def _shape(matrix: np.ndarray) -> str:
    if matrix.ndim != 2:
        return f"an array of shape {matrix.shape}"
    return f"{matrix.shape[0]} rows, {matrix.shape[1]} columns"


def _line(
    source: TextTable | parquet.ParquetTable,
    found: Assembled,
    drop: Sequence[str],
    label_column: str | None,
) -> str:
    """What was understood of a table of features."""
    parts = [f"{source.path.name}: {_shape(found.numbers)}{_header(source)}"]
    parts.append("no labels" if label_column is None else f"labels: column {label_column!r}")
    if drop:
        parts.append(f"left out: {', '.join(map(repr, drop))}")
    if isinstance(source, parquet.ParquetTable) and source.index:
        parts.append(f"no columns, but the row index: {', '.join(map(repr, source.index))}")
    return "; ".join(parts)


def _header(source: TextTable | parquet.ParquetTable) -> str:
    if not isinstance(source, TextTable):
        return ""
    return "; the first row is the header" if source.header else "; no header"


def _leaks(table: Table, labels: np.ndarray) -> list[str]:
    """A warning for each column of features that is a copy of the labels."""
    plain = labels.ndim == 1 and labels.dtype.kind in "fiub" and table.features.ndim == 2
    real = table.features.dtype.kind in "fiub"
    if not (plain and real) or len(labels) != len(table.features):
        return []
    first = np.asarray(table.features[:1000], dtype=float)
    alike = np.flatnonzero((first == labels[:1000, None]).all(axis=0))
    copies = [k for k in alike if np.array_equal(np.asarray(table.features[:, k]), labels)]
    names = [repr(table.columns[k]) if table.columns else str(k + 1) for k in copies]
    return [f"column {name} is a copy of the labels: leave it out" for name in names]


def _advice(path: Path, count: int, wanted: int) -> str:
    """What may be behind one label too many or too few, or behind far fewer."""
    if path.suffix.lower() not in TABLES:
        return ""
    if path.suffix.lower() != ".parquet" and abs(count - wanted) == 1:
        return " (is its first row a header, or not? --header yes or --header no)"
    some = "labels of some rows: kdverify labels, beside a column 'row' with their numbers from 0"
    return f" ({some})" if count < wanted else ""
