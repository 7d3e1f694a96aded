"""Claim 15.correction: the first correction in 1/n, with ridge and noise."""

from typing import Any

import numpy as np
import sympy

from kdverify import Problem, Spectrum, equivalents, size_error
from kdverify import formulas as f
from kdverify.arithmetic import BALLS
from kdverify.evidence import Claim, Comparison, Context, Step
from kdverify.gaussian.finite_size import correction as size_correction
from kdverify.gaussian.numbers import FloatModes

from ..lib import batches as b
from ..lib import copies as c
from ..lib.ensembles import times
from ..lib.modes import Pairs
from ..lib.sums import lam, n, omega, ridge, ridge_total, slope, tau
from ..lib.sums import spread as weight

CORRECTION = Claim(
    "15.correction",
    title="The first correction in 1/n for any ridge, any surrogate, and noise",
    statement=r"\mathbb EP_{ii} = 1-\zeta_i + \frac{w_i(\zeta_i-\bar\zeta)}{s} + O(n^{-2}),\quad"
    r" w_i=\zeta_i(1-\zeta_i),\ s=\sum_iw_i+\frac\delta\tau=n(1-\Omega),\ \bar\zeta ="
    r"\frac1s\Big(\sum_iw_i\zeta_i+\frac\delta\tau\Big);\ \text{energies and noise: derivatives}",
    needs=("2.transfer", "5.size-correction"),
    parts=("log determinant", "equation", "energies", "noise", "simulated"),
    steps=[
        Step(
            "N = delta (X'X + delta)^-1. Integration by parts over gaussian rows, exact for every"
            " n: delta E(1 - N_ii) = lambda_i E[(n - 1) N_ii + (N^2)_ii - N_ii tr(I - N)]."
        ),
        Step(
            "tr N has fluctuations of order 1 and N_ii of order n^-1/2, so that their covariance is"
            " of a smaller order than 1; (N^2)_ii is its equivalent. One linear equation is left.",
            lambda: equation()[1],
        ),
        Step(
            "Its solution is the derivative of (1/2) log(1 - Omega) by log lambda_i: a ridge is one"
            " more mode with zeta = 1 and the weight delta/tau.",
            lambda: half_log_slope(),
        ),
        Step(
            "Energies E (P A P)_ii: along Sigma (I + t A)^-1 as in 2.transfer, for any diagonal A."
            " Noise: minus the derivative by the ridge. That O(n^-2) is what is left is measured,"
            " not proved.",
        ),
    ],
)


def split() -> tuple[Any, Any]:
    """(zeta, 1 - zeta) of the generic mode."""
    return f.split_mode(lam, tau)


def spreads() -> Any:
    """s."""
    return ridge_total(f.spread(*split())) + ridge / tau


def mean_zeta(with_ridge: bool = True) -> Any:
    """The mean of zeta, the ridge's mode included."""
    weighted = ridge_total(f.spread(*split()) * split()[0])
    return f.mean_unlearnt(weighted, spreads(), ridge / tau if with_ridge else 0)


def correction(with_ridge: bool = True) -> Any:
    """The correction of E P_ii."""
    return f.learnt_correction(*split(), mean_zeta(with_ridge), spreads())


def half_log_slope() -> Any:
    """(1/2) d log(1 - Omega)/d log lambda_i: of its own, and through tau."""
    learnt = split()[1]
    by_mode = -lam * sympy.diff(learnt, lam) / slope()
    own = -lam * sympy.diff(learnt**2, lam)
    through = -ridge_total(sympy.diff(learnt**2, tau)) * by_mode
    return (own + through) / (2 * n * (1 - omega))


@CORRECTION.identity("log determinant", but={"the ridge's mode left out": {"with_ridge": False}})
def from_log_determinant(with_ridge: bool = True) -> tuple[Any, Any]:
    """The formula, and the derivative."""
    return correction(with_ridge), half_log_slope()


