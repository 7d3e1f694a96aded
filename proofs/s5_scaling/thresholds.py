"""Claim of section 5: thresholds and finite p."""

from fractions import Fraction
from functools import partial
from typing import Any

import sympy

from kdverify import formulas as f
from kdverify.evidence import Claim, Step

from ..lib import power_laws as laws
from .tau import gathered, named, solved

THRESHOLDS = Claim(
    "5.thresholds",
    title="Where amplification and the mask end",
    statement=r"i^{amp}\sim n(\alpha-1)^{-1/\alpha}/c,\quad"
    r" i^{kept}\sim n(\sqrt\alpha-1)^{-1/\alpha}/c,\quad"
    r" c=\int_0^\infty\frac{dz}{1+z^\alpha}=\frac{\pi/\alpha}{\sin(\pi/\alpha)}",
    needs=("5.tau", "5.omega", "3.transition", "4.rule"),
    parts=("amplified", "kept", laws.AT_SIZES),
    steps=[
        Step("zeta/(1 - zeta) = tau i^alpha with 1 - Omega = 1/alpha in the two rules."),
        Step("There tau is that of c as an integral (5.tau), the formulas have its closed form."),
    ],
)


@THRESHOLDS.identity("kept", which="kept")
@THRESHOLDS.identity(
    "amplified",
    which="amplified",
    but={"c 1 % from the integral": {"scale": laws.ONE_PERCENT_MORE}},
)
def threshold(which: str, scale: Fraction = Fraction(1)) -> tuple[Any, Any]:
    """The rule's margin at the threshold, in the limit, where tau is the integral's; and 0."""
    n = sympy.Symbol("n", positive=True)
    if which == "amplified":
        _, alpha, _ = laws.exponents()
        reach = f.scaling_amplified(alpha, laws.symbolic())
    else:  # sqrt(alpha) - 1 positive
        alpha = (1 + sympy.Symbol("r", positive=True)) ** 2
        reach = f.scaling_kept(alpha, laws.symbolic())
    odds = gathered(solved(alpha, n, scale) * (named(reach, alpha) * n) ** alpha)
    margin = f.amplification_margin if which == "amplified" else f.keep_margin
    return margin(f.zeta(1, odds), 1 - f.scaling_omega(alpha)), sympy.Integer(0)


@THRESHOLDS.below(laws.AT_SIZES, but={"1/100 farther": {"wrong": Fraction(1, 100)}})
def edges(digits: int, wrong: Fraction = Fraction(0)) -> list[tuple[Any, Any]]:
    """The real-valued edges of the exact rules over n, against the formulas."""
    pairs = []
    for alpha, beta in laws.NEAR:

        def gap(n: int, which: str, alpha: Fraction = alpha, beta: Fraction = beta) -> Any:
            found = laws.exact(alpha, beta, n, digits)
            zeta = found.one_minus_omega if which == "amplified" else found.one_minus_omega.sqrt()
            edge = (zeta / (1 - zeta) / found.tau) ** (1 / laws.number(alpha))
            formula = f.scaling_amplified if which == "amplified" else f.scaling_kept
            return edge / n - formula(laws.number(alpha), laws.ops()) - laws.number(wrong)

        for which in ("amplified", "kept"):
            pairs += laws.shrinking(partial(gap, which=which))
    return pairs
