"""Section 11 of the theory: labels of several kinds in one training set; generations."""

from __future__ import annotations

from kdverify.formulas._types import Number, Total
from kdverify.formulas.model_shift import unlearnt_energy


def disagreement(lam: Number, surrogate: Number, centre: Number, total: Total = sum) -> Number:
    """``|beta_g - centre|^2`` in Sigma: label variance that looks like noise."""
    shift = surrogate - centre
    return total(lam * shift * shift)


def mixed_surrogate(shares: Number, surrogates: Number, total: Total = sum) -> Number:
    """(14): ``sum_g w_g beta_g``, the surrogate that the student sees (one mode)."""
    return total(shares * surrogates)


def mixed_noise(
    shares: Number, noises: Number, disagreements: Number, total: Total = sum
) -> Number:
    """(14): ``sum_g w_g (sigma_g^2 + |beta_g - mean|^2)``."""
    return total(shares * (noises + disagreements))


def two_kinds_noise(share: Number, noise: Number, other_noise: Number, gap: Number) -> Number:
    """(14) for a fraction ``share`` of one kind, the rest of another.

    ``gap`` is the squared distance of the two kinds' coefficients in Sigma.
    """
    rest = 1 - share
    return share * noise + rest * other_noise + share * rest * gap


def averaged_noise(share: Number, noise: Number, other_noise: Number) -> Number:
    """Variance of the noise in ``w y + (1 - w) y'``, w = ``share``, noises independent."""
    rest = 1 - share
    return share * share * noise + rest * rest * other_noise


def two_kinds_noise_by_share(
    share: Number, noise: Number, other_noise: Number, gap: Number
) -> Number:
    """Derivative of `two_kinds_noise` by ``share``."""
    return noise - other_noise + (1 - 2 * share) * gap


# --------------------------------------------------------------------------
# Weights in the loss
# --------------------------------------------------------------------------


def weight_scale(ridge: Number, weight: Number, spared: Number) -> Number:
    """``ridge + v t``: what a row of weight v divides by; ``spared`` is ``t = sum lam zeta``."""
    return ridge + weight * spared


def spared_trace(lam: Number, zeta: Number, total: Total = sum) -> Number:
    """``t = tau sum (1 - zeta) = sum lam zeta``: what n rows leave of the trace of Sigma."""
    return total(lam * zeta)


def pull(share: Number, weight: Number, scale: Number) -> Number:
    """``w v/(ridge + v t)``, one kind's summand of ``1/(n tau)``."""
    return share * weight / scale


def square_pull(share: Number, weight: Number, scale: Number) -> Number:
    """``w v^2/(ridge + v t)^2``: one kind's part in the variance."""
    ratio = weight / scale
    return share * ratio * ratio


def weighted_omega(square_pulls: Number, n: Number, tau: Number, square: Number) -> Number:
    """``Omega_v = n sum_g w v^2/(ridge + v t)^2 tau^2 sum (1 - zeta)^2``."""
    return n * square_pulls * tau * tau * square


def weighted_risk(
    lam: Number,
    centre: Number,
    beta_star: Number,
    one_minus_zeta: Number,
    errors: Number,
    square_pulls: Number,
    tau: Number,
    square: Number,
    n: Number,
    one_minus_omega: Number,
    total: Total = sum,
) -> Number:
    """(15): excess risk of a student of labels of several kinds, weighted.

    Args:
        centre: theta, the mean of the kinds' coefficients with weights in proportion to `pull`.
        errors: one entry a kind: `unseen_error`, the mean square error of the mean student on
            a fresh label of that kind.
        square_pulls: one entry a kind.
        square: ``sum (1 - zeta)^2``.
        one_minus_omega: ``1 - Omega_v``.
    """
    shift = one_minus_zeta * centre - beta_star
    spread = n * tau * tau * square * total(square_pulls * errors)
    return total(lam * shift * shift) + spread / one_minus_omega


