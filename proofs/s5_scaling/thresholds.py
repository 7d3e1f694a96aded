"""Claim of section 5: thresholds and finite p."""

from fractions import Fraction
from functools import partial
from typing import Any

import sympy

from kdverify import formulas as f
from kdverify.arithmetic import functions
from kdverify.evidence import Claim, Step

from ..lib import power_laws as laws

THRESHOLDS = Claim(
    "5.thresholds",
    title="Where amplification and the mask end",
    statement=r"i^{amp}\sim n(\alpha-1)^{-1/\alpha}/c,\quad"
    r" i^{kept}\sim n(\sqrt\alpha-1)^{-1/\alpha}/c",
    needs=("5.tau", "5.omega", "3.transition", "4.rule"),
    parts=("amplified", "kept", laws.AT_SIZES),
    steps=[Step("zeta/(1 - zeta) = tau i^alpha with 1 - Omega = 1/alpha in the two rules.")],
)


def sympy_ops() -> Any:
    """SymPy, sinc of each argument a positive symbol: where it is used, SymPy cannot know."""
    found = functions.symbols()
    found.sinc = lambda x: sympy.Symbol(f"sinc({sympy.cancel(x)})", positive=True)
    return found


@THRESHOLDS.identity("kept", which="kept")
@THRESHOLDS.identity(
    "amplified", which="amplified", but={"margin 1 at the threshold": {"wrong": 1}}
)
def threshold(which: str, wrong: int = 0) -> tuple[Any, Any]:
    """zeta at the threshold, in the limit; and what the rule asks for there."""
    n = sympy.Symbol("n", positive=True)
    if which == "amplified":
        _, alpha, _ = laws.exponents()
        reach = f.scaling_amplified(alpha, sympy_ops()) * n
    else:  # sqrt(alpha) - 1 positive
        root = sympy.Symbol("r", positive=True)
        alpha = (1 + root) ** 2
        reach = f.scaling_kept(alpha, sympy_ops()) * n
    odds = sympy.powdenest(
        sympy.simplify(f.scaling_tau(alpha, n, sympy_ops()) * reach**alpha), force=True
    )
    zeta, omega = f.zeta(1, sympy.simplify(odds)), f.scaling_omega(alpha)
    margin = f.amplification_margin if which == "amplified" else f.keep_margin
    return sympy.simplify(margin(zeta, 1 - omega)), sympy.Integer(wrong)


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
