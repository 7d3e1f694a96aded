"""Simulations that a piece of evidence and its controls share: drawn once for all of them.

A control has the seeds of its evidence, so that it asks for the same draws wherever what was
changed stands further down.
"""

from collections.abc import Callable
from functools import wraps
from typing import Any, TypeVar

import joblib

import kdverify
from kdverify.simulation import engine

Function = TypeVar("Function", bound=Callable[..., Any])

#: How many results of a function are remembered: the settings of one piece of evidence.
KEPT = 16


def shared(function: Function) -> Function:
    """``function``, which remembers its last results by the contents of its arguments."""
    kept: dict[str, Any] = {}

    @wraps(function)
    def asked(*arguments: Any, **options: Any) -> Any:
        key = joblib.hash((arguments, options))
        if key not in kept:
            if len(kept) == KEPT:
                del kept[next(iter(kept))]
            kept[key] = function(*arguments, **options)
        return kept[key]

    return asked  # type: ignore[return-value]  # of the same type, as wraps has it


simulate = shared(kdverify.simulate)
chain = shared(engine.chain)
