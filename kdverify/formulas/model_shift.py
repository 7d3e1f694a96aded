"""Section 2 of the theory: the risk for a given surrogate."""

from __future__ import annotations

from kdverify.formulas._types import Number, Total


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


def intercept_variance(own_error: Number, noise: Number, n: Number) -> Number:
    """What a fitted intercept adds to the excess risk, for Gaussian rows: its own variance.

    ``own_error`` is ``E |Sigma^(1/2)(student - surrogate)|^2`` of a student of n - 1 contrasts.
    """
    return (own_error + noise) / n
