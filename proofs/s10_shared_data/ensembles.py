"""Claims 10.ensemble, 10.subagging and 10.ensemble-peak: means of students on subsets."""

import math
from fractions import Fraction
from typing import Any

import numpy as np
import sympy

from kdverify import Problem, Spectrum, ensemble_risk, risk, subagging_ridge
from kdverify import formulas as f
from kdverify.arithmetic import BALLS
from kdverify.evidence import Claim, Comparison, Context, Step
from kdverify.gaussian import certified
from kdverify.gaussian.shared import ensemble_law

from ..lib import batches as b
from ..lib import copies as c
from ..lib import sums as m
from ..lib.modes import Pairs
from .crossed import with_itself

ENSEMBLE = Claim(
    "10.ensemble",
    title="The mean of B students, each on k of n samples",
    statement=r"R_B \approx \frac{R_k}{B} + \Big(1-\frac1B\Big)\,\text{(13 with }n_0=k^2/n)",
    source="classic",
    needs=("10.crossed",),
    parts=("mean of members", "overlap", "law", "simulated"),
    steps=[
        Step(
            "The square of a mean of B exchangeable errors has B own and B (B - 1) crossed"
            " products.",
            lambda: members()[0],
        ),
        Step("Two subsets share k^2/n samples in the mean (hypergeometric)."),
        Step(
            "The covariance of two members is (7) polarised; with the means it gives the same"
            " risk, so that an ensemble has a law and can be a teacher.",
        ),
    ],
)


@ENSEMBLE.identity("mean of members", but={"1/B^2 of the own risk": {"power": 2}})
def members(power: int = 1) -> tuple[Any, Any]:
    """(B R + B (B - 1) C)/B^2."""
    single, crossed, count = sympy.symbols("R C B", positive=True)
    mean = (count * single + count * (count - 1) * crossed) / count**2
    return mean, f.ensemble_risk(single, crossed, 1 / count**power)


@ENSEMBLE.identity("overlap")
def overlap() -> tuple[Any, Any]:
    """The mean of the hypergeometric law for n = 6, k = 4, summed."""
    n, k = 6, 4
    ways = sympy.binomial(n, k)
    mean = sum(j * sympy.binomial(k, j) * sympy.binomial(n - k, k - j) / ways for j in range(k + 1))
    return mean, f.subsample_overlap(sympy.Integer(k), sympy.Integer(n))


@ENSEMBLE.identity("law", note="sum lam Cov of two members is the second part of (13), any p")
def law() -> tuple[Any, Any]:
    """The covariance of two students of different ridges on shared samples."""
    learnt = m.split()[1]
    n_0, scale = sympy.symbols("n_0 V", positive=True)
    one = f.trained_covariance(scale, n_0, m.n, m.n, learnt, m.lam + m.tau)
    omega = f.shared_omega(m.ridge_total(learnt * learnt), n_0, m.n, m.n)
    return m.ridge_total(m.lam * one), omega * scale


@ENSEMBLE.below("p = 20", but={"two members in the place of five": {"claimed": 2}})
def law_by_the_library(digits: int, claimed: int = 5) -> Pairs:
    """The ensemble's law has the ensemble's certified risk."""
    ball = ensemble_risk(b.EXACT, 16, 9, 5, None, "0.5", "0.25", digits=digits)
    found = ensemble_law(b.EXACT, 16, 9, claimed, 0.5, 0.25).risk(b.EXACT)
    yield abs(type(ball)(found) - ball), ball / 10**12


def halves_together(ridge: float) -> c.Measured:
    """The mean of three students, each on half of the samples."""

    def measured(on: c.Copies, draw: np.random.Generator, trials: int) -> Any:
        sample = on.sample(draw, trials, 24)
        fits = [c.Fit(on, sample, ridge, u) for u in c.halves(sample.size, 3)]
        one = c.mean_of(fits, on.truth, 0.3)
        return c.excess(on, one), lambda: c.ensemble_means(on, fits)

    return measured


@ENSEMBLE.agreement(
    "simulated", note="3 members on 12 of 24 samples, 6 of which two share; with and without ridge"
)
def subsets(context: Context, members: float = 3) -> list[Comparison]:
    """Means of students on subsets of the same samples."""
    found = []
    for ridge in (0.0, 0.8):
        theory = ensemble_risk(b.PROBLEM, 24, 12, members, None, 0.3, ridge)
        name, order = f"ridge {ridge:g}", b.band(12, ridge)
        run = halves_together(ridge)
        found.append(c.extrapolated(context, name, b.PROBLEM, run, theory, order))
    return found


subsets.but("one member", members=1)
subsets.shifted(1.0)

