"""The first correction in 1/n to what a projector P on n Gaussian rows learns.

*Equation.*  With N = I - P and T = tr(Sigma N), integration by parts over the Gaussian rows
gives, exactly and for every n < p,

    n lam_i E N_ii = E[(1 - N_ii) T] + E[(N Sigma (I - N))_ii].

The left side and the first term on the right are of order n, the last term is of order 1: to
first order it is its equivalent.  The covariance of N_ii and T, both smooth functions of
the rows' Gram matrix, is of order 1/n (Gaussian Poincare inequality: n^-1/2 for each
standard deviation).  What is left is linear in the correction of E N_ii and has one solution,
as 1 - Omega is not 0.

*Energies.*  ``(P Sigma P)_ii`` follows from ``E P_ii``, taken for every Sigma, as in
`_derivatives`.  All sums are over any number of modes.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import sympy
from _derivatives import tau_along_tilt
from _mode_sums import lam, n, omega, ridge, tau, total, zeta

from kdverify import Problem, equivalents
from kdverify import formulas as f

# --------------------------------------------------------------------------
# On symbols: one generic mode, sums over any number of modes
# --------------------------------------------------------------------------


def spread_at() -> Any:
    """zeta (1 - zeta) of the generic mode, as a function of lam and tau."""
    return f.spread(*f.split_mode(lam, tau))


def mean_zeta() -> Any:
    """The mean of zeta with the weights zeta (1 - zeta)."""
    return total(spread_at() * zeta) / total(spread_at())


def correction() -> Any:
    """The correction of E P_ii, by the formula."""
    return f.learnt_correction(*f.split_mode(lam, tau), mean_zeta(), total(spread_at()))


def tau_along_mode() -> Any:
    """d tau / d log lam_i, from (1)."""
    learnt = f.one_minus_zeta(lam, tau)
    return -lam * sympy.diff(learnt, lam) / total(sympy.diff(learnt, tau))


def half_log_slope() -> Any:
    """``(1/2) d log(1 - Omega) / d log lam_i``: own eigenvalue, and through tau."""
    own = lam * sympy.diff(spread_at(), lam)
    through_tau = total(sympy.diff(spread_at(), tau)) * tau_along_mode()
    return (own + through_tau) / (2 * total(spread_at()))


def _tilt() -> Any:
    """d tau / dt along Sigma (I + t Sigma)^-1, without ridge."""
    return tau_along_tilt().subs(ridge, 0)


def first_order_equation(extra: int = 1) -> tuple[Any, Any]:
    """Both sides of the equation less their equivalents, with the correction by the formula."""
    unlearnt, learnt = f.split_mode(lam, tau)
    of_n = -correction()
    of_trace = total(lam * of_n)
    right = learnt * of_trace - of_n * n * tau + extra * (lam * unlearnt - missed_energy()[1])
    return n * lam * of_n, right


def missed_energy() -> tuple[Any, Any]:
    """The equivalent of (N Sigma N)_ii, from (3) and in closed form."""
    unlearnt, learnt = f.split_mode(lam, tau)
    energy = f.transfer_energy(lam, unlearnt, learnt, omega, 1 - omega)
    return energy - lam + 2 * lam * unlearnt, lam * unlearnt**2 / (1 - omega)


def energy_along_tilt() -> Any:
    """``lam p + d/dt p`` for p the correction, along Sigma (I + t Sigma)^-1."""
    mean, spreads = sympy.symbols("m S", positive=True)
    one_mode = f.learnt_correction(*f.split_mode(lam, tau), mean, spreads)
    at = {mean: mean_zeta(), spreads: total(spread_at())}
    weighted = spread_at() * f.zeta(lam, tau)
    of_spreads = total(_along(spread_at()))
    of_mean = (total(_along(weighted)) - mean_zeta() * of_spreads) / total(spread_at())
    along = _along(one_mode)
    along += sympy.diff(one_mode, mean) * of_mean + sympy.diff(one_mode, spreads) * of_spreads
    return lam * correction() + along.subs(at)


def _along(expression: Any) -> Any:
    """d/dt of one mode's expression in lam and tau."""
    return -(lam**2) * sympy.diff(expression, lam) + sympy.diff(expression, tau) * _tilt()


def energy_formula() -> Any:
    """The correction of the energy, by the formula."""
    split = f.split_mode(lam, tau)
    spreads, mean = total(spread_at()), mean_zeta()
    tilt = f.tau_tilt(tau, omega, 1 - omega)
    mean_tilt = total(f.centred_slope(*split, mean) * (lam - tilt)) / spreads
    spreads_tilt = total(f.spread_slope(*split) * (lam - tilt))
    return f.energy_correction(lam, *split, mean, spreads, tilt, mean_tilt, spreads_tilt)


# --------------------------------------------------------------------------
# On numbers
# --------------------------------------------------------------------------


def first_order(problem: Problem, n: int) -> tuple[np.ndarray, np.ndarray]:
    """(p,) corrections of ``E P_ii`` and of ``E (P Sigma P)_ii``."""
    lam, at = problem.spectrum.eigenvalues, equivalents(problem, n)
    split = at.zeta, at.one_minus_zeta
    weights = f.spread(*split)
    spreads = weights.sum()
    mean = (weights * at.zeta).sum() / spreads
    tilt = f.tau_tilt(at.tau, at.omega, at.one_minus_omega)
    mean_tilt = (f.centred_slope(*split, mean) * (lam - tilt)).sum() / spreads
    spreads_tilt = (f.spread_slope(*split) * (lam - tilt)).sum()
    energy = f.energy_correction(lam, *split, mean, spreads, tilt, mean_tilt, spreads_tilt)
    return f.learnt_correction(*split, mean, spreads), energy


def corrected_risk(problem: Problem, n: int, surrogate: np.ndarray, order: int = 1) -> float:
    """Excess risk of the student of ``surrogate`` on noiseless labels; order 0 is (2)."""
    lam, at = problem.spectrum.eigenvalues, equivalents(problem, n)
    split = at.zeta, at.one_minus_zeta
    mean = f.transfer_mean(at.one_minus_zeta)
    energy = f.transfer_energy(lam, *split, at.omega, at.one_minus_omega)
    if order:
        of_mean, of_energy = first_order(problem, n)
        mean, energy = mean + of_mean, energy + of_energy
    truth, trace = problem.beta_modes, f.noise_trace(at.omega, at.one_minus_omega)
    square = surrogate * surrogate
    return float(f.transfer_risk(lam, surrogate, square, truth, mean, energy, trace, 0.0, np.sum))
