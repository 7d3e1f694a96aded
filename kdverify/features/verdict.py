"""Can distillation help here: yes, no, or cannot tell, with the reason."""

from __future__ import annotations

from typing import Any

import numpy as np
from scipy import stats

from kdverify.exponents import Exponent
from kdverify.features.analysis import Analysis, Point

#: A teacher must change the risk by this fraction for distillation to be worth a word.
WORTH = 0.05
#: Coverage of the intervals of the verdicts (Student's t).
COVERAGE = 0.99
#: Samples a class below which the accuracy of three classes and more is not predicted well.
FEW_SAMPLES = 2


def verdicts(analysis: Analysis) -> list[str]:
    """For each n, can distillation help here: yes, no or cannot tell, with the reason.

    Compared are a perfect masked surrogate, a teacher that is weaker than the truth, and
    noiseless strong labels ``x'beta*``, on the same repetitions.  "Yes": the 99 % interval of
    the measured ratio of their risks lies below 0.95, and the prediction is there too.  "No":
    the interval lies above 0.95.  "Cannot tell": the interval holds 0.95, or prediction and
    measurement disagree.
    """
    return [line for point in analysis.points if (line := _verdict(point))]


def _verdict(point: Point) -> str:
    prediction = next(iter(point.predictions.values()))
    if not prediction.excess:
        return ""
    expected = prediction.excess["masked"] / prediction.excess["clean"]
    head = f"n = {point.n:g}: does hiding weak directions help?"
    if point.measured is None:
        return f"{head} cannot tell: nothing was measured (predicted ratio {expected:.3f})"
    clean = point.measured.values["clean/excess"]
    masked = point.measured.values["masked/excess"]
    ratio = float(masked.mean() / clean.mean())
    gaps = masked - ratio * clean
    error = float(gaps.std(ddof=1) / np.sqrt(gaps.size) / clean.mean())
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
    prepared = analysis.prepared
    if prepared.classes is None or prepared.labels is None:
        return []
    count = prepared.labels.shape[1]
    few = [f"{point.n:g}" for point in analysis.points if point.n < FEW_SAMPLES * count]
    if count == 2 or not few:
        return []
    return [
        f"n = {', '.join(few)}: fewer than {FEW_SAMPLES} samples a class: the predicted accuracy "
        "may be one or two points too high"
    ]


def summary(analysis: Analysis) -> dict[str, Any]:
    """Exponents, verdicts and notes, for a JSON document."""
    found: dict[str, Any] = {
        "alpha": _exponent_json(analysis.alpha),
        "beta": None if analysis.beta is None else _exponent_json(analysis.beta),
        "unexplained": analysis.noise,
        "rank": analysis.prepared.pool.rank,
        "rows_of_pool": analysis.prepared.pool.size,
        "solved_rows": analysis.solved_rows,
        "classes": list(analysis.prepared.class_names) or None,
        "notes": [*analysis.prepared.notes, *cautions(analysis)],
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
