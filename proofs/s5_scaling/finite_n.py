"""Claim of section 5: steep signals, and the first corrections at finite n."""

from fractions import Fraction
from functools import partial
from typing import Any

import sympy

from kdverify import formulas as f
from kdverify.evidence import Claim, Step

from ..lib import power_laws as laws

FINITE_N = Claim(
    "5.finite-n",
    title="First corrections at finite n",
    statement=r"\tau=(c/(n+\tfrac12))^\alpha,\ \Omega=\tfrac{\alpha-1}{\alpha}-\tfrac{1}{2\alpha n}"
    r"\text{ up to }O(n^{-\alpha-1});\ R_{std}:\ 1-\tfrac{\beta}{2n}",
    needs=("5.tau", "5.standard"),
    parts=(f"tau at {laws.AT_SIZES}", "omega", "risk"),
    steps=[
        Step(
            "n = c tau^(-1/alpha) + zeta(0) - tau zeta(-alpha) + ..., zeta(0) = -1/2 (the "
            "Mellin transform's poles)."
        ),
        Step("n (1 - Omega) = -dn/dlog tau.", lambda: omega_from_tau()[0]),
        Step("The first order of R_std.", lambda: first_correction()[0]),
    ],
)


@FINITE_N.identity("omega")
def omega_from_tau(wrong: int = 0) -> tuple[Any, Any]:
    """``n (1 - Omega) = -dn/dlog tau`` on ``tau = (c/(n + 1/2))^alpha``."""
    _, alpha, _ = laws.exponents()
    n = sympy.Symbol("n", positive=True)
    tau = f.scaling_tau(alpha, n + sympy.Rational(1, 2), laws.symbolic())
    slope = sympy.diff(sympy.expand_log(sympy.log(tau), force=True), n)
    return 1 + 1 / (n * sympy.simplify(slope)), f.scaling_omega_at(alpha, n + wrong)


@FINITE_N.identity("risk")
def first_correction(wrong: int = 0) -> tuple[Any, Any]:
    """d/d(1/n) at 0 of R_std over its limit form, tau and Omega as above."""
    _, alpha, _ = laws.exponents()
    h, beta = sympy.symbols("h beta", positive=True)
    omega = f.scaling_omega_at(alpha, 1 / h)
    ratio = (1 + h / 2) ** (1 - beta) * (1 - f.scaling_omega(alpha)) / (1 - omega)
    left = sympy.diff(ratio, h).subs(h, 0)
    return left, sympy.diff(f.scaling_standard_correction(beta + wrong, 1 / h), h)


first_correction.but("beta + 1", wrong=1)


ODD = ((Fraction(3, 2), Fraction(2)), (Fraction(5, 2), Fraction(3)))


@FINITE_N.below(f"tau at {laws.AT_SIZES}", but={"n + 0.51": {"shift": Fraction(51, 100)}})
def tau_rate(digits: int, shift: Fraction = Fraction(1, 2)) -> list[tuple[Any, Any]]:
    """The relative error of the shifted law falls like n^-(alpha+1)."""

    def gap(n: int, alpha: Fraction, beta: Fraction) -> Any:
        tau = laws.exact(alpha, beta, n, digits).tau
        return tau / f.scaling_tau(laws.number(alpha), laws.number(n + shift), laws.ops()) - 1

    return [
        pair
        for alpha, beta in ODD
        for pair in laws.shrinking(partial(gap, alpha=alpha, beta=beta), alpha + 1)
    ]


@FINITE_N.below(f"omega at {laws.AT_SIZES}")
def omega_rate(digits: int) -> list[tuple[Any, Any]]:
    """The error of Omega falls like n^-(alpha+1)."""

    def gap(n: int, alpha: Fraction, beta: Fraction) -> Any:
        omega = laws.exact(alpha, beta, n, digits).omega
        return omega - f.scaling_omega_at(laws.number(alpha), laws.number(n))

    return [
        pair
        for alpha, beta in ODD
        for pair in laws.shrinking(partial(gap, alpha=alpha, beta=beta), alpha + 1)
    ]


def corrected(alpha: Any, beta: Any, n: int) -> Any:
    """The limit form with its first correction."""
    one = laws.ops()
    limit = f.scaling_standard_constant(alpha, beta, one) * one.power(
        f.scaling_tau_constant(alpha, one) / n, beta - 1
    )
    return limit * f.scaling_standard_correction(beta, laws.number(n))


def wrongly_corrected(alpha: Any, beta: Any, n: int) -> Any:
    """The same, 1/(100 n) off."""
    return corrected(alpha, beta, n) * (1 + laws.number(Fraction(1, 100 * n)))


f_risk_at_laws_at_sizes = FINITE_N.below(
    f"risk at {laws.AT_SIZES}",
    laws.risk_gaps,
    cases=laws.NEAR,
    name="standard",
    limit=corrected,
    exponent=2,
)
f_risk_at_laws_at_sizes.but("1/(100 n) more", limit=wrongly_corrected)
