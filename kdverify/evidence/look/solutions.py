"""Does a list of solutions hold them all?  What is not put into the equation is counted here.

Of one equation in one unknown that is rational in it, the roots are isolated on balls, at random
values of its other symbols: each that respects the unknown's assumptions has to be listed.  Of
linear equations the rank says how many unknowns are free.  Of all others nothing is known.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any

import sympy
from flint import acb, acb_poly
from sympy.solvers.deutils import ode_order

from kdverify.evidence.look.bound import Rank
from kdverify.evidence.look.functions import Operation, Value
from kdverify.evidence.look.program import BINDERS, Imprecise, Unknown
from kdverify.evidence.quotient import Beyond, Equations

Pairs = Iterator[tuple[Any, Any]]
Solution = Mapping[Any, Any]


class Missing(sympy.Expr):
    """How many admissible roots are not listed: ``Missing(x, coefficients, listed)``."""


def solved(
    given: Any, sides: Sequence[Any], unknowns: tuple[Any, ...], domain: Sequence[Any]
) -> Pairs:
    """Pairs that are equal if ``given`` are the solutions of ``sides = 0``, and all of them.

    Raises:
        Unknown: if it cannot be told.
    """
    if not all(isinstance(side, sympy.Expr) for side in sides):
        raise Unknown("equations of other things than numbers")
    found = list(_listed(given, unknowns))
    for solution in found:
        for side in sides:
            yield side.subs(solution), sympy.S.Zero
    if [*domain] == [sympy.S.Reals]:
        real = [sympy.Dummy(str(unknown), real=True) for unknown in unknowns]
        known = dict(zip(unknowns, real, strict=True))
        yield from _no_others(
            [side.subs(known) for side in sides],
            real,
            [{known[u]: value for u, value in solution.items()} for solution in found],
        )
    elif domain:
        raise Unknown(f"there may be other solutions in {domain[0]}")
    else:
        yield from _no_others(sides, unknowns, found)


def _listed(given: Any, unknowns: tuple[Any, ...]) -> Iterator[dict[Any, Any]]:
    """The solutions, each as values of the unknowns."""
    if isinstance(given, Mapping):
        given = [given]
    if not isinstance(given, list | set | sympy.FiniteSet) and given != sympy.S.EmptySet:
        raise Unknown(f"solutions that are no list: {given!r:.60}")
    for solution in given:
        if isinstance(solution, Mapping):
            yield dict(solution)
        elif isinstance(solution, tuple | sympy.Tuple):
            yield dict(zip(unknowns, solution, strict=True))
        else:
            yield {unknowns[0]: solution}


def _no_others(sides: Sequence[Any], unknowns: Sequence[Any], found: Sequence[Solution]) -> Pairs:
    try:
        equations = Equations(sides, unknowns)
    except (Beyond, ZeroDivisionError) as why:
        raise Unknown(f"there may be other solutions: {why}") from why
    if len(unknowns) == 1:
        coefficients = equations.square_free()
        (unknown,) = unknowns
        listed = sympy.Tuple(*(solution.get(unknown, unknown) for solution in found))
        if not coefficients or listed.has(unknown):
            raise Unknown("there may be other solutions: the equation may hold everywhere")
        if _is_fine(unknown):
            raise Unknown("there may be other solutions: no ball tells which respect assumptions")
        yield Missing(unknown, sympy.Tuple(*coefficients), listed), sympy.S.Zero
        return
    rows = equations.linear()
    if rows is None or len(found) > 1:
        raise Unknown("there may be other solutions: the equations are not linear")
    whole = sympy.ImmutableMatrix(rows)
    left = Rank(whole[:, :-1])
    if found:
        bound = [u for u in unknowns if found[0].get(u, u) != u]
        yield left, sympy.Integer(len(bound))
    else:  # the last column does not depend on the others
        yield Rank(whole), left + 1


def _is_fine(unknown: Any) -> bool:
    """Whether more is assumed of it than that it is real or a whole number, and its sign."""
    if unknown.is_integer:
        return unknown.is_even is not None or bool(unknown.is_prime or unknown.is_composite)
    finer = unknown.is_integer, unknown.is_rational, unknown.is_algebraic
    return any(known is not None for known in finer)


def differential(side: Any, y: Any, solution: Any, initial: Mapping[Any, Any]) -> Pairs:
    """The same of a differential equation for ``y``, with initial values at one point."""
    (x,) = y.args
    terms = [y.diff((x, k)) for k in range(ode_order(side, y.func) + 1)]
    row = _linear(side, terms)
    yield from _general(side, x, solution, lambda c, k: c.diff((x, k)), len(row) - 2, initial)
    at = {key.point[0] if isinstance(key, sympy.Subs) else key.args[0] for key in initial}
    if len(at) > 1:
        raise Unknown("there may be other solutions: values at several points")
    for point in at:  # a regular one
        yield Rank(sympy.ImmutableMatrix([[row[-2].subs(x, point)]])), sympy.S.One


def recurrent(side: Any, y: Any, solution: Any, initial: Mapping[Any, Any]) -> Pairs:
    """The same of a recurrence for ``y``, with values at successive whole numbers."""
    (n,) = y.args
    shifts = {term.args[0] - n for term in side.atoms(y.func)}
    if not all(shift.is_Integer for shift in shifts):
        raise Unknown("steps that are not whole")
    first, last = int(min(shifts)), int(max(shifts))
    row = _linear(side, [y.func(n + k) for k in range(first, last + 1)])
    step = sympy.Dummy("n", integer=True, nonnegative=True)
    known = sorted(int(at) for at in initial)
    successive = known == list(range(min(known, default=0), max(known, default=-1) + 1))
    if not successive or any(row[k].subs(n, step).is_zero is not False for k in (0, last - first)):
        raise Unknown("there may be other solutions: not each value gives the next")
    yield from _general(side, n, solution, lambda c, k: c.subs(n, n + k), last - first, initial)


def _linear(side: Any, terms: Sequence[Any]) -> list[Any]:
    """The coefficients of the terms, and the rest."""
    names = [sympy.Dummy() for _ in terms]
    for term, name in reversed([*zip(terms, names, strict=True)]):
        side = side.subs(term, name)
    try:
        rows = Equations([side], names).linear()
    except (Beyond, ZeroDivisionError):
        rows = None
    if rows is None:
        raise Unknown("there may be other solutions: the equation is not linear")
    return rows[0]


def _general(
    side: Any,
    at: Any,
    solution: Any,
    moved: Callable[[Any, int], Any],
    order: int,
    initial: Mapping[Any, Any],
) -> Pairs:
    """It has a constant for each initial value that is not given; they are independent."""
    told = sympy.Tuple(side, at, *initial.keys(), *initial.values()).free_symbols
    constants = sorted(solution.free_symbols - told, key=str)
    if len(constants) + len(initial) != order:
        raise Unknown("there may be other solutions: constants are missing")
    if constants:
        parts = [sympy.diff(solution, c) for c in constants]
        table = [[moved(part, k) for part in parts] for k in range(len(parts))]
        yield Rank(sympy.ImmutableMatrix(table)), sympy.Integer(len(constants))


def _missing(expression: Any) -> tuple[Operation, tuple[Any, ...]]:
    unknown, coefficients, listed = expression.args
    count = len(coefficients)

    def operation(values: Sequence[Value], analytic: bool, real: bool) -> Value:
        polynomial, solutions = list(values[:count]), values[count:]
        return acb(
            sum(
                not any(root.overlaps(solution) for solution in solutions)
                for root in _roots(polynomial)
                if _admitted(unknown, root, polynomial)
            )
        )

    return operation, (*coefficients, *listed)


def _roots(polynomial: list[Value]) -> list[Value]:
    try:
        return acb_poly(polynomial).roots() if len(polynomial) > 1 else []
    except ValueError as failure:
        raise Imprecise("roots that are not told apart") from failure


def _admitted(unknown: Any, root: Value, polynomial: list[Value]) -> bool:
    """Whether a root, isolated in its ball, may respect the assumptions of the unknown."""
    if root.contains(0):
        if not polynomial[0].is_zero():
            raise Imprecise("a root near zero")
        return unknown.is_zero is not False
    if not unknown.is_extended_real:
        return True
    if not root.imag.contains(0):
        return False
    if not all(c.imag.is_zero() for c in polynomial):
        raise Imprecise("a root that may be real")
    if unknown.is_integer and not root.real.contains_integer():
        return False
    sign = unknown.is_extended_nonnegative if root.real < 0 else unknown.is_extended_nonpositive
    return not sign


BINDERS["Missing"] = _missing
