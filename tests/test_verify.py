"""The runner: collection, the run, the report, the exit codes."""

from __future__ import annotations

import json
import os
import shutil
import signal
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from rich.console import Console

import kdverify
from kdverify import _locate, verify
from kdverify._files import write_text
from kdverify.evidence import Agreement, Claim, Comparison, Context, Control, Enclosure, NotRun

SAMPLE = Path(__file__).parent / "claims_sample"
ROOT = Path(__file__).parent.parent


def ordered(holds: bool) -> Enclosure:
    return Enclosure("whole", below=lambda digits: [(1, 2) if holds else (2, 1)])


def agreement(estimate: float, error: float = 0.001) -> Agreement:
    return Agreement("whole", sample=lambda c: Comparison("x", estimate, error, 99, 0.0, 1.0))


def absent(*_: Any) -> Any:
    raise NotRun("missing: hardware")


def broken(*_: Any) -> Any:
    raise RuntimeError("a bug")


SEEN = Control(ordered(False), wrong="order")
STANDS = [ordered(True), agreement(0.0)]
REFUTED = [ordered(True), agreement(9.0)]
UNDECIDED = [ordered(True), agreement(0.0, error=9.0)]
MISSING = [ordered(True), Agreement("whole", sample=absent)]
FAILING = [ordered(True), Agreement("whole", sample=broken)]


def claim(slug: str, evidence: Any, control: Control = SEEN, expect: str = "stands") -> Claim:
    return Claim(
        id=f"1.{slug}",
        title=f"Sample {slug}",
        statement="a < b",
        source="new",
        evidence=evidence,
        controls=[control],
        expect=expect,
    )


BLIND = Control(ordered(True), wrong="nothing")
A_CLAIM = """
from kdverify.evidence import Agreement, Claim, Comparison, Control, Enclosure, Identity
def one(id, **more):
    below = lambda pair: Enclosure("whole", below=lambda digits: [pair])
    return Claim(id=id, title="t", statement="s", source="new",
                 evidence=[below((1, 2)), Identity("whole", left=lambda: 1, right=lambda: 1)],
                 controls=[Control(below((2, 1)), wrong="order")], **more)
"""


def folder(tmp_path: Path, **files: str) -> Path:
    for name, text in files.items():
        prefix = "" if name.startswith(("_", "ledger")) else A_CLAIM
        (tmp_path / f"{name}.py").write_text(prefix + text)
    return tmp_path


# -------------------------------------------------------------- collection


def test_collect_follows_the_ledger_and_knows_the_files() -> None:
    claims = verify.collect([SAMPLE])
    assert [c.id for c in claims] == ["2.mean", "1.ratio", "1.false-reading"]
    assert [c.origin.name for c in claims if c.origin] == [
        "sampling.py",
        "algebra.py",
        "algebra.py",
    ]


def test_collect_takes_single_files_and_drops_no_claim() -> None:
    assert [c.id for c in verify.collect([SAMPLE / "algebra.py"])] == ["1.ratio", "1.false-reading"]


def test_collect_leaves_no_helper_and_no_path_behind() -> None:
    before = list(sys.path), list(sys.meta_path)
    verify.collect([SAMPLE])
    assert "_shared" not in sys.modules
    assert (sys.path, sys.meta_path) == before


def test_a_claim_file_hides_no_other_module(tmp_path: Path) -> None:
    path = folder(tmp_path, numbers="import numbers\nC = one(f'1.{numbers.Number.__name__}')")
    claims = verify.collect([path])
    assert [c.id for c in claims] == ["1.Number"]
    assert verify.run(claims, jobs=1).exit_code == 0


def test_helpers_of_two_folders_may_have_the_same_name(tmp_path: Path) -> None:
    paths = []
    for number in "12":
        path = tmp_path / number
        path.mkdir()
        paths.append(
            folder(path, a=f"from _help import ID\nC = one('{number}.' + ID)", _help="ID = 'x'\n")
        )
    (tmp_path / "2" / "_help.py").write_text("ID = 'y'\n")
    assert [c.id for c in verify.collect(paths)] == ["1.x", "2.y"]


def test_claims_in_a_list_and_by_name_are_collected_once(tmp_path: Path) -> None:
    path = folder(tmp_path, a="A = one('1.a')\nCLAIMS = [A, one('1.b')]")
    assert [c.id for c in verify.collect([path])] == ["1.a", "1.b"]


LEDGER = "from kdverify.evidence import Entry\n"


