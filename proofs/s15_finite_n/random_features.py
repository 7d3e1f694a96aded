"""Claim 15.random-features: the first correction for students with random features."""

from typing import Any

import numpy as np
import sympy
from flint import arb

from kdverify import formulas as f
from kdverify import size_error
from kdverify.arithmetic import BALLS
from kdverify.arithmetic.jets import Jet
from kdverify.evidence import Claim, Comparison, Context, Step
from kdverify.gaussian.finite_size import correction
from kdverify.gaussian.numbers import FloatModes
from kdverify.gaussian.solve import equivalents as gaussian_equivalents
from kdverify.random_features import certified, equivalents
from kdverify.random_features.finite_size import risk_correction
from kdverify.random_features.finite_size import size_error as feature_error

from ..lib import batches as b
from ..lib import copies as c
from ..lib.ensembles import copied
from ..lib.features import TwoLayer
from ..lib.layer_copies import LayerFit, layer_means
from ..lib.modes import Pairs

FEATURES = Claim(
    "15.random-features",
    title="The first correction for a student with random features",
    statement=r"D = L_{uu}L_{ww}-L_{uw}^2,\quad D\big|_{s=t=0} = n(1-\Upsilon)(q-T_2):\quad"
    r"\tfrac12\partial_{\log\lambda_i}\log D\ \text{is added to}\ \mathbb E P_{ii} = 1-\zeta_i,"
    r"\ \ \tfrac12\partial_s\partial_t\log D\ \text{to the mean square};\ u=\log\nu_1,\ w ="
    r"\log\tfrac{\nu_1}{\nu_2}",
    needs=("12.risk", "12.positive-forms", "15.correction"),
    parts=(
        "exact",
        "Hessian",
        "saddle",
        "infinitely many features",
        "few features",
        "simulated",
        "doubles",
    ),
    steps=[
        Step(
            "With K = delta + t sigma^2 + X [W'(1 + s W Sigma W')^-1 W + t diag(beta_i^2)] X', the"
            " mean square of the predictions is the mixed derivative of log det K, for every X and"
            " W, up to products of two modes, which column signs average away.",
            lambda: by_determinant()[0],
        ),
        Step(
            "Given W, E log det K is a saddle in nu_1, with half the logarithm of its second"
            " derivative beside it; over W the saddle's value is a log determinant again, with a"
            " saddle in nu_1/nu_2. That W moves the first saddle counts a relative 1/n less.",
        ),
        Step("Together: half the logarithm of the Hessian's determinant.", lambda: hessian()[0]),
        Step(
            "Without ridge and q < n the student is least squares on q features, exact given W; the"
            " mean over W is that of a projector. That O(n^-2) is what is left is measured."
        ),
    ],
)


@FEATURES.identity("exact", note="lemma: n = 2, q = 1", but={"W Sigma W' for s": {"own": False}})
def by_determinant(own: bool = True) -> tuple[Any, Any]:
    """The mixed derivative of log det K, and beta^2 P' Sigma P with the noise part.

    More modes, features and any A are in 15.feature-stages.
    """
    s, ridge, noise = sympy.symbols("s delta sigma", positive=True)
    x, w = sympy.Matrix(2, 1, sympy.symbols("x_1:3", real=True)), sympy.Symbol("w", real=True)
    lam, square = sympy.symbols("lambda b", positive=True)
    z = x * w
    student = w * z.T / ((z.T * z)[0] + ridge)
    right = lam * (noise * (student * student.T)[0] + square * (student * x)[0] ** 2)
    # det K at first order in t: K_0 + t K_1, the trace of K_0^-1 K_1
    k_0 = ridge * sympy.eye(2) + z * z.T / (1 + s * w * lam * w)
    k_1 = noise * sympy.eye(2) + x * square * x.T
    slope = (k_0.adjugate() * k_1).trace() / k_0.det()
    return sympy.diff(slope, s).subs(s, 0 if own else 1), right


