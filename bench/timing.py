"""Timing helpers: the best of several runs, so that noise of the machine only adds time."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Any

import numpy as np


def best(call: Callable[[], Any], repeats: int = 7, budget: float = 3.0) -> float:
    """Seconds of the fastest of up to ``repeats`` calls, within about ``budget`` seconds."""
    fastest, spent = float("inf"), 0.0
    for _ in range(repeats):
        begin = time.perf_counter()
        call()
        taken = time.perf_counter() - begin
        fastest, spent = min(fastest, taken), spent + taken
        if spent > budget:
            break
    return fastest


def one_pass(lam: np.ndarray, tau: float) -> float:
    """Seconds of one pass over the eigenvalues: ``(lam / (lam + tau)).sum()``."""
    return best(lambda: (lam / (lam + tau)).sum(), repeats=15)


def print_table(title: str, header: list[str], rows: list[list[str]]) -> None:
    """Plain columns on standard output."""
    widths = [max(len(row[i]) for row in [header, *rows]) for i in range(len(header))]
    print(f"\n{title}")
    for row in [header, *rows]:
        print("  " + "  ".join(cell.rjust(w) for cell, w in zip(row, widths, strict=True)))
