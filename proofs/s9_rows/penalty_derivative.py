"""Claim of section 9, any rows: what is exact for every sample of rows."""

from fractions import Fraction
from typing import Any

from kdverify.evidence import Claim, Step

from ..lib import words as w
from ..lib.balls import diagonal, identity, matrix, number, random_rows
from ..lib.modes import Pairs

PENALTY_DERIVATIVE = Claim(
    "9.penalty-derivative",
    title="Any rows: N A N is the derivative of -N by the penalty, exactly",
    statement=r"N_\varepsilon = \delta\,(X^\top X + \delta(I+\varepsilon A))^{-1}:\quad"
    r" N_\varepsilon - N = -\varepsilon N_\varepsilon A N,\quad NAN = -\frac{dN_\varepsilon}"
    r"{d\varepsilon}\Big|_0;\ \text{also for}\ \delta\to0",
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
)


@PENALTY_DERIVATIVE.below("10 rows, p = 6, ridge 5: a difference quotient within its step", ridge=5)
@PENALTY_DERIVATIVE.below(
    "4 rows, p = 6: a difference quotient within its step",
    ridge=0,
    but={"N A in the place of N A N": {"power": 1}},
)
def difference_quotients(digits: int, ridge: int, power: int = 2) -> Pairs:
    """``|(N_h - N_-h)/(2h) + N A N| < h`` for 4 (10 with ridge) rows in 6 dimensions."""
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


@PENALTY_DERIVATIVE.identity("ridge", note="lemma: words: any size")
def with_ridge(sign: int = 1) -> tuple[Any, Any]:
    """``N_eps - N`` and ``-N_eps (eps A) N`` as words."""
    return w.penalty_difference(sign)


@PENALTY_DERIVATIVE.identity(
    "no ridge",
    note="lemma: words: any size",
    but={"B - 2 in the place of B - 1": {"metric": False}},
)
def without_ridge(metric: bool = True) -> tuple[list[Any], list[Any]]:
    """The same for projectors on the null space."""
    left, right = w.coefficients(*w.projector_difference(metric))
    return left, right
