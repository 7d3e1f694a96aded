"""Claim of section 9, any rows: second moments of the student, (10) to (12)."""

from typing import Any

import flint

from kdverify import formulas as f
from kdverify.evidence import Claim, Step

from ..lib import words as w
from ..lib.balls import BallPool, labelled, number
from ..lib.modes import Pairs
from .response import STEP, perturbed

SECOND_MOMENT = Claim(
    "9.second-moment",
    title="Any rows, any labels: where each term of (11) comes from",
    statement=r"\hat\beta = (I-N)\theta + X^+e,\quad E\hat\beta^\top A\hat\beta \approx"
    r" \theta^\top(A-AM-MA+D_A)\theta + 2\theta^\top k_A + nE[e^2x^\top D_Ax/b^2],"
    r"\quad k_A = nME[x\,e\,x^\top D_Ax/b^2]",
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
)


@SECOND_MOMENT.identity(
    "split", note="lemma: any size", but={"the mixed term once": {"crossed": 1}}
)
def split(crossed: int = 2) -> tuple[list[Any], list[Any]]:
    """``b'Ab`` of the student and its parts, word by word."""
    left, right = w.coefficients(*w.second_moment(crossed))
    return left, right


def residual_means(pool: BallPool, e: list[Any]) -> tuple[list[Any], Any]:
    """``n E[M x e/b]`` and ``n E[e^2/b]``: what E X+ e and E e'(XX' + delta)^-1 e are close to."""
    share = number(pool.n) / pool.size
    crossed = flint.arb_mat([[v / b] for v, b in zip(e, pool.b, strict=True)])
    pulled = pool.M * (pool.X.transpose() * crossed * share)
    squares = sum((v * v / b for v, b in zip(e, pool.b, strict=True)), number(0)) * share
    return [pulled[i, 0] for i in range(4)], squares


@SECOND_MOMENT.below(
    "derivatives, five pools",
    note="difference quotients within their step",
    but={"the other sign of k_A": {"sign": -1}},
)
def residual_quotients(digits: int, sign: int = 1) -> Pairs:
    """Their derivatives by the penalty are k_A, and the noise part of (11)."""
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
