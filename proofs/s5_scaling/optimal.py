"""Claim of section 5: the constants of the risks and their ratio."""

from typing import Any

import sympy

from kdverify import formulas as f
from kdverify.evidence import Claim, Step

from ..lib import power_laws as laws
from .standard import U, kappa_points

OPTIMAL = Claim(
    "5.optimal",
    title="Constant of the best surrogate's risk",
    statement=r"R_{opt} \sim (\alpha-1)^\kappa\frac{\pi/(2\alpha)}{\sin\pi\kappa}(c/n)^{\beta-1}",
    needs=("5.tau", "5.omega", "3.optimal"),
    parts=("one sum", "constant", laws.AT_SIZES),
    steps=[
        Step(
            "The best surrogate's risk is that of one sum: sum signal zeta(lam^2, tau').",
            lambda: optimal_as_one_sum()[1],
        ),
        Step("tau' = tau^2 Omega/(1 - Omega) tends to (alpha - 1) tau^2."),
        Step("The integral, again of one hump.", lambda: optimal_constant()[0]),
    ],
)


@OPTIMAL.identity("constant", points=kappa_points)
def optimal_constant(scale: int = 1) -> tuple[Any, Any]:
    """``int z^-beta zeta(z^-2alpha, tau') dz`` with tau' = (alpha - 1) tau^2, tau = 1."""
    _, alpha, kappa = laws.exponents()
    beta = laws.beta_of(alpha, kappa)
    omega = f.scaling_omega(alpha)
    prime = f.optimal_regularisation(1, omega, 1 - omega)
    integrand = U() ** ((1 - beta) / (2 * alpha) - 1) * f.zeta(1, U()) / (2 * alpha)
    integrand = sympy.powsimp(sympy.simplify(integrand), force=True)
    found = sympy.integrate(integrand, (U(), 0, sympy.oo), conds="none")
    shift = sympy.simplify(prime) ** ((beta - 1) / (2 * alpha))
    return shift * found, scale * f.scaling_optimal_constant(alpha, beta, laws.symbolic())


@OPTIMAL.identity("one sum")
def optimal_as_one_sum(power: int = 2) -> tuple[Any, Any]:
    """One mode of the best surrogate's risk, and ``signal zeta(lam^2, tau')``."""
    lam, tau, omega, signal = sympy.symbols("lambda tau Omega s", positive=True)
    zeta, learnt_ = f.split_mode(lam, tau)
    risk = f.optimal_risk(signal, zeta, learnt_, omega, 1 - omega, 0, lambda value: value)
    prime = f.optimal_regularisation(tau, omega, 1 - omega)
    return risk, signal * f.zeta(lam**power, prime)


optimal_as_one_sum.but("lam instead of lam^2", power=1)


at_sizes = OPTIMAL.below(
    laws.AT_SIZES, laws.ratio_gaps, name="optimal", limit=f.scaling_optimal_constant
)
at_sizes.but("1 % more", factor=laws.ONE_PERCENT_MORE)
