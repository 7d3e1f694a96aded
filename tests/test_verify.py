"""The runner: the run, the report, the exit codes."""

from __future__ import annotations

import dataclasses
import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from rich.console import Console
from runner_samples import (
    BLIND,
    FAILING,
    MISSING,
    REFUTED,
    ROOT,
    SAMPLE,
    STANDS,
    UNDECIDED,
    agreement,
    claim,
    folder,
    ordered,
)

import kdverify
from kdverify import _locate, verify
from kdverify._files import write_bytes, write_text
from kdverify.evidence import Agreement, Claim, Comparison, Context, Control

# ----------------------------------------------------------------- the run


@pytest.fixture(scope="module")
def sample_report() -> verify.Report:
    return verify.run(verify.collect([SAMPLE]), jobs=2)


def test_the_sample_stands_whatever_the_number_of_workers(sample_report: verify.Report) -> None:
    claims = verify.collect([SAMPLE])
    reports = [verify.run(claims, jobs=1), sample_report]
    here = verify.run([dataclasses.replace(c, origin=None) for c in claims if c.id == "2.mean"])
    documents = [_without_times(report.to_json()["claims"]) for report in reports]
    assert documents[0] == documents[1]
    (here_document,) = _without_times(here.to_json()["claims"])
    placed = {name: documents[0][0][name] for name in ("origin", "reproduce")}
    assert here_document | placed == documents[0][0]
    verdicts = {c["id"]: (c["verdict"], c["as_expected"]) for c in documents[0]}
    assert verdicts == {
        "2.mean": ("measured", True),
        "1.ratio": ("proved", True),
        "1.false-reading": ("refuted", True),
    }
    assert [report.exit_code for report in reports] == [0, 0]


def _without_times(value: Any) -> Any:
    if isinstance(value, dict):
        return {k: _without_times(v) for k, v in value.items() if k != "seconds"}
    return [_without_times(v) for v in value] if isinstance(value, list) else value


@pytest.mark.parametrize(
    ("claims", "code", "code_if_all_required"),
    [
        ([claim("a", STANDS)], 0, 0),
        ([claim("a", STANDS), claim("b", REFUTED)], 1, 1),
        ([claim("a", STANDS, BLIND)], 1, 1),
        ([claim("a", UNDECIDED)], 3, 3),
        ([claim("a", UNDECIDED), claim("b", REFUTED)], 1, 1),
        ([claim("a", STANDS), claim("b", MISSING)], 0, 3),
        ([claim("a", MISSING), claim("b", REFUTED)], 1, 1),
        ([claim("a", FAILING), claim("b", REFUTED)], 70, 70),
        ([claim("a", REFUTED, expect="refuted")], 0, 0),
        ([claim("a", STANDS, expect="refuted")], 1, 1),
    ],
)
def test_exit_codes(claims: list[Claim], code: int, code_if_all_required: int) -> None:
    assert verify.run(claims).exit_code == code
    assert verify.run(claims, require_all=True).exit_code == code_if_all_required


def test_the_error_rate_is_shared_by_all_agreements_and_their_controls() -> None:
    rates = []

    def sample(context: Context) -> Comparison:
        rates.append(context.error_rate)
        return Comparison("x", 9.0, 0.001, 99, 0.0, 1.0)

    watched = [ordered(True), Agreement("whole", sample=sample)]
    control = Control(Agreement("whole", sample=sample), wrong="x")
    verify.run([claim("a", watched, control, "refuted"), claim("b", watched, control, "refuted")])
    assert rates == [pytest.approx(1e-3 / 4)] * 4


def test_a_selection_is_judged_as_in_the_whole_run(tmp_path: Path) -> None:
    rates = []

    def sample(context: Context) -> Comparison:
        rates.append(context.error_rate)
        return Comparison("x", 0.0, 0.001, 99, 0.0, 1.0)

    watched = [ordered(True), Agreement("whole", sample=sample)]
    verify.run([claim(name, watched) for name in ("a", "b", "c")], select="1.b")
    assert rates == [pytest.approx(1e-3 / 3)]
    # one file of a folder with a ledger: the ledger's agreements count
    (alone,) = verify.run(verify.collect([SAMPLE / "sampling.py"]), jobs=1).results
    whole = verify.run(verify.collect([SAMPLE]), jobs=1).results[0]
    rate = "error rate"
    assert alone.evidence[0].figures[rate] == whole.evidence[0].figures[rate]


