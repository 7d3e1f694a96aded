"""One block of trials: the pure function that everything else schedules.

A trial sends coefficients through the stages of a task.  A *plain* stage maps the
columns themselves, and unit label noise, unless it is to be sampled, becomes further
columns, so that the mean over the noise is exact given the designs.  In a *flipped* stage
the signs of the design's columns are averaged over as well.  Flips leave the law unchanged
and turn ``P_ij`` into ``e_i e_j P_ij``, so only the mean m and the second moment v of each
coordinate matter:

    m_i -> P_ii m_i,      v_i -> sum_k P_ik^2 v_k + noise (A A')_ii.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING

import numpy as np
from threadpoolctl import ThreadpoolController

from kdverify import formulas
from kdverify.simulation.draws import OneByOne, Trial
from kdverify.simulation.factor import Factor, Transfer
from kdverify.simulation.task import Block, ModalStage, Task

if TYPE_CHECKING:
    from kdverify.simulation.torch_backend import Together


@dataclass(frozen=True)
class RunningMoments:
    """Mean and sum of squared deviations of per-mode values over one or more blocks."""

    count: int
    mean: np.ndarray
    squares: np.ndarray

    @classmethod
    def of(cls, values: np.ndarray) -> RunningMoments:
        """RunningMoments over the first axis of ``values``."""
        mean = values.mean(axis=0)
        return cls(len(values), mean, np.square(values - mean).sum(axis=0))

    def merged(self, other: RunningMoments) -> RunningMoments:
        """RunningMoments of both samples together (Chan, Golub, LeVeque)."""
        count = self.count + other.count
        gap = other.mean - self.mean
        mean = self.mean + gap * (other.count / count)
        squares = self.squares + other.squares + gap * gap * (self.count * other.count / count)
        return RunningMoments(count, mean, squares)


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
        steady: of the same designs, if wanted: (t, m) variates of mean zero, (t, 2, p) those of
            each mode of the last stage, and its transfer functions (t, 2, p).
    """

    index: int
    risks: np.ndarray
    transfer_mean: RunningMoments | None
    transfer_energy: RunningMoments | None
    noise_trace: np.ndarray | None
    safe: int
    condition: float
    steady: tuple[np.ndarray, np.ndarray, np.ndarray] | None = None


def run_block(task: Task, block: Block) -> BlockResult:
    """Run one block: depends on nothing but its arguments, on one BLAS thread."""
    with _one_blas_thread():
        if task.backend == "numpy":
            return _Runner(task).run(block, OneByOne(task, task.generator(block.index)))
        from kdverify.simulation import torch_backend

        with torch_backend.one_thread():
            together = torch_backend.Together(task, task.generator(block.index), block.trials)
            return _Runner(task).run(block, together)


@cache
def _controller() -> ThreadpoolController:
    return ThreadpoolController()


@contextmanager
def _one_blas_thread() -> Iterator[None]:
    with _controller().limit(limits=1, user_api="blas"):
        yield


