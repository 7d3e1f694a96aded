"""One evaluation of g for the two nested fixed points (16), for every number type.

Derivation (claims ``12.one-equation``, ``12.certificate``).  Without nu_1, (16) reads

    (n - df(nu)) (q - df(nu)) = q ridge/nu,      df(nu) = sum lam/(lam + nu),

the same with n and q exchanged.  With k the smaller of both and ``e = k - df`` it is (1) for k
samples, whose ridge term is no longer ``ridge/nu`` but the positive root e of ``e (e + |n - q|)
= q ridge/nu``.  So with u = log nu, eigenvalues sorted downward and split at k,

    g(u) = log( [ sum_{i>k} (1 - zeta_i) + e ] / [ sum_{i<=k} zeta_i + max(k - p, 0) ] )

has the root of (16) as its only root.  ``-d log(e)/du`` lies in [1/2, 1], so that -2 < g' <
-1/2 and |g''| <= 1/2: one evaluation at t certifies |g|/2 <= |log(nu/t)| <= 2|g|.

Far from the root a step is divided by 1 at least: then no step leads away from the root.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from kdverify import formulas
from kdverify.gaussian.solve.newton import Sums

#: exp(g) within which a step is divided by the slope itself: |g| < 1/2.
NEAR = (0.6066, 1.6487)


@dataclass(frozen=True)
class Evaluation:
    """g and what else one pass over the eigenvalues gives, at one nu.

    Attributes:
        ratio: exp(g).
        slope: -g' itself; minus_slope: what a step of Newton's method is divided by.
        gap: the smaller of n - df and q - df, at the root.
        spreads, learnt_squares: ``sum zeta (1 - zeta)`` and ``sum (1 - zeta)^2``, where wanted.
    """

    ratio: Any
    slope: Any
    gap: Any
    spreads: Any
    learnt_squares: Any

    @property
    def minus_slope(self) -> Any:
        """-g' near the root, and never below 1 far from it."""
        near = self.ratio > NEAR[0] and self.ratio < NEAR[1]
        return self.slope if near or self.slope > 1 else 1


def evaluate(
    head: list[Sums],
    tail: list[Sums],
    load: Any,
    surplus: Any,
    beyond: Any,
    sqrt: Callable[[Any], Any],
    join: Callable[[list[Any]], Any],
) -> Evaluation:
    """g and its slope from the moments of pieces of head and tail.

    ``load`` is ``q ridge/nu``, ``surplus`` ``|n - q|``, ``beyond`` ``max(k - p, 0)``.
    """
    gap = formulas.feature_gap(
        load, surplus, sqrt(formulas.feature_gap_discriminant(load, surplus))
    )
    pull = gap * formulas.feature_gap_rate(gap, surplus)
    head_spread, tail_spread = join([m.spread for m in head]), join([m.spread for m in tail])
    numerator = formulas.split_numerator(join([m.first for m in tail]), gap)
    denominator = formulas.split_denominator(join([m.first for m in head]), beyond)
    return Evaluation(
        ratio=numerator / denominator,
        slope=formulas.split_minus_slope(tail_spread, head_spread, numerator, denominator, pull),
        gap=gap,
        spreads=head_spread + tail_spread,
        learnt_squares=join([m.learnt_square for m in head + tail]),
    )
