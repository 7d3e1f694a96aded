"""Risks, gains and masks from formulas and a solved fixed point, for every number type.

`kdverify.gaussian.theory` calls these on float64, `kdverify.gaussian.certified` on balls: one text.
"""

from __future__ import annotations

import math
from typing import Any, Protocol

import numpy as np

from kdverify import formulas
from kdverify.gaussian.solve.result import Code, Equivalents


class Modes(Protocol):
    """Target spectrum and ground truth in the eigenbasis, in numbers of one type."""

    @property
    def lam(self) -> np.ndarray:
        """(p,) eigenvalues."""

    @property
    def beta_star(self) -> np.ndarray:
        """(p,) coefficients of the ground truth."""

    @property
    def signal(self) -> np.ndarray:
        """(p,) ``lam beta_star^2``."""

    @property
    def total(self) -> formulas.Total:
        """The sum of a vector of these numbers."""


def excess_risk(modes: Modes, at: Equivalents, surrogate: np.ndarray, noise: Any) -> Any:
    """(2) for any surrogate; for n >= p without ridge the exact mean of least squares."""
    if at.code is Code.UNREGULARISED:
        shift = formulas.predictor_risk(modes.lam, surrogate, modes.beta_star, modes.total)
        return shift + least_squares_noise(at.n, at.eigenvalues.size, noise)
    return formulas.risk(
        modes.lam,
        surrogate,
        modes.beta_star,
        at.zeta,
        at.one_minus_zeta,
        at.omega,
        at.one_minus_omega,
        noise,
        modes.total,
    )


def standard_risk(modes: Modes, at: Equivalents, noise: Any) -> Any:
    """Excess risk on strong labels."""
    if at.code is Code.UNREGULARISED:
        return least_squares_noise(at.n, at.eigenvalues.size, noise)
    return formulas.standard_risk(
        modes.signal, at.zeta, at.omega, at.one_minus_omega, noise, modes.total
    )


def optimal_risk(modes: Modes, at: Equivalents, noise: Any) -> Any:
    """Excess risk of the student of the best surrogate."""
    if at.code is Code.UNREGULARISED:
        return least_squares_noise(at.n, at.eigenvalues.size, noise)
    return formulas.optimal_risk(
        modes.signal,
        at.zeta,
        at.one_minus_zeta,
        at.omega,
        at.one_minus_omega,
        noise,
        modes.total,
    )


def masked_risk(
    modes: Modes,
    at: Equivalents,
    kept: np.ndarray,
    noise: Any,
    dropped: np.ndarray | None = None,
) -> Any:
    """Excess risk of the student of ``M beta_star``, M keeping the modes ``kept``.

    ``dropped`` is the rest unless given; modes in neither are left out of the sum.
    """
    if dropped is None:
        dropped = ~kept
    if at.code is Code.UNREGULARISED:
        missed = modes.total(formulas.dropped_risk(modes.signal[dropped]))
        return missed + least_squares_noise(at.n, at.eigenvalues.size, noise)
    return formulas.masked_risk(
        modes.signal[kept],
        at.zeta[kept],
        modes.signal[dropped],
        at.omega,
        at.one_minus_omega,
        noise,
        modes.total,
    )


def kept_costs(modes: Modes, at: Equivalents) -> np.ndarray:
    """(p,) what each mode costs if the mask keeps it, noise part excluded (not at zeta = 0)."""
    return formulas.kept_risk(modes.signal, at.zeta, at.one_minus_omega)


def gains(at: Equivalents) -> np.ndarray:
    """(p,) ``beta_opt_i / beta*_i``."""
    if at.code is Code.UNREGULARISED:
        return at.one_minus_zeta
    return formulas.gain(at.zeta, at.one_minus_zeta, at.omega, at.one_minus_omega)


def improvements(at: Equivalents) -> np.ndarray:
    """(p,) optimal over standard risk of each mode, without the noise part."""
    if at.code is Code.UNREGULARISED:
        return at.one_minus_zeta
    return formulas.improvement(at.zeta, at.one_minus_zeta, at.omega, at.one_minus_omega)


def keep_margins(at: Equivalents) -> np.ndarray:
    """(p,) positive where the best mask keeps the mode (all kept at zeta = 0)."""
    if at.code is Code.UNREGULARISED:
        return at.one_minus_zeta
    return formulas.keep_margin(at.zeta, at.one_minus_omega)


def amplification_margins(at: Equivalents) -> np.ndarray:
    """(p,) positive where the best surrogate amplifies the mode."""
    if at.code is Code.UNREGULARISED:
        return at.zeta
    return formulas.amplification_margin(at.zeta, at.one_minus_omega)


def least_squares_noise(n: Any, p: int, noise: Any) -> Any:
    """Exact noise part for n >= p without ridge; ``inf`` where it has no finite mean."""
    if noise == 0:
        return noise
    if n <= p + 1:
        return noise + math.inf
    return formulas.ols_noise_risk(noise, n, p)
