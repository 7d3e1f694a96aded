"""Claim of section 6: chains of stages, and self-training."""

from fractions import Fraction
from typing import Any

import numpy as np
import sympy

from kdverify import formulas as f
from kdverify.evidence import Claim, Step

from ..lib import sums as m
from ..lib.stages import LEVELS, level_risk, two_levels

SELF_TRAINING = Claim(
    "6.self-training",
    title="Self-training: monotone for Sigma = I; in general a best number of rounds inside",
    statement=r"\Sigma = I:\ R_k = \|\beta^*\|^2 + \Omega^k\big(\tfrac{\sigma_s^2}{1-\Omega}"
    r" - \|\beta^*\|^2\big);\quad \mathrm{tr}(\Sigma\,\mathrm{Cov}) \to 0,"
    r"\ \text{may grow first};\quad"
    r"\Sigma \ne I:\ R_2 < \min(R_1, R_3, R_\infty)\ \text{occurs}",
    source="neighbouring",
    needs=("6.chains",),
    parts=("Sigma = I", "monotone", "systematic", "vanishes", "may grow first", "interior"),
    steps=[
        Step(
            "Sigma = I: 1 - zeta = Omega = n/p. Induction: the first round is the risk on strong"
            " labels, and (7) takes round k to k + 1.",
            lambda: induction()[0][1],
        ),
        Step("R_k - R_(k+1) has the sign of sigma_s^2 - (1 - Omega)|beta*|^2, for every k."),
        Step("Any Sigma: the mean is (1 - zeta)^k beta*, so that every mode's bias grows."),
        Step(
            "Any Sigma: let L = sum lam zeta q, q the mean squares. A round adds (V/n) sum"
            " zeta (1-zeta)^2 <= V (1-zeta_min)(1-Omega), with V = sum lam zeta^2 q/(1-Omega):"
            " L falls by the factor 1 - zeta_min at least. So mean and covariance tend to 0, and"
            " R_k to sum lam beta*^2."
        ),
        Step(
            "Hence a best number of rounds inside exists as soon as some later round beats the"
            " first and the zero model: noise that a round removes, in modes whose bias grows"
            " slowly. Two levels 4 and 1/4, beta* = (1, 1/4), sigma_s^2 = 1."
        ),
    ],
)


def isotropic_symbols() -> tuple[Any, ...]:
    """Omega, Omega^k, |beta*|^2, sigma_s^2, p."""
    return sympy.symbols("Omega q B sigma^2 p", positive=True)


def isotropic_round(bias_factor: Any, spread: Any, noise: Any = 0) -> Any:
    """Risk after a round for Sigma = I, from mean ``bias_factor`` beta* and tr Cov ``spread``."""
    omega, _, truth, _, p = isotropic_symbols()
    zeta, learnt = 1 - omega, omega
    leftover = zeta**2 * (bias_factor**2 * truth + spread)
    scale = f.trained_scale(leftover, 1 - omega, noise)
    added = p * f.trained_variance(scale, p * omega, learnt, 1 / learnt)
    return (1 - bias_factor * learnt) ** 2 * truth + learnt**2 * spread + added


@SELF_TRAINING.identity(
    "Sigma = I", note="induction over rounds", but={"Omega^(k+2)": {"shift": 1}}
)
def induction(shift: int = 0) -> tuple[list[Any], list[Any]]:
    """First round, and round k + 1 from round k; by the closed form and by (7)."""
    omega, q, truth, noise, _ = isotropic_symbols()

    def closed(power: Any) -> Any:
        return f.isotropic_chain_risk(power, 1 - omega, truth, noise)

    spread = closed(q) - (1 - q) ** 2 * truth
    left = [closed(omega), closed(q * omega ** (1 + shift))]
    return left, [isotropic_round(1, 0, noise), isotropic_round(q, spread)]


