"""Claim of section 9: trained surrogates, one row, and samples of large pools, by hand."""

import itertools
import warnings
from typing import Any
from unittest import mock

import numpy as np
import sympy
from scipy import stats

import kdverify as kd
from kdverify import formulas as f
from kdverify.evidence import Claim, Step
from kdverify.rows import one_or_two, pairs
from kdverify.rows.question import HEIGHT
from kdverify.seeds import stream
from kdverify.teachers import Classroom, Trained, teachers_of

from ..lib.modes import Pairs
from ..lib.written import Written as Modes
from ..lib.written import agree
from .as_trained import data, near, plain

AS_ANSWERED = Claim(
    "9.as-answered",
    title="Trained surrogates, one row, and rows that stand for a pool, by hand",
    statement=r"(7),\ (11)\circ(12)\ \text{with a ridge each};\ n = 1;\ \text{rows that stand for"
    r" a pool}:\ \text{plain algebra}",
    needs=("9.as-asked", "9.as-run", "9.two-stage"),
    parts=("trained surrogates", "one row", "some of the rows"),
    steps=[
        Step("A surrogate and its student have a ridge each; the higher one sets the height."),
        Step("What (9) to (12) say of some rows is said with the moments of all."),
        Step("With one row and an intercept every other row is judged by that row's label."),
    ],
)

#: Solves stop at 1e-7 in log b; sums of them.
LOOSE = 2e-6
#: Of the theory: independent draws, as the equations that are written out here have them.
DRAWS: dict[str, Any] = {"finite_size": False, "distinct": False}


def question(intercept: str = "none", judged: str = "unseen") -> kd.Question:
    """40 rows in 6 columns, two columns of labels."""
    rows, labels, _ = data()
    return kd.Question.of(rows, labels, task="regression", intercept=intercept, judged=judged)


@AS_ANSWERED.below(
    "trained surrogates",
    note="ridges of their own",
    but={"the student's ridge": {"given": 0.25}, "another m": {"m": 10}},
)
def trained(digits: int, given: float = 0.75, m: int = 9) -> Pairs:
    """Surrogates on m rows and their students: (7), section 9, and students that are trained."""
    n, told = 4, 0.75
    for modes, ridge in itertools.product(("all", "gains", "blind-mask"), (0.25, 0.0)):
        asked = question()
        X, y = asked.pool.original(), asked.labels
        values, vectors = np.linalg.eigh(X.T @ X / len(X))
        values, vectors = values[::-1], vectors[:, ::-1]
        beta = vectors.T @ np.linalg.pinv(X) @ y
        floor = np.square(y - X @ vectors @ beta).mean(axis=0)
        teacher = Trained(m, modes, given, by="gaussian")
        found = kd.predict(asked, n, teacher, ridges=ridge, by="gaussian")
        for k in range(2):
            last = Modes(values.tolist(), [1.0] * 6, n, ridge)
            factors = np.ones(6)
            if modes == "gains":
                factors = np.array([float(g) for g in last.gains])
            if modes == "blind-mask":
                factors = np.array(last.kept, dtype=float)
            first = Modes(values.tolist(), beta[:, k].tolist(), 9, told, floor[k])
            zeta, omega = np.array([float(z) for z in first.zeta]), float(first.omega)
            gamma = (values @ (zeta * beta[:, k]) ** 2 + floor[k]) / (1 - omega) / 9
            mean = factors * (1 - zeta) * beta[:, k]
            spread = factors**2 * gamma * (1 - zeta) ** 2 / values
            zeta, omega = np.array([float(z) for z in last.zeta]), float(last.omega)
            risk = values @ (((1 - zeta) * mean - beta[:, k]) ** 2 + (1 - zeta) ** 2 * spread)
            risk += values @ (zeta**2 * (mean**2 + spread)) * omega / (1 - omega)
            yield from near(found.excess_by_output[teacher.name][k], risk)
            yield from near(found.risk_by_output[teacher.name][k], risk + floor[k])
    lesson = Classroom(question()).lesson(n, 0.25)
    of_any_kind = lesson.labels(kd.teachers.BestLabels(by="gaussian"))
    yield from near(of_any_kind, lesson.labels(kd.teachers.Best(by="gaussian")))
    for intercept, modes, ridge, high in (
        ("none", "all", 0.25, told),
        ("none", "gains", 0.25, told),
        ("fitted", "blind-mask", 0.25, told),
        ("fitted", "gains", 1.5, 1.5),
    ):
        asked, apart = question(intercept, "all"), question(intercept, "unseen")
        teacher = Trained(m, modes, given)
        X, y = asked.pool.original(), asked.labels
        trace, fitted = np.square(X).sum(axis=1).mean(), intercept == "fitted"

        def seen(top: float, X: Any = X, fitted: bool = fitted, trace: float = trace) -> Any:
            column = np.full((40, 1), (HEIGHT * (trace + top)) ** 0.5)
            return kd.rows.Pool(np.hstack([X, column]) if fitted else X)

        own, pool = seen(ridge), seen(high)
        at = kd.rows.solve(own, float(n), ridge)
        factors = np.ones(own.width)
        if modes != "all":
            rule = kd.rows.Teachers(at, kd.rows.Moments.of(own, own, y), kd.rows.Response(at))
            factors = (rule.gains if modes == "gains" else rule.blind_mask).astype(float)
            factors[: int(fitted)] = 1.0
        source = kd.rows.Students(kd.rows.solve(pool, 9.0, told), y)
        target, basis = kd.rows.solve(pool, float(n), ridge), pool.principal[1]
        test, response = kd.rows.Moments.of(pool, pool, y), kd.rows.Response(target)
        turn = (basis * factors) @ basis.T
        form = kd.rows.Teachers(target, test, response)
        judged = kd.rows.Moments(turn @ form.form @ turn, turn @ form.aim, test.power)
        true = source.errors(judged)
        for corrected in (False, True):
            if corrected:
                change = kd.rows.corrected_errors(pool, y, 9.0, judged, told)
                taught = pool.times(turn @ source.mean)
                change = change + kd.rows.corrected_errors(pool, taught, float(n), test, ridge)
                true = true + change
            kind = {"finite_size": corrected, "distinct": False}
            found = kd.predict(asked, n, teacher, ridges=ridge, **kind)
            yield from near(found.risk_by_output[teacher.name], true, 10 * LOOSE)
            floor = np.square(y - X @ np.linalg.pinv(X) @ y).mean(axis=0)
            yield from near(found.excess_by_output[teacher.name], true - floor, 10 * LOOSE)
            two = kd.rows.TwoStages(source, target, response, factors, basis)
            more = two.unseen_scores().errors(y) - two.scores(np.asarray(pool.rows)).errors(y)
            found = kd.predict(apart, n, teacher, ridges=ridge, **kind)
            unseen = true + more.mean(axis=0)
            yield from near(found.risk_by_output[teacher.name], unseen, 10 * LOOSE)
    yield from by_training(m, given)


