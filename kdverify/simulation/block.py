"""One block of trials: the pure function that everything else schedules.

A trial sends coefficients through the stages of a task.  A *plain* stage maps the
columns themselves, and unit label noise becomes further columns, so that the mean over
the noise is exact given the designs.  In a *flipped* stage the signs of the design's
columns are averaged over as well.  Flips leave the law unchanged and turn ``P_ij`` into
``e_i e_j P_ij``, so only the mean m and the second moment v of each coordinate matter:

    m_i -> P_ii m_i,      v_i -> sum_k P_ik^2 v_k + noise (A A')_ii.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cache

import numpy as np
from threadpoolctl import ThreadpoolController

from kdverify import formulas
from kdverify.simulation.factor import Factor, Transfer, Workspace, factorise
from kdverify.simulation.task import Block, Stage, Task


@dataclass(frozen=True)
class Moments:
    """Mean and sum of squared deviations of per-mode values over one or more blocks."""

    count: int
    mean: np.ndarray
    squares: np.ndarray

    @classmethod
    def of(cls, values: np.ndarray) -> Moments:
        """Moments over the first axis of ``values``."""
        mean = values.mean(axis=0)
        return cls(len(values), mean, np.square(values - mean).sum(axis=0))

    def merged(self, other: Moments) -> Moments:
        """Moments of both samples together (Chan, Golub, LeVeque)."""
        count = self.count + other.count
        gap = other.mean - self.mean
        mean = self.mean + gap * (other.count / count)
        squares = self.squares + other.squares + gap * gap * (self.count * other.count / count)
        return Moments(count, mean, squares)


@dataclass(frozen=True)
class BlockResult:
    """What one block of t trials found.

    Attributes:
        index: which block.
        risks: (t, stages, k) excess risk after each stage, for each start.
        transfer_mean, transfer_energy: per-mode moments of the last stage, if wanted.
        noise_trace: (t,) of the last stage, if transfer functions are wanted.
        safe: factorisations that had to take the safe route.
        condition: the largest condition number met.
    """

    index: int
    risks: np.ndarray
    transfer_mean: Moments | None
    transfer_energy: Moments | None
    noise_trace: np.ndarray | None
    safe: int
    condition: float


def run_block(task: Task, block: Block) -> BlockResult:
    """Run one block: depends on nothing but its arguments, on one BLAS thread."""
    with _one_blas_thread():
        return _Runner(task).run(block)


@cache
def _controller() -> ThreadpoolController:
    return ThreadpoolController()


@contextmanager
def _one_blas_thread() -> Iterator[None]:
    with _controller().limit(limits=1, user_api="blas"):
        yield


class _Runner:
    """The arrays and tallies of one block."""

    def __init__(self, task: Task) -> None:
        self._task = task
        self._spaces = [Workspace(stage.r, stage.n) for stage in task.stages]
        self._roots = [np.sqrt(stage.eigenvalues) for stage in task.stages]
        self._first_flipped = len(task.stages) - task.flipped
        self._safe = 0
        self._condition = 1.0

    def run(self, block: Block) -> BlockResult:
        task = self._task
        rng = task.generator(block.index)
        risks = np.empty((block.trials, len(task.stages), task.starts.shape[1]))
        kept = block.trials if task.transfer else 0
        means, energies = np.empty((2, kept, task.p))
        traces = np.empty(kept)
        surrogates = []
        for trial in range(block.trials):
            surrogate = self._earlier_stages(rng, risks[trial])
            transfer, risk = self._last_stage(rng, surrogate)
            if transfer is not None:
                means[trial], energies[trial], traces[trial] = transfer
            if risk is not None:
                risks[trial, -1] = risk
            surrogates.append(surrogate)
        if task.flipped:
            risks[:, -1] = self._flipped_risks(surrogates, means, energies, traces)
        return BlockResult(
            block.index,
            risks,
            Moments.of(means) if task.transfer else None,
            Moments.of(energies) if task.transfer else None,
            traces if task.transfer else None,
            self._safe,
            self._condition,
        )

    def _earlier_stages(self, rng: np.random.Generator, risks: np.ndarray) -> _State:
        """What the last stage learns from; fills all but the last row of ``risks``."""
        state = _State(self._task.starts)
        for j in range(len(self._task.stages) - 1):
            state = self._advance(state, j, self._factor(j, rng))
            risks[j] = self._risks(state)
        return state

    def _last_stage(
        self, rng: np.random.Generator, surrogate: _State
    ) -> tuple[Transfer | None, np.ndarray | None]:
        """Transfer functions, if wanted, and risks, unless signs are to be flipped."""
        task = self._task
        stage = task.stages[-1]
        factor = self._factor(len(task.stages) - 1, rng)
        if task.flipped:
            return factor.transfer(task.weights), None
        if stage.into_modes is not None:
            return None, self._risks(_plain(surrogate, stage, factor, stage.noise_variance))
        risks = self._risks(_plain(surrogate, stage, factor, 0.0))
        transfer = factor.transfer(task.weights) if task.transfer else None
        if stage.noise_variance:
            trace = transfer[2] if transfer else factor.noise_trace(task.weights)
            risks = risks + stage.noise_variance * trace
        return transfer, risks

    def _flipped_risks(
        self,
        surrogates: list[_State],
        means: np.ndarray,
        energies: np.ndarray,
        traces: np.ndarray,
    ) -> np.ndarray:
        """Mean excess risks over all column flips of the last stage, (t, k)."""
        task = self._task
        distinct = surrogates if task.stages[1:] else surrogates[:1]
        risks = [
            formulas.transfer_risk(
                task.weights,
                np.stack([state.mean[:, k] for state in distinct]),
                np.stack([state.second_moment[:, k] for state in distinct]),
                task.beta_star,
                means,
                energies,
                traces,
                task.stages[-1].noise_variance,
                _over_last_axis,
            )
            for k in range(task.starts.shape[1])
        ]
        return np.stack(risks, axis=1)

    def _factor(self, j: int, rng: np.random.Generator) -> Factor:
        """Draw the design of stage ``j`` and factorise it."""
        stage, space, design = self._task.stages[j], self._spaces[j], self._task.design
        if design.rows is not None:
            picked = rng.choice(len(design.rows), stage.n, replace=False, shuffle=False)
            np.take(design.rows, picked, axis=0, out=space.rows, mode="clip")
        elif stage.entries is None:
            design.draw(rng, space.rows)
            space.rows *= self._roots[j]
        else:
            entries = np.empty((stage.n, len(stage.entries)))
            design.draw(rng, entries)
            np.matmul(entries, stage.entries, out=space.rows)
            space.rows *= self._roots[j]
        factor, safe = factorise(space, stage.ridge)
        self._safe += safe
        self._condition = max(self._condition, factor.condition)
        return factor

    def _advance(self, state: _State, j: int, factor: Factor) -> _State:
        """The surrogates after a stage that is not the last."""
        stage = self._task.stages[j]
        if j < self._first_flipped:
            return _plain(state, stage, factor, stage.noise_variance)
        mean, second = state.mean, state.second_moment
        mapped = [factor.energy(column) for column in np.ascontiguousarray(second.T)]
        grown = np.stack(mapped, axis=1)
        if stage.noise_variance:
            grown += stage.noise_variance * factor.noise_diagonal()[:, None]
        return _State(factor.diagonal()[:, None] * mean, second=grown)

    def _risks(self, state: _State) -> np.ndarray:
        """Excess risk of each surrogate, (k,)."""
        task = self._task
        weights, beta_star = task.weights[:, None], task.beta_star[:, None]
        if state.second is not None:
            return formulas.moment_risk(weights, state.mean, state.second, beta_star, _over_modes)
        risks = formulas.predictor_risk(weights, state.mean, beta_star, _over_modes)
        if state.noise is not None:
            risks = risks + task.weights @ _row_squares(state.noise)
        return risks


@dataclass(frozen=True)
class _State:
    """k surrogates between two stages.

    Attributes:
        mean: (p, k) coefficients, averaged over what has been averaged exactly.
        noise: (p, q) what unit label noises have added so far, common to all surrogates;
            None once second moments are carried instead.
        second: (p, k) mean squares, where they are carried.
    """

    mean: np.ndarray
    noise: np.ndarray | None = None
    second: np.ndarray | None = None

    @property
    def second_moment(self) -> np.ndarray:
        """(p, k) mean square of each coordinate."""
        if self.second is not None:
            return self.second
        square = np.square(self.mean)
        return square if self.noise is None else square + _row_squares(self.noise)[:, None]


def _plain(state: _State, stage: Stage, factor: Factor, noise_variance: float) -> _State:
    """All columns through one stage; fresh noise of that variance becomes columns."""
    k = state.mean.shape[1]
    columns = state.mean if state.noise is None else np.hstack([state.mean, state.noise])
    turn = stage.into_modes
    mapped = factor.fit(columns if turn is None else turn.T @ columns)
    if noise_variance:
        mapped = np.hstack([mapped, np.sqrt(noise_variance) * factor.noise_columns()])
    if turn is not None:
        mapped = turn @ mapped
    return _State(mapped[:, :k], mapped[:, k:] if mapped.shape[1] > k else None)


def _row_squares(columns: np.ndarray) -> np.ndarray:
    return np.vecdot(columns, columns)


def _over_modes(values: np.ndarray) -> np.ndarray:
    return values.sum(axis=0)


def _over_last_axis(values: np.ndarray) -> np.ndarray:
    return values.sum(axis=-1)
