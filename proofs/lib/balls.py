"""Certified solutions of (9) on small pools: balls that enclose every scale b.

``f(b) = ridge + x'(B + n E[x x'/b])^-1 x`` is a standard interference function (claim
``9.interference``), B = I or any positive definite metric.  If ``f(low) >= low`` and
``f(high) <= high`` entry by entry and ``low <= high``, then the iteration from ``low`` rises,
stays below ``high`` and ends in a solution between them; there is no other (``9.unique``).
Newton's method in log b finds the middle, balls verify the two inequalities.
"""

from __future__ import annotations

import random
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from fractions import Fraction
from functools import cached_property
from typing import Any

import flint
import numpy as np

from kdverify import formulas
from kdverify import formulas as f
from kdverify.arithmetic import BALLS
from kdverify.gaussian.certified import equivalents
from kdverify.gaussian.solve import Equivalents
from kdverify.gaussian.solve.exact import ExactModes, FixedPoint
from kdverify.gaussian.solve.newton import Evaluation, Wanted
from kdverify.problem import Spectrum

#: Digits that the enclosure leaves to the rounding of its own check.
SLACK_DIGITS = 3


def number(value: Any) -> Any:
    """A ball from an integer, a fraction or a ball."""
    return value if isinstance(value, flint.arb) else BALLS.number(Fraction(value))


def matrix(rows: Sequence[Sequence[Any]]) -> Any:
    """A matrix of balls."""
    return flint.arb_mat([[number(entry) for entry in row] for row in rows])


def identity(size: int) -> Any:
    """The identity."""
    return matrix([[int(i == j) for j in range(size)] for i in range(size)])


