"""A claim that is measured."""

from fractions import Fraction
from typing import Any

import numpy as np

from kdverify.evidence import Agreement, Claim, Comparison, Context, Control, Enclosure


def sample(context: Context, theory: float = 0.5) -> Comparison:
    draws = np.random.default_rng(context.seed_sequence("draws")).random((context.trials(4000), 3))
    error = draws.std(axis=0, ddof=1) / len(draws) ** 0.5
    return Comparison("uniform", draws.mean(axis=0), error, len(draws) - 1, theory, 0.05)


def half(digits: int) -> Any:
    import flint

    return flint.arb(1) / 2


CLAIMS = [
    Claim(
        id="2.mean",
        title="The mean of a uniform number",
        statement=r"E U = 1/2",
        source="classic",
        evidence=[
            Agreement("whole", sample=sample),
            Enclosure("the number", equal=lambda digits: [(half(digits), Fraction(1, 2))]),
        ],
        controls=[Control(Agreement("whole", sample=lambda c: sample(c, 0.6)), wrong="0.6")],
    )
]
