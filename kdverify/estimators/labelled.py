"""scikit-learn faces of section 13: a learning curve from few labels; ridge for classes."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
from sklearn.base import BaseEstimator
from sklearn.utils.multiclass import check_classification_targets
from sklearn.utils.validation import check_is_fitted, validate_data

from kdverify import checks, labels
from kdverify.estimators.classes import WithChances
from kdverify.estimators.students import _one_hot
from kdverify.rows.training import train


class RidgeClassifier(WithChances, BaseEstimator):
    """`RidgeStudent` on one-hot labels; the class is that of the largest output.

    Minimises ``|Y - c - XB|^2 + ridge |B|^2``, a sum over samples: for each class scikit-learn's
    ``Ridge(alpha)``.  Rows may have weights: each squared error counts so often.

    Args:
        ridge: not negative; 0 is the minimum norm.
        fit_intercept: whether each output has a free constant.

    Attributes:
        classes_: (C,) sorted; coef_: (C, p); intercept_: (C,).
    """

    def __init__(self, ridge: float = 1.0, fit_intercept: bool = True) -> None:
        self.ridge = ridge
        self.fit_intercept = fit_intercept

    def fit(self, X: Any, y: Any, sample_weight: Any = None) -> RidgeClassifier:
        """Train on rows X (n, p), classes y (n,) of any type, weights (n,) of mean 1 or None."""
        checks.same_order("y", y, X)
        checks.same_order("sample_weight", sample_weight, X)
        X, y = validate_data(self, X, y, dtype=np.float64)
        check_classification_targets(y)
        ridge = checks.non_negative("ridge", self.ridge)
        self.classes_, one_hot = _one_hot(y)
        intercept = checks.flag("fit_intercept", self.fit_intercept)
        if sample_weight is None:
            coefficients, self.intercept_ = train(X, one_hot, ridge, intercept)
        else:
            weights = checks.row_weights("sample_weight", sample_weight, len(X))
            centre = weights @ X / weights.sum() * intercept
            level = weights @ one_hot / weights.sum() * intercept
            roots = np.sqrt(weights)[:, None]
            coefficients, _ = train((X - centre) * roots, (one_hot - level) * roots, ridge, False)
            self.intercept_ = level - centre @ coefficients
        self.coef_ = coefficients.T
        return self

    def _outputs(self, X: Any) -> np.ndarray:
        check_is_fitted(self)
        rows = validate_data(self, X, dtype=np.float64, reset=False)
        return np.asarray(rows @ self.coef_.T + self.intercept_)


class LabelledCurve(BaseEstimator):
    """What more labels buy, from rows of which some are labelled.

    >>> # curve = LabelledCurve().fit(X, y)      y: NaN or None where there is no label
    >>> # curve.predict_curve([500, 1000]).needed("accuracy", 0.9)

    Args:
        student: ``"best"`` (the ridge of least risk at each n), ``"min-norm"`` or a number, the
            ridge as scikit-learn's alpha.
        task: ``"auto"``, ``"regression"`` or ``"classes"``.
        fit_intercept: whether students fit a constant.
        draws: of the unknown signal.
        random_state: seed.
        anyway: whether refused points have numbers too, beside the reasons.

    Attributes:
        setting_: rows and labels made ready; n_labelled_: labels at hand; classes_: their names.
        n_features_in_: as in scikit-learn.
    """

    def __init__(
        self,
        student: str | float = "best",
        task: str = "auto",
        fit_intercept: bool = True,
        draws: int = 24,
        random_state: int = 0,
        anyway: bool = False,
    ) -> None:
        self.student = student
        self.task = task
        self.fit_intercept = fit_intercept
        self.draws = draws
        self.random_state = random_state
        self.anyway = anyway

    def fit(self, X: Any, y: Any) -> LabelledCurve:
        """Read rows X (N, p) and labels y (N,), missing in some rows."""
        self.setting_ = labels.ask(
            X,
            y,
            task=self.task,
            intercept=checks.flag("fit_intercept", self.fit_intercept),
            seed=checks.count("random_state", self.random_state, 0, math.inf),
        )
        self.n_labelled_ = self.setting_.count
        self.n_features_in_ = int(np.shape(X)[1])
        if self.setting_.class_names:
            self.classes_ = np.array(self.setting_.class_names)
        return self

    def predict_curve(self, n: Any = None) -> labels.LabelCurve:
        """Risks and accuracies at n labels; 1, 2, 4, 8, 16 times those at hand by default."""
        check_is_fitted(self)
        sizes = None if n is None else [checks.count("n", one) for one in np.atleast_1d(n)]
        named = isinstance(self.student, str)
        ridge = None if named else checks.non_negative("student", self.student)
        students = (str(self.student),) if named else ("ridge",)
        if named:
            checks.choice("student", self.student, ("best", "min-norm"))
        return self._curve(sizes, students, ridge)

    def _curve(
        self, sizes: list[int] | None, students: tuple[str, ...] = ("best",), ridge: Any = None
    ) -> labels.LabelCurve:
        return labels.learning_curve(
            self.setting_,
            sizes,
            students,
            ridge,
            self.draws,
            self.random_state,
            anyway=self.anyway,
        )

    def worth(self, teacher: Any, name: str = "teacher") -> labels.Worth:
        """A teacher's worth in labels.

        Args:
            teacher: its labels for all rows, (N,) or (N, C); ``"ridge"``; or an estimator of
                scikit-learn, which is trained on the labels at hand and cross-fitted; it is
                given the rows in their own columns, as an array without names.
        """
        check_is_fitted(self)
        setting = self.setting_
        sizes = sorted({*labels.below(setting.count), *labels.default_sizes(setting.count)})
        curve = self._curve(sizes)
        given: Any
        if isinstance(teacher, str) or hasattr(teacher, "fit"):
            given = labels.fitted_teacher(teacher, setting)
        else:
            given = labels.teacher_labels(name, teacher, setting, setting.size)
        measured = setting.measured(setting.ridges())
        return labels.worth(name, setting, curve, given, measured, self.random_state)

    def plot(self, curve: labels.LabelCurve | None = None) -> Any:
        """Figure of risk against n: what is measured, what is predicted, with its interval."""
        from kdverify.report.labels_report import figure

        curve = self.predict_curve() if curve is None else curve
        title = f"{self.setting_.size} rows, rank {curve.rank}, {curve.n_labelled} labelled"
        return figure(curve, self.setting_, title, self.random_state)
