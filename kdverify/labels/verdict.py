"""Collect labels, use the teacher, mix both, or cannot tell: always against what is free."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from kdverify.labels.curve import QUANTILE
from kdverify.labels.learning import LabelCurve, Point
from kdverify.labels.worth import Route, Worth

#: A change of the risk that is worth a word.
WORTH = 0.03
CHOICES = ("collect labels", "use the teacher", "mix both", "keep plain ridge", "cannot tell")


@dataclass(frozen=True)
class Verdict:
    """What to do, of `CHOICES`, and why, in one sentence."""

    choice: str
    reason: str

    def __str__(self) -> str:
        return f"{self.choice}: {self.reason}"


def verdict(curve: LabelCurve, teachers: Sequence[Worth] = ()) -> Verdict:
    """Compare the best teacher, and 4 n_0 labels, with a plain ridge on the labels at hand.

    A route is better than another where the interval of 80 % of the ratio of their risks lies
    below 0.97.  A teacher whose student is better than plain ridge is to be used, with the labels
    mixed in where that is better still; labels are to be collected where no teacher is better and
    four times as many labels are; plain ridge is to be kept where nothing is.  What is refused
    decides nothing, though it be shown.
    """
    if teachers:
        found = _with_teacher(min(teachers, key=lambda one: min(one.alone.risk, one.mix.risk)))
        if found is not None:
            return found
    four = _at_four(curve)
    if four is None or four.change is None or four.shape_error is None or four.reasons:
        asked = [one for one in curve.points if one.student == "best"]
        reasons = [why for one in asked for why in one.reasons]
        reasons.append("no more labels than those at hand were asked for")
        return Verdict("cannot tell", reasons[0] if asked else "the best ridge was not asked for")
    half = QUANTILE * four.shape_error
    low, high = four.change * np.exp(-half), four.change * np.exp(half)
    numbers = f"{four.n} labels bring {four.change:.2f} [{low:.2f}, {high:.2f}] of the risk"
    if high < 1 - WORTH:
        beside = "; no teacher is better than plain ridge" if teachers else ""
        return Verdict("collect labels", f"{numbers} that {curve.n_labelled} have{beside}")
    if low > 1 - WORTH:
        return Verdict(
            "keep plain ridge", f"{numbers}: less than {WORTH:.0%} to gain, by labels or a teacher"
        )
    return Verdict("cannot tell", f"{numbers}, an interval too wide to decide")


def _at_four(curve: LabelCurve) -> Point | None:
    """The point of the best ridge nearest to 4 n_0."""
    points = [point for point in curve.of("best") if point.n > curve.n_labelled]
    if not points:
        return None
    return min(points, key=lambda point: abs(np.log(point.n / (4 * curve.n_labelled))))


def _with_teacher(best: Worth) -> Verdict | None:
    """Of the teacher, or None where its student is not better than plain ridge."""
    alone, mix = _interval(best.alone, best.free), _interval(best.mix, best.free)
    worth = 1 - WORTH
    if alone.high < worth or mix.high < worth:
        if alone.high < worth and _interval(best.mix, best.alone).high > 1:
            reason = f"the student of {best.teacher} has {alone} of plain ridge's risk"
            return Verdict("use the teacher", reason)
        return Verdict(
            "mix both", f"labels and {best.teacher} together have {mix} of plain ridge's risk"
        )
    if min(alone.middle, mix.middle) < worth:
        return Verdict(
            "cannot tell",
            f"the student of {best.teacher} has {alone} of plain ridge's risk, with the labels "
            f"{mix}: intervals too wide to decide",
        )
    return None


@dataclass(frozen=True)
class _Ratio:
    """A ratio of risks with its interval of 80 %."""

    middle: float
    low: float
    high: float

    def __str__(self) -> str:
        return f"{self.middle:.2f} [{self.low:.2f}, {self.high:.2f}]"


def _interval(route: Route, other: Route) -> _Ratio:
    ratio, error = route.log_ratio(other)
    half = QUANTILE * error
    return _Ratio(*(float(np.exp(ratio + move)) for move in (0.0, -half, half)))
