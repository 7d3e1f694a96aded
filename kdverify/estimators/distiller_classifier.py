"""Distillation where the labels are classes."""

from __future__ import annotations

from typing import Any

import numpy as np
from sklearn.base import BaseEstimator, ClassifierMixin, clone, is_classifier
from sklearn.utils.validation import check_is_fitted, validate_data

from kdverify.checks.frames import cells
from kdverify.estimators.classes import WithChances
from kdverify.estimators.distiller import (
    Distillation,
    Distiller,
    _is_fitted,
    _missing,
    marked_as_none,
)
from kdverify.estimators.students import MinNormClassifier


class DistillerClassifier(WithChances, Distillation):
    """`Distiller` for classes: the surrogate's chances are the labels of a student of numbers.

    Args:
        surrogate: a classifier, or None for `MinNormClassifier`; fitted on the labelled rows.
        student: a regressor, as in `Distiller`.
        label_transform, rule, residual, n, split, random_state: as in `Distiller`.

    Attributes:
        classes_: (C,) sorted.
        distiller_: the fitted `Distiller`.

    ``predict`` names the class of the largest output, ``predict_proba`` reads the outputs as
    chances, ``score`` is the accuracy.  Rows without a label have y = NaN, None or -1, a number
    of any type; where there are some, cross-validation should be given the labelled rows.
    """

    def fit(self, X: Any, y: Any = None, X_unlabelled: Any = None) -> DistillerClassifier:
        """Fit the surrogate on the labelled rows, and the student on its chances of the others.

        Raises:
            ValueError, TypeError: as `Distiller`; a surrogate that is no classifier.
        """
        validate_data(self, X, dtype=np.float64)
        surrogate = MinNormClassifier() if self.surrogate is None else self.surrogate
        if not is_classifier(surrogate):
            raise TypeError(f"surrogate={surrogate!r} must be a classifier")
        if not _is_fitted(surrogate):
            if y is None:
                raise ValueError(
                    "This DistillerClassifier requires y to be passed, but the target y is None"
                )
            present = cells(y)[~_missing(y, True)]
            if np.unique(present.astype(str)).size < 2:
                rule = ' beside -1, which is "no label"' * bool(marked_as_none(cells(y)).any())
                raise ValueError(
                    f"y must have at least 2 classes{rule}; it has only 1 class or none"
                )
        self.distiller_ = Distiller(
            **self.get_params(deep=False)
            | {
                "student": None if self.student is None else clone(self.student),
                "surrogate": _Chances(surrogate),
            }
        )
        self.distiller_.fit(X, y, X_unlabelled)
        self.classes_ = self.distiller_.surrogate_.classes_
        return self

    def _outputs(self, X: Any) -> np.ndarray:
        check_is_fitted(self)
        validate_data(self, X, dtype=np.float64, reset=False)
        return np.asarray(self.distiller_.predict(X))


class _Chances(ClassifierMixin, BaseEstimator):
    """A classifier with one column of chances a class, whatever it has itself."""

    def __init__(self, classifier: Any) -> None:
        self.classifier = classifier

    def __sklearn_is_fitted__(self) -> bool:
        return hasattr(self, "fitted_") or _is_fitted(self.classifier)

    def fit(self, X: Any, y: Any) -> _Chances:
        values = np.asarray(y)
        if values.dtype.kind == "O":
            values = np.array(values.tolist())
        if values.dtype.kind == "f" and (values % 1 == 0).all():
            values = values.astype(int)
        self.fitted_ = clone(self.classifier).fit(X, values)
        return self

    @property
    def classes_(self) -> np.ndarray:
        return np.asarray(self._own.classes_)

    @property
    def _own(self) -> Any:
        return getattr(self, "fitted_", self.classifier)

    def predict_proba(self, X: Any) -> np.ndarray:
        if hasattr(self._own, "predict_proba"):
            return np.asarray(self._own.predict_proba(X))
        named = np.asarray(self._own.predict(X))[:, None] == self.classes_
        return named.astype(float)