def test_what_rests_on_a_measurement_says_so(capsys: pytest.CaptureFixture) -> None:
    from kdverify.evidence.terminal import print_report

    below = claim("below", [agreement(0.0), dataclasses.replace(ordered(True), part="n = 2")])
    between = dataclasses.replace(claim("between", STANDS), needs=("1.below",))
    above = dataclasses.replace(claim("above", STANDS), needs=("1.between",))
    report = verify.run([below, between, above])
    document = {c["id"]: c["rests_on_measured"] for c in report.to_json()["claims"]}
    assert document == {"1.below": [], "1.between": ["1.below"], "1.above": ["1.below"]}
    print_report(report, Console())
    assert "rests on measured 1.below" in capsys.readouterr().out


def test_progress_is_told_each_unit() -> None:
    seen: list[tuple[int, int]] = []
    verify.run([claim("a", STANDS)], progress=lambda done, total, *_: seen.append((done, total)))
    assert seen == [(1, 3), (2, 3), (3, 3)]


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"select": "nothing of the kind"}, "must match at least one claim"),
        ({"level": "medium"}, "level='medium' must be one of quick, full"),
        ({"jobs": 0}, "jobs=0 must be at least 1"),
    ],
)
def test_bad_runs(options: dict[str, Any], message: str) -> None:
    with pytest.raises(ValueError, match=message):
        verify.run([claim("a", STANDS)], **options)


def test_smtlib_is_kept_on_request(tmp_path: Path) -> None:
    verify.run(verify.collect([SAMPLE]), select="1.ratio", smt_dir=tmp_path)
    assert sorted(f.name for f in tmp_path.iterdir()) == ["1.ratio-0.smt2", "1.ratio-2.smt2"]
    assert (tmp_path / "1.ratio-0.smt2").read_text().startswith("(set-logic QF_NRA)")


# -------------------------------------------------------------- the report


def test_json_schema(sample_report: verify.Report) -> None:
    document = json.loads(json.dumps(sample_report.to_json(), allow_nan=False))
    assert document["schema"] == 1
    assert document.keys() == {
        "schema",
        "claims",
        "level",
        "family_wise_error",
        "formula_version",
        "environment",
        "interrupted",
        "exit_code",
        "seconds",
    }
    assert document["family_wise_error"] == 1e-3
    wanted = {"python", "numpy", "scipy", "sympy", "mpmath", "python-flint", "z3-solver", "cvc5"}
    assert wanted <= document["environment"].keys()
    for entry in document["claims"]:
        assert entry.keys() >= {"id", "title", "statement", "source", "needs", "parts", "expect"}
        assert entry.keys() >= {"verdict", "steps", "evidence", "controls"}
        assert entry["evidence"]
        assert entry["controls"]
        for outcome in (*entry["evidence"], *entry["controls"]):
            assert outcome.keys() >= {"kind", "part", "verdict", "figures", "seconds"}
            assert outcome["seconds"] >= 0
    assert document["claims"][1]["steps"] == ["Bring to one denominator."]
    assert document["claims"][2]["needs"] == ["1.ratio"]


def test_main_verify_prints_a_plain_table_of_80_columns(capsys: pytest.CaptureFixture) -> None:
    assert verify.main_verify([SAMPLE]) == 0
    output = capsys.readouterr().out
    assert "\x1b" not in output
    assert max(map(len, output.splitlines())) <= 80
    for text in ("2.mean", "refuted, as expected", "1 of 1", "3 of 3 controls rejected"):
        assert text in output


def test_what_fails_is_explained_the_worst_first(capsys: pytest.CaptureFixture) -> None:
    from kdverify.evidence.terminal import print_report

    report = verify.run([claim("a", UNDECIDED), claim("b", STANDS, BLIND), claim("c", REFUTED)])
    print_report(report, Console())
    problems = capsys.readouterr().out.split("\n\n", 1)[1]
    places = [problems.index(text) for text in ("Sample c", "Sample b", "Sample a")]
    assert places == sorted(places)
    assert "too few trials" in problems
    assert "not rejected  nothing" in problems


