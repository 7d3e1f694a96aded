"""First corrections in 1/n to the equivalents (3), for Gaussian rows.

``E log det(XX' + ridge)`` exceeds its equivalent by ``(1/2) log(1 - Omega)`` to first order;
what it says of ``P = X'(XX' + ridge)^-1 X`` is a derivative of it.  A ridge is one more mode
that nothing is learnt of: zeta = 1 with the weight ``ridge/tau``.  So ``spreads`` is
``sum zeta (1 - zeta) + ridge/tau = n (1 - Omega)`` and ``mean_zeta`` the mean of zeta with these
weights.
"""

from __future__ import annotations

from kdverify.formulas._types import Number
from kdverify.formulas.fixed_point import spread


def spread_slope(zeta: Number, one_minus_zeta: Number) -> Number:
    """``d spread / d log lam`` at fixed tau: ``zeta (1 - zeta) (zeta - (1 - zeta))``."""
    return spread(zeta, one_minus_zeta) * (zeta - one_minus_zeta)


def centred_slope(zeta: Number, one_minus_zeta: Number, mean_zeta: Number) -> Number:
    """``d/d log lam`` of ``spread (zeta - mean_zeta)`` at fixed tau and ``mean_zeta``."""
    width = spread(zeta, one_minus_zeta)
    return width * ((zeta - mean_zeta) * (zeta - one_minus_zeta) - width)


def mean_unlearnt(weighted: Number, spreads: Number, ridge_over_tau: Number = 0) -> Number:
    """``mean_zeta``, from ``sum zeta^2 (1 - zeta)`` and ``spreads``, the ridge's included."""
    return (weighted + ridge_over_tau) / spreads


def learnt_correction(
    zeta: Number, one_minus_zeta: Number, mean_zeta: Number, spreads: Number
) -> Number:
    """``E P_ii - (1 - zeta_i)`` to first order in 1/n."""
    return spread(zeta, one_minus_zeta) * (zeta - mean_zeta) / spreads


def weights_tilt(spread_weights: Number, spreads: Number) -> Number:
    """``-d log tau / dt`` at t = 0 where every ``log lam_i`` falls as ``t a_i``, a the weights.

    ``spread_weights`` is ``sum zeta (1 - zeta) a``; for ``a = lam`` the result is
    ``tau Omega/(1 - Omega)``.
    """
    return spread_weights / spreads


def energy_correction(
    weight: Number,
    zeta: Number,
    one_minus_zeta: Number,
    mean_zeta: Number,
    spreads: Number,
    tilt: Number,
    mean_tilt: Number,
    spreads_tilt: Number,
) -> Number:
    """``E (P A P)_ii`` less its equivalent, to first order in 1/n, for a diagonal A.

    Args:
        weight: ``A_ii``; for ``A = Sigma`` the equivalent is in (3).
        tilt: of log tau, from `weights_tilt`.
        mean_tilt: ``sum centred_slope (weight - tilt) / spreads``; a ridge's mode adds
            `ridge_mean_tilt` to the sum.
        spreads_tilt: ``sum spread_slope (weight - tilt)``; a ridge's mode adds
            ``-tilt ridge/tau``.
    """
    learnt = learnt_correction(zeta, one_minus_zeta, mean_zeta, spreads)
    own = centred_slope(zeta, one_minus_zeta, mean_zeta) * (weight - tilt)
    width = spread(zeta, one_minus_zeta)
    return weight * learnt - (own - width * mean_tilt - learnt * spreads_tilt) / spreads


def product_correction(
    weight: Number,
    learnt: Number,
    change: Number,
    width: Number,
    other_learnt: Number,
    other_change: Number,
    other_width: Number,
    spreads: Number,
) -> Number:
    """``E (P A P)_ij`` less its equivalent, i != j, to first order in 1/n, A symmetric.

    It is ``A_ij (E P_ii E P_jj + E P_ij^2)``: the last term is what (7) leaves out.

    Args:
        weight: ``A_ij``.
        learnt, change, width: ``1 - zeta``, `learnt_correction` and `spread` of the mode i; the
            others are of the mode j.
    """
    moved = change * other_learnt + other_change * learnt
    return weight * (moved + width * other_width / spreads)


