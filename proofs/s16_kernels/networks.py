"""Claim 16.networks: kernels of wide fully-connected networks in closed form."""

from typing import Any

import numpy as np
import sympy
from scipy import special

from kdverify import formulas as f
from kdverify.evidence import Claim, Comparison, Context, Step
from kdverify.kernels import NetworkKernel, sphere

from ..lib.batches import generator
from ..lib.modes import Pairs
from ..lib.written import mp, same

NETWORKS = Claim(
    "16.networks",
    title="Wide networks: covariance of the outputs and neural tangent kernel, layer by layer",
    statement=r"k_{l+1} = w\,\mathbb E\phi(u)\phi(v)+b,\quad \Theta_{l+1} = k_{l+1} +"
    r" w\,\mathbb E\phi'(u)\phi'(v)\,\Theta_l,\ (u,v)\sim\mathcal N(0,k_l);\quad {\rm ReLU}:\ "
    r"\frac{\sqrt{qq'}}{2\pi}(\sin\theta+(\pi-\theta)\cos\theta),\ \frac{\pi-\theta}{2\pi};\quad"
    r" {\rm erf}:\ \frac2\pi\arcsin\frac{2k}{\sqrt{(1+2q)(1+2q')}},\ "
    r"\frac4{\pi\sqrt{(1+2q)(1+2q')-4k^2}}",
    source="classic",
    needs=("16.sphere",),
    parts=("Price", "at zero", "eigenvalues", "simulated"),
    steps=[
        Step(
            "Given a layer, the sums of the next are Gaussian; at infinite width their covariance"
            " is its mean: w times the mean of the activations' product, plus b."
        ),
        Step(
            "The gradient of the output is that of the last layer's weights and biases, k_(l+1),"
            " and those below through phi': the chain rule, with independent weights."
        ),
        Step(
            "Price: the derivative of E phi(u) phi(v) by the covariance is E phi'(u) phi'(v). Both"
            " forms follow from it and their values at covariance 0.",
            lambda: price()[1],
        ),
        Step("Twice for the ReLU, whose slopes' mean has a normal density for derivative."),
    ],
)

k, q, r = sympy.symbols("k q r", positive=True)


def relu(both: Any) -> tuple[Any, Any]:
    """Means of the products of ReLUs and of their slopes, variances q and r."""
    cosine = both / sympy.sqrt(q * r)
    angle = sympy.acos(cosine)
    sine = sympy.sqrt(1 - cosine**2)
    hidden = f.relu_covariance(sympy.sqrt(q * r), angle, sine, cosine, sympy.pi)
    return hidden, f.relu_slopes(angle, sympy.pi)


def erf(both: Any, twice: int = 2) -> tuple[Any, Any]:
    """The same for erf."""
    square = (1 + twice * q) * (1 + 2 * r)
    angle = sympy.asin(2 * both / sympy.sqrt(square))
    root = sympy.sqrt(square - 4 * both**2)
    return f.erf_covariance(angle, sympy.pi), f.erf_slopes(root, sympy.pi)


@NETWORKS.identity("Price", but={"other slopes": {"factor": 2}})
def price(factor: int = 1) -> tuple[list[Any], list[Any]]:
    """Derivatives by the covariance: of both products, and of the ReLU's slopes (a density)."""
    point = {k: sympy.Rational(1, 3), q: sympy.Integer(2), r: sympy.Rational(1, 2)}
    density = 1 / (2 * sympy.pi * sympy.sqrt(q * r - k**2))
    pairs = [*(kind(k) for kind in (relu, erf)), (relu(k)[1], density / factor)]
    left = [sympy.diff(hidden, k) for hidden, _ in pairs]
    right = [factor * slopes for _, slopes in pairs]
    return [sympy.simplify(x.subs(point)) for x in left], [
        sympy.simplify(x.subs(point)) for x in right
    ]


@NETWORKS.identity("at zero", but={"half of it": {"part": sympy.Rational(1, 2)}})
def at_zero(part: Any = 1) -> tuple[list[Any], list[Any]]:
    """Independent u and v: products of E relu(u), of chances, of E erf(u)."""
    u = sympy.Symbol("u", real=True)
    density = sympy.exp(-(u**2) / (2 * q)) / sympy.sqrt(2 * sympy.pi * q)
    one = sympy.integrate(u * density, (u, 0, sympy.oo))
    zero = sympy.Integer(0)
    hidden, slopes = (x.subs(r, q) for x in relu(zero))
    return [hidden, slopes, erf(zero)[0]], [part * one**2, part * sympy.Rational(1, 4), zero]


