"""Section 10 of the theory: students that share data, and self-distillation on the same data.

Two students a and b have ``shared`` samples in common.  A sum over modes of a product of the
two, such as ``sum (1 - zeta_a)(1 - zeta_b)``, is the polarised form of a square; a = b gives
back sections 1 and 2.
"""

from __future__ import annotations

from kdverify.formulas._types import Number, Total
from kdverify.formulas.model_shift import mode_bias, variance_factor


def shared_omega(learnt_products: Number, shared: Number, n_a: Number, n_b: Number) -> Number:
    """``omega = shared / (n_a n_b) sum (1 - zeta_a)(1 - zeta_b)``: Omega for a pair."""
    return shared * learnt_products / (n_a * n_b)


def one_minus_shared_omega(
    half_learnt: Number, slack_b: Number, shared: Number, n_a: Number, n_b: Number
) -> Number:
    """``1 - omega`` from terms of one sign.

    Args:
        half_learnt: ``sum zeta_a (1 - zeta_b)``.
        slack_b: ``n_b - sum (1 - zeta_b)``: ridge/tau, or n - p for least squares.
    """
    return (n_b * (n_a - shared) + shared * (slack_b + half_learnt)) / (n_a * n_b)


def crossed_risk(
    lam: Number,
    surrogate_a: Number,
    surrogate_b: Number,
    beta_star: Number,
    zeta_a: Number,
    learnt_a: Number,
    zeta_b: Number,
    learnt_b: Number,
    omega: Number,
    one_minus_omega: Number,
    noise: Number = 0,
    total: Total = sum,
) -> Number:
    """(13): mean of ``(b_a - beta*)' Sigma (b_b - beta*)``.

    Args:
        zeta_a, learnt_a, zeta_b, learnt_b: zeta and 1 - zeta of each student.
        omega, one_minus_omega: from `shared_omega` and `one_minus_shared_omega`.
        noise: covariance of the two label noises on a shared sample.
    """
    bias_a = mode_bias(surrogate_a, beta_star, zeta_a, learnt_a)
    bias_b = mode_bias(surrogate_b, beta_star, zeta_b, learnt_b)
    leftover = total(lam * (zeta_a * surrogate_a) * (zeta_b * surrogate_b))
    return total(lam * bias_a * bias_b) + variance_factor(omega, one_minus_omega) * (
        noise + leftover
    )


def trained_covariance(
    scale: Number, shared: Number, n_a: Number, n_b: Number, learnt_a: Number, shifted_b: Number
) -> Number:
    """Covariance of one coordinate of two students: (7), polarised.

    ``shared V/(n_a n_b) lam/((lam + tau_a)(lam + tau_b))``; ``scale`` is V, ``learnt_a`` is
    ``lam/(lam + tau_a)`` and ``shifted_b`` ``lam + tau_b``.
    """
    return scale * shared * learnt_a / (n_a * n_b * shifted_b)


def ensemble_risk(single: Number, crossed: Number, one_over_members: Number) -> Number:
    """Risk of the mean of exchangeable students: ``R/B + (1 - 1/B) crossed``."""
    return crossed + one_over_members * (single - crossed)


def subsample_overlap(size: Number, n: Number) -> Number:
    """Mean number of samples that two subsets of ``size`` out of ``n`` share."""
    return size * size / n


def subagging_ridge(tau: Number, n: Number, degrees_of_freedom: Number) -> Number:
    """Ridge on all n samples at which (1) has the root ``tau``: ``tau (n - sum (1 - zeta))``."""
    return tau * (n - degrees_of_freedom)


# --------------------------------------------------------------------------
# The same data twice: exact for every X and y
# --------------------------------------------------------------------------


def ridge_filter(gram: Number, ridge: Number) -> Number:
    """``g/(g + ridge)``: what ridge keeps of a direction with eigenvalue g of X'X."""
    return gram / (gram + ridge)


def self_distilled(
    student: Number, teacher: Number, ridge: Number, teacher_ridge: Number
) -> Number:
    """Student with ``ridge`` of the labels that a teacher with ``teacher_ridge`` gives to its X.

    ``(ridge b_ridge - teacher_ridge b_teacher_ridge) / (ridge - teacher_ridge)``, from the two
    ridge solutions on true labels.
    """
    return (ridge * student - teacher_ridge * teacher) / (ridge - teacher_ridge)


def mixed_student(student: Number, secant: Number, teacher_ridge: Number, mixing: Number) -> Number:
    """Student of ``(1 - mixing) y + mixing X b_teacher``: ``b + mixing teacher_ridge secant``.

    ``secant`` is ``(b_ridge - b_teacher_ridge)/(ridge - teacher_ridge)``, the derivative of b by
    the ridge where the two are the same.
    """
    return student + mixing * teacher_ridge * secant


