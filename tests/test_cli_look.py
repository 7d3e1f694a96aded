"""Verify, what the command line looks like, and a process of its own for start-up and signals."""

from __future__ import annotations

import json
import os
import re
import signal
import subprocess
import sys
from pathlib import Path

import pytest
from command_line import ESCAPE, FIGURE_1A, HANGS, ROOT, process

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

    def noted(paths, level, select, json_path, jobs, require_all, smt_dir, console, html_path):
        options = (level, select, json_path, jobs, require_all, smt_dir, html_path)
        seen.append((paths, options, console.stderr))
        return 3

    monkeypatch.setattr("kdverify.verify.main_verify", noted)
    options = ["--level", "full", "-k", "3.", "--json", "-", "-j", "2", "--require-all"]
    options += ["--smt-dir", "smt", "--html", "v.html"]
    assert kdverify("verify", "a", "b", *options).code == 3
    assert kdverify("verify").code == 3
    assert seen == [
        (["a", "b"], ("full", ["3."], "-", 2, True, "smt", "v.html"), True),
        ((), ("quick", None, None, None, False, None, None), False),
    ]


# ----------------------------------------------------------- what it looks like

SMALL_LAW = ("--alpha", "2", "--beta", "1.5", "-p", "40")


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
    needed = max(map(len, kdverify("risk", *FIGURE_1A, "-n", "50").out.splitlines()[1:4]))
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


AXES = ("-a", "p=40", "-a", "alpha=2", "-a", "beta=1.25,1.5", "-a", "n=10,20")
TABLES = {
    "verify": ("verify", str(Path(__file__).parent / "claims_sample"), "-j", "1"),
    "risk": ("risk", *FIGURE_1A, "-n", "50,499"),
    "two stages": ("risk", "--alpha", "2", "--beta", "1.5", "-p", "40", "-n", "10", "-m", "20"),
    "scaling": ("scaling", "--alpha", "1.5", "--beta", "2,5", "-n", "1000"),
    "simulate": ("simulate", *SMALL_LAW, "-n", "10", "--trials", "20"),
    "sweep": ("sweep", "s.sqlite", *AXES, "--trials", "20"),
}


@pytest.mark.parametrize("arguments", TABLES.values(), ids=TABLES)
def test_tables_are_readable_at_80_columns_without_colour(kdverify, arguments):
    finished = kdverify(*arguments)
    assert finished.code == 0, finished.err
    assert ESCAPE not in finished.out + finished.err
    assert max(len(line) for line in finished.out.splitlines()) <= 80
    assert "…" not in finished.out  # nothing is cut off


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


@pytest.mark.parametrize("no_colour", ["1", ""])
def test_verdicts_have_colour_on_a_terminal_only_if_wanted(no_colour, claims):
    environment = {"FORCE_COLOR": "1", "TERM": "xterm-256color", "NO_COLOR": no_colour}
    shown = process("verify", claims, "-k", "ratio", "-j", "1", **environment).out
    assert bool(re.search(r"\x1b\[[0-9;]*3[0-7]m", shown)) is not bool(no_colour)


@pytest.mark.parametrize("command", ["sweep", "verify"])
def test_quiet_hides_the_progress_bar(command, claims, tmp_path):
    arguments = {
        "sweep": ("sweep", str(tmp_path / "s.sqlite"), *AXES, "--trials", "20"),
        "verify": ("verify", claims, "-k", "ratio", "-j", "1"),
    }[command]
    environment = {"FORCE_COLOR": "1", "TERM": "xterm-256color"}
    assert process(*arguments, **environment).err != ""
    quiet = process("-q", *arguments, **environment)
    assert (quiet.code, quiet.out, quiet.err) == (0, "", "")


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
    _, err = running.communicate(timeout=HANGS)
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
    "sklearn", "pandas", "torchvision", "jinja2",
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
