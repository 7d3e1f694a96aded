"""Work is given out in order, but kin stays with the worker that remembers."""

from __future__ import annotations

import os
from typing import Any

from kdverify.workers import _Waiting, run_in_workers


def given_out(asks: str, items: str) -> str:
    """What the workers of ``asks``, one letter each, get of ``items``, whose kin is the letter."""
    waiting = _Waiting(list(items), str)
    workers: dict[str, Any] = {name: object() for name in asks}
    return "".join(waiting.next_for(workers[name]) or "-" for name in asks)


def test_kin_stays_together_until_nothing_else_is_left():
    assert given_out("1212", "aabb") == "abab"
    assert given_out("12112", "aabc") == "abac-"
    assert given_out("122", "aaa") == "aaa"  # the second worker has nothing else to do


def process_of(item: str) -> int:
    return os.getpid()


def test_one_kin_runs_in_one_process():
    found = list(run_in_workers(process_of, ["a1", "b1", "a2", "b2"], 1, lambda item: item[0]))
    assert sorted(item for item, _ in found) == ["a1", "a2", "b1", "b2"]
    assert [item[0] for item, _ in found] in (["a", "a", "b", "b"], ["b", "b", "a", "a"])
    assert len({process for _, process in found}) == 1
