"""Bounds of the mean student without ridge: the integral of `mean_student` with all errors bounded.

With ``v = e^x``, ``u - v = e^y`` what stands under the integral over x and y is positive, and so
is every term of a sum ``h_x h_y sum F(x_k, y_l)``.

* The grid.  In strips where x or y have an imaginary part up to a, F is analytic and at most
  ``cos(a/2)^-K F`` at the real parts: K counts the factors ``1 + lam u``, ``1 + lam v``.  Over
  either variable the sum is off by a factor ``1 + d`` at most, ``|d| <= 2 cos(a/2)^-K/(e^(2 pi
  a/h) - 1)``, whatever the spectrum.
* What is left out of the sum.  All terms are positive, and over the modes the integrals add up to
  ``sum E N_ii = p - n``: what is missing there bounds what is missing in any.
* Rounding.  Only positive numbers are added and multiplied: relative errors add up.

``E (N Sigma N)_ii = lam_i E N_ii - d E N_ii/dt`` at ``Sigma^-1 + t``, t = 0, is the derivative of
an interpolation in t.  For complex t, ``|t lam| <= s``, ``|E N_ii|`` is ``cos(arcsin(s)/2)^-(p+2)``
at most, in the same way, which bounds all coefficients of its series in t.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from typing import Any

import numpy as np

from kdverify import formulas
from kdverify.gaussian.solve import equivalents
from kdverify.problem import Spectrum

#: Lower and upper bounds, (p,) each.
Ends = tuple[np.ndarray, np.ndarray]
#: Bound that the grid is made for, and fall below which terms are left out (logarithm).
GRID_ERROR, LEFT_OUT = 1e-12, 40.0
#: Nodes at a time, and units of rounding for each mode, and for a node and its sums.
NODES, MODE_ROUNDING, NODE_ROUNDING = 300, 40, 2000
#: Nodes in t, how much smaller they are than the radius, and ``|t lam|`` there.
POINTS, INSIDE, RADIUS = 10, 16, 0.4


def moments(spectrum: Spectrum, n: int) -> tuple[Ends, Ends]:
    """Bounds of ``E N_ii`` and of ``E (N Sigma N)_ii`` without ridge, 2 <= n < p."""
    lam, p = spectrum.eigenvalues, spectrum.p
    own = unlearnt(spectrum, n)
    radius = RADIUS / float(lam.max())
    places = [math.cos(math.pi * (k + 0.5) / POINTS) for k in range(POINTS)]
    places = [radius / INSIDE * place for place in places]
    slopes = [_slope(places, k) for k in range(POINTS)]
    low, high = _combined([unlearnt(Spectrum(lam / (1 + t * lam)), n) for t in places], slopes)
    largest = math.cos(math.asin(RADIUS) / 2) ** -(p + 2)
    weight = sum(map(abs, slopes))
    beyond = largest * weight * INSIDE**-POINTS / (1 - 1 / INSIDE)
    room = beyond * (1 + 1e-9) + 16 * p * float(np.finfo(float).eps) * weight
    return own, (np.maximum(lam * own[0] - high - room, 0.0), lam * own[1] - low + room)


def _combined(bounds: list[Ends], weights: list[float]) -> Ends:
    """Bounds of the sum of weights, of any sign, times numbers between bounds."""
    low, high = np.zeros_like(bounds[0][0]), np.zeros_like(bounds[0][0])
    for ends, weight in zip(bounds, weights, strict=True):
        least, most = ends if weight > 0 else ends[::-1]
        low, high = low + weight * least, high + weight * most
    return low, high


def _slope(places: list[Any], k: int) -> Any:
    """The derivative at 0 of the polynomial that is 1 at the k-th place and 0 at the others."""
    others = places[:k] + places[k + 1 :]
    whole = math.prod(places[k] - other for other in others)
    rest = [math.prod(-x for x in others[:j] + others[j + 1 :]) for j in range(len(others))]
    return sum(rest) / whole


def unlearnt(spectrum: Spectrum, n: int) -> Ends:
    """(p,) lower and (p,) upper bounds of ``E N_ii`` without ridge, 2 <= n < p."""
    p, lam = spectrum.p, spectrum.eigenvalues
    scaled = lam / equivalents(spectrum, n - 1).tau
    steps, errors = zip(*(_step(factors) for factors in _factors(p, n)), strict=True)
    sums = np.zeros(p)
    for x, y in _nodes(scaled, n, steps):
        sums += _terms(scaled, n, np.exp(x), np.exp(y)) * (steps[0] * steps[1])
    unit = float(np.finfo(float).eps)
    rounding = unit * (MODE_ROUNDING * p + NODE_ROUNDING * (1 + math.log2(p)))
    most = (1 + errors[0]) * (1 + errors[1]) * (1 + rounding)
    least = (1 - errors[0]) * (1 - errors[1]) * (1 - rounding)
    missing = max((p - n) * most - float(sums.sum()) * (1 - p * unit), 0.0)
    return sums / most, np.minimum((sums + missing) / least * (1 + 4 * unit), 1.0)


def _factors(p: int, n: int) -> tuple[float, float]:
    """K for x and for y: half of each mode, one for a column, and (u v)^(-1/2) at n = 2."""
    one = p / 2 + 1 + (0.5 if n == 2 else 0.0)
    return 2 * one, one


def _step(factors: float) -> tuple[float, float]:
    """The widest step for which d is `GRID_ERROR`, and d with a margin for rounding."""

    def widest(a: float) -> float:
        growth = -factors * math.log(math.cos(a / 2))
        return 2 * math.pi * a / (growth + math.log(2 / GRID_ERROR) + 1e-9)

    return max(widest(k / 100) for k in range(5, 300)), GRID_ERROR * (1 + 1e-6)


def _logarithm(lam: np.ndarray, n: int, x: np.ndarray, y: np.ndarray) -> np.ndarray:
    """Of F, about, to choose the nodes."""
    found = x + 2 * y
    for place in (x, np.logaddexp(x, y)):
        both = np.exp(place)[..., None] * lam
        columns = np.log(formulas.damped_eigenvalue(lam, np.exp(place)[..., None]).sum(axis=-1))
        found = found + (n - 3) / 2 * place - np.log1p(both).sum(axis=-1) / 2 + columns
    return np.asarray(found)


def _nodes(
    lam: np.ndarray, n: int, steps: tuple[float, ...]
) -> Iterator[tuple[np.ndarray, np.ndarray]]:
    """The nodes that are worth their terms, some at a time."""
    wide = np.arange(-90.0, 90.0)
    level = np.array([_logarithm(lam, n, np.full(wide.shape, x), wide) for x in wide])
    highest = float(level.max())
    rows, columns = np.nonzero(level > highest - LEFT_OUT - 6)
    ys = np.arange(wide[columns.min()] - 1, wide[columns.max()] + 1, steps[1])
    kept: list[np.ndarray] = []
    for x in np.arange(wide[rows.min()] - 1, wide[rows.max()] + 1, steps[0]):
        values = _logarithm(lam, n, np.full(ys.shape, x), ys)
        chosen = ys[values > highest - LEFT_OUT]
        kept.append(np.stack([np.full(chosen.shape, x), chosen]))
    nodes = np.concatenate(kept, axis=1)
    for start in range(0, nodes.shape[1], NODES):
        yield nodes[0, start : start + NODES], nodes[1, start : start + NODES]


def _terms(lam: np.ndarray, n: int, v: np.ndarray, w: np.ndarray) -> np.ndarray:
    """(p,) sums of F over the nodes, real or complex, every mode left out in its turn.

    Coefficients of ``x^(n-2) y z`` of ``prod (1 + x lam_j + y d_j(u) + z d_j(v))``, from products
    over the modes before and after: arrays (power of x, [1, y, z, y z], node).
    """
    order = np.argsort(-lam)
    u, roots = v + w, np.sqrt(v + w) * np.sqrt(v)
    modes = []
    for place, value in enumerate(lam[order]):
        first, second = 1 + value * u, 1 + value * v
        scale = 1 / (np.sqrt(first) * np.sqrt(second))
        if place < n - 3:
            scale = scale * roots
        columns = (formulas.damped_eigenvalue(value, argument) for argument in (u, v))
        modes.append((value, *columns, scale))
    before = [np.zeros((n - 1, 4, v.size), np.result_type(v, w))]
    density = formulas.gram_factor(w, 0.0)  # u - v is w, exactly
    before[0][0, 0] = w * v * density / (roots if n == 2 else 1.0)
    for mode in modes:
        before.append(_times(before[-1], mode))
    after = np.zeros_like(before[0])
    after[0, 0] = 1.0
    found = np.zeros(lam.size, before[0].dtype)
    for place in reversed(range(lam.size)):
        turned = after[::-1, ::-1]  # x^(n-2-d) beside x^d; y z beside 1, z beside y
        joined = (before[place] * turned).sum(axis=(0, 1)) * modes[place][3]
        found[order[place]] = joined.sum()
        after = _times(after, modes[place])
    return found


def _times(
    series: np.ndarray, mode: tuple[float, np.ndarray, np.ndarray, np.ndarray]
) -> np.ndarray:
    """A series times one mode's factor and scale."""
    value, first, second, scale = mode
    found = series.copy()
    found[1:] += value * series[:-1]
    found[:, 1] += first * series[:, 0]
    found[:, 2] += second * series[:, 0]
    found[:, 3] += first * series[:, 2] + second * series[:, 1]
    return np.asarray(found * scale)
