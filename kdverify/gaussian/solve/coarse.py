"""A start for Newton on g: the root of a small problem that looks like the large one.

Eigenvalues are grouped into bins of equal ratio, and each bin stands in as two nodes with
half its weight each, at its mean plus and minus the standard deviation of equally spaced
values between its ends.  Sums over smooth functions of lambda are then right to fourth
order in the bin width for smooth spectra and to second order for any.
"""

from __future__ import annotations

import math

import numpy as np

from kdverify.gaussian.solve.newton import Equation, Split, Wanted, sums_of

BINS_PER_OCTAVE = 64
MAX_BINS = 8192
HUGE = 1e200
#: |g| before the last step: what the step leaves is below its square.
ACCEPTED = 1e-4
MAX_EVALUATIONS = 100


def root(lam: np.ndarray, split: Split, equation: Equation, tau: float) -> tuple[float, float]:
    """An approximate root of ``equation``'s g, from ``tau``, and -g' there.

    ``lam`` is sorted downward.
    """
    edges = _bin_edges(lam, split)
    nodes, weights = _nodes(lam, edges)
    is_head, is_tail = (np.concatenate((i, i)) for i in (edges < split.whole, edges >= split.tail))
    w = split.fraction
    split_mode = lam[split.whole : split.tail]
    head_nodes = np.append(nodes[is_head], split_mode)
    head_weights = np.append(weights[is_head], [w] * split_mode.size)
    tail_nodes = np.append(nodes[is_tail], split_mode)
    tail_weights = np.append(weights[is_tail], [1 - w] * split_mode.size)

    for _ in range(MAX_EVALUATIONS):
        head = sums_of(head_nodes, tau, "head", head_weights.dot, Wanted.SLOPE)
        tail = sums_of(tail_nodes, tau, "tail", tail_weights.dot, Wanted.SLOPE)
        now = equation([head], [tail], tau)
        g = math.log(now.ratio)
        tau *= math.exp(g / now.minus_slope)
        if abs(g) <= ACCEPTED:
            break
    return tau, now.minus_slope


def _nodes(lam: np.ndarray, edges: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Two nodes and weights for each bin: all lower nodes, then all upper ones."""
    counts = np.diff(edges, append=lam.size)
    largest, smallest = lam[edges], lam[edges + counts - 1]
    spans = largest - smallest
    # Sums of huge eigenvalues would overflow: the middle of a bin is good enough for a start.
    sums_fit = lam[0] < HUGE
    means = np.add.reduceat(lam, edges) / counts if sums_fit else smallest + spans / 2
    deviations = spans * np.sqrt((counts + 1) / (12 * np.maximum(counts - 1, 1)))
    nodes = np.concatenate((means - deviations, means + deviations))
    return nodes, np.tile(counts / 2, 2)


def _bin_edges(lam: np.ndarray, split: Split) -> np.ndarray:
    """First indices of the bins; n and the split mode start bins of their own."""
    octaves = math.log2(lam[0]) - math.log2(lam[-1])
    bins = min(math.ceil(octaves * BINS_PER_OCTAVE), MAX_BINS)
    thresholds = np.exp2(np.linspace(math.log2(lam[0]), math.log2(lam[-1]), bins + 1)[1:])
    edges = lam.size - np.searchsorted(lam[::-1], thresholds, side="left")
    cuts = np.array([split.whole, split.tail])
    edges = np.insert(edges, np.searchsorted(edges, cuts), cuts)
    edges = edges[(np.diff(edges, prepend=0) > 0) & (edges < lam.size)]
    return np.concatenate(([0], edges))
