"""One tree, and a process in it that says whether the claims notice a changed file.

The process has NumPy, SymPy and the like loaded and nothing of ``kdverify``.  For each mutant it
forks: the child imports the changed tree, runs the units that it is given, cheap ones first,
and stops at the first that comes out otherwise than on the unchanged tree.

A warm process has the whole tree and all claims loaded; its child puts the changed code into the
functions of the changed module.  What a claim computed while it was loaded is then as it
was: mutants that survive there are asked again in the other way.
"""

from __future__ import annotations

import compileall
import importlib
import json
import os
import resource
import shutil
import signal
import subprocess
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from types import FunctionType
from typing import Any

ROOT = Path(__file__).resolve().parent.parent
#: Below ``kdverify``: the packages and modules that compose the formulas.
COMPOSING = (
    *("gaussian", "random_features", "rows", "simulation", "features", "estimators", "labels"),
    *("stages.py", "training.py", "gain_map.py", "teachers.py", "prediction.py", "measurement.py"),
)
COPIED = ("kdverify", "proofs", "tests", "experiments", "docs/data", "pyproject.toml")
#: A unit that takes so many times the seconds of its record, and these, does not end.
PATIENCE, GRACE = 4.0, 10.0
MEMORY = 8 << 30
LIBRARIES = (
    *("numpy", "scipy.stats", "scipy.linalg", "scipy.optimize", "scipy.special", "scipy.sparse"),
    *("sympy", "mpmath", "flint", "z3", "cvc5", "joblib", "sklearn.base", "sklearn.utils"),
)
#: What a verdict means for the exit code of ``kdverify verify``.
WORDS = {"undecided": "undecided, exit 3", "not run": "not run", "error": "error, exit 70"}


class Judge:
    """A copy of what is needed to run claims, and the process in it; with ``warm`` another one."""

    def __init__(self, folder: Path, warm: bool = False) -> None:
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
        self._stood: set[str] = set()
        self._processes = [
            subprocess.Popen(
                [sys.executable, "-m", "tests.mutants_judge", *flags],
                cwd=folder,
                env=self._environment(),
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                text=True,
            )
            for flags in ([["--warm"], []] if warm else [[]])
        ]
        for process in self._processes:  # no file may change while they load
            assert process.stdout
            if process.stdout.readline() != "ready\n":
                raise RuntimeError("the tree does not load")

    def _environment(self) -> dict[str, str]:
        # no worker may leave the compiled code of a mutant to the next one, of the same size
        alone = {"PYTHONDONTWRITEBYTECODE": "1", "PYTHONPATH": str(self.folder)}
        threads = {"OMP_NUM_THREADS": "1", "OPENBLAS_NUM_THREADS": "1"}
        return os.environ | alone | threads | {"PYTHONHASHSEED": "0"}

    def verdict(self, file: str, source: str, units: Sequence[Mapping[str, Any]]) -> str:
        """What fell, in words, with ``source`` in the place of ``file``; empty if nothing did.

        Raises RuntimeError if it falls with the file unchanged too.
        """
        for process in self._processes:
            fallen = self._asked(process, file, source, units)
            name = fallen.split(" ")[0]
            one = [unit for unit in units if f"{unit['claim']}#{unit['index']}" == name]
            if one and name not in self._stood:
                if also := self._asked(process, file, (self.folder / file).read_text(), one):
                    raise RuntimeError(f"unchanged: {also}")
                self._stood.add(name)
            if fallen:
                return fallen
        return ""

    def _asked(
        self,
        process: subprocess.Popen[str],
        file: str,
        source: str,
        units: Sequence[Mapping[str, Any]],
    ) -> str:
        assert process.stdin
        assert process.stdout
        place = self.folder / file
        before, text = place.stat(), place.read_text()
        place.write_text(source)
        os.utime(place, (before.st_atime, before.st_mtime + 1000))
        try:
            process.stdin.write(json.dumps([file, list(units)]) + "\n")
            process.stdin.flush()
            return str(json.loads(process.stdout.readline()))
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
        """End the processes."""
        for process in self._processes:
            process.kill()
            process.wait()


def serve(warm: bool) -> None:
    """What the process does: one line with a file and units in, one word out."""
    for name in LIBRARIES:
        try:
            __import__(name)
        except ImportError:
            continue
    if warm:
        _load_all()
    print("ready", flush=True)
    for line in sys.stdin:
        print(json.dumps(_judged(warm, *json.loads(line))), flush=True)


def _load_all() -> None:
    """Every claim, and the packages that evidence imports where it needs them."""
    from kdverify.evidence import execute
    from kdverify.evidence.collect import collect
    from kdverify.evidence.outcome import Context

    for name in COMPOSING:
        importlib.import_module("kdverify." + name.removesuffix(".py"))
    for claim in collect(["proofs"]):
        execute.claim_of(execute.Unit(claim.id, 0, claim.origin, Context()))


def _put_into_place(file: str) -> None:
    """Give the functions of a loaded module the code that its file has now."""
    module = sys.modules[".".join(Path(file).with_suffix("").parts)]
    changed = dict(vars(module))
    exec(compile(Path(file).read_text(), file, "exec"), changed)
    for name, function in vars(module).items():
        if isinstance(function, FunctionType) and function.__module__ == module.__name__:
            function.__code__ = changed[name].__code__


def _judged(warm: bool, file: str, units: Sequence[Mapping[str, Any]]) -> str:
    reader, writer = os.pipe()
    child = os.fork()
    if child == 0:
        os.dup2(os.open(os.devnull, os.O_WRONLY), 1)
        os.dup2(1, 2)
        try:
            _examine(file if warm else "", units, writer)
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


def _examine(patched: str, units: Sequence[Mapping[str, Any]], writer: int) -> None:
    def say(text: str) -> None:
        os.write(writer, (text + "\n").encode())

    resource.setrlimit(resource.RLIMIT_AS, (MEMORY, MEMORY))
    say("import")
    try:
        if patched:
            _put_into_place(patched)
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
        context = Context(LEVELS["quick"], unit["rate"], unit["seeds"], cached=True)
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
    serve(warm="--warm" in sys.argv)
