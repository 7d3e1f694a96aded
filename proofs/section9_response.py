"""Claims of section 9, any rows: second moments of the student, (10) to (12)."""

from __future__ import annotations

from fractions import Fraction
from typing import TYPE_CHECKING, Any

from _notation import Pairs

from kdverify import formulas as f
from kdverify.evidence import Claim, Control, Enclosure, Identity, Step

if TYPE_CHECKING:
    from _rows_balls import BallPool

#: Step of the difference quotients; their error is of second order in it.
STEP = Fraction(1, 10**7)

# --------------------------------------------------------------------------
# 9.response
# --------------------------------------------------------------------------


def difference(squared: bool = True) -> tuple[Any, Any]:
    """(10) before eps tends to 0, one generic row."""
    import _rows_words as w

    left, right = w.response_difference(squared)
    return left, right


def both_forms(power: int = 2) -> tuple[list[Any], list[Any]]:
    """D from the N x N system, and the right-hand side of (10) at it: rational pools."""
    from _rows_pools import random_pool, random_symmetric

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


def coupled_row(scaled: bool = True) -> tuple[Any, Any]:
    """What row j adds to row i's equation: by (10), and by the coupling, in ``u = x'Dx/b``."""
    import _rows_words as w
    import sympy

    x, xt, M = sympy.symbols("x_i x_i^T M", commutative=False)
    n, size, b, other_b, u, c = sympy.symbols("n N b_i b_j u_j c", positive=True)
    weight = f.response_weight(n, other_b, other_b * u) / size
    between = [(xt * M * w.x, c), (w.xt * M * x, c)]
    added = w.word(xt * M * w.x * w.xt * M * x, between) * weight / (b if scaled else 1)
    return added, f.coupling(n, size, b, other_b, c) * u


def perturbed(digits: int) -> list[tuple[BallPool, Any, BallPool, BallPool]]:
    """Pools, a symmetric A, and the pools at the metrics I + hA and I - hA, all solved."""
    from _rows_balls import BallPool, identity, matrix, number, random_pools

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


def quotients(digits: int, power: int = 2) -> Pairs:
    """``|-(M_h - M_-h)/(2h) - D| < h``, entry by entry."""
    from _rows_balls import number

    h = number(STEP)
    for pool, A, up, down in perturbed(digits):
        slope = (down.M - up.M) * (1 / (2 * h))
        D = pool.response(A)
        if power == 1:
            D = pool.M * A * pool.M
        for i in range(4):
            for j in range(i + 1):
                yield abs(slope[i, j] - D[i, j]), h


RESPONSE = Claim(
    id="9.response",
    title="Any rows: (10) is the derivative of (9) by the penalty",
    statement=r"M_\varepsilon = (I+\varepsilon A+nE[xx^\top/b_\varepsilon])^{-1},"
    r" b_\varepsilon=\delta+x^\top M_\varepsilon x:\quad D_A = -\frac{dM_\varepsilon}"
    r"{d\varepsilon}\Big|_0 = M\Big(A+nE\Big[xx^\top\frac{x^\top D_Ax}{b^2}\Big]\Big)M"
    r" \approx E\,NAN",
    source="new",
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
    ],
    evidence=[
        Identity(
            "derivative",
            left=lambda: difference()[0],
            right=lambda: difference()[1],
            note="words: any size, before eps -> 0",
        ),
        Enclosure(
            "five pools: a difference quotient of (9) within its step",
            below=quotients,
        ),
        Identity(
            "N x N form",
            left=lambda: coupled_row()[0],
            right=lambda: coupled_row()[1],
            note="one pair of rows, any size",
        ),
        Identity(
            "four pools",
            left=lambda: both_forms()[0],
            right=lambda: both_forms()[1],
            note="rational",
        ),
    ],
    controls=[
        Control(
            Identity(
                "derivative",
                left=lambda: difference(False)[0],
                right=lambda: difference(False)[1],
            ),
            wrong="b in the place of b^2",
        ),
        Control(
            Enclosure("five pools", below=lambda digits: quotients(digits, power=1)),
            wrong="M A M: E N A N as if N were M",
        ),
        Control(
            Identity("four pools", left=lambda: both_forms(1)[0], right=lambda: both_forms(1)[1]),
            wrong="b in the place of b^2",
        ),
        Control(
            Identity(
                "N x N form",
                left=lambda: coupled_row(False)[0],
                right=lambda: coupled_row(False)[1],
            ),
            wrong="b_i left out",
        ),
    ],
)

# --------------------------------------------------------------------------
# 9.second-moment
# --------------------------------------------------------------------------


