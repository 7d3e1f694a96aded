"""Claim of section 9, any rows: the best teachers, linear or not."""

from typing import Any

import sympy

from kdverify import formulas as f
from kdverify.evidence import Claim, Step

from ..lib import sums as m
from ..lib import words as w
from ..lib.pools import random_pool, random_symmetric, solve

BEST_SURROGATE = Claim(
    "9.best-surrogate",
    title="Any rows: the best linear surrogate and mask for them",
    statement=r"\Sigma \succ 0:\quad K = \Sigma-\Sigma M-M\Sigma+D_\Sigma \succ 0,\quad"
    r" \beta^{\rm opt} = K^{-1}(I-M)\Sigma\beta_*;\ \text{Gaussian rows: (4), and the mask}"
    r"\ \zeta^2<1-\Omega",
    needs=("9.second-moment", "9.gaussian", "3.optimal", "4.rule"),
    parts=("square", "convex", "least", "Gaussian rows"),
    steps=[
        Step("Noiseless linear labels: theta = beta_s, e = 0, and (11) is beta_s'K beta_s."),
        Step(
            "K = (I - M) Sigma (I - M) + (D - M Sigma M), and D - M Sigma M = M n E[x x' x'Dx/b^2]"
            " M is positive semidefinite: x'Dx >= 0, since J >= 0 and x'M Sigma M x >= 0. Where the"
            " rows span the space, M^-1 = I + S with S > 0, so that I - M > 0 and K > 0."
        ),
        Step("s'Ks - 2 s'a with a = (I - M) Sigma beta* is (s - K^-1 a)'K(s - K^-1 a) - a'K^-1 a."),
        Step(
            "A direction is kept by a mask that does not know beta* iff K_ii < 2 ((I - M)Sigma)_ii;"
            " for Gaussian rows zeta^2 < 1 - Omega.",
            lambda: m.written(gaussian_rows()[0][1]),
        ),
    ],
)


@BEST_SURROGATE.identity(
    "square", note="lemma: words: any size", but={"the least value doubled": {"sign": 2}}
)
def squared(sign: int = 1) -> tuple[list[Any], ...]:
    """The error of a linear teacher, its square completed: words."""
    return w.teacher_square(sign)


@BEST_SURROGATE.identity("convex", note="lemma: words: any size")
def semidefinite() -> tuple[list[Any], ...]:
    """K as the sum of two positive semidefinite matrices: words."""
    return w.teacher_form()


@BEST_SURROGATE.forall(
    "convex",
    note="lemma: one eigenvalue of I - M > 0",
    but={"rows that do not span": {"least": ">="}},
)
def learnt_share(smt: Any, least: str = ">") -> Any:
    """One eigenvalue s of S: that of I - M, ``1 - 1/(1 + s)``, is positive."""
    s = smt.Real("s")
    return [s > 0 if least == ">" else s >= 0], 1 - 1 / (1 + s) > 0


@BEST_SURROGATE.forall("least", note="one eigenvalue of K", but={"0.9 a/k": {"centre": "9/10"}})
def least_at_centre(smt: Any, centre: str = "1") -> Any:
    """One eigenvalue k of K: ``k s^2 - 2 a s`` is least at a/k."""
    k, a, s = smt.Real("k"), smt.Real("a"), smt.Real("s")
    best = smt.number(centre) * f.form_gain(a, k)
    return [k > 0], k * s * s - 2 * a * s >= k * best * best - 2 * a * best


@BEST_SURROGATE.identity(
    "Gaussian rows",
    note="one mode, the optimum (4) and the mask",
    but={"twice (4)": {"gain": 2}, "another factor of the margin": {"power": 2}},
)
def gaussian_rows(gain: int = 1, power: int = 1) -> tuple[list[Any], list[Any]]:
    """One mode for Gaussian rows: ``K^-1 (I - M) Sigma beta*`` and (4); the two margins of a mask.

    ``2 (I - M) Sigma - K`` is above zero where a mode is kept; so is the rule of section 4.
    """
    zeta, learnt = m.split()
    D = m.lam * zeta * zeta / (1 - m.omega)
    K = f.teacher_form(m.lam, zeta * m.lam, m.lam * zeta, D)
    best = f.optimal_surrogate(gain * m.beta_star, zeta, learnt, m.omega, 1 - m.omega)
    kept = m.lam * f.keep_margin(zeta, 1 - m.omega) / (1 - m.omega) ** power
    forms = [f.form_gain(learnt * m.lam, K) * m.beta_star, f.form_keep_margin(learnt * m.lam, K)]
    return [m.in_zeta(form) for form in forms], [m.in_zeta(best), m.in_zeta(kept)]


@BEST_SURROGATE.identity("four pools, rational", but={"the optimum of another beta*": {"shift": 1}})
def exact_optimum(shift: int = 0) -> tuple[list[Any], list[Any]]:
    """(11) for the labels of a linear teacher, and the completed square: rational pools."""
    left, right = [], []
    for seed in range(4):
        pool = random_pool(seed, noise=False)
        A = pool.gram([1] * pool.size)
        D, _ = pool.response(A)
        K = f.teacher_form(A, pool.M * A, A * pool.M, D)
        truth = random_symmetric(seed)[:, 0] + sympy.Matrix([1, shift])
        aim = (pool.eye - pool.M) * A * random_symmetric(seed)[:, 0]
        best = solve(K, (pool.eye - pool.M) * A * (truth - sympy.Matrix([1, 0])))
        teacher = sympy.Matrix([seed + 1, -2])
        taught = pool.second_moment_of([(x.T * teacher)[0, 0] for x in pool.rows], A)
        left.append(taught - 2 * (teacher.T * aim)[0, 0])
        gap = teacher - best
        right.append((gap.T * K * gap)[0, 0] - (best.T * aim)[0, 0])
    return left, right
