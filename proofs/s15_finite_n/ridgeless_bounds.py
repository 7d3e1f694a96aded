"""Claim 15.ridgeless-bounds: the mean risk without ridge between two numbers, at every n."""

import itertools
from fractions import Fraction
from functools import cache
from typing import Any

import flint
import numpy as np
import sympy

from kdverify import Problem, Spectrum, mean_student, risk_bounds, simulate
from kdverify.arithmetic import BALLS
from kdverify.evidence import Claim, Comparison, Context, Step
from kdverify.gaussian import proved_mean
from kdverify.gaussian.exact_risk import exact_risk

from ..lib.ensembles import seed
from ..lib.modes import Pairs
from .bounds import real
from .one_sample import BETA, LAM

RIDGELESS = Claim(
    "15.ridgeless-bounds",
    title="Gaussian rows without ridge: bounds of the mean student and the mean risk, 1e-7 apart",
    statement=r"F(x,y) > 0:\ \Big|\int F - h_xh_y\sum F\Big| \le \varepsilon\int F,\quad"
    r" \varepsilon \approx \sum_{h,K}\frac{2\cos(a/2)^{-K}}{e^{2\pi a/h}-1};\quad \sum_i\mathbb"
    r" EN_{ii} = p-n;\quad \mathbb E(N\Sigma N)_{ii} = \lambda_i\mathbb EN_{ii} - \frac{d}{dt}"
    r"\mathbb EN_{ii}\big|_{\Sigma^{-1}+t}",
    needs=("15.every-n",),
    parts=("modulus", "sum", "derivative", "holds", "simulated"),
    steps=[
        Step(
            "With v = e^x, u - v = e^y the integrand of 15.every-n is positive. Turned by an angle"
            " a, |A + B e^(ia)| >= cos(a/2)(A + B) bounds every factor 1 + lam u, 1 + lam v."
        ),
        Step(
            "The trapezoidal sum of f, analytic for |Im x| < a, is off by 2 M/(e^(2 pi a/h) - 1)"
            " at most, M the largest integral of |f| on a line (Trefethen and Weideman 2014): here"
            " cos(a/2)^-K times the integral itself."
        ),
        Step(
            "Terms left out are positive, and tr N = p - n: what the modes' sums lack together no"
            " mode lacks more of.",
            lambda: trace()[1],
        ),
        Step(
            "For |t lam| <= s the eigenvalues lam/(1 + t lam) have angles up to arcsin(s), so that"
            " E N_ii is bounded there as above; its series in t and an interpolation bound the"
            " derivative.",
            lambda: derivative()[1],
        ),
    ],
)


@RIDGELESS.forall(
    "modulus",
    note="lemma",
    witness={"A": 1, "B": 2, "c": "1/2"},
    but={"without the square": {"power": 1}},
)
def modulus(smt: Any, power: int = 2) -> Any:
    """A^2 + B^2 + 2 A B c >= (1 + c)/2 (A + B)^2: cos(a)= c, squares of both sides."""
    A, B, c = (smt.Real(name) for name in ("A", "B", "c"))
    total = (A + B) * (A + B) if power == 2 else 2 * (A + B)
    return [A >= 0, B >= 0, c >= -1, c <= 1], 2 * (A * A + B * B + 2 * A * B * c) >= (1 + c) * total


def row() -> tuple[Any, Any]:
    """One row of three columns and its N."""
    x = sympy.Matrix([real("x_1", "x_2", "x_3")])
    return x, sympy.eye(3) - x.T * x / (x * x.T)[0]


@RIDGELESS.identity("sum", note="lemma: n = 1, p = 3", but={"of N^2, weighed": {"weight": 2}})
def trace(weight: int = 1) -> tuple[Any, Any]:
    """tr N and p - n."""
    _, N = row()
    return sympy.cancel((sympy.diag(weight, 1, 1) * N).trace()), sympy.Integer(2)


@RIDGELESS.identity(
    "derivative", note="lemma: n = 1, p = 3", but={"log lam falls as t": {"power": 0}}
)
def derivative(power: int = 1) -> tuple[Any, Any]:
    """lam_1 N_11 - dN_11/dt for columns times (1 + t lam)^(-1/2), and (N Sigma N)_11."""
    x, N = row()
    lam, t = sympy.symbols("l_1 l_2 l_3", positive=True), sympy.Symbol("t", positive=True)
    moved = [v**2 / (1 + t * value**power) for v, value in zip(x, lam, strict=True)]
    change = sympy.diff(1 - moved[0] / sum(moved), t).subs(t, 0)
    energy = (N * sympy.diag(*lam) * N)[0, 0]
    return sympy.cancel(lam[0] * N[0, 0] - change), sympy.cancel(energy)


@RIDGELESS.identity("derivative", note="lemma: slopes of the interpolation at powers of t")
def slopes() -> tuple[list[Any], list[Any]]:
    """Four places: the derivative at 0 of 1, t, t^2, t^3."""
    places = [Fraction(k, 7) for k in (-5, -1, 2, 6)]
    weights = [proved_mean._slope(places, k) for k in range(4)]
    sums = [sum(w * x**j for w, x in zip(weights, places, strict=True)) for j in range(4)]
    return [sympy.Rational(s.numerator, s.denominator) for s in map(Fraction, sums)], [
        sympy.Integer(j == 1) for j in range(4)
    ]