@pytest.mark.parametrize("no_colour", [True, False])
def test_no_colour_is_honoured(monkeypatch: pytest.MonkeyPatch, no_colour: bool) -> None:
    from io import StringIO

    from kdverify.evidence.terminal import print_report

    monkeypatch.setenv("TERM", "xterm-256color")
    monkeypatch.delenv("NO_COLOR", raising=False)
    if no_colour:
        monkeypatch.setenv("NO_COLOR", "1")
    stream = StringIO()
    print_report(verify.run([claim("a", REFUTED)]), Console(file=stream, force_terminal=True))
    assert ("\x1b[1;31m" in stream.getvalue()) is not no_colour


def test_main_verify_writes_json_to_a_file_and_to_standard_output(
    tmp_path: Path, capsys: pytest.CaptureFixture
) -> None:
    file, path = tmp_path / "new" / "report.json", folder(tmp_path, a="C = one('1.a')")
    assert verify.main_verify([path], jobs=1, json_path=str(file)) == 0
    capsys.readouterr()
    assert verify.main_verify([path], jobs=1, json_path="-") == 0
    printed = capsys.readouterr()
    assert "1.a" in printed.err
    assert _without_times(json.loads(printed.out)) == _without_times(json.loads(file.read_text()))


@pytest.mark.parametrize(
    "arguments", [(["/nowhere"],), ([SAMPLE], "medium"), ([SAMPLE], "quick", "zz")]
)
def test_main_verify_turns_bad_input_into_2(arguments: Any, capsys: pytest.CaptureFixture) -> None:
    assert verify.main_verify(*arguments) == 2
    assert capsys.readouterr().err.startswith("kdverify: error: ")


def test_a_claim_file_runs_as_a_script() -> None:
    done = subprocess.run(
        [sys.executable, str(SAMPLE / "algebra.py"), "-k", "1.ratio"],
        capture_output=True,
        text=True,
        env=os.environ | {"PYTHONPATH": str(ROOT)},
        check=False,
    )
    assert (done.returncode, done.stderr) == (0, "")
    for text in (
        "1.ratio",
        r"x/(1+x) < 1",
        "1. Bring to one denominator.",
        "forall (bound): proved",
    ):
        assert text in done.stdout
    assert "false-reading" not in done.stdout


def test_run_as_script_says_what_is_wrong(capsys: pytest.CaptureFixture) -> None:
    assert verify.run_as_script([claim("a", REFUTED)], []) == 1
    with pytest.raises(SystemExit, match="2"):
        verify.run_as_script([claim("a", STANDS)], ["-k", "zz"])
    assert "select='zz' must match at least one claim" in capsys.readouterr().err


# ------------------------------------------------------------ surroundings


def test_importing_the_runner_is_cheap() -> None:
    code = (
        "import sys, kdverify.verify, kdverify.evidence\n"
        "heavy = {'sympy', 'scipy', 'z3', 'cvc5', 'flint', 'mpmath', 'joblib', 'matplotlib'}\n"
        "sys.exit(str(heavy & sys.modules.keys()) if heavy & sys.modules.keys() else 0)"
    )
    done = subprocess.run(
        [sys.executable, "-c", code],
        capture_output=True,
        text=True,
        env=os.environ | {"PYTHONPATH": str(ROOT)},
        check=False,
    )
    assert (done.returncode, done.stderr) == (0, "")


def test_the_package_finds_its_folders_in_both_places(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    package = tmp_path / "kdverify"
    package.mkdir()
    monkeypatch.setattr(_locate, "_PACKAGE", package)
    with pytest.raises(FileNotFoundError, match="neither inside nor beside"):
        _locate.folder("proofs")
    (tmp_path / "proofs").mkdir()
    assert _locate.folder("proofs") == tmp_path / "proofs"
    (package / "_proofs").mkdir()
    assert _locate.folder("proofs") == package / "_proofs"


def test_files_are_written_whole_or_not_at_all(tmp_path: Path) -> None:
    file = tmp_path / "a.txt"
    write_text(file, "old")
    with pytest.raises(TypeError):
        write_bytes(file, "no bytes")
    assert file.read_text() == "old"
    assert list(tmp_path.iterdir()) == [file]


def test_the_package_offers_the_runner() -> None:
    assert kdverify.verify is verify
    assert kdverify.Claim is Claim
