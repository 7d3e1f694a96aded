"""Exact means over Gaussian rows at finite n (section 15): what stands under the integral.

``N_ii = det(A + ridge)/det(K + ridge)``, A being K = XX' without column i.  The denominator is
an integral over two vectors of R^n, whose Gram matrix has the eigenvalues u, v; under it the
columns stay normal, with variance ``lam/(1 + lam u)`` along the one, ``lam/(1 + lam v)`` along
the other and ``lam`` along the n - 2 directions that are left.  Their part of the numerator is a
coefficient of a polynomial in x.
"""

from __future__ import annotations

from kdverify.formulas._types import Number
from kdverify.formulas.finite_size import damped_eigenvalue


def gram_factor(first: Number, second: Number) -> Number:
    """``(u - v)/4``; with ``(u v)^((n-3)/2)`` the density of the Gram matrix's eigenvalues u > v.

    Normed so that ``exp(-g (u + v)/2)`` integrates to ``(n-2)!/g^n``.
    """
    return (first - second) / 4


def column_weight(lam: Number, argument: Number, power: Number) -> Number:
    """``lam/((1 + lam u)(1 + lam x))``: a column that takes the direction of u."""
    return damped_eigenvalue(lam, argument) / (1 + lam * power)


def column_tilt(weight: Number, missed: Number, power_missed: Number) -> Number:
    """``-d log(column_weight)/dt`` where ``log lam`` falls as ``t weight``.

    What is missed is ``1/(1 + lam u)`` and ``1/(1 + lam x)``.
    """
    return weight * (missed + power_missed - 1)


def left_out_mean(both: Number, taken_twice: Number, own: Number, own_twice: Number) -> Number:
    """``(s - a_i)(s' - a_i') - sum_j (a_j a_j') + a_i a_i'``: two columns, different, neither i.

    Args:
        both: ``s s'``, s being the ridge and the sum of `column_weight` at u, s' at v.
        taken_twice: ``sum_j a_j a_j'``.
        own: ``(a_i s' + a_i' s)/2``.
        own_twice: ``a_i a_i'``.
    """
    return both - taken_twice - 2 * own + 2 * own_twice


def left_out_residual(
    weight: Number, power_missed: Number, drift: Number, value: Number, change: Number
) -> Number:
    """Of ``E (N A N)_ii = A_ii E N_ii - d E N_ii/dt`` what stands under the integral.

    Args:
        weight: ``A_ii``, of a diagonal A; t is that of `column_tilt`.
        power_missed: ``1/(1 + lam x)``.
        drift: minus ``sum_j A_jj lam_j x/(1 + lam_j x)``, of the logarithm of the product.
        value: `left_out_mean` with what stands before it; change: its change by t.
    """
    return value * (weight * power_missed - drift) - change


def mean_excess(
    lam: Number, surrogate: Number, beta_star: Number, unlearnt: Number, residual: Number
) -> Number:
    """One mode's mean excess risk from ``E N_ii`` and ``E (N Sigma N)_ii``; no noise part."""
    gap = surrogate - beta_star
    return lam * gap * (gap - 2 * surrogate * unlearnt) + surrogate * surrogate * residual