@pytest.mark.parametrize(
    ("files", "message"),
    [
        ({}, "must hold claim files"),
        ({"a": ""}, "at least one Claim"),
        ({"a": "1/0"}, "a.py: ZeroDivisionError"),
        ({"a": "def"}, "a.py: SyntaxError"),
        ({"a": "CLAIMS = [3]"}, "CLAIMS must hold claims only"),
        ({"a": "C = one('1.a')", "b": "C = one('1.a')"}, "id='1.a' must name one claim only"),
        ({"a": "C = one('bad')"}, "must read section.slug"),
        ({"a": "C = one('1.a', needs=['1.z'])"}, "needs='1.z' of claim 1.a must be the id"),
        (
            {"a": "A, B = one('1.a', needs=['1.b']), one('1.b', needs=['1.a'])"},
            "must not run in a circle: 1.[ab] -> 1.[ab] -> 1.[ab]",
        ),
        ({"a": "C = one('1.a')", "ledger": "LEDGER = 3"}, "LEDGER must be a list of Entry"),
        (
            {"a": "C = one('1.a')", "ledger": LEDGER + "LEDGER = [Entry('1.a', 'new')] * 2"},
            "name each id once, repeats 1.a",
        ),
        (
            {"a": "C = one('1.a')", "ledger": LEDGER + "LEDGER = [Entry('1.b', 'new')]"},
            "missing there: 1.a",
        ),
        (
            {
                "a": "C = one('1.a')",
                "ledger": LEDGER + "LEDGER = [Entry(i, 'new') for i in ('1.a', '1.b', '1.c')]",
            },
            "missing: 1.b, 1.c",
        ),
        (
            {"a": "C = one('1.a')", "ledger": LEDGER + "LEDGER = [Entry('1.a', 'paper')]"},
            "source='new'.*ledger says source='paper'",
        ),
        (
            {"a": "C = one('1.a')", "ledger": LEDGER + "LEDGER = [Entry('1.a', 'new', 'refuted')]"},
            "ledger says .*expect='refuted'",
        ),
    ],
)
def test_bad_folders(tmp_path: Path, files: dict[str, str], message: str) -> None:
    with pytest.raises(ValueError, match=message):
        verify.collect([folder(tmp_path, **files)])


def test_a_path_that_is_not_there(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="must be a folder or a Python file"):
        verify.collect([tmp_path / "nowhere"])


def test_a_single_file_may_need_claims_that_the_ledger_lists(tmp_path: Path) -> None:
    folder(
        tmp_path,
        a="C = one('1.a', needs=['1.b'])",
        b="C = one('1.b')",
        ledger=LEDGER + "LEDGER = [Entry('1.b', 'new'), Entry('1.a', 'new')]",
    )
    assert [c.id for c in verify.collect([tmp_path / "a.py"])] == ["1.a"]
    assert [c.id for c in verify.collect([tmp_path])] == ["1.b", "1.a"]


@pytest.mark.parametrize(
    ("word", "ids"),
    [
        ("1.", ["1.ratio", "1.false-reading"]),
        ("2.", ["2.mean"]),
        ("RATIO", ["1.ratio", "1.false-reading"]),
        ("uniform", ["2.mean"]),
        ("1.false", ["1.false-reading"]),
    ],
)
def test_select(word: str, ids: list[str]) -> None:
    report = verify.run(verify.collect([SAMPLE]), select=word)
    assert [result.claim.id for result in report.results] == ids


# ----------------------------------------------------------------- the run


def test_the_sample_stands_whatever_the_number_of_workers() -> None:
    claims = verify.collect([SAMPLE])
    reports = [verify.run(claims, jobs=jobs) for jobs in (1, 2)]
    here = verify.run([_unplaced(c) for c in claims if c.id == "2.mean"])
    documents = [_without_times(report.to_json()["claims"]) for report in reports]
    assert documents[0] == documents[1]
    assert _without_times(here.to_json()["claims"])[0] == documents[0][0]
    verdicts = {c["id"]: (c["verdict"], c["as_expected"]) for c in documents[0]}
    assert verdicts == {
        "2.mean": ("measured", True),
        "1.ratio": ("proved", True),
        "1.false-reading": ("refuted", True),
    }
    assert [report.exit_code for report in reports] == [0, 0]


def _unplaced(claim: Claim) -> Claim:
    import dataclasses

    return dataclasses.replace(claim, origin=None)


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


def test_a_worker_that_dies_is_an_error_not_a_pass(tmp_path: Path) -> None:
    path = folder(
        tmp_path,
        a="import os\nC = one('1.a')\nD = Claim(id='1.b', title='t', statement='s', source='new',"
        "evidence=[*C.evidence, Agreement('whole', sample=lambda c: os._exit(9))],"
        "controls=C.controls)",
    )
    report = verify.run(verify.collect([path]), jobs=1)
    assert report.exit_code == 70
    assert "the worker died" in report.results[1].evidence[2].detail


