"""Number types beyond float64: arbitrary precision (mpmath) and balls (python-flint).

Vectors of either are NumPy object arrays, so that the functions of
`kdverify.formulas` run on them as they run on float64 arrays.  Precision is set
by the context manager `precision` and restored on the way out, whatever happens.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator
from contextlib import AbstractContextManager, contextmanager
from fractions import Fraction
from functools import lru_cache
from typing import Any, Protocol

import flint
import mpmath
import numpy as np

#: Bits of a double's significand.
DOUBLE_BITS = 53


class NumberType(Protocol):
    """What the solvers need of a number type."""

    name: str

    def precision(self, digits: int) -> Any:
        """Context manager: at least ``digits`` decimal digits inside, restored after."""

    def bits_in_force(self) -> int:
        """Binary precision in force."""

    def at_bits(self, binary: int) -> Any:
        """Context manager: that binary precision inside, restored after."""

    def number(self, value: float | Fraction) -> Any:
        """``value``, exactly if it is a float, else to working precision."""

    def power(self, base: int, exponent: Fraction) -> Any:
        """``base**exponent``."""

    def log(self, value: Any) -> Any:
        """Natural logarithm."""

    def exp(self, value: Any) -> Any:
        """Exponential."""

    def sqrt(self, value: Any) -> Any:
        """Square root."""

    def total(self, values: Iterable[Any]) -> Any:
        """Sum; of nothing: zero."""

    def midpoint(self, value: Any) -> Any:
        """A number of this type without error term."""

    def magnitude(self, value: Any) -> float:
        """An upper bound of the absolute value, as a float."""


def bits(digits: int) -> int:
    """Binary precision that holds ``digits`` decimal digits."""
    return math.ceil(digits * math.log2(10)) + 4


class _Balls:
    """python-flint ``arb``: every operation encloses the true result."""

    name = "balls"

    def precision(self, digits: int) -> AbstractContextManager[None]:
        return self.at_bits(bits(digits))

    def bits_in_force(self) -> int:
        return int(flint.ctx.prec)

    @contextmanager
    def at_bits(self, binary: int) -> Iterator[None]:
        before = flint.ctx.prec
        flint.ctx.prec = binary
        try:
            yield
        finally:
            flint.ctx.prec = before

    def number(self, value: float | Fraction) -> flint.arb:
        if isinstance(value, Fraction):
            return flint.arb(flint.fmpq(value.numerator, value.denominator))
        return flint.arb(value)

    def power(self, base: int, exponent: Fraction) -> flint.arb:
        if exponent.denominator == 1:
            return flint.arb(base) ** int(exponent)
        return flint.arb(base) ** self.number(exponent)

    def log(self, value: flint.arb) -> flint.arb:
        return value.log()

    def exp(self, value: flint.arb) -> flint.arb:
        return value.exp()

    def sqrt(self, value: flint.arb) -> flint.arb:
        return value.sqrt()

    def total(self, values: Iterable[flint.arb]) -> flint.arb:
        return sum(values, flint.arb(0))

    def midpoint(self, value: flint.arb) -> flint.arb:
        return value.mid()

    def magnitude(self, value: flint.arb) -> float:
        return _float_above(value.abs_upper())


class _MultiPrecision:
    """mpmath ``mpf``: correctly rounded operations at any number of digits."""

    name = "mpmath"

    def precision(self, digits: int) -> AbstractContextManager[None]:
        return self.at_bits(bits(digits))

    def bits_in_force(self) -> int:
        return int(mpmath.mp.prec)

    @contextmanager
    def at_bits(self, binary: int) -> Iterator[None]:
        before = mpmath.mp.prec
        mpmath.mp.prec = binary
        try:
            yield
        finally:
            mpmath.mp.prec = before

    def number(self, value: float | Fraction) -> mpmath.mpf:
        if isinstance(value, Fraction):
            return mpmath.mpf(value.numerator) / value.denominator
        return mpmath.mpf(value, prec=max(mpmath.mp.prec, DOUBLE_BITS))

    def power(self, base: int, exponent: Fraction) -> mpmath.mpf:
        return mpmath.power(base, self.number(exponent))

    def log(self, value: mpmath.mpf) -> mpmath.mpf:
        return mpmath.log(value)

    def exp(self, value: mpmath.mpf) -> mpmath.mpf:
        return mpmath.exp(value)

    def sqrt(self, value: mpmath.mpf) -> mpmath.mpf:
        return mpmath.sqrt(value)

    def total(self, values: Iterable[mpmath.mpf]) -> mpmath.mpf:
        return mpmath.fsum(values)

    def midpoint(self, value: mpmath.mpf) -> mpmath.mpf:
        return value

    def magnitude(self, value: mpmath.mpf) -> float:
        return float(abs(value))


BALLS = _Balls()
MULTIPRECISION = _MultiPrecision()


def vector(kind: NumberType, values: np.ndarray) -> np.ndarray:
    """float64 values, each at its exact binary value, as numbers of ``kind``."""
    return _objects([kind.number(v) for v in values.tolist()])


def powers(kind: NumberType, p: int, exponent: Fraction) -> np.ndarray:
    """``i**-exponent`` for i = 1..p.

    The map is multiplicative, so that only the primes need a logarithm: every
    other entry is one product.
    """
    negative = -exponent
    result: list[Any] = [None, kind.number(Fraction(1))]
    for i, factor in enumerate(_smallest_prime_factors(p)[2:].tolist(), start=2):
        if factor == i:
            result.append(kind.power(i, negative))
        else:
            result.append(result[factor] * result[i // factor])
    return _objects(result[1:])


@lru_cache(maxsize=4)
def _smallest_prime_factors(p: int) -> np.ndarray:
    factors = np.arange(p + 1)
    for i in range(2, math.isqrt(p) + 1):
        if factors[i] == i:
            multiples = factors[i * i :: i]
            multiples[multiples == np.arange(i * i, p + 1, i)] = i
    return factors


def _objects(values: list[Any]) -> np.ndarray:
    array = np.empty(len(values), dtype=object)
    array[:] = values
    return array


def _float_above(value: flint.arb) -> float:
    """The smallest double, or infinity, that is certainly not below the ball ``value``."""
    if not value.is_finite():
        return math.inf
    result = float(value)
    while not value <= result:
        result = math.nextafter(result, math.inf)
    return result


def certified_decimal(ball: flint.arb, digits: int) -> str:
    """The leading decimal digits of ``ball`` that are certain, ``digits`` at most.

    The text differs from every number inside the ball by at most one unit in its
    last place; a ball that fixes no digit gives ``"?"``.
    """
    text = ball.str(digits, radius=False)
    fixed = ball == 0 or any(digit in text.split("e")[0] for digit in "123456789")
    return text if fixed and not text.startswith("[") else "?"
