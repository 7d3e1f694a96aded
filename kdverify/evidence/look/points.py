"""Random admissible points, the same in every run."""

from __future__ import annotations

import random
from collections.abc import Iterable, Mapping
from functools import cache
from typing import Any

from flint import acb_mat

from kdverify.evidence.look.functions import Value
from kdverify.evidence.look.program import MATRIX_SIZE, Program

#: How many draws are tried until one respects a symbol's assumptions.
DRAWS = 500

Symbols = Iterable[Any]


def drawn(symbols: Symbols, trial: int, given: Mapping[Any, Any] | None = None) -> dict[Any, Any]:
    """A value for each symbol that ``given`` says nothing of, respecting its assumptions.

    The values are SymPy's rational or Gaussian rational numbers (a symbol without
    assumptions is complex), and matrices for symbols that do not commute.  They depend on
    ``trial``, the symbol's name and its assumptions only.
    """
    point: dict[Any, Any] = {}
    for symbol in sorted(symbols, key=lambda s: s.sort_key()):
        if given is not None and symbol in given:
            point[symbol] = given[symbol]
        elif getattr(symbol, "is_commutative", True):
            point[symbol] = _number(symbol, trial)
        else:
            point[symbol] = _matrix(symbol, trial)
    return point


def on_balls(point: Mapping[Any, Any]) -> dict[Any, Value]:
    """The point at the precision in force."""
    from sympy import sympify

    return {
        symbol: value if isinstance(value, acb_mat) else Program(sympify(value)).at({})[0]
        for symbol, value in point.items()
    }


def _draws(name: str, trial: int) -> random.Random:
    return random.Random(f"kdverify point {trial}: {name}")


def admits(symbol: Any, value: Any) -> bool:
    """Whether a number respects the assumptions of a symbol."""
    from sympy import sympify

    wanted, value = getattr(symbol, "assumptions0", {}), sympify(value)
    return all(getattr(value, f"is_{name}", v) in (v, None) for name, v in wanted.items())


def as_given(name: str, given: Iterable[Mapping[Any, Any]]) -> list[Mapping[Any, Any]]:
    """Points that a claim gives: at least one, and each inside the symbols' assumptions."""
    from sympy import sympify

    points = list(given)
    if not points:
        raise ValueError(f"{name} must hold at least one point")
    for symbol, value in [pair for point in points for pair in point.items()]:
        if not isinstance(value, acb_mat) and not admits(symbol, sympify(value)):
            raise ValueError(f"{name}: {symbol} = {value} must respect the assumptions of {symbol}")
    return points


@cache
def _number(symbol: Any, trial: int) -> Any:
    import sympy

    draw = _draws(str(symbol), trial)
    flips = _draws(str(symbol), 0).choice((-1, 1))  # the first points take both signs
    open_ = symbol.is_extended_real is None and symbol.is_imaginary is None
    for _ in range(DRAWS):
        whole = sympy.Integer(draw.randint(-12, 12))
        size = sympy.Rational(draw.randint(1, 60), draw.choice((3, 7, 13, 29, 61, 97)))
        sign = draw.choice((-1, 1)) if trial > 3 else flips * (-1) ** (trial // 2)
        other = sympy.Rational(draw.randint(-40, 40), draw.choice((7, 9, 11)))
        candidates = [sign * size, -sign * size, whole, size * sympy.sqrt(2), sympy.I * other]
        if open_:
            # every other point is real, of either sign
            candidates = [sign * size + (sympy.I * other if trial % 2 else 0)]
        for candidate in candidates:
            if admits(symbol, candidate):
                return candidate
    raise ValueError(f"no number was found that respects the assumptions of {symbol}")


def _matrix(symbol: Any, trial: int) -> acb_mat:
    draw = _draws(str(symbol), trial)
    size = MATRIX_SIZE
    return acb_mat(size, size, [draw.randint(-9, 9) + 10 * (i % 4 == 0) for i in range(size**2)])
