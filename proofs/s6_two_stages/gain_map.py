"""Claim of section 6: where over (m, n) a trained surrogate beats strong labels."""

from fractions import Fraction
from functools import lru_cache
from typing import Any

import numpy as np

from kdverify import Problem, optimal_mask, two_stage_risk
from kdverify import formulas as f
from kdverify.arithmetic import BALLS
from kdverify.evidence import Claim, Comparison, Context, Step
from kdverify.gain_map import gain_map
from kdverify.gaussian import certified

from ..lib import sums

GAIN_MAP = Claim(
    "6.gain-map",
    title="The gain map: two stages over all (m, n), and where they beat strong labels",
    statement=r"R(m,n) = \sum_i q_i(m)E_i(n) - 2\sum_i\lambda_i\mu_i(m)a_i(n)\beta^*_i"
    r" + \sum_i\lambda_i\beta_i^{*2} + \sigma_t^2\frac{\Omega}{1-\Omega};\quad"
    r" R(m,n) < R_{std}(m),\ R(m,n) \gtrless R_{std}(n)\ \text{occur}",
    needs=("6.two-stage", "6.trainable"),
    parts=("closed form", "float64 at ten cells", "signs at ten cells"),
    steps=[
        Step(
            "The student's risk is linear in the surrogate's means mu and mean squares q; its own"
            " transfer functions a and E hang on n alone: two matrix products give all cells.",
            lambda: sums.risk_of_squares(),
        ),
        Step(
            "Against the same m noisy strong labels a plain student of m pseudo-labelled samples"
            " can win: each stage shrinks, and what it shrinks is noise."
        ),
        Step("Against n strong labels both signs occur; masking turns one of the losses."),
    ],
)


#: lam_i = i^-1.5, lam_i beta*_i^2 = i^-2, 60 modes; label noise of the m strong labels.
P, ALPHA, BETA, NOISE = 60, Fraction(3, 2), Fraction(2), Fraction(1, 2)
#: (m, n, transform) at which two stages win, and lose, against the m strong labels.
WINS_SAME_M = ((20, 30, "none"), (40, 20, "none"), (50, 10, "mask"), (40, 45, "mask"))
#: The same against n strong labels of the same noise.
WINS_SAME_N = ((20, 45, "none"), (20, 10, "none"), (40, 30, "mask"))
LOSES_SAME_N = ((50, 10, "none"), (40, 30, "none"), (50, 30, "mask"))


def problem() -> Any:
    """The power law."""
    return Problem.power_law(P, ALPHA, BETA)


closed_form = GAIN_MAP.identity(
    "closed form",
    lambda: (sums.risk_of_squares(), sums.risk_of_law()),
    note="any number of modes",
)
closed_form.but(
    "without the surrogate's variance",
    sides=lambda: (sums.risk_of_squares(lambda s, w: s**2), sums.risk_of_law()),
)


@GAIN_MAP.agreement(
    "cell by cell",
    note="float64, 16 cells, 6 kinds; bound: rounding",
    but={"one sample more": {"off": 1, "kinds": 1}},
)
def cells(context: Context, off: int = 0, kinds: int | None = None) -> list[Comparison]:
    """The map in float64 against single calls; both may round.

    Both routes add up ``3p + 2`` products of a dozen rounded factors.  Where terms are of one
    sign the sum errs relatively by its number of operations in units of 2^-53; the map's
    negative terms, twice the cross terms, are at most the positive ones in sum, so that what
    the band allows is that, times the positive terms.  ``off``: n of the single calls.
    """
    where, sizes = problem(), ([15, 30, 45, 80], [10, 25, 40, 90])
    found = []
    for transform in ("none", "gain", "mask")[:kinds]:
        for ridge in (0.0, 0.3):
            noises: dict[str, Any] = {"source_noise_variance": float(NOISE), "noise_variance": 0.1}
            options = {**noises, "ridge": ridge, "transform": transform}
            risks = gain_map(where, *sizes, **options).risks
            single = np.array(
                [
                    [two_stage_risk(where, None, m, n + off, **options) for n in sizes[1]]
                    for m in sizes[0]
                ]
            )
            roundings = (3 * P + 2 + 12) * np.finfo(float).eps
            positive = single + 2 * where.signal.sum()
            name = f"{transform}, ridge={ridge}"
            found.append(Comparison(name, risks, 0.0, 10**6, single, roundings * positive))
    return found


