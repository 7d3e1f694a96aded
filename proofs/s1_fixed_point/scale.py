"""Claim of section 1: the fixed point (1), its root and how the root scales.

Statements "for all p" rest on lemmas about one mode, decided for all lambda, tau > 0, and
on sums of them; where more than a sum is needed, the lemma is the step of an induction
over the modes, with the sums over the modes so far as variables.
"""

from fractions import Fraction
from typing import Any

import sympy

from kdverify import formulas as f
from kdverify.evidence import Claim, Step

from ..lib.balls import Case, integers
from ..lib.modes import Pairs, one_mode

SCALE = Claim(
    "1.scale",
    title="tau scales with the covariance and the ridge; zeta and Omega do not change",
    statement=r"\tau(c\Sigma, c\delta) = c\,\tau(\Sigma, \delta),\quad"
    r" \zeta(c\Sigma, c\delta) = \zeta(\Sigma, \delta),\quad"
    r" \Omega(c\Sigma, c\delta) = \Omega(\Sigma, \delta) \quad (c > 0)",
    source="classic",
    needs=("1.unique", "1.ridge"),
    steps=[
        Step(
            "(1) and Omega depend on lambda_i, tau and delta through zeta_i and delta/tau only,"
            " and these do not change when all three are multiplied by c.",
            lambda: scaled_shares()[0][0],
        ),
        Step("So c tau solves (1) for (c Sigma, c delta); the root is unique."),
    ],
)


@SCALE.identity("whole", note="mode by mode", but={"the ridge is not scaled": {"ridge_too": False}})
def scaled_shares(ridge_too: bool = True) -> tuple[list[Any], list[Any]]:
    """zeta, 1 - zeta and delta/tau at (c lambda, c tau, c delta) and at (lambda, tau, delta)."""
    lam, tau = one_mode()
    c, delta = sympy.symbols("c delta", positive=True)
    scaled = [*f.split_mode(c * lam, c * tau), (c * delta if ridge_too else delta) / (c * tau)]
    return scaled, [*f.split_mode(lam, tau), delta / tau]


@SCALE.equal(
    "Sigma and 12 Sigma",
    note="two certified solves",
    but={"the ridge is scaled by the square": {"ridge_factor": 144}},
)
def scaled_roots(digits: int, ridge_factor: int = 12) -> Pairs:
    """tau and Omega of 12 Sigma beside 12 tau and Omega of Sigma, at several n and ridges."""
    for n, ridge in ((5, 0), (9, 0), (5, 2), (30, 2)):
        size, delta = Fraction(n), Fraction(ridge)
        at = Case(integers(10), size, delta).solved(digits)
        scaled = Case(integers(10, 12), size, ridge_factor * delta).solved(digits)
        yield scaled.tau, 12 * at.tau
        yield scaled.omega, at.omega
