"""The two nested fixed points (16): double precision, and with proof (`proved`)."""

from __future__ import annotations

from typing import Any

from kdverify import checks
from kdverify.gaussian.solve import Code, spectrum_of
from kdverify.problem import Problem, Spectrum
from kdverify.random_features import question
from kdverify.random_features.solve import deep, double
from kdverify.random_features.solve.result import FeatureEquivalents, unregularised

__all__ = ["Code", "FeatureEquivalents", "equivalents"]


def equivalents(
    source: Spectrum | Problem, n: Any, features: Any, ridge: Any = 0.0
) -> FeatureEquivalents:
    """Deterministic equivalents of a student with random features.

    nu_1 and nu_2 = nu solve ``n - ridge/nu_1 = df(nu_2)`` and ``q (1 - nu_1/nu_2) = df(nu_2)``,
    ``df(nu) = sum_i lam_i/(lam_i + nu)``.

    Args:
        source: the covariance of the inputs, or a problem with it.
        n: number of samples, any positive real number.
        features: q, number of features ``z = W x``, W of independent N(0, 1/q) entries; a real
            number of at least 1.  Several layers, ``z = W_L ... W_1 x``: a tuple of widths, that
            of W_1 first.
        ridge: delta >= 0 of ``min |y - Za|^2 + delta |a|^2`` (the sum over samples); 0 is the
            minimum-norm solution, or least squares for n >= q.

    Returns:
        `FeatureEquivalents` in float64; nu is right to 3e-14 relatively, of several layers
        to its ``log_error``.

    Raises:
        ValueError, TypeError: n <= 0, features < 1, ridge < 0, n = features < p without ridge
            (there is no finite risk), or something that is no number.

    Source: Defilippis, Loureiro, Misiakiewicz 2024; claims ``12.*``, ``12.deep``.
    """
    spectrum = spectrum_of(source)
    if isinstance(features, tuple | list):
        delta = checks.non_negative("ridge", ridge)
        several = question.widths(n, features, delta, spectrum.p)
        if len(several) > 1:
            return deep.solve(spectrum, checks.positive("n", n), several, delta)
        (features,) = several
    n, q, ridge = question.checked(n, features, ridge, spectrum.p)
    if ridge == 0 and min(n, q) >= spectrum.p:
        return unregularised(float, n, q, spectrum.p, spectrum.eigenvalues)
    return double.solve(spectrum, n, q, ridge)