def mixed_labels_risk(
    risk: Number, slope: Number, curvature: Number, teacher_ridge: Number, mixing: Number
) -> Number:
    """Any quadratic risk of `mixed_student`: ``R + 2 u slope + u^2 curvature``, u = mixing ridge.

    ``slope`` is ``(b - beta*)' Sigma secant``, half of dR/d ridge where the ridges are the same,
    and ``curvature`` ``secant' Sigma secant``.
    """
    step = mixing * teacher_ridge
    return risk + 2 * step * slope + step * step * curvature


def best_mixing(slope: Number, curvature: Number, teacher_ridge: Number) -> Number:
    """``xi* = -slope / (teacher_ridge curvature)``, where `mixed_labels_risk` is least."""
    return -slope / (teacher_ridge * curvature)


def mixing_gain(slope: Number, curvature: Number) -> Number:
    """``slope^2 / curvature``: what the best mixing takes off the risk."""
    return slope * slope / curvature


def secant_mode(learnt_s: Number, learnt_t: Number, lam: Number) -> Number:
    """``(zeta_s - zeta_t)/(tau_s - tau_t) = lam/((lam + tau_s)(lam + tau_t))``."""
    return learnt_s * learnt_t / lam


def root_secant(n: Number, one_minus_crossed: Number) -> Number:
    """``(tau_s - tau_t)/(ridge_s - ridge_t) = 1/(n (1 - omega_st))``; the derivative at s = t."""
    return 1 / (n * one_minus_crossed)


def secant_slope(
    lam: Number,
    surrogate: Number,
    beta_star: Number,
    zeta_s: Number,
    learnt_s: Number,
    secant: Number,
    n: Number,
    one_minus_own: Number,
    one_minus_crossed: Number,
    noise: Number = 0,
    total: Total = sum,
) -> Number:
    """Equivalent of ``(b_s - beta*)' Sigma (b_s - b_t)/(ridge_s - ridge_t)``, the same data.

    Divided differences of (13) at shared = n_a = n_b, without any subtraction of close numbers:
    at s = t it is half of dR/d ridge.  ``secant`` is `secant_mode`, ``one_minus_own`` is
    1 - Omega_s and ``one_minus_crossed`` 1 - omega_st.
    """
    leftover = total(lam * (zeta_s * surrogate) * (zeta_s * surrogate))
    moved = total(lam * surrogate * surrogate * zeta_s * secant)
    omega_moved = total(learnt_s * secant) / n
    shift = total(lam * secant * surrogate * (surrogate - beta_star))
    inner = (moved - (noise + leftover) * omega_moved / one_minus_own) / one_minus_crossed - shift
    return root_secant(n, one_minus_crossed) * inner


def secant_curvature(
    lam: Number,
    surrogate: Number,
    zeta_s: Number,
    learnt_s: Number,
    zeta_t: Number,
    learnt_t: Number,
    secant: Number,
    n: Number,
    one_minus_own: Number,
    one_minus_crossed: Number,
    one_minus_other: Number,
    noise: Number = 0,
    total: Total = sum,
) -> Number:
    """Equivalent of ``|(b_s - b_t)/(ridge_s - ridge_t)|^2`` in Sigma, the same data.

    The second divided difference of (13); at s = t it is that of ``|d b/d ridge|^2``.
    The last three but noise are 1 - omega of (s, s), (s, t) and (t, t).
    """
    own, crossed, other = one_minus_own, one_minus_crossed, one_minus_other
    power = lam * surrogate * surrogate
    along_s, along_t = total(learnt_s * secant) / n, total(learnt_t * secant) / n
    bent = total(secant * secant) / n + 2 * along_s * along_t / crossed
    inner = (noise + total(power * zeta_s * zeta_t)) * bent / (own * other)
    inner += total(power * secant * secant) / own
    inner -= total(power * zeta_t * secant) * (along_s + along_t) / (own * other)
    rate = root_secant(n, crossed)
    return rate * rate * inner


# --------------------------------------------------------------------------
# The mixing tuned on data
# --------------------------------------------------------------------------


def left_out_errors(solved: Number, trace: Number, n: Number) -> Number:
    """Errors of generalised cross-validation, ``n Q y / tr Q`` for ``Q = (XX' + ridge)^-1``.

    Each is close to the error of its row's prediction by the student of the other rows; the
    mean of their products over rows, for two ridges, estimates (13) plus the noise.
    """
    return n * solved / trace


def left_out_slope(
    solved: Number, twice: Number, trace: Number, trace_of_square: Number, n: Number
) -> Number:
    """Derivative of `left_out_errors` by the ridge; ``twice`` is ``Q^2 y``."""
    return n * (solved * trace_of_square / trace - twice) / trace
