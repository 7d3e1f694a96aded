"""What users' claim files may do, and solvers and algebra that do not end."""

from __future__ import annotations

import dataclasses
import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import pytest
from command_line import HANGS
from evidence_samples import QUICK, verdict
from runner_samples import ROOT, folder

from kdverify import verify
from kdverify.evidence import Context, Forall, Identity, Verdict
from kdverify.evidence.base import LONGEST_MESSAGE, shortened
from kdverify.evidence.ceiling import OutOfTime, interrupting, killing
from kdverify.evidence.outcome import LEVELS

# ------------------------------------------------------------------ claim files


def run_verify(*arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "kdverify.cli", "verify", *arguments],
        capture_output=True,
        text=True,
        env=os.environ | {"PYTHONPATH": str(ROOT)},
        check=False,
    )


def test_what_a_file_prints_is_no_part_of_the_json(tmp_path: Path) -> None:
    path = folder(tmp_path, a="print('loading')\nC = one('1.a')")
    done = run_verify(str(path), "-j", "1", "--json", "-")
    assert done.returncode == 0
    assert json.loads(done.stdout)["claims"][0]["id"] == "1.a"
    assert "loading" in done.stderr


SCRIPT = "C = one('1.a')\nfrom kdverify.verify import run_as_script\n"


@pytest.mark.parametrize(
    "ending",
    [
        "raise SystemExit(run_as_script([C]))",
        "import sys\nsys.exit(run_as_script([C], []))",
        "import sys\nsys.exit()",
        "raise SystemExit(0)",
    ],
)
def test_a_file_that_ends_the_program_is_a_clear_error(tmp_path: Path, ending: str) -> None:
    path = folder(tmp_path, a=SCRIPT + ending)
    done = run_verify(str(path))
    assert done.returncode == 2
    assert done.stdout == ""
    (line,) = done.stderr.splitlines()
    assert "a.py: run_as_script and sys.exit must stand below `if __name__" in line


def test_the_same_file_with_a_guard_runs_both_ways(tmp_path: Path) -> None:
    guard = "if __name__ == '__main__':\n    raise SystemExit(run_as_script([C]))\n"
    path = folder(tmp_path, a=SCRIPT + guard)
    assert run_verify(str(path), "-j", "1").returncode == 0
    done = subprocess.run(
        [sys.executable, str(path / "a.py")],
        capture_output=True,
        text=True,
        env=os.environ | {"PYTHONPATH": str(ROOT)},
        check=False,
    )
    assert done.returncode == 0
    assert "1.a" in done.stdout


def test_long_errors_are_shortened(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="a.py: ValueError: xxx") as found:
        verify.collect([folder(tmp_path, a="raise ValueError('x' * 6000)")])
    assert len(str(found.value)) < LONGEST_MESSAGE + 200

    def failing() -> Any:
        raise RuntimeError("y" * 6000 + "\nsecond line")

    outcome = Identity("whole", failing).run(QUICK)
    assert outcome.verdict is Verdict.ERROR
    assert len(outcome.detail) < LONGEST_MESSAGE + 100
    assert shortened("short\nrest") == "short"


@pytest.mark.parametrize(
    ("power", "expected"), [(-1, Verdict.PROVED), (-2, Verdict.PROVED), (1, Verdict.REFUTED)]
)
def test_inverse_powers_in_a_forall(power: int, expected: Verdict) -> None:
    def build(smt: Any) -> Any:
        t = smt.Real("t")
        return [t > 1], t**power < 1

    outcome = Forall("whole", build, witness={"t": 2}).run(QUICK)
    assert outcome.verdict is expected


# ------------------------------------------------------------------ what never ends


def endless() -> None:
    while True:
        pass


def test_a_child_that_does_not_answer_is_ended() -> None:
    with pytest.raises(OutOfTime, match=r"no answer in 0.1 s of processor time"):
        killing(0.1, endless)


def test_a_child_that_sleeps_is_ended_by_the_clock() -> None:
    with pytest.raises(OutOfTime):
        killing(0.1, lambda: time.sleep(3600))


def test_a_child_answers_and_fails_as_the_work_does() -> None:
    assert killing(60, lambda: {"a": 1}) == {"a": 1}
    with pytest.raises(RuntimeError, match="KeyError: 'oops'"):
        killing(60, lambda: {}["oops"])


def test_python_code_that_does_not_end_is_interrupted() -> None:
    before = signal.getsignal(signal.SIGVTALRM)
    with pytest.raises(OutOfTime), interrupting(0.1):
        endless()
    assert signal.getsignal(signal.SIGVTALRM) is before


