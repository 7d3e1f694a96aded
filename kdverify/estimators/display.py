"""A plot of a learning curve: predicted as a line, measured as markers."""

from __future__ import annotations

from typing import Any

import numpy as np

from kdverify import checks
from kdverify.estimators.curves import LearningCurve, MeasuredCurve
from kdverify.report.colours import COLOURS
from kdverify.report.figures import means

SCORES = {
    "error": "squared error on unseen rows",
    "excess_risk": "excess risk",
    "accuracy": "accuracy on unseen rows",
}


class PredictedCurveDisplay:
    """Learning curves of one student, drawn as scikit-learn's displays are.

    Build it with `from_pool`, or from curves that are there already.

    Args:
        predicted: the line.
        gaussian: formula (2), dashed; None leaves it out.
        measured: markers with intervals of the mean; None leaves them out.
        score: ``"error"``, ``"excess_risk"`` or ``"accuracy"``.
        confidence: of the intervals, Student's.

    Attributes:
        ax_, figure_: of the last `plot`.
        line_, gaussian_line_, errorbar_: what was drawn, or None.
    """

    def __init__(
        self,
        *,
        predicted: LearningCurve,
        gaussian: LearningCurve | None = None,
        measured: MeasuredCurve | None = None,
        score: str = "error",
        confidence: float = 0.95,
    ) -> None:
        self.predicted, self.gaussian, self.measured = predicted, gaussian, measured
        self.score = checks.choice("score", score, tuple(SCORES))
        self.confidence = checks.positive("confidence", confidence)
        checks.below("confidence", self.confidence, 1, "one")
        if score == "accuracy" and predicted.accuracy is None:
            raise ValueError("score='accuracy' must come with classes")

    @classmethod
    def from_pool(
        cls,
        estimator: Any,
        X: Any,
        y: Any,
        n: Any,
        *,
        measure_at: Any = None,
        repetitions: int = 20,
        score: str | None = None,
        gaussian: bool = True,
        finite_size: bool = True,
        confidence: float = 0.95,
        random_state: Any = None,
        n_jobs: int | None = None,
        ax: Any = None,
        **options: Any,
    ) -> PredictedCurveDisplay:
        """Predict, measure and plot.

        Args:
            estimator: a `MinNormRegressor`, `RidgeStudent` or `MinNormClassifier`.
            X, y, n, finite_size: as in its ``predicted_learning_curve``, and so are further
                ``options`` (``classes``).
            measure_at: sample sizes to train at, ``n`` by default; an empty list: none.
            repetitions: students that are trained at each of them.
            score: None: accuracy where there are classes, else error.
            gaussian: whether formula (2) is drawn too.
            random_state, n_jobs: of the measurement, which does not depend on ``n_jobs``.
            ax: axes to draw on; None makes a figure.
        """
        predicted = estimator.predicted_learning_curve(X, y, n, finite_size=finite_size, **options)
        dashed = None
        if gaussian:
            dashed = estimator.predicted_learning_curve(X, y, n, model="gaussian", **options)
        sizes = predicted.n if measure_at is None else measure_at
        measured = None
        if len(sizes):
            measured = estimator.measured_learning_curve(
                X, y, sizes, repetitions=repetitions, random_state=random_state, n_jobs=n_jobs,
                **options,
            )  # fmt: skip
        if score is None:
            score = "error" if predicted.accuracy is None else "accuracy"
        display = cls(
            predicted=predicted,
            gaussian=dashed,
            measured=measured,
            score=score,
            confidence=confidence,
        )
        return display.plot(ax=ax)

    def plot(self, ax: Any = None) -> PredictedCurveDisplay:
        """Draw on ``ax``, or on a new figure; points that are not finite are left out.

        Where one draw carries a measured mean its median is drawn, with a note.
        """
        if ax is None:
            from matplotlib import pyplot

            _, ax = pyplot.subplots(layout="constrained")
        self.line_ = self._line(ax, self.predicted, "-", COLOURS[1], "predicted from the rows")
        self.gaussian_line_ = self.errorbar_ = None
        if self.gaussian is not None:
            self.gaussian_line_ = self._line(
                ax, self.gaussian, "--", COLOURS[2], "Gaussian formula"
            )
        if self.measured is not None:
            self.errorbar_ = means(
                ax,
                self.measured.n,
                self.measured.values[self.score],
                self.measured.half_width(self.score, self.confidence),
                0,
                f"measured, {100 * self.confidence:g} % intervals",
            )
        ax.set(xlabel="samples n", ylabel=SCORES[self.score], xscale="log")
        if self.score != "accuracy":
            ax.set_yscale("log")
        ax.grid(visible=True, which="major", color="#dddddd", linewidth=0.6)
        ax.legend(frameon=False)
        self.ax_, self.figure_ = ax, ax.figure
        return self

    def _line(self, ax: Any, curve: LearningCurve, style: str, color: str, label: str) -> Any:
        order = np.argsort(curve.n)
        values = curve.table()[self.score][order]
        drawn = np.where(np.isfinite(values), values, np.nan)
        marker = "." if order.size == 1 else ""
        return ax.plot(
            curve.n[order], drawn, linestyle=style, marker=marker, color=color, label=label
        )[0]
