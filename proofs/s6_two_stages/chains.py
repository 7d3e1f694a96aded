"""Claim of section 6: chains of stages, and self-training."""

from typing import Any

from kdverify import formulas as f
from kdverify.evidence import Claim, Comparison, Context, Step
from kdverify.stages import Stage, chain_risks

from ..lib import sums as m
from ..lib.ensembles import power_law, times
from ..lib.stages import NOISES, Chain, P, reversed_source, simulated, turned_source

CHAINS = Claim(
    "6.chains",
    title="k stages: mean and second moment go through the same maps",
    statement=r"E\beta^{(k+1)} = A\,E\beta^{(k)},\quad \mathrm{Cov}\,\beta^{(k+1)} ="
    r" A\,\mathrm{Cov}\,\beta^{(k)}A^\top + E[\text{(7)}]",
    needs=("6.two-stage",),
    parts=("one stage", "simulated"),
    steps=[
        Step("Fresh data: given the labels' coefficients a stage has the mean and covariance (7)."),
        Step(
            "The mean is linear in them, the second moment affine in their squares: averages go"
            " through, and so on from stage to stage.",
            lambda: stage_of_moments()[0],
        ),
    ],
)


def scale_of(*coordinates: Any) -> Any:
    """V of (7) for labels whose mean squares are the sum of these squares, any p."""
    zeta = m.split()[0]
    leftover = sum(f.unlearnt_energy(m.lam, c, zeta) for c in coordinates)
    return f.trained_scale(m.total(leftover), 1 - m.omega, m.noise)


def averaged_stage() -> list[Any]:
    """Mean and mean square of one coordinate, averaged over labels s + w and s - w."""
    learnt = m.split()[1]
    labels = [m.surrogate + m.spread, m.surrogate - m.spread]
    means = [f.coordinate_mean(s, learnt) for s in labels]
    added = [f.trained_variance(scale_of(s), m.n, learnt, m.lam + m.tau) for s in labels]
    squares = [mean**2 + a for mean, a in zip(means, added, strict=True)]
    return [sum(means) / 2, sum(squares) / 2]


def stage_of_moments(noise_twice: bool = False) -> list[Any]:
    """The same from the labels' mean s and variance w^2."""
    learnt = m.split()[1]
    scale = scale_of(m.surrogate, m.spread)
    if noise_twice:
        scale += m.noise / (1 - m.omega)
    square = learnt**2 * (m.surrogate**2 + m.spread**2)
    added = f.trained_variance(scale, m.n, learnt, m.lam + m.tau)
    return [f.coordinate_mean(m.surrogate, learnt), square + added]


one_stage = CHAINS.identity(
    "one stage", lambda: (averaged_stage(), stage_of_moments()), note="any p"
)
one_stage.but("the label noise twice", sides=lambda: (averaged_stage(), stage_of_moments(True)))


@CHAINS.agreement("simulated", note="3 chains of 3 stages")
def three_stages(context: Context, noisy: bool = True) -> list[Comparison]:
    """Chains with one, with commuting and with turned covariances."""
    k, p = times(context), times(context) * P
    first, last = NOISES
    commuting, turned = reversed_source(p), turned_source(p)
    chains = {
        "one covariance": [Stage(k * 30, None, first), Stage(k * 40, None, last), Stage(k * 25)],
        "commuting": [Stage(k * 30, None, first), Stage(k * 40, commuting), Stage(k * 30)],
        "turned": [Stage(k * 45, turned, first), Stage(k * 80, None, last), Stage(k * 30)],
    }
    cases = [Chain(name, tuple(stages), power_law(p)) for name, stages in chains.items()]

    def theory(case: Chain) -> list[float]:
        opening, *others = case.stages
        start = opening if noisy else Stage(opening.n, opening.source)
        return chain_risks(case.problem, [start, *others])

    return simulated(context, cases, theory, first=2)


three_stages.shifted(-1)
three_stages.but("no noise in the first labels", noisy=False)
