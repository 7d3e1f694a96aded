"""Claim of section 9: analyses at the best ridge, exponents, records and verdicts, by hand."""

from dataclasses import replace
from types import SimpleNamespace
from typing import Any

import numpy as np
import sympy
from scipy import stats

import kdverify as kd
from kdverify import formulas as f
from kdverify.evidence import Claim, Step
from kdverify.exponents import fit_rank_exponent
from kdverify.features import analysis, verdict
from kdverify.labels.path import GRID
from kdverify.teachers import Best, Clean, Gains, Given, NestedMask, Strong

from ..lib.modes import Pairs
from ..lib.signals import noisy
from ..lib.written import agree
from .as_trained import data, near

AS_ANALYSED = Claim(
    "9.as-analysed",
    title="Analyses, their exponents, records and verdicts are what they are made of",
    statement=r"\text{ridge of least measured risk, exponents, records};\ \text{verdicts on both"
    r" sides of each threshold}:\ \text{plain algebra}",
    needs=("9.as-asked", "9.as-told"),
    parts=("analyses", "exponents", "verdicts"),
    steps=[
        Step("An analysis is `predict` and `measure` at each n, with the ridge of that n."),
        Step("A verdict is read off made-up numbers, on both sides of each threshold."),
    ],
)


def noisy_pool() -> tuple[np.ndarray, np.ndarray]:
    """60 rows in 5 columns, labels of which the last ten are missing."""
    rows, labels = noisy(60, 5, 0.4)
    labels[-8:] = np.nan
    return rows, labels


@AS_ANALYSED.below("analyses", note="the best ridge; records", but={"another seed": {"seed": 3}})
def analyses(digits: int, seed: int = 2) -> Pairs:
    """`analyse` at the ridge of least measured risk, its records, and without labels."""
    rows, labels = noisy_pool()
    asked = analysis.prepare(rows, labels)
    there = kd.Question.of(rows[:52], labels[:52])
    yield from near(asked.labels, there.labels)
    yield from near(asked.pool.original(), there.pool.original())
    yield from agree(asked.notes[:1], ["8 of 60 rows have no label and are left out"])
    scale = np.square(there.pool.original()).sum(axis=1).mean()
    grid = [scale * ridge for ridge in GRID]
    teachers: list[Any] = ["strong", NestedMask(), Gains()]
    for sizes, trained_at, places in (
        ([4, 3, 4.4, 3.48], [3, 4], [0, 1, 1, 1]),
        ([60.0], [41], [0]),
    ):
        found = analysis.analyse(
            asked, sizes, ridge="best", repetitions=3, seed=seed, teachers=teachers
        )
        free = kd.measure(there, trained_at, "strong", ridges=grid, repetitions=3, seed=2)
        best = free.risk["strong"].argmin(axis=1)
        yield from near(found.n, sorted(sizes))
        yield from near(found.ridges, [grid[best[place]] for place in places])
        assert found.free is not None
        yield from near(found.free.risk["strong"], free.risk["strong"])
        for place, (n, ridge) in enumerate(zip(found.n, found.ridges, strict=True)):
            told = kd.predict(there, n, teachers, ridges=ridge)
            for name in ("strong", "nested-mask", "gains"):
                own = found.predictions["rows"].risk[name][place]
                yield from near([own], [told.risk[name]], 2e-6)
            kept = kd.teachers.Classroom(there).lesson(n, ridge).by("rows").nested_mask()[1:]
            yield from agree([found.kept[place]], [int(kept.sum())])
    found = analysis.analyse(
        asked, [4, 3, 2.4], "both", "best", 3, seed, groups=4, teachers=teachers
    )
    trained = [
        kd.measure(there, [n], teachers, ridges=ridge, repetitions=3, seed=2)
        for n, ridge in zip((3, 4), found.ridges[1:], strict=True)
    ]
    records = list(found.records())
    yield from agree(
        [(one["model"], one["n"], one["teacher"]) for one in records],
        [
            (model, n, name)
            for model in ("rows", "gaussian")
            for n in (2.4, 3.0, 4.0)
            for name in ("strong", "nested-mask", "gains")
        ],
    )
    for one in records:
        place, name = found.n.index(one["n"]), one["teacher"]
        told = found.predictions[one["model"]]
        numbers = [one["predicted"], one["risk"], one["ridge"], one["kept"]]
        true = [told.excess[name][place], told.risk[name][place]]
        yield from near(numbers, [*true, found.ridges[place], found.kept[place]])
        yield from agree(["measured" in one, "pool_error" in one], [place > 0, name == "strong"])
        if name == "strong" and one["model"] == "rows":
            yield from near([one["pool_error"]], [told.pool_error[place]])
        if place == 0:
            continue
        values = trained[place - 1].values
        for what, prefix in (("excess", ""), ("risk", "risk_")):
            each = values[what][name][0]  # teachers from another start of (9), right to 1e-8
            yield from near([one[f"{prefix}measured"]], [each.mean()], 1e-7)
            yield from near([one[f"{prefix}standard_error"]], [each.std(ddof=1) / 3**0.5], 1e-7)
            yield from near([one[f"{prefix}median"]], [np.median(each)], 1e-7)
    gaussian = analysis.analyse(asked, [3], "gaussian", 0.5, 0)
    designed = [
        "strong",
        "clean",
        Best("gaussian"),
        NestedMask(by="gaussian"),
        Gains(by="gaussian"),
    ]
    told = kd.predict(there, [3], designed, ridges=0.5, by="gaussian")
    for name, risk in gaussian.predictions["gaussian"].risk.items():
        yield from near(risk, told.risk[name])
    yield from agree([gaussian.measured, gaussian.solved_rows], [None, 52])
    two = analysis.analyse(asked, [3], ridge=0.5, repetitions=2, teachers="strong")
    yield from agree([two.measured is None, two.kept], [False, [-1]])
    some = analysis.analyse(asked, [3], ridge=0.5, repetitions=0, solve_rows=30)
    yield from agree([some.solved_rows], [30])
    bare = analysis.analyse(analysis.prepare(rows, intercept="none"), [2, 3], ridge=0.25)
    lam = np.linalg.eigvalsh(rows.T @ rows / 60)[::-1]
    masks = [kd.optimal_mask(kd.Spectrum(lam), n, 0.25) for n in (2, 3)]
    yield from agree(bare.kept, [int(mask.sum()) for mask in masks])
    yield from agree(
        [bare.beta, bare.noise, bare.predictions, bare.ridges], [None, None, {}, [0.25, 0.25]]
    )


