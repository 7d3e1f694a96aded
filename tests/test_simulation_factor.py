"""The factorisations against `numpy.linalg.pinv`, and whole trials against brute force."""

from __future__ import annotations

import itertools

import numpy as np
import pytest

import kdverify as kd
from kdverify.simulation import Design, Task, Training, build_task, run_task
from kdverify.simulation import factor as factor_module
from kdverify.simulation.designs import LAWS
from kdverify.simulation.factor import Factor, Safe, Tall, Wide, Workspace, factorise

EPS = np.finfo(float).eps


def design(n: int, p: int, seed: int = 0) -> np.ndarray:
    rng = np.random.default_rng(seed)
    return rng.standard_normal((n, p)) * np.arange(1, p + 1.0) ** -0.5


def factor_of(x: np.ndarray, ridge: float) -> tuple[Factor, bool]:
    n, p = x.shape
    space = Workspace(p, n)
    space.rows[...] = x
    return factorise(space, ridge)


def reference(x: np.ndarray, ridge: float) -> tuple[np.ndarray, np.ndarray]:
    """P and A, by the textbook."""
    gram = x.T @ x + ridge * np.eye(x.shape[1])
    a = np.linalg.solve(gram, x.T) if ridge else np.linalg.pinv(x)
    return a @ x, a


@pytest.mark.parametrize("ridge", [0.0, 0.7])
@pytest.mark.parametrize(("n", "p"), [(1, 5), (5, 9), (20, 30), (9, 5), (30, 30), (40, 12)])
def test_every_quantity_agrees_with_pinv(n: int, p: int, ridge: float) -> None:
    x = design(n, p)
    weights = np.linspace(1.0, 2.0, p)
    b = np.linspace(-1.0, 1.0, 2 * p).reshape(p, 2)
    z = np.linspace(1.0, -2.0, 2 * n).reshape(n, 2)
    exact_p, exact_a = reference(x, ridge)
    # Backward-stable routes: a relative error of a modest multiple of eps * cond(Gram);
    # quantities that hold the inverse twice may lose it twice.
    condition = np.linalg.cond(x) ** 2 if not ridge else 1 + np.linalg.norm(x, 2) ** 2 / ridge
    tolerance = {"rtol": 50 * p * EPS * condition, "atol": 50 * p * EPS * condition}

    def close(value: object, expected: object) -> None:
        np.testing.assert_allclose(value, expected, **tolerance)

    factor, safe = factor_of(x, ridge)
    assert isinstance(factor, Wide if n < p else Tall)
    assert not safe
    close(factor.fit(b), exact_p @ b)
    close(factor.fit_noise(z), exact_a @ z)
    close(factor.diagonal(), exact_p.diagonal())
    close(factor.energy(weights), weights @ exact_p**2)
    close(factor.noise_columns(), exact_a)
    close(factor.noise_diagonal(), (exact_a**2).sum(axis=1))
    close(factor.noise_trace(weights), weights @ (exact_a**2).sum(axis=1))
    close(factor.fit(b), exact_p @ b)
    close(factor.fit_noise(z), exact_a @ z)
    mean, energy, trace = factor.transfer(weights)
    close(mean, exact_p.diagonal())
    close(energy, weights @ exact_p**2)
    close(trace, weights @ (exact_a**2).sum(axis=1))


@pytest.mark.parametrize("ridge", [0.0, 0.7])
@pytest.mark.parametrize(("n", "p"), [(6, 9), (9, 6)])
def test_singular_designs_get_the_minimum_norm(n: int, p: int, ridge: float) -> None:
    x = design(n, p)
    x[-1] = x[0]  # a repeated sample
    x[:, -1] = 0.0  # a feature that never varies
    exact_p, exact_a = reference(x, ridge)
    factor, safe = factor_of(x, ridge)
    assert safe == (ridge == 0.0)
    weights = np.linspace(1.0, 2.0, p)
    b = np.linspace(-1.0, 1.0, p)[:, None]
    np.testing.assert_allclose(factor.fit(b), exact_p @ b, atol=1e3 * EPS)
    np.testing.assert_allclose(factor.noise_columns(), exact_a, atol=1e4 * EPS)
    z = np.linspace(1.0, -2.0, n)[:, None]
    np.testing.assert_allclose(factor.fit_noise(z), exact_a @ z, atol=1e4 * EPS)
    mean, energy, trace = factor.transfer(weights)
    np.testing.assert_allclose(mean, exact_p.diagonal(), atol=1e3 * EPS)
    np.testing.assert_allclose(energy, weights @ exact_p**2, atol=1e4 * EPS)
    np.testing.assert_allclose(trace, weights @ (exact_a**2).sum(axis=1), rtol=1e5 * EPS)