@FEATURES.identity("Hessian", but={"q for n": {"swapped": True}})
def hessian(swapped: bool = False) -> tuple[Any, Any]:
    """D at s = t = 0 by sums, and by the numbers of (17)."""
    n, q, spreads, gap, other = sympy.symbols("n q S e_n e_q", positive=True)
    squares = n - gap - spreads  # n - df = e_n, q - df = e_q
    left = f.saddle_hessian(spreads + gap, spreads + other, -spreads)
    eta = f.crowding(spreads, other)
    upsilon = f.upsilon(squares, spreads, eta, q if swapped else n)
    return left, n * (1 - upsilon) * (other + spreads)


@FEATURES.identity("Hessian", note="one mode's second derivatives", but={"t for s": {"turn": True}})
def by_sympy(turn: bool = False) -> tuple[Any, Any]:
    """Derivatives of the mode's logarithm by u and w, and those of `kdverify.formulas`."""
    lam, a, s, t = sympy.symbols("lambda a s t", positive=True)
    u, w, x, y = sympy.symbols("u w x y", positive=True)
    nu, ratio = sympy.exp(u), sympy.exp(w)
    pole = f.feature_pole(lam, a, nu, ratio, s, t)
    given = (lam, a, nu, ratio, t, s) if turn else (lam, a, nu, ratio, s, t)
    found = x * (f.pole_by_nu(a, nu, ratio, s) + y * f.pole_by_both(a, nu, ratio, s))
    found += f.pole_by_ratio(*given)
    return x * (sympy.diff(pole, u) + y * sympy.diff(pole, u, w)) + sympy.diff(pole, w), found


def saddle_at(s: float, t: float, moved: Any, setting: Any, squares: Any, weights: Any) -> Any:
    """Value of the saddle and half the logarithm of its Hessian, by Newton's method on numbers.

    The function is written out: log det, and its derivatives by differences of its gradient.  The
    penalty s is on the weights, t on the squares of coefficients; eigenvalues grow by exp(moved).
    """
    problem, n, q, noise, ridge = setting
    lam = problem.spectrum.eigenvalues
    own = lam * np.exp(moved)

    def parts(at: np.ndarray) -> np.ndarray:
        nu, c = np.exp(at)
        pole = (nu + t * squares * own) * (1 + c * s * weights) + c * own
        by_nu = (nu * (1 + c * s * weights) / pole).sum() - lam.size + n - (ridge + t * noise) / nu
        by_c = (c * (own + s * weights * (nu + t * squares * own)) / pole).sum() - q + q * c
        return np.array([by_nu, by_c])

    def jacobian(at: np.ndarray, h: float = 1e-5) -> np.ndarray:
        steps = h * np.eye(2)
        eighths = [
            (8 * (parts(at + e) - parts(at - e)) - parts(at + 2 * e) + parts(at - 2 * e)) / (12 * h)
            for e in steps
        ]
        return np.array(eighths)

    start = equivalents(problem, n, q, ridge)
    at = np.log([start.nu_1, start.nu_1 / start.nu])
    for _ in range(6):
        at = at - np.linalg.solve(jacobian(at), parts(at))
    nu, c = np.exp(at)
    pole = (nu + t * squares * own) * (1 + c * s * weights) + c * own
    value = np.log(pole).sum() + (n - lam.size) * at[0] - q * at[1] + q * c
    return np.array([value + (ridge + t * noise) / nu, np.linalg.slogdet(jacobian(at))[1] / 2])


def form_by_differences(
    setting: Any, squares: np.ndarray, crossed: np.ndarray, weights: np.ndarray, h: float
) -> np.ndarray:
    """``E b'Ab - 2 E l'b`` and its correction; ``crossed`` is l times the labels' mean."""
    known = setting, squares, weights
    corners = [[saddle_at(i * h, j * h, 0, *known) for j in (-1, 1)] for i in (-1, 1)]
    energy = (corners[1][1] - corners[1][0] - corners[0][1] + corners[0][0]) / (4 * h * h)
    up, down = (saddle_at(0, 0, i * h * crossed, *known) for i in (1, -1))
    return np.asarray(energy - 2 * (up - down) / (2 * h))


