"""The best ridge, by its stationarity condition; alone and with the best surrogate.

Everything is a function of tau: the ridge is ``tau (n - sum (1 - zeta))``, so that tau runs over
all ridges, the negative ones included, down to where Omega reaches 1.  A minimum is a change of
sign of the condition from - to +; all changes on a grid are refined to working precision, and
the least risk is taken.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass, replace
from fractions import Fraction
from typing import Any

import numpy as np
from scipy.optimize import brentq

from kdverify import checks, formulas
from kdverify.arithmetic import BALLS
from kdverify.gaussian import certified, theory
from kdverify.gaussian.numbers import FloatModes
from kdverify.gaussian.risks import Modes
from kdverify.gaussian.solve import equivalents
from kdverify.gaussian.solve.exact import GUARD_DIGITS, MAX_DIGITS, ExactModes
from kdverify.problem import Problem
from kdverify.shown import Shown

LABELS = ("strong", "optimal")
#: Points of the grid on which changes of sign are looked for, and numbers held at a time.
GRID, CHUNK = 160, 1 << 18
#: Factor by which the ends of the grid move out until the condition has the sign of its limit.
STRIDE = 16.0
MAX_STEPS = 60


@dataclass(frozen=True, eq=False, repr=False)
class BestRidge(Shown):
    """The ridge with the least excess risk.

    Attributes:
        ridge, tau: floats, or balls where digits were asked for; the ridge is below 0 only where
            ``negative`` was asked for.
        risk: excess risk there.
        labels: "strong", or "optimal": every ridge has its own best surrogate.
        wants_negative: whether a negative ridge does better than no ridge (n < p); it then does
            better than every ridge that is not negative, or there is a second minimum.
    """

    ridge: Any
    tau: Any
    risk: Any
    labels: str
    wants_negative: bool


def best_ridge(
    problem: Problem,
    n: Any,
    noise_variance: Any = 0.0,
    labels: str = "strong",
    negative: bool = False,
    digits: int | None = None,
) -> BestRidge:
    """The ridge that makes the excess risk least, to full precision.

    Args:
        problem: target spectrum and ground truth, which must not be zero.
        n: number of samples; noise_variance: of the labels.
        labels: "strong" (those of beta*), or "optimal": for every ridge those of its own best
            surrogate, so that ridge and surrogate are best together.
        negative: whether the ridge may be negative.  A student with ridge -d exists for
            d below the smallest eigenvalue of X X'.
        digits: None for float64; else tau is enclosed between two values at which the
            condition certainly has different signs.  That there is no better minimum elsewhere
            rests on the grid.

    Raises:
        ValueError, TypeError: bad input; a ground truth of zero, for which no ridge is large
            enough.

    Source: claims ``10.best-ridge``, ``10.surrogate-ridge``; classic: Dobriban and Wager 2018,
    Wu and Xu 2020, Tsigler and Bartlett 2023.
    """
    checks.instance("problem", problem, Problem)
    checks.choice("labels", labels, LABELS)
    checks.flag("negative", negative)
    size, noise = checks.exact("n", n), checks.exact("noise_variance", noise_variance)
    checks.positive("n", size)
    checks.non_negative("noise_variance", noise)
    if not problem.signal.sum() > 0:
        raise ValueError("beta_star must not be zero: the best ridge is then infinite")
    curve = _Curve.of(FloatModes.of(problem), problem, float(size), float(noise), labels)
    least, edge = _least(curve, problem, negative)
    if digits is None:
        found = _result(curve, least, edge, curve.wants_negative(least, edge, negative))
        ridge = float(found.ridge) if negative else max(0.0, float(found.ridge))
        return replace(found, ridge=ridge, risk=float(found.risk))
    digits = checks.count("digits", digits, most=MAX_DIGITS)
    with BALLS.precision(2 * digits + GUARD_DIGITS):
        modes = ExactModes(BALLS, problem.spectrum, problem)
        numbers = (BALLS.number(size), BALLS.number(noise))
        exact = _Curve.of(modes, problem, *numbers, labels)
        tau = _enclosed(exact, least, edge, problem, size, digits)
        return _result(exact, tau, edge, curve.wants_negative(least, edge, negative))


@dataclass(frozen=True, eq=False, repr=False)
class Worth(Shown):
    """Excess risks with and without a tuned ridge (not negative) and the best surrogate."""

    neither: float
    ridge: float
    teacher: float
    both: float


def worth(problem: Problem, n: Any, noise_variance: Any = 0.0) -> Worth:
    """What tuning the ridge and what a teacher are worth, alone and together.

    ``neither`` is the ridgeless student of strong labels, ``teacher`` the ridgeless student of
    the best surrogate; label noise of variance ``noise_variance`` in all four.
    """
    return Worth(
        neither=theory.risk(problem, n, noise_variance=noise_variance),
        ridge=best_ridge(problem, n, noise_variance).risk,
        teacher=theory.optimal_risk(problem, n, noise_variance),
        both=best_ridge(problem, n, noise_variance, "optimal").risk,
    )


@dataclass(frozen=True, eq=False)
class _State:
    """(1) read backwards: what tau says, for one tau (or a column of them, in float64)."""

    tau: Any
    zeta: Any
    learnt: Any
    slack: Any
    square: Any
    rest: Any


@dataclass(frozen=True, eq=False)
class _Curve:
    """Risk and condition as functions of tau, in numbers of one kind; modes sorted downward."""

    lam: np.ndarray
    signal: np.ndarray
    head: np.ndarray
    surplus: Any
    n: Any
    noise: Any
    labels: str
    total: Callable[[Any], Any]

    @classmethod
    def of(cls, modes: Modes, problem: Problem, n: Any, noise: Any, labels: str) -> _Curve:
        """The head holds the n largest modes, a mode in part for a fractional n."""
        order, p = problem.spectrum.order, problem.p
        whole = np.arange(p)
        zero = 0 * n
        parts = [zero + 1 if n >= k + 1 else n - k if n > k else zero for k in whole.tolist()]
        head = np.array(parts, dtype=modes.lam.dtype)
        surplus = n - p if n > p else zero
        return cls(
            modes.lam[order], modes.signal[order], head, surplus, n, noise, labels, modes.total
        )

    def rows(self) -> _Curve:
        """For a column of many tau: sums along the rows, in float64."""
        return replace(self, total=lambda values: values.sum(axis=-1, keepdims=True))

    def state(self, tau: Any) -> _State:
        """``n - sum (1 - zeta)`` (slack) and ``n - sum (1 - zeta)^2`` (rest) at one tau."""
        zeta, learnt = formulas.split_mode(self.lam, tau)
        slack = self.total(self.head * zeta - (1 - self.head) * learnt) + self.surplus
        square = self.total(formulas.learnt_square(learnt))
        rest = self.total(formulas.spread(zeta, learnt)) + slack
        return _State(tau, zeta, learnt, slack, square, rest)

    def condition(self, tau: Any) -> Any:
        """Has the sign of dR/d ridge."""
        s = self.state(tau)
        if self.labels == "strong":
            return formulas.ridge_condition(
                self.signal, s.zeta, s.learnt, s.rest / self.n, self.n, self.noise, self.total
            )
        cube = self.total(s.learnt * s.learnt * s.learnt)
        return formulas.surrogate_ridge_condition(
            self.lam,
            self.signal,
            s.tau,
            s.square,
            cube,
            self.n,
            s.rest,
            self.noise,
            self.total,
        )

    def risk(self, tau: Any) -> Any:
        """Excess risk of the student, or of the best surrogate's."""
        s = self.state(tau)
        if self.noise == 0 and s.rest == 0:  # least squares with n = p
            return 0 * s.rest
        omegas = s.square / self.n, s.rest / self.n
        if self.labels == "strong":
            return formulas.standard_risk(self.signal, s.zeta, *omegas, self.noise, self.total)
        return formulas.optimal_risk(self.signal, s.zeta, s.learnt, *omegas, self.noise, self.total)

    def wants_negative(self, least: float, edge: bool, negative: bool) -> bool:
        """Whether the risk rises with the ridge where there is none."""
        if self.n >= self.lam.size or least == 0:
            return False
        return edge or (negative and bool(self.state(least).slack < 0))


