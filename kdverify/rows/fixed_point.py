"""The fixed point (9) on a pool of rows.

``M = (I + n E[x x' / b(x)])^-1``, ``b(x) = ridge + x' M x``: the iteration
``log b -> log(ridge + x' M(b) x)`` is a standard interference function (Yates 1995), with at
most one fixed point, that it reaches from any start.  Anderson acceleration (the last sixteen
steps) makes it short.  One step costs a weighted Gram matrix and a triangular solve with all
rows: N p^2 multiplications each, as one product of N x p by p x p.

At the solution the iteration contracts in the largest ``|d log b|`` by
``1 - min (ridge + x'M^2x) / b``: so the last step bounds what is left, to first order.

Samples that take each row of the pool at most once, and a share of it that does not vanish, have
another b: with ``a = x' M_- x`` of the other rows, ``x'Mx`` and b are `formulas.distinct_form` and
`formulas.distinct_scale` of a.  Without ridge that is (9) again.
"""

from __future__ import annotations

import enum
import warnings
from dataclasses import dataclass, field, replace
from functools import cached_property

import numpy as np
from scipy.interpolate import krogh_interpolate
from scipy.linalg import cho_factor, cho_solve

from kdverify import checks, formulas
from kdverify.gaussian.solve import equivalents
from kdverify.problem import Spectrum
from kdverify.rows.pool import Pool

#: Steps that the acceleration looks back, and those of a solve at another n that it begins with.
MEMORY, TAKEN_OVER = 16, 4
#: A solve that learnt fewer pairs of its own passes on older ones with them.
FEW_PAIRS = 3
#: Solutions at other n from which the first guess is extrapolated.
EXTRAPOLATED = 3
#: Directions of the past steps below this fraction of the largest are left out of the mix.
MIXING_CUT = 1e-8
#: The acceleration starts again where a step is so many times longer than the one before.
RESTART = 2.0
#: Longest accelerated step in log b.
LONGEST = 2.0
#: A scale this many times smaller than the largest is on its way to zero.
COLLAPSED = 1e-9
#: Least squares learns a direction and b of its rows vanishes with the ridge, or it does not.
RARE = 1e3


#: Moves of log b and the changes of the step that they made, the latest last.
Pairs = tuple[tuple[np.ndarray, np.ndarray], ...]
#: Sample sizes, and log b less that of Gaussian rows, the latest last.
Path = tuple[tuple[float, np.ndarray], ...]


class RowCode(enum.Enum):
    """How a solve ended; the value is the explanation."""

    CONVERGED = "the last step changed no log b by more than the tolerance"
    SUBSPACE = (
        "no solution: too many rows lie in one subspace, n P(x in V) >= dim V without ridge "
        "(repeated or sparse rows); take fewer samples, merge the rows, or add a ridge"
    )
    NOT_CONVERGED = (
        "the steps did not fall below the tolerance; n is close to the number of rows that some "
        "subspace can bear, or the rows are badly scaled"
    )


@dataclass(frozen=True, eq=False)
class RowEquivalents:
    """The solution of (9).

    Attributes:
        pool, n, ridge: what was asked (ridge in the units of ``|y - Xb|^2 + ridge |b|^2``).
        b: (N,) scale of each row; infinite for rows that are zero, without ridge.
        M: (width, width), close to ``E ridge (X'X + ridge I)^-1``; without ridge the mean
            projector on what n rows leave unlearnt.
        weighted: (width, width) ``E[x x' / b]``.
        evaluations: how often (9) was evaluated on all rows.
        step: largest ``|d log b|`` of the last evaluation.
        log_error: first-order bound of the largest ``|log(true b / b)|``.
        trace_gap: ``tr(I - M) - n P(x != 0) + n ridge E[1/b]``, zero at the solution.
        code: how the solve ended.
        crowded: where the code is SUBSPACE, the rows (indices) that fill a subspace.
        pairs: what the acceleration learnt, for a solve at another n.
        path: this solution and those that it began with, for the same purpose.
        taken: share of the pool in a sample that has no row twice; 0: independent draws.
    """

    pool: Pool
    n: float
    ridge: float
    b: np.ndarray = field(repr=False)
    M: np.ndarray = field(repr=False)
    weighted: np.ndarray = field(repr=False)
    factor: np.ndarray = field(repr=False)
    evaluations: int
    step: float
    code: RowCode
    crowded: np.ndarray = field(repr=False)
    pairs: Pairs = field(default=(), repr=False)
    path: Path = field(default=(), repr=False)
    taken: float = 0.0

    def moved_to(self, pool: Pool) -> RowEquivalents:
        """A start for `solve` on other coordinates of these rows, whose scales are close."""
        return replace(self, pool=pool, path=())

    @cached_property
    def inverse_b(self) -> np.ndarray:
        """(N,) ``1 / b``, zero for rows that teach nothing."""
        return np.where(np.isfinite(self.b) & (self.b > 0), 1 / self.b, 0.0)

    @cached_property
    def slope(self) -> np.ndarray | None:
        """(N,) ``db / d(x'Mx)``, a factor of the rows' weights in (10) and (12); None: ones."""
        if not self.taken or not self.ridge:
            return None
        return np.asarray(formulas.distinct_slope(self._others, self.ridge, 1 - self.taken))

    @cached_property
    def rest(self) -> np.ndarray | float:
        """``b - x'Mx``: the ridge, for independent draws."""
        if not self.taken or not self.ridge:
            return self.ridge
        return self.b - formulas.distinct_form(self._others, self.ridge, 1 - self.taken)

    @property
    def _others(self) -> np.ndarray:
        """(N,) ``x' M_- x`` for different rows."""
        return (self.b - self.ridge) / (1 - self.taken)

    @cached_property
    def learnt(self) -> np.ndarray:
        """``I - M`` without cancellation: ``n E[x x' / b] M``."""
        return self.n * self.weighted @ self.M

    @cached_property
    def log_error(self) -> float:
        """First-order bound of the largest ``|log(true b / b)|``."""
        square = formulas.row_scale(self.rest, self.pool.forms(self.M @ self.M))
        if self.slope is not None:  # log b answers less: b - slope (x'Mx - x'M^2x)
            square = self.b - self.slope * (self.b - square)
        slack = formulas.rows_error_contraction(square, self.b)
        slack = slack[np.isfinite(self.b) & (self.b > 0)]
        return float(self.step / slack.min()) if slack.size and slack.min() > 0 else np.inf

    @cached_property
    def trace_gap(self) -> float:
        """How far ``tr(I - M) = n P(x != 0) - n E[rest / b]`` is from holding."""
        share = np.where(np.isfinite(self.b), 1 - self.rest / self.b, 0.0)
        return float(np.trace(self.learnt) - self.n * self.pool.mean(share))


