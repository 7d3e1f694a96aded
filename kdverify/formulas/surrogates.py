"""Section 3 of the theory: the best surrogate."""

from __future__ import annotations

from kdverify.formulas._types import Number, Total
from kdverify.formulas.model_shift import variance_factor


def mode_curvature(
    zeta: Number, one_minus_zeta: Number, omega: Number, one_minus_omega: Number
) -> Number:
    """``(1-Omega)(1-zeta)^2 + Omega zeta^2``, which equals ``Omega(1-Omega) + (zeta-(1-Omega))^2``.

    ``lam * mode_curvature / (1 - Omega)`` is the curvature of (2) in ``surrogate_i``.
    """
    return one_minus_omega * one_minus_zeta * one_minus_zeta + omega * zeta * zeta


def gain(zeta: Number, one_minus_zeta: Number, omega: Number, one_minus_omega: Number) -> Number:
    """``beta_opt_i / beta_star_i`` of (4)."""
    return (
        one_minus_omega
        * one_minus_zeta
        / mode_curvature(zeta, one_minus_zeta, omega, one_minus_omega)
    )


def amplification_margin(zeta: Number, one_minus_omega: Number) -> Number:
    """``1 - Omega - zeta``: a mode is amplified iff this is positive."""
    return one_minus_omega - zeta


def gain_excess(
    zeta: Number, one_minus_zeta: Number, omega: Number, one_minus_omega: Number
) -> Number:
    """``gain - 1``, without cancellation where the gain is close to 1."""
    curvature = mode_curvature(zeta, one_minus_zeta, omega, one_minus_omega)
    return zeta * amplification_margin(zeta, one_minus_omega) / curvature


def optimal_surrogate(
    beta_star: Number,
    zeta: Number,
    one_minus_zeta: Number,
    omega: Number,
    one_minus_omega: Number,
) -> Number:
    """The best surrogate (4); does not depend on the noise."""
    return gain(zeta, one_minus_zeta, omega, one_minus_omega) * beta_star


def improvement(
    zeta: Number, one_minus_zeta: Number, omega: Number, one_minus_omega: Number
) -> Number:
    """(5): one mode's optimal over its standard risk, without the noise part."""
    curvature = mode_curvature(zeta, one_minus_zeta, omega, one_minus_omega)
    return omega * one_minus_omega / curvature


def optimal_risk(
    signal: Number,
    zeta: Number,
    one_minus_zeta: Number,
    omega: Number,
    one_minus_omega: Number,
    noise: Number = 0,
    total: Total = sum,
) -> Number:
    """Excess risk of the student of the best surrogate: (2) at (4).

    Each mode's share is `mode_standard_risk` times `improvement`.
    """
    curvature = mode_curvature(zeta, one_minus_zeta, omega, one_minus_omega)
    shares = total(signal * zeta * zeta / curvature)
    return omega * shares + variance_factor(omega, one_minus_omega) * noise
