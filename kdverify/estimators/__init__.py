"""scikit-learn estimators: students whose learning curves are known before training.

model = MinNormRegressor()
model.predicted_learning_curve(X, y, n=[50, 100, 200])      # nothing is trained
model.measured_learning_curve(X, y, n=[50, 100, 200])       # to see it confirmed
PredictedCurveDisplay.from_pool(model, X, y, n=[50, 100, 200])
Distiller(surrogate=..., label_transform="mask").fit(X, y)        # unlabelled rows have y = NaN
"""

from __future__ import annotations

from kdverify.estimators.curves import LearningCurve, MeasuredCurve
from kdverify.estimators.display import PredictedCurveDisplay
from kdverify.estimators.distiller import Distiller
from kdverify.estimators.distiller_classifier import DistillerClassifier
from kdverify.estimators.labelled import LabelledCurve, RidgeClassifier
from kdverify.estimators.learning import predicted_learning_curve
from kdverify.estimators.students import MinNormClassifier, MinNormRegressor, RidgeStudent

__all__ = [
    "Distiller",
    "DistillerClassifier",
    "LabelledCurve",
    "LearningCurve",
    "MeasuredCurve",
    "MinNormClassifier",
    "MinNormRegressor",
    "PredictedCurveDisplay",
    "RidgeClassifier",
    "RidgeStudent",
    "predicted_learning_curve",
]
