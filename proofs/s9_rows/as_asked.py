"""Claim of section 9: what `kdverify.predict` answers, put together from the equations by hand."""

from fractions import Fraction
from typing import Any

import numpy as np
import sympy
from scipy import stats

import kdverify as kd
from kdverify import formulas as f
from kdverify.evidence import Claim, Step
from kdverify.features import analysis, verdict
from kdverify.rows.as_gaussian import GaussianTheory
from kdverify.rows.question import HEIGHT
from kdverify.teachers import Classroom, Fitted, Given

from ..lib.balls import random_pools
from ..lib.modes import Pairs
from ..lib.signals import noisy
from ..lib.written import Written as Modes
from ..lib.written import agree, same
from .as_run import Written, labels_of
from .as_trained import data, near, plain

AS_ASKED = Claim(
    "9.as-asked",
    title="Questions, teachers and predictions are put together from (2) and (9) to (12)",
    statement=r"\text{rows, weights, intercepts, teachers' labels, risk, excess risk, chances,"
    r" laws, verdicts}:\ \text{within } 10^{-7}\text{ of the equations}",
    needs=("9.as-run", "9.risk", "2.risk"),
    parts=("predictions", "Gaussian formula", "questions", "held-out rows", "teachers", "verdicts"),
    steps=[
        Step("Risk on unseen rows: squared error of the mean, and the variance, row by row."),
        Step(
            "A fitted intercept is one more column, of squared height 1000 (tr Sigma + ridge): the"
            " same prediction as for rows with that column and no intercept."
        ),
    ],
)

#: Solves stop at 1e-7 in log b; sums of them.
LOOSE = 2e-6
#: Options of the theory of independent draws; that of different rows is 9.distinct's.
POPULATION: dict[str, dict[str, Any]] = {"rows": {"distinct": False}}


@AS_ASKED.below("predictions", note="pools on balls", but={"labels scaled": {"scale": 1.001}})
def predictions(digits: int, scale: float = 1.0) -> Pairs:
    """Risk and excess risk, unseen and all rows, by the equations; no noise is added."""
    for pool in random_pools():
        labels = labels_of(pool.size)
        written = Written(pool.enclosed(digits), labels, Fraction(0))
        rows = np.array(pool.rows, dtype=float)
        y = np.array(labels, dtype=float)
        best = rows @ np.linalg.pinv(rows) @ y
        for judged in ("unseen", "all"):
            question = kd.Question.of(
                rows, y * scale, task="regression", intercept="none", judged=judged
            )
            kind: dict[str, Any] = {"finite_size": False, "distinct": False, "laws": True}
            found = kd.predict(question, float(pool.n), "strong", ridges=pool.ridge, **kind)
            risk, excess = np.zeros((2, 2))
            for k in range(2):
                for i in range(pool.size):
                    if judged == "unseen":
                        mean, variance = map(float, written.unseen(i, k))
                    else:
                        mean = float((written.pool.X * written.mean)[i, k])
                        spread = written.pool.X * written.covariance(k, k)
                        variance = float((spread * written.pool.X.transpose())[i, i])
                    risk[k] += ((y[i, k] - mean) ** 2 + variance) / pool.size
                    excess[k] += ((best[i, k] - mean) ** 2 + variance) / pool.size
            yield from near(found.risk_by_output["strong"], risk, LOOSE)
            yield from near(found.excess_by_output["strong"], excess, LOOSE)
            yield from near(
                [found.risk["strong"], found.excess["strong"]], [risk.sum(), excess.sum()], LOOSE
            )
            if judged == "unseen":
                means = [
                    [float(written.unseen(i, k)[0]) for k in range(2)] for i in range(pool.size)
                ]
                yield from near(found.laws["strong"][0].means, means, LOOSE)