@FEATURES.below("saddle", note="differences, p = 20", but={"another ridge": {"ridge": 0.55}})
def by_differences(digits: int, ridge: float = 0.5) -> Pairs:
    """Differences of the saddle's value make (17), those of half the logarithm the correction."""
    del digits
    surrogate, h = b.EXACT.beta_star * np.cos(np.arange(20.0)), 1e-3
    setting = (b.EXACT, 10, 14, 0.3, 0.5)
    found = feature_error(b.EXACT, 10, 14, surrogate, 0.3, ridge)
    lam, crossed = b.EXACT.spectrum.eigenvalues, b.EXACT.signal * np.cos(np.arange(20.0))
    value = form_by_differences(setting, surrogate**2, crossed, lam, h)
    yield (
        BALLS.number(abs(float(value[0] + b.EXACT.signal.sum() - found.risk))),
        BALLS.number(1e-5 * found.risk),
    )
    gap = abs(float(value[1] - found.correction))
    yield BALLS.number(gap), BALLS.number(1e-3 * abs(found.correction))


def ball(q: Any, surrogate: Any, digits: int, ridge: str = "0.25") -> arb:
    """The library's correction on balls, n = 9, noise 1/2."""
    proof = certified.certificate(b.EXACT, 9, q, "0.5", ridge, digits)
    with BALLS.precision(2 * digits + 20):
        return risk_correction(proof.modes, proof.equivalents, surrogate, BALLS.number(0.5))


@FEATURES.below("infinitely many features", but={"a million": {"q": 10**6}})
def no_layer(digits: int, q: int = 10**15) -> Pairs:
    """q = 10^15: the correction of 15.correction, to twelve digits."""
    truth = certified.certificate(b.EXACT, 9, q, "0.5", "0.25", digits).modes.beta_star
    sought = size_error(b.EXACT, 9, None, "0.5", "0.25", digits=digits).correction
    yield abs(ball(q, truth, digits) - sought), abs(sought) / 10**12


@FEATURES.below("few features", but={"a sample more": {"more": 1}})
def few_features(digits: int, more: int = 0) -> Pairs:
    """q < n, no ridge: least squares exact given the layer, the projector's mean by 15.correction.

    The student's own part is ``s'Sigma P s``; what it leaves of the labels costs q/(n - q - 1).
    """
    del digits
    lam, truth = b.EXACT.spectrum.eigenvalues, b.EXACT.beta_modes
    surrogate, noise = truth * (1 + np.cos(np.arange(truth.size))), 0.5
    for n, q in ((9, 4), (30, 12)):
        at = gaussian_equivalents(b.EXACT, q)
        learnt = at.one_minus_zeta + correction(FloatModes.of(b.EXACT), at).learnt
        left = noise + np.sum(lam * surrogate**2 * (1 - learnt))
        shift = np.sum(lam * (truth**2 + (surrogate**2 - 2 * surrogate * truth) * learnt))
        whole = shift + left * q / (n - q - 1)
        found = feature_error(
            b.EXACT, n + more, q, b.EXACT.spectrum.from_modes(surrogate), noise
        ).corrected
        yield BALLS.number(float(abs(found - whole))), BALLS.number(1e-11 * float(whole))


@FEATURES.below("doubles", but={"another ridge": {"ridge": 0.26}})
def doubles(digits: int, ridge: float = 0.25) -> Pairs:
    """float64 beside balls: with ridge, and without on both sides of n = q."""
    truth, modes = b.EXACT.beta_star, FloatModes.of(b.EXACT)
    for q, exact in ((14, "0.25"), (14, "0"), (5, "0"), (5, "0.25")):
        own = certified.certificate(b.EXACT, 9, q, "0.5", exact, digits).modes.beta_star
        at = equivalents(b.EXACT, 9, q, ridge if exact != "0" else 0.0)
        found = ball(q, own, digits, exact)
        yield abs(found - float(risk_correction(modes, at, truth, 0.5))), abs(found) / 10**9


#: Without ridge: n, q, and what the trials can tell of the correction; one with a ridge.
RIDGELESS = ((20, 60, 0.025), (40, 22, 0.04))
RIDGE, NOISE = (60, 80, 0.3), 0.3


