"""Claim of section 13: a learning curve is put together from its parts, each checked by itself."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
import sympy
from scipy.special import expit, logit, ndtr

import kdverify as kd
from kdverify import formulas as f
from kdverify.evidence import Claim, Step
from kdverify.labels.accuracy import CHANGE_ERROR, SMOOTHING
from kdverify.labels.curve import Level
from kdverify.labels.drawn import Sample
from kdverify.labels.forecast import AtSize, at_size
from kdverify.labels.learning import DRAWS, learning_curve
from kdverify.labels.likelihood import SignalDraws
from kdverify.labels.measured import LeaveOneOut
from kdverify.labels.path import GRID
from kdverify.labels.setting import Setting
from kdverify.labels.worth import routes, worth
from kdverify.seeds import stream

from ..lib.modes import Pairs
from ..lib.written import agree
from ..s9_rows.as_trained import near, plain

AS_FORECAST = Claim(
    "13.as-forecast",
    title="Learning curves, accuracies and worth are put together from their parts",
    statement=r"R(n) = e^{\rm shift}\,\overline{R_t(n)},\ R(n)/R(n_0),\ \text{accuracy of moved"
    r" outputs, values beyond the rows, worth}:\ \text{the parts of 13.as-run, once more}",
    needs=("13.as-run", "13.forecast"),
    parts=("curve", "accuracy", "coordinates", "worth"),
    steps=[
        Step("The same streams draw signals and rows; the rest is put together by hand."),
        Step(
            "Outputs of students without row i, f, split into a y and a rest: at n labels a goes as"
            " E y'f, the rest as the root of E|y - f|^2 - (1 - a)^2 E y'y."
        ),
    ],
)


def setting(classes: bool, intercept: bool = True) -> Setting:
    """160 rows in 24 columns, 80 labelled: numbers, or three classes."""
    generator = np.random.default_rng(15)
    rows = generator.standard_normal((160, 24)) * np.arange(1, 25) ** -0.5
    known = np.arange(0, 160, 2)
    y = rows[known] @ np.cos(np.arange(24)) + 0.7 * generator.standard_normal(80)
    if not classes:
        return Setting(Sample.of(rows, intercept), known, y[:, None], size=160)
    hot = np.eye(3)[np.digitize(y, [-0.4, 0.5])]
    return Setting(Sample.of(rows, intercept), known, hot, ("a", "b", "c"), 160)


@AS_FORECAST.below("curve", note="numbers and classes", but={"another draw": {"seed": 2}})
def curves(digits: int, seed: int = 1) -> Pairs:
    """Points of `learning_curve`: risks, intervals, changes; beyond the rows; measured now."""
    for classes in (False, True):
        made = setting(classes)
        wanted, students = [80, 100, 140], ("best", "min-norm", "ridge")
        found = learning_curve(made, wanted, students, 0.7, draws=3, seed=seed)
        grid = np.array(GRID) * made.sample.values.sum()
        ridges = np.array([*grid, 0.7])  # beside the grid: never the best
        measured = made.measured(ridges, 1)
        yield from agree([measured.best], [made.measured(grid).best])
        signals = made.draws(3, stream(1, "signals from their posterior"), measured.temper)
        index = {"min-norm": 0, "ridge": int(np.flatnonzero(ridges == 0.7)[0])}

        sizes = {
            n: at_size(
                made.sample,
                n,
                ridges,
                [signals],
                stream(1, "rows of students", n),
                beside=1,
            )[0]
            for n in (80, 100, 128)
        }
        level = Level.of(measured, sizes[80])
        yield from near([found.level_error], [measured.relative_variance**0.5])
        yield from near([found.power, found.share], [signals.power, signals.share])
        for now in found.now:
            place = index.get(now.student, measured.best)
            yield from near([now.ridge, now.risk], [ridges[place], measured.risks[place]])
            yield from near([now.error], [(np.square(measured.left[place]).sum() / 78 / 80) ** 0.5])
        for point in found.points:
            yield (0, 1) if point.risk is not None or point.reasons else (1, 0)
            if point.risk is None:
                continue
            at = sizes[min(point.n, 128)]
            place = index.get(point.student, at.best)
            ratio = 1.0
            if point.n == 140:
                energy = np.sqrt(np.square(signals.signal).sum(axis=2).mean(axis=1))
                problem = kd.Problem(kd.Spectrum(made.sample.values), energy)
                noise = float(signals.noise.mean())
                risks = [
                    kd.risk(problem, n, None, noise, ridges[place]) + noise for n in (140, 128)
                ]
                ratio = risks[0] / risks[1]
            middle, low, high = level.risk(at, place)
            yield from near([point.ridge, point.risk], [ridges[place], ratio * middle])
            yield from near([point.risk_low, point.risk_high], [ratio * low, ratio * high])
            first = level.risk(sizes[80], index.get(point.student, sizes[80].best))[0]
            yield from near([point.change], [ratio * middle / first])
            yield from near([point.shape_error], [level.shape_error(at, place)])
            if classes and point.n < 140:
                told = [point.accuracy, point.accuracy_low, point.accuracy_high]
                yield from near(told, level.accuracy(at, place))
        ours = float(grid[measured.best]) * 1.1  # however good: what the best is stays the same
        own = learning_curve(made, wanted, ("best", "ridge"), ours, draws=3, seed=seed)
        for one, other in zip(found.of("best"), own.of("best"), strict=True):
            yield from near([one.ridge, one.risk], [other.ridge, other.risk])
        yield from near([found.now[0].ridge], [own.now[0].ridge])
        yield from agree([found.size, found.rank, found.n_labelled, DRAWS], [160, 24, 80, 24])


@AS_FORECAST.below("accuracy", note="outputs that are moved", but={"ridge + 1": {"more": 1.0}})
def accuracies(digits: int, more: float = 0.0) -> Pairs:
    """Students without row i, their outputs moved to n labels, the share of right classes."""
    bounds = set()
    for intercept, first in ((True, 80), (False, 27)):  # 27: near the rank, at n_0 far behind
        made = setting(True, intercept)
        signals, ridges = made.draws(2, stream(3, "a"), 1.0), np.array([0.02, 2.0, 15.0])
        measured = made.measured(ridges + more)
        now, later = (
            at_size(made.sample, n, ridges + more, [signals], stream(3, "b"), 2)[0]
            for n in (first, 120)
        )
        best = int(measured.rows.mean(axis=1).argmin())
        own = {k: moved(made, ridges, k, measured, now, signals) for k in range(3)}
        for k in range(3):
            then = own[best].logits(later, k)
            middle, error = then.mean() + own[best].shift, own[best].error
            behind = [np.log(at.risks.mean(0)[k] / at.risks.mean(0).min()) for at in (later, now)]
            shares = [1 - np.exp(-behind[0]), *(behind[0] / x for x in behind[1:] if x > 0)]
            share = min(shares)
            bounds.add(shares.index(share) if share > 1e-3 else "none")
            beyond = own[k].start + own[k].shift - own[best].logits(now, k).mean() - own[best].shift
            middle += share * beyond
            error += share * (own[k].error - error)
            half = error + then.std() + CHANGE_ERROR * abs(then.mean() - own[best].start)
            ends = expit(middle + 1.2815515655446004 * half * np.array([0.0, -1.0, 1.0]))
            found = Level.of(measured, now).accuracy(later, k)
            yield from near([one or 0.0 for one in found], ends)
    yield from agree([len(bounds)], [3])


@dataclass(frozen=True)
class Moved:
    """Outputs of students of ``ridge`` without row i: logits at n, and what is kept at n_0."""

    logits: Callable[[AtSize, int], np.ndarray]
    start: float
    shift: float
    error: float


def moved(
    made: Setting,
    ridges: np.ndarray,
    ridge: int,
    measured: LeaveOneOut,
    now: AtSize,
    signals: SignalDraws,
) -> Moved:
    """By refits without each row, for one ridge."""
    rows, hot = made.rows, made.labels
    y, f = hot - hot.mean(axis=0), np.empty_like(hot)
    for i in range(80):
        rest = np.arange(80) != i
        slope, level = plain(rows[rest], y[rest], ridges[ridge], made.sample.intercept)
        f[i] = rows[i] @ slope + level
    slope = (y * f).sum() / np.square(y).sum()
    rest = f - slope * y
    scatter = np.square(rest).sum(axis=1).mean()
    total = signals.noise + made.sample.values @ np.square(signals.signal).sum(axis=2)
    a0, v0 = parts(now, ridge, total)

    def logits(at: AtSize, k: int) -> np.ndarray:
        a, v = parts(at, k, total)
        shares = np.zeros(2)
        for s, t in np.ndindex(2, 2):
            told = a[s, t] * (slope / a0[:, t].mean()) ** 0.5 * y + hot.mean(axis=0)
            lift = (scatter / v0[:, t].mean()) ** 0.25
            told += (v[s, t] / scatter) ** 0.5 * lift * rest
            margins = told[hot > 0] - np.where(hot > 0, -np.inf, told).max(axis=1)
            off = (1 - SMOOTHING**2) ** 0.5 * (margins - margins.mean())
            kept = margins.mean() + off
            shares[t] += ndtr(kept / (SMOOTHING * margins.std())).mean() / 2
        return np.asarray(logit(shares))

    assert measured.accuracies is not None
    assert measured.accuracy_variances is not None
    level, start = measured.accuracies[ridge], float(logits(now, ridge).mean())
    right = ((f + hot.mean(axis=0)).argmax(1) == hot.argmax(1)).mean()
    shift = float(logit(level) - logit(right)) / 2
    sure = measured.accuracy_variances[ridge] ** 0.5 / (level * (1 - level)) / 2
    return Moved(logits, start, shift, max(sure, abs(logit(level) - start - shift)))


def parts(at: AtSize, ridge: int, total: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Slope of the outputs and mean square of their rest, for each set and draw."""
    slopes = at.products[..., ridge] / total
    return slopes, at.each[..., ridge] - (1 - slopes) ** 2 * total


