"""Kernels on known domains."""

from __future__ import annotations

import math

import numpy as np
import pytest

import kdverify as kd
from kdverify.kernels import cube, gaussian_inputs, hermite_ansatz, sphere


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
        (lambda: cube(np.exp, 4, 5), "degrees=5 must be at most dimension=4"),
        (lambda: gaussian_inputs([0.4], 2.0, 0.0), "must be below 0.25: the kernel's trace"),
        (lambda: sphere(lambda t: t**2, 3, 2).problem([0, 1, 0]), r"energies\[1\]=1 must be 0"),
    ],
)
def test_bad_kernels(call, message: str) -> None:
    with pytest.raises(ValueError, match=message):
        call()
