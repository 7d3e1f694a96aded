"""Claim of section 5: tau, Omega and the constants of the scaling laws."""

import itertools
from typing import Any

from kdverify import formulas as f
from kdverify.evidence import Claim, Step

from ..lib import power_laws as laws

EXPONENTS = Claim(
    "5.exponents",
    title="Distillation never improves the exponent",
    statement=r"R \sim n^{-\min(\beta-1,2\alpha)} \text{ for standard, best surrogate, best mask}"
    r"\quad(\beta\ne 2\alpha+1)",
    source="paper",
    needs=("5.omega", "3.improvement", "4.exhaustive"),
    parts=("same for all", f"value at {laws.AT_SIZES}"),
    steps=[
        Step(
            "Mode by mode the best surrogate keeps more than min(Omega, 1 - Omega) of the standard "
            "risk, and Omega tends to (alpha-1)/alpha, strictly inside (0, 1); the mask lies "
            "between the two: so all three fall with one exponent, log factors included."
        ),
        Step("Its value is that of the standard risk: claims 5.standard, 5.steep, 5.boundary."),
    ],
)


@EXPONENTS.forall(
    "same for all",
    witness={"zeta": "1/4", "Omega": "1/2"},
    but={"twice the bound": {"fraction": "2"}},
)
def sandwich(smt: Any, fraction: str = "1") -> Any:
    """The improvement of one mode is between min(Omega, 1 - Omega) and 1."""
    zeta, omega = smt.Real("zeta"), smt.Real("Omega")
    ratio = f.improvement(zeta, 1 - zeta, omega, 1 - omega)
    scale = smt.number(fraction)
    assumptions = [zeta > 0, zeta < 1, omega > 0, omega < 1]
    larger = smt.Or(ratio > scale * omega, ratio > scale * (1 - omega))
    return assumptions, smt.And(ratio <= 1, larger)


@EXPONENTS.below(
    f"value at {laws.AT_SIZES}",
    note="slopes per decade; their distance falls like 1/n",
    but={"exponent + 1": {"wrong": 1}},
)
def slopes(digits: int, wrong: int = 0) -> list[tuple[Any, Any]]:
    """Log-log slopes over a decade approach the exponent, for all three risks."""
    pairs = []
    for alpha, beta in [*laws.NEAR, *laws.STEEP]:
        from kdverify.gaussian import infinite as scaling

        limit = laws.number(scaling.exponent(alpha, beta) + wrong)
        for name in ("standard", "optimal", "masked"):
            values = [getattr(laws.exact(alpha, beta, n, digits), name) for n in laws.SIZES]
            steps = [(a / b).log() / laws.number(10).log() for a, b in itertools.pairwise(values)]
            pairs += laws.falls([s - limit for s in steps], laws.first_exponent(alpha, beta))
    return pairs
