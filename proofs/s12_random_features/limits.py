"""Claim 12.limits: infinitely many features, no ridge on either side of n = q, and Sigma = I."""

from fractions import Fraction
from typing import Any

import numpy as np
import sympy

from kdverify import Problem, Spectrum
from kdverify import formulas as f
from kdverify.arithmetic import BALLS
from kdverify.evidence import Claim, Comparison, Context, Step
from kdverify.gaussian import certified as gaussian
from kdverify.random_features import certified

from ..lib.drawn import simulate
from ..lib.ensembles import seed, waves
from ..lib.features import NOISE, mode, sums
from ..lib.modes import Pairs

CLAIM = Claim(
    id="12.limits",
    title="q to infinity is (2); without ridge the smaller of n and q sets nu, the gap the peak",
    statement=r"q\to\infty:\ \eta\to0,\ \Upsilon\to\Omega,\ (17)\to(2);\qquad \delta = 0,\ n < q:"
    r"\ {\rm df}(\nu_2) = n,\ 1-\Upsilon = \eta\,\frac{q-n}{n};\qquad \delta = 0,\ q < n:\ "
    r"{\rm df}(\nu_2) = q,\ \eta = 1,\ \Upsilon = \frac qn,\ R = \frac{n\sum\lambda\zeta"
    r"\beta^{*2} + q\sigma^2}{n-q};\qquad \Sigma = I,\ q < n-1:\ E R = \frac{(n-1)(1-q/p)"
    r"\lVert\beta^*\rVert^2 + q\sigma^2}{n-q-1}\ \text{exactly}",
    source="neighbouring",
    needs=("12.one-equation", "12.positive-forms"),
    parts=("infinitely many features", "few samples", "few features", "exact"),
    steps=[
        Step("q - df grows without bound: eta = S/(q - df + S) tends to 0."),
        Step(
            "delta = 0 makes one gap vanish. n = df: only (1 - eta) S is left in n(1 - Upsilon),"
            " and (1 - eta) S = eta (q - n). q = df: eta = 1, and n - q is left.",
        ),
        Step(
            "q < n: given W the student is least squares on q Gaussian features. What they miss,"
            " of variance v, is independent of them, so that it is noise: E[R|W] = v + (v +"
            " sigma^2) q/(n-q-1). For Sigma = I a random projection misses v = (1 - q/p)|beta*|^2.",
        ),
    ],
)


@CLAIM.limit("infinitely many features", symbol="e_q", point="oo")
def upsilon_at_infinity() -> tuple[Any, Any]:
    """Upsilon tends to T_2/n = Omega."""
    s = sums()
    return s.upsilon, f.omega(s.squares, s.n)


@CLAIM.identity("infinitely many features", but={"at eta = 1/2": {"eta": sympy.Rational(1, 2)}})
def gaussian_formulas(eta: Any = 0) -> tuple[list[Any], list[Any]]:
    """Every formula at eta = 0 and Upsilon = Omega is that of the Gaussian theory."""
    m = mode()
    omegas = (m.upsilon, 1 - m.upsilon)
    ours, theirs = (m.zeta, 1 - m.zeta, *omegas, eta), (m.zeta, 1 - m.zeta, *omegas)

    def one(share: Any) -> Any:
        return share

    start = (m.lam, m.surrogate, m.beta_star)
    left = [
        f.feature_risk(*start, *ours, m.noise, total=one),
        f.feature_standard_risk(m.signal, *ours, m.noise, total=one),
        f.feature_optimal_risk(m.signal, *ours, m.noise, total=one),
        f.feature_gain(*ours),
        f.feature_improvement(*ours),
        f.feature_keep_margin(m.zeta, 1 - m.zeta, 1 - m.upsilon, eta),
        f.feature_amplification_margin(*ours),
        f.feature_variance(1, 1, m.zeta, 1 - m.zeta, eta, m.lam + m.nu, 0),
    ]
    right = [
        f.risk(*start, *theirs, m.noise, total=one),
        f.standard_risk(m.signal, m.zeta, *omegas, m.noise, total=one),
        f.optimal_risk(m.signal, *theirs, m.noise, total=one),
        f.gain(*theirs),
        f.improvement(*theirs),
        f.keep_margin(m.zeta, 1 - m.upsilon),
        f.amplification_margin(m.zeta, 1 - m.upsilon),
        f.trained_variance(1, 1, 1 - m.zeta, m.lam + m.nu),
    ]
    return left, right


