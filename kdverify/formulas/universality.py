"""Section 7 of the theory: designs whose entries are not Gaussian."""

from __future__ import annotations

from kdverify.formulas._types import Number


def student_variance(df: Number) -> Number:
    """Variance ``df / (df - 2)`` of Student's t with ``df > 2`` degrees of freedom."""
    return df / (df - 2)


def rescaled_noise(noise: Number, scale: Number) -> Number:
    """Noise part of a student whose rows have the covariance ``scale Sigma`` and not Sigma.

    ``noise`` is the noise part for Sigma itself.  Without ridge a common scale of the rows
    leaves ``P = X'(XX')^-1 X`` as it is and divides ``tr(Sigma X'(XX')^-2 X)`` by ``scale``.
    """
    return noise / scale
