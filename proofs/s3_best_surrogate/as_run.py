"""Claim of section 3: what the library computes is what the equations say, in every branch."""

import math
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from fractions import Fraction
from typing import Any

import flint
import numpy as np

import kdverify as kd
from kdverify.arithmetic import BALLS
from kdverify.evidence import Claim, Step
from kdverify.gaussian import certified, risks, theory
from kdverify.gaussian.exact_risk import exact_risk
from kdverify.gaussian.solve import multiprecision
from kdverify.gaussian.solve.result import Code, Equivalents

from ..lib.balls import Case, reflection
from ..lib.modes import Pairs, symbolic_modes
from ..lib.written import Written, agree, all_same, ball, mp, same

AS_RUN = Claim(
    "3.as-run",
    title="Risks, gains, masks, curves and certificates are (1) to (5), in every branch",
    statement=r"R(\beta^s),\ R_{std},\ R_{opt},\ R_{mask},\ \beta^{opt}/\beta^*,\ (5),"
    r"\ \text{curves}:\ \text{within}\ 10^{-12}\ \text{of the equations},\quad"
    r" n < p,\ n \ge p,\ \text{ridge, noise, ties};\quad n = 1, p = 2\ \text{exactly}",
    needs=("1.unique", "2.risk", "3.optimal", "4.rule"),
    parts=("float64", "curves", "many modes", "many digits", "balls", "ties", "one row"),
    steps=[
        Step(
            "The equations are written out mode by mode in mpmath; tau is found by bisection and"
            " Newton's method on (1) as it stands."
        ),
        Step(
            "Modes 1 (five) and 5 (nine) at n = 10: tau = 1, Omega = 3/4, zeta = 1/2 for the"
            " five: zeta^2 = 1 - Omega, a tie. At Sigma = I every mode has zeta = 1 - Omega."
        ),
        Step(
            "One row of two modes with deviations r and s has x_1/x_2 = c t, c = r/s, t Cauchy:"
            " x_1^2/|x|^2 has the mean r/(r + s), x_1^2 x_2^2/|x|^4 the mean r s/(2 (r + s)^2)."
        ),
    ],
)

#: Unsorted, with a repeated eigenvalue; signs and sizes of beta* mixed.
LAM = (0.5, 2.0, 1.0, 0.25, 0.125, 3.0, 0.5)
BETA = (1.0, -0.5, 2.0, 3.0, -4.0, 0.25, 1.5)
SURROGATE = (1.5, -0.25, 1.0, 2.0, 0.5, 0.75, -1.0)
#: n below p, fractional, at p, p + 1, above; without and with ridge; noise.
CASES: tuple[tuple[float, float, float], ...] = (
    (3.0, 0.0, 0.5),
    (0.75, 0.0, 0.0),
    (4.5, 0.0, 2.0),
    (6.0, 0.0, 0.0),
    (7.0, 0.0, 0.0),
    (7.0, 0.0, 0.5),
    (8.0, 0.0, 0.5),
    (9.5, 0.0, 0.5),
    (3.0, 0.25, 0.5),
    (7.0, 0.5, 0.0),
    (12.0, 2.0, 1.5),
)
MASK = (True, False, True, False, True, True, False)
#: Orthonormal eigenvectors.
BASIS = np.array(reflection((1, 2, 0, -1, 3, 1, 1)), dtype=float) @ np.array(
    reflection((1, 0, 1, 1, -2, 1, 0)), dtype=float
)


