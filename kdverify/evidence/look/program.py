"""Values of SymPy expressions on balls, without SymPy's own numerics.

An expression is turned into a list of operations once, and run at as many points as wanted,
in python-flint's complex balls: what is computed encloses the true value.  Integrals, sums
and limits that stand in it unevaluated are computed by `kdverify.evidence.look.bound`;
symbols that do not commute stand for square matrices.
"""

from __future__ import annotations

import random
from collections.abc import Callable, Mapping, Sequence
from fractions import Fraction
from typing import Any, NamedTuple

from flint import acb, acb_mat, arb, fmpq

from kdverify.evidence.look.functions import (
    FUNCTIONS,
    LOOKS_AT_REALITY,
    NOTHING,
    Operation,
    Value,
    pieces,
)

#: Size of the matrices that stand for symbols which do not commute.
MATRIX_SIZE = 3

Point = Mapping[Any, Value]


class Unknown(Exception):
    """The expression has no value here, or none that can be computed."""


class Imprecise(Unknown):
    """It may have one at a higher precision."""


class _Node(NamedTuple):
    operation: Operation
    children: tuple[int, ...]
    symbols: frozenset[Any]
    looks_at_reality: bool


class Program:
    """The operations that give the values of some expressions.

    Raises:
        Unknown: for an expression with a part that has no value on balls.
    """

    def __init__(self, *expressions: Any) -> None:
        self._nodes: list[_Node] = []
        self._places: dict[Any, int] = {}
        self.outputs = [self._place(expression) for expression in expressions]

    def at(self, point: Point) -> list[Value]:
        """The values of the expressions where the symbols have the values of ``point``.

        The pieces of a piecewise expression that are not taken there are not computed.
        """
        values: dict[int, Value] = {}

        def value(place: int) -> Value:
            if place not in values:
                node = self._nodes[place]
                if node.operation is pieces:
                    needed = _until_true(node.children, value)
                else:
                    needed = node.children
                for child in needed:
                    value(child)
                chosen = node._replace(children=needed)
                values[place] = _apply(chosen, values, point, False, None)
            return values[place]

        return [value(place) for place in self.outputs]

    def function(
        self, variable: Any, point: Point, probes: Sequence[Value] = ()
    ) -> Callable[[Value, bool], Value]:
        """The first expression as a function of one symbol, the others fixed.

        What does not depend on ``variable`` is computed once.  The ``probes`` are values of
        the variable on the path: what is real at all of them counts as real on the path.
        """
        values: list[Value] = [None] * len(self._nodes)
        moving = []
        for place, node in enumerate(self._nodes):
            if variable in node.symbols:
                moving.append((place, node))
            else:
                values[place] = _apply(node, values, point, False, None)
        real = {place: True for place, node in moving if node.looks_at_reality}
        output = self.outputs[0]

        def run(z: Value, analytic: bool, flags: Mapping[int, bool] | None) -> None:
            here = {**point, variable: z}
            for place, node in moving:
                flag = None if flags is None else flags.get(place)
                values[place] = _apply(node, values, here, analytic, flag)

        for probe in probes if real else ():
            run(probe, False, None)
            for place in real:
                real[place] &= _all_real(values[i] for i in self._nodes[place].children)

        def at(z: Value, analytic: bool = False) -> Value:
            run(z, analytic, real if probes else None)
            return values[output]

        return at

    def _place(self, expression: Any) -> int:
        place = self._places.get(expression)
        if place is None:
            node = self._node(expression)
            place = self._places[expression] = len(self._nodes)
            self._nodes.append(node)
        return place

    def _node(self, expression: Any) -> _Node:
        operation, arguments = _translate(expression)
        children = tuple(self._place(argument) for argument in arguments)
        symbols = frozenset().union(*(self._nodes[i].symbols for i in children))
        if _is_symbol(expression):
            symbols |= {expression}
        return _Node(operation, children, symbols, _name(expression) in LOOKS_AT_REALITY)


