"""Claim of section 13: how labels are read, what is refused, what teachers say, and verdicts."""

import itertools
from dataclasses import replace
from typing import Any

import numpy as np
import sympy
from scipy import stats
from sklearn.linear_model import Ridge, RidgeClassifier
from sklearn.naive_bayes import GaussianNB

import kdverify as kd
from kdverify import formulas as f
from kdverify.estimators import LabelledCurve
from kdverify.evidence import Claim, Step
from kdverify.labels.asking import MOST_ENTRIES, _chosen, ask
from kdverify.labels.forecast import AtSize
from kdverify.labels.guards import Refusal, at_size_refusals, chance_at_random, near_pairs
from kdverify.labels.learning import learning_curve
from kdverify.labels.setting import Setting
from kdverify.labels.subsamples import measured_below
from kdverify.labels.verdict import verdict
from kdverify.labels.worth import Worth, fitted_teacher, teacher_labels, worth
from kdverify.seeds import stream

from ..lib.labelled import contradicted, few, pool, refused, shown_anyway
from ..lib.modes import Pairs
from ..lib.signals import curve_of, route
from ..lib.written import agree
from ..s9_rows.as_trained import near, plain

AS_SAID = Claim(
    "13.as-said",
    title="Labels are read, forecasts refused and verdicts given as they are said to be",
    statement=r"\text{rows that stand for all; teachers' labels; refusals and verdicts on both"
    r" sides of each threshold; the faces}:\ \text{plain algebra}",
    needs=("13.as-run", "13.as-forecast"),
    parts=("asking", "guards", "verdicts", "teachers", "faces"),
    steps=[
        Step("Labels come as columns with gaps, with a mark, or with row numbers: one setting."),
        Step("Made-up numbers on both sides of each threshold decide a refusal or a word."),
    ],
)

#: Of an interval of 80 %.
WIDE = float(stats.norm.ppf(0.9))


