"""Claim of section 9, any rows: when (9) has a solution, and the trace of I - M."""

from fractions import Fraction
from typing import Any

import sympy

from kdverify import formulas as f
from kdverify.evidence import Claim, Step

from ..lib import words as w
from ..lib.balls import BallPool, identity, number, random_rows
from ..lib.modes import Pairs
from ..lib.pools import random_pool

EXISTENCE = Claim(
    "9.existence",
    title="Any rows: (9) is solvable with ridge; without, not where rows fill a subspace",
    statement=r"\delta>0:\ \text{a solution for every}\ n;\qquad \delta=0:\ \text{none if}"
    r"\ n\,P(x\in V\setminus0)\ge\dim V\ \text{for some subspace}\ V",
    needs=("9.interference", "9.unique"),
    parts=("ridge", "necessary", "pools just below the bound"),
    steps=[
        Step(
            "Ridge: M <= I gives delta <= f(b) <= delta + |x|^2 for every b: the iteration from"
            " b = delta rises and is bounded."
        ),
        Step(
            "No ridge, a solution b: S_V = n E[x x'/b; x in V] <= S, hence M <= (I + S_V)^-1 and"
            " n P(x in V, x != 0) = n E[x'Mx/b; x in V] = tr(S_V M) <= tr(S_V (I + S_V)^-1)"
            " < dim V: each of its at most dim V eigenvalues s adds s/(1 + s) < 1."
        ),
        Step(
            "(9) is the stationarity of L(M) = -log det M + tr M + n E log(delta + x'Mx), the"
            " objective of a regularised Tyler estimator (Ollila and Tyler 2014): b = x'Mx, up to"
            " its penalty."
        ),
        Step(
            "Sufficient, a sketch for a pool and delta = 0: let the eigenvalues e^(a_k) of M"
            " degenerate, V_k spanned by the k smallest. To leading order -log det M + n E log"
            " x'Mx = sum_k (a_(k+1) - a_k)(k - n P(V_k)) - (p - n) a_p, which tends to infinity"
            " with any gap if k > n P(V_k), and with a_p -> -infinity; tr M bounds a_p from above."
            " So L has a minimum. (Eigenvectors that move need the usual compactness argument,"
            " not checked here: pools just below the bound are certified.)",
            lambda: flag_sum()[1],
        ),
    ],
)


@EXISTENCE.identity(
    "p = 2, 3 rows: (9) from its objective", but={"2 n in the objective": {"factor": 2}}
)
def objective_gradient(factor: int = 1) -> tuple[Any, Any]:
    """``L = -log det M + tr M + n E log(delta + x'Mx)``: its gradient, and (9); p = 2, N = 3."""
    a, b, c, ridge, n = sympy.symbols("a b c delta n", positive=True)
    M = sympy.Matrix([[a, b], [b, c]])
    rows = random_pool(5, 3, 2).rows
    scales = [f.row_scale(ridge, (x.T * M * x)[0, 0]) for x in rows]
    logs = sum(sympy.log(scale) for scale in scales) / len(rows)
    objective = -sympy.log(a * c - b * b) + M.trace() + factor * n * logs
    gradient = [sympy.diff(objective, entry) for entry in (a, b, c)]
    residual = -M.inv() + sympy.eye(2)
    for x, scale in zip(rows, scales, strict=True):
        residual += f.row_weight(n, scale) / len(rows) * x * x.T
    return gradient, [residual[0, 0], 2 * residual[0, 1], residual[1, 1]]


@EXISTENCE.forall(
    "necessary", note="lemma: one eigenvalue of S_V", but={"below 1/2": {"bound": "1/2"}}
)
def bounded_share(smt: Any, bound: str = "1") -> Any:
    """One eigenvalue s of ``S_V = n E[x x'/b; x in V]``: its share ``s/(1 + s)`` is below 1."""
    s = smt.Real("s")
    return [s > 0], s / (1 + s) < smt.number(bound)