@NETWORKS.below(
    "eigenvalues", note="depth 1 and 3, d = 3 and 8", but={"another depth": {"more": 1}}
)
def levels(digits: int, more: int = 0) -> Pairs:
    """Eigenvalues by `sphere`, and mpmath's quadrature of the recursion written out."""
    del digits
    for activation, depth, d in (("relu", 1, 3), ("relu", 3, 8), ("erf", 3, 8)):
        kernel = NetworkKernel(depth + more, activation, 1.5, 0.2)
        found = sphere(kernel, d, 3).eigenvalues

        def mean(degree: int) -> Any:
            def weighed(angle: Any) -> Any:
                t = mp.cos(angle)
                polynomial = (1, t, (d * t * t - 1) / (d - 1))[degree]  # noqa: B023 - called in its turn
                return tangent(activation, depth, t) * polynomial * mp.sin(angle) ** (d - 2)  # noqa: B023 - called in its turn

            return mp.quad(weighed, [0, mp.pi])

        total = mp.quad(lambda angle: mp.sin(angle) ** (d - 2), [0, mp.pi])  # noqa: B023 - called in its turn
        for degree in range(3):
            yield same(found[degree], mean(degree) / total)


def tangent(activation: str, depth: int, t: Any) -> Any:
    """The tangent kernel at cosine t by its recursion, weights 3/2, biases 1/5."""
    w, b = mp.mpf(1.5), mp.mpf(0.2)
    both, size = w * t + b, w + b
    found = both
    for layer in range(depth):
        if activation == "relu":
            angle = mp.acos(max(min(both / size, mp.mpf(1)), mp.mpf(-1)))
            hidden = size * (mp.sin(angle) + (mp.pi - angle) * mp.cos(angle)) / (2 * mp.pi)
            slopes, own = (mp.pi - angle) / (2 * mp.pi), size / 2
        else:
            hidden = 2 / mp.pi * mp.asin(2 * both / (1 + 2 * size))
            slopes = 4 / mp.pi / mp.sqrt((1 + 2 * size) ** 2 - 4 * both**2)
            own = 2 / mp.pi * mp.asin(2 * size / (1 + 2 * size))
        weight, bias = (w, b) if layer < depth - 1 else (mp.mpf(1), mp.mpf(0))
        both, size = weight * hidden + bias, weight * own + bias
        found = both + weight * slopes * found
    return found


@NETWORKS.agreement("simulated", note="networks of width 64, one and two hidden layers")
def drawn(context: Context, depth: int = 0) -> list[Comparison]:
    """Products of gradients and of outputs of drawn networks; d = 5, ReLU and erf."""
    draw = generator(context, "networks")
    x = np.array([[1.0, 0, 0.5, 0, 0], [0.2, 1, 0, 0, 1]])
    found = []
    for activation, layers in (("relu", 1), ("erf", 2), ("relu", 2)):
        values = networks(draw, x, activation, layers, context.trials(2500))
        for column, is_tangent in ((0, False), (1, True)):
            kernel = NetworkKernel(layers + depth, activation, 1.5, 0.2, is_tangent)
            exact = kernel.gram(x)[np.triu_indices(2)]
            name = f"{activation}, {layers}, {'tangent' if is_tangent else 'outputs'}"
            found.append(Comparison.of(name, values[:, column], exact, 0.07 * np.abs(exact)))
    return found


drawn.but("one layer more", depth=1)


def networks(draw: Any, x: np.ndarray, activation: str, layers: int, count: int) -> np.ndarray:
    """(count, 2, 3): products of outputs, given the last layer, and of gradients, both inputs."""
    width, w, b = 64, 1.5, 0.2
    hidden, scale = np.broadcast_to(x, (count, *x.shape)), np.sqrt(w / x.shape[1])
    weights, inputs, slopes = [], [], []
    for _ in range(layers):
        weights.append(draw.standard_normal((count, hidden.shape[2], width)) * scale)
        sums = hidden @ weights[-1] + np.sqrt(b) * draw.standard_normal((count, 1, width))
        inputs.append(hidden)
        if activation == "relu":
            hidden, slope = np.maximum(sums, 0), (sums > 0) * 1.0
        else:
            hidden, slope = special.erf(sums), 2 / np.sqrt(np.pi) * np.exp(-(sums**2))
        slopes.append(slope)
        scale = np.sqrt(w / width)
    back = draw.standard_normal((count, 1, width)) / np.sqrt(width) * slopes[-1]
    outputs = hidden @ hidden.mT / width
    total = outputs.copy()
    for layer in reversed(range(layers)):
        below = inputs[layer]
        total += (back @ back.mT) * (w * below @ below.mT / below.shape[2] + b)
        if layer:
            back = (back @ weights[layer].mT) * slopes[layer - 1]
    first, second = np.triu_indices(2)
    return np.stack([outputs[:, first, second], total[:, first, second]], axis=1)
