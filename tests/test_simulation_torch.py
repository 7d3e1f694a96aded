"""The PyTorch backend against NumPy's: the same draws, the same results within rounding."""

from __future__ import annotations

import sys
from typing import Any

import numpy as np
import pytest

import kdverify as kd
from kdverify.simulation import Task, Training, build_task, run_task
from kdverify.simulation.block import run_block
from kdverify.simulation.designs import LAWS
from kdverify.simulation.factor import Factor, Safe, Workspace, factorise
from kdverify.simulation.result import SimulationResult

torch = pytest.importorskip("torch", reason="needs the extra 'torch'")
from kdverify.simulation import torch_backend  # noqa: E402

EPS = np.finfo(float).eps
P = 24
PROBLEM = kd.Problem.power_law(p=P, alpha=1.5, beta=1.5)
OTHER = np.cov(np.random.default_rng(0).standard_normal((P, 60)))
SINGULAR = OTHER.copy()
SINGULAR[:5] = SINGULAR[:, :5] = 0.0
DEVICES = ["cpu", *(["cuda"] if torch.cuda.is_available() else [])]

CHAINS = {
    "model shift": [Training(10, None, 0.3)],
    "square": [Training(P, None, 0.3, 1.0)],
    "ridge": [Training(10, None, 0.3, 0.5)],
    "least squares": [Training(60, None, 0.3)],
    "least squares with ridge": [Training(60, None, 0.3, 0.5)],
    "no noise": [Training(10)],
    "two stages": [Training(10, None, 0.3), Training(12, None, 0.2)],
    "matrix source": [Training(10, OTHER, 0.3), Training(60, None, 0.1), Training(12, None, 0.2)],
    "singular source": [Training(60, SINGULAR, 0.3), Training(12)],
    "matrix shift": [Training(10, OTHER, 0.3)],
}


def both(device: str, trainings: list[Training], **options: Any) -> tuple[Task, Task]:
    ours = build_task(PROBLEM, trainings, backend="torch", device=device, **options)
    return build_task(PROBLEM, trainings, **options), ours


def assert_same(ours: SimulationResult, theirs: SimulationResult) -> None:
    """Equal within rounding.

    Each triangular system and product errs by a modest multiple of its size times eps
    times the condition number, in either backend (backward stability); quantities that
    hold the inverse twice err twice, and risks subtract numbers of their own size.
    """
    error = 100 * P * EPS * theirs.largest_condition
    for name in ("raw", "stage_means", "transfer_mean", "transfer_energy", "noise_trace"):
        expected = getattr(theirs, name)
        if expected is None:
            assert getattr(ours, name) is None
        else:
            np.testing.assert_allclose(getattr(ours, name), expected, rtol=error, atol=error)
    assert ours.safe_factorisations == theirs.safe_factorisations


@pytest.mark.parametrize("device", DEVICES)
@pytest.mark.parametrize("mode", ["signs", "none", "sampled"])
@pytest.mark.parametrize("name", CHAINS)
def test_the_backends_agree(name: str, mode: str, device: str) -> None:
    trainings = CHAINS[name]
    commuting = not isinstance(trainings[-1].source, np.ndarray)
    if mode == "signs" and not commuting:
        with pytest.raises(ValueError, match="reduction='signs' must go with"):
            both(device, trainings, reduction="signs")
        return
    options: dict[str, Any] = {"reduction": "none", "noise": "sampled"}
    if mode != "sampled":
        options = {"reduction": mode}
    theirs, ours = both(device, trainings, transfer=commuting, seed=5, **options)
    expected = run_task(theirs, 7, keep_trials=True)
    assert expected.largest_condition < 1e8
    assert_same(run_task(ours, 7, keep_trials=True), expected)


@pytest.mark.parametrize("device", DEVICES)
@pytest.mark.parametrize("law", [*LAWS, "rows"])
def test_the_backends_agree_on_every_design(law: str, device: str) -> None:
    rows = np.random.default_rng(1).standard_normal((40, P))
    starts = [None, np.linspace(-1.0, 1.0, P)]
    design = rows if law == "rows" else law
    links = [Training(10, None, 0.3)]
    theirs, ours = both(device, links, surrogates=starts, design=design, transfer=True)
    assert_same(run_task(ours, 7, keep_trials=True), run_task(theirs, 7, keep_trials=True))