@CLAIM.identity("few samples", but={"with a ridge": {"ridge": 1}})
def without_sample_gap(ridge: int = 0) -> tuple[Any, Any]:
    """1 - Upsilon at n = df."""
    s = sums()
    here = {s.sample_gap: ridge}
    return s.one_minus_upsilon.subs(here), (s.crowding * (s.q - s.n) / s.n).subs(here)


@CLAIM.identity("few features", but={"n in the place of n - q": {"without_gap": True}})
def without_feature_gap(without_gap: bool = False) -> tuple[list[Any], list[Any]]:
    """eta, Upsilon, and the risk on strong labels at q = df."""
    s, m = sums(), mode()
    here = {s.feature_gap: 0}
    n, q = s.n.subs(here), s.q.subs(here)
    upsilon, rest = s.upsilon.subs(here), s.one_minus_upsilon.subs(here)
    risk = f.feature_standard_risk(
        m.signal, m.zeta, 1 - m.zeta, upsilon, rest, 1, m.noise, total=lambda share: share
    )
    gap = n if without_gap else n - q
    theirs = (n * m.signal * m.zeta + q * m.noise) / gap
    return [s.crowding.subs(here), upsilon, rest, risk], [1, q / n, (n - q) / n, theirs]


@CLAIM.below("10^20 features", but={"1000 features": {"q": 1000}, "at most 1/q apart": {"most": 1}})
def many_features(digits: int, q: int = 10**20, most: int = 5) -> Pairs:
    """Certified risks at q = 10^20 are within 5/q of those of the Gaussian theory."""
    problem = Problem.power_law(30, "1.5", "2")
    room = BALLS.number(Fraction(most, 10**20))
    for n, ridge in ((10, 0), (40, "0.3")):
        ours = certified.certificate(problem, n, q, NOISE, ridge, digits)
        theirs = gaussian.certificate(problem, n, NOISE, ridge, digits)
        yield abs(ours.standard - theirs.standard), room
        yield abs(ours.optimal - theirs.optimal), room
        yield abs(ours.masked - theirs.masked), room


@CLAIM.agreement("exact", but={"without the last 1, as in (17)": {"lost": 0, "trials": 4000}})
def isotropic_mean(context: Context, lost: int = 1, trials: int = 4000) -> list[Comparison]:
    """Sigma = I, p = 20, n = 14, q = 6: the band is a third of the distance from (17)."""
    p, n, q = 20, 14, 6
    problem = Problem(Spectrum(np.ones(p)), waves(p, 0.9))
    run = simulate(
        problem,
        n,
        (None,),
        context.trials(trials),
        seed(context, "Sigma = I"),
        noise_variance=NOISE,
        features=q,
        workers=context.workers,
    )
    exact = exact_mean(n, q, p, 1.0, NOISE, lost)
    band = (exact_mean(n, q, p, 1.0, NOISE) - exact_mean(n, q, p, 1.0, NOISE, 0)) / 3
    return [Comparison("risk", run.means, run.standard_errors, run.degrees_of_freedom, exact, band)]


def exact_mean(n: Any, q: Any, p: Any, energy: Any, noise: Any, lost: int = 1) -> Any:
    """The mean risk on strong labels for Sigma = I; (17) where ``lost`` is 0."""
    return ((n - lost) * (1 - q / p) * energy + q * noise) / (n - q - lost)


@CLAIM.identity("Sigma = I, (17)")
def equivalent_at_identity() -> tuple[Any, Any]:
    """(17) for p equal modes and q < n is the exact mean without both 1."""
    n, q, p, noise = sympy.symbols("n q p sigma^2", positive=True)
    zeta = 1 - q / p
    risk = f.feature_standard_risk(
        1, zeta, 1 - zeta, q / n, 1 - q / n, 1, noise, total=lambda share: share
    )
    return risk, exact_mean(n, q, p, 1, noise, 0)
