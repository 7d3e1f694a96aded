"""Claim of section 13: marginal likelihood of three numbers, from few labels."""

from typing import Any

import numpy as np
import sympy

from kdverify import formulas as f
from kdverify.evidence import Claim, Comparison, Context, Step
from kdverify.labels.likelihood import POWERS, SHARES, Evidence

from ..lib.ensembles import seed

LIKELIHOOD = Claim(
    "13.likelihood",
    title="What few labels say of the signal: three numbers, the scale integrated out",
    statement=r"y \sim N(0, vA),\ A = \rho\,W L W' + (1-\rho) I,\ L_i ="
    r" \lambda_i^q/\sum\lambda^q:\quad \log p(y \mid q, \rho) ="
    r" -\tfrac12\log|A| - \tfrac m2\log y'A^{-1}y + {\rm const}",
    source="classic",
    parts=("scale", "eigenvectors", "calibrated"),
    steps=[
        Step(
            "With the prior 1/v, the integral over v of v^(-m/2 - 1) exp(-Q/(2v)) is"
            " Gamma(m/2) (Q/2)^(-m/2)."
        ),
        Step(
            "In the eigenvectors of W L W' with eigenvalues e the law is diagonal, rho e + 1 -"
            " rho: one eigendecomposition for each q serves every rho."
        ),
        Step(
            "That real labels follow such a law is not claimed; where they do, the posterior's"
            " mean and variance are those that they should be."
        ),
    ],
)


#: Labelled sets that the trials share.
SETS = 10


@LIKELIHOOD.identity("scale", but={"m degrees fewer by two": {"lost": 2}})
def integrated(lost: int = 0) -> tuple[Any, Any]:
    """Derivatives of the log of the integral, and of `log_evidence`, by log|A| and by Q."""
    v, Q, m, determinant = sympy.symbols("v Q m D", positive=True)
    total = sympy.integrate(v ** (-m / 2 - 1) * sympy.exp(-Q / (2 * v)), (v, 0, sympy.oo))
    exact = -sympy.log(determinant) / 2 + sympy.log(total)
    stated = f.log_evidence(sympy.log(determinant), sympy.log(Q), m - lost)
    return (
        [sympy.simplify(sympy.diff(exact, by)) for by in (determinant, Q)],
        [sympy.diff(stated, by) for by in (determinant, Q)],
    )


@LIKELIHOOD.identity("eigenvectors", note="two labels", but={"noise of variance 1": {"noise": 1}})
def diagonal(noise: int | None = None) -> tuple[list[Any], list[Any]]:
    """Determinant and form of A, by its entries and by eigenvalues."""
    rho, e1, e2 = sympy.symbols("rho e_1 e_2", positive=True)
    y = sympy.Matrix(sympy.symbols("y_1 y_2", real=True))
    U = sympy.Matrix([[3, -4], [4, 3]]) / 5
    rest = 1 - rho if noise is None else noise
    A = rho * U * sympy.diag(e1, e2) * U.T + rest * sympy.eye(2)
    variances = [f.label_variance(e, rho) for e in (e1, e2)]
    inside = U.T * y
    form = sum(z**2 / variance for z, variance in zip(inside, variances, strict=True))
    return [A.det(), (y.T * A.inv() * y)[0, 0]], [variances[0] * variances[1], form]


@LIKELIHOOD.agreement(
    "calibrated",
    note="30 labels in 12 directions; q and rho even over the grid",
    but={"a likelihood to the power 20": {"temper": 20.0}},
)
def posterior(context: Context, temper: float = 1.0, trials: int = 2400) -> list[Comparison]:
    """rho less its posterior mean, and its square less the posterior variance: both 0."""
    generator = np.random.default_rng(seed(context, "labels"))
    values = np.arange(1.0, 13) ** -1.0
    gaps, excesses = [], []
    for _ in range(SETS):
        count = context.trials(trials) // SETS
        share = SHARES[generator.integers(len(SHARES), size=count)]
        rows = generator.standard_normal((30, 12)) * np.sqrt(values)
        energies = values[:, None] ** POWERS[generator.integers(len(POWERS), size=count)]
        energies *= share / energies.sum(axis=0)
        signal = generator.standard_normal((12, count)) * np.sqrt(energies / values[:, None])
        noise = generator.standard_normal((30, count)) * np.sqrt(1 - share)
        evidence = Evidence.of(rows, values, rows @ signal + noise, False, shared=False)
        chances = evidence.chances(temper).sum(axis=1)
        mean = chances @ SHARES
        gaps.append(share - mean)
        excesses.append(gaps[-1] ** 2 - (chances * np.square(SHARES - mean[:, None])).sum(axis=1))
    return [
        Comparison.of("mean", np.concatenate(gaps), 0.0, 0.03),
        Comparison.of("variance", np.concatenate(excesses), 0.0, 0.008),
    ]