@AS_ASKED.below(
    "Gaussian formula", note="ridge or none, n below and above", but={"n + 1/2": {"more": 0.5}}
)
def gaussian(digits: int, more: float = 0.0) -> Pairs:
    """(2) on the pool's eigenvalues, with the mean square of what is not linear as noise."""
    rows, labels, classes = data()
    for intercept, n, ridge in (
        ("none", 3.0, 0.0),
        ("none", 2.5, 0.5),
        ("known", 9.0, 0.0),
        ("none", 9.0, 1.0),
    ):
        question = kd.Question.of(rows, labels, task="regression", intercept=intercept)
        X, y = question.pool.original(), question.labels
        values, vectors = np.linalg.eigh(X.T @ X / len(X))
        beta = np.linalg.pinv(X) @ y
        rest = np.square(y - X @ beta).mean(axis=0)
        found = kd.predict(
            question, n + more, ["strong", "clean"], ridges=ridge, by="gaussian", laws=True
        )
        for k in range(2):
            true = Modes(values.tolist(), (vectors.T @ beta[:, k]).tolist(), n, ridge, rest[k])
            close = Fraction(1, 10**9)
            yield same(found.excess_by_output["strong"][k], true.risk(), close)
            yield same(found.risk_by_output["strong"][k], true.risk() + float(rest[k]), close)
            noiseless = Modes(true.lam, true.beta, n, ridge, 0)
            yield same(found.excess_by_output["clean"][k], noiseless.risk(), close, least=1e-6)
            learnt = np.array([float(1 - z) for z in true.zeta])
            law = found.laws["strong"][0]
            yield from near(law.means[:, k], X @ vectors @ (learnt * (vectors.T @ beta[:, k])))
            if true.least_squares:
                continue
            left = sum(
                x * z**2 * b**2 for x, z, b in zip(true.modes, true.zeta, true.truth, strict=True)
            )
            gamma = float((left + float(rest[k])) / (1 - true.omega)) / n
            spread = np.square(X @ vectors) @ (learnt**2 / values)
            yield from near(law.covariances[:, k, k], gamma * spread)
    # covariances of two columns by those of their sum and difference
    question = kd.Question.of(rows, labels, task="regression", intercept="none")
    turned = kd.Question.of(
        rows,
        np.column_stack([labels.sum(axis=1), labels @ [1, -1]]),
        task="regression",
        intercept="none",
    )
    laws = [
        kd.predict(q, 3.0 + more * 0, "strong", by="gaussian", laws=True).laws["strong"][0]
        for q in (question, turned)
    ]
    crossed = (laws[1].covariances[:, 0, 0] - laws[1].covariances[:, 1, 1]) / 4
    yield from near(laws[0].covariances[:, 0, 1], crossed)
    named = kd.Question.of(rows, classes > 0)
    answers = GaussianTheory(named).at(4.0, 0.0)
    law = answers.students(named.labels, law=True).law
    assert law is not None
    gap = (law.means @ [-1, 1]) + (named.level @ [-1, 1])
    spread = np.einsum("ikl,k,l->i", law.covariances, np.array([-1.0, 1.0]), np.array([-1.0, 1.0]))
    chance = stats.norm.cdf(np.where(classes > 0, 1, -1) * gap / np.sqrt(spread)).mean()
    yield from near(kd.predict(named, 4.0, "strong", by="gaussian").accuracy["strong"], chance)


