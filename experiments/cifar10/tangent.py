"""Tangent kernel of a pretrained network, without a sketch: inner products of its gradients.

``python -m experiments.cifar10.tangent --data FILE --weights FILE --out kernel.npz``.

The function is scalar, f(x; theta) = v'(phi(x; theta) - phi(x; theta_0)): phi are the network's
penultimate features, batch norm in evaluation mode, v a fixed random vector with independent
entries of variance 1 / width, theta the weights of everything below.  Near theta_0 it is linear in
theta, and training it is min-norm (or ridge) regression on the features g(x) = df/dtheta, of
which ResNet-50 has 23 million.  All that such a student needs is K(x, x') = g(x)'g(x').

K is a sum over layers.  The gradient of a convolution's weights is the sum over the positions s of
its map of delta_s p_s', with p_s the patch that it reads and delta_s = df/d(output).  Hence

    K_layer(x, x') = sum_{s, t} (delta_s'delta'_t) (p_s'p'_t),

which for maps of few pixels costs far less than the gradients themselves; elsewhere the gradients
are formed, a layer at a time.  Nothing is approximated: the record states the largest relative
difference from products of gradients of automatic differentiation.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import numpy as np
import typer

from kdverify import checks
from kdverify.cli import run_app

from .. import streams

if TYPE_CHECKING:
    import torch
    from torch import nn

app = typer.Typer(add_completion=False, pretty_exceptions_enable=False, rich_markup_mode=None)
#: Images of a forward and backward pass, and of a block of the kernel; layers of a pass over all.
BATCH, BLOCK, GROUP = 100, 400, 24
#: Numbers of a block of gradients that are held at a time.
HELD = 100_000_000


class ScalarNetwork:
    """v'phi(x; theta) of a network of `models.target`, and the images it is asked about.

    ``body`` is the network without its head, in evaluation mode; ``head`` is v (width,).
    """

    def __init__(self, model: str, weights: str, seed: int) -> None:
        import torch

        from . import models

        network: Any = models.target(model, weights, 2)
        width = network.fc.in_features
        network.fc = torch.nn.Identity()
        self.body = models.with_products(network).eval()
        generator = streams.stream(seed, "fixed head")
        vector = generator.standard_normal(width) / np.sqrt(width)
        self.head = torch.from_numpy(vector.astype(np.float32))

    def values(self, images: torch.Tensor) -> torch.Tensor:
        """v'phi (N,)."""
        return self.body(images) @ self.head


def prepared(images: np.ndarray) -> torch.Tensor:
    """Images (N, H, W, C), bytes, as the network takes them: neither cropped nor flipped."""
    import torch

    from .batches import Store

    store = Store(images, torch.zeros(len(images)), 0, torch.device("cpu"))
    return next(store.plain(len(images)))[0]


@contextmanager
def _caught(
    layers: list[nn.Module], kept: dict[nn.Module, list[tuple[Any, Any]]]
) -> Iterator[None]:
    """Keep input and gradient of the output of each layer, a pair for each pass."""
    inputs: dict[nn.Module, Any] = {}

    def forward(layer: nn.Module, given: tuple[Any, ...], output: Any) -> None:
        inputs[layer] = given[0].detach()
        output.register_hook(
            lambda slope: kept.setdefault(layer, []).append((inputs[layer], slope.detach()))
        )

    handles = [layer.register_forward_hook(forward) for layer in layers]
    try:
        yield
    finally:
        for handle in handles:
            handle.remove()


def kernel(network: ScalarNetwork, images: np.ndarray, report: Any = None) -> np.ndarray:
    """K (N, N), float64, over all weights of the body; layers in groups, to hold fewer maps."""
    import torch

    found = np.zeros((len(images), len(images)))
    layers = [m for m in network.body.modules() if list(m.parameters(recurse=False))]
    for start in range(0, len(layers), GROUP):
        group = layers[start : start + GROUP]
        kept: dict[nn.Module, list[tuple[Any, Any]]] = {}
        with _caught(group, kept):
            for first in range(0, len(images), BATCH):
                batch = prepared(images[first : first + BATCH])
                network.values(batch.requires_grad_()).sum().backward()
                network.body.zero_grad(set_to_none=True)
        for k, layer in enumerate(group):
            given, slopes = (torch.cat(part) for part in zip(*kept.pop(layer), strict=True))
            with torch.no_grad():
                _add(found, layer, given, slopes)
            if report is not None:
                report(start + k + 1, len(layers))
    upper = np.triu(found)
    return upper + np.triu(found, 1).T


