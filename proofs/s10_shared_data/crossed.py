"""Claim 10.crossed: what two students that share samples have in common, (13)."""

from typing import Any

import numpy as np
import sympy

from kdverify import Student, crossed_risk, risk
from kdverify import formulas as f
from kdverify.evidence import Claim, Comparison, Context, Step
from kdverify.gaussian import certified

from ..lib import batches as b
from ..lib import copies as c
from ..lib import sums as m
from ..lib.integrals import projector_moment
from ..lib.modes import Pairs

CROSSED = Claim(
    "10.crossed",
    title="Two students that share samples: their errors' product in the mean",
    statement=r"E(\hat\beta_a-\beta^*)^\top\Sigma(\hat\beta_b-\beta^*) \approx"
    r" \sum_i\lambda_i((1-\zeta_a)\beta^a-\beta^*)((1-\zeta_b)\beta^b-\beta^*)"
    r" + \frac{\omega}{1-\omega}\Big(\sigma_{ab}+\sum_i\lambda_i\zeta_a\zeta_b\beta^a\beta^b\Big),"
    r"\quad \omega=\frac{n_0}{n_an_b}\sum_i(1-\zeta_a)(1-\zeta_b)",
    needs=("2.risk", "2.transfer"),
    parts=("one student", "isotropic", "complement", "below one", "simulated"),
    steps=[
        Step(
            "Leave one shared row x out of both students: N_a A N_b, the product of the two"
            " (ridge) projectors, gains n_0 E[xx' x'Dx/(b_a b_b)] between them, with b = n tau."
        ),
        Step(
            "So D = M_a (A + n_0 E[xx'] tr(Sigma D)/(n_a tau_a n_b tau_b)) M_b with"
            " M = tau (Sigma + tau)^-1; its trace with Sigma gives omega/(1 - omega).",
            lambda: trace_of_response()[1],
        ),
        Step(
            "The covariance of the students is n_0 E[r_a r_b x'Dx/(b_a b_b)], r the errors of the"
            " mean students: sigma_ab + sum lam zeta_a zeta_b beta^a beta^b for gaussian rows."
        ),
        Step("a = b is (2); no common sample leaves the product of the means."),
    ],
)


def with_itself(omega: Any) -> tuple[Any, Any]:
    """(13) of two students of the same tau and labels, and (2)."""
    split, same = m.split(), (m.surrogate, m.surrogate)
    both = (*same, m.beta_star, *split, *split, omega, 1 - omega, m.noise)
    return f.crossed_risk(m.lam, *both, m.ridge_total), m.risk(sums=m.ridge_total)


@CROSSED.identity("one student", note="(13) at a = b, n_0 = n is (2), any number of modes")
def itself() -> tuple[Any, Any]:
    """(13) of a student with itself, and (2)."""
    omega = f.shared_omega(m.ridge_total(m.split()[1] ** 2), m.n, m.n, m.n)
    return with_itself(omega)


def trace_of_response() -> tuple[Any, Any]:
    """tr(Sigma D) from its linear equation, and (omega/(1 - omega)) n_a n_b tau_a tau_b / n_0."""
    products, taus, n_a, n_b, shared, trace = sympy.symbols("T tau n_a n_b n_0 D", positive=True)
    own = taus * products  # tau_a tau_b sum (1 - zeta_a)(1 - zeta_b)
    (found,) = sympy.solve(sympy.Eq(trace, own * (1 + shared * trace / (n_a * n_b * taus))), trace)
    omega = f.shared_omega(products, shared, n_a, n_b)
    return found, f.variance_factor(omega, 1 - omega) * n_a * n_b * taus / shared


CROSSED.identity("variance", trace_of_response, note="the linear equation of the derivation")


@CROSSED.identity(
    "isotropic",
    note="Sigma = I, the samples of a among those of b, no noise: exact at finite n",
    but={"omega with n_b in the place of n_0": {"all_shared": True}},
)
def nested(all_shared: bool = False) -> tuple[Any, Any]:
    """(13) for p equal modes with n_0 = n_a <= n_b, and the exact mean: P_a P_b = P_a."""
    p, n_a, n_b = sympy.symbols("p n_a n_b", positive=True)
    one, other, truth = sympy.symbols("beta^a beta^b beta^*", real=True)
    splits = [(1 - n / p, n / p) for n in (n_a, n_b)]
    omega = f.shared_omega(p * splits[0][1] * splits[1][1], n_b if all_shared else n_a, n_a, n_b)
    crossed = f.crossed_risk(
        1, one, other, truth, *splits[0], *splits[1], omega, 1 - omega, 0, lambda share: share
    )
    mean_a, mean_b = (projector_moment(1, n, p) for n in (n_a, n_b))
    return crossed, mean_a * one * other - mean_a * one * truth - mean_b * other * truth + truth**2


