"""Claim 15.every-n: the exact mean student of Gaussian rows at every n and ridge."""

from fractions import Fraction
from typing import Any

import flint
import numpy as np
import sympy

from kdverify import Problem, Spectrum, mean_risk, mean_student, optimal_surrogate, simulate
from kdverify import formulas as f
from kdverify.evidence import Claim, Comparison, Context, Step
from kdverify.gaussian.exact_risk import exact_risk
from kdverify.gaussian.finite_size import size_errors
from kdverify.gaussian.mean_student import _measured

from ..lib.ensembles import seed
from ..lib.modes import Pairs
from ..lib.written import exact, mp, same
from .bounds import moments, real
from .one_sample import BETA, LAM

EVERY = Claim(
    "15.every-n",
    title="Gaussian rows: the mean risk exactly, at every n and ridge, as a double integral",
    statement=r"\mathbb EN_{ii} = \frac14\int_{u>v>0}(u-v)(uv)^{\frac{n-3}2}"
    r"e^{-\delta\frac{u+v}2}\prod_j\frac1{\sqrt{(1+\lambda_ju)(1+\lambda_jv)}}\,[x^{n-2}]\,"
    r"e^{\delta x}\prod_{j\ne i}(1+x\lambda_j)\Big\{s_is_i'-\sum_{j\ne i}a_ja_j'\Big\},\quad"
    r" a_j = \frac{\lambda_j}{(1+\lambda_ju)(1+\lambda_jx)},\ s_i=\delta+\sum_{j\ne i}a_j;\quad"
    r" \mathbb E(NAN)_{ii} = A_i\mathbb EN_{ii}-\partial_t,\ \lambda_j\to\lambda_je^{-tA_j}",
    needs=("15.one-sample", "2.isotropic-exact"),
    parts=("ratio", "gram", "numerator", "energy", "isotropic", "p - 1", "simulated"),
    steps=[
        Step(
            "N_ii is det(A + delta) over det(K + delta), K = XX', A without column i.",
            lambda: ratio()[1],
        ),
        Step(
            "1/det is an integral of exp(-tr T (K + delta)) over T = ff' + gg', f and g in R^n:"
            " it depends on the eigenvalues u/2, v/2 of T alone, whose law is that of a Gram"
            " matrix."
        ),
        Step(
            "Under exp(-tr T K) the columns stay normal, with the variances lam/(1 + lam u),"
            " lam/(1 + lam v) and n - 2 times lam (claim 15.one-sample)."
        ),
        Step(
            "E det(A + delta): every direction takes a column of its own, or delta. The n - 2"
            " directions alike make (n-2)! times a coefficient of x.",
            lambda: numerator()[1],
        ),
        Step(
            "With all log lam_j falling as t A_j, dP_ii/dt = (PAP)_ii - A_i P_ii; the noise"
            " trace is the derivative of tr A N by the ridge."
        ),
    ],
)

delta, x, t = sympy.symbols("delta x t", positive=True)


def rows() -> Any:
    """Two rows of three columns."""
    return sympy.Matrix(2, 3, real(*(f"x_{i}{j}" for i in (1, 2) for j in (1, 2, 3))))


@EVERY.identity("ratio", note="lemma: n = 2, p = 3", but={"with column i": {"own": 1}})
def ratio(own: int = 0) -> tuple[Any, Any]:
    """N_11, and the ratio of determinants."""
    X, one = rows(), sympy.eye(2)
    K = X * X.T + delta * one
    left = 1 - (X.T * K.inv() * X)[0, 0]
    A = K - (1 - own) * X[:, 0] * X[:, 0].T
    return sympy.cancel(left), A.det() / K.det()