def _result(curve: _Curve, tau: Any, edge: bool, wants_negative: bool) -> BestRidge:
    ridge = 0 * tau if edge else formulas.ridge_of_root(tau, curve.state(tau).slack)
    return BestRidge(ridge, tau, curve.risk(tau), curve.labels, wants_negative)


def _least(curve: _Curve, problem: Problem, negative: bool) -> tuple[float, bool]:
    """tau of the least risk, and whether it is that of no ridge."""
    below = curve.n < problem.p
    if not below and curve.noise == 0:
        return 0.0, True  # least squares without noise makes no error
    end = equivalents(problem, curve.n).tau if below else float(curve.lam[-1])
    low = end
    if below and negative:
        low = _omega_one(curve, end)
    elif not below:
        low = _moved(low, 1 / STRIDE, lambda tau: curve.condition(tau) >= 0, curve)
    high = _far(curve, end)
    grid = np.geomspace(low, high, GRID)
    signs = _signs(curve, grid)
    candidates = [
        _root(curve, grid[k], grid[k + 1]) for k in range(GRID - 1) if signs[k] < 0 <= signs[k + 1]
    ]
    if below and not negative and signs[0] >= 0:
        candidates.append(end)
    if not candidates:
        raise ValueError(_too_far(curve))
    least = min(candidates, key=curve.risk)
    return least, bool(below and not negative and least == end)


