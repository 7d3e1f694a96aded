"""Section 6 of the theory: two stages: the surrogate is itself trained."""

from __future__ import annotations

from kdverify.formulas._types import Number, Total


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


def rank_one_variance(learnt: Number, lost: Number, m: Number, one_minus_omega: Number) -> Number:
    """What (7) leaves out, one diagonal entry: ``u_i^2 / (m (1 - Omega))``.

    ``u = A (I - A) beta_star``: ``learnt`` is ``1 - zeta_i``, ``lost`` ``zeta_i beta_star_i``.
    """
    missed = learnt * lost
    return missed * missed / (m * one_minus_omega)


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
    omega_to_k: Number, one_minus_omega: Number, truth_energy: Number, noise: Number
) -> Number:
    """Self-training for ``Sigma = I`` after k stages: noise in the first only.

    ``|beta*|^2 + Omega^k (noise/(1 - Omega) - |beta*|^2)``, with ``omega_to_k = Omega^k``.
    """
    return truth_energy + omega_to_k * (noise / one_minus_omega - truth_energy)


def performance_gap_recovered(weak: Number, student: Number, strong: Number) -> Number:
    """PGR ``(R_weak - R_student) / (R_weak - R_strong)`` (Burns et al. 2023), not clipped."""
    return (weak - student) / (weak - strong)
