"""Claims of section 5: tau, Omega and the constants of the scaling laws."""

from __future__ import annotations

from fractions import Fraction
from functools import partial
from typing import Any

import sympy

from kdverify import formulas as f
from kdverify.evidence import Claim, Control, Enclosure, Identity, Step

from ..lib import power_laws as laws


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


def plateau(wrong: int = 0) -> tuple[Any, Any]:
    """The noise part in the limit, and the formula."""
    noise = sympy.Symbol("v", positive=True)
    _, alpha, _ = laws.exponents()
    omega = f.scaling_omega(alpha)
    factor = f.variance_factor(omega, 1 - omega)
    return factor * noise, f.scaling_plateau(alpha + wrong, noise)


PLATEAU = Claim(
    id="5.plateau",
    title="With noise the risk tends to the plateau sigma^2 (alpha - 1)",
    statement=r"\sigma^2 \frac{\Omega}{1-\Omega} \to \sigma^2(\alpha-1)",
    source="new",
    needs=("5.omega", "2.risk"),
    steps=[Step("The noise part of every risk is sigma^2 Omega/(1 - Omega).")],
    evidence=[
        Identity("whole", left=lambda: plateau()[0], right=lambda: plateau()[1]),
        Enclosure(f"{laws.AT_SIZES}, three (alpha, beta)", below=plateau_gaps),
    ],
    controls=[
        Control(
            Identity("whole", left=lambda: plateau()[0], right=lambda: plateau(1)[1]),
            wrong="sigma^2 alpha",
        ),
        Control(Enclosure(laws.AT_SIZES, below=lambda d: plateau_gaps(d, 1)), wrong="more noise"),
    ],
)


CLAIMS = [PLATEAU]

if __name__ == "__main__":
    from kdverify.verify import run_as_script

    raise SystemExit(run_as_script(CLAIMS))