@CROSSED.identity("complement", but={"the slack of a": {"extra": 1}})
def complement(extra: int = 0) -> tuple[Any, Any]:
    """1 - omega from terms of one sign."""
    products, learnt, shared, n_a, n_b = sympy.symbols("T L n_0 n_a n_b", positive=True)
    slack = n_b - learnt + extra
    terms = f.one_minus_shared_omega(learnt - products, slack, shared, n_a, n_b)
    return terms, 1 - f.shared_omega(products, shared, n_a, n_b)


@CROSSED.forall(
    "below one",
    witness={"h": 1, "s": 0, "n0": 2, "na": 3, "nb": 2},
    but={"more common samples than n_a": {"within": False}},
)
def below_one(smt: Any, within: bool = True) -> Any:
    """omega < 1: its complement is above 0 wherever some mode is partly learnt."""
    half, slack, shared, n_a, n_b = (smt.Real(name) for name in ("h", "s", "n0", "na", "nb"))
    inside = [half > 0, slack >= 0, shared > 0, n_a > 0, n_b >= shared]
    if within:
        inside.append(n_a >= shared)
    return inside, f.one_minus_shared_omega(half, slack, shared, n_a, n_b) > 0


#: n_a, n_b, n_0, ridges, surrogates, noise variance of both
PAIRS = (
    (14, 18, 9, 0.4, 0.0, b.BOLD, b.OTHER, 0.3),
    (18, 18, 18, 0.5, 5.0, b.TRUTH, b.BOLD, 0.2),
    (16, 40, 16, 0.0, 1.0, b.TRUTH, b.TRUTH, 0.5),
)


def together(case: tuple[Any, ...]) -> c.Measured:
    """Two students of overlapping samples with the same noise."""
    n_a, n_b, shared, ridge_a, ridge_b, one, other, variance = case

    def measured(on: c.Copies, draw: np.random.Generator, trials: int) -> Any:
        first, second, both = (on.k * size for size in (n_a, n_b, shared))
        place = np.arange(first + second - both)
        inside = [place < first, place >= first - both]
        sample = on.sample(draw, trials, n_a + n_b - shared)
        fits = [c.Fit(on, sample, d, u) for d, u in zip((ridge_a, ridge_b), inside, strict=True)]
        labels = [on.of(s) for s in (one, other)]
        pair = [
            c.Student([(fit.learnt(), c.Labels.of(s))], fit.map * np.sqrt(variance))
            for fit, s in zip(fits, labels, strict=True)
        ]
        own, every = labels[0] * labels[1], (*inside, inside[0] & inside[1])
        given = [c.Field(fits[0], fits[1], on.k * own, u) for u in every]
        for fit, u in zip(fits, inside, strict=True):
            given += [c.Field(fit, rows=u), c.Field(fit, fit, on.lam, u)]
        products = [own, *(on.truth * s for s in labels)]
        return c.excess(on, *pair), lambda: c.zero_means(on, given, *products)

    return measured


@CROSSED.agreement("simulated", note="3 pairs: labels, ridges, n and overlaps differ")
def pairs(context: Context, overlap: bool = True, damped: bool = True) -> list[Comparison]:
    """The product of both students' errors in the mean."""
    found = []
    for index, case in enumerate(PAIRS):
        n_a, n_b, shared, ridge_a, ridge_b, one, other, variance = case
        pair = (Student(n_a, one, variance, ridge_a), Student(n_b, other, variance, ridge_b))
        theory = crossed_risk(b.PROBLEM, *pair, shared if overlap else 0)
        if not damped:
            bias = crossed_risk(b.PROBLEM, *pair, 0)
            theory = bias + (theory - bias) / 2
        order = max(b.band(n_a, ridge_a), b.band(n_b, ridge_b))
        name, run = f"pair {index + 1}", together(case)
        found.append(c.extrapolated(context, name, b.PROBLEM, run, theory, order, (140, 100)))
    return found


pairs.but("no sample shared", overlap=False)
pairs.but("half of the covariance", damped=False)
pairs.shifted(1.0)


@CROSSED.equal("p = 20", note="kdverify.crossed_risk and the certified risk; floats beside")
def by_the_library(digits: int) -> Pairs:
    """The crossed risk of a student with itself is the certified risk."""
    for n, ridge in ((9, 0), (9, "0.25"), (30, "0.25")):
        student = Student(n, None, "0.5", ridge)
        yield (
            crossed_risk(b.EXACT, student, student, n, digits=digits + 10),
            certified.risk(b.EXACT, n, None, "0.5", ridge, digits + 10),
        )


@CROSSED.below("p = 20, doubles", but={"one unit in the 9th digit": {"factor": 1 + 1e-9}})
def doubles(digits: int, factor: float = 1.0) -> Pairs:
    """In float64 both are within a relative 1e-13 of the ball."""
    for n, ridge in ((9, 0.0), (9, 0.25)):
        student = Student(n, None, 0.5, ridge)
        ball = crossed_risk(b.EXACT, student, student, n, digits=digits)
        for value in (
            crossed_risk(b.EXACT, student, student, n),
            risk(b.EXACT, n, None, 0.5, ridge),
        ):
            yield abs(type(ball)(value * factor) - ball), ball / 10**13