@AS_SAID.below("asking", note="gaps, marks, numbers", but={"another seed": {"seed": 8}})
def asking(digits: int, seed: int = 7) -> Pairs:
    """Settings of labels that are given in four ways; rows that stand for all; what is refused."""
    rows, y, known = pool()
    gaps = np.full(60, np.nan)
    gaps[known] = y
    marked = np.where(np.isnan(gaps), -1.0, gaps)
    shuffled = np.random.default_rng(1).permutation(25)
    by_number = (known[shuffled].astype(float), y[shuffled])
    spare = np.setdiff1d(np.arange(60), known)[0]
    ways: list[tuple[Any, dict[str, Any]]] = [
        (gaps, {}),
        (marked, {"unlabelled": -1.0}),
        (by_number, {}),
        ((np.append(by_number[0], spare), np.append(by_number[1], -1.0)), {"unlabelled": -1.0}),
    ]
    for labels, options in ways:
        for intercept, standardise in itertools.product((True, False), repeat=2):
            found = ask(rows, labels, intercept=intercept, standardise=standardise, **options)
            Z = rows - rows.mean(axis=0) * intercept
            Z = Z / rows.std(axis=0) if standardise else Z
            yield from agree(found.known, known)
            yield from near(found.labels[:, 0], y)
            yield from near(found.sample.rows @ found.sample.rows.T, Z @ Z.T)
            yield from agree([found.size, found.count, found.sample.intercept], [60, 25, intercept])
            yield from agree(found.numbers, np.arange(60))  # type: ignore[arg-type]  # numbers
    names = np.array(["u", "v", "w"])[np.arange(25) % 3]
    for task, given in (
        ("auto", names),
        ("classes", np.arange(25) % 3),
        ("auto", np.arange(25) % 3),
    ):
        found = ask(rows, (known, given), task=task)
        yield from near(found.labels, np.eye(3)[np.arange(25) % 3])
        yield from agree(found.class_names, np.unique(given))
    found = ask(rows, (known, (np.arange(25) % 3).astype(float)))
    yield from agree([found.classes, "though only 3" in found.notes[0]], [None, True])
    few = ask(rows, gaps, max_rows=52, seed=seed)
    others = np.setdiff1d(np.arange(60), known)
    drawn = stream(7, "rows beside the labelled ones").choice(others, 27, replace=False)
    chosen = np.sort(np.concatenate([known, drawn]))
    yield from agree(few.numbers, chosen)  # type: ignore[arg-type]  # numbers
    yield from agree(chosen[few.known], known)
    yield from near(few.labels[:, 0], y)
    yield from agree([few.size, few.notes[0][:22]], [60, "52 of the 60 rows, dra"])
    least = ask(rows, gaps, max_rows=3)
    yield from agree([len(least.sample.rows)], [50])
    # rows that are wanted: ten a column, 5000, and so many that n is 80 % of them
    for width, largest, count, wanted in (
        (4, 100, 25, 5000),
        (800, 100, 25, 8000),
        (4, 6000, 25, 7501),
        (4, 100, 4000, 8000),
        (2**14, 100, 25, MOST_ENTRIES // 2**14),
    ):
        taken = _chosen((10**5, width), np.arange(count), largest, None, 0)
        yield from agree(
            [taken.size, np.unique(taken).size, taken[count - 1]], [wanted, wanted, count - 1]
        )
    yield from agree(_chosen((4999, 4), np.arange(25), 100, None, 0), range(4999))
    spoilt: list[tuple[Any, dict[str, Any]]] = [
        ((known[:19], y[:19]), {}),
        ((np.arange(60), np.arange(60.0)), {}),
        ((known, np.ones(25)), {"task": "regression"}),
        ((known, np.append(names[:24], "x")), {}),
    ]
    for labels, options in spoilt:
        try:
            ask(rows, labels, **options)
        except ValueError:
            yield 0, 1
        else:
            yield 1, 0
    yield from agree([ask(rows, (known[:20], y[:20])).count], [20])
    for ones, rare in ((1, 1), (2, 0), (0, 0)):
        column = np.zeros(60)
        column[:ones] = 1.0
        made = Setting.of(kd.Question.of(np.column_stack([rows, column]), gaps))
        yield from agree([made.rare_columns, made.size, made.count], [rare, 60, 25])


@AS_SAID.below("guards", note="both sides of thresholds", but={"one more": {"more": 1}})
def guards(digits: int, more: int = 0) -> Pairs:
    """Refusals: little noise, few directions, long rows, growing errors, near rows, rare ones."""
    generator = np.random.default_rng(5)
    circle = np.exp(2j * np.pi * np.arange(50) / 50)
    rows = np.column_stack([circle.real, circle.imag])
    rows *= (1 + np.cos(7.0 * np.arange(50)) / 99)[:, None]
    yield from agree([len(refused(rows)) + more], [0])
    cases: list[tuple[dict[str, Any], str]] = [
        ({"share": 0.9701}, "passes for signal"),
        ({"share": 0.9699, "count": 31}, ""),
        ({"share": 0.9001, "count": 30}, "with 30 labels in 30 directions: with so"),
        ({"share": 0.8999, "count": 30}, ""),
        ({"rank": 19}, "have 19 directions"),
        ({"rank": 20}, ""),
        ({"rare": 2}, "2 columns are nearly"),
        ({"faint": 3}, "3 columns vary so little"),
        ({"errors": few(0.0104)}, ""),
        ({"errors": few(0.0102)}, "variation of 3, above"),
        ({"errors": few(0.0102), "names": ("a", "b")}, ""),
    ]
    for said, words in cases:
        found = refused(rows, **said)
        yield from agree([words in one.reason for one in found], [True] if words else [])
        yield from agree([one.ridgeless for one in found], ["rare" in said] if words else [])
        if "rare" in said:
            yield from agree(found[0].sizes, (15.0, 60.0))
    for count, short, heavy in ((25, 0.01, False), (24, 0.01, True)):
        lengths = np.where(np.arange(50) < count, 1.0, short)
        found = refused(rows * np.sqrt(lengths)[:, None])
        ratio = lengths.std() / lengths.mean()
        yield from agree(
            [(ratio > 1), [f"variation of {ratio:.2g}" in one.reason for one in found]],
            [heavy, [True] * heavy],
        )
    # over all sets of 3 of 7 rows the squared distance has the mean 1 a direction
    line = generator.standard_normal((7, 1))
    chances = [chance_at_random(line, np.array(k)) for k in itertools.combinations(range(7), 3)]
    yield from near([stats.chi2.isf(chances, 1).mean()], [1.0])
    plane = generator.standard_normal((30, 9))
    shift = plane[:10].mean(axis=0) - plane.mean(axis=0)
    distance = np.square(shift[:2]) / plane[:, :2].var(axis=0) * 10 * 29 / 20
    yield from near([chance_at_random(plane, np.arange(10))], [np.exp(-distance.sum() / 2)])
    found = refused(rows, known=np.arange(25))
    yield from agree(["not like the others" in one.reason for one in found], [True])
    # two rows in turn: the ridge that the forecast holds best is worse by their mean
    for worse, odd, spread, told in (
        (0.106, 0.0, 0.0, True),
        (0.105, 0.0, 0.0, False),
        (0.2, 1.0, 0.0, False),
        (0.2, 0.8, 0.0, True),
        (0.2, 0.8, 0.07, True),
        (0.2, 0.8, 0.1, False),
    ):
        found = contradicted(worse, odd, spread)
        yield from agree([f"is {worse:.0%} worse" in one.reason for one in found], [True] * told)
    for size, share in itertools.product((40, 100, 400), (0.0, 0.3, 0.35, 0.4, 0.5, 0.7)):
        lengths = 1 + generator.random(size) / 10
        errors = share * stats.rankdata(lengths) + (1 - share) * size * generator.random(size)
        r = np.corrcoef(stats.rankdata(errors), stats.rankdata(lengths))[0, 1]
        chance = 2 * stats.t.sf(abs(r) * np.sqrt((size - 2) / (1 - r**2)), size - 2)
        turned = np.exp(2j * np.pi * np.arange(size) / size) * np.sqrt(lengths)
        grows = r > 0.35 and chance < 1e-3
        for own, known in ((errors, range(size)), (errors[::-1], range(2 * size)[: size - 1 : -1])):
            found = refused(np.column_stack([turned.real, turned.imag]), own, known=np.array(known))
            told_so = [f"rank correlation {r:.2f}" in one.reason for one in found]
            yield from agree(told_so, [True] * bool(grows))
    far = np.vstack([rows * 3, rows[:4] * 3])
    far[50:] += 1e-5 * np.array([[2.8, 0], [3.2, 0], [0, 0], [1e-12, 0]])
    yield from agree([near_pairs(far)], [1])
    found = refused(far)
    yield from agree([(one.reason[:12], one.ridgeless) for one in found], [("1 pairs of r", True)])
    ends = Refusal("", True, (15.0, 60.0))
    asked = [(15, 0.0), (60, 0.0), (14, 0.0), (61, 0.0), (30, 0.1)]
    speaks = [ends.meets(n, ridge) for n, ridge in asked]
    yield from agree(speaks, [True, True, False, False, False])
    yield from agree([Refusal("").meets(1e9, 3.0)], [True])
    for sets, times in (
        ([1.0, 1.0, 1.0, 8.9, 1.0, 1.0, 1.0, 1.0, 1.0], 1),
        ([1.0, 1.0, 1.0, 3.7, 1.0, 1.0, 1.0, 1.0, 1.0], 0),
        ([0.1, 0.1, 0.1, 0.95, 0.9, 0.9, 0.1], 1),
        ([0.1, 0.1, 0.1, 0.85, 0.8, 0.8, 0.1], 0),
    ):
        each = np.column_stack([np.ones(len(sets)), sets])[:, None, :]
        at = AtSize(12, each, each, np.ones(1), False, 2)
        found = at_size_refusals(at, 1)
        yield from agree(
            [(one.sizes, one.ridgeless) for one in found], [((12.0, 12.0), True)] * times
        )
        yield from agree(
            [f"largest {max(sets):.3g}" in one.reason for one in found], [True] * times
        )
        yield from agree(at_size_refusals(at, None) + at_size_refusals(at, 0), [])
        close = [at_size_refusals(replace(at, spare=spare), 0) for spare in (-2, -1, 0, 1)]
        yield from agree(
            [["within one row" in one.reason for one in found] for found in close],
            [[], [True], [True], [True]],
        )
        dependent = at_size_refusals(replace(at, dependent=True), 0)
        yield from agree(
            [("dependent" in one.reason, one.sizes) for one in dependent], [(True, (12.0, 12.0))]
        )


#: The ratio that is worth a word, just missed and just met.
OVER, UNDER = 0.971 / 0.97, 0.969 / 0.97


@AS_SAID.below("verdicts", note="made-up routes", but={"97 % moved": {"worth": 0.99}})
def verdicts(digits: int, worth: float = 0.97) -> Pairs:
    """Choices of `verdict`: by the curve, by one teacher, and by the best of several."""
    wide = np.exp(WIDE * 0.1)
    for change, word in (
        (worth / wide * UNDER, "collect labels"),
        (worth / wide * OVER, "cannot tell"),
        (worth * wide * UNDER, "cannot tell"),
        (worth * wide * OVER, "keep plain ridge"),
    ):
        curve = curve_of({10: 1.0, 20: 0.2, 38: change, 70: 0.1}, 0.1)
        found = verdict(curve)
        low, high = change / wide, change * wide
        numbers = f"38 labels bring {change:.2f} [{low:.2f}, {high:.2f}]"
        yield from agree([found.choice, numbers in found.reason], [word, True])
    for points, reasons, reason in (
        ({10: 0.5}, (), "no more labels than those at hand were asked for"),
        ({}, ("why", "not"), "why"),
    ):
        none = verdict(curve_of(points, 0.1, reasons))
        yield from agree(
            [none.choice, none.reason, str(none)], ["cannot tell", reason, f"cannot tell: {reason}"]
        )
    flat = curve_of({10: 1.0, 40: 0.999}, 0.0)
    for alone, mix, word in (
        ((worth / wide * UNDER, 0.1), (1.0, 0.1), "use the teacher"),
        ((worth / wide * OVER, 0.1), (1.0, 0.1), "cannot tell"),
        ((0.5, 0.1), (0.5 / np.exp(WIDE * 0.02**0.5) * OVER, 0.1), "use the teacher"),
        ((0.5, 0.1), (0.5 / np.exp(WIDE * 0.02**0.5) * UNDER, 0.1), "mix both"),
        ((1.2, 0.1), (worth / wide * UNDER, 0.1), "mix both"),
        ((1.2, 0.1), (worth / wide * OVER, 0.1), "cannot tell"),
        ((worth * UNDER, 0.1), (1.2, 0.1), "cannot tell"),
        ((worth * OVER, 0.1), (worth * OVER, 0.1), "keep plain ridge"),
    ):
        free = route("labels", 2.0, 0.0, 0)
        first, second = (
            route("teacher", 2 * alone[0], alone[1], 1),
            route("mix", 2 * mix[0], mix[1], 2),
        )
        nothing = (None, None, None, None)
        one = Worth("t", free, first, second, *nothing)
        found = verdict(flat, [one])
        yield from agree([found.choice], [word])
        middle, error = mix if word == "mix both" else alone
        ends = [middle * np.exp(move * WIDE * error) for move in (-1, 1)]
        text = f"{middle:.2f} [{ends[0]:.2f}, {ends[1]:.2f}]"
        yield from agree([text in found.reason or word == "keep plain ridge"], [True])
        far = (route("teacher", 3.0, 0.1, 1), route("mix", 3.0, 0.1, 2))
        worse = Worth("u", free, *far, *nothing)
        yield from agree([verdict(flat, [worse, one, worse])], [found])
        close = (route("teacher", 2.2, 0.1, 1), route("mix", 2.2, 0.1, 2))
        near_by = Worth("v", free, *close, *nothing)
        yield from agree([verdict(flat, [near_by, one])], [found])
        logs = first.log_ratio(second)
        yield from near(logs, [np.log(alone[0] / mix[0]), np.hypot(alone[1], mix[1])], 1e-8)
    better = verdict(curve_of({10: 1.0, 40: 0.5}, 0.0), [worse])
    yield from agree(
        [better.choice, "no teacher is better" in better.reason], ["collect labels", True]
    )
    said = worse.to_json()
    routes = [(name, one["risk"], one["ridge"]) for name, one in said["routes"].items()]
    yield from agree([name for name, _, _ in routes], ["labels", "teacher", "mix"])
    yield from near([numbers[1:] for numbers in routes], [[2.0, 1.0], [3.0, 1.0], [3.0, 1.0]])
    yield from agree(
        ["worth more labels than the curve" in str(worse), "1.500 of" in str(worse)], [True, True]
    )


@AS_SAID.below("teachers", note="numbers, names, models", but={"alpha": {"alpha": 0.6}})
def teachers(digits: int, alpha: float = 0.5) -> Pairs:
    """`teacher_labels` and `fitted_teacher`; curves below n_0 are `measure` on labelled rows."""
    rows, y, known = pool()
    few = ask(rows, (known, y), max_rows=52)
    picked = few.numbers
    assert picked is not None
    brought = np.arange(60.0) / 7
    for given in (brought, brought[:, None]):
        yield from near(teacher_labels("t", given, few, 60), brought[picked, None])
    for intercept in (True, False):
        numbers = ask(rows, (known, y), intercept=intercept)
        X, rest = numbers.sample.rows, np.arange(5, 25)
        own = fitted_teacher("ridge", numbers)
        measured = numbers.measured(numbers.ridges())
        ridge = float(measured.ridges[measured.best])
        for model, best in (
            (own, ridge),
            (fitted_teacher(Ridge(alpha, fit_intercept=intercept), numbers), 0.5),
        ):
            slope, level = plain(X[known[rest]], y[rest, None], best, intercept)
            yield from near(model(rest), X @ slope + level)  # type: ignore[operator]  # a function
    two, three = np.arange(25) % 2, np.arange(25) % 3
    chances = np.random.default_rng(2).random(60)
    pair = ask(rows, (known, two), task="classes")
    yield from near(teacher_labels("t", chances, pair, 60), np.column_stack([1 - chances, chances]))
    yield from near(teacher_labels("t", np.arange(60) % 2, pair, 60), np.eye(2)[np.arange(60) % 2])
    several = ask(rows, (known, three), task="classes")
    table = np.random.default_rng(3).random((60, 3))
    yield from near(teacher_labels("t", table, several, 60), table)
    X = rows  # in their own columns
    rest = np.flatnonzero(three != 1)  # a class that this fold has not seen
    made = fitted_teacher(GaussianNB(), several)(rest)  # type: ignore[operator]  # a function
    true = GaussianNB().fit(X[known[rest]], three[rest]).predict_proba(X)
    yield from near(made, np.column_stack([true[:, 0], np.zeros(60), true[:, 1]]))
    made = fitted_teacher(RidgeClassifier(), several)(np.arange(25))  # type: ignore[operator]  # a function
    yield from near(made, np.eye(3)[RidgeClassifier().fit(X[known], three).predict(X)])
    sizes, risks = measured_below(few, np.array([0.25, 1.0]), 5)
    yield from agree(sizes, [6, 12, 19])
    part = kd.Question.of(rows[known], y)
    centred = rows[known] - rows[known].mean(axis=0)
    yield from near(part.pool.original(), centred)
    told = kd.measure(part, [6, 12, 19], "strong", ridges=[0.25, 1.0], repetitions=10, seed=5)
    yield from near(risks, told.risk["strong"], 1e-6)


@AS_SAID.below("faces", note="numbers, two students", but={"a seed": {"seed": 5}})
def faces(digits: int, seed: int = 4) -> Pairs:
    """`LabelledCurve` is `ask`, `learning_curve` and `worth`; what a curve says of itself."""
    rows, y, known = pool(24)
    y = y + np.random.default_rng(1).standard_normal(25)
    gaps = np.full(60, np.nan)
    gaps[known] = y
    for student, intercept in (("min-norm", True), (0.7, False)):
        face = LabelledCurve(student, "regression", intercept, 2, seed).fit(rows, gaps)
        setting = ask(rows, gaps, task="regression", intercept=intercept, seed=4)
        yield from agree([face.n_labelled_, face.n_features_in_], [25, 24])
        found = face.predict_curve([30, 70])
        named = ("min-norm",) if student == "min-norm" else ("ridge",)
        ridge = None if student == "min-norm" else 0.7
        true = learning_curve(setting, [30, 70], named, ridge, 2, 4)
        yield from agree(found.points, true.points)
        yield from agree(found.to_json()["curve"], [vars(one) for one in true.points])
        yield from agree([one["n"] for one in found.records()], [25, 30, 70])
        beyond = [one.extrapolated for one in found.points]
        yield from agree([found.students, beyond], [named, [False, False, True]])
        far, level, held = found.cautions[-3:]
        yield from agree([far[:8], "25 labels measure" in level], ["n = 70: ", True])
    assert isinstance(face.setting_, Setting)
    curve = learning_curve(setting, [3, 6, 12, 25, 50, 100, 200, 400], draws=2, seed=4)
    measured = setting.measured(setting.ridges())
    better = rows @ np.cos(np.arange(24)) + np.sin(np.arange(60.0))
    for given, teacher in (
        (Ridge(20.0), fitted_teacher(Ridge(20.0), setting)),
        (better, better[:, None]),
    ):
        found_worth = face.worth(given, "t")
        own = worth("t", setting, curve, teacher, measured, 4)
        yield from agree([found_worth.to_json()], [own.to_json()])
    yield from agree([own.labels is None, own.refused], [False, False])
    flat, y, known = pool()
    few = learning_curve(ask(flat, (known, y)), [25], draws=2)
    said = ["cannot tell, best: the rows have 4" in few.cautions[0], few.cautions[-1][:8], held[:8]]
    yield from agree(said, [True, "the leve", "on real "])
    yield from shown_anyway(flat, gaps, few)
    none = replace(found, points=()).needed("risk", 1.0)
    yield from agree([none.labels, none.low, none.high, none.value], [None, None, None, 1.0])


@AS_SAID.identity("standard error of a log", but={"unpaired": {"paired": 0}})
def log_error(paired: int = 1) -> tuple[Any, Any]:
    """`formulas.squared_error`: the gap of two rows' relative errors, paired."""
    a, b = sympy.symbols("a b", real=True)
    return f.squared_error(a**2, paired * a * b, b**2), (a - b) ** 2
