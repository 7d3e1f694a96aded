"""Labels that one does not have: what a forecast costs, in time and memory.

Made-up rows of three shapes, 300 labels, the learning curve at 1 to 16 times as many.  The last
is a memory map of float16 of which rows are sampled.
"""

from __future__ import annotations

import resource
import tempfile
import time
from pathlib import Path

import numpy as np

from bench.timing import print_table
from kdverify import labels
from kdverify.seeds import stream

SHAPES = ((2000, 100), (10_000, 768), (1_000_000, 512))
KNOWN, CLASSES, BLOCK = 300, 10, 10_000


def rows_of(size: int, width: int, folder: Path) -> np.ndarray:
    """ReLU features, float16, in a file."""
    rng = stream(0, "rows to ask about", size, width)
    weights = rng.standard_normal((40, width)) / np.sqrt(40)
    file = np.lib.format.open_memmap(folder / "rows.npy", "w+", np.float16, (size, width))
    for start in range(0, size, BLOCK):
        count = min(BLOCK, size - start)
        file[start : start + count] = np.maximum(rng.standard_normal((count, 40)) @ weights, 0)
    file.flush()
    return np.load(folder / "rows.npy", mmap_mode="r")


def _even(forms: np.ndarray) -> np.ndarray:
    """Classes of about equal size: of the first form, by rank."""
    return np.argsort(np.argsort(forms[:, 0])) * CLASSES // len(forms)


def main() -> None:
    """Print seconds, rows that were used, and the peak of memory so far."""
    table = []
    for size, width in SHAPES:
        with tempfile.TemporaryDirectory() as folder:
            rows = rows_of(size, width, Path(folder))
            rng = np.random.default_rng(0)
            known = np.sort(rng.choice(size, KNOWN, replace=False))
            forms = np.asarray(rows[known], dtype=float) @ rng.standard_normal((width, CLASSES))
            start = time.perf_counter()
            setting = labels.ask(rows, (known, _even(forms)))
            labels.learning_curve(setting)
            seconds = time.perf_counter() - start
        peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
        used = len(setting.sample.rows)
        table.append([f"{size:,} x {width}", f"{used:,}", f"{seconds:.0f}", f"{peak:.0f}"])
    print_table(
        "forecast from 300 labels", ["rows", "rows used", "seconds", "peak so far, MiB"], table
    )


if __name__ == "__main__":
    main()
