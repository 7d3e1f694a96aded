"""Claims of section 9, any rows: what is exact for every sample of rows."""

from __future__ import annotations

from fractions import Fraction
from typing import Any

from _notation import Pairs

from kdverify.evidence import Claim, Control, Enclosure, Identity, Step

# --------------------------------------------------------------------------
# 9.pseudo-inverse
# --------------------------------------------------------------------------


def ridge_column(keep_ridge: bool = True) -> tuple[Any, Any]:
    """``(X'X + delta)`` times the claimed column, and the row: any number of rows, any p."""
    import _rows_words as w

    scale = w.delta + w.form if keep_ridge else w.form
    return w.column_with_ridge(scale), w.x


def plain_column(scaled: bool = True) -> tuple[Any, list[Any]]:
    """``X`` times the claimed column: 0 on the other rows, 1 on its own; nothing off the span."""
    import _rows_words as w

    return w.column_without_ridge(w.form if scaled else w.one), [0, 1, 0]


def small_samples() -> list[Any]:
    """Samples of small rationals: 3 rows in 4 dimensions."""
    import sympy
    from _rows_pools import random_pool

    return [
        sympy.Matrix.hstack(*random_pool(seed, 3, 4).rows).T.applyfunc(sympy.Rational)
        for seed in range(3)
    ]


def small_columns(ridge: Any, left_out: bool = True) -> tuple[list[Any], list[Any]]:
    """All columns of the (ridge) pseudo-inverse, directly and by leaving one row out."""
    import sympy
    from _rows_pools import inverse

    delta = sympy.sympify(ridge)
    direct, claimed = [], []
    for X in small_samples():
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


def large_columns(digits: int, size: int, ridge: int, keep_ridge: bool = True) -> Pairs:
    """The same on balls: ``size`` rows in 12 dimensions."""
    from _rows_balls import diagonal, identity, matrix, number, random_rows

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


PSEUDO_INVERSE = Claim(
    id="9.pseudo-inverse",
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
            lambda: ridge_column()[0],
        ),
        Step(
            "Without ridge, for independent rows: N_- x is x less a combination of the other rows,"
            " orthogonal to them. Over x'N_- x it is 0 on the other rows and 1 on x: column i of"
            " the one matrix in the span of the rows with X X+ = I."
        ),
    ],
    evidence=[
        Identity(
            "ridge",
            left=lambda: ridge_column()[0],
            right=lambda: ridge_column()[1],
            note="words: any size",
        ),
        Identity(
            "no ridge",
            left=lambda: plain_column()[0],
            right=lambda: plain_column()[1],
            note="words: any size",
        ),
        Identity(
            "3 rows, p = 4, rational, with and without ridge",
            left=lambda: [small_columns(0)[0], small_columns("3/2")[0]],
            right=lambda: [small_columns(0)[1], small_columns("3/2")[1]],
        ),
        Enclosure("9 rows, p = 12", equal=lambda digits: large_columns(digits, 9, 0)),
        Enclosure("20 rows, p = 12, ridge 7", equal=lambda digits: large_columns(digits, 20, 7)),
    ],
    controls=[
        Control(
            Identity(
                "ridge",
                left=lambda: ridge_column(False)[0].coeff(ridge_column()[1]),
                right=lambda: 1,
            ),
            wrong="without delta in the denominator",
        ),
        Control(
            Identity(
                "rational",
                left=lambda: small_columns("3/2")[0],
                right=lambda: small_columns("3/2", left_out=False)[1],
            ),
            wrong="the row not left out",
        ),
        Control(
            Enclosure("ridge 7", equal=lambda digits: large_columns(digits, 20, 7, False)),
            wrong="without delta in the denominator",
        ),
    ],
)

# --------------------------------------------------------------------------
# 9.penalty-derivative
# --------------------------------------------------------------------------


def difference_quotients(digits: int, ridge: int, power: int = 2) -> Pairs:
    """``|(N_h - N_-h)/(2h) + N A N| < h`` for 4 (10 with ridge) rows in 6 dimensions."""
    from _rows_balls import diagonal, identity, matrix, number, random_rows

    p, h = 6, number(Fraction(1, 10**8))
    size = 10 if ridge else 4
    X = matrix(random_rows(3, size, p))
    A = matrix(
        [[Fraction((3 * i * i + 3 * j * j + i * j) % 7 - 3, 2) for j in range(p)] for i in range(p)]
    )

    def N(step: Any) -> Any:
        metric = (identity(p) + A * step).inv()
        gram = X * metric * X.transpose() + diagonal([number(ridge)] * size)
        return metric - metric * X.transpose() * gram.inv() * X * metric

    slope = (N(h) - N(-h)) * (1 / (2 * h))
    plain = N(number(0))
    claimed = plain * A * plain if power == 2 else plain * A
    for i in range(p):
        for j in range(p):
            yield abs(slope[i, j] + claimed[i, j]), h


def with_ridge(sign: int = 1) -> tuple[Any, Any]:
    """``N_eps - N`` and ``-N_eps (eps A) N`` as words."""
    import _rows_words as w

    return w.penalty_difference(sign)


def without_ridge(metric: bool = True) -> tuple[list[Any], list[Any]]:
    """The same for projectors on the null space."""
    import _rows_words as w

    left, right = w.coefficients(*w.projector_difference(metric))
    return left, right


PENALTY_DERIVATIVE = Claim(
    id="9.penalty-derivative",
    title="Any rows: N A N is the derivative of -N by the penalty, exactly",
    statement=r"N_\varepsilon = \delta\,(X^\top X + \delta(I+\varepsilon A))^{-1}:\quad"
    r" N_\varepsilon - N = -\varepsilon N_\varepsilon A N,\quad NAN = -\frac{dN_\varepsilon}"
    r"{d\varepsilon}\Big|_0;\ \text{also for}\ \delta\to0",
    source="new",
    parts=("ridge", "no ridge"),
    steps=[
        Step(
            "The resolvent identity for N_eps = (K + eps A)^-1, N = K^-1; N_eps -> N as eps -> 0,"
            " and the quotient tends to -N A N.",
            lambda: with_ridge()[1],
        ),
        Step(
            "No ridge: B = I + eps A, C = B^-1, N_eps = C - C X'(X C X')^-1 X C, the limit of the"
            " ridge form. X N_eps = 0 = X N give N_eps N = N_eps and N_eps B N = N: subtract."
        ),
    ],
    evidence=[
        Identity(
            "ridge",
            left=lambda: with_ridge()[0],
            right=lambda: with_ridge()[1],
            note="words: any size",
        ),
        Identity(
            "no ridge",
            left=lambda: without_ridge()[0],
            right=lambda: without_ridge()[1],
            note="words: any size",
        ),
        Enclosure(
            "4 rows, p = 6: a difference quotient within its step",
            below=lambda digits: difference_quotients(digits, 0),
        ),
        Enclosure(
            "10 rows, p = 6, ridge 5: a difference quotient within its step",
            below=lambda digits: difference_quotients(digits, 5),
        ),
    ],
    controls=[
        Control(
            Identity(
                "no ridge",
                left=lambda: without_ridge(False)[0],
                right=lambda: without_ridge(False)[1],
            ),
            wrong="B - 2 in the place of B - 1",
        ),
        Control(
            Enclosure("quotient", below=lambda digits: difference_quotients(digits, 0, power=1)),
            wrong="N A in the place of N A N",
        ),
    ],
)

CLAIMS = [PSEUDO_INVERSE, PENALTY_DERIVATIVE]

if __name__ == "__main__":
    from kdverify.verify import run_as_script

    raise SystemExit(run_as_script(CLAIMS))
