"""Sweeps: many settings, on one machine or a cluster, kept in a store and resumed from it."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import closing, contextmanager
from dataclasses import dataclass

from kdverify import checks
from kdverify.extras import needed_for
from kdverify.provenance import formula_version
from kdverify.simulation.block import BlockResult, run_block
from kdverify.simulation.engine import finish, require_memory
from kdverify.simulation.grid import Point
from kdverify.simulation.result import SimulationResult
from kdverify.simulation.store import Store
from kdverify.simulation.task import MOST_TRIALS, Block, Task
from kdverify.workers import results_of

#: How long to wait for a Dask scheduler to answer.
CONNECT_SECONDS = 10.0

Progress = Callable[[int, int], None]  # trials done, trials to do


@dataclass(frozen=True)
class Plan:
    """What a sweep has to do: trials in all, in the store already, and the blocks missing."""

    trials: int
    reused: int
    missing: list[tuple[str, Task, Block]]

    @property
    def new(self) -> int:
        """Trials that have to be run."""
        return sum(block.trials for _, _, block in self.missing)


def store_key(task: Task) -> str:
    """Key of a task in a store: its own, and the version of the formulas behind it."""
    return f"{task.key}-{formula_version()}"


def plan(store: Store, tasks: Sequence[Task], trials: int) -> Plan:
    """Compare what is wanted with what the store holds."""
    missing, reused = [], 0
    for task in tasks:
        key = store_key(task)
        have = store.finished(key)
        for block in task.blocks(trials):
            if block in have:
                reused += block.trials
            else:
                missing.append((key, task, block))
    return Plan(trials * len(tasks), reused, missing)


def sweep(
    grid: Sequence[Point],
    store: Store,
    trials: int = 400,
    seed: int = 0,
    workers: int = 1,
    scheduler: str | None = None,
    announce: Callable[[Plan], None] | None = None,
    progress: Progress | None = None,
) -> list[SimulationResult]:
    """Simulate every point, taking from ``store`` what it holds and adding what is new.

    The results do not depend on the number of workers, on the order in which blocks end,
    or on how often the sweep was interrupted.

    Args:
        grid: settings, see `kdverify.simulation.grid`.
        store: an open store.
        trials: independent designs per point, at least 2.
        seed: of the whole sweep; every block has its own stream.
        workers: processes on this machine.
        scheduler: address of a Dask scheduler to use instead.
        announce: called once with the plan, before any work.
        progress: called with (trials done, trials to do) as blocks end.

    Raises:
        ValueError: for bad settings, or arrays that do not fit into memory, before work starts.
    """
    trials = checks.count("trials", trials, 2, MOST_TRIALS)
    workers = checks.count("workers", workers)
    if not grid:
        raise ValueError("grid must hold at least one point")
    tasks = [point.task(seed) for point in grid]
    for task in tasks:
        require_memory(task, workers)
    for point, task in zip(grid, tasks, strict=True):
        store.describe(store_key(task), {**point.settings(), "seed": seed})
    todo = plan(store, tasks, trials)
    if announce:
        announce(todo)
    done = 0
    with _backend(scheduler):
        for key, block in _finished(todo.missing, workers, scheduler):
            store.add(key, block)
            done += len(block.risks)
            if progress:
                progress(done, todo.new)
    return [finish(task, store.results(store_key(task), task.blocks(trials))) for task in tasks]


def _finished(
    missing: list[tuple[str, Task, Block]], workers: int, scheduler: str | None
) -> Iterator[tuple[str, BlockResult]]:
    """Blocks as they end, in any order."""
    if workers == 1 and scheduler is None:
        for key, task, block in missing:
            yield key, run_block(task, block)
        return
    if scheduler is None:
        with closing(results_of(_keyed, missing, workers)) as results:
            for _, result in results:
                yield result
        return
    from joblib import Parallel, delayed

    yield from Parallel(n_jobs=-1, return_as="generator_unordered")(
        delayed(_keyed)(item) for item in missing
    )


def _keyed(item: tuple[str, Task, Block]) -> tuple[str, BlockResult]:
    key, task, block = item
    return key, run_block(task, block)


@contextmanager
def _backend(scheduler: str | None) -> Iterator[None]:
    """joblib on this machine, or on the Dask cluster at ``scheduler``."""
    if scheduler is None:
        yield
        return
    with needed_for(f"scheduler={scheduler!r}"):
        from distributed import Client
    from joblib import parallel_config

    try:
        client = Client(scheduler, timeout=CONNECT_SECONDS)
    except (OSError, TimeoutError, ValueError) as error:
        raise ValueError(
            f"scheduler={scheduler!r} must be the address of a running Dask scheduler: {error}"
        ) from None
    with client, parallel_config(backend="dask", wait_for_workers_timeout=6 * CONNECT_SECONDS):
        yield
