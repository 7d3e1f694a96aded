"""Every command of the README and of the docs runs, and examples print what they say.

A line of a ``sh`` block is a command.  ``not_run.toml`` lists those that do not run here; they
are run by the gate itself or are too long, and the reason says which.  If a ``text`` block
follows, the commands of the block print it, up to durations, the widths of spaces, and one unit
in the last printed digit of a decimal number: linear algebra may round otherwise on another
processor.  A ``python`` block followed by a ``text`` block must print that text.  A ``python``
or ``toml`` block that begins with ``# NAME`` of a file is that file: it lies in the folder in
which the commands run.
"""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
import tomllib
from decimal import Decimal
from itertools import pairwise
from pathlib import Path

import pytest
from command_line import HANGS

ROOT = Path(__file__).resolve().parent.parent
PAGES = [ROOT / "README.md", *sorted((ROOT / "docs").glob("**/*.md"))]
FENCE = re.compile(r"^```(\w+)\n(.*?)^```$", re.MULTILINE | re.DOTALL)
NOT_RUN = tomllib.loads((ROOT / "tests" / "not_run.toml").read_text())
FILE = re.compile(r"# (\w+\.(?:py|toml))\n")
NUMBER = re.compile(r"([+-]?\d+\.\d+(?:e[+-]?\d+)?)")


def blocks(page: Path) -> list[tuple[str, str]]:
    return FENCE.findall(page.read_text())


def followed(page: Path) -> list[tuple[str, str, str]]:
    """Language and text of each block, with the output that the next block states."""
    sequence = [*blocks(page), ("", "")]
    return [
        (language, text, output if following == "text" else "")
        for (language, text), (following, output) in pairwise(sequence)
    ]


def commands() -> list[tuple[str, str]]:
    """Page and line of every command."""
    return [
        (page.name, line.strip())
        for page in PAGES
        for language, text in blocks(page)
        if language == "sh"
        for line in text.splitlines()
        if line.strip() and not line.strip().startswith("#")
    ]


def runs() -> list[tuple[str, str, str]]:
    """Page, line and stated output of the commands that run here."""
    found = []
    for page in PAGES:
        for language, text, output in followed(page):
            lines = [line.strip() for line in text.splitlines() if line.strip()]
            if language != "sh":
                continue
            assert not output or len(lines) == 1, f"{page.name}: one command to one output"
            found += [
                (page.name, line, output)
                for line in lines
                if not line.startswith("#") and line not in NOT_RUN
            ]
    return found


def programs() -> list[tuple[str, str, str]]:
    return [
        (page.name, code, output)
        for page in PAGES
        for language, code, output in followed(page)
        if language == "python" and not FILE.match(code)
    ]


def without_durations(text: str) -> str:
    """A report whose durations, and the spaces before them, are not compared."""
    lines = [re.sub(r" *\b\d+\.\d(?= s$|$)", " T", line.rstrip()) for line in text.splitlines()]
    return "\n".join(lines).strip("\n")


def agree(printed: str, stated: str) -> bool:
    """Whether two texts are the same up to spaces and a unit in a decimal's last digit."""
    ours, theirs = (NUMBER.split(" ".join(text.split())) for text in (printed, stated))
    return len(ours) == len(theirs) and all(
        one == other or (NUMBER.fullmatch(one) and NUMBER.fullmatch(other) and near(one, other))
        for one, other in zip(ours, theirs, strict=True)
    )


def near(one: str, other: str) -> bool:
    """Whether two decimals differ by at most a unit in the last digit that either prints."""
    values = [Decimal(one), Decimal(other)]
    unit = min(value.as_tuple().exponent for value in values)
    return abs(values[0] - values[1]) <= Decimal(10) ** unit


@pytest.mark.parametrize(
    ("printed", "stated", "same"),
    [
        ("risk  0.604   0.01", "risk 0.6039 0.01", True),
        ("-1.500e-05 [0.843, 0.891]", "-1.501e-05 [0.842, 0.891]", True),
        ("risk 0.6041", "risk 0.6039", False),
        ("1.500e-05", "1.500e-04", False),
        ("n = 20", "n = 21", False),
        ("proved 0.5", "refuted 0.5", False),
        ("0.5 0.5", "0.5", False),
        ("0.5", "-0.5", False),
    ],
)
def test_outputs_agree_up_to_rounding_alone(printed, stated, same):
    assert agree(printed, stated) == same


def test_what_does_not_run_is_on_a_page_and_says_why_here_only():
    stated = {line for _, line in commands()}
    assert set(NOT_RUN) <= stated, "stale lines in not_run.toml"
    assert all(NOT_RUN.values())
    for page in PAGES:
        assert "not run in tests" not in page.read_text(), page.name


def test_the_readme_has_commands():
    assert any(page == "README.md" for page, _, _ in runs())
    assert {"make verify", "make test"} <= {
        line for page, line in commands() if page == "README.md"
    }


@pytest.fixture(scope="module")
def workplace(tmp_path_factory) -> Path:
    """A folder with what the examples name."""
    folder = tmp_path_factory.mktemp("readme")
    heavy = shutil.ignore_patterns("*.checkpoint", "*.safetensors")
    shutil.copytree(
        ROOT / "docs" / "data", folder / "docs" / "data", dirs_exist_ok=True, ignore=heavy
    )
    shutil.copytree(ROOT / "proofs", folder / "proofs", dirs_exist_ok=True)
    for page in PAGES:
        for _, text in blocks(page):
            if named := FILE.match(text):
                (folder / named[1]).write_text(text)
    return folder


@pytest.mark.parametrize(("page", "line", "output"), runs(), ids=[line for _, line, _ in runs()])
def test_command(page, line, output, workplace):
    environment = os.environ | {"COLUMNS": "80"}
    environment["PATH"] = f"{Path(sys.executable).parent}{os.pathsep}{environment['PATH']}"
    finished = subprocess.run(
        ["bash", "-euo", "pipefail", "-c", line],
        cwd=workplace,
        env=environment,
        capture_output=True,
        text=True,
        timeout=HANGS,
        check=False,
    )
    assert finished.returncode == 0, finished.stdout[-2000:] + finished.stderr[-2000:]
    assert finished.stdout or finished.stderr
    printed, stated = without_durations(finished.stdout), without_durations(output)
    assert not output or agree(printed, stated) or printed == stated, page


@pytest.mark.parametrize(("page", "code", "output"), programs())
def test_program(page, code, output, tmp_path):
    finished = subprocess.run(
        [sys.executable, "-c", code],
        cwd=tmp_path,
        capture_output=True,
        text=True,
        timeout=HANGS,
        check=False,
    )
    assert finished.returncode == 0, finished.stderr
    assert output, f"{page}: a python block must be followed by a text block with its output"
    assert agree(finished.stdout, output) or finished.stdout == output
