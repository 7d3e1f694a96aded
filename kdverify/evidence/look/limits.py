"""Limits from values: at points that approach ever faster, and extrapolated.

The points are ``10^2, 10^4, 10^8, ...`` times e/3, since what oscillates may look constant at
round numbers (rounded down for a whole variable: even and odd ones are among them), or the
limit point plus their inverses, so that the
distance from the limit is squared from one to the next where it falls like a power, and
halved where it falls like an inverse logarithm: the ratio of successive steps tells the rest.
"""

from __future__ import annotations

import itertools
from collections.abc import Callable
from dataclasses import dataclass
from math import inf
from typing import Any

from flint import acb, arb, ctx

from kdverify.evidence.look.functions import Value
from kdverify.evidence.look.program import Imprecise

#: The powers of ten by which the points are near, or far out.
EXPONENTS = (2, 4, 8, 16, 32, 64)
#: Bits of the first attempt and of the last one.
LEAST_BITS, MOST_BITS = 400, 3_200
#: A value is wanted to so many bits, of its size or of one.
WANTED_BITS = 130
#: The limit is where the extrapolation leads if that is nearer than this share of a step.
SHARE = 0.1


ZERO = acb(0)


def inverse(function: Callable[[Value, bool], Value], sign: int) -> Callable[..., Value]:
    """``sign / function``: it tends to zero from above where the function grows with that sign."""

    def inverted(z: Value, analytic: bool) -> Value:
        value = sign / function(z, analytic)
        return value if value.real > 0 else acb(arb.nan())

    return inverted


@dataclass(frozen=True)
class Approach:
    """What the values do as the variable approaches its limit point.

    Attributes:
        values: at `EXPONENTS`.
        value: where they lead, with a radius that says how far this is to be trusted.
    """

    values: tuple[Value, ...]
    value: Value

    def leads_to(self, limit: Value) -> bool:
        """Whether ``limit`` is where the values lead: nearer than a share of the last gap."""
        gaps = self.gaps(limit)
        if gaps[-1] < 1e-35:
            return True
        distance = float((self.value.mid() - limit).abs_upper())
        return gaps[-1] < gaps[0] and distance <= SHARE * gaps[-2]

    def leads_elsewhere(self, limit: Value) -> bool:
        """Whether the values settle at another place: far away, in units of their last step."""
        distance = float((self.value.mid() - limit).abs_lower())
        last = float((self.values[-1] - self.values[-2]).abs_upper())
        earlier = float((self.values[-2] - self.values[-3]).abs_upper())
        return last <= 0.7 * earlier + 1e-35 and distance > 20 * max(last, 1e-30)

    def grows(self) -> bool:
        """Whether the values grow from step to step, and by more than the step before."""
        sizes = [float(value.abs_lower()) for value in self.values]
        steps = [b - a for a, b in itertools.pairwise(sizes)]
        return all(0 < a < b or b == inf for a, b in itertools.pairwise(steps))

    def gaps(self, limit: Value) -> list[float]:
        """The distances of the values from ``limit``."""
        return [float((value - limit).abs_upper()) for value in self.values]


def limit(
    function: Callable[[Value, bool], Value], point: Value, direction: str, whole: bool = False
) -> Approach:
    """The values of ``function`` as its variable, ``whole`` or not, approaches ``point``."""
    values = []
    for exponent in EXPONENTS:
        values.append(_value(function, point, direction, exponent, whole))
    before, last = values[-2] - values[-3], values[-1] - values[-2]
    size = float(before.abs_upper())
    ratio = last / before if size > 0 and float(before.abs_lower()) > 0 else acb(0)
    length = float(ratio.abs_upper())
    if not length < 0.95:
        return Approach(tuple(values), acb(arb(0, 1e300), arb(0, 1e300)))
    rest = last * ratio / (1 - ratio)
    error = float(rest.abs_upper()) * SHARE if length > 1e-3 else float(last.abs_upper()) * length
    blur = arb(0, error + 1e-45)
    real = all(value.imag.is_zero() for value in values)
    return Approach(tuple(values), values[-1] + rest + (acb(blur) if real else acb(blur, blur)))


def _value(
    function: Callable[..., Value], point: Value, direction: str, exponent: int, whole: bool
) -> Value:
    before, bits = ctx.prec, LEAST_BITS
    try:
        while bits <= MOST_BITS:
            ctx.prec = bits
            value = function(_place(point, direction, exponent, whole), False)
            if value.is_finite() and _narrow(value):
                return value
            bits *= 2
    finally:
        ctx.prec = before
    raise Imprecise(f"no value at a distance of 10^-{exponent} from the limit point")


def _narrow(value: Value) -> bool:
    return float(value.rad()) < 2.0**-WANTED_BITS * max(1.0, float(value.abs_upper()))


def _place(point: Value, direction: str, exponent: int, whole: bool) -> Any:
    far = acb(10) ** exponent * acb(1).exp() / 3
    if whole:
        far = acb(far.real.floor())
    if not point.is_finite():
        return far if point.real > 0 else -far
    return point + 1 / far if direction == "+" else point - 1 / far
