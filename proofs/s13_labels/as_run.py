"""Claim of section 13: what `kdverify.labels` computes, beside refits and dense matrices."""

from dataclasses import replace
from typing import Any

import numpy as np
import sympy

from kdverify import formulas as f
from kdverify.evidence import Claim, Step
from kdverify.labels.classes import Classes
from kdverify.labels.curve import Level
from kdverify.labels.drawn import DrawnSet, Sample
from kdverify.labels.forecast import AtSize, at_size, sets_of
from kdverify.labels.learning import LabelCurve, Now, Point, crossing
from kdverify.labels.likelihood import POWERS, SHARES, Evidence, SignalDraws
from kdverify.labels.measured import LeaveOneOut, _controlled
from kdverify.labels.path import leave_one_out
from kdverify.labels.setting import Setting
from kdverify.labels.worth import FOLDS, WEIGHTS, _Kernels, _labels, below, routes
from kdverify.seeds import stream

from ..lib.modes import Pairs
from ..lib.signals import Zero, dense, rows_and_labels, spreads
from ..lib.written import agree
from ..s9_rows.as_trained import near, plain

AS_RUN = Claim(
    "13.as-run",
    title="Evidence, draws, left-out errors, forecasts and worth are what refits give",
    statement=r"\log p(y \mid q, \rho),\ E[\beta \mid y],\ \text{errors of rows left out, risks of"
    r" drawn sets, levels, classes, students of weighted labels}:\ \text{within }10^{-8}"
    r"\text{ of dense algebra}",
    needs=("13.likelihood", "13.linear-form"),
    parts=("likelihood", "left out", "drawn sets", "levels", "classes", "worth"),
    steps=[
        Step("The posterior mean is the draw of a generator whose normal numbers are all zero."),
        Step("A student without row i is trained without row i."),
    ],
)

CLOSE = 1e-8


@AS_RUN.below("likelihood", note="dense matrices", but={"temper 1/2": {"temper": 0.5}})
def likelihood(digits: int, temper: float = 1.0) -> Pairs:
    """Log evidence up to a constant, the posterior's mean and the noise that goes with it."""
    for size, intercept in ((14, False), (14, True), (4, False), (4, True)):
        rows, values, labels = rows_and_labels(size)
        columns = np.column_stack([np.ones(size), np.eye(size)[:, 1:]])
        # a basis of the labels' space: without the constant where there is an intercept
        basis = np.linalg.qr(columns)[0][:, 1:] if intercept else np.eye(size)
        centre = basis @ basis.T
        W, y = centre @ rows / np.sqrt(values), centre @ labels
        for shared in (True, False):
            found = Evidence.of(rows, values, labels, intercept, shared)
            drawn = found.draws(2, Zero(), 1.0)  # type: ignore[arg-type]  # a stand-in
            said = []
            for g, own in enumerate([y] if shared else [y[:, :1], y[:, 1:]]):
                said.append(dense(W, values, own, basis, temper))
                log, chances, _, mean, noise = said[-1]
                gap = found.log[g] - log
                yield from near(gap - gap[0, 0], np.zeros_like(gap), 1e-6)
                yield from near(found.chances(1.0)[g], chances, 1e-6)
                place = slice(None) if shared else slice(g, g + 1)
                yield from near(drawn.signal[:, 0, place], mean, 1e-6)
                yield from near(drawn.noises[0, place], np.full(mean.shape[1], noise), 1e-6)
            share = np.mean([one[1].sum(axis=0) @ SHARES for one in said])
            power = np.mean([one[1].sum(axis=1) @ POWERS for one in said])
            yield from near([drawn.power, drawn.share], [power, share], 1e-6)
            yield from near(drawn.noise, drawn.noises.sum(axis=1))
            told, width = Zero(), 2 if shared else 1
            found.draws(2, told, 0.5)  # type: ignore[arg-type]  # a stand-in
            yield from near([told.degrees], [max(width * (size - intercept) / 2, 5.0)])
            yield from near(*spreads(found, W, values, basis, temper))


