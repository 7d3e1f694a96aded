"""Claim of section 5: tau, Omega and the constants of the scaling laws."""

from fractions import Fraction
from functools import partial
from typing import Any

import sympy

from kdverify import formulas as f
from kdverify.evidence import Claim, Step

from ..lib import power_laws as laws

PLATEAU = Claim(
    "5.plateau",
    title="With noise the risk tends to the plateau sigma^2 (alpha - 1)",
    statement=r"\sigma^2 \frac{\Omega}{1-\Omega} \to \sigma^2(\alpha-1)",
    needs=("5.omega", "2.risk"),
    parts=("limit of Omega", laws.AT_SIZES),
    steps=[Step("The noise part of every risk is sigma^2 Omega/(1 - Omega).")],
)


@PLATEAU.below(laws.AT_SIZES, note="three (alpha, beta)", but={"more noise": {"wrong": 1}})
def plateau_gaps(digits: int, wrong: int = 0) -> list[tuple[Any, Any]]:
    """The noise part of all three risks at p = infinity against the plateau."""

    def gap(n: int, name: str, alpha: Fraction, beta: Fraction) -> Any:
        noisy, clean = (laws.exact(alpha, beta, n, digits, v) for v in (3, 0))
        part = getattr(noisy, name) - getattr(clean, name)
        return part - f.scaling_plateau(laws.number(alpha), laws.number(3 + wrong))

    return [
        pair
        for alpha, beta in laws.NEAR
        for name in ("standard", "optimal", "masked")
        for pair in laws.shrinking(partial(gap, name=name, alpha=alpha, beta=beta))
    ]


@PLATEAU.identity("limit of Omega", but={"sigma^2 alpha": {"wrong": 1}})
def plateau(wrong: int = 0) -> tuple[Any, Any]:
    """The noise part in the limit, and the formula."""
    noise = sympy.Symbol("v", positive=True)
    _, alpha, _ = laws.exponents()
    omega = f.scaling_omega(alpha)
    factor = f.variance_factor(omega, 1 - omega)
    return factor * noise, f.scaling_plateau(alpha + wrong, noise)
