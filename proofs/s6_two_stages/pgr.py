"""Claim of section 6: what can be trained, what it recovers, the exponent."""

from fractions import Fraction
from typing import Any

from kdverify import formulas as f
from kdverify.evidence import Claim, Step
from kdverify.stages import performance_gap_recovered

from .trainable import level_risks

PGR = Claim(
    "6.pgr",
    title="Performance gap recovered",
    statement=r"PGR = \frac{R(\beta^s) - R(S2T)}{R(\beta^s) - R(std)}:\quad PGR > 0 \iff R(S2T) <"
    r" R(\beta^s),\ PGR > 1 \iff R(S2T) < R(std),\quad\text{if}\ R(\beta^s) > R(std)",
    source="neighbouring",
    needs=("6.two-stage",),
    parts=("meaning", "examples"),
    steps=[
        Step("The denominator is positive: signs carry over; otherwise they turn round."),
        Step(
            "Two levels, m = n, sigma_s^2 = 2: the masked student recovers a part of the gap to"
            " noiseless strong labels, and more than all of it at noise 9/5."
        ),
    ],
)


@PGR.forall(
    "meaning",
    witness={"weak": 3, "student": 2, "strong": 1},
    but={"weak below strong": {"reversed_gap": True}},
)
def meaning(smt: Any, reversed_gap: bool = False) -> Any:
    """PGR > 0: the student beats its surrogate; PGR > 1: it beats strong labels as well."""
    weak, student, strong = (smt.Real(x) for x in ("weak", "student", "strong"))
    assumptions = [weak < strong if reversed_gap else weak > strong]
    recovered = f.performance_gap_recovered(weak, student, strong)
    conclusion = smt.And(
        (recovered > 0) == (student < weak),
        (recovered > 1) == (student < strong),
        (recovered == 1) == (student == strong),
    )
    return assumptions, conclusion


@PGR.below("examples", note="exact fractions", but={"noise 19/10": {"second": Fraction(19, 10)}})
def recovered_pairs(digits: int, second: Fraction = Fraction(1)) -> list[tuple[Any, Any]]:
    """Two levels, beta* = (1, 1): three strong students for one trained surrogate.

    Part of the gap; part of a smaller gap; more than all of it; and the library's PGR.
    """
    weak, student = (level_risks(1, 2)[key] for key in ("strong", "mask"))
    strong = [level_risks(1, noise)["strong"] for noise in (0, second, Fraction(9, 5))]
    shares = [f.performance_gap_recovered(weak, student, risk) for risk in strong]
    pairs = [(0, shares[0]), (shares[0], shares[1]), (shares[1], 1), (1, shares[2])]
    for share, risk in zip(shares, strong, strict=True):
        found = performance_gap_recovered(float(weak), float(student), float(risk))
        pairs.append((abs(Fraction(found) / share - 1), Fraction(1, 10**12)))
    return pairs