@CORRECTION.identity("equation", note="any number of modes", but={"without (N^2)_ii": {"part": 0}})
def equation(part: int = 1) -> tuple[Any, Any]:
    """Both sides of the equation at order 1: N = zeta - c, tr(I - N) = n - delta/tau + sum c."""
    zeta, learnt = split()
    c = correction()
    square = zeta - ridge / tau * f.spread(zeta, learnt) / spreads()
    unused = ridge / tau
    right = lam * (-zeta - n * c + part * square - zeta * ridge_total(c) + c * (n - unused))
    return ridge * c, right


def along(expression: Any, tilt: Any) -> Any:
    """d/dt of one mode's expression in lam and tau, where log lam falls by its weight."""
    moved = -weight * lam * sympy.diff(expression, lam)
    return moved - tilt * tau * sympy.diff(expression, tau)


#: Mean of zeta, s, and a slope of log tau as symbols: what holds for all their values.
MEAN, TOTAL, SLOPE = sympy.symbols("m S k", positive=True)


def derivative_of_correction(move: Any, ridge_moves: Any) -> Any:
    """The correction's change where one mode changes by ``move`` and delta/tau by a number."""
    one = f.learnt_correction(*split(), MEAN, TOTAL)
    width = f.spread(*split())
    of_total = ridge_total(move(width)) + ridge_moves
    of_weighted = ridge_total(move(width * split()[0])) + ridge_moves
    of_mean = (of_weighted - MEAN * of_total) / TOTAL
    return move(one) + sympy.diff(one, MEAN) * of_mean + sympy.diff(one, TOTAL) * of_total


@CORRECTION.identity("energies", note="log tau, from (1)")
def root() -> tuple[Any, Any]:
    """What (1) says of the derivative: sum w (a - tilt) - tilt ridge/tau = 0."""
    tilt = f.weights_tilt(ridge_total(f.spread(*split()) * weight), spreads())
    return ridge_total(along(split()[1], tilt)) + ridge / tau * tilt, sympy.Integer(0)


@CORRECTION.identity(
    "energies", note="any weights, any number of modes", but={"tau held fast": {"part": 0}}
)
def energies(part: int = 1) -> tuple[Any, Any]:
    """a c + dc/dt for weights a, and the formula; log tau moves at any pace."""
    left = f.learnt_correction(*split(), MEAN, TOTAL) * weight
    left += derivative_of_correction(lambda e: along(e, part * SLOPE), part * ridge / tau * SLOPE)
    mean_tilt = ridge_total(f.centred_slope(*split(), MEAN) * (weight - SLOPE))
    mean_tilt += f.ridge_mean_tilt(MEAN, SLOPE, ridge / tau)
    spreads_tilt = ridge_total(f.spread_slope(*split()) * (weight - SLOPE)) - SLOPE * ridge / tau
    formula = f.energy_correction(
        weight, *split(), MEAN, TOTAL, SLOPE, mean_tilt / TOTAL, spreads_tilt
    )
    return left, formula


@CORRECTION.identity("noise", note="log tau by the ridge, from (1)")
def root_by_ridge() -> tuple[Any, Any]:
    """``d log tau/d delta`` by (1), and the formula."""
    return -1 / (tau**2 * slope()), f.root_by_ridge(tau, spreads())


@CORRECTION.identity("noise", note="any number of modes", but={"the ridge held": {"part": 0}})
def by_ridge(part: int = 1) -> tuple[Any, Any]:
    """dc/d delta by the chain rule, and the formula; log tau moves at any pace."""

    def move(expression: Any) -> Any:
        return sympy.diff(expression, tau) * tau * SLOPE

    left = derivative_of_correction(move, part / tau - ridge / tau * SLOPE)
    right = f.learnt_by_ridge(
        *split(),
        MEAN,
        TOTAL,
        SLOPE,
        f.mean_by_ridge(
            ridge_total(f.centred_slope(*split(), MEAN)), MEAN, TOTAL, SLOPE, tau, ridge / tau
        ),
        f.spreads_by_ridge(ridge_total(f.spread_slope(*split())), SLOPE, tau, ridge / tau),
    )
    return left, right


