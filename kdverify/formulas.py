"""Every closed form of the theory, once.

Each function is plain arithmetic (``+ - * /`` and integer powers), so that the
same lines run on floats, NumPy arrays, mpmath numbers, ball-arithmetic numbers,
SymPy symbols and SMT terms: *the formula that is proved is the formula that is
run*.  Arrays hold one entry per mode and may be NumPy object arrays of any of
these numbers.  Where a sum over modes is needed it is passed in as ``total``
(Python's ``sum`` unless said otherwise; ``numpy.sum`` for float arrays).

Complements are carried, never formed by subtraction: next to ``zeta`` every
function that needs it takes ``one_minus_zeta``, next to ``omega`` it takes
``one_minus_omega``.

Notation (the paper: Ildiz et al., arXiv 2410.18837; section numbers are those of
``proofs/``):

======================  ====================================================
``lam``                 eigenvalues of the target covariance
``tau``                 effective regularisation, the root of (1)
``zeta``                tau / (lam + tau), the fraction of a mode not learnt
``omega``               (1/n) sum (1 - zeta)^2
``beta_star``           ground truth;  ``surrogate``: the teacher's coefficients
``signal``              lam * beta_star^2, one entry per mode
``noise``               variance of the label noise that the target trains on
======================  ====================================================
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

Number = Any  # float, ndarray, mpf, arb, SymPy expression or SMT term
Total = Callable[..., Any]  # sum over the modes of one vector

# --------------------------------------------------------------------------
# 1. The fixed point
# --------------------------------------------------------------------------


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


# --------------------------------------------------------------------------
# 2. The risk for a given surrogate
# --------------------------------------------------------------------------


def mode_bias(surrogate: Number, beta_star: Number, zeta: Number, one_minus_zeta: Number) -> Number:
    """``(1 - zeta) surrogate - beta_star``, written so that no digits are lost."""
    return one_minus_zeta * (surrogate - beta_star) - zeta * beta_star


def variance_factor(omega: Number, one_minus_omega: Number) -> Number:
    """``Omega / (1 - Omega)``: excess risk per unit of label noise."""
    return omega / one_minus_omega


def unlearnt_energy(lam: Number, surrogate: Number, zeta: Number) -> Number:
    """``lam zeta^2 surrogate^2``: energy of the labels that one mode leaves unexplained."""
    return lam * (zeta * surrogate) * (zeta * surrogate)


def risk(
    lam: Number,
    surrogate: Number,
    beta_star: Number,
    zeta: Number,
    one_minus_zeta: Number,
    omega: Number,
    one_minus_omega: Number,
    noise: Number = 0,
    total: Total = sum,
) -> Number:
    """Excess risk (2) of the student trained on the labels of ``surrogate``."""
    bias = mode_bias(surrogate, beta_star, zeta, one_minus_zeta)
    leftover = total(unlearnt_energy(lam, surrogate, zeta))
    return total(lam * bias * bias) + variance_factor(omega, one_minus_omega) * (noise + leftover)


def mode_standard_risk(signal: Number, zeta: Number, one_minus_omega: Number) -> Number:
    """One mode's share of the excess risk on strong labels, without the noise part."""
    return signal * zeta * zeta / one_minus_omega


def standard_risk(
    signal: Number,
    zeta: Number,
    omega: Number,
    one_minus_omega: Number,
    noise: Number = 0,
    total: Total = sum,
) -> Number:
    """Excess risk on strong labels: ``(noise Omega + sum signal zeta^2) / (1 - Omega)``."""
    return (noise * omega + total(signal * zeta * zeta)) / one_minus_omega


def gamma_squared(
    p: Number,
    n: Number,
    one_minus_omega: Number,
    leftover: Number,
    noise: Number = 0,
) -> Number:
    """Variance scale of the estimator: ``(p/n) (noise + leftover) / (1 - Omega)``.

    ``leftover`` is ``tau^2 |(Sigma + tau)^-1 Sigma^(1/2) surrogate|^2``, that is
    ``sum lam zeta^2 surrogate^2``.
    """
    return p * (noise + leftover) / (n * one_minus_omega)


def four_term_risk(
    shift_energy: Number,
    gamma_squared: Number,
    theta2_energy: Number,
    missed_energy: Number,
    cross_energy: Number,
) -> Number:
    """The paper's form of (2), from four quadratic forms of ``theta_1`` and ``theta_2``.

    ``shift_energy``: ``d' theta1' Sigma theta1 d`` with ``d = surrogate - beta_star``;
    ``missed_energy``: ``beta_star' (I - theta1)' Sigma (I - theta1) beta_star``;
    ``cross_energy``: ``beta_star' (I - theta1)' Sigma theta1 d``;
    ``theta2_energy``: ``E |Sigma^(1/2) theta2|^2 = (1/p) tr(Sigma^2 (Sigma + tau)^-2)``.
    """
    return shift_energy + gamma_squared * theta2_energy + missed_energy - 2 * cross_energy