@lru_cache(maxsize=32)
def ball_risks(
    m: int, n: int, transform: str, digits: int, noise_variance: Fraction = NOISE
) -> tuple[Any, Any, Any]:
    """Balls around the risk of two stages, and of m and of n strong labels."""
    where = problem()
    modes = range(1, P + 1)
    lam = np.array([BALLS.power(i, -ALPHA) for i in modes], dtype=object)
    truth = np.array([BALLS.power(i, (ALPHA - BETA) / 2) for i in modes], dtype=object)
    first, second = (certified.equivalents(where, size, digits=digits) for size in (m, n))
    noise = BALLS.number(noise_variance)
    leftover = f.unlearnt_energy(lam, truth, first.zeta).sum()
    scale = f.trained_scale(leftover, first.one_minus_omega, noise)
    variance = f.trained_variance(scale, m, first.one_minus_zeta, lam + first.tau)
    mean = first.one_minus_zeta * truth
    # the mask of the double-precision solver: whichever it is, its risk is certified
    kept = optimal_mask(where, n).astype(int) if transform == "mask" else np.ones(P, dtype=int)
    risk = f.transfer_risk(
        lam,
        kept * mean,
        kept * (mean * mean + variance),
        truth,
        f.transfer_mean(second.one_minus_zeta),
        f.transfer_energy(
            lam, second.zeta, second.one_minus_zeta, second.omega, second.one_minus_omega
        ),
        f.noise_trace(second.omega, second.one_minus_omega),
        0,
    )
    strong = [
        certified.risk(where, size, noise_variance=noise_variance, digits=digits) for size in (m, n)
    ]
    return risk, strong[0], strong[1]


@GAIN_MAP.below(
    "signs at ten cells", note="p = 60", but={"noiseless labels": {"noise": Fraction(0)}}
)
def signs(digits: int, noise: Fraction = NOISE) -> list[tuple[Any, Any]]:
    """Pairs (smaller, larger)."""
    pairs = []
    for cell in WINS_SAME_M:
        risk, same_m, _ = ball_risks(*cell, digits, noise)
        pairs.append((risk, same_m))
    for cell in WINS_SAME_N:
        risk, _, same_n = ball_risks(*cell, digits, noise)
        pairs.append((risk, same_n))
    for cell in LOSES_SAME_N:
        risk, _, same_n = ball_risks(*cell, digits, noise)
        pairs.append((same_n, risk))
    return pairs


@GAIN_MAP.below("float64 at ten cells", but={"the other rival": {"exchanged": True}})
def same_cells(digits: int, exchanged: bool = False) -> list[tuple[Any, Any]]:
    """The balls of these cells, and the float64 map's numbers with room for its roundings.

    The map's ``wins`` are the signs: a pair that is out of order where they are not.
    """
    pairs = []
    cells = [(cell, "same m", True) for cell in WINS_SAME_M]
    cells += [(cell, "same n", cell in WINS_SAME_N) for cell in WINS_SAME_N + LOSES_SAME_N]
    for (m, n, transform), rival, wins in cells:
        other = {"same m": "same n", "same n": "same m"}[rival] if exchanged else rival
        options: dict[str, Any] = {
            "source_noise_variance": float(NOISE),
            "transform": transform,
            "rival": other,
        }
        drawn = gain_map(problem(), [m], [n], **options)
        exact, *strong = ball_risks(m, n, transform, digits)
        against = strong[0] if rival == "same m" else strong[1]
        for found, ball in ((drawn.risks, exact), (drawn.strong, against)):
            room = (3 * P + 2 + 12) * np.finfo(float).eps * (found + 2 * problem().signal.sum())
            low, high = (Fraction(float(end[0, 0])) for end in (found - room, found + room))
            pairs += [(BALLS.number(low), ball), (ball, BALLS.number(high))]
        pairs.append((0, 1 if bool(drawn.wins[0, 0]) == wins else -1))
    return pairs
