"""First corrections at finite n from log determinants that hold a penalty s and labels t.

With labels ``Y`` and a penalty ``s |Sigma^(1/2) (b - beta*)|^2`` beside the ridge, the least
objective is ``d/dt log det(K_s + t YY')`` at t = 0, and its derivative by s the excess risk at
s = 0: exactly, for every sample.  ``E log det`` has a saddle as equivalent and to first order
``(1/2) log`` of the saddle's Hessian beside it; what that adds to the risk is its mixed derivative.
"""

from __future__ import annotations

from kdverify.formulas._types import Number, Total

# --------------------------------------------------------------------------
# Rows of several kinds: kind g has n_g rows, the slack r_g = ridge/v_g and the spare k_g
# --------------------------------------------------------------------------


def kept_of_truth(lam: Number, base: Number, penalty: Number) -> Number:
    """Share of beta* that the penalty ``base |b|^2 + s |b - beta*|^2`` takes from the labels."""
    return base / (base + penalty * lam)


def row_level(rows: Number, slack: Number, spare: Number) -> Number:
    """``m_g = n_g/(r_g + k_g)``; their sum is 1/tau."""
    return rows / (slack + spare)


def mode_load(lam: Number, base: Number, penalty: Number, level: Number) -> Number:
    """``D_i = base + s lam + lam sum m_g``: base/zeta at s = 0."""
    return base + (penalty + level) * lam


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


def given_layer_correction(
    lam: Number,
    surrogate: Number,
    beta_star: Number,
    learnt: Number,
    factor: Number,
    total: Total = sum,
) -> Number:
    """What ``learnt``, the correction of the mean projector's diagonal, adds for q < n, no ridge.

    ``factor``: ``q/(n - q - 1)``, exact given the first layer.
    """
    own = surrogate * (surrogate * (1 - factor) - 2 * beta_star)
    return total(lam * learnt * own)
