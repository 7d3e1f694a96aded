"""What the claim files of section 1 share and what costs nothing to import."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from kdverify import formulas

#: What `Enclosure` asks for: pairs of balls or exact numbers.
Pairs = Iterator[tuple[Any, Any]]


def one_mode() -> tuple[Any, Any]:
    """SymPy symbols: one eigenvalue and tau."""
    import sympy

    return sympy.symbols("lambda tau", positive=True)


def modes(p: int, ridge: bool = False) -> Any:
    """``p`` symbolic modes at the n that (1) gives."""
    from _symbolic import symbolic_modes

    return symbolic_modes(p, ridge)


def equal_modes_total(count: Any) -> formulas.Total:
    """The sum over ``count`` equal modes, of which the vector holds one; ``count`` may be real."""
    return lambda share: count * share


def growth(expression: Any) -> Any:
    """The derivative of a SymPy expression by log tau."""
    import sympy

    tau = one_mode()[1]
    return tau * sympy.diff(expression, tau)
