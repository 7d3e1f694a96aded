"""Penultimate features of a network for the images of a data set, as one ``.npz``.

``python -m experiments.cifar10.features --data FILE --weights FILE --out features.npz``.

The file holds ``train`` (N, d) and ``test`` (M, d), float32, the inputs of the network's last
layer (2,048 of ResNet-50) for un-augmented images; ``train_labels``, ``test_labels``, int64;
``classes``, names; and ``sources``, a JSON text that says what was used.  Features are written
batch by batch: memory does not grow with the number of images.
"""

from __future__ import annotations

import json
import os
import sys
import tempfile
import zipfile
from collections.abc import Iterator
from pathlib import Path
from typing import Annotated, Any

import numpy as np
import typer

from kdverify import checks
from kdverify.cli import run_app
from kdverify.images import SPLITS, Images

from .. import streams

app = typer.Typer(add_completion=False, pretty_exceptions_enable=False, rich_markup_mode=None)


@app.command()
def main(
    out: Annotated[str, typer.Option(help="The .npz file to write.")],
    data: Annotated[str, typer.Option(help="As for the training.")] = "cifar10",
    weights: Annotated[
        str, typer.Option(help="imagenet, none, or a checkpoint, as one of a trained target.")
    ] = "imagenet",
    model: Annotated[str, typer.Option(help="resnet50 or resnet18.")] = "resnet50",
    train_size: Annotated[int | None, typer.Option(help="Random train images (all).")] = None,
    device: Annotated[str, typer.Option(help="auto, cuda, mps or cpu.")] = "auto",
    batch: Annotated[int, typer.Option(help="Images at a time.")] = 256,
) -> None:
    """Write the features; float32, whatever the device."""
    from kdverify import images

    file = checks.output_file("out", out)
    if file.suffix != ".npz":
        raise ValueError(f"out={checks.shown(out)} must end in .npz")
    extract(images.load(data), weights, file, model, train_size, device, batch)
    print(file)


def extract(
    images: Images,
    weights: str,
    file: Path,
    model: str = "resnet50",
    train_size: int | None = None,
    device: str = "cpu",
    batch: int = 256,
) -> None:
    """Write the features of ``images``, of ``train_size`` train images chosen at random."""
    import torch

    from . import models
    from .config import MODELS
    from .run import available_device

    checks.choice("model", model, MODELS)
    rows = _rows(len(images.train), train_size)
    place = torch.device(available_device(device))
    network: Any = models.target(model, weights, len(images.classes))
    width = network.fc.in_features
    network.fc = torch.nn.Identity()
    network = network.to(device=place, memory_format=torch.channels_last).eval()
    pixels = {"train": images.train[rows], "test": images.test}
    small = {
        "train_labels": images.train_labels[rows],
        "test_labels": images.test_labels,
        "train_rows": rows,
        "classes": np.array(images.classes),
        "sources": np.array(
            json.dumps({"data": images.source, "weights": Path(weights).name, "model": model})
        ),
    }

    def entries(archive: zipfile.ZipFile) -> None:
        for split in SPLITS:
            parts = _features(network, pixels[split], place, batch)
            _stream(archive, split, (len(pixels[split]), width), parts)
        for name, array in small.items():
            with archive.open(f"{name}.npy", "w") as stream:
                np.lib.format.write_array(stream, array, allow_pickle=False)

    _write_archive(file, entries)


def _rows(count: int, size: int | None) -> np.ndarray:
    if size is not None and checks.count("train_size", size) > count:
        raise ValueError(f"train_size={size} must be at most {count}, the images there are")
    return np.sort(streams.kept_images().permutation(count)[:size])


def _features(network: Any, images: np.ndarray, device: Any, batch: int) -> Iterator[np.ndarray]:
    import torch

    from .batches import Store

    for start in range(0, len(images), batch * 16):
        part = images[start : start + batch * 16]
        store = Store(part, torch.zeros(len(part)), 0, device)
        for pixels, _ in store.plain(batch):
            with torch.inference_mode():
                yield network(pixels).float().cpu().numpy()


def _stream(
    archive: zipfile.ZipFile, name: str, shape: tuple[int, int], parts: Iterator[np.ndarray]
) -> None:
    header = {"descr": "<f4", "fortran_order": False, "shape": shape}
    written = 0
    with archive.open(f"{name}.npy", "w", force_zip64=True) as stream:
        np.lib.format.write_array_header_1_0(stream, header)
        for part in parts:
            stream.write(np.ascontiguousarray(part, dtype="<f4").tobytes())
            written += len(part)
            print(f"\r{name}: {written}/{shape[0]}", end="", file=sys.stderr, flush=True)
    print(file=sys.stderr)


def _write_archive(file: Path, fill: Any) -> None:
    """Write a zip file whole or not at all."""
    file.parent.mkdir(parents=True, exist_ok=True)
    handle, temporary = tempfile.mkstemp(dir=file.parent, prefix=f".{file.name}.")
    try:
        with os.fdopen(handle, "w+b") as stream, zipfile.ZipFile(stream, "w") as archive:
            fill(archive)
        os.chmod(temporary, 0o644)
        os.replace(temporary, file)
    except BaseException:
        os.unlink(temporary)
        raise


if __name__ == "__main__":
    run_app(app, "features")
