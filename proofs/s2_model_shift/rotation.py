"""Claim of section 2: forms of the risk for a given surrogate, any covariance matrix.

"For all p" is shown with sums over a generic mode (`lib.sums`) and with words in
non-commuting matrices (`lib.words`).  What is measured stands in
`2.risk`, what is exact at finite n in `2.isotropic-exact`.
"""

from typing import Any

from kdverify.evidence import Claim, Step

from ..lib import sums as m
from ..lib.modes import Pairs
from .four_term import double_precision, on_balls, turned_forms

ROTATION = Claim(
    "2.rotation",
    title="The risk depends on the covariance only through its eigenbasis; signs do not matter",
    statement=r"\bar R(O\Sigma O^\top; O\beta^s, O\beta_*) = \bar R(\Sigma; \beta^s, \beta_*)"
    r"\ \text{for orthogonal } O;\quad \bar R\ \text{is unchanged when}\ \beta^s_i, \beta^*_i"
    r"\ \text{change sign together}",
    source="paper",
    needs=("1.unique", "2.four-term"),
    parts=("basis", "signs"),
    steps=[
        Step("O D O' is the resolvent of O Sigma O' if D is that of Sigma: O'O = I."),
        Step(
            "tau and Omega are fixed by traces of (Sigma + tau)^-1 Sigma and its square, which"
            " do not see O; each of the four forms gets O' on one side and O on the other."
        ),
        Step(
            "Signs: each mode's summand of (2) is even in its pair of coefficients.",
            lambda: signed_share(1, 1),
        ),
    ],
)


def signed_share(sign: int, sign_of_truth: int) -> Any:
    """(2), every coefficient times a sign of its vector's own."""
    return m.risk(sign * m.surrogate, sign_of_truth * m.beta_star)


signs = ROTATION.identity(
    "signs",
    lambda: (signed_share(-1, -1), signed_share(1, 1)),
    note="the generic mode of any number",
)
signs.but("one of the two signs changed", sides=lambda: (signed_share(1, -1), signed_share(1, 1)))


@ROTATION.below(
    "p = 8",
    note="from_covariance in double precision",
    but={"one of the two signs changed": {"sign": -1}},
)
def in_double(digits: int, sign: int = 1) -> Pairs:
    """Double precision, within what rounding may do."""
    return double_precision(digits, sign)


ROTATION.identity("basis", turned_forms, note="lemma: words in matrices of any size")
ROTATION.equal("p = 8", on_balls, note="turned and diagonal, on balls", guard=8)
