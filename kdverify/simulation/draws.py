"""The random part of a trial: designs, and label noise where it is sampled.

Numbers are drawn trial by trial and stage by stage, a stage's design before its noise, by
NumPy's generator whatever factorises the designs afterwards.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Protocol

import numpy as np

from kdverify.simulation.designs import Design
from kdverify.simulation.factor import Factor, Workspace, factorise
from kdverify.simulation.features import FeatureWorkspace, factorise_features
from kdverify.simulation.task import ModalStage, Task
from kdverify.simulation.zero_means import of_stages


class Trial(Protocol):
    """One trial, or several on a leading axis, stage by stage.

    Attributes:
        safe: factorisations so far that had to take the safe route.
        condition: the largest condition number met so far.
    """

    safe: int
    condition: float

    def factor(self, j: int) -> Factor:
        """The factorised design of stage ``j``; to be asked for in order, once."""

    def noise(self, j: int) -> np.ndarray | None:
        """(..., n, 1) unit label noise of stage ``j``; None where none is sampled."""


class OneByOne:
    """Trials one at a time, in arrays that are used again."""

    def __init__(self, task: Task, rng: np.random.Generator) -> None:
        self._task = task
        self._rng = rng
        self._spaces = [
            Workspace(stage.r, stage.n)
            if stage.features is None
            else FeatureWorkspace(stage.r, stage.n, stage.features)
            for stage in task.stages
        ]
        self._zero_means = of_stages(task) if task.steady else ()
        self.safe = 0
        self.condition = 1.0
        self._gaps: list[list[np.ndarray]] = [[] for _ in task.stages]

    def trials(self, count: int) -> Iterator[tuple[int, Trial]]:
        """Each trial's number, and itself: draw it before the next."""
        for trial in range(count):
            yield trial, self

    def factor(self, j: int) -> Factor:
        """Draws the design of stage ``j``, and its first layer if any, and factorises them."""
        stage, space = self._task.stages[j], self._spaces[j]
        draw_rows(stage, self._task.design, self._rng, space.rows)
        if self._zero_means:
            self._gaps[j].append(self._zero_means[j].of(space.rows))
        factor: Factor
        if isinstance(space, FeatureWorkspace):
            space.draw_layer(self._rng)
            factor, safe = factorise_features(space, stage.ridge)
        else:
            factor, safe = factorise(space, stage.ridge)
        self.safe += safe
        self.condition = max(self.condition, factor.condition)
        return factor

    def zeros(self) -> tuple[np.ndarray, np.ndarray]:
        """Of all trials, where they are wanted: (t, m) zero means, (t, 2, r) the last stage's."""
        gaps = [np.array(of_stage) for of_stage in self._gaps]
        known = zip(self._zero_means, gaps, strict=True)
        return np.concatenate([stage.summed(gap) for stage, gap in known], axis=1), gaps[-1]

    def noise(self, j: int) -> np.ndarray | None:
        """Draws the noise of stage ``j``."""
        return draw_noise(self._task, j, self._rng)


def draw_rows(stage: ModalStage, design: Design, rng: np.random.Generator, out: np.ndarray) -> None:
    """Fill ``out``, (n, r), with rows of a stage in its own eigenbasis."""
    if design.rows is not None:
        picked = rng.choice(len(design.rows), stage.n, replace=False, shuffle=False)
        np.take(design.rows, picked, axis=0, out=out, mode="clip")
        return
    if stage.entries is None:
        design.draw(rng, out)
    else:
        entries = np.empty((stage.n, len(stage.entries)))
        design.draw(rng, entries)
        np.matmul(entries, stage.entries, out=out)
    out *= np.sqrt(stage.eigenvalues)


def draw_noise(task: Task, j: int, rng: np.random.Generator) -> np.ndarray | None:
    """(n, 1) standard normal noise for the labels of stage ``j``, if it is to be sampled."""
    stage = task.stages[j]
    if not (task.sampled_noise and stage.noise_variance):
        return None
    return rng.standard_normal((stage.n, 1))