def split(crossed: int = 2) -> tuple[list[Any], list[Any]]:
    """``b'Ab`` of the student and its parts, word by word."""
    import _rows_words as w

    left, right = w.coefficients(*w.second_moment(crossed))
    return left, right


def residual_means(pool: BallPool, e: list[Any]) -> tuple[list[Any], Any]:
    """``n E[M x e/b]`` and ``n E[e^2/b]``: what E X+ e and E e'(XX' + delta)^-1 e are close to."""
    import flint
    from _rows_balls import number

    share = number(pool.n) / pool.size
    crossed = flint.arb_mat([[v / b] for v, b in zip(e, pool.b, strict=True)])
    pulled = pool.M * (pool.X.transpose() * crossed * share)
    squares = sum((v * v / b for v, b in zip(e, pool.b, strict=True)), number(0)) * share
    return [pulled[i, 0] for i in range(4)], squares


def residual_quotients(digits: int, sign: int = 1) -> Pairs:
    """Their derivatives by the penalty are k_A, and the noise part of (11)."""
    import flint
    from _rows_balls import labelled, number

    h, noise_step = number(STEP), number(STEP)
    for pool, A, up, down in perturbed(digits):
        (_, e), D = labelled(pool), pool.response(A)
        at, _ = residual_means(pool, e)
        for value in at:  # theta is what makes it vanish
            yield abs(value), h
        (high, high_square), (low, low_square) = (residual_means(q, e) for q in (up, down))
        pairs = zip(pool.b, pool.forms(D), e, strict=True)
        weights = [f.crossed_weight(number(pool.n), b, form, v) for b, form, v in pairs]
        pulled = flint.arb_mat([[w / pool.size] for w in weights])
        k = pool.M * (pool.X.transpose() * pulled)
        for i in range(4):
            yield abs((high[i] - low[i]) / (2 * h) - sign * k[i, 0]), h
        noise = sum((w * v for w, v in zip(weights, e, strict=True)), number(0)) / pool.size
        yield abs((high_square - low_square) / (2 * h) - sign * noise), noise_step


SECOND_MOMENT = Claim(
    id="9.second-moment",
    title="Any rows, any labels: where each term of (11) comes from",
    statement=r"\hat\beta = (I-N)\theta + X^+e,\quad E\hat\beta^\top A\hat\beta \approx"
    r" \theta^\top(A-AM-MA+D_A)\theta + 2\theta^\top k_A + nE[e^2x^\top D_Ax/b^2],"
    r"\quad k_A = nME[x\,e\,x^\top D_Ax/b^2]",
    source="new",
    needs=("9.pseudo-inverse", "9.response"),
    parts=("split", "derivatives, five pools"),
    steps=[
        Step(
            "X+ y = X+ X theta + X+ e with e = y - X theta, and X+ X = I - N, for every theta.",
        ),
        Step(
            "b'Ab = theta'(A - NA - AN + NAN) theta + 2 theta'(A X+ - N A X+) e + e'X+'A X+ e;"
            " put M for E N and D_A for E NAN in the first part.",
        ),
        Step(
            "X+ e = sum_i N_-i x_i e_i/(delta + x_i'N_-i x_i) (9.pseudo-inverse): with M for N_-i"
            " its mean is n E[M x e/b], which theta makes zero. With the penalty I + eps A its"
            " derivative is -N A X+ e, on the other side k_A: E N A X+ e is -k_A."
        ),
        Step(
            "(XX' + delta)^-1_ii = 1/(delta + x_i'N_-i x_i), and the mean of the entries off the"
            " diagonal, times e_i e_j, is zero by the choice of theta: E e'(XX' + delta)^-1 e is"
            " n E[e^2/b]. Its derivative by eps is e'X+'A X+ e, on the other side"
            " n E[e^2 x'D_A x/b^2]."
        ),
        Step("That M may stand for N_-i is measured (9.risk), not proved."),
    ],
    evidence=[
        Identity("split", left=lambda: split()[0], right=lambda: split()[1], note="any size"),
        Enclosure(
            "derivatives, five pools",
            below=residual_quotients,
            note="difference quotients within their step",
        ),
    ],
    controls=[
        Control(
            Identity("split", left=lambda: split(1)[0], right=lambda: split(1)[1]),
            wrong="the mixed term once",
        ),
        Control(
            Enclosure("derivatives", below=lambda digits: residual_quotients(digits, -1)),
            wrong="the other sign of k_A",
        ),
    ],
)

CLAIMS = [RESPONSE, SECOND_MOMENT]

if __name__ == "__main__":
    from kdverify.verify import run_as_script

    raise SystemExit(run_as_script(CLAIMS))
