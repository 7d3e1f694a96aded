"""Claims of section 7: how fast the risk concentrates, and how fast its mean converges.

Sigma = I is solved exactly, with chi-square variables.  On a power law of fixed shape the
rates are measured: the slope of a straight line through log-log values at four sizes.  Its
band has three times the half-width of what the *exact* values for Sigma = I at the same
sizes deviate from the limiting slope, which is the effect of the next order in 1/n.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from kdverify import formulas as f
from kdverify.evidence import (
    Agreement,
    Claim,
    Comparison,
    Context,
    Control,
    Identity,
    Limit,
    Step,
)

if TYPE_CHECKING:
    import numpy as np

    from kdverify import Problem
    from kdverify.simulation import SimulationResult

#: p/n of the power-law family, and its label noise.
MODES_PER_SAMPLE = 2
NOISE = 1.0

# --------------------------------------------------------------------------
# Sigma = I, exactly
# --------------------------------------------------------------------------


def inverse_moments(n: Any, p: Any) -> tuple[Any, Any]:
    """E 1/c and E 1/c^2 of c ~ chi^2 with p - n + 1 degrees of freedom."""
    beyond = p - n - 1
    return 1 / beyond, 1 / (beyond * (beyond - 2))


def one_draw(n: Any, p: Any) -> Any:
    """Relative variance of z'(XX')^-1 z = |z|^2 / c."""
    first, second = inverse_moments(n, p)
    return n * (n + 2) * second / (n * first) ** 2 - 1


def averaged(n: Any, p: Any) -> Any:
    """Relative variance of T = tr (XX')^-1 from its two equations (see the steps)."""
    first, second = inverse_moments(n, p)
    mean, drawn = n * first, n * (n + 2) * second
    square_trace = (mean + drawn) / (p - n)
    return (drawn - 2 * square_trace) / mean**2 - 1


def relative_bias(n: Any, p: Any) -> Any:
    """Of the noise part: the exact mean against that of (2)."""
    return f.isotropic_noise_risk(1, n, p) / f.variance_factor(n / p, 1 - n / p) - 1


def whole_risk(n: Any, p: Any, signal: Any, noise: Any) -> Any:
    """Relative variance of R = signal (1 - P_11) + noise z'(XX')^-1 z, independent parts."""
    from _integrals import projector_moment

    learnt = projector_moment(1, n, p)
    spread = projector_moment(2, n, p) - learnt**2
    drawn = noise * n * inverse_moments(n, p)[0]
    return (signal**2 * spread + drawn**2 * one_draw(n, p)) / (signal * (1 - learnt) + drawn) ** 2


def at_fixed_kappa(law: Callable[..., Any], order: int, *others: Any) -> Any:
    """n^order times ``law`` at p = n / kappa."""
    import _mode_sums as m
    import sympy

    return sympy.cancel(m.n**order * law(m.n, m.n / kappa(), *others))


def kappa() -> Any:
    """n/p, a symbol."""
    import sympy

    return sympy.Symbol("kappa", positive=True)


def energies() -> Any:
    """|beta*|^2 and sigma^2, symbols."""
    import sympy

    return sympy.symbols("s sigma^2", positive=True)


def small_kappas() -> list[dict[Any, Any]]:
    """Points of the domain."""
    import sympy

    s, noise = energies()
    return [{kappa(): sympy.Rational(1, k), s: 1, noise: k} for k in (2, 3)]


def whole_limit(spread: Any = 2) -> Any:
    """n times the relative variance of R, n -> oo."""
    k, (s, noise) = kappa(), energies()
    factor = noise * k / (1 - k)
    return spread * (s**2 * k**2 * (1 - k) + factor**2 / (1 - k)) / (s * (1 - k) + factor) ** 2


def by_integrals() -> list[Any]:
    """E 1/c and E 1/c^2 as integrals over the chi-square density, c of 5 + m degrees."""
    import sympy
    from _integrals import chi_square_density, x

    extra = sympy.Symbol("m", positive=True)
    density = chi_square_density(extra + 5)
    return [
        sympy.gammasimp(sympy.integrate(density / x**k, (x, 0, sympy.oo))).doit() for k in (1, 2)
    ]


def by_formula(shift: int = 0) -> list[Any]:
    """The same in closed form: p - n + 1 = 5 + m."""
    import sympy

    return list(inverse_moments(shift, sympy.Symbol("m", positive=True) + 4))


def divergence() -> tuple[Any, Any]:
    """div W^-2 X and (p-n-2) tr W^-2 - (tr W^-1)^2, W = XX', on a line of 2 x 3 matrices."""
    import sympy

    t, step = sympy.symbols("t epsilon")
    rows = sympy.Matrix([[1, 2 + t, -1], [3 - t, 0, 1 + 2 * t]])
    (n, p), inverse = rows.shape, (rows * rows.T).inv()
    diverging = 0
    for i in range(n):
        for j in range(p):
            moved = rows.copy()
            moved[i, j] += step
            inward = (moved * moved.T).inv()
            component = (inward * inward * moved)[i, j]
            diverging += sympy.diff(component, step).subs(step, 0)
    return diverging, (p - n - 2) * (inverse * inverse).trace() - inverse.trace() ** 2


def limit(part: str, law: Callable[..., Any], order: int, value: Any, *others: Any) -> Limit:
    """Of n^order times a relative variance or bias at p = n / kappa; ``others`` are thunks."""
    return Limit(
        part,
        expression=lambda: at_fixed_kappa(law, order, *(o for thunk in others for o in thunk())),
        symbol="n",
        point="oo",
        value=value,
        samples=small_kappas,
        note="p = n / kappa",
    )


# --------------------------------------------------------------------------
# A power law of fixed shape
# --------------------------------------------------------------------------


def power_law(p: int) -> Problem:
    """lambda_i = x_i^-1.5 and lambda_i beta*_i^2 = x_i^-1.5 / p at x_i = 0.1 + (i - 1/2)/p."""
    import numpy as np

    from kdverify import Problem, Spectrum

    x = 0.1 + (np.arange(p) + 0.5) / p
    lam = x**-1.5
    return Problem(Spectrum(lam), np.sqrt(x**-1.5 / p / lam))


def simulated(context: Context, n: int, trials: int, **options: Any) -> SimulationResult:
    """Students on strong labels with noise, n samples of the family."""
    from _ensembles import seed

    from kdverify import simulate

    return simulate(
        power_law(MODES_PER_SAMPLE * n),
        n,
        trials=context.trials(trials),
        seed=seed(context, n),
        noise_variance=NOISE,
        workers=context.workers,
        **options,
    )


@dataclass(frozen=True)
class Rate:
    """Something that falls like a power of n; ``exact`` is its value for Sigma = I."""

    exponent: float
    sizes: Sequence[int]
    exact: Callable[[int, int], float]

    @property
    def weights(self) -> np.ndarray:
        """The slope of the least-squares line through (log n, y) is these times y."""
        import numpy as np

        centred = np.log(self.sizes) - np.log(self.sizes).mean()
        return centred / (centred @ centred)

    @property
    def band(self) -> float:
        """Half-width of the band around the exponent."""
        logs = [math.log(self.exact(n, MODES_PER_SAMPLE * n)) for n in self.sizes]
        return 3 * abs(float(self.weights @ logs) - self.exponent)

    def comparison(self, name: str, logs: Sequence[Estimate], shift: float) -> Comparison:
        """The fitted slope against the exponent plus ``shift`` band-widths."""
        values, errors, counts = zip(*logs, strict=True)
        return Comparison(
            f"slope of {name}",
            float(self.weights @ values),
            math.hypot(*(self.weights * errors)),
            min(counts) - 1,
            self.exponent + 2 * shift * self.band,
            self.band,
        )


#: Estimate of a logarithm, its standard error, the number of trials behind them.
Estimate = tuple[float, float, int]

ONE_DRAW = Rate(-0.5, (16, 32, 64, 128), lambda n, p: math.sqrt(one_draw(n, p)))
AVERAGED = Rate(-1.0, (16, 32, 64, 128), lambda n, p: math.sqrt(averaged(n, p)))
BIAS = Rate(-1.0, (8, 16, 32, 64), relative_bias)


def log_relative_deviation(sample: np.ndarray) -> Estimate:
    """log(standard deviation / mean) of a sample; the error by its influence function."""
    mean, variance = sample.mean(), sample.var()
    influence = ((sample - mean) ** 2 / variance - 1) / 2 - (sample - mean) / mean
    size = len(sample)
    return (
        math.log(variance * size / (size - 1)) / 2 - math.log(mean),
        float(influence.std() / math.sqrt(size)),
        size,
    )


def deviations(context: Context, shift: float = 0.0, share: float = 1.0) -> list[Comparison]:
    """Slopes of the relative deviations of R over draws of (X, z), and of its noise part."""
    risks, traces = [], []
    for n, trials in zip(ONE_DRAW.sizes, (8000, 4000, 2500, 2500), strict=True):
        options = {"reduction": "none", "noise": "sampled", "transfer": True, "keep_trials": True}
        run = simulated(context, n, int(share * trials), **options)
        assert run.raw is not None
        assert run.raw_noise_trace is not None
        risks.append(log_relative_deviation(run.raw[:, 0]))
        traces.append(log_relative_deviation(run.raw_noise_trace))
    return [
        ONE_DRAW.comparison("the deviation over (X, z)", risks, shift),
        AVERAGED.comparison("the deviation of the noise part", traces, shift),
    ]


def biases(context: Context, shift: float = 0.0, share: float = 1.0) -> list[Comparison]:
    """Slopes of the relative bias of the mean risk, and of its noise part."""
    from kdverify import equivalents, risk

    risks, traces = [], []
    for n in BIAS.sizes:
        run = simulated(context, n, int(share * 2500))
        problem = power_law(MODES_PER_SAMPLE * n)
        at = equivalents(problem, n)
        for found, mean, error, theory in (
            (risks, run.means[0], run.standard_errors[0], risk(problem, n, noise_variance=NOISE)),
            (
                traces,
                run.noise_trace,
                run.noise_trace_standard_error,
                f.noise_trace(at.omega, at.one_minus_omega),
            ),
        ):
            bias = mean - theory
            found.append((math.log(bias / theory), error / bias, run.trials))
    return [
        BIAS.comparison("the bias of R", risks, shift),
        BIAS.comparison("the bias of the noise part", traces, shift),
    ]
