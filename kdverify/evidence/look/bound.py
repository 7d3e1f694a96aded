"""Values of what binds a variable: integrals, sums, products, limits, derivatives.

Each stands in an expression unevaluated, and is computed from its definition.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from flint import acb, arb

from kdverify.evidence.look import limits, quadrature, series
from kdverify.evidence.look.functions import Operation, Value
from kdverify.evidence.look.program import BINDERS, Program, Unknown

#: The derivative is a mean over a circle of so many points, with a radius of one over one of
#: these of the distance from zero, and two circles have to agree to so many bits.
CIRCLE_POINTS = 16
CIRCLE_FRACTIONS = (64, 512, 4096, 32768)
CIRCLE_BITS = 50


def _closed(
    body: Any, variable: Any, outside: Sequence[Any], compute: Callable[..., Value]
) -> tuple[Operation, tuple[Any, ...]]:
    """An operation on ``outside`` and on the symbols of ``body`` other than ``variable``.

    ``compute`` takes ``at(probes)``, which makes the body a function of the variable, and the
    values of ``outside``.
    """
    program = Program(body)
    symbols = sorted(body.free_symbols - {variable}, key=lambda s: s.sort_key())

    def operation(values: Sequence[Value], analytic: bool, real: bool) -> Value:
        point = dict(zip(symbols, values[len(outside) :], strict=True))

        def at(probes: Sequence[Value] = ()) -> Callable[[Value, bool], Value]:
            return program.function(variable, point, probes)

        return compute(at, *values[: len(outside)])

    return operation, (*outside, *symbols)


def _peeled(expression: Any) -> tuple[Any, tuple[Any, ...]]:
    """The last limits of an integral, sum or product, and the rest as the body."""
    limits_ = expression.limits[-1]
    rest = expression.limits[:-1]
    return (expression.func(expression.function, *rest) if rest else expression.function), limits_


def _integral(expression: Any) -> tuple[Operation, tuple[Any, ...]]:
    body, (variable, *ends) = _peeled(expression)
    if len(ends) != 2:
        raise Unknown("an integral without limits has no value")
    nested = bool(body.has(type(expression)))
    return _closed(
        body,
        variable,
        ends,
        lambda at, a, b: quadrature.integral(at, a, b, nested),
    )


def _sum(expression: Any) -> tuple[Operation, tuple[Any, ...]]:
    body, (variable, *ends) = _peeled(expression)
    return _closed(body, variable, ends, lambda at, a, b: series.total(at(), a, b))


def _prod(expression: Any) -> tuple[Operation, tuple[Any, ...]]:
    body, (variable, *ends) = _peeled(expression)
    return _closed(body, variable, ends, lambda at, a, b: series.product(at(), a, b))


def _limit(expression: Any) -> tuple[Operation, tuple[Any, ...]]:
    body, variable, point, direction = expression.args
    if str(direction) == "+-":
        raise Unknown("a limit from both sides")
    return _closed(
        body, variable, [point], lambda at, z: limits.limit(at(), z, str(direction)).value
    )


def _substituted(expression: Any) -> tuple[Operation, tuple[Any, ...]]:
    body, variables, values = expression.args
    if len(variables) != 1:
        raise Unknown("a substitution for several variables")
    return _closed(body, variables[0], [values[0]], lambda at, z: at()(z, False))


def _derivative(expression: Any) -> tuple[Operation, tuple[Any, ...]]:
    body = expression.expr
    for variable, count in expression.variable_count[:-1]:
        body = expression.func(body, (variable, count))
    variable, count = expression.variable_count[-1]
    if not count.is_Integer:
        raise Unknown("a derivative of open order")
    order = int(count)
    return _closed(body, variable, [variable], lambda at, z: derivative(at(), z, order))


def derivative(function: Callable[[Value, bool], Value], place: Value, order: int) -> Value:
    """Cauchy's formula on circles around ``place``, by equally spaced points on them.

    The circles shrink until two of them agree; their distance becomes the radius.
    """
    size = float(place.abs_upper()) or 1.0
    before = None
    for fraction in CIRCLE_FRACTIONS:
        try:
            mean = _on_circle(function, place, size / fraction, order)
        except Unknown:
            continue
        if before is not None:
            error = 2 * float((mean.mid() - before.mid()).abs_upper())
            if error <= 2.0**-CIRCLE_BITS * max(float(mean.abs_upper()), 2.0**-CIRCLE_BITS):
                blur = arb(0, error)
                return mean + (acb(blur) if place.imag.is_zero() else acb(blur, blur))
        before = mean
    raise Unknown("not analytic around the point")


def _on_circle(
    function: Callable[[Value, bool], Value], place: Value, size: float, order: int
) -> Value:
    radius = acb(arb(size))
    mean = acb(0)
    for index in range(CIRCLE_POINTS):
        turn = (2 * acb.pi() * acb(0, 1) * index / CIRCLE_POINTS).exp()
        mean += function(place + radius * turn, True) * turn ** (-order)
    mean *= acb(order + 1).gamma() / (CIRCLE_POINTS * radius**order)
    if not mean.is_finite():
        raise Unknown("not analytic around the point")
    return mean


BINDERS |= {
    "Integral": _integral,
    "Sum": _sum,
    "Product": _prod,
    "Limit": _limit,
    "Subs": _substituted,
    "Derivative": _derivative,
}
