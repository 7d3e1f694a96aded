"""First corrections at finite n from log determinants that hold a penalty s and labels t.

With labels ``Y`` and a penalty ``s |Sigma^(1/2) (b - beta*)|^2`` beside the ridge, or any
``s (b'Ab - 2 linear'b)``, the least objective is ``d/dt log det(K_s + t YY')`` at t = 0, and its
derivative by s the excess risk, or that form, at s = 0: exactly, for every sample.  ``E log det``
has a saddle as equivalent and to first order ``(1/2) log`` of the saddle's Hessian beside it; what
that adds to the form is its mixed derivative.
"""

from __future__ import annotations

from kdverify.formulas._types import Number, Total
from kdverify.formulas.fixed_point import spread

# --------------------------------------------------------------------------
# Rows of several kinds: kind g has n_g rows, the slack r_g = ridge/v_g and the spare k_g
# --------------------------------------------------------------------------


def pulled_to_aim(weight: Number, linear: Number, penalty: Number) -> Number:
    """What ``|b|^2 + s (b'Ab - 2 linear'b)`` adds to every kind's label: minus its own minimum."""
    return -penalty * linear / (1 + penalty * weight)


def row_level(rows: Number, slack: Number, spare: Number) -> Number:
    """``m_g = n_g/(r_g + k_g)``; their sum is 1/tau."""
    return rows / (slack + spare)


def mode_load(lam: Number, weight: Number, penalty: Number, level: Number) -> Number:
    """``D_i = 1 + s A_ii + lam sum m_g``: 1/zeta at s = 0."""
    return 1 + penalty * weight + level * lam


def label_residual(lam: Number, surrogate: Number, pulled: Number, load: Number) -> Number:
    """``beta_g - lam sum_h m_h beta_h/D``: what the mean student leaves of one kind's label."""
    return surrogate - lam * pulled / load


def spare_of_kind(
    lam: Number,
    load: Number,
    label_step: Number,
    squares: Number,
    noise: Number,
    total: Total = sum,
) -> Number:
    """``k_g = sum lam/D + t (sum lam e_g^2 + noise)``: one left-out row, its label included."""
    return total(lam / load) + label_step * (total(lam * squares) + noise)


def crossed_kinds(
    lam: Number, load: Number, label_step: Number, products: Number, total: Total = sum
) -> Number:
    """``tr C_g R C_h R = sum (lam/D)^2 + 2 t sum lam^2 e_g e_h/D``."""
    ratio = lam / load
    return total(ratio * ratio) + 2 * label_step * total(lam * ratio * products)


# --------------------------------------------------------------------------
# Random features: the saddle in log nu_1 and log c, c = nu_1/nu_2
# --------------------------------------------------------------------------


def feature_pole(
    lam: Number, weight: Number, nu_1: Number, ratio: Number, penalty: Number, along: Number
) -> Number:
    """One mode's factor of the determinant, ``(nu_1 + t lam)(1 + c s a) + c lam``."""
    return (nu_1 + along * lam) * (1 + ratio * penalty * weight) + ratio * lam


def pole_by_nu(weight: Number, nu_1: Number, ratio: Number, penalty: Number) -> Number:
    """Its derivative by log nu_1, also its second one."""
    return nu_1 * (1 + ratio * penalty * weight)


def pole_by_ratio(
    lam: Number, weight: Number, nu_1: Number, ratio: Number, penalty: Number, along: Number
) -> Number:
    """Its derivative by log c, also its second one."""
    return ratio * (lam + penalty * weight * (nu_1 + along * lam))


def pole_by_both(weight: Number, nu_1: Number, ratio: Number, penalty: Number) -> Number:
    """Its derivative by both."""
    return nu_1 * ratio * penalty * weight


def saddle_hessian(own: Number, other: Number, crossed: Number) -> Number:
    """Determinant of the Hessian; at s = t = 0 ``n (1 - Upsilon)(q - sum (1 - zeta)^2)``."""
    return own * other - crossed * crossed


def feature_spreads(spreads: Number, sample_gap: Number, feature_gap: Number) -> Number:
    """What n (1 - Omega) is without a layer: the Hessian's determinant over both gaps.

    ``Var`` of ``E P_ij P_ji`` is ``w_i w_j`` over it, w = `spread`.
    """
    return spreads + sample_gap * feature_gap / (sample_gap + feature_gap)


def feature_learnt_correction(
    zeta: Number,
    one_minus_zeta: Number,
    slopes: Number,
    spreads: Number,
    sample_gap: Number,
    feature_gap: Number,
) -> Number:
    """``E P_ii - (1 - zeta_i)`` to first order: half the Hessian's log, by log lam_i.

    Args:
        slopes: sum of `spread_slope`; spreads: of `spread`.
        sample_gap, feature_gap: n and q less ``sum (1 - zeta)``.
    """
    both = sample_gap + feature_gap
    whole = feature_spreads(spreads, sample_gap, feature_gap)
    ridges = sample_gap * feature_gap / (both * both) * (2 * spreads + both)
    centre = (slopes + ridges) / whole
    return spread(zeta, one_minus_zeta) * (zeta - one_minus_zeta - centre) / (2 * whole)


def given_layer_correction(
    moved: Number,
    left: Number,
    left_change: Number,
    seen: Number,
    seen_change: Number,
    n: Number,
    q: Number,
) -> Number:
    """q < n, no ridge: the layer's own change, and the exact mean over rows given the layer.

    Args:
        moved: what finite q adds to the form of the best predictor on the features.
        left: label variance that it leaves, noise included; seen: ``tr A`` on the features, q for
            A = Sigma; each with its change at finite q.
    """
    least_squares = left * seen + left_change * seen + left * seen_change
    return moved + least_squares / (n - q - 1) - left * seen / (n - q)
