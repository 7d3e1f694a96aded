"""Ceilings on time, for what may never end by itself.

`interrupting` stops Python code, such as SymPy's; `killing` runs a solver in a child process
that can be ended whatever it is doing.  Both count processor time, so that no verdict depends
on how busy the machine is; a child is also ended after ten times as long by the clock.
"""

from __future__ import annotations

import signal
import threading
from collections.abc import Iterator
from contextlib import contextmanager


class OutOfTime(Exception):
    """There was no answer in the time allowed."""


@contextmanager
def interrupting(seconds: float) -> Iterator[None]:
    """Raise `OutOfTime` inside after so many seconds of processor time.

    Only in a process's main thread, and where there are such timers; elsewhere there is no
    ceiling.
    """
    possible = (
        hasattr(signal, "setitimer") and threading.current_thread() is threading.main_thread()
    )
    if not possible:
        yield
        return

    def stop(signum: int, frame: object) -> None:
        raise OutOfTime(f"no answer in {seconds:g} s of processor time")

    before = signal.signal(signal.SIGVTALRM, stop)
    signal.setitimer(signal.ITIMER_VIRTUAL, seconds)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_VIRTUAL, 0)
        signal.signal(signal.SIGVTALRM, before)
