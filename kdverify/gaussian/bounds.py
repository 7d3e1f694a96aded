"""Bounds of the mean risk of Gaussian rows at finite n, with a ridge and without.

(2) is an approximation; these are bounds without a constant left open.  With a ridge they are
explicit, and crude where it is small beside tr Sigma; without, an integral with all errors bounded.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

import flint
import numpy as np

from kdverify import checks, formulas
from kdverify.arithmetic import BALLS, vector
from kdverify.gaussian import certified, exact_risk, proved_mean
from kdverify.problem import Problem, Spectrum

DIGITS = 25
#: Modes up to which there are bounds without ridge: 1 s for 30, 10 s for 100.
MOST_MODES = 400


@dataclass(frozen=True, eq=False)
class Bounds:
    """Bounds at one n and ridge, rounded outwards.

    Attributes:
        unlearnt: (p,) lower and (p,) upper bounds of ``1 - E P_ii``, near zeta.
        risk: lower and upper bound of the mean excess risk on strong labels without noise.
    """

    unlearnt: tuple[np.ndarray, np.ndarray]
    risk: tuple[float, float]


def risk_bounds(problem: Problem, n: Any, ridge: Any) -> Bounds:
    """Bounds of the mean student and of the mean excess risk on strong labels, without noise.

    Args:
        problem: covariance of the Gaussian rows and ground truth.
        n: number of rows, a whole number; ridge: delta >= 0; 0 for at most 400 modes.

    The mean of ``1 - P_ii`` is bounded through two roots of (1); below, the risk by the error of
    the mean student, above, by the error on rows that were trained on.  For ridges of the order of
    n the bounds of the mean student differ by the order 1/n.  Without ridge both are integrals, and
    the bounds some 1e-9 and 1e-7 apart, in units of the largest eigenvalue.

    Source: claims ``15.bounds``, ``15.ridgeless-bounds``.

    >>> import kdverify as kd
    >>> problem = kd.Problem.power_law(p=50, alpha=2.0, beta=2.0)
    >>> low, high = risk_bounds(problem, 40, 20).risk
    >>> bool(low < kd.risk(problem, 40, ridge=20) < high)
    True
    """
    checks.instance("problem", problem, Problem)
    size, delta = checks.count("n", n), checks.exact("ridge", ridge)
    checks.non_negative("ridge", delta)
    if delta == 0:
        return _ridgeless(problem, size)
    with BALLS.precision(DIGITS):
        values = problem.spectrum.eigenvalues
        lam, truth = vector(BALLS, values), vector(BALLS, problem.beta_modes)
        largest, penalty = BALLS.number(float(values.max())), BALLS.number(delta)
        excess = formulas.trace_excess(largest, penalty)
        low, high = _unlearnt(problem.spectrum, lam, size, delta, excess)
        above = _unlearnt(problem.spectrum, lam, size + 1, delta, excess)
        signal = lam * truth * truth
        missed = BALLS.total(s * m * m for s, m in zip(signal, low, strict=True))
        spread = BALLS.total(
            b * b * _widest(*m) for b, m in zip(truth, zip(*above, strict=True), strict=True)
        )
        factor = formulas.left_out_bound(BALLS.total(lam), largest, penalty)
        most = factor * factor * penalty / (size + 1) * spread
        unlearnt = np.array([_down(m) for m in low]), np.array([_up(m) for m in high])
        return Bounds(unlearnt, (_down(missed), _up(most)))


def _ridgeless(problem: Problem, n: int) -> Bounds:
    """The same without ridge: 0 from n = p on, balls for n = 1."""
    lam, p = problem.spectrum.eigenvalues, problem.p
    checks.at_most("p", p, MOST_MODES, "for bounds without ridge")
    if n >= p:
        zero = np.zeros(p)
        return Bounds((zero, zero), (0.0, 0.0))
    if n == 1:
        with BALLS.precision(DIGITS):
            row = exact_risk.Row(vector(BALLS, lam))
            found = [1 - row.linear(vector(BALLS, one)) for one in np.eye(p)]
        risk = exact_risk.exact_risk(problem, 1)
        ends = np.array([_down(m) for m in found]), np.array([_up(m) for m in found])
        return Bounds(ends, (_down(risk), _up(risk)))
    unlearnt, residual = proved_mean.moments(problem.spectrum, n)
    low, high = (math.fsum(problem.beta_modes**2 * values) for values in residual)
    slack = 8 * float(np.finfo(float).eps)
    return Bounds(unlearnt, (low * (1 - slack), high * (1 + slack)))


def _unlearnt(
    spectrum: Spectrum, lam: np.ndarray, n: int, ridge: Fraction, excess: Any
) -> tuple[list[flint.arb], list[flint.arb]]:
    """Bounds of every ``1 - E P_ii`` at n rows."""
    damped = [_down(formulas.damped_eigenvalue(value, excess)) for value in lam]
    penalty = BALLS.number(ridge)
    highest = 1 / certified.equivalents(Spectrum(np.array(damped)), n, ridge, DIGITS).tau
    lowest = 1 / certified.equivalents(spectrum, n + 1, ridge, DIGITS).tau - 1 / penalty
    lowest = lowest.max(flint.arb(0))
    low = [formulas.least_unlearnt(value, highest, penalty) for value in lam]
    high = [formulas.most_unlearnt(value, lowest, excess) for value in lam]
    return low, [m.min(flint.arb(1)) for m in high]


def _widest(low: flint.arb, high: flint.arb) -> flint.arb:
    """The largest ``m (1 - m)`` between two numbers."""
    if low < 0.5 < high:
        return flint.arb(0.25)
    return (low * (1 - low)).max(high * (1 - high))


def _down(ball: flint.arb) -> float:
    return math.nextafter(float(ball.lower()), -math.inf)


def _up(ball: flint.arb) -> float:
    return math.nextafter(float(ball.upper()), math.inf)
