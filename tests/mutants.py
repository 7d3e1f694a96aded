"""Would the claims notice a wrong composition?  Change the code that composes, and see.

    python -m tests.mutants                       # every mutant of the packages below
    python -m tests.mutants rows --sample 20      # twenty of kdverify/rows, always the same
    python -m tests.mutants rows --list           # what would be run

A mutant is one expression of `kdverify.gaussian`, ``rows``, ``simulation``, ``features`` or
``estimators`` changed: an operator swapped, or a change of meaning (a tie to the other side, an
index moved, a factor lost, one quantity taken for another, ridge or noise dropped, an error
bound halved).  Each is put into a copy of the tree, where ``kdverify verify`` runs: first the
claims that are nearest, then all.  What these miss is given to the tests: mutants that only
these kill are listed apart, as holes in the claims, and what survives both is a hole in both.

The unchanged tree has to pass first.  A mutant that changes nothing is listed with its reason
in ``EQUIVALENT``.
"""

from __future__ import annotations

import argparse
import ast
import hashlib
import os
import shutil
import subprocess
import sys
import tempfile
from collections import Counter
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
COPIED = ("kdverify", "proofs", "tests", "experiments", "docs/data", "pyproject.toml")

#: Package -> the beginnings of the ids of the claims to ask first, and its tests.
PACKAGES: dict[str, tuple[tuple[str, ...], tuple[str, ...]]] = {
    "gaussian": (
        ("2.", "3.", "6.", "4.", "1."),
        ("test_theory.py", "test_stages.py", "test_scaling.py", "test_certified.py"),
    ),
    "rows": (("9.",), ("test_rows.py", "test_rows_pools.py", "test_rows_prediction.py")),
    "simulation": (("2.", "7.", "6."), ("test_simulation.py", "test_simulation_noise.py")),
    "features": (("9.",), ("test_features.py",)),
    "estimators": (("9.",), ("test_estimators.py",)),
}

#: (file, line after the change): why it means the same.
EQUIVALENT: dict[tuple[str, str], str] = {}

OPERATORS = {ast.Add: ast.Sub, ast.Sub: ast.Add, ast.Mult: ast.Div, ast.Div: ast.Mult}
TIES = {ast.Lt: ast.LtE, ast.LtE: ast.Lt, ast.Gt: ast.GtE, ast.GtE: ast.Gt}
#: One quantity for another.
CONFUSED = {
    "zeta": "one_minus_zeta",
    "one_minus_zeta": "zeta",
    "omega": "one_minus_omega",
    "one_minus_omega": "omega",
    "beta_star": "beta",
    "source": "target",
    "n": "m",
    "m": "n",
    "standard": "optimal",
    "mean": "variance",
    "truth": "surrogate",
    "surrogate": "truth",
}
#: What is dropped wherever it is read.
DROPPED = ("ridge", "noise", "noise_variance")
#: What is halved wherever it is returned or assigned.
BOUNDS = ("error", "bound", "radius")


@dataclass(frozen=True)
class Mutant:
    """One expression changed."""

    file: str
    kind: str
    start: int
    end: int
    row: int
    text: str

    @property
    def package(self) -> str:
        """The package of the file, below ``kdverify``."""
        return Path(self.file).parts[1]

    @property
    def source(self) -> str:
        """The whole file with the change."""
        original = (ROOT / self.file).read_bytes()
        changed = original[: self.start] + self.text.encode() + original[self.end :]
        return changed.decode()

    @property
    def line(self) -> str:
        """The changed line."""
        return self.source.splitlines()[self.row - 1].strip()

    @property
    def rank(self) -> str:
        """A place in an order that is random and always the same."""
        return hashlib.sha256(f"{self.file} {self.kind} {self.line}".encode()).hexdigest()


def mutants(packages: Sequence[str] = ()) -> Iterator[Mutant]:
    """All mutants of the packages named, or of all."""
    for package in packages or PACKAGES:
        for file in sorted((ROOT / "kdverify" / package).rglob("*.py")):
            yield from _of_file(file)


