"""Claim of section 1: what becomes of the fixed point as the ridge vanishes."""

from fractions import Fraction
from functools import cache
from typing import Any

import sympy

from kdverify import formulas as f
from kdverify.evidence import Claim, Step

from ..lib.balls import Case, integers
from ..lib.modes import Pairs, equal_modes_total, one_mode

RIDGE_LIMIT = Claim(
    "1.ridge-limit",
    title="As the ridge vanishes: the ridgeless root for n < p, least squares for n > p",
    statement=r"\delta \to 0:\quad n < p:\ 0 < \tau_\delta - \tau_0 \le"
    r" \frac{\delta}{n(1 - \Omega_0)};\qquad n > p:\ \tau_\delta < \frac{\delta}{n - p},"
    r"\ \Omega \to \frac pn,\ 1 - \Omega \to \frac{n-p}{n}",
    source="classic",
    needs=("1.ridge", "1.complements"),
    parts=("n < p", "n > p"),
    steps=[
        Step(
            "n < p: (1) with and without ridge give delta/tau_delta = sum over the modes of"
            " (1 - zeta)(tau_0) - (1 - zeta)(tau_delta), which is positive: tau_delta > tau_0.",
            lambda: moved_share()[1],
        ),
        Step(
            "zeta grows with tau, so each term is at least zeta (1 - zeta) (1 - tau_0/tau_delta)"
            " at tau_0; the sum of zeta (1 - zeta) is n (1 - Omega_0)."
        ),
        Step("n > p: sum (1 - zeta) < p leaves delta/tau > n - p, so tau < delta/(n - p) -> 0."),
        Step(
            "Then zeta -> 0, n Omega -> p, and delta/tau = n - sum (1 - zeta) -> n - p.",
            lambda: least_squares_omega()[1][0],
        ),
    ],
)


@cache
def isotropic_root(more_samples: bool) -> dict[str, Any]:
    """tau and Omega of Sigma = I in closed form, for n = p + k or p = n + k; symbol ``delta``."""
    fewer, k, delta, tau = sympy.symbols("m k delta tau", positive=True)
    n, p = (fewer + k, fewer) if more_samples else (fewer, fewer + k)
    learnt = f.one_minus_zeta(sympy.Integer(1), tau)
    total = equal_modes_total(p)
    equation = f.fixed_point_residual(learnt, n, delta / tau, total)
    at_sample = {fewer: 3, k: 2, delta: 1}
    (root,) = [r for r in sympy.solve(equation, tau) if r.subs(at_sample) > 0]
    omega = f.omega(total(f.learnt_square(learnt)), n)
    return {"n": n, "p": p, "tau": root, "omega": omega.subs(tau, root)}


RIDGE_LIMIT.limit(
    "Sigma = I, n < p",
    lambda: isotropic_root(False)["omega"],
    symbol="delta",
    point=0,
    value=lambda: isotropic_root(False)["n"] / isotropic_root(False)["p"],
)
RIDGE_LIMIT.limit(
    "Sigma = I, n > p",
    lambda: isotropic_root(True)["omega"],
    symbol="delta",
    point=0,
    value=lambda: f.unregularised_omega(isotropic_root(True)["n"], isotropic_root(True)["p"]),
)


@RIDGE_LIMIT.identity("one mode")
def moved_share() -> tuple[Any, Any]:
    """What one mode loses when tau grows, and a product of two of its shares."""
    lam, tau = one_mode()
    grown = sympy.Symbol("tau_delta", positive=True)
    lost = f.one_minus_zeta(lam, tau) - f.one_minus_zeta(lam, grown)
    return lost, f.one_minus_zeta(lam, tau) * f.zeta(lam, grown) * (1 - tau / grown)


@RIDGE_LIMIT.forall("one mode")
def share_at_least_spread(smt: Any) -> Any:
    """The product of shares is at least zeta (1 - zeta) at the smaller tau."""
    lam, tau, grown = (smt.Real(s) for s in ("lambda", "tau", "tau_delta"))
    zeta, learnt = f.split_mode(lam, tau)
    return [lam > 0, tau > 0, grown > tau], learnt * f.zeta(lam, grown) >= f.spread(zeta, learnt)


