"""Section 16 of the theory: eigenvalues of kernels on known domains."""

from __future__ import annotations

from kdverify.formulas._types import Number


def next_multiplicity(multiplicity: Number, degree: Number, dimension: Number) -> Number:
    """Spherical harmonics of degree k + 1 on the unit sphere of R^d, from those of degree k >= 1.

    Degree 0 has one, degree 1 has d.
    """
    rise = (2 * degree + dimension) * (degree + dimension - 2)
    return multiplicity * rise / ((2 * degree + dimension - 2) * (degree + 1))


def next_gegenbauer(
    argument: Number, last: Number, before: Number, degree: Number, dimension: Number
) -> Number:
    """``P_(k+1)(t)``, normalised to 1 at t = 1, from P_k and P_(k-1): k >= 1, on R^d."""
    slope = (2 * degree + dimension - 2) * argument * last - degree * before
    return slope / (degree + dimension - 2)


def next_krawtchouk(
    flips: Number, last: Number, before: Number, degree: Number, dimension: Number
) -> Number:
    """Normalised Krawtchouk polynomial of degree k + 1 at j flips of d signs (1 at j = 0)."""
    return ((dimension - 2 * flips) * last - degree * before) / (dimension - degree)


def mehler_root_squared(variance: Number, product: Number, damping: Number) -> Number:
    """``alpha^2 - s^2/4``, ``alpha = 1/(4 gamma) + damping/2``, for `mehler_first_squared`.

    The kernel is ``exp(s x y - damping (x^2 + y^2)/2)`` on one Gaussian input of variance gamma.
    """
    alpha = mehler_alpha(variance, damping)
    return alpha * alpha - product * product / 4


def mehler_alpha(variance: Number, damping: Number) -> Number:
    """``1/(4 gamma) + damping/2``."""
    return 1 / (4 * variance) + damping / 2


def mehler_ratio(variance: Number, product: Number, damping: Number, root: Number) -> Number:
    """Each eigenvalue over the one before: ``s/(2 (alpha + root))``."""
    return product / (2 * (mehler_alpha(variance, damping) + root))


def mehler_first_squared(variance: Number, damping: Number, root: Number) -> Number:
    """Square of the largest eigenvalue, ``1/(2 gamma (alpha + root))``."""
    return 1 / (2 * variance * (mehler_alpha(variance, damping) + root))


def relu_covariance(
    length: Number, angle: Number, sine: Number, cosine: Number, pi: Number
) -> Number:
    """``E relu(u) relu(v)`` of normal u, v with correlation ``cosine``: arc-cosine of degree 1.

    ``length`` is the product of their standard deviations.
    """
    return length * (sine + (pi - angle) * cosine) / (2 * pi)


def relu_slopes(angle: Number, pi: Number) -> Number:
    """``E relu'(u) relu'(v)``, the chance that both are positive: arc-cosine of degree 0."""
    return (pi - angle) / (2 * pi)


def erf_covariance(angle: Number, pi: Number) -> Number:
    """``E erf(u) erf(v)``, ``angle`` the arcsine of ``2 E uv/sqrt((1 + 2 E u^2)(1 + 2 E v^2))``."""
    return 2 * angle / pi


def erf_slopes(root: Number, pi: Number) -> Number:
    """``E erf'(u) erf'(v)`` from the root of ``(1 + 2 E u^2)(1 + 2 E v^2) - 4 (E uv)^2``."""
    return 4 / (pi * root)


def next_covariance(covariance: Number, weight: Number, bias: Number) -> Number:
    """Covariance of a layer's sums from that of its inputs; variances of weights and biases."""
    return weight * covariance + bias


def next_tangent(covariance: Number, tangent: Number, weight: Number, slopes: Number) -> Number:
    """Tangent kernel of one layer more: its own weights and biases, and those below.

    ``covariance`` is that of the layer's sums, ``slopes`` the mean of the activation's.
    """
    return covariance + weight * slopes * tangent
