"""Claim of section 2: what is known exactly at finite n.

Sigma = I and n < p.  A simulation has to tell these values from the deterministic
equivalents: every band is a third of the gap between the two noise parts.
"""

from typing import Any

import sympy

from kdverify import equivalents
from kdverify import formulas as f
from kdverify.evidence import Claim, Comparison, Context, Step

from ..lib import sums as m
from ..lib.drawn import simulate
from ..lib.ensembles import isotropic, seed
from ..lib.integrals import mean_inverse_wishart_trace
from .isotropic_exact import isotropic_modes

ISOTROPIC_NOISE = Claim(
    "2.isotropic-noise",
    title="Sigma = I: the exact noise part, and the finite-size error of (2)",
    statement=r"\Sigma = I,\ n < p-1:\quad E R_{\rm noise} = \frac{\sigma^2 n}{p-n-1},"
    r"\ \text{where (2) has}\ \frac{\sigma^2 n}{p-n}:\ \text{a relative error of order}\ 1/n",
    source="classic",
    needs=("2.isotropic-exact",),
    parts=("exact mean", "order of the error"),
    steps=[
        Step("The noise part is sigma^2 E tr (XX')^-1, XX' an n x n Wishart matrix."),
        Step(
            "1/((XX')^-1)_11 is the squared length of the first row's part that is orthogonal to"
            " the n - 1 others (Schur complement): a chi^2 of p - n + 1 degrees of freedom.",
            lambda: schur_complement()[1],
        ),
        Step(
            "E 1/chi^2_k = 1/(k - 2): n times that, at k = p - n + 1.",
            lambda: isotropic_noise()[0],
        ),
    ],
)


@ISOTROPIC_NOISE.identity("exact mean")
def isotropic_noise() -> tuple[Any, Any]:
    """The exact noise part by inverse chi-squares, and by the formula."""
    return m.noise * mean_inverse_wishart_trace(m.n, m.p), f.isotropic_noise_risk(m.noise, m.n, m.p)


@ISOTROPIC_NOISE.identity("n = 2, p = 3", note="lemma: the Schur complement")
def schur_complement() -> tuple[Any, Any]:
    """1/(W^-1)_11, and what the first row has left beside the second: n = 2, p = 3."""
    rows = sympy.Matrix(2, 3, sympy.symbols("g_1:7", real=True))
    first, second = rows.row(0), rows.row(1)
    left_over = first - first.dot(second) / second.dot(second) * second
    return 1 / (rows * rows.T).inv()[0, 0], left_over.dot(left_over)


@ISOTROPIC_NOISE.limit(
    "order of the error",
    note="n times the relative error, n = kappa p",
    symbol="n",
    point="oo",
    value=lambda: finite_size_constant(),
    samples=lambda: small_kappas(),
    but={"an error of smaller order than 1/n": {"value": 0}},
)
def finite_size_error() -> Any:
    """n times the relative gap between the exact noise part and that of (2), at n = kappa p."""
    kappa = sympy.Symbol("kappa", positive=True)
    at = isotropic_modes()
    equivalent = f.noise_trace(at["omega"], at["one_minus_omega"])
    ratio = f.isotropic_noise_risk(1, m.n, m.p) / equivalent
    return (m.n * (ratio - 1)).subs(m.p, m.n / kappa)


def finite_size_constant() -> Any:
    """kappa / (1 - kappa)."""
    kappa = sympy.Symbol("kappa", positive=True)
    return kappa / (1 - kappa)


def small_kappas() -> list[dict[Any, Any]]:
    """Points of the domain."""
    return [{sympy.Symbol("kappa", positive=True): sympy.Rational(1, k)} for k in (2, 3)]


@ISOTROPIC_NOISE.agreement(
    "exact mean", but={"sigma^2 n/(p - n), the value of (2)": {"exact": False}}
)
def noise_simulation(context: Context, exact: bool = True) -> list[Comparison]:
    """The noise trace for Sigma = I, against the exact value or that of (2)."""
    comparisons = []
    for p, n in ((20, 10), (60, 20)):
        at = equivalents(isotropic(p), n)
        trials, key = context.trials(3000), seed(context, p)
        run = simulate(isotropic(p), n, trials=trials, seed=key, workers=context.workers)
        known = f.isotropic_noise_risk(1.0, n, p)
        equivalent = f.noise_trace(at.omega, at.one_minus_omega)
        comparisons.append(
            Comparison(
                f"noise trace, p={p}, n={n}",
                run.noise_trace,
                run.noise_trace_standard_error,
                run.degrees_of_freedom,
                known if exact else equivalent,
                (known - equivalent) / 3,
            )
        )
    return comparisons