@RIDGE_LIMIT.forall("n < p", note="tau grows", but={"a negative ridge": {"sign": -1}})
def tau_grows(smt: Any, sign: int = 1) -> Any:
    """The modes learn n at tau_0, less at tau_delta, and no less where tau is no larger."""
    tau, grown, learnt, learnt_less, delta, n = (
        smt.Real(s) for s in ("tau", "tau_delta", "learnt", "learnt_delta", "delta", "n")
    )
    falls = smt.Implies(grown <= tau, learnt_less >= learnt)
    at_zero = f.fixed_point_residual([learnt], n) == 0
    at_delta = f.fixed_point_residual([learnt_less], n, delta / grown) == 0
    return [tau > 0, grown > 0, sign * delta > 0, falls, at_zero, at_delta], grown > tau


@RIDGE_LIMIT.forall("n < p", note="summed over the modes", but={"half of the bound": {"factor": 2}})
def tau_moves_little(smt: Any, factor: int = 1) -> Any:
    """Summed over the modes: tau grows by at most delta / (n (1 - Omega)) at delta = 0."""
    tau, grown, delta, spreads, n = (
        smt.Real(s) for s in ("tau", "tau_delta", "delta", "spreads", "n")
    )
    lost = delta / grown  # by (1) with and without ridge
    assumptions = [tau > 0, grown > tau, delta > 0, spreads > 0, n > 0]
    assumptions.append(lost >= spreads * (1 - tau / grown))
    return assumptions, (grown - tau) * n * f.one_minus_omega(spreads, n) * factor <= delta


@RIDGE_LIMIT.forall("n > p", but={"half of the bound": {"samples_minus_modes": 2}})
def tau_vanishes(smt: Any, samples_minus_modes: int = 1) -> Any:
    """n > p: by (1) tau is below delta/(n - p)."""
    learnt, tau, delta, n, p = (smt.Real(s) for s in ("learnt", "tau", "delta", "n", "p"))
    equation = f.fixed_point_residual([learnt], n, delta / tau) == 0
    assumptions = [tau > 0, delta > 0, p > 0, n > p, learnt > 0, learnt < p, equation]
    return assumptions, samples_minus_modes * tau * (n - p) < delta


@RIDGE_LIMIT.identity("n > p")
def least_squares_omega() -> tuple[list[Any], list[Any]]:
    """Omega and 1 - Omega at 1 - zeta = 1, zeta = 0, delta/tau = n - p; and their sum."""
    n, p = sympy.symbols("n p", positive=True)
    pair = f.unregularised_omega(n, p), f.unregularised_one_minus_omega(n, p)
    return [f.omega(p, n), f.one_minus_omega(0, n, n - p), 1], [*pair, sum(pair)]


@RIDGE_LIMIT.below("two spectra, n < p", but={"half of the bound": {"factor": 2}})
def small_ridge(digits: int, factor: int = 1) -> Pairs:
    """n < p, delta = 10^-8: the bound on the move of tau holds and is used up to 0.1 %."""
    for spectrum, n in ((integers(12), 5), (integers(30), 29)):
        delta = Fraction(1, 10**8)
        at = Case(spectrum, Fraction(n)).solved(digits)
        with_ridge = Case(spectrum, Fraction(n), delta).solved(digits)
        moved = with_ridge.tau - at.tau
        bound = with_ridge.ridge / (n * at.one_minus_omega)
        yield factor * moved, bound
        yield bound * 999 / 1000, moved


@RIDGE_LIMIT.below("two spectra, n > p", but={"half of the bound": {"factor": 2}})
def small_ridge_above(digits: int, factor: int = 1) -> Pairs:
    """n > p, delta = 10^-20: tau below delta/(n - p), Omega below p/n by at most 2 p tau/n."""
    for p, n in ((12, 13), (12, 40)):
        delta = Fraction(1, 10**20)
        at = Case(integers(p), Fraction(n), delta).solved(digits)
        limit = f.unregularised_omega(at.n, p)
        yield factor * at.tau, delta / (n - p)
        yield at.omega, limit
        yield limit - at.omega, 2 * p * at.tau / n  # 1 - (1 - zeta)^2 < 2 zeta < 2 tau/lambda_min


@RIDGE_LIMIT.limit("n > p", symbol="tau", point=0, value=1)
def learnt_squares() -> Any:
    """One mode's part of n Omega."""
    return f.learnt_square(f.one_minus_zeta(*one_mode()))


@RIDGE_LIMIT.limit(
    "Sigma = I, n > p", symbol="delta", point=0, but={"tau stays away from 0": {"limit": 1}}
)
def isotropic_tau(limit: int = 0) -> tuple[Any, Any]:
    """tau of Sigma = I with n > p, and 0."""
    return isotropic_root(True)["tau"], sympy.Integer(limit)
