"""Claim 15.one-sample: the exact mean risk of one sample, and of p - 1, beside the equivalent."""

from typing import Any

import flint
import numpy as np
import sympy

from kdverify import Problem, Spectrum
from kdverify import formulas as f
from kdverify.evidence import Claim, Comparison, Context, Step
from kdverify.gaussian.exact_risk import exact_risk

from ..lib import copies as c
from ..lib.ensembles import generator, times
from ..lib.integrals import projector_moment
from ..lib.modes import Pairs

ONE = Claim(
    "15.one-sample",
    title="n = 1 and n = p - 1: the mean risk exactly, as one-dimensional integrals",
    statement=r"n=1:\ \mathbb E\frac{x_ix_jx_kx_l}{|x|^4} = \int_0^\infty t\,"
    r"\mathbb E[x_ix_jx_kx_l\,e^{-t|x|^2}]\,dt,\quad n=p-1:\ I-P=\frac{vv^\top}{|v|^2},"
    r"\ v\sim\mathcal N(0,\Sigma^{-1})",
    needs=("2.isotropic-exact",),
    parts=("damped", "isotropic", "simulated"),
    steps=[
        Step("1/|x|^2 and 1/|x|^4 are integrals of exp(-t |x|^2), times t for the square."),
        Step(
            "Under exp(-t |x|^2) each coordinate stays normal, with variance lam/(1 + 2 t lam).",
            lambda: damped()[1],
        ),
        Step(
            "The rows of p - 1 samples leave one direction v, normal to all of them: Sigma^(1/2) v"
            " is uniform, so that I - P is the P of one sample with the covariance Sigma^-1."
        ),
        Step("With t = (1 - r^2)/r^2 the integrals run over [0, 1]; ball arithmetic proves them."),
    ],
)


@ONE.identity("damped", note="lemma", but={"without the 2": {"twice": 1}})
def damped(twice: int = 2) -> tuple[Any, Any]:
    """E[x^2 exp(-t x^2)] of one normal coordinate over E exp(-t x^2), and lam/(1 + 2 t lam)."""
    lam, t, x = sympy.symbols("lambda t x", positive=True)
    density = sympy.exp(-(x**2) / (2 * lam) - t * x**2)
    mean = sympy.integrate(x**2 * density, (x, 0, sympy.oo))
    level = sympy.integrate(density, (x, 0, sympy.oo))
    return sympy.simplify(mean / level), lam / (1 + twice * t * lam)


@ONE.identity("damped", note="E x^4 of one coordinate", but={"once": {"same": 0}})
def fourth(same: int = 1) -> tuple[Any, Any]:
    """E x^4 of a normal coordinate with variance v, and the formula."""
    v, x = sympy.symbols("v x", positive=True)
    density = sympy.exp(-(x**2) / (2 * v))
    mean = sympy.integrate(x**4 * density, (x, 0, sympy.oo))
    mean /= sympy.integrate(density, (x, 0, sympy.oo))
    return sympy.simplify(mean), f.paired_squares(v, v, same * v * v)


def flat(p: int) -> Problem:
    """Sigma = I with unequal coefficients."""
    return Problem(Spectrum(np.ones(p)), np.arange(1.0, p + 1) / 4)


@ONE.equal("isotropic", note="p = 5, n = 1 and 4", but={"one more sample": {"more": 1}})
def isotropic(digits: int, more: int = 0) -> Pairs:
    """The integrals for Sigma = I, where E P_11 is n/p."""
    for n in (1, 4):
        learnt = projector_moment(1, sympy.Integer(n + more), sympy.Integer(5))
        energy = flint.arb(flint.fmpq(55, 16))
        missed = 1 - flint.arb(flint.fmpq(int(learnt.p), int(learnt.q)))
        yield exact_risk(flat(5), n, digits=digits), energy * missed


@ONE.equal("isotropic", note="the noise part of n = 1 is 1/(p - 2)")
def isotropic_noise(digits: int) -> Pairs:
    """With noise 1 and without, p = 5."""
    with_noise = exact_risk(flat(5), 1, None, 1, digits)
    yield with_noise - exact_risk(flat(5), 1, digits=digits), flint.arb(flint.fmpq(1, 3))


@ONE.below("isotropic", note="other coordinates", but={"labels not turned": {"turned": False}})
def coordinates(digits: int, turned: bool = True) -> Pairs:
    """Problem, surrogate and noise in coordinates of their own: the same number, in doubles."""
    lam, beta, given = LAM[:4], BETA[:4], np.array([0.5, 2.0, -1.0, 1.0])
    basis = np.linalg.qr(np.cos(np.arange(16.0)).reshape(4, 4) + np.eye(4))[0]
    plain, other = Problem(Spectrum(lam), beta), Problem(Spectrum(lam, basis), basis @ beta)
    for n, noise, surrogate in ((1, "0.5", None), (1, 0, given), (3, 0, None), (3, 0, given)):
        labels = None if surrogate is None else basis @ surrogate if turned else surrogate
        found, true = (
            exact_risk(problem, n, of, noise, 15)
            for problem, of in ((other, labels), (plain, surrogate))
        )
        yield abs(found - true), true / 10**12


#: Eigenvalues of different sizes.
LAM = np.array([2.0, 1.0, 0.5, 0.25] * 2)
BETA = np.array([1.0, -1.0, 1.0, 2.0, 0.5, 0.0, -1.0, 1.0])


@ONE.agreement("simulated", note="p = 8, n = 1 with noise, n = 7", but={"no noise": {"noisy": 0}})
def simulated(context: Context, noisy: int = 1) -> list[Comparison]:
    """Means over designs, beside the certified ones."""
    problem = Problem(Spectrum(LAM), BETA)
    found = []
    for n, noise, width in ((1, 8.0, 0.005), (7, 0.0, 0.07)):
        on = c.Copies(problem, 1)
        fit = c.Fit(on, on.sample(generator(context, n), context.trials(2000, full=16_000), n), 0.0)
        labels = [(fit.learnt(), c.Labels.of(on.truth))]
        values = c.excess(on, c.Student(labels, fit.map * np.sqrt(noise)))
        zeros = c.zero_means(on, c.fields(on, fit)) if n == 1 else None
        exact = float(exact_risk(problem, n, None, noisy * noise, digits=10))
        band = width / times(context) * exact
        found.append(Comparison.of(f"n = {n}", values, exact, band, zeros))
    return found