@AS_RUN.below("left out", note="refits without each row", but={"ridge + 1e-4": {"more": 1e-4}})
def left_out(digits: int, more: float = 0.0) -> Pairs:
    """Leave-one-out along a path, its means moved by the control, and what is read off them."""
    for size, intercept in ((14, True), (14, False), (4, True), (4, False)):
        rows, _, labels = rows_and_labels(size)
        ridges = np.array([0.0, 0.3, 2.0])
        errors = leave_one_out(rows, labels, ridges + more, intercept)
        true = np.empty_like(errors)
        for k, ridge in enumerate(ridges):
            for i in range(size):
                rest = np.arange(size) != i
                slope, level = plain(rows[rest], labels[rest], ridge, intercept)
                true[k, i] = labels[i] - rows[i] @ slope - level
        yield from near(errors, true, 1e-7)
    squares, control = np.array([1.0, 4.0, 2.0, 7.0, 3.0]), np.array([0.5, 2.0, 1.5, 2.5, 1.0])
    slope, start = np.polyfit(control, squares, 1)
    moved, left = _controlled(squares, control, 2.0)
    yield from near([moved], [start + slope * 2.0])
    yield from near(left, squares - start - slope * control)
    yield from near([_controlled(squares, np.ones(5), 2.0)[0]], [squares.mean()])
    rows, _, labels = rows_and_labels(14)
    pool = rows_and_labels(40)[0]
    ridges = np.array([0.0, 0.3, 2.0])
    found = LeaveOneOut.of(rows, labels, ridges, True, None, pool)
    each = np.square(leave_one_out(rows, labels, ridges, True)).sum(axis=2)
    yield from near(found.rows, each)
    own, every = np.square(rows).sum(axis=1), np.square(pool).sum(axis=1).mean()
    for k in range(3):
        slope, start = np.polyfit(own, each[k], 1)
        yield from near(
            [found.risks[k]],
            [np.clip(start + slope * every, each[k].mean() / 2, 2 * each[k].mean())],
        )
    best = int(each.mean(axis=1).argmin())
    yield from agree([found.best], [best])
    relative = found.left[best] / found.risks[best]
    yield from near([found.relative_variance], [(relative**2).sum() / 12 / 14])
    yield from near([found.temper], [min(1.0, 1 / (each[best].var() / each[best].mean() ** 2))])
    far = np.exp(4 * each / each.std())  # of two columns; they vary so that the power is below 1
    least = far[far.mean(axis=1).argmin()]
    power = 2 / 2 * least.mean() ** 2 / least.var()
    yield from near([replace(found, rows=far).temper, power < 1], [power, True])
    weights = np.array(
        [0.0, *(1 / (np.log(each[k].mean() / each[best].mean()) + 0.1) ** 2 for k in (1, 2))]
    )
    yield from near(found.weights, weights / weights.sum())


