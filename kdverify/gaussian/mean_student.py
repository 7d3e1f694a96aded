"""The exact mean student of Gaussian rows, at every n and ridge, by a quadrature.

With N = I - P, and m_i = E N_ii,

    m_i = (1/4) int_(u>v>0) (u - v)(u v)^((n-3)/2) e^(-ridge (u+v)/2) D(u) D(v)
          [x^(n-2)] e^(ridge x) prod_(j != i) (1 + x lam_j) {(s - a_i)(s' - a_i') - ...} du dv,

``D(u) = prod (1 + lam u)^(-1/2)``, the braces in `kdverify.formulas.left_out_mean`.  The
coefficient is a mean over a circle, the integral one over log u and log v on a uniform grid:
both converge faster than any power, and both have their saddle at ``u = v = x = 1/tau``, tau of
(1) at n - 1.  Energies ``E (P A P)_ii`` and the noise trace are derivatives.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from scipy.special import sici

from kdverify import checks, formulas
from kdverify.gaussian.solve import equivalents, spectrum_of
from kdverify.problem import Problem, Spectrum
from kdverify.shown import Shown

#: Modes up to which the mean is computed: a minute and a gigabyte.
MOST_MODES = 10_000
#: Step of the grid in units of the integrand's width, and at most; how much coarser the other is.
STEP, WIDEST, COARSER = 0.36, 0.25, 1.25
#: Points of a circle up to which it is computed: some minutes with few modes.
MOST_POINTS = 50_000
#: The grid ends where the integrand has fallen by this factor, in logarithms.
NEGLIGIBLE = 42.0
#: Change of a risk on a coarser grid, relative to it, above which it is refused.
MOST_CHANGE = 1e-5


@dataclass(frozen=True, eq=False, repr=False)
class MeanStudent(Shown):
    """Means over Gaussian rows, N = I - P; A is the diagonal matrix of the weights, else Sigma.

    Attributes:
        unlearnt: (p,) ``E N_ii``, which the equivalents say is zeta.
        residual: (p,) ``E (N A N)_ii``.
        noise: ``E tr A X'(XX' + ridge)^-2 X``; infinite where it has no mean.
        weights: (p,) the diagonal of A.
        error: largest change of the above on a coarser grid, relative to them; of the residual,
            to ``weights * unlearnt`` (of a weight 0, to the largest).
        coarser: the same on that grid; None where the means are known in closed form.
    """

    unlearnt: np.ndarray
    residual: np.ndarray
    noise: float
    weights: np.ndarray = field(repr=False)
    error: float = 0.0
    coarser: MeanStudent | None = field(default=None, repr=False)

    @property
    def learnt(self) -> np.ndarray:
        """(p,) ``E P_ii``."""
        return 1 - self.unlearnt

    @property
    def energy(self) -> np.ndarray:
        """(p,) ``E (P A P)_ii``."""
        return self.weights * (1 - 2 * self.unlearnt) + self.residual


def mean_student(
    source: Spectrum | Problem, n: Any, ridge: Any = 0.0, weights: Any = None
) -> MeanStudent:
    """The exact means that (3) approximates.

    Args:
        source: covariance of the Gaussian rows, of at most 10,000 modes.
        n: number of rows, a whole number.
        ridge: delta >= 0.
        weights: (p,) diagonal of A in the eigenbasis, None for the eigenvalues.

    Source: claim ``15.every-n``.

    >>> import kdverify as kd
    >>> found = mean_student(kd.Spectrum([1.0] * 5), 2)
    >>> round(float(found.unlearnt[0]), 10)
    0.6
    """
    spectrum = spectrum_of(source)
    size, delta = checks.count("n", n), checks.non_negative("ridge", ridge)
    p, lam = spectrum.p, spectrum.eigenvalues
    checks.at_most("p", p, MOST_MODES, "for exact means")
    given = lam if weights is None else checks.real_vector("weights", weights, p)
    if delta == 0 and size >= p:
        zero, share = np.zeros(p), float(np.sum(given / lam))
        noise = formulas.ols_noise_risk(share / p, size, p) if size > p + 1 else math.inf
        return MeanStudent(zero, zero, noise, given)
    if size == 1:
        return _measured(lambda coarser: _one_row(lam, delta, given, coarser), given)
    at = equivalents(spectrum, size - 1, delta)
    scaled = lam / at.tau, size, delta / at.tau
    width = math.sqrt(2 / (at.n * at.one_minus_omega))

    def compute(coarser: float) -> tuple[np.ndarray, np.ndarray, float]:
        found = _Pairs(*scaled, min(STEP * width, WIDEST) * coarser, coarser).means(given)
        return found[0], found[1], found[2] / at.tau

    return _measured(compute, given)


def mean_risk(
    problem: Problem, n: Any, surrogate: Any = None, noise_variance: Any = 0.0, ridge: Any = 0.0
) -> float:
    """The exact mean excess risk over Gaussian rows, of which `kdverify.risk` is the equivalent.

    Args:
        problem: covariance of the rows and ground truth, of at most 10,000 modes.
        n: number of rows, a whole number.
        surrogate: (p,) coefficients of the labels, None for beta*.
        noise_variance: of their noise; ridge: delta >= 0.

    Infinite where label noise leaves no finite mean: n from p - 1 to p + 1 without ridge.
    Right to 1e-10 relatively, to fewer digits where eigenvalues are of very different sizes;
    refused where a coarser grid changes it by more than 1e-5.  Source: claim ``15.every-n``.

    >>> import kdverify as kd
    >>> problem = kd.Problem.power_law(p=30, alpha=1.0, beta=2.0)
    >>> round(mean_risk(problem, 10), 6), round(kd.risk(problem, 10), 6)
    (0.250707, 0.235985)
    """
    checks.instance("problem", problem, Problem)
    noise = checks.non_negative("noise_variance", noise_variance)
    given = problem.beta_star if surrogate is None else surrogate
    labels = problem.spectrum.to_modes(checks.real_vector("surrogate", given, problem.p))
    return excess(problem, mean_student(problem, n, ridge), labels, noise)


def excess(problem: Problem, found: MeanStudent, labels: np.ndarray, noise: float) -> float:
    """Mean excess risk of the student of ``labels`` (in the eigenbasis), from its means.

    Raises:
        ValueError: a coarser grid gives another risk.
    """
    lam, truth = problem.spectrum.eigenvalues, problem.beta_modes
    shares = formulas.mean_excess(lam, labels, truth, found.unlearnt, found.residual)
    risk = math.fsum(shares) + (noise * found.noise if noise > 0 else 0.0)
    if found.coarser is not None and risk != math.inf:
        change = abs(risk - excess(problem, found.coarser, labels, noise))
        if not change <= MOST_CHANGE * abs(risk):
            raise ValueError(
                f"spectrum with eigenvalues from {lam.min():.3g} to {lam.max():.3g} must be less "
                f"extreme for an exact mean: the quadrature leaves {risk:.3g} uncertain by "
                f"{change:.1g}; take kd.risk"
            )
    return risk


def _measured(compute: Any, weights: np.ndarray) -> MeanStudent:
    """The means on the fine grid, and how far they are from those on a coarser one."""
    fine = unlearnt, residual, noise = compute(1.0)
    coarse = compute(COARSER)
    given = np.where(weights == 0, np.max(np.abs(weights)) or 1.0, np.abs(weights))
    size = np.abs(unlearnt)
    sizes = size, given * size, (abs(noise) or 1.0) if math.isfinite(noise) else math.inf
    changes = [np.abs(one - other) for one, other in zip(fine[:2], coarse[:2], strict=True)]
    changes.append(abs(noise - coarse[2]) if math.isfinite(noise) else 0.0)
    with np.errstate(divide="ignore", invalid="ignore"):  # means that underflow
        error = max(float(np.max(c / s)) for c, s in zip(changes, sizes, strict=True))
    other = MeanStudent(coarse[0], coarse[1], coarse[2], weights, error)
    return MeanStudent(unlearnt, residual, noise, weights, error, other)


def _one_row(
    lam: np.ndarray, ridge: float, weights: np.ndarray, coarser: float
) -> tuple[np.ndarray, np.ndarray, float]:
    """`_Pairs.means` of one row: an integral over u alone."""
    step = 0.25 * coarser
    ends = 2 * NEGLIGIBLE
    low, high = -math.log(lam.sum() + ridge) - ends, -math.log(lam.sum() / lam.size) + ends
    u = np.exp(np.arange(low, high, step))[:, None]
    level = step * u[:, 0] / 2 * np.exp(-np.log1p(u * lam).sum(axis=1) / 2 - ridge * u[:, 0] / 2)
    column = formulas.damped_eigenvalue(lam, u)
    tilt = column * formulas.column_tilt(weights, 1 / (1 + u * lam), 1)
    rest = ridge + column.sum(axis=1)[:, None] - column
    learnt = (u * column @ weights)[:, None] / 2
    energy = (weights - learnt) * rest + tilt.sum(axis=1)[:, None] - tilt
    if ridge == 0 and lam.size < 3:
        noise = math.inf
    else:
        noise = float(level @ ((1 - u / 2 * rest) @ weights))
    return level @ rest, level @ energy, noise


class _Pairs:
    """The integral over u > v for n >= 2 rows, in units of 1/tau.

    ``int_(u>v) f(u, v)`` of a function that changes its sign with the order is
    ``h^2 sum_kl Si(pi (k - l))/pi f(u_k, u_l)`` (indefinite sinc quadrature in log u).
    """

    def __init__(self, lam: np.ndarray, n: int, ridge: float, step: float, coarser: float) -> None:
        self.lam, self.n, self.ridge = lam, n, ridge
        self.noisy = ridge > 0 or n < lam.size - 1
        places = self._places(step)
        u = self.u = np.exp(places)
        level = np.array([self._level(place) for place in places])
        self.scale = float(level.max())
        self.level = np.exp(level - self.scale)[:, None]
        order = sici(math.pi * (np.arange(u.size)[:, None] - np.arange(u.size)))[0] / math.pi
        self.form = step * step * order * formulas.gram_factor(u[:, None], u)
        spreads = float(formulas.spread(1 / (1 + lam), lam / (1 + lam)).sum()) + ridge
        points = math.ceil((13 * math.sqrt(spreads) + 30) / coarser)
        points = points if ridge > 0 else min(points, lam.size + 3)
        self.points = points + points % 2
        if self.points > MOST_POINTS:
            raise ValueError(
                f"n={n:g} must be smaller with a ridge: exact means take {points:.0g} points of a "
                f"quadrature, at most {MOST_POINTS}; take kd.risk, whose error falls as 1/n"
            )

    def _level(self, place: float) -> float:
        """Logarithm of what u = exp(place) alone brings, du = u dplace included."""
        u = math.exp(place)
        damping = float(np.log1p(u * self.lam).sum()) + self.ridge * u
        return (self.n - 1) / 2 * place - damping / 2

    def _places(self, step: float) -> np.ndarray:
        """The grid of log u: outwards from the saddle until nothing is left."""

        def envelope(place: float) -> float:
            u = math.exp(place)
            columns = self.ridge + float(formulas.damped_eigenvalue(self.lam, u).sum())
            powers = (2 if self.noisy else 1) * math.log1p(u)
            return self._level(place) + math.log(columns) + powers

        highest, ends = envelope(0.0), []
        for stride in (-4 * step, 4 * step):
            place = 0.0
            while (now := envelope(place)) > highest - NEGLIGIBLE:
                highest, place = max(highest, now), place + stride
            ends.append(round(place / step))
        return np.arange(ends[0], ends[1] + 1) * step

    def means(self, weights: np.ndarray) -> tuple[np.ndarray, np.ndarray, float]:
        """``E N_ii``, ``E (N A N)_ii`` and, in units of 1/tau, the noise trace."""
        lam, ridge, u, p = self.lam, self.ridge, self.u[:, None], self.lam.size
        missed = 1 / (1 + u * lam)
        middle = float((weights / (1 + lam)).sum())
        pull, fade = (middle - missed @ weights)[:, None] / 2, (1 - u) / 2
        height = float(np.log1p(lam).sum()) + ridge
        unlearnt, residual, noise = np.zeros(p), np.zeros(p), np.zeros(p)
        for angle, count in self._circle():
            x = complex(math.cos(angle), math.sin(angle))
            turned = np.log1p(x * lam).sum() + ridge * x - 1j * (self.n - 2) * angle
            beyond = 1 / (1 + x * lam)
            outer = count * np.exp(turned - height) * beyond
            columns = self.level * formulas.column_weight(lam, u, x)
            rest = self.level * ridge
            form = _Form(self.form, columns, rest)
            value = form.value
            unlearnt += (outer * value).real
            moved = columns * (pull - formulas.column_tilt(weights, missed, beyond))
            change, drift = 2 * form.with_(moved, rest * pull), (weights * beyond).sum() - middle
            energy = formulas.left_out_residual(weights, beyond, drift, value, change)
            residual += (outer * energy).real
            if self.noisy:
                change = 2 * form.with_(columns * fade, rest * fade + self.level)
                noise += (outer * (change + value * (x - 1))).real
        size = math.exp(2 * self.scale + height)
        trace = size * float(noise @ weights) if self.noisy else math.inf
        return size * unlearnt, size * residual, trace

    def _circle(self) -> list[tuple[float, float]]:
        """Angles of half of a circle's points, with their weights.

        Their number is even, so that none is -1, where 1 + x lam = 0 for an eigenvalue of tau.
        """
        step = 2 * math.pi / self.points
        return [((k + 0.5) * step, 2 / self.points) for k in range(self.points // 2)]


class _Form:
    """`kdverify.formulas.left_out_mean` under the integral, for every mode: a bilinear form."""

    def __init__(self, form: np.ndarray, columns: np.ndarray, rest: np.ndarray) -> None:
        self.columns, self.rest = columns, rest
        self.total = rest[:, 0] + columns.sum(axis=1)
        self.of_columns, self.of_total = form @ columns, form @ self.total

    @property
    def value(self) -> np.ndarray:
        """(p,) the form of these columns with themselves."""
        return self.with_(self.columns, self.rest)

    def with_(self, columns: np.ndarray, rest: np.ndarray) -> np.ndarray:
        """(p,) with others, of which ``rest`` (K, 1) belongs to no mode."""
        total = rest[:, 0] + columns.sum(axis=1)
        twice = (self.of_columns * columns).sum(axis=0)
        own = (columns.T @ self.of_total + self.of_columns.T @ total) / 2
        return np.asarray(formulas.left_out_mean(total @ self.of_total, twice.sum(), own, twice))
