"""One evaluation of g, for every number type and any way of summing.

Derivation (``proofs/``, claims ``1.slope`` and ``1.certificate``).  For eigenvalues
sorted downward and u = log tau,

    g(u) = log( [ sum_{i>n} (1 - zeta_i) + ridge/tau ] / [ sum_{i<=n} zeta_i + max(n-p, 0) ] )

has the root of (1) as its only root and -2 < g' <= -1 everywhere.  So Newton in u
needs no bracket, and one evaluation at t certifies |g|/2 <= |log(tau/t)| <= |g|.
For real n mode ceil(n) is split: the fraction w = n - floor(n) of its zeta goes to
the denominator, 1 - w of its 1 - zeta to the numerator.
"""

from __future__ import annotations

import enum
import math
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Literal, Protocol

import numpy as np

from kdverify import formulas

Side = Literal["head", "tail"]


@dataclass(frozen=True)
class Split:
    """Where n cuts p modes that are sorted downward."""

    whole: int  # modes wholly in the head
    fraction: float  # of the next mode, in the head
    surplus: float  # max(n - p, 0)
    rest: Any = None  # 1 - fraction, where that is known better than by subtraction

    @classmethod
    def at(cls, n: float, p: int) -> Split:
        """The cut at a floating-point n."""
        whole = min(math.floor(n), p)
        return cls(whole, n - whole if whole < p else 0.0, max(n - p, 0.0))

    @property
    def complement(self) -> Any:
        """The fraction of the next mode that is in the tail."""
        return 1 - self.fraction if self.rest is None else self.rest

    @property
    def tail(self) -> int:
        """Index of the first mode wholly in the tail."""
        return self.whole + (1 if self.fraction > 0 else 0)


class Wanted(enum.IntEnum):
    """What an evaluation computes; each level includes those before it."""

    RATIO = 0
    SLOPE = 1
    OMEGA = 2


@dataclass(frozen=True)
class Sums:
    """Sums over some modes on one side of n.

    ``first`` is ``sum zeta`` on the head and ``sum (1 - zeta)`` on the tail, ``spread``
    and ``learnt_square`` are sums of the formulas of that name (0 when not wanted).
    """

    first: Any
    spread: Any = 0
    learnt_square: Any = 0


def sums_of(
    lam: np.ndarray,
    tau: Any,
    side: Side,
    total: Callable[[np.ndarray], Any],
    wanted: Wanted,
) -> Sums:
    """The sums over the modes ``lam``, each mode counted as ``total`` counts it."""
    if wanted is Wanted.RATIO:
        first = formulas.zeta if side == "head" else formulas.one_minus_zeta
        return Sums(total(first(lam, tau)))
    zeta, learnt = formulas.split_mode(lam, tau)
    return Sums(
        total(zeta if side == "head" else learnt),
        total(formulas.spread(zeta, learnt)),
        total(formulas.learnt_square(learnt)) if wanted is Wanted.OMEGA else 0,
    )


@dataclass(frozen=True)
class Evaluation:
    """g and what else one pass over the eigenvalues gives, at one tau.

    Attributes that were not wanted hold no meaningful value.
    """

    ratio: Any  # exp(g)
    minus_slope: Any  # -g'
    omega: Any
    one_minus_omega: Any

    @property
    def slope(self) -> Any:
        """-g' itself, which a step is divided by here."""
        return self.minus_slope


def evaluate(
    head: list[Sums],
    tail: list[Sums],
    tau: Any,
    n: Any,
    ridge: Any,
    surplus: Any,
    join: Callable[[list[Any]], Any],
) -> Evaluation:
    """g, its slope and Omega at ``tau`` from the sums of pieces of head and tail."""
    head_spread = join([m.spread for m in head])
    tail_spread = join([m.spread for m in tail])
    ridge_over_tau = ridge / tau
    numerator = formulas.split_numerator(join([m.first for m in tail]), ridge_over_tau)
    denominator = formulas.split_denominator(join([m.first for m in head]), surplus)
    return Evaluation(
        ratio=numerator / denominator,
        minus_slope=formulas.split_minus_slope(
            tail_spread, head_spread, numerator, denominator, ridge_over_tau
        ),
        omega=formulas.omega(join([m.learnt_square for m in head + tail]), n),
        one_minus_omega=formulas.one_minus_omega(head_spread + tail_spread, n, ridge_over_tau),
    )


class Step(Protocol):
    """What Newton's method needs of an evaluation."""

    @property
    def ratio(self) -> Any:
        """exp(g)."""

    @property
    def minus_slope(self) -> Any:
        """-g', or what a step of g is divided by far from the root."""


#: g of one equation: from the sums of pieces of head and tail, and tau.
Equation = Callable[[list[Sums], list[Sums], Any], Step]


def pieces(
    descending: np.ndarray,
    split: Split,
    tau: Any,
    total: Callable[[np.ndarray], Any],
    block: int,
    wanted: Wanted,
) -> tuple[list[Sums], list[Sums]]:
    """Sums of head and tail, block by block, the split mode shared between them."""
    w = split.fraction
    head = [
        sums_of(descending[k : min(k + block, split.whole)], tau, "head", total, wanted)
        for k in range(0, split.whole, block)
    ]
    tail = [
        sums_of(descending[k : k + block], tau, "tail", total, wanted)
        for k in range(split.tail, len(descending), block)
    ]
    if w > 0:
        mode = descending[split.whole : split.tail]
        head.append(sums_of(mode, tau, "head", lambda v: w * v[0], wanted))
        tail.append(sums_of(mode, tau, "tail", lambda v: split.complement * v[0], wanted))
    return head, tail


def start(descending: np.ndarray, split: Split, n: float, ridge: float) -> float:
    """A tau to start from: sqrt(lam_n lam_{n+1}), and never below ridge/n.

    At n = p the root is at least sqrt(ridge lam_p/p): far below it no zeta is above 0.
    """
    p = len(descending)
    if split.whole >= p:
        return max(ridge / n, math.sqrt(ridge) * math.sqrt(descending[-1] / p))
    between = math.sqrt(descending[max(split.whole - 1, 0)]) * math.sqrt(descending[split.whole])
    return max(between, ridge / n)
