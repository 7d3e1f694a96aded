"""Claim of section 1: the fixed point with a ridge, and what it loses.

"For all p" is shown as in `1.unique`: one-mode lemmas, summed or by induction.
"""

from fractions import Fraction
from typing import Any

import sympy

from kdverify import formulas as f
from kdverify.evidence import Claim, Step

from ..lib.balls import Case, isotropic
from ..lib.modes import Pairs, equal_modes_total

RIDGE_LOSES = Claim(
    "1.ridge-loses",
    title="With a ridge Omega may fall below n/p and below every 1 - zeta, never above all",
    statement=r"\delta > 0:\ \Omega < \max_i (1 - \zeta_i), \text{ so that some mode is amplified;"
    r" } \Omega \ge n/p \text{ and } \Omega \ge \min_i (1-\zeta_i) \text{ may both fail:}\ "
    r"\Sigma = I,\ p = 120,\ n = 60,\ \delta = 30 \text{ has } \Omega = 0.2586,"
    r" \text{ and every gain is } 1.32",
    needs=("1.ridge", "1.omega-mean"),
    parts=("upper side", "some mode amplified", "example"),
    steps=[
        Step(
            "n Omega = sum (1 - zeta)^2 <= max(1 - zeta) sum (1 - zeta), and the last sum is"
            " n - delta/tau < n."
        ),
        Step("For the mode with the largest 1 - zeta: zeta < 1 - Omega, its gain exceeds 1."),
        Step(
            "In the example (1) reads 120/(1 + tau) + 30/tau = 60, so tau = (3 + sqrt 17)/4;"
            " all modes are alike, and Omega < 1 - zeta for all of them.",
        ),
    ],
)


def example() -> Any:
    """Sigma = I, p = 120, n = 60, delta = 30."""
    return Case(isotropic(120), Fraction(60), Fraction(30))


RIDGE_LOSES.enclosed("example", lambda digits: example().solved(digits).omega, value="0.2586")


def example_root() -> Any:
    """The residual of (1) at (3 + sqrt 17)/4 for the example."""
    tau = (3 + sympy.sqrt(17)) / 4
    learnt = f.one_minus_zeta(sympy.Integer(1), tau)
    return f.fixed_point_residual(learnt, 60, 30 / tau, equal_modes_total(120))


RIDGE_LOSES.identity("the root of the example", lambda: (example_root(), 0))


@RIDGE_LOSES.enclosed("example", value="1.32")
def example_gain(digits: int) -> Any:
    """The gain that all modes of the example share."""
    at = example().solved(digits)
    return f.gain(at.zeta[0], at.one_minus_zeta[0], at.omega, at.one_minus_omega)


@RIDGE_LOSES.below("example", but={"Omega >= n/p, as without ridge": {"ridgeless": True}})
def example_order(digits: int, ridgeless: bool = False) -> Pairs:
    """Omega below n/p and below every 1 - zeta; every gain above 1."""
    at = example().solved(digits)
    below_ratio = at.omega, Fraction(60, 120)
    yield below_ratio[::-1] if ridgeless else below_ratio
    for share in at.one_minus_zeta:
        yield at.omega, share
    yield 1, example_gain(digits)


@RIDGE_LOSES.forall(
    "upper side",
    note="induction over the modes",
    but={"Omega is not below the smallest 1 - zeta": {"side": "lower"}},
)
def upper_side_step(smt: Any, side: str = "upper") -> Any:
    """With a ridge Omega stays below the largest 1 - zeta: one more mode, and the ridge."""
    learnt, squares, x, ridge, bound = (
        smt.Real(s) for s in ("learnt", "squares", "x", "ridge_over_tau", "bound")
    )
    assumptions = [learnt > 0, squares > 0, x > 0, bound > 0, ridge > 0]
    omega = f.omega(squares + f.learnt_square(x), learnt + x + ridge)
    if side == "upper":
        return [*assumptions, squares <= bound * learnt, x <= bound], omega < bound
    return [*assumptions, squares >= bound * learnt, x >= bound], omega >= bound


@RIDGE_LOSES.forall("some mode amplified")
def amplified(smt: Any) -> Any:
    """A mode with 1 - zeta above Omega has a gain above 1."""
    zeta, omega = smt.Real("zeta"), smt.Real("Omega")
    assumptions = [zeta > 0, zeta < 1, omega > 0, omega < 1 - zeta]
    return assumptions, f.gain(zeta, 1 - zeta, omega, 1 - omega) > 1
