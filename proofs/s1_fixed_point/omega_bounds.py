"""Claim of section 1: Omega, its bounds, and complements that lose no digits.

"For all p" is shown as in `1.unique`: one-mode lemmas, summed or by induction.
"""

from fractions import Fraction
from typing import Any

import sympy

from kdverify import formulas as f
from kdverify.evidence import Claim, Step

from ..lib.balls import Case, isotropic, ridgeless_cases
from ..lib.modes import Pairs, together
from ..lib.modes import symbolic_modes as modes

OMEGA_BOUNDS = Claim(
    "1.omega-bounds",
    title="n/p <= Omega < 1, with equality on the left iff Sigma is a multiple of I",
    statement=r"0 < n < p:\ \frac{n}{p} \le \Omega < 1,\quad"
    r" \Omega = \frac{n}{p} \iff \Sigma \propto I",
    source="classic",
    needs=("1.unique",),
    parts=("left", "equality", "right"),
    steps=[
        Step(
            "n (p Omega - n) = sum_{i<j} (zeta_i - zeta_j)^2 >= 0 (Lagrange): by induction over"
            " the modes, since one more mode x adds sum_i (x_i - x)^2 on the right.",
            lambda: lagrange_step()[1],
        ),
        Step("All zeta_i are equal iff all lambda_i are: equality iff Sigma is a multiple of I."),
        Step("(1 - zeta)^2 < 1 - zeta, summed over the modes: n Omega < n."),
    ],
)


def pairwise_squares(p: int) -> tuple[Any, Any]:
    """``n (p Omega - n)`` and the sum of all squared differences of the zeta."""
    m = modes(p)
    differences = [m.zeta[i] - m.zeta[j] for i in range(p) for j in range(i)]
    return m.n * (p * m.omega - m.n), sum(d * d for d in differences)


p_2 = OMEGA_BOUNDS.identity(
    "p = 2, 3, 4",
    lambda: together(*(pairwise_squares(p) for p in (2, 3, 4))),
)
p_2.but(
    "every pair counted twice", sides=lambda: (pairwise_squares(2)[0], 2 * pairwise_squares(2)[1])
)


@OMEGA_BOUNDS.identity("left", note="induction over the modes")
def lagrange_step() -> tuple[Any, Any]:
    """What one more mode adds to ``p sum x^2 - (sum x)^2``: the sum of all (x_i - x)^2."""
    p, total, squares, x = sympy.symbols("p S_1 S_2 x", positive=True)

    def gap(p: Any, total: Any, squares: Any) -> Any:
        return total * (p * f.omega(squares, total) - total)

    added = gap(p + 1, total + x, squares + f.learnt_square(x)) - gap(p, total, squares)
    return added, squares - 2 * x * total + p * x * x


@OMEGA_BOUNDS.forall("left", note="induction over the modes", but={"Omega >= 2 n/p": {"factor": 2}})
def left_bound_step(smt: Any, factor: int = 1) -> Any:
    """p Omega >= n for p modes gives (p + 1) Omega >= n for p + 1, at the larger n and Omega."""
    p, n, squares, x = (smt.Real(s) for s in ("p", "n", "squares", "x"))
    assumptions = [p > 0, n > 0, x > 0, p * f.omega(squares, n) >= factor * n]
    larger = f.omega(squares + f.learnt_square(x), n + x)
    return assumptions, (p + 1) * larger >= factor * (n + x)


@OMEGA_BOUNDS.forall("equality")
def equal_modes(smt: Any) -> Any:
    """Equal zeta come from equal eigenvalues only."""
    first, second, tau = (smt.Real(s) for s in ("lambda_1", "lambda_2", "tau"))
    same = f.zeta(first, tau) == f.zeta(second, tau)
    return [first > 0, second > 0, tau > 0, same], first == second


@OMEGA_BOUNDS.forall("right", note="one mode")
def right_bound(smt: Any) -> Any:
    """One mode's square is below its share."""
    lam, tau = smt.Real("lambda"), smt.Real("tau")
    learnt = f.one_minus_zeta(lam, tau)
    return [lam > 0, tau > 0], smt.And(f.learnt_square(learnt) < learnt, learnt > 0)


@OMEGA_BOUNDS.below(
    "seven spectra", note="strict for unequal eigenvalues", but={"Omega > 2 n/p": {"factor": 2}}
)
def omega_between(digits: int, factor: int = 1) -> Pairs:
    """n/p < Omega < 1 for unequal eigenvalues."""
    for case in ridgeless_cases():
        at = case.solved(digits)
        yield factor * case.n / case.spectrum.p, at.omega
        yield 0, at.one_minus_omega


@OMEGA_BOUNDS.equal("Sigma = I")
def isotropic_omega(digits: int) -> Pairs:
    """Omega and n/p for Sigma = I."""
    for n in (1, 7, 19):
        yield Case(isotropic(20), Fraction(n)).solved(digits).omega, Fraction(n, 20)