def transfer_mean(one_minus_zeta: Number) -> Number:
    """(3): ``E[P_ii] ~ 1 - zeta_i`` for ``P = X'(XX' + ridge)^-1 X``."""
    return one_minus_zeta


def transfer_energy(
    lam: Number, zeta: Number, one_minus_zeta: Number, omega: Number, one_minus_omega: Number
) -> Number:
    """(3): ``E[sum_k lam_k P_ki^2] ~ lam_i ((1-zeta_i)^2 + zeta_i^2 Omega/(1-Omega))``."""
    spread = zeta * zeta * variance_factor(omega, one_minus_omega)
    return lam * (one_minus_zeta * one_minus_zeta + spread)


def noise_trace(omega: Number, one_minus_omega: Number) -> Number:
    """(3): ``E tr(Sigma X'(XX' + ridge)^-2 X) ~ Omega / (1 - Omega)``."""
    return variance_factor(omega, one_minus_omega)


def transfer_risk(
    lam: Number,
    surrogate_mean: Number,
    surrogate_square: Number,
    beta_star: Number,
    transfer_mean: Number,
    transfer_energy: Number,
    noise_trace: Number,
    noise: Number = 0,
    total: Total = sum,
) -> Number:
    """Excess risk from the transfer functions of (3), whatever their source.

    Exact, given X, for the mean over sign flips of the design's columns, with the
    ``P_ii``, ``sum_k lam_k P_ki^2`` and noise trace of that X; with the right sides of (3)
    it is (2).  ``surrogate_mean`` and ``surrogate_square`` are the mean and mean square of
    the surrogate's coordinates (itself and its square where it is fixed).
    """
    learnt = surrogate_mean * transfer_mean
    spread = surrogate_square * transfer_energy - lam * learnt * learnt
    shift = learnt - beta_star
    return total(spread + lam * shift * shift) + noise * noise_trace


def moment_risk(
    lam: Number,
    mean: Number,
    square: Number,
    beta_star: Number,
    total: Total = sum,
) -> Number:
    """Mean excess risk of a random predictor from its coordinates' means and mean squares."""
    shift = mean - beta_star
    return total(lam * (square - mean * mean + shift * shift))


def coordinate_mean(surrogate: Number, one_minus_zeta: Number) -> Number:
    """Mean of one coordinate of the estimator: ``(1 - zeta_i) surrogate_i``."""
    return one_minus_zeta * surrogate


def coordinate_share(unlearnt: Number, leftover: Number, noise: Number = 0) -> Number:
    """``s_i``: the mode's own share of ``noise + leftover``, in [0, 1]."""
    return unlearnt / (noise + leftover)


def coordinate_variance(
    lam: Number, one_minus_zeta: Number, gamma_squared: Number, share: Number, p: Number
) -> Number:
    """Variance of one coordinate: ``(1 + s_i) gamma^2 (1 - zeta_i)^2 / (p lam_i)``.

    ``share=0`` gives the literal law, right only where ``s_i -> 0``.
    """
    return (1 + share) * gamma_squared * one_minus_zeta * one_minus_zeta / (p * lam)


def projector_variance(
    lam_i: Number,
    lam_j: Number,
    one_minus_zeta_i: Number,
    zeta_j: Number,
    n: Number,
    one_minus_omega: Number,
    same: bool = False,
) -> Number:
    """``Var P_ij`` for large ``n``; twice the off-diagonal value where ``i = j``."""
    factor = 2 if same else 1
    spread = one_minus_zeta_i * one_minus_zeta_i * lam_j * zeta_j * zeta_j
    return factor * spread / (lam_i * n * one_minus_omega)


def isotropic_risk(
    surrogate_energy: Number, overlap: Number, truth_energy: Number, n: Number, p: Number
) -> Number:
    """Exact ``E R`` at finite ``n < p`` for ``Sigma = I``, no noise.

    ``surrogate_energy`` is ``|surrogate|^2``, ``overlap`` ``surrogate . beta_star``,
    ``truth_energy`` ``|beta_star|^2``.
    """
    return n * surrogate_energy / p - 2 * n * overlap / p + truth_energy


def isotropic_noise_risk(noise: Number, n: Number, p: Number) -> Number:
    """Exact noise part of ``E R`` for ``Sigma = I`` and ``n < p - 1``."""
    return noise * n / (p - n - 1)


def predictor_risk(lam: Number, predictor: Number, beta_star: Number, total: Total = sum) -> Number:
    """Excess risk ``|Sigma^(1/2)(predictor - beta_star)|^2`` of a fixed predictor."""
    shift = predictor - beta_star
    return total(lam * shift * shift)


