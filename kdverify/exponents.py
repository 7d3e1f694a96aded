"""Rank exponents: how fast a spectrum or a signal falls with the mode.

A power law is fitted over the widest range of modes in which it holds; where no range is wide
enough, nothing is said.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from kdverify import checks
from kdverify.shown import Shown

#: A range shorter than this factor in the mode's number gives no exponent.
SHORTEST_RANGE = 8.0
#: Largest deviation of log values from the line, in natural logarithms, within a range.
LARGEST_DEVIATION = 0.25
#: Bins of modes, evenly spaced in log i, so that the tail does not outweigh the head.
BINS = 40


@dataclass(frozen=True, repr=False)
class Exponent(Shown):
    """A fitted rank exponent, or the reason why there is none.

    Attributes:
        value: exponent e of ``i^-e``; None where no range is wide enough.
        low, high: first and last mode of the range, from 1.
        interval: 95 % interval from the scatter of the points about the line; the points are
            treated as half as many independent ones, since neighbours share their noise.
        deviation: largest deviation from the line in the range, in natural logarithms.
        reason: why there is no value; empty where there is one.
    """

    value: float | None
    low: int
    high: int
    interval: tuple[float, float]
    deviation: float
    reason: str = ""


def fit_rank_exponent(values: np.ndarray, noise: float = 0.0) -> Exponent:
    """Fit ``values_i ~ i^-e`` over the widest range of modes in which it holds.

    Args:
        values: (p,) by falling eigenvalue; those of a signal may fluctuate, so that means over
            bins of neighbouring modes are fitted (single modes at the head).
        noise: what the estimation adds to every value on average; it is subtracted, and bins
            from the first on where the rest is below its own scatter are left out.
    """
    series = np.asarray(values, dtype=float) - checks.non_negative("noise", noise)
    edges = np.unique(np.geomspace(1, series.size + 1, BINS + 1).round().astype(int))
    sizes = np.diff(edges)
    heights = np.add.reduceat(series, edges[:-1] - 1) / sizes
    # the square of a Gaussian estimate's noise scatters by sqrt(2) times its mean
    usable = heights > noise * np.sqrt(2 / sizes)
    count = heights.size if usable.all() else int(np.argmin(usable))
    last = int(edges[count]) - 1
    if last < SHORTEST_RANGE:
        return _none(f"only {last} modes stand out from the noise of their estimate")
    logs = np.log(np.sqrt(edges[:count] * (edges[1 : count + 1] - 1.0)))
    heights = np.log(heights[:count])
    best = _widest(logs, heights)
    if best is None:
        return _none(
            f"no range of modes wider than a factor {SHORTEST_RANGE:g} follows a power law within "
            f"{LARGEST_DEVIATION:g} in log"
        )
    start, stop = best
    part = slice(start, stop + 1)
    return _fitted(logs[part], heights[part], int(edges[start]), int(edges[stop + 1]) - 1)


def _widest(logs: np.ndarray, heights: np.ndarray) -> tuple[int, int] | None:
    """First and last point of the widest range in which a line holds."""
    best: tuple[int, int] | None = None
    widest = np.log(SHORTEST_RANGE)
    for start in range(logs.size):
        for stop in range(logs.size - 1, start + 3, -1):
            width = logs[stop] - logs[start]
            if width < widest:
                break
            part = slice(start, stop + 1)
            line = np.polyfit(logs[part], heights[part], 1)
            if np.abs(np.polyval(line, logs[part]) - heights[part]).max() <= LARGEST_DEVIATION:
                best, widest = (start, stop), width
                break
    return best


def _fitted(logs: np.ndarray, heights: np.ndarray, low: int, high: int) -> Exponent:
    slope, level = np.polyfit(logs, heights, 1)
    left = heights - level - slope * logs
    effective = max(logs.size / 2 - 2, 1)
    error = np.sqrt((left @ left) / effective / np.square(logs - logs.mean()).sum())
    interval = (float(-slope - 1.96 * error), float(-slope + 1.96 * error))
    return Exponent(float(-slope), low, high, interval, float(np.abs(left).max()))


def _none(reason: str) -> Exponent:
    return Exponent(None, 0, 0, (np.nan, np.nan), np.nan, reason)
