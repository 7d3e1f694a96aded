"""Claim of section 2: least squares, n >= p without ridge."""

import warnings
from fractions import Fraction
from typing import Any

import flint
import numpy as np
import sympy

from kdverify import Problem, Spectrum, curve, risk
from kdverify import formulas as f
from kdverify.evidence import Claim, Comparison, Context, Step
from kdverify.gaussian.certified import certificate

from ..lib import sums as m
from ..lib import words as w
from ..lib.balls import number
from ..lib.drawn import simulate
from ..lib.ensembles import seed, two_levels, waves
from ..lib.integrals import mean_inverse_wishart_trace, reciprocal_of_truncated_mean
from ..lib.modes import Pairs
from ..lib.sums import split
from ..lib.words import whitened_trace

LEAST_SQUARES = Claim(
    "2.least-squares",
    title="n >= p without ridge: the exact risk of least squares, and where it has no mean",
    statement=r"n > p+1:\ E R = \|\Sigma^{1/2}(\beta^s-\beta_*)\|^2 + \frac{\sigma^2 p}{n-p-1};"
    r"\quad E R = \infty\ \text{for}\ n \in \{p-1, p, p+1\},\ \sigma > 0;"
    r"\quad \delta \to 0:\ \tau \to 0,\ \Omega \to p/n",
    source="classic",
    needs=("2.isotropic-noise", "1.ridge-limit"),
    parts=("signal part", "noise part", "no finite mean", "limit of ridge"),
    steps=[
        Step("Without noise least squares returns beta^s: its risk as a predictor is left."),
        Step(
            "tr Sigma (X'X)^-1 = tr (G'G)^-1 for X = G Sigma^(1/2): Sigma drops out, and G'G is"
            " a p x p Wishart matrix with n degrees of freedom: p E 1/chi^2_(n-p+1).",
            lambda: least_squares_noise()[0],
        ),
        Step(
            "|n - p| + 1 <= 2 degrees of freedom: the density of chi^2 over x is not integrable"
            " at 0, so that the mean is infinite at n = p - 1, p, p + 1. For n >= p Sigma drops"
            " out; for n = p - 1 the trace is at least lambda_min/lambda_max times that of I.",
            lambda: above_isotropic()[1][0],
        ),
        Step(
            "A ridge delta -> 0 has tau -> 0: zeta -> 0, so that n Omega -> p, and delta/tau"
            " -> n - p by (1). The noise part of (2) tends to sigma^2 p/(n - p), not to the"
            " exact mean.",
            lambda: summed_limits()[0][1],
        ),
    ],
)


@LEAST_SQUARES.identity("noise part")
def least_squares_noise() -> tuple[Any, Any]:
    """The exact noise part by inverse chi-squares, and by the formula."""
    return m.noise * mean_inverse_wishart_trace(m.p, m.n), f.ols_noise_risk(m.noise, m.n, m.p)


@LEAST_SQUARES.identity("noise part", note="lemma: any Sigma: words in matrices of any size")
def whitened() -> tuple[list[Any], list[Any]]:
    """The noise trace does not depend on Sigma."""
    return whitened_trace()


@LEAST_SQUARES.identity(
    "signal part",
    note="lemma: words: least squares of any size recovers the surrogate",
    but={"without the inverse": {"inverted": False}},
)
def recovered(inverted: bool = True) -> tuple[list[Any], ...]:
    """Least squares on the labels X beta^s, ``(X'X)^-1 X'X beta^s``, and beta^s."""
    X, Xt, inverse, teacher = sympy.symbols("X X^T V s", commutative=False)
    rules = [(inverse * Xt * X, sympy.Integer(1))] if inverted else []
    return w.coefficients(w.normal_word(inverse * Xt * X * teacher, rules), teacher)


@LEAST_SQUARES.identity(
    "no finite mean",
    note="lemma: n = p - 1, any Sigma: words",
    but={"without what is above the least eigenvalue": {"split": False}},
)
def above_isotropic(split: bool = True) -> tuple[list[Any], list[Any]]:
    """The noise trace of Sigma is no less than a multiple of that of I, whose mean is infinite."""
    return w.noise_trace_below(split)


@LEAST_SQUARES.identity("no finite mean", note="lemma: inverses fall: words")
def inverses_fall() -> tuple[list[Any], ...]:
    """``M' - M`` for ``M'^-1 <= M^-1`` is the sum of two squares."""
    return w.coefficients(*w.monotone())


@LEAST_SQUARES.identity("signal part")
def signal_part() -> tuple[Any, Any]:
    """|Sigma^(1/2)(beta^s - beta*)|^2 by the formula and multiplied out, any number of modes."""
    s, b, lam = m.surrogate, m.beta_star, m.lam
    squares = m.total(lam * s * s) - 2 * m.total(lam * s * b) + m.total(lam * b * b)
    return f.predictor_risk(lam, s, b, m.total), squares


