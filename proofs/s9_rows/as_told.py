"""Claim of section 9: curves, summaries, jackknife, tuned mixing, transforms, as told."""

from typing import Any

import numpy as np
import sympy
from scipy import stats

import kdverify as kd
from kdverify import formulas as f
from kdverify.estimators import Distiller, MinNormClassifier, MinNormRegressor, RidgeStudent
from kdverify.evidence import Claim, Step
from kdverify.features import analysis, verdict
from kdverify.gaussian.finite_size import size_error, size_errors
from kdverify.measurement import carried_by_one
from kdverify.rows.jackknife import jackknife
from kdverify.rows.mixing import SameData
from kdverify.rows.modes import transformed_labels
from kdverify.seeds import seed_of, stream

from ..lib.modes import Pairs
from ..lib.signals import noisy
from ..lib.written import agree
from .as_trained import data, near, plain

AS_TOLD = Claim(
    "9.as-told",
    title="Curves, summaries, jackknife, tuned mixing and transforms are what they say",
    statement=r"\text{means, standard errors, intervals; left-out groups};\ \xi\ \text{of least"
    r" generalised cross-validation; modes of a student with a ridge}:\ \text{plain algebra}",
    needs=("9.as-asked", "9.as-trained", "10.tuned-mixing"),
    parts=("curves", "summaries", "groups", "tuned mixing", "transforms", "sizes"),
    steps=[
        Step("Each number is formed again from the trials, rows or predictions that it is of."),
    ],
)


@AS_TOLD.below("curves", note="numbers and classes", but={"one sample more": {"more": 1}})
def curves(digits: int, more: int = 0) -> Pairs:
    """Predicted and measured curves of scikit-learn's faces."""
    rows, labels, classes = data()
    sizes = [3, 4]
    asked = [n + more for n in sizes]
    for student, given, question in (
        (RidgeStudent(0.5), labels, kd.Question.of(rows, labels, task="regression")),
        (
            MinNormRegressor(False),
            labels,
            kd.Question.of(rows, labels, task="regression", intercept="none"),
        ),
        (MinNormClassifier(), classes, kd.Question.of(rows, classes)),
    ):
        ridge = 0.5 if isinstance(student, RidgeStudent) else 0.0
        told = kd.predict(question, sizes, "strong", ridges=ridge)
        found = student.predicted_learning_curve(rows, given, asked)
        yield from near(found.errors, told.risk_by_output["strong"])
        yield from near(found.error, told.risk["strong"])
        yield from near(found.excess_risk, told.excess["strong"])
        yield from near(found.floor, question.moments.floor)
        seed = seed_of(np.random.RandomState(4))
        trained = kd.measure(question, sizes, "strong", ridges=ridge, repetitions=5, seed=seed)
        curve = student.measured_learning_curve(rows, given, asked, repetitions=5, random_state=4)
        table = curve.table()
        yield from near(table["n"], sizes)
        names = {"error": "risk", "excess_risk": "excess", "accuracy": "accuracy"}
        for name, key in names.items():
            if name == "accuracy" and question.classes is None:
                continue
            values = trained.values[key]["strong"]
            error = values.std(axis=1, ddof=1) / 5**0.5
            yield from near(curve.mean(name), values.mean(axis=1))
            yield from near(curve.standard_error(name), error)
            yield from near(curve.half_width(name, 0.9), stats.t.ppf(0.95, 4) * error)
            yield from near(table[name], values.mean(axis=1))
            yield from near(table[f"{name}_se"], error)
    plain_curve = RidgeStudent(0.5).predicted_learning_curve(rows, labels, asked, finite_size=False)
    question = kd.Question.of(rows, labels, task="regression")
    told = kd.predict(question, sizes, "strong", ridges=0.5, finite_size=False)
    yield from near(plain_curve.errors, told.risk_by_output["strong"])
    draws = np.array([[1.0, 1.0, 1.0, 5.1], [4.9, 1.0, 1.0, 1.0]])  # left out: 1 of a mean of 2
    yield from agree(carried_by_one(draws), [True, False])
    all_rows = MinNormRegressor().predicted_learning_curve(rows, labels, [4], unseen=False)
    everywhere = kd.Question.of(rows, labels, task="regression", judged="all")
    yield from near(all_rows.error, kd.predict(everywhere, [4 + more], "strong").risk["strong"])