def _of_file(file: Path) -> Iterator[Mutant]:
    source = file.read_text()
    starts = [0]
    for line in source.splitlines(keepends=True):
        starts.append(starts[-1] + len(line.encode()))
    seen = set()
    tree = ast.parse(source)
    skipped = {id(inner) for node in ast.walk(tree) for inner in _annotations(node)}
    for node in ast.walk(tree):
        for kind, changed in [] if id(node) in skipped else _changes(node):
            start = starts[node.lineno - 1] + node.col_offset
            end = starts[node.end_lineno - 1] + node.end_col_offset
            key = (start, end, changed)
            if key not in seen:
                seen.add(key)
                place = file.relative_to(ROOT).as_posix()
                yield Mutant(place, kind, start, end, node.lineno, changed)


def _annotations(node: ast.AST) -> Iterator[ast.AST]:
    """The nodes of annotations and decorators, which compute nothing."""
    for name in ("annotation", "returns", "decorator_list"):
        value = getattr(node, name, None)
        for part in value if isinstance(value, list) else [value]:
            yield from ast.walk(part) if isinstance(part, ast.AST) else ()


def _changes(node: ast.AST) -> Iterator[tuple[str, str]]:
    """What may be made of one expression: kind of change and new text."""
    if isinstance(node, ast.BinOp):
        yield from _of_operation(node)
    elif isinstance(node, ast.Compare) and len(node.ops) == 1 and type(node.ops[0]) in TIES:
        changed = ast.Compare(node.left, [TIES[type(node.ops[0])]()], node.comparators)
        yield "tie to the other side", f"({ast.unparse(changed)})"
    elif isinstance(node, ast.Subscript) and isinstance(node.ctx, ast.Load):
        index = node.slice
        if isinstance(index, ast.Constant) and type(index.value) is int:
            moved = ast.Subscript(node.value, ast.Constant(index.value - 1), node.ctx)
            yield "wrong index", ast.unparse(moved)
    elif isinstance(node, ast.Attribute) and isinstance(node.ctx, ast.Load):
        if node.attr in CONFUSED:
            changed_attribute = ast.Attribute(node.value, CONFUSED[node.attr], node.ctx)
            yield "another quantity", ast.unparse(changed_attribute)
        if node.attr in DROPPED:
            yield f"{node.attr} dropped", f"(0 * {ast.unparse(node)})"
        if any(word in node.attr for word in BOUNDS):
            yield "bound too small", f"({ast.unparse(node)} / 2)"
    elif isinstance(node, ast.Name) and isinstance(node.ctx, ast.Load) and node.id in DROPPED:
        yield f"{node.id} dropped", f"(0 * {node.id})"


def _of_operation(node: ast.BinOp) -> Iterator[tuple[str, str]]:
    if type(node.op) in OPERATORS:
        swapped = ast.BinOp(node.left, OPERATORS[type(node.op)](), node.right)
        yield "operator", f"({ast.unparse(swapped)})"
    if isinstance(node.op, ast.Mult):
        yield "factor lost", f"({ast.unparse(node.left)})"
    if isinstance(node.op, ast.Add | ast.Sub):
        yield "term lost", f"({ast.unparse(node.left)})"


def sample(found: Sequence[Mutant], count: int) -> list[Mutant]:
    """So many of them, in turn from every package and kind, the same in every run."""
    groups: dict[tuple[str, str], list[Mutant]] = {}
    for mutant in sorted(found, key=lambda m: m.rank):
        groups.setdefault((mutant.package, mutant.kind), []).append(mutant)
    order = sorted(groups, key=lambda key: groups[key][0].rank)
    chosen: list[Mutant] = []
    while len(chosen) < min(count, len(found)):
        for key in order:
            if groups[key] and len(chosen) < count:
                chosen.append(groups[key].pop(0))
    return chosen


