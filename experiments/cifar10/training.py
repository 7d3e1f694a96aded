"""One training: epochs, checkpoints, resume.

Everything random in an epoch is drawn from a seed keyed by the run and the epoch, so that a
training that was killed goes on as if nothing had happened: on a CPU, bit for bit.
"""

from __future__ import annotations

import io
import resource
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any, cast

import numpy as np
import torch
from lightning_fabric import Fabric
from torch import Tensor, nn
from torch.nn import functional

from kdverify._files import write_bytes

from .. import streams
from . import results
from .batches import Store, draws
from .config import Schedule

#: Images of a batch in evaluation, where no gradient is kept.
EVALUATION_BATCH = 512
#: Devices on which a step of SGD is one pass over the parameters.
FUSED = ("cuda", "cpu")


@dataclass(frozen=True)
class Training:
    """What is trained on what.  ``key`` keys its random choices, ``identity`` its checkpoint."""

    schedule: Schedule
    train: Store
    test: Store
    key: tuple[int, ...]
    identity: str
    pad: int
    flip: bool
    repeats: int = 1
    test_each_epoch: bool = True
    epochs_per_pass: int = 1


def fit(
    fabric: Fabric,
    build: Callable[[], nn.Module],
    work: Training,
    checkpoint: Path,
    report: Callable[[dict[str, Any]], None],
    compiled: bool = False,
) -> tuple[nn.Module, list[dict[str, Any]]]:
    """Train what ``build`` makes, from ``checkpoint`` where there is one; returns the history.

    ``report`` is called with each epoch's record; the last one holds the ``predictions`` too
    (`results.packed`).  The checkpoint is written after every epoch, whole or not at all.
    """
    schedule = work.schedule
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(_integer(work.key))
        network = build().to(memory_format=torch.channels_last)
    optimizer = torch.optim.SGD(
        network.parameters(),
        lr=schedule.learning_rate,
        momentum=schedule.momentum,
        weight_decay=schedule.weight_decay,
        fused=fabric.device.type in FUSED,
    )
    forward = cast(nn.Module, torch.compile(network)) if compiled else network
    model, optimizer = fabric.setup(forward, optimizer)
    history = _restore(checkpoint, work.identity, network, optimizer, fabric.device)
    for epoch in range(len(history), schedule.epochs):
        record = _epoch(fabric, model, optimizer, work, epoch)
        last = epoch + 1 == schedule.epochs
        if work.test_each_epoch or last:
            scores = predictions(model, work.test)
            found = measures(scores, work.test.labels)
            record |= {f"test_{name}": value for name, value in found.items()}
        if last:
            guessed, truth = scores.argmax(1).cpu().numpy(), work.test.labels.cpu().numpy()
            record["predictions"] = results.packed(guessed, truth)
        history.append(record)
        if fabric.is_global_zero:
            _save(checkpoint, work.identity, network, optimizer, history)
            report(record)
    return network, history


def _epoch(
    fabric: Fabric, model: Any, optimizer: Any, work: Training, epoch: int
) -> dict[str, Any]:
    start = time.perf_counter()
    schedule = work.schedule
    passed, part = divmod(epoch, work.epochs_per_pass)
    seed = streams.of_run(work.key, passed)
    choices = draws(seed, len(work.train), work.pad, work.flip, work.repeats)
    choices = choices.part(part, work.epochs_per_pass)
    steps = -(-len(choices.order) // schedule.batch)
    model.train()
    sums = torch.zeros(2, device=fabric.device)
    count = 0
    batches = work.train.augmented(choices, schedule.batch, fabric.global_rank, fabric.world_size)
    for step, (images, labels) in enumerate(batches):
        for group in optimizer.param_groups:
            group["lr"] = schedule.rate(epoch, (step + 1) / steps)
        optimizer.zero_grad(set_to_none=True)
        scores = model(images)
        loss = functional.cross_entropy(scores, labels)
        fabric.backward(loss)
        optimizer.step()
        with torch.no_grad():
            right = (scores.argmax(1) == _classes(labels)).sum()
            sums += torch.stack([loss.detach() * len(labels), right])
        count += len(labels)
    totals = torch.cat([sums, torch.tensor([count], device=fabric.device)])
    totals = cast(Tensor, fabric.all_reduce(totals, reduce_op="sum"))
    loss_sum, right_sum, seen = totals.tolist()
    seconds = time.perf_counter() - start
    if not np.isfinite(loss_sum):
        raise ValueError(
            f"learning_rate={schedule.learning_rate} at batch={schedule.batch} must be lower: the "
            f"loss is not finite in epoch {epoch + 1}"
        )
    return {
        "epoch": epoch,
        "learning_rate": schedule.rate(epoch, 1.0),
        "train_loss": loss_sum / seen,
        "train_accuracy_on_given_labels": right_sum / seen,
        "seconds": seconds,
        "images_per_second": seen / seconds,
    }


def measures(scores: Tensor, labels: Tensor) -> dict[str, float]:
    """Accuracy, cross-entropy and squared risk (of the probabilities) of scores (N, K)."""
    probabilities = functional.softmax(scores, 1)
    target = functional.one_hot(labels, scores.shape[1])
    return {
        "accuracy": (scores.argmax(1) == labels).double().mean().item(),
        "cross_entropy": functional.cross_entropy(scores, labels).item(),
        "squared_risk": (probabilities - target).square().sum(1).mean().item(),
    }


@torch.no_grad()
def predictions(model: nn.Module, store: Store) -> Tensor:
    """Scores of all images, un-augmented, float32, (N, K)."""
    model.eval()
    return torch.cat([model(images).float() for images, _ in store.plain(EVALUATION_BATCH)])


def peak_memory_bytes(device: torch.device) -> int:
    """Most memory held so far: on the GPU where there is one, else by the process."""
    if device.type == "cuda":
        return int(torch.cuda.max_memory_allocated(device))
    unit = 1 if sys.platform == "darwin" else 1024
    return int(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss) * unit


def _classes(labels: Tensor) -> Tensor:
    return labels if labels.ndim == 1 else labels.argmax(1)


def _integer(key: tuple[int, ...]) -> int:
    return int(streams.of_run(key).generate_state(1, np.uint64)[0] >> 1)


def _save(
    path: Path, identity: str, network: nn.Module, optimizer: Any, history: list[dict[str, Any]]
) -> None:
    stream = io.BytesIO()
    state = {
        "identity": identity,
        "network": network.state_dict(),
        "optimizer": optimizer.state_dict(),
        "history": history,
    }
    torch.save(state, stream)
    write_bytes(path, stream.getvalue())


def _restore(
    path: Path, identity: str, network: nn.Module, optimizer: Any, device: torch.device
) -> list[dict[str, Any]]:
    """Load a checkpoint into network and optimizer; returns the epochs that it holds."""
    if not path.exists():
        return []
    try:
        state = torch.load(path, map_location=device, weights_only=True)
        found, history = state["identity"], list(state["history"])
    except Exception as error:
        raise ValueError(
            f"{path} is damaged ({type(error).__name__}): delete it to start again"
        ) from error
    if found != identity:
        raise ValueError(
            f"{path} is of other settings, data or weights; use another --out, or delete it"
        )
    network.load_state_dict(state["network"])
    optimizer.load_state_dict(state["optimizer"])
    return history