def test_ill_conditioned_designs_leave_cholesky() -> None:
    x = np.random.default_rng(3).standard_normal((20, 40)) * np.logspace(0, -14, 40)
    factor, safe = factor_of(x, 0.0)
    assert safe
    assert isinstance(factor, Safe)
    exact_p, _ = reference(x, 0.0)
    # The singular value route errs by eps times the condition of X, not of its Gram matrix.
    bound = 1e3 * EPS * np.linalg.cond(x)
    np.testing.assert_allclose(factor.diagonal(), exact_p.diagonal(), atol=bound)


@pytest.mark.parametrize("alpha", [2.0, 3.0, 4.0])
def test_cholesky_is_accurate_up_to_the_stated_condition(
    alpha: float, monkeypatch: pytest.MonkeyPatch
) -> None:
    lam = np.arange(1, 121.0) ** -alpha
    x = np.random.default_rng(5).standard_normal((60, 120)) * np.sqrt(lam)
    monkeypatch.setattr(factor_module, "LARGEST_CONDITION", np.inf)
    factor, safe = factor_of(x, 0.0)
    assert not safe
    error = EPS * factor.condition
    mean, energy, trace = factor.transfer(lam)
    exact_mean, exact_energy, exact_trace = Safe(x, 0.0).transfer(lam)
    np.testing.assert_allclose(mean, exact_mean, rtol=0, atol=error)
    np.testing.assert_allclose(energy, exact_energy, rtol=error)
    assert trace == pytest.approx(exact_trace, rel=error)


def test_condition_estimate_is_of_the_right_size() -> None:
    for n, p in ((50, 60), (30, 90), (60, 50)):
        x = design(n, p, seed=n)
        factor, _ = factor_of(x, 0.0)
        gram = x @ x.T if n < p else np.corrcoef(x.T)
        exact = gram.trace() * np.linalg.norm(np.linalg.inv(gram), 2)
        # Underestimated a hundredfold with probability 0.8 % at most; seeds are fixed.
        assert exact / 100 < factor.condition < 10 * np.sqrt(min(n, p)) * exact


# --------------------------------------------------------------------------
# Whole trials
# --------------------------------------------------------------------------

P = 3
LAM = np.array([2.0, 0.7, 1.1])
BETA = np.array([1.0, -0.5, 0.0])
ROTATION = np.linalg.qr(np.random.default_rng(7).standard_normal((P, P)))[0]
DIAGONAL = kd.Problem(kd.Spectrum(LAM), BETA)
ROTATED = kd.Problem(kd.Spectrum.from_covariance(ROTATION * LAM @ ROTATION.T), BETA)
PAIRED = kd.Spectrum(np.array([0.4, 1.0, 3.0]))
OTHER = np.array([[2.0, 0.5, 0.0], [0.5, 1.0, -0.3], [0.0, -0.3, 0.8]])
SINGULAR = np.outer([1.0, 2.0, -1.0], [1.0, 2.0, -1.0]) + np.diag([1.0, 0.0, 0.0])


def replay(task: Task, trials: int) -> list[list[tuple[np.ndarray, np.ndarray]]]:
    """(P, A) of every stage of every trial in the target's modes, from the same draws."""
    rng = task.generator(0)
    found = []
    for _ in range(trials):
        stages = []
        for stage in task.stages:
            if task.design.rows is not None:
                picked = rng.choice(len(task.design.rows), stage.n, replace=False, shuffle=False)
                x = task.design.rows[picked]
            else:
                width = stage.r if stage.entries is None else len(stage.entries)
                entries = np.empty((stage.n, width))
                task.design.draw(rng, entries)
                own = entries if stage.entries is None else entries @ stage.entries
                x = own * np.sqrt(stage.eigenvalues)
            x = x if stage.into_modes is None else x @ stage.into_modes.T
            stages.append(reference(x, stage.ridge))
        found.append(stages)
    return found


def brute_risk(task: Task, maps: list[tuple[np.ndarray, np.ndarray]]) -> np.ndarray:
    """Excess risks of one trial, the noise averaged exactly, signs as drawn."""
    fitted, noise = task.starts, np.zeros((task.p, 0))
    for stage, (p, a) in zip(task.stages, maps, strict=True):
        fitted = p @ fitted
        noise = np.hstack([p @ noise, np.sqrt(stage.noise_variance) * a])
    shift = fitted - task.beta_star[:, None]
    return task.weights @ shift**2 + (task.weights @ noise**2).sum()


