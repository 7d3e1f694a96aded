"""Worker processes, each fed one task at a time over its pipes.

Workers are plain ``python`` processes: the caller's main module is not imported again, one
that dies costs its own task only, and all of them can be ended at any moment.
"""

from __future__ import annotations

import ctypes
import os
import pickle
import queue
import signal
import subprocess
import sys
import threading
from collections.abc import Callable, Generator, Sequence
from dataclasses import dataclass
from typing import Any, TypeVar

Item = TypeVar("Item")
Result = TypeVar("Result")

#: One thread per worker: the workers themselves fill the processor.
#: No verdict hangs on the order of a set or dictionary.
_ONE_ORDER = {"PYTHONHASHSEED": "0"}
_ONE_THREAD = {name: "1" for name in ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS")}
#: Of Linux's ``prctl``: the signal that a process gets when its parent's thread ends.
_PR_SET_PDEATHSIG = 1


@dataclass(frozen=True)
class WorkerDied:
    """In place of a result: the process ended before it answered."""

    exit_code: int


class _Worker:
    """One process, started when it is first asked and again after it died."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._process: subprocess.Popen[bytes] | None = None
        self._ended = False

    def ask(self, task: tuple[Callable[[Any], Any], Any]) -> Any:
        """The task's result, or `WorkerDied`."""
        with self._lock:
            if self._ended:
                return WorkerDied(0)
            process = self._process = self._process or _start()
        assert process.stdin
        assert process.stdout
        try:
            pickle.dump(task, process.stdin)
            process.stdin.flush()
            return pickle.load(process.stdout)
        except (EOFError, OSError, pickle.UnpicklingError):
            self._close(process)
            return WorkerDied(process.wait())

    def end(self) -> None:
        """End the process at once, whatever it is doing."""
        with self._lock:
            self._ended = True
            process = self._process
        if process is not None:
            process.kill()
            process.wait()

    def _close(self, process: subprocess.Popen[bytes]) -> None:
        with self._lock:
            self._process = None
        assert process.stdin
        assert process.stdout
        for pipe in (process.stdin, process.stdout):
            try:
                pipe.close()
            except OSError:  # unsent bytes for a process that is gone
                continue


def _start() -> subprocess.Popen[bytes]:
    """A worker with the caller's module path; Ctrl-C in the terminal does not reach it."""
    path = os.pathsep.join(entry or os.getcwd() for entry in sys.path)
    return subprocess.Popen(
        [sys.executable, "-P", "-c", f"from {__name__} import serve; serve()"],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        env=os.environ | _ONE_THREAD | _ONE_ORDER | {"PYTHONPATH": path},
        start_new_session=True,
    )


class _This:
    """This process."""

    serving = False


def serving() -> bool:
    """Whether this process is a worker, whose death costs its own task only."""
    return _This.serving


def serve() -> None:
    """What a worker does: answer tasks until its input ends.

    What a task prints goes to standard error; the answers have the output to themselves.
    """
    _This.serving = True
    _die_with_the_caller()
    tasks, answers = os.fdopen(os.dup(0), "rb"), os.fdopen(os.dup(1), "wb")
    os.dup2(2, 1)
    while True:
        try:
            function, item = pickle.load(tasks)
        except EOFError:
            return
        pickle.dump(function(item), answers)
        answers.flush()


def _die_with_the_caller() -> None:
    """End at once when the caller is killed, also inside a solver; elsewhere than on Linux, after.

    A worker that waits for a task sees the end of its input anyway.
    """
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, signal.SIGKILL)


class _Waiting:
    """Items that are not begun."""

    def __init__(self, items: Sequence[Any], kin: Callable[[Any], object]) -> None:
        self._items = [(item, kin(item)) for item in items]
        self._lock = threading.Lock()
        self._hands: dict[_Worker, object] = {}

    def next_for(self, worker: _Worker) -> Any:
        """Of the worker's own kin, else of nobody's, else the first; None if none is left."""
        with self._lock:
            if not self._items:
                return None
            own = self._hands.pop(worker, None)
            others = set(self._hands.values())
            rank = [0 if kin == own else 2 if kin in others else 1 for _, kin in self._items]
            item, self._hands[worker] = self._items.pop(rank.index(min(rank)))
            return item


def run_in_workers(
    function: Callable[[Item], Result],
    items: Sequence[Item],
    workers: int,
    kin: Callable[[Item], object] = id,
) -> Generator[tuple[Item, Result | WorkerDied], None, None]:
    """``(item, function(item))`` as they are finished; the items are begun in order.

    But items of one ``kin`` are left to the worker that had the first of them, which remembers
    what it computed, until the others have nothing else to do.

    ``function`` must be importable by its name.  However the iteration ends, no worker is
    left behind.
    """
    waiting = _Waiting(items, kin)
    finished: queue.SimpleQueue[tuple[Item, Result | WorkerDied]] = queue.SimpleQueue()
    pool = [_Worker() for _ in range(min(workers, len(items)))]

    def drive(worker: _Worker) -> None:
        while (item := waiting.next_for(worker)) is not None:
            finished.put((item, worker.ask((function, item))))

    threads = [threading.Thread(target=drive, args=(worker,), daemon=True) for worker in pool]
    try:
        for thread in threads:
            thread.start()
        for _ in items:
            yield finished.get()
    finally:
        for worker in pool:
            worker.end()
        for thread in threads:
            if thread.ident is not None:
                thread.join()


def results_of(
    function: Callable[[Item], Result], items: Sequence[Item], workers: int
) -> Generator[tuple[Item, Result], None, None]:
    """The same, where an error of the function, or the death of its process, is raised here."""
    for item, outcome in run_in_workers(_attempt, [(function, item) for item in items], workers):
        if isinstance(outcome, WorkerDied):
            raise RuntimeError(f"a worker process died (exit code {outcome.exit_code})")
        if isinstance(outcome, BaseException):
            raise outcome
        yield item[1], outcome


def _attempt(call: tuple[Callable[[Any], Any], Any]) -> Any:
    function, item = call
    try:
        return function(item)
    except Exception as error:
        return error
