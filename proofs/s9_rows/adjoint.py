"""Claim of section 9, any rows: the student's whole second moment, (12)."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import flint
import sympy

from kdverify import formulas as f
from kdverify.evidence import Claim, Control, Enclosure, Identity, Step

from ..lib import words as w
from ..lib.balls import diagonal, identity, labelled, number, random_pools
from ..lib.modes import Pairs
from ..lib.pools import random_pool, random_symmetric


def termwise(swapped: bool = True) -> tuple[Any, Any]:
    """One row: ``<x x' (x'Px), Q> = (x'Px)(x'Qx)``, symmetric in P and Q."""
    P, Q = sympy.symbols("P Q", commutative=False)
    p, q = sympy.symbols("p q", positive=True)
    left = w.word(w.xt * P * w.x * w.xt * Q * w.x, [(w.xt * P * w.x, p), (w.xt * Q * w.x, q)])
    return left, p * q if swapped else p * p


def adjoint_sum(kept: bool = True) -> tuple[Any, Any]:
    """``tr(D W) = tr(A M V M)`` from (10), (12) and ``tr(T(D) Q) = tr(D T(Q))``.

    T(D) = n E[x x' x'Dx/b^2].  tr(D V) = tr(D W) + tr(D T(Q)) with Q = M V M; and
    tr(D V) = tr(M (A + T(D)) M V) = tr(A Q) + tr(T(D) Q).
    """
    dw, aq, dt, td = sympy.symbols("DW AQ DT TD")
    by_twelve = dw + dt
    by_ten = aq + (td if kept else 0)
    solved = sympy.solve(sympy.Eq(by_twelve, by_ten).subs(td, dt), dw)[0]
    return solved, aq


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


ADJOINT = Claim(
    id="9.adjoint",
    title="Any rows, any labels: (12) is the adjoint of (11), for every A at once",
    statement=r"V = W + nE[xx^\top\,x^\top MVMx/b^2]:\quad \theta^\top D_A\theta +"
    r" 2\theta^\top k_A + nE[e^2x^\top D_Ax/b^2] = {\rm tr}(D_AW) = {\rm tr}(A\,MVM)",
    source="new",
    needs=("9.second-moment",),
    parts=("one row", "any pool"),
    steps=[
        Step(
            "T(D) = n E[x x' x'Dx/b^2] is symmetric: tr(T(D) Q) = n E[x'Dx x'Qx/b^2] = tr(D T(Q)).",
        ),
        Step(
            "The left side is tr(D W), W = theta theta' + n E[(2 e x'M theta + e^2) x x'/b^2]:"
            " the term in k_A is 2 theta'M x e x'Dx n/b^2, row by row."
        ),
        Step(
            "tr(D V) = tr(D W) + tr(D T(MVM)) by (12), = tr(A MVM) + tr(T(D) MVM) by (10):"
            " subtract."
        ),
        Step(
            "Two label columns: both sides are quadratic in the labels, and the symmetric bilinear"
            " form is half the difference: polarise e x'M theta as well."
        ),
    ],
    evidence=[
        Identity("one row", left=lambda: termwise()[0], right=lambda: termwise()[1], note="any p"),
        Identity(
            "any pool",
            left=lambda: adjoint_sum()[0],
            right=lambda: adjoint_sum()[1],
            note="the last step, in traces",
        ),
        Identity(
            "four pools, rational, one and two label columns",
            left=lambda: random_pairings()[0],
            right=lambda: random_pairings()[1],
        ),
        Enclosure("five pools at solutions of (9)", equal=large_pairing, guard=9),
    ],
    controls=[
        Control(
            Identity(
                "two label columns",
                left=lambda: random_pairings(polarised=False)[0],
                right=lambda: random_pairings(polarised=False)[1],
            ),
            wrong="not polarised",
        ),
        Control(
            Identity(
                "one column",
                left=lambda: random_pairings(crossed=1)[0],
                right=lambda: random_pairings(crossed=1)[1],
            ),
            wrong="half of the term in k_A",
        ),
        Control(
            Identity("one row", left=lambda: termwise()[0], right=lambda: termwise(False)[1]),
            wrong="(x'Px)^2",
        ),
        Control(
            Enclosure("five pools", equal=lambda digits: large_pairing(digits, False), guard=9),
            wrong="without e^2",
        ),
    ],
)


CLAIMS = [ADJOINT]

if __name__ == "__main__":
    from kdverify.verify import run_as_script

    raise SystemExit(run_as_script(CLAIMS))
