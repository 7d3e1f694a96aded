"""Section 1 of the theory: the fixed point."""

from __future__ import annotations

from kdverify.formulas._types import Number, Total


def zeta(lam: Number, tau: Number) -> Number:
    """Fraction of mode ``lam`` that ``n`` samples do not learn, in (0, 1)."""
    return tau / (lam + tau)


def one_minus_zeta(lam: Number, tau: Number) -> Number:
    """``1 - zeta``: the fraction learnt, without cancellation."""
    return lam / (lam + tau)


def split_mode(lam: Number, tau: Number) -> tuple[Number, Number]:
    """``(zeta, 1 - zeta)`` with their common denominator formed once."""
    shifted = lam + tau
    return tau / shifted, lam / shifted


def degrees_of_freedom(one_minus_zeta: Number, total: Total = sum) -> Number:
    """``sum_i (1 - zeta_i)``, the effective dimension at ``tau``."""
    return total(one_minus_zeta)


def fixed_point_residual(
    one_minus_zeta: Number, n: Number, ridge_over_tau: Number = 0, total: Total = sum
) -> Number:
    """Left minus right side of (1): ``sum (1 - zeta) + ridge/tau - n``."""
    return degrees_of_freedom(one_minus_zeta, total) + ridge_over_tau - n


def learnt_square(one_minus_zeta: Number) -> Number:
    """One mode's ``(1 - zeta)^2``, the summand of ``n Omega``."""
    return one_minus_zeta * one_minus_zeta


def spread(zeta: Number, one_minus_zeta: Number) -> Number:
    """One mode's ``zeta (1 - zeta)``, the summand of ``n (1 - Omega)``."""
    return zeta * one_minus_zeta


def omega(learnt_squares: Number, n: Number) -> Number:
    """``Omega = (1/n) sum (1 - zeta_i)^2``, from the sum of `learnt_square`."""
    return learnt_squares / n


def one_minus_omega(spreads: Number, n: Number, ridge_over_tau: Number = 0) -> Number:
    """``1 - Omega = (1/n) (sum zeta_i (1 - zeta_i) + ridge/tau)``, all terms positive.

    ``spreads`` is the sum of `spread` over the modes.
    """
    return (spreads + ridge_over_tau) / n


def unregularised_omega(n: Number, p: Number) -> Number:
    """``Omega = p/n`` for n >= p without ridge (where tau = zeta = 0)."""
    return p / n


def unregularised_one_minus_omega(n: Number, p: Number) -> Number:
    """``1 - Omega = (n - p)/n`` for n >= p without ridge."""
    return (n - p) / n


def split_numerator(tail_one_minus_zeta: Number, ridge_over_tau: Number = 0) -> Number:
    """Numerator inside ``g`` (fact 6): ``sum_{i>n} (1 - zeta_i) + ridge/tau``."""
    return tail_one_minus_zeta + ridge_over_tau


def split_denominator(head_zeta: Number, surplus: Number = 0) -> Number:
    """Denominator inside ``g`` (fact 6): ``sum_{i<=n} zeta_i + max(n - p, 0)``."""
    return head_zeta + surplus


def split_minus_slope(
    tail_spread: Number,
    head_spread: Number,
    numerator: Number,
    denominator: Number,
    ridge_over_tau: Number = 0,
) -> Number:
    """``-dg/dlog(tau)`` for ``g = log(numerator/denominator)``; in [1, 2) (fact 6).

    ``tail_spread`` is the sum of `spread` over ``i > n``, ``head_spread`` over ``i <= n``.
    """
    return (tail_spread + ridge_over_tau) / numerator + head_spread / denominator


def slope_slack(size: Number) -> Number:
    """How far ``-g'`` at t is from its mean on the way to the root, at most: ``|g|/8`` (fact 6).

    ``size`` is ``|g|`` at t.
    """
    return size / 8
