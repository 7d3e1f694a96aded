"""Claims of section 2: forms of the risk for a given surrogate, any covariance matrix.

"For all p" is shown with sums over a generic mode (`lib.sums`) and with words in
non-commuting matrices (`lib.words`).  What is measured stands in
`2.risk`, what is exact at finite n in `2.isotropic-exact`.
"""

from __future__ import annotations

from typing import Any

from kdverify.evidence import Claim, Control, Enclosure, Identity, Step

from ..lib import sums as m
from ..lib.modes import Pairs
from .four_term import double_precision, on_balls, turned_forms


def signed_share(sign: int, sign_of_truth: int) -> Any:
    """(2), every coefficient times a sign of its vector's own."""
    return m.risk(sign * m.surrogate, sign_of_truth * m.beta_star)


def in_double(digits: int, sign: int = 1) -> Pairs:
    """Double precision, within what rounding may do."""
    return double_precision(digits, sign)


ROTATION = Claim(
    id="2.rotation",
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
    evidence=[
        Identity(
            "basis",
            left=lambda: turned_forms()[0],
            right=lambda: turned_forms()[1],
            note="words in matrices of any size",
        ),
        Identity(
            "signs",
            left=lambda: signed_share(-1, -1),
            right=lambda: signed_share(1, 1),
            note="the generic mode of any number",
        ),
        Enclosure("p = 8", equal=on_balls, guard=8, note="turned and diagonal, on balls"),
        Enclosure("p = 8", below=in_double, note="from_covariance in double precision"),
    ],
    controls=[
        Control(
            Identity("signs", left=lambda: signed_share(1, -1), right=lambda: signed_share(1, 1)),
            wrong="one of the two signs changed",
        ),
        Control(
            Enclosure("p = 8", below=lambda digits: in_double(digits, sign=-1)),
            wrong="one of the two signs changed",
        ),
    ],
)


CLAIMS = [ROTATION]

if __name__ == "__main__":
    from kdverify.verify import run_as_script

    raise SystemExit(run_as_script(CLAIMS))
