"""Sums and products, finite ones term by term, infinite ones by two extrapolations that agree."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import mpmath
from flint import acb, arb, ctx

from kdverify.evidence.look.functions import Value
from kdverify.evidence.look.program import Unknown

Function = Callable[[Value, bool], Value]

#: Most terms of a finite sum.
MOST_TERMS = 20_000
#: An infinite sum is added up so far, twice as far, and four times as far.
FIRST = 512
#: A term below this need not fall any more.
VANISHED = 1e-30
#: How far apart the two extrapolations may be, relative to the last step of the partial sums.
AGREE = 0.1
#: Relative error that is claimed for an accelerated sum.
CLAIMED_BITS = 50


def total(term: Function, a: Value, b: Value) -> Value:
    """``term(a) + ... + term(b)``; an empty sum is 0, and ``b`` before ``a - 1`` unknown."""
    if not a.real.is_finite() and b.real.is_finite():  # from -oo
        return total(lambda k, analytic: term(-k, analytic), -b, -a)
    if not a.real.is_finite():
        ahead = total(term, acb(0), b)
        return ahead + total(lambda k, analytic: term(-k, analytic), acb(1), b)
    first = _whole(a)
    if b.real.is_finite():
        last = _whole(b)
        if not 0 <= last - first + 1 <= MOST_TERMS:
            raise Unknown("a sum of too many terms, or with its ends turned")
        return sum((term(acb(k), False) for k in range(first, last + 1)), acb(0))
    return _infinite(term, first)


def product(factor: Function, a: Value, b: Value) -> Value:
    """``factor(a) ... factor(b)``; infinite ones by the sum of logarithms."""
    if b.real.is_finite():
        first, last = _whole(a), _whole(b)
        if not 0 <= last - first + 1 <= MOST_TERMS:
            raise Unknown("a product of too many factors, or with its ends turned")
        result = acb(1)
        for k in range(first, last + 1):
            result *= factor(acb(k), False)
        return result
    return total(lambda k, analytic: factor(k, analytic).log(), a, b).exp()


def _whole(value: Value) -> int:
    number = value.real.unique_fmpz() if value.imag.is_zero() else None
    if number is None:
        raise Unknown("a sum that does not end at whole numbers")
    return int(number)


def _infinite(term: Function, first: int) -> Value:
    sums = []
    running = acb(0)
    for step in range(4 * FIRST):
        running += term(acb(first + step), False)
        if step + 1 in (FIRST, 2 * FIRST, 4 * FIRST):
            sums.append(running)
    if not running.is_finite():
        raise Unknown("a sum with a term that has no value")
    last = float(term(acb(first + 4 * FIRST - 1), False).abs_upper())
    if last > 0.5 * float(term(acb(first + FIRST - 1), False).abs_upper()) and last > VANISHED:
        raise Unknown("a sum whose terms do not fall")
    before, step = sums[1] - sums[0], sums[2] - sums[1]
    size = max(1.0, float(running.abs_upper()))
    tiny = 2.0**-CLAIMED_BITS * size
    if float(step.abs_upper()) < tiny * 2.0**-10 and float(before.abs_upper()) < tiny:
        return _blurred(running, tiny * 2.0**-8)
    ratio = step / before if float(before.abs_upper()) > 0 else acb(1)
    if not float(ratio.abs_upper()) < 0.95:
        raise Unknown("a sum that does not converge, or only slowly")
    extrapolated = sums[2] + step * ratio / (1 - ratio)
    accelerated = _accelerated(term, first)
    if not float((accelerated - extrapolated).abs_upper()) < AGREE * float(step.abs_upper()):
        raise Unknown("a sum on which two extrapolations differ")
    return _blurred(accelerated, tiny)


def _accelerated(term: Function, first: int) -> Value:
    """mpmath's accelerated sum, at two precisions that have to agree."""
    found = []
    for bits in (90, 130):
        with mpmath.workprec(bits):

            def at(k: Any) -> Any:
                before = ctx.prec
                ctx.prec = max(before, 2 * mpmath.mp.prec)
                try:
                    value = term(acb(int(k)), False).mid()
                    return mpmath.mpc(*(_to_mpmath(part) for part in (value.real, value.imag)))
                finally:
                    ctx.prec = before

            found.append(mpmath.nsum(at, [first, mpmath.inf], maxterms=20_000))
    low, high = found
    if not abs(low - high) <= abs(high) * mpmath.mpf(2) ** -CLAIMED_BITS + mpmath.mpf(2) ** -70:
        raise Unknown("a sum that depends on the precision")
    return acb(arb(str(mpmath.nstr(high.real, 40))), arb(str(mpmath.nstr(high.imag, 40))))


def _to_mpmath(value: Any) -> Any:
    mantissa, exponent = value.man_exp()
    return mpmath.ldexp(mpmath.mpf(int(mantissa)), int(exponent))


def _blurred(value: Value, radius: float) -> Value:
    error = arb(0, radius)
    real = value.imag.contains(0) and float(value.imag.abs_upper()) < radius
    return acb(value.real + error) if real else value + acb(error, error)