def by_training(m: int, given: float) -> Pairs:
    """`measure` with trained surrogates: every repetition by hand."""
    for intercept, where, modes, by in (
        ("fitted", "unseen", "gains", "rows"),
        ("fitted", "unseen", "gains", "gaussian"),
        ("none", "all", "blind-mask", "rows"),
        ("none", "unseen", "all", "rows"),
    ):
        asked = question(intercept, where)
        teacher, fitted = Trained(m, modes, given, by), intercept == "fitted"
        X, y = asked.pool.original(), asked.labels
        answers = Classroom(asked).lesson(4, 0.25).by(by)
        factors = answers.gains() if modes == "gains" else answers.blind_mask()
        vectors = np.linalg.eigh(X.T @ X)[1][:, ::-1]
        turn = (vectors * factors[int(fitted) :]) @ vectors.T if modes != "all" else np.eye(6)
        best, risk, excess = X @ np.linalg.pinv(X) @ y, [], []
        for repetition in range(2):
            order = stream(7, "training rows", 4, repetition).permutation(40)
            slope, level = plain(X[order[4:13]], y[order[4:13]], 0.75, fitted)
            drawn = X[order[:4]]
            slope, level = plain(drawn, drawn @ turn @ slope + level, 0.25, fitted)
            there = order if where == "all" else order[13:]
            outputs = X[there] @ slope + level
            risk.append(np.square(outputs - y[there]).mean(axis=0).sum())
            excess.append(np.square(outputs - best[there]).mean(axis=0).sum())
        found = kd.measure(asked, 4, teacher, ridges=0.25, repetitions=2, seed=7)
        yield from near(found.values["risk"][teacher.name], risk, LOOSE)
        yield from near(found.values["excess"][teacher.name], excess, LOOSE)