@AS_ASKED.below(
    "questions", note="weights, columns, intercepts", but={"a weight of 3": {"weight": 3.0}}
)
def questions(digits: int, weight: float = 2.0) -> Pairs:
    """Centring with weights, constant columns, standardising; parts; an intercept as a column."""
    rows, labels, classes = data()
    wide = np.column_stack([rows, np.full(40, 3.0)])
    weights = np.ones(40)
    weights[0] = weight
    twice = np.vstack([wide, wide[:1]])
    for standardise in (False, True):
        one = kd.Question.of(
            wide, labels, task="regression", weights=weights, standardise=standardise
        )
        mean, level = twice.mean(axis=0), np.vstack([labels, labels[:1]]).mean(axis=0)
        spread = twice.std(axis=0) if standardise else np.ones(7)
        yield from near(
            one.pool.original(), ((wide - mean) / np.where(spread > 1e-9, spread, 1))[:, :6]
        )
        yield from near(one.level, level)
        yield from near(one.labels, labels - level)
        yield from near(one.given_rows(), wide)
        part = kd.Question.of(wide, labels, task="regression", standardise=standardise).at_rows(
            np.arange(9)
        )
        yield from near(part.given_rows(), wide[:9])
        yield from near(part.labels + part.level, labels[:9])
        yield from near(part.pool.original().mean(axis=0), np.zeros(6))
    ridge, n = 0.75, 4.0
    question = kd.Question.of(rows, labels, task="regression", judged="all")
    centred, y = question.pool.original(), question.labels
    height = np.sqrt(HEIGHT * (np.square(centred).sum(axis=1).mean() + ridge))
    column = np.column_stack([centred, np.full(40, height)])
    other = kd.Question.of(column, y, task="regression", intercept="none", judged="all")
    for name in ("strong", "clean", "best", "nested-mask", "gains", "blind-mask"):
        options: dict[str, Any] = {"ridges": ridge, "finite_size": False}
        mine = kd.predict(question, n, name, **options).excess[name]
        if name in ("strong", "clean", "best"):
            yield from near(mine, kd.predict(other, n, name, **options).excess[name], LOOSE)
    named = kd.Question.of(rows, classes)
    hot = np.eye(3)[classes]
    yield from near(named.labels, hot - hot.mean(axis=0))
    yield from near(named.level, hot.mean(axis=0))
    outputs = np.random.default_rng(1).standard_normal((40, 3))
    named_as = (outputs + hot.mean(axis=0)).argmax(axis=1)
    yield from agree(named.named(outputs), named_as)
    yield from agree(named.right(outputs, np.arange(40)), named_as == classes)
    two = kd.Question.of(rows, np.where(classes > 0, 3.0, -1.0), classes=classes > 0)
    yield from near([two.threshold], [1.0])
    yield from agree(two.named(outputs[:, :1]), (outputs[:, 0] + two.level[0] > 1.0).astype(int))


@AS_ASKED.below("held-out rows", note="halves of the pool", but={"one row less": {"first": 19}})
def held_out(digits: int, first: int = 20) -> Pairs:
    """Risk and excess risk on all rows are those on both halves, as held-out rows, averaged.

    What finite n adds to either is the student's change, on the moments of these rows.
    """
    rows, labels, _ = data()
    both = ["strong", "clean", kd.teachers.Trained(4)]
    more = {"finite_size": False, "distinct": False}
    for intercept, ridge in (("fitted", 0.5), ("known", 0.0), ("none", 0.3)):
        kind: dict[str, Any] = {"task": "regression", "intercept": intercept}
        whole = kd.Question.of(rows, labels, judged="all", **kind)
        true = kd.predict(whole, 5, both, ridges=ridge, **more)
        parts = [
            kd.predict(
                kd.Question.of(rows, labels, **kind).judged_on(rows[half], labels[half]),
                5,
                both,
                ridges=ridge,
                **more,
            )
            for half in (slice(first), slice(20, None))
        ]
        question = kd.Question.of(rows, labels, **kind).judged_on(rows[:9] + 1, labels[:9] - 2)
        some = question.at_rows(np.arange(5, 25))
        assert some.held_out is not None
        centre = 0 if intercept == "none" else rows[5:25].mean(axis=0)
        yield from near(some.held_out.rows, rows[:9] + 1 - centre)
        yield from near(some.held_out.labels + some.level, labels[:9] - 2)
        for name in true.risk:
            for key in ("risk_by_output", "excess_by_output"):
                halves = [getattr(part, key)[name] for part in parts]
                yield from near(np.mean(halves, axis=0), getattr(true, key)[name], LOOSE)
        if intercept != "fitted":  # what finite n adds, to both risks, on these very rows
            question = kd.Question.of(rows, labels, **kind).judged_on(rows[:first], labels[:first])
            pool, held = question.pool, question.held_out
            assert held is not None
            covariance = held.rows.T @ held.rows / len(held.rows)
            change = kd.rows.student_change(pool, question.labels, 5, covariance, ridge)
            found = [
                kd.predict(question, 5, "strong", ridges=ridge, finite_size=on)
                for on in (True, False)
            ]
            at, nothing = kd.rows.solve(pool, 5, ridge), np.zeros((6, 1))
            test = kd.rows.Moments(covariance, nothing, nothing[0])
            own = kd.rows.Teachers(at, test, kd.rows.Response(at), pool.principal[1])
            answers = Classroom(question, POPULATION).lesson(5, ridge).by("rows")
            yield from near(answers.gains(), own.gains, LOOSE)
            yield from near(answers.blind_mask(), own.blind_mask)
            best = np.linalg.pinv(pool.original()) @ question.labels
            aims = {"risk_by_output": held.labels, "excess_by_output": held.rows @ best}
            for key, aim in aims.items():
                crossed = held.rows.T @ aim / len(held.rows)
                added = change.second - 2 * np.einsum("ik,ik->k", crossed, change.mean)
                corrected, bare = (getattr(one, key)["strong"] for one in found)
                yield from near(corrected - bare, added, LOOSE)


