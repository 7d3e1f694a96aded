"""How far the equivalents at finite p can be from those at p = infinity, with proof.

Let ``t`` bound the trace that modes beyond p have in (1), ``sum_{i>p} i^-alpha / tau``, let
``S = n (1 - Omega)``, both at p = infinity, and ``e`` bound the energy beyond p.

* The degrees of freedom of p modes are convex in tau, and at the infinite tau they lack at
  most t: ``0 <= 1 - tau_p/tau <= r = t/(S - t)``.
* For tau_p = (1 - r) tau or between, a mode's zeta falls at most by the factor ``1 - r`` and
  its 1 - zeta does not fall (`lemma`), so that zeta (1 - zeta) falls at most by it, too; tau
  zeta (1 - zeta) = lam zeta^2 does not grow (`width`), so that it grows at most by the inverse:
  ``(1 - r)(S - t) <= n (1 - Omega_p) <= S/(1 - r)``.
* A mode costs ``signal min(1, zeta^2/(1 - Omega))`` under the best mask and the second of the
  two for strong labels; both change at most by the factors that ``zeta^2/(1 - Omega)`` does.
  Under the best surrogate it costs ``signal zeta(lam^2, tau')``, which changes at most by the
  factors that ``tau' = tau^2 Omega/(1 - Omega)`` does, as far as they lie on either side of 1.
"""

from __future__ import annotations

from collections.abc import Iterator
from fractions import Fraction
from typing import Any

import _power_laws as laws

from kdverify import formulas as f

NAMES = ("tau", "standard", "optimal", "masked")


def lemma(smt: Any, factor: str = "1") -> Any:
    """What a smaller tau, ``ratio`` times the first, does to a mode, in units of the first."""
    lam, ratio = smt.Real("lam"), smt.Real("ratio")
    before, after = f.split_mode(lam, smt.number("1")), f.split_mode(lam, ratio)
    return [lam > 0, ratio > 0, ratio <= 1], smt.And(
        after[0] >= ratio * smt.number(factor) * before[0],
        after[0] <= before[0],
        after[1] >= before[1],
    )


def width() -> tuple[Any, Any]:
    """tau zeta (1 - zeta) is lam zeta^2: the upper bound of a mode's zeta (1 - zeta)."""
    import sympy

    lam, tau = sympy.symbols("lambda tau", positive=True)
    zeta, learnt = f.split_mode(lam, tau)
    return tau * f.spread(zeta, learnt), lam * zeta**2


def fixed_point(alpha: Fraction, beta: Fraction, n: int, p: int, digits: int) -> tuple[Any, Any]:
    """(lower, upper) of tau at p over that at infinity, and of ``1 - Omega`` at p."""
    at, ops, one = laws.exact(alpha, beta, n, digits), laws.ops(), laws.number(1)
    lost = f.scaling_tail(laws.number(alpha), laws.number(p), ops) / at.tau
    spreads = n * at.one_minus_omega
    tau = one - lost / (spreads - lost)
    return (tau, one), (tau * (spreads - lost) / n, at.one_minus_omega / tau)


def standard(alpha: Fraction, beta: Fraction, n: int, p: int, digits: int) -> Any:
    """A ball around R_std at p, from sums at the tau of p = infinity: for p of any size."""
    from kdverify.gaussian.solve.power_sum import UNLEARNT_SQUARE, PowerSum

    (tau, one), complement = fixed_point(alpha, beta, n, p, digits)
    sums, at = PowerSum(alpha, beta, digits), laws.exact(alpha, beta, n, digits)
    squares = sums.total(UNLEARNT_SQUARE, at.tau) - sums.total(UNLEARNT_SQUARE, at.tau, p + 1)
    factor = (tau * tau / complement[1]).union(one / complement[0])
    return factor * squares


def bounds(alpha: Fraction, beta: Fraction, n: int, p: int, digits: int) -> dict[str, Any]:
    """For each of `NAMES` balls (lower, upper) around its value at p over that at infinity."""
    at, ops, one = laws.exact(alpha, beta, n, digits), laws.ops(), laws.number(1)
    (tau, _), complement = fixed_point(alpha, beta, n, p, digits)
    energy = f.scaling_tail(laws.number(beta), laws.number(p), ops)
    strong = [tau**2 * at.one_minus_omega / complement[1], at.one_minus_omega / complement[0]]
    prime = f.optimal_regularisation(at.tau, at.omega, at.one_minus_omega)
    best = [
        f.optimal_regularisation(tau * at.tau, 1 - complement[1], complement[1]) / prime,
        f.optimal_regularisation(at.tau, 1 - complement[0], complement[0]) / prime,
    ]
    kept = {
        "standard": 1 - energy / at.one_minus_omega / at.standard,
        "masked": 1 - energy / at.masked,
        "optimal": 1 - energy / at.optimal,
    }
    found = {"tau": (tau, one)}
    for name, (low, high) in (("standard", strong), ("masked", strong), ("optimal", best)):
        found[name] = (kept[name] * low.min(one), high.max(one))
    return found


def ratios(alpha: Fraction, beta: Fraction, n: int, p: int, digits: int) -> dict[str, Any]:
    """Each of `NAMES` at p over its value at p = infinity, as balls."""
    from kdverify import Problem
    from kdverify.gaussian import certified

    finite = certified.certificate(Problem.power_law(p, alpha, beta), n, digits=digits)
    infinite = laws.exact(alpha, beta, n, digits)
    return {name: getattr(finite, name) / getattr(infinite, name) for name in NAMES}


def within(
    settings: Iterator[tuple[Fraction, Fraction, int, int]], digits: int, wrong: Fraction
) -> list[tuple[Any, Any]]:
    """Pairs in order iff all ratios lie in their bounds; ``wrong`` scales the distance from 1."""
    pairs, scale = [], laws.number(wrong)
    for setting in settings:
        limits = bounds(*setting, digits)
        for name, ratio in ratios(*setting, digits).items():
            low, high = (1 + scale * (end - 1) for end in limits[name])
            pairs += [(low, ratio), (ratio, high)]
    return pairs
