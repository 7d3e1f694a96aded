"""The two nested fixed points (16) with proof: one ball evaluation of g encloses the root.

By claim ``12.certificate`` g has exactly one root u*, slope between -2 and -1/2 and |g''| <=
1/2.  So for any u = log t

    u* - u = g(u) / s,   |s + g'(u)| <= |u* - u| / 4 <= |g(u)| / 2,

where -s is the mean slope between u and u*: a ball evaluation at a t that is right to half of
the digits gives the rest of them, existence and uniqueness included.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, replace
from fractions import Fraction
from typing import Any

from kdverify import formulas
from kdverify.arithmetic import BALLS
from kdverify.gaussian.solve.exact import ExactModes, FixedPoint
from kdverify.gaussian.solve.newton import Wanted, pieces
from kdverify.gaussian.solve.result import Code
from kdverify.random_features.solve import double
from kdverify.random_features.solve.newton import Evaluation, evaluate
from kdverify.random_features.solve.result import FeatureEquivalents, assemble, unregularised


@dataclass(frozen=True, eq=False)
class NestedFixedPoint(FixedPoint):
    """(16) in numbers of one kind: ``n`` is the smaller of both, ``surplus`` how much is between.

    ``q`` is the number of features, ``few_samples`` whether that is not the smaller.
    """

    q: Fraction
    surplus: Fraction
    few_samples: bool

    @classmethod
    def of(cls, modes: ExactModes, n: Fraction, q: Fraction, ridge: Fraction) -> NestedFixedPoint:
        """For n samples and q features."""
        return cls(modes, min(n, q), ridge, q, abs(n - q), n <= q)

    def evaluate(self, tau: Any, wanted: Wanted) -> Evaluation:  # type: ignore[override]  # tau alone, as there
        """g at nu = ``tau``, at the precision in force."""
        kind, p = self.modes.kind, self.modes.spectrum.p
        split = self._split(kind, p)
        head, tail = pieces(self.modes.descending, split, tau, kind.total, p, wanted)
        load, surplus = kind.number(self.q * self.ridge) / tau, kind.number(self.surplus)
        return evaluate(head, tail, load, surplus, split.surplus, kind.sqrt, kind.total)

    def slack(self, size: Any) -> Any:
        """As for (1); size: |g|."""
        return formulas.feature_slope_slack(size)

    def gap(self, nu: Any) -> Any:
        """The smaller of n - df and q - df, at the root ``nu``."""
        kind = self.modes.kind
        load, surplus = kind.number(self.q * self.ridge) / nu, kind.number(self.surplus)
        root = kind.sqrt(formulas.feature_gap_discriminant(load, surplus))
        return formulas.feature_gap(load, surplus, root)

    def start(self) -> tuple[float, float]:
        """nu and -g' there, in double precision."""
        fewer, p = float(self.n), self.modes.spectrum.p
        if self.n < p <= fewer:
            fewer = math.nextafter(p, 0)
        more = fewer + float(self.surplus)
        if more == fewer and self.surplus > 0:
            more = math.nextafter(fewer, math.inf)
        n, q = (fewer, more) if self.few_samples else (more, fewer)
        found = double.solve(self.modes.spectrum, n, q, float(self.ridge))
        return found.nu, found.minus_slope


def solve(
    modes: ExactModes, n: Fraction, q: Fraction, ridge: Fraction, digits: int
) -> FeatureEquivalents:
    """Enclose the solution of (16); every value is a ball.

    To be called at the working precision in which the result is wanted (some ten digits
    beyond ``digits``); ``modes`` are balls.
    """
    if ridge == 0 and min(n, q) >= modes.spectrum.p:
        return unregularised(
            lambda value: BALLS.number(Fraction(value)), n, q, modes.spectrum.p, modes.lam
        )
    equation = NestedFixedPoint.of(modes, n, q, ridge)
    nu, at = equation.enclosed(equation.root(digits // 2 + 2))
    zeta, learnt = split = formulas.split_mode(modes.lam, nu)
    sums = replace(
        at,
        gap=equation.gap(nu),
        spreads=BALLS.total(formulas.spread(zeta, learnt)),
        learnt_squares=BALLS.total(formulas.learnt_square(learnt)),
    )
    samples, features, delta, surplus = (
        BALLS.number(value) for value in (n, q, ridge, equation.surplus)
    )
    return FeatureEquivalents(
        **assemble(samples, features, delta, surplus, equation.few_samples, nu, sums),
        eigenvalues=modes.lam,
        split=split,
        log_error=(nu / nu.mid()).log().abs_upper(),
        code=Code.CONVERGED if nu > 0 and nu.is_finite() else Code.NOT_CONVERGED,
    )
