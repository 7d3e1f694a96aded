"""Reading 20,000 rows of 200 columns and a label, beside pandas: the same process, turn by turn.

Seconds are processor time, the least of several turns, so that a busy machine does not decide.
Memory is what a fresh process needs beyond its imports.
"""

from __future__ import annotations

import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pandas

from bench.timing import print_table
from kdverify import tables

ROWS, COLUMNS, TURNS = 20_000, 200, 7
#: What users were promised: times pandas' seconds, and pandas' memory.
SECONDS, MEMORY = 1.5, 2.0

MEASURE = """
import sys, pandas, pyarrow.parquet
from bench import bench_tables
def used():  # the most so far, KiB (Linux)
    return next(int(line.split()[1]) for line in open("/proc/self/status") if "VmHWM" in line)
before = used()
kept = getattr(bench_tables, sys.argv[1])(sys.argv[2])
print(used() - before)
"""


def by_pandas(file: str) -> Any:
    """Features as float64, and labels."""
    read = pandas.read_csv if file.endswith(".csv") else pandas.read_parquet
    frame = read(file)
    labels = frame.pop("y").to_numpy()
    return frame.to_numpy(dtype=float), labels


def by_kdverify(file: str) -> Any:
    """The same."""
    return tables.read(file, label_column="y")


def seconds(call: Callable[[str], Any], file: str) -> float:
    """Processor time of one turn."""
    begin = time.process_time()
    call(file)
    return time.process_time() - begin


def mebibytes(name: str, file: str) -> float:
    """Memory of a fresh process."""
    command = [sys.executable, "-c", MEASURE, name, file]
    return int(subprocess.run(command, check=True, capture_output=True).stdout) / 1024


def main() -> None:
    """One line for each kind of file."""
    values = np.random.default_rng(0).standard_normal((ROWS, COLUMNS))
    frame = pandas.DataFrame(values, columns=[f"x{k}" for k in range(COLUMNS)])
    frame["y"] = (values[:, 0] > 0).astype(int)
    rows = []
    with tempfile.TemporaryDirectory() as folder:
        for ending in ("csv", "parquet"):
            file = str(Path(folder, f"t.{ending}"))
            if ending == "csv":
                frame.to_csv(file, index=False)
            else:
                frame.to_parquet(file)
            turns = [(seconds(by_pandas, file), seconds(by_kdverify, file)) for _ in range(TURNS)]
            theirs, ours = np.array(turns).min(axis=0)
            memory = [mebibytes(name, file) for name in ("by_pandas", "by_kdverify")]
            ratios = ours / theirs, memory[1] / memory[0]
            rows.append([
                ending, f"{theirs:.3f}", f"{ours:.3f}", f"{ratios[0]:.2f}",
                *(f"{size:.0f}" for size in memory), f"{ratios[1]:.2f}",
                "yes" if ratios[0] < SECONDS and ratios[1] < MEMORY else "NO",
            ])  # fmt: skip
    print_table(
        f"{ROWS} rows, {COLUMNS} columns: processor seconds (least of {TURNS}), MiB",
        ["file", "pandas", "kdverify", "ratio", "pandas MiB", "kdverify MiB", "ratio",
         f"below {SECONDS:g} and {MEMORY:g}"],
        rows,
    )  # fmt: skip


if __name__ == "__main__":
    main()
