"""Images per second of the neural experiment's loop beside a plain DataLoader loop.

The peer is what most people write: a ``Dataset`` of images with torchvision's per-image
transforms (RandomCrop(32, padding=4), RandomHorizontalFlip, ToTensor, Normalize) on PIL images
in a shuffled ``DataLoader``, with no worker process and with two.  Model, optimiser, batch and
steps are the same; only the way from bytes to batches and the memory layout differ, and for
"bf16" the precision of products and convolutions (``--precision bf16``), which pays on CPUs that
have such instructions (avx512_bf16, amx_bf16).  Loops take turns, so that what else the machine
does meets all of them; the best of several turns counts.
"""

from __future__ import annotations

import os
import time
from collections.abc import Callable, Iterator
from typing import Any

import numpy as np

from bench.timing import print_table

#: model -> images of a turn, batch, turns.
CASES: dict[str, tuple[int, int, int]] = {
    "surrogate (16, 32, 64)": (2560, 256, 2),
    "surrogate (4, 8, 16)": (2560, 256, 2),
    "ResNet-50": (512, 256, 3),
}
CLASSES, SIDE, PAD = 10, 32, 4
#: The columns of images per second.
LOOPS = ("ours", "ours, bf16", "plain", "plain, 2 workers")


def main() -> None:
    """Print images per second and the ratios; says what is missing where torch is not there."""
    try:
        import torch
        import torchvision  # noqa: F401 - is it there?
    except ImportError as error:
        print(f"not run: needs {error.name} (kdverify[torch])")
        return
    before = torch.get_num_threads()
    torch.set_num_threads(os.cpu_count() or 1)
    try:
        rows = [_row(model, *case) for model, case in CASES.items()]
    finally:
        torch.set_num_threads(before)
    print_table(
        f"images per second, training step included, {os.cpu_count()} CPU threads",
        ["model", "batch", *LOOPS, "ours / plain", "bf16 / plain", "ours / best plain"],
        rows,
    )


def _row(model: str, count: int, batch: int, turns: int) -> list[str]:
    import torch

    generator = np.random.default_rng(0)
    pixels = generator.integers(0, 256, (count, SIDE, SIDE, 3), dtype=np.uint8)
    labels = generator.integers(0, CLASSES, count)
    last, first = torch.channels_last, torch.contiguous_format
    loops: dict[str, tuple[Callable[[], Iterator[Any]], Callable[[Any, Any], None]]] = {
        "ours": (_ours(pixels, labels, batch), _step(model, last)),
        "ours, bf16": (_ours(pixels, labels, batch), _step(model, last, bf16=True)),
        "plain": (_plain(pixels, labels, batch, 0), _step(model, first)),
        "plain, 2 workers": (_plain(pixels, labels, batch, 2), _step(model, first)),
    }
    assert tuple(loops) == LOOPS
    fastest = dict.fromkeys(loops, float("inf"))
    for _ in range(turns):
        for name, (batches, step) in loops.items():
            start = time.perf_counter()
            for images, given in batches():
                step(images, given)
            fastest[name] = min(fastest[name], time.perf_counter() - start)
    rates = [count / fastest[name] for name in LOOPS]
    ours, bf16, plain, workers = rates
    ratios = [ours / plain, bf16 / plain, ours / max(plain, workers)]
    return [model, str(batch), *(f"{r:,.0f}" for r in rates), *(f"{r:.2f}" for r in ratios)]


def _step(model: str, layout: Any, bf16: bool = False) -> Callable[[Any, Any], None]:
    """One step of SGD on a fresh network in the given memory layout and precision."""
    import torch
    from torch.nn import functional

    from experiments.cifar10 import config, models

    torch.manual_seed(0)
    if model == "ResNet-50":
        network = models.target("resnet50", "none", CLASSES)
    else:
        channels = next(c for c in config.SURROGATES if str(c) in model)
        network = models.surrogate(channels, (3, SIDE, SIDE), CLASSES)
    network = network.to(memory_format=layout).train()
    optimizer = torch.optim.SGD(network.parameters(), lr=0.01, momentum=0.9, weight_decay=5e-4)

    def step(images: Any, labels: Any) -> None:
        optimizer.zero_grad(set_to_none=True)
        with torch.autocast("cpu", torch.bfloat16, enabled=bf16):
            loss = functional.cross_entropy(network(images), labels)
        loss.backward()
        optimizer.step()

    return step


def _ours(pixels: np.ndarray, labels: np.ndarray, batch: int) -> Callable[[], Iterator[Any]]:
    import torch

    from experiments.cifar10.batches import Store, draws

    store = Store(pixels, torch.from_numpy(labels), PAD, torch.device("cpu"))

    def epoch() -> Iterator[Any]:
        return store.augmented(draws(np.random.SeedSequence(0), len(pixels), PAD, True), batch)

    return epoch


def _plain(
    pixels: np.ndarray, labels: np.ndarray, batch: int, workers: int
) -> Callable[[], Iterator[Any]]:
    from torch.utils.data import DataLoader

    loader = DataLoader(_dataset(pixels, labels), batch, shuffle=True, num_workers=workers)
    return lambda: iter(loader)


def _dataset(pixels: np.ndarray, labels: np.ndarray) -> Any:
    from PIL import Image
    from torch.utils.data import Dataset
    from torchvision import transforms

    from experiments.cifar10.batches import MEAN, STD

    transform = transforms.Compose(
        [
            transforms.RandomCrop(SIDE, padding=PAD),
            transforms.RandomHorizontalFlip(),
            transforms.ToTensor(),
            transforms.Normalize(MEAN, STD),
        ]
    )

    class Images(Dataset):
        def __len__(self) -> int:
            return len(pixels)

        def __getitem__(self, index: int) -> tuple[Any, int]:
            return transform(Image.fromarray(pixels[index])), int(labels[index])

    return Images()


if __name__ == "__main__":
    main()
