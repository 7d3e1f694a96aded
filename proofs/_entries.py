"""Laws of the entries of a design, for the claims of section 7."""

from __future__ import annotations

from fractions import Fraction
from typing import Any

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
    import sympy

    t, df = sympy.Symbol("t", real=True), sympy.Integer(STUDENT_DF)
    shape = (1 + t**2 / df) ** (-(df + 1) / 2)
    weight = sympy.gamma((df + 1) / 2) / (sympy.sqrt(df * sympy.pi) * sympy.gamma(df / 2))
    return weight * sympy.integrate(t**order * shape, (t, -sympy.oo, sympy.oo))