@AS_TOLD.below("summaries", note="an analysis with a ridge", but={"another ridge": {"moved": 0.25}})
def summaries(digits: int, moved: float = 0.0) -> Pairs:
    """`analyse` with a ridge, Gaussian and both; what `summary` tells of it."""
    rows, labels = noisy(120, 6)
    question = analysis.prepare(rows, labels)
    for model in ("both", "gaussian"):
        found = analysis.analyse(question, [3, 4.5], model, 0.5 + moved, 4, seed=2)
        for by, one in found.predictions.items():
            told = kd.predict(question, [3, 4.5], ["strong", "clean"], ridges=0.5, by=by)
            for name in ("strong", "clean"):
                yield from near(one.risk[name], told.risk[name])
        assert found.measured is not None
        trained = kd.measure(question, [3], ["strong", "clean"], ridges=0.5, repetitions=4, seed=2)
        yield from near(found.measured.risk["strong"], trained.risk["strong"])
        yield from agree([found.measured_at(3.0), found.measured_at(4.5)], [0, None])
    told = verdict.summary(found)
    X, y = question.pool.original(), question.labels
    rest = y - X @ np.linalg.pinv(X) @ y
    yield from near([told["unexplained"]], [np.square(rest).mean()])
    yield from agree([told["rank"], told["rows_of_pool"]], [6, 120])
    bare = analysis.analyse(analysis.prepare(rows), [3], ridge=0.5 + moved)
    lam = np.linalg.eigvalsh(np.cov(rows.T, bias=True))[::-1]
    height = 1e3 * (lam.sum() + 0.5)
    mask = kd.optimal_mask(kd.Spectrum(np.append(lam, height)), 3, 0.5)
    yield from agree(bare.kept, [int(mask[:-1].sum())])


@AS_TOLD.below("groups", note="three groups of rows", but={"four groups": {"groups": 4}})
def left_out_groups(digits: int, groups: int = 3) -> Pairs:
    """The jackknife from predictions on pools without each group."""
    rows, labels, _ = data(24, 4)
    pool = kd.rows.Pool(rows)

    def excess(X: np.ndarray, y: np.ndarray, weights: Any = None) -> np.ndarray:
        part = kd.rows.Pool(X, weights)
        students = kd.rows.Students(kd.rows.solve(part, 3.0, 0.5), y, 0.25)
        return students.excess_risks(kd.rows.Moments.of(part, part, y))

    found = jackknife(pool, labels, 3.0, 0.5, 0.25, groups=groups, seed=1)
    order = stream(1, "groups of the jackknife").permutation(24)
    parts = [np.sort(np.setdiff1d(np.arange(24), one)) for one in np.array_split(order, 3)]
    each = np.array([excess(rows[one], labels[one]) for one in parts])
    value = excess(rows, labels)
    yield from near(found.value, value, 1e-7)
    yield from near(found.bias, 2 * (each.mean(axis=0) - value), 1e-6)
    yield from near(found.standard_error, (4 / 3) ** 0.5 * each.std(axis=0, ddof=1), 1e-6)
    yield from near(found.corrected, value - found.bias)
    weights, wide = np.arange(24.0) % 3 + 1, np.random.default_rng(2).standard_normal((24, 30))
    for X, w in ((rows, weights), (wide, None)):
        found = jackknife(kd.rows.Pool(X, w), labels, 3.0, 0.5, 0.25, groups=groups, seed=1)
        each = np.array([excess(X[k], labels[k], None if w is None else w[k]) for k in parts])
        yield from near(found.standard_error, (4 / 3) ** 0.5 * each.std(axis=0, ddof=1), 1e-6)


