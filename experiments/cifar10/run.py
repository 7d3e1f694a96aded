"""The runs of an experiment, one after another, each resumed where it stopped."""

from __future__ import annotations

import hashlib
import json
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path
from typing import Any, Literal

import numpy as np
import torch
from lightning_fabric import Fabric
from torch.nn import functional

from kdverify import checks
from kdverify._files import write_bytes
from kdverify.images import Images

from .. import streams
from . import models, results, training
from .batches import Store
from .config import DEVICES, KINDS, Place, Run, Settings

#: Precision -> Fabric's word for it.
FABRIC: dict[str, Literal["bf16-mixed", "32-true"]] = {"bf16": "bf16-mixed", "float32": "32-true"}


@dataclass(frozen=True)
class Machine:
    """Where and how it runs.

    Results do not depend on it beyond rounding, to float32 or to bfloat16, and the statistics of
    batch normalisation, which every process takes over its own share of a batch.
    """

    fabric: Fabric
    precision: str
    compiled: bool = False


def available_device(device: str) -> str:
    """``device`` where it is there; ``auto`` takes CUDA, then MPS, then the CPU."""
    checks.choice("device", device, DEVICES)
    there = {
        "cuda": torch.cuda.is_available(),
        "mps": torch.backends.mps.is_available(),
        "cpu": True,
    }
    chosen = next(name for name, found in there.items() if found) if device == "auto" else device
    if not there[chosen]:
        raise ValueError(f"device={device} must be available on this machine; try device=auto")
    return chosen


def machine(place: Place) -> Machine:
    """Fabric on the device of `available_device`, in the precision of ``place``."""
    chosen = available_device(place.device)
    precision = place.precision
    if precision == "auto":
        precision = "bf16" if chosen == "cuda" else "float32"
    if place.threads is not None:
        torch.set_num_threads(place.threads)
    fabric = Fabric(
        accelerator=chosen,
        devices=place.processes,
        precision=FABRIC[precision],
        strategy="ddp" if place.processes > 1 else "auto",
    )
    fabric.launch()
    return Machine(fabric, precision, place.compiled)


class Progress:
    """Prints a line per epoch to standard error, with the time left."""

    def __init__(self, name: str, epochs: int) -> None:
        self.name, self.epochs = name, epochs
        self.start, self.done = time.perf_counter(), 0

    def __call__(self, record: dict[str, Any]) -> None:
        """Report an epoch."""
        self.done += 1
        each = (time.perf_counter() - self.start) / self.done
        left = each * (self.epochs - record["epoch"] - 1)
        accuracy = record.get("test_accuracy")
        tested = "" if accuracy is None else f"test accuracy {accuracy:.4f}  "
        print(
            f"{self.name}  epoch {record['epoch'] + 1}/{self.epochs}  "
            f"loss {record['train_loss']:.4f}  {tested}"
            f"{record['images_per_second']:.0f} images/s  {left / 60:.1f} min left",
            file=sys.stderr,
            flush=True,
        )


