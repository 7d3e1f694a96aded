"""Worker processes that end when the process that started them does, however it ended."""

from __future__ import annotations

import os
import threading
import time
from collections.abc import Callable
from functools import cache
from typing import Any

#: Seconds between two looks.
INTERVAL = 0.5


def following(parent: int, function: Callable[..., Any], *arguments: Any) -> Any:
    """The function's result; a child of the process ``parent`` ends with it from now on.

    In ``parent`` itself, and on a cluster, this is the call and nothing else.
    """
    if os.getppid() == parent:
        _follow(parent)
    return function(*arguments)


@cache
def _follow(parent: int) -> None:
    def watch() -> None:
        while os.getppid() == parent:
            time.sleep(INTERVAL)
        os._exit(1)

    threading.Thread(target=watch, name="follow the parent", daemon=True).start()