@AS_ANALYSED.below("exponents", note="two label columns", but={"noise not averaged": {"rows": 1}})
def exponents(digits: int, rows: int = 150) -> Pairs:
    """Exponents of spectrum and signal: fits to them, and what the labels' noise adds."""
    generator = np.random.default_rng(9)
    modes = np.linalg.qr(generator.standard_normal((150, 30)))[0] * 150**0.5
    X = modes * np.arange(1, 31) ** -0.75
    y = X @ np.outer(np.arange(1, 31) ** 0.25, [1.0, -0.5])
    y = y + 0.3 * generator.standard_normal((150, 2))
    asked = kd.Question.of(X, y, task="regression", intercept="none")
    found = analysis.analyse(asked, [3], "gaussian", 0.5, 0, teachers=["strong"])
    values, vectors = np.linalg.eigh(X.T @ X / 150)
    b = np.linalg.pinv(X) @ y
    energy = values[::-1] * np.square(vectors.T @ b).sum(axis=1)[::-1]
    rest = np.square(y - X @ b).sum() / 150
    for one, true in (
        (found.alpha, fit_rank_exponent(values[::-1])),
        (found.beta, fit_rank_exponent(energy, noise=rest / rows)),
    ):
        assert one is not None
        yield from agree(
            [one.value is None, one.low, one.high], [true.value is None, true.low, true.high]
        )
        if one.value is not None and true.value is not None:
            numbers = [one.value, *one.interval, one.deviation]
            yield from near(numbers, [true.value, *true.interval, true.deviation], 1e-6)
        said = verdict._exponent_json(one)
        yield from agree([said["value"], said["modes"]], [one.value, [one.low, one.high]])
        yield from agree([said["interval"], said["deviation"]], [list(one.interval), one.deviation])
    line = np.arange(1.0, 13.0)  # a bin a mode: the line and its error are those of least squares
    noisy = line**-1.5 * np.exp(0.05 * np.cos(5 * line))
    told, plain_fit = fit_rank_exponent(noisy), stats.linregress(np.log(line), np.log(noisy))
    half = 1.96 * plain_fit.stderr * (10 / 4) ** 0.5  # half as many points that are independent
    ends = [-plain_fit.slope - half, -plain_fit.slope + half]
    yield from near([told.value, *told.interval], [-plain_fit.slope, *ends])
    none = fit_rank_exponent(np.array([3.0, 1.0, 2.0]))
    yield from agree([verdict._exponent_json(none)], [{"value": None, "reason": none.reason}])
    yield from near([found.noise], [rest])


#: Mean measured ratio, half the width of its interval of 99 %, predicted ratio, and the word.
CASES = (
    (0.90, 0.049, 0.90, "yes"),
    (0.90, 0.051, 0.90, "cannot tell"),
    (0.90, 0.049, 0.96, "cannot tell"),
    (1.00, 0.049, 1.00, "no"),
    (1.00, 0.051, 1.00, "cannot tell"),
    (1.00, 0.049, 0.94, "cannot tell"),
    (0.90, 0.049, np.inf, "cannot tell"),
)