@AS_ASKED.below("teachers", note="labels of every teacher", but={"one mode more": {"more": 1}})
def teachers(digits: int, more: int = 0) -> Pairs:
    """Labels that teachers give, from `rows.Teachers` (checked by `9.as-run`) by hand."""
    rows, labels, classes = data()
    for intercept in ("none", "fitted"):
        question = kd.Question.of(rows, labels, task="regression", intercept=intercept)
        X, y = question.pool.original(), question.labels
        ridge, n = 0.5, 4.0
        lesson = Classroom(question, POPULATION).lesson(n, ridge)
        pool = question.theory_pool(ridge)
        at = kd.rows.solve(pool, n, ridge)
        test = kd.rows.Moments.of(pool, pool, y)
        response = kd.rows.Response(at)
        best = kd.rows.Teachers(at, test, response)
        fit = X @ np.linalg.pinv(X) @ y
        yield from near(lesson.labels(kd.teachers.Strong()), y)
        change = kd.rows.corrected_errors(pool, y, n, test, ridge, start=at).sum()
        told = kd.predict(question, n, "strong", ridges=ridge).parts["strong"]["finite_size"]
        yield from near([told], [change], LOOSE)
        yield from near(lesson.labels(kd.teachers.Clean()), fit)
        yield from near(lesson.labels(kd.teachers.Best()), pool.times(best.optimal), LOOSE)
        any_kind = best.optimal_labels()
        yield from near(lesson.labels(kd.teachers.BestLabels()), any_kind, 1e-4)
        first = int(intercept == "fitted")
        vectors = np.linalg.eigh(X.T @ X / len(X))[1][:, ::-1]
        beta = vectors.T @ np.linalg.pinv(X) @ y
        mask = best.mask[first:]
        for kind, factors in (
            (kd.teachers.NestedMask, mask.astype(float)),
            (kd.teachers.BlindMask, best.blind_mask[first:].astype(float)),
            (kd.teachers.Gains, best.gains[first:]),
        ):
            if more:
                factors = np.roll(factors, 1) + 1
            linear = X @ vectors @ (factors[:, None] * beta)
            yield from near(lesson.labels(kind()), linear, LOOSE)
            keeping = kind(of=kd.teachers.Strong(), residual="keep")
            yield from near(lesson.labels(keeping), y - fit + linear, LOOSE)
            yield from agree([lesson.kept[keeping]], [int((factors != 0).sum())])
        # Gaussian rules: (4) and section 4 on the eigenvalues
        lam = np.linalg.eigvalsh(X.T @ X / len(X))[::-1]
        if intercept == "none":
            true = Modes(lam.tolist(), [1.0] * 6, n, ridge)
            gains = np.array([float(g) for g in true.gains])
            found = lesson.labels(kd.teachers.Gains(by="gaussian"))
            yield from near(found, X @ vectors @ (gains[:, None] * beta))
            yield from near(lesson.labels(kd.teachers.Best(by="gaussian")), found)
            kept = np.array(true.kept, dtype=float)
            for kind in (kd.teachers.NestedMask, kd.teachers.BlindMask):
                yield from near(
                    lesson.labels(kind(by="gaussian")), X @ vectors @ (kept[:, None] * beta)
                )
    given = y + 1
    yield from near(lesson.labels(Given(given)), given - question.level)
    slope, level = plain(rows[:5], labels[:5], 0.0, True)

    class Model:
        def predict(self, X: Any) -> Any:
            return X @ slope + level

    yield from near(lesson.labels(Fitted(Model())), rows @ slope + level - question.level)
    named = kd.Question.of(rows, classes)
    guess = np.roll(classes, 1)
    own = Classroom(named).lesson(4.0, 0.0).labels(Given(guess))
    yield from near(own, np.eye(3)[guess] - np.eye(3)[classes].mean(axis=0))


