"""Claim of section 9: curves of scikit-learn's models, and students of fitted surrogates."""

import warnings
from typing import Any

import numpy as np
import sympy
from sklearn.base import BaseEstimator, RegressorMixin
from sklearn.linear_model import LinearRegression, Ridge, RidgeCV
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

import kdverify as kd
from kdverify import formulas as f
from kdverify.estimators import (
    Distiller,
    DistillerClassifier,
    LearningCurve,
    MinNormClassifier,
    MinNormRegressor,
    RidgeClassifier,
    RidgeStudent,
    predicted_learning_curve,
)
from kdverify.estimators.distiller import _units
from kdverify.evidence import Claim, Step

from ..lib.modes import Pairs
from ..lib.written import agree
from .as_trained import chances, data, near, plain

AS_FITTED = Claim(
    "9.as-fitted",
    title="scikit-learn's models and distillers are the students that they name",
    statement=r"\text{least error at each }n;\ \text{students of surrogates that are fitted; units,"
    r" classes in disguise}:\ \text{plain algebra}",
    needs=("9.as-trained", "9.as-told"),
    parts=("models", "distillers"),
    steps=[
        Step("A model of scikit-learn is asked about as the question that it answers."),
        Step(
            "A surrogate that is fitted labels all rows; the student is a pseudo-inverse of them."
        ),
    ],
)


@AS_FITTED.below(
    "models", note="alone, chosen, in pipelines", but={"another alpha": {"alpha": 3.0}}
)
def models(digits: int, alpha: float = 0.5) -> Pairs:
    """Curves of `Ridge`, `RidgeCV`, `LinearRegression` and pipelines; the least of several."""
    rows, labels, classes = data()
    for intercept in (True, False):
        kind = "fitted" if intercept else "none"
        asked = kd.Question.of(rows, labels, task="regression", intercept=kind)
        curve = predicted_learning_curve(LinearRegression(fit_intercept=intercept), rows, labels, 3)
        told = kd.predict(asked, 3, "strong")
        yield from near(curve.errors[0], told.risk_by_output["strong"])
        curve = predicted_learning_curve(
            Ridge(alpha, fit_intercept=intercept), rows, labels, [3, 4]
        )
        told = kd.predict(asked, [3, 4], "strong", ridges=0.5)
        yield from near(curve.errors, told.risk_by_output["strong"])
        yield from near(curve.excess_risks, told.excess_by_output["strong"])
    two = np.where(classes > 0, 2.0, -1.0)
    asked = kd.Question.of(rows, two, classes=classes > 0)
    alphas, sizes = [6 * alpha, 10 * alpha], [3, 20]
    model = RidgeCV(alphas)
    curve = predicted_learning_curve(model, rows, two, sizes, classes=classes > 0)
    told = kd.predict(asked, sizes, "strong", ridges=[3.0, 5.0])
    best = told.risk["strong"].argmin(axis=1)
    places = np.arange(2), best
    yield from agree([len(set(best.tolist())) > 1], [True])
    yield from near(curve.error, told.risk["strong"][places])
    yield from near(curve.excess_risk, told.excess["strong"][places])
    yield from near(curve.accuracy, told.accuracy["strong"][places])
    some = labels[:, 0].copy()
    some[30:] = np.nan
    scaled = (rows[:30] - rows[:30].mean(axis=0)) / rows[:30].std(axis=0)
    piped = make_pipeline(StandardScaler(), RidgeStudent(alpha))
    asked = kd.Question.of(scaled, some[:30], task="regression")
    told = kd.predict(asked, 4, "strong", ridges=0.5)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", UserWarning)  # of the rows that have no label
        curve = predicted_learning_curve(piped, rows, some, 4)
    yield from near(curve.error, [told.risk["strong"]])
    alone = predicted_learning_curve(make_pipeline(Ridge(alpha)), rows[:30], some[:30], 4)
    asked = kd.Question.of(rows[:30], some[:30], task="regression")
    yield from near(alone.error, [kd.predict(asked, 4, "strong", ridges=0.5).risk["strong"]])
    there = np.where(np.arange(40) < 30, two, np.nan)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", UserWarning)
        known = RidgeStudent(alpha).predicted_learning_curve(rows, there, 4, classes=classes > 0)
    asked = kd.Question.of(rows[:30], two[:30], classes=classes[:30] > 0)
    told = kd.predict(asked, 4, "strong", ridges=0.5)
    yield from near(known.error, [told.risk["strong"]])
    yield from near(known.table()["accuracy"], [told.accuracy["strong"]])
    hot = np.eye(3)[classes]
    hot[25:] = np.nan
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", UserWarning)
        known = RidgeStudent(alpha).predicted_learning_curve(rows, hot, 4.5, classes=classes)
    asked = kd.Question.of(rows[:25], hot[:25], classes=classes[:25])
    told = kd.predict(asked, 4.5, "strong", ridges=0.5)
    yield from near(known.table()["accuracy"], [told.accuracy["strong"]])
    gaussian = MinNormRegressor().predicted_learning_curve(rows, labels, 4, model="gaussian")
    asked = kd.Question.of(rows, labels, task="regression")
    yield from near(gaussian.error, [kd.predict(asked, 4, "strong", by="gaussian").risk["strong"]])
    yield from agree([gaussian.model, curve.model], ["gaussian", "rows"])
    values = np.arange(12.0).reshape(3, 2, 2)
    values[0, 1] = np.nan
    values[1, 0] = -5.0
    made = [
        LearningCurve(np.array([2, 3]), v, v * 10, v[:, 0] / 100, np.ones(2), "rows")
        for v in values
    ]
    least = LearningCurve.least(made)
    yield from near(least.errors, [values[1, 0], values[1, 1]])
    yield from near(least.excess_risks, [values[1, 0] * 10, values[1, 1] * 10])
    yield from near(least.accuracy, [values[1, 0, 0] / 100, values[1, 1, 0] / 100])
    table = least.table()
    yield from near(table["error"], least.errors.sum(axis=1))
    yield from near(table["excess_risk"], least.excess_risks.sum(axis=1))
    yield from near([row["accuracy"] for row in least.records()], least.accuracy)


