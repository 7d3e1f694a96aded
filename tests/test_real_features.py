"""The experiment on real features, and the page that shows its results."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

from experiments import real_features as experiment

ROOT = Path(__file__).resolve().parent.parent
STORED = ROOT / "docs" / "data" / "real_features"
sys.path.insert(0, str(ROOT / "docs" / "tools"))

import measured_tables  # noqa: E402 - after its folder was made known


@pytest.mark.parametrize(
    "table", list(measured_tables.tables()), ids=lambda table: f"{table.page}: {table.name}"
)
def test_the_page_shows_the_stored_results(table):
    assert table.stated() == table.made(), "run python docs/tools/measured_tables.py"


def strong_rows():
    """(file, settings, row) of all that is stored of students of the labels as they are."""
    for file in STORED.glob("*.json"):
        content = json.loads(file.read_text(encoding="utf-8"))
        for row in content["rows"]:
            if row["kind"] == "risk" and row["teacher"] == "strong":
                yield file.stem, content["settings"], row


def test_the_correction_is_what_the_page_says():
    """Strong labels up to 0.7 of the rank (0.5 where p < 100): 3 % or two standard errors.

    At 0.9 of the rank: half the error of (11), or two standard errors.  All that is stored is
    counted.
    """
    near, late = 0, 0
    for name, settings, row in strong_rows():
        gap = abs(row["corrected"] - row["measured"])
        if row["fraction"] <= (0.5 if settings["rank"] < 100 else 0.7):
            near += 1
            allowed = max(0.03 * row["measured"], 2 * row["standard_error"])
            assert gap <= allowed, (name, row)
        elif row["fraction"] == 0.9:
            late += 1
            uncorrected = abs(row["rows"] - row["measured"])
            assert gap <= max(uncorrected / 2, 2 * row["standard_error"]), (name, row)
    assert near >= 100
    assert late >= 16


def test_accuracies_are_what_the_page_says():
    """Up to 0.7 of the rank (0.5 where p < 100): half a point or two standard errors.

    With fewer than two samples a class the one of digits is up to two points too high.
    """
    seen, few = 0, 0
    for name, settings, row in strong_rows():
        if row["fraction"] > (0.5 if settings["rank"] < 100 else 0.7):
            continue
        gap = row["accuracy"] - row["accuracy_measured"]
        if name == "digits-ten" and row["n"] < 20:
            few += 1
            assert 0.005 < gap < 0.02, row
        else:
            seen += 1
            assert abs(gap) <= max(0.005, 2 * row["accuracy_standard_error"]), (name, row)
    assert seen >= 95
    assert few == 4


def test_a_set_is_measured_and_goes_on(tmp_path, monkeypatch):
    chosen = experiment.SETS["digits"]
    quick = experiment.Set(chosen.make, chosen.positive, chosen.question, 4, 6)
    monkeypatch.setitem(experiment.SETS, "digits", quick)
    monkeypatch.setattr(experiment, "BUDGETS", ((0.2, 0.2),))
    file = experiment.measure_set("digits", None, "two", tmp_path, (0.1,))
    first = json.loads(file.read_text())["rows"]
    teachers = {row["teacher"] for row in first}
    assert teachers >= {"strong", "clean", "surrogate", "blind-mask", "best-labels"}
    best = {row["teacher"]: row["rows"] for row in first if row["kind"] == "risk"}
    assert best["best-labels"] <= best["best"] <= best["nested-mask"]
    experiment.measure_set("digits", None, "two", tmp_path, (0.1, 0.2, 0.9))
    rows = json.loads(file.read_text())["rows"]
    assert rows[: len(first)] == first
    assert len([row for row in rows if row.get("teacher") == "best-labels"]) == 2
    assert {row["n"] for row in rows if row["kind"] == "risk"} == {6, 12}
    (none,) = [row for row in rows if row["kind"] == "none"]
    assert none["n"] == 55
    assert "too many rows lie in one subspace" in none["reason"]
    monkeypatch.setitem(
        experiment.SETS, "digits", experiment.Set(chosen.make, (4,), "is it a 4", 4, 6)
    )
    with pytest.raises(ValueError, match="is of other settings"):
        experiment.measure_set("digits", None, "two", tmp_path, (0.1,))


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["--set", "nothing"], "set='nothing' must be one of digits, cifar-8"),
        (["--set", "cifar-resnet50"], "data=None must be a feature file"),
        (["--set", "cifar-8", "--data", "x.npz"], "must be an existing file"),
        (["--classes", "three"], "classes='three' must be one of two, ten"),
        (["--fraction", "-1"], "fraction=-1.0 must be positive"),
        (["--fraction", "1.2"], "must be below the rank 61"),
        (["--table", "--out", "nowhere"], "out='nowhere' must be a folder with results"),
    ],
)
def test_bad_input_is_one_line(arguments, message):
    finished = subprocess.run(
        [sys.executable, "-m", "experiments.real_features", *arguments],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
    assert finished.returncode == 2
    assert message in finished.stderr
    assert finished.stderr.count("\n") == 1
