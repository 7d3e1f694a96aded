"""Predicted learning curves of scikit-learn's own linear models, and of pipelines that end in one.

    predicted_learning_curve(make_pipeline(StandardScaler(), Ridge(10.0)), X, y, n=[50, 100])

A ``Ridge`` is a `RidgeStudent`, a ``LinearRegression`` a `MinNormRegressor`; a ``RidgeCV`` takes at
each n the penalty of its grid with the least error.  The steps before the last are fitted once, on
all of the rows: the curve is that of the last step on n of the rows that they make.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from sklearn.base import clone
from sklearn.linear_model import LinearRegression, Ridge, RidgeCV
from sklearn.pipeline import Pipeline

from kdverify import checks
from kdverify.estimators.curves import LearningCurve
from kdverify.estimators.students import MinNormRegressor, RidgeStudent, _RegressionStudent
from kdverify.tables import labelled_rows


def predicted_learning_curve(estimator: Any, X: Any, y: Any, n: Any, **options: Any) -> Any:
    """The learning curve of an estimator on n of these rows, without training.

    Args:
        estimator: a student of `kdverify.estimators`, scikit-learn's ``Ridge``, ``RidgeCV`` or
            ``LinearRegression``, or a ``Pipeline`` that ends in one of them.
        X, y, n, options: as `MinNormRegressor.predicted_learning_curve` has them; steps of a
            pipeline see X as it is, but for rows without a label.

    Returns:
        `LearningCurve`.  For ``RidgeCV`` the curve of the best penalty at each n, summed over
        labels: what choosing among few samples loses is not in it.

    Raises:
        TypeError: an estimator that is not linear least squares with a ridge.
        ValueError: ``Ridge(positive=True)``, one penalty for each label.
    """
    if isinstance(estimator, Pipeline):
        X, y = labelled_rows(X, y)
        if len(estimator.steps) > 1:
            X = clone(estimator[:-1]).fit_transform(X, y)
        return predicted_learning_curve(estimator[-1], X, y, n, **options)
    if hasattr(estimator, "predicted_learning_curve"):
        return estimator.predicted_learning_curve(X, y, n, **options)
    curves = [one.predicted_learning_curve(X, y, n, **options) for one in _students(estimator)]
    return LearningCurve.least(curves)


def _students(estimator: Any) -> list[_RegressionStudent]:
    """The students that an estimator of scikit-learn is, or chooses among."""
    if not isinstance(estimator, Ridge | RidgeCV | LinearRegression):
        raise TypeError(
            f"estimator must be a student, Ridge, RidgeCV, LinearRegression or a Pipeline that "
            f"ends in one, not {type(estimator).__name__}"
        )
    intercept = bool(estimator.fit_intercept)
    if getattr(estimator, "positive", False):
        raise ValueError("estimator with positive=True must be without: it is not linear")
    if isinstance(estimator, LinearRegression):
        return [MinNormRegressor(intercept)]
    if isinstance(estimator, RidgeCV) and estimator.alpha_per_target:
        raise ValueError("estimator with alpha_per_target=True must have one penalty for all")
    alphas = np.atleast_1d(estimator.alphas if isinstance(estimator, RidgeCV) else estimator.alpha)
    if isinstance(estimator, Ridge) and len(alphas) > 1:
        raise ValueError("estimator with several alpha must have one penalty for all labels")
    return [RidgeStudent(checks.non_negative("alpha", alpha), intercept) for alpha in alphas]
