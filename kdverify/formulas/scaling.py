"""Section 5 of the theory: power laws, p = infinity, then n to infinity.

``lam_i = i^-alpha`` and ``lam_i beta_star_i^2 = i^-beta`` with ``alpha, beta > 1``.  Where a
formula needs more than arithmetic it takes ``ops``, one of `kdverify.arithmetic.functions`: ``pi``,
``euler_gamma``, ``sinc(x) = sin(pi x)/(pi x)``, ``power``, ``sqrt``, ``log``, ``zeta``,
``hyp2f1``.
"""

from __future__ import annotations

from kdverify.formulas._types import Number


def scaling_tau_constant(alpha: Number, ops: Number) -> Number:
    """``c = (pi/alpha)/sin(pi/alpha)``: ``tau ~ (c/n)^alpha``."""
    return 1 / ops.sinc(1 / alpha)


def scaling_kappa(alpha: Number, beta: Number) -> Number:
    """``kappa = (beta - 1)/(2 alpha)``; below 1 iff ``beta < 2 alpha + 1``."""
    return (beta - 1) / (2 * alpha)


def scaling_tau(alpha: Number, n: Number, ops: Number) -> Number:
    """``(c/n)^alpha``; with ``n + 1/2`` for n it is right to ``O(n^(-alpha-1))``."""
    return ops.power(scaling_tau_constant(alpha, ops) / n, alpha)


def scaling_omega(alpha: Number) -> Number:
    """Limit of Omega: ``(alpha - 1)/alpha``."""
    return (alpha - 1) / alpha


def scaling_omega_at(alpha: Number, n: Number) -> Number:
    """Omega up to ``O(n^(-alpha-1))``: the limit less ``1/(2 alpha n)``."""
    return scaling_omega(alpha) - 1 / (2 * alpha * n)


def scaling_standard_constant(alpha: Number, beta: Number, ops: Number) -> Number:
    """``C`` in ``R_std ~ C (c/n)^(beta-1)``, for ``beta < 2 alpha + 1``."""
    return 1 / ops.sinc(1 - 2 * scaling_kappa(alpha, beta))


def scaling_optimal_constant(alpha: Number, beta: Number, ops: Number) -> Number:
    """The same of the best surrogate: ``(alpha-1)^kappa (pi/(2 alpha))/sin(pi kappa)``."""
    kappa = scaling_kappa(alpha, beta)
    return ops.power(alpha - 1, kappa) / ((beta - 1) * ops.sinc(kappa))


def scaling_ratio(alpha: Number, beta: Number, ops: Number) -> Number:
    """(6): limit of ``R_opt / R_std`` for ``beta < 2 alpha + 1``."""
    kappa = scaling_kappa(alpha, beta)
    return ops.power(alpha - 1, kappa) * ops.pi * ops.sinc((1 - 2 * kappa) / 2) / (2 * alpha)


def scaling_steep_constant(alpha: Number, beta: Number, ops: Number) -> Number:
    """Constant of ``R_std ~ . (c/n)^(2 alpha)`` for ``beta > 2 alpha + 1``."""
    return alpha * ops.zeta(beta - 2 * alpha)


def scaling_boundary_log(alpha: Number, n: Number, ops: Number) -> Number:
    """``L = ln(n/c) + gamma_Euler``, for ``beta = 2 alpha + 1``."""
    return ops.log(n / scaling_tau_constant(alpha, ops)) + ops.euler_gamma


def scaling_boundary_standard(alpha: Number, log_term: Number) -> Number:
    """``R_std / (c/n)^(2 alpha)`` at ``beta = 2 alpha + 1``, from `scaling_boundary_log`."""
    return alpha * log_term - 1


def scaling_boundary_optimal(alpha: Number, log_term: Number, ops: Number) -> Number:
    """The same of the best surrogate."""
    return (alpha - 1) * (log_term - ops.log(alpha - 1) / (2 * alpha))


def scaling_plateau(alpha: Number, noise: Number) -> Number:
    """Limit of the noise part of every risk: ``sigma^2 (alpha - 1)``."""
    return noise * (alpha - 1)


def scaling_amplified(alpha: Number, ops: Number) -> Number:
    """``i/n`` up to which modes are amplified: ``(alpha-1)^(-1/alpha)/c``."""
    return ops.power(alpha - 1, -1 / alpha) / scaling_tau_constant(alpha, ops)


def scaling_mask_odds(alpha: Number, ops: Number) -> Number:
    """``zeta/(1 - zeta)`` at the mask's threshold ``zeta = alpha^(-1/2)``."""
    return 1 / (ops.sqrt(alpha) - 1)


def scaling_kept(alpha: Number, ops: Number) -> Number:
    """``i/n`` up to which the mask keeps: ``(sqrt(alpha) - 1)^(-1/alpha)/c``."""
    edge = ops.power(scaling_mask_odds(alpha, ops), 1 / alpha)
    return edge / scaling_tau_constant(alpha, ops)


def scaling_mask_constant(alpha: Number, beta: Number, ops: Number) -> Number:
    """Constant of ``R_mask ~ . (c/n)^(beta-1)`` for ``beta < 2 alpha + 1``.

    The kept part is ``alpha int_0^x z^(2 alpha - beta)/(1 + z^alpha)^2 dz`` up to the
    threshold, with ``u = z^alpha`` a hypergeometric function; the rest is the dropped energy.
    """
    odds, order = scaling_mask_odds(alpha, ops), 2 - 2 * scaling_kappa(alpha, beta)
    kept = ops.power(odds, order) / order * ops.hyp2f1(2, order, order + 1, -odds)
    return kept + ops.power(odds, order - 2) / (beta - 1)


def scaling_mask_ratio(alpha: Number, beta: Number, ops: Number) -> Number:
    """Limit of ``R_mask / R_std`` for ``beta < 2 alpha + 1``."""
    standard = scaling_standard_constant(alpha, beta, ops)
    return scaling_mask_constant(alpha, beta, ops) / standard


def scaling_standard_correction(beta: Number, n: Number) -> Number:
    """First factor by which finite n changes the limit form of R_std: ``1 - beta/(2n)``."""
    return 1 - beta / (2 * n)


def scaling_tau_loss(alpha: Number, n: Number, p: Number, ops: Number) -> Number:
    """Fraction by which finite p lowers tau, to first order."""
    c = scaling_tau_constant(alpha, ops)
    return alpha * ops.power(n / p, alpha - 1) / ((alpha - 1) * ops.power(c, alpha))


def scaling_tail_loss(alpha: Number, beta: Number, n: Number, p: Number, ops: Number) -> Number:
    """Fraction of R_std that the modes beyond p would bring, to first order."""
    standard = scaling_standard_constant(alpha, beta, ops)
    reach = n / (scaling_tau_constant(alpha, ops) * p)
    return alpha * ops.power(reach, beta - 1) / ((beta - 1) * standard)


def scaling_tail(exponent: Number, p: Number, ops: Number) -> Number:
    """``int_p^oo z^-exponent dz``: an upper bound of the sum over i > p."""
    return ops.power(p, 1 - exponent) / (exponent - 1)


def optimal_regularisation(tau: Number, omega: Number, one_minus_omega: Number) -> Number:
    """``tau' = tau^2 Omega/(1 - Omega)``.

    The best surrogate's risk without noise is ``sum signal zeta(lam^2, tau')``.
    """
    return tau * tau * omega / one_minus_omega
