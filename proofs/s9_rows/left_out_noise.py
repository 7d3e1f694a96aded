"""Claim of section 9, any rows: the part of the risk that label noise makes."""

from collections.abc import Callable
from typing import Any

import numpy as np
import sympy

from kdverify import Spectrum, equivalents
from kdverify import formulas as f
from kdverify.evidence import Claim, Comparison, Context, Step

from ..lib import sums as m
from ..lib.ensembles import generator, times
from ..lib.integrals import mean_inverse_wishart_trace

LEFT_OUT_NOISE = Claim(
    "9.left-out-noise",
    title="Rows whose noise depends on them: the noise part with one row left out, Gaussian M",
    statement=r"\frac{n}{1-\Omega}E\Big[\frac{r^2a(x)}{b(x)^2}\Big],\ a = x^\top(\Sigma+\tau)^{-1}"
    r"\Sigma(\Sigma+\tau)^{-1}x,\ b = x^\top(\Sigma+\tau)^{-1}x;\quad a\to n\Omega,\ b\to n:"
    r"\ E[r^2]\frac{\Omega}{1-\Omega}",
    needs=("9.pseudo-inverse", "9.gaussian", "2.isotropic-noise"),
    parts=("from (11)", "concentrated", "Sigma = I", "two scales"),
    steps=[
        Step(
            "The noise part of (11), n E[r^2 x'Dx/b^2], with the Gaussian M = tau (Sigma + tau)^-1"
            " and D = M Sigma M/(1 - Omega): tau cancels.",
            lambda: gaussian_noise()[1],
        ),
        Step(
            "The means of a and b are n Omega and n - delta/tau; with ridge b + delta/tau stands"
            " for b. Constant a and b give the noise part of (2)."
        ),
        Step(
            "Sigma = I, rows s g, exactly: r_i^2/(s_i^2 chi^2_(p-n+1)) row by row. (8) has p - n in"
            " the place of p - n - 1: the scales and the noise's dependence on them are exact.",
            lambda: isotropic_error()[0],
        ),
        Step(
            "For rows that are no scale mixture M is another matrix, and (8) is a first step"
            " toward (11) only."
        ),
    ],
)


#: Half-width of a band, relative, times p - n - 1: three times the bias at Sigma = I.
BAND = 3


def left_out_noise(n: Any, one_minus_omega: Any, square: Any, a: Any, b: Any) -> Any:
    """One row's share of (8): the noise part of (11) with the Gaussian M, over tau."""
    return square * f.response_weight(n, b, a / one_minus_omega)


@LEFT_OUT_NOISE.identity("from (11)", but={"tau once": {"power": 1}})
def gaussian_noise(power: int = 2) -> tuple[Any, Any]:
    """(11)'s noise part of one row at ``M = tau (Sigma + tau)^-1`` and D of Gaussian rows; (8)."""
    a, b, tau, n, rest, square = sympy.symbols("a b tau n omega' r^2", positive=True)
    scale, form = tau * b, tau**power * a / rest
    return square * f.response_weight(n, scale, form), left_out_noise(n, rest, square, a, b)


@LEFT_OUT_NOISE.identity(
    "concentrated",
    note="any number of modes, with ridge",
    but={"ridge, but b as it stands": {"ridge_counts": False}},
)
def concentrated(ridge_counts: bool = True) -> tuple[list[Any], list[Any]]:
    """The means of a, and of b + delta/tau; and (8) where both are constant."""
    _, learnt = m.split()
    a = m.total(f.learnt_square(learnt))
    b = m.ridge_total(learnt) + (m.ridge / m.tau if ridge_counts else 0)
    share = left_out_noise(m.n, 1 - m.omega, m.noise, a, m.n)
    plain = m.noise * f.noise_trace(m.omega, 1 - m.omega)
    return [a, b, share], [m.n * m.omega, m.n, plain]