class Frozen(RegressorMixin, BaseEstimator):
    """A surrogate that was fitted elsewhere."""

    def __init__(self, slope: Any, level: Any) -> None:
        self.slope, self.level = slope, level

    def predict(self, X: Any) -> np.ndarray:
        """Linear."""
        return np.asarray(X @ self.slope + self.level)


@AS_FITTED.below("distillers", note="fitted surrogates", but={"another level": {"shift": 0.01}})
def distillers(digits: int, shift: float = 0.0) -> Pairs:
    """Students of surrogates that are fitted already; units of students; classes in disguise."""
    rows, labels, classes = data()
    slope, level = plain(rows[:5], labels[:5], 0.0, True)
    surrogates: list[Any] = [Frozen(slope, level + shift)]
    surrogates.append(MinNormRegressor().fit(rows[:5], labels[:5]))
    for given in surrogates:
        s, d = plain(rows, rows @ slope + level, 0.5, True)
        found = Distiller(RidgeStudent(0.5), given).fit(rows)
        yield from near(found.predict(rows), rows @ s + d)
        yield from agree([found.n_samples_, found.surrogate_ is given], [40, True])
        picked = np.sort(np.random.RandomState(3).choice(40, 7, replace=False))
        s, d = plain(rows[picked], rows[picked] @ slope + level, 0.5, False)
        found = Distiller(Ridge(0.5, fit_intercept=False), given, n=7, random_state=3).fit(rows)
        yield from near(found.predict(rows), rows @ s + d)
    yield from agree(
        map(_units, (None, RidgeStudent(2.0, False), Ridge(3.0), MinNormRegressor(False))),
        [(0.0, True), (2.0, False), (3.0, True), (0.0, False)],
    )
    bare = LinearRegression(fit_intercept=False), Ridge(0.25, fit_intercept=False)
    yield from agree(map(_units, bare), [(0.0, False), (0.25, False)])
    # a transform for as many rows as the rank changes nothing, and says so
    with warnings.catch_warnings(record=True) as heard:
        warnings.simplefilter("always")
        found = Distiller(surrogate=Frozen(slope, level), label_transform="gain", n=7).fit(rows)
        below = Distiller(surrogate=Frozen(slope, level), label_transform="gain", n=6).fit(rows)
    yield from near(found.factors_, np.ones(6))
    yield from near(found.predict(rows), rows @ slope + level)
    yield from agree(["changes nothing" in str(one.message) for one in heard], [True])
    yield from agree([(below.factors_ != 1).any()], [True])
    kept = Distiller(
        MinNormRegressor(False),
        Frozen(slope, level),
        label_transform="mask",
        rule="gaussian",
        n=3,
        random_state=2,
    ).fit(rows)
    lam = np.linalg.eigvalsh(rows.T @ rows / 40)[::-1]
    yield from near(kept.factors_, kd.optimal_mask(kd.Spectrum(lam), 3).astype(float))
    vectors = np.linalg.eigh(rows.T @ rows)[1][:, ::-1] * kept.factors_
    linear = vectors @ np.linalg.eigh(rows.T @ rows)[1][:, ::-1].T @ np.linalg.pinv(rows)
    taught = rows @ linear @ (rows @ slope + level)
    picked = np.sort(np.random.RandomState(2).choice(40, 3, replace=False))
    s, _ = plain(rows[picked], taught[picked], 0.0, False)
    yield from near(kept.predict(rows), rows @ s)
    more = Distiller(RidgeStudent(0.5), Frozen(slope, level), label_transform="gain", n=20)
    gains = kd.teachers.Classroom(kd.Question.of(rows)).lesson(20, 0.5).by("rows").gains()
    yield from near(more.fit(rows).factors_, gains[1:])
    # classes as floats, as objects, as texts; a classifier without chances
    b, c = plain(rows[:20], np.eye(3)[classes[:20]], 0.0, True)
    named = np.eye(3)[(rows[20:] @ b + c).argmax(axis=1)]
    s, d = plain(rows[20:], named, 0.0, True)
    texts = np.array(["a", "b", "c"])[classes].astype(object)
    kinds: list[str] = []
    for named_as in (
        np.where(np.arange(40) < 20, classes.astype(float), np.nan),
        np.array([int(k) if i < 20 else None for i, k in enumerate(classes)], dtype=object),
        np.array([k if i < 20 else None for i, k in enumerate(texts)], dtype=object),
    ):
        face = DistillerClassifier().fit(rows, named_as)
        yield from near(face.decision_function(rows), rows @ s + d)
        yield from near(face.predict_proba(rows), chances(rows @ s + d))
        place = [face.classes_.tolist().index(one) for one in face.predict(rows)]
        yield from agree(place, (rows @ s + d).argmax(axis=1))
        kinds.append(face.classes_.dtype.kind)
    yield from agree([kinds, *face.classes_], [["i", "i", "U"], "a", "b", "c"])
    both_ways = RidgeClassifier(0.5).fit(rows[:20], classes[:20])  # chances and decisions
    s, d = plain(rows, both_ways.predict_proba(rows), 0.0, True)
    yield from near(Distiller(None, both_ways).fit(rows).predict(rows), rows @ s + d)
    fitted = MinNormClassifier().fit(rows[:20], classes[:20])
    b, c = plain(rows[:20], np.eye(3)[classes[:20]], 0.0, True)
    every = np.eye(3)[(rows @ b + c).argmax(axis=1)]
    s, d = plain(rows, every, 0.5, True)
    found = DistillerClassifier(RidgeStudent(0.5), fitted).fit(rows)
    yield from near(found.decision_function(rows), rows @ s + d)


@AS_FITTED.identity("units of alpha", note="one row", but={"a mean over rows": {"scale": 2}})
def units(scale: int = 1) -> tuple[Any, Any]:
    """`formulas.ridge_filter` gives the least ``(y - x b)^2 + alpha b^2``, a sum over samples."""
    x, y, b, alpha = sympy.symbols("x y b alpha", positive=True)
    slope = sympy.diff((y - x * b) ** 2 + alpha * b**2, b)
    return slope.subs(b, f.ridge_filter(x**2, scale * alpha) * y / x), sympy.Integer(0)
