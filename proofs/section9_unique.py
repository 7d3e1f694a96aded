"""Claims of section 9, any rows: the equation (9) has at most one solution, that is reached."""

from __future__ import annotations

from fractions import Fraction
from typing import Any

from _notation import Pairs

from kdverify import formulas as f
from kdverify.evidence import Claim, Control, Enclosure, Forall, Identity, Step

#: Perturbation of log b, and the bound of what a second-order term may add.
STEP = Fraction(1, 10**6)

# --------------------------------------------------------------------------
# 9.interference
# --------------------------------------------------------------------------


def monotone(sign: int = 1) -> list[Any]:
    """``M' - M`` and its two squares, word by word."""
    import _rows_words as w

    return w.coefficients(*w.monotone(sign))


def nonnegative_squares(smt: Any, sign: int = 1) -> Any:
    """One eigenvalue g of G >= 0 and one of M': what it adds to ``y'(M' - M)y``, y = M x."""
    g, larger, y, z = (smt.Real(s) for s in ("g", "m'", "y", "z"))
    added = g * y * y + sign * larger * z * z
    return [g >= 0, larger > 0], added >= 0


def scalable(smt: Any, at_least: str = "0") -> Any:
    """One eigenvalue s of ``n E[x x'/b]`` and one coordinate of x: ``c f(b) - f(c b) > 0``."""
    s, c, ridge, y = (smt.Real(v) for v in ("s", "c", "delta", "y"))
    form, scaled = y * y / (1 + s), y * y / (1 + s / c)
    gap = c * f.row_scale(ridge, form) - f.row_scale(ridge, scaled)
    return [c > 1, s >= 0, ridge >= 0, y != 0], gap > smt.number(at_least)


def properties(digits: int, factor: Fraction = Fraction(3, 2)) -> Pairs:
    """``0 < f(b) < f(b') < c f(b)`` for ``b < b' = c b`` in one entry, ``<=`` in all."""
    from _rows_balls import number, random_pools

    c = number(factor)
    for pool in random_pools():
        b = [number(2 + i) for i in range(pool.size)]
        raised = [b[0] * c, *b[1:]]
        own, more, scaled = (pool.renewed(v) for v in (b, raised, [c * v for v in b]))
        for i in range(pool.size):
            yield 0, own[i]
            yield own[i], more[i]
            yield more[i], scaled[i]
            yield scaled[i], number(Fraction(3, 2)) * own[i]


INTERFERENCE = Claim(
    id="9.interference",
    title="Any rows: the right-hand side of (9) is a standard interference function of b",
    statement=r"f(b) = \delta + x^\top(I+nE[x'x'^\top/b'])^{-1}x:\quad f > 0,\quad b\le b'"
    r"\Rightarrow f(b)\le f(b'),\quad f(cb) < c\,f(b)\ \text{for}\ c>1,\ x\ne0,\ \delta\ge0",
    source="classic",
    parts=("monotone", "scalable"),
    steps=[
        Step(
            "M^-1 = I + S(b) and S(b) >= S(b') for b <= b': with G = S(b) - S(b') >= 0,"
            " M' - M = M G M + M G M' G M, both terms positive semidefinite."
        ),
        Step(
            "c M - (I + S/c)^-1 has the eigenvalues c (c - 1)/((1 + s)(c + s)) > 0 on those of S:"
            " strict for every row that is not zero, with and without ridge."
        ),
    ],
    evidence=[
        Identity(
            "monotone",
            left=lambda: monotone()[0],
            right=lambda: monotone()[1],
            note="words: any size",
        ),
        Forall("monotone", build=nonnegative_squares, note="one eigenvalue of G and of M'"),
        Forall("scalable", build=scalable, note="one eigenvalue"),
        Enclosure("five pools", below=properties),
    ],
    controls=[
        Control(
            Identity("monotone", left=lambda: monotone(-1)[0], right=lambda: monotone(-1)[1]),
            wrong="the second square subtracted",
        ),
        Control(
            Forall("monotone", build=lambda smt: nonnegative_squares(smt, -1)),
            wrong="the second square subtracted",
        ),
        Control(
            Forall("scalable", build=lambda smt: scalable(smt, "1/100")),
            wrong="a gap of at least 1/100",
        ),
        Control(
            Enclosure("five pools", below=lambda digits: properties(digits, Fraction(2))),
            wrong="f(2b) < 3/2 f(b)",
        ),
    ],
)