def unseen_error(
    lam: Number,
    surrogate: Number,
    centre: Number,
    one_minus_zeta: Number,
    noise: Number = 0,
    total: Total = sum,
) -> Number:
    """``sigma_g^2 + |beta_g - (1 - zeta) theta|^2`` in Sigma: error of the mean student."""
    shift = surrogate - one_minus_zeta * centre
    return noise + total(lam * shift * shift)


def kind_energy(lam: Number, learnt: Number, pull: Number, level: Number, levels: Number) -> Number:
    """What (14), (15) make of the square of one kind's coefficient (one mode).

    Args:
        learnt: ``1 - zeta``; pull: of the kind in the centre theta.
        level: ``dR/dsigma_g^2`` of the kind; levels: the sum over all kinds.
    """
    own = learnt * pull
    return lam * (own * own * (1 + levels) + level * (1 - 2 * own))


def kind_linear(
    lam: Number,
    beta_star: Number,
    learnt: Number,
    pull: Number,
    level: Number,
    rest: Number,
    missed: Number,
) -> Number:
    """``l`` of ``- 2 l b``, what (14), (15) make of one kind's coefficient b (one mode).

    Args:
        rest: theta without the kind.
        missed: ``sum_g level_g (beta_g - learnt rest)`` over all kinds, the kind's own beta_g 0.
    """
    mean = learnt * rest
    own = learnt * pull
    return lam * (own * (beta_star - mean) + level * mean + own * missed)


# --------------------------------------------------------------------------
# How the risk changes with n and with the share of a kind
# --------------------------------------------------------------------------


def omega_by_log_n(zeta: Number, one_minus_zeta: Number, one_minus_omega: Number) -> Number:
    """One mode's part of ``n d Omega/d log n + n Omega``: ``2 zeta (1 - zeta)^2/(1 - Omega)``."""
    return 2 * zeta * one_minus_zeta * one_minus_zeta / one_minus_omega


def risk_by_log_n(
    lam: Number,
    surrogate: Number,
    beta_star: Number,
    zeta: Number,
    one_minus_zeta: Number,
    omega: Number,
    one_minus_omega: Number,
    n: Number,
    noise: Number = 0,
    total: Total = sum,
) -> Number:
    """``d R/d log n`` of (2): tau falls like ``d log tau/d log n = -1/(1 - Omega)``."""
    spread = zeta * one_minus_zeta / one_minus_omega  # -d zeta/d log n
    bias = one_minus_zeta * (surrogate - beta_star) - zeta * beta_star
    leftover = total(unlearnt_energy(lam, surrogate, zeta))
    by_omega = total(omega_by_log_n(zeta, one_minus_zeta, one_minus_omega)) / n - omega
    moved = 2 * total(lam * bias * spread * surrogate)
    moved -= 2 * omega / one_minus_omega * total(lam * surrogate * surrogate * zeta * spread)
    return moved + (noise + leftover) * by_omega / (one_minus_omega * one_minus_omega)


def risk_by_share(
    lam: Number,
    surrogate: Number,
    beta_star: Number,
    direction: Number,
    zeta: Number,
    one_minus_zeta: Number,
    omega: Number,
    one_minus_omega: Number,
    noise_slope: Number,
    total: Total = sum,
) -> Number:
    """Derivative of (2) as the surrogate moves along ``direction`` and the noise by its slope."""
    bias = one_minus_zeta * (surrogate - beta_star) - zeta * beta_star
    moved = 2 * total(lam * bias * one_minus_zeta * direction)
    unlearnt = 2 * total(lam * zeta * zeta * surrogate * direction)
    return moved + omega / one_minus_omega * (noise_slope + unlearnt)


def risk_by_row(by_log_n: Number, by_share: Number, towards: Number, n: Number) -> Number:
    """``dR/dn_g``: one more row of a kind moves log n by 1/n and the share w by ``towards/n``.

    ``towards`` is 1 - w for the kind whose share is w, -w for the other.
    """
    return (by_log_n + towards * by_share) / n


# --------------------------------------------------------------------------
# Generations: each student labels for the next, a share of real data is kept
# --------------------------------------------------------------------------


