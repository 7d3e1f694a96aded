"""What may not be read or written, as another user than root, who may do everything."""

from __future__ import annotations

import os
import re
import subprocess
import sys
import tempfile
from pathlib import Path

import pytest
from command_line import ROOT

from kdverify.simulation.store import Store

NOBODY = 65534


@pytest.fixture
def folder():
    """A folder that all users reach."""
    with tempfile.TemporaryDirectory() as name:
        Path(name).chmod(0o755)
        yield Path(name)


#: Runs a command line elsewhere first, so that its modules are loaded: another user may not
#: reach them.
PROGRAM = """
import os, sys, tempfile
sys.path.insert(0, {root!r})
from kdverify import cli
def run(folder):
    os.chdir(folder)
    sys.argv = ["kdverify", *{arguments!r}]
    cli.main()
stderr, sys.stderr = sys.stderr, open(os.devnull, "w")
with tempfile.TemporaryDirectory() as elsewhere:
    try:
        run(elsewhere)
    except SystemExit:
        os.chdir("/")
sys.stderr = stderr
if os.getuid() == 0:
    os.setgroups([])
    os.setgid({nobody})
    os.setuid({nobody})
run({folder!r})
"""


def as_another(folder, *arguments):
    """The command line as a user who owns nothing: lines of standard error, and exit code."""
    program = PROGRAM.format(root=str(ROOT), arguments=arguments, folder=str(folder), nobody=NOBODY)
    done = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, check=False
    )
    return done.stderr.splitlines(), done.returncode


RISK = ("risk", "--alpha", "2", "--beta", "1.5", "-p", "9", "-n", "3")
SWEEP = ("sweep", "s.sqlite", "-a", "p=9", "-a", "alpha=2", "-a", "beta=1.5", "-a", "n=3")


def test_a_file_that_may_not_be_read(folder):
    (folder / "t.csv").write_text("a\n1\n")
    (folder / "t.csv").chmod(0)
    for command in (("features", "t.csv"), ("risk", "--spectrum", "t.csv", "-n", "1")):
        lines, code = as_another(folder, *command)
        assert (len(lines), code) == (1, 2)
        assert lines[0].endswith("='t.csv' must be a file that can be read")


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ((*RISK, "--json", "j.json"), "json='j.json' must lie in a folder that can be written to"),
        ((*RISK, "--plot", "j.png"), "plot='j.png' must lie in a folder that can be written to"),
        (("figure", "figure_1a", "--out", "o"), "out='o' must be a folder that can be written to"),
        (SWEEP, "store='s.sqlite' must lie in a folder that can be written to"),
    ],
)
def test_a_folder_that_may_not_be_written_to(folder, arguments, message):
    folder.chmod(0o555)
    if os.getuid() != 0:
        folder.chmod(0o500)
    assert as_another(folder, *arguments) == ([f"kdverify: error: {message}"], 2)
    assert list(folder.iterdir()) == []


@pytest.mark.parametrize("open_folder", [True, False])
def test_the_store_of_another_user_is_left_as_it_is(folder, open_folder):
    """No file is left beside it that its owner could not write to."""
    with Store(folder / "s.sqlite") as store:
        store.describe("task", {})
    (folder / "s.sqlite").chmod(0o444)
    folder.chmod(0o777 if open_folder else 0o555)
    lines, code = as_another(folder, *SWEEP, "--trials", "2")
    what = "be a file" if open_folder else "(be a file|lie in a folder)"
    assert (len(lines), code) == (1, 2)
    assert re.search(f"must {what} that can be written to$", lines[0])
    assert [file.name for file in folder.iterdir()] == ["s.sqlite"]


def test_a_file_in_a_folder_where_no_other_can_be_made_is_written(folder):
    (folder / "j.json").touch()
    (folder / "j.json").chmod(0o666)
    folder.chmod(0o555)
    assert as_another(folder, "-q", *RISK, "--json", "j.json") == ([], 0)
    assert (folder / "j.json").read_text().startswith("{")
