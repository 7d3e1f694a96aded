"""What to simulate, in units of work that can be done anywhere and in any order.

A `Task` is everything that fixes the law of one trial.  Its trials come in
`Block` s whose size depends on the shapes alone; a block's random numbers are keyed
by (seed, problem, sample sizes, block index).  So a block is the same, bit for bit,
whoever computes it and when.
"""

from __future__ import annotations

import hashlib
import os
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property

import numpy as np

from kdverify.simulation.designs import Design
from kdverify.simulation.factor import workspace_bytes
from kdverify.simulation.features import feature_bytes, feature_work

#: Trials of a setting: each leaves a number behind.
MOST_TRIALS = 10**9
#: Multiply-adds that a block should hold, and the most trials in one.
BLOCK_WORK = 1e9
LARGEST_BLOCK = 256
#: Added to a number of random features in the key of random numbers: no sample size is so large.
FEATURES_KEY = 2**48


@dataclass(frozen=True, eq=False)
class ModalStage:
    """A `kdverify.training.Stage` stated in eigenbases: the design, and the noise of the labels.

    Attributes:
        eigenvalues: (r,) positive eigenvalues of the covariance of its rows.
        n: number of samples.
        noise_variance: variance of the label noise.
        ridge: delta of ``|y - X b|^2 + delta |b|^2``; 0 is the minimum-norm solution.
        into_modes: (p, r) from the stage's eigenbasis to the target's; None where
            they are the same.
        entries: (r, r) rotation from the coordinates with independent entries to the
            stage's eigenbasis; None where no rotation is needed.
        features: random features that the student sees; None: the inputs themselves.
    """

    eigenvalues: np.ndarray
    n: int
    noise_variance: float = 0.0
    ridge: float = 0.0
    into_modes: np.ndarray | None = None
    entries: np.ndarray | None = None
    features: int | None = None

    @property
    def work(self) -> int:
        """Multiply-adds of one student, about."""
        if self.features is not None:
            return feature_work(self.r, self.n, self.features)
        return max(self.r, self.n) * min(self.r, self.n) ** 2 + 50 * self.r * self.n

    @property
    def workspace_bytes(self) -> int:
        """Bytes of the arrays of one student."""
        if self.features is not None:
            return feature_bytes(self.r, self.n, self.features)
        return workspace_bytes(self.r, self.n)

    @property
    def r(self) -> int:
        """Number of modes that carry variance."""
        return int(self.eigenvalues.size)


@dataclass(frozen=True, eq=False)
class Task:
    """The law of one trial, in the eigenbasis of the target covariance.

    Attributes:
        fingerprint: of the problem (hex); keys the random numbers.
        weights: (p,) eigenvalues of the covariance on which risks are measured.
        beta_star: (p,) ground truth.
        starts: (p, k) what the first stage's labels come from, one column each.
        stages: the students, each trained on the one before.
        design: law of the rows of every stage; for ``rows`` already in the eigenbasis.
        flipped: how many of the last stages are averaged over column signs exactly.
        transfer: whether the last stage's transfer functions are wanted.
        seed: the caller's.
        sampled_noise: whether label noise is drawn, one sample for each trial and stage,
            and not averaged over; goes with ``flipped = 0``.
        steady: whether `kdverify.simulation.zero_means` of each design are wanted.
        backend, device: what factorises the designs, and where: the draws do not depend on
            it, results do within rounding.
    """

    fingerprint: str
    weights: np.ndarray
    beta_star: np.ndarray
    starts: np.ndarray
    stages: tuple[ModalStage, ...]
    design: Design
    flipped: int
    transfer: bool
    seed: int
    sampled_noise: bool = False
    steady: bool = False
    backend: str = "numpy"
    device: str = "cpu"

    @property
    def p(self) -> int:
        """Number of modes of the target."""
        return int(self.weights.size)

    @cached_property
    def block_trials(self) -> int:
        """Trials in a full block: fixed by the shapes."""
        work = sum(stage.work for stage in self.stages)
        return int(min(max(BLOCK_WORK // work, 1), LARGEST_BLOCK))

    def blocks(self, trials: int) -> Iterator[Block]:
        """The blocks of the first ``trials`` trials; all but the last are full."""
        for index in range(-(-trials // self.block_trials)):
            yield Block(index, min(self.block_trials, trials - index * self.block_trials))

    def generator(self, block: int) -> np.random.Generator:
        """The block's own stream of random numbers.

        Stored sweeps rest on this key, so it is no `kdverify.seeds.stream`.  Two keys of one
        problem coincide only where they are equal: seed, 64 bits of the problem, sizes and block
        are five words or more, which a seed sequence does not pad.  A stream by name is keyed by
        eight words of a hash.
        """
        sizes = [stage.n for stage in self.stages]
        sizes += [FEATURES_KEY + s.features for s in self.stages if s.features is not None]
        key = [self.seed, int(self.fingerprint, 16), *sizes, block]
        return np.random.Generator(np.random.SFC64(np.random.SeedSequence(key)))

    def bytes_needed(self) -> int:
        """Estimate of the arrays that one worker holds at a time."""
        together = 1 if self.backend == "numpy" else self.block_trials
        total = together * sum(stage.workspace_bytes for stage in self.stages)
        total += 8 * 4 * self.p * self.block_trials
        total += sum(
            a.nbytes for s in self.stages for a in (s.into_modes, s.entries) if a is not None
        )
        plain = self.stages[: len(self.stages) - self.flipped]
        noisy = () if self.sampled_noise else plain
        columns = sum(stage.n for stage in noisy if stage.noise_variance)
        total += together * 8 * 3 * self.p * (columns + self.starts.shape[1])
        return total + (self.design.rows.nbytes if self.design.rows is not None else 0)

    @cached_property
    def key(self) -> str:
        """Hash (hex, 32 digits) of all that results depend on, the number of trials excepted."""
        digest = hashlib.sha256()
        arrays: list[np.ndarray | None] = [self.weights, self.beta_star, self.starts]
        for stage in self.stages:
            arrays += [stage.eigenvalues, stage.into_modes, stage.entries]
            features = () if stage.features is None else (stage.features,)
            settings = (stage.n, stage.noise_variance, stage.ridge, *features)
            digest.update(repr(settings).encode())
        for array in arrays:
            digest.update(b"-" if array is None else np.ascontiguousarray(array).tobytes())
        law = (self.fingerprint, self.design.name, self.flipped, self.transfer, self.seed)
        route = (self.sampled_noise, self.backend, self.device)
        digest.update(repr(law + route + ("steady",) * self.steady).encode())
        return digest.hexdigest()[:32]


@dataclass(frozen=True)
class Block:
    """``trials`` consecutive trials, the ``index``-th of a task."""

    index: int
    trials: int


def physical_memory() -> int | None:
    """Bytes of memory of this machine, None where the system does not say."""
    try:
        return os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")
    except (AttributeError, ValueError, OSError):
        return None
