"""Ceilings on time, for what may never end by itself.

`interrupting` stops Python code, such as SymPy's; `killing` runs a solver in a process that the
system ends, whatever it is doing: a worker itself (`kdverify.workers`), elsewhere a child.  Both
count processor time, so that no verdict depends on how busy the machine is; by the clock a
solver may take `CLOCK_FACTOR` times as long, and no longer.
"""

from __future__ import annotations

import os
import pickle
import signal
import sys
import threading
import time
import warnings
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any, TypeVar

from kdverify import workers

Result = TypeVar("Result")

#: How many times longer than its processor time a solver may take by the clock.
CLOCK_FACTOR = 3.0


class OutOfTime(Exception):
    """There was no answer in the time allowed."""


@contextmanager
def interrupting(seconds: float) -> Iterator[None]:
    """Raise `OutOfTime` inside after so many seconds of processor time.

    Only in a process's main thread, and where there are such timers; elsewhere there is no
    ceiling.  A ceiling around this one stays in force.
    """
    possible = (
        hasattr(signal, "setitimer") and threading.current_thread() is threading.main_thread()
    )
    if not possible:
        yield
        return

    out = OutOfTime(f"no answer in {seconds:g} s of processor time")
    ended: list[OutOfTime] = []

    def stop(signum: int, frame: object) -> None:
        ended.append(out)
        raise out

    before = signal.signal(signal.SIGVTALRM, stop)
    around, _ = signal.setitimer(signal.ITIMER_VIRTUAL, seconds)
    if 0 < around < seconds:
        signal.setitimer(signal.ITIMER_VIRTUAL, around)
    started = time.process_time()
    try:
        yield
    except SystemError:  # compiled code was interrupted
        if ended:
            raise out from None
        raise
    finally:
        signal.setitimer(signal.ITIMER_VIRTUAL, 0)
        signal.signal(signal.SIGVTALRM, before)
        if around > 0:
            left = around - (time.process_time() - started)
            signal.setitimer(signal.ITIMER_VIRTUAL, max(left, 1e-3))


def ended_by(exit_code: int) -> bool:
    """Whether a process that left this exit code had run out of time."""
    return hasattr(os, "fork") and exit_code in (-signal.SIGPROF, -signal.SIGALRM)


def killing(seconds: float, work: Callable[[], Result]) -> Result:
    """``work()``, in a process that gets so many seconds of processor time.

    A worker is that process itself, since a child costs more than most answers: who asked it
    sees it die (`ended_by`).  Elsewhere it is a child, and `OutOfTime` is raised if that was
    ended before it answered; the child ends with this process, and with Ctrl-C.  Without
    `os.fork` there is no child and no ceiling.
    """
    if not hasattr(os, "fork"):
        return work()
    if workers.serving():
        try:
            _wind_up(seconds)
            return work()
        finally:
            _wind_up(0)
    reader, writer = os.pipe()
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", DeprecationWarning)  # of forking beside other threads
        child = os.fork()
    if child == 0:
        _answer(writer, seconds, work)
    os.close(writer)
    try:
        with os.fdopen(reader, "rb") as pipe:
            text = pipe.read()
    except BaseException:
        os.kill(child, signal.SIGKILL)
        raise
    finally:
        os.waitpid(child, 0)
    if not text:
        raise OutOfTime(f"no answer in {seconds:g} s of processor time")
    succeeded, result = pickle.loads(text)
    if not succeeded:
        raise result
    return result


def _answer(writer: int, seconds: float, work: Callable[[], Any]) -> None:
    """What the child does; it does not return."""
    try:
        signal.signal(signal.SIGINT, signal.SIG_DFL)  # that is: end at once
        _wind_up(seconds)
        _end_with_the_parent()
        os.closerange(3, writer)
        os.closerange(writer + 1, 1024)
        try:
            text = pickle.dumps((True, work()))
        except Exception as failure:
            text = pickle.dumps((False, RuntimeError(f"{type(failure).__name__}: {failure}")))
        with os.fdopen(writer, "wb") as pipe:
            pipe.write(text)
    finally:
        os._exit(0)


def _wind_up(seconds: float) -> None:
    """Let the timers end this process; 0 stops them."""
    for number in (signal.SIGALRM, signal.SIGPROF):
        signal.signal(number, signal.SIG_DFL)
    signal.setitimer(signal.ITIMER_PROF, seconds)
    signal.setitimer(signal.ITIMER_REAL, CLOCK_FACTOR * seconds)


def _end_with_the_parent() -> None:
    """On Linux; elsewhere the timers end a child that nobody waits for."""
    if sys.platform == "linux":
        import ctypes

        ctypes.CDLL(None).prctl(1, signal.SIGKILL)  # PR_SET_PDEATHSIG
