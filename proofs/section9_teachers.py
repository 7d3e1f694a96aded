"""Claims of section 9, any rows: the best teachers, linear or not."""

from __future__ import annotations

from fractions import Fraction
from functools import cache
from typing import Any

from _notation import Pairs

from kdverify import formulas as f
from kdverify.evidence import (
    Claim,
    Control,
    Enclosure,
    Forall,
    Identity,
    Step,
)

# --------------------------------------------------------------------------
# 9.best-surrogate
# --------------------------------------------------------------------------


def squared(sign: int = 1) -> list[list[Any]]:
    """The error of a linear teacher, its square completed: words."""
    import _rows_words as w

    return w.teacher_square(sign)


def semidefinite() -> list[list[Any]]:
    """K as the sum of two positive semidefinite matrices: words."""
    import _rows_words as w

    return w.teacher_form()


def least_at_centre(smt: Any, centre: str = "1") -> Any:
    """One eigenvalue k of K: ``k s^2 - 2 a s`` is least at a/k."""
    k, a, s = smt.Real("k"), smt.Real("a"), smt.Real("s")
    best = smt.number(centre) * a / k
    return [k > 0], k * s * s - 2 * a * s >= k * best * best - 2 * a * best


def gaussian_optimum(gain: int = 1) -> tuple[Any, Any]:
    """``K^-1 (I - M) Sigma beta*`` for Gaussian rows, one mode, and (4)."""
    import _mode_sums as m

    zeta, learnt = m.split()
    D = m.lam * zeta * zeta / (1 - m.omega)
    K = f.teacher_form(m.lam, zeta * m.lam, m.lam * zeta, D)
    best = f.optimal_surrogate(gain * m.beta_star, zeta, learnt, m.omega, 1 - m.omega)
    return m.in_zeta(f.form_gain(learnt * m.lam, K) * m.beta_star), m.in_zeta(best)


def gaussian_mask(power: int = 1) -> tuple[Any, Any]:
    """``2 (I - M) Sigma - K`` of one mode, above zero where it is kept, and the rule of 4."""
    import _mode_sums as m

    zeta, learnt = m.split()
    D = m.lam * zeta * zeta / (1 - m.omega)
    K = f.teacher_form(m.lam, zeta * m.lam, m.lam * zeta, D)
    kept = m.lam * f.keep_margin(zeta, 1 - m.omega) / (1 - m.omega) ** power
    return m.in_zeta(f.form_keep_margin(learnt * m.lam, K)), m.in_zeta(kept)


def exact_optimum(shift: int = 0) -> tuple[list[Any], list[Any]]:
    """(11) for the labels of a linear teacher, and the completed square: rational pools."""
    import sympy
    from _rows_pools import random_pool, random_symmetric, solve

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

# --------------------------------------------------------------------------
# 9.best-labels
# --------------------------------------------------------------------------


@cache
def label_problem(seed: int) -> tuple[Any, Any, Any, Any, Any]:
    """A pool, A, the matrix Q of (11) in the labels, the linear part, and beta*."""
    import sympy
    from _rows_pools import ExactPool, solved_pools

    solved = solved_pools()[seed]
    # rows over sqrt(b): x'Dx/b is u'Du, and b = 1 for all of them
    unit = [sympy.Matrix(u[:2]) for u in solved.directions[:4]]
    pool = ExactPool(unit, [sympy.Integer(1)] * 4, [], sympy.Rational(3, 2))
    A = pool.gram(solved.b[:4])
    units = [[sympy.Integer(int(i == j)) for j in range(4)] for i in range(4)]
    own = [pool.second_moment_of(unit, A) for unit in units]

    def pair(i: int, j: int) -> Any:
        both = pool.second_moment_of([a + b for a, b in zip(units[i], units[j], strict=True)], A)
        return own[i] if i == j else (both - own[i] - own[j]) / 2

    Q = sympy.Matrix(4, 4, lambda i, j: pair(min(i, j), max(i, j)))
    truth = sympy.Matrix([2, -1])
    aim = (pool.eye - pool.M) * A * truth
    linear = sympy.Matrix([(pool.theta_of(unit).T * aim)[0, 0] for unit in units])
    return pool, A, Q, linear, truth