@AS_ANSWERED.below("one row", note="n = 1 with an intercept", but={"n = 3": {"n": 3}})
def one_row(digits: int, n: int = 1) -> Pairs:
    """Every teacher's labels and their students' law, risk and excess risk; names of teachers."""
    asked = question("fitted")
    X, y = asked.pool.original(), asked.labels
    fit = X @ np.linalg.pinv(X) @ y
    lesson = Classroom(asked).lesson(n, 0.0)
    labels = {
        "strong": y,
        "clean": fit,
        "best": fit,
        "nested-mask": fit,
        "gains": fit,
        "blind-mask": fit,
        "best-labels": np.zeros_like(y),
    }
    brought = kd.teachers.Given(y**2 + 1.0)
    asked_of = teachers_of([*labels, brought])
    labels["given"] = y**2 + 1.0 - asked.level
    found = kd.predict(asked, n, asked_of, laws=True)
    for teacher in asked_of:
        given = labels[teacher.name]
        yield from near(lesson.labels(teacher), given)
        pairs_of_rows = [(i, j) for i in range(40) for j in range(40) if i != j]
        first, other = np.array(pairs_of_rows).T
        risk = np.square(given[first] - y[other]).mean(axis=0)
        yield from near(found.risk_by_output[teacher.name], risk)
        excess = np.square(given[first] - fit[other]).mean(axis=0)
        yield from near(found.excess_by_output[teacher.name], excess)
        law = found.laws[teacher.name][0]
        yield from near(law.means, np.tile(given.mean(axis=0), (40, 1)))
        yield from near(law.covariances[3], np.cov(given.T, bias=True))
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", UserWarning)
        none = kd.predict(asked, [n, 5], "trained-4")
        between = kd.predict(asked, 1.5, "strong")
        few = kd.predict(asked, 5, "trained-2")
    yield from agree(np.isnan([few.risk["trained-2"]]), [True])
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", UserWarning)
    yield from agree(np.isnan(none.risk["trained-4"]), [True, False])
    yield from agree(
        [np.isnan(between.risk["strong"]), list(none.reasons)], [True, [(float(n), 0.0)]]
    )
    several: Any = ["trained-12-gains", "trained-3", kd.teachers.Best, kd.teachers.Gains()]
    named = teachers_of(several)
    yield from agree(
        [(one.name, one.caption, one.needs_truth) for one in named],
        [
            ("trained-12-gains", "trained on 12 rows, gains", False),
            ("trained-3", "trained on 3 rows", False),
            ("best", "best linear teacher", True),
            ("gains", "gains without labels", True),
        ],
    )
    named_classes = kd.Question.of(data()[0], data()[2])
    # chances are of scores with the level added: a normal law where n is not whole
    columns = named_classes.theory_pool(0.5)
    students = kd.rows.Students(kd.rows.solve(columns, 4.5, 0.5), named_classes.labels)
    scores = kd.rows.unseen_scores(students)
    scores = kd.rows.Scores(scores.means + named_classes.level, scores.covariances)
    found = kd.predict(named_classes, 4.5, "strong", ridges=0.5, **DRAWS)
    yield from near([found.accuracy["strong"]], [scores.accuracy(data()[2])], 1e-3)
    with mock.patch.object(one_or_two, "DRAWN", 20):
        told = kd.predict(named_classes, 2, "strong", ridges=3.0).accuracy["strong"]
        own = one_or_two.few_sample_accuracy(named_classes, named_classes.labels, 2, 3.0)
        numbers = np.random.default_rng(6).standard_normal((40, 3))
        other = one_or_two.few_sample_accuracy(named_classes, numbers, 2, 3.0)
    yield from near([told], [own])
    dice, right = stream(0, "training rows of one or two", 2), []
    for _ in range(20):
        drawn = dice.choice(40, 2, replace=False)
        X, Y = named_classes.pool.original(), numbers
        slope, constant = plain(X[drawn], Y[drawn], 3.0, True)
        rest = np.setdiff1d(np.arange(40), drawn)
        right.append(named_classes.right(X[rest] @ slope + constant, rest).mean())
    yield from near([other], [np.mean(right)])
    kinds = data()[2] > 0
    two = kd.Question.of(data()[0], np.where(kinds, 2.0, -1.0), classes=kinds)
    always = kd.teachers.Given(np.full(40, -5.0))  # the first class for every row
    told = kd.predict(two, n, always, accuracy="all").accuracy["given"]
    yield from near([told], [1 - kinds.mean()])
    unasked = kd.predict(two, n, [always, "strong"]).accuracy
    yield from agree(np.isnan([unasked["given"], unasked["strong"]]), [True, False])
    chances = np.random.default_rng(1).random((40, 3))
    model = type("Model", (), {"predict_proba": lambda self, X: chances * (X.shape == (40, 6))})()
    labels_of = Classroom(named_classes).lesson(4, 0.0).labels(kd.teachers.Fitted(model))
    yield from near(labels_of, chances - named_classes.level)
    yield from agree([named[0].m, named[0].modes, named[1].modes], [12, "gains", "all"])  # type: ignore[attr-defined]  # trained ones


