"""A spectrum compressed to few weighted nodes: sums over all modes at the cost of a few.

Every sum of the theory is ``sum_i s_i f(lam_i)`` with s = 1 or s = lam beta*^2 and f smooth
on a logarithmic scale: all that is used of f below is that its poles in lam lie at -tau or
at +-i tau sqrt(Omega/(1-Omega)), so never in the right half plane.  The sorted eigenvalues
are cut into blocks of ratio at most r = 2^(1/3), and within a block f is replaced by its
interpolant at K Chebyshev nodes x_j:

    sum_{i in block} s_i f(lam_i)  =  sum_j w_j f(x_j),    w_j = sum_i s_i l_j(lam_i),

l_j the Lagrange polynomials.  The weights come from Chebyshev moments m_k of the block,

    w_j = (1/K) sum_{k<K} (2 - [k=0]) m_k T_k(x_j),    m_k = sum_i s_i T_k((lam_i - c)/h).

Error of the interpolant: for a pole at distance d from the centre c, measured in half widths
h, ``|f - interpolant| <= |f| / T_K(d)`` if the pole is simple and at most K + 2 times that if
it is double.  Poles in the left half plane have d >= c/h: 8.7 at ratio r, where K = 16 leaves
6e-19, and at least 95 in a narrow block, where K = 8 leaves 1e-17.

Blocks of at most 16 eigenvalues keep these as nodes, and a block of one repeated eigenvalue
is one node.  No block holds more than 4096 modes, so that the block which n cuts can be
taken mode by mode.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property

import numpy as np

from kdverify.gaussian.solve.newton import Split

WIDE_ORDER, NARROW_ORDER = 16, 8
#: Half width over centre up to which the narrow order will do.
NARROW = 1 / 95
BLOCKS_PER_OCTAVE = 3
LARGEST_BLOCK = 4096
#: Modes handled at once while moments are formed: four such vectors fit into a core's cache.
CHUNK = 16384

UNIT_ROUNDOFF = 2.0**-53
_RATIO = 2.0 ** (1 / BLOCKS_PER_OCTAVE)
#: The k-th Chebyshev coefficient of f is at most 2 rho^-k f.
_RHO = (lambda d: d + math.sqrt(d * d - 1))((_RATIO + 1) / (_RATIO - 1))
#: Most additions that one of up to 4096 terms goes through in NumPy's pairwise sum: leaves
#: of up to 128 terms have 8 accumulators (15 additions and 3 to join them) and add what is
#: no multiple of 8 one by one; halves are rounded down to multiples of 8.
PAIRWISE_DEPTH = 29
#: Sums are halved this often in double precision before they are added up in extended.
HALVINGS = 4


@dataclass(frozen=True, eq=False)
class Side:
    """Weighted nodes for all modes on one side of n; padded with weights 0."""

    nodes: np.ndarray
    weights: np.ndarray

    @classmethod
    def of(cls, *parts: tuple[np.ndarray, np.ndarray]) -> Side:
        """Parts of (nodes, weights) put together."""
        size = sum(nodes.size for nodes, _ in parts)
        padding = -size % 2**HALVINGS
        return cls(
            np.concatenate([nodes for nodes, _ in parts] + [np.ones(padding)]),
            np.concatenate([weights for _, weights in parts] + [np.zeros(padding)]),
        )

    def quick_total(self, values: np.ndarray) -> float:
        """Sum over the modes of a function given at the nodes."""
        return float(self.weights.dot(values))

    def careful_total(self, values: np.ndarray) -> float:
        """The same, with the rounding error that `Measure.rounding` bounds."""
        terms = self.weights * values
        for _ in range(HALVINGS):
            half = terms.size // 2
            terms = terms[:half] + terms[half:]
        return float(np.add.reduce(terms, dtype=np.longdouble))


@dataclass(frozen=True, eq=False)
class Measure:
    """Weighted nodes that stand for the p modes of a sorted spectrum, block by block.

    Attributes:
        edges: (B + 1,) block b holds modes ``edges[b]:edges[b+1]`` of the descending order.
        offsets: (B + 1,) and nodes ``offsets[b]:offsets[b+1]``.
        nodes: eigenvalues at which a function is to be evaluated.
        counts: their weights for sums over modes; they can be negative.
        signal: their weights for sums of ``signal * f``; zero without a signal.
        block_signal: (B,) sum of the signal in each block.
    """

    edges: np.ndarray
    offsets: np.ndarray
    nodes: np.ndarray
    counts: np.ndarray
    signal: np.ndarray
    block_signal: np.ndarray

    def sides(self, descending: np.ndarray, split: Split) -> tuple[Side, Side]:
        """The modes up to and beyond n; the block that n cuts mode by mode."""
        last = self.edges.size - 1
        cut = int(np.searchsorted(self.edges, split.whole, side="right")) - 1
        lo, hi = self.edges[cut], self.edges[min(cut + 1, last)]
        before, after = slice(0, self.offsets[cut]), slice(self.offsets[min(cut + 1, last)], None)
        ones = np.ones(hi - lo)
        shared = descending[split.whole : split.tail]
        head, tail = descending[lo : split.whole], descending[split.tail : hi]
        return (
            Side.of(
                (self.nodes[before], self.counts[before]),
                (head, ones[: head.size]),
                (shared, split.fraction * ones[: shared.size]),
            ),
            Side.of(
                (self.nodes[after], self.counts[after]),
                (tail, ones[: tail.size]),
                (shared, split.complement * ones[: shared.size]),
            ),
        )

    @cached_property
    def rounding(self) -> float:
        """Bound of the relative error of `Side.careful_total` for zeta and 1 - zeta.

        Per node 2 roundings in f, 1 in the node, 1 in its weight, 1 in their product, then
        4 additions in halvings and 1 to double, all times ``sum |w| / sum w``; beside
        that, errors in the moments, which the decay of f's coefficients damps, and the
        additions and the matrix product made in extended precision.
        """
        sizes = np.diff(self.edges)
        absolute = np.add.reduceat(np.abs(self.counts), self.offsets[:-1])
        amplification = float((absolute / sizes).max())
        extended = float(np.finfo(np.longdouble).eps) / 2
        additions = PAIRWISE_DEPTH + math.log2(self.nodes.size + LARGEST_BLOCK)
        per_node = (6 + HALVINGS) * UNIT_ROUNDOFF + additions * extended
        orders = np.arange(1.0, WIDE_ORDER)
        moment = (PAIRWISE_DEPTH + 1 + 3 * orders**2) * UNIT_ROUNDOFF
        in_moments = float((2 * _RHO**-orders * moment).sum())
        in_weights = 2 * WIDE_ORDER * (WIDE_ORDER + 2) * extended
        return float(_RATIO * (amplification * per_node + in_moments + in_weights))


def compress(descending: np.ndarray, signal: np.ndarray | None = None) -> Measure:
    """The compressed form of eigenvalues sorted downward and their signal, each (p,)."""
    edges = _edges(descending)
    starts, sizes = edges[:-1], np.diff(edges)
    largest, smallest = descending[starts], descending[edges[1:] - 1]
    centres = (largest + smallest) / 2
    reach = np.maximum(largest - centres, centres - smallest)
    orders = np.where(reach <= NARROW * centres, NARROW_ORDER, WIDE_ORDER)
    orders[(sizes <= WIDE_ORDER) | (reach == 0)] = 1  # only the sum of the signal is needed
    count_moments, signal_moments = _moments(descending, signal, edges, centres, reach, orders)

    nodes = np.empty((sizes.size, WIDE_ORDER))
    counts, energies = np.zeros_like(nodes), np.zeros_like(nodes)
    for order in (NARROW_ORDER, WIDE_ORDER):
        points, to_weights = _transform(order)
        mine = np.flatnonzero(orders == order)
        nodes[mine, :order] = centres[mine, None] + reach[mine, None] * points
        counts[mine, :order] = count_moments[:order, mine].T @ to_weights
        energies[mine, :order] = signal_moments[:order, mine].T @ to_weights

    flat = reach == 0
    nodes[flat, 0] = largest[flat]
    counts[flat, 0] = sizes[flat]
    energies[flat, 0] = signal_moments[0, flat]

    few = np.flatnonzero((sizes <= WIDE_ORDER) & ~flat)
    place = np.arange(WIDE_ORDER)
    members = np.minimum(starts[few, None] + place, edges[few + 1, None] - 1)
    nodes[few] = descending[members]
    counts[few] = 1.0
    if signal is not None:
        energies[few] = signal[members]

    used = np.where(flat, 1, np.where(sizes <= WIDE_ORDER, sizes, orders))
    inside = place < used[:, None]
    offsets = np.concatenate(([0], np.cumsum(used)))
    block_signal = signal_moments[0].astype(np.float64)
    return Measure(edges, offsets, nodes[inside], counts[inside], energies[inside], block_signal)


def _edges(descending: np.ndarray) -> np.ndarray:
    """Block edges: a geometric grid from the largest eigenvalue, long blocks cut evenly."""
    p = descending.size
    top, bottom = np.log2(descending[0]), np.log2(descending[-1])
    steps = np.arange(1, math.ceil((top - bottom) * BLOCKS_PER_OCTAVE) + 1)
    below = np.exp2(top - steps / BLOCKS_PER_OCTAVE)
    grid = p - np.searchsorted(descending[::-1], below, side="left")
    edges = np.unique(np.concatenate(([0], grid, [p])))
    pieces = -(-np.diff(edges) // LARGEST_BLOCK)
    first = np.repeat(edges[:-1], pieces)
    rank = np.arange(first.size) - np.repeat(np.cumsum(pieces) - pieces, pieces)
    lengths = np.repeat(np.diff(edges), pieces)
    return np.append(first + rank * lengths // np.repeat(pieces, pieces), p)


def _moments(
    descending: np.ndarray,
    signal: np.ndarray | None,
    edges: np.ndarray,
    centres: np.ndarray,
    reach: np.ndarray,
    orders: np.ndarray,
) -> tuple[np.ndarray, np.ndarray]:
    """Chebyshev moments (16, B), extended precision, of the modes and of their signal.

    Block b needs those below ``orders[b]``; others may be left 0.
    """
    sizes = np.diff(edges)
    counts = np.zeros((WIDE_ORDER, sizes.size), dtype=np.longdouble)
    energies = np.zeros_like(counts)
    counts[0] = sizes
    if signal is not None:
        energies[0] = np.add.reduceat(signal, edges[:-1])
    for blocks in _chunks(edges):
        order = int(orders[blocks].max())
        if order == 1:
            continue
        lengths, lo, hi = sizes[blocks], edges[blocks.start], edges[blocks.stop]
        starts = edges[blocks] - lo
        scale = np.where(reach[blocks] > 0, reach[blocks], 1.0)
        x = descending[lo:hi] - np.repeat(centres[blocks], lengths)
        x /= np.repeat(scale, lengths)
        for k, polynomial in _chebyshev(x, order):
            counts[k, blocks] = np.add.reduceat(polynomial, starts)
            if signal is not None:
                energies[k, blocks] = np.add.reduceat(polynomial * signal[lo:hi], starts)
    return counts, energies


def _chunks(edges: np.ndarray) -> Iterator[slice]:
    """Runs of blocks with at most `CHUNK` modes each."""
    block = 0
    while block < edges.size - 1:
        stop = int(np.searchsorted(edges, edges[block] + CHUNK, side="right")) - 1
        yield slice(block, stop)
        block = stop


def _chebyshev(x: np.ndarray, order: int) -> Iterator[tuple[int, np.ndarray]]:
    """``(k, T_k(x))`` for 0 < k < order; each array is valid until the next but one."""
    before, now, spare = np.ones_like(x), x.copy(), np.empty_like(x)
    twice = 2 * x
    yield 1, now
    for k in range(2, order):
        np.multiply(twice, now, out=spare)
        np.subtract(spare, before, out=spare)
        before, now, spare = now, spare, before
        yield k, now


def _transform(order: int) -> tuple[np.ndarray, np.ndarray]:
    """Chebyshev nodes in [-1, 1] and the matrix from moments to weights, extended precision."""
    quarter_turn = 2 * np.arctan(np.longdouble(1))
    angles = (2 * np.arange(order, dtype=np.longdouble) + 1) / order * quarter_turn
    matrix = np.cos(np.arange(order)[:, None] * angles) / order
    matrix[1:] *= 2
    return np.cos(angles).astype(np.float64), matrix
