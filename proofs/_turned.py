"""One problem by two routes: dense matrices of balls, and eigenvalues.

Eigenvalues 1/i, i = 1..8; the matrices are turned by the reflection along `DIRECTION`.
"""

from __future__ import annotations

from fractions import Fraction
from typing import Any

import flint
import numpy as np
from _matrices import balls, column, diagonal, four_term_risk, reflection, widened
from _notation import Pairs

from kdverify import Problem, Spectrum, risk
from kdverify.arithmetic import BALLS
from kdverify.gaussian import certified

DIRECTION = (1, -2, 3, 1, 2, -1, 1, 4)
BETA_STAR = (2, -1, 1, 0, 3, -2, 1, 1)
SURROGATE = (1, 1, -2, 1, 2, 0, -1, 3)
P, N, NOISE = len(DIRECTION), 3, Fraction(1, 4)


def diagonal_problem() -> Any:
    """The problem in its eigenbasis."""
    return Problem(Spectrum.power_law(P, 1), [float(b) for b in BETA_STAR])


def certified_risk(digits: int, sign: int = 1) -> Any:
    """(2) for the surrogate times ``sign``, from eigenvalues: a ball."""
    surrogate = [float(sign * s) for s in SURROGATE]
    return certified.risk(diagonal_problem(), N, surrogate, NOISE, digits=digits)


def certified_tau(digits: int) -> Any:
    """tau, a ball."""
    return certified.equivalents(diagonal_problem(), N, digits=digits).tau


def turned_problem() -> tuple[Any, Any, Any]:
    """Sigma = Q Lambda Q, Q surrogate and Q beta_star for the reflection Q, on balls."""
    q = balls(reflection(DIRECTION))
    sigma = q * diagonal([Fraction(1, i) for i in range(1, P + 1)]) * q
    return sigma, q * column(SURROGATE), q * column(BETA_STAR)


def matrix_risk(sigma: Any, surrogate: Any, beta_star: Any, tau: Any) -> Any:
    """The four-term form by inverting matrices of balls."""
    eye, noise = diagonal([1] * P), BALLS.number(NOISE)
    return four_term_risk(sigma, eye, tau, surrogate, beta_star, N, P, noise)


def matrix_degrees_of_freedom(digits: int) -> Any:
    """tr (Sigma + tau)^-1 Sigma of the turned covariance."""
    sigma = turned_problem()[0]
    return ((sigma + diagonal([1] * P) * certified_tau(digits)).inv() * sigma).trace()


def both_routes(digits: int, sign: int = 1) -> Pairs:
    """The risk by matrices and by modes; the left side of (1) by matrices, and n."""
    yield matrix_risk(*turned_problem(), certified_tau(digits)), certified_risk(digits, sign)
    yield matrix_degrees_of_freedom(digits), N


def double_risk(sign: int = 1) -> Any:
    """`kdverify.risk` of the turned covariance in double precision."""
    q = np.array(reflection(DIRECTION), dtype=float)
    spectrum = Spectrum.from_covariance(q @ np.diag(1 / np.arange(1.0, P + 1)) @ q)
    problem = Problem(spectrum, q @ np.array(BETA_STAR, dtype=float))
    surrogate = q @ np.array(SURROGATE, dtype=float)
    return risk(problem, N, sign * surrogate, float(NOISE))


def double_precision(digits: int, sign: int = 1) -> Pairs:
    """Double precision against all problems within rounding of the turned one.

    Rounding turns Sigma into one within r = 4 p 2^-52 |Sigma| of it (|Sigma| = 1: the matrix
    products and the eigensolver, each backward stable), and the vectors likewise.  tau grows
    with Sigma and scales with it, so that it lies within the factors 1 -+ p r (smallest
    eigenvalue 1/p).  The four-term form on balls of these radii encloses all risks.
    """
    radius = 4 * P * 2.0**-52
    length = float(sum(s * s for s in SURROGATE + BETA_STAR)) ** 0.5
    sigma, surrogate, beta_star = turned_problem()
    tau = certified_tau(digits) * (1 + flint.arb(0, P * radius))
    enclosed = matrix_risk(
        widened(sigma, radius),
        widened(surrogate, radius * length),
        widened(beta_star, radius * length),
        tau,
    )
    value = flint.arb(double_risk(sign))
    yield enclosed.lower(), value
    yield value, enclosed.upper()
    yield enclosed.rad(), enclosed.mid() / 10**9