def _until_true(children: tuple[int, ...], value: Callable[[int], Value]) -> tuple[int, ...]:
    """Of value, condition, ...: those that may hold, up to the first that does."""
    needed: list[int] = []
    for piece, condition in zip(children[::2], children[1::2], strict=True):
        if value(condition) is not False:
            needed += [piece, condition]
        if value(condition) is True:
            break
    return tuple(needed)


class _SymbolOperation:
    """The value of a symbol is looked up in the point."""

    def __init__(self, symbol: Any) -> None:
        self.symbol = symbol


def _apply(
    node: _Node,
    values: Sequence[Value] | Mapping[int, Value],
    point: Point,
    analytic: bool,
    real: bool | None,
) -> Value:
    if isinstance(node.operation, _SymbolOperation):
        if node.operation.symbol not in point:
            raise Unknown(f"{node.operation.symbol} has no value")
        return point[node.operation.symbol]
    arguments = [values[child] for child in node.children]
    if real is None:
        real = node.looks_at_reality and _all_real(arguments)
    try:
        return node.operation(arguments, analytic, real)
    except (ZeroDivisionError, OverflowError, ValueError, TypeError) as failure:
        if analytic or isinstance(failure, ZeroDivisionError):
            return NOTHING
        raise Unknown(str(failure)) from failure


def _all_real(values: Any) -> bool:
    return all(not isinstance(v, acb) or v.imag.is_zero() for v in values)


def _name(expression: Any) -> str:
    return type(expression).__name__


def _is_symbol(expression: Any) -> bool:
    return _name(expression) in ("Symbol", "Dummy", "Wild", "MatrixElement", "Indexed")


#: What binds a variable, by name: its operation and arguments; `kdverify.evidence.look.bound`
#: fills it.
BINDERS: dict[str, Callable[[Any], tuple[Operation, tuple[Any, ...]]]] = {}


def exact(value: Fraction) -> acb:
    """A ball around a rational number."""
    return acb(fmpq(value.numerator, value.denominator))


def _translate(expression: Any) -> tuple[Operation, tuple[Any, ...]]:
    """The operation of one expression, and the expressions that it is applied to."""
    if _is_symbol(expression):
        return _SymbolOperation(expression), ()  # type: ignore[return-value]  # callable as an operation is
    name = _name(expression)
    if name in ("Add", "MatAdd"):
        return _total, expression.args
    if name in ("Mul", "MatMul"):
        _refuse_turned(expression)
        return _product, expression.args
    if name == "exp_polar":
        return _polar(expression), ()
    if name == "Pow":
        return _power_of(expression), expression.args
    if name in FUNCTIONS:
        arguments = expression.args
        if name == "Piecewise":
            arguments = tuple(entry for pair in arguments for entry in pair.args)
        return FUNCTIONS[name], arguments
    if getattr(expression, "is_number", False) and not expression.args:
        return _constant(expression), ()
    if name == "hyper":
        return _hypergeometric(len(expression.ap)), (
            *expression.ap,
            *expression.bq,
            expression.argument,
        )
    if getattr(expression, "is_Function", False) and _name(expression.func) == "UndefinedFunction":
        if any(getattr(expression.func, f"is_{one}", None) is True for one in _NOT_MADE_UP):
            raise Unknown(f"{expression.func} is assumed to be what no value is made up for")
        return _anything(str(expression.func)), expression.args
    if name not in BINDERS:
        raise Unknown(f"{name} has no value on balls")
    return BINDERS[name](expression)


#: What a made-up function of real numbers is not: it is real and positive.
_NOT_MADE_UP = ("negative", "nonpositive", "integer", "rational", "irrational", "imaginary")


def _refuse_turned(product: Any) -> None:
    """Beside a polar number only positive ones: the sum of the arguments is not followed."""
    polar = [f for f in product.args if _name(f) == "exp_polar"]
    if polar and not all(f.is_positive for f in product.args if f not in polar):
        raise Unknown("a polar number times what may not be positive")


def _polar(expression: Any) -> Operation:
    """``exp_polar(i pi q)`` on the principal sheet, ``-1 < q <= 1``; on the cut from above."""
    import sympy

    turn = expression.args[0] / (sympy.pi * sympy.I)
    if not turn.is_Rational or not -1 < turn <= 1:
        raise Unknown("a polar number beyond the principal sheet")
    rational = Fraction(int(turn.p), int(turn.q))
    return lambda values, analytic, real: exact(rational).exp_pi_i()


