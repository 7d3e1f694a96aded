"""Second moments from first ones: what E P ~ 1 - zeta, taken for every Sigma, implies.

Only the equivalent of the mean is put in.  What is quadratic in P is a derivative of a mean:

    (I - P) Sigma (I - P) = -d/dt delta (X'X + delta (I + t Sigma))^-1   at t = 0,
    X'(XX' + delta)^-2 X      = -d/d delta P.

The first is again a mean: with X (I + t Sigma)^(-1/2) in the place of X it is that of
(I + t Sigma)^(-1/2) (I - P) (I + t Sigma)^(-1/2) at the covariance Sigma (I + t Sigma)^-1.
The derivative of tau follows from (1).  All sums are over any number of modes.
"""

from __future__ import annotations

from typing import Any

import sympy
from _mode_sums import lam, ridge, ridge_total, tau

from kdverify import formulas

t = sympy.Symbol("t", positive=True)
tilted = lam / (1 + t * lam)
at_zero = {t: 0}


def mode_energy() -> Any:
    """Equivalent of ((I - P) Sigma (I - P))_ii for the generic mode."""
    unlearnt = formulas.zeta(tilted, tau) / (1 + t * lam)
    along = sympy.diff(unlearnt, t) + sympy.diff(unlearnt, tau) * tau_along_tilt()
    return -along.subs(at_zero)


def tau_along_tilt() -> Any:
    """d tau/d t at t = 0, from (1) at Sigma (I + t Sigma)^-1."""
    learnt = formulas.one_minus_zeta(tilted, tau)
    return -ridge_total(sympy.diff(learnt, t).subs(at_zero)) / slope()


def slope() -> Any:
    """d/d tau of the left side of (1)."""
    learnt = formulas.one_minus_zeta(lam, tau)
    return ridge_total(sympy.diff(learnt, tau)) + sympy.diff(ridge / tau, tau)


def mode_noise() -> Any:
    """Equivalent of (X'(XX' + delta)^-2 X)_ii for the generic mode."""
    tau_along_ridge = -sympy.diff(ridge / tau, ridge) / slope()
    return -sympy.diff(formulas.one_minus_zeta(lam, tau), tau) * tau_along_ridge


def transfer_energy() -> Any:
    """Equivalent of (P Sigma P)_ii: P Sigma P = (I-P) Sigma (I-P) - Sigma + P Sigma + Sigma P."""
    return mode_energy() - lam + 2 * lam * formulas.one_minus_zeta(lam, tau)


def noise_trace() -> Any:
    """Equivalent of tr(Sigma X'(XX' + delta)^-2 X)."""
    return sympy.cancel(ridge_total(lam * mode_noise()))


def matrix_identity() -> tuple[Any, Any]:
    """Both sides of the first display for any X'X and Sigma with p = 2."""
    names = sympy.symbols("a b c u v w delta", positive=True)
    gram = sympy.Matrix([[names[0], names[1]], [names[1], names[2]]])
    sigma = sympy.Matrix([[names[3], names[4]], [names[4], names[5]]])
    delta = names[6]
    at = (gram + delta * (sympy.eye(2) + t * sigma)).inv() * delta
    missed = at.subs(at_zero)
    return missed * sigma * missed, -sympy.diff(at, t).subs(at_zero)
