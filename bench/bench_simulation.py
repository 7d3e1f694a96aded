"""Simulation: cost per trial in floors, and time to one standard error.

The *floor* is what no simulation can do without: drawing X, one Gram product, one
Cholesky factorisation, each at its fastest on one BLAS thread.  The *script* is what a
user would write: `numpy.linalg.pinv` for every trial and surrogate, the noise sampled.
Time to the same standard error is seconds per trial times variance per trial.
The stricter floor draws from the engine's own generator (SFC64); the other one from
NumPy's default, which is slower.
"""

from __future__ import annotations

import time
import tracemalloc
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from typing import Any

import numpy as np
from scipy.linalg import blas, lapack, solve_triangular

import kdverify as kd
from bench.timing import best
from kdverify.simulation import Block, Stage, Task, build_task, run_block

P, N = 500, 200
VARIANCE_TRIALS = 300


@dataclass(frozen=True)
class Setting:
    """A problem, and what the students are trained on."""

    name: str
    problem: kd.Problem
    n: int
    noise: float

    def surrogates(self) -> list[np.ndarray]:
        """Truth, best surrogate, best mask."""
        b = self.problem.beta_star
        mask = kd.optimal_mask(self.problem, self.n)
        return [b, kd.optimal_surrogate(self.problem, self.n), mask * b]

    def task(self, reduction: str, **options: Any) -> Task:
        """The engine's task."""
        training = Stage(self.n, None, self.noise)
        starts = self.surrogates()
        return build_task(self.problem, [training], starts, reduction=reduction, **options)


def power(alpha: float, beta: float, n: int = N, p: int = P) -> tuple[kd.Problem, int]:
    """A power-law problem and its sample size."""
    return kd.Problem.power_law(p=p, alpha=alpha, beta=beta), n


def settings() -> list[Setting]:
    """Six problems, figure 1a of the paper first."""
    flat = kd.Problem(
        kd.Spectrum(np.ones(P)), np.random.default_rng(0).standard_normal(P) / np.sqrt(P)
    )
    return [
        Setting("figure 1a", *power(2.0, 1.5), noise=0.0),
        Setting("figure 1a, noise 0.1", *power(2.0, 1.5), noise=0.1),
        Setting("slow decay (1.2, 1.3)", *power(1.2, 1.3), noise=0.0),
        Setting("fast decay (3, 2), noise 0.01", *power(3.0, 2.0), noise=0.01),
        Setting("isotropic, noise 0.1", flat, N, noise=0.1),
        Setting("n = 400 (1.5, 2), noise 0.1", *power(1.5, 2.0, 400), noise=0.1),
    ]


def main() -> None:
    """Print all tables."""
    floors()
    backends()
    standard_errors()
    growth()


def floors() -> None:
    """Cost per trial in floors, at the setting of figure 1a with three surrogates."""
    print(f"p = {P}, n = {N}, three surrogates; medians of interleaved rounds")
    print(f"  {'':40s} {'a trial':>9s} {'floors':>8s} {'of the other':>13s}")
    quiet, noisy = settings()[:2]
    plain, exact, full = quiet.task("none"), noisy.task("none"), noisy.task("auto")
    root = np.sqrt(quiet.problem.spectrum.eigenvalues)
    trials = plain.block_trials
    calls = {
        "floor, the engine's generator": lambda: _floor(np.random.SFC64(1), root, trials),
        "floor, NumPy's default generator": lambda: _floor(np.random.PCG64(1), root, trials),
        "plain (risks only)": lambda: run_block(plain, Block(0, trials)),
        "plain, exact noise": lambda: run_block(exact, Block(0, trials)),
        "flips, transfer functions, exact noise": lambda: run_block(full, Block(0, trials)),
    }
    rounds = [{name: _seconds(call) / trials for name, call in calls.items()} for _ in range(9)]
    for name in calls:
        cost = np.median([r[name] for r in rounds])
        own = np.median([r[name] / r["floor, the engine's generator"] for r in rounds])
        default = np.median([r[name] / r["floor, NumPy's default generator"] for r in rounds])
        print(f"  {name:40s} {1e3 * cost:6.2f} ms {own:8.2f} {default:13.2f}")


def backends() -> None:
    """PyTorch beside NumPy, on every device that is here, a block of trials at once."""
    print(f"\np = {P}, n = {N}, three surrogates, noise 0.1: backends, one thread, ms a trial")
    setting = settings()[1]
    for backend, device in (("numpy", "cpu"), ("torch", "cpu"), ("torch", "cuda")):
        where = {"backend": backend, "device": device}
        try:
            tasks = [
                setting.task("none", noise="sampled", **where),
                setting.task("auto", **where),
            ]
        except ValueError as error:
            print(f"  {backend} on {device:6s} not run here: {error}")
            continue
        plain, flips = (
            1e3 * best(partial(run_block, t, Block(0, t.block_trials)), 5) / t.block_trials
            for t in tasks
        )
        print(f"  {backend} on {device:6s} plain, sampled noise {plain:7.2f}   flips {flips:7.2f}")


