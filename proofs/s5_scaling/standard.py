"""Claim of section 5: the constants of the risks and their ratio."""

from typing import Any

import sympy

from kdverify import formulas as f
from kdverify.evidence import Claim, Step

from ..lib import power_laws as laws

STANDARD = Claim(
    "5.standard",
    title="Constant of the standard risk",
    statement=r"R_{std} \sim \frac{\pi(1-2\kappa)}{\sin 2\pi\kappa}(c/n)^{\beta-1},"
    r"\quad \kappa=\frac{\beta-1}{2\alpha}<1",
    needs=("5.tau", "5.omega", "2.classical"),
    parts=("integral", laws.AT_SIZES),
    steps=[
        Step(
            "z^-beta zeta^2 has one hump, at z of the order of n, of height O(n^-beta), and its "
            "part near 0 is O(tau^2) = o(n^(1-beta)) as beta < 2 alpha + 1: so the sum may be "
            "replaced by the integral."
        ),
        Step(
            "With u = tau z^alpha and 1/(1 - Omega) = alpha the constant is a Beta integral.",
            lambda: standard_constant()[0],
        ),
    ],
)


@STANDARD.identity("integral", points=lambda: kappa_points())
def standard_constant(scale: int = 1) -> tuple[Any, Any]:
    """``alpha int z^-beta zeta^2 dz`` (1 - Omega = 1/alpha), tau = 1; and the formula."""
    _, alpha, kappa = laws.exponents()
    beta = laws.beta_of(alpha, kappa)
    omega = f.scaling_omega(alpha)

    def integrand(u: Any) -> Any:
        signal = u ** (-beta / alpha) * u ** (1 / alpha - 1) / alpha
        return f.standard_risk(signal, f.zeta(1, u), omega, 1 - omega, 0, lambda value: value)

    left = sympy.integrate(
        sympy.powsimp(sympy.simplify(integrand(U())), force=True), (U(), 0, sympy.oo), conds="none"
    )
    return left, scale * f.scaling_standard_constant(alpha, beta, laws.symbolic())


def U() -> Any:
    """The variable of integration."""
    return sympy.Symbol("u", positive=True)


def kappa_points() -> list[dict[Any, Any]]:
    """Points of the domain."""
    above, _, kappa = laws.exponents()
    return [{above: sympy.Rational(3, 2), kappa: sympy.Rational(k, 7)} for k in (1, 3, 5)]


standard_constant.but("twice the constant", scale=2)


at_sizes = STANDARD.below(
    laws.AT_SIZES, laws.ratio_gaps, name="standard", limit=f.scaling_standard_constant
)
at_sizes.but("1 % more", factor=laws.ONE_PERCENT_MORE)
