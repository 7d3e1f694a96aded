"""Is a rational function zero?  Exactly, by FLINT's polynomials, which are quick at it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import flint
import sympy

#: Beyond these the answer is left to SymPy: exponents, generators, products of terms.
LARGE_EXPONENT, MANY_GENERATORS, MANY_PRODUCTS = 64, 60, 20_000_000

#: Numerator and denominator without a common factor.
Quotient = tuple[Any, Any]


class Beyond(Exception):
    """No rational function, or too large a one."""


def vanishes(expression: Any) -> bool:
    """Whether an expression is zero as a rational function of all in it that is not rational.

    Symbols, roots and functions count as independent of one another, so that True is certain;
    False says only that more has to be known of them.
    """
    try:
        expression, generators = sympy.sympify(expression), dict[Any, int]()
        _collect(expression, generators, set())
        names = tuple(f"g{place}" for place in range(len(generators)))
        context = flint.fmpq_mpoly_ctx.get(names, "degrevlex")
        return bool(_Quotients(context, generators).of(expression)[0] == 0)
    except (Beyond, ZeroDivisionError):
        return False


def rational_value(expression: Any, place: Mapping[Any, Any]) -> Any:
    """The value of a rational function where its symbols are rational; None of another one."""
    try:
        context = flint.fmpq_mpoly_ctx.get((), "degrevlex")
        quotients = _Quotients(context, {})
        quotients.known |= {s: quotients.of(sympy.Rational(v)) for s, v in place.items()}
        top, bottom = quotients.of(sympy.sympify(expression))
    except (Beyond, ZeroDivisionError):
        return None
    return sympy.Rational(str(top)) / sympy.Rational(str(bottom))


class Equations:
    """Equations ``side = 0`` that are rational in their unknowns: what the numerators say.

    Raises:
        Beyond: if they are not.
    """

    def __init__(self, sides: Sequence[Any], unknowns: Sequence[Any]) -> None:
        generators = {unknown: place for place, unknown in enumerate(unknowns)}
        for side in sides:
            _collect(side, generators, set())
        if any(g.has(*unknowns) for g in [*generators][len(unknowns) :]):
            raise Beyond("no rational function of what is asked")
        names = tuple(f"g{place}" for place in range(len(generators)))
        context = flint.fmpq_mpoly_ctx.get(names, "degrevlex")
        quotients = _Quotients(context, generators)
        self._count, self._generators = len(unknowns), [*generators]
        self._tops = [quotients.of(side)[0] for side in sides]

    def square_free(self) -> list[Any]:
        """Coefficients, from the lowest, whose polynomial in the one unknown has the same roots.

        Each root is simple; empty where the equations hold everywhere.
        """
        common = self._tops[0]
        for top in self._tops[1:]:
            common = common.gcd(top)
        if common == 0:
            return []
        found = self._by_powers(common / common.gcd(common.derivative(0)))
        return [found.get((k,), sympy.S.Zero) for k in range(max(found)[0] + 1)]

    def linear(self) -> list[list[Any]] | None:
        """The coefficients of the unknowns, and the rest, of each; None if one is not linear."""
        rows = [self._by_powers(top) for top in self._tops]
        if any(sum(powers) > 1 for row in rows for powers in row):
            return None
        units = [tuple(int(i == j) for i in range(self._count)) for j in range(self._count + 1)]
        return [[row.get(unit, sympy.S.Zero) for unit in units] for row in rows]

    def _by_powers(self, top: Any) -> dict[tuple[int, ...], Any]:
        """The coefficient of each product of powers of the unknowns."""
        found: dict[tuple[int, ...], Any] = {}
        for powers, number in top.to_dict().items():
            term = sympy.Rational(int(number.p), int(number.q))
            for generator, power in list(zip(self._generators, powers, strict=True))[self._count :]:
                term *= generator ** int(power)
            unit = tuple(int(power) for power in powers[: self._count])
            found[unit] = found.get(unit, sympy.S.Zero) + term
        return found


def _collect(expression: Any, generators: dict[Any, int], seen: set[Any]) -> None:
    """Number the generators of an expression."""
    if expression in seen or expression.is_Rational:
        return
    seen.add(expression)
    if not isinstance(expression, sympy.Expr) or not expression.is_commutative:
        raise Beyond("no expression of numbers")
    if expression.is_Add or expression.is_Mul:
        for part in expression.args:
            _collect(part, generators, seen)
        return
    base, exponent = _power(expression)
    if exponent != 1:
        _collect(base, generators, seen)
    elif (expression.is_Number and not expression.is_finite) or len(generators) >= MANY_GENERATORS:
        raise Beyond
    else:
        generators.setdefault(expression, len(generators))


def _power(expression: Any) -> tuple[Any, int]:
    """Base and whole exponent; ``x**(-3/2)`` is ``x**(1/2)`` to the power -3."""
    if not (expression.is_Pow and expression.exp.is_Rational and expression.exp.p != 1):
        return expression, 1
    exponent = expression.exp
    if abs(exponent.p) > LARGE_EXPONENT:
        raise Beyond
    return sympy.Pow(expression.base, sympy.Rational(1, exponent.q)), int(exponent.p)


class _Quotients:
    """Expressions as quotients of polynomials, each computed once."""

    def __init__(self, context: Any, generators: dict[Any, int]) -> None:
        self._one = context.constant(1)
        gens = context.gens()
        self.known = {g: (gens[place], self._one) for g, place in generators.items()}

    def of(self, expression: Any) -> Quotient:
        """The quotient of one expression."""
        if expression not in self.known:
            self.known[expression] = self._formed(expression)
        return self.known[expression]

    def _formed(self, expression: Any) -> Quotient:
        if expression.is_Rational:
            return self._one * flint.fmpq(int(expression.p), int(expression.q)), self._one
        if expression.is_Add:
            return self._sum([self.of(part) for part in expression.args])
        if expression.is_Mul:
            top, bottom = self._one, self._one
            for factor in expression.args:
                above, below = self.of(factor)
                top, bottom = _reduced(_product(top, above), _product(bottom, below))
            return top, bottom
        base, exponent = _power(expression)
        if base is expression:  # no generator that is known
            raise Beyond
        top, bottom = self.of(base)
        if exponent < 0 and top == 0:
            raise ZeroDivisionError
        top, bottom = (top, bottom) if exponent > 0 else (bottom, top)
        raised = self._one, self._one
        for _ in range(abs(exponent)):
            raised = _product(raised[0], top), _product(raised[1], bottom)
        return raised

    def _sum(self, parts: list[Quotient]) -> Quotient:
        total, below = self._one * 0, self._one
        for top, bottom in parts:
            common = below.gcd(bottom)
            rest = bottom / common
            total = _product(total, rest) + _product(top, below / common)
            below = _product(below, rest)
        return _reduced(total, below)


def _product(one: Any, other: Any) -> Any:
    if len(one) * len(other) > MANY_PRODUCTS:
        raise Beyond
    return one * other


def _reduced(top: Any, bottom: Any) -> Quotient:
    if bottom.is_constant():
        return top, bottom
    common = top.gcd(bottom)
    return top / common, bottom / common