def standard_errors() -> None:
    """How many times longer the script takes to the same standard error."""
    print("\ntime to the same standard error, script / engine: least and most of 3 surrogates")
    print(
        f"  {'problem':32s} {'default mode':>18s} {'plain mode':>18s}   ms a trial: script, engine"
    )
    for setting in settings():
        starts = setting.surrogates()
        script = best(partial(_script, setting, starts), repeats=3)
        needed = script * _script_variance(setting)
        told, costs = [], []
        for reduction in ("auto", "none"):
            task = setting.task(reduction)
            trials = min(task.block_trials, 50)
            results = [run_block(task, Block(i, trials)) for i in range(VARIANCE_TRIALS // trials)]
            seconds = best(partial(run_block, task, Block(0, trials)), 3) / trials
            variance = np.concatenate([r.risks[:, -1] for r in results]).var(axis=0, ddof=1)
            gains = needed / (seconds * variance)
            told.append(f"{gains.min():8.0f} {gains.max():8.0f}")
            costs.append(f"{1e3 * seconds:.1f}")
        print(f"  {setting.name:32s} {told[0]:>18s} {told[1]:>18s}   {1e3 * script:.0f}, {costs}")


def growth() -> None:
    """Seconds and memory per trial as p and n grow together."""
    print("\nlarge designs, default mode with noise, one trial")
    for p, n in ((1000, 400), (2000, 800), (4000, 1600)):
        setting = Setting("large", *power(2.0, 1.5, n, p), noise=0.1)
        task = setting.task("auto")
        seconds = best(partial(run_block, task, Block(0, 1)), repeats=3, budget=6.0)
        tracemalloc.start()
        run_block(task, Block(0, 1))
        peak = tracemalloc.get_traced_memory()[1]
        tracemalloc.stop()
        print(
            f"  p = {p:5d}, n = {n:5d}: {seconds:7.3f} s, {peak / 2**20:6.0f} MiB of arrays "
            f"(estimate {task.bytes_needed() / 2**20:.0f}), "
            f"{1e9 * seconds / (n * n * p):.3f} ns / (n^2 p)"
        )


def _seconds(call: Callable[[], object]) -> float:
    begin = time.perf_counter()
    call()
    return time.perf_counter() - begin


def _floor(bits: np.random.BitGenerator, root: np.ndarray, trials: int) -> None:
    rng = np.random.Generator(bits)
    x, gram = np.empty((N, P)), np.zeros((N, N), order="F")
    for _ in range(trials):
        rng.standard_normal(out=x)
        x *= root
        blas.dsyrk(1.0, x.T, 0.0, gram, trans=1, overwrite_c=1)
        lapack.dpotrf(gram, overwrite_a=1, clean=0)


def _script(setting: Setting, surrogates: list[np.ndarray]) -> list[float]:
    """One trial of what a user would write."""
    rng = np.random.default_rng(0)
    lam, b = setting.problem.spectrum.eigenvalues, setting.problem.beta_star
    x = rng.standard_normal((setting.n, lam.size)) * np.sqrt(lam)
    risks = []
    for surrogate in surrogates:
        y = x @ surrogate + np.sqrt(setting.noise) * rng.standard_normal(setting.n)
        fitted = np.linalg.pinv(x) @ y
        risks.append(float(np.sum(lam * (fitted - b) ** 2)))
    return risks


def _script_variance(setting: Setting) -> np.ndarray:
    """Variance of the script's risks over trials, (3,), from a faster solver of the same."""
    rng = np.random.default_rng(1)
    lam, b = setting.problem.spectrum.eigenvalues, setting.problem.beta_star
    starts = np.stack(setting.surrogates(), axis=1)
    risks = []
    for _ in range(VARIANCE_TRIALS):
        x = rng.standard_normal((setting.n, lam.size)) * np.sqrt(lam)
        y = x @ starts + np.sqrt(setting.noise) * rng.standard_normal((setting.n, 3))
        lower = np.linalg.cholesky(x @ x.T)
        half = solve_triangular(lower, y, lower=True)
        fitted = x.T @ solve_triangular(lower, half, lower=True, trans=1)
        risks.append(lam @ (fitted - b[:, None]) ** 2)
    return np.var(risks, axis=0, ddof=1)


if __name__ == "__main__":
    main()
