"""The command line turns bad input away: exit code, one line, nothing written."""

from __future__ import annotations

import errno
import os
import re
from pathlib import Path

import pytest
from command_line import FIGURE_1A

from kdverify.commands import risk as risk_command

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
MIX = ["mix", *SMALL[1:], "--beta", "2", "--real", "5", "--pseudo", "5", "-m", "5"]


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ([*SMALL, "-n", "0"], "n=0 must be positive"),
        ([*SMALL, "-n", "-3"], "n=-3 must be positive"),
        ([*SMALL, "-n", "x"], "n='x' must be a decimal number"),
        ([*SMALL, "-n=5"], "n='=5' must stand without = after -n"),
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
        (["risk", "--alpha", "2", "-p", "1.5", "-n", "2"], "p=1.5 must be a whole number"),
        (["risk", "--spectrum", "none.csv", "-n", "2"], "must be an existing file"),
        (["risk", "--spectrum", ".", "-n", "2"], "must be a file, not a folder"),
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
        (
            ["risk", *FIGURE_1A, "-n", "5", "--ridge", "1", "--ridge", "2"],
            "--ridge must be given once",
        ),
        (["features", "x.csv", "--label-column", "a", "--label-column", "b"], "must be given once"),
        (["features", "x.npy", "--repetitions", "1"], "repetitions=1 must be at least 2"),
        (["features", "x.npy", "--jackknife", "1"], "jackknife=1 must be at least 2"),
        (["labels", "x.csv", "--intercept", "--no-intercept"], "intercept must be given once"),
        *(
            (
                [*SMALL, "--beta", "2", "-n", "3", "-m", "3", f"--{name.replace('_', '-')}", "-1"],
                f"{name}=-1 must",
            )
            for name in (
                "noise_variance",
                "ridge",
                "source_noise_variance",
                "source_ridge",
                "source_alpha",
            )
        ),
        *(
            ([*MIX, f"--{name.replace('_', '-')}", "-1"], f"{name}=-1 must")
            for name in (
                "noise_variance",
                "ridge",
                "source_noise_variance",
                "source_ridge",
                "pseudo_noise_variance",
            )
        ),
        (["verify", "-j", "1", "--jobs", "2"], "--jobs must be given once"),
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
        (
            ["simulate", *FIGURE_1A, "-n", "5", "--backend", "abacus"],
            "backend='abacus' must be one of",
        ),
        (["risk", *FIGURE_1A, "-n", "5", "-m", "9", "--digits", "9"], "-m must go without"),
        (["risk", "--alpha", "2", "-p", "9", "-n", "5", "-m", "9"], "beta_star must be there"),
        ([*SMALL, "-n", "5", "--features", "9x"], "features='' must be a decimal number"),
        ([*SMALL, "-n", "5", "--features", "9x0"], "features=0 must be positive"),
        ([*SMALL, "-n", "3", "--features", "9x3"], "features=3 must differ from n=3"),
        (
            ["risk", *FIGURE_1A, "-n", "5", "-m", "8", "--features", "9x7"],
            "--features of several layers must go without",
        ),
        (["scaling", "--alpha", "2", "--beta", "2", "--digits", "0"], "digits=0 must be at"),
        (["risk", "--alpha", "2", "-p", "1e14", "-n", "5"], "must be at most 1000000000"),
        (["scaling", "--alpha", "1", "--beta", "2"], "alpha='1' must be above 1"),
        (
            ["figure", "figure_9z"],
            "figure='figure_9z' must be one of",
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
    assert finished.err.startswith("kdverify: error: ")
    assert finished.err.count("\n") == 1
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

    monkeypatch.setattr(risk_command, "_on_inputs", fails)
    finished = kdverify(*SMALL, "-n", "2")
    assert finished.code == code
    assert finished.err.startswith(f"kdverify: {message}")
    assert len(finished.err.splitlines()) == 1


def test_verbose_shows_where_an_internal_error_comes_from(kdverify, monkeypatch):
    monkeypatch.setattr(risk_command, "_on_inputs", lambda *_: 1 // 0)
    finished = kdverify("-v", *SMALL, "-n", "2")
    assert finished.code == 70
    assert "Traceback" in finished.err
    assert finished.err.endswith("internal error: integer division or modulo by zero\n")


@pytest.mark.parametrize("n", ["20", "20.0", "2e1"])
@pytest.mark.parametrize("p", ["50", "50.0", "5e1"])
def test_whole_numbers_may_be_written_in_any_way(document, n, p):
    given = ("--alpha", "2", "--beta", "1.5", "-p", p, "-n", n)
    for command in (("risk",), ("surrogate",), ("simulate", "--trials", "2")):
        found = document(*command, *given)
        assert found["rows"] == document(*command, *given[:-3], "50", "-n", "20")["rows"]


@pytest.mark.parametrize("count", ["2", "2.0", "2e0", "20e-1"])
def test_whole_numbers_of_every_option_may_be(document, count):
    plain = document(
        "simulate", *SMALL[1:], "--beta", "2", "-n", "2", "--trials", "2", "--seed", "2"
    )
    found = document(
        "simulate", *SMALL[1:], "--beta", "2", "-n", "2", "--trials", count, "--seed", count
    )
    assert found["rows"] == plain["rows"]
    assert found["settings"] == plain["settings"]


@pytest.mark.parametrize("count", ["2.5", "two", "", "1e99999", "nan"])
def test_what_is_no_whole_number(kdverify, count):
    finished = kdverify("simulate", *SMALL[1:], "--beta", "2", "-n", "2", "--trials", count)
    assert (finished.code, finished.out) == (2, "")
    assert f"'--trials': {count!r} must be a whole number (see " in finished.err


SHARES = [
    (["scaling", "--alpha", "2", "--beta", "1.5", "-n", "0.1"], "n=0.1"),
    ([*SMALL, "--beta", "2", "-n", "2", "-m", "0.1"], "m=0.1"),
    (["mix", *SMALL[1:], "--beta", "2", "--real", "5", "--pseudo", "9", "-m", "0.5"], "m=0.5"),
    (["mix", *SMALL[1:], "--beta", "2", "--real", "0.5", "--pseudo", "9", "-m", "5"], "real=0.5"),
    (["mix", *SMALL[1:], "--beta", "2", "--real", "5", "--pseudo", "0.5", "-m", "5"], "pseudo=0.5"),
]


@pytest.mark.parametrize(("arguments", "what"), SHARES)
def test_no_number_of_samples_is_a_share(kdverify, arguments, what):
    """It is told before anything is printed."""
    finished = kdverify(*arguments)
    assert (finished.code, finished.out) == (2, "")
    assert f"{what} must be at least 1: a number of samples, not a share" in finished.err


def test_the_scaling_law_alone_needs_no_n(document):
    assert len(document("scaling", "--alpha", "2", "--beta", "1.5")["rows"]) == 1