@contextmanager
def quiet() -> Iterator[None]:
    """Without the warning where noise has no finite mean."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", theory.NoFiniteMeanWarning)
        yield


def settings() -> Iterator[tuple[kd.Problem, Written]]:
    """A problem in coordinates of its own, and its equations."""
    problem = kd.Problem(kd.Spectrum(np.array(LAM), BASIS), BASIS @ np.array(BETA))
    for n, ridge, noise in CASES:
        yield problem, Written(LAM, problem.beta_modes.tolist(), n, ridge, noise)


@AS_RUN.below(
    "float64", note="eleven settings, seven modes", but={"noise 1/100 more": {"more": 0.01}}
)
def in_float64(digits: int, more: float = 0.0) -> Pairs:
    """Every function of the theory at every setting; bounds of the errors are not too small."""
    for problem, true in settings():
        n, ridge = true.n, true.ridge
        labels = {"noise_variance": true.noise + more, "ridge": ridge}
        turned, mask = BASIS @ np.array(SURROGATE), np.array(MASK)
        with quiet():
            yield same(kd.risk(problem, n, **labels), true.risk(), least=1e-3)
            yield same(
                kd.risk(problem, n, turned, **labels), true.risk(problem.spectrum.to_modes(turned))
            )
            yield same(kd.optimal_risk(problem, n, **labels), true.best, least=1e-3)
            yield same(kd.masked_risk(problem, n, **labels), true.masked(), least=1e-3)
            yield same(kd.masked_risk(problem, n, mask, **labels), true.masked(MASK))
        yield from all_same(kd.gains(problem, n, ridge), true.gains)
        yield from all_same(kd.improvements(problem, n, ridge), true.improvements)
        yield from agree(kd.optimal_mask(problem, n, ridge), true.kept)
        best = problem.spectrum.to_modes(kd.optimal_surrogate(problem, n, ridge))
        wanted = [g * b for g, b in zip(true.gains, true.truth, strict=True)]
        yield from all_same(best, wanted, least=1)
        at = kd.equivalents(problem, n, ridge)
        yield same(at.tau, true.tau)
        yield same(at.omega, true.omega)
        yield same(at.one_minus_omega, 1 - true.omega, least=1e-3)
        yield from all_same(at.zeta, true.zeta)
        yield from bounded(at, true)


def bounded(at: Equivalents, true: Written) -> Pairs:
    """``log_error`` holds the true error of tau, and the roundings of the sums beside it."""
    if true.least_squares:
        return
    error = abs(mp.log(mp.mpf(float(at.tau)) / true.tau))
    bound = ball(mp.mpf(float(at.log_error)))
    yield ball(error), bound
    yield flint.arb(70) / 2**53, bound


@AS_RUN.below("curves", note="any order, n above p, one n", but={"the next n": {"shift": 1}})
def curves(digits: int, shift: int = 0) -> Pairs:
    """Every array of `theory.curve`: several n in one sweep, one alone, and beyond p."""
    problem = next(settings())[0]
    for sizes, ridge, noise in (
        ((4.5, 1.0, 9.5, 3.0, 7.0, 8.25), 0.0, 0.5),
        ((3.0,), 0.0, 2.0),
        ((2.0, 5.5, 12.0), 0.75, 1.5),
    ):
        with quiet():
            found = theory.curve(problem, sizes, noise, ridge)
            bare = theory.curve(problem.spectrum, sizes, noise, ridge)
        for k, n in enumerate(sizes):
            true = Written(LAM, problem.beta_modes.tolist(), n + shift, ridge, noise)
            amplified = sum(z < 1 - true.omega for z in true.zeta)
            one = Fraction(1, 10**12)
            for curve in (found, bare):
                yield same(curve.n[k], n)
                yield same(curve.tau[k], true.tau)
                yield same(curve.omega[k], true.omega)
                yield same(curve.one_minus_omega[k], 1 - true.omega, one, least=1e-3)
                yield from agree([curve.kept[k]], [sum(true.kept)])
                yield from agree([curve.amplified[k]], [0 if true.least_squares else amplified])
            yield same(found.standard[k], true.risk())
            yield same(found.optimal[k], true.best)
            yield same(found.masked[k], true.masked())
            yield from agree(
                np.isnan([bare.standard[k], bare.optimal[k], bare.masked[k]]), [True] * 3
            )
    # blocks of several modes, which the mask cuts in the middle
    modes = [1 / (i * i) for i in range(1, 61)]
    beta = [0.5 + i % 3 for i in range(60)]
    longer = kd.Problem(kd.Spectrum(np.array(modes)), np.array(beta))
    longer_sizes = [12.0 + k for k in range(12)]
    swept = theory.curve(longer, longer_sizes, 0.25)
    for k, n in enumerate(longer_sizes):
        true = Written(modes, beta, n + shift, 0, 0.25)
        yield same(swept.masked[k], true.masked())
        yield same(swept.optimal[k], true.best)
        yield from agree([swept.kept[k]], [sum(true.kept)])


@AS_RUN.below(
    "balls", note="eleven settings, certified", but={"noise 1/100 more": {"more": Fraction(1, 100)}}
)
def in_balls(digits: int, more: Fraction = Fraction(0)) -> Pairs:
    """`Certificate` and `certified.risk`: each ball holds the true number, and is narrow."""
    for problem, true in settings():
        noise = Fraction(true.noise) + more
        if noise and true.least_squares and true.n <= len(LAM) + 1:
            continue
        close = Fraction(1, 10**14)
        with quiet():
            held = certified.certificate(problem, true.n, noise, true.ridge, digits)
        yield same(held.tau, true.tau, close)
        yield same(held.omega, true.omega, close)
        yield same(held.standard, true.risk(), close, least=1e-3)
        yield same(held.optimal, true.best, close, least=1e-3)
        yield same(held.masked, true.masked(), close, least=1e-3)
        yield same(held.masked_by(np.array(MASK)), true.masked(MASK), close)
        yield from all_same(held.gains, true.gains, close=close)
        yield from all_same(held.improvements, true.improvements, close=close)
        wanted = [g * b for g, b in zip(true.gains, true.truth, strict=True)]
        yield from all_same(held.optimal_surrogate, wanted, close=close, least=1)
        for certain in held.kept:
            yield from agree(certain, true.kept)
        yield from agree(held.membership(), ["yes" if k else "no" for k in true.kept])
        turned = BASIS @ np.array(SURROGATE)
        labels = problem.spectrum.to_modes(turned).tolist()
        found = certified.risk(problem, true.n, turned, noise, true.ridge, digits)
        yield same(found, true.risk(labels), close)
        yield same(
            certified.risk(problem, true.n, None, noise, true.ridge, digits),
            true.risk(),
            close,
            least=1e-3,
        )


@AS_RUN.below("many modes", note="p = 2,500, not a power law", but={"n + 1": {"shift": 1}})
def many_modes(digits: int, shift: int = 0) -> Pairs:
    """Modes that a curve compresses into blocks, against sums over all of them."""
    grid = np.arange(2500)
    lam = np.exp(-9 * np.modf(grid * 0.6180339887498949)[0]) * (1 + 0.3 * np.cos(grid))
    problem = kd.Problem(kd.Spectrum(lam), 1 + np.sin(3 * grid))
    signal = lam * (1 + np.sin(3 * grid)) ** 2
    sizes, noise, close = np.linspace(200.0, 2200.0, 40), 0.5, Fraction(1, 10**11)
    found = theory.curve(problem, sizes, noise)
    for k in (0, 17, 39):
        tau = float(Written(lam, (), sizes[k] + shift).tau)
        zeta = tau / (lam + tau)
        omega = math.fsum((1 - zeta) ** 2) / sizes[k]
        share, kept = omega / (1 - omega), zeta**2 < 1 - omega
        gain = (1 - zeta) / ((1 - zeta) ** 2 + share * zeta**2)
        best = ((1 - zeta) * gain - 1) ** 2 + share * (zeta * gain) ** 2
        costs = signal * zeta**2 / (1 - omega)
        yield same(found.tau[k], tau, close)
        yield same(found.omega[k], omega, close)
        for risk, modes in (
            (found.standard[k], costs),
            (found.optimal[k], signal * best),
            (found.masked[k], np.where(kept, costs, signal)),
        ):
            yield same(risk, math.fsum(modes) + noise * share, close)
        yield from agree((found.kept[k], found.amplified[k]), (kept.sum(), (gain > 1).sum()))


@AS_RUN.below("many digits", note="mpmath", but={"ridge + 1/1000": {"more": Fraction(1, 1000)}})
def in_digits(digits: int, more: Fraction = Fraction(0)) -> Pairs:
    """`multiprecision.solve`: 30 digits of tau, Omega and zeta, and its code."""
    close = Fraction(1, 10**28)
    for _, true in settings():
        spectrum = kd.Spectrum(np.array(LAM))
        at = multiprecision.solve(spectrum, Fraction(true.n), Fraction(true.ridge) + more, 30)
        pairs = [(at.tau, true.tau), (at.omega, true.omega), (at.one_minus_omega, 1 - true.omega)]
        pairs += list(zip(at.zeta, true.zeta, strict=True))
        for number, wanted in pairs:
            yield same(flint.arb(mp.nstr(number, 36)), wanted, close, least=1e-3)
        yield from agree([at.code.ok], [True])
        if true.least_squares:
            continue
        with BALLS.precision(90):
            case = Case(spectrum, Fraction(true.n), Fraction(true.ridge) + more)
            left = abs(case.evaluation(flint.arb(mp.nstr(at.tau, 80))).ratio.log())
        # |g| where the root was left bounds its error; it is told from 50 digits
        yield left, flint.arb(mp.nstr(at.log_error, 20)) + flint.arb(10) ** -48


@AS_RUN.below("ties", note="exact ties on balls", but={"n = 21/2": {"n": Fraction(21, 2)}})
def ties(digits: int, n: Fraction = Fraction(10)) -> Pairs:
    """A tie is "undecided", and its risk holds what either choice costs; at Sigma = I no gain."""
    tied = kd.Spectrum.from_multiplicities([5.0, 1.0], [9, 5])
    signal = [Fraction(1, k) for k in range(1, 15)]
    beta = [float(s / (5 if k < 9 else 1)) ** 0.5 for k, s in enumerate(signal)]
    held = certified.certificate(kd.Problem(tied, np.array(beta)), n, Fraction(1, 2), 0, digits)
    exact = [Fraction(b) ** 2 * (5 if k < 9 else 1) for k, b in enumerate(beta)]
    cost = sum(exact[:9]) / 9 + sum(exact[9:]) + Fraction(3, 2)
    yield from agree(held.membership(), ["yes"] * 9 + ["undecided"] * 5)
    yield same(held.masked, cost, Fraction(1, 10**14))
    yield same(held.masked_by(np.arange(14) < 9), cost, Fraction(1, 10**14))
    yield same(held.tau, 1, Fraction(1, 10**14))
    flat = certified.certificate(kd.Spectrum(np.ones(6)), 3 * n / 10, 0, 0, digits)
    yield from agree(flat.amplified[0], [False] * 6)


@AS_RUN.below("one row", note="two modes, exactly", but={"s + 1/100": {"more": Fraction(1, 100)}})
def one_row(digits: int, more: Fraction = Fraction(0)) -> Pairs:
    """`exact_risk` in coordinates of its own, of strong labels and others."""
    r, s, basis = Fraction(2), Fraction(1, 2), np.array([[0.6, -0.8], [0.8, 0.6]])
    beta, other = (Fraction(3, 2), Fraction(-1)), (Fraction(1, 4), Fraction(2))
    problem = kd.Problem(kd.Spectrum(np.array([4.0, 0.25]), basis), basis @ np.array(beta, float))
    lam, s = (r**2, s**2), s + more
    means, both = (r / (r + s), s / (r + s)), r * s / (2 * (r + s) ** 2)
    for labels, given in ((beta, None), (other, basis @ np.array(other, float))):
        risk = sum(x * b**2 for x, b in zip(lam, beta, strict=True))
        for i in range(2):
            risk -= 2 * lam[i] * beta[i] * labels[i] * means[i]
            risk += lam[i] * (labels[i] ** 2 * (means[i] - both) + labels[1 - i] ** 2 * both)
        yield same(exact_risk(problem, 1, given), risk)


@AS_RUN.identity("p = 2, symbols", but={"noise twice": {"share": 2}})
def symbols(share: int = 1) -> tuple[Any, Any]:
    """`gaussian.risks` on SymPy's symbols: (2), and least squares above p."""
    m = symbolic_modes(2, ridge=True)
    at = Equivalents(
        n=m.n,
        ridge=m.ridge,
        tau=m.tau,
        omega=m.omega,
        one_minus_omega=m.one_minus_omega,
        eigenvalues=m.lam,
        split=(m.zeta, m.one_minus_zeta),
        code=Code.CONVERGED,
    )
    modes = theory._Modes(m.lam, m.beta_star, m.signal)
    bias = [
        lam * ((1 - z) * s - b) ** 2
        for lam, z, s, b in zip(m.lam, m.zeta, m.surrogate, m.beta_star, strict=True)
    ]
    left = [lam * z**2 * s**2 for lam, z, s in zip(m.lam, m.zeta, m.surrogate, strict=True)]
    right = sum(bias) + (share * m.noise + sum(left)) * m.omega / (1 - m.omega)
    return risks.excess_risk(modes, at, m.surrogate, m.noise), right