def solve(
    pool: Pool,
    n: float,
    ridge: float = 0.0,
    start: RowEquivalents | None = None,
    tolerance: float = 1e-10,
    limit: int = 200,
    taken: float = 0.0,
) -> RowEquivalents:
    """Solve (9) for n samples drawn from ``pool``.

    Args:
        n: any number of samples; without ridge below the rank of the pool.
        ridge: of ``|y - Xb|^2 + ridge |b|^2``, a sum over samples; 0 is the minimum norm.
        start: a solution for the same rows and another n, ridge or weights, to begin with; along
            a curve each solve starts from the one before.
        tolerance: largest ``|d log b|`` of the last step.
        limit: evaluations after which NOT_CONVERGED is returned.
        taken: share of the pool that a sample takes, each row at most once (n / N where the pool
            is all there is); 0: independent draws, from a pool that stands for a population.
    """
    n, ridge = checks.positive("n", n), checks.non_negative("ridge", ridge)
    taken = checks.below("taken", checks.non_negative("taken", taken), 1, "the whole pool")
    if taken:
        checks.equal_weights("pool", pool.weights, "different rows are drawn alike")
    checks.below_rank(n, pool.rank, ridge, 1 - float(pool.mean(pool.zero_rows)))
    level = _gaussian_level(pool, n, ridge)
    logs = _start(pool, n, ridge, level, start)
    taught = ~pool.zero_rows if ridge == 0 else np.ones(pool.size, dtype=bool)
    acceleration = _Acceleration(taught, start)
    code = RowCode.NOT_CONVERGED
    size, evaluations = np.inf, 0
    while evaluations < limit:
        try:
            weighted, factor, forms = _evaluate(pool, n, np.exp(logs))
        except np.linalg.LinAlgError:  # weights too far apart for double precision
            if not evaluations:
                raise
            code = RowCode.SUBSPACE if ridge == 0 else RowCode.NOT_CONVERGED
            break
        evaluations += 1
        with np.errstate(divide="ignore"):
            renewed = np.log(_scales(forms, ridge, taken))
        renewed = np.where(taught, renewed, np.inf)
        step = np.where(taught, renewed - np.where(taught, logs, 0), 0.0)
        size = float(np.abs(step).max())
        if size <= tolerance:
            code, logs = RowCode.CONVERGED, renewed
            break
        if ridge == 0 and renewed[taught].min() < np.log(COLLAPSED) + renewed[taught].max():
            code = RowCode.SUBSPACE
            break
        logs = np.where(taught, acceleration.following(logs, step), np.inf)
    M = cho_solve((factor, True), np.eye(pool.width), check_finite=False)
    path = () if start is None or start.ridge != ridge else start.path
    path = tuple(point for point in path if point[0] != n)[-EXTRAPOLATED + 1 :]
    crowded = _crowded(pool, logs) if code is RowCode.SUBSPACE else np.empty(0, dtype=int)
    return RowEquivalents(
        pool,
        n,
        ridge,
        np.exp(logs),
        M,
        weighted,
        factor,
        evaluations,
        size,
        code,
        crowded,
        acceleration.learnt,
        (*path, (n, np.where(taught, logs, level) - level)),
        taken,
    )