class _Runner:
    """Sends the trials of one block through the stages.

    A trial's arrays may have a leading axis for several trials at once: what is said below
    of (p, k) holds for (t, p, k) too.
    """

    def __init__(self, task: Task) -> None:
        self._task = task
        self._first_flipped = len(task.stages) - task.flipped

    def run(self, block: Block, drawn: OneByOne | Together) -> BlockResult:
        task = self._task
        risks = np.empty((block.trials, len(task.stages), task.starts.shape[1]))
        kept = block.trials if task.transfer else 0
        means, energies = np.empty((2, kept, task.p))
        traces = np.empty(kept)
        surrogates = []
        for at, trial in drawn.trials(block.trials):
            surrogate = self._earlier_stages(trial, risks[at])
            transfer, risk = self._last_stage(trial, surrogate)
            if transfer is not None:
                means[at], energies[at], traces[at] = transfer
            if risk is not None:
                risks[at, -1] = risk
            surrogates.append(surrogate)
        if task.flipped:
            risks[:, -1] = self._flipped_risks(surrogates, means, energies, traces)
        return BlockResult(
            block.index,
            risks,
            RunningMoments.of(means) if task.transfer else None,
            RunningMoments.of(energies) if task.transfer else None,
            traces if task.transfer else None,
            drawn.safe,
            drawn.condition,
            (*drawn.zeros(), np.stack([means, energies], axis=1))
            if task.steady and isinstance(drawn, OneByOne)
            else None,
        )

    def _earlier_stages(self, trial: Trial, risks: np.ndarray) -> _State:
        """What the last stage learns from; fills ``risks``, (stages, k), but for the last row."""
        state = _State(self._task.starts)
        for j in range(len(self._task.stages) - 1):
            state = self._advance(state, j, trial)
            risks[..., j, :] = self._risks(state)
        return state

    def _last_stage(
        self, trial: Trial, surrogate: _State
    ) -> tuple[Transfer | None, np.ndarray | None]:
        """Transfer functions, if wanted, and risks, unless signs are to be flipped."""
        task, last = self._task, len(self._task.stages) - 1
        stage = task.stages[last]
        factor = trial.factor(last)
        if task.flipped:
            return factor.transfer(task.weights), None
        noise = trial.noise(last)
        if stage.into_modes is not None:
            return None, self._risks(_plain(surrogate, stage, factor, noise))
        risks = self._risks(_plain(surrogate, stage, factor, noise, columns=False))
        transfer = factor.transfer(task.weights) if task.transfer else None
        if stage.noise_variance and noise is None:
            trace = transfer[2] if transfer else factor.noise_trace(task.weights)
            risks = risks + stage.noise_variance * np.asarray(trace)[..., None]
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
        shape = (-1, *task.starts.shape)
        first = np.concatenate([state.mean.reshape(shape) for state in distinct])
        second = np.concatenate([state.second_moment.reshape(shape) for state in distinct])
        risks = [
            formulas.transfer_risk(
                task.weights,
                first[:, :, k],
                second[:, :, k],
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

    def _advance(self, state: _State, j: int, trial: Trial) -> _State:
        """The surrogates after a stage that is not the last."""
        stage, factor = self._task.stages[j], trial.factor(j)
        if j < self._first_flipped:
            return _plain(state, stage, factor, trial.noise(j))
        second = np.ascontiguousarray(np.moveaxis(state.second_moment, -1, 0))
        grown = np.stack([factor.carried(column) for column in second], axis=-1)
        if stage.noise_variance:
            grown += stage.noise_variance * factor.noise_diagonal()[..., None]
        return _State(factor.diagonal()[..., None] * state.mean, second=grown)

    def _risks(self, state: _State) -> np.ndarray:
        """Excess risk of each surrogate, (k,)."""
        task = self._task
        weights, beta_star = task.weights[:, None], task.beta_star[:, None]
        if state.second is not None:
            return formulas.moment_risk(weights, state.mean, state.second, beta_star, _over_modes)
        risks = formulas.predictor_risk(weights, state.mean, beta_star, _over_modes)
        if state.noise is not None:
            risks = risks + np.asarray(_row_squares(state.noise) @ task.weights)[..., None]
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
        return square if self.noise is None else square + _row_squares(self.noise)[..., None]


def _plain(
    state: _State,
    stage: ModalStage,
    factor: Factor,
    noise: np.ndarray | None,
    columns: bool = True,
) -> _State:
    """All columns through one stage.

    Label noise is the sample ``noise``, (n, 1), of variance 1, where there is one, and else
    further columns, unless the caller accounts for it (``columns=False``).
    """
    k = state.mean.shape[-1]
    entering = state.mean if state.noise is None else _beside(state.mean, state.noise)
    turn = stage.into_modes
    mapped = factor.fit(entering if turn is None else turn.T @ entering)
    if noise is not None:
        mapped[..., :k] += np.sqrt(stage.noise_variance) * factor.fit_noise(noise)
    elif stage.noise_variance and columns:
        mapped = _beside(mapped, np.sqrt(stage.noise_variance) * factor.noise_columns())
    if turn is not None:
        mapped = turn @ mapped
    return _State(mapped[..., :k], mapped[..., k:] if mapped.shape[-1] > k else None)


def _beside(left: np.ndarray, right: np.ndarray) -> np.ndarray:
    return np.concatenate([left, right], axis=-1)


def _row_squares(columns: np.ndarray) -> np.ndarray:
    return np.vecdot(columns, columns)


def _over_modes(values: np.ndarray) -> np.ndarray:
    return values.sum(axis=-2)


def _over_last_axis(values: np.ndarray) -> np.ndarray:
    return values.sum(axis=-1)
