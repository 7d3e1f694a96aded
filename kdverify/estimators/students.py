"""Students: minimum norm and ridge, for numbers and for classes."""

from __future__ import annotations

from typing import Any

import numpy as np
from sklearn.base import BaseEstimator, MultiOutputMixin, RegressorMixin
from sklearn.utils import check_array, check_random_state
from sklearn.utils.multiclass import check_classification_targets
from sklearn.utils.validation import check_is_fitted, validate_data

from kdverify import checks
from kdverify.estimators.classes import OfClasses
from kdverify.estimators.curves import LearningCurve, MeasuredCurve
from kdverify.measurement import measure
from kdverify.prediction import predict
from kdverify.rows.question import Question
from kdverify.rows.training import train
from kdverify.seeds import seed_of
from kdverify.tables import labelled_rows, without_label

MODELS = ("rows", "gaussian")


class _Student(BaseEstimator):
    """What the students share: outputs (k, K) of a linear model, and curves."""

    fit_intercept: bool
    coef_: np.ndarray
    intercept_: Any

    def _ridge(self) -> float:
        return 0.0

    def _question(self, X: Any, y: Any, judged: str = "unseen", **labels: Any) -> Question:
        """The checked arguments of a learning curve of this student."""
        intercept = "fitted" if checks.flag("fit_intercept", self.fit_intercept) else "none"
        known, there = labelled_rows(X, y)
        checks.same_order("classes", labels.get("classes"), X)
        if labels.get("classes") is not None and there is not y:
            labels["classes"] = np.asarray(labels["classes"])[~without_label(y)]
        given = check_array(known, dtype=np.float64, input_name="X")
        return Question.of(given, there, intercept=intercept, judged=judged, **labels)

    def _outputs(self, X: Any) -> np.ndarray:
        check_is_fitted(self)
        features = validate_data(self, X, dtype=np.float64, reset=False)
        return np.asarray(features @ self.coef_.T + self.intercept_)

    def _predicted(self, question: Question, n: Any, model: str, **options: Any) -> LearningCurve:
        checks.choice("model", model, MODELS)
        sizes = checks.sample_sizes("n", n, share=False)
        given = options if model == "rows" else {}
        found = predict(question, sizes, "strong", ridges=self._ridge(), by=model, **given)
        return LearningCurve.of(found)

    def _measured(
        self, question: Question, n: Any, repetitions: int, random_state: Any, n_jobs: int | None
    ) -> MeasuredCurve:
        found = measure(
            question,
            checks.sample_sizes("n", n, share=False),
            "strong",
            ridges=self._ridge(),
            repetitions=repetitions,
            seed=seed_of(check_random_state(random_state)),
            n_jobs=n_jobs,
        )
        return MeasuredCurve.of(found)


class _RegressionStudent(MultiOutputMixin, RegressorMixin, _Student):
    """A student of labels that are numbers."""

    def fit(self, X: Any, y: Any) -> _RegressionStudent:
        """Train on rows X (n, p) and labels y, (n,) or (n, K)."""
        X, y = labelled_rows(X, y)
        X, y = validate_data(self, X, y, dtype=np.float64, multi_output=True, y_numeric=True)
        labels = checks.label_matrix("y", y, len(X))
        fitted = checks.flag("fit_intercept", self.fit_intercept)
        coefficients, level = train(X, labels, self._ridge(), fitted)
        single = y.ndim == 1
        self.coef_ = coefficients[:, 0] if single else coefficients.T
        self.intercept_ = float(level[0]) if single else level
        return self

    def predict(self, X: Any) -> np.ndarray:
        """Predictions, (k,) or (k, K) as the labels were."""
        return self._outputs(X)

    def predicted_learning_curve(
        self,
        X: Any,
        y: Any,
        n: Any,
        *,
        classes: Any = None,
        model: str = "rows",
        unseen: bool = True,
        finite_size: bool = True,
    ) -> LearningCurve:
        """The learning curve on n of these rows, without training.

        Args:
            X: (N, p) rows: the pool, of which a training set is n drawn at random.
            y: (N,) or (N, K) labels, as they are: their noise is part of the prediction.
            n: a sample size or several, not above N in practice; any positive number.  Below N
                samples are n different rows, else independent draws.
            classes: (N,) class of each row, to predict accuracy too: y is then one column
                of two values (read at their middle) or one-hot (the largest of K outputs,
                columns in the order of the sorted classes).
            model: ``"rows"``: (9) to (12) of the theory on the rows as they are;
                ``"gaussian"``: formula (2), which sees Sigma, beta* and the mean square of
                the residual only.
            unseen: judged on rows that the student was not trained on; False: on all rows.
            finite_size: whether there is the first-order correction for finite n
                (`kdverify.rows.FiniteSize`), which matters close to the rank; not for the
                Gaussian formula and least squares above the rank.

        Returns:
            `LearningCurve`.  Without ridge, n above the rank (of the centred rows, plus one
            for the intercept) is least squares; ``inf`` at the rank and up to one above.

        Raises:
            ValueError, TypeError: NaN, lengths that do not fit, constant columns only.

        Warns:
            UserWarning: where the theory cannot tell, as without a solution of (9) or for n too
                close to the rank; the point is NaN and the message says why.

        Source: theory, section 9; claims ``9.*``.
        """
        judged = "unseen" if unseen else "all"
        question = self._question(X, y, judged, classes=classes, task="regression")
        return self._predicted(question, n, model, finite_size=finite_size)

    def measured_learning_curve(
        self,
        X: Any,
        y: Any,
        n: Any,
        *,
        classes: Any = None,
        repetitions: int = 20,
        random_state: Any = None,
        n_jobs: int | None = None,
    ) -> MeasuredCurve:
        """The same by training ``repetitions`` times at each n; arguments as there."""
        question = self._question(X, y, classes=classes, task="regression")
        return self._measured(question, n, repetitions, random_state, n_jobs)


