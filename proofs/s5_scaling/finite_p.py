"""Claim of section 5: thresholds and finite p."""

from fractions import Fraction
from typing import Any

import sympy

import kdverify as kd
from kdverify import formulas as f
from kdverify.evidence import Claim, Step
from kdverify.gaussian import certified
from kdverify.gaussian.solve.power_sum import UNLEARNT_SQUARE, PowerSum

from ..lib import power_laws as finite
from ..lib import power_laws as laws
from .tau import gathered, named, solved

FINITE_P = Claim(
    "5.finite-p",
    title="Finite p bends the law early",
    statement=r"\tau:\ -\frac{\alpha(n/p)^{\alpha-1}}{(\alpha-1)c^\alpha},\quad"
    r" R_{std}:\ -\frac{\alpha(n/(cp))^{\beta-1}}{(\beta-1)C}\ \text{ from the modes beyond }p;"
    r"\ \text{at } (3, 1.2),\ n = 10^3,\ p = 10^6:\ 26\,\%",
    needs=("5.tau", "5.standard"),
    parts=("tau", "energy", "example"),
    steps=[
        Step("Beyond p, 1 - zeta is about z^-alpha/tau and zeta about 1."),
        Step("tau goes down by -dlog(tau)/dn times the missing degrees of freedom."),
        Step("There c is the integral of 5.tau, not its closed form."),
        Step("The risk misses the energy beyond p, over 1 - Omega; C is taken from 5.standard."),
    ],
)


@FINITE_P.identity("tau", but={"c 1 % from the integral": {"scale": laws.ONE_PERCENT_MORE}})
def lost_trace(scale: Fraction = Fraction(1)) -> tuple[Any, Any]:
    """First order: the modes beyond p keep their share of n, which tau has to make up for."""
    _, alpha, _ = laws.exponents()
    z, n, p = sympy.symbols("z n p", positive=True)
    tau = solved(alpha, n, scale)
    beyond = sympy.integrate(z**-alpha, (z, p, sympy.oo)) / tau
    slope = sympy.diff(sympy.expand_log(sympy.log(tau), force=True), n)
    left = -slope * beyond
    right = f.scaling_tau_loss(alpha, n, p, laws.symbolic())
    return gathered(left / named(right, alpha)), 1


@FINITE_P.identity("energy", but={"beta + 1": {"shift": 1}})
def lost_energy(shift: int = 0) -> tuple[Any, Any]:
    """First order: the energy of the modes beyond p, over (1 - Omega) R_std."""
    _, alpha, _ = laws.exponents()
    z, n, p, over = sympy.symbols("z n p b", positive=True)  # over = beta - 1
    ops, beta, omega = laws.symbolic(), 1 + over, f.scaling_omega(alpha)
    energy = sympy.integrate(z**-beta, (z, p, sympy.oo))
    lost = f.standard_risk(energy, 1, omega, 1 - omega, 0, lambda value: value)
    scale = solved(alpha, n) ** (over / alpha)
    left = lost / (f.scaling_standard_constant(alpha, beta, ops) * scale)
    right = f.scaling_tail_loss(alpha, beta + shift, n, p, ops)
    return gathered(left / named(right, alpha)), 1


#: The energy's first order is that of beta < 2 alpha + 1; `5.finite-p-bounds` has both sides.
FINITE_AT = (
    (Fraction(3), Fraction(6, 5)),
    (Fraction(2), Fraction(3)),
    (Fraction(5, 2), Fraction(4)),
)
FINITE_SIZES = (16, 64)


@FINITE_P.below(
    "n = 16 and 64, p = n^2, three (alpha, beta)", but={"10 % less": {"wrong": Fraction(9, 10)}}
)
def finite_p(digits: int, wrong: Fraction = Fraction(1)) -> list[tuple[Any, Any]]:
    """Relative distances of the exact losses from their first orders, along p = n^2.

    Those of tau fall like 1/n (n + 1/2 in tau) or like the loss itself, ``(n/p)^(alpha-1)``;
    those of the energy like R_std's own distance from its limit form.
    """
    pairs = []
    for alpha, beta in FINITE_AT:
        gaps = [_loss_gaps(alpha, beta, n, digits, wrong) for n in FINITE_SIZES]
        for_tau, for_energy = zip(*gaps, strict=True)
        pairs += laws.falls(for_tau, min(Fraction(1), alpha - 1), step=4)
        pairs += laws.falls(for_energy, laws.first_exponent(alpha, beta), step=4)
    return pairs


def _loss_gaps(
    alpha: Fraction, beta: Fraction, n: int, digits: int, wrong: Fraction
) -> tuple[Any, Any]:
    """For tau, and for the energy beyond p: loss over its first order, less one."""
    p, ops = n * n, laws.ops()
    found = laws.exact(alpha, beta, n, digits)
    tau = certified.equivalents(_problem(p, alpha, beta), n, digits=digits).tau
    a, b, size = laws.number(alpha), laws.number(beta), laws.number(n)
    first = f.scaling_tau_loss(a, size, p, ops), f.scaling_tail_loss(a, b, size, p, ops)
    tail = PowerSum(alpha, beta, digits).total(UNLEARNT_SQUARE, found.tau, p + 1)
    losses = 1 - tau / found.tau, tail / found.one_minus_omega / found.standard
    scale = laws.number(wrong)
    return losses[0] / (scale * first[0]) - 1, losses[1] / (scale * first[1]) - 1


@FINITE_P.enclosed("example", value="0.74")
def example(digits: int) -> Any:
    """R_std at (3, 1.2), n = 10^3, p = 10^6, over the law's limit form."""
    alpha, beta, n = Fraction(3), Fraction(6, 5), 1000
    constant = f.scaling_standard_constant(laws.number(alpha), laws.number(beta), laws.ops())
    form = constant * laws.law(alpha, beta, n)
    return finite.standard(alpha, beta, n, 10**6, digits) / form


def _problem(p: int, alpha: Fraction, beta: Fraction) -> Any:
    return kd.Problem.power_law(p, alpha, beta)