def test_smtlib_is_kept_on_request(tmp_path: Path) -> None:
    verify.run(verify.collect([SAMPLE]), select="1.ratio", smt_dir=tmp_path)
    assert sorted(f.name for f in tmp_path.iterdir()) == ["1.ratio-0.smt2", "1.ratio-2.smt2"]
    assert (tmp_path / "1.ratio-0.smt2").read_text().startswith("(set-logic QF_NRA)")


SLOW = """
import time
def first(context):
    return Comparison("x", 0.0, 0.001, 99, 0.0, 1.0)
def slow(context):
    time.sleep(60)
C = one("1.template")
C = Claim(id="1.slow", title="t", statement="s", source="new",
          parts=["a", "b"], controls=C.controls,
          evidence=[Agreement("a", sample=first), Agreement("b", sample=slow),
                    Enclosure("a", below=slow)])
"""

INTERRUPTED_RUN = """
import sys
from kdverify import verify
def told(done, total, *_):
    print(f"{done} of {total}", file=sys.stderr, flush=True)
report = verify.run(verify.collect([sys.argv[1]]), jobs=int(sys.argv[2]), progress=told)
verify._write_json(report, sys.argv[3])
print("interrupted" if report.interrupted else "finished")
sys.exit(report.exit_code)
"""


@pytest.mark.skipif(sys.platform == "win32", reason="signals of a terminal, POSIX only")
@pytest.mark.parametrize("jobs", [1, 2])
def test_ctrl_c_gives_a_partial_report_and_130(tmp_path: Path, jobs: int) -> None:
    claims, out = tmp_path / "claims", tmp_path / "report.json"
    claims.mkdir()
    folder(claims, a=SLOW)
    process = subprocess.Popen(
        [sys.executable, "-c", INTERRUPTED_RUN, str(claims), str(jobs), str(out)],
        stderr=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
        start_new_session=True,
        env=os.environ | {"PYTHONPATH": str(ROOT)},
    )
    assert process.stderr is not None
    assert process.stderr.readline() == "1 of 4\n"
    os.killpg(process.pid, signal.SIGINT)  # as a terminal does: to all processes of the group
    # The workers hold the pipes too: the end of the output means that none of them is left.
    output, errors = process.communicate(timeout=20)
    assert (process.returncode, errors) == (130, "")
    assert "interrupted" in output
    document = json.loads(out.read_text())
    assert document["interrupted"] is True
    assert document["claims"][0]["verdict"] == "not run"
    assert document["claims"][0]["evidence"][1]["detail"] == "interrupted"


# -------------------------------------------------------------- the report


def test_json_schema() -> None:
    document = json.loads(json.dumps(verify.run(verify.collect([SAMPLE])).to_json()))
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
    file = tmp_path / "new" / "report.json"
    assert verify.main_verify([SAMPLE], select="mean", json_path=str(file)) == 0
    capsys.readouterr()
    assert verify.main_verify([SAMPLE], select="mean", json_path="-") == 0
    printed = capsys.readouterr()
    assert "2.mean" in printed.err
    assert _without_times(json.loads(printed.out)) == _without_times(json.loads(file.read_text()))


@pytest.mark.parametrize(
    "arguments", [(["/nowhere"],), ([SAMPLE], "medium"), ([SAMPLE], "quick", "zz")]
)
def test_main_verify_turns_bad_input_into_2(arguments: Any, capsys: pytest.CaptureFixture) -> None:
    assert verify.main_verify(*arguments) == 2
    assert capsys.readouterr().err.startswith("kdverify: ")


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
    assert "matches no claim" in capsys.readouterr().err


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


def test_claims_of_a_folder_with_an_underscore_run_like_any_other(tmp_path: Path) -> None:
    inside = tmp_path / "_proofs"
    shutil.copytree(SAMPLE, inside)
    assert verify.run(verify.collect([inside])).exit_code == 0


def test_files_are_written_whole_or_not_at_all(tmp_path: Path) -> None:
    file = tmp_path / "a.txt"
    write_text(file, "old")
    with pytest.raises(UnicodeEncodeError):
        write_text(file, "new \ud800")
    assert file.read_text() == "old"
    assert list(tmp_path.iterdir()) == [file]


def test_the_package_offers_the_runner() -> None:
    assert kdverify.verify is verify
    assert kdverify.Claim is Claim