@AS_ANALYSED.below("verdicts", note="made-up numbers", but={"0.95 moved": {"moved": 0.003}})
def verdicts(digits: int, moved: float = 0.0) -> Pairs:
    """Words of `verdicts` and `cautions` on both sides of 0.95, and where a number is missing."""
    rows, labels, _ = data()
    asked = kd.Question.of(rows, labels[:, 0])
    generator = np.random.default_rng(4)
    given = Given(labels[:, 0])
    teachers = (Strong(), Clean(), NestedMask(), given)
    count, sizes = 12, [float(n) for n in range(2, 2 + len(CASES))]
    values: dict[str, Any] = {"excess": {}, "risk": {}}
    noise = generator.standard_normal((len(CASES), count))
    noise -= noise.mean(axis=1, keepdims=True)
    plain_values = 2.0 + np.cos(np.arange(count)) * np.ones((len(CASES), 1))
    plain_values /= plain_values.mean(axis=1, keepdims=True)
    wide = stats.t.ppf(0.995, count - 1)
    taught = np.empty_like(plain_values)
    for k, (ratio, half, _, _) in enumerate(CASES):
        error = noise[k].std(ddof=1) / count**0.5
        taught[k] = (ratio + moved) * plain_values[k] + noise[k] * half / error / wide
    expected = np.array([case[2] for case in CASES])
    for what, own, other in (("excess", "nested-mask", "clean"), ("risk", "given", "strong")):
        values[what] = {own: taught, other: plain_values}
    told: Any = SimpleNamespace(
        teachers=teachers,
        excess={"clean": np.full(len(CASES), 4.0), "nested-mask": 4 * expected},
        risk={"strong": np.full(len(CASES), 5.0), "given": 5 * expected},
        reasons={(9.0, 0.0): "a reason"},
        codes=np.full(len(CASES), "CONVERGED"),
    )
    carried = {"clean": np.arange(len(CASES)) == 1, "given": np.arange(len(CASES)) == 5}
    measured: Any = SimpleNamespace(
        n=np.array(sizes), values=values, carried=lambda name: carried, repetitions=count
    )
    exponent = fit_rank_exponent(np.array([3.0, 1.0]))
    made: Any = analysis.Analysis(
        asked,
        sizes,
        [0.0] * len(sizes),
        exponent,
        None,
        {"rows": told},
        measured,
        [1],
        0.5,
    )
    said = verdict.verdicts(made)
    yield from agree([len(said)], [2 * len(CASES)])
    for k, (_, _, guess, word) in enumerate(CASES):
        for text, about in zip(said[2 * k : 2 * k + 2], ("given", "weak directions"), strict=True):
            yield from agree([f"? {word}" in text, about in text], [True, True])
            reason = (
                "there is no prediction" if np.isinf(guess) else "too wide" if k in (1, 4) else ""
            )
            reason = reason or ("two disagree" if k in (2, 5) else "")
            yield from agree([reason in text], [True])
    alone = verdict.verdicts(replace(made, measured=None))[0]
    yield from agree(["cannot tell: nothing was measured (predicted ratio 0.900)" in alone], [True])
    little = 1e-6 * asked.moments.power.sum()
    told.excess = {"clean": np.full(len(CASES), little), "nested-mask": little * expected}
    yield from agree(verdict.verdicts(made), said)
    told.excess["clean"] = np.zeros(len(CASES))
    learnt = verdict.verdicts(made)[1]
    yield from agree(["no: from 2 clean labels" in learnt], [True])
    warned = verdict.cautions(made)
    yield from agree(
        [one[:34] for one in warned],
        [
            "cannot predict: a reason",
            "n = 3: one of 12 draws carries the",
            "n = 7: one of 12 draws carries the",
        ],
    )
    yield from agree(
        [verdict.carried_at(made, 3.0), verdict.carried_at(made, 99.0)], [["clean"], []]
    )
    rows, _, classes = data()
    three = replace(
        made, question=kd.Question.of(rows, classes), n=[5.0, 6.0, 39.0, 40.0], measured=None
    )
    warned = verdict.cautions(three)
    yield from agree([one.split(":")[0] for one in warned], ["cannot predict", "n = 40", "n = 5"])


@AS_ANALYSED.identity("ratio of means", but={"not paired": {"paired": 0}})
def ratio_of_means(paired: int = 1) -> tuple[Any, Any]:
    """`formulas.squared_error` of a ratio of two draws: what its error is made of."""
    a, b, c, d, r = sympy.symbols("a b c d r", real=True)
    second, crossed, power = b**2 + d**2, a * b + c * d, a**2 + c**2
    found = f.squared_error(second * r**2, paired * crossed * r, power)
    return found, (a - r * b) ** 2 + (c - r * d) ** 2