@AS_RUN.below("drawn sets", note="dense students of drawn rows", but={"one row more": {"more": 1}})
def drawn_sets(digits: int, more: int = 0) -> Pairs:
    """Biases and noise weights of a set; means over sets and draws."""
    rows, _, _ = rows_and_labels(20)
    for intercept in (True, False):
        sample = Sample.of(rows, intercept)
        spread = sample.rows.T @ sample.rows / 20
        yield from near(spread, np.diag(sample.values))
        generator = np.random.default_rng(2)
        for n in (3, 9):
            one = DrawnSet.of(sample, n, generator)
            signals = np.random.default_rng(n).standard_normal((5, 4))
            ridges = np.array([0.0, 0.4])
            others = np.setdiff1d(np.arange(20), one.numbers)
            drawn = sample.rows[one.numbers]
            for k, ridge in enumerate(ridges):
                slope, level = plain(drawn, drawn @ signals, ridge, intercept)
                gaps = sample.rows[others] @ (slope - signals) + level
                bias = np.square(gaps).mean(axis=0).reshape(2, 2).sum(axis=1)
                biases, products = one.forms(ridges, signals, 2)
                yield from near(biases[k], bias)
                seen = sample.rows[others] - one.centre
                product = ((seen @ slope) * (seen @ signals)).mean(axis=0)
                yield from near(products[k], product.reshape(2, 2).sum(axis=1))
                noise = np.random.default_rng(n + 1).standard_normal((n, 4))
                slope, level = plain(drawn, drawn @ signals + noise, ridge, intercept)
                inside, constant = one.students(ridge, signals, noise)
                outputs = seen @ (one.made.right @ inside) + constant
                yield from near(outputs, sample.rows[others] @ slope + level)
                maps = [plain(drawn, e[:, None], ridge, intercept) for e in np.eye(n)]
                outputs = np.array([sample.rows[others] @ s[:, 0] + c for s, c in maps])
                yield from near(
                    [one.noise_weights(ridges)[k]], [1 + np.square(outputs).sum(axis=0).mean()]
                )
        draws = SignalDraws(np.ones((5, 2, 1)), np.array([[1.0], [2.0]]), 1.0, 0.5)
        own = np.random.default_rng(3)
        found = at_size(sample, 4 + more, ridges, [draws], own, sets=2)[0]
        again = np.random.default_rng(3)
        sets = [DrawnSet.of(sample, 4, again) for _ in range(2)]
        forms = np.array([one.forms(ridges, np.ones((5, 2)), 1) for one in sets])
        weights = np.array([one.noise_weights(ridges) for one in sets])
        risks = forms[:, 0].transpose(0, 2, 1) + draws.noise[:, None] * weights[:, None]
        yield from near(found.risks, risks.mean(axis=0))
        yield from near(found.sets, risks.mean(axis=1))
        each = risks.mean(axis=1)
        yield from near(
            [found.set_error(1)],
            [abs(each[0, 1] - each[1, 1]) / 2 / each[:, 1].mean()],
        )
        total = sample.values.sum() + draws.noise
        slopes, scatters = found.outputs(1)
        yield from near(slopes, forms[:, 1, 1] / total)
        yield from near(scatters, risks[:, :, 1] - (1 - slopes) ** 2 * total)
        told = [found.best, found.n, found.dependent, found.spare]
        spare = 4 - intercept - sample.rank
        yield from agree(told, [np.mean(risks, axis=(0, 1)).argmin(), 4, False, spare])
        twice = Sample.of(np.repeat(rows[:10], 2, axis=0), intercept)
        for seed in range(4):
            none, again = np.random.default_rng(seed), np.random.default_rng(seed)
            made = at_size(twice, 3, ridges, [draws], none, sets=1)[0]
            pairs = DrawnSet.of(twice, 3, again).numbers // 2
            yield from agree([made.dependent], [len(np.unique(pairs)) < 3])
    counts = [sets_of(*sizes) for sizes in ((10**4, 24), (24, 10**4), (1000, 1100), (3000, 3000))]
    yield from agree(counts, [12, 12, 6, 3])


