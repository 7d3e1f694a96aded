"""The fixed point in double precision: a few passes over the eigenvalues.

Newton on g (see `kdverify.gaussian.solve.newton`) starts from the root of a small problem
(`kdverify.gaussian.solve.coarse`), so that one or two steps reach rounding level and one more
evaluation proves it.  All sums run over blocks that stay in the processor's cache.
"""

from __future__ import annotations

import math

import numpy as np

from kdverify import checks
from kdverify.gaussian.solve import coarse
from kdverify.gaussian.solve.newton import (
    Evaluation,
    Split,
    Wanted,
    evaluate,
    pieces,
)
from kdverify.gaussian.solve.result import Code, Equivalents
from kdverify.problem import Spectrum

BLOCK = 32768
UNIT_ROUNDOFF = 2.0**-53

#: Rounding in the computed g.  NumPy sums a block of 32768 pairwise, in leaves of 128 with
#: 8 accumulators and up to 7 left over: at most 15 + 3 + 7 + 8 additions on any path; blocks
#: are joined by fsum (1) and a term carries 2 roundings.  Numerator and denominator both: 72,
#: and 3 for ridge/tau, their quotient and the logarithm.
ROUNDING = 75 * UNIT_ROUNDOFF
#: |g| at which the iteration stops; ROUNDING + ACCEPTED < 1e-14.
ACCEPTED = 14 * UNIT_ROUNDOFF
MAX_EVALUATIONS = 12
#: |g| of the coarse root below which one step, or two, with its slope reach rounding level:
#: the slope is as good as the root, so that each step gains a factor |g|.
TINY = 1e-8
SMALL = 1e-5


def solve(spectrum: Spectrum, n: float, ridge: float = 0.0) -> Equivalents:
    """Solve (1) for 0 < n < p, or any n > 0 with ridge > 0.

    The result is right to 1e-14 in tau and 1 - Omega when its code is `Code.CONVERGED`.
    """
    lam = spectrum.descending
    checks.root_in_range(n, ridge, lam.size, float(lam[0]))
    split = Split.at(n, lam.size)

    def at(tau: float, wanted: Wanted) -> Evaluation:
        head, tail = pieces(lam, split, tau, np.sum, BLOCK, wanted)
        return evaluate(head, tail, tau, n, ridge, split.surplus, math.fsum)

    tau, minus_slope = coarse.root(lam, split, n, ridge)
    wanted = Wanted.RATIO  # the first step uses the coarse slope
    for evaluations in range(1, MAX_EVALUATIONS + 1):
        now = at(tau, wanted)
        g = math.log(now.ratio)
        if abs(g) <= ACCEPTED:
            break
        if wanted is not Wanted.RATIO:
            minus_slope = now.minus_slope
        tau *= math.exp(g / minus_slope)
        wanted = _wanted_after(evaluations, abs(g))
    if wanted is not Wanted.OMEGA:
        now = at(tau, Wanted.OMEGA)
        evaluations += 1
    return Equivalents(
        n=n,
        ridge=ridge,
        tau=tau,
        omega=now.omega,
        one_minus_omega=now.one_minus_omega,
        eigenvalues=spectrum.eigenvalues,
        minus_slope=now.minus_slope,
        log_error=abs(g) + ROUNDING,
        evaluations=evaluations,
        code=Code.CONVERGED if abs(g) <= ACCEPTED else Code.NOT_CONVERGED,
    )


def _wanted_after(evaluations: int, g: float) -> Wanted:
    """The least that the next evaluation has to give."""
    if evaluations > 1 or g < TINY:
        return Wanted.OMEGA
    return Wanted.RATIO if g < SMALL else Wanted.SLOPE
