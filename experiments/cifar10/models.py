"""The networks and their weights."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import torch
from torch import nn

from kdverify import checks

#: Sides of an image after the surrogate's three poolings, and its hidden units.
POOLINGS, HIDDEN = 3, 100
#: Of checkpoint files.
ENDINGS = (".safetensors", ".pt", ".pth")


def surrogate(
    channels: tuple[int, int, int], image: tuple[int, int, int], classes: int
) -> nn.Module:
    """Three convolutions (3x3, padding 1), each with ReLU and 2x2 max-pooling, and two layers.

    ``image`` is (channels, height, width).  At 3x32x32 and ten classes the channels (16, 32, 64),
    (8, 16, 32) and (4, 8, 16) give 127,094, 58,342 and 28,286 parameters.
    """
    depth, height, width = image
    if min(height, width) < 2**POOLINGS:
        raise ValueError(f"image={image} must be at least {2**POOLINGS} pixels high and wide")
    layers: list[nn.Module] = []
    for before, after in zip((depth, *channels), channels, strict=False):
        layers += [nn.Conv2d(before, after, 3, padding=1), nn.ReLU(), nn.MaxPool2d(2)]
    flat = channels[-1] * (height // 2**POOLINGS) * (width // 2**POOLINGS)
    return nn.Sequential(
        *layers, nn.Flatten(), nn.Linear(flat, HIDDEN), nn.ReLU(), nn.Linear(HIDDEN, classes)
    )


def small(num_classes: int) -> nn.Module:
    """A residual network of two of torchvision's basic blocks (16, 32 channels), for tests."""
    from torchvision.models.resnet import BasicBlock, conv1x1

    down = nn.Sequential(conv1x1(16, 32, 2), nn.BatchNorm2d(32))
    layers: dict[str, nn.Module] = {
        "conv1": nn.Conv2d(3, 16, 3, padding=1, bias=False),
        "bn1": nn.BatchNorm2d(16),
        "relu": nn.ReLU(),
        "layer1": BasicBlock(16, 16),
        "layer2": BasicBlock(16, 32, 2, down),
        "avgpool": nn.AdaptiveAvgPool2d(1),
        "flatten": nn.Flatten(),
        "fc": nn.Linear(32, num_classes),
    }
    network = nn.Sequential()
    for name, layer in layers.items():
        network.add_module(name, layer)
    return network


def target(model: str, weights: str, classes: int) -> nn.Module:
    """torchvision's ``model`` (or `small`) with a new head for ``classes``.

    ``weights`` is ``"none"``, ``"imagenet"`` (torchvision's IMAGENET1K_V1, downloaded) or a
    checkpoint file in torchvision's key names (.safetensors, .pt, .pth), any head in it unused.
    """
    from torchvision import models

    make = small if model == "small" else getattr(models, model)
    network: nn.Module = make(num_classes=classes)
    if weights == "none":
        return network
    state = _imagenet(model) if weights == "imagenet" else load_weights(Path(weights))
    state = {name: value for name, value in state.items() if not name.startswith("fc.")}
    expected = {name for name in network.state_dict() if not name.startswith("fc.")}
    if unexpected := sorted(expected ^ set(state)):
        raise ValueError(
            f"weights={checks.shown(weights)} must be a checkpoint of torchvision's {model}; "
            f"{len(unexpected)} entries do not fit, as {unexpected[0]}"
        )
    try:
        network.load_state_dict(state, strict=False)
    except RuntimeError as error:
        raise ValueError(
            f"weights={checks.shown(weights)} must fit torchvision's {model}: {error}"
        ) from error
    return network


def _imagenet(model: str) -> dict[str, Any]:
    from urllib.error import URLError

    from torchvision import models

    if model == "small":
        raise ValueError("weights='imagenet' must go with a model of torchvision; small has none")
    try:
        weights = models.get_model_weights(model)["IMAGENET1K_V1"]
        return dict(weights.get_state_dict(check_hash=True))
    except (URLError, OSError, RuntimeError) as error:
        raise ValueError(
            f"weights='imagenet' could not be downloaded ({error}): give a checkpoint file with "
            "--weights FILE, or --weights none"
        ) from error


def load_weights(path: Path) -> dict[str, Any]:
    """Entries of a checkpoint file (.safetensors, .pt, .pth), on the CPU."""
    checks.readable_file("weights", path, ENDINGS)
    try:
        if path.suffix == ".safetensors":
            from safetensors.torch import load_file

            return load_file(str(path))
        return dict(torch.load(path, map_location="cpu", weights_only=True))
    except Exception as error:
        raise ValueError(
            f"weights={checks.shown(str(path))} must be a checkpoint file; it is damaged or of "
            f"another kind ({type(error).__name__})"
        ) from error