@AS_RUN.below(
    "levels", note="a forecast against a measurement", but={"half of the shift": {"share": 0.5}}
)
def levels(digits: int, share: float = 1.0) -> Pairs:
    """Shifts, intervals, accuracies; where a curve crosses a target; the labels that it needs."""
    generator = np.random.default_rng(6)
    ridges, count = np.array([0.0, 0.5, 1.0]), 12
    rows = np.square(generator.standard_normal((3, count))) + 0.5
    measured = LeaveOneOut(
        ridges,
        rows,
        rows.mean(axis=1) * [1.1, 0.9, 1.05],
        rows - rows.mean(axis=1)[:, None],
        None,
        None,
        np.ones((count, 2)),
        np.ones((3, count, 2)),
    )
    now, later = (
        AtSize(n, add + generator.random((2, 6, 3)), np.ones((2, 6, 3)), np.ones(6), False, 9)
        for n, add in ((12, 1.0), (24, 0.5))
    )
    level = Level.of(measured, now)
    w = measured.weights
    shift = sum(w[k] * np.log(measured.risks[k] / now.risks[:, k].mean()) for k in (1, 2)) * share
    yield from near([level.shift], [shift])
    reference = np.log(now.risks[:, 1:]) @ w[1:]
    yield from near(level.reference, reference)
    spread = (np.log(later.risks[:, 1]) - reference).std()
    change = np.log(later.risks[:, 1].mean() / now.risks.mean(axis=0).min())
    sure = measured.relative_variance**0.5 + spread + 0.05 * abs(change)
    sets = later.each[:, :, 1].mean(axis=1)
    few = abs(sets[0] - sets[1]) / 2 / sets.mean()
    half = 1.2815515655446004 * np.hypot(sure, few)
    middle = later.risks[:, 1].mean() * np.exp(shift)
    yield from near([level.shape_error(later, 1)], [np.hypot(spread + 0.05 * abs(change), few)])
    yield from near(level.risk(later, 1), [middle, middle * np.exp(-half), middle * np.exp(half)])
    yield from agree(level.accuracy(later, 1), [None, None, None])
    sizes, curve = np.array([10.0, 20.0, 40.0]), np.array([4.0, 2.0, 1.0])
    yield from near([crossing(sizes, curve, 1.5)], [20 * 2**0.5])
    yield from near([crossing(sizes, curve, 2.0), crossing(sizes, curve, 9.0)], [20.0, 10.0])
    yield from agree([crossing(sizes, curve, 0.5)], [None])
    points = tuple(
        Point(int(n), "best", 1.0, r, 0.9 * r, 1.1 * r, r / 4, 0.1, a, a - 0.1, a + 0.1)
        for n, r, a in zip(sizes, curve, (0.6, 0.7, 0.8), strict=True)
    )
    made = LabelCurve(10, 99, 5, points, (Now("best", 1.0, 4.0, 0.4, 0.6),), 0.1, 1.0, 0.5, ())
    needs = made.needed("risk", 1.5)
    yield from near(
        [needs.labels, needs.low, needs.high],
        [20 * 2**0.5, *(crossing(sizes, curve * x, 1.5) for x in (0.9, 1.1))],
    )
    sure = made.needed("accuracy", 0.75)
    yield from near([sure.labels, sure.low], [20 * 2**0.5, 10 * 2**0.5])
    yield from agree([sure.high], [None])
    ratio, error = np.log(1.5 / 4), 0.05
    half = 1.2815515655446004 * np.hypot(error, 0.1)
    found = _labels(made, ratio, error)
    logs = np.log(curve / 4)
    yield from near(found[:2], [crossing(sizes, logs, ratio), crossing(sizes, logs - half, ratio)])
    yield from near([crossing(sizes, logs + half, ratio) or 0.0], [found[2] or 0.0])


@AS_RUN.below("classes", note="contrasts", but={"other shares": {"moved": 0.01}})
def classes(digits: int, moved: float = 0.0) -> Pairs:
    """Contrasts keep distances, scores are what was given."""
    generator = np.random.default_rng(12)
    hot = np.eye(3)[generator.integers(0, 3, 30)]
    found = Classes.of(hot)
    columns = (hot - found.shares) @ found.contrasts
    yield from near(found.shares, hot.mean(axis=0) + np.array([moved, -moved, 0.0]))
    yield from near(columns @ columns.T, (hot - hot.mean(axis=0)) @ (hot - hot.mean(axis=0)).T)
    yield from near(found.scores(columns), hot)
    yield from agree(
        found.right(columns, np.roll(columns, 1, axis=0)),
        np.asarray((hot * np.roll(hot, 1, axis=0)).any(axis=1)).tolist(),
    )