@CORRECTION.equal("Sigma = I", note="noise: n/(p - n)^2, of the exact n/(p - n - 1)")
def isotropic(digits: int) -> Pairs:
    """p = 40, n = 20 without ridge: signal exact, the noise part's first order."""
    flat = Problem(Spectrum(np.ones(40)), np.full(40, 0.125))
    found = size_error(flat, 20, None, 1, 0, digits=digits + 10)
    with BALLS.precision(digits + 10):
        yield found.correction, BALLS.number(20) / 400


def corrections_at(eigenvalues: np.ndarray, ridge_value: float) -> Any:
    """The library's corrections for 9 samples of these eigenvalues, in float64."""
    problem = Problem(Spectrum(eigenvalues), b.EXACT.beta_star)
    return size_correction(FloatModes.of(problem), equivalents(problem, 9, ridge_value))


@CORRECTION.below("p = 20", note="energies and noise by differences", but={"0.26": {"at": 0.26}})
def by_differences(digits: int, at: float = 0.25) -> Pairs:
    """Central differences of the library's corrections of E P_ii, by tilt and by ridge."""
    del digits
    eigenvalues, step = b.EXACT.spectrum.eigenvalues, 1e-4
    centre, other = corrections_at(eigenvalues, 0.25), corrections_at(eigenvalues, at)
    up, down = (corrections_at(eigenvalues / (1 + h * eigenvalues), at) for h in (step, -step))
    energy = eigenvalues * other.learnt + (up.learnt - down.learnt) / (2 * step)
    gap = np.abs(energy - centre.energy).max()
    yield BALLS.number(float(gap)), BALLS.number(1e-6 * float(np.abs(centre.energy).max()))
    up, down = (corrections_at(eigenvalues, at + h) for h in (step, -step))
    noise = -eigenvalues @ (up.learnt - down.learnt) / (2 * step)
    yield BALLS.number(abs(float(noise - centre.noise))), BALLS.number(1e-6 * abs(centre.noise))


#: n, ridge, surrogate, trials, what these can tell of the correction
CASES = (
    (20, 0.5, b.BOLD, (600, 400), 0.11),
    (60, 3.0, b.TRUTH, (440, 360), 0.03),
)


def above(n_samples: int, delta: float, surrogate: np.ndarray, risk: float) -> c.Measured:
    """k times what students' risks are above (2)."""

    def measured(on: c.Copies, draw: np.random.Generator, trials: int) -> Any:
        fit, labels = c.Fit(on, on.sample(draw, trials, n_samples), delta), on.of(surrogate)
        student = c.Student([(fit.learnt(), c.Labels.of(labels))], fit.map * np.sqrt(0.5))
        given, products = c.fields(on, fit, product=labels**2), [labels**2, labels * on.truth]
        products += [s * on.lam for s in products]
        more = on.k * (c.excess(on, student) - risk)
        return more, lambda: c.zero_means(on, given, *products)

    return measured


@CORRECTION.agreement("simulated", note="n = 20, 60 and twice these, what is left extrapolated")
def measured(context: Context, sign: float = 1.0) -> list[Comparison]:
    """What students' mean risk is above (2); column signs and noise averaged exactly."""
    found = []
    for n_samples, delta, surrogate, trials, floor in CASES:
        theory = size_error(b.PROBLEM, n_samples, surrogate, 0.5, delta)
        aim, name = sign * theory.correction, f"n = {n_samples}, ridge {delta:g}"
        run, order = above(n_samples, delta, surrogate, theory.risk), b.band(n_samples, delta)
        width = floor * times(context)  # these trials can tell no more at the full level
        found.append(c.extrapolated(context, name, b.PROBLEM, run, aim, order, trials, width))
    return found


measured.but("the correction's sign", sign=-1.0)


@CORRECTION.below("doubles", but={"of another ridge": {"delta": "0.26"}})
def doubles(digits: int, delta: str = "0.25") -> Pairs:
    """float64 beside the ball."""
    ball = size_error(b.EXACT, 9, None, "0.5", "0.25", digits=digits).correction
    found = size_error(b.EXACT, 9, None, 0.5, float(delta)).correction
    yield abs(ball - found), abs(ball) / 10**9
