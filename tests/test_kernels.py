"""Kernels on known domains."""

from __future__ import annotations

import math

import numpy as np
import pytest
from scipy import special

import kdverify as kd
from kdverify.kernels import NetworkKernel, cube, gaussian_inputs, hermite_ansatz, sphere


@pytest.mark.parametrize("dimension", [2, 3, 7])
def test_powers_on_the_sphere(dimension: int) -> None:
    found = sphere(lambda t: t**2, dimension, 4)
    pairs = math.comb(dimension + 1, 2) - 1
    assert found.multiplicities[:3].tolist() == [1, dimension, pairs]
    expected = [1 / dimension, 0, (dimension - 1) / dimension / pairs, 0, 0]
    assert found.eigenvalues == pytest.approx(expected, abs=1e-12)
    assert found.tail == pytest.approx(0, abs=1e-12)
    assert found.kept.tolist() == [True, False, True, False, False]


def test_the_circle_is_fourier() -> None:
    found = sphere(lambda t: np.exp(t), 2, 6)
    angles = np.arange(64) * 2 * math.pi / 64
    exact = [np.mean(np.exp(np.cos(angles)) * np.cos(k * angles)) for k in range(7)]
    assert found.eigenvalues == pytest.approx(exact, rel=1e-12)


def test_the_cube_by_all_its_corners() -> None:
    corners = np.array(np.meshgrid(*[[-1, 1]] * 5)).reshape(5, -1).T
    gram = np.exp(corners @ corners.T / 5) / 32
    found = cube(lambda t: np.exp(t), 5)
    assert np.sort(found.spectrum().eigenvalues) == pytest.approx(np.linalg.eigvalsh(gram))
    assert found.tail == pytest.approx(0, abs=1e-12)


def test_gaussian_inputs_by_quadrature() -> None:
    nodes, weights = np.polynomial.hermite_e.hermegauss(60)
    weights = weights / weights.sum()
    for damping in (None, 0.0, 0.3):
        x = nodes * math.sqrt(0.4)
        d = 0.8 if damping is None else damping
        kernel = np.exp(0.8 * np.outer(x, x) - d * (x[:, None] ** 2 + x**2) / 2)
        roots = np.sqrt(weights)
        exact = np.linalg.eigvalsh(kernel * np.outer(roots, roots))[::-1]
        found = gaussian_inputs([0.4], 0.8, damping, count=12)
        assert found.eigenvalues[:8] == pytest.approx(exact[:8], rel=1e-8)
    many = gaussian_inputs([0.4, 0.2, 0.1], 0.8, count=400)
    assert np.all(np.diff(many.eigenvalues) <= 0)
    assert many.tail < 1e-6


def test_the_ansatz_is_right_for_small_variances() -> None:
    gamma = [0.02, 0.01]
    exact = gaussian_inputs(gamma, 1.0, 0.0, count=10).eigenvalues
    found = hermite_ansatz(np.ones(6), gamma, count=10)
    assert found.eigenvalues == pytest.approx(exact, rel=0.2)
    assert found.eigenvalues[:3] == pytest.approx(exact[:3], rel=0.07)
    trace = math.prod(1 / math.sqrt(1 - 2 * g) for g in gamma)
    assert found.eigenvalues.sum() + found.tail == pytest.approx(trace, rel=1e-6)


def test_a_kernel_is_a_problem() -> None:
    levels = sphere(lambda t: np.exp(2 * t), 6, 6)
    problem = levels.problem([0.2, 0.5, 0.3, 0, 0, 0, 0])
    assert problem.signal.sum() == pytest.approx(1)
    assert problem.p == levels.multiplicities.sum()
    small, large = (kd.risk(problem, n, None, 0.05, levels.tail + 0.1) for n in (20, 200))
    assert large < small


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: sphere(lambda t: -t, 3, 2), "kernel must be positive: its eigenvalue of degree 1"),
        (lambda: sphere(lambda t: 1.0, 3, 2), "kernel's values of shape"),
        (lambda: sphere(np.exp, 1, 2), "dimension=1 must be at least 2"),
        (lambda: cube(np.exp, 4, 5), "degrees=5 must be at most 4 .dimension."),
        (lambda: gaussian_inputs([0.4], 2.0, 0.0), "must be below 0.25: the kernel's trace"),
        (lambda: sphere(lambda t: t**2, 3, 2).problem([0, 1, 0]), r"energies\[1\]=1 must be 0"),
    ],
)
def test_bad_kernels(call, message: str) -> None:
    with pytest.raises(ValueError, match=message):
        call()