@AS_RUN.below("worth", note="weighted students, folds of labels", but={"ridge": {"more": 0.01}})
def worth(digits: int, more: float = 0.0) -> Pairs:
    """Errors on a fold of students of teacher's and weighted true labels; routes; ratios."""
    rows, _, labels = rows_and_labels(24)
    known = np.arange(0, 24, 2)
    teacher = labels[:, :1] * 0.8 + 0.1
    for intercept in (True, False):
        setting = Setting(Sample.of(rows, intercept), known, labels[known, :1])
        ridges = np.array([0.2, 1.5])
        kernels = _Kernels(setting, ridges + more)
        yield from near(kernels.scaled, ridges * 24 / 12 + more * 2)
        rest, part = np.arange(8), np.arange(8, 12)
        errors = kernels.fold(teacher, rest, part)
        X = setting.sample.rows
        for index, weight in enumerate(WEIGHTS):
            w = np.ones(24)
            w[known] = 0.0
            w[known[rest]] = weight
            y = teacher[:, 0].copy()
            y[known] = labels[known, 0]
            for k, ridge in enumerate(ridges * 2):
                mean = w @ X / w.sum() if intercept else np.zeros(5)
                level = w @ y / w.sum() if intercept else 0.0
                Z = X - mean
                b = np.linalg.solve((Z.T * w) @ Z + ridge * np.eye(5), Z.T @ (w * (y - level)))
                true = labels[known[part], 0] - (X[known[part]] - mean) @ b - level
                yield from near(errors[index, k, :, 0], true, 1e-7)
        alone, mix = routes(setting, teacher, ridges, 3)
        order = stream(3, "folds of the worth of a teacher").permutation(12)
        every = np.empty((len(WEIGHTS), 2, 12))
        for fold in np.array_split(order, FOLDS):
            others = np.setdiff1d(np.arange(12), fold)
            every[:, :, fold] = kernels.fold(teacher, others, fold)[..., 0]
        means = np.square(every).mean(axis=2)
        yield from near([alone.risk, mix.risk], [means[0].min(), means[1:].min()])
        weight = WEIGHTS[1 + int(means[1:].min(axis=1).argmin())]
        yield from near([alone.weight, mix.weight], [0.0, weight])

        own = np.empty_like(every)
        for fold in np.array_split(order, FOLDS):  # a teacher that is fitted to the others
            others = np.setdiff1d(np.arange(12), fold)
            taught = teacher * others.sum() / 40
            own[:, :, fold] = kernels.fold(taught, others, fold)[..., 0]
        squares = np.square(own).mean(axis=2)
        found = routes(setting, lambda rest: teacher * rest.sum() / 40, ridges, 3)
        yield from near([one.risk for one in found], [squares[0].min(), squares[1:].min()])
        gaps = np.square(every[0, means[0].argmin()]) / alone.risk - mix.rows / mix.risk
        yield from near(
            alone.log_ratio(mix), [np.log(alone.risk / mix.risk), gaps.std(ddof=1) / 12**0.5]
        )
    yield from agree([below(40), below(9)], [[5, 10, 20], [2, 4]])
    # labels that are all noise, or classes: weights of a mix start at 1; accuracies of routes
    hot = np.eye(3)[np.arange(12) % 3]
    generator = np.random.default_rng(4)
    for given, true, names in (
        (rows @ np.ones((5, 1)), generator.standard_normal((12, 1)) * 9, ()),
        (generator.random((24, 3)), hot, ("a", "b", "c")),
    ):
        setting = Setting(Sample.of(rows), known, true, names)
        ridges = np.array([0.2, 1.5])
        found = routes(setting, given, ridges, 3)
        kernels, errors = _Kernels(setting, ridges), []
        order = stream(3, "folds of the worth of a teacher").permutation(12)
        every = np.empty((len(WEIGHTS), 2, 12, setting.columns.shape[1]))
        for fold in np.array_split(order, FOLDS):
            others = np.setdiff1d(np.arange(12), fold)
            every[:, :, fold] = kernels.fold(setting.columns_of(given), others, fold)
        for one, first, last in zip(found, (0, 1), (1, len(WEIGHTS)), strict=True):
            errors = np.square(every[first:last]).sum(axis=3).mean(axis=2)
            index, k = np.unravel_index(errors.argmin(), errors.shape)
            yield from near([one.risk, one.weight], [errors.min(), WEIGHTS[first + index]])
            yield from near([one.ridge], [2 * ridges[k]])
            if names:
                said = (setting.columns - every[first + index, k]) @ setting.classes.contrasts.T  # type: ignore[union-attr]  # there are classes
                named = (said + hot.mean(axis=0)).argmax(axis=1)
                yield from near([one.accuracy], [(named == np.arange(12) % 3).mean()])


@AS_RUN.identity("noise of a ridge", but={"without the square": {"power": 1}})
def ridge_noise(power: int = 2) -> tuple[Any, Any]:
    """`formulas.noise_taken` is the square of a ridge student's answer to one unit of noise."""
    s, d = sympy.symbols("s d", positive=True)
    return f.noise_taken(s**2, d), (s / (s**2 + d)) ** power
