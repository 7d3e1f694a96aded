"""Small settings of the neural experiment, for its tests; their fixtures are in conftest.py."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import pytest

torch = pytest.importorskip("torch", reason="not run: no extra torch")
pytest.importorskip("torchvision", reason="not run: no extra torch")
pytest.importorskip("lightning_fabric", reason="not run: no extra torch")
pytest.importorskip("sklearn", reason="not run: no scikit-learn")

from experiments.cifar10 import config, models  # noqa: E402 - after what it needs was looked for

ROOT = Path(__file__).resolve().parent.parent
TINY = replace(
    config.PRESETS["smoke"],
    target=config.Schedule(epochs=2, batch=32, learning_rate=0.05, t_max=7, warmup_epochs=1),
    surrogate=config.Schedule(epochs=6, batch=16, learning_rate=0.08, t_max=20, warmup_epochs=1),
    surrogates=((8, 16, 32),),
    train_size=150,
)
SURROGATE, STANDARD, S2T = list(config.runs(replace(TINY, seeds=(3,))))


def record(file: Path) -> dict:
    return json.loads(file.read_text())


def command(*arguments: str, **options) -> subprocess.Popen:
    return subprocess.Popen(
        [sys.executable, "-m", "experiments.cifar10", *arguments],
        cwd=ROOT,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        env=os.environ | {"OMP_NUM_THREADS": "1"},
        **options,
    )


def timeless(history: list[dict]) -> list[dict]:
    return [
        {k: v for k, v in e.items() if k not in ("seconds", "images_per_second")} for e in history
    ]


def same_results(first: Path, second: Path, name: str) -> None:
    one, two = (models.load_weights(folder / f"{name}.safetensors") for folder in (first, second))
    assert one.keys() == two.keys()
    assert all(torch.equal(one[key], two[key]) for key in one)
    old, new = (record(folder / f"{name}.json") for folder in (first, second))
    assert timeless(old["history"]) == timeless(new["history"])
    assert old["result"].keys() == new["result"].keys()
