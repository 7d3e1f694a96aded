"""Claim of section 9: students that are trained, measured and enumerated, beside plain algebra."""

import itertools
from collections.abc import Iterator
from fractions import Fraction
from typing import Any

import numpy as np

import kdverify as kd
from kdverify.estimators import (
    Distiller,
    DistillerClassifier,
    MinNormClassifier,
    MinNormRegressor,
    RidgeClassifier,
    RidgeStudent,
)
from kdverify.evidence import Claim, Comparison, Context, Step
from kdverify.rows.modes import transformed_labels
from kdverify.rows.one_or_two import few_sample_accuracy, few_sample_errors
from kdverify.rows.training import Decomposition, contrasts, fit, train
from kdverify.seeds import stream

from ..lib.ensembles import seed
from ..lib.modes import Pairs
from ..lib.written import agree

AS_TRAINED = Claim(
    "9.as-trained",
    title="Students that are trained are the least squares that they are said to be",
    statement=r"\arg\min |b|^2,\ \arg\min |y - c - Xb|^2 + \delta|b|^2,\ \text{their risks,"
    r" excess risks and accuracies on unseen or all rows, for one and two rows over all"
    r" training sets}:\ \text{within } 10^{-9}\text{ of plain algebra}",
    needs=("9.risk",),
    parts=("students", "measured", "one or two rows", "estimators", "drawn rows"),
    steps=[
        Step("A student is the pseudo-inverse of centred rows, or a solved system with a ridge."),
        Step("Of nine rows all pairs are training sets: means over them are sums."),
    ],
)

#: Two ways through float64.
CLOSE = 1e-9


def near(found: Any, true: Any, close: float = CLOSE) -> Pairs:
    """In order iff arrays of float64 agree, relative to the largest entry: the worst one."""
    found, true = np.asarray(found, dtype=float), np.asarray(true, dtype=float)
    if found.shape != true.shape:
        yield 1, 0
        return
    size = max(float(np.abs(true).max(initial=0.0)), 1e-3)
    blank = np.isnan(true)
    if (np.isnan(found) != blank).any():
        yield 1, 0
    elif found.size:
        worst = np.abs(found - true)[~blank].max(initial=0.0)
        yield Fraction(float(worst)), Fraction(close * size)


def plain(rows: Any, labels: Any, ridge: float, intercept: bool) -> tuple[np.ndarray, np.ndarray]:
    """Coefficients (p, K) and constants (K,): pseudo-inverse, or the normal equations."""
    X, Y = np.asarray(rows, dtype=float), np.asarray(labels, dtype=float)
    mean = X.mean(axis=0) if intercept else np.zeros(X.shape[1])
    level = Y.mean(axis=0) if intercept else np.zeros(Y.shape[1])
    Z = X - mean
    if ridge > 0:
        b = np.linalg.solve(Z.T @ Z + ridge * np.eye(Z.shape[1]), Z.T @ (Y - level))
    else:
        b = np.linalg.pinv(Z, rcond=1e-12) @ (Y - level)
    return b, level - mean @ b