@LEAST_SQUARES.agreement(
    "noise part",
    note="signal part as well",
    but={"sigma^2 p/(n - p), the limit of ridge in (2)": {"gap": 0}},
)
def least_squares_simulation(context: Context, gap: int = 1) -> list[Comparison]:
    """Two surrogates at n > p; ``gap=0``: the noise part p/(n - p) that (2) tends to.

    The band is a third of the gap between the two noise parts.
    """
    comparisons = []
    for p, n in ((20, 40), (30, 50)):
        problem = two_levels(p)
        surrogates = [problem.beta_modes, problem.beta_modes + 0.1 * waves(p, 1.7)]
        trials, key = context.trials(2000, full=12000), seed(context, n)
        run = simulate(
            problem, n, surrogates, trials, key, noise_variance=1.0, workers=context.workers
        )
        lam, truth = problem.spectrum.eigenvalues, problem.beta_modes
        shift = [f.predictor_risk(lam, surrogate, truth) for surrogate in surrogates]
        exact = f.ols_noise_risk(1.0, n, p)
        limit = f.variance_factor(
            f.unregularised_omega(n, p), f.unregularised_one_minus_omega(n, p)
        )
        noise = exact if gap else limit
        comparisons.append(
            Comparison(
                f"risk, p={p}, n={n}",
                run.means,
                run.standard_errors,
                run.degrees_of_freedom,
                [part + noise for part in shift],
                (exact - limit) / 3,
            )
        )
    return comparisons


@LEAST_SQUARES.limit(
    "no finite mean",
    symbol="epsilon",
    point=0,
    value=0,
    note="lemma: 1/E[1/chi^2], 2 degrees of freedom",
    degrees=2,
    but={"3 degrees of freedom: n = p + 2": {"degrees": 3}},
)
@LEAST_SQUARES.limit(
    "no finite mean",
    symbol="epsilon",
    point=0,
    value=0,
    note="lemma: 1/E[1/chi^2], 1 degree of freedom",
    degrees=1,
)
def truncated(degrees: int) -> Any:
    """1 / E[1/chi^2; epsilon < chi^2 < 1]."""
    return reciprocal_of_truncated_mean(degrees)


@LEAST_SQUARES.below("p = 20", note="kdverify.risk is infinite", but={"no noise": {"noise": 0.0}})
def reported_as_infinite(digits: int, noise: float = 1.0) -> Pairs:
    """`kdverify.risk` at n = p and p + 1 exceeds every double-precision number."""
    for n in (20, 21):
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            value = risk(two_levels(20), n, noise_variance=noise)
        yield flint.arb(2) ** 1024, flint.arb(value)


@LEAST_SQUARES.limit("limit of ridge", symbol="tau", point=0, note="n Omega", which=0)
@LEAST_SQUARES.limit("limit of ridge", symbol="tau", point=0, note="n (1 - Omega)", which=1)
@LEAST_SQUARES.limit("limit of ridge", symbol="tau", point=0, note="degrees of freedom", which=2)
def one_mode_near_zero(which: int) -> tuple[Any, Any]:
    """One mode's part of n Omega, of n (1 - Omega) and of the degrees of freedom: 1, 0, 1."""
    zeta, learnt = split()
    return [(f.learnt_square(learnt), 1), (f.spread(zeta, learnt), 0), (learnt, 1)][which]


@LEAST_SQUARES.identity("limit of ridge", note="any number of modes")
def summed_limits() -> tuple[list[Any], list[Any]]:
    """Omega and 1 - Omega from the modes' limits, delta/tau -> n - p by (1); the formulas."""
    ridge_over_tau = -f.fixed_point_residual(m.p, m.n, total=lambda shares: shares)
    sums = [f.omega(m.p, m.n), f.one_minus_omega(0, m.n, ridge_over_tau)]
    return sums, [f.unregularised_omega(m.n, m.p), f.unregularised_one_minus_omega(m.n, m.p)]


def exact_risk(surrogate: np.ndarray, n: int, noise: Fraction, p: int = 8) -> Any:
    """``sum lam (s - b)^2 + sigma^2 p/(n - p - 1)`` for lam = 1/i, beta* = 1, on balls."""
    missed = sum(
        (number(Fraction(float(s)) - 1) ** 2 / (i + 1) for i, s in enumerate(surrogate)), number(0)
    )
    return missed + (number(noise) * p / (n - p - 1) if noise else 0)


@LEAST_SQUARES.below(
    "as run",
    note="risk, curve and certificate at n = p, p + 2 and 25; relative 1e-12",
    but={"n + 1": {"more": 1}, "half of the noise": {"share": Fraction(1, 2)}},
)
def as_run(digits: int, more: int = 0, share: Fraction = Fraction(1)) -> Pairs:
    """Risks of any surrogate, best surrogate and mask, Omega and 1 - Omega, beside fractions."""
    problem = Problem(Spectrum.power_law(8, 1), np.ones(8))
    surrogate, close = np.array([1, 0.5, 2, 1, -1, 1, 0.25, 0]), Fraction(1, 10**12)
    for n, noise in ((8, Fraction(0)), (10, Fraction(1)), (25, Fraction(1, 4))):
        proof = certificate(problem, n, noise, digits=digits)
        drawn = curve(problem, [n, n], float(noise))
        taught = exact_risk(surrogate, n + more, noise * share)
        yield abs(flint.arb(risk(problem, n, surrogate, float(noise))) / taught - 1), close
        yield abs(proof.risk(np.array([number(Fraction(s)) for s in surrogate])) - taught), close
        own = exact_risk(np.ones(8), n + more, noise * share)
        omega, rest = number(Fraction(8, n)), number(Fraction(n - 8, n))
        for name in ("standard", "optimal", "masked"):
            yield abs(flint.arb(float(getattr(drawn, name)[1])) - own), close
            yield abs(getattr(proof, name) - own), close
        for found in (drawn.omega[0], proof.equivalents.omega):
            yield abs(found - omega), close
        for found in (drawn.one_minus_omega[0], proof.equivalents.one_minus_omega):
            yield abs(found - rest), close
