"""The command line, as a user meets it."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from pathlib import Path

import flint
import numpy as np
import pytest

from kdverify import certified
from kdverify.arithmetic import BALLS
from kdverify.problem import Problem

ROOT = Path(__file__).resolve().parent.parent
FIGURE_1A = ["--alpha", "2", "--beta", "1.5", "-p", "500"]
ESCAPE = "\x1b["


def kdverify(*arguments: str, cwd: Path | None = None, **environment: str):
    return subprocess.run(
        [sys.executable, "-m", "kdverify", *arguments],
        capture_output=True,
        text=True,
        cwd=cwd,
        env=os.environ | {"COLUMNS": "80", "PYTHONPATH": str(ROOT)} | environment,
        timeout=300,
        check=False,
    )


def document(*arguments: str, cwd: Path | None = None) -> dict:
    finished = kdverify(*arguments, "--json", "-", cwd=cwd)
    assert finished.returncode == 0, finished.stderr
    found = json.loads(finished.stdout)
    assert found["schema"] == 1
    assert found["command"] == arguments[0]
    assert set(found) == {
        "schema", "command", "settings", "rows", "formula_version", "environment"
    }  # fmt: skip
    return found


def test_risk_at_figure_1a():
    (row,) = document("risk", *FIGURE_1A, "-n", "200")["rows"]
    assert row["n"] == "200"
    assert f"{row['tau']:.10g}" == "3.973373216e-05"
    assert f"{row['standard']:.10g}" == "0.1193669839"
    assert f"{row['optimal']:.10g}" == "0.08325095954"
    assert f"{row['masked']:.10g}" == "0.08966240321"
    assert (row["kept"], row["amplified"]) == (203, 126)


def test_risk_with_certified_digits():
    arguments = ("--noise-variance", "0.1", "--ridge", "0.01", "--digits", "40")
    (row,) = document(
        "risk", "--alpha", "1.1", "--beta", "1.5", "-p", "60", "-n", "20.5", *arguments
    )["rows"]
    proof = certified.certificate(
        Problem.power_law(60, "1.1", "1.5"), "20.5", "0.1", "0.01", digits=60
    )
    for name in ("tau", "omega", "standard", "optimal", "masked"):
        text = row[name]
        digits = text.split("e")[0].replace(".", "").lstrip("0")
        assert len(digits) == 40
        with BALLS.precision(60):
            assert abs(flint.arb(text) / getattr(proof, name) - 1) < flint.arb(10) ** -39


def test_sizes_in_all_notations():
    rows = document("risk", *FIGURE_1A, "-n", "50,100", "-n", "100:300:100", "-n", "10:40/3")[
        "rows"
    ]
    assert [row["n"] for row in rows] == ["50", "100", "200", "300", "10", "20", "40"]


def test_around_p_there_is_a_note_and_no_traceback():
    finished = kdverify(
        "risk", "--alpha", "2", "--beta", "2", "-p", "8", "-n", "7,8,9", "--noise-variance", "0.1"
    )
    assert finished.returncode == 0
    assert "note: n=8 at p=8: the noise part of the risk has no finite mean" in " ".join(
        finished.stdout.split()
    )
    assert "inf" in finished.stdout
    assert finished.stderr == ""


def test_spectrum_without_signal():
    finished = kdverify("risk", "--alpha", "2", "-p", "50", "-n", "20")
    assert finished.returncode == 0
    assert "standard" not in finished.stdout
    assert "no beta_star" in finished.stdout


@pytest.mark.parametrize("ending", ["npy", "npz", "csv"])
def test_spectrum_files(tmp_path, ending):
    problem = Problem.power_law(30, 2, 1.5)
    lam, beta = problem.spectrum.eigenvalues, problem.beta_star
    file = tmp_path / f"s.{ending}"
    if ending == "npy":
        np.save(file, lam)
    elif ending == "npz":
        np.savez(file, eigenvalues=lam, beta_star=beta)
    else:
        lines = [f"{float(a)!r},{float(b)!r}" for a, b in zip(lam, beta, strict=True)]
        file.write_text("\n".join(["eigenvalues,beta_star", *lines]))
    (row,) = document("risk", "--spectrum", str(file), "-n", "12")["rows"]
    (same,) = document("risk", "--alpha", "2", "--beta", "1.5", "-p", "30", "-n", "12")["rows"]
    assert row["tau"] == pytest.approx(same["tau"], rel=1e-14)
    if ending == "npy":
        assert row["standard"] == "nan"
    else:
        assert row["standard"] == pytest.approx(same["standard"], rel=1e-13)


def test_surrogate():
    found = document("surrogate", *FIGURE_1A, "-n", "200")
    (at,) = found["rows"]
    assert (at["amplified"], at["kept"], len(at["modes"])) == (126, 203, 500)
    mode = at["modes"][299]
    assert mode["mode"] == 300
    assert mode["beta_opt"] == pytest.approx(mode["gain"] * mode["beta_star"], rel=1e-15)
    shown = kdverify("surrogate", *FIGURE_1A, "-n", "200", "--modes", "2").stdout
    assert "126 modes amplified" in " ".join(shown.split())
    assert (
        len([line for line in shown.splitlines() if line.strip().startswith(("1 ", "500 "))]) == 2
    )


def test_figures(tmp_path):
    for command, name in (("risk", "r.png"), ("surrogate", "s.svg")):
        finished = kdverify(command, *FIGURE_1A, "-n", "200", "--plot", name, cwd=tmp_path)
        assert finished.returncode == 0, finished.stderr
    assert (tmp_path / "r.png").read_bytes().startswith(b"\x89PNG")
    assert (
        "transition" in (tmp_path / "s.svg").read_text()
        or (tmp_path / "s.svg").stat().st_size > 10_000
    )
    assert sorted(f.name for f in tmp_path.iterdir()) == ["r.png", "s.svg"]


def test_simulate():
    found = document("simulate", *FIGURE_1A[:4], "-p", "60", "-n", "20", "--trials", "50")
    assert [row["labels"] for row in found["rows"]] == ["standard", "optimal", "masked"]
    for row in found["rows"]:
        assert row["low"] < row["measured"] < row["high"]
        # finite-size bias and 50 trials: within a fifth of the prediction at n = 20
        assert abs(row["measured"] / row["predicted"] - 1) < 0.2


def test_sweep_is_resumed(tmp_path):
    arguments = (
        "sweep",
        "s.sqlite",
        "-a",
        "p=40",
        "-a",
        "alpha=2",
        "-a",
        "beta=1.5",
        "-a",
        "n=10,20",
    )
    first = kdverify(*arguments, "--trials", "50", "--csv", "s.csv", cwd=tmp_path)
    assert first.returncode == 0, first.stderr
    assert "100 trials: 0 reused, 100 new" in first.stderr
    second = kdverify(
        *arguments, "--trials", "50", "--csv", "t.csv", "--plot", "s.png", cwd=tmp_path
    )
    assert "100 trials: 100 reused, 0 new" in second.stderr
    assert (tmp_path / "s.csv").read_text() == (tmp_path / "t.csv").read_text()
    assert len((tmp_path / "s.csv").read_text().splitlines()) == 1 + 2 * 3
    (tmp_path / "g.toml").write_text(
        "[grid]\np = 40\nalpha = 2\nbeta = 1.5\nn = [10, 20]\n[run]\ntrials = 50\n"
    )
    third = kdverify("sweep", "s.sqlite", "--grid", "g.toml", cwd=tmp_path)
    assert "100 trials: 100 reused, 0 new" in third.stderr


def test_two_stage_sweep(tmp_path):
    finished = document(
        "sweep", "s.sqlite", "-a", "p=40", "-a", "alpha=2", "-a", "beta=1.5", "-a", "n=10",
        "-a", "m=20", "-a", "source_alpha=1.5", "-a", "source_noise_variance=0.1", "--trials", "50",
        cwd=tmp_path,
    )  # fmt: skip
    (row,) = finished["rows"]
    assert row["labels"] == "trained surrogate"
    assert abs(row["measured"] / row["predicted"] - 1) < 0.3


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["risk", "--alpha", "2", "-p", "5", "-n", "0"], "n=0 must be positive"),
        (["risk", "--alpha", "2", "-p", "5", "-n", "x"], "n='x' must be a decimal number"),
        (["risk", "--alpha", "2", "-p", "5", "-n", "9:1:2"], "must not stop before it starts"),
        (["risk", "--alpha", "2", "-p", "5", "-n", "1:9"], "must read START:STOP:STEP"),
        (["risk", "-n", "5"], "--alpha and -p must both be given"),
        (["risk", "--alpha", "2", "-n", "5"], "--alpha and -p must both be given"),
        (["risk", "--alpha", "two", "-p", "5", "-n", "2"], "alpha='two' must be a decimal number"),
        (["risk", "--alpha", "-1", "-p", "5", "-n", "2"], "alpha=-1 must be positive"),
        (["risk", "--alpha", "2", "-p", "0", "-n", "2"], "p=0 must be at least 1"),
        (["risk", "--spectrum", "none.csv", "-n", "2"], "must be an existing file"),
        (["risk", "--spectrum", "bad.txt", "-n", "2"], "must end in one of"),
        (["risk", "--spectrum", "empty.csv", "-n", "2"], "must not be empty"),
        (["risk", "--spectrum", "nan.csv", "-n", "2"], r"eigenvalues\[1\]=nan must be finite"),
        (["risk", "--spectrum", "zero.csv", "-n", "2"], r"eigenvalues\[0\]=0 must be positive"),
        (["risk", "--spectrum", "words.csv", "-n", "2"], "must hold numbers"),
        (
            ["risk", "--spectrum", "fine.csv", "--alpha", "2", "-n", "2"],
            "must stand without --alpha",
        ),
        (["risk", *FIGURE_1A, "-n", "5", "--noise-variance", "-1"], "must not be negative"),
        (["risk", *FIGURE_1A, "-n", "5", "--digits", "0"], "digits=0 must be at least 1"),
        (["risk", *FIGURE_1A, "-n", "5", "--plot", "x.gif"], "must end in one of .png"),
        (["surrogate", *FIGURE_1A, "-n", "5,6", "--plot", "x.png"], "must go with one n"),
        (
            ["simulate", *FIGURE_1A, "-n", "5", "--design", "cauchy"],
            "design='cauchy' must be one of",
        ),
        (["simulate", *FIGURE_1A, "-n", "5", "--trials", "1"], "trials=1 must be at least 2"),
        (["simulate", "--alpha", "2", "-p", "9", "-n", "5"], "beta_star must be there"),
        (["sweep", "s.sqlite", "-a", "p"], "must read NAME=VALUE"),
        (["sweep", "s.sqlite", "-a", "p=9"], "must be given"),
        (
            ["sweep", "words.csv", *["-a", "p=9", "-a", "alpha=2", "-a", "beta=2", "-a", "n=3"]],
            "left untouched",
        ),
        (["verify", "nowhere"], "must be a folder or a Python file"),
        (["verify", "-k", "no-such-claim"], "must match at least one claim"),
        (["verify", "--level", "medium"], "level='medium' must be one of"),
        (["nothing"], "No such command"),
        (["risk", "--frobnicate"], "No such option"),
        (["risk", *FIGURE_1A], "Missing option"),
    ],
)
def test_bad_input(tmp_path, arguments, message):
    files = {
        "bad.txt": "1",
        "empty.csv": "",
        "nan.csv": "1,nan,2",
        "zero.csv": "0\n1\n",
        "words.csv": "one,two",
        "fine.csv": "2,1",
    }
    for name, text in files.items():
        (tmp_path / name).write_text(text)
    finished = kdverify(*arguments, cwd=tmp_path)
    assert finished.returncode == 2
    assert re.search(message, " ".join(finished.stderr.split()))
    assert "Traceback" not in finished.stderr
    assert finished.stdout == ""
    assert (tmp_path / "words.csv").read_text() == "one,two"


def test_verify_selects_and_reports(tmp_path):
    finished = kdverify("verify", "-k", "1.slope", "--json", "v.json", "-j", "1", cwd=tmp_path)
    assert finished.returncode == 0
    (claim,) = json.loads((tmp_path / "v.json").read_text())["claims"]
    assert (claim["id"], claim["verdict"]) == ("1.slope", "proved")
    assert all(control["verdict"] == "rejected" for control in claim["controls"])


def test_plain_text_when_piped_and_narrow():
    for arguments in (["risk", *FIGURE_1A, "-n", "50,200"], ["--help"], ["risk", "--help"]):
        finished = kdverify(*arguments)
        assert ESCAPE not in finished.stdout
        assert max(len(line) for line in finished.stdout.splitlines()) <= 80


def test_every_command_has_an_example():
    listed = kdverify("--help").stdout.split("Commands:")[1]
    commands = re.findall(r"^  (\w+)", listed, flags=re.MULTILINE)
    assert {"verify", "risk", "surrogate", "simulate", "sweep"} <= set(commands)
    for command in commands:
        assert "Example: kdverify " + command in kdverify(command, "--help").stdout


def test_version_names_the_solvers():
    text = kdverify("--version").stdout
    for name in (
        "kdverify",
        "python",
        "numpy",
        "sympy",
        "mpmath",
        "python-flint",
        "z3-solver",
        "cvc5",
    ):
        assert re.search(rf"^{name} \d", text, flags=re.MULTILINE)


LOADED = "import sys; {}; print(' '.join(sorted(m for m in sys.modules if '.' not in m)))"
HEAVY = {
    "numpy",
    "scipy",
    "sympy",
    "mpmath",
    "flint",
    "z3",
    "cvc5",
    "matplotlib",
    "joblib",
    "torch",
}


@pytest.mark.parametrize(
    ("code", "forbidden"),
    [
        ("import kdverify", HEAVY | {"typer", "rich"}),
        ("import kdverify.cli", HEAVY),
        ("import kdverify.verify", HEAVY - {"numpy"}),
    ],
)
def test_start_up_imports(code, forbidden):
    finished = subprocess.run(
        [sys.executable, "-c", LOADED.format(code)], capture_output=True, text=True, check=True
    )
    assert not forbidden & set(finished.stdout.split())