def completed(shift: int = 0) -> tuple[list[Any], list[Any]]:
    """The error for arbitrary labels, and at the best ones plus a square: rational pools."""
    import sympy
    from _rows_pools import solve

    left, right = [], []
    for seed in range(2):
        pool, A, Q, linear, truth = label_problem(seed)
        best = solve(Q, linear)
        labels = sympy.Matrix([3, -1, seed, 2])
        aim = (pool.eye - pool.M) * A * truth
        error = pool.second_moment_of(list(labels), A)
        left.append(error - 2 * (pool.theta_of(list(labels)).T * aim)[0, 0])
        gap = labels - best + shift * sympy.ones(4, 1)
        right.append((gap.T * Q * gap)[0, 0] - (best.T * linear)[0, 0])
    return left, right


def better(digits: int, swapped: bool = False) -> Pairs:
    """The best labels' error below that of the best linear surrogate's labels; Q's minors > 0."""
    from _rows_pools import solve

    for seed in range(2):
        pool, A, Q, linear, truth = label_problem(seed)
        for k in range(1, 5):
            yield 0, _fraction(Q[:k, :k].det())
        D, _ = pool.response(A)
        K = f.teacher_form(A, pool.M * A, A * pool.M, D)
        aim = (pool.eye - pool.M) * A * truth
        free = -(linear.T * solve(Q, linear))[0, 0]
        restricted = -(aim.T * solve(K, aim))[0, 0]
        pair = (_fraction(free), _fraction(restricted))
        yield pair[::-1] if swapped else pair


def _fraction(value: Any) -> Fraction:
    return Fraction(int(value.p), int(value.q))


def weight_is_positive(smt: Any, coupled: str = "1") -> Any:
    """Two equal rows: ``u = c + j u`` with 0 <= j < 1 and c >= 0 has u >= 0."""
    u, c, j = smt.Real("u"), smt.Real("c"), smt.Real("j")
    return [c >= 0, j >= 0, j < smt.number(coupled), u == c + j * u], u >= 0


BEST_LABELS = Claim(
    id="9.best-labels",
    title="Any rows: the error is convex and quadratic in the labels, linear or not",
    statement=r"y\mapsto R\ \text{is}\ |E\hat\beta|_A^2 + nE[(y-x^\top E\hat\beta)^2"
    r"x^\top D_Ax/b^2] - 2c^\top E\hat\beta + \text{const}:\ \text{convex; its minimum is never"
    r" above that of linear labels}",
    source="new",
    needs=("9.variance", "9.best-surrogate"),
    parts=("weights", "two pools"),
    steps=[
        Step(
            "9.variance: a sum of squares of linear functions of the labels, with the weights"
            " n x'Dx/b^2 >= 0; E beta_hat = (I - M) theta is linear in the labels."
        ),
        Step(
            "x'Dx >= 0: u = (I - J)^-1 c = c + J c + J^2 c + ..., all terms at least 0 (J >= 0,"
            " its rows sum to less than 1)."
        ),
        Step("So the best labels solve a linear system; linear labels are a subspace of them."),
    ],
    evidence=[
        Forall("weights", build=weight_is_positive, note="the smallest u of a row sum j < 1"),
        Identity(
            "two pools",
            left=lambda: completed()[0],
            right=lambda: completed()[1],
            note="rational: the completed square",
        ),
        Enclosure("two pools", below=better, note="positive definite, strictly better"),
    ],
    controls=[
        Control(
            Identity("two pools", left=lambda: completed(1)[0], right=lambda: completed(1)[1]),
            wrong="other best labels",
        ),
        Control(
            Forall("weights", build=lambda smt: weight_is_positive(smt, "3")), wrong="j up to 3"
        ),
        Control(Enclosure("two pools", below=lambda d: better(d, swapped=True)), wrong="the order"),
    ],
)

CLAIMS = [BEST_SURROGATE, BEST_LABELS]

if __name__ == "__main__":
    from kdverify.verify import run_as_script

    raise SystemExit(run_as_script(CLAIMS))