def _add(found: np.ndarray, layer: nn.Module, given: torch.Tensor, slopes: torch.Tensor) -> None:
    """Add the part of a layer's weights to the upper blocks of the kernel."""
    import torch
    from torch import nn
    from torch.nn import functional

    if isinstance(layer, nn.BatchNorm2d):
        assert layer.running_mean is not None
        assert layer.running_var is not None
        scale = torch.rsqrt(layer.running_var + layer.eps).view(1, -1, 1, 1)
        unit = (given - layer.running_mean.view(1, -1, 1, 1)) * scale
        _add_products(found, (slopes * unit).sum((2, 3)))
        _add_products(found, slopes.sum((2, 3)))
        return
    if not isinstance(layer, nn.Conv2d) or layer.groups > 1 or layer.bias is not None:
        raise ValueError(f"the network's {layer} must be a plain convolution or batch norm")
    padding: Any = layer.padding
    patches = functional.unfold(
        given.contiguous(), layer.kernel_size, padding=padding, stride=layer.stride
    )
    slopes = slopes.flatten(2)
    inputs, outputs, places = patches.shape[1], slopes.shape[1], slopes.shape[2]
    if places**2 * (inputs + outputs) < inputs * outputs:
        _add_pairs(found, slopes.transpose(1, 2), patches.transpose(1, 2))
        return
    step = max(1, HELD // (len(patches) * inputs))
    for first in range(0, outputs, step):
        part = slopes[:, first : first + step] @ patches.transpose(1, 2)
        _add_products(found, part.flatten(1))


def _add_products(found: np.ndarray, gradients: torch.Tensor) -> None:
    for first in range(0, len(found), BLOCK):
        block = gradients[first : first + BLOCK] @ gradients[first:].T
        found[first : first + BLOCK, first:] += block.double().numpy()


def _add_pairs(found: np.ndarray, slopes: torch.Tensor, patches: torch.Tensor) -> None:
    """From slopes and patches, both (N, places, channels)."""
    places = slopes.shape[1]
    for first in range(0, len(found), BLOCK):
        part = slice(first, first + BLOCK)
        products = slopes[part].flatten(0, 1) @ slopes[first:].flatten(0, 1).T
        products *= patches[part].flatten(0, 1) @ patches[first:].flatten(0, 1).T
        blocks = products.view(-1, places, len(found) - first, places).sum((1, 3))
        found[part, first:] += blocks.double().numpy()


def gradients(network: ScalarNetwork, images: np.ndarray) -> np.ndarray:
    """g(x) of each image by automatic differentiation, (N, parameters), float32."""
    import torch

    rows = []
    for image in prepared(images):
        network.body.zero_grad(set_to_none=True)
        network.values(image[None]).sum().backward()
        parts = [p.grad.flatten() for p in network.body.parameters() if p.grad is not None]
        rows.append(torch.cat(parts))
    network.body.zero_grad(set_to_none=True)
    return torch.stack(rows).numpy()


def difference(network: ScalarNetwork, images: np.ndarray, found: np.ndarray) -> float:
    """Largest difference of K (N, N) from products of gradients, by the mean of its diagonal."""
    rows = gradients(network, images)
    return float(np.abs(rows @ rows.T - found).max() / np.mean(np.diag(found)))


def surrogate_labels(weights: Path, images: np.ndarray, classes: int) -> np.ndarray:
    """Class that a surrogate with these weights gives to each image (N, H, W, C)."""
    import torch

    from . import models, training
    from .batches import Store

    state = models.load_weights(weights)
    sizes = [len(state[f"{layer}.weight"]) for layer in (0, 3, 6) if f"{layer}.weight" in state]
    if len(sizes) != 3:
        raise ValueError(f"surrogate={checks.shown(str(weights))} must be a surrogate's weights")
    network = models.surrogate((sizes[0], sizes[1], sizes[2]), (3, *images.shape[1:3]), classes)
    network.load_state_dict(state)
    store = Store(images, torch.zeros(len(images)), 0, torch.device("cpu"))
    return training.predictions(network, store).argmax(1).numpy()


@app.command()
def main(
    out: Annotated[str, typer.Option(help="File of the kernel (.npz).")],
    data: Annotated[str, typer.Option(help="As for experiments.cifar10.")],
    weights: Annotated[str, typer.Option(help="Where the network starts, as there.")],
    model: Annotated[str, typer.Option(help="resnet50, resnet18 or small.")] = "resnet50",
    pool: Annotated[int, typer.Option(help="Train images, after the first 2,000.")] = 1000,
    test: Annotated[int, typer.Option(help="Test images.")] = 500,
    skip: Annotated[int, typer.Option(help="Train images left to surrogates.")] = 2000,
    surrogate: Annotated[
        str | None, typer.Option(help="Weights of a surrogate, whose labels are kept. [true ones]")
    ] = None,
    threads: Annotated[int | None, typer.Option(help="CPU threads.")] = None,
    seed: Annotated[int, typer.Option(help="Of the fixed head.")] = 0,
) -> None:
    """Write the tangent kernel of pool and test images.

    The pool are train images that surrogates of the preset paper-2k did not see.
    """
    import sys

    import torch

    from kdverify import images

    file = checks.output_file("out", out)
    pictures = images.load(data)
    for name, size, there in (
        ("pool", pool, len(pictures.train) - checks.count("skip", skip, 0)),
        ("test", test, len(pictures.test)),
    ):
        if checks.count(name, size, 2) > there:
            raise ValueError(f"{name}={size} must be at most {there}")
    if threads is not None:
        torch.set_num_threads(checks.count("threads", threads))
    order = streams.stream(0, "order of the train images").permutation(len(pictures.train))
    rows = order[skip : skip + pool]
    chosen = np.concatenate([pictures.train[rows], pictures.test[:test]])
    said = pictures.train_labels[rows]
    if surrogate is not None:
        said = surrogate_labels(Path(surrogate), pictures.train[rows], len(pictures.classes))
    network = ScalarNetwork(model, weights, seed)

    def report(done: int, whole: int) -> None:
        print(f"\rlayer {done} of {whole}", end="", file=sys.stderr, flush=True)

    found = kernel(network, chosen, report)
    print(file=sys.stderr)
    few = np.linspace(0, len(chosen) - 1, 8).astype(int)
    error = difference(network, chosen[few], found[np.ix_(few, few)])
    with open(file, "wb") as stream:
        np.savez(
            stream,
            kernel=found.astype(np.float32),
            train_rows=rows,
            train_labels=pictures.train_labels[rows],
            test_labels=pictures.test_labels[:test],
            surrogate_labels=said,
            classes=np.array(pictures.classes),
            difference=error,
            seed=seed,
            source=f"{pictures.source}; {model}, weights {Path(weights).name}",
        )
    print(f"{file}: {len(chosen)} images, difference from automatic differentiation {error:.1e}")


if __name__ == "__main__":
    run_app(app, "tangent")