def _scales(forms: np.ndarray, ridge: float, taken: float) -> np.ndarray:
    """b of rows from ``x'Mx``."""
    if not taken or not ridge:
        return np.asarray(formulas.row_scale(ridge, forms))
    # the positive root of left a^2 + (ridge - x'Mx) a - ridge x'Mx, `formulas.distinct_form`
    left, gap = 1 - taken, forms - ridge
    root = np.sqrt(gap * gap + 4 * left * ridge * forms)
    others = np.where(gap > 0, (gap + root) / (2 * left), 2 * ridge * forms / (root - gap))
    return np.asarray(formulas.distinct_scale(others, ridge, left))


def _start(
    pool: Pool, n: float, ridge: float, level: float, start: RowEquivalents | None
) -> np.ndarray:
    """First guess of log b: ``level``, log b of Gaussian rows, or what `start` says of it."""
    if start is None:
        logs = np.full(pool.size, level)
    else:
        if start.pool.rows is not pool.rows:
            raise ValueError("start must be a solution for the same rows")
        logs = level + _extrapolated(start, n)
    return np.where(pool.zero_rows, np.inf if ridge == 0 else np.log(ridge or 1.0), logs)


def _extrapolated(start: RowEquivalents, n: float) -> np.ndarray:
    """log b less that of Gaussian rows: a polynomial in log n through the path of ``start``.

    Never further from the nearest point than the points are apart: else there are fewer of them.
    """
    path = start.path
    if not path:
        with np.errstate(invalid="ignore"):
            return np.log(start.b) - _gaussian_level(start.pool, start.n, start.ridge)
    path = path[-EXTRAPOLATED:]
    x, values = np.log([point[0] for point in path]), np.array([point[1] for point in path])
    while len(x) > 1 and np.abs(x - np.log(n)).min() > np.ptp(x):
        x, values = x[1:], values[1:]
    return np.asarray(krogh_interpolate(x, values, np.log(n)))


def _gaussian_level(pool: Pool, n: float, ridge: float) -> float:
    """``log(n tau)`` of the rows that are not zero."""
    share = 1 - float(pool.mean(pool.zero_rows))
    spectrum = Spectrum(pool.principal[0][: pool.rank] / share)
    return float(np.log(n * share * equivalents(spectrum, n * share, ridge).tau))


def _evaluate(pool: Pool, n: float, b: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """``E[x x'/b]``, the Cholesky factor of ``I + n E[x x'/b]`` and ``x' M x`` for every row."""
    weighted = pool.gram(formulas.row_weight(1.0, b))
    inverse = n * weighted
    inverse[np.diag_indices_from(inverse)] += 1.0
    factor = np.tril(cho_factor(inverse, lower=True, overwrite_a=True, check_finite=False)[0])
    return weighted, factor, pool.inverse_forms(factor)


class _Acceleration:
    """Anderson's: the next iterate is the mix of past ones whose mixed step is least.

    Differences of past steps say how the step answers to a move of log b.  That changes little
    with n, so that those of a solution at another n serve from the first step on.
    """

    def __init__(self, taught: np.ndarray, start: RowEquivalents | None) -> None:
        self.taught = taught
        self.old: Pairs = () if start is None else start.pairs[-TAKEN_OVER:]
        self.own: Pairs = ()
        self.before: tuple[np.ndarray, np.ndarray] | None = None

    @property
    def learnt(self) -> Pairs:
        """What a solve at another n can begin with."""
        return self.own if len(self.own) >= FEW_PAIRS else (*self.old, *self.own)

    def following(self, logs: np.ndarray, step: np.ndarray) -> np.ndarray:
        """The iterate after ``logs``, whose plain step is ``step``."""
        logs = np.where(self.taught, logs, 0.0)
        if self.before is not None:
            past, past_step = self.before
            self.own = (*self.own, (logs - past, step - past_step))[-MEMORY:]
            if np.abs(step).max() > RESTART * np.abs(past_step).max():
                self.old = self.own = ()  # it went astray: a plain step instead
        self.before = logs, step
        pairs = (*self.old, *self.own)
        if not pairs:
            return np.asarray(logs + step)
        moves, spread = (np.column_stack(part) for part in zip(*pairs, strict=True))
        mix = np.linalg.lstsq(spread, step, rcond=MIXING_CUT)[0]
        renewed = logs + step - (moves + spread) @ mix
        return np.clip(renewed, logs - LONGEST, logs + LONGEST)


def _crowded(pool: Pool, logs: np.ndarray) -> np.ndarray:
    """Rows whose scales tend to zero next to their length: those that fill a subspace."""
    with np.errstate(divide="ignore", invalid="ignore"):
        relative = logs - np.log(pool.forms(np.eye(pool.width)))
    finite = relative[np.isfinite(relative)]
    return np.flatnonzero(relative < np.log(COLLAPSED) / 2 + finite.max())


def warn_of_rare_rows(at: RowEquivalents) -> None:
    """Say where least squares meets rows that n samples may miss."""
    rare = int((at.b > RARE * np.median(at.b)).sum())
    if rare:
        warnings.warn(
            f"n={at.n:g}: {rare} of {at.pool.size} rows are almost alone in some direction, which "
            "n rows may miss: the prediction for least squares is too high there; drop columns "
            "that are rarely different from their usual value, or use a ridge",
            UserWarning,
            stacklevel=7,
        )
