"""Claim of section 9: Gaussian rows, and scale mixtures of them, give section 2 back."""

from fractions import Fraction
from typing import Any

import sympy

from kdverify import formulas as f
from kdverify.evidence import Claim, Step

from ..lib import words as w
from ..lib.modes import Pairs
from .gaussian import certified_risk, sign_pool, sign_risk

SCALE_MIXTURE = Claim(
    "9.scale-mixture",
    title="Scale mixtures of rows: without ridge and noise the scales do not matter",
    statement=r"x = s\,\Sigma^{1/2}g,\ y = x^\top\beta^s,\ \delta = 0:\quad R\ \text{by (11) is"
    r" (2), whatever the law of}\ s",
    needs=("9.gaussian",),
    parts=("every sample", "equations"),
    steps=[
        Step(
            "X = S G with a diagonal S: X+ X = G+ G, sample by sample; and beta_hat = X+ X beta^s."
        ),
        Step(
            "In (9) b = s^2 tr(Sigma M), and s cancels in x x'/b, in x x' x'Dx/b^2 as well. With a"
            " ridge b = delta + s^2 tr(Sigma M), and nothing cancels."
        ),
    ],
)


@SCALE_MIXTURE.identity(
    "every sample", note="lemma: words: any size", but={"one S not inverted": {"inverted": False}}
)
def same_projector(inverted: bool = True) -> tuple[Any, ...]:
    """``X+ X`` for rows S G, S an invertible diagonal matrix, and for G: words."""
    G, Gt, S, U, Y = sympy.symbols("G G^T S S^-1 Y", commutative=False)
    rules = [(S * U, w.one), (U * S, w.one), (Y * G * Gt, w.one), (G * Gt * Y, w.one)]
    gram_inverse = U * Y * (U if inverted else w.one)
    return w.coefficients(w.word(Gt * S * gram_inverse * S * G, rules), Gt * Y * G)


@SCALE_MIXTURE.identity("equations", note="one row", but={"x'Dx as s and not s^2": {"power": 1}})
def mixture_weights(power: int = 2) -> tuple[list[Any], list[Any]]:
    """One row of scale s without ridge: its shares in (9) and (10) do not know s."""
    s, n, trace, d = sympy.symbols("s n t d", positive=True)
    b = f.row_scale(0, s * s * trace)
    square = s * s  # of x x' = s^2 Sigma^(1/2) g g' Sigma^(1/2)
    left = [f.row_weight(n, b) * square, f.response_weight(n, b, s**power * d) * square]
    return left, [f.row_weight(n, trace), f.response_weight(n, trace, d)]


@SCALE_MIXTURE.equal(
    "sign rows of three scales",
    guard=9,
    but={"with a ridge": {"ridge": 3}, "with noise": {"noise": 1}},
)
def mixture_risks(digits: int, ridge: int = 0, noise: int = 0) -> Pairs:
    """(11) on sign rows of scales 1, 2 and 5, and (2)."""
    scales = (1, 2, 5)
    squares = Fraction(sum(s * s for s in scales), len(scales))
    for n in (Fraction(2), Fraction(3)):
        pool = sign_pool(n, Fraction(ridge), scales)
        risk = sign_risk(digits, pool, Fraction(noise), squares)
        yield risk, certified_risk(digits, n, Fraction(ridge), Fraction(noise), squares)
