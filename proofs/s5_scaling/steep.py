"""Claim of section 5: steep signals, and the first corrections at finite n."""

from fractions import Fraction
from functools import partial
from types import SimpleNamespace
from typing import Any

import sympy

from kdverify import formulas as f
from kdverify.evidence import Claim, Step
from kdverify.gaussian import infinite

from ..lib import power_laws as laws

STEEP = Claim(
    "5.steep",
    title="Steep signals: the first modes carry the risk",
    statement=r"\beta>2\alpha+1:\ R_{std}\sim\alpha\,\zeta(\beta-2\alpha)(c/n)^{2\alpha},\ "
    r"\rho=(\alpha-1)/\alpha,\ R_{mask}/R_{std}\to 1",
    needs=("5.tau", "5.omega"),
    parts=(
        "constant",
        "ratio of one mode",
        f"ratio at {laws.AT_SIZES}",
        f"mask at {laws.AT_SIZES}",
    ),
    steps=[
        Step(
            "zeta_i <= tau i^alpha, so that the sum over tau^2 is dominated by the convergent "
            "sum of i^(2 alpha - beta): the limit may be taken term by term."
        ),
        Step("Each term's limit.", lambda: steep_mode()[0]),
        Step("The improvement of a mode with zeta = 0 is Omega.", lambda: steep_improvement()[0]),
        Step("The mask drops only modes beyond a multiple of n, whose share vanishes."),
    ],
)


def steep(alpha: Any, beta: Any, n: int) -> Any:
    """The limit form of R_std."""
    return f.scaling_steep_constant(alpha, beta, laws.ops()) * laws.squared_tau(alpha, n)


STEEP.below(
    f"constant at {laws.AT_SIZES}", laws.risk_gaps, cases=laws.STEEP, name="standard", limit=steep
)


def steep_optimal(alpha: Any, beta: Any, n: int) -> Any:
    """The limit form of R_opt."""
    return f.scaling_omega(alpha) * steep(alpha, beta, n)


STEEP.below(
    f"ratio at {laws.AT_SIZES}",
    laws.risk_gaps,
    cases=laws.STEEP,
    name="optimal",
    limit=steep_optimal,
)


@STEEP.identity("constant", but={"alpha + 1": {"wrong": 1}})
def steep_mode(wrong: int = 0) -> tuple[Any, Any]:
    """One mode over tau^2 as tau -> 0, with 1 - Omega in the limit, summed to a zeta value."""
    _, alpha, _ = laws.exponents()
    i, tau, beta = sympy.symbols("i tau beta", positive=True)
    omega = f.scaling_omega(alpha)
    mode = f.mode_standard_risk(i**-beta, f.zeta(i**-alpha, tau), 1 - omega) / tau**2
    ops = SimpleNamespace(zeta=lambda s: i**-s)
    limit = sympy.powsimp(sympy.expand(sympy.simplify(mode).subs(tau, 0)))
    return limit, f.scaling_steep_constant(alpha + wrong, beta + 2 * wrong, ops)


@STEEP.identity("ratio of one mode")
def steep_improvement() -> tuple[Any, Any]:
    """The improvement of a mode with zeta = 0, and Omega."""
    omega = sympy.Symbol("Omega", positive=True)
    return f.improvement(0, 1, omega, 1 - omega), omega


@STEEP.below(
    f"mask at {laws.AT_SIZES}",
    but={"the mask gains 1/10,000 in the limit": {"wrong": Fraction(1, 10**4)}},
)
def mask_gains(digits: int, wrong: Fraction = Fraction(0)) -> list[tuple[Any, Any]]:
    """What the mask gains on strong labels falls like the share of the modes beyond n."""

    def gap(n: int, alpha: Fraction, beta: Fraction) -> Any:
        found = laws.exact(alpha, beta, n, digits)
        return 1 - found.masked / found.standard - laws.number(wrong)

    return [
        pair
        for alpha, beta in laws.STEEP
        for pair in laws.shrinking(partial(gap, alpha=alpha, beta=beta), beta - 2 * alpha - 1)
    ]


@STEEP.below(
    "as run", note="kdverify.scaling at n = 10^6", but={"1 % more": {"factor": Fraction(101, 100)}}
)
def as_run(digits: int, factor: Fraction = Fraction(1)) -> list[tuple[Any, Any]]:
    """rho, rho_mask and constants of the library, within 10^-4 of the exact values at n = 10^6."""
    pairs: list[tuple[Any, Any]] = []
    for alpha, beta in laws.STEEP:
        found, at = infinite.constants(alpha, beta), laws.exact(alpha, beta, 10**6, digits)
        law = laws.squared_tau(laws.number(alpha), 10**6)
        wide = Fraction(1, 10**4)
        pairs += laws.as_told(alpha, beta, law, wide, digits, factor)
        pairs += laws.close(found.omega, at.omega, wide)
        pairs += laws.close(infinite.exponent(alpha, beta), 2 * alpha)
    return pairs
