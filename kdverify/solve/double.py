"""The fixed point in double precision: a few passes over the eigenvalues.

Newton on g (see `kdverify.solve.newton`) starts from the root of a coarse problem, in
which eigenvalues within a factor 2^(1/64) are replaced by their mean; that root is right
to about 1e-5, so that two steps reach rounding level and a third evaluation proves it.
All sums run over blocks that stay in the processor's cache.
"""

from __future__ import annotations

import math

import numpy as np

from kdverify.problem import Spectrum
from kdverify.solve.newton import (
    Evaluation,
    Split,
    Wanted,
    evaluate,
    moments,
    pieces,
    start,
)
from kdverify.solve.result import Code, Equivalents

BLOCK = 32768
UNIT_ROUNDOFF = 2.0**-53

#: Rounding in the computed g.  A block of 32768 is summed by NumPy pairwise, in leaves of
#: 128 with 8 accumulators: at most 15 + 3 + 8 additions on any path; blocks are joined
#: by fsum (1).  A term carries 2 roundings.  Numerator and denominator both: 58, and 3
#: for ridge/tau, their quotient and the logarithm.
ROUNDING = 61 * UNIT_ROUNDOFF
#: |g| at which the iteration stops; ROUNDING + ACCEPTED < 1e-14.
ACCEPTED = 28 * UNIT_ROUNDOFF
MAX_EVALUATIONS = 12
#: |g| of the coarse root below which two steps with its slope reach rounding level.
SMALL = 1e-5

BINS_PER_OCTAVE = 64
MAX_BINS = 8192
HUGE = 1e200
COARSE_ACCEPTED = 1e-6
MAX_COARSE_EVALUATIONS = 100


def solve(spectrum: Spectrum, n: float, ridge: float = 0.0) -> Equivalents:
    """Solve (1) for 0 < n < p, or any n > 0 with ridge > 0.

    The result is right to 1e-14 in tau and 1 - Omega when its code is `Code.CONVERGED`.
    """
    lam = spectrum.descending
    split = Split.at(n, lam.size)

    def at(tau: float, wanted: Wanted) -> Evaluation:
        head, tail = pieces(lam, split, tau, np.sum, BLOCK, wanted)
        return evaluate(head, tail, tau, n, ridge, split.surplus, math.fsum)

    tau, minus_slope = _coarse_root(lam, split, n, ridge)
    wanted = Wanted.RATIO  # the coarse slope serves the first step, the second if g is small
    for evaluations in range(1, MAX_EVALUATIONS + 1):
        now = at(tau, wanted)
        g = math.log(now.ratio)
        if abs(g) <= ACCEPTED:
            break
        if wanted is not Wanted.RATIO:
            minus_slope = now.minus_slope
        tau *= math.exp(g / minus_slope)
        if evaluations == 1:
            wanted = Wanted.RATIO if abs(g) < SMALL else Wanted.SLOPE
        else:
            wanted = Wanted.OMEGA
    if wanted is not Wanted.OMEGA:
        now = at(tau, Wanted.OMEGA)
    return Equivalents(
        n=n,
        ridge=ridge,
        tau=tau,
        omega=now.omega,
        one_minus_omega=now.one_minus_omega,
        eigenvalues=spectrum.eigenvalues,
        log_error=abs(g) + ROUNDING,
        evaluations=evaluations,
        code=Code.CONVERGED if abs(g) <= ACCEPTED else Code.NOT_CONVERGED,
    )


def _coarse_root(lam: np.ndarray, split: Split, n: float, ridge: float) -> tuple[float, float]:
    """Root of g and -g' there, to about 1e-5: eigenvalues binned by size and cut at n."""
    edges = _bin_edges(lam, split)
    counts = np.diff(edges, append=lam.size)
    if lam[0] < HUGE:
        means = np.add.reduceat(lam, edges) / counts
    else:  # sums would overflow; what underflows instead only blurs the start
        means = np.add.reduceat(lam / HUGE, edges) / counts * HUGE
    w = split.fraction
    split_mode = (lam[split.whole],) if w > 0 else ()

    def side_of(inside: np.ndarray, share: float) -> tuple[np.ndarray, np.ndarray]:
        nodes = np.append(means[inside], split_mode)
        return nodes, np.append(counts[inside], [share] * len(split_mode))

    head_nodes, head_weights = side_of(edges < split.whole, w)
    tail_nodes, tail_weights = side_of(edges >= split.tail, 1 - w)
    tau = start(lam, split, n, ridge)
    for _ in range(MAX_COARSE_EVALUATIONS):
        head = moments(head_nodes, tau, "head", head_weights.dot, Wanted.SLOPE)
        tail = moments(tail_nodes, tau, "tail", tail_weights.dot, Wanted.SLOPE)
        now = evaluate([head], [tail], tau, n, ridge, split.surplus, math.fsum)
        g = math.log(now.ratio)
        tau *= math.exp(g / now.minus_slope)
        if abs(g) <= COARSE_ACCEPTED:
            break
    return tau, now.minus_slope


def _bin_edges(lam: np.ndarray, split: Split) -> np.ndarray:
    """First indices of bins of ratio 2^(1/64); n and the split mode start bins of their own."""
    octaves = math.log2(lam[0]) - math.log2(lam[-1])
    bins = min(math.ceil(octaves * BINS_PER_OCTAVE), MAX_BINS)
    thresholds = np.exp2(np.linspace(math.log2(lam[0]), math.log2(lam[-1]), bins + 1)[1:])
    inner = lam.size - np.searchsorted(lam[::-1], thresholds, side="left")
    cuts = np.concatenate(([0, split.whole, split.tail], inner))
    return np.unique(cuts[cuts < lam.size])
