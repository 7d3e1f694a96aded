"""A question: rows, labels, and how students of them are trained and judged.

It is made once, checked once, and asked by every face: ``predict`` answers it before a student
is trained, ``measure`` by training.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import Any

import numpy as np

from kdverify import checks
from kdverify.rows.held_out import HeldOut
from kdverify.rows.label_numbers import class_text, label_numbers
from kdverify.rows.pool import Pool
from kdverify.rows.prediction import Moments
from kdverify.tables.labels import TASKS, Labels
from kdverify.tables.predictions import in_class_order

#: A column whose standard deviation is this small next to its largest entry is constant.
CONSTANT = 1e-12
#: Columns whose deviations differ by more than this factor get a note.
UNEQUAL = 1e6
#: Rows that are looked at together.
BLOCK = 4096
INTERCEPTS = ("fitted", "known", "none")
JUDGED = ("unseen", "all")
#: Square of the constant column over the trace of Sigma (and the ridge): the intercept is then
#: free but for a relative shrinkage of at most tau/s^2 < 1/(HEIGHT n).
HEIGHT = 1e3


@dataclass(frozen=True, eq=False, repr=False)
class Question:
    """Rows and labels, made ready.  Build it with `Question.of`.

    Attributes:
        pool: the rows, (N, p); without their mean where there is an intercept.
        labels: (N, K) float64, without ``level``; one-hot for classes; NaN in unlabelled rows.
        level: (K,) what was subtracted from the labels: their means where there is an intercept.
        classes: (N,) class numbers, -1 in unlabelled rows; None for regression.
        class_names: names of the classes, in the order of their numbers.
        threshold: for classes in one label column: above it an output means class 1.
        intercept: ``"fitted"``: students fit one (it costs nothing in a ridge); ``"known"``: the
            means of rows and labels are known, students are trained without; ``"none"``: there
            is none, rows and labels are taken as they are.
        judged: the rows that errors and accuracy are averaged over: ``"unseen"``: those that the
            student was not trained on; ``"all"`` of them; ``"held out"``: others (`judged_on`).
        labelled: (N,) bool.
        notes: what was done to the rows: constant columns dropped, and so on.
        settings: the arguments of `of`, for a record.
        held_out: the rows that students are judged on where these are not the question's own.
        index: of the data frame that the rows came in, or None.
    """

    pool: Pool
    labels: np.ndarray
    level: np.ndarray
    classes: np.ndarray | None = None
    class_names: tuple[str, ...] = ()
    threshold: float | None = None
    intercept: str = "fitted"
    judged: str = "unseen"
    labelled: np.ndarray = field(default_factory=lambda: np.empty(0, dtype=bool))
    notes: tuple[str, ...] = ()
    settings: dict[str, Any] = field(default_factory=dict)
    index: Any = None
    _columns: np.ndarray | None = None
    _mean: np.ndarray | None = None
    _scale: np.ndarray | None = None
    held_out: HeldOut | None = None

    @classmethod
    def of(
        cls,
        features: Any,
        labels: Any = None,
        *,
        classes: Any = None,
        task: str = "auto",
        intercept: str = "fitted",
        judged: str = "unseen",
        standardise: bool = False,
        weights: Any = None,
        level: Any = None,
    ) -> Question:
        """Check rows and labels and make them ready.

        Args:
            features: (N, p) numbers: an array, a data frame or a memory map.
            labels: (N,) or (N, K); numbers, or class names or numbers; NaN or None where a label
                is missing; or `tables.Labels`.  None: no labels, for what needs none.
            classes: (N,) class of each row, where ``labels`` are numbers: one column of two
                values (read at their middle), or one-hot columns in the order of the classes.
            task: ``"regression"``, ``"classes"`` or ``"auto"``: classes where labels are integers
                or texts.
            intercept, judged: see `Question`.
            standardise: divide every column by its standard deviation over the rows.
            weights: (N,) how often each row is drawn, relative to the others.
            level: (K,) what a student without rows says, for ``intercept="none"``: labels are
                taken less it, and outputs are read off with it.  None: zeros.

        Constant columns are dropped where there is an intercept, with a note; without one they
        are columns like any other, but for those of zeros.

        Raises:
            ValueError, TypeError: what is wrong, as ``name=value must ...``.
        """
        checks.choice("intercept", intercept, INTERCEPTS)
        checks.choice("judged", judged, JUDGED)
        checks.choice("task", task, TASKS)
        if hasattr(features, "toarray"):
            raise TypeError(
                f"features must be a dense matrix, not a sparse {type(features).__name__}: reduce "
                "it first, for example by sklearn.decomposition.TruncatedSVD"
            )
        matrix = checks.feature_rows("features", features)
        beside = {"labels": labels, "classes": classes, "weights": weights}
        for name, values in beside.items():
            checks.same_order(name, values, features)
        mean, spread, largest = _column_moments(matrix, weights)
        kept = spread > CONSTANT * largest
        varying = kept.any()
        notes = []
        if intercept == "none":
            kept = largest > 0
        if not varying:
            need = "at least 2 rows" if len(matrix) == 1 else "a column that is not constant"
            raise ValueError(f"features must have {need}")
        if not kept.all():
            kind = "columns of zeros" if intercept == "none" else "constant columns"
            notes.append(f"{int((~kept).sum())} {kind} were dropped")
        given = labels
        if labels is not None and not isinstance(labels, Labels):
            given = Labels.of(labels, len(matrix))
        y, numbers, names, threshold = label_numbers(given, classes, len(matrix), task)
        scale = spread if standardise else np.ones_like(spread)
        if standardise and (scale[kept] == 0).any():
            raise ValueError("standardise=True must go with columns that are not constant")
        centre = np.zeros_like(mean) if intercept == "none" else mean
        ready = np.asarray(matrix[:, kept], dtype=float) - centre[kept]
        if standardise:
            ready /= scale[kept]
        elif (factor := spread[kept].max() / spread[kept & (spread > 0)].min()) > UNEQUAL:
            notes.append(
                f"deviations of columns differ by a factor {factor:.0e}: students learn from the "
                "large ones only; standardising makes all equal"
            )
        if ready.shape[1] > ready.shape[0]:
            notes.append(
                f"more columns ({ready.shape[1]}) than rows ({ready.shape[0]}): the pool's own "
                "labels are interpolated by beta*, so that only what is said of unseen rows means "
                "much"
            )
        labelled = ~np.isnan(y).any(axis=1)
        said = np.zeros(y.shape[1])
        if level is not None:
            if intercept != "none":
                raise ValueError(f"intercept={intercept!r} must be 'none' where level is given")
            said = checks.real_vector("level", level, y.shape[1])
        elif intercept != "none" and y.size and labelled.any():
            shares = None if weights is None else np.asarray(weights)[labelled]
            said = np.average(y[labelled], axis=0, weights=shares)
        settings = {"intercept": intercept, "standardise": standardise, "task": task}
        if given is not None:
            chosen, because = given.task(task)
            settings |= {"chosen_task": chosen, "because": because}
        return cls(
            Pool(ready, weights),
            y - said,
            said,
            numbers,
            names,
            threshold,
            intercept,
            judged,
            labelled,
            tuple(notes),
            settings,
            checks.index_of(features),
            kept,
            centre,
            scale,
        )

    def __repr__(self) -> str:
        what = f"{len(self.class_names)} classes" if self.class_names else f"{self.outputs} outputs"
        return f"<Question: {self.size} rows, {self.pool.columns} columns, {what}>"

    @property
    def size(self) -> int:
        """Number of rows N."""
        return self.pool.size

    @property
    def outputs(self) -> int:
        """Number of label columns K; 0 where there are no labels."""
        return int(self.labels.shape[1])

    @property
    def rank(self) -> int:
        """Samples from which on a student without ridge is least squares."""
        return self.pool.rank + (self.intercept == "fitted")

    @cached_property
    def moments(self) -> Moments:
        """Of the rows with their labels: the truth that students are judged on."""
        self.need_labels()
        return Moments.of(self.pool, self.pool, self.labels)

    def need_labels(self) -> None:
        """Refuse rows without a label: a ValueError that says what to do."""
        if not self.outputs:
            raise ValueError("labels=None must be given: without labels there is no risk")
        missing = int((~self.labelled).sum())
        if missing:
            raise ValueError(
                f"labels of {missing} of {self.size} rows are missing; they must all be there: "
                "take question.labelled_part(), or kdverify.labels for what more labels buy"
            )

    def labelled_part(self) -> Question:
        """The same question of the labelled rows alone, with a note of how many are left out."""
        if self.labelled.all():
            return self
        if not self.labelled.any():
            raise ValueError("labels must not all be missing")
        kept = np.flatnonzero(self.labelled)
        left = f"{self.size - kept.size} of {self.size} rows have no label and are left out"
        return replace(self.at_rows(kept), notes=(*self.notes, left))

    def judged_on(self, features: Any, labels: Any) -> Question:
        """The same question, its students judged on other rows than its own.

        beta* stays that of the question's own rows, so that the excess risk is the mean square of
        prediction less ``x'beta*`` on the others.

        Args:
            features: (k, columns), in the columns and units of the question's own.
            labels: their true labels, as for `of`: numbers, or class names.
        """
        rows = np.asarray(checks.feature_rows("features", features), dtype=float)
        checks.same_order("labels", labels, features)
        columns = self.pool.columns if self._columns is None else self._columns.size
        if rows.shape[1] != columns:
            raise ValueError(f"features of shape {rows.shape} must have {columns} columns")
        if self._columns is not None and self._mean is not None and self._scale is not None:
            kept = self._columns
            rows = (rows[:, kept] - self._mean[kept]) / self._scale[kept]
        truth = self.outputs_of(labels, count=len(rows))
        classes = None if self.classes is None else self.named(truth)
        return replace(self, judged="held out", held_out=HeldOut(rows, truth, classes))

    def at_rows(self, kept: np.ndarray) -> Question:
        """The same question of the rows ``kept`` alone, centred anew."""
        full = np.asarray(self.pool.original(kept), dtype=float)
        labels = self.labels[kept]
        shift, level = np.zeros(full.shape[1]), np.zeros(self.outputs)
        weights = None if self.pool.weights is None else self.pool.weights[kept]
        known = self.labelled[kept]
        if self.intercept != "none":
            shift = np.average(full, axis=0, weights=weights)
            shares = None if weights is None else weights[known]
            if labels.size and known.any():
                level = np.average(labels[known], axis=0, weights=shares)
        mean = None
        if self._mean is not None and self._columns is not None and self._scale is not None:
            mean = self._mean.copy()
            mean[self._columns] += shift * self._scale[self._columns]
        return replace(
            self,
            pool=Pool(full - shift, weights),
            labels=labels - level,
            level=self.level + level,
            classes=None if self.classes is None else self.classes[kept],
            labelled=self.labelled[kept],
            index=None if self.index is None else self.index[kept],
            _mean=mean,
            held_out=None if self.held_out is None else self.held_out.moved(shift, level),
        )

    def theory_pool(self, ridge: float) -> Pool:
        """The rows as the theory sees them: with a constant column last for a fitted intercept.

        A constant column of height s has the coefficient ``c / s``, that costs ``(c/s)^2``: for
        large s a free intercept, and the degree of freedom that it takes comes out by itself.
        """
        if self.intercept != "fitted":
            return self.pool
        known = self._extended.get(ridge)
        if known is None:
            rows = np.asarray(self.pool.original(), dtype=float)
            known = Pool(self._with_constant(rows, ridge), self.pool.weights)
            self._extended.clear()  # one at a time: a pool holds all rows
            self._extended[ridge] = known
        return known

    def held_out_in(self, pool: Pool, ridge: float) -> Pool:
        """Held-out rows in the coordinates of ``pool``, that is `theory_pool` at ``ridge``."""
        assert self.held_out is not None
        return pool.beside(self._with_constant(self.held_out.rows, ridge))

    @property
    def judged_among(self) -> tuple[Pool, np.ndarray, np.ndarray | None]:
        """Rows that students may be judged on, their labels and classes."""
        if self.held_out is None:
            return self.pool, self.labels, self.classes
        held = self.held_out
        return self.pool.beside(held.rows), held.labels, held.classes

    def _with_constant(self, rows: np.ndarray, ridge: float) -> np.ndarray:
        if self.intercept != "fitted":
            return rows
        height = np.sqrt(HEIGHT * (self._trace + ridge))
        return np.column_stack([rows, np.full(len(rows), height)])

    @cached_property
    def _trace(self) -> float:
        return float(np.trace(self.pool.covariance))

    @cached_property
    def _extended(self) -> dict[float, Pool]:
        return {}

    def given_rows(self) -> np.ndarray:
        """The rows in the columns and units that they were given in, (N, columns)."""
        if self._columns is None or self._mean is None or self._scale is None:
            return self.pool.original()
        rows = np.tile(self._mean, (self.size, 1))
        kept = self._columns
        rows[:, kept] += self.pool.original() * self._scale[kept]
        return rows

    def outputs_of(self, given: Any, name: str = "labels", count: int | None = None) -> np.ndarray:
        """Labels of ``count`` rows (all: N) as users give them, (count, K), less ``level``.

        Class names or numbers become one-hot; numbers are taken as they are; none may be missing.
        """
        if count is None:
            checks.same_order(name, given, self)
            count = self.size
        if not isinstance(given, Labels):
            given = Labels.of(in_class_order(name, given, self.class_names), count, name)
        known = given
        if known.missing.any():
            place = int(known.missing.argmax())
            raise ValueError(f"{name} must be there for every row; row {place} (from 0) has none")
        if self.classes is not None and self.threshold is None and known.values.ndim == 1:
            number_of = {text: number for number, text in enumerate(self.class_names)}
            texts = [class_text(value, number_of) for value in known.values.tolist()]
            strange = sorted(set(texts) - number_of.keys())
            if strange:
                raise ValueError(f"{name} must be among the classes; {strange[0]!r} is not")
            labels = np.eye(len(number_of))[[number_of[text] for text in texts]]
        else:
            labels = known.numbers(name)
        if labels.shape[1] != self.outputs:
            raise ValueError(f"{name} must have {self.outputs} columns, not {labels.shape[1]}")
        return labels - self.level

    def right(self, outputs: np.ndarray, chosen: Sequence[int] | np.ndarray) -> np.ndarray:
        """(k,) bool: whether outputs (k, K), ``level`` not added, name the class of each row."""
        assert self.classes is not None
        return np.asarray(self.named(outputs) == self.classes[chosen])

    def named(self, outputs: np.ndarray) -> np.ndarray:
        """(k,) class numbers that outputs (k, K), ``level`` not added, name."""
        scores = outputs + self.level
        if self.threshold is None:
            return np.asarray(scores.argmax(axis=1))
        return np.asarray((scores[:, 0] > self.threshold).astype(int))


def _column_moments(matrix: np.ndarray, weights: Any) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Mean, standard deviation and largest entry of every column, whatever its scale."""
    shares = np.ones(len(matrix))
    if weights is not None:
        shares = checks.row_weights("weights", weights, len(matrix))
    shares = shares / len(matrix)
    parts = [slice(start, start + BLOCK) for start in range(0, len(matrix), BLOCK)]
    largest = np.zeros(matrix.shape[1])
    for part in parts:
        np.maximum(largest, np.abs(np.asarray(matrix[part], dtype=float)).max(axis=0), out=largest)
    unit = np.where(largest > 0, largest, 1.0)
    mean, square = np.zeros((2, unit.size))
    for part in parts:
        mean += shares[part] @ (np.ascontiguousarray(matrix[part], dtype=float) / unit)
    for part in parts:
        block = np.ascontiguousarray(matrix[part], dtype=float)
        square += shares[part] @ np.square(block / unit - mean)
    return mean * unit, np.sqrt(square) * unit, largest