@SELF_TRAINING.forall(
    "monotone",
    witness={"Omega": "1/2", "q": "1/2", "B": 1, "s": 1},
    but={"the threshold's side": {"flipped": True}},
)
def monotone(smt: Any, flipped: bool = False) -> Any:
    """Whether a round helps does not depend on the round."""
    omega, q, truth, noise = (smt.Real(x) for x in ("Omega", "q", "B", "s"))
    assumptions = [omega > 0, omega < 1, q > 0, q <= 1, truth > 0, noise >= 0]
    before, after = (
        f.isotropic_chain_risk(power, 1 - omega, truth, noise) for power in (q, q * omega)
    )
    large = noise < truth * (1 - omega) if flipped else noise > truth * (1 - omega)
    return assumptions, (after < before) == large


@SELF_TRAINING.forall("systematic")
def systematic(smt: Any) -> Any:
    """The systematic part of every mode grows with each round."""
    zeta, q = smt.Real("zeta"), smt.Real("q")
    before = 1 - q
    after = 1 - f.coordinate_mean(q, 1 - zeta)
    return [zeta > 0, zeta < 1, q > 0, q <= 1], after * after > before * before


@SELF_TRAINING.forall(
    "vanishes", but={"the factor 1 - 2 zeta_min": {"bound": lambda least: 1 - 2 * least}}
)
def contraction(smt: Any, bound: Any = lambda least: 1 - least) -> Any:
    """(1-zeta)^2 + zeta (1-zeta_min) <= 1 - zeta_min."""
    zeta, least = smt.Real("zeta"), smt.Real("least")
    kept = f.learnt_square(1 - zeta) + zeta * (1 - least)
    return [least > 0, least <= zeta, zeta < 1], kept <= bound(least)


@SELF_TRAINING.forall("vanishes")
def fed_back(smt: Any) -> Any:
    """zeta (1-zeta)^2 <= (1-zeta_min) zeta (1-zeta)."""
    zeta, least = smt.Real("zeta"), smt.Real("least")
    square = zeta * f.learnt_square(1 - zeta)
    return [least > 0, least <= zeta, zeta < 1], square <= (1 - least) * f.spread(zeta, 1 - zeta)


@SELF_TRAINING.identity("vanishes")
def weighted_variance() -> tuple[Any, Any]:
    """lam zeta times the added variance: (V/n) zeta (1-zeta)^2."""
    zeta, learnt = m.split()
    scale = sympy.Symbol("V", positive=True)
    added = f.trained_variance(scale, m.n, learnt, m.lam + m.tau)
    return m.lam * zeta * added, scale / m.n * zeta * f.learnt_square(learnt)


def rounds(noise: int = 1) -> list[Any]:
    """Two levels, p = 2n, beta* = (1, 1/4): risks of three rounds and of the zero model."""
    at = two_levels()
    truth = np.array([Fraction(1), Fraction(1, 4)], dtype=object)
    mean, square = at.trained(truth, truth * truth, Fraction(noise))
    risks = []
    for _ in range(3):
        risks.append(level_risk(mean, square, truth))
        mean, square = at.trained(mean, square)
    return [*risks, sum(LEVELS * truth * truth)]


@SELF_TRAINING.below("interior", note="exact fractions", but={"without label noise": {"noise": 0}})
def interior(digits: int, noise: int = 1) -> list[tuple[Any, Any]]:
    """The second round beats the first, the third and the limit."""
    first, second, third, limit = rounds(noise)
    return [(second, first), (second, third), (second, limit)]


def spreads(second: str = "1/4") -> list[Any]:
    """Two levels, no noise, beta* = (1, second): tr(Sigma Cov) after each of four rounds."""
    at = two_levels()
    truth = np.array([Fraction(1), Fraction(second)], dtype=object)
    mean, square = at.trained(truth, truth * truth)
    found = []
    for _ in range(4):
        found.append(sum(LEVELS * (square - mean * mean)))
        mean, square = at.trained(mean, square)
    return found


@SELF_TRAINING.below(
    "may grow first",
    note="exact fractions",
    but={"signal in the second level": {"second": "4"}},
)
def growth(digits: int, second: str = "1/4") -> list[tuple[Any, Any]]:
    """It grows for two rounds, then falls."""
    first, next_one, third, fourth = spreads(second)
    return [(first, next_one), (next_one, third), (fourth, third)]
