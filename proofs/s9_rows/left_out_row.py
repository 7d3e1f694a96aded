"""Claim of section 9, any rows: the student's covariance, and one row left out of the pool."""

from typing import Any

import sympy

from kdverify import formulas as f
from kdverify.evidence import Claim, Step

from ..lib import words as w
from ..lib.balls import identity, matrix, number, random_pools
from ..lib.pools import inverse, solved_pools

LEFT_OUT_ROW = Claim(
    "9.left-out-row",
    title="Any rows: one row left out of the pool changes M by rank one",
    statement=r"M_-^{-1} = M^{-1} - \frac{n}{Nb}xx^\top:\quad x^\top M_- ="
    r" \frac{Nb}{Nb - n(b-\delta)}\,x^\top M\quad\text{(the other rows' b as they are)}",
    needs=("9.trace",),
    steps=[
        Step("(M^-1 - c x x') M x = (1 - c x'Mx) x, with c = n/(N b) and x'Mx = b - delta."),
        Step(
            "A row of the pool is drawn with probability about n/N: its own predictions are a"
            " mixture over whether it was. Leaving it out gives those of an unseen row. That the"
            " other scales move by O(1/N) is left out."
        ),
    ],
)


@LEFT_OUT_ROW.identity("whole", note="words: any size", but={"N + 1": {"shift": 1}})
def left_out_words(shift: int = 0) -> tuple[list[Any], ...]:
    """The equation that ``M_- x = factor M x`` solves."""
    n, size, b, ridge = sympy.symbols("n N b delta", positive=True)
    factor = f.left_out_factor(n, size + shift, ridge, b)
    return w.left_out_row(factor, f.row_weight(n, b) / size, b - ridge)


@LEFT_OUT_ROW.identity("four pools, rational", but={"x'Mx as if it were b": {"ridge_share": 0}})
def left_out_pools(ridge_share: int = 1) -> tuple[list[Any], list[Any]]:
    """``x'M_-`` on exact solutions with ridge, and the factor times ``x'M``."""
    left, right = [], []
    for pool in solved_pools():
        size, unit = len(pool.b), pool.unit
        for i, u in enumerate(pool.directions):
            others = [sympy.Integer(int(j != i)) for j in range(size)]
            rest = inverse(unit.eye + pool.n * unit.gram(others))
            factor = f.left_out_factor(pool.n, size, ridge_share * pool.ridge, pool.b[i])
            left.append(u.T * rest)
            right.append(factor * u.T * unit.M)
    return left, right


@LEFT_OUT_ROW.equal("five pools", guard=10)
def left_out_balls(digits: int) -> Any:
    """The same without ridge, on balls."""
    for pool in (pool.enclosed(digits) for pool in random_pools()):
        n, size = number(pool.n), number(pool.size)
        for i in (0, pool.size - 1):
            weights = [n / b if j != i else number(0) for j, b in enumerate(pool.b)]
            row = matrix([pool.rows[i]])
            rest = row * (identity(4) + pool.gram(weights)).inv()
            own = row * pool.M * f.left_out_factor(n, size, number(pool.ridge), pool.b[i])
            for j in range(4):
                yield rest[0, j], own[0, j]
