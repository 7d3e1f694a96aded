"""The fixed point in double precision: a few passes over the eigenvalues.

Newton on g (see `kdverify.gaussian.solve.newton`) starts from the root of a small problem
(`kdverify.gaussian.solve.coarse`), so that one or two steps reach rounding level and one more
evaluation proves it.  All sums run over blocks that stay in the processor's cache.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass
from typing import Generic, TypeVar

import numpy as np

from kdverify import checks
from kdverify.gaussian.solve import coarse
from kdverify.gaussian.solve.newton import (
    Evaluation,
    Split,
    Step,
    Sums,
    Wanted,
    evaluate,
    pieces,
    start,
)
from kdverify.gaussian.solve.result import Code, Equivalents
from kdverify.problem import Spectrum

E = TypeVar("E", bound=Step)

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

    def equation(head: list[Sums], tail: list[Sums], tau: float) -> Evaluation:
        return evaluate(head, tail, tau, n, ridge, split.surplus, math.fsum)

    found = iterate(lam, split, equation, start(lam, split, n, ridge))
    now = found.now
    return Equivalents(
        n=n,
        ridge=ridge,
        tau=found.tau,
        omega=now.omega,
        one_minus_omega=now.one_minus_omega,
        eigenvalues=spectrum.eigenvalues,
        minus_slope=now.minus_slope,
        log_error=abs(found.g) + ROUNDING,
        evaluations=found.evaluations,
        code=found.code,
    )


@dataclass(frozen=True)
class Found(Generic[E]):
    """Where Newton's method ended.

    Attributes:
        tau: the root; g: of the last check of it.
        now: the evaluation at ``tau``, Omega and all.
        evaluations: how often all eigenvalues were gone through.
    """

    tau: float
    g: float
    now: E
    evaluations: int

    @property
    def code(self) -> Code:
        """Whether g is at rounding level."""
        return Code.CONVERGED if abs(self.g) <= ACCEPTED else Code.NOT_CONVERGED


def iterate(
    lam: np.ndarray,
    split: Split,
    equation: Callable[[list[Sums], list[Sums], float], E],
    tau: float,
) -> Found[E]:
    """The root of ``equation``'s g: coarse first, from ``tau``, then on all of ``lam``."""

    def at(tau: float, wanted: Wanted) -> E:
        return equation(*pieces(lam, split, tau, np.sum, BLOCK, wanted), tau)

    tau, minus_slope = coarse.root(lam, split, equation, tau)
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
    return Found(tau, g, now, evaluations)


def _wanted_after(evaluations: int, g: float) -> Wanted:
    """The least that the next evaluation has to give."""
    if evaluations > 1 or g < TINY:
        return Wanted.OMEGA
    return Wanted.RATIO if g < SMALL else Wanted.SLOPE
