"""The fixed point of (15): rows of several kinds, each with a weight in the loss.

``h(tau) = n tau sum_g w_g v_g/(ridge + v_g t(tau))`` with ``t = sum lam zeta`` is 1 at the root.
It rises from 0 without bound, as t rises more slowly than tau: there is one root, and two values
of tau at which h lies on either side of 1 enclose it (claim ``11.weighted-root``).
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

import numpy as np
from scipy.optimize import brentq

from kdverify import checks, formulas
from kdverify.arithmetic import BALLS
from kdverify.problem import Problem

#: Steps of the secant method, each of which gains half as many digits again.
MAX_STEPS = 60


@dataclass(frozen=True, eq=False)
class Weighted:
    """The solution, in numbers of one kind.

    Attributes:
        n, tau: samples of all kinds, and the effective regularisation.
        zeta, one_minus_zeta: (p,) as for one kind.
        pulls: one entry a kind, ``w v/(ridge + v t)`` scaled to the sum 1.
        square_pulls: one entry a kind, ``w v^2/(ridge + v t)^2``.
        square: ``sum (1 - zeta)^2``.
        one_minus_omega: ``1 - Omega_v``.
    """

    n: Any
    tau: Any
    zeta: np.ndarray
    one_minus_zeta: np.ndarray
    pulls: list[Any]
    square_pulls: list[Any]
    square: Any
    one_minus_omega: Any

    @classmethod
    def solve(
        cls,
        problem: Problem,
        n: Any,
        shares: Sequence[Any],
        weights: Sequence[Any],
        ridge: Any,
        on: Any,
    ) -> Weighted:
        """Solve at a ridge above zero; ``on`` is the problem in `kdverify.gaussian.numbers`."""
        checks.positive("ridge", checks.exact("ridge", ridge))
        size, delta = on.number("n", n), on.number("ridge", ridge)
        checks.positive("n", checks.exact("n", n))
        known = size, shares, weights, delta
        lam = problem.spectrum.eigenvalues
        rough = _root(lam, *(_floats(value) for value in known))
        tau = rough if on.modes.lam.dtype == float else _enclosed(on.modes, rough, known)
        return cls.at(on.modes, tau, *known)

    @classmethod
    def at(
        cls, modes: Any, tau: Any, n: Any, shares: Sequence[Any], weights: Sequence[Any], ridge: Any
    ) -> Weighted:
        """What follows from tau."""
        zeta, learnt = formulas.split_mode(modes.lam, tau)
        spared = formulas.spared_trace(modes.lam, zeta, modes.total)
        pulls, squares = _pulls(shares, weights, ridge, spared)
        level = sum(pulls)
        square = modes.total(formulas.learnt_square(learnt))
        omega = formulas.weighted_omega(sum(squares), n, tau, square)
        return cls(n, tau, zeta, learnt, [c / level for c in pulls], squares, square, 1 - omega)

    def risk(self, modes: Any, centre: Any, beta_star: Any, errors: Sequence[Any]) -> Any:
        """(15) for a centre theta and the kinds' errors."""
        along = np.empty((2, len(errors)), dtype=modes.lam.dtype)
        along[0], along[1] = self.square_pulls, errors
        return formulas.weighted_risk(
            modes.lam,
            centre,
            beta_star,
            self.one_minus_zeta,
            along[1],
            along[0],
            self.tau,
            self.square,
            self.n,
            self.one_minus_omega,
            modes.total,
        )


def _pulls(
    shares: Sequence[Any], weights: Sequence[Any], ridge: Any, spared: Any
) -> tuple[list[Any], list[Any]]:
    triples = [
        (share, weight, formulas.weight_scale(ridge, weight, spared))
        for share, weight in zip(shares, weights, strict=True)
    ]
    return [formulas.pull(*triple) for triple in triples], [
        formulas.square_pull(*triple) for triple in triples
    ]


def level(lam: Any, tau: Any, n: Any, shares: Any, weights: Any, ridge: Any, total: Any) -> Any:
    """``h(tau)``: 1 at the root, below it to its left and above it to its right."""
    spared = formulas.spared_trace(lam, formulas.zeta(lam, tau), total)
    return n * tau * sum(_pulls(shares, weights, ridge, spared)[0])


def _floats(value: Any) -> Any:
    return [float(v) for v in value] if isinstance(value, list) else float(value)


def _root(lam: np.ndarray, n: float, shares: Any, weights: Any, ridge: float) -> float:
    def gap(u: float) -> float:
        return math.log(level(lam, math.exp(u), n, shares, weights, ridge, np.sum))

    heaviest = max(v for v, w in zip(weights, shares, strict=True) if w > 0)
    low = math.log(ridge / (n * heaviest)) - 1
    high = low + 2
    while gap(low) > 0:
        low -= 8
    while gap(high) < 0:
        high += 8
    return math.exp(brentq(gap, low, high, xtol=1e-15, rtol=1e-15))


def _enclosed(modes: Any, rough: float, known: Any) -> Any:
    """A ball around the root: h is certainly below 1 at its lower end and above at its upper."""

    def gap(tau: Any) -> Any:
        n, shares, weights, ridge = known
        return level(modes.lam, tau, n, shares, weights, ridge, modes.total) - 1

    near, far = BALLS.number(rough), BALLS.number(rough * (1 + 1e-9))
    step = BALLS.number(Fraction(1, 1 << (BALLS.bits_in_force() - 24)))
    before = gap(near).mid()
    for _ in range(MAX_STEPS):
        now = gap(far).mid()
        if now == before:
            break
        near, far, before = far, (far - now * (far - near) / (now - before)).mid(), now
        if abs(far - near) < far * step:
            break
    low, high = far * (1 - step), far * (1 + step)
    if not (gap(low) < 0 and gap(high) > 0):
        raise ArithmeticError(f"the root near tau={rough:g} could not be enclosed")
    return low.union(high)
