"""Rank exponents: how fast a spectrum or a signal falls with the mode.

A power law is fitted over the widest range of modes in which it holds; where no range is wide
enough, nothing is said.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from kdverify import checks

#: A range shorter than this factor in the mode's number gives no exponent.
SHORTEST_RANGE = 8.0
#: Largest deviation of log values from the line, in natural logarithms, within a range.
LARGEST_DEVIATION = 0.25
#: Points of the fit, evenly spaced in log i, so that the tail does not outweigh the head.
POINTS = 40


@dataclass(frozen=True)
class Exponent:
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


def fit_rank_exponent(values: np.ndarray, noise: float = 0.0, summed: bool = False) -> Exponent:
    """Fit ``values_i ~ i^-e``.

    Args:
        values: (p,) positive, by falling eigenvalue; a signal may fluctuate.
        noise: what the estimation adds to every value; it is subtracted, and modes from the
            first on where the rest is not above it are left out.
        summed: fit the sums over the modes from i on, ``i^-(e - 1)``, which fluctuate less.
    """
    series = np.asarray(values, dtype=float) - checks.non_negative("noise", noise)
    if summed:
        series = np.cumsum(series[::-1])[::-1]
    usable = series > (noise * np.sqrt(np.arange(series.size, 0, -1)) if summed else 0.0)
    count = series.size if usable.all() else int(np.argmin(usable))
    if count < SHORTEST_RANGE:
        return _none(f"only {count} modes stand out from the noise of their estimate")
    index = np.unique(np.geomspace(1, count, 2 * POINTS).round().astype(int))
    logs, heights = np.log(index), np.log(series[index - 1])
    best: tuple[int, int] | None = None
    for start in range(index.size):
        for stop in range(index.size - 1, start + 3, -1):
            width = index[stop] / index[start]
            if width < SHORTEST_RANGE or (best and width <= index[best[1]] / index[best[0]]):
                break
            part = slice(start, stop + 1)
            line = np.polyfit(logs[part], heights[part], 1)
            if np.abs(np.polyval(line, logs[part]) - heights[part]).max() <= LARGEST_DEVIATION:
                best = (start, stop)
                break
    if best is None:
        return _none(
            f"no range of modes wider than a factor {SHORTEST_RANGE:g} follows a power law within "
            f"{LARGEST_DEVIATION:g} in log"
        )
    part = slice(best[0], best[1] + 1)
    return _fitted(logs[part], heights[part], index[best[0]], index[best[1]], summed)


def _fitted(logs: np.ndarray, heights: np.ndarray, low: int, high: int, summed: bool) -> Exponent:
    slope, level = np.polyfit(logs, heights, 1)
    left = heights - level - slope * logs
    effective = max(logs.size / 2 - 2, 1)
    error = np.sqrt((left @ left) / effective / np.square(logs - logs.mean()).sum())
    value = -slope + (1.0 if summed else 0.0)
    interval = (float(value - 1.96 * error), float(value + 1.96 * error))
    return Exponent(float(value), int(low), int(high), interval, float(np.abs(left).max()))


def _none(reason: str) -> Exponent:
    return Exponent(None, 0, 0, (np.nan, np.nan), np.nan, reason)
