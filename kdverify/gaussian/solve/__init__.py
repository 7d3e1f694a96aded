"""The fixed point (1): double precision, any number of digits, and with proof.

`equivalents` is the way in for double precision; `kdverify.gaussian.certified` for balls and
`multiprecision.solve` for mpmath numbers.
"""

from __future__ import annotations

from typing import Any

from kdverify import checks, formulas
from kdverify.gaussian.solve import double
from kdverify.gaussian.solve.result import Code, Equivalents
from kdverify.problem import Problem, Spectrum

__all__ = ["Code", "Equivalents", "equivalents", "spectrum_of"]


def spectrum_of(source: Spectrum | Problem) -> Spectrum:
    """The spectrum of a spectrum or of a problem."""
    if isinstance(source, Problem):
        return source.spectrum
    if isinstance(source, Spectrum):
        return source
    raise TypeError(f"spectrum={checks.shown(source)} must be a Spectrum or a Problem")


def equivalents(source: Spectrum | Problem, n: Any, ridge: Any = 0.0) -> Equivalents:
    """Deterministic equivalents: tau, zeta and Omega at n samples.

    tau > 0 solves ``sum_i lam_i/(lam_i + tau) + ridge/tau = n``;
    ``zeta_i = tau/(lam_i + tau)`` and ``Omega = (1/n) sum_i (1 - zeta_i)^2``.

    Args:
        source: the target spectrum, or a problem with it.
        n: number of samples, any positive real number.
        ridge: delta >= 0 of ``min |y - Xb|^2 + delta |b|^2`` (the sum over samples, not
            their mean); 0 is the minimum-norm solution, or least squares for n >= p.

    Returns:
        `Equivalents` in float64; tau and 1 - Omega are right to 1e-14 relatively.  For
        n >= p without ridge tau = zeta = 0 and Omega = p/n.

    Raises:
        ValueError, TypeError: n <= 0, ridge < 0, or something that is no number.
    """
    spectrum = spectrum_of(source)
    n, ridge = checks.positive("n", n), checks.non_negative("ridge", ridge)
    p = spectrum.p
    if ridge == 0 and n >= p:
        return Equivalents(
            n=n,
            ridge=ridge,
            tau=0.0,
            omega=formulas.unregularised_omega(n, p),
            one_minus_omega=formulas.unregularised_one_minus_omega(n, p),
            eigenvalues=spectrum.eigenvalues,
            code=Code.UNREGULARISED,
        )
    return double.solve(spectrum, n, ridge)
