"""Integrals on balls, and iterated integrals by a rule with two resolutions.

A finite interval is given to python-flint's integrator, which encloses the integral of what
is piecewise analytic.  Where that fails, because an end is infinite or the integrand is not
bounded there, the variable is changed so that the ends move to infinity and the integrand
falls exponentially; what lies beyond the largest abscissa is estimated from the last two
values and added to the radius.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from flint import acb, arb, ctx

from kdverify.evidence.look.functions import NOTHING, Value
from kdverify.evidence.look.program import Unknown

#: What is asked of an integral: relative to its size, and to one.
TOLERANCE_BITS = 60
#: What is accepted.
ACCEPTED_BITS = 45
#: Most values of an integrand, in a first and in a last attempt.
EVALUATIONS = 4_000
MOST_EVALUATIONS = 40_000
#: Largest abscissas after the change of variable.
REACHES = (40, 160, 640, 2560)
#: Beyond the reach the integrand has fallen by this factor.
FALLEN = 2.0**-70
#: Bits by which an end is told from what lies close to it.
END_BITS = 320
#: Points of an iterated rule on either side of the middle, and the largest abscissa.
COARSE, FINE, FARTHEST = 32, 64, 4.2

Function = Callable[[Value, bool], Value]
#: Makes the integrand a function, given points of the path.
Maker = Callable[[Sequence[Value]], Function]


def integral(make: Maker, a: Value, b: Value, nested: bool) -> Value:
    """The integral of ``make(probes)`` from ``a`` to ``b``; `Unknown` if it cannot be told."""
    if a == b:
        return acb(0)
    if not (a.imag.is_zero() and b.imag.is_zero()):
        raise Unknown("an integral along a path that is not real")
    start, end = a.real, b.real
    if start > end:
        return -integral(make, b, a, nested)
    path, infinite = _path(start, end)
    function = make([path(acb(t))[0] for t in (-0.7, 0.1, 0.9)])
    if nested or not (a.is_exact() or infinite or a.rad() < 1e-20):
        return _by_rule(function, path)
    if not infinite:
        value = _enclosed(function, a, b, EVALUATIONS)
        if value is not None:
            return value
    return _on_path(function, path)


def _enclosed(function: Function, a: Value, b: Value, limit: int) -> Value | None:
    """The enclosure of a finite integral, or None if it is too wide."""
    goal = arb(2) ** -TOLERANCE_BITS
    broken: list[BaseException] = []

    def integrand(z: Value, analytic: bool) -> Value:
        try:
            return NOTHING if broken else function(z, analytic)
        except Unknown:
            return NOTHING
        except BaseException as failure:  # it must not pass through the integrator
            broken.append(failure)
            return NOTHING

    value = acb.integral(integrand, a, b, rel_tol=goal, abs_tol=goal, eval_limit=limit)
    if broken:
        raise broken[0]
    return value if narrow(value, ACCEPTED_BITS) else None


def narrow(value: Value, bits: int) -> bool:
    """Whether the radius is below ``2^-bits`` of the size, or of one."""
    if not value.is_finite():
        return False
    size = max(1.0, float(value.abs_upper()))
    return float(value.rad()) < 2.0**-bits * size


def _path(start: Any, end: Any) -> tuple[Callable[[Value], tuple[Value, Value]], bool]:
    """The variable and its slope as functions of t, real, from -oo to oo; is it infinite?"""
    lower, upper = start.is_finite(), end.is_finite()
    if lower and upper:

        def logistic(t: Value) -> tuple[Value, Value]:
            # from the nearer end, so that nothing cancels there
            if t.real < 0:
                rise = t.exp()
                below = 1 / (1 + rise)
                return start + (end - start) * rise * below, (end - start) * rise * below * below
            fall = (-t).exp()
            above = 1 / (1 + fall)
            return end - (end - start) * fall * above, (end - start) * fall * above * above

        return logistic, False
    if lower:
        return lambda t: (start + t.exp(), t.exp()), True
    if upper:
        return lambda t: (end - (-t).exp(), (-t).exp()), True
    return lambda t: (t.sinh(), t.cosh()), True


def _on_path(function: Function, path: Callable[[Value], tuple[Value, Value]]) -> Value:
    def along(t: Value, analytic: bool = False) -> Value:
        x, slope = path(t)
        value = function(x, analytic)
        return value * slope if value.is_finite() else NOTHING

    with _more_bits():
        middle = max(_size(along(acb(t))) for t in (-2, -1, 0, 1, 2))
        low, low_rest = _reach(along, -1, middle)
        high, high_rest = _reach(along, 1, middle)
        value = _enclosed(along, acb(low), acb(high), MOST_EVALUATIONS)
    if value is None:
        raise Unknown("an integral that no quadrature tells")
    rest = arb(0, low_rest + high_rest)
    return value + (acb(rest) if value.imag.is_zero() else acb(rest, rest))


class _more_bits:
    """More precision inside: near an end, what matters are differences from it."""

    def __enter__(self) -> None:
        self.before = ctx.prec
        ctx.prec = self.before + END_BITS

    def __exit__(self, *_: object) -> None:
        ctx.prec = self.before


def _size(value: Value) -> float:
    return float(value.abs_upper()) if value.is_finite() else 0.0


def _reach(along: Callable[..., Value], side: int, middle: float) -> tuple[int, float]:
    """How far to go on one side, and what is left beyond."""
    for reach in REACHES:
        near, far = (_size(along(acb(side * t))) for t in (reach - 1, reach))
        defined = along(acb(side * reach)).is_finite()
        if defined and far <= FALLEN * max(middle, FALLEN) and far <= near:
            rate = 1 - far / near if near else 1.0
            return side * reach, far / max(rate, 1e-3)
    raise Unknown("an integral that does not converge, or only slowly")


def _by_rule(function: Function, path: Callable[[Value], tuple[Value, Value]]) -> Value:
    """The double-exponential rule at two resolutions.

    The radius holds their distance, the terms at the ends, as large as what is cut off there,
    and the radii of the values, which may be integrals by this rule themselves.
    """
    values, ends = [], arb(0)
    for count in (COARSE, FINE):
        step = FARTHEST / count
        total = acb(0)
        for index in range(-count, count + 1):
            t = arb(index) * step
            bent, slope = 2 * t.sinh(), 2 * t.cosh()
            x, jacobian = path(acb(bent))
            value = function(x, False)
            if not value.is_finite():
                raise Unknown("an integrand without a value")
            term = value * jacobian * slope
            total += term
            if abs(index) == count:
                ends += abs(term).upper()
        values.append(total * step)
    error = arb(0, abs(values[0] - values[1]).upper() + ends)
    return values[1] + (acb(error) if values[1].imag == 0 else acb(error, error))
