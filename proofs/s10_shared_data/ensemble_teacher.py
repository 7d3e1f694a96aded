"""Claim 10.ensemble-teacher: what a teacher that is an ensemble is worth to its student."""

import math
from typing import Any

import numpy as np
import sympy

from kdverify import formulas as f
from kdverify.evidence import Claim, Comparison, Context, Step
from kdverify.gaussian import certified
from kdverify.gaussian.shared import ensemble_law
from kdverify.stages import Stage, train

from ..lib import batches as b
from ..lib import copies as c
from ..lib import sums as m
from ..lib.modes import Pairs

TEACHER = Claim(
    "10.ensemble-teacher",
    title="A teacher that is an ensemble: its student's risk is affine in 1/B",
    statement=r"R_B = R_\infty + \frac{R_1-R_\infty}B \ge \bar R(\beta^{opt}):\quad"
    r" \text{a risk } R\text{ needs } B \ge \frac{R_1-R_\infty}{R-R_\infty}\text{ members}",
    needs=("10.ensemble", "6.two-stage", "3.optimal"),
    parts=("affine", "bounded", "simulated"),
    steps=[
        Step("The ensemble's mean does not depend on B, its covariance is affine in 1/B."),
        Step("The student's risk is affine in that covariance: (2) averaged.", lambda: affine()[0]),
        Step(
            "Each member of the teacher's law labels no better than beta^opt: the mean of the"
            " student's risks is not below its least value. Members never bring it there: their"
            " mean has the shrinkage 1 - zeta of one member, beta^opt has gains above 1."
        ),
    ],
)


@TEACHER.identity("affine", note="one mode's part, by (3)", but={"1/B^2": {"power": 2}})
def affine(power: int = 1) -> tuple[Any, Any]:
    """Risk of labels with mean s and the ensemble's variance, and R_inf + (R_1 - R_inf)/B."""
    single, shared, one_over = sympy.symbols("v_1 v_inf u", positive=True)
    zeta, learnt = m.split()

    def risk(variance: Any) -> Any:
        energy = f.transfer_energy(m.lam, zeta, learnt, m.omega, 1 - m.omega)
        square = m.surrogate**2 + variance
        return f.transfer_risk(
            m.lam,
            m.surrogate,
            square,
            m.beta_star,
            f.transfer_mean(learnt),
            energy,
            0,
            total=lambda share: share,
        )

    mixed = risk(f.ensemble_risk(single, shared, one_over))
    return mixed, f.ensemble_risk(risk(single), risk(shared), one_over**power)


def student(members: float) -> float:
    """Risk of the student of 40 labels of an ensemble on 24 of 48 samples."""
    law = ensemble_law(b.PROBLEM, 48, 24, members, 0.4, RIDGES[0])
    return train(b.PROBLEM, law, Stage(40, None, 0.0, RIDGES[1])).risk(b.PROBLEM)


#: of the members and of their student
RIDGES = (0.5, 1.0)


@TEACHER.below("bounded", but={"the least risk plus a half": {"above": 0.5}})
def above_the_best(digits: int, above: float = 0.0) -> Pairs:
    """The certified least risk of any labels, and what 1, 2, 5 and all members give."""
    best = certified.certificate(b.PROBLEM, 40, 0, RIDGES[1], digits).optimal
    for members in (1, 2, 5, math.inf):
        yield best + type(best)(above), type(best)(student(members))


def lesson(members: int) -> c.Measured:
    """The student of an ensemble that was trained on a data set of its own."""

    def measured(on: c.Copies, draw: np.random.Generator, trials: int) -> Any:
        sample = on.sample(draw, trials, 48)
        fits = [c.Fit(on, sample, RIDGES[0], u) for u in c.halves(sample.size, members)]
        labels = c.mean_of(fits, on.truth, 0.4).labels()
        own = c.Fit(on, on.sample(draw, trials, 40), RIDGES[1])
        last = c.Student([(own.learnt(), labels)], own.map[:, :, :0])

        def zeros() -> np.ndarray:
            parts = c.ensemble_means(on, fits), c.zero_means(on, c.fields(on, own))
            return np.concatenate(parts, axis=1)

        return c.excess(on, last), zeros

    return measured


@TEACHER.agreement("simulated", note="2 and 4 members, any two share a quarter of the samples")
def taught(context: Context, claimed: int = 0) -> list[Comparison]:
    """Students of the labels of an ensemble."""
    found = []
    for members in (2, 4):
        order = b.band(24, RIDGES[0]) + b.band(40, RIDGES[1])
        name, theory = f"{members} members", student(claimed or members)
        found.append(c.extrapolated(context, name, b.PROBLEM, lesson(members), theory, order))
    return found


taught.but("one member", claimed=1)
