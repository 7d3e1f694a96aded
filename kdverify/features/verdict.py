"""Can distillation help here: yes, no, or cannot tell, with the reason."""

from __future__ import annotations

from typing import Any

import numpy as np
from scipy import stats

from kdverify.exponents import Exponent
from kdverify.features.analysis import Analysis
from kdverify.results import ROUNDING

#: A teacher must change the risk by this fraction for distillation to be worth a word.
WORTH = 0.05
#: Coverage of the intervals of the verdicts (Student's t).
COVERAGE = 0.99
#: Samples a class below which the accuracy of three classes and more is not predicted well.
FEW_SAMPLES = 2


def verdicts(analysis: Analysis) -> list[str]:
    """For each n, what to do with a teacher, and why.

    Of a teacher that exists (brought, or trained on other rows): should it label in the place of
    the labels as they are?  Compared are risks on unseen rows.  Of one that does not: could a
    perfect linear teacher help by hiding weak directions?  Compared are excess risks of students
    of one with the best mask, which is weaker than the truth, and without.

    Both are on the same repetitions.  "Yes": the 99 % interval of the measured ratio lies below
    0.95, and the prediction is there too.  "No": the interval lies above 0.95.  "Cannot tell": the
    interval holds 0.95, or prediction and measurement disagree.
    """
    names = {teacher.name for teacher in analysis.teachers}
    brought = [one.name for one in analysis.teachers if not one.needs_truth]
    found = []
    for place, n in enumerate(analysis.n):
        if "strong" in names:
            for name in brought:
                head = f"n = {n:g}: should {name} label in the place of your labels?"
                found.append(_verdict(analysis, place, head, "risk", name, "strong"))
        if {"clean", "nested-mask"} <= names:
            head = f"n = {n:g}: if you had a perfect linear teacher, "
            head += "should it hide weak directions?"
            found.append(_verdict(analysis, place, head, "excess", "nested-mask", "clean"))
    return found


def _verdict(analysis: Analysis, place: int, head: str, name: str, teacher: str, other: str) -> str:
    predicted = getattr(next(iter(analysis.predictions.values())), name)
    perfect = float(predicted[other][place])
    if perfect <= ROUNDING * float(analysis.question.moments.power.sum()):
        clean = f"from {analysis.n[place]:g} clean labels its student learns all that is linear"
        return f"{head} no: {clean}"
    expected = float(predicted[teacher][place]) / perfect
    if not np.isfinite(expected):
        return f"{head} cannot tell: there is no prediction"
    at = analysis.measured_at(analysis.n[place])
    if at is None or analysis.measured is None:
        return f"{head} cannot tell: nothing was measured (predicted ratio {expected:.3f})"
    values = analysis.measured.values[name]
    plain, taught = values[other][at], values[teacher][at]
    ratio = float(taught.mean() / plain.mean())
    gaps = taught - ratio * plain
    error = float(gaps.std(ddof=1) / np.sqrt(gaps.size) / plain.mean())
    wide = float(stats.t.ppf((1 + COVERAGE) / 2, gaps.size - 1))
    low, high = ratio - wide * error, ratio + wide * error
    numbers = f"risk ratio {ratio:.3f} [{low:.3f}, {high:.3f}] measured, {expected:.3f} predicted"
    if high < 1 - WORTH and expected < 1 - WORTH:
        return f"{head} yes: {numbers}"
    if low > 1 - WORTH and expected > 1 - WORTH:
        return f"{head} no: {numbers}; less than {WORTH:.0%} to gain"
    reason = "the interval is too wide" if low <= 1 - WORTH <= high else "the two disagree"
    return f"{head} cannot tell: {numbers}; {reason}, try more repetitions"


def cautions(analysis: Analysis) -> list[str]:
    """What a reader of the numbers should know beside the verdicts."""
    question = analysis.question
    found = [
        f"cannot predict: {reason}"
        for reason in dict.fromkeys(
            reason for one in analysis.predictions.values() for reason in one.reasons.values()
        )
    ]
    beyond = [f"{n:g}" for n in analysis.n if n >= question.size and analysis.predictions]
    if beyond:
        found.append(
            f"n = {', '.join(beyond)}: predicted alone, since there are {question.size} rows to "
            "learn from and to be judged on"
        )
    found += [_carried(analysis, n) for n in analysis.n if carried_at(analysis, n)]
    count = len(question.class_names)
    few = [f"{n:g}" for n in analysis.n if n < FEW_SAMPLES * count]
    if count > 2 and few:
        found.append(
            f"n = {', '.join(few)}: fewer than {FEW_SAMPLES} samples a class: the predicted "
            "accuracy may be off by one or two points"
        )
    return found


def carried_at(analysis: Analysis, n: float) -> list[str]:
    """Teachers of whose students, measured at n, one draw carries the mean excess risk."""
    at = analysis.measured_at(n)
    if at is None or analysis.measured is None:
        return []
    carried = analysis.measured.carried("excess")
    return [name for name in carried if carried[name][at]]


def _carried(analysis: Analysis, n: float) -> str:
    names = ", ".join(carried_at(analysis, n))
    return (
        f"n = {n:g}: one of {analysis.measured.repetitions} draws carries the mean of {names}: "  # type: ignore[union-attr]  # asked where it was measured
        "read the medians"
    )


def summary(analysis: Analysis) -> dict[str, Any]:
    """Exponents, verdicts and notes, for a JSON document."""
    found: dict[str, Any] = {
        "alpha": _exponent_json(analysis.alpha),
        "beta": None if analysis.beta is None else _exponent_json(analysis.beta),
        "unexplained": analysis.noise,
        "rank": analysis.question.pool.rank,
        "rows_of_pool": analysis.question.size,
        "solved_rows": analysis.solved_rows,
        "classes": list(analysis.question.class_names) or None,
        "notes": [*analysis.question.notes, *cautions(analysis)],
        "verdicts": verdicts(analysis),
    }
    return found


def _exponent_json(found: Exponent) -> dict[str, Any]:
    if found.value is None:
        return {"value": None, "reason": found.reason}
    return {
        "value": found.value,
        "interval": list(found.interval),
        "modes": [found.low, found.high],
        "deviation": found.deviation,
    }