def flipped_risk(task: Task, maps: list[tuple[np.ndarray, np.ndarray]]) -> np.ndarray:
    """`brute_risk` averaged over all signs of the last ``task.flipped`` stages, one by one."""
    signs = [np.array(s) for s in itertools.product((1.0, -1.0), repeat=task.p)]
    fixed = len(maps) - task.flipped
    total = []
    for choice in itertools.product(signs, repeat=task.flipped):
        flips = [np.ones(task.p)] * fixed + list(choice)
        turned = [
            (e[:, None] * p * e, e[:, None] * a) for e, (p, a) in zip(flips, maps, strict=True)
        ]
        total.append(brute_risk(task, turned))
    return np.mean(total, axis=0)


CHAINS = {
    "model shift": ([Training(2, None, 0.3)], 1),
    "square": ([Training(3, None, 0.0)], 1),
    "least squares": ([Training(6, None, 0.3)], 1),
    "ridge": ([Training(2, None, 0.3, 0.5)], 1),
    "least squares with ridge": ([Training(6, None, 0.3, 0.5)], 1),
    "two stages": ([Training(2, None, 0.3), Training(2, None, 0.2)], 2),
    "paired source": ([Training(5, PAIRED, 0.3, 0.1), Training(2)], 2),
    "matrix source": ([Training(2, OTHER, 0.3), Training(2, None, 0.2, 0.4)], 1),
    "singular source": ([Training(5, SINGULAR, 0.3), Training(2, None, 0.1)], 1),
    "shift": ([Training(2, PAIRED, 0.3)], 1),
    "matrix shift": ([Training(2, OTHER, 0.3)], 0),
    "chain": ([Training(2, None, 0.3), Training(4, OTHER, 0.1), Training(2, PAIRED)], 1),
}


@pytest.mark.parametrize("reduction", ["auto", "none"])
@pytest.mark.parametrize("name", CHAINS)
def test_trials_agree_with_brute_force(name: str, reduction: str) -> None:
    trainings, flips = CHAINS[name]
    task = build_task(DIAGONAL, trainings, reduction=reduction, seed=11)
    assert task.flipped == (flips if reduction == "auto" else 0)
    result = run_task(task, trials=5, keep_trials=True)
    expected = [flipped_risk(task, maps) for maps in replay(task, 5)]
    np.testing.assert_allclose(result.raw, expected, rtol=1e-9, atol=1e3 * EPS)


@pytest.mark.parametrize("law", [*LAWS, "rows"])
@pytest.mark.parametrize("problem", [DIAGONAL, ROTATED], ids=["diagonal", "rotated"])
def test_every_design_agrees_with_brute_force(problem: kd.Problem, law: str) -> None:
    rows = np.random.default_rng(1).standard_normal((20, P))
    task = build_task(
        problem,
        [Training(2, None, 0.3)],
        surrogates=[None, np.array([1.0, 2.0, 3.0])],
        design=rows if law == "rows" else law,
        transfer=True,
    )
    rotated = problem is ROTATED and law != "gaussian"
    assert task.flipped == (0 if rotated or law in ("rows", "exponential") else 1)
    result = run_task(task, trials=6, keep_trials=True)
    maps = replay(task, 6)
    np.testing.assert_allclose(result.raw, [flipped_risk(task, m) for m in maps], rtol=1e-9)
    weights = task.weights
    means = np.mean([p.diagonal() for [(p, _)] in maps], axis=0)
    energies = np.mean([weights @ p**2 for [(p, _)] in maps], axis=0)
    traces = [weights @ (a**2).sum(axis=1) for [(_, a)] in maps]
    np.testing.assert_allclose(result.transfer_mean, means, rtol=1e-9)
    np.testing.assert_allclose(result.transfer_energy, energies, rtol=1e-9)
    assert result.noise_trace == pytest.approx(np.mean(traces), rel=1e-9)
    assert result.noise_trace_standard_error == pytest.approx(
        np.std(traces, ddof=1) / np.sqrt(6), rel=1e-6
    )


def test_rotated_rows_have_the_covariance_that_is_asked_for() -> None:
    law = Design("rademacher")
    task = build_task(ROTATED, [Training(2)], design="rademacher")
    [stage] = task.stages
    entries = np.array(list(itertools.product((1.0, -1.0), repeat=P)))
    modes = entries @ stage.entries * np.sqrt(stage.eigenvalues)
    x = modes @ ROTATED.spectrum.basis.T
    np.testing.assert_allclose(x.T @ x / len(x), ROTATION * LAM @ ROTATION.T, atol=1e-14)
    drawn = np.empty((50, P))
    law.draw(np.random.default_rng(0), drawn)
    assert set(np.unique(drawn)) == {-1.0, 1.0}
