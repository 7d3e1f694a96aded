"""Claim of section 5: the constants of the risks and their ratio."""

from fractions import Fraction
from typing import Any

import sympy

from kdverify import formulas as f
from kdverify.evidence import Claim, Step
from kdverify.gaussian import infinite

from ..lib import power_laws as laws
from .standard import kappa_points

RATIO = Claim(
    "5.ratio",
    title="The ratio of the constants",
    statement=r"\rho = \lim R_{opt}/R_{std} = \frac{(\alpha-1)^\kappa\cos\pi\kappa}"
    r"{\alpha(1-2\kappa)}",
    needs=("5.standard", "5.optimal"),
    parts=("ratio", "values"),
    steps=[Step("The quotient of the two constants; sinc leaves no gap at kappa = 1/2.")],
)


@RATIO.identity("ratio", points=kappa_points)
def ratio() -> tuple[Any, Any]:
    """The quotient of the two constants, and (6)."""
    _, alpha, kappa = laws.exponents()
    beta, ops = laws.beta_of(alpha, kappa), laws.symbolic()
    optimal = f.scaling_optimal_constant(alpha, beta, ops)
    standard = f.scaling_standard_constant(alpha, beta, ops)
    quotient = sympy.expand_trig(sympy.simplify(optimal / standard))
    shifted = f.scaling_ratio(alpha, beta, ops)
    return quotient, sympy.expand_trig(sympy.simplify(shifted))


@RATIO.identity("ratio", points=kappa_points)
def ratio_text(shift: int = 0) -> tuple[Any, Any]:
    """(6) as the theory writes it, and as the formula does."""
    above, alpha, kappa = laws.exponents()
    text = above**kappa * sympy.cos(sympy.pi * kappa) / (alpha * (1 - 2 * kappa) + shift)
    return text, ratio()[1]


ratio_text.but("another denominator", shift=1)


def ball_ratio(alpha: str, beta: str) -> Any:
    """(6) on balls."""
    a, b = (laws.number(Fraction(v)) for v in (alpha, beta))
    return f.scaling_ratio(a, b, laws.ops())


@RATIO.equal("values", but={"pi/3 at (2, 3)": {"part": 3}})
def values(digits: int, part: int = 4) -> list[tuple[Any, Any]]:
    """The check values."""
    one = laws.ops()
    return [
        (ball_ratio("2", "3"), one.pi / part),
        (ball_ratio("1.5", "2"), one.power(2, laws.number(Fraction(-1, 3)))),
        (f.scaling_omega(Fraction(2)), Fraction(1, 2)),
    ]


@RATIO.enclosed("values", value="0.538", but={"0.539": {"value": "0.539"}})
def at_thousand(digits: int) -> Any:
    """R_opt/R_std at (2, 5), n = 1000."""
    found = laws.exact(Fraction(2), Fraction(5), 1000, digits)
    return found.optimal / found.standard


@RATIO.below(
    "as run", note="kdverify.scaling at n = 10^6", but={"1 % more": {"factor": Fraction(101, 100)}}
)
def as_run(digits: int, factor: Fraction = Fraction(1)) -> list[tuple[Any, Any]]:
    """rho, rho_mask and constants of the library, within 10^-3 of the exact values at n = 10^6."""
    pairs: list[tuple[Any, Any]] = []
    for alpha, beta in laws.NEAR:
        found, at = infinite.constants(alpha, beta), laws.exact(alpha, beta, 10**6, digits)
        law, wide = laws.law(alpha, beta, 10**6), Fraction(1, 10**3)
        pairs += laws.as_told(alpha, beta, law, wide, digits, factor)
        pairs += laws.close(found.plateau, at.omega / at.one_minus_omega, wide)
        pairs += laws.close(found.kappa, (beta - 1) / (2 * alpha))
        pairs += laws.close(infinite.exponent(alpha, beta), beta - 1)
    return pairs