def least_squares_spread(n: Number, p: Number) -> Number:
    """Exact: what the disagreement of several kinds of labels adds to the risk of least squares.

    For n > p + 1 Gaussian rows, per unit of ``sum_g w_g |beta_g - mean|^2`` in Sigma, where kind g
    has w_g n rows; (14) has p/(n - p - 1), what as much noise would add.
    """
    rows = (n - 1) * (n * p + n - 4) + 2 * (p - 1)
    return rows / ((n - 1) * (n + 2) * (n - p - 1))


def ridge_mean_tilt(mean_zeta: Number, tilt: Number, ridge_over_tau: Number) -> Number:
    """What the ridge's mode adds to the sum in ``mean_tilt``: `centred_slope` at zeta = 1."""
    return -ridge_over_tau * (1 - mean_zeta) * tilt


def root_by_ridge(tau: Number, spreads: Number) -> Number:
    """``d log tau / d ridge = 1/(tau n (1 - Omega))``."""
    return 1 / (tau * spreads)


def spreads_by_ridge(slopes: Number, root: Number, tau: Number, ridge_over_tau: Number) -> Number:
    """``d spreads / d ridge``, from the sum of `spread_slope` and ``root`` of `root_by_ridge`."""
    return 1 / tau - root * (slopes + ridge_over_tau)


def mean_by_ridge(
    centred: Number,
    mean_zeta: Number,
    spreads: Number,
    root: Number,
    tau: Number,
    ridge_over_tau: Number,
) -> Number:
    """``d mean_zeta / d ridge``; ``centred`` is the sum of `centred_slope`."""
    own = (1 - mean_zeta) * (1 / tau - root * ridge_over_tau)
    return (own - root * centred) / spreads


def learnt_by_ridge(
    zeta: Number,
    one_minus_zeta: Number,
    mean_zeta: Number,
    spreads: Number,
    root: Number,
    mean_slope: Number,
    spreads_slope: Number,
) -> Number:
    """``d learnt_correction/d ridge``; minus its sum with weights lam corrects the noise trace."""
    own = -root * centred_slope(zeta, one_minus_zeta, mean_zeta)
    own -= spread(zeta, one_minus_zeta) * mean_slope
    correction = learnt_correction(zeta, one_minus_zeta, mean_zeta, spreads)
    return (own - correction * spreads_slope) / spreads


def trace_excess(largest: Number, ridge: Number) -> Number:
    """c with ``E (z'Az)^2 <= T^2 + c T``, ``A = (XX' + ridge)^-1``, ``T = E tr A``, z fresh.

    ``16 largest/(27 ridge^2)`` bounds the variance of ``tr A`` over T, by Poincare's inequality for
    Gaussian rows; ``2/ridge`` is from ``2 tr A^2``.
    """
    return 16 * largest / (27 * ridge * ridge) + 2 / ridge


def damped_eigenvalue(lam: Number, excess: Number) -> Number:
    """``lam/(1 + c lam)``: (1) with these eigenvalues bounds ``E tr (XX' + ridge)^-1`` above."""
    return lam / (1 + excess * lam)


def least_unlearnt(lam: Number, trace: Number, ridge: Number) -> Number:
    """Lower bound of ``1 - E P_ii`` from an upper bound of the trace: Jensen's inequality."""
    return 1 / (1 + lam * (trace + 1 / ridge))


def most_unlearnt(lam: Number, trace: Number, excess: Number) -> Number:
    """Upper bound of ``1 - E P_ii`` from a lower bound of the trace, c from `trace_excess`."""
    return (1 + lam * excess) / (1 + lam * (trace + excess))


def left_out_bound(energy: Number, largest: Number, ridge: Number) -> Number:
    """Bound of a fresh row's error over its error once it was trained on, root mean square.

    ``1 + (tr Sigma + 2 largest)/ridge``; ``energy`` is ``tr Sigma``.
    """
    return 1 + (energy + 2 * largest) / ridge
