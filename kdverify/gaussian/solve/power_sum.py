"""Sums over all modes of a power law, p = infinity, on balls.

With ``w = tau z^alpha``, so that ``zeta = w/(1+w)`` and ``1 - zeta = 1/(1+w)``, a summand is
``f(z) = z^-s w^a (1+w)^-b``.  Modes below a modest N are added directly; for the rest the
Euler-Maclaurin formula

    sum_{i>=N} f(i) = int_N^oo f + f(N)/2 - sum_{k<=K} B_2k/(2k)! f^(2k-1)(N) + R

holds with ``|R| <= |B_2K|/(2K)! int_N^oo |f^(2K)|`` and ``|B_2K|/(2K)! <= 4/(2 pi)^2K``.

*Remainder.*  The disc of radius ``rho x`` around x lies in ``|arg z| <= asin(rho)``.  There
``|arg w| <= 3 pi/4``, hence ``|1+w| >= max(1, |w|)/sqrt(2)``; Cauchy's estimate bounds the
derivative by the summand's size on the disc, a power of x, whose integral is elementary.

*Integral.*  Up to the M with ``w = 1/2`` the geometric series in w is integrated term by
term; each integral of a power is ``(e^y - 1)/y`` times a factor, so that no exponent is a
pole.  Beyond M, with ``x = 1/(1+w)``, hypergeometric series in x with positive terms.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

import flint
from flint import arb

from kdverify import formulas
from kdverify.arithmetic import BALLS

#: (signal, zeta, 1 - zeta) -> the summand, for balls and power series alike.
Term = Callable[[Any, Any, Any], Any]

MAX_ORDER = 120
WIDEST_DISC = 0.85


@dataclass(frozen=True)
class Summand:
    """``z^-s w^a (1+w)^-b``, and the same as a function of the mode; one of four."""

    a: int
    b: int
    term: Term


#: ``signal`` times ``1 - zeta``, ``zeta (1 - zeta)``, ``zeta`` and ``zeta^2``.
LEARNT = Summand(0, 1, lambda signal, zeta, learnt: signal * learnt)
SPREAD = Summand(1, 2, lambda signal, zeta, learnt: signal * formulas.spread(zeta, learnt))
UNLEARNT = Summand(1, 1, lambda signal, zeta, learnt: signal * zeta)
UNLEARNT_SQUARE = Summand(2, 2, lambda signal, zeta, learnt: signal * zeta * zeta)


@dataclass(frozen=True, eq=False)
class PowerSum:
    """Sums for ``lam_i = i^-alpha`` and ``signal_i = i^-s`` (s = 0: no signal).

    To be used at the working precision that is wanted; ``digits`` of it are aimed at.
    """

    alpha: Fraction
    s: Fraction
    digits: int

    def total(self, summand: Summand, tau: arb, first: int = 1) -> arb:
        """``sum_{i >= first}``: a ball that contains the exact value."""
        disc = self._disc()
        start = max(first, math.ceil((0.45 * self.digits + 3) / float(disc)))
        direct = BALLS.total(self._term(summand, i, tau) for i in range(first, start))
        while True:
            wanted = (direct + self._term(summand, start, tau)).abs_lower()
            order, bound = self._order(summand, tau, start, disc, wanted)
            if order:
                break
            if start > 100 * self.digits / float(disc):
                raise ArithmeticError(
                    f"no Euler-Maclaurin order reaches {self.digits} digits by i = {start} at "
                    f"alpha={self.alpha}, tau={float(tau):g}: ask for fewer digits"
                )
            further = start + start // 3 + 1
            direct += BALLS.total(self._term(summand, i, tau) for i in range(start, further))
            start = further
        return direct + self._tail(summand, tau, start, order) + bound.neg().union(bound)

    def _term(self, summand: Summand, i: int, tau: arb) -> Any:
        zeta, learnt = formulas.split_mode(BALLS.power(i, -self.alpha), tau)
        return summand.term(BALLS.power(i, -self.s), zeta, learnt)

    def _disc(self) -> Fraction:
        """``rho``, rounded down: its sector keeps ``|arg w| <= 3 pi/4``."""
        angle = min(3 * math.pi / (4 * float(self.alpha)), math.pi / 2)
        return Fraction(math.floor(min(math.sin(angle), WIDEST_DISC) * 0.999 * 2**20), 2**20)

    def _order(
        self, summand: Summand, tau: arb, start: int, disc: Fraction, wanted: arb
    ) -> tuple[int, arb]:
        """Smallest K whose remainder is below the digits aimed at, and its bound; else 0."""
        rho, scale = BALLS.number(disc), 2 * arb.pi() * BALLS.number(disc) * start
        small = float(tau) * start ** float(self.alpha) < 1
        power = summand.a if small else summand.a - summand.b
        growth = self.alpha * power
        size = arb(2) ** BALLS.number(Fraction(summand.b, 2)) * tau**power
        size *= (1 + rho if power > 0 else 1 - rho) ** BALLS.number(growth)
        size *= (1 - rho) ** BALLS.number(-self.s)
        size *= arb(start) ** BALLS.number(growth - self.s + 1)
        enough = wanted * arb(10) ** (-self.digits)
        factor, bound = arb(4), arb.pos_inf()
        for k in range(1, MAX_ORDER):
            factor *= (2 * k) * (2 * k - 1) / scale**2
            room = 2 * k - 1 - growth + self.s
            if room > 0:
                bound = (factor * size / BALLS.number(room)).abs_upper()
                if bound <= enough:
                    return k, bound
        return 0, bound

    def _tail(self, summand: Summand, tau: arb, start: int, order: int) -> arb:
        """The Euler-Maclaurin formula from ``start`` on, without its remainder."""
        with series_length(2 * order + 1):
            lam, signal = self._expansion(-self.alpha, start), self._expansion(-self.s, start)
            taylor = summand.term(signal, *formulas.split_mode(lam, tau)).coeffs()
        taylor += [arb(0)] * (2 * order + 1 - len(taylor))
        result = self._integral(summand, tau, arb(start)) + taylor[0] / 2
        for k in range(1, order + 1):
            result -= arb(flint.fmpq.bernoulli(2 * k) / (2 * k)) * taylor[2 * k - 1]
        return result

    def _expansion(self, exponent: Fraction, start: int) -> flint.arb_series:
        """``(start + h)^exponent`` as a power series in h."""
        coefficients = [BALLS.power(start, exponent)]
        for k in range(1, flint.ctx.cap):
            step = (exponent - k + 1) / (k * start)
            coefficients.append(coefficients[-1] * BALLS.number(step))
        return flint.arb_series(coefficients)

    def _integral(self, summand: Summand, tau: arb, start: arb) -> arb:
        """``int_start^oo`` of the summand."""
        alpha = BALLS.number(self.alpha)
        odds = tau * start**alpha
        if not 2 * odds < 1:
            return self._far(summand, start, odds)
        half = BALLS.number(Fraction(1, 2))
        middle = (half / tau) ** (1 / alpha)
        near = self._near(summand, middle, (middle / start).log())
        return near + self._far(summand, middle, half)

    def _near(self, summand: Summand, middle: arb, log_ratio: arb) -> arb:
        """From start to the ``middle`` with w = 1/2: an alternating series, terms falling."""
        alpha, shift = _rational(self.alpha), _rational(1 - self.s)
        result, k, weight = arb(0), 0, arb(1) / 2**summand.a
        small = arb(10) ** (-self.digits - 5)
        while True:
            exponent = alpha * (summand.a + k) + shift
            y = arb(-exponent) * log_ratio
            mean = y.expm1() / y if exponent else arb(1)
            size = mean * weight * (k + 1 if summand.b == 2 else 1)
            if k > 1 and abs(size) < abs(result) * small:
                break
            result += size
            weight = -weight / 2
            k += 1
        result += abs(size).neg().union(abs(size))
        return result * log_ratio * middle ** BALLS.number(1 - self.s)

    def _far(self, summand: Summand, start: arb, odds: arb) -> arb:
        """From ``start`` to infinity, where ``w = odds`` at the start; ``odds >= 1/2``."""
        alpha, slope = BALLS.number(self.alpha), (self.s - 1) / self.alpha
        scale = start ** BALLS.number(1 - self.s) / alpha
        share = 1 / (1 + odds)
        if summand.a == 0 or (summand.a, summand.b) == (1, 2):
            learnt = scale * share * self._series(1 + slope, share)
            # by parts: z d(1 - zeta)/dz = -alpha zeta (1 - zeta)
            return learnt if summand.a == 0 else scale * share - BALLS.number(slope) * learnt
        unlearnt = scale * odds * share * self._series(slope, share)
        if summand.a == 1:
            return unlearnt
        # by parts: z d(zeta)/dz = alpha zeta (1 - zeta)
        return (1 - BALLS.number(slope)) * unlearnt + scale * odds * share

    def _series(self, b: Fraction, x: arb) -> arb:
        """``sum_k k!/(b)_{k+1} x^k``, b > 0, 0 < x < 1: every ratio of terms is below x."""
        shift = BALLS.number(b)
        term, result, k = 1 / shift, arb(0), 0
        enough = term * arb(10) ** (-self.digits - 5)
        while not term < enough:
            result += term
            k += 1
            term = term * x * k / (shift + k)
        rest = (term / (1 - x)).abs_upper()
        return result + arb(0).union(rest)


@contextmanager
def series_length(length: int) -> Iterator[None]:
    """Power series have so many terms inside."""
    before = flint.ctx.cap
    flint.ctx.cap = length
    try:
        yield
    finally:
        flint.ctx.cap = before


def _rational(value: Fraction) -> flint.fmpq:
    return flint.fmpq(value.numerator, value.denominator)