@EXISTENCE.forall("ridge", note="one eigenvalue", but={"delta left out": {"ridge_counts": False}})
def ridge_bracket(smt: Any, ridge_counts: bool = True) -> Any:
    """One eigenvalue s of S: f lies between ``delta`` and ``delta + y^2``, wherever b is."""
    s, y, ridge = smt.Real("s"), smt.Real("y"), smt.Real("delta")
    scale = f.row_scale(ridge, y * y / (1 + s))
    high = f.row_scale(ridge, y * y) if ridge_counts else y * y
    return [s >= 0, ridge > 0], smt.And(scale >= ridge, scale <= high)


@EXISTENCE.identity("necessary", note="lemma: M <= (I + S_V)^-1, words")
def monotone() -> tuple[Any, ...]:
    """``M' - M >= 0`` for ``M'^-1 <= M^-1``, word by word: here M' = (I + S_V)^-1."""
    return w.coefficients(*w.monotone())


@EXISTENCE.identity("p = 4: sum over the flag", note="lemma")
def flag_sum(power: int = 1) -> tuple[Any, Any]:
    """Abel's summation: p = 4 log eigenvalues of M, and the shares of rows in the flag."""
    logs = sympy.symbols("a_1:5", real=True)
    shares = sympy.symbols("P_1:5", positive=True)  # P(x in V_k), V_k of dimension k
    n = sympy.Symbol("n", positive=True)
    steps = [shares[0], *(shares[k] - shares[k - 1] for k in range(1, 4))]
    left = -sum(logs) + n * sum(s * a for s, a in zip(steps, logs, strict=True))
    right = sum((logs[k + 1] - logs[k]) * (k + 1 - n * shares[k]) for k in range(3))
    return left, right + power * logs[3] * (n * shares[3] - 4)


def crowded_rows(repeated: int, size: int = 8, p: int = 4) -> list[list[int]]:
    """Rows of which ``repeated`` are multiples of one."""
    rows = random_rows(11, size, p)
    return [[(i + 1) * v for v in rows[0]] for i in range(repeated)] + rows[repeated:]


def planes(size: int = 10) -> list[list[int]]:
    """Sparse rows: half of the rows live on the first two of four coordinates."""
    rows = random_rows(12, size, 4)
    return [[*row[:2], 0, 0] if i % 2 else row for i, row in enumerate(rows)]


@EXISTENCE.below(
    "pools just below the bound",
    note="n P = 0.95 dim V, a line and a plane",
    n_line=Fraction(19, 10),
    n_plane=Fraction(19, 5),
    but={"n P = dim V": {"n_line": Fraction(2)}, "n P above": {"n_line": Fraction(41, 20)}},
)
def solvable(digits: int, n_line: Fraction, n_plane: Fraction) -> Pairs:
    """Half of the rows on a line, ``n/2 < 1``, or in a plane, ``n/2 < 2``: (9) is solved."""
    for rows, n in ((crowded_rows(4), n_line), (planes(), n_plane)):
        pool = BallPool(rows, n, 0)
        yield from pool.sandwich(*pool.bounds(digits, steps=300, newton=8))


@EXISTENCE.below(
    "three pools, n = 30, ridge 1/10",
    but={"a ten-thousandth of the upper bound": {"high": Fraction(1, 10**4)}},
)
def with_ridge(digits: int, high: Fraction = Fraction(1)) -> Pairs:
    """delta, and delta + |x|^2, enclose the solution: any n, rows on a line too."""
    for rows in (crowded_rows(4), crowded_rows(8), planes()):
        pool = BallPool(rows, Fraction(30), Fraction(1, 10))
        top = [number(pool.ridge) + form for form in pool.forms(identity(4))]
        low = [number(pool.ridge)] * pool.size
        yield from pool.sandwich(low, [number(high) * scale for scale in top])
