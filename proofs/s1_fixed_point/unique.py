"""Claim of section 1: the fixed point (1), its root and how the root scales.

Statements "for all p" rest on lemmas about one mode, decided for all lambda, tau > 0, and
on sums of them; where more than a sum is needed, the lemma is the step of an induction
over the modes, with the sums over the modes so far as variables.
"""

from fractions import Fraction
from itertools import pairwise
from typing import Any

from kdverify import formulas as f
from kdverify.evidence import Claim, Step

from ..lib.balls import Case, decades, integers
from ..lib.modes import Pairs, one_mode

UNIQUE = Claim(
    "1.unique",
    title="tau exists and is unique iff 0 < n < p, and falls to 0 as n grows to p",
    statement=r"p \ge 1,\ \lambda_i > 0,\ n \in \mathbb{R}:\ \exists\,\tau > 0:\ \sum_{i=1}^p"
    r" \frac{\lambda_i}{\lambda_i + \tau} = n \iff 0 < n < p;\ \tau \text{ is then unique,}"
    r"\ n \mapsto \tau \text{ falls strictly, and } \tau \to 0 \text{ as } n \to p",
    source="classic",
    parts=("no root outside", "values", "order", "n to p"),
    steps=[
        Step("Each mode adds a share in (0, 1), so that the sum lies in (0, p) for every tau."),
        Step(
            "A share tends to 1 as tau -> 0 and to 0 as tau -> oo and is continuous in between,"
            " so the sum takes every value in (0, p): a root exists.",
            lambda: f.one_minus_zeta(*one_mode()),
        ),
        Step(
            "Each share falls strictly in tau, hence the sum does: the root is unique, and a"
            " larger n needs a smaller tau."
        ),
        Step(
            "p - n = sum zeta_i >= zeta_i for each i, hence tau <= lambda_i (p - n)/(1 - (p - n)).",
            lambda: f.zeta(*one_mode()),
        ),
    ],
)


@UNIQUE.forall(
    "no root outside", note="induction over the modes", but={"no root at p - 1": {"extra": 0}}
)
def range_step(smt: Any, extra: int = 1) -> Any:
    """k modes learn between 0 and k; with one more mode, (1) has no root for n outside."""
    lam, tau, learnt, k, n = (smt.Real(s) for s in ("lambda", "tau", "learnt", "k", "n"))
    residual = f.fixed_point_residual([learnt, f.one_minus_zeta(lam, tau)], n)
    outside = smt.And(smt.Implies(n <= 0, residual > 0), smt.Implies(n >= k + extra, residual < 0))
    return [lam > 0, tau > 0, learnt >= 0, learnt <= k], outside


@UNIQUE.forall(
    "order",
    note="one mode; sums of falling functions fall",
    but={"shares grow with tau": {"falling": False}},
)
def falls(smt: Any, falling: bool = True) -> Any:
    """One mode's share learnt falls strictly as tau grows."""
    lam, low, high = (smt.Real(s) for s in ("lambda", "tau_low", "tau_high"))
    at_low, at_high = f.one_minus_zeta(lam, low), f.one_minus_zeta(lam, high)
    return [lam > 0, low > 0, low < high], at_high < at_low if falling else at_high > at_low


@UNIQUE.forall("n to p")
def vanishes(smt: Any) -> Any:
    """zeta <= p - n < 1 of one mode bounds tau."""
    lam, tau, missing = (smt.Real(s) for s in ("lambda", "tau", "missing"))
    assumptions = [lam > 0, tau > 0, missing > 0, missing < 1, f.zeta(lam, tau) <= missing]
    return assumptions, tau * (1 - missing) <= lam * missing


@UNIQUE.below(
    "order", note="certified roots, 0.5 <= n < p", but={"threefold at every step": {"factor": 3}}
)
def roots_in_order(digits: int, factor: int = 1) -> Pairs:
    """tau at n and at the next smaller n, for n from one half to p - 10^-9."""
    for spectrum in (integers(8), decades(60, 8)):
        sizes = [Fraction(1, 2), *map(Fraction, range(1, 8)), 8 - Fraction(1, 10**9)]
        roots = [Case(spectrum, n).solved(digits).tau for n in sizes]
        for at_fewer, at_more in pairwise(roots):
            yield factor * at_more, at_fewer


@UNIQUE.below("n to p")
def roots_near_p(digits: int) -> Pairs:
    """tau just below n = p, and the bound lambda_min (p - n) / (1 - (p - n))."""
    for k in (3, 6, 12):
        missing = Fraction(1, 10**k)
        yield Case(integers(8), 8 - missing).solved(digits).tau, missing / (1 - missing)


@UNIQUE.limit("values", symbol="tau", point="oo", value=0)
@UNIQUE.limit("values", symbol="tau", point=0, value=1)
def share_learnt() -> Any:
    """One mode's share."""
    return f.one_minus_zeta(*one_mode())