@EVERY.identity("gram", note="n = 3 and 5", but={"one row more": {"more": 2}})
def gram(more: int = 0) -> tuple[list[Any], list[Any]]:
    """The density against exp(-g (u + v)/2), and (n-2)!/g^n: 1/det of g times the identity."""
    v, w, g = sympy.symbols("v w g", positive=True)
    left, right = [], []
    for n in (3, 5):
        density = f.gram_factor(v + w, v) * ((v + w) * v) ** ((n + more - 3) // 2)
        inner = sympy.integrate(
            sympy.expand(density * sympy.exp(-g * (2 * v + w) / 2)), (w, 0, sympy.oo)
        )
        left.append(sympy.simplify(sympy.integrate(sympy.expand(inner), (v, 0, sympy.oo))))
        right.append(sympy.factorial(n - 2) / g**n)
    return left, right


@EVERY.identity(
    "numerator", note="n = 3, two columns left, u = 1, v = 3", but={"columns twice": {"part": 0}}
)
def numerator(part: int = 1) -> tuple[Any, Any]:
    """E det(A + delta) of normal columns by their moments, and (n-2)! times the coefficient.

    Eigenvalues 2 and 5, u = 1, v = 3; delta is free.
    """
    u, v = sympy.Integer(1), sympy.Integer(3)
    values, entries = (sympy.Integer(2), sympy.Integer(5)), sympy.Matrix(3, 2, real(*"abcdef"))
    variances: dict[Any, Any] = {}
    for j, value in enumerate(values):
        damped = f.damped_eigenvalue(value, u), f.damped_eigenvalue(value, v), value
        variances |= {entries[a, j]: damped[a] for a in range(3)}
    mean = moments((entries * entries.T + delta * sympy.eye(3)).det(), variances)
    first, second = ([f.column_weight(value, w, x) for value in values] for w in (u, v))
    twice = part * sum(a * b for a, b in zip(first, second, strict=True))
    both = (delta + sum(first)) * (delta + sum(second))
    series = (1 + delta * x) * (1 + x * values[0]) * (1 + x * values[1])
    whole = sympy.cancel(series * f.left_out_mean(both, twice, 0, 0))
    return sympy.cancel(mean), sympy.cancel(sympy.diff(whole, x).subs(x, 0))


@EVERY.identity("numerator", note="column i taken out of the sums")
def taken_out() -> tuple[Any, Any]:
    """(s - a)(s' - a') - (q - a a') by the formula."""
    s, r, q, a, b = sympy.symbols("s r q a b", positive=True)
    return f.left_out_mean(s * r, q, (a * r + b * s) / 2, a * b), (s - a) * (r - b) - (q - a * b)


@EVERY.identity(
    "energy", note="lemma: n = 1, p = 2", but={"P A in the place of P A P": {"once": 1}}
)
def energy(once: int = 0) -> tuple[Any, Any]:
    """The change of P_11 by t, and (P A P)_11 - A_1 P_11."""
    weights = sympy.diag(*real("A_1", "A_2"))
    damping = sympy.diag(*(sympy.exp(-t * weights[i, i] / 2) for i in range(2)))
    moved = sympy.Matrix([real("x_1", "x_2")]) * damping
    P = moved.T * (moved * moved.T + delta * sympy.eye(1)).inv() * moved
    change = sympy.diff(P[0, 0], t).subs(t, 0)
    now = P.subs(t, 0)
    energy = now * weights if once else now * weights * now
    return sympy.cancel(change), sympy.cancel((energy - weights * now)[0, 0])


@EVERY.identity("energy", note="lemma: the noise trace, n = 1, p = 2")
def noise_trace() -> tuple[Any, Any]:
    """tr A X'(K + delta)^-2 X and the derivative of tr A N by delta."""
    X, weights = sympy.Matrix([real("x_1", "x_2")]), sympy.diag(*real("A_1", "A_2"))
    inverse = (X * X.T + delta * sympy.eye(1)).inv()
    left = (weights * X.T * inverse**2 * X).trace()
    return left, sympy.diff((weights * (sympy.eye(2) - X.T * inverse * X)).trace(), delta)


@EVERY.identity("energy", note="a column's weight by t", but={"without the 1": {"one": 0}})
def column(one: int = 1) -> tuple[Any, Any]:
    """Minus the derivative at lam e^(-t A)."""
    lam, weight, u = sympy.symbols("lambda A u", positive=True)
    falling, missed, beyond = lam * sympy.exp(-t * weight), 1 / (1 + lam * u), 1 / (1 + lam * x)
    change = sympy.diff(f.column_weight(falling, u, x), t).subs(t, 0)
    tilt = f.column_tilt(weight, missed, beyond + 1 - one)
    return sympy.cancel(-change), sympy.cancel(f.column_weight(lam, u, x) * tilt)


@EVERY.identity("energy", note="the product over the modes by t, i and one other")
def product() -> tuple[Any, Any]:
    """A_i F - dF/dt of F, the product without i times any V_0 + V_1 t."""
    lam, other, own, weight = sympy.symbols("lambda mu A_i A_j", positive=True)
    value, change = sympy.symbols("V_0 V_1")
    whole = (1 + x * other * sympy.exp(-t * weight)) * (value + change * t)
    left = (own * whole - sympy.diff(whole, t)).subs(t, 0)
    shares = [c * m * x / (1 + m * x) for c, m in ((own, lam), (weight, other))]
    found = f.left_out_residual(own, 1 / (1 + lam * x), -sum(shares), value, change)
    return sympy.cancel(left), sympy.cancel((1 + x * other) * found)


@EVERY.below("isotropic", note="E P and the noise for p = 3 to 24", but={"n - 1": {"less": 1}})
def isotropic(digits: int, less: int = 0) -> Pairs:
    """1 - n/p twice, and n/(p - n - 1)."""
    del digits
    for p, n in ((3, 2), (5, 2), (7, 3), (24, 9)):
        found = mean_student(Spectrum(np.ones(p)), n)
        yield same(found.energy[0], exact(n - less) / p)  # P is a projection
        missed = exact(p - n + less) / p
        yield same(found.unlearnt[0], missed)
        yield same(found.residual[0], missed)
        if p > n + 1:
            yield same(found.noise, exact(n) / (p - n - 1))


@EVERY.below(
    "isotropic", note="error: the most that a coarser grid moves", but={"least": {"of": 0}}
)
def told_error(digits: int, of: int = -1) -> Pairs:
    """`MeanStudent.error` of made-up grids, where one of the three changes most."""
    del digits
    weights = np.array([2.0, 0.0, 0.5])
    fine = np.array([0.5, 0.25, 0.8]), np.array([0.6, 0.3, 0.1]), 4.0
    for moves in ((1e-3, 1e-6, 1e-6), (1e-6, 1e-3, 1e-6), (1e-6, 1e-6, 1e-3)):
        coarse = fine[0] + moves[0], fine[1] + moves[1], fine[2] + moves[2]
        found = _measured(lambda step: fine if step == 1 else coarse, weights)  # noqa: B023 - called at once
        given = np.array([2.0, 2.0, 0.5])  # a weight of 0 counts as the largest
        changes = [moves[0] / fine[0], moves[1] / (given * fine[0]), [moves[2] / fine[2]]]
        largest = sorted(max(change) for change in changes)[of]
        yield same(found.error, exact(largest), Fraction(1, 10**9))


@EVERY.below("isotropic", note="least squares, any weights", but={"n - 1": {"less": 1}})
def beyond(digits: int, less: int = 0) -> Pairs:
    """tr A Sigma^-1/(n - p - 1) for n > p + 1: the noise as (X'X)^-1 has its mean."""
    del digits
    found = mean_student(Spectrum(np.array([2.0, 1.0, 0.5])), 9, 0.0, np.array([1.0, 2.0, 3.0]))
    yield same(found.noise, exact(8.5) / (5 - less))
    yield same(mean_student(Spectrum(np.array([2.0, 1.0])), 1).noise, mp.inf)
    yield same(mean_student(Spectrum(np.ones(4)), 1).noise, exact(1) / 2)


@EVERY.below("isotropic", note="size_errors(exact=True)", but={"more noise": {"more": 0.01}})
def told_size(digits: int, more: float = 0.0) -> Pairs:
    """Exact means of strong labels and the best ones, with noise and a ridge, and without."""
    del digits
    problem = Problem(Spectrum(LAM), BETA)
    for n, ridge in ((3, 0.0), (5, 0.5)):
        found = size_errors(problem, n, 0.25, ridge, exact=True)
        best = optimal_surrogate(problem, n, ridge)
        for name, labels in (("standard", None), ("optimal", best)):
            true = mean_risk(problem, n, labels, 0.25 + more, ridge)
            yield same(found[name].corrected, exact(true), Fraction(1, 10**9))


@EVERY.below("p - 1", note="the integral of one variable, certified", but={"p - 2": {"less": 1}})
def least(digits: int, less: int = 0) -> Pairs:
    """n = p - 1 at three spectra, labels of the truth and others."""
    del digits
    for values in (LAM, np.arange(1, 7.0) ** -2, np.array([3.0, 1.0])):
        problem = Problem(Spectrum(values), np.cos(np.arange(values.size)) + 0.5)
        for labels in (None, np.linspace(-1, 2, values.size)):
            n = values.size - 1
            true = exact_risk(problem, n, labels, digits=15)
            found = mean_risk(problem, max(n - less, 1), labels)
            yield abs(found - true), flint.arb(10) ** -11 * true


@EVERY.agreement(
    "simulated", note="p = 8, n = 2, 3, 5, 20, with noise and ridge", but={"no noise": {"noisy": 0}}
)
def simulated(context: Context, noisy: int = 1) -> list[Comparison]:
    """Means over designs, beside the exact ones."""
    problem, found = Problem(Spectrum(LAM), BETA), []
    for n, noise, ridge in ((2, 4.0, 0.0), (3, 2.0, 0.0), (5, 2.0, 0.5), (20, 8.0, 2.0)):
        run = simulate(
            problem,
            n,
            [None],
            context.trials(1500),
            seed(context, n),
            noise_variance=noise,
            ridge=ridge,
        )
        mean = mean_risk(problem, n, None, noisy * noise, ridge)
        error, degrees = run.standard_errors[0], run.degrees_of_freedom
        found.append(Comparison(f"n = {n}", run.means[0], error, degrees, mean, 0.09 * mean))
    return found
