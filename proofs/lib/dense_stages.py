"""Two stages by matrices of balls that are inverted: no eigenbasis, no vectors of modes.

Four modes.  The target has the eigenvalues 1, 1/2, 1/4, 1/8 and the source 2, 1, 1/2, 1/4, each
turned by a reflection of its own, so that the two do not commute.  Rounded to float64 they
differ by 1e-16 from what the balls hold.
"""

from fractions import Fraction
from functools import cache
from typing import Any

import numpy as np

from kdverify import Problem, Spectrum
from kdverify import formulas as f
from kdverify.gaussian import certified

from .balls import column, diagonal, matrix, number, reflection

TARGET = tuple(Fraction(1, i) for i in (1, 2, 4, 8))
SOURCE = tuple(Fraction(i, 4) for i in (8, 4, 2, 1))
#: What the reflections are along.
TARGET_AXIS, SOURCE_AXIS = (2, -1, 1, 1), (1, 2, -1, 3)
BETA_STAR = (2, -1, 1, 3)
NOISES, RIDGES = (0.5, 0.125), (0.5, 0.25)


def _turned(values: tuple[Fraction, ...], axis: tuple[int, ...]) -> tuple[Any, Any]:
    """Covariance and eigenvectors, as lists of fractions."""
    q = np.array(reflection(axis), dtype=object)
    return (q * np.array(values, dtype=object)) @ q.T, q


@cache
def problem() -> Problem:
    """The target's covariance matrix and beta*, in float64."""
    sigma, _ = _turned(TARGET, TARGET_AXIS)
    return Problem(Spectrum.from_covariance(sigma.astype(float)), np.array(BETA_STAR, dtype=float))


@cache
def source() -> np.ndarray:
    """The source's covariance matrix, in float64."""
    return _turned(SOURCE, SOURCE_AXIS)[0].astype(float)


class _Stage:
    """One stage's matrices: A, the scale V's parts, and the energy of a predictor."""

    def __init__(self, values: Any, axis: Any, n: int, ridge: float, digits: int) -> None:
        spectrum = Spectrum(np.array([float(v) for v in values]))
        at = certified.equivalents(spectrum, n, Fraction(ridge), digits=digits)
        sigma, q = _turned(values, axis)
        self.sigma, self.axes, self.n, self.at = matrix(sigma), matrix(q), number(n), at
        resolvent = (self.sigma + diagonal([number(1)] * 4) * at.tau).inv()
        self.learnt = resolvent * self.sigma
        self.unlearnt = resolvent * self.sigma * resolvent * (at.tau * at.tau)
        self.spread = resolvent * self.sigma * resolvent
        self.omega = (self.learnt * self.learnt).trace() / self.n

    def scale(self, square: Any, noise: float) -> Any:
        """V of (7) for labels whose coefficients have this second moment."""
        return f.trained_scale((self.unlearnt * square).trace(), 1 - self.omega, number(noise))


def risk(m: int, n: int, digits: int, transform: str = "none") -> Any:
    """Excess risk of the student of a trained surrogate: a ball."""
    first = _Stage(SOURCE, SOURCE_AXIS, m, RIDGES[0], digits)
    second = _Stage(TARGET, TARGET_AXIS, n, RIDGES[1], digits)
    truth = column(BETA_STAR)
    mean = first.learnt * truth
    covariance = first.spread * (first.scale(truth * truth.transpose(), NOISES[0]) / first.n)
    if transform != "none":
        change = _transform(second, transform)
        mean, covariance = change * mean, change * covariance * change
    square = mean * mean.transpose() + covariance
    sigma, learnt = second.sigma, second.learnt
    taught = (learnt.transpose() * sigma * learnt * square).trace()
    crossed = (truth.transpose() * sigma * learnt * mean)[0, 0]
    own = (truth.transpose() * sigma * truth)[0, 0]
    return f.squared_error(taught, crossed, own) + second.omega * second.scale(square, NOISES[1])


def _transform(stage: _Stage, name: str) -> Any:
    """The matrix that the surrogate is multiplied by: the gains, or the best mask."""
    rest = 1 - stage.omega
    pairs = zip(stage.at.zeta, stage.at.one_minus_zeta, strict=True)
    if name == "gain":
        factors = [f.gain(zeta, learnt, stage.omega, rest) for zeta, learnt in pairs]
    else:
        factors = [number(int(f.keep_margin(zeta, rest) > 0)) for zeta, _ in pairs]
    return stage.axes * diagonal(factors) * stage.axes.transpose()