class Tree:
    """A copy of what is needed to run claims and tests."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        for name in COPIED:
            origin, place = ROOT / name, folder / name
            place.parent.mkdir(parents=True, exist_ok=True)
            if origin.is_dir():
                shutil.copytree(origin, place, ignore=shutil.ignore_patterns("__pycache__"))
            else:
                shutil.copy(origin, place)

    def death(self, file: str, source: str, package: str, tests: bool) -> tuple[str, str]:
        """Who kills this source of a file, ``claims``, ``tests`` or nobody, and by what."""
        original = (ROOT / file).read_text()
        (self.folder / file).write_text(source)
        try:
            first, files = PACKAGES[package]
            for word in (*first, ""):
                killer = self._claims(word)
                if killer:
                    return "claims", killer
            if tests and (failed := self._tests(files)):
                return "tests", failed
            return "", ""
        finally:
            (self.folder / file).write_text(original)

    def _claims(self, word: str) -> str:
        selected = ["-k", word] if word else []
        command = ["-m", "kdverify.cli", "verify", "proofs", "-j", "1", *selected]
        done = self._python(command)
        if done.returncode == 0:
            return ""
        lines = [line for line in done.stdout.splitlines() if ": refuted" in line]
        wrong = (*lines, *done.stderr.splitlines()[-1:], f"exit code {done.returncode}")
        return f"{word or 'all'} {wrong[0].strip()[:90]}"

    def _tests(self, files: Sequence[str]) -> str:
        paths = [f"tests/{name}" for name in files]
        done = self._python(["-m", "pytest", "-q", "-x", "-p", "no:cacheprovider", *paths])
        failed = [line for line in done.stdout.splitlines() if line.startswith(("FAILED", "ERROR"))]
        return "" if done.returncode == 0 else (failed or [f"exit code {done.returncode}"])[0][:90]

    def _python(self, arguments: Sequence[str]) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [sys.executable, *arguments],
            cwd=self.folder,
            env=os.environ | {"PYTHONPATH": str(self.folder), "OMP_NUM_THREADS": "1", "CI": "1"},
            capture_output=True,
            text=True,
            check=False,
        )


def run(chosen: Sequence[Mutant], jobs: int, tests: bool) -> float:
    """Judge the mutants, print each with its death; the share that the claims killed."""
    deaths: Counter[str] = Counter()
    missed: dict[str, list[str]] = {"tests": [], "": []}
    with tempfile.TemporaryDirectory() as place, ThreadPoolExecutor(jobs) as pool:
        trees = [Tree(Path(place) / str(index)) for index in range(jobs)]

        def judged(mutant: Mutant) -> tuple[str, str]:
            tree = trees.pop()
            try:
                return tree.death(mutant.file, mutant.source, mutant.package, tests)
            finally:
                trees.append(tree)

        for mutant, (who, how) in zip(chosen, pool.map(judged, chosen), strict=True):
            reason = EQUIVALENT.get((mutant.file, mutant.line))
            word = f"{who}: {how}" if who else reason or "SURVIVES"
            shown = f"{mutant.file}:{mutant.row} ({mutant.kind}) {mutant.line}"
            print(f"{shown}  <- {word}", flush=True)
            deaths["equivalent" if reason and not who else who] += 1
            if who != "claims" and reason is None:
                missed[who].append(shown)
    for who, title in (("tests", "killed by the tests only"), ("", "survivors")):
        print(f"\n{title}: {len(missed[who])}")
        print("\n".join(missed[who]))
    print(f"{len(chosen)} mutants, {deaths['claims']} killed by claims")
    return deaths["claims"] / max(len(chosen) - deaths["equivalent"], 1)


def main(arguments: Sequence[str]) -> int:
    """Judge the chosen mutants; 1 if the claims kill too few, 2 if they do not stand unchanged."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("packages", nargs="*", metavar="PACKAGE", help=", ".join(PACKAGES))
    parser.add_argument("--sample", type=int, metavar="N", help="so many, the same in every run")
    parser.add_argument("--list", action="store_true", help="print what would be run")
    parser.add_argument("--no-tests", action="store_true", help="ask the claims only")
    parser.add_argument(
        "--at-least",
        type=float,
        default=0.95,
        metavar="SHARE",
        help="fail if the claims kill a smaller share",
    )
    parser.add_argument("-j", "--jobs", type=int, default=2)
    options = parser.parse_args(arguments)
    unknown = [package for package in options.packages if package not in PACKAGES]
    if unknown:
        parser.error(f"PACKAGE={unknown[0]!r} must be one of {', '.join(PACKAGES)}")
    chosen = list(mutants(options.packages))
    if options.sample is not None:
        chosen = sample(chosen, options.sample)
    if options.list:
        for mutant in chosen:
            print(f"{mutant.file}:{mutant.row} ({mutant.kind}) {mutant.line}")
        print(f"{len(chosen)} mutants")
        return 0
    with tempfile.TemporaryDirectory() as place:
        first = chosen[0]
        original = (ROOT / first.file).read_text()
        who, how = Tree(Path(place) / "tree").death(first.file, original, first.package, False)
    if who:
        parser.error(f"the claims do not stand even unchanged: {how}")
    return 1 if run(chosen, options.jobs, not options.no_tests) < options.at_least else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