def _constant(expression: Any) -> Operation:
    name = _name(expression)
    known: dict[str, Callable[[], Any]] = {
        "Pi": lambda: acb.pi(),
        "Exp1": lambda: acb(1).exp(),
        "ImaginaryUnit": lambda: acb(0, 1),
        "EulerGamma": lambda: acb(arb.const_euler()),
        "Catalan": lambda: acb(arb.const_catalan()),
        "GoldenRatio": lambda: (acb(5).sqrt() + 1) / 2,
        "Infinity": lambda: acb(arb.pos_inf()),
        "NegativeInfinity": lambda: acb(arb.neg_inf()),
    }
    if expression.is_Rational:
        rational = Fraction(int(expression.p), int(expression.q))
        return lambda values, analytic, real: exact(rational)
    if expression.is_Float:
        binary = Fraction(*map(int, _fraction_of_float(expression)))
        return lambda values, analytic, real: exact(binary)
    if name not in known:
        raise Unknown(f"{expression} has no value on balls")
    return lambda values, analytic, real: known[name]()


def _fraction_of_float(number: Any) -> tuple[int, int]:
    sign, mantissa, exponent, _ = number._mpf_
    numerator = int(mantissa) * (-1) ** int(sign)
    return (numerator << exponent, 1) if exponent >= 0 else (numerator, 1 << -exponent)


def _total(values: Sequence[Value], analytic: bool, real: bool) -> Value:
    if any(isinstance(v, acb_mat) for v in values):
        values = [as_matrix(v) for v in values]
    result = values[0]
    for value in values[1:]:
        result = result + value
    return result


def _product(values: Sequence[Value], analytic: bool, real: bool) -> Value:
    result = values[0]
    for value in values[1:]:
        result = result * value
    return result


def as_matrix(value: Value) -> acb_mat:
    """A matrix as it is, a number as that multiple of the identity."""
    if isinstance(value, acb_mat):
        return value
    size = MATRIX_SIZE
    return acb_mat(size, size, [value if i == j else 0 for i in range(size) for j in range(size)])


def _power_of(expression: Any) -> Operation:
    exponent = expression.exp
    if exponent.is_Integer:
        whole = int(exponent)
        return lambda values, analytic, real: _whole_power(values[0], whole)
    if exponent.is_Rational and int(exponent.q) == 2:
        doubled = int(exponent.p)

        def half(values: Sequence[Value], analytic: bool, real: bool) -> Value:
            return _whole_power(values[0].sqrt(analytic=analytic), doubled)

        return half

    def power(values: Sequence[Value], analytic: bool, real: bool) -> Value:
        base, exponent = values
        if base == 0 and exponent.real > 0:
            return acb(0)
        return base.pow(exponent, analytic=analytic)

    return power


def _whole_power(base: Value, exponent: int) -> Value:
    if not isinstance(base, acb_mat):
        return base**exponent
    factor = base if exponent > 0 else base.inv()
    result = as_matrix(acb(1))
    for _ in range(abs(exponent)):
        result = result * factor
    return result


def _hypergeometric(count: int) -> Operation:
    def operation(values: Sequence[Value], analytic: bool, real: bool) -> Value:
        z = values[-1]
        if analytic and z.imag.contains(0) and not z.real < 1:
            return NOTHING
        return z.hypgeom(list(values[:count]), list(values[count:-1]))

    return operation


def _anything(name: str) -> Operation:
    """A made-up analytic function in the place of one that the claim leaves open."""
    draw = random.Random(f"kdverify: {name}")
    numbers = [Fraction(draw.randint(1, 99), 100) for _ in range(16)]

    def operation(values: Sequence[Value], analytic: bool, real: bool) -> Value:
        inside = exact(numbers[0])
        for number, value in zip(numbers[1:], values, strict=False):
            inside = inside + exact(number) * value
        return inside.sin() + inside * inside + 2

    return operation
