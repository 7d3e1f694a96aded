"""Claim of section 9, any rows: what is exact for every sample of rows."""

from itertools import product
from typing import Any

import sympy

from kdverify.evidence import Claim, Step

from ..lib import words as w
from ..lib.balls import diagonal, identity, matrix, number, random_rows
from ..lib.modes import Pairs
from ..lib.pools import inverse, random_pool

PSEUDO_INVERSE = Claim(
    "9.pseudo-inverse",
    title="Any rows: columns of the (ridge) pseudo-inverse by leaving one row out, exactly",
    statement=r"N = \delta(X^\top X+\delta I)^{-1}:\quad X^\top(XX^\top+\delta I)^{-1}e_i ="
    r" \frac{N_{-i}x_i}{\delta + x_i^\top N_{-i}x_i};\ \text{for}\ \delta\to0\ N\ \text{is the"
    r" projector on}\ \ker X",
    source="classic",
    parts=("ridge", "no ridge"),
    steps=[
        Step(
            "X'(XX' + delta)^-1 = (X'X + delta)^-1 X', so that column i, times X'X + delta, is the"
            " row x. With N_- = K^-1 for the other rows, X'X + delta = delta K + x x':"
            " (delta K + x x') N_- x = (delta + x'N_- x) x.",
            lambda: w.column_with_ridge(w.delta + w.form),
        ),
        Step(
            "Without ridge, for independent rows: N_- x is x less a combination of the other rows,"
            " orthogonal to them. Over x'N_- x it is 0 on the other rows and 1 on x: column i of"
            " the one matrix in the span of the rows with X X+ = I."
        ),
    ],
)


@PSEUDO_INVERSE.identity(
    "ridge",
    note="lemma: words: any size",
    but={"without delta in the denominator": {"keep_ridge": False}},
)
def ridge_column(keep_ridge: bool = True) -> tuple[list[Any], ...]:
    """``(X'X + delta)`` times the claimed column, and the row: any number of rows, any p."""
    scale = w.delta + w.form if keep_ridge else w.form
    return w.coefficients(w.column_with_ridge(scale), w.x)


@PSEUDO_INVERSE.identity("no ridge", note="lemma: words: any size")
def plain_column(scaled: bool = True) -> tuple[Any, list[Any]]:
    """``X`` times the claimed column: 0 on the other rows, 1 on its own; nothing off the span."""
    return w.column_without_ridge(w.form if scaled else w.one), [0, 1, 0]


def small_samples() -> list[Any]:
    """Samples of small rationals: 3 rows in 4 dimensions."""
    return [
        sympy.Matrix.hstack(*random_pool(seed, 3, 4).rows).T.applyfunc(sympy.Rational)
        for seed in range(3)
    ]


@PSEUDO_INVERSE.identity(
    "3 rows, p = 4, rational, with and without ridge",
    note="lemma",
    but={"the row not left out": {"ridges": ("3/2",), "left_out": False}},
)
def small_columns(
    ridges: tuple[str, ...] = ("0", "3/2"), left_out: bool = True
) -> tuple[list[Any], list[Any]]:
    """All columns of the (ridge) pseudo-inverse, directly and by leaving one row out."""
    direct, claimed = [], []
    for delta, X in product(map(sympy.Rational, ridges), small_samples()):
        direct.append(X.T * inverse(X * X.T + delta * sympy.eye(X.rows)))
        columns = []
        for i in range(X.rows):
            others = X.extract([j for j in range(X.rows) if j != i or not left_out], range(X.cols))
            gram = others * others.T + delta * sympy.eye(others.rows)
            unlearnt = sympy.eye(X.cols) - others.T * inverse(gram) * others
            row = X[i, :].T
            columns.append(unlearnt * row / (delta + (row.T * unlearnt * row)[0, 0]))
        claimed.append(sympy.Matrix.hstack(*columns))
    return direct, claimed


@PSEUDO_INVERSE.equal(
    "20 rows, p = 12, ridge 7",
    size=20,
    ridge=7,
    but={"without delta in the denominator": {"keep_ridge": False}},
)
@PSEUDO_INVERSE.equal("9 rows, p = 12", size=9, ridge=0)
def large_columns(digits: int, size: int, ridge: int, keep_ridge: bool = True) -> Pairs:
    """The same on balls: ``size`` rows in 12 dimensions."""
    p, delta = 12, number(ridge)
    rows = random_rows(size, size, p)
    X = matrix(rows)
    direct = (X * X.transpose() + diagonal([delta] * size)).inv()
    pseudo = X.transpose() * direct
    for i in range(0, size, 3):
        others = matrix([row for j, row in enumerate(rows) if j != i])
        gram = (others * others.transpose() + diagonal([delta] * (size - 1))).inv()
        unlearnt = (identity(p) - others.transpose() * gram * others) * matrix(
            [[v] for v in rows[i]]
        )
        form = (matrix([rows[i]]) * unlearnt)[0, 0]
        for k in range(p):
            yield pseudo[k, i], unlearnt[k, 0] / ((delta if keep_ridge else 0) + form)