def given_one(n: int, q: int) -> c.Measured:
    """What students without ridge have above (17), over the correction; means given X, or W.

    Given X and for q > n, the features ``W X'`` are q Gaussian rows: W'W times them is their
    regression, X^+ y and noise of variance ``y'(XX')^-1 y/(q - n - 1)`` off the span of X.  Given W
    and for q < n, it is least squares on q features: `few_features`.
    """

    def measured(on: c.Copies, draw: np.random.Generator, trials: int) -> Any:
        fit, lam = c.Fit(on, on.sample(draw, trials, min(n, q)), 0.0), on.lam
        learnt, labels, k = fit.learnt(), c.Labels.of(on.truth), on.k
        seen = np.einsum("tii->ti", learnt)
        if q > n:
            values = c.excess(on, c.Student([(learnt, labels)], fit.map * np.sqrt(NOISE)))
            energy = seen @ labels.square + NOISE * (fit.map**2).sum(axis=(1, 2))
            values += energy * ((1 - seen) @ lam) / (k * q - k * n - 1)
        else:
            left, spent = (1 - seen) @ (lam * labels.square), k * q / (k * n - k * q - 1)
            values = left + (NOISE + left) * spent
        theory = feature_error(copied(on.problem, k), k * n, k * q, None, NOISE)
        given, products = c.fields(on, fit), (labels.square, labels.square * lam)
        ratio = (values - theory.risk) / theory.correction
        return ratio, lambda: c.zero_means(on, given, *products)

    return measured


def with_ridge(n: int, q: int, ridge: float) -> c.Measured:
    """The same of students with a ridge, on labels of other coefficients; nothing is given."""

    def measured(on: c.Copies, draw: np.random.Generator, trials: int) -> Any:
        sample, labels = on.sample(draw, trials, n), c.Labels.of(on.of(b.BOLD))
        layer = draw.standard_normal((trials, on.k * q, on.lam.size)) / np.sqrt(on.k * q)
        fit = LayerFit(on, sample, ridge, layer)
        student = c.Student([(fit.learnt(), labels)], fit.map * np.sqrt(NOISE))
        theory = feature_error(on.problem, n, q, b.BOLD, NOISE, ridge)
        products = labels.square, on.lam * labels.square, on.lam * labels.mean * on.truth
        given = c.fields(on, fit, product=labels.square)
        above = on.k * (c.excess(on, student) - theory.risk) / theory.correction
        zeros = c.zero_means(on, given, *products), layer_means(on, fit, *products)
        return above, lambda: np.concatenate(zeros, axis=1)

    return measured


@FEATURES.agreement(
    "simulated", note="of the correction: within 7 and 10 % without ridge, 1.5 % with one"
)
def measured(context: Context, sign: float = 1.0) -> list[Comparison]:
    """What students' mean risk is above (17), over the correction, extrapolated from two sizes.

    Column signs and noise are averaged exactly.
    """
    cases = [(n, q, 0.0, given_one(n, q), (500, 400), floor) for n, q, floor in RIDGELESS]
    cases.append((*RIDGE, with_ridge(*RIDGE), (500, 300), 0.013))
    found = []
    for n, q, ridge, run, trials, floor in cases:
        name, order = f"n = {n}, q = {q}", TwoLayer("", b.PROBLEM, n, q, ridge).law_band
        found.append(c.extrapolated(context, name, b.PROBLEM, run, sign, order, trials, floor))
    return found


measured.but("the correction's sign", sign=-1.0)


@FEATURES.identity(
    "Hessian", note="lemma: numbers that carry derivatives", but={"no mixed one": {"mixed": 0}}
)
def by_jets(mixed: int = 1) -> tuple[list[Any], list[Any]]:
    """Products, quotients, logarithms and exponentials of `Jet`, beside SymPy's derivatives."""
    s, t = sympy.symbols("s t", real=True)
    v, a, b, c, w, d = sympy.symbols("v a b c w d", positive=True)

    def parts(value: Any) -> list[Any]:
        return [part.subs({s: 0, t: 0}) for part in (value, value.diff(s), value.diff(t))] + [
            value.diff(s, t).subs({s: 0, t: 0})
        ]

    one, two = v + a * s + b * t + mixed * c * s * t, w + d * s + c * t + a * s * t
    jets = Jet(v, a, b, c), Jet(w, d, c, a)
    left = [*(jets[0] * jets[1]).parts, *(jets[0] / jets[1]).parts, jets[0].log_both()]
    left += Jet(0, a, b, c).exp_change().parts
    right = [*parts(one * two), *parts(one / two), parts(sympy.log(one))[3]]
    right += parts(sympy.exp(one - v))
    return left, right
