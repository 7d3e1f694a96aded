"""Are two expressions equal?  A look at their values, at two precisions, at random points."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from flint import acb, acb_mat

from kdverify.arithmetic import BALLS
from kdverify.evidence.ceiling import OutOfTime, interrupting
from kdverify.evidence.look import points
from kdverify.evidence.look.functions import Value
from kdverify.evidence.look.program import Imprecise, Program, Unknown

#: The two precisions, in bits; where values cancel, more bits are tried.
PRECISIONS = (160, 320)
MORE_BITS = (1_000, 4_000)
#: Equal values agree to so many bits of the largest term.
AGREEING_BITS = 38
#: An integral, sum or limit that vanishes counts as one of this size.
LEAST_SIZE = 2.0**-10
#: How many points are looked at, and how many are tried to find them.
POINTS, TRIALS = 4, 20
#: How many of the points have to have a value.
ENOUGH = 2


@dataclass(frozen=True)
class Look:
    """What values said.

    Attributes:
        equal: True if the sides agree at all points that were looked at and these are enough,
            False if they certainly differ at ``place``, None if it cannot be told.
        points: how many points had a value.
        place: the point at which they differ.
        difference: there, in digits.
        reason: why it cannot be told.
    """

    equal: bool | None
    points: int = 0
    place: Mapping[Any, Any] = field(default_factory=dict)
    difference: str = ""
    reason: str = ""


def compare(
    left: Any,
    right: Any,
    given: Iterable[Mapping[Any, Any]] | None = None,
    at_most: int = POINTS,
) -> Look:
    """Look at two expressions at points where their symbols have admissible values.

    ``given`` points settle the symbols that they name; others, and all of them without given
    points, are drawn at random within their assumptions, until ``at_most`` points had values.
    """
    symbols = _symbols(left) | _symbols(right)
    try:
        program = Program(left, *_terms(left), right, *_terms(right))
    except Unknown as unknown:
        return Look(None, reason=str(unknown))
    count = 1 + len(_terms(left))
    least = LEAST_SIZE if left.has(*_bound()) or right.has(*_bound()) else 0.0

    def sides(point: Mapping[Any, Value]) -> tuple[Value, Value, float]:
        values = program.at(point)
        return values[0], values[count], max(least, *map(_size, values))

    seen, reason = 0, ""
    number, places = _places(symbols, given)
    edges = [] if given is not None else _edges(left, right, symbols)
    for place in (*edges, *places):
        try:
            answer, difference = _at(sides, place)
        except Unknown as unknown:
            reason = reason or str(unknown)
            continue
        if answer is False:
            return Look(False, seen + 1, place, difference)
        if place in edges:
            continue
        if answer is None:
            reason = reason or "values that no precision separates or joins"
            continue
        seen += 1
        if seen == at_most and given is None:
            break
    wanted = min(ENOUGH, number)
    if seen >= wanted:
        return Look(True, seen)
    return Look(None, seen, reason=reason or "too few points had a value")


def in_time(seconds: float, look: Callable[..., Look], *arguments: Any) -> Look:
    """``look(*arguments)``; None can be told after so many seconds of processor time."""
    try:
        with interrupting(seconds):
            return look(*arguments)
    except OutOfTime as out:
        return Look(None, reason=str(out))


def flatten(value: Any) -> list[Any]:
    """The entries of an expression, a matrix or a nested sequence, in order."""
    import numpy as np
    import sympy

    if isinstance(value, sympy.MatrixBase | np.ndarray):
        return [sympy.sympify(entry) for entry in np.asarray(value, dtype=object).ravel()]
    if isinstance(value, list | tuple):
        return [entry for item in value for entry in flatten(item)]
    return [sympy.sympify(value)]


def shape_of(value: Any) -> tuple[int, ...]:
    """The shape of a matrix or an array; none of an expression or a list."""
    import numpy as np
    import sympy

    return tuple(value.shape) if isinstance(value, sympy.MatrixBase | np.ndarray) else ()


def _edges(left: Any, right: Any, symbols: set[Any]) -> list[Mapping[Any, Any]]:
    """Places where the pieces of an expression meet, which no random point hits."""
    import sympy

    edges = {
        (r.lhs, r.rhs)
        for side in (left, right)
        for r in side.atoms(sympy.core.relational.Relational)
    }
    return [
        {**points.drawn(symbols - {symbol}, trial), symbol: value}
        for trial, (symbol, value) in enumerate(sorted(edges, key=str))
        if symbol in symbols and value.is_Rational and points.admits(symbol, value)
    ]


def _places(
    symbols: set[Any], given: Iterable[Mapping[Any, Any]] | None
) -> tuple[int, Iterable[Mapping[Any, Any]]]:
    """How many places there are, and the places, drawn as they are asked for."""
    if given is not None:
        known = list(given)
        return len(known), (points.drawn(symbols, k, dict(point)) for k, point in enumerate(known))
    if not symbols:
        return 1, [{}]
    return TRIALS, (points.drawn(symbols, trial) for trial in range(TRIALS))


def _at(
    sides: Callable[[Mapping[Any, Value]], tuple[Value, Value, float]], place: Mapping[Any, Any]
) -> tuple[bool | None, str]:
    """Do the sides agree at this point?  And by how much they differ."""
    answers: list[bool] = []
    difference = ""
    for bits in (*PRECISIONS, *MORE_BITS):
        try:
            with BALLS.at_bits(bits):
                left, right, size = sides(points.on_balls(place))
                answer, shown = _verdict(left, right, size)
        except Imprecise:
            continue
        if answer is not None:
            answers.append(answer)
            difference = shown
        if len(answers) == 2:
            break
    return (answers[0] if len(set(answers)) == 1 and len(answers) == 2 else None), difference


def _verdict(left: Value, right: Value, size: float) -> tuple[bool | None, str]:
    if isinstance(left, acb_mat) or isinstance(right, acb_mat):
        return _matrices(left, right)
    gap = left - right
    if not gap.is_finite():
        raise Unknown("a value that is not finite")
    if not gap.contains(0):
        return False, gap.str(15)
    close = float(gap.rad()) <= 2.0**-AGREEING_BITS * size or gap == 0
    return (True if close else None), ""


def _matrices(left: Value, right: Value) -> tuple[bool | None, str]:
    from kdverify.evidence.look.program import as_matrix

    entries = [
        _verdict(a, b, max(1.0, _size(a)))
        for a, b in zip(as_matrix(left).entries(), as_matrix(right).entries(), strict=True)
    ]
    for answer, shown in entries:
        if answer is False:
            return False, shown
    return (None if any(answer is None for answer, _ in entries) else True), ""


def _bound() -> tuple[Any, ...]:
    """What is computed to an absolute error, so that a zero of it has no size of its own."""
    import sympy

    return sympy.Integral, sympy.Sum, sympy.Limit, sympy.Derivative, sympy.Determinant


def _size(value: Value) -> float:
    if isinstance(value, acb_mat):
        return max(map(_size, value.entries()))
    return float(value.abs_upper()) if isinstance(value, acb) and value.is_finite() else 0.0


def _terms(expression: Any) -> tuple[Any, ...]:
    """The summands of a sum, whose sizes say how large a vanishing one really is."""
    return tuple(expression.args) if expression.is_Add else ()


def _symbols(expression: Any) -> set[Any]:
    return set(expression.free_symbols)