@AS_TOLD.below("tuned mixing", note="few rows and many", but={"xi + 1/100": {"more": 0.01}})
def tuned_mixing(digits: int, more: float = 0.0) -> Pairs:
    """`SameData`: students of mixed labels, and xi by generalised cross-validation."""
    rows, labels, _ = data(12, 4)
    for n in (3, 12):
        X, y = rows[:n], labels[:n]
        made = SameData(X, y)
        for ridge, given in ((0.5, 0.5), (0.5, 2.0)):
            teacher = plain(X, y, given, False)[0]
            mixed = 0.25 * y + 0.75 * X @ teacher
            student = made.student(0.75 + more, ridge, given)
            yield from near(student, plain(X, mixed, ridge, False)[0])
            yield from near(made.coefficients(ridge), plain(X, y, ridge, False)[0])

            def errors(delta: float, X: Any = X, y: Any = y, n: int = n) -> np.ndarray:
                Q = np.linalg.inv(X @ X.T + delta * np.eye(n))
                return n * Q @ y / np.trace(Q)

            step = given + 1e-5 if given == ridge else given
            back = ridge - 1e-5 if given == ridge else ridge
            secant = (errors(step) - errors(back)) / (step - back)
            v, w = errors(ridge), given * secant
            best = -(v * w).sum(axis=0) / (w * w).sum(axis=0)
            found = made.tuned(ridge, given)
            yield from near(found.mixing, best, 1e-5)
            yield from near(found.plain_error, (v * v).mean(axis=0))
            yield from near(found.error, ((v + best * w) ** 2).mean(axis=0), 1e-5)
            columns = [made.student(xi, ridge, given)[:, k] for k, xi in enumerate(found.mixing)]
            yield from near(found.coefficients, np.stack(columns, axis=1))


@AS_TOLD.below("transforms", note="a student with a ridge", but={"another alpha": {"alpha": 0.75}})
def transforms(digits: int, alpha: float = 0.5) -> Pairs:
    """A distiller whose student has a ridge: the theory's own; the residual kept."""
    rows, labels, _ = data()
    y = labels[:, 0].copy()
    y[14:] = np.nan
    b, c = plain(rows[:14], labels[:14, :1], 0.0, True)
    taught = rows @ b + c
    picked = np.sort(np.random.RandomState(3).choice(np.arange(14, 40), 4, replace=False))
    question = kd.Question.of(rows)
    answers = kd.teachers.Classroom(question).lesson(4, 0.5).by("rows")
    for kind in ("gain", "mask"):
        factors = (answers.gains() if kind == "gain" else answers.blind_mask())[1:]
        centred = taught - taught.mean(axis=0)
        changed = transformed_labels(question.pool, centred, factors, "keep") + taught.mean(axis=0)
        s, d = plain(rows[picked], changed[picked], 0.5, True)
        found = Distiller(
            RidgeStudent(alpha), label_transform=kind, residual="keep", n=4, random_state=3
        ).fit(rows, y)
        yield from near(found.predict(rows), (rows @ s + d)[:, 0])
        yield from near(found.factors_, factors)


@AS_TOLD.below("sizes", note="finite n, three labels at once", but={"noise": {"moved": 0.1}})
def sizes(digits: int, moved: float = 0.0) -> Pairs:
    """`size_errors` is `size_error` for strong labels, the best surrogate and the best mask."""
    lam, beta = np.array([3.0, 0.5, 1.25, 0.25, 2.0]), np.array([1.0, -2.0, 0.5, 3.0, -0.75])
    problem = kd.Problem(kd.Spectrum(lam), beta)
    for n, ridge in ((3.0, 0.0), (2.5, 0.5), (9.0, 0.0)):
        found = size_errors(problem, n, 0.5 + moved, ridge)
        labels = {
            "standard": beta,
            "optimal": kd.optimal_surrogate(problem, n, ridge),
            "masked": kd.optimal_mask(problem, n, ridge) * beta,
        }
        for name, vector in labels.items():
            one = size_error(problem, n, vector, 0.5, ridge)
            held = size_error(problem, n, vector, 0.5, ridge, 20)
            yield from near([found[name].risk, found[name].correction], [one.risk, one.correction])
            yield from near([float(held.risk), float(held.correction)], [one.risk, one.correction])
        yield from near([found["standard"].risk], [kd.risk(problem, n, None, 0.5, ridge)])


@AS_TOLD.identity("a parabola", note="xi of least mean square", but={"twice": {"factor": 2}})
def parabola(factor: int = 1) -> tuple[Any, Any]:
    """`formulas.best_mixing` at slope v.w and curvature w.w for ``v + xi d w``."""
    d, v1, v2, w1, w2 = sympy.symbols("d v1 v2 w1 w2", positive=True)
    xi = factor * f.best_mixing(v1 * w1 + v2 * w2, w1**2 + w2**2, d)
    return xi * d * (w1**2 + w2**2), -(v1 * w1 + v2 * w2)
