"""Claim of section 1: Omega, its bounds, and complements that lose no digits.

"For all p" is shown as in `1.unique`: one-mode lemmas, summed or by induction.
"""

from fractions import Fraction
from typing import Any

import flint
import numpy as np
import sympy

from kdverify import formulas as f
from kdverify.evidence import Claim, Step
from kdverify.gaussian.solve import equivalents

from ..lib import sums
from ..lib.balls import Case, two_levels
from ..lib.modes import Pairs, one_mode, together

COMPLEMENTS = Claim(
    "1.complements",
    title="zeta, Omega and the bias have complements that are sums of terms of one sign",
    statement=r"\zeta_i + (1 - \zeta_i) = 1,\quad 1 - \Omega = \frac1n\Big(\sum_i"
    r" \zeta_i(1-\zeta_i) + \frac{\delta}{\tau}\Big) = -\frac{d \log n}{d \log \tau},\quad"
    r" (1-\zeta_i)\beta^s_i - \beta^*_i = (1-\zeta_i)(\beta^s_i - \beta^*_i)"
    r" - \zeta_i\beta^*_i",
    parts=("shares", "Omega", "bias", "signs"),
    steps=[
        Step(
            "zeta and 1 - zeta are the derivatives of log(lambda + tau) by log tau and by"
            " log lambda: shares of one whole.",
            lambda: logarithmic_shares()[1][0],
        ),
        Step(
            "By (1) n = sum (1 - zeta_i) + delta/tau; subtract n Omega = sum (1 - zeta_i)^2 and"
            " use (1 - zeta) - (1 - zeta)^2 = zeta (1 - zeta).",
            lambda: omega_and_complement()[1][1],
        ),
        Step(
            "Differentiating (1) by log tau gives minus the same sum, so that 1 - Omega is the"
            " elasticity of n in tau.",
            lambda: elasticity_of_n()[1][0],
        ),
        Step("All terms are positive: forming them one by one and adding loses no digits."),
    ],
)


@COMPLEMENTS.identity("shares")
def logarithmic_shares() -> tuple[list[Any], list[Any]]:
    """zeta and 1 - zeta by every formula, and as derivatives of log(lambda + tau)."""
    lam, tau = one_mode()
    unlearnt = tau * sympy.diff(sympy.log(lam + tau), tau)
    learnt = lam * sympy.diff(sympy.log(lam + tau), lam)
    formulas = [*f.split_mode(lam, tau), f.zeta(lam, tau), f.one_minus_zeta(lam, tau)]
    return [*formulas, formulas[0] + formulas[1]], [*(unlearnt, learnt) * 2, 1]


@COMPLEMENTS.identity("one rotated covariance, p = 2")
def shares_of_matrix() -> tuple[list[Any], list[Any]]:
    """Sums over the modes of a covariance that is not diagonal, and traces of its resolvent."""
    tau = one_mode()[1]
    vectors = sympy.Matrix([[3, -4], [4, 3]]) / 5
    lam = np.array([sympy.Integer(7), sympy.Integer(2)], dtype=object)
    covariance = vectors * sympy.diag(*lam) * vectors.T
    hat = (covariance + tau * sympy.eye(2)).inv() * covariance
    zeta, learnt = f.split_mode(lam, tau)
    sums = [
        f.degrees_of_freedom(learnt),
        sum(f.learnt_square(learnt)),
        sum(f.spread(zeta, learnt)),
    ]
    return sums, [hat.trace(), (hat * hat).trace(), (hat - hat * hat).trace()]


def omega_and_complement(ridge: bool = True) -> tuple[list[Any], list[Any]]:
    """Omega + (1 - Omega) from sums over any number of modes, and one mode's part of it."""
    zeta, learnt = f.split_mode(*one_mode())
    learnt_sum, squares, delta = sympy.symbols("S_1 S_2 delta", positive=True)
    over_tau = (delta / one_mode()[1],) if ridge else ()
    n = sympy.Symbol("n", positive=True)
    (size,) = sympy.solve(f.fixed_point_residual([learnt_sum], n, *over_tau), n)
    both = f.omega(squares, size) + f.one_minus_omega(learnt_sum - squares, size, *over_tau)
    return [both, f.spread(zeta, learnt)], [1, learnt - f.learnt_square(learnt)]


COMPLEMENTS.identity(
    "Omega",
    lambda: together(omega_and_complement(), omega_and_complement(False)),
    note="sums over any number of modes, with and without ridge",
)


@COMPLEMENTS.identity(
    "Omega", note="elasticity, any number of modes, ridge", but={"n grows with tau": {"sign": 1}}
)
def elasticity_of_n(sign: int = -1) -> tuple[list[Any], list[Any]]:
    """1 - Omega by its sums, and minus the derivative of log n by log tau in (1)."""
    over_tau, spreads = sums.ridge / sums.tau, sums.ridge_total(f.spread(*sums.split()))
    formula = f.one_minus_omega(spreads, sums.n, over_tau)
    return [formula, formula], [sign * sums.tau * sums.slope() / sums.n, 1 - sums.omega]


@COMPLEMENTS.identity("bias")
def bias_forms() -> tuple[Any, Any]:
    """The first bracket of (2), without cancellation and as (1 - zeta) surrogate - truth."""
    zeta, learnt = f.split_mode(*one_mode())
    surrogate, truth = sympy.symbols("beta^s beta^*", real=True)
    return f.mode_bias(surrogate, truth, zeta, learnt), learnt * surrogate - truth


@COMPLEMENTS.forall("signs", but={"every mode is below tau": {"also": lambda lam, tau: lam < tau}})
def nothing_cancels(smt: Any, also: Any = lambda lam, tau: True) -> Any:
    """What is summed in n, n Omega and n (1 - Omega) is positive, mode by mode."""
    lam, tau = smt.Real("lambda"), smt.Real("tau")
    zeta, learnt = f.split_mode(lam, tau)
    positive = (learnt > 0, f.learnt_square(learnt) > 0, f.spread(zeta, learnt) > 0)
    return [lam > 0, tau > 0], smt.And(*positive, also(lam, tau))


@COMPLEMENTS.below(
    "double precision at a gap of 1e20", but={"1 - Omega by subtraction": {"subtracted": True}}
)
def digits_at_gap(digits: int, subtracted: bool = False) -> Pairs:
    """Relative error of 1 - Omega in double precision at a gap of 1e20, and 1e-14."""
    gap = two_levels(1e10, 1e-10, 10)
    true = Case(gap, Fraction(10)).solved(digits).one_minus_omega
    double = equivalents(gap, 10)
    found = 1.0 - double.omega if subtracted else double.one_minus_omega
    yield abs(flint.arb(float(found)) / true - 1), Fraction(1, 10**14)
