"""Claim of section 5: tau, Omega and the constants of the scaling laws."""

from fractions import Fraction
from functools import partial
from typing import Any

import sympy

from kdverify import formulas as f
from kdverify.evidence import Claim, Step

from ..lib import power_laws as laws

TAU = Claim(
    "5.tau",
    title="tau falls like (c/n)^alpha",
    statement=r"\tau \sim (c/n)^\alpha,\quad c = \frac{\pi/\alpha}{\sin(\pi/\alpha)}",
    source="classic",
    needs=("1.unique",),
    parts=("integral", "sum and integral", laws.AT_SIZES),
    steps=[
        Step(
            "1 - zeta = 1/(1 + tau z^alpha) falls in z from 1, so that its sum over i = 1, 2, ... "
            "differs from its integral over z > 0 by less than 1; u = tau z^alpha makes the "
            "integral a constant times tau^(-1/alpha)."
        ),
        Step("That constant is c.", lambda: degrees()[0]),
        Step("So |n - c tau^(-1/alpha)| < 1, hence tau (n/c)^alpha tends to 1."),
    ],
)


CASES = [*laws.NEAR, *laws.STEEP]


def learnt(u: Any) -> Any:
    """``1 - zeta`` at ``u = tau/lam``: mode 1 with tau = u."""
    return f.one_minus_zeta(1, u)


@TAU.identity("integral", but={"alpha + 1 in c": {"shift": 1}})
def degrees(shift: int = 0) -> tuple[Any, Any]:
    """``int_0^oo (1 - zeta) dz = c tau^(-1/alpha)``; both sides without the power of tau."""
    _, alpha, _ = laws.exponents()
    found = laws.integral(lambda u: u ** (1 / alpha - 1) * learnt(u) / alpha)
    return found, f.scaling_tau_constant(alpha + shift, laws.symbolic())


def solved(alpha: Any, n: Any, scale: Any = 1) -> Any:
    """tau at which the integral of 1 - zeta over the modes is n: without the formula of c.

    ``scale``: what a control makes of the integral.
    """
    above, _, _ = laws.exponents()
    c = sympy.Rational(scale) * degrees()[0].subs(above, alpha - 1)
    return (named(c, alpha) / n) ** alpha


def named(expression: Any, alpha: Any) -> Any:
    """``sin(pi/alpha)`` as a positive symbol: SymPy does not know that it is positive."""
    return expression.subs(sympy.sin(sympy.pi / alpha), sympy.Symbol("sine", positive=True))


def gathered(expression: Any) -> Any:
    """Powers of the same positive base taken together."""
    return sympy.powsimp(sympy.expand_power_base(expression, force=True), force=True)


@TAU.below(
    laws.AT_SIZES,
    note="five (alpha, beta); distance falls like 1/n",
    but={"twice the limit": {"wrong": 2}},
)
def tau_gaps(digits: int, wrong: int = 1) -> list[tuple[Any, Any]]:
    """The relative distance of tau from ``(c/n)^alpha`` falls like 1/n."""

    def gap(n: int, alpha: Fraction, beta: Fraction) -> Any:
        tau = laws.exact(alpha, beta, n, digits).tau
        return tau / (wrong * f.scaling_tau(laws.number(alpha), n, laws.ops())) - 1

    return [
        pair
        for alpha, beta in CASES
        for pair in laws.shrinking(partial(gap, alpha=alpha, beta=beta))
    ]


@TAU.below(
    "sum and integral", note="five exponents, n = 1 to 10^6", but={"half of that": {"less": 2}}
)
def sum_and_integral(digits: int, less: int = 1) -> list[tuple[Any, Any]]:
    """``|n - c tau^(-1/alpha)| < 1``: what the sum and the integral differ by at most."""
    pairs = []
    for alpha, beta in CASES:
        c = f.scaling_tau_constant(laws.number(alpha), laws.ops())
        for n in (1, 3, 30, 10**3, 10**6):
            tau = laws.exact(alpha, beta, n, digits).tau
            reach = laws.ops().power(tau, laws.number(-1 / alpha))
            pairs.append((less * abs(n - c * reach), laws.number(1)))
    return pairs