@dataclass(frozen=True)
class Experiment:
    """Settings, data, weights and the folder of an experiment.

    Teachers are trained in the same folder, or by ``teachers``, another experiment on the same
    data.
    """

    settings: Settings
    images: Images
    weights: str
    folder: Path
    machine: Machine
    teachers: Experiment | None = None
    progress: Callable[[str, int], Callable[[dict[str, Any]], None]] = Progress

    def __post_init__(self) -> None:
        """Refuse weights that are not there and a folder of other settings before any work."""
        if self.weights not in ("none", "imagenet"):
            checks.readable_file("weights", Path(self.weights), models.ENDINGS)
        results.refuse_others(self.folder, self.settings, self.sources())

    def sources(self) -> dict[str, Any]:
        """What the results were made from."""
        weights = self.weights if self.weights in ("none", "imagenet") else Path(self.weights).name
        return {
            "data": self.images.source,
            "image": list(self.images.train.shape[1:]),
            "train_images": len(self.images.train),
            "test_images": len(self.images.test),
            "weights": weights,
            "device": str(self.machine.fabric.device),
            "precision": self.machine.precision,
            "processes": self.machine.fabric.world_size,
            "torch_threads": torch.get_num_threads(),
            "compiled": self.machine.compiled,
        }

    def perform(self, run: Run) -> Path:
        """Train the model of ``run`` unless its record is there; returns the record's file."""
        file = self.folder / f"{run.name}.json"
        if file.exists():
            return file
        labels, figures = self._labels(run)
        return self.train(run, self.rows(run), labels, figures)

    def train(
        self, run: Run, rows: np.ndarray, labels: torch.Tensor, figures: dict[str, Any]
    ) -> Path:
        """Train on ``rows`` of the train split with ``labels``; ``figures`` join the record."""
        file = self.folder / f"{run.name}.json"
        if file.exists():
            return file
        checkpoint = self.folder / f"{run.name}.checkpoint"
        schedule = self._schedule(run)
        truth = torch.from_numpy(self.images.train_labels[rows])
        work = training.Training(
            schedule,
            self._store(run, self.images.train[rows], labels),
            self._store(run, self.images.test, torch.from_numpy(self.images.test_labels)),
            _key(run),
            self._identity(run),
            self.settings.pad,
            self.settings.flip,
            self.settings.repeats,
            self.settings.test_each_epoch,
            1 if run.kind == "surrogate" else self.settings.epochs_per_pass,
        )
        network, history = training.fit(
            self.machine.fabric,
            self._builder(run),
            work,
            checkpoint,
            self.progress(run.name, schedule.epochs),
            self.machine.compiled,
        )
        if self.machine.fabric.is_global_zero:
            store = self._store(run, self.images.train[rows], truth)
            scores = training.predictions(network, store)
            found = figures | {
                "train_accuracy": training.measures(scores, store.labels)["accuracy"],
                "parameters": sum(p.numel() for p in network.parameters()),
                "peak_memory_bytes": training.peak_memory_bytes(self.machine.fabric.device),
            }
            self._save_weights(run, network)
            results.save(
                results.document(run, self.settings, self.sources(), history, found), self.folder
            )
            checkpoint.unlink(missing_ok=True)
        self.machine.fabric.barrier()
        return file

    def _schedule(self, run: Run) -> Any:
        return self.settings.surrogate if run.kind == "surrogate" else self.settings.target

    def _builder(self, run: Run) -> Callable[[], torch.nn.Module]:
        classes = len(self.images.classes)
        if run.kind == "surrogate":
            assert run.channels is not None
            height, width = self.images.train.shape[1:3]
            channels = run.channels
            return lambda: models.surrogate(channels, (3, height, width), classes)
        plain = partial(models.target, self.settings.target_model, self.weights, classes)
        on_cpu = self.machine.fabric.device.type == "cpu"
        return lambda: models.with_products(plain()) if on_cpu else plain()

    def rows(self, run: Run) -> np.ndarray:
        """Train images of a run: all, the first ``train_size`` of a shuffle, or of its half.

        With ``fresh_half`` the surrogates take one half and the targets the other, so that the
        two kinds of targets learn on the same images and the surrogates on none of them.  With
        ``fresh`` S2T targets take so many of the next ones.
        """
        count = len(self.images.train)
        seed = run.seed if self.settings.images_seed is None else self.settings.images_seed
        order = streams.stream(seed, "order of the train images").permutation(count)
        if self.settings.fresh_half:
            half = count // 2
            order = order[:half] if run.kind == "surrogate" else order[half:]
        size = self.settings.train_size
        if size is not None and size > order.size:
            raise ValueError(
                f"train_size={size} must be at most {order.size}, the images there are"
            )
        fresh = self.settings.fresh
        if fresh is None or run.kind != "s2t":
            return np.sort(order[:size])
        left = 0 if size is None else order.size - size
        if fresh > left:
            raise ValueError(f"fresh={fresh} must be at most {left}, the images left by train_size")
        return np.sort(order[size:][:fresh])

    def _labels(self, run: Run) -> tuple[torch.Tensor, dict[str, Any]]:
        """Labels of a run's rows; hard or soft ones of its teacher on un-augmented images."""
        chosen = self.rows(run)
        truth = torch.from_numpy(self.images.train_labels[chosen])
        teacher = run.teacher
        if teacher is None:
            return truth, {}
        scores = (self.teachers or self).scores(teacher, self.images.train[chosen])
        agreement = (scores.argmax(1) == truth).double().mean().item()
        hard = self.settings.labels == "hard"
        labels = scores.argmax(1) if hard else functional.softmax(scores, 1)
        return labels, {"label_accuracy": agreement}

    def scores(self, run: Run, images: np.ndarray) -> torch.Tensor:
        """Scores (N, K) of the model of ``run``, trained first where it is not yet."""
        self.perform(run)
        file = self._weights_file(run)
        if not file.exists():
            raise ValueError(
                f"{file} must be there, beside the record of {run.name}: its predictions are "
                "labels; delete the record to train it again"
            )
        network = self._builder(run)()
        network.load_state_dict(models.load_weights(file))
        store = self._store(run, images, torch.zeros(len(images)))
        return training.predictions(network.to(self.machine.fabric.device), store).cpu()

    def _store(self, run: Run, images: np.ndarray, labels: torch.Tensor) -> Store:
        resolution = None if run.kind == "surrogate" else self.settings.resolution
        return Store(images, labels, self.settings.pad, self.machine.fabric.device, resolution)

    def _identity(self, run: Run) -> str:
        """Hash of all that a checkpoint depends on but the seeds and runs beside it."""
        known = replace(self.settings, seeds=(run.seed,)).as_json()
        text = json.dumps([run.name, known, self.sources()["data"], self.weights], sort_keys=True)
        return hashlib.sha256(text.encode()).hexdigest()[:16]

    def _weights_file(self, run: Run) -> Path:
        return self.folder / f"{run.name}.safetensors"

    def _save_weights(self, run: Run, network: torch.nn.Module) -> None:
        from safetensors.torch import save

        state = {k: v.detach().cpu().contiguous() for k, v in network.state_dict().items()}
        write_bytes(self._weights_file(run), save(state))


def _key(run: Run) -> tuple[int, ...]:
    """Entropy of a run's random choices: the seed, and which run it is."""
    known = run.kind in KINDS
    kind = KINDS.index(run.kind) if known else int.from_bytes(run.kind.encode())
    return (run.seed, kind, *(run.channels or ()))
