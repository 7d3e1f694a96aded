"""Claims of section 6: what can be trained, what it recovers, the exponent."""

from __future__ import annotations

from fractions import Fraction
from typing import Any

from kdverify import formulas as f
from kdverify.evidence import (
    Claim,
    Control,
    Enclosure,
    Step,
)
from kdverify.verify import run_as_script

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


def recovered() -> dict[str, Any]:
    """PGR on two levels, beta* = (1, 1): three strong students for one trained surrogate."""
    noises = {"noiseless": Fraction(0), "noisier": Fraction(1), "noisiest": Fraction(9, 5)}
    weak, student = (level_risks(1, 2)[key] for key in ("strong", "mask"))
    return {
        name: f.performance_gap_recovered(weak, student, level_risks(1, noise)["strong"])
        for name, noise in noises.items()
    }


def recovered_pairs() -> list[tuple[Any, Any]]:
    """Part of the gap; part of a smaller gap; more than all of it."""
    values = recovered()
    return [
        (0, values["noiseless"]),
        (values["noiseless"], values["noisier"]),
        (values["noisier"], 1),
        (1, values["noisiest"]),
    ]


PGR.below("examples", lambda digits: recovered_pairs(), note="exact fractions")


PGR.add(
    Control(Enclosure("examples", below=lambda digits: [recovered_pairs()[0][::-1]]), "the order")
)

if __name__ == "__main__":
    raise SystemExit(run_as_script([PGR]))