SUBAGGING = Claim(
    "10.subagging",
    title="All subsets together are one ridge student of all samples",
    statement=r"B\to\infty:\ \omega = \frac1n\sum_i(1-\zeta_k)^2,\quad R_\infty ="
    r" \bar R(n, \delta),\ \delta = \tau_k\Big(n-\sum_i(1-\zeta_k)\Big)",
    source="classic",
    needs=("10.ensemble", "1.ridge"),
    parts=("omega", "root", "risk"),
    steps=[
        Step("With n_0 = k^2/n the k's cancel in omega.", lambda: same_omega()[0]),
        Step(
            "At that ridge the root of (1) for all n samples is tau_k, so that zeta and Omega are"
            " those of (13).",
            lambda: same_root()[0],
        ),
    ],
)


@SUBAGGING.identity("omega", but={"n_0 = k": {"power": 1}})
def same_omega(power: int = 2) -> tuple[Any, Any]:
    """omega of two subsets, and Omega of all n samples at the same tau."""
    square, k, n = sympy.symbols("S k n", positive=True)
    shared = f.subsample_overlap(k, n) if power == 2 else k
    return f.shared_omega(square, shared, k, k), f.omega(square, n)


@SUBAGGING.identity("root")
def same_root() -> tuple[Any, Any]:
    """(1) for n samples at the ridge of the subsets."""
    learnt, tau, n = sympy.symbols("L tau n", positive=True)
    ridge = f.subagging_ridge(tau, n, learnt)
    return f.fixed_point_residual(learnt, n, ridge / tau, lambda value: value), sympy.Integer(0)


@SUBAGGING.identity("risk", note="(13) with this omega is (2), any number of modes")
def same_risk() -> tuple[Any, Any]:
    """(13) of two members whose subsets share k^2/n samples, and (2) at the same tau."""
    k = sympy.Symbol("k", positive=True)
    overlap = f.subsample_overlap(k, m.n)
    omega = f.shared_omega(m.ridge_total(m.split()[1] ** 2), overlap, k, k)
    return with_itself(omega)


@SUBAGGING.below("p = 20", but={"the ridge of 8 of 16": {"size": 8}})
def by_the_library(digits: int, size: int = 9) -> Pairs:
    """The ensemble of all 9 of 16 against the certified ridge student."""
    ridge = subagging_ridge(b.EXACT, 16, size)
    found = ensemble_risk(b.EXACT, 16, 9, math.inf, None, 0.5)
    ball = certified.risk(b.EXACT, 16, None, "0.5", ridge, digits)
    yield abs(type(ball)(found) - ball), ball / 10**12


PEAK = Claim(
    "10.ensemble-peak",
    title="False: an ensemble of ridgeless students keeps the double descent",
    statement=r"k\to p:\ R_\infty \to \infty\ \text{as that of one ridgeless student (false)}",
    source="classic",
    needs=("10.subagging",),
    expect="refuted",
    steps=[
        Step(
            "Sigma = I: omega = k^2/n / p for k < p, so that at k -> p and n = 2p the noise part"
            " tends to sigma^2, while that of one member, sigma^2 k/(p - k), has no bound.",
            lambda: isotropic_noise()[0],
        ),
        Step(
            "What is left of the peak is R_k/B. With the best k the ensemble is the student with"
            " the best ridge, whose risk falls with n (10.best-ridge-falls)."
        ),
    ],
)

ratio = sympy.Symbol("x", positive=True)


def isotropic_noise() -> tuple[Any, Any]:
    """Noise parts at k = x p, n = 2p for Sigma = I: of the ensemble, and of one member."""
    together = f.shared_omega(ratio**2, f.subsample_overlap(ratio, sympy.Integer(2)), ratio, ratio)
    return f.variance_factor(together, 1 - together), f.variance_factor(ratio, 1 - ratio)


@PEAK.limit("whole", symbol=ratio, point=sympy.Integer(1), direction="-", value=1)
def at_the_peak() -> Any:
    """The ensemble's noise part over that of one member as k -> p: to 1, it is said."""
    together, alone = isotropic_noise()
    return together / alone


@PEAK.below("whole", note="p = 20, n = 2p: above 100 sigma^2 at k = 0.999 p, it is said")
def stays_bounded(digits: int, members: float = math.inf) -> Pairs:
    """100 sigma^2, and the certified risk of the ensemble."""
    flat = Problem(Spectrum(np.ones(20)), np.zeros(20))
    size = Fraction(1998, 100)
    yield 100, ensemble_risk(flat, 40, size, members, None, 1, digits=digits)


@PEAK.below("one member", but={"of the ensemble": {"members": math.inf}})
def one_member(digits: int, members: float = 1) -> Pairs:
    """For one member it is true."""
    return stays_bounded(digits, members)


@PEAK.below("a finite ensemble", note="k = n: one student, p = 30", but={"a half": {"part": 0.5}})
def doubles(digits: int, part: float = 1.0) -> Pairs:
    """The ensemble on all samples is the student itself."""
    del digits
    found = BALLS.number(ensemble_risk(b.PROBLEM, 18, 18, 7, None, 0.3))
    yield abs(found * part - risk(b.PROBLEM, 18, None, 0.3)), found / 10**12
