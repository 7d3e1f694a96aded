"""Claim of section 1: Omega, its bounds, and complements that lose no digits.

"For all p" is shown as in `1.unique`: one-mode lemmas, summed or by induction.
"""

from typing import Any

import sympy

from kdverify import formulas as f
from kdverify.evidence import Claim, Step

from ..lib.balls import ridgeless_cases
from ..lib.modes import Pairs, one_mode
from ..lib.modes import symbolic_modes as modes

OMEGA_MEAN = Claim(
    "1.omega-mean",
    title="Omega is the (1 - zeta)-weighted mean of 1 - zeta",
    statement=r"\Omega = \frac{\sum_i (1-\zeta_i)(1-\zeta_i)}{\sum_i (1-\zeta_i)},\quad"
    r" \min_i (1-\zeta_i) \le \Omega \le \max_i (1-\zeta_i)",
    needs=("1.unique",),
    parts=("mean", "bounds"),
    steps=[
        Step(
            "Without ridge n = sum (1 - zeta_i): the n in Omega = (1/n) sum (1 - zeta_i)^2 is"
            " the sum of the weights 1 - zeta_i.",
            lambda: weighted_mean(2)[1],
        ),
        Step(
            "By induction over the modes, a mean of numbers that lie between two bounds, with"
            " positive weights, lies between them."
        ),
    ],
)


@OMEGA_MEAN.identity("mean")
def mean_step() -> tuple[list[Any], list[Any]]:
    """One mode's square as weight times value, and Omega at the n that (1) gives."""
    learnt = f.one_minus_zeta(*one_mode())
    weights, squares, n = sympy.symbols("S_1 S_2 n", positive=True)
    (root,) = sympy.solve(f.fixed_point_residual([weights], n), n)
    return [f.learnt_square(learnt), f.omega(squares, root)], [learnt * learnt, squares / weights]


@OMEGA_MEAN.identity("p = 3", p=3, but={"the plain mean": {"weights": lambda learnt: learnt**0}})
def weighted_mean(p: int, weights: Any = lambda learnt: learnt) -> tuple[Any, Any]:
    """Omega, and the mean of 1 - zeta with the given weights."""
    m = modes(p)
    w = weights(m.one_minus_zeta)
    return m.omega, sum(w * m.one_minus_zeta) / sum(w)


@OMEGA_MEAN.forall(
    "bounds",
    note="upper, induction",
    side="upper",
    but={"at most half of the largest": {"bound_moved": lambda b: b / 2}},
)
@OMEGA_MEAN.forall("bounds", note="lower, induction", side="lower")
def bound_step(smt: Any, side: str, bound_moved: Any = lambda bound: bound) -> Any:
    """A bound of every 1 - zeta bounds Omega: one more mode does not change that."""
    learnt, squares, x, bound = (smt.Real(s) for s in ("learnt", "squares", "x", "bound"))
    before, after = f.omega(squares, learnt), f.omega(squares + f.learnt_square(x), learnt + x)
    assumptions = [learnt > 0, x > 0, bound > 0]
    if side == "lower":
        return [*assumptions, before >= bound, x >= bound], after >= bound_moved(bound)
    return [*assumptions, before <= bound, x <= bound], after <= bound_moved(bound)


@OMEGA_MEAN.below("seven spectra", but={"the largest below Omega": {"mode": 0}})
def omega_among_shares(digits: int, mode: int = -1) -> Pairs:
    """The smallest 1 - zeta, Omega and the largest 1 - zeta, for unequal eigenvalues."""
    for case in ridgeless_cases():
        at = case.solved(digits)
        yield at.one_minus_zeta[mode], at.omega
        yield at.zeta[0], at.one_minus_omega  # Omega below the largest, without cancellation
