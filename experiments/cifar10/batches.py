"""Batches of images, cropped, flipped and scaled on the device.

The images are padded and moved to the device once, as bytes.  A crop of every image of a batch
is then one gather from a strided view: no copy, no Python loop and no worker process.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import torch
from torch import Tensor
from torch.nn import functional

#: The scaling that the pretrained weights expect, of pixels in [0, 1].
MEAN, STD = (0.485, 0.456, 0.406), (0.229, 0.224, 0.225)
#: Batch normalisation needs so many images; a shorter rest of an epoch is left out.
LEAST = 2


@dataclass(frozen=True)
class Choices:
    """The random choices of one epoch, in its order: images, corners of the crops, flips."""

    order: Tensor
    top: Tensor
    left: Tensor
    flip: Tensor

    def part(self, index: int, parts: int) -> Choices:
        """The ``index``-th (from 0) of ``parts`` equal parts, up to one image."""
        count = len(self.order)
        chosen = slice(count * index // parts, count * (index + 1) // parts)
        return Choices(self.order[chosen], self.top[chosen], self.left[chosen], self.flip[chosen])


def draws(
    seed: np.random.SeedSequence, count: int, pad: int, flip: bool, repeats: int = 1
) -> Choices:
    """The choices of one epoch, which passes ``repeats`` times through ``count`` images.

    Corners are uniform on 0, ..., 2 ``pad``; half of the images are mirrored if ``flip``.  They
    depend on ``seed`` only, not on batches, processes or the device.
    """
    generator = np.random.default_rng(seed)
    passes = []
    for _ in range(repeats):
        order = generator.permutation(count)
        top, left = generator.integers(0, 2 * pad + 1, size=(2, count))
        mirrored = generator.random(count) < 0.5 * flip
        passes.append((order, top[order], left[order], mirrored[order]))
    return Choices(*(torch.from_numpy(np.concatenate(p)) for p in zip(*passes, strict=True)))


class Store:
    """Images on a device, with their labels.

    ``images`` are uint8, (N, H, W, C), one channel or three (one is used three times);
    ``labels`` are class numbers, (N,), or probabilities, (N, K).  Batches are float32,
    (B, 3, H, W), channels last, or (B, 3, ``resolution``, ``resolution``), enlarged bilinearly.
    """

    def __init__(
        self,
        images: np.ndarray,
        labels: Tensor,
        pad: int,
        device: torch.device,
        resolution: int | None = None,
    ) -> None:
        bordered = np.pad(images, ((0, 0), (pad, pad), (pad, pad), (0, 0)))
        pixels = torch.from_numpy(bordered).to(device)
        size = images.shape[1:3]
        self.windows = pixels.unfold(1, size[0], 1).unfold(2, size[1], 1)
        self.labels = labels.to(device)
        self.pad, self.device, self.resolution = pad, device, resolution
        std = torch.tensor(STD, device=device)
        self.scale = (1 / (255 * std)).view(1, 3, 1, 1)
        self.shift = (-torch.tensor(MEAN, device=device) / std).view(1, 3, 1, 1)

    def __len__(self) -> int:
        return len(self.labels)

    def augmented(
        self, chosen: Choices, batch: int, rank: int = 0, world: int = 1
    ) -> Iterator[tuple[Tensor, Tensor]]:
        """Batches of one epoch; every process of ``world`` gets its share of each batch."""
        order, top, left, flip = (
            part.to(self.device) for part in (chosen.order, chosen.top, chosen.left, chosen.flip)
        )
        for start in range(0, len(order) - LEAST * world + 1, batch):
            part = slice(start + rank, start + batch, world)
            images = self._scaled(self.windows[order[part], top[part], left[part]])
            mirrored = torch.where(flip[part].view(-1, 1, 1, 1), images.flip(3), images)
            yield self._ready(mirrored), self.labels[order[part]]

    def plain(self, batch: int) -> Iterator[tuple[Tensor, Tensor]]:
        """All images in order, neither cropped nor flipped."""
        for start in range(0, len(self), batch):
            part = slice(start, start + batch)
            images = self._scaled(self.windows[part, self.pad, self.pad])
            yield self._ready(images), self.labels[part]

    def _scaled(self, pixels: Tensor) -> Tensor:
        return torch.addcmul(self.shift, pixels.to(torch.float32), self.scale)

    def _ready(self, images: Tensor) -> Tensor:
        if self.resolution is not None:
            side = (self.resolution, self.resolution)
            images = functional.interpolate(images, side, mode="bilinear", align_corners=False)
        return images.contiguous(memory_format=torch.channels_last)
