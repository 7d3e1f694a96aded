"""Claims of section 9, any rows: the best teachers, linear or not."""

from __future__ import annotations

from typing import Any

import sympy

from kdverify import formulas as f
from kdverify.evidence import (
    Claim,
    Control,
    Forall,
    Identity,
    Step,
)

from ..lib import sums as m
from ..lib import words as w
from ..lib.pools import random_pool, random_symmetric, solve


def squared(sign: int = 1) -> list[list[Any]]:
    """The error of a linear teacher, its square completed: words."""
    return w.teacher_square(sign)


def semidefinite() -> list[list[Any]]:
    """K as the sum of two positive semidefinite matrices: words."""
    return w.teacher_form()


def least_at_centre(smt: Any, centre: str = "1") -> Any:
    """One eigenvalue k of K: ``k s^2 - 2 a s`` is least at a/k."""
    k, a, s = smt.Real("k"), smt.Real("a"), smt.Real("s")
    best = smt.number(centre) * a / k
    return [k > 0], k * s * s - 2 * a * s >= k * best * best - 2 * a * best


def gaussian_optimum(gain: int = 1) -> tuple[Any, Any]:
    """``K^-1 (I - M) Sigma beta*`` for Gaussian rows, one mode, and (4)."""
    zeta, learnt = m.split()
    D = m.lam * zeta * zeta / (1 - m.omega)
    K = f.teacher_form(m.lam, zeta * m.lam, m.lam * zeta, D)
    best = f.optimal_surrogate(gain * m.beta_star, zeta, learnt, m.omega, 1 - m.omega)
    return m.in_zeta(f.form_gain(learnt * m.lam, K) * m.beta_star), m.in_zeta(best)


def gaussian_mask(power: int = 1) -> tuple[Any, Any]:
    """``2 (I - M) Sigma - K`` of one mode, above zero where it is kept, and the rule of 4."""
    zeta, learnt = m.split()
    D = m.lam * zeta * zeta / (1 - m.omega)
    K = f.teacher_form(m.lam, zeta * m.lam, m.lam * zeta, D)
    kept = m.lam * f.keep_margin(zeta, 1 - m.omega) / (1 - m.omega) ** power
    return m.in_zeta(f.form_keep_margin(learnt * m.lam, K)), m.in_zeta(kept)


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


BEST_SURROGATE = Claim(
    id="9.best-surrogate",
    title="Any rows: the best linear surrogate and mask for them",
    statement=r"K = \Sigma-\Sigma M-M\Sigma+D_\Sigma \succeq 0,\quad \beta^{\rm opt} ="
    r" K^{-1}(I-M)\Sigma\beta_*;\ \text{Gaussian rows: (4), and the mask}\ \zeta^2<1-\Omega",
    source="new",
    needs=("9.second-moment", "9.gaussian", "3.optimal", "4.rule"),
    parts=("square", "convex", "least", "Gaussian rows"),
    steps=[
        Step("Noiseless linear labels: theta = beta_s, e = 0, and (11) is beta_s'K beta_s."),
        Step(
            "K = (I - M) Sigma (I - M) + (D - M Sigma M), and D - M Sigma M = M n E[x x' x'Dx/b^2]"
            " M is positive semidefinite: x'Dx >= 0, since J >= 0 and x'M Sigma M x >= 0."
        ),
        Step("s'Ks - 2 s'a with a = (I - M) Sigma beta* is (s - K^-1 a)'K(s - K^-1 a) - a'K^-1 a."),
        Step(
            "A direction is kept by a mask that does not know beta* iff K_ii < 2 ((I - M)Sigma)_ii;"
            " for Gaussian rows zeta^2 < 1 - Omega.",
            lambda: gaussian_mask()[0],
        ),
    ],
    evidence=[
        Identity(
            "square", left=lambda: squared()[0], right=lambda: squared()[1], note="words: any size"
        ),
        Identity(
            "convex",
            left=lambda: semidefinite()[0],
            right=lambda: semidefinite()[1],
            note="words: any size",
        ),
        Forall("least", build=least_at_centre, note="one eigenvalue of K"),
        Identity(
            "Gaussian rows",
            left=lambda: [gaussian_optimum()[0], gaussian_mask()[0]],
            right=lambda: [gaussian_optimum()[1], gaussian_mask()[1]],
            note="one mode, the optimum (4) and the mask",
        ),
        Identity(
            "four pools, rational",
            left=lambda: exact_optimum()[0],
            right=lambda: exact_optimum()[1],
        ),
    ],
    controls=[
        Control(
            Identity("square", left=lambda: squared(2)[0], right=lambda: squared(2)[1]),
            wrong="the least value doubled",
        ),
        Control(Forall("least", build=lambda smt: least_at_centre(smt, "9/10")), wrong="0.9 a/k"),
        Control(
            Identity(
                "Gaussian rows",
                left=lambda: gaussian_optimum(2)[0],
                right=lambda: gaussian_optimum(2)[1],
            ),
            wrong="twice (4)",
        ),
        Control(
            Identity(
                "Gaussian rows",
                left=lambda: gaussian_mask(2)[0],
                right=lambda: gaussian_mask(2)[1],
            ),
            wrong="another factor of the margin",
        ),
        Control(
            Identity(
                "four pools",
                left=lambda: exact_optimum(1)[0],
                right=lambda: exact_optimum(1)[1],
            ),
            wrong="the optimum of another beta*",
        ),
    ],
)


CLAIMS = [BEST_SURROGATE]

if __name__ == "__main__":
    from kdverify.verify import run_as_script

    raise SystemExit(run_as_script(CLAIMS))