def _signs(curve: _Curve, grid: np.ndarray) -> np.ndarray:
    rows = curve.rows()  # signs that overflow are none
    step = max(1, CHUNK // curve.lam.size)
    with np.errstate(over="ignore", invalid="ignore"):
        parts = [rows.condition(grid[k : k + step, None]) for k in range(0, grid.size, step)]
    return np.sign(np.concatenate(parts)[:, 0])


def _root(curve: _Curve, low: float, high: float) -> float:
    def condition(u: float) -> float:
        return float(curve.condition(math.exp(u)))

    ends = math.log(low), math.log(high)
    if condition(ends[0]) >= 0:  # zero within rounding: the sums of the grid said otherwise
        return low
    if condition(ends[1]) <= 0:
        return high
    return math.exp(brentq(condition, *ends, xtol=1e-15))


def _omega_one(curve: _Curve, end: float) -> float:
    """Just above the tau at which Omega reaches 1, where the risk is without bound."""
    low = _moved(end / STRIDE, 1 / STRIDE, lambda tau: curve.state(tau).rest > 0, curve)
    edge = brentq(lambda u: curve.state(math.exp(u)).rest, math.log(low), math.log(end), xtol=1e-14)
    return math.exp(edge) * (1 + 1e-9)


def _far(curve: _Curve, end: float) -> float:
    """A tau beyond which the risk rises: on strong labels by a bound, else by its limit's sign."""
    lam, signal, n, noise = curve.lam, curve.signal, curve.n, curve.noise
    square = float((lam * lam).sum())
    far = max(
        2 * end,
        float(lam[0]),
        math.sqrt(2 * square / n),
        16 * (noise + float(signal.sum())) * square / (n * float((signal * lam).sum())),
    )
    if curve.labels == "optimal":
        far = _moved(far * STRIDE, STRIDE, lambda tau: curve.condition(tau) <= 0, curve)
    return far


def _moved(tau: float, factor: float, on: Callable[[float], bool], curve: _Curve) -> float:
    """tau, multiplied by a factor as long as something holds of it."""
    while on(tau):
        tau *= factor
        if not checks.SMALLEST_ROOT < tau < checks.LARGEST_ROOT:
            raise ValueError(_too_far(curve))
    return tau


def _too_far(curve: _Curve) -> str:
    return (
        f"n={curve.n:g} and noise_variance={curve.noise:g} must be less extreme: the best ridge "
        "leaves double precision"
    )


def _enclosed(
    curve: _Curve, start: float, edge: bool, problem: Problem, n: Fraction, digits: int
) -> Any:
    """A ball around the root near ``start``: a change of sign from - to +; or that of no ridge."""
    if edge:
        tau = certified.equivalents(problem, n, 0, 2 * digits).tau
        if n < problem.p and not curve.condition(tau) > 0:
            raise ArithmeticError(f"digits={digits} must be larger: best ridge is nearly 0")
        return tau
    near, far = BALLS.number(start), BALLS.number(start * (1 + 1e-9))
    before = curve.condition(near).mid()
    for _ in range(MAX_STEPS):
        now = curve.condition(far).mid()
        if now == before:
            break
        near, far, before = far, (far - now * (far - near) / (now - before)).mid(), now
        if abs(far - near) < abs(far) * BALLS.number(Fraction(1, 10 ** (digits + 3))):
            break
    width = far * BALLS.number(Fraction(1, 10 ** (digits + 2)))
    low, high = far - width, far + width
    if not (curve.condition(low) < 0 and curve.condition(high) > 0):
        raise ArithmeticError(f"the best ridge near tau={start:g} could not be enclosed")
    return low.union(high)
