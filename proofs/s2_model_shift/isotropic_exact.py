"""Claim of section 2: what is known exactly at finite n.

Sigma = I and n < p.  A simulation has to tell these values from the deterministic
equivalents: every band is a third of the gap between the two noise parts.
"""

from collections.abc import Callable
from typing import Any

import numpy as np
import sympy

from kdverify import formulas as f
from kdverify.evidence import Claim, Comparison, Context, Step

from ..lib import sums as m
from ..lib.drawn import simulate
from ..lib.ensembles import isotropic, seed, waves
from ..lib.integrals import projector_moment

ISOTROPIC_EXACT = Claim(
    "2.isotropic-exact",
    title="Sigma = I, n < p, no noise: the risk (2) is exact at finite n",
    statement=r"\Sigma = I,\ n < p,\ \sigma = 0:\quad E R = \tfrac np\|\beta^s\|^2"
    r" - 2\tfrac np\,\beta^s\cdot\beta_* + \|\beta_*\|^2 = \bar R(\beta^s)",
    needs=("1.unique",),
    parts=("exact mean", "equal to (2)"),
    steps=[
        Step(
            "P projects onto a uniformly random subspace of dimension n: its law does not change"
            " under rotations, so that E P = E[P_11] I."
        ),
        Step(
            "P_11 = chi^2_n / (chi^2_n + chi^2_(p-n)) ~ Beta(n/2, (p-n)/2), with mean n/p."
            " Since P^2 = P, no second moment is needed.",
            lambda: by_first_moment(),
        ),
        Step(
            "Here tau = (p-n)/n solves (1), zeta = 1 - n/p and Omega = n/p: in (2) the two terms"
            " in |beta^s|^2 add up to n/p.",
            lambda: isotropic_equivalent()[0],
        ),
    ],
)


Formula = Callable[..., Any]


def isotropic_modes() -> dict[str, Any]:
    """tau, Omega and their complements for Sigma = I, n < p, from (1)."""
    tau = (m.p - m.n) / m.n
    zeta, learnt = f.split_mode(1, tau)
    return {
        "residual": f.fixed_point_residual(m.p * learnt, m.n, total=lambda shares: shares),
        "zeta": zeta,
        "one_minus_zeta": learnt,
        "omega": f.omega(m.p * f.learnt_square(learnt), m.n),
        "one_minus_omega": f.one_minus_omega(m.p * f.spread(zeta, learnt), m.n),
    }


def isotropic_equivalent() -> list[Any]:
    """(2) for Sigma = I without noise, and the residual of (1)."""
    at = isotropic_modes()
    residual = at.pop("residual")
    return [f.risk(1, m.surrogate, m.beta_star, **at, total=m.total), residual]


def isotropic_exact(formula: Formula = f.isotropic_risk) -> Any:
    """The exact formula."""
    s, b = m.surrogate, m.beta_star
    return formula(m.total(s * s), m.total(s * b), m.total(b * b), m.n, m.p)


ISOTROPIC_EXACT.identity("equal to (2)", lambda: (isotropic_equivalent(), [isotropic_exact(), 0]))


def by_first_moment() -> Any:
    """E |P s - b|^2 = s' E[P] s - 2 s' E[P] b + |b|^2 with E[P] = E[P_11] I."""
    s, b = m.surrogate, m.beta_star
    return m.total((s * s - 2 * s * b) * projector_moment(1, m.n, m.p) + b * b)


exact_mean = ISOTROPIC_EXACT.identity("exact mean", lambda: (by_first_moment(), isotropic_exact()))
exact_mean.but(
    "|E[P] beta^s - beta*|^2, without the fluctuations of P",
    sides=lambda: (by_first_moment(), isotropic_exact(squared_mean)),
)


@ISOTROPIC_EXACT.identity("n = 1, p = 3", note="integral over the sphere")
def on_the_sphere() -> tuple[Any, Any]:
    """n = 1, p = 3: E |P s - b|^2 as an integral over the sphere, and the formula."""
    theta, phi = sympy.symbols("theta phi", real=True)
    s, b = sympy.Matrix(sympy.symbols("s_1:4")), sympy.Matrix(sympy.symbols("b_1:4"))
    pole = sympy.Matrix(
        [sympy.sin(theta) * sympy.cos(phi), sympy.sin(theta) * sympy.sin(phi), sympy.cos(theta)]
    )
    error = pole * pole.dot(s) - b
    integrand = sympy.expand(error.dot(error) * sympy.sin(theta))
    around = sympy.integrate(integrand, (phi, 0, 2 * sympy.pi))
    mean = sympy.integrate(sympy.expand(around), (theta, 0, sympy.pi)) / (4 * sympy.pi)
    return mean, f.isotropic_risk(s.dot(s), s.dot(b), b.dot(b), 1, 3)


@ISOTROPIC_EXACT.agreement("exact mean", note="p = 20, n = 10")
def isotropic_simulation(context: Context, theory: Formula = f.isotropic_risk) -> Comparison:
    """Three surrogates at p = 20, n = 10; the noise part's finite-size error is 1/(p - n - 1)."""
    problem, n = isotropic(20), 10
    b = problem.beta_modes
    surrogates = [b, waves(20, 1.7), 2 * b - waves(20, 0.4)]
    trials = context.trials(1000)
    run = simulate(problem, n, surrogates, trials, seed(context, "risk"), workers=context.workers)
    exact = np.array([theory(s @ s, s @ b, b @ b, n, problem.p) for s in surrogates])
    band = exact / (problem.p - n - 1) / 3
    return Comparison("risk", run.means, run.standard_errors, run.degrees_of_freedom, exact, band)


def squared_mean(energy: Any, overlap: Any, truth: Any, n: Any, p: Any) -> Any:
    """The wrong variant |E[P] s - b|^2: P fluctuates."""
    return f.isotropic_risk(energy * n / p, overlap, truth, n, p)


isotropic_simulation.but(
    "|E[P] beta^s - beta*|^2, without the fluctuations of P", theory=squared_mean
)