@LEFT_OUT_NOISE.identity(
    "Sigma = I", note="the relative error is 1/(p - n - 1)", but={"1/(p - n)": {"shift": 1}}
)
def isotropic_error(shift: int = 0) -> tuple[Any, Any]:
    """Sigma = I, rows s g: (8), exact noise part, and the relative error times p - n - 1."""
    square = sympy.Symbol("E[r^2/s^2]", positive=True)
    tau = (m.p - m.n) / m.n
    # a(x) = s^2 p/(1 + tau)^2 and b(x) = s^2 p/(1 + tau)
    a, b = m.p / (1 + tau) ** 2, m.p / (1 + tau)
    claimed = left_out_noise(m.n, 1 - m.n / m.p, square, a, b)
    exact = square * mean_inverse_wishart_trace(m.n, m.p)
    return (exact / claimed - 1) * (m.p - m.n - 1 + shift), sympy.Integer(1)


#: Modes and rows at the quick level.
P, N = 480, 80


def noise_parts(
    context: Context,
    key: str,
    scales: Callable[[np.random.Generator, tuple[int, ...]], np.ndarray],
    variance: Callable[[np.ndarray], np.ndarray],
    mean: float,
    trials: int,
) -> tuple[np.ndarray, int, int]:
    """Noise part for fresh rows s Sigma^(1/2) g, Sigma = 1/i: one value a trial; p and n.

    Three averages whose means are known are taken off, each times a fixed number, so that their
    fluctuations do not blur the rest: ``variance(s)/s^2`` over the rows, of this ``mean``; and of
    the Gaussian rows ``tr (gg')^-1``, an inverse Wishart matrix, and ``|Sigma^(1/2) g|^2``.
    """
    p, n, trials = times(context) * P, times(context) * N, context.trials(trials)
    draw = generator(context, key)
    lam = 1 / np.arange(1.0, p + 1)
    at = equivalents(Spectrum(lam), n)
    fixed = f.noise_trace(at.omega, at.one_minus_omega)
    values = np.empty(trials)
    for trial in range(trials):
        s, plain = scales(draw, (n,)), draw.standard_normal((n, p))
        gaussian = plain * np.sqrt(lam)
        rows = s[:, None] * gaussian
        shares = np.square(np.linalg.solve(rows @ rows.T, rows)) @ lam
        square = variance(s)
        white = np.trace(np.linalg.inv(plain @ plain.T)) * (p - n - 1) / n - 1
        energy = np.vdot(gaussian, gaussian) / (n * lam.sum()) - 1
        known = np.mean(square / s**2) - mean + mean * (0.8 * white - 0.27 * energy)
        values[trial] = shares @ square - fixed * known
    return values, p, n


def two_scales(draw: np.random.Generator, shape: tuple[int, ...]) -> np.ndarray:
    """1/2 or 3/2."""
    return draw.choice([0.5, 1.5], shape)


@LEFT_OUT_NOISE.agreement("two scales", note="p = 480, n = 80, band 3/(p - n - 1)")
def simulated(context: Context, theory: str = "(8)", trials: int = 400) -> Comparison:
    """Rows of two scales, noise variance s: (8) with the Gaussian M, or the plain value.

    (8) is averaged over the scales exactly, and over Gaussian rows.
    """
    mean = (1 / 0.5 + 1 / 1.5) / 2  # of s/s^2
    values, p, n = noise_parts(context, "two scales", two_scales, lambda s: s, mean, trials)
    lam = 1 / np.arange(1.0, p + 1)
    # the Sigma that the risk is measured in is that of g; the rows' own is E s^2 of it
    squares = (0.25 + 2.25) / 2
    at = equivalents(Spectrum(squares * lam), n)
    rows = np.square(np.random.default_rng(9).standard_normal((4000, p)))
    # a row of scale s has s^2 times these; a/b^2 falls like 1/s^2
    a = rows @ (lam * squares * lam / (squares * lam + at.tau) ** 2)
    b = rows @ (lam / (squares * lam + at.tau))
    plain = f.noise_trace(at.omega, at.one_minus_omega) / squares
    # what is linear in a and b has the mean 0 (`concentrated`): it would only blur the average
    linear = squares * plain * (squares * a / (n * at.omega) - 1 - 2 * (squares * b / n - 1))
    share = (left_out_noise(n, at.one_minus_omega, 1.0, a, b) / squares - linear).mean()
    predicted = float(mean * share if theory == "(8)" else plain)
    band = BAND / (p - n - 1) * predicted
    return Comparison.of("noise part", values, predicted, band)


simulated.shifted(-1)
simulated.but("E[r^2] Omega/(1 - Omega)", theory="plain", trials=20)
