"""The equations of sections 1 to 6 written out once more, plainly, in mpmath.

No line of the code that composes the formulas is used: tau by bisection and Newton's method on
(1) as it stands, sums mode by mode.  What float64 and balls make of them is held against this.
"""

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from fractions import Fraction
from functools import cached_property
from typing import Any

import flint
import mpmath

from .modes import Pairs

#: Digits carried, and the relative accuracy that is asked of float64.
DIGITS, CLOSE = 40, Fraction(1, 10**12)

mp = mpmath.mp.clone()
mp.dps = DIGITS


def exact(value: Any) -> Any:
    """An mpmath number, of floats and fractions without error."""
    if isinstance(value, Fraction):
        return mp.mpf(value.numerator) / value.denominator
    return mp.mpf(value)


@dataclass(frozen=True, eq=False)
class Written:
    """Modes ``lam``, ``beta`` at n samples, a ridge and label noise of variance ``noise``."""

    lam: Sequence[Any]
    beta: Sequence[Any]
    n: Any
    ridge: Any = 0
    noise: Any = 0

    @cached_property
    def least_squares(self) -> bool:
        """n >= p without ridge."""
        return bool(self.ridge == 0 and self.n >= len(self.lam))

    @cached_property
    def modes(self) -> list[Any]:
        """Eigenvalues in mpmath."""
        return [exact(value) for value in self.lam]

    @cached_property
    def truth(self) -> list[Any]:
        """beta* in mpmath."""
        return [exact(value) for value in self.beta]

    @cached_property
    def tau(self) -> Any:
        """The root of (1)."""
        if self.least_squares:
            return mp.mpf(0)
        n, ridge = float(self.n), float(self.ridge)

        def excess(u: float) -> float:
            t = math.exp(u)
            return math.fsum(float(x) / (float(x) + t) for x in self.lam) + ridge / t - n

        low, high = -300.0, 300.0
        for _ in range(60):
            middle = (low + high) / 2
            low, high = (middle, high) if excess(middle) > 0 else (low, middle)
        tau, delta = mp.exp(mp.mpf(low)), exact(self.ridge)
        for _ in range(5):
            value = sum(x / (x + tau) for x in self.modes) + delta / tau - exact(self.n)
            slope = sum(-x / (x + tau) ** 2 for x in self.modes) - delta / tau**2
            tau -= value / slope
        return tau

    @cached_property
    def zeta(self) -> list[Any]:
        """``tau/(lam + tau)``."""
        return [self.tau / (x + self.tau) for x in self.modes]

    @cached_property
    def omega(self) -> Any:
        """``(1/n) sum (1 - zeta)^2``."""
        return sum((1 - z) ** 2 for z in self.zeta) / exact(self.n)

    @cached_property
    def noise_risk(self) -> Any:
        """What label noise costs; infinite where least squares has no finite mean."""
        noise, p = exact(self.noise), len(self.lam)
        if self.least_squares:
            if noise == 0:
                return noise
            spare = exact(self.n) - p - 1
            return noise * p / spare if spare > 0 else mp.inf
        return noise * self.omega / (1 - self.omega)

    def risk(self, surrogate: Iterable[Any] | None = None) -> Any:
        """(2)."""
        labels = self.truth if surrogate is None else [exact(b) for b in surrogate]
        bias, spread = mp.mpf(0), mp.mpf(0)
        for x, z, s, b in zip(self.modes, self.zeta, labels, self.truth, strict=True):
            bias += x * ((1 - z) * s - b) ** 2
            spread += x * z**2 * s**2
        if self.least_squares:
            return bias + self.noise_risk
        return bias + spread * self.omega / (1 - self.omega) + self.noise_risk

    @cached_property
    def gains(self) -> list[Any]:
        """The minimum of (2), a parabola in each coordinate of the surrogate."""
        share = self.omega / (1 - self.omega) if not self.least_squares else 0
        return [(1 - z) / ((1 - z) ** 2 + share * z**2) for z in self.zeta]

    @cached_property
    def kept(self) -> list[bool]:
        """Modes whose label costs less than its absence."""
        if self.least_squares:
            return [True] * len(self.lam)
        return [z**2 / (1 - self.omega) < 1 for z in self.zeta]

    def masked(self, kept: Iterable[Any] | None = None) -> Any:
        """The risk of the masked truth."""
        chosen = self.kept if kept is None else kept
        return self.risk([b if k else 0 for b, k in zip(self.truth, chosen, strict=True)])

    @cached_property
    def best(self) -> Any:
        """The risk of the best surrogate."""
        return self.risk([g * b for g, b in zip(self.gains, self.truth, strict=True)])

    @cached_property
    def improvements(self) -> list[Any]:
        """Each mode's least risk over its risk on strong labels, noise part left out."""
        if self.least_squares:
            return [mp.mpf(1)] * len(self.lam)
        share = self.omega / (1 - self.omega)
        return [
            (((1 - z) * g - 1) ** 2 + share * (z * g) ** 2) * (1 - self.omega) / z**2
            for z, g in zip(self.zeta, self.gains, strict=True)
        ]


def ball(value: Any) -> Any:
    """A ball around an mpmath number."""
    if isinstance(value, flint.arb):
        return value
    return flint.arb(mp.nstr(exact(value), DIGITS - 5)) if mp.isfinite(value) else flint.arb("inf")


def same(found: Any, true: Any, close: Fraction = CLOSE, least: Any = 0) -> tuple[Any, Any]:
    """In order iff ``found`` is within ``close`` of ``true``, relative to it (or to ``least``).

    A float is its exact value, a ball all that it holds; infinities have to be the same.
    """
    number = found if isinstance(found, flint.arb) else ball(mp.mpf(float(found)))
    infinite = not (number.is_finite() or number.is_nan()), not mp.isfinite(true)
    if any(infinite):
        return (0, 1) if all(infinite) else (1, 0)
    wanted = ball(true)
    room = flint.arb(flint.fmpq(close.numerator, close.denominator))
    size = abs(wanted) + ball(exact(least))
    return abs(number - wanted), room * size + flint.arb(10) ** (10 - DIGITS)


def all_same(found: Iterable[Any], true: Iterable[Any], **options: Any) -> Pairs:
    """`same` for every entry; the numbers of entries have to be the same."""
    yield from (same(f, t, **options) for f, t in zip(list(found), list(true), strict=True))


def agree(first: Iterable[Any], second: Iterable[Any]) -> Pairs:
    """In order iff two lists of flags, names or counts are the same."""
    yield (0, 1) if [str(a) for a in first] == [str(b) for b in second] else (1, 0)