def hard(smt: Any) -> Any:
    """Nine variables, degree eight."""
    names = [smt.Real(name) for name in "abcdefghi"]
    product, powers, mixed = smt.number(9), smt.number(0), smt.number(0)
    for index, x in enumerate(names):
        y, z = names[(index + 1) % 9], names[(index + 3) % 9]
        product, powers = product * x, powers + x**8 + x**3 * y**5
        mixed = mixed + (x * z - y**2) ** 4
    return [*(x > 0 for x in names), powers < mixed + 1], powers * mixed >= product - mixed


def test_a_solver_without_an_answer_is_undecided_and_ended() -> None:
    level = dataclasses.replace(LEVELS["quick"], z3_limit=2**31, seconds=1.0)
    outcome = Forall("whole", hard, witness=None).run(Context(level=level))
    assert outcome.verdict is Verdict.UNDECIDED
    assert outcome.detail == "z3: no answer in 1 s of processor time"


def test_algebra_without_an_answer_is_undecided(monkeypatch: pytest.MonkeyPatch) -> None:
    from kdverify.evidence import identity

    monkeypatch.setattr(identity, "simplified", lambda difference: endless())
    level = dataclasses.replace(LEVELS["quick"], seconds=0.1)
    evidence = Identity("whole", lambda: (1, 1))
    assert verdict(evidence, Context(level=level)) is Verdict.UNDECIDED


HARD_FILE = """
import sys
def hard(smt):
    print("asking", file=sys.stderr, flush=True)
    names = [smt.Real(name) for name in "abcdefghi"]
    powers = smt.number(0)
    for index, x in enumerate(names):
        powers = powers + x**8 + x**3 * names[(index + 1) % 9]**5
    return [x > 0 for x in names], powers * powers >= powers - 7 * names[0] * names[4]**3
C = one('1.a')
D = Claim(id='1.b', title='t', statement='s', source='new', controls=C.controls,
          evidence=[Forall("whole", hard), *C.evidence])
"""

WATCHED = """
import dataclasses, signal, sys
signal.signal(signal.SIGINT, signal.default_int_handler)  # a background job ignores it
from kdverify import verify
from kdverify.evidence import execute, outcome
level = dataclasses.replace(outcome.LEVELS["quick"], z3_limit=2**31, seconds=600.0)
def told(done, total, *_):
    print(f"{done} of {total}", file=sys.stderr, flush=True)
claims = verify.collect([sys.argv[1]])
report = execute.run(claims, level, int(sys.argv[2]), told)
sys.exit(report.exit_code)
"""


@pytest.mark.skipif(sys.platform == "win32", reason="signals of a terminal, POSIX only")
@pytest.mark.parametrize("jobs", [1, 2])
def test_ctrl_c_ends_a_solver(tmp_path: Path, jobs: int) -> None:
    path = folder(tmp_path, a="from kdverify.evidence import Forall\n" + HARD_FILE)
    process = subprocess.Popen(
        [sys.executable, "-c", WATCHED, str(path), str(jobs)],
        stderr=subprocess.PIPE,
        text=True,
        start_new_session=True,
        env=os.environ | {"PYTHONPATH": str(ROOT)},
    )
    assert process.stderr is not None
    while not process.stderr.readline().startswith("asking"):
        pass
    os.killpg(process.pid, signal.SIGINT)
    # the solver's process holds this pipe: the end of it means that none is left
    process.communicate(timeout=HANGS)
    assert process.returncode == 130


ENDLESS = """
from kdverify.evidence import Claim
from kdverify.evidence.ceiling import killing

SLOW = Claim("1.slow", title="Slow", statement="s", source="new")


def endless():
    while True:
        pass


@SLOW.forall("whole", witness={"x": 1}, but={"below": {"sign": -1}})
def positive(smt, sign=1):
    killing(0.2, endless) if sign == 1 else None
    x = smt.Real("x")
    return [x > 0], sign * x > 0


SLOW.below("whole", lambda d: [(1, 2)])
"""


def test_a_worker_whose_solver_is_out_of_time_says_so_and_costs_its_task_only(
    tmp_path: Path,
) -> None:
    (tmp_path / "slow.py").write_text(ENDLESS)
    report = verify.run(verify.collect([tmp_path]), jobs=1)
    (result,) = report.results
    assert [o.verdict for o in result.evidence] == [Verdict.UNDECIDED, Verdict.CERTIFIED]
    assert "no answer in 30 s" in result.evidence[0].detail
    assert [o.verdict for o in result.controls] == [Verdict.REJECTED]