def settled_mean(beta_star: Number, one_minus_zeta: Number, share: Number) -> Number:
    """Mean of one coordinate after many generations: ``m = (1-zeta)(w beta* + (1-w) m)``."""
    return share * one_minus_zeta * beta_star / (1 - (1 - share) * one_minus_zeta)


def settled_spread(added: Number, one_minus_zeta: Number, share: Number) -> Number:
    """Variance of one coordinate after many generations, per unit of V.

    ``added`` is what one generation adds per unit of V; ``(1-w)^2 (1-zeta)^2`` of the old stays.
    """
    kept = (1 - share) * one_minus_zeta
    return added / (1 - kept * kept)


def least_squares_kept(share: Number, factor: Number) -> Number:
    """``(1-w)^2 + factor w (1-w)``: what a generation of least squares keeps of the last risk.

    A share w of the *rows* has real labels; ``factor`` is what their distance costs, p/(n - p - 1)
    by (14).  Generations settle iff it is below 1.
    """
    rest = 1 - share
    return rest * rest + factor * share * rest


def generation_energy(lam: Number, energy: Number, share: Number, apart: Number) -> Number:
    """What a student's form makes of the square of the last student's coefficient (one mode).

    Args:
        energy: ``E (P A P)_ii`` of the form's A.
        apart: w (1 - w) times what a unit of label noise costs; 0 where labels are averaged.
    """
    rest = 1 - share
    return rest * rest * energy + apart * lam


def generation_linear(
    lam: Number,
    beta_star: Number,
    linear: Number,
    one_minus_zeta: Number,
    energy: Number,
    share: Number,
    apart: Number,
) -> Number:
    """``l`` of ``- 2 l b`` that the form makes of it; ``linear`` is its own l."""
    rest = 1 - share
    return rest * one_minus_zeta * linear - (share * rest * energy - apart * lam) * beta_star


def least_squares_generation(
    last: Number, share: Number, factor: Number, spread: Number, noise: Number, other: Number
) -> Number:
    """Risk of the next student of least squares, a share of *rows* with real labels.

    ``last`` is that of the student before.  ``factor`` is p/(n - p - 1), exact; ``spread`` the same
    in (14), and `least_squares_spread` exactly.
    """
    rest = 1 - share
    fresh = share * noise + rest * other
    return least_squares_kept(share, spread) * last + factor * fresh


def settled_least_squares(
    share: Number, factor: Number, spread: Number, noise: Number, other: Number
) -> Number:
    """Risk after many generations of least squares, arguments as in `least_squares_generation`.

    Below zero where the generations diverge.
    """
    rest = 1 - share
    fresh = share * noise + rest * other
    return factor * fresh / (1 - least_squares_kept(share, spread))


def settled_averaged(
    share: Number, omega: Number, one_minus_omega: Number, noise: Number
) -> Number:
    """Noise after many generations for Sigma = I, every row with an *average* of two labels.

    The label is ``w`` times a real one plus ``1 - w`` times the last generation's, each with
    noise of its own: ``noise Omega/(1 - Omega) (w^2 + (1-w)^2)/(1 - Omega (1-w)^2)``.  Least
    squares is Omega = 1 with ``factor`` in the place of Omega/(1 - Omega).
    """
    return omega / one_minus_omega * noise * averaging_factor(share, omega)


def averaging_factor(share: Number, omega: Number) -> Number:
    """``(w^2 + (1-w)^2)/(1 - Omega (1-w)^2)``, what generations make of one label's noise."""
    rest = 1 - share
    return (share * share + rest * rest) / (1 - omega * rest * rest)


def averaging_condition(share: Number, omega: Number) -> Number:
    """Has the sign of the derivative of `averaging_factor` by the share.

    ``2 w - 1 - Omega (1 - w) w``: zero at the golden ratio (sqrt 5 - 1)/2 for Omega = 1, at 1/2
    for Omega = 0.
    """
    return 2 * share - 1 - omega * (1 - share) * share
