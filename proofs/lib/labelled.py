"""Labelled rows, and made-up numbers for what is refused, for claims of section 13."""

from types import SimpleNamespace
from typing import Any

import numpy as np

from kdverify.estimators import LabelledCurve
from kdverify.labels import LabelCurve, ask, learning_curve, verdict, worth
from kdverify.labels.guards import Refusal, path_refusals, refusals

from .modes import Pairs
from .written import agree


def pool(width: int = 4) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """60 rows of which 25 are labelled, their labels, and the numbers of these rows."""
    generator = np.random.default_rng(11)
    rows = generator.standard_normal((60, width)) * np.arange(1, width + 1) ** -0.5 + 1.0
    known = np.sort(generator.choice(60, 25, replace=False))
    return rows, rows[known] @ np.cos(np.arange(width)) + generator.standard_normal(25) / 2, known


def refused(rows: np.ndarray, errors: Any = None, **said: Any) -> list[Refusal]:
    """What `refusals` says of these rows twice, labelled once, and made-up numbers."""
    size = len(rows)
    sample = SimpleNamespace(rank=said.get("rank", 30), rows=np.vstack([rows, rows]))
    known = said.get("known", np.arange(size))
    setting: Any = SimpleNamespace(
        sample=sample,
        known=known,
        count=said.get("count", len(known)),
        rare_columns=said.get("rare", 0),
        faint_columns=said.get("faint", 0),
        class_names=said.get("names", ()),
    )
    own = np.arange(size) % 7 if errors is None else errors
    own = own[: len(setting.known)]
    measured: Any = SimpleNamespace(rows=np.array([own[::-1], own]), best=1)
    signals: Any = SimpleNamespace(share=said.get("share", 0.5))
    return refusals(setting, measured, signals)


def few(least: float) -> np.ndarray:
    """Errors of 50 rows: 4 of them 1, the others ``least``; they vary by 3 where that is .0103."""
    return np.where(np.arange(50) % 12 == 3, 1.0, least)


def contradicted(worse: float, odd: float, spread: float) -> list[Refusal]:
    """`path_refusals` where the first ridge, best by the forecast, is ``worse`` by its rows' mean.

    The rows differ from that in turn by the share ``odd``; the forecast's draws by ``spread``.
    """
    own = np.ones(50)
    other = (1 + worse) * (1 + odd * np.tile([1.0, -1.0], 25))
    measured: Any = SimpleNamespace(rows=np.array([other, own]), best=1)
    risks = np.array([[1.0, 2.0 * np.exp(spread)], [1.0, 2.0 * np.exp(-spread)]])
    now: Any = SimpleNamespace(risks=risks, best=0)
    return path_refusals(measured, now)


def shown_anyway(rows: np.ndarray, gaps: np.ndarray, silent: LabelCurve) -> Pairs:
    """Refused points that are asked for: numbers, the reasons of ``silent``, and no verdict."""
    face = LabelledCurve("best", "regression", draws=2, anyway=True).fit(rows, gaps)
    setting = ask(rows, gaps)
    shown = learning_curve(setting, [25, 50], draws=2, anyway=True)
    yield from agree(face.predict_curve([25, 50]).points, shown.points)
    yield from agree(
        [one.risk is None for one in silent.points + shown.points], [True, False, False]
    )
    yield from agree([one.reasons for one in shown.points], [silent.points[0].reasons] * 2)
    yield from agree(["refused, shown anyway, best: the" in shown.cautions[0]], [True])
    yield from agree([verdict(shown).reason], [silent.points[0].reasons[0]])
    teacher, measured = setting.labels.mean() + rows[:, :1], setting.measured(setting.ridges())
    own = worth("t", setting, shown, teacher, measured)
    yield from agree([own.refused, own.to_json()["refused"]], [True, True])
    said = [str(shown.needed("risk", 1e9)), str(own).split(";")[0]]
    yield from agree([one.endswith(" (refused)") for one in said], [True, True])
