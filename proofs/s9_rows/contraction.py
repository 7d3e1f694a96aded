"""Claim of section 9, any rows: the equation (9) has at most one solution, that is reached."""

from fractions import Fraction
from typing import Any

from kdverify import formulas as f
from kdverify.evidence import Claim, Step

from ..lib import words as w
from ..lib.balls import number, random_pools
from ..lib.modes import Pairs
from ..lib.pools import solved_pools

CONTRACTION = Claim(
    "9.contraction",
    title="Any rows: near its solution (9) contracts in log b by 1 - (delta + x'M^2x)/b",
    statement=r"J_{ij} = \frac{\partial\log f_i}{\partial\log b_j} = \frac{n (x_i^\top Mx_j)^2}"
    r"{N b_ib_j} \ge 0,\qquad \sum_j J_{ij} = 1 - \frac{\delta + x_i^\top M^2x_i}{b_i} < 1",
    needs=("9.unique",),
    parts=("derivative", "row sums", "below 1"),
    steps=[
        Step(
            "M' - M = M' (K - K') M for a change of one b_j: the quotient tends to"
            " (n/N) (x_i'Mx_j)^2/b_j^2, and f_i = b_i at the solution."
        ),
        Step(
            "Summed over j: x'M S M x/b with S = M^-1 - I, that is (x'Mx - x'M^2x)/b with"
            " x'Mx = b - delta.",
            lambda: row_sums()[1],
        ),
        Step(
            "J >= 0, so that its norm in the largest |d log b| is its largest row sum: the last"
            " step of the iteration bounds, to first order, what is left of the error. And"
            " I - J is symmetric and dominated by its diagonal, hence positive definite: (10) and"
            " (12) have one solution, which conjugate gradients find."
        ),
    ],
)


#: Perturbation of log b, and the bound of what a second-order term may add.
STEP = Fraction(1, 10**6)


@CONTRACTION.identity(
    "row sums", note="lemma: words: any size", but={"without delta": {"with_ridge": False}}
)
def row_sums(with_ridge: bool = True) -> tuple[Any, Any]:
    """A row of J, summed."""
    return w.row_sum(w.delta if with_ridge else 0)


@CONTRACTION.identity(
    "derivative",
    note="lemma: words: any size, before b' -> b",
    but={"b'^2 in the place of b'": {"power": 2}},
)
def scale_difference(power: int = 1) -> tuple[Any, Any]:
    """What a change of one b does to M."""
    left, right = w.scale_difference(power)
    return left, right


@CONTRACTION.forall("below 1", note="one eigenvalue")
def slack_in_bounds(smt: Any) -> Any:
    """One eigenvalue m of M: ``0 < m^2 <= m``, so that the slack lies in (0, 1]."""
    m, y, ridge = smt.Real("m"), smt.Real("y"), smt.Real("delta")
    b = f.row_scale(ridge, m * y * y)
    slack = f.rows_error_contraction(m * m * y * y, b)
    return [m > 0, m <= 1, y != 0, ridge >= 0], smt.And(slack > 0, slack <= 1)


@CONTRACTION.identity("four pools, rational")
def exact_row_sums(share: int = 1) -> tuple[list[Any], list[Any]]:
    """The sums of J's rows at exact solutions, and 1 - (delta + x'M^2x)/b."""
    sums, claimed = [], []
    for pool in solved_pools():
        M, J = pool.unit.M, pool.unit.coupling
        slack = [
            f.rows_error_contraction(square, b)
            for square, b in zip(pool.forms(M * M), pool.b, strict=True)
        ]
        sums += [sum(J[i, :]) for i in range(J.rows)]
        claimed += [1 - share * pool.ridge / b - s for s, b in zip(slack, pool.b, strict=True)]
    return sums, claimed


@CONTRACTION.below(
    "five pools, a difference quotient",
    but={"a hundredth less slack": {"share": Fraction(99, 100)}},
)
def contractions(digits: int, share: Fraction = Fraction(1)) -> Pairs:
    """log f after all log b move by h: within h^2 of h times the sum of J's row."""
    for pool in random_pools():
        at = pool.enclosed(digits)
        M, h = at.M, number(STEP)
        moved = at.renewed([b * h.exp() for b in at.b])
        for new, b, square in zip(moved, at.b, at.forms(M * M), strict=True):
            slack = f.rows_error_contraction(square, b) + number(pool.ridge) / b
            yield abs((new / b).log() / h - (1 - number(share) * slack)), h