# --------------------------------------------------------------------------
# 9.unique
# --------------------------------------------------------------------------


def no_second_solution(smt: Any, strict: bool = True) -> Any:
    """The row where b'/b is largest, c > 1: ``b' = f(b') <= f(c b) < c f(b) = c b = b'``."""
    b, c, own, renewed, scaled = (smt.Real(v) for v in ("b", "c", "f", "f'", "f_c"))
    below = scaled < c * own if strict else scaled <= c * own
    assumptions = [b > 0, c > 1, own == b, renewed <= scaled, below]
    return assumptions, renewed != c * b


def bracketed(smt: Any) -> Any:
    """``f(c b) < c b`` and ``f(b/c) > b/c`` at a solution b, by scaling at b and at b/c."""
    b, c, own, up, down = (smt.Real(v) for v in ("b", "c", "f", "f_up", "f_down"))
    assumptions = [b > 0, c > 1, own == b, up < c * own, own < c * down]
    return assumptions, smt.And(up < c * b, down > b / c)


def from_far(digits: int, steps: int = 160) -> Pairs:
    """The plain iteration from 10^6 and 10^-6: above and below the solution, always nearer."""
    from _rows_balls import number, random_pools

    for pool in random_pools()[1::2]:
        solution = pool.enclosed(digits).b
        for start in (Fraction(10**6), Fraction(1, 10**6)):
            b = [number(start)] * pool.size
            gap = None
            for step in range(steps):
                b = [ball.mid() for ball in pool.renewed(b)]
                if step % 40 == 0:
                    gaps = [abs((x / y).log()) for x, y in zip(b, solution, strict=True)]
                    worst = max(gaps, key=lambda ball: float(ball.mid()))
                    if gap is not None:
                        yield worst, gap
                    gap = worst
            yield gap, number(Fraction(1, 10))


UNIQUE = Claim(
    id="9.unique",
    title="Any rows: (9) has at most one solution, and the iteration reaches it from any start",
    statement=r"b = f(b),\ b' = f(b')\ \Rightarrow\ b = b';\quad f^k(b_0)\to b\ \text{from any}"
    r"\ b_0>0,\ \text{where there is a solution}",
    source="classic",
    needs=("9.interference",),
    parts=("unique", "reached"),
    steps=[
        Step(
            "Two solutions, c = max b'/b > 1 (else exchange them): b' <= c b, so that in the row"
            " of the maximum b' = f(b') <= f(c b) < c f(b) = c b = b'."
        ),
        Step(
            "Reached (Yates 1995): c b with c > 1 is mapped below itself and b/c above itself;"
            " from there the iteration is monotone and bounded, and ends in a solution, the one"
            " there is. Any start lies between b/c and c b for some c, and f is monotone."
        ),
        Step(
            "So low <= f(low), f(high) <= high, low <= high enclose the solution, in ball"
            " arithmetic with certainty."
        ),
    ],
    evidence=[
        Forall(
            "unique",
            build=no_second_solution,
            witness={"b": "1", "c": "2", "f": "1", "f'": "1", "f_c": "3/2"},
        ),
        Forall(
            "reached",
            build=bracketed,
            note="c b is mapped below itself, b/c above itself",
        ),
        Enclosure("two pools, from 10^6 and 10^-6", below=from_far),
    ],
    controls=[
        Control(
            Forall("unique", build=lambda smt: no_second_solution(smt, strict=False)),
            wrong="f(cb) <= c f(b) only",
        ),
        Control(
            Enclosure("two pools", below=lambda digits: from_far(digits, steps=1)),
            wrong="reached in one step",
        ),
    ],
)


