"""Claim of section 5: the ratio of the constants is below one, and its limits."""

from fractions import Fraction
from typing import Any

import sympy

from kdverify import formulas as f
from kdverify.evidence import Claim, Step

from ..lib import power_laws as laws

LIMITS = Claim(
    "5.ratio-limits",
    title="Limits of the ratio at the ends of kappa",
    statement=r"\rho\to 1/\alpha\ (\kappa\to0),\qquad \rho\to(\alpha-1)/\alpha\ (\kappa\to1)",
    needs=("5.ratio",),
    parts=("zero", "one"),
    steps=[Step("cos(pi kappa)/(1 - 2 kappa) tends to 1 at both ends.")],
)


@LIMITS.limit(
    "one",
    symbol="kappa",
    point=1,
    direction="-",
    value=lambda: ratio_limit(1),
    samples=lambda: point_seven(),
)
@LIMITS.limit(
    "zero", symbol="kappa", point=0, value=lambda: ratio_limit(0), samples=lambda: point_seven()
)
def ratio_in_kappa() -> Any:
    """(6) as a function of kappa."""
    _, alpha, _ = laws.exponents()
    kappa = sympy.Symbol("kappa", positive=True)
    return f.scaling_ratio(alpha, laws.beta_of(alpha, kappa), laws.symbolic())


def ratio_limit(point: int, wrong: int = 0) -> Any:
    """The limit at kappa = 0 or 1."""
    _, alpha, _ = laws.exponents()
    omega = f.scaling_omega(alpha)
    return (omega if point else 1 - omega) + wrong


@LIMITS.below("kappa to 10^-6 from the ends")
def approach(digits: int) -> list[tuple[Any, Any]]:
    """(6) near kappa = 0 and 1: the distance to the limit falls like kappa's."""
    ops, pairs = laws.ops(), []
    for alpha in (Fraction(3, 2), Fraction(3)):
        a = laws.number(alpha)
        for end, limit in ((0, 1 / a), (1, f.scaling_omega(a))):
            gaps = []
            for k in (2, 4, 6):
                kappa = abs(laws.number(end) - laws.number(Fraction(1, 10**k)))
                gaps.append(f.scaling_ratio(a, laws.beta_of(a, kappa), ops) - limit)
            pairs += laws.falls(gaps, Fraction(1), step=100)
    return pairs


def point_seven() -> list[dict[Any, Any]]:
    """A point of the domain."""
    above, _, _ = laws.exponents()
    return [{above: sympy.Rational(7, 3)}]


ratio_in_kappa.but("one more", value=lambda: ratio_limit(1, 1))
