"""Power laws at p = infinity for the claims of section 5: symbols, integrals, exact values."""

from __future__ import annotations

from collections.abc import Callable
from fractions import Fraction
from functools import lru_cache
from typing import Any

from kdverify import formulas as f

#: (alpha, beta) on the near side of beta = 2 alpha + 1.
NEAR = ((Fraction(2), Fraction(3)), (Fraction(3, 2), Fraction(2)), (Fraction(3), Fraction(5, 2)))
STEEP = ((Fraction(2), Fraction(7)), (Fraction(3, 2), Fraction(6)))
BOUNDARY = ((Fraction(2), Fraction(5)), (Fraction(3), Fraction(7)))
SIZES = (100, 1000, 10_000)


def exponents() -> tuple[Any, Any, Any]:
    """``alpha - 1``, ``alpha`` and ``kappa``: positive symbols, and 1 + the first."""
    import sympy

    above, kappa = sympy.symbols("a kappa", positive=True)
    return above, 1 + above, kappa


def beta_of(alpha: Any, kappa: Any) -> Any:
    """The beta that has this kappa: checked against the formula by claim ``5.constants``."""
    return 1 + 2 * alpha * kappa


def integral(integrand: Callable[[Any], Any]) -> Any:
    """``int_0^oo`` of a function of ``u = tau z^alpha``, where it converges."""
    import sympy

    u = sympy.Symbol("u", positive=True)
    return sympy.integrate(integrand(u), (u, 0, sympy.oo), conds="none")


@lru_cache(maxsize=64)
def exact(alpha: Fraction, beta: Fraction, n: int, digits: int, noise: int = 0) -> Any:
    """The exact values at p = infinity, on balls."""
    from kdverify import scaling

    return scaling.infinite(alpha, beta, n, noise, digits)


def ops() -> Any:
    """Operations on balls at the precision in force."""
    from kdverify import operations

    return operations.balls()


def symbolic() -> Any:
    """Operations on SymPy expressions."""
    from kdverify import operations

    return operations.symbols()


def number(value: Fraction | int) -> Any:
    """A ball."""
    from kdverify.arithmetic import BALLS

    return BALLS.number(Fraction(value))


def law(alpha: Fraction, beta: Fraction, n: int) -> Any:
    """``(c/n)^(beta - 1)``."""
    one = ops()
    c = f.scaling_tau_constant(number(alpha), one)
    return one.power(c / n, number(beta - 1))


def shrinking(gap: Callable[[int], Any], per_decade: Fraction) -> list[tuple[Any, Any]]:
    """Pairs that are in order iff ``|gap|`` falls by more than ``per_decade`` each decade."""
    gaps = [abs(gap(n)) for n in SIZES]
    return [(gaps[k + 1] * number(per_decade), gaps[k]) for k in range(len(gaps) - 1)]
