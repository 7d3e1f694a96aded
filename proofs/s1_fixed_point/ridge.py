"""Claim of section 1: the fixed point with a ridge, and what it loses.

"For all p" is shown as in `1.unique`: one-mode lemmas, summed or by induction.
"""

from typing import Any

import sympy

from kdverify import formulas as f
from kdverify.arithmetic import BALLS
from kdverify.evidence import Claim, Step

from ..lib.balls import ridge_cases
from ..lib.modes import Pairs, equal_modes_total, one_mode

RIDGE = Claim(
    "1.ridge",
    title="With a ridge (1) has one root for every n > 0",
    statement=r"\delta > 0:\ \text{for every real } n > 0 \text{ there is exactly one }\tau > 0"
    r"\text{ with } \sum_i \frac{\lambda_i}{\lambda_i + \tau} + \frac{\delta}{\tau} = n;\ "
    r" \sum_i (1-\zeta_i) = n - \frac{\delta}{\tau}",
    source="classic",
    needs=("1.unique",),
    parts=("ridge as modes", "values", "order", "degrees of freedom"),
    steps=[
        Step(
            "Ridge regression is the limit of min-norm interpolation with M extra features of"
            " variance delta/M each, since their Gram matrix tends to delta I. In (1) they add"
            " M (delta/M) / (delta/M + tau) -> delta/tau.",
            lambda: tail_of_small_modes(lambda zeta, learnt: learnt),
        ),
        Step(
            "They add nothing to n Omega, and delta/tau to n (1 - Omega).",
            lambda: tail_of_small_modes(lambda zeta, learnt: f.learnt_square(learnt)),
        ),
        Step(
            "The left side of (1) falls strictly and continuously, from oo at tau = 0 (where tau"
            " times it tends to delta) to 0 at tau = oo: one root for every n > 0.",
            lambda: residual_of_one_mode(),
        ),
    ],
)


@RIDGE.limit(
    "ridge as modes",
    note="what M small modes learn",
    symbol="M",
    point="oo",
    value=lambda: ridge_over_tau(),
    share=lambda zeta, learnt: learnt,
)
@RIDGE.limit(
    "ridge as modes",
    note="their part of n Omega",
    symbol="M",
    point="oo",
    value=0,
    share=lambda _, learnt: f.learnt_square(learnt),
)
@RIDGE.limit(
    "ridge as modes",
    note="their part of n (1 - Omega)",
    symbol="M",
    point="oo",
    value=lambda: ridge_over_tau(),
    share=f.spread,
)
def tail_of_small_modes(share: Any) -> Any:
    """The sum of ``share(zeta, 1 - zeta)`` over M extra modes of size delta/M."""
    count, delta, tau = sympy.symbols("M delta tau", positive=True)
    zeta, learnt = f.split_mode(delta / count, tau)
    return equal_modes_total(count)(share(zeta, learnt))


def ridge_over_tau() -> Any:
    """delta/tau in SymPy symbols."""
    return sympy.Symbol("delta", positive=True) / one_mode()[1]


tail_of_small_modes.but("half of the ridge", value=lambda: ridge_over_tau() / 2)


def residual_of(*learnt: Any) -> Any:
    """Left minus right side of (1) with a ridge, in SymPy symbols."""
    return f.fixed_point_residual(learnt, sympy.Symbol("n", positive=True), ridge_over_tau())


@RIDGE.limit("values", symbol="tau", point="oo", value=lambda: residual_of() - ridge_over_tau())
def residual_of_one_mode() -> Any:
    """(1) with a ridge for one mode; further modes add terms of the same kind."""
    return residual_of(f.one_minus_zeta(*one_mode()))


RIDGE.limit(
    "values",
    lambda: one_mode()[1] * residual_of_one_mode(),
    note="tau times the left side",
    symbol="tau",
    point=0,
    value=lambda: one_mode()[1] * ridge_over_tau(),
)


@RIDGE.forall("order", note="one mode and the ridge", but={"a negative ridge": {"ridge_sign": -1}})
def falls_with_ridge(smt: Any, ridge_sign: int = 1) -> Any:
    """(1) falls strictly as tau grows: one mode and the ridge."""
    lam, low, high, delta, n = (smt.Real(s) for s in ("lambda", "low", "high", "delta", "n"))

    def residual(tau: Any) -> Any:
        return f.fixed_point_residual([f.one_minus_zeta(lam, tau)], n, delta / tau)

    assumptions = [lam > 0, low > 0, low < high, ridge_sign * delta > 0]
    return assumptions, residual(high) < residual(low)


@RIDGE.identity("degrees of freedom", but={"n + delta/tau": {"sign": -1}})
def size_from_equation(sign: int = 1) -> tuple[Any, Any]:
    """n - delta/tau at the n that solves (1), and the sum of the 1 - zeta."""
    learnt = sympy.Symbol("S", positive=True)
    (size,) = sympy.solve(residual_of(learnt), sympy.Symbol("n", positive=True))
    return size - sign * ridge_over_tau(), learnt


@RIDGE.equal("five spectra")
def degrees_at_roots(digits: int) -> Pairs:
    """The sum of the certified 1 - zeta, and n - delta/tau, for n below, at and above p."""
    for case in ridge_cases():
        at = case.solved(digits)
        yield f.degrees_of_freedom(at.one_minus_zeta, BALLS.total), at.n - at.ridge / at.tau
