"""Certified numbers, by ball arithmetic (python-flint).

A ball encloses the true number, so comparisons have three outcomes: certainly true,
certainly false, and undecided, where the balls overlap.  "Not certainly false" never
counts as true, and a ball passes only if it is narrow as well.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from decimal import Decimal, InvalidOperation
from fractions import Fraction
from typing import Any, ClassVar

from kdverify.evidence.base import Evidence
from kdverify.evidence.outcome import Context, Figures, Finding, Verdict

#: Digits carried beyond the ones that are asked for.
WORKING_GUARD = 10
#: Digits that two routes may lose at most: of thirty, half are left.
MOST_GUARD = 15

Balls = Callable[[int], Any]


@dataclass(frozen=True, eq=False)
class Enclosure(Evidence):
    """Is it certain?  Exactly one of three questions, each put at ``digits`` digits.

    Attributes:
        ball, value: ``ball(digits)`` has to lie inside the interval that the decimal text
            ``value`` stands for: half a unit of its last place to either side.
        below: ``below(digits)`` returns pairs ``(smaller, larger)`` of balls.
        equal: ``equal(digits)`` returns pairs of balls from two routes, which have to
            overlap and to be narrower, together, than ``10**-(digits - guard)`` relative to
            their size.
        guard: digits that the two routes of ``equal`` may lose.

    The functions are called at a working precision of ``digits`` + `WORKING_GUARD` digits.
    """

    kind: ClassVar[str] = "enclosure"
    asks: ClassVar[tuple[str, ...]] = ("ball", "below", "equal")

    ball: Balls | None = field(default=None, kw_only=True)
    value: str | None = field(default=None, kw_only=True)
    below: Balls | None = field(default=None, kw_only=True)
    equal: Balls | None = field(default=None, kw_only=True)
    guard: int = field(default=5, kw_only=True)

    def __post_init__(self) -> None:
        if (self.ball is None) != (self.value is None):
            raise ValueError("ball and value must be given together")
        if [self.ball, self.below, self.equal].count(None) != 2:
            raise ValueError("exactly one of ball (with value), below and equal must be given")
        if self.value is not None:
            decimal_interval(self.value)
        if not 0 <= self.guard <= MOST_GUARD:
            raise ValueError(f"guard={self.guard} must be from 0 to {MOST_GUARD} digits")

    def examine(self, context: Context) -> Finding:
        """Put the question at the digits of the level."""
        from kdverify.arithmetic import BALLS

        digits = context.digits
        with BALLS.precision(digits + WORKING_GUARD):
            if self.ball is not None and self.value is not None:
                return _inside(_arb(self.ball(digits)), self.value)
            if self.below is not None:
                return _all_below(self.below(digits))
            assert self.equal is not None
            return _all_equal(self.equal(digits), digits - self.guard)


def decimal_interval(text: str) -> tuple[Fraction, Fraction]:
    """The numbers that round to the decimal ``text``: half a unit of its last place around."""
    try:
        decimal = Decimal(text)
        exponent = decimal.as_tuple().exponent
        if not isinstance(exponent, int):
            raise InvalidOperation
    except (InvalidOperation, TypeError):
        raise ValueError(f"value={text!r} must be a decimal number, as text") from None
    half = Fraction(10) ** exponent / 2
    return Fraction(decimal) - half, Fraction(decimal) + half


def _arb(value: Any) -> Any:
    """A ball, from a ball, an integer or a fraction; floats are refused (no error term)."""
    import flint

    if isinstance(value, flint.arb):
        return value
    if isinstance(value, Fraction):
        return flint.arb(flint.fmpq(value.numerator, value.denominator))
    if isinstance(value, int | flint.fmpz | flint.fmpq):
        return flint.arb(value)
    raise TypeError(f"{value!r:.60} must be a ball, an integer or a fraction")


def _inside(ball: Any, text: str) -> Finding:
    low, high = (_arb(end) for end in decimal_interval(text))
    figures: Figures = {"value": text, "ball": ball.str(20), "radius": float(ball.rad())}
    if low < ball and ball < high:
        return Finding(Verdict.CERTIFIED, figures)
    if ball < low or ball > high:
        return Finding(Verdict.REFUTED, figures, "the ball lies outside the interval")
    return Finding(Verdict.UNDECIDED, figures, "the ball straddles an end of the interval")


def _all_below(pairs: Iterable[tuple[Any, Any]]) -> Finding:
    count, open_pairs, tightest = 0, [], None
    for smaller, larger in pairs:
        small, large = _arb(smaller), _arb(larger)
        count += 1
        if small >= large:
            figures: Figures = {"pair": count, "smaller": small.str(15), "larger": large.str(15)}
            return Finding(Verdict.REFUTED, figures, f"pair {count} is certainly not in order")
        if not small < large:
            open_pairs.append(count)
            continue
        margin = float((large - small).lower())
        tightest = margin if tightest is None else min(tightest, margin)
    if count == 0:
        raise ValueError("below must yield at least one pair")
    figures = {"pairs": count}
    if tightest is not None:
        figures["smallest margin"] = tightest
    if open_pairs:
        return Finding(Verdict.UNDECIDED, figures, f"the balls of pair {open_pairs[0]} overlap")
    return Finding(Verdict.CERTIFIED, figures)


def _all_equal(pairs: Iterable[tuple[Any, Any]], digits: int) -> Finding:
    count, too_wide, widest = 0, [], 0.0
    for first, second in pairs:
        a, b = _arb(first), _arb(second)
        count += 1
        if not a.overlaps(b):
            figures: Figures = {"pair": count, "first": a.str(20), "second": b.str(20)}
            return Finding(Verdict.REFUTED, figures, f"the balls of pair {count} are disjoint")
        if a == b and a.is_finite():  # both exact and the same
            continue
        hull = a.union(b)
        width = hull.rad() / hull.abs_lower()
        widest = max(widest, float(width)) if width.is_finite() else float("inf")
        if not (hull.is_finite() and width < _arb(Fraction(1, 10**digits))):
            too_wide.append(count)
    if count == 0:
        raise ValueError("equal must yield at least one pair")
    figures = {"pairs": count, "relative width": widest, "digits asked": digits}
    if too_wide:
        return Finding(Verdict.UNDECIDED, figures, f"pair {too_wide[0]} is too wide to tell")
    return Finding(Verdict.CERTIFIED, figures)
