"""Distillation: a student on the labels of a surrogate, gained or masked on the way."""

from __future__ import annotations

from numbers import Real
from typing import Any

import numpy as np
from sklearn.base import BaseEstimator, RegressorMixin, clone, is_classifier
from sklearn.exceptions import NotFittedError
from sklearn.linear_model import LinearRegression, Ridge
from sklearn.utils import check_consistent_length, check_random_state
from sklearn.utils.validation import check_array, check_is_fitted, validate_data

from kdverify import checks
from kdverify.checks.frames import cells
from kdverify.estimators import transforms
from kdverify.estimators.students import MinNormRegressor, RidgeStudent
from kdverify.rows.modes import RESIDUALS
from kdverify.rows.question import Question
from kdverify.tables import labels_at, without_label


class Distillation(BaseEstimator):
    """The settings of a distillation, as `Distiller` describes them."""

    def __init__(
        self,
        student: Any = None,
        surrogate: Any = None,
        *,
        label_transform: str = "none",
        rule: str = "rows",
        residual: str = "drop",
        n: int | None = None,
        split: float = 0.5,
        random_state: Any = None,
    ) -> None:
        self.student = student
        self.surrogate = surrogate
        self.label_transform = label_transform
        self.rule = rule
        self.residual = residual
        self.n = n
        self.split = split
        self.random_state = random_state