@AS_ANSWERED.below("some of the rows", note="24 of 40 rows", but={"other rows": {"seed": 4}})
def some_rows(digits: int, seed: int = 3) -> Pairs:
    """Samples that stand for a pool in (9) to (12), in laws of classes, and in sums over pairs."""
    ridge, n = 0.5, 4.0
    chosen = np.sort(stream(3, "rows that stand for the pool").choice(40, 24, replace=False))
    for intercept in ("none", "fitted"):
        asked = question(intercept, "all")
        X, y = asked.pool.original(), asked.labels
        if intercept == "fitted":
            height = (HEIGHT * (np.square(X).sum(axis=1).mean() + ridge)) ** 0.5
            X = np.hstack([X, np.full((40, 1), height)])
        pool, solving = kd.rows.Pool(X), kd.rows.Pool(X[chosen])
        at = kd.rows.solve(solving, n, ridge, taken=n / 40)  # of all rows
        test, students = kd.rows.Moments.of(pool, pool, y), kd.rows.Students(at, y[chosen])
        options: dict[str, Any] = {"ridges": ridge, "solve_rows": 24, "seed": seed}
        found = kd.predict(asked, n, "strong", finite_size=False, groups=3, **options)
        yield from near(found.excess_by_output["strong"], students.excess_risks(test), LOOSE)
        yield from near(found.risk_by_output["strong"], students.errors(test), LOOSE)

        def summed(at: Any, labels: Any, noise: float) -> np.ndarray:
            part = kd.rows.Moments.of(at.pool, at.pool, labels)
            return np.array([kd.rows.Students(at, labels, noise).excess_risks(part).sum()])

        left = kd.rows.jackknife(
            solving, y[chosen], n, ridge, groups=3, seed=3, predict=summed
        ).standard_error
        yield from near([found.pool_error], left, LOOSE)
        change = kd.rows.corrected_errors(solving, y[chosen], n, test, ridge).sum()
        whole = kd.predict(asked, n, "strong", **options)
        yield from near([whole.parts["strong"]["finite_size"]], [change], LOOSE)
        best = kd.rows.Teachers(at, test, kd.rows.Response(at))
        labels = X @ best.optimal
        labels[chosen] = best.optimal_labels()
        room = Classroom(asked, {"rows": {"solve_rows": 24, "seed": seed}})
        yield from near(room.lesson(n, ridge).labels(kd.teachers.BestLabels()), labels, 1e-4)
    # rows with weights keep them
    rows, y, _ = data()
    weights = np.arange(40.0) % 3 + 1
    asked = kd.Question.of(
        rows, y, task="regression", intercept="none", judged="all", weights=weights
    )
    solving = kd.rows.Pool(rows[chosen], weights[chosen])
    students = kd.rows.Students(kd.rows.solve(solving, n, ridge), y[chosen])
    pool = kd.rows.Pool(rows, weights)
    found = kd.predict(asked, n, "strong", ridges=ridge, solve_rows=24, seed=seed)
    test = kd.rows.Moments.of(pool, pool, y)
    yield from near(found.risk_by_output["strong"], students.errors(test), LOOSE)
    # unseen rows: the optimism is that of the rows that were solved on
    asked = question()
    X, y = asked.pool.original(), asked.labels
    at = kd.rows.solve(kd.rows.Pool(X[chosen]), n, ridge, taken=n / 40)
    students = kd.rows.Students(at, y[chosen])
    laws = [kd.rows.unseen_scores(students, left) for left in (None, kd.rows.LeftOut.nothing(24))]
    truth = X[chosen] @ np.linalg.pinv(X) @ y
    gap = (laws[0].errors(truth) - laws[1].errors(truth)).mean(axis=0)
    found = kd.predict(asked, n, "strong", ridges=ridge, solve_rows=24, seed=seed)
    yield from near(found.parts["strong"]["optimism"], gap.sum(), LOOSE)
    yield from sampled_pairs(seed)