@pytest.mark.parametrize("device", DEVICES)
@pytest.mark.parametrize("ridge", [0.0, 0.4])
@pytest.mark.parametrize(("n", "p"), [(4, 7), (9, 5)])
def test_every_quantity_of_a_stack_is_that_of_its_designs(
    n: int, p: int, ridge: float, device: str
) -> None:
    rng = np.random.default_rng(2)
    rows = rng.standard_normal((5, n, p))
    rows[2, -1] = rows[2, 0]  # a repeated sample: the wide Gram matrix is singular
    rows[3, :, -1] = 0.0  # a feature that never varies: so is the tall one
    weights = np.stack([np.linspace(1.0, 2.0, p)] * 5) * np.arange(1.0, 6.0)[:, None]
    b, z = rng.standard_normal((5, p, 2)), rng.standard_normal((5, n, 2))

    def answers(factor: Factor, i: int | slice) -> list[np.ndarray]:
        return [
            factor.fit(b[i]),
            factor.fit_noise(z[i]),
            factor.diagonal(),
            factor.energy(weights[i]),
            factor.noise_columns(),
            factor.noise_diagonal(),
        ]

    stack = torch_backend.Stack(rows, ridge, torch.device(device))
    assert stack.safe == (0 if ridge else 1)
    found = answers(stack, slice(None))
    for i in range(5):
        space = Workspace(p, n)
        space.rows[...] = rows[i]
        factor, safe = factorise(space, ridge)
        assert safe == (not ridge and i == (2 if n < p else 3))
        condition = 1e3 if isinstance(factor, Safe) else factor.condition
        error = 100 * p * EPS * condition
        for ours, expected in zip(found, answers(factor, i), strict=True):
            np.testing.assert_allclose(ours[i], expected, rtol=error, atol=error)
    shared = stack.transfer(weights[0])
    np.testing.assert_allclose(shared[1][0], found[3][0], rtol=1e-12)
    np.testing.assert_allclose(shared[2], found[5] @ weights[0], rtol=1e-12)


def test_ill_conditioned_designs_take_the_safe_route() -> None:
    x = np.random.default_rng(3).standard_normal((2, 20, 40))
    x[1] *= np.logspace(0, -14, 40)
    stack = torch_backend.Stack(x, 0.0, torch.device("cpu"))
    assert stack.safe == 1
    np.testing.assert_array_equal(stack.diagonal()[1], Safe(x[1], 0.0).diagonal())


def test_singular_designs_are_counted() -> None:
    problem = kd.Problem(kd.Spectrum(np.ones(3)), np.array([1.0, 2.0, 3.0]))
    options: dict[str, Any] = {"trials": 300, "design": "rademacher", "noise_variance": 0.1}
    theirs = kd.simulate(problem, 2, **options)
    ours = kd.simulate(problem, 2, backend="torch", **options)
    assert ours.safe_factorisations == theirs.safe_factorisations > 0
    assert ours.warnings == theirs.warnings
    np.testing.assert_allclose(ours.means, theirs.means, rtol=1e-12)


def test_results_do_not_depend_on_workers() -> None:
    task = build_task(PROBLEM, [Training(10, None, 0.1)], backend="torch")
    trials = task.block_trials + 3
    alone, two = run_task(task, trials), run_task(task, trials, workers=2)
    np.testing.assert_array_equal(alone.means, two.means)
    np.testing.assert_array_equal(alone.transfer_energy, two.transfer_energy)


def test_a_block_leaves_the_number_of_threads_as_it_was() -> None:
    before = torch.get_num_threads()
    task = build_task(PROBLEM, [Training(10)], backend="torch")
    torch.set_num_threads(2)
    try:
        run_block(task, next(task.blocks(2)))
        assert torch.get_num_threads() == 2
    finally:
        torch.set_num_threads(before)


def test_keys_tell_backends_apart() -> None:
    theirs, ours = both("cpu", [Training(10)])
    assert theirs.key != ours.key
    assert theirs.generator(0).integers(2**60) == ours.generator(0).integers(2**60)
    assert ours.bytes_needed() > 10 * theirs.bytes_needed()


def test_missing_torch_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delitem(sys.modules, "kdverify.simulation.torch_backend")
    monkeypatch.delattr("kdverify.simulation.torch_backend")
    monkeypatch.setitem(sys.modules, "torch", None)
    with pytest.raises(ValueError, match=r"extra 'torch': pip install 'kdverify\[torch\]'"):
        kd.simulate(PROBLEM, 5, backend="torch")


@pytest.mark.parametrize(
    ("options", "error", "message"),
    [
        ({"backend": "jax"}, ValueError, "backend='jax' must be one of numpy, torch"),
        ({"device": "cuda"}, ValueError, "device='cuda' must go with backend='torch'"),
        ({"backend": "torch", "device": "nowhere"}, ValueError, "device='nowhere' must be avail"),
        ({"backend": "torch", "device": "meta"}, ValueError, "device='meta' must be available"),
        ({"backend": "torch", "device": "cuda:99"}, ValueError, "device='cuda:99' must be avail"),
        ({"backend": "torch", "device": 0}, TypeError, "device=0 must be a text"),
    ],
)
def test_bad_backends_are_turned_away(
    options: dict[str, Any], error: type[Exception], message: str
) -> None:
    with pytest.raises(error, match=message):
        kd.simulate(PROBLEM, 5, **options)
