"""A bar on standard error for what takes longer than a moment."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager

from rich import progress as bars

from kdverify.report.output import console


@contextmanager
def bar() -> Iterator[Callable[[str, float], None]]:
    """A function of what is being done and the fraction done; silent where it is no terminal."""
    to = console("-")
    if not to.is_terminal:
        yield lambda line, done: None
        return
    columns = (bars.BarColumn(), bars.TaskProgressColumn(), bars.TimeRemainingColumn())
    with bars.Progress(
        *columns, bars.TextColumn("{task.description}"), console=to, transient=True
    ) as drawn:
        task = drawn.add_task("", total=1.0)
        yield lambda line, done: drawn.update(task, description=line, completed=done)