@dataclass(frozen=True, eq=False)
class BallPool:
    """A pool of rows (lists of rationals) with n, ridge and metric.

    ``b`` encloses the solution after `enclosed`; before that it is where to start, if given.
    """

    rows: Sequence[Sequence[Any]]
    n: Any
    ridge: Any
    metric: Any = None
    b: Sequence[Any] = ()

    @property
    def size(self) -> int:
        """Number of rows."""
        return len(self.rows)

    @cached_property
    def X(self) -> Any:
        """The rows, N x p."""
        return matrix(self.rows)

    def gram(self, weights: Sequence[Any]) -> Any:
        """``E[w x x']``."""
        return self.X.transpose() * diagonal(weights) * self.X * (number(1) / self.size)

    def forms(self, inner: Any) -> list[Any]:
        """``x' A x`` for every row."""
        middle = self.X * inner
        return [
            sum(
                (middle[i, j] * self.X[i, j] for j in range(len(self.rows[0]))),
                number(0),
            )
            for i in range(self.size)
        ]

    def M_at(self, b: Sequence[Any]) -> Any:
        """``(B + n E[x x'/b])^-1``."""
        metric = identity(len(self.rows[0])) if self.metric is None else self.metric
        return (metric + self.gram([f.row_weight(number(self.n), scale) for scale in b])).inv()

    def renewed(self, b: Sequence[Any]) -> list[Any]:
        """The right-hand side of (9)."""
        return [f.row_scale(number(self.ridge), form) for form in self.forms(self.M_at(b))]

    @property
    def M(self) -> Any:
        """M at the solution."""
        return self.M_at(self.b)

    def coupling(self, b: Sequence[Any]) -> Any:
        """J at b.  (The square of a ball around zero is its product: ``**`` has none.)"""
        crossed = self.X * self.M_at(b) * self.X.transpose()
        n, size, one = number(self.n), number(self.size), number(1)
        return flint.arb_mat(
            [
                [
                    f.coupling(n, size, b[i], b[j], one) * crossed[i, j] * crossed[i, j]
                    for j in range(self.size)
                ]
                for i in range(self.size)
            ]
        )

    def sandwich(self, low: Sequence[Any], high: Sequence[Any]) -> list[tuple[Any, Any]]:
        """Pairs that have to be in order for a solution between ``low`` and ``high``."""
        return [
            *zip(low, self.renewed(low), strict=True),
            *zip(self.renewed(high), high, strict=True),
        ]

    def middle(self, steps: int = 40, newton: int = 10) -> list[Any]:
        """Newton's method in log b, midpoints only, after ``steps`` of the plain iteration.

        From ``self.b``, if given, and then by Newton's method alone.
        """
        b = [ball.mid() for ball in self.b] or [number(1)] * self.size
        for _ in range(0 if self.b else steps):
            b = [ball.mid() for ball in self.renewed(b)]
        close = number(2) ** -(flint.ctx.prec // 2)
        for _ in range(newton):
            renewed = self.renewed(b)
            gaps = flint.arb_mat([[(r / s).log()] for r, s in zip(renewed, b, strict=True)])
            move = (identity(self.size) - self.coupling(b)).solve(gaps)
            b = [(scale * move[i, 0].exp()).mid() for i, scale in enumerate(b)]
            if all(abs(move[i, 0]) < close for i in range(self.size)):
                break
        return b

    def bounds(self, digits: int, steps: int = 40, newton: int = 10) -> tuple[list[Any], list[Any]]:
        """``low`` and ``high`` around `middle`, ``10^-digits`` to either side."""
        width = number(Fraction(1, 10 ** (digits - SLACK_DIGITS)))
        middle = self.middle(steps, newton)
        return [b * (1 - width) for b in middle], [b * (1 + width) for b in middle]

    def enclosed(self, digits: int) -> BallPool:
        """The pool with balls for b that are certain to hold the solution."""
        low, high = self.bounds(digits)
        if not all(a < b for a, b in self.sandwich(low, high)):
            raise ArithmeticError("the solution of (9) could not be enclosed")
        b = [a.union(c) for a, c in zip(low, high, strict=True)]
        return BallPool(self.rows, self.n, self.ridge, self.metric, b)

    def response(self, inner: Any) -> Any:
        """D_A of (10)."""
        M = self.M
        given = flint.arb_mat(
            [[form / b] for form, b in zip(self.forms(M * inner * M), self.b, strict=True)]
        )
        u = (identity(self.size) - self.coupling(self.b)).solve(given)
        weights = [f.response_weight(number(self.n), b, u[i, 0] * b) for i, b in enumerate(self.b)]
        return M * (inner + self.gram(weights)) * M


def labelled(pool: BallPool) -> tuple[Any, list[Any]]:
    """theta (p x 1) and the residuals e of the labels ``i^2 mod 7 - 2``."""
    labels = [number(i * i % 7 - 2) for i in range(pool.size)]
    crossed = flint.arb_mat([[y / b] for y, b in zip(labels, pool.b, strict=True)])
    pulled = pool.X.transpose() * crossed * (number(1) / pool.size)
    theta = pool.gram([1 / b for b in pool.b]).inv() * pulled
    fitted = pool.X * theta
    return theta, [y - fitted[i, 0] for i, y in enumerate(labels)]


def diagonal(values: Sequence[Any]) -> Any:
    """A diagonal matrix of balls."""
    return matrix(
        [[value if i == j else 0 for j in range(len(values))] for i, value in enumerate(values)]
    )


def random_rows(seed: int, size: int = 7, p: int = 4) -> list[list[int]]:
    """Rows of small integers, none of them zero."""
    source = random.Random(seed)
    return [[source.randint(-9, 9) or 1 for _ in range(p)] for _ in range(size)]


def random_pools() -> list[BallPool]:
    """Pools with and without ridge, n below, at and above p."""
    settings = [(Fraction(k, 2), 0) for k in (2, 5, 6)] + [(Fraction(2), 3), (Fraction(9), 20)]
    return [BallPool(random_rows(k), n, ridge) for k, (n, ridge) in enumerate(settings)]


def four_term_risk(
    sigma: Any, eye: Any, tau: Any, surrogate: Any, beta_star: Any, n: Any, p: Any, noise: Any
) -> Any:
    """The paper's four-term form for a covariance matrix; vectors are columns (p, 1)."""
    resolvent = (sigma + eye * tau).inv()
    theta = resolvent * sigma
    shift = theta * (surrogate - beta_star)
    missed = beta_star - theta * beta_star

    def energy(left: Any, right: Any) -> Any:
        return (left.transpose() * sigma * right)[0, 0]

    leftover = tau * tau * energy(resolvent * surrogate, resolvent * surrogate)
    learnt = (theta * theta).trace()
    omega = formulas.omega(learnt, n)
    return formulas.four_term_risk(
        energy(shift, shift),
        formulas.gamma_squared(p, n, 1 - omega, leftover, noise),
        learnt / p,
        energy(missed, missed),
        energy(missed, shift),
    )


def reflection(direction: Sequence[int]) -> list[list[Fraction]]:
    """The orthogonal matrix I - 2 v v'/|v|^2 of an integer vector v: exact and dense."""
    square = sum(v * v for v in direction)
    return [
        [Fraction(int(i == j)) - Fraction(2 * v * w, square) for j, w in enumerate(direction)]
        for i, v in enumerate(direction)
    ]


def widened(matrix: Any, radius: float) -> Any:
    """The matrix with ``radius`` added to the radius of every entry."""
    return flint.arb_mat([[x + flint.arb(0, radius) for x in row] for row in matrix.tolist()])


def column(values: Sequence[Any]) -> Any:
    """A column of balls."""
    return matrix([[value] for value in values])


#: log(t/tau) at which the bounds by g are tried; both signs, from far to near.
OFFSETS = (-30.0, -2.0, -0.125, -(2.0**-20), 2.0**-20, 0.125, 2.0, 30.0)


@dataclass(frozen=True, eq=False)
class Case:
    """One spectrum with n and a ridge, solved on balls at the precision in force."""

    spectrum: Spectrum
    n: Fraction
    ridge: Fraction = Fraction(0)

    @cached_property
    def equation(self) -> FixedPoint:
        """Equation (1)."""
        return FixedPoint(ExactModes(BALLS, self.spectrum), self.n, self.ridge)

    def solved(self, digits: int) -> Equivalents:
        """The certified solution."""
        return equivalents(self.spectrum, self.n, self.ridge, digits)

    def evaluation(self, tau: Any) -> Evaluation:
        """exp(g), -g' and Omega at ``tau``, a ball."""
        return self.equation.evaluate(tau, Wanted.OMEGA)

    def residual(self, tau: Any) -> Any:
        """Left minus right side of (1) at ``tau``: mode by mode, without the split at n."""
        learnt = formulas.one_minus_zeta(self.equation.modes.lam, tau)
        n, ridge = BALLS.number(self.n), BALLS.number(self.ridge)
        return formulas.fixed_point_residual(learnt, n, ridge / tau, BALLS.total)

    def distances(self, digits: int) -> list[tuple[Any, Any]]:
        """Pairs |g(t)|, |log(tau/t)| at t = tau e^s, for s from -30 to 30."""
        tau = self.solved(digits).tau
        trials = [tau.mid() * BALLS.exp(BALLS.number(s)) for s in OFFSETS]
        return [(abs(BALLS.log(self.evaluation(t).ratio)), abs(BALLS.log(tau / t))) for t in trials]

    def sign_change(self, digits: int, factor: Fraction = Fraction(1)) -> list[tuple[Any, Any]]:
        """(1) is positive at the lower end of the certified interval and negative at the upper.

        Evaluated with more digits than the interval has, and without g; ``factor`` moves the
        interval.
        """
        tau = self.solved(digits).tau
        with BALLS.precision(2 * digits + 60):
            afresh, moved = replace(self), BALLS.number(factor)
            lower, upper = (afresh.residual(end * moved) for end in (tau.lower(), tau.upper()))
            return [(0, lower), (upper, 0)]


def holds(coarse: Any, fine: Any, names: Iterable[str]) -> Iterator[tuple[Any, Any]]:
    """Each ball of ``coarse`` around the one of ``fine``, which has more digits."""
    for name in names:
        ball, value = getattr(coarse, name), getattr(fine, name)
        yield ball.lower(), value
        yield value, ball.upper()


def isotropic(p: int) -> Spectrum:
    """The identity."""
    return Spectrum(np.ones(p))


def integers(p: int, scale: int = 1) -> Spectrum:
    """Eigenvalues ``scale * (p, ..., 2, 1)``: exact in double precision."""
    return Spectrum(scale * np.arange(p, 0, -1.0))


def two_levels(high: float, low: float, each: int) -> Spectrum:
    """``each`` eigenvalues ``high`` and as many ``low``."""
    return Spectrum.from_multiplicities([high, low], [each, each])


def decades(count: int, p: int) -> Spectrum:
    """``p`` eigenvalues evenly spread over ``count`` decades around one."""
    return Spectrum(np.logspace(count / 2, -count / 2, p))


def ridgeless_cases() -> list[Case]:
    """Unequal eigenvalues, integer n: power law, both ends, a gap at n, repeats, 200 decades."""
    power_law = Spectrum.power_law(40, 2)
    return [
        Case(power_law, Fraction(15)),
        Case(power_law, Fraction(1)),
        Case(power_law, Fraction(39)),
        Case(two_levels(1e10, 1e-10, 10), Fraction(10)),
        Case(two_levels(4, 0.25, 10), Fraction(7)),
        Case(decades(200, 41), Fraction(20)),
        Case(integers(12), Fraction(5)),
    ]


def ridge_cases() -> list[Case]:
    """A ridge with n below, at and above p."""
    power_law = Spectrum.power_law(20, "1.5")
    return [
        Case(power_law, Fraction(8), Fraction(1, 1000)),
        Case(power_law, Fraction(20), Fraction(1, 7)),
        Case(power_law, Fraction(50), Fraction(3)),
        Case(isotropic(120), Fraction(60), Fraction(30)),
        Case(two_levels(1e10, 1e-10, 5), Fraction(5), Fraction(1, 10**6)),
    ]


def real_n_cases() -> list[Case]:
    """n between integers: in the middle, below one, just below p, above p with a ridge."""
    power_law = Spectrum.power_law(20, 2)
    return [
        Case(power_law, Fraction(17, 2)),
        Case(power_law, Fraction(1, 3)),
        Case(power_law, Fraction(20) - Fraction(1, 1000)),
        Case(two_levels(1e10, 1e-10, 5), Fraction(26, 5)),
        Case(power_law, Fraction(61, 3), Fraction(1, 10)),
    ]
