"""Claim of section 9, any rows: the student's whole second moment, (12)."""

from dataclasses import replace
from typing import Any

import flint
import sympy

from kdverify import formulas as f
from kdverify.evidence import Claim, Step

from ..lib import words as w
from ..lib.balls import diagonal, identity, labelled, number, random_pools
from ..lib.modes import Pairs
from ..lib.pools import random_pool, random_symmetric

ADJOINT = Claim(
    "9.adjoint",
    title="Any rows, any labels: (12) is the adjoint of (11), for every A at once",
    statement=r"V = W + nE[xx^\top\,x^\top MVMx/b^2]:\quad \theta^\top D_A\theta +"
    r" 2\theta^\top k_A + nE[e^2x^\top D_Ax/b^2] = {\rm tr}(D_AW) = {\rm tr}(A\,MVM)",
    needs=("9.second-moment",),
    parts=("one row", "any pool"),
    steps=[
        Step(
            "The left side is tr(D W), W = theta theta' + n E[(2 e x'M theta + e^2) x x'/b^2]:"
            " the term in k_A is 2 theta'M x e x'Dx n/b^2, row by row.",
            lambda: row_weight()[1],
        ),
        Step(
            "With u = x'Dx/b and v = x'MVMx/b over the rows, D = M (A + n E[x x' u/b]) M and V ="
            " W + n E[x x' v/b]: tr(D W) = tr(A M W M) + n E[u g] and tr(A M V M) = tr(A M W M) +"
            " n E[v a], with a = x'MAMx/b, g = x'MWMx/b."
        ),
        Step(
            "(I - J) u = a and (I - J) v = g, J symmetric: the sum of u g is u'(I - J) v = the sum"
            " of a v."
        ),
        Step(
            "Two label columns: both sides are quadratic in the labels, and the symmetric bilinear"
            " form is half the difference: polarise e x'M theta as well."
        ),
    ],
)


@ADJOINT.identity("one row", note="any p", but={"half of the term in k_A": {"crossed": 1}})
def row_weight(crossed: int = 2) -> tuple[Any, Any]:
    """A row's part of the left side, as (11) has it, and its weight in W times x'Dx."""
    n, b, form = sympy.symbols("n b x'Dx", positive=True)
    e, lost = sympy.symbols("e x'M\\theta", real=True)
    added = crossed * lost * f.crossed_weight(n, b, form, e) + f.response_weight(n, b, form) * e**2
    return added, f.label_weight(n, b, lost, e, e**2) * form


@ADJOINT.identity(
    "any pool",
    note="words and weights: any number of rows, any p",
    but={"J not symmetric": {"symmetric": False}},
)
def paired(symmetric: bool = True) -> tuple[list[Any], list[Any]]:
    """``tr(D W) = tr(A M V M)`` less ``tr(A M W M)``, which both have.

    With ``a = x'MAMx/b``, ``u = x'Dx/b`` and ``g = x'MWMx/b``, ``v = x'MVMx/b`` over the rows,
    (10) and (12) are ``(I - J) u = a`` and ``(I - J) v = g``.  What is left is the mean over the
    rows of ``n u g`` on one side and of ``n v a`` on the other.
    """
    n, size, b, other_b, c, u, v, g, a = sympy.symbols("n N b_i b_j c u v g a", positive=True)
    ut, J, Jt, vector = sympy.symbols("u^T J J^T v", commutative=False)
    of_u, of_v = f.response_weight(n, b, u * b) * g * b, f.response_weight(n, b, v * b) * a * b
    coupled = f.coupling(n, size, b, other_b, c)
    by_g = ut * (1 - J) * vector
    by_a = ut * (1 - (J if symmetric else Jt)) * vector
    words = w.coefficients(by_g, by_a)
    left, right = [coupled, of_u, of_v], [f.coupling(n, size, other_b, b, c), n * u * g, n * v * a]
    return [*left, *words[0]], [*right, *words[1]]


@ADJOINT.identity(
    "four pools, rational, one and two label columns",
    but={"not polarised": {"polarised": False}, "half of the term in k_A": {"crossed": 1}},
)
def random_pairings(polarised: bool = True, crossed: int = 2) -> tuple[list[Any], list[Any]]:
    """(11), and tr(A .) of (12), for one and for two label columns: rational pools."""
    by_eleven, by_twelve = [], []
    for seed in range(4):
        pool, A = random_pool(seed, noise=seed % 2 == 0), random_symmetric(seed)
        by_eleven.append(pool.second_moment(A, crossed=crossed))
        by_twelve.append((A * pool.adjoint()).trace())
        first, second = pool.labels
        # the noises of two columns are independent: they drop out of the polarisation
        combined = [
            replace(pool, labels=[[a + s * b for a, b in zip(first, second, strict=True)]])
            for s in (1, -1)
        ]
        by_eleven.append((combined[0].second_moment(A) - combined[1].second_moment(A)) / 4)
        by_twelve.append((A * pool.adjoint(0, 1, polarised)).trace())
    return by_eleven, by_twelve


@ADJOINT.equal("five pools at solutions of (9)", guard=9, but={"without e^2": {"noise": False}})
def large_pairing(digits: int, noise: bool = True) -> Pairs:
    """The same at solutions of (9), with balls."""
    for pool in (pool.enclosed(digits) for pool in random_pools()):
        A = diagonal([number(k) for k in (1, 3, 2, 5)])
        (theta, e), M, n = labelled(pool), pool.M, number(pool.n)
        lost = pool.X * (M * theta)
        weights = [
            f.label_weight(n, b, lost[i, 0], e[i], e[i] * e[i] * (1 if noise else 0))
            for i, b in enumerate(pool.b)
        ]
        W = theta * theta.transpose() + pool.gram(weights)
        D = pool.response(A)
        # (12) by its own equation: V = W + T(M V M)
        u = (identity(pool.size) - pool.coupling(pool.b)).solve(
            flint.arb_mat([[q / b] for q, b in zip(pool.forms(M * W * M), pool.b, strict=True)])
        )
        back = [f.response_weight(n, b, u[i, 0] * b) for i, b in enumerate(pool.b)]
        V = W + pool.gram(back)
        forms = pool.forms(D)
        pulled = flint.arb_mat(
            [
                [f.crossed_weight(n, b, form, v) / pool.size]
                for b, form, v in zip(pool.b, forms, e, strict=True)
            ]
        )
        k = M * (pool.X.transpose() * pulled)
        own = sum(
            (
                f.response_weight(n, b, form) * v * v
                for b, form, v in zip(pool.b, forms, e, strict=True)
            ),
            number(0),
        )
        quadratic = (theta.transpose() * D * theta)[0, 0]
        by_eleven = quadratic + 2 * (theta.transpose() * k)[0, 0] + own / pool.size
        by_twelve = sum(((A * M * V * M)[i, i] for i in range(4)), number(0))
        yield by_eleven, by_twelve
