"""The command line, as a user meets it.

Most runs happen in this process; start-up, pipes and signals are tested in one of their own.
"""

from __future__ import annotations

import errno
import json
import os
import re
import signal
import subprocess
import sys
import warnings
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import flint
import numpy as np
import pytest

from kdverify import certified, cli, theory
from kdverify.arithmetic import BALLS
from kdverify.commands import risk as risk_command
from kdverify.problem import Problem, Spectrum
from kdverify.report.figures import risk_figure, surrogate_figure
from kdverify.simulation import simulate
from kdverify.stages import two_stage_risk

ROOT = Path(__file__).resolve().parent.parent
FIGURE_1A = ["--alpha", "2", "--beta", "1.5", "-p", "500"]
ESCAPE = "\x1b["


@dataclass
class Finished:
    code: int
    out: str
    err: str


Command = Callable[..., Finished]


@pytest.fixture
def kdverify(tmp_path, capsys, monkeypatch) -> Command:
    """The command line in an empty folder, 80 columns wide, output piped."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("COLUMNS", "80")
    monkeypatch.setattr(warnings, "formatwarning", warnings.formatwarning)

    def run(*arguments: str) -> Finished:
        monkeypatch.setattr(sys, "argv", ["kdverify", *arguments])
        with pytest.raises(SystemExit) as stopped:
            cli.main()
        out, err = capsys.readouterr()
        return Finished(stopped.value.code, out, err)

    return run


def process(*arguments: str, **environment: str) -> Finished:
    finished = subprocess.run(
        [sys.executable, "-m", "kdverify", *arguments],
        capture_output=True,
        text=True,
        env=os.environ | {"COLUMNS": "80", "PYTHONPATH": str(ROOT)} | environment,
        timeout=300,
        check=False,
    )
    return Finished(finished.returncode, finished.stdout, finished.stderr)


@pytest.fixture
def document(kdverify) -> Callable[..., dict]:
    """The JSON document of a command."""

    def run(*arguments: str) -> dict:
        finished = kdverify(*arguments, "--json", "-")
        assert finished.code == 0, finished.err
        found = json.loads(finished.out, parse_constant=pytest.fail)
        assert found["schema"] == 1
        assert found["command"] == arguments[0]
        assert set(found) == {
            "schema", "command", "settings", "rows", "formula_version", "environment"
        }  # fmt: skip
        return found

    return run


# --------------------------------------------------------------------- risk


def test_risk_at_figure_1a(document):
    found = document("risk", *FIGURE_1A, "-n", "200")
    (row,) = found["rows"]
    assert row["n"] == 200
    assert f"{row['tau']:.10g}" == "3.973373216e-05"
    assert f"{row['omega']:.10g}" == "0.6129848549"
    assert f"{row['standard']:.10g}" == "0.1193669839"
    assert f"{row['optimal']:.10g}" == "0.08325095954"
    assert f"{row['masked']:.10g}" == "0.08966240321"
    assert (row["kept"], row["amplified"]) == (203, 126)
    assert found["settings"] == {
        "alpha": "2", "beta": "1.5", "p": 500, "spectrum": None, "n": ["200"],
        "noise_variance": "0", "ridge": "0", "digits": None,
    }  # fmt: skip


def test_the_table_says_what_the_document_says(kdverify):
    finished = kdverify("risk", *FIGURE_1A, "-n", "200", "--json", "r.json")
    (row,) = json.loads(Path("r.json").read_text())["rows"]
    (line,) = (line for line in finished.out.splitlines() if line.startswith("200 "))
    assert [float(cell) for cell in line.split()] == pytest.approx(
        [row[name] for name in risk_command.COLUMNS],
        rel=5e-6,  # six digits are shown
    )


def test_risk_with_certified_digits(document):
    arguments = ("--noise-variance", "0.1", "--ridge", "0.01", "--digits", "40")
    (row,) = document(
        "risk", "--alpha", "1.1", "--beta", "1.5", "-p", "60", "-n", "20.5", *arguments
    )["rows"]
    proof = certified.certificate(
        Problem.power_law(60, "1.1", "1.5"), "20.5", "0.1", "0.01", digits=60
    )
    assert row["n"] == 20.5
    assert isinstance(row["kept"], int)
    for name in ("tau", "omega", "standard", "optimal", "masked"):
        text = row[name]
        digits = text.split("e")[0].replace(".", "").lstrip("0")
        assert len(digits) == 40
        with BALLS.precision(60):
            assert abs(flint.arb(text) / getattr(proof, name) - 1) < flint.arb(10) ** -39


def test_tied_modes_are_counted_as_a_range(kdverify, document):
    # Equal eigenvalues: zeta = 1 - Omega for every mode, so that none is amplified or shrunk;
    # balls that are not exact cannot tell.
    arguments = ("risk", "--spectrum", "equal.csv", "-n", "2", "--digits", "20")
    Path("equal.csv").write_text("eigenvalues,beta_star\n" + "1,1\n" * 7)
    (row,) = document(*arguments)["rows"]
    assert row["amplified"] == "0-7"
    assert row["kept"] == 7  # zeta^2 = (5/7)^2 < 5/7 is decided
    assert "a range of modes: some are tied" in kdverify(*arguments).out


@pytest.mark.parametrize("digits", ["8", "12", "50"])
def test_no_number_is_torn_apart(kdverify, document, digits):
    arguments = ("risk", *FIGURE_1A, "-n", "200", "--digits", digits)
    (row,) = document(*arguments)["rows"]
    shown = kdverify(*arguments).out
    for name in ("tau", "omega", "standard", "optimal", "masked"):
        assert row[name] in shown


def test_sizes_in_all_notations(document):
    rows = document("risk", *FIGURE_1A, "-n", "50,100", "-n", "100:300:100", "-n", "10:40/3")[
        "rows"
    ]
    assert [row["n"] for row in rows] == [50, 100, 200, 300, 10, 20, 40]


def test_a_size_keeps_its_digits(kdverify):
    assert "\n20.123456789 " in kdverify("risk", *FIGURE_1A, "-n", "20.123456789").out


@pytest.mark.parametrize("digits", [[], ["--digits", "20"]])
def test_around_p_there_is_a_note_and_no_traceback(kdverify, document, digits):
    arguments = ("risk", "--alpha", "2", "--beta", "2", "-p", "8", "--noise-variance", "0.1")
    finished = kdverify(*arguments, "-n", "7,8,9,10", *digits)
    assert finished.code == 0
    assert finished.err == ""
    text = " ".join(finished.out.split())
    for n in (7, 8, 9):
        assert f"note: n={n} at p=8: the noise part of the risk has no finite mean" in text
    assert "n=10 at p=8" not in text
    assert "n >= p without ridge is ordinary least squares" in text
    rows = document(*arguments, "-n", "7,8,9,10", *digits)["rows"]
    for name in ("standard", "optimal", "masked"):
        assert [row[name] == "inf" for row in rows] == [False, True, True, False]
        assert float(rows[3][name]) == pytest.approx(0.1 * 8 / (10 - 8 - 1), rel=1e-14)


@pytest.mark.parametrize("digits", [[], ["--digits", "20"]])
def test_spectrum_without_signal(kdverify, document, digits):
    arguments = ("risk", "--alpha", "2", "-p", "50", "-n", "20", *digits)
    finished = kdverify(*arguments)
    assert finished.code == 0
    assert "standard" not in finished.out
    assert "no beta_star" in finished.out
    (row,) = document(*arguments)["rows"]
    assert [row[name] for name in ("standard", "optimal", "masked")] == [None] * 3
    margins = theory.gains(Spectrum.power_law(50, 2), 20) > 1
    mask = theory.optimal_mask(Spectrum.power_law(50, 2), 20)
    assert (row["kept"], row["amplified"]) == (mask.sum(), margins.sum())


@pytest.mark.parametrize("ending", ["npy", "npz", "csv"])
def test_spectrum_files(document, ending):
    problem = Problem.power_law(30, 2, 1.5)
    lam, beta = problem.spectrum.eigenvalues, problem.beta_star
    file = Path(f"s.{ending}")
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
        assert row["standard"] is None
    else:
        assert row["standard"] == pytest.approx(same["standard"], rel=1e-13)


# ---------------------------------------------------------------- surrogate


def test_surrogate(kdverify, document):
    (at,) = document("surrogate", *FIGURE_1A, "-n", "200")["rows"]
    assert (at["amplified"], at["kept"], len(at["modes"])) == (126, 203, 500)
    assert f"{at['omega']:.10g}" == "0.6129848549"
    for mode in (at["modes"][k] for k in (0, 125, 126, 202, 203, 499)):
        assert mode["amplified"] is (mode["mode"] <= 126)
        assert mode["kept"] is (mode["mode"] <= 203)
        assert mode["beta_opt"] == pytest.approx(mode["gain"] * mode["beta_star"], rel=1e-15)
        # the defining equation of zeta
        assert mode["zeta"] == pytest.approx(at["tau"] / (mode["lam"] + at["tau"]), rel=1e-14)
    shown = kdverify("surrogate", *FIGURE_1A, "-n", "200", "--modes", "2").out
    assert "126 modes amplified" in shown
    assert "203 of 500 kept by the mask" in shown
    first = [line.split()[0] for line in shown.splitlines()[3:]]
    assert first == ["1", "2", "…", "499", "500"]


def test_surrogate_shows_all_modes_on_request(kdverify):
    shown = kdverify("surrogate", *FIGURE_1A, "-n", "200", "--all").out
    assert len(shown.splitlines()) == 3 + 500


def test_surrogate_without_signal_and_at_several_n(kdverify, document):
    arguments = ("surrogate", "--alpha", "2", "-p", "50", "-n", "20,60")
    below, above = document(*arguments)["rows"]
    assert "beta_opt" not in below["modes"][0]
    mask = theory.optimal_mask(Spectrum.power_law(50, 2), 20)
    assert [mode["kept"] for mode in below["modes"]] == mask.tolist()
    assert (below["n"], below["kept"]) == (20, mask.sum())
    assert (above["n"], above["kept"], above["amplified"]) == (60, 50, 0)
    assert all(mode["gain"] == mode["improvement"] == 1 for mode in above["modes"])
    assert "n >= p: ordinary least squares" in kdverify(*arguments).out


def test_modes_keep_the_order_of_the_file(document):
    Path("s.csv").write_text("eigenvalues,beta_star\n1,10\n4,20\n2,30\n")
    (at,) = document("surrogate", "--spectrum", "s.csv", "-n", "2")["rows"]
    assert [(m["mode"], m["lam"], m["beta_star"]) for m in at["modes"]] == [
        (2, 4, 20), (3, 2, 30), (1, 1, 10)
    ]  # fmt: skip


def test_both_commands_count_the_same_amplified_modes(document):
    # At alpha = 12 the first gains exceed 1 by less than a rounding error.
    setting = ("--alpha", "12", "--beta", "1.5", "-p", "200", "-n", "50")
    (row,) = document("risk", *setting)["rows"]
    (at,) = document("surrogate", *setting)["rows"]
    (proof,) = document("risk", *setting, "--digits", "30")["rows"]
    assert at["modes"][0]["gain"] == 1
    assert row["amplified"] == at["amplified"] == proof["amplified"]
    assert row["kept"] == at["kept"] == proof["kept"]


# ------------------------------------------------------------------ figures


def test_figures_are_written_whole(kdverify):
    for command, name in (("risk", "r.png"), ("surrogate", "s.svg"), ("risk", "r.pdf")):
        finished = kdverify(command, *FIGURE_1A, "-n", "200", "--plot", name)
        assert finished.code == 0, finished.err
    assert Path("r.png").read_bytes().startswith(b"\x89PNG")
    assert Path("s.svg").read_text().rstrip().endswith("</svg>")
    assert Path("r.pdf").read_bytes().startswith(b"%PDF")
    assert sorted(os.listdir()) == ["r.pdf", "r.png", "s.svg"]


def lines_of(axes) -> dict[str, tuple[np.ndarray, np.ndarray]]:
    return {line.get_label(): line.get_data() for line in axes.get_lines()}


def test_figure_of_the_surrogate():
    problem = Problem.power_law(500, 2, 1.5)
    (axes,) = surrogate_figure(problem, 200, 0.0, "a title").axes
    lines = lines_of(axes)
    beta = np.abs(problem.beta_star)
    np.testing.assert_array_equal(lines["|β*|"][1], beta)
    np.testing.assert_array_equal(
        lines["|β| of the best surrogate"][1], theory.optimal_surrogate(problem, 200)
    )
    masked = lines["|β| of the best mask"][1]
    assert np.isnan(masked[203:]).all()
    np.testing.assert_array_equal(masked[:203], beta[:203])
    marks = [line.get_xdata()[0] for line in axes.get_lines()[3:]]
    assert marks == [126.5, 203.5]
    texts = [text.get_text() for text in axes.texts]
    assert texts == ["transition ζ = 1 − Ω: 126", "mask's cut ζ² = 1 − Ω: 203"]
    assert (axes.get_xscale(), axes.get_yscale()) == ("log", "log")
    assert (axes.get_xlabel(), axes.get_ylabel()) == (
        "mode i, by falling eigenvalue",
        "size of the coefficient",
    )
    assert axes.get_title() == "a title"


def test_figure_of_the_risk_breaks_where_the_risk_is_infinite():
    problem = Problem.power_law(8, 2, 2)
    with pytest.warns(theory.NoFiniteMeanWarning):
        curve = theory.curve(problem, [12, 4, 8], 0.1)
    (axes,) = risk_figure(curve, "a title").axes
    lines = lines_of(axes)
    assert list(lines) == ["strong labels (β*)", "best surrogate", "best mask"]
    for (n, values), risks in zip(
        lines.values(), (curve.standard, curve.optimal, curve.masked), strict=True
    ):
        np.testing.assert_array_equal(n, [4, 8, 12])
        np.testing.assert_array_equal(values, [risks[1], np.nan, risks[0]])
    styles = {(line.get_color(), line.get_linestyle()) for line in axes.get_lines()}
    assert len({color for color, _ in styles}) == len({style for _, style in styles}) == 3


# ------------------------------------------------------- simulation, sweeps


def test_simulate(document):
    setting = ("--alpha", "2", "--beta", "1.5", "-p", "60", "-n", "20", "--noise-variance", "0.1")
    found = document("simulate", *setting, "--trials", "50", "--seed", "3")
    problem = Problem.power_law(60, 2, 1.5)
    best = theory.optimal_surrogate(problem, 20)
    masked = problem.beta_star * theory.optimal_mask(problem, 20)
    measured = simulate(problem, 20, [None, best, masked], trials=50, seed=3, noise_variance=0.1)
    assert [row["labels"] for row in found["rows"]] == ["standard", "optimal", "masked"]
    assert [row["measured"] for row in found["rows"]] == measured.means.tolist()
    assert [row["predicted"] for row in found["rows"]] == [
        theory.risk(problem, 20, None, 0.1),
        theory.optimal_risk(problem, 20, 0.1),
        theory.masked_risk(problem, 20, None, 0.1),
    ]
    assert all(row["low"] < row["measured"] < row["high"] for row in found["rows"])


def test_sweep_is_resumed(kdverify):
    axes = ("-a", "p=40", "-a", "alpha=2", "-a", "beta=1.5", "-a", "n=10,20")
    arguments = ("sweep", "s.sqlite", *axes, "--trials", "50")
    first = kdverify(*arguments, "--csv", "s.csv")
    assert first.code == 0, first.err
    assert "100 trials: 0 reused, 100 new" in first.err
    second = kdverify(*arguments, "--csv", "t.csv", "--plot", "s.png")
    assert "100 trials: 100 reused, 0 new" in second.err
    assert Path("s.png").read_bytes().startswith(b"\x89PNG")
    assert Path("s.csv").read_text() == Path("t.csv").read_text()
    assert len(Path("s.csv").read_text().splitlines()) == 1 + 2 * 3
    Path("g.toml").write_text(
        "[grid]\np = 40\nalpha = 2\nbeta = 1.5\nn = [10, 20]\n[run]\ntrials = 50\n"
    )
    third = kdverify("sweep", "s.sqlite", "--grid", "g.toml")
    assert "100 trials: 100 reused, 0 new" in third.err


def test_two_stage_sweep(document):
    (row,) = document(
        "sweep", "s.sqlite", "-a", "p=40", "-a", "alpha=2", "-a", "beta=1.5", "-a", "n=10",
        "-a", "m=20", "-a", "source_alpha=1.5", "-a", "source_noise_variance=0.1", "--trials", "50",
    )["rows"]  # fmt: skip
    assert row["labels"] == "trained surrogate"
    assert row["predicted"] == two_stage_risk(
        Problem.power_law(40, 2, 1.5), Spectrum.power_law(40, "1.5"), 20, 10, 0.1
    )
    assert row["measured"] > 10 * row["standard_error"] > 0


# ----------------------------------------------------------- bad input, faults

BAD_FILES = {
    "bad.txt": "1",
    "empty.csv": "",
    "nan.csv": "1,nan,2",
    "zero.csv": "0\n1\n",
    "words.csv": "one,two",
    "ragged.csv": "1,2\n3\n",
    "short.csv": "eigenvalues,beta_star\n1,2\n3,nan\n",
    "broken.npy": "no array",
    "fine.csv": "2,1",
}
SMALL = ["risk", "--alpha", "2", "-p", "5"]


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ([*SMALL, "-n", "0"], "n=0 must be positive"),
        ([*SMALL, "-n", "-3"], "n=-3 must be positive"),
        ([*SMALL, "-n", "x"], "n='x' must be a decimal number"),
        ([*SMALL, "-n", "1,,2"], "n='' must be a decimal number"),
        ([*SMALL, "-n", "nan"], "n='nan' must be a decimal number"),
        ([*SMALL, "-n", "1e400"], "must be finite"),
        ([*SMALL, "-n", "9:1:2"], "must not stop before it starts"),
        ([*SMALL, "-n", "1:9"], "must read START:STOP:STEP"),
        ([*SMALL, "-n", "1:9:0"], "step=0 must be positive"),
        ([*SMALL, "-n", "1:9/1"], "count=1 must be at least 2"),
        ([*SMALL, "-n", "1:9/2.5"], "count=2.5 must be a whole number"),
        ([*SMALL, "-n", "1:9/1000000"], "must name at most 100000 sizes, not 1000000"),
        ([*SMALL, "-n", "1:9:0.00001"], "must name at most 100000 sizes"),
        ([*SMALL, "-n", "2", "--ridge", "1e400"], "ridge=1.* must be finite"),
        ([*SMALL, "-n", "2", "--ridge", "-1"], "ridge=-1 must not be negative"),
        ([*SMALL, "-n", "2", "--ridge", "small"], "ridge='small' must be a decimal number"),
        ([*SMALL, "-n", "2", "--plot", "x.png"], "must go with beta_star"),
        (["risk", "-n", "5"], "--alpha and -p must both be given"),
        (["risk", "--alpha", "2", "-n", "5"], "--alpha and -p must both be given"),
        (["risk", "--beta", "2", "-p", "5", "-n", "5"], "--alpha and -p must both be given"),
        (["risk", "--alpha", "two", "-p", "5", "-n", "2"], "alpha='two' must be a decimal number"),
        (["risk", "--alpha", "-1", "-p", "5", "-n", "2"], "alpha=-1 must be positive"),
        (["risk", "--alpha", "1e400", "-p", "5", "-n", "2"], "must be finite"),
        (["risk", "--alpha", "2", "-p", "0", "-n", "2"], "p=0 must be at least 1"),
        (["risk", "--alpha", "2", "-p", "1.5", "-n", "2"], "Invalid value for '-p'"),
        (["risk", "--spectrum", "none.csv", "-n", "2"], "must be an existing file"),
        (["risk", "--spectrum", ".", "-n", "2"], "must be an existing file"),
        (["risk", "--spectrum", "bad.txt", "-n", "2"], "must end in one of"),
        (["risk", "--spectrum", "empty.csv", "-n", "2"], "must not be empty"),
        (["risk", "--spectrum", "nan.csv", "-n", "2"], r"eigenvalues\[1\]=nan must be finite"),
        (["risk", "--spectrum", "zero.csv", "-n", "2"], r"eigenvalues\[0\]=0 must be positive"),
        (["risk", "--spectrum", "words.csv", "-n", "2"], "must hold numbers"),
        (["risk", "--spectrum", "ragged.csv", "-n", "2"], "same number of cells in every row"),
        (["risk", "--spectrum", "short.csv", "-n", "2"], r"beta_star\[1\]=nan must be finite"),
        (["risk", "--spectrum", "broken.npy", "-n", "2"], "must be a NumPy file"),
        (
            ["risk", "--spectrum", "fine.csv", "--alpha", "2", "-n", "2"],
            "must stand without --alpha",
        ),
        (["risk", *FIGURE_1A, "-n", "5", "--noise-variance", "-1"], "must not be negative"),
        (["risk", *FIGURE_1A, "-n", "5", "--digits", "0"], "digits=0 must be at least 1"),
        (["risk", *FIGURE_1A, "-n", "5", "--digits", "ten"], "Invalid value for '--digits'"),
        (["risk", *FIGURE_1A, "-n", "5", "--plot", "x.gif"], "must end in one of .png"),
        (["risk", *FIGURE_1A, "-n", "5", "--plot", "no/x.png"], "must lie in an existing folder"),
        (["risk", *FIGURE_1A, "-n", "5", "--json", "."], "json='.' must be a file, not a folder"),
        (
            ["risk", *FIGURE_1A, "-n", "5", "--json", "words.csv/x"],
            "must lie in a folder that can be written to",
        ),
        (["surrogate", *FIGURE_1A, "-n", "5,6", "--plot", "x.png"], "must go with one n"),
        (["surrogate", *FIGURE_1A, "-n", "5", "--modes", "0"], "modes=0 must be at least 1"),
        (["surrogate", *FIGURE_1A, "-n", "5", "--ridge", "-1"], "ridge=-1 must not be negative"),
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
        (["sweep", "s.sqlite", "-a", "p=9", "--csv", "."], "csv='.' must be a file"),
        (["figure", "nine"], "figure='nine' must be one of"),
        (["verify", "nowhere"], "must be a folder or a Python file"),
        (["verify", "-k", "no-such-claim"], "must match at least one claim"),
        (["verify", "--level", "medium"], "level='medium' must be one of"),
        (["verify", "--json", "."], "json='.' must be a file"),
        (["nothing"], "No such command"),
        (["risk", "--frobnicate"], "No such option"),
        (["risk", *FIGURE_1A], "Missing option"),
    ],
)
def test_bad_input(kdverify, arguments, message):
    for name, text in BAD_FILES.items():
        Path(name).write_text(text)
    finished = kdverify(*arguments)
    assert finished.code == 2
    assert re.search(message, " ".join(finished.err.split()))
    assert "Traceback" not in finished.err
    assert finished.out == ""
    assert {name: Path(name).read_text() for name in BAD_FILES} == BAD_FILES
    assert set(os.listdir()) <= BAD_FILES.keys() | {"s.sqlite"}


def test_an_error_is_one_line_that_says_what_to_do(kdverify):
    finished = kdverify(*SMALL, "-n", "0")
    assert finished.err == "kdverify: error: n=0 must be positive\n"


def test_verbose_adds_the_traceback_and_keeps_the_code(kdverify):
    finished = kdverify("-v", *SMALL, "-n", "0")
    assert finished.code == 2
    assert finished.err.startswith("Traceback")
    assert finished.err.endswith("kdverify: error: n=0 must be positive\n")


@pytest.mark.parametrize(
    ("fault", "code", "message"),
    [
        (RuntimeError("two\nlines"), 70, "internal error: two lines (run again as kdverify -v ..."),
        (RuntimeError(), 70, "internal error: RuntimeError"),
        (OSError(errno.ENOSPC, "No space left on device", "r.json"), 2, "error: [Errno 28] No"),
        (MemoryError("Unable to allocate 8 TiB"), 2, "error: Unable to allocate 8 TiB"),
        (KeyboardInterrupt(), 130, "interrupted"),
    ],
)
def test_faults(kdverify, monkeypatch, fault, code, message):
    def fails(*_):
        raise fault

    monkeypatch.setattr(risk_command, "run", fails)
    finished = kdverify(*SMALL, "-n", "2")
    assert finished.code == code
    assert finished.err.startswith(f"kdverify: {message}")
    assert len(finished.err.splitlines()) == 1


def test_verbose_shows_where_an_internal_error_comes_from(kdverify, monkeypatch):
    monkeypatch.setattr(risk_command, "run", lambda *_: 1 // 0)
    finished = kdverify("-v", *SMALL, "-n", "2")
    assert finished.code == 70
    assert "Traceback" in finished.err
    assert finished.err.endswith("internal error: integer division or modulo by zero\n")


# ------------------------------------------------------------------- verify


@pytest.fixture
def claims() -> str:
    return str(Path(__file__).parent / "claims_sample")


def test_verify_selects_and_reports(kdverify, claims):
    finished = kdverify("verify", claims, "-k", "ratio", "--json", "v.json", "-j", "1")
    assert finished.code == 0, finished.err
    found = json.loads(Path("v.json").read_text())["claims"]
    assert [(claim["id"], claim["verdict"]) for claim in found] == [
        ("1.ratio", "proved"),
        ("1.false-reading", "refuted"),  # as its ledger expects
    ]
    assert "1.ratio" in finished.out
    assert ESCAPE not in finished.out


def test_verify_hands_its_options_on(kdverify, monkeypatch):
    seen = []

    def noted(paths, level, select, json_path, jobs, require_all, smt_dir, console):
        seen.append((paths, level, select, json_path, jobs, require_all, smt_dir, console.stderr))
        return 3

    monkeypatch.setattr("kdverify.verify.main_verify", noted)
    options = ["--level", "full", "-k", "3.", "--json", "-", "-j", "2", "--require-all"]
    assert kdverify("verify", "a", "b", *options, "--smt-dir", "smt").code == 3
    assert kdverify("verify").code == 3
    assert seen == [
        (["a", "b"], "full", "3.", "-", 2, True, "smt", True),
        ((), "quick", None, None, None, False, None, False),
    ]


# ----------------------------------------------------------- what it looks like


def test_quiet_leaves_documents_and_errors(kdverify):
    finished = kdverify("-q", "risk", *FIGURE_1A, "-n", "200", "--json", "r.json")
    assert (finished.code, finished.out, finished.err) == (0, "", "")
    assert json.loads(Path("r.json").read_text())["rows"][0]["kept"] == 203
    finished = kdverify("-q", "risk", *FIGURE_1A, "-n", "0")
    assert finished.err == "kdverify: error: n=0 must be positive\n"
    assert "203" in kdverify("risk", *FIGURE_1A, "-n", "200").out


@pytest.mark.parametrize("columns", ["30", "80", "200"])
def test_tables_fit_the_terminal(kdverify, monkeypatch, columns):
    monkeypatch.setenv("COLUMNS", columns)
    for command in ("risk", "surrogate"):
        shown = kdverify(command, *FIGURE_1A, "-n", "50,499").out
        assert max(len(line) for line in shown.splitlines()) <= int(columns)
        assert ("\n  Ω" in shown or "\n  ζ" in shown) is (columns == "30")  # blocks, not columns
        for number in ("0.267864", "2.40145e-08") if command == "risk" else ("0.005968", "0.9921"):
            assert number in shown


def test_blocks_begin_where_columns_no_longer_fit(kdverify, monkeypatch):
    monkeypatch.setenv("COLUMNS", "200")
    needed = len(kdverify("risk", *FIGURE_1A, "-n", "50").out.splitlines()[-1])
    for columns, in_blocks in ((needed, False), (needed - 1, True)):
        monkeypatch.setenv("COLUMNS", str(columns))
        shown = kdverify("risk", *FIGURE_1A, "-n", "50").out
        assert ("n = 50" in shown) is in_blocks


def test_help_fits_into_80_columns_and_has_an_example(kdverify):
    listed = kdverify("--help").out
    commands = re.findall(r"^  (\w+)", listed.split("Commands:")[1], flags=re.MULTILINE)
    assert {"verify", "risk", "surrogate", "simulate", "sweep"} <= set(commands)
    assert "..." not in listed.split("Commands:")[1]
    for command in commands:
        text = kdverify(command, "--help").out
        assert "Example: kdverify " + command in text
        assert max(len(line) for line in text.splitlines()) <= 80


def test_names_of_files_are_shown_as_they_are(kdverify):
    Path("[bold]:smile:.csv").write_text("2,1")
    shown = kdverify("risk", "--spectrum", "[bold]:smile:.csv", "-n", "1").out
    assert shown.startswith("[bold]:smile:.csv, p=2")


# ------------------------------------------------------ in a process of its own


def test_as_a_module_piped_without_colour():
    for arguments in (["risk", *FIGURE_1A, "-n", "50,200"], ["risk", "--help"]):
        finished = process(*arguments)
        assert finished.code == 0
        assert ESCAPE not in finished.out + finished.err
        assert max(len(line) for line in finished.out.splitlines()) <= 80


@pytest.mark.parametrize("no_colour", [True, False])
def test_no_colour_is_honoured_on_a_terminal(no_colour):
    """FORCE_COLOR makes rich take the pipe for a terminal."""
    environment = {"FORCE_COLOR": "1", "TERM": "xterm-256color"}
    environment |= {"NO_COLOR": "1"} if no_colour else {"NO_COLOR": ""}
    shown = process("risk", *FIGURE_1A, "-n", "50", **environment).out
    colours = re.findall(r"\x1b\[[0-9;]*(?:3[0-7]|38;)[0-9;]*m", shown)
    assert colours == []  # these tables have no colour at all: bold headings at most
    assert "0.517431" in shown


SURROGATE = ("surrogate", "--alpha", "2", "-p", "9", "-n", "4")


@pytest.mark.parametrize("ending", ["--all", "--json -"])
def test_a_closed_pipe_gives_neither_a_verdict_nor_a_trace(ending):
    running = subprocess.Popen(
        [sys.executable, "-m", "kdverify", *SURROGATE, *ending.split()],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        env=os.environ | {"PYTHONPATH": str(ROOT)},
    )
    assert running.stdout is not None
    running.stdout.close()
    _, err = running.communicate(timeout=60)
    assert running.returncode == 128 + signal.SIGPIPE
    assert "Error" not in err


def test_version_names_the_solvers(kdverify):
    text = kdverify("--version").out
    for name in (
        "kdverify", "python", "numpy", "scipy", "sympy", "mpmath", "python-flint", "z3-solver",
        "cvc5",
    ):  # fmt: skip
        assert re.search(rf"^{name} \d", text, flags=re.MULTILINE)


LOADED = "import sys\n{}\nprint(*sorted({{m.split('.')[0] for m in sys.modules}}))"
RUN = """
from kdverify import cli
sys.argv = ["kdverify", {argument!r}]
try:
    cli.main()
except SystemExit:
    pass
"""
HEAVY = {
    "numpy", "scipy", "sympy", "mpmath", "flint", "z3", "cvc5", "matplotlib", "joblib", "torch",
}  # fmt: skip


@pytest.mark.parametrize(
    ("code", "forbidden"),
    [
        (RUN.format(argument="--help"), HEAVY | {"rich"}),
        (RUN.format(argument="--version"), HEAVY | {"rich"}),
        ("import kdverify.verify", HEAVY - {"numpy"}),
    ],
    ids=["help", "version", "verify"],
)
def test_start_up_imports(code, forbidden):
    assert not forbidden & loaded(code)


def test_the_package_itself_needs_the_standard_library_only():
    assert loaded("import kdverify") - loaded("pass") <= sys.stdlib_module_names | {"kdverify"}


def loaded(code: str) -> set[str]:
    """Names of the top-level modules that are there after ``code``."""
    finished = subprocess.run(
        [sys.executable, "-c", LOADED.format(code)],
        capture_output=True,
        text=True,
        check=True,
    )
    return set(finished.stdout.splitlines()[-1].split())
