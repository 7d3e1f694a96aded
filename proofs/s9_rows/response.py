"""Claim of section 9, any rows: second moments of the student, (10) to (12)."""

from fractions import Fraction
from typing import Any

import numpy as np
import sympy

import kdverify as kd
from kdverify import formulas as f
from kdverify.evidence import Claim, Comparison, Context, Step

from ..lib import words as w
from ..lib.balls import BallPool, identity, matrix, number, random_pools
from ..lib.ensembles import generator
from ..lib.modes import Pairs
from ..lib.pools import random_pool, random_symmetric
from ..lib.row_laws import made, two_slopes

RESPONSE = Claim(
    "9.response",
    title="Any rows: (10) is the derivative of (9) by the penalty",
    statement=r"M_\varepsilon = (I+\varepsilon A+nE[xx^\top/b_\varepsilon])^{-1},"
    r" b_\varepsilon=\delta+x^\top M_\varepsilon x:\quad D_A = -\frac{dM_\varepsilon}"
    r"{d\varepsilon}\Big|_0 = M\Big(A+nE\Big[xx^\top\frac{x^\top D_Ax}{b^2}\Big]\Big)M",
    needs=("9.penalty-derivative", "9.contraction"),
    parts=("derivative", "N x N form"),
    steps=[
        Step(
            "N A N = -dN/d eps exactly, for the penalty b'(I + eps A)b (9.penalty-derivative). In"
            " place of E N_eps put M_eps, the solution of (9) with I + eps A for I."
        ),
        Step(
            "M - M_eps = M_eps (eps A + n E[x x'(1/b_eps - 1/b)]) M. With D_eps = (M - M_eps)/eps,"
            " b - b_eps = eps x'D_eps x: D_eps = M_eps (A + n E[x x' x'D_eps x/(b b_eps)]) M for"
            " every eps; eps -> 0 gives (10).",
        ),
        Step(
            "x'.x of (10) on the rows of a pool is (I - J) u = c, u = x'Dx/b, c = x'MAMx/b, with J"
            " of 9.contraction: solvable, since its rows sum to less than 1."
        ),
        Step(
            "E N A N is close to D_A, beside the statement: measured on four laws, traces against"
            " Sigma and I, within 1/(p - n - 1), by which the noise part is off at Sigma = I."
        ),
    ],
)


#: Step of the difference quotients; their error is of second order in it.
STEP = Fraction(1, 10**7)


@RESPONSE.identity(
    "derivative",
    note="lemma: words: any size, before eps -> 0",
    but={"b in the place of b^2": {"squared": False}},
)
def difference(squared: bool = True) -> tuple[Any, Any]:
    """(10) before eps tends to 0, one generic row."""
    left, right = w.response_difference(squared)
    return left, right


@RESPONSE.identity("four pools", note="rational", but={"b in the place of b^2": {"power": 1}})
def both_forms(power: int = 2) -> tuple[list[Any], list[Any]]:
    """D from the N x N system, and the right-hand side of (10) at it: rational pools."""
    solved, renewed = [], []
    for seed in range(4):
        pool, A = random_pool(seed), random_symmetric(seed)
        D, _ = pool.response(A)
        weights = [
            f.response_weight(pool.n, b, form) * b ** (2 - power)
            for b, form in zip(pool.b, pool.forms(D), strict=True)
        ]
        solved.append(D)
        renewed.append(pool.M * (A + pool.gram(weights)) * pool.M)
    return solved, renewed


@RESPONSE.identity(
    "N x N form", note="one pair of rows, any size", but={"b_i left out": {"scaled": False}}
)
def coupled_row(scaled: bool = True) -> tuple[Any, Any]:
    """What row j adds to row i's equation: by (10), and by the coupling, in ``u = x'Dx/b``."""
    x, xt, M = sympy.symbols("x_i x_i^T M", commutative=False)
    n, size, b, other_b, u, c = sympy.symbols("n N b_i b_j u_j c", positive=True)
    weight = f.response_weight(n, other_b, other_b * u) / size
    between = [(xt * M * w.x, c), (w.xt * M * x, c)]
    added = w.word(xt * M * w.x * w.xt * M * x, between) * weight / (b if scaled else 1)
    return added, f.coupling(n, size, b, other_b, c) * u


def perturbed(digits: int) -> list[tuple[BallPool, Any, BallPool, BallPool]]:
    """Pools, a symmetric A, and the pools at the metrics I + hA and I - hA, all solved."""
    A = matrix(
        [[Fraction((i + j) ** 2 % 5 - 2, 1 + abs(i - j)) for j in range(4)] for i in range(4)]
    )
    found = []
    for pool in random_pools():
        h, at = number(STEP), pool.enclosed(digits)
        up, down = (
            BallPool(pool.rows, pool.n, pool.ridge, identity(4) + A * sign, at.b).enclosed(digits)
            for sign in (h, -h)
        )
        found.append((at, A, up, down))
    return found


@RESPONSE.below(
    "five pools: a difference quotient of (9) within its step",
    but={"M A M: E N A N as if N were M": {"power": 1}},
)
def quotients(digits: int, power: int = 2) -> Pairs:
    """``|-(M_h - M_-h)/(2h) - D| < h``, entry by entry."""
    h = number(STEP)
    for pool, A, up, down in perturbed(digits):
        slope = (down.M - up.M) * (1 / (2 * h))
        D = pool.response(A)
        if power == 1:
            D = pool.M * A * pool.M
        for i in range(4):
            for j in range(i + 1):
                yield abs(slope[i, j] - D[i, j]), h


#: Rows are drawn from these pools, the last with a ridge.
LAWS = ("Gaussian", "Student t3 mixture", "sparse")


@RESPONSE.agreement(
    "E NAN",
    note="four laws, one with ridge; bands 1/(p - n - 1)",
    but={"M A M": {"response": False, "trials": 50}},
)
def drawn(context: Context, response: bool = True, trials: int = 500) -> list[Comparison]:
    """tr(Sigma N A N) and tr(N A N) of rows drawn from a pool, beside those of D_A."""
    comparisons = []
    for law in (*(made(name) for name in LAWS), two_slopes()):
        at, sigma = kd.rows.solve(law.pool, law.n, law.ridge), law.pool.covariance
        eye, rows = np.eye(len(sigma)), np.asarray(law.pool.rows)
        A = np.diag(1.0 + np.arange(len(sigma)) % 5) + 0.1  # does not commute with Sigma
        D = kd.rows.Response(at).matrix(A) if response else at.M @ A @ at.M
        draw, values = generator(context, law.name), []
        for _ in range(context.trials(trials)):
            X = rows[draw.integers(len(rows), size=law.n)]
            kernel = X @ X.T + law.ridge * np.eye(law.n)
            N = eye - X.T @ np.linalg.pinv(kernel, 1e-10, hermitian=True) @ X  # rows may repeat
            values.append([np.vdot(sigma, N @ A @ N), np.vdot(N @ A, N)])
        theory = np.array([np.vdot(sigma, D), np.trace(D)])
        comparisons.append(Comparison.of(law.name, values, theory, theory / law.gap))
    return comparisons


drawn.shifted(-1)