class Distiller(RegressorMixin, Distillation):
    """Trains a student on a surrogate's labels of unlabelled rows.

    Which rows are whose:

    * The **surrogate** is fitted on the labelled rows of ``fit(X, y)``; one that is fitted
      already is used as it is, and y is not looked at (cross-validation clones, which forgets
      a fit: wrap it in ``sklearn.frozen.FrozenEstimator``).
    * The **student** trains on ``n`` of the unlabelled rows: those whose y is NaN (None, or
      -1 where the surrogate is a classifier, as in ``sklearn.semi_supervised``), and
      ``X_unlabelled``.  In a pipeline the first way sends all rows through the same steps.
    * With neither, the rows are split at random, the share ``split`` for the surrogate; a
      fitted surrogate labels all of them.

    A transform acts on the eigenmodes of the covariance of all rows that are known, and needs
    no labels: the surrogate's labels are split into a linear part (least squares on these
    rows), whose coefficients are multiplied mode by mode, and a residual.

    Args:
        surrogate: any regressor, or classifier, whose class probabilities are then the
            labels; None is `MinNormRegressor`.
        student: any regressor; None is `MinNormRegressor`.  With a transform one of
            `MinNormRegressor`, `RidgeStudent`, ``LinearRegression`` (minimum norm as well),
            ``Ridge``: the theory must know its ridge.
        label_transform: ``"none"``: the labels as they are; ``"gain"``: the best gain of each
            mode; ``"mask"``: weak modes are hidden.
        rule: ``"rows"``: gains and masks for the rows as they are; ``"gaussian"``: those of
            the Gaussian theory, from the eigenvalues.
        residual: what a transform does with the part of the labels that is not linear.  It
            is uncorrelated with the features, so that a linear student learns nothing from
            it and suffers it as noise: ``"drop"``, or ``"keep"``.
        n: number of rows that the student trains on, drawn at random; None: all that are
            unlabelled.  A transform changes something only for n below the rank of the
            known rows (or with a ridge).
        split: share of the rows for the surrogate where no row is unlabelled.
        random_state: of the split and of the draw.

    Attributes:
        surrogate_, student_: the fitted ones.
        n_samples_: rows that the student was trained on.
        factors_: factor of each eigenmode, by falling eigenvalue, (p,) (as many as there are
            rows where these are fewer); ones for ``"none"``.

    Source: sections 3, 4, 6 and 9 of the theory; claims ``6.trainable``, ``9.*``.
    """

    def fit(self, X: Any, y: Any = None, X_unlabelled: Any = None) -> Distiller:
        """Fit the surrogate where that is to be done, and the student.

        Args:
            X: (N, p) rows.
            y: (N,) or (N, K) labels of the surrogate, NaN where there are none; None where
                the surrogate is fitted.
            X_unlabelled: (k, p) more rows, without labels.

        Raises:
            ValueError, TypeError: bad arguments; no labelled row for a surrogate that is not
                fitted, or no row for the student.
        """
        checks.choice("label_transform", self.label_transform, transforms.TRANSFORMS)
        checks.choice("rule", self.rule, transforms.RULES)
        checks.choice("residual", self.residual, RESIDUALS)
        generator = check_random_state(self.random_state)
        checks.same_order("y", y, X)
        features = validate_data(self, X, dtype=np.float64)
        extra = self._extra(X_unlabelled)
        labelled, unlabelled = self._parts(features, y, extra is not None, generator)
        self.surrogate_ = self._surrogate(_rows(X, features, labelled), y, labelled)
        known = features if extra is None else np.vstack([features, extra])
        free = np.concatenate([unlabelled, np.arange(len(features), len(known))])
        chosen = self._chosen(free, generator)
        frames = [_rows(X, features, slice(None))]
        if extra is not None:
            frames.append(_rows(X_unlabelled, extra, slice(None)))
        labels = self._labels(frames, known, chosen)
        self.student_ = clone(MinNormRegressor() if self.student is None else self.student)
        self.student_.fit(known[chosen], labels)
        self.n_samples_ = chosen.size
        return self

    def predict(self, X: Any) -> np.ndarray:
        """The student's predictions, shaped as the surrogate's labels."""
        check_is_fitted(self)
        return np.asarray(
            self.student_.predict(validate_data(self, X, dtype=np.float64, reset=False))
        )

    def __sklearn_tags__(self) -> Any:
        tags = super().__sklearn_tags__()
        tags.target_tags.multi_output = True
        return tags

    def _extra(self, X_unlabelled: Any) -> np.ndarray | None:
        if X_unlabelled is None:
            return None
        found = np.asarray(check_array(X_unlabelled, dtype=np.float64, input_name="X_unlabelled"))
        if found.shape[1] != self.n_features_in_:
            raise ValueError(
                f"X_unlabelled of shape {found.shape} must have {self.n_features_in_} columns as X"
            )
        validate_data(self, X_unlabelled, reset=False, skip_check_array=True)  # names of columns
        return found

    def _parts(
        self, features: np.ndarray, y: Any, more: bool, generator: np.random.RandomState
    ) -> tuple[np.ndarray, np.ndarray]:
        """Numbers of the rows for the surrogate and of those for the student."""
        everything = np.arange(len(features))
        if _is_fitted(self.surrogate):
            return everything[:0], everything
        if y is None:
            raise ValueError(
                "This Distiller requires y to be passed, but the target y is None: its surrogate "
                "is not fitted (clones never are; FrozenEstimator keeps a fit)"
            )
        check_consistent_length(features, y)
        missing = _missing(y, self.surrogate is not None and _classifies(self.surrogate))
        if missing.all():
            raise ValueError("y must have a labelled row: the surrogate is not fitted")
        if missing.any() or more:
            return everything[~missing], everything[missing]
        split = checks.number("split", self.split)
        if not 0 < split < 1:
            raise ValueError(f"split={self.split!r} must lie between 0 and 1")
        if len(features) < 2:
            raise ValueError("X of n_samples=1 must have 2 rows at least, to be split")
        order = generator.permutation(len(features))
        cut = min(max(round(split * len(features)), 1), len(features) - 1)
        return np.sort(order[:cut]), np.sort(order[cut:])

    def _surrogate(self, features: Any, y: Any, labelled: np.ndarray) -> Any:
        if _is_fitted(self.surrogate):
            return self.surrogate
        surrogate = clone(MinNormRegressor() if self.surrogate is None else self.surrogate)
        return surrogate.fit(features, labels_at(y, labelled))

    def _chosen(self, free: np.ndarray, generator: np.random.RandomState) -> np.ndarray:
        if self.n is None:
            return free
        n = checks.count("n", self.n)
        if n > free.size:
            raise ValueError(f"n={n} must be at most the number of unlabelled rows, {free.size}")
        return np.sort(generator.choice(free, n, replace=False))

    def _labels(self, frames: list[Any], known: np.ndarray, chosen: np.ndarray) -> np.ndarray:
        """What the student trains on, for the rows ``chosen``; sets ``factors_``."""
        if self.label_transform == "none":
            self.factors_ = np.ones(min(known.shape))
            return self._outputs(frames, chosen)
        ridge, fit_intercept = _units(self.student)
        question = Question.of(known, intercept="fitted" if fit_intercept else "none")
        modes = transforms.Modes(question, chosen.size, ridge, self.label_transform, self.rule)
        self.factors_ = modes.factors
        outputs = self._outputs(frames, np.arange(len(known)))
        labels = outputs[:, None] if outputs.ndim == 1 else outputs
        changed = modes.changed(labels, self.residual)
        return np.asarray(changed[chosen].reshape(-1, *outputs.shape[1:]))

    def _outputs(self, frames: list[Any], chosen: np.ndarray) -> np.ndarray:
        """The surrogate's labels of the rows ``chosen`` of all frames: (k,) or (k, K)."""
        found, start = [], 0
        for frame in frames:
            inside = chosen[(chosen >= start) & (chosen < start + len(frame))] - start
            if inside.size:
                found.append(_respond(self.surrogate_, _rows(frame, frame, inside)))
            start += len(frame)
        return np.concatenate(found)