@AS_FORECAST.below(
    "coordinates", note="few columns and many", but={"no centre": {"centred": False}}
)
def coordinates(digits: int, centred: bool = True) -> Pairs:
    """Rows in the eigenvectors of their covariance keep their products; columns of classes."""
    generator = np.random.default_rng(5)
    for size, width in ((20, 4), (6, 15)):
        rows = generator.standard_normal((size, width)) + 1.0
        for intercept in (True, False):
            made = Sample.of(rows, intercept)
            Z = rows - rows.mean(axis=0) * (intercept and centred)
            yield from near(made.rows @ made.rows.T, Z @ Z.T)
            yield from near(made.rows.T @ made.rows / size, np.diag(made.values))
            yield from agree([np.all(np.diff(made.values) <= 0)], [True])
            yield from near([made.scale], [np.square(Z).sum() / size])


@AS_FORECAST.below("worth", note="a teacher of numbers and of classes", but={"a seed": {"seed": 4}})
def worths(digits: int, seed: int = 3) -> Pairs:
    """Routes and accuracies of a teacher, and the labels that its student is worth."""
    for classes in (False, True):
        made = setting(classes)
        curve = learning_curve(made, [20, 40, 80, 120], draws=3, seed=1)
        measured = made.measured(made.ridges())
        teacher = np.eye(3)[(np.arange(160) // 2) % 3] if classes else made.sample.rows[:, :1] * 0.8
        found = worth("t", made, curve, teacher, measured, seed)
        alone, mix = routes(made, teacher, measured.ridges, 3)
        best = int(np.square(measured.rows**0.5).mean(axis=1).argmin())
        yield from near([found.free.risk], [measured.rows[best].mean()])
        yield from near([found.free.ridge], [measured.ridges[best]])
        yield from near([found.alone.risk, found.mix.risk], [alone.risk, mix.risk])
        yield from near([found.mix.weight, found.mix.ridge], [mix.weight, mix.ridge])
        if classes and made.classes is not None:
            assert measured.hits is not None
            assert found.free.accuracy is not None
            yield from near([found.free.accuracy], [measured.hits[best].mean()])
            yield from near([found.alone.accuracy or 0.0], [alone.accuracy or 0.0])
        points = [p for p in curve.points if p.risk is not None]
        assert points[0].risk is not None
        for times, reached in ((10.0, True), (0.99, False)):
            needed = curve.needed("risk", times * points[0].risk)
            yield from agree([needed.at_most], [reached])
            yield from agree(["or fewer" in str(needed).split("(")[0]], [needed.at_most])
        logs = [np.log(p.change) for p in points if p.change is not None]
        for route, told in ((alone, found.labels), (mix, found.with_labels)):
            ratio = np.log(route.risk / found.free.risk)
            below = [k for k, value in enumerate(logs) if value <= ratio]
            yield from agree([told is None], [not below])
            least = found.at_most if route is alone else found.with_labels_at_most
            yield from agree([least], [below[:1] == [0]])
            if below and below[0] > 0:
                k = below[0]
                share = (logs[k - 1] - ratio) / (logs[k - 1] - logs[k])
                n = points[k - 1].n * (points[k].n / points[k - 1].n) ** share
                yield from near([told or 0.0], [n])


@AS_FORECAST.identity("rest of the outputs", but={"slope alone": {"power": 1}})
def scatter(power: int = 2) -> tuple[Any, Any]:
    """`formulas.output_scatter` from E y'y, E y'f, E f'f: the mean square of f - a y."""
    total, product, square = sympy.symbols("Y P F", positive=True)
    risk, slope = total - 2 * product + square, product / total
    return f.output_scatter(risk, slope, total), square - slope**power * total


@AS_FORECAST.identity("bias and noise", but={"noise twice": {"share": 2}})
def linear(share: int = 1) -> tuple[Any, Any]:
    """`formulas.linear_risk`: what a draw's bias and its noise give."""
    bias, noise, weight = sympy.symbols("bias sigma2 c", positive=True)
    return f.linear_risk(bias, noise, weight), bias + share * noise * weight
