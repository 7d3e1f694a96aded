"""What tests of the command line share; their fixtures are in conftest.py."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
FIGURE_1A = ["--alpha", "2", "--beta", "1.5", "-p", "500"]
#: Seconds after which a test hangs, on however busy a machine.
HANGS = 7200.0
ESCAPE = "\x1b["


@dataclass
class Finished:
    code: int
    out: str
    err: str


Command = Callable[..., Finished]


def process(*arguments: str, **environment: str) -> Finished:
    finished = subprocess.run(
        [sys.executable, "-m", "kdverify", *arguments],
        capture_output=True,
        text=True,
        env=os.environ | {"COLUMNS": "80", "PYTHONPATH": str(ROOT)} | environment,
        timeout=HANGS,
        check=False,
    )
    return Finished(finished.returncode, finished.stdout, finished.stderr)