def ols_noise_risk(noise: Number, n: Number, p: Number) -> Number:
    """Exact noise part of ``E R`` of least squares for ``n > p + 1``, any covariance.

    The other part is `predictor_risk` of the surrogate.
    """
    return noise * p / (n - p - 1)


# --------------------------------------------------------------------------
# 3. The best surrogate
# --------------------------------------------------------------------------


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
    """Excess risk of the student of the best surrogate: (2) at (4)."""
    shares = mode_standard_risk(signal, zeta, one_minus_omega) * improvement(
        zeta, one_minus_zeta, omega, one_minus_omega
    )
    return total(shares) + variance_factor(omega, one_minus_omega) * noise


# --------------------------------------------------------------------------
# 4. The best mask
# --------------------------------------------------------------------------


def keep_margin(zeta: Number, one_minus_omega: Number) -> Number:
    """``1 - Omega - zeta^2``: a mode is kept iff this is positive."""
    return one_minus_omega - zeta * zeta


def kept_risk(signal: Number, zeta: Number, one_minus_omega: Number) -> Number:
    """Cost of one mode that the mask keeps."""
    return mode_standard_risk(signal, zeta, one_minus_omega)


def dropped_risk(signal: Number) -> Number:
    """Cost of one mode that the mask drops: its whole energy."""
    return signal


def masked_risk(
    kept_signal: Number,
    kept_zeta: Number,
    dropped_signal: Number,
    omega: Number,
    one_minus_omega: Number,
    noise: Number = 0,
    total: Total = sum,
) -> Number:
    """Excess risk of the student of a masked surrogate ``M beta_star``."""
    kept = total(kept_risk(kept_signal, kept_zeta, one_minus_omega))
    dropped = total(dropped_risk(dropped_signal))
    return kept + dropped + variance_factor(omega, one_minus_omega) * noise


# --------------------------------------------------------------------------
# 6. Two stages: the surrogate is itself trained
# --------------------------------------------------------------------------


def trained_scale(leftover: Number, one_minus_omega: Number, noise: Number = 0) -> Number:
    """``V`` of (7): ``(noise + leftover) / (1 - Omega)``.

    ``leftover`` is the sum of `unlearnt_energy` over the modes of the stage's own spectrum
    (its mean where the stage's labels come from a random surrogate).
    """
    return (noise + leftover) / one_minus_omega


def trained_variance(scale: Number, m: Number, one_minus_zeta: Number, shifted: Number) -> Number:
    """(7): variance ``(V/m) lam / (lam + tau)^2`` of one coordinate in the stage's eigenbasis.

    ``shifted`` is ``lam + tau``; zero eigenvalues have variance zero.
    """
    return scale * one_minus_zeta / (m * shifted)


def least_squares_variance(noise: Number, lam: Number, m: Number, p: Number) -> Number:
    """Exact variance ``noise / (lam (m - p - 1))`` of one coordinate for ``m > p + 1``."""
    return noise / (lam * (m - p - 1))


def mean_variance_risk(
    lam: Number, mean: Number, variance: Number, beta_star: Number, total: Total = sum
) -> Number:
    """Mean excess risk of a random predictor from its coordinates' means and variances."""
    shift = mean - beta_star
    return total(lam * (shift * shift + variance))


def surrogate_from_covariances(
    source_root: Number, target_root: Number, beta_star: Number
) -> Number:
    """``Sigma_s^(1/2) Sigma_t^(-1/2) beta_star``, one mode: one label law, two views.

    ``source_root`` and ``target_root`` are square roots of the eigenvalues.
    """
    return source_root * beta_star / target_root


def source_eigenvalue(lam: Number, surrogate: Number, beta_star: Number) -> Number:
    """``lam^s`` for which `surrogate_from_covariances` gives ``surrogate``: its inverse."""
    ratio = surrogate / beta_star
    return lam * ratio * ratio


def missing_noise(noise: Number, missing_signal: Number) -> Number:
    """Label noise of a model that lacks features: ``noise + sum_missing lam beta_star^2``."""
    return noise + missing_signal


def isotropic_chain_risk(
    omega_to_k: Number, omega: Number, one_minus_omega: Number, truth_energy: Number, noise: Number
) -> Number:
    """Self-training for ``Sigma = I`` after k stages: noise in the first only.

    ``|beta*|^2 + Omega^k (noise/(1 - Omega) - |beta*|^2)``, with ``omega_to_k = Omega^k``.
    """
    return truth_energy + omega_to_k * (noise / one_minus_omega - truth_energy)


def performance_gap_recovered(weak: Number, student: Number, strong: Number) -> Number:
    """PGR ``(R_weak - R_student) / (R_weak - R_strong)`` (Burns et al. 2023), not clipped."""
    return (weak - student) / (weak - strong)