class MinNormRegressor(_RegressionStudent):
    """Minimum-norm interpolation for few rows, ordinary least squares for many.

    Of all b (and c, which costs nothing) with the least ``|y - c - Xb|^2`` the one with the
    least ``|b|``.  No hidden ridge.

    Args:
        fit_intercept: whether c is free, or zero.

    Attributes:
        coef_: (p,), or (K, p) for labels (n, K).
        intercept_: a number, or (K,).
        n_features_in_, feature_names_in_: as in scikit-learn.

    A constant column has coefficient 0 with an intercept; without one it is a column like
    any other.

    >>> import numpy as np
    >>> rows = np.array([[1.0, 0.0, 1.0], [0.0, 1.0, 1.0]])
    >>> MinNormRegressor(fit_intercept=False).fit(rows, [1.0, 1.0]).coef_.round(4).tolist()
    [0.3333, 0.3333, 0.6667]
    """

    def __init__(self, fit_intercept: bool = True) -> None:
        self.fit_intercept = fit_intercept


class RidgeStudent(_RegressionStudent):
    """Minimises ``|y - c - Xb|^2 + ridge |b|^2``, a sum over samples, with c free.

    ``ridge`` is scikit-learn's ``Ridge(alpha)``; 0 is `MinNormRegressor`.

    Args:
        ridge: not negative.
        fit_intercept: whether c is free, or zero.

    Attributes:
        coef_, intercept_: as in `MinNormRegressor`.
    """

    def __init__(self, ridge: float = 1.0, fit_intercept: bool = True) -> None:
        self.ridge = ridge
        self.fit_intercept = fit_intercept

    def _ridge(self) -> float:
        return checks.non_negative("ridge", self.ridge)


class MinNormClassifier(OfClasses, _Student):
    """`MinNormRegressor` on one-hot labels; the class is that of the largest output.

    Args:
        fit_intercept: whether each output has a free constant.

    Attributes:
        classes_: (K,) sorted, K >= 2.
        coef_: (K, p).
        intercept_: (K,).
    """

    def __init__(self, fit_intercept: bool = True) -> None:
        self.fit_intercept = fit_intercept

    def fit(self, X: Any, y: Any) -> MinNormClassifier:
        """Train on rows X (n, p) and classes y (n,) of any type."""
        X, y = labelled_rows(X, y)
        X, y = validate_data(self, X, y, dtype=np.float64)
        check_classification_targets(y)
        self.classes_, labels = _one_hot(y)
        fitted = checks.flag("fit_intercept", self.fit_intercept)
        coefficients, self.intercept_ = train(X, labels, 0.0, fitted)
        self.coef_ = coefficients.T
        return self

    def predicted_learning_curve(
        self, X: Any, y: Any, n: Any, *, model: str = "rows", finite_size: bool = True
    ) -> LearningCurve:
        """Squared error of the outputs, and accuracy; as `MinNormRegressor` has it.

        y are classes (N,).  The joint law of the K outputs takes K (K + 1)/2 linear systems.
        """
        question = self._classes_question(X, y)
        return self._predicted(question, n, model, finite_size=finite_size)

    def measured_learning_curve(
        self,
        X: Any,
        y: Any,
        n: Any,
        *,
        repetitions: int = 20,
        random_state: Any = None,
        n_jobs: int | None = None,
    ) -> MeasuredCurve:
        """The same by training ``repetitions`` times at each n, on all K columns each time."""
        question = self._classes_question(X, y)
        return self._measured(question, n, repetitions, random_state, n_jobs)

    def _classes_question(self, X: Any, y: Any) -> Question:
        return self._question(X, y, task="classes")


def _one_hot(y: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Classes and one-hot labels (n, K)."""
    classes, numbers = np.unique(y, return_inverse=True)
    if len(classes) < 2:
        raise ValueError(f"y must have at least 2 classes; it has only 1 class, {classes[0]!r}")
    return classes, np.eye(len(classes))[numbers]