# --------------------------------------------------------------------------
# 9.contraction
# --------------------------------------------------------------------------


def row_sums(with_ridge: bool = True) -> tuple[Any, Any]:
    """A row of J, summed."""
    import _rows_words as w

    return w.row_sum(w.delta if with_ridge else 0)


def scale_difference(power: int = 1) -> tuple[Any, Any]:
    """What a change of one b does to M."""
    import _rows_words as w

    left, right = w.scale_difference(power)
    return left, right


def slack_in_bounds(smt: Any) -> Any:
    """One eigenvalue m of M: ``0 < m^2 <= m``, so that the slack lies in (0, 1]."""
    m, y, ridge = smt.Real("m"), smt.Real("y"), smt.Real("delta")
    b = f.row_scale(ridge, m * y * y)
    slack = f.rows_error_contraction(m * m * y * y, b)
    return [m > 0, m <= 1, y != 0, ridge >= 0], smt.And(slack > 0, slack <= 1)


def exact_row_sums(share: int = 1) -> tuple[list[Any], list[Any]]:
    """The sums of J's rows at exact solutions, and 1 - (delta + x'M^2x)/b."""
    from _rows_pools import solved_pools

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


def contractions(digits: int, share: Fraction = Fraction(1)) -> Pairs:
    """log f after all log b move by h: within h^2 of h times the sum of J's row."""
    from _rows_balls import number, random_pools

    for pool in random_pools():
        at = pool.enclosed(digits)
        M, h = at.M, number(STEP)
        moved = at.renewed([b * h.exp() for b in at.b])
        for new, b, square in zip(moved, at.b, at.forms(M * M), strict=True):
            slack = f.rows_error_contraction(square, b) + number(pool.ridge) / b
            yield abs((new / b).log() / h - (1 - number(share) * slack)), h


CONTRACTION = Claim(
    id="9.contraction",
    title="Any rows: near its solution (9) contracts in log b by 1 - (delta + x'M^2x)/b",
    statement=r"J_{ij} = \frac{\partial\log f_i}{\partial\log b_j} = \frac{n (x_i^\top Mx_j)^2}"
    r"{N b_ib_j} \ge 0,\qquad \sum_j J_{ij} = 1 - \frac{\delta + x_i^\top M^2x_i}{b_i} < 1",
    source="new",
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
    evidence=[
        Identity(
            "derivative",
            left=lambda: scale_difference()[0],
            right=lambda: scale_difference()[1],
            note="words: any size, before b' -> b",
        ),
        Identity(
            "row sums",
            left=lambda: row_sums()[0],
            right=lambda: row_sums()[1],
            note="words: any size",
        ),
        Identity(
            "four pools, rational",
            left=lambda: exact_row_sums()[0],
            right=lambda: exact_row_sums()[1],
        ),
        Forall("below 1", build=slack_in_bounds, note="one eigenvalue"),
        Enclosure("five pools, a difference quotient", below=contractions),
    ],
    controls=[
        Control(
            Identity(
                "derivative",
                left=lambda: scale_difference(2)[0],
                right=lambda: scale_difference(2)[1],
            ),
            wrong="b'^2 in the place of b'",
        ),
        Control(
            Identity(
                "row sums",
                left=lambda: row_sums(False)[0],
                right=lambda: row_sums(False)[1],
            ),
            wrong="without delta",
        ),
        Control(
            Enclosure("five pools", below=lambda d: contractions(d, Fraction(99, 100))),
            wrong="a hundredth less slack",
        ),
    ],
)

CLAIMS = [INTERFERENCE, UNIQUE, CONTRACTION]

if __name__ == "__main__":
    from kdverify.verify import run_as_script

    raise SystemExit(run_as_script(CLAIMS))
