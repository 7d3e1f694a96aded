"""Claim of section 6: trained on one covariance, measured on another."""

from fractions import Fraction
from typing import Any

import numpy as np

from kdverify import formulas as f
from kdverify.evidence import Claim, Comparison, Context, Step
from kdverify.stages import Stage, chain_risks

from ..lib.stages import (
    LEVELS,
    Chain,
    predicted,
    settings,
    simulated,
    spectrum_of,
    two_levels,
)

JOINT_DIAGONAL = Claim(
    "6.joint-diagonal",
    title="Eigenvalues alone do not tell: the eigenvectors of Sigma_s matter",
    statement=r"\Sigma_s \to Q\Sigma_sQ^\top\ \text{changes the covariate-shift and the S2T risk}",
    needs=("6.two-stage",),
    parts=("example", "simulated"),
    steps=[
        Step("The same eigenvalues give the same tau_s and Omega_s, but another A beta*."),
        Step("Two modes, eigenvalues 4 and 1/4, m = 1: all numbers are rational."),
    ],
)


@JOINT_DIAGONAL.below("example", but={"turned by (1, 0)": {"turn": (Fraction(1), Fraction(0))}})
def turned_risks(
    digits: int, turn: tuple[Fraction, Fraction] = (Fraction(3, 5), Fraction(4, 5))
) -> list[tuple[Any, Any]]:
    """Covariate-shift risk with Sigma_s diagonal, and turned by (3, 4)/5: p = 2, m = 1."""
    at = two_levels()
    truth = np.array([Fraction(1), Fraction(1, 2)], dtype=object)
    cosine, sine = turn
    results = []
    for basis in (((1, 0), (0, 1)), ((cosine, -sine), (sine, cosine))):
        axes = np.array(basis, dtype=object)
        own = axes.T @ truth
        mean, square = at.trained(own, own * own)
        covariance = (axes * (square - mean * mean)) @ axes.T
        results.append(f.mean_variance_risk(LEVELS, axes @ mean, covariance.diagonal(), truth))
    return [(results[0], results[1])]


@JOINT_DIAGONAL.agreement(
    "simulated",
    note="p = 60, m = n = 30",
    but={"the commuting Sigma_s of the same eigenvalues": {"as_if_commuting": True}},
)
def turning(context: Context, as_if_commuting: bool = False) -> list[Comparison]:
    """The turned setting against its own prediction, or that of the commuting one."""

    def commuting(case: Chain) -> list[float]:
        first, second = case.stages
        source = spectrum_of(first.source, case.problem)
        aligned = Stage(first.n, source, first.noise_variance)
        return chain_risks(case.problem, [aligned, second])

    theory = commuting if as_if_commuting else predicted
    return simulated(context, [settings(context)[2]], theory, first=1, share=0.5)


turning.shifted(-1)
