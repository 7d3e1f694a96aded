"""Claim of section 5: tau, Omega and the constants of the scaling laws."""

from fractions import Fraction
from functools import partial
from typing import Any

from kdverify import formulas as f
from kdverify.evidence import Claim, Step

from ..lib import power_laws as laws
from .tau import CASES, degrees, learnt

OMEGA = Claim(
    "5.omega",
    title="Omega tends to (alpha - 1)/alpha",
    statement=r"\Omega \to \frac{\alpha-1}{\alpha}",
    needs=("5.tau",),
    parts=("integrals", laws.AT_SIZES),
    steps=[
        Step(
            "zeta (1 - zeta) rises and then falls, so that its sum and its integral differ by "
            "at most twice its largest value, 1/4; both integrals scale as tau^(-1/alpha)."
        ),
        Step("1 - Omega tends to the ratio of the integrals.", lambda: spreads()[0]),
    ],
)


@OMEGA.identity("integrals")
def spreads(power: int = 1) -> tuple[Any, Any]:
    """``1 - Omega`` in the limit: the integral of zeta(1-zeta) over that of 1-zeta."""
    _, alpha, _ = laws.exponents()

    def jacobian(u: Any) -> Any:
        return u ** (1 / alpha - 1) / alpha

    spread = laws.integral(lambda u: jacobian(u) * f.spread(f.zeta(1, u), learnt(u)) ** power)
    return spread / degrees()[0], 1 - f.scaling_omega(alpha)


spreads.but("zeta^2 (1 - zeta)^2", power=2)


@OMEGA.below(laws.AT_SIZES, note="five (alpha, beta)", but={"alpha/(alpha + 1)": {"wrong": 1}})
def omega_gaps(digits: int, wrong: int = 0) -> list[tuple[Any, Any]]:
    """Omega against its limit."""

    def gap(n: int, alpha: Fraction, beta: Fraction) -> Any:
        omega = laws.exact(alpha, beta, n, digits).omega
        return omega - f.scaling_omega(laws.number(alpha) + wrong)

    return [
        pair
        for alpha, beta in CASES
        for pair in laws.shrinking(partial(gap, alpha=alpha, beta=beta))
    ]