def sampled_pairs(seed: int) -> Pairs:
    """Pools larger than what sums over rows are taken of, with that made small."""
    rows, labels, _ = data(12, 4)
    pool = kd.rows.Pool(rows)
    students = kd.rows.Students(kd.rows.solve(pool, 3.0, 0.5), labels)
    with mock.patch.object(pairs, "DRAWN_FROM", 5):
        law = kd.rows.drawn_law(students, np.array([2, 7]), seed=seed)
    every = kd.rows.drawn_law(students, np.array([2, 7]))
    drawn = np.sort(stream(3, "rows that students are drawn from").choice(12, 5, replace=False))
    for name in ("kernel", "residuals", "roots", "weights"):
        yield from near(getattr(law, name), getattr(every, name)[drawn])
    yield from near(law.between, every.between[np.ix_(drawn, drawn)])
    for factor in (0.7, 1.0, 1.6):  # variances times the factor, by an inverse gamma law above 1
        scores = every.scores(every.means, factor, seed=3)
        dice = stream(3, "students of the pair law", 3)
        moves = every.fluctuations(dice, len(scores)).astype(float)
        moves -= moves.mean(axis=0)
        moves *= (factor * every.variance * len(moves) / np.square(moves).sum()) ** 0.5
        if factor > 1:
            shape = 1 / (factor - 1) + 2
            moves *= np.sqrt((shape - 1) / dice.gamma(shape, size=(*moves.shape[:2], 1)))
        yield from near(scores[::64], (moves + every.means)[::64], 1e-4)
    often = np.arange(12.0) + 1
    uneven = kd.rows.Students(kd.rows.solve(kd.rows.Pool(rows, often), 3.0, 0.5), labels)
    with mock.patch.object(pairs, "DRAWN_FROM", 5):
        law = kd.rows.drawn_law(uneven, np.array([2, 7]), seed=seed)
    yield from near(law.weights, often[drawn] / often[drawn].mean())
    centred = kd.rows.Pool(rows - rows.mean(axis=0))
    X = centred.original()
    with mock.patch.object(one_or_two, "LARGEST", 5):
        found = one_or_two.few_sample_errors(centred, labels, labels, 2, 0.5, True, seed)
    some = stream(3, "rows whose pairs are taken").choice(12, 5, replace=False)
    errors = []
    for i, j in itertools.combinations(some.tolist(), 2):
        slope, level = plain(X[[i, j]], labels[[i, j]], 0.5, True)
        there = np.setdiff1d(np.arange(12), [i, j])
        errors.append(np.square(X[there] @ slope + level - labels[there]).mean(axis=0))
    yield from near(found, np.mean(errors, axis=0))
    # one column of two classes: a normal law, at an n that is not whole
    _, _, classes = data()
    asked = kd.Question.of(
        data()[0], (classes > 0) * 4.0 - 1, classes=classes > 0, intercept="none"
    )
    at = kd.rows.solve(asked.pool, 4.5, 0.5)
    unseen = kd.rows.unseen_scores(kd.rows.Students(at, asked.labels))
    chance = stats.norm.cdf((unseen.means[:, 0] - 1.0) / unseen.deviations[:, 0])
    right = np.where(classes > 0, chance, 1 - chance).mean()
    found = kd.predict(asked, 4.5, "strong", ridges=0.5, **DRAWS)
    yield from near(found.accuracy["strong"], right, LOOSE)
    gauss = kd.predict(asked, 4.5, "strong", ridges=0.5, by="gaussian", laws=True)
    law = gauss.laws["strong"][0]
    chance = stats.norm.cdf((law.means[:, 0] - 1.0) / np.sqrt(law.covariances[:, 0, 0]))
    yield from near(gauss.accuracy["strong"], np.where(classes > 0, chance, 1 - chance).mean())


@AS_ANSWERED.identity("a mean of pairs", note="n = 1", but={"a row with itself": {"own": 0}})
def mean_of_pairs(own: int = 1) -> tuple[Any, Any]:
    """`formulas.squared_error` over ordered pairs of three rows, less each row with itself."""
    a = sympy.symbols("a1:4", real=True)
    b = sympy.symbols("b1:4", real=True)
    means = [sum(v) / 3 for v in ([x**2 for x in a], a, b, [y**2 for y in b])]
    every = 9 * f.squared_error(means[0], means[1] * means[2], means[3])
    true = sum((a[i] - b[j]) ** 2 for i in range(3) for j in range(3) if i != j)
    return every - own * sum((x - y) ** 2 for x, y in zip(a, b, strict=True)), true
