"""Every command of the README and of the docs runs, and Python examples say what they print.

A line of a ``sh`` block is a command.  ``# not run in tests: REASON`` at its end exempts it;
such commands are run by the gate itself or are too long, and the reason says which.
A ``python`` block followed by a ``text`` block must print that text.
"""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from itertools import pairwise
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent
PAGES = [ROOT / "README.md", *sorted((ROOT / "docs").glob("**/*.md"))]
FENCE = re.compile(r"^```(\w+)\n(.*?)^```$", re.MULTILINE | re.DOTALL)
EXEMPT = re.compile(r"#\s*not run in tests: (\S.*)$")


def blocks(page: Path) -> list[tuple[str, str]]:
    return FENCE.findall(page.read_text())


def commands() -> list[tuple[str, str]]:
    return [
        (page.name, line.strip())
        for page in PAGES
        for language, text in blocks(page)
        if language == "sh"
        for line in text.splitlines()
        if line.strip() and not line.strip().startswith("#")
    ]


RUN = [(page, line) for page, line in commands() if not EXEMPT.search(line)]


def programs() -> list[tuple[str, str, str]]:
    found = []
    for page in PAGES:
        sequence = blocks(page)
        for (language, code), (following, output) in pairwise([*sequence, ("", "")]):
            if language == "python":
                found.append((page.name, code, output if following == "text" else ""))
    return found


def test_the_readme_has_commands():
    assert any(page == "README.md" for page, _ in RUN)
    assert {"make verify", "make test"} <= {
        EXEMPT.sub("", line).strip() for page, line in commands() if page == "README.md"
    }


@pytest.fixture(scope="module")
def workplace(tmp_path_factory) -> Path:
    """A folder with what the README's examples name."""
    folder = tmp_path_factory.mktemp("readme")
    shutil.copytree(ROOT / "docs" / "data", folder / "docs" / "data", dirs_exist_ok=True)
    shutil.copytree(ROOT / "proofs", folder / "proofs", dirs_exist_ok=True)
    return folder


@pytest.mark.parametrize(("page", "line"), RUN, ids=[line for _, line in RUN])
def test_command(page, line, workplace):
    environment = dict(os.environ)
    environment["PATH"] = f"{Path(sys.executable).parent}{os.pathsep}{environment['PATH']}"
    finished = subprocess.run(
        ["bash", "-euo", "pipefail", "-c", line],
        cwd=workplace,
        env=environment,
        capture_output=True,
        text=True,
        timeout=600,
        check=False,
    )
    assert finished.returncode == 0, finished.stdout[-2000:] + finished.stderr[-2000:]
    assert finished.stdout or finished.stderr


@pytest.mark.parametrize(("page", "code", "output"), programs())
def test_program(page, code, output, tmp_path):
    finished = subprocess.run(
        [sys.executable, "-c", code],
        cwd=tmp_path,
        capture_output=True,
        text=True,
        timeout=300,
        check=False,
    )
    assert finished.returncode == 0, finished.stderr
    assert output, f"{page}: a python block must be followed by a text block with its output"
    assert finished.stdout == output
