"""The fixed point (9) on a pool of rows.

``M = (I + n E[x x' / b(x)])^-1``, ``b(x) = ridge + x' M x``: the iteration
``log b -> log(ridge + x' M(b) x)`` is a standard interference function (Yates 1995), with at
most one fixed point, that it reaches from any start.  Anderson acceleration (the last eight
steps) makes it short.  One step costs a weighted Gram matrix and a triangular solve with all
rows: N p^2 multiplications each, as one product of N x p by p x p.

At the solution the iteration contracts in the largest ``|d log b|`` by
``1 - min x'M^2x / b``: so the last step bounds what is left, to first order.
"""

from __future__ import annotations

import enum
from dataclasses import dataclass, field
from functools import cached_property

import numpy as np
from scipy.linalg import cho_factor, cho_solve

from kdverify import checks, formulas
from kdverify.problem import Spectrum
from kdverify.rows.pool import Pool
from kdverify.solve import equivalents

#: Steps that the acceleration looks back.
MEMORY = 8
#: Directions of the past steps below this fraction of the largest are left out of the mix.
MIXING_CUT = 1e-8
#: The acceleration starts again where a step is so many times longer than the one before.
RESTART = 2.0
#: Longest accelerated step in log b.
LONGEST = 2.0
#: A scale this many times smaller than the largest is on its way to zero.
COLLAPSED = 1e-9


class Code(enum.Enum):
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
    code: Code
    crowded: np.ndarray = field(repr=False)

    @cached_property
    def inverse_b(self) -> np.ndarray:
        """(N,) ``1 / b``, zero for rows that teach nothing."""
        return np.where(np.isfinite(self.b) & (self.b > 0), 1 / self.b, 0.0)

    @cached_property
    def learnt(self) -> np.ndarray:
        """``I - M`` without cancellation: ``n E[x x' / b] M``."""
        return self.n * self.weighted @ self.M

    @cached_property
    def log_error(self) -> float:
        """First-order bound of the largest ``|log(true b / b)|``."""
        slack = formulas.rows_error_contraction(self.pool.forms(self.M @ self.M), self.b)
        slack = slack[np.isfinite(self.b) & (self.b > 0)]
        return float(self.step / slack.min()) if slack.size and slack.min() > 0 else np.inf

    @cached_property
    def trace_gap(self) -> float:
        """How far ``tr(I - M) = n P(x != 0) - n ridge E[1/b]`` is from holding."""
        share = np.where(np.isfinite(self.b), 1 - self.ridge / self.b, 0.0)
        return float(np.trace(self.learnt) - self.n * share.mean())


def solve(
    pool: Pool,
    n: float,
    ridge: float = 0.0,
    start: RowEquivalents | None = None,
    tolerance: float = 1e-10,
    limit: int = 200,
) -> RowEquivalents:
    """Solve (9) for n samples drawn from ``pool``.

    Args:
        n: any number of samples; without ridge below the rank of the pool.
        ridge: of ``|y - Xb|^2 + ridge |b|^2``, a sum over samples; 0 is the minimum norm.
        start: a solution for the same pool and another n or ridge, to begin with.
        tolerance: largest ``|d log b|`` of the last step.
        limit: evaluations after which NOT_CONVERGED is returned.
    """
    n, ridge = checks.positive("n", n), checks.non_negative("ridge", ridge)
    if ridge == 0 and n >= pool.rank:
        raise ValueError(
            f"n={n:g} must be below the rank {pool.rank} of the rows where there is no ridge"
        )
    logs = _start(pool, n, ridge, start)
    past_logs: list[np.ndarray] = []
    past_steps: list[np.ndarray] = []
    code = Code.NOT_CONVERGED
    size, evaluations = np.inf, 0
    while evaluations < limit:
        try:
            weighted, factor, forms = _evaluate(pool, n, np.exp(logs))
        except np.linalg.LinAlgError:  # weights too far apart for double precision
            if not evaluations:
                raise
            code = Code.SUBSPACE if ridge == 0 else Code.NOT_CONVERGED
            break
        evaluations += 1
        with np.errstate(divide="ignore"):
            renewed = np.log(formulas.row_scale(ridge, forms))
        taught = ~pool.zero_rows if ridge == 0 else np.ones(pool.size, dtype=bool)
        renewed = np.where(taught, renewed, np.inf)
        step = np.where(taught, renewed - np.where(taught, logs, 0), 0.0)
        size = float(np.abs(step).max())
        if size <= tolerance:
            code, logs = Code.CONVERGED, renewed
            break
        if ridge == 0 and renewed[taught].min() < np.log(COLLAPSED) + renewed[taught].max():
            code = Code.SUBSPACE
            break
        past_logs, past_steps = (
            [*past_logs, logs][-MEMORY - 1 :],
            [*past_steps, step][-MEMORY - 1 :],
        )
        logs = np.where(taught, _accelerated(past_logs, past_steps, taught), np.inf)
    M = cho_solve((factor, True), np.eye(pool.width), check_finite=False)
    crowded = _crowded(pool, n, logs) if code is Code.SUBSPACE else np.empty(0, dtype=int)
    return RowEquivalents(
        pool, n, ridge, np.exp(logs), M, weighted, factor, evaluations, size, code, crowded
    )


def _start(pool: Pool, n: float, ridge: float, start: RowEquivalents | None) -> np.ndarray:
    """log b of Gaussian rows, n tau for all, or that of ``start`` moved by their ratio."""
    values = pool.principal[0][: pool.rank]
    spectrum = Spectrum(values)
    level = float(np.log(n * equivalents(spectrum, n, ridge).tau))
    if start is None:
        logs = np.full(pool.size, level)
    else:
        if start.pool is not pool:
            raise ValueError("start must be a solution for the same pool")
        before = float(np.log(start.n * equivalents(spectrum, start.n, start.ridge).tau))
        logs = np.log(start.b) + level - before
    return np.where(pool.zero_rows, np.inf if ridge == 0 else np.log(ridge or 1.0), logs)


def _evaluate(pool: Pool, n: float, b: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """``E[x x'/b]``, the Cholesky factor of ``I + n E[x x'/b]`` and ``x' M x`` for every row."""
    weighted = pool.gram(formulas.row_weight(1.0, b))
    inverse = n * weighted
    inverse[np.diag_indices_from(inverse)] += 1.0
    factor = np.tril(cho_factor(inverse, lower=True, overwrite_a=True, check_finite=False)[0])
    return weighted, factor, pool.inverse_forms(factor)


def _accelerated(logs: list[np.ndarray], steps: list[np.ndarray], taught: np.ndarray) -> np.ndarray:
    """Anderson's next iterate: the mix of the past ones whose mixed step is least."""
    if len(steps) == 1:
        return logs[-1] + steps[-1]
    known = [np.where(taught, past, 0.0) for past in logs]
    spread = np.diff(np.column_stack(steps), axis=1)
    moves = np.diff(np.column_stack(known), axis=1)
    mix = np.linalg.lstsq(spread, steps[-1], rcond=MIXING_CUT)[0]
    mixed = steps[-1] - spread @ mix
    renewed = logs[-1] + mixed - moves @ mix
    return np.clip(renewed, logs[-1] - LONGEST, logs[-1] + LONGEST)


def _crowded(pool: Pool, n: float, logs: np.ndarray) -> np.ndarray:
    """Rows whose scales tend to zero: those that fill a subspace."""
    finite = logs[np.isfinite(logs)]
    return np.flatnonzero(logs < np.log(COLLAPSED) / 2 + finite.max())
