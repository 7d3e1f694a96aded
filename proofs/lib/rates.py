"""A power law of fixed shape and the rates at which quantities fall along it, p in proportion to n.

A rate is the slope of the least-squares line through log-log values at two sizes or more.
At finite n the slope is not yet the limiting one, since the next order in 1/n counts.  The band
around the limiting slope has three times the half-width of what the *exact* values for
Sigma = I, at the same sizes and with the same Omega = n/p, deviate from it.
"""

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from kdverify import Problem, Spectrum, equivalents
from kdverify.evidence import Comparison, Context
from kdverify.problem import powers
from kdverify.simulation import SimulationResult

from .drawn import simulate
from .ensembles import seed

NOISE = 1.0
#: Estimate of a logarithm, its standard error, the number of trials behind them.
Estimate = tuple[float, float, int]


def fixed_shape(p: int) -> Problem:
    """lambda_i = x_i^-1.5 and lambda_i beta*_i^2 = x_i^-1.5 / p at x_i = 0.1 + (i - 1/2)/p."""
    x = 0.1 + (np.arange(p) + 0.5) / p
    lam = powers(x.tolist(), -1.5)
    return Problem(Spectrum(lam), np.sqrt(lam / p / lam))


def simulated(context: Context, n: int, trials: int, **options: Any) -> SimulationResult:
    """Students on strong labels with noise, n samples of the family."""
    return simulate(
        fixed_shape(2 * n),
        n,
        trials=context.trials(trials),
        seed=seed(context, n),
        noise_variance=NOISE,
        workers=context.workers,
        **options,
    )


@dataclass(frozen=True)
class Rate:
    """Something that falls like n^exponent.

    Attributes:
        exponent: the limiting slope.
        sizes: values of n.
        exact: its value for Sigma = I, a function of n and p, p not whole.
        ratio: p/n of the power law.
    """

    exponent: float
    sizes: Sequence[int]
    exact: Callable[[float, float], float]
    ratio: int = 2

    @property
    def weights(self) -> np.ndarray:
        """The slope of the least-squares line through (log n, y) is these times y."""
        centred = np.log(self.sizes) - np.log(self.sizes).mean()
        return centred / (centred @ centred)

    @property
    def early(self) -> float:
        """What the slope at these sizes is off the exponent, exactly, for Sigma = I."""
        n = self.sizes[-1]
        omega = float(equivalents(fixed_shape(self.ratio * n), n).omega)
        logs = [math.log(self.exact(n, n / omega)) for n in self.sizes]
        return float(self.weights @ np.array(logs)) - self.exponent

    @property
    def band(self) -> float:
        """Half-width of the band around the exponent."""
        return 3 * abs(self.early)

    def comparison(self, name: str, logs: Sequence[Estimate]) -> Comparison:
        """The fitted slope against the exponent."""
        values, errors, counts = (np.array(column) for column in zip(*logs, strict=True))
        return Comparison(
            f"slope of {name}",
            self.weights @ values,
            np.linalg.norm(self.weights * errors),
            counts.min() - 1,
            self.exponent,
            self.band,
        )


def log_relative_deviation(means: np.ndarray, variances: np.ndarray) -> Estimate:
    """log(standard deviation / mean), both averaged; its error by the influence function."""
    mean, variance = means.mean(), variances.mean()
    influence = (variances / variance - 1) / 2 - (means - mean) / mean
    error = influence.std() / math.sqrt(len(means))
    return math.log(variance) / 2 - math.log(mean), float(error), len(means)