def _respond(surrogate: Any, features: Any) -> np.ndarray:
    for method in ("predict_proba", "decision_function"):
        if _classifies(surrogate) and hasattr(surrogate, method):
            return np.asarray(getattr(surrogate, method)(features), dtype=float)
    return np.asarray(surrogate.predict(features), dtype=float)


def _classifies(model: Any) -> bool:
    """What scikit-learn says of its own kind; of another model, whether it gives chances."""
    if hasattr(model, "__sklearn_tags__"):
        return bool(is_classifier(model))
    return hasattr(model, "predict_proba")


def _rows(given: Any, features: Any, chosen: Any) -> Any:
    """The rows ``chosen``: of a data frame as a data frame, with its names."""
    return given.iloc[chosen] if hasattr(given, "iloc") else features[chosen]


def _is_fitted(estimator: Any) -> bool:
    if estimator is None:
        return False
    if not hasattr(estimator, "fit"):
        return True
    try:
        check_is_fitted(estimator)
    except NotFittedError:
        return False
    return True


def _missing(y: Any, classes: bool) -> np.ndarray:
    """(N,) bool: rows without a label."""
    found = without_label(y)
    values = cells(y)
    if classes:
        marked = marked_as_none(values)
        found = found | (marked if marked.ndim == 1 else marked.any(axis=1))
    return found


def marked_as_none(values: np.ndarray) -> np.ndarray:
    """Where labels are the number -1 of any type, which stands for no label of a class."""
    every = np.ma.getdata(values)
    if every.dtype.kind in "fi":
        return np.asarray(every == -1)
    said = [isinstance(v, Real) and not isinstance(v, bool) and v == -1 for v in every.flat]
    return np.array(said, dtype=bool).reshape(every.shape)


def _units(student: Any) -> tuple[float, bool]:
    """Ridge and intercept of a student whose theory is known."""
    if student is None:
        return 0.0, True
    if isinstance(student, RidgeStudent):
        return checks.non_negative("ridge", student.ridge), bool(student.fit_intercept)
    if isinstance(student, Ridge):
        return checks.non_negative("alpha", student.alpha), bool(student.fit_intercept)
    if isinstance(student, MinNormRegressor) or (
        isinstance(student, LinearRegression) and not student.positive
    ):
        return 0.0, bool(student.fit_intercept)
    raise TypeError(
        f"student={checks.shown(student)} must be a MinNormRegressor, RidgeStudent, "
        "LinearRegression or Ridge where there is a transform"
    )
