"""One tree, and a process in it that says whether the claims notice a changed file.

The process has NumPy, SymPy and the like loaded and nothing of ``kdverify``.  For each mutant it
forks: the child imports the changed tree, runs the units that it is given, cheap ones first,
and stops at the first that comes out otherwise than on the unchanged tree.
"""

from __future__ import annotations

import compileall
import json
import os
import resource
import shutil
import signal
import subprocess
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parent.parent
COPIED = ("kdverify", "proofs", "tests", "experiments", "docs/data", "pyproject.toml")
#: A unit that takes so many times its usual processor time, and these seconds, does not end.
PATIENCE, GRACE = 10.0, 20.0
MEMORY = 8 << 30
LIBRARIES = (
    *("numpy", "scipy.stats", "scipy.linalg", "scipy.optimize", "scipy.special", "scipy.sparse"),
    *("sympy", "mpmath", "flint", "z3", "cvc5", "joblib", "sklearn.base", "sklearn.utils"),
)
#: What a verdict means for the exit code of ``kdverify verify``.
WORDS = {"undecided": "undecided, exit 3", "not run": "not run", "error": "error, exit 70"}


class Judge:
    """A copy of what is needed to run claims, and the process in it."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        for name in COPIED:
            origin, place = ROOT / name, folder / name
            place.parent.mkdir(parents=True, exist_ok=True)
            if origin.is_dir():
                shutil.copytree(origin, place, ignore=shutil.ignore_patterns("__pycache__"))
            else:
                shutil.copy(origin, place)
        for name in ("kdverify", "proofs"):
            compileall.compile_dir(folder / name, quiet=2)
        self._process = subprocess.Popen(
            [sys.executable, "-m", "tests.mutants_judge"],
            cwd=folder,
            env=self._environment(),
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )

    def _environment(self) -> dict[str, str]:
        threads = {"OMP_NUM_THREADS": "1", "OPENBLAS_NUM_THREADS": "1"}
        return os.environ | threads | {"PYTHONPATH": str(self.folder), "PYTHONHASHSEED": "0"}

    def verdict(self, file: str, source: str, units: Sequence[Mapping[str, Any]]) -> str:
        """What fell, in words, with ``source`` in the place of ``file``; empty if nothing did."""
        assert self._process.stdin
        assert self._process.stdout
        place = self.folder / file
        before, text = place.stat(), place.read_text()
        place.write_text(source)
        os.utime(place, (before.st_atime, before.st_mtime + 1000))
        try:
            self._process.stdin.write(json.dumps(list(units)) + "\n")
            self._process.stdin.flush()
            return str(json.loads(self._process.stdout.readline()))
        finally:
            place.write_text(text)
            os.utime(place, (before.st_atime, before.st_mtime))

    def failed_test(self, file: str, source: str, paths: Sequence[str]) -> str:
        """The first test that fails with ``source`` in the place of ``file``; empty if none."""
        place = self.folder / file
        text = place.read_text()
        place.write_text(source)
        command = [sys.executable, "-B", "-m", "pytest", "-q", "-x", "-p", "no:cacheprovider"]
        try:
            done = subprocess.run(
                [*command, *(f"tests/{name}" for name in paths)],
                cwd=self.folder,
                env=self._environment(),
                capture_output=True,
                text=True,
                check=False,
            )
        finally:
            place.write_text(text)
        lines = [line for line in done.stdout.splitlines() if line.startswith(("FAILED", "ERROR"))]
        return "" if done.returncode == 0 else (lines or [f"exit code {done.returncode}"])[0][:90]

    def end(self) -> None:
        """End the process."""
        self._process.kill()
        self._process.wait()


def serve() -> None:
    """What the process does: one line of units in, one word out."""
    for name in LIBRARIES:
        try:
            __import__(name)
        except ImportError:
            continue
    sys.dont_write_bytecode = True
    for line in sys.stdin:
        print(json.dumps(_judged(json.loads(line))), flush=True)


def _judged(units: Sequence[Mapping[str, Any]]) -> str:
    reader, writer = os.pipe()
    child = os.fork()
    if child == 0:
        os.dup2(os.open(os.devnull, os.O_WRONLY), 1)
        os.dup2(1, 2)
        try:
            _examine(units, writer)
        finally:
            os._exit(0)
    os.close(writer)
    with os.fdopen(reader) as pipe:
        lines = pipe.read().splitlines()
    status = os.waitpid(child, 0)[1]
    if not lines:
        return "the process ends at once"
    if lines[-1] in ("stands", "falls"):
        return lines[-2] if lines[-1] == "falls" else ""
    late = os.WIFSIGNALED(status) and os.WTERMSIG(status) == signal.SIGPROF
    return f"{lines[-1]} {'does not end' if late else 'dies'}"


def _examine(units: Sequence[Mapping[str, Any]], writer: int) -> None:
    def say(text: str) -> None:
        os.write(writer, (text + "\n").encode())

    resource.setrlimit(resource.RLIMIT_AS, (MEMORY, MEMORY))
    say("import")
    try:
        from kdverify.evidence import execute
        from kdverify.evidence.outcome import LEVELS, Context, unit_name
    except BaseException as failure:
        say(f"import: {type(failure).__name__}: {failure!s:.60}\nfalls")
        return
    for unit in units:
        name = unit_name(unit["claim"], unit["index"])
        say(name)
        signal.signal(signal.SIGPROF, signal.SIG_DFL)
        signal.setitimer(signal.ITIMER_PROF, GRACE + PATIENCE * unit["seconds"])
        context = Context(LEVELS["quick"], unit["rate"], name)
        work = execute.Unit(unit["claim"], unit["index"], Path(unit["origin"]).resolve(), context)
        try:
            outcome = execute.run_units((work,))[0]
        except BaseException as failure:
            say(f"{name} {type(failure).__name__}: {failure!s:.60}\nfalls")
            return
        found, was = outcome.verdict.value, unit["verdict"]
        if unit["expect"] == "refuted" and was not in ("refuted", "rejected"):
            continue
        if found != was:
            shown = WORDS.get(found, f"{found}, exit 1")
            say(f"{name} {shown} {outcome.detail:.70}".replace("\n", " ") + "\nfalls")
            return
    say("stands")


if __name__ == "__main__":
    serve()
