"""The runner and its processes: a worker that dies, Ctrl-C, a run that is killed."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest
from command_line import HANGS
from runner_samples import ROOT, folder

from kdverify import verify


def test_a_worker_that_dies_costs_its_own_unit_and_is_an_error(tmp_path: Path) -> None:
    path = folder(
        tmp_path,
        a="import os\nC = one('1.a')\nD = Claim(id='1.b', title='t', statement='s', source='new',"
        "evidence=[Agreement('whole', sample=lambda c: os._exit(9)), *C.evidence],"
        "controls=C.controls)",
    )
    report = verify.run(verify.collect([path]), jobs=1)
    died, *others = (o for r in report.results[::-1] for o in (*r.evidence, *r.controls))
    assert (report.exit_code, died.verdict.value) == (70, "error")
    assert died.detail == "the worker process died (exit code 9)"
    assert {o.verdict.value for o in others} == {"certified", "proved", "rejected"}


def test_what_evidence_prints_does_not_disturb_the_run(tmp_path: Path) -> None:
    path = folder(
        tmp_path,
        a="C = one('1.a')\ndef chatty(digits):\n    print('x' * 100)\n    return [(1, 2)]\n"
        "D = Claim(id='1.b', title='t', statement='s', source='new', controls=C.controls,"
        "evidence=[Enclosure('whole', below=chatty), C.evidence[1]])",
    )
    assert verify.run(verify.collect([path]), jobs=1).exit_code == 0


TOGETHER = """
import time
class Prepared(Enclosure):
    kind = "prepared"
    together = "them"
    @classmethod
    def prepare(cls, items, context):
        time.sleep(0.2)
def ordered(digits):
    return [(1, 2)]
C = Claim("1.a", "t", "s", controls=controls(), evidence=[
    Prepared("whole", below=ordered), Prepared("whole", below=ordered),
    Identity("whole", lambda: (1, 1))])
"""


def test_units_that_are_prepared_together_share_the_seconds_that_it_took(tmp_path: Path) -> None:
    claims = verify.collect([folder(tmp_path, a=TOGETHER)])
    (result,) = verify.run(claims, jobs=1).results
    first, second, _ = (outcome.seconds for outcome in result.evidence)
    assert first >= 0.1
    assert second >= 0.1
    assert claims[0].source == "new"


def test_the_runner_needs_no_main_guard(tmp_path: Path) -> None:
    path = folder(tmp_path, a="C = one('1.a')")
    script = tmp_path / "_script.py"
    script.write_text(
        "from kdverify import verify\n"
        f"raise SystemExit(verify.run(verify.collect([{str(path)!r}]), jobs=2).exit_code)"
    )
    environment = os.environ | {"PYTHONPATH": str(ROOT)}
    assert (
        subprocess.run([sys.executable, str(script)], env=environment, check=False).returncode == 0
    )


SLOW = """
import time
def first(context):
    return Comparison("x", 0.0, 0.001, 99, 0.0, 1.0)
def slow(context):
    time.sleep(3600)
C = Claim(id="1.slow", title="t", statement="s", source="new",
          parts=["a", "b"], controls=controls(),
          evidence=[Agreement("a", sample=first), Agreement("b", sample=slow),
                    Enclosure("a", below=slow)])
"""

INTERRUPTED_RUN = """
import signal, sys
signal.signal(signal.SIGINT, signal.default_int_handler)  # a background job ignores it
from kdverify import verify
from kdverify._files import write_json
def told(done, total, *_):
    print(f"{done} of {total}", file=sys.stderr, flush=True)
report = verify.run(verify.collect([sys.argv[1]]), jobs=int(sys.argv[2]), progress=told)
write_json(report.to_json(), sys.argv[3])
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
    # The workers hold this pipe too: the end of the errors means that none of them is left.
    output, errors = process.communicate(timeout=HANGS)
    assert (process.returncode, errors) == (130, "")
    assert "interrupted" in output
    document = json.loads(out.read_text())
    assert document["interrupted"] is True
    assert document["claims"][0]["verdict"] == "not run"
    assert document["claims"][0]["evidence"][1]["detail"] == "interrupted"


@pytest.mark.skipif(sys.platform != "linux", reason="elsewhere a worker ends after its task")
def test_workers_die_with_a_run_that_is_killed(tmp_path: Path) -> None:
    claims = tmp_path / "claims"
    claims.mkdir()
    folder(claims, a=SLOW)
    process = subprocess.Popen(
        [sys.executable, "-c", INTERRUPTED_RUN, str(claims), "2", str(tmp_path / "report.json")],
        stderr=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
        env=os.environ | {"PYTHONPATH": str(ROOT)},
    )
    assert process.stderr is not None
    assert process.stderr.readline() == "1 of 4\n"
    process.kill()
    output, _ = process.communicate(timeout=HANGS)  # the workers hold the pipes too
    assert (process.returncode, output) == (-signal.SIGKILL, "")