@AS_ASKED.below(
    "verdicts", note="an analysis, number by number", but={"coverage": {"coverage": 0.9}}
)
def verdicts(digits: int, coverage: float = 0.99) -> Pairs:
    """`analyse` is `predict` and `measure`; verdicts are their interval against 0.95."""
    rows, labels = noisy(160, 12)
    question = analysis.prepare(rows, labels)
    found = analysis.analyse(question, [6, 3], repetitions=8, seed=5)
    yield from agree(found.n, [3.0, 6.0])
    predicted = kd.predict(question, [3, 6])
    trained = kd.measure(question, [3, 6], repetitions=8, seed=5)
    for name in ("strong", "clean", "best", "nested-mask", "gains"):
        yield from near(found.predictions["rows"].excess[name], predicted.excess[name], 1e-12)
        assert found.measured is not None
        yield from near(found.measured.excess[name], trained.excess[name], 1e-12)
    said = verdict.verdicts(found)
    for place, text in enumerate(said):
        clean, masked = (trained.values["excess"][k][place] for k in ("clean", "nested-mask"))
        ratio = masked.mean() / clean.mean()
        error = (masked - ratio * clean).std(ddof=1) / np.sqrt(8) / clean.mean()
        half = stats.t.ppf((1 + coverage) / 2, 7) * error
        numbers = f"risk ratio {ratio:.3f} [{ratio - half:.3f}, {ratio + half:.3f}] measured"
        expected = float(predicted.excess["nested-mask"][place] / predicted.excess["clean"][place])
        word = "cannot tell"
        if ratio + half < 0.95 and expected < 0.95:
            word = "yes"
        if ratio - half > 0.95 and expected > 0.95:
            word = "no"
        yield from agree([numbers in text, f"? {word}:" in text], [True, True])
        yield from agree([f"{expected:.3f} predicted" in text], [True])
    kept = [int((lesson_mask(question, n) != 0).sum()) for n in (3, 6)]
    yield from agree(found.kept, kept)
    yield from near(
        [found.noise],
        [
            np.square(
                question.labels
                - question.pool.original()
                @ np.linalg.pinv(question.pool.original())
                @ question.labels
            ).mean()
        ],
    )


def lesson_mask(question: kd.Question, n: float) -> np.ndarray:
    """The nested mask without the intercept's column."""
    return Classroom(question).lesson(n, 0.0).by("rows").nested_mask()[1:]


@AS_ASKED.identity(
    "two rows", note="error from moments, and row by row", but={"no variance": {"kept": 0}}
)
def two_rows(kept: int = 1) -> tuple[Any, Any]:
    """`formulas.squared_error` of two rows' moments: squared gaps of the means, and variances."""
    x1, x2, y1, y2, m, v = sympy.symbols("x1 x2 y1 y2 m v", real=True)
    second, crossed = (x1**2 + x2**2) * (m**2 + kept * v) / 2, (x1 * y1 + x2 * y2) * m / 2
    gaps = [(y - x * m) ** 2 + x**2 * v for x, y in ((x1, y1), (x2, y2))]
    return f.squared_error(second, crossed, (y1**2 + y2**2) / 2), sum(gaps) / 2