def test_kernels_of_networks_on_rows() -> None:
    rows = np.random.default_rng(2).standard_normal((7, 5))
    for activation in ("relu", "erf"):
        for tangent in (False, True):
            kernel = NetworkKernel(3, activation, 1.7, 0.1, tangent)
            gram = kernel.gram(rows)
            assert np.array_equal(gram, gram.T) or np.allclose(gram, gram.T, rtol=1e-14)
            assert np.linalg.eigvalsh(gram).min() > 0
            np.testing.assert_allclose(kernel.gram(rows[:2], rows[2:]), gram[:2, 2:], rtol=1e-13)
            found = kernel.features(rows)
            np.testing.assert_allclose(found @ found.T, gram, rtol=1e-9)
            unit = rows * math.sqrt(5) / np.linalg.norm(rows, axis=1, keepdims=True)
            cosines = np.clip(unit @ unit.T / 5, -1, 1)
            np.testing.assert_allclose(kernel.gram(unit), kernel(cosines), rtol=1e-6)


def test_activations_of_your_own() -> None:
    """By series: erf as its closed form, sines exactly, and a kink slowly."""
    rows = np.random.default_rng(3).standard_normal((6, 4))
    for tangent in (False, True):
        kink = ("relu", lambda u: u * (u > 0), 0.05 if tangent else 0.005)
        for name, own, close in (("erf", special.erf, 1e-4), kink):
            exact = NetworkKernel(2, name, 1.2, 0.1, tangent).gram(rows)
            series = NetworkKernel(2, own, 1.2, 0.1, tangent).gram(rows)
            np.testing.assert_allclose(series, exact, rtol=close, atol=close * exact.max())
    found = NetworkKernel(1, np.sin, 1.0, tangent=False)(np.array([0.3, 1.0]))
    np.testing.assert_allclose(found, np.exp(-1) * np.sinh([0.3, 1.0]), rtol=1e-12)


def test_kernels_of_networks_on_the_sphere() -> None:
    """Without biases one ReLU layer has no odd degrees above 1 in its outputs."""
    plain = sphere(NetworkKernel(1, tangent=False), 3, 9).eigenvalues
    assert plain[[0, 1]] == pytest.approx([3 / 8, 1 / 6])
    assert np.abs(plain[[3, 5, 7, 9]]).max() < 1e-15
    for dimension in (2, 10, 784):
        deep = sphere(NetworkKernel(4, "relu", 2.0, 0.1), dimension, 10)
        assert (deep.eigenvalues >= 0).all()
        trace = float(NetworkKernel(4, "relu", 2.0, 0.1)(1.0))
        kept = deep.eigenvalues[deep.kept] * deep.multiplicities[deep.kept]
        assert kept.sum() + deep.tail == pytest.approx(trace)
        assert deep.tail > 0


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: NetworkKernel(0), "depth=0 must be"),
        (lambda: NetworkKernel(1, "tanh"), "activation='tanh' must be"),
        (lambda: NetworkKernel(1, "relu", -1.0), "weight_variance=-1.0 must be"),
        (lambda: NetworkKernel(1, "relu", 1.0, -1.0), "bias_variance=-1.0 must"),
        (lambda: NetworkKernel()(1.5), "cosines=1.5 must lie between -1 and 1"),
        (lambda: NetworkKernel().gram(np.ones((2, 3)), np.ones((2, 4))), "others"),
    ],
)
def test_bad_networks(call, message) -> None:
    with pytest.raises((ValueError, TypeError), match=message):
        call()
