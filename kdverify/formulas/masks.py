"""Section 4 of the theory: the best mask."""

from __future__ import annotations

from kdverify.formulas._types import Number, Total
from kdverify.formulas.model_shift import mode_standard_risk, variance_factor


def keep_margin(zeta: Number, one_minus_omega: Number) -> Number:
    """``1 - Omega - zeta^2``: a mode is kept iff this is positive."""
    return one_minus_omega - zeta * zeta


def kept_risk(signal: Number, zeta: Number, one_minus_omega: Number) -> Number:
    """Cost of one mode that the mask keeps."""
    return mode_standard_risk(signal, zeta, one_minus_omega)


def dropped_risk(signal: Number) -> Number:
    """Cost of one mode that the mask drops: its whole energy."""
    return signal


def masked_risk(
    kept_signal: Number,
    kept_zeta: Number,
    dropped_signal: Number,
    omega: Number,
    one_minus_omega: Number,
    noise: Number = 0,
    total: Total = sum,
) -> Number:
    """Excess risk of the student of a masked surrogate ``M beta_star``."""
    kept = total(kept_risk(kept_signal, kept_zeta, one_minus_omega))
    dropped = total(dropped_risk(dropped_signal))
    return kept + dropped + variance_factor(omega, one_minus_omega) * noise
