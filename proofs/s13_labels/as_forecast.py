"""Claim of section 13: a learning curve is put together from its parts, each checked by itself."""

from __future__ import annotations

from typing import Any

import numpy as np
import sympy

import kdverify as kd
from kdverify import formulas as f
from kdverify.evidence import Claim, Step
from kdverify.labels.chances import class_chances, logit_model
from kdverify.labels.curve import Level
from kdverify.labels.drawn import DrawnSet, Sample
from kdverify.labels.forecast import at_size
from kdverify.labels.learning import DRAWS, learning_curve
from kdverify.labels.path import GRID
from kdverify.labels.setting import Setting
from kdverify.labels.worth import routes, worth
from kdverify.seeds import stream
from kdverify.verify import run_as_script

from ..lib.modes import Pairs
from ..lib.written import agree
from ..s9_rows.as_trained import near, plain

AS_FORECAST = Claim(
    "13.as-forecast",
    title="Learning curves, accuracies and worth are put together from their parts",
    statement=r"R(n) = e^{\rm shift}\,\overline{R_t(n)},\ R(n)/R(n_0),\ \text{accuracy of drawn"
    r" classes, values beyond the rows, worth}:\ \text{the parts of 13.as-run, once more}",
    source="new",
    needs=("13.as-run", "13.forecast"),
    parts=("curve", "accuracy", "coordinates", "worth"),
    steps=[
        Step("The same streams draw signals and rows; the rest is put together by hand."),
        Step("Classes are drawn from logit chances; a student of them is a pseudo-inverse."),
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
        ridges = np.unique([*(np.array(GRID) * made.sample.values.sum()), 0.7])
        measured = made.measured(ridges)
        signals = made.draws(3, stream(1, "signals from their posterior"), measured.temper)
        index = {"min-norm": 0, "ridge": int(np.flatnonzero(ridges == 0.7)[0])}

        def asked(best: int, n: int, index: dict[str, int] = index) -> list[int]:
            return list(range(len(ridges))) if n == 80 else [best, *index.values()]  # noqa: B023 - called in its turn

        sizes = {
            n: at_size(
                made.sample,
                n,
                ridges,
                [signals],
                [made.classes],
                lambda best, n=n: asked(best, n),  # type: ignore[misc]  # a default in a lambda
                stream(1, "rows of students", n),
            )[0]
            for n in (80, 100, 128)
        }
        level = Level.of(measured, sizes[80])
        yield from near([found.level_error], [measured.relative_variance**0.5])
        yield from near([found.power, found.share], [signals.power, signals.share])
        for now in found.now:
            place = index.get(now.student, measured.best)
            yield from near([now.ridge, now.risk], [ridges[place], measured.risks[place]])
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
        yield from agree([found.size, found.rank, found.n_labelled, DRAWS], [160, 24, 80, 24])


@AS_FORECAST.below("accuracy", note="classes that are drawn", but={"ridge + 1": {"more": 1.0}})
def accuracies(digits: int, more: float = 0.0) -> Pairs:
    """Accuracy of `at_size`: chances by the logit model, dice, students, their judges."""
    for intercept in (True, False):
        made = setting(True, intercept)
        signals = made.draws(2, stream(3, "a"), 1.0)
        ridges, kind = np.array([0.3, 2.0]), made.classes
        assert kind is not None
        found = at_size(
            made.sample, 40, ridges + more, [signals], [kind], lambda best: [1], stream(3, "b"), 2
        )[0]
        generator = stream(3, "b")
        drawn = [DrawnSet.of(made.sample, 40, generator) for _ in range(2)]
        rows, share = made.sample.rows, []
        for one in drawn:
            dice = generator.random((40, 2, 1))
            judges = np.setdiff1d(np.arange(160), one.numbers)
            for t in range(2):
                scores = rows @ signals.signal[:, t] @ kind.contrasts.T
                chances = class_chances(scores, logit_model(scores, kind.shares))
                own = np.cumsum(chances[one.numbers], axis=1)
                numbers = (dice[:, t] > own[:, :2]).sum(axis=1)
                given = rows[one.numbers]
                slope, constant = plain(given, kind.contrasts[numbers], 2.0, intercept)
                said = ((rows[judges] @ slope + constant) @ kind.contrasts.T).argmax(axis=1)
                share.append(chances[judges, said].mean())
        yield from near([found.accuracies[1]], [np.mean(share)], 1e-6)


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
        ratio = np.log(alone.risk / found.free.risk)
        logs = [np.log(p.change) for p in points if p.change is not None]
        below = [k for k, value in enumerate(logs) if value <= ratio]
        yield from agree([found.labels is None], [not below])
        if below and below[0] > 0:
            k = below[0]
            share = (logs[k - 1] - ratio) / (logs[k - 1] - logs[k])
            n = points[k - 1].n * (points[k].n / points[k - 1].n) ** share
            yield from near([found.labels or 0.0], [n])


@AS_FORECAST.identity("bias and noise", but={"noise twice": {"share": 2}})
def linear(share: int = 1) -> tuple[Any, Any]:
    """`formulas.linear_risk`: what a draw's bias and its noise give."""
    bias, noise, weight = sympy.symbols("bias sigma2 c", positive=True)
    return f.linear_risk(bias, noise, weight), bias + share * noise * weight


if __name__ == "__main__":
    raise SystemExit(run_as_script([AS_FORECAST]))
