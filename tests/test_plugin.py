"""The pytest plugin and the strategies, used by a project outside the checkout."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from importlib.metadata import entry_points
from pathlib import Path

import pytest
from runner_samples import ROOT, SAMPLE, folder

CLAIMS = """
CLAIMS = [one("1.a"), one("2.b", needs=["1.a"])]
def absent(digits):
    from kdverify.evidence import NotRun
    raise NotRun("missing: hardware")
C = one("2.c")
C.below("elsewhere", absent)
C.enclosed("wrong", lambda digits: 1, value="2")
"""

MINE = """
import numpy as np
from hypothesis import given
from kdverify import risk
from kdverify.testing import labels, problems, rows
from hypothesis import strategies as st

@given(problems(largest=8))
def test_noise_adds(problem):
    assert np.isfinite(risk(problem, 1, ridge=1.0))

@given(st.data())
def test_rows_and_labels(data):
    x = data.draw(rows())
    y = data.draw(labels(x))
    assert y.shape == (len(x),)
    assert data.draw(labels(x, columns=3)).shape == (len(x), 3)
"""


def run_pytest(cwd: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    installed = any(e.name == "kdverify" for e in entry_points(group="pytest11"))
    plugin = [] if installed else ["-p", "kdverify.pytest_plugin"]
    return subprocess.run(
        [sys.executable, "-m", "pytest", *plugin, "-p", "no:cacheprovider", *arguments],
        cwd=cwd,
        capture_output=True,
        text=True,
        env=os.environ | {"PYTHONPATH": str(ROOT), "COLUMNS": "100"},
        check=False,
    )


@pytest.fixture
def project(tmp_path: Path) -> Path:
    """Claims and a test of its own."""
    claims = tmp_path / "claims"
    claims.mkdir()
    folder(claims, a=CLAIMS)
    (tmp_path / "test_mine.py").write_text(MINE)
    return tmp_path


def counts(output: str) -> dict[str, int]:
    last = output.strip().splitlines()[-1]
    return {word: int(number) for number, word in re.findall(r"(\d+) (\w+)", last)}


@pytest.mark.parametrize("workers", [[], ["-n", "2"]])
def test_claims_are_tests(project: Path, workers: list[str]) -> None:
    done = run_pytest(project, "--claims", "claims", "-q", "--strict-markers", *workers)
    assert done.returncode == 1, done.stdout + done.stderr
    found = counts(done.stdout)
    # three claims of two pieces of evidence and a control; one more is wrong, one not run
    assert (found["passed"], found["failed"], found["skipped"]) == (9, 1, 1)
    assert "2.c: t" in done.stdout
    assert "the ball lies outside the interval" in done.stdout
    verdicts = re.search(r"claims: (.*?) -*$", done.stdout, re.MULTILINE)
    assert verdicts
    assert set(verdicts[1].split(", ")) == {
        *("3 proved", "3 certified", "3 rejected", "1 refuted", "1 not run"),
    }


def test_markers_select_by_kind_control_and_section(project: Path) -> None:
    for expression, number in (("identity", 3), ("control", 3), ("section_1 and enclosure", 2)):
        done = run_pytest(project, "--claims", "claims", "-q", "-m", expression)
        assert counts(done.stdout)["passed"] == number, expression


def test_verdicts_are_in_the_reports(project: Path) -> None:
    xml = project / "report.xml"
    done = run_pytest(project, "--claims", "claims", "-v", "-k", "1.a", f"--junitxml={xml}")
    assert done.returncode == 0
    assert "a[0-enclosure-whole] CERTIFIED" in done.stdout
    assert 'value="certified"' in xml.read_text()


def test_expected_refutations_and_a_ledger() -> None:
    done = run_pytest(SAMPLE.parent, "--claims", str(SAMPLE), "-q")
    assert done.returncode == 0, done.stdout
    assert "refuted" in done.stdout


def test_bad_claims_are_an_error_of_use(project: Path) -> None:
    (project / "claims" / "b.py").write_text("1/0")
    done = run_pytest(project, "--claims", "claims")
    assert done.returncode == 4
    assert "b.py: ZeroDivisionError" in done.stderr


def test_the_strategies_serve_other_projects(project: Path) -> None:
    done = run_pytest(project, "-q", "test_mine.py")
    assert done.returncode == 0, done.stdout
    both = run_pytest(project, "-q", "test_mine.py", "claims", "--claims", "claims")
    assert counts(both.stdout)["passed"] == 11


def test_without_the_option_nothing_changes(project: Path) -> None:
    done = run_pytest(project, "-q")
    assert counts(done.stdout) == {"passed": 2} | {
        k: v for k, v in counts(done.stdout).items() if k != "passed"
    }


def test_a_test_file_that_cannot_be_collected_is_an_error(project: Path) -> None:
    (project / "test_broken.py").write_text("import nothing_of_that_name\n")
    finished = run_pytest(project, "-v", "test_broken.py")
    assert finished.returncode == 2
    assert "1 error" in finished.stdout
    assert "INTERNALERROR" not in finished.stdout + finished.stderr
