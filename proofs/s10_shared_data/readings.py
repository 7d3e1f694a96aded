"""Claims 10.always-helps and 10.never-helps: two false readings of self-distillation."""

from typing import Any

import numpy as np

from kdverify import best_ridge, self_distillation
from kdverify import formulas as f
from kdverify.arithmetic import BALLS
from kdverify.evidence import Claim, Comparison, Context, Step

from ..lib import batches as b
from ..lib import copies as c
from ..lib.modes import Pairs

ALWAYS = Claim(
    "10.always-helps",
    title="False: self-distillation on the same data always helps",
    statement=r"R(\xi=1) < R(\xi=0)\quad\text{for every ridge (false)}",
    source="neighbouring",
    needs=("10.same-data-risk",),
    expect="refuted",
    steps=[
        Step(
            "At the best ridge the slope is 0: R(xi) = R + xi^2 delta^2 K with K > 0, every mixing"
            " but 0 hurts. Beyond it xi* is negative and xi = 1 hurts all the more."
        ),
    ],
)

#: One ridge far above the best one, and one far below it.
LARGE, SMALL, NOISE, SIZE = 8.0, 0.1, 0.3, 18


@ALWAYS.forall("whole")
def always(smt: Any) -> Any:
    """Pure self-distillation takes something off, whatever slope and curvature."""
    start, slope, curvature, ridge = (smt.Real(name) for name in ("R", "L", "K", "delta"))
    law = f.mixed_labels_risk(start, slope, curvature, ridge, 1)
    return [start > 0, curvature > 0, ridge > 0], law < start


@ALWAYS.below("whole", note="at the best ridge, and at one too large")
def certified_harm(digits: int) -> Pairs:
    """The pairs (risk at xi = 1, risk at xi = 0), which are in the other order."""
    for ridge in (best_ridge(b.EXACT, 9, "0.25", digits=digits + 10).ridge.mid(), LARGE):
        at = float(ridge)
        law = self_distillation(b.EXACT, 9, at, None, None, "0.25", digits=digits + 10)
        yield law.at(1), law.risk


@ALWAYS.agreement("simulated", note="what xi = 1 costs with a ridge too large")
def costs(context: Context, sign: int = 1) -> Comparison:
    """Students on their teachers' labels, less those on the labels themselves."""
    return difference(context, LARGE, sign)


costs.but("that it helps as much", sign=-1)

NEVER = Claim(
    "10.never-helps",
    title="False: distillation on the same data never helps",
    statement=r"\min_\xi R(\xi) = R(0)\quad\text{for every ridge (false)}",
    source="neighbouring",
    needs=("10.same-data-risk",),
    expect="refuted",
    steps=[
        Step(
            "The gain R'^2/(4 K) is positive wherever the ridge is not the best one; what is true"
            " is that an interpolating teacher changes nothing (10.two-ridges)."
        ),
    ],
)


@NEVER.forall("whole")
def never(smt: Any) -> Any:
    """No mixing helps, whatever slope and curvature."""
    start, slope, curvature, ridge, xi = (smt.Real(n) for n in ("R", "L", "K", "delta", "xi"))
    law = f.mixed_labels_risk(start, slope, curvature, ridge, xi)
    return [start > 0, curvature > 0, ridge > 0], law >= start


@NEVER.below("whole", note="a ridge too small: xi* is certified to take something off")
def certified_help(digits: int) -> Pairs:
    """The pairs (risk at xi = 0, risk at xi*), which are in the other order."""
    law = self_distillation(b.EXACT, 9, SMALL, None, None, "0.25", digits=digits + 10)
    with BALLS.precision(digits + 10):
        yield law.risk, law.best_risk


@NEVER.agreement("simulated", note="what xi = 1 takes off with a ridge too small")
def helps(context: Context, sign: int = 1) -> Comparison:
    """Students on their teachers' labels, less those on the labels themselves."""
    return difference(context, SMALL, sign)


helps.but("that it costs as much", sign=-1)


def difference(context: Context, ridge: float, sign: int) -> Comparison:
    """Risk at xi = 1 less that at xi = 0, on the same rows and labels."""

    def measured(on: c.Copies, draw: np.random.Generator, trials: int) -> Any:
        sample = on.sample(draw, trials, SIZE)
        fits = [c.Fit(on, sample, ridge), c.Fit(on, sample, 2 * ridge)]
        truth = c.Labels.of(on.truth)
        learnt, noise = fits[0].learnt(), fits[0].map * np.sqrt(NOISE)
        first = c.Student([(learnt, truth)], noise)
        second = c.Student([(learnt @ learnt, truth)], learnt @ noise)
        change = c.excess(on, second) - c.excess(on, first)
        return change, lambda: c.zero_means(on, c.fields(on, *fits))

    law = self_distillation(b.PROBLEM, SIZE, ridge, noise_variance=NOISE)
    theory = sign * (law.at(1.0) - law.risk)
    name, order = f"ridge {ridge:g}", b.band(SIZE, ridge)
    return c.extrapolated(context, name, b.PROBLEM, measured, theory, order, (200, 150))
