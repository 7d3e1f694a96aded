"""Extrapolation of exact values at finite n to n = infinity, in several families of powers.

``v(n) = V + sum_j c_j n^-e_j`` with known exponents ``0 < e_1 < e_2 < ...``: K values give V
with the first K - 1 powers eliminated.  This is Richardson's extrapolation where the
exponents are whole numbers.  The values are combined on balls, so that no digit is lost
unseen; what the powers that are left out do is *estimated*, never certified.
"""

from __future__ import annotations

import itertools
import math
from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

from flint import arb, arb_mat

from kdverify import checks
from kdverify.arithmetic import BALLS
from kdverify.shown import Shown

#: Digits carried: the weights grow with the number of powers, and cancel.
GUARD_DIGITS = 30


@dataclass(frozen=True, eq=False, repr=False)
class Extrapolation(Shown):
    """A value at n = infinity.

    Attributes:
        value: the limit with all powers of ``exponents`` eliminated, an ``arb`` whose radius
            holds what the radii of the values come to.
        error: estimate of the distance from the true limit: by how much the result changes at
            most without the last power and the first or the last value.
        exponents: the exponents eliminated, in order.
    """

    value: arb
    error: float
    exponents: tuple[Fraction, ...]


def extrapolate(values: Sequence[Any], n: Sequence[Any], exponents: Sequence[Any]) -> Extrapolation:
    """The limit of ``values`` at the sizes ``n``, eliminating powers ``n^-e``.

    Args:
        values: balls, exact numbers, or floats (taken as exact), at least 3.
        n: their sizes, increasing.
        exponents: increasing, positive; the first ``len(values) - 1`` are used, so that there
            have to be as many.

    Raises:
        ValueError, TypeError: for lengths that do not fit, sizes or exponents out of order.
    """
    sizes = _increasing("n", n)
    powers = _increasing("exponents", exponents)
    if len(values) != len(sizes):
        raise ValueError(f"n of length {len(sizes)} must have one entry for each value")
    if len(values) < 3:
        raise ValueError(f"values of length {len(values)} must hold at least 3")
    if len(powers) < len(values) - 1:
        raise ValueError(f"exponents of length {len(powers)} must hold {len(values) - 1}")
    used = powers[: len(values) - 1]
    with BALLS.precision(_working_digits(sizes, used)):
        entries = [_ball(value) for value in values]
        best = _limit(entries, sizes, used)
        shorter = [_limit(entries[at], sizes[at], used[:-1]) for at in (slice(1, None), slice(-1))]
        error = max(float((best - other).abs_upper()) for other in shorter)
    return Extrapolation(best, error, tuple(used))


def correction_exponents(alpha: Any, beta: Any, count: int) -> list[Fraction]:
    """The first ``count`` exponents e in ``R = limit form (1 + sum c n^-e)``, p = infinity.

    Two families, for ``beta < 2 alpha + 1``, for strong labels and for the best surrogate:
    ``a + b (alpha + 1)``, from (1), with a, b = 0, 1, ... not both 0; and ``(2 alpha + 1 -
    beta) + a + b alpha``, from the first modes.  Some coefficients are 0.

    Source: claim ``5.extrapolated``.
    """
    a, b = checks.exact("alpha", alpha), checks.exact("beta", beta)
    wanted, gap = checks.count("count", count), 2 * a + 1 - b
    if not (a > 1 and b > 1 and gap > 0):
        raise ValueError(
            f"beta={checks.shown(beta)} must lie between 1 and 2 alpha + 1 = "
            f"{checks.shown(2 * a + 1)}, alpha={checks.shown(alpha)} above 1"
        )
    steps = range(wanted + 1)
    found = {i + j * (a + 1) for i in steps for j in steps}
    found |= {gap + i + j * a for i in steps for j in steps}
    return sorted(found - {Fraction(0)})[:wanted]


def _ball(value: Any) -> arb:
    return value if isinstance(value, arb) else BALLS.number(checks.exact("values", value))


def _increasing(name: str, values: Sequence[Any]) -> list[Fraction]:
    found = [checks.exact(name, value) for value in values]
    if any(x >= y for x, y in itertools.pairwise([Fraction(0), *found])):
        raise ValueError(f"{name}={checks.shown(list(values))} must be positive and increase")
    return found


def _working_digits(sizes: Sequence[Fraction], powers: Sequence[Fraction]) -> int:
    """Enough for the smallest power, on top of the guard."""
    return GUARD_DIGITS + math.ceil(float(sum(powers)) * math.log10(max(float(sizes[-1]), 10)))


def _limit(values: list[arb], sizes: list[Fraction], powers: list[Fraction]) -> arb:
    """The constant of ``V + sum c_j n^-e_j`` through all values."""
    rows = [[arb(1), *(BALLS.number(n) ** BALLS.number(-e) for e in powers)] for n in sizes]
    return arb_mat(rows).solve(arb_mat([[v] for v in values]))[0, 0]
