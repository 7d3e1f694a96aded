"""Section 10 of the theory: the best ridge, alone and with the best surrogate.

Everything is written in tau: with ``degrees = sum (1 - zeta)`` the ridge is
``tau (n - degrees)``, of any sign, and (2) needs only that ``n > square = sum (1 - zeta)^2``.
"""

from __future__ import annotations

from kdverify.formulas._types import Number, Total


def ridge_of_root(tau: Number, slack: Number) -> Number:
    """The ridge with root tau: ``tau slack``, ``slack = n - sum (1 - zeta)`` of either sign."""
    return tau * slack


def ridge_condition(
    signal: Number,
    zeta: Number,
    one_minus_zeta: Number,
    one_minus_omega: Number,
    n: Number,
    noise: Number = 0,
    total: Total = sum,
) -> Number:
    """Has the sign of dR/d ridge on strong labels; zero at the best ridge.

    ``(1 - Omega) sum signal zeta^2 (1 - zeta) - (noise + sum signal zeta^2) sum zeta (1 - zeta)^2
    / n``.
    """
    unlearnt = signal * zeta * zeta
    moved = total(zeta * one_minus_zeta * one_minus_zeta)
    return one_minus_omega * total(unlearnt * one_minus_zeta) - (noise + total(unlearnt)) * (
        moved / n
    )


def ridge_noise_threshold(
    signal: Number,
    zeta: Number,
    one_minus_zeta: Number,
    one_minus_omega: Number,
    n: Number,
    total: Total = sum,
) -> Number:
    """The noise at which this ridge is stationary: a larger one is better iff there is more.

    Below zero where a larger ridge is better even without noise.
    """
    unlearnt = signal * zeta * zeta
    moved = total(zeta * one_minus_zeta * one_minus_zeta)
    return one_minus_omega * total(unlearnt * one_minus_zeta) * n / moved - total(unlearnt)


def surrogate_scale(tau: Number, square: Number, n_minus_square: Number) -> Number:
    """``kappa^2 = tau^2 Omega/(1 - Omega)``; ``square`` is n Omega."""
    return tau * tau * square / n_minus_square


def optimal_share(lam: Number, scale: Number) -> Number:
    """``kappa^2/(lam^2 + kappa^2)``: what the best surrogate's student misses of one mode's signal.

    The noiseless risk depends on n and on the ridge through ``kappa^2`` alone.
    """
    return scale / (lam * lam + scale)


def scale_margin(square: Number, cube: Number, n: Number) -> Number:
    """``n sum (1 - zeta)^3 - (sum (1 - zeta)^2)^2``: has the sign of d kappa^2/d ridge."""
    return n * cube - square * square


def surrogate_ridge_condition(
    lam: Number,
    signal: Number,
    tau: Number,
    square: Number,
    cube: Number,
    n: Number,
    n_minus_square: Number,
    noise: Number = 0,
    total: Total = sum,
) -> Number:
    """Has the sign of dR/d ridge where every ridge has its own best surrogate."""
    scale = surrogate_scale(tau, square, n_minus_square)
    missed = lam * lam + scale
    spread = total(signal * lam * lam / (missed * missed))
    return tau * tau * scale_margin(square, cube, n) * spread - n * noise * (square - cube)
