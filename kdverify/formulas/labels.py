"""Section 13: labels that one does not have.

s: a singular value of the n training rows; d: the ridge, as a sum over samples.
"""

from __future__ import annotations

from kdverify.formulas._types import Number


def left_over(square: Number, ridge: Number) -> Number:
    """Share ``d/(s^2 + d)`` of a direction that a ridge student does not learn; square is s^2."""
    return ridge / (square + ridge)


def noise_taken(square: Number, ridge: Number) -> Number:
    """``s^2/(s^2 + d)^2``: variance that label noise of variance 1 gives a direction."""
    return square / (square + ridge) ** 2


def linear_risk(bias: Number, noise: Number, noise_weight: Number) -> Number:
    """Total risk ``sum_i s_i w_i + sigma^2 c``: ``bias`` is the sum, ``noise_weight`` is c."""
    return bias + noise * noise_weight


def output_scatter(risk: Number, slope: Number, square: Number) -> Number:
    """``E|f - a y|^2`` of outputs f, from ``E|y - f|^2``, ``a = E y'f / E y'y``, ``E y'y``."""
    return risk - (1 - slope) ** 2 * square


def label_variance(eigenvalue: Number, share: Number) -> Number:
    """Variance of labels along an eigenvector of ``W diag(s) W'``, as a share of the total."""
    return share * eigenvalue + (1 - share)


def log_evidence(log_determinant: Number, log_form: Number, freedom: Number) -> Number:
    """Log evidence of ``y ~ N(0, v A)``, v integrated out with the prior 1/v, up to a constant.

    ``log_determinant`` of A, ``log_form`` log y'A^-1 y, ``freedom`` the number of labels.
    """
    return -(log_determinant + freedom * log_form) / 2