@RIDGELESS.below("derivative", note="sums of numbers between bounds", but={"less": {"less": 0.1}})
def between_ends(digits: int, less: float = 0.0) -> Pairs:
    """Weights of both signs: at each corner the sum is between what is said."""
    del digits
    weights, ends = [2.0, -1.0, 0.5], [(1.0, 1.5), (2.0, 2.25), (-1.0, 3.0)]
    found = proved_mean._combined([(np.array([a]), np.array([b])) for a, b in ends], weights)
    room = BALLS.number(1e-12 - less)  # rounding of sums of size 5
    for corner in itertools.product(*ends):
        value = BALLS.number(float(np.dot(weights, corner)))
        yield BALLS.number(float(found[0][0])) - room, value
        yield value, BALLS.number(float(found[1][0])) + room


@cache
def moments(eigenvalues: tuple[float, ...], n: int) -> Any:
    """Bounds of all E N_ii and E (N Sigma N)_ii, lower and upper."""
    return proved_mean.moments(Spectrum(np.array(eigenvalues)), n)


@RIDGELESS.below(
    "modulus", note="of F for turned x and y", but={"half of the factors": {"share": 0.5}}
)
def turned(digits: int, share: float = 1.0) -> Pairs:
    """|F(x + ia, y)| and |F(x, y + ia)| against cos(a/2)^-K F(x, y), K as the grid has it."""
    del digits
    for lam, n in ((np.ones(8), 4), (LAM, 2), (LAM, 5)):
        for v, w in ((1.0, 1e-3), (0.3, 0.8), (1e-3, 1.0)):
            plain = np.abs(values_of(lam, n, v, w))
            for angle in (0.5, 1.5, 2.5):
                turn = np.exp(1j * angle)
                factors = proved_mean._factors(lam.size, n)
                for K, found in zip(
                    factors,
                    (values_of(lam, n, v * turn, w), values_of(lam, n, v, w * turn)),
                    strict=True,
                ):
                    # 1e-9: far above the rounding of F, far below what a factor changes
                    most = np.cos(angle / 2) ** (-K * share) * (1 + 1e-9) * plain
                    for size, bound in zip(np.abs(found), most, strict=True):
                        yield BALLS.number(float(size)), BALLS.number(float(bound))


def values_of(lam: np.ndarray, n: int, v: complex, w: complex) -> np.ndarray:
    """F of every mode left out, at one v and u - v."""
    return proved_mean._terms(lam, n, np.array([v]), np.array([w]))


@RIDGELESS.below("holds", note="Sigma = I: 1 - n/p, both", but={"one row less": {"less": 1}})
def isotropic(digits: int, less: int = 0) -> Pairs:
    """Both ends around the exact value, and within 2e-8 of each other."""
    del digits
    for p, n in ((4, 2), (6, 3)):
        missed = flint.arb(flint.fmpq(p - n + less, p))
        for low, high in moments((1.0,) * p, n):
            yield BALLS.number(float(low[0])), missed
            yield missed, BALLS.number(float(high[0]))
            yield BALLS.number(float(high[0] - low[0])), flint.arb("2e-8")


@RIDGELESS.below("holds", note="the certified risk of p - 1", but={"of p - 2": {"less": 1}})
def least(digits: int, less: int = 0) -> Pairs:
    """The ball of the integral of one variable lies between."""
    problem = Problem(Spectrum(LAM), BETA)
    low, high = risk_bounds(problem, LAM.size - 1 - less, 0).risk
    ball = exact_risk(problem, LAM.size - 1, digits=digits)
    yield BALLS.number(low), ball
    yield ball, BALLS.number(high)


@RIDGELESS.below("holds", note="the quadrature of 15.every-n", but={"at n + 1": {"more": 1}})
def quadrature(digits: int, more: int = 0) -> Pairs:
    """Eight modes, n = 4: all E N_ii and E (N Sigma N)_ii."""
    del digits
    found = mean_student(Spectrum(LAM), 4 + more)
    bounds = moments(tuple(LAM), 4)
    for values, (low, high) in zip((found.unlearnt, found.residual), bounds, strict=True):
        for value, least, most in zip(values, low, high, strict=True):
            yield BALLS.number(float(least)), BALLS.number(float(value))
            yield BALLS.number(float(value)), BALLS.number(float(most))


@RIDGELESS.agreement("simulated", note="n = 4 of 8 modes", but={"n = 5": {"size": 5}})
def between(context: Context, size: int = 4) -> Comparison:
    """The mean of drawn risks, beside the middle of the bounds."""
    problem = Problem(Spectrum(LAM), BETA)
    run = simulate(problem, 4, [None], context.trials(1000), seed(context, "ridgeless bounds"))
    middle = sum(risk_bounds(problem, size, 0).risk) / 2
    error, degrees = run.standard_errors[0], run.degrees_of_freedom
    return Comparison("n = 4", run.means[0], error, degrees, middle, 0.05 * middle)