def data(size: int = 40, p: int = 6) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Rows with a mean, labels in two columns that are not linear, three classes."""
    generator = np.random.default_rng(5)
    rows = generator.standard_normal((size, p)) * np.arange(1, p + 1) ** -0.5 + 0.5
    labels = np.column_stack([rows[:, 0] * rows[:, 1] + 2, np.abs(rows[:, 2]) - rows[:, 3]])
    classes = (rows[:, 0] > 0.2).astype(int) + (rows[:, 1] + rows[:, 2] > 1.4)
    return rows, labels, classes


@AS_TRAINED.below(
    "students", note="few rows, many, dependent", but={"ridge + 1e-6": {"more": 1e-6}}
)
def students(digits: int, more: float = 0.0) -> Pairs:
    """`fit`, `train`, `Decomposition`, `contrasts`, ridge or none, intercept or none."""
    rows, labels, _ = data()
    for n, intercept, ridge in itertools.product((1, 2, 4, 6, 7, 15), (True, False), (0.0, 0.25)):
        true = plain(rows[:n], labels[:n], ridge, intercept)
        found = train(rows[:n], labels[:n], ridge + more, intercept)
        yield from near(found[0], true[0])
        yield from near(found[1], true[1])
    repeated = np.vstack([rows[:3], rows[:1]])
    same = np.vstack([labels[:3], labels[:1] + 1])
    yield from near(fit(repeated, same), plain(repeated, same, 0.0, False)[0])
    constant = np.column_stack([rows[:5], np.full(5, 7.0)])
    yield from near(
        train(constant, labels[:5], 0.0, True)[0], plain(constant, labels[:5], 0.0, True)[0]
    )
    centred = rows[:5] - rows[:5].mean(axis=0)
    turned = contrasts(rows[:5], rows[:5].mean(axis=0))
    yield from near(turned.T @ turned, centred.T @ centred)
    yield from agree([turned.shape, contrasts(rows[:1], rows[0]).shape], [(4, 6), (0, 6)])
    made = Decomposition(rows[:4])
    for found, ridge in zip(
        made.students(labels[:4], [0.0, 0.5, 2.0]), (0.0, 0.5, 2.0), strict=True
    ):
        yield from near(found, plain(rows[:4], labels[:4], ridge, False)[0])
    dependent = Decomposition(repeated).students(same, [0.0])[0]
    yield from near(dependent, plain(repeated, same, 0.0, False)[0])


def judged(
    question: kd.Question, given: np.ndarray, drawn: Any, ridge: float, seen: Any = ()
) -> list[np.ndarray]:
    """Risk, excess risk and accuracy of one student on the rows that the question judges."""
    rows, labels, classes = question.pool.original(), question.labels, question.classes
    weights = question.pool.each_weight
    slope, level = plain(rows[drawn], given[drawn], ridge, question.intercept == "fitted")
    roots = np.sqrt(weights)[:, None]
    best = np.linalg.pinv(roots * rows) @ (roots * labels)
    there = np.arange(len(rows))
    if question.held_out is not None:
        held = question.held_out
        rows, labels, classes = held.rows, held.labels, held.classes
        there, weights = np.arange(len(rows)), np.ones(len(rows))
    elif question.judged == "unseen":
        there = np.setdiff1d(there, [*drawn, *seen])
    outputs = rows[there] @ slope + level
    shares = (weights[there] / weights[there].sum())[:, None]
    found = [
        (shares * np.square(outputs - labels[there])).sum(axis=0),
        (shares * np.square(outputs - rows[there] @ best)).sum(axis=0),
    ]
    if classes is not None:
        scores = outputs + question.level
        named = scores.argmax(axis=1)
        if question.threshold is not None:
            named = (scores[:, 0] > question.threshold).astype(int)
        found.append(np.array(shares[:, 0] @ (named == classes[there])))
    return found


def questions() -> Iterator[kd.Question]:
    """Numbers, three classes, two classes in one column; intercepts; unseen and all rows."""
    rows, labels, classes = data()
    for intercept, where in (("fitted", "unseen"), ("known", "all"), ("none", "unseen")):
        yield kd.Question.of(rows, labels, task="regression", intercept=intercept, judged=where)
        yield kd.Question.of(rows, classes, intercept=intercept, judged=where)
    two = (classes > 0).astype(float) * 3 - 1
    yield kd.Question.of(rows, two, classes=classes > 0)


@AS_TRAINED.below("measured", note="seven questions", but={"one row more": {"more": 1}})
def measured(digits: int, more: int = 0) -> Pairs:
    """`measure`: every repetition, ridge and n; means, standard errors, medians; teachers."""
    for question in questions():
        sizes, ridges, count = [3, 9], [0.0, 0.5], 3
        teachers = ["strong", "clean"]
        found = kd.measure(question, sizes, teachers, ridges=ridges, repetitions=count, seed=7)
        rows = question.pool.original()
        given = {"strong": question.labels, "clean": rows @ np.linalg.pinv(rows) @ question.labels}
        names = ("risk", "excess", "accuracy")[: 2 + (question.classes is not None)]
        for i, n in enumerate(sizes):
            for k, ridge in enumerate(ridges):
                for teacher, labels in given.items():
                    drawn = [
                        stream(7, "training rows", n, r).permutation(len(rows))[: n + more]
                        for r in range(count)
                    ]
                    true = [judged(question, labels, one, ridge) for one in drawn]
                    for place, name in enumerate(names):
                        each = np.array([one[place].sum() for one in true])
                        values = found.values[name][teacher][i, k]
                        yield from near(values, each)
                        yield from near(getattr(found, name)[teacher][i, k], each.mean())
                        error = found.standard_errors()[name][teacher][i, k]
                        yield from near(error, each.std(ddof=1) / np.sqrt(count))
                        yield from near(found.medians(name)[teacher][i, k], np.median(each))
                    by_output = np.mean([one[0] for one in true], axis=0)
                    yield from near(found.risk_by_output[teacher][i, k], by_output)
                    excess = np.mean([one[1] for one in true], axis=0)
                    yield from near(found.excess_by_output[teacher][i, k], excess)
        room = kd.teachers.Classroom(question)
        best = [room.lesson(3.0, ridge).labels(kd.teachers.Best()).copy() for ridge in ridges]
        taught = kd.measure(question, 3, "best", ridges=ridges, repetitions=count, seed=7)
        for k, ridge in enumerate(ridges):
            drawn = [
                stream(7, "training rows", 3, r).permutation(len(rows))[: 3 + more]
                for r in range(count)
            ]
            sums = [judged(question, best[k], one, ridge)[0].sum() for one in drawn]
            yield from near(taught.values["risk"]["best"][k], sums, 1e-7)
        alone = kd.measure(question, 3, "strong", repetitions=count, seed=7)
        yield from near(alone.risk["strong"], found.risk["strong"][0, 0])
    yield from drawn_again()


def drawn_again() -> Pairs:
    """Rows drawn independently, by weights too; judged on unseen rows, on all, and on others."""
    rows, _, classes = data()
    more = itertools.product(("unseen", "all", "held out"), (None, np.arange(1.0, 25.0)))
    for k, (where, weights) in enumerate(more):
        intercept = ("fitted", "none", "known", *["fitted"] * 3)[k]
        ridge, n, m = ((0.0, 9, 8), (0.5, 21, 2))[k % 2]
        own = "unseen" if where == "held out" else where
        question = kd.Question.of(
            rows[:24], classes[:24], intercept=intercept, judged=own, weights=weights
        )
        if where == "held out":
            question = question.judged_on(rows[24:], classes[24:])
            centre = 0 if intercept == "none" else np.average(rows[:24], axis=0, weights=weights)
            held = question.held_out
            assert held is not None
            yield from near(held.rows, rows[24:] - centre)
            yield from agree(held.classes, classes[24:])
        found = kd.measure(
            question,
            n,
            ["strong", kd.teachers.Trained(m)],
            ridges=ridge,
            repetitions=3,
            draws=kd.rows.Draws(replace=True),
            seed=2,
        )
        chances = None if weights is None else weights / weights.sum()
        for r in range(3):
            generator = stream(2, "training rows", n, r)
            drawn, others = (generator.choice(24, k, p=chances) for k in (n, m))
            slope, level = plain(
                question.pool.rows[others], question.labels[others], 0.0, intercept == "fitted"
            )
            taught = question.pool.rows @ slope + level
            for name, labels, seen in (
                ("strong", question.labels, ()),
                (f"trained-{m}", taught, others),
            ):
                true = judged(question, labels, drawn, ridge, seen)
                told = [found.values[key][name][r] for key in ("risk", "excess", "accuracy")]
                yield from near(told, [part.sum() for part in true], 1e-7)


@AS_TRAINED.below(
    "one or two rows", note="nine rows, all training sets", but={"all rows": {"unseen": False}}
)
def enumerated(digits: int, unseen: bool | None = None) -> Pairs:
    """Errors of students of one and two rows with an intercept: sums over all training sets."""
    rows, labels, classes = data(9, 4)
    rows[8] = rows[7]  # two rows that are the same
    taught = np.column_stack([labels[:, 0] + rows[:, 1], labels[:, 1] ** 2])
    for intercept_judged, ridge, n in itertools.product(("unseen", "all"), (0.0, 0.5), (1, 2)):
        question = kd.Question.of(rows, labels, task="regression", judged=intercept_judged)
        pool = question.pool
        where = intercept_judged == "unseen" if unseen is None else unseen
        sets = [list(one) for one in itertools.combinations(range(9), n)]
        best = pool.rows @ np.linalg.pinv(pool.rows) @ question.labels
        for aim in (question.labels, best):
            errors = []
            for drawn in sets:
                slope, level = plain(pool.rows[drawn], taught[drawn], ridge, True)
                there = (
                    np.setdiff1d(np.arange(9), drawn)
                    if intercept_judged == "unseen"
                    else np.arange(9)
                )
                errors.append(np.square(pool.rows[there] @ slope + level - aim[there]).mean(axis=0))
            found = few_sample_errors(pool, taught, aim, n, ridge, where)
            yield from near(found, np.mean(errors, axis=0))
        predicted = kd.predict(question, n, "strong", ridges=ridge)
        true = np.mean([judged(question, question.labels, one, ridge)[0].sum() for one in sets])
        yield from near(predicted.risk["strong"], true)
        excess = np.mean([judged(question, question.labels, one, ridge)[1].sum() for one in sets])
        yield from near(predicted.excess["strong"], excess)
    named = kd.Question.of(rows, classes[:9] > 0)
    sets = [[k] for k in range(9)]
    chance = np.mean([judged(named, named.labels, one, 0.0)[2] for one in sets])
    yield from near(kd.predict(named, 1, "strong").accuracy["strong"], chance)
    everywhere = kd.Question.of(rows, classes[:9] > 0, judged="all")
    chance = np.mean([judged(everywhere, everywhere.labels, one, 0.0)[2] for one in sets])
    yield from near(kd.predict(everywhere, 1, "strong").accuracy["strong"], chance)


@AS_TRAINED.below("estimators", note="scikit-learn's faces", but={"another alpha": {"alpha": 0.75}})
def estimators(digits: int, alpha: float = 0.5) -> Pairs:
    """Students, classifiers with weights, and distillers with and without a transform."""
    rows, labels, classes = data()
    few, unseen = rows[:5], rows[30:]
    for intercept in (True, False):
        b, c = plain(few, labels[:5], 0.0, intercept)
        found = MinNormRegressor(intercept).fit(few, labels[:5])
        yield from near(found.predict(unseen), unseen @ b + c)
        yield from near(found.coef_, b.T)
        single = MinNormRegressor(intercept).fit(few, labels[:5, 0])
        yield from near(single.predict(unseen), (unseen @ b + c)[:, 0])
        b, c = plain(few, labels[:5], 0.5, intercept)
        yield from near(
            RidgeStudent(alpha, intercept).fit(few, labels[:5]).predict(unseen), unseen @ b + c
        )
        hot = np.eye(3)[classes[:20]]
        b, c = plain(rows[:20], hot, 0.0, intercept)
        named = MinNormClassifier(intercept).fit(rows[:20], classes[:20])
        yield from near(named.decision_function(unseen), unseen @ b + c)
        yield from agree(named.predict(unseen), (unseen @ b + c).argmax(axis=1))
        b, c = plain(rows[:20], hot, 0.5, intercept)
        ridge = RidgeClassifier(0.5, intercept).fit(rows[:20], classes[:20])
        yield from near(ridge.decision_function(unseen), unseen @ b + c)
        counts = np.arange(20) % 3 + 1
        b, c = plain(
            np.repeat(rows[:20], counts, axis=0),
            np.repeat(hot, counts, axis=0),
            0.5 * counts.mean(),
            intercept,
        )
        weighted = RidgeClassifier(0.5, intercept).fit(rows[:20], classes[:20], counts)
        yield from near(weighted.decision_function(unseen), unseen @ b + c)
    two = (classes > 0).astype(int)
    b, c = plain(rows[:12], np.eye(2)[two[:12]], 0.0, True)
    scores = unseen @ b + c
    for face in (MinNormClassifier(), RidgeClassifier(0.0)):
        yield from near(
            face.fit(rows[:12], two[:12]).decision_function(unseen), scores[:, 1] - scores[:, 0]
        )
    yield from distillers(rows, labels, classes)


def distillers(rows: np.ndarray, labels: np.ndarray, classes: np.ndarray) -> Pairs:
    """The surrogate on the labelled rows, the student on its labels of the others."""
    y = labels[:, 0].copy()
    y[14:] = np.nan
    free = np.arange(14, 40)
    b, c = plain(rows[:14], labels[:14, :1], 0.0, True)
    taught = rows @ b + c
    picked = np.sort(np.random.RandomState(3).choice(free, 4, replace=False))
    question = kd.Question.of(rows)
    lesson = kd.teachers.Classroom(question).lesson(4, 0.0)
    centred = taught - taught.mean(axis=0)
    for kind in ("none", "gain", "mask"):
        for rule in ("rows", "gaussian"):
            given, factors = taught, np.ones(6)
            if kind != "none":
                answers = lesson.by(rule)
                made = answers.gains() if kind == "gain" else answers.blind_mask()
                factors = made[1:][:6] if made.size > 6 else np.append(made, np.ones(6))[1:7]
                changed = transformed_labels(question.pool, centred, factors, "drop")
                given = changed + taught.mean(axis=0)
            s, d = plain(rows[picked], given[picked], 0.0, True)
            found = Distiller(label_transform=kind, rule=rule, n=4, random_state=3).fit(rows, y)
            yield from near(found.predict(rows), (rows @ s + d)[:, 0])
            yield from near(found.factors_, factors)
            yield from agree([found.n_samples_], [4])
    order = np.random.RandomState(1).permutation(40)
    own, others = np.sort(order[:12]), np.sort(order[12:])
    b, c = plain(rows[own], labels[own], 0.0, True)
    s, d = plain(rows[others], rows[others] @ b + c, 0.5, True)
    split = Distiller(RidgeStudent(0.5), split=0.3, random_state=1).fit(rows, labels)
    yield from near(split.predict(rows), rows @ s + d)
    more = Distiller().fit(rows[:12], labels[:12], rows[12:])
    b, c = plain(rows[:12], labels[:12], 0.0, True)
    s, d = plain(rows[12:], rows[12:] @ b + c, 0.0, True)
    yield from near(more.predict(rows), rows @ s + d)
    marked = np.where(np.arange(40) < 20, classes, -1)
    for surrogate, ridge in ((None, 0.0), (RidgeClassifier(0.5), 0.5)):
        b, c = plain(rows[:20], np.eye(3)[classes[:20]], ridge, True)
        outputs = rows[20:] @ b + c
        given = np.eye(3)[outputs.argmax(axis=1)] if surrogate is None else chances(outputs)
        s, d = plain(rows[20:], given, 0.0, True)
        named = DistillerClassifier(surrogate=surrogate).fit(rows, marked)
        yield from near(named.decision_function(rows), rows @ s + d)
        yield from near(named.predict_proba(rows), chances(rows @ s + d))
        yield from agree(named.predict(rows), (rows @ s + d).argmax(axis=1))


def chances(scores: np.ndarray) -> np.ndarray:
    """Scores below zero are none; the rest sum to one."""
    kept = np.where(scores > 0, scores, 0.0)
    return kept / kept.sum(axis=1, keepdims=True)


def drawn_rows(context: Context) -> Comparison:
    """`few_sample_accuracy` at n = 2 beside the mean over all pairs; errors of a random subset."""
    rows, _, classes = data()
    question = kd.Question.of(rows, classes)
    each = np.array(
        [
            float(judged(question, question.labels, list(one), 0.0)[2])
            for one in itertools.combinations(range(40), 2)
        ]
    )
    found = few_sample_accuracy(question, question.labels, 2, 0.0, seed(context, "rows") % 2**31)
    error = float(each.std(ddof=1)) / np.sqrt(2000)
    return Comparison("accuracy", found, error, 1999, float(each.mean()), 0.025)


AS_TRAINED.agreement(
    "drawn rows",
    drawn_rows,
    note="accuracy of two rows: 2,000 random training sets against all 780",
).shifted(1)
