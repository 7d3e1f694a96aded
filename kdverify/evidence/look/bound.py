"""Values of what binds a variable: integrals, sums, products, limits, derivatives.

Each stands in an expression unevaluated, and is computed from its definition.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import sympy
from flint import acb, acb_mat, arb

from kdverify.evidence.look import limits, quadrature, series
from kdverify.evidence.look.functions import Operation, Value
from kdverify.evidence.look.program import BINDERS, Imprecise, Program, Unknown

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
        body,
        variable,
        [point],
        lambda at, z: limits.limit(at(), z, str(direction), bool(variable.is_integer)).value,
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
    if not variable.is_Symbol:
        raise Unknown(f"a derivative with respect to {variable}")
    if not count.is_Integer:
        raise Unknown("a derivative of open order")
    order = int(count)
    return _closed(body, variable, [variable], lambda at, z: derivative(at(), z, order))


def derivative(function: Callable[[Value, bool], Value], place: Value, order: int) -> Value:
    """Cauchy's formula on circles around ``place``, by equally spaced points on them.

    Order -1 is the residue.

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
                real = order >= 0 and place.imag.is_zero()
                return mean + (acb(blur) if real else acb(blur, blur))
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
    mean *= acb(max(order, 0) + 1).gamma() / (CIRCLE_POINTS * radius**order)
    if not mean.is_finite():
        raise Unknown("not analytic around the point")
    return mean


class Residue(sympy.Expr):
    """The residue of a function of a variable at a point: ``Residue(f, z, at)``."""


class Rank(sympy.Expr):
    """The rank of a matrix."""


def _residue(expression: Any) -> tuple[Operation, tuple[Any, ...]]:
    body, variable, point = expression.args
    return _closed(body, variable, [point], lambda at, z: derivative(at(), z, -1))


def _determinant(expression: Any) -> tuple[Operation, tuple[Any, ...]]:
    (matrix,) = expression.args
    size, entries = matrix.shape[0], tuple(matrix)
    return lambda values, analytic, real: acb_mat(size, size, list(values)).det(), entries


def _rank(expression: Any) -> tuple[Operation, tuple[Any, ...]]:
    (matrix,) = expression.args
    columns, entries = matrix.shape[1], tuple(matrix)
    return lambda values, analytic, real: acb(rank(list(values), columns)), entries


def rank(entries: list[Value], columns: int) -> int:
    """The rank of a matrix of balls, by rows: what is left once no pivot is certain must vanish."""
    rows = [entries[k : k + columns] for k in range(0, len(entries), columns)]
    found = 0
    while rows:
        pivots = [
            (float(e.abs_lower()), i, j) for i, row in enumerate(rows) for j, e in enumerate(row)
        ]
        size, i, j = max(pivots)
        if size == 0.0:
            break
        chosen = rows.pop(i)
        rows = [
            [e - row[j] / chosen[j] * c for e, c in zip(row, chosen, strict=True)] for row in rows
        ]
        for row in rows:
            row[j] = acb(0)
        found += 1
    if any(not float(e.abs_upper()) < 2.0**-CIRCLE_BITS for row in rows for e in row):
        raise Imprecise("a matrix whose rank cannot be told")
    return found


BINDERS |= {
    "Integral": _integral,
    "Sum": _sum,
    "Product": _prod,
    "Limit": _limit,
    "Subs": _substituted,
    "Derivative": _derivative,
    "Residue": _residue,
    "Determinant": _determinant,
    "Rank": _rank,
}
