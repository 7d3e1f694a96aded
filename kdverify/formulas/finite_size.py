"""First corrections in 1/n to the equivalents (3), for Gaussian rows without ridge.

``E log det(X Lambda^-1 X')`` exceeds its equivalent by ``(1/2) log(1 - Omega)`` to first
order; what it says of the projector P on the rows' span is a derivative of it.  Here
``spreads`` is ``sum zeta (1 - zeta) = n (1 - Omega)`` and ``mean_zeta`` the mean of zeta with
the weights ``zeta (1 - zeta)``.
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


def learnt_correction(
    zeta: Number, one_minus_zeta: Number, mean_zeta: Number, spreads: Number
) -> Number:
    """``E P_ii - (1 - zeta_i)`` to first order in 1/n."""
    return spread(zeta, one_minus_zeta) * (zeta - mean_zeta) / spreads


def tau_tilt(tau: Number, omega: Number, one_minus_omega: Number) -> Number:
    """``-d log tau / dt`` at t = 0 along the covariances ``Sigma (I + t Sigma)^-1``."""
    return tau * omega / one_minus_omega


def energy_correction(
    lam: Number,
    zeta: Number,
    one_minus_zeta: Number,
    mean_zeta: Number,
    spreads: Number,
    tilt: Number,
    mean_tilt: Number,
    spreads_tilt: Number,
) -> Number:
    """``E (P Sigma P)_ii`` less its equivalent (3), to first order in 1/n.

    Args:
        tilt: of log tau, from `tau_tilt`.
        mean_tilt: ``sum centred_slope (lam - tilt) / spreads``.
        spreads_tilt: ``sum spread_slope (lam - tilt)``.
    """
    learnt = learnt_correction(zeta, one_minus_zeta, mean_zeta, spreads)
    own = centred_slope(zeta, one_minus_zeta, mean_zeta) * (lam - tilt)
    width = spread(zeta, one_minus_zeta)
    return lam * learnt - (own - width * mean_tilt - learnt * spreads_tilt) / spreads
