"""What the preset ``smoke`` asserts: the models learn, runs resume exactly, the figure is there."""

from __future__ import annotations

import contextlib
import dataclasses
import json
import math
import shutil
import tempfile
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

from . import models
from .config import Run
from .run import Experiment

#: Standard deviations above guessing; guessing gets there with probability below 1e-15.
ABOVE = 8.0


def check(experiment: Experiment, chosen: Sequence[Run]) -> str:
    """Raise an AssertionError for what is wrong; returns what was found."""
    lowest = min(_accuracy(experiment.folder, run) for run in chosen)
    classes, count = len(experiment.images.classes), len(experiment.images.test)
    guess = 1 / classes
    needed = guess + ABOVE * math.sqrt(guess * (1 - guess) / count)
    if lowest < needed:
        raise AssertionError(f"an accuracy of {lowest:.3f} is below {needed:.3f}: nothing learned")
    first = next(run for run in chosen if run.kind == "surrogate")
    _check_resume(experiment, first)
    for ending in ("png", "svg", "json"):
        if not (experiment.folder / f"figure_2a.{ending}").stat().st_size:
            raise AssertionError(f"figure_2a.{ending} is empty")
    return (
        f"smoke: {len(chosen)} models, lowest accuracy {lowest:.3f} (at least {needed:.3f} asked); "
        f"{first.name} interrupted and resumed is the same bit for bit; the figure is there"
    )


def _accuracy(folder: Path, run: Run) -> float:
    record = json.loads((folder / f"{run.name}.json").read_text(encoding="utf-8"))
    return float(record["result"]["accuracy"])


class Interrupted(Exception):
    """Raised in the middle of the second training."""


def interrupting(name: str, epochs: int) -> Callable[[dict[str, Any]], None]:
    """Progress of a training that breaks off after half of its epochs."""

    def report(record: dict[str, Any]) -> None:
        if record["epoch"] + 1 == epochs // 2:
            raise Interrupted(name)

    return report


def _check_resume(experiment: Experiment, run: Run) -> None:
    """Train a run again, interrupted half-way, and compare the weights."""
    import torch

    folder = Path(tempfile.mkdtemp(prefix="cifar10-resume-"))
    try:
        with contextlib.suppress(Interrupted):
            dataclasses.replace(experiment, folder=folder, progress=interrupting).perform(run)
        if not (folder / f"{run.name}.checkpoint").exists():
            raise AssertionError("an interrupted run left no checkpoint")
        dataclasses.replace(experiment, folder=folder).perform(run)
        name = f"{run.name}.safetensors"
        old, new = (models.load_weights(f / name) for f in (experiment.folder, folder))
        different = [key for key in old if not torch.equal(old[key], new[key])]
        if old.keys() != new.keys() or different:
            raise AssertionError(f"a resumed run differs in {different}")
    finally:
        shutil.rmtree(folder)
