"""Claim of section 5: simulations at p >> n, the bias in 1/n, and the way to p = infinity."""

from fractions import Fraction
from typing import Any

from kdverify.evidence import Claim, Step

from ..lib import power_laws as finite

FINITE_P_BOUNDS = Claim(
    "5.finite-p-bounds",
    title="Bounds on what finite p changes",
    statement=r"0 \le 1-\frac{\tau_p}{\tau_\infty} \le r = \frac{t}{n(1-\Omega_\infty)-t},\ "
    r"t = \frac{p^{1-\alpha}}{(\alpha-1)\tau_\infty};\quad"
    r" \frac{R_p}{R_\infty}\ \text{in bounds made of } r, t \text{ and } p^{1-\beta}/(\beta-1)",
    needs=("1.unique", "3.improvement", "4.rule"),
    parts=("lemma", "values at six settings"),
    steps=[
        Step(
            "sum over i <= p of lam/(lam + tau) is convex in tau; at tau_inf it lacks the trace"
            " beyond p, at most t: the tangent there gives r."
        ),
        Step(
            "A mode's zeta falls at most by 1 - r and its 1 - zeta does not; tau zeta (1 - zeta) ="
            " lam zeta^2 does not grow: zeta (1 - zeta) changes by 1 - r at most, either way.",
            lambda: finite.width()[1],
        ),
        Step(
            "Hence bounds on 1 - Omega, and mode by mode on the risks; the energy beyond p, at"
            " most p^(1-beta)/(beta-1), comes off the lower ones."
        ),
    ],
)


#: (alpha, beta, n, p) on both sides of beta = 2 alpha + 1, and at it.
BOUNDED_AT = (
    (Fraction(2), Fraction(3), 20, 400),
    (Fraction(3), Fraction(6, 5), 20, 400),
    (Fraction(3, 2), Fraction(2), 20, 3000),
    (Fraction(2), Fraction(5), 20, 400),
    (Fraction(3), Fraction(7), 100, 400),
    (Fraction(2), Fraction(7), 100, 3000),
)


@FINITE_P_BOUNDS.below(
    "values at six settings",
    note="tau and three risks each",
    but={"10 % closer to 1": {"wrong": Fraction(9, 10)}},
)
def bounded(digits: int, wrong: Fraction = Fraction(1)) -> list[tuple[Any, Any]]:
    """All ratios lie in their bounds."""
    return finite.within(iter(BOUNDED_AT), digits, wrong)


lemma = FINITE_P_BOUNDS.forall("lemma", finite.lemma, witness={"lam": 1, "ratio": "1/2"})
lemma.but("10 % tighter", factor="11/10")
FINITE_P_BOUNDS.identity("lemma", finite.width)
