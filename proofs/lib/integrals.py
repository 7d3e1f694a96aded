"""Means of the random quantities whose laws are known exactly, as SymPy integrals."""

from fractions import Fraction
from typing import Any

import sympy

x = sympy.Symbol("x", positive=True)


def chi_square_density(degrees: Any) -> Any:
    """Density of the chi-square law in `x`."""
    half = degrees / 2
    return x ** (half - 1) * sympy.exp(-x / 2) / (2**half * sympy.gamma(half))


def mean_inverse_chi_square(beyond_two: Any) -> Any:
    """E 1/chi^2 with ``2 + beyond_two`` degrees of freedom, any ``beyond_two`` > 0."""
    extra = sympy.Symbol("m", positive=True)
    mean = sympy.integrate(chi_square_density(extra + 2) / x, (x, 0, sympy.oo))
    return sympy.gammasimp(mean).subs(extra, beyond_two)


def mean_inverse_wishart_trace(size: Any, degrees: Any) -> Any:
    """E tr W^-1 of a Wishart matrix: ``size`` times E 1/chi^2 of degrees - size + 1."""
    return size * mean_inverse_chi_square(degrees - size - 1)


def reciprocal_of_truncated_mean(degrees: int) -> Any:
    """1 / E[1/chi^2; chi^2 > epsilon]: tends to 0 where the mean is infinite."""
    epsilon = sympy.Symbol("epsilon", positive=True)
    return 1 / sympy.integrate(chi_square_density(sympy.Integer(degrees)) / x, (x, epsilon, 1))


def projector_moment(order: int, n: Any, p: Any) -> Any:
    """E P_11^order of a uniformly random projector of rank n in p dimensions.

    P_11 = |first n of p coordinates of a random unit vector|^2 ~ Beta(n/2, (p - n)/2), and
    the Beta function is the integral of its density's shape.
    """
    shape = sympy.beta(n / 2 + order, (p - n) / 2) / sympy.beta(n / 2, (p - n) / 2)
    return sympy.gammasimp(shape.rewrite(sympy.gamma))


STUDENT_DF = 8
#: Fourth moments of the standardised entries (claim ``7.universality``).
FOURTH_MOMENTS = {
    "rademacher": Fraction(1),
    "uniform": Fraction(9, 5),
    "student": Fraction(9, 2),
}


def excess(design: str) -> float:
    """(m4 - 1)/2 where the fourth moment m4 exceeds the Gaussian's 3, else 1.

    m4 - 1 in the place of 2 is what a diagonal entry of A adds to the variance of g'Ag
    (claim ``7.universality``), and so to the effects of order 1/n: bands are wider by that.
    """
    return max(1.0, (float(FOURTH_MOMENTS[design]) - 1) / 2)


def student_moment(order: int) -> Any:
    """E t^order of Student's t with 8 degrees of freedom, as an integral."""
    t, df = sympy.Symbol("t", real=True), sympy.Integer(STUDENT_DF)
    shape = (1 + t**2 / df) ** (-(df + 1) / 2)
    weight = sympy.gamma((df + 1) / 2) / (sympy.sqrt(df * sympy.pi) * sympy.gamma(df / 2))
    return weight * sympy.integrate(t**order * shape, (t, -sympy.oo, sympy.oo))
