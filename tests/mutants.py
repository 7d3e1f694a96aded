"""Would the claims notice a wrong composition?  Change the code that composes, and see.

    python -m tests.mutants                       # every mutant of the composing code
    python -m tests.mutants rows --sample 20      # twenty of kdverify/rows, always the same
    python -m tests.mutants --sample 60 --seed 2  # sixty others
    python -m tests.mutants --by-hand             # the changes of tests/mutants_by_hand.py
    python -m tests.mutants rows --list           # what would be run

A mutant is one expression of the code in `tests.mutants_judge.COMPOSING` changed: an operator
swapped, or a change of meaning (a tie to the other side, an index moved, a factor lost, one
quantity taken for another, ridge or noise dropped, an error bound halved).  `tests.mutants_map`
knows which pieces of evidence run the changed line; `tests.mutants_judge` runs these, as ``kdverify
verify`` does at the quick level, until one comes out otherwise than it should: refuted, a
control not rejected (exit code 1), undecided (exit code 3).  A line that none of them runs is
said to be such.  ``--tests`` gives what survives to the tests: mutants that only these kill are
listed apart, as holes in the claims.

A mutant that changes nothing that a result depends on is listed with its reason in
`tests.mutants_by_hand.EQUIVALENT`.  Texts of errors and notes, annotations, and the files in
``NOT_COMPOSING`` are not changed.
"""

from __future__ import annotations

import argparse
import ast
import hashlib
import sys
import tempfile
from collections import Counter, defaultdict
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import asdict, dataclass
from functools import cache
from pathlib import Path

from tests.mutants_by_hand import CHANGES, EQUIVALENT
from tests.mutants_judge import COMPOSING, ROOT, Judge
from tests.mutants_map import FORMULAS, Record, records

#: Package or module -> its tests.
TESTS: dict[str, tuple[str, ...]] = {
    "gaussian": ("test_theory.py", "test_stages.py", "test_scaling.py", "test_certified.py"),
    "random_features": ("test_random_features.py", "test_random_features_infinite.py"),
    "rows": ("test_rows.py", "test_rows_pools.py", "test_rows_prediction.py"),
    "simulation": ("test_simulation.py", "test_simulation_noise.py"),
    "features": ("test_features.py",),
    "estimators": ("test_estimators.py",),
    "labels": ("test_few_samples.py", "test_labels.py"),
    **dict.fromkeys(
        ("stages.py", "training.py", "gain_map.py"), ("test_stages.py", "test_gain_map.py")
    ),
    **dict.fromkeys(("teachers.py", "prediction.py", "measurement.py"), ("test_door.py",)),
}

#: Files that compute no result: how one is shown or kept, or where it is computed.
NOT_COMPOSING = {
    "kdverify/estimators/display.py": "HTML of an estimator",
    "kdverify/simulation/store.py": "keeps trials on disk",
    "kdverify/simulation/torch_backend.py": "CUDA; no claim may need it",
}

#: Functions and names that no result depends on: memory and work, progress, words.
IDLE_FUNCTIONS = {
    *("bytes_needed", "workspace_bytes", "feature_bytes", "feature_work", "work", "__repr__"),
    *("require_memory", "_caveats", "_reductions", "_cautions", "cautions", "__str__", "_short"),
}
IDLE_NAMES = {"progress", "report", "_report", "reached", "work"}

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
    rows: tuple[int, int]
    text: str

    @property
    def package(self) -> str:
        """The package or module of the file, below ``kdverify``."""
        return Path(self.file).parts[1]

    @property
    def source(self) -> str:
        """The whole file with the change."""
        original = _text(self.file)
        changed = original[: self.start] + self.text.encode() + original[self.end :]
        return changed.decode()

    @property
    def line(self) -> str:
        """The changed line."""
        return self.source.splitlines()[self.row - 1].strip()

    def rank(self, seed: int = 0) -> str:
        """A place in an order that is random and always the same."""
        key = f"{seed or ''}{self.file} {self.kind} {self.line}"
        return hashlib.sha256(key.encode()).hexdigest()


@cache
def _text(file: str) -> bytes:
    """A file as it was when it was first read."""
    return (ROOT / file).read_bytes()


def mutants(packages: Sequence[str] = ()) -> Iterator[Mutant]:
    """All mutants of the packages and modules named, or of all."""
    for package in packages or COMPOSING:
        place = ROOT / "kdverify" / package
        for file in sorted(place.rglob("*.py")) if place.is_dir() else [place]:
            if file.relative_to(ROOT).as_posix() not in NOT_COMPOSING:
                yield from _of_file(file)


def by_hand() -> Iterator[Mutant]:
    """The changes of meaning of `tests.mutants_by_hand`."""
    for kind, file, before, after in CHANGES:
        source = _text(file)
        if source.count(before.encode()) != 1:
            raise ValueError(f"{before!r} must stand once in {file}")
        start = source.index(before.encode())
        row = source[:start].count(b"\n") + 1
        rows = (row, row + before.count("\n"))
        yield Mutant(file, kind, start, start + len(before.encode()), row, rows, after)


def _of_file(file: Path) -> Iterator[Mutant]:
    place = file.relative_to(ROOT).as_posix()
    source = _text(place).decode()
    starts = [0]
    for line in source.splitlines(keepends=True):
        starts.append(starts[-1] + len(line.encode()))
    seen = set()
    for node, rows in _expressions(ast.parse(source)):
        for kind, changed in _changes(node):
            start = starts[node.lineno - 1] + node.col_offset
            end = starts[(node.end_lineno or 0) - 1] + (node.end_col_offset or 0)
            key = (start, end, changed)
            if key not in seen:
                seen.add(key)
                yield Mutant(place, kind, start, end, node.lineno, rows, changed)


def _expressions(tree: ast.AST) -> Iterator[tuple[ast.expr, tuple[int, int]]]:
    """Expressions that compute something, each with the first and last line of its statement.

    Of a statement with others inside, such as a loop, the expression's own lines are given.
    """
    skipped = {id(inner) for node in ast.walk(tree) for inner in _idle(node)}
    for statement in ast.walk(tree):
        if not isinstance(statement, ast.stmt):
            continue
        simple = not hasattr(statement, "body")
        for child in ast.iter_child_nodes(statement):
            for node in _inside(child):
                if isinstance(node, ast.expr) and id(node) not in skipped:
                    rows = statement if simple else node
                    yield node, (rows.lineno, rows.end_lineno or rows.lineno)


def _inside(node: ast.AST) -> Iterator[ast.AST]:
    """The node and what it holds, but for statements."""
    if not isinstance(node, ast.stmt):
        yield node
        for child in ast.iter_child_nodes(node):
            yield from _inside(child)


def _idle(node: ast.AST) -> Iterator[ast.AST]:
    """The nodes of annotations, decorators, errors and texts, which no result depends on.

    A method's name is none that may be taken for another.
    """
    if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute):
        yield node.func
    parts = [getattr(node, "annotation", None), getattr(node, "returns", None)]
    parts += getattr(node, "decorator_list", [])
    parts += [node] if isinstance(node, ast.Raise | ast.JoinedStr | ast.Assert) else []
    if isinstance(node, ast.FunctionDef) and node.name in IDLE_FUNCTIONS:
        parts.append(node)
    if isinstance(node, ast.Assign | ast.Expr) and IDLE_NAMES & _names(node):
        parts.append(node)
    for part in parts:
        yield from ast.walk(part) if part else ()


def _names(statement: ast.Assign | ast.Expr) -> set[str]:
    """What a statement assigns to, or the function that it calls."""
    if isinstance(statement, ast.Expr):
        called = statement.value.func if isinstance(statement.value, ast.Call) else None
        return {str(getattr(called, "id", getattr(called, "attr", "")))}
    targets = [t.value if isinstance(t, ast.Subscript) else t for t in statement.targets]
    return {str(getattr(target, "id", "")) for target in targets}


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


def sample(found: Sequence[Mutant], count: int, seed: int = 0) -> list[Mutant]:
    """So many of them, in turn from every package and kind, the same in every run."""
    groups: dict[tuple[str, str], list[Mutant]] = {}
    for mutant in sorted(found, key=lambda m: m.rank(seed)):
        groups.setdefault((mutant.package, mutant.kind), []).append(mutant)
    order = sorted(groups, key=lambda key: groups[key][0].rank(seed))
    chosen: list[Mutant] = []
    while len(chosen) < min(count, len(found)):
        for key in order:
            if groups[key] and len(chosen) < count:
                chosen.append(groups[key].pop(0))
    return chosen


def units_of(mutant: Mutant, known: Sequence[Record]) -> list[Record]:
    """The pieces of evidence that run the changed statement, the cheapest first.

    Of a statement outside functions, which runs at import: those that run its file.
    """
    first, last = mutant.rows
    inside = set(range(first, last + 1))
    body = _function_rows(mutant.file)
    found = [
        record
        for record in known
        if (lines := record.lines.get(mutant.file))
        and (not inside.isdisjoint(lines) or body.isdisjoint(inside))
    ]
    return sorted(found, key=lambda record: record.seconds)


@cache
def _function_rows(file: str) -> frozenset[int]:
    """The lines inside functions."""
    functions = (ast.FunctionDef, ast.Lambda)
    found = [n for n in ast.walk(ast.parse(_text(file))) if isinstance(n, functions)]
    bodies = [(n.body[0].lineno if isinstance(n.body, list) else n.lineno, n) for n in found]
    return frozenset(
        row for start, node in bodies for row in range(start, (node.end_lineno or start) + 1)
    )


def run(
    chosen: Sequence[Mutant], jobs: int, tests: bool, budget: float, words: Sequence[str] = ()
) -> float:
    """Judge the mutants, print each with its death; the share that the claims killed."""
    known = records(words)
    deaths: Counter[str] = Counter()
    missed: dict[str, list[str]] = defaultdict(list)
    with tempfile.TemporaryDirectory() as place, ThreadPoolExecutor(jobs) as pool:
        warm = chosen[0].package == FORMULAS
        judges = [Judge(Path(place) / str(index), warm) for index in range(jobs)]
        every = list(judges)

        def judged(mutant: Mutant) -> tuple[str, str]:
            judge = judges.pop()
            try:
                return _death(mutant, judge, units_of(mutant, known), tests, budget)
            finally:
                judges.append(judge)

        for mutant, (who, how) in zip(chosen, pool.map(judged, chosen), strict=True):
            reason = EQUIVALENT.get((mutant.file, mutant.line))
            death = "equivalent" if reason and not who else who
            shown = f"{mutant.file}:{mutant.row} ({mutant.kind}) {mutant.line}"
            print(f"{shown}  <- {reason or how if death == 'equivalent' else how}", flush=True)
            deaths[death] += 1
            if death not in ("claims", "equivalent"):
                missed[death].append(f"{shown}  <- {how}")
        for judge in every:
            judge.end()
    for who, title in (("tests", "killed by the tests only"), ("", "survivors")):
        print(f"\n{title}: {len(missed[who])}")
        print("\n".join(missed[who]))
    counted = len(chosen) - deaths["equivalent"]
    share = deaths["claims"] / max(counted, 1)
    print(f"{counted} mutants, {deaths['claims']} killed by claims: {share:.1%}")
    return share


def _death(
    mutant: Mutant, judge: Judge, units: Sequence[Record], tests: bool, budget: float
) -> tuple[str, str]:
    """Who kills the mutant, ``claims``, ``tests`` or nobody, and how."""
    spent, asked = 0.0, []
    for unit in units:
        spent += unit.seconds
        if spent <= budget:
            asked.append(asdict(unit))
    if asked and (fallen := judge.verdict(mutant.file, mutant.source, asked)):
        return "claims", fallen
    if tests and (failed := judge.failed_test(mutant.file, mutant.source, TESTS[mutant.package])):
        return "tests", failed
    left = f", {len(units) - len(asked)} longer ones not asked" if len(units) > len(asked) else ""
    return "", f"SURVIVES {len(asked)} units{left}" if units else "SURVIVES: no evidence runs it"


def main(arguments: Sequence[str]) -> int:
    """Judge the chosen mutants; 1 if the claims kill too few."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("packages", nargs="*", metavar="PACKAGE", help=", ".join(COMPOSING))
    parser.add_argument("--sample", type=int, metavar="N", help="so many, the same in every run")
    parser.add_argument("--seed", type=int, default=0, help="which sample")
    parser.add_argument("--by-hand", action="store_true", help="the changes made by hand")
    parser.add_argument("--every", type=int, default=1, metavar="N", help="every N-th of them")
    parser.add_argument("--list", action="store_true", help="print what would be run")
    parser.add_argument("--claims", nargs="+", default=[], metavar="WORD", help="ask these alone")
    parser.add_argument("--tests", action="store_true", help="give survivors to the tests")
    parser.add_argument(
        "--budget", type=float, default=60.0, help="seconds of usual time for one mutant"
    )
    parser.add_argument(
        "--at-least",
        type=float,
        default=0.95,
        metavar="SHARE",
        help="fail if the claims kill a smaller share",
    )
    parser.add_argument("-j", "--jobs", type=int, default=2)
    options = parser.parse_args(arguments)
    unknown = [package for package in options.packages if package not in COMPOSING]
    if unknown:
        parser.error(f"PACKAGE={unknown[0]!r} must be one of {', '.join(COMPOSING)}")
    made = by_hand() if options.by_hand else mutants(options.packages)
    chosen = [m for m in made if m.package in (options.packages or COMPOSING)]
    chosen = chosen[:: options.every]
    if options.sample is not None:
        chosen = sample(chosen, options.sample, options.seed)
    if options.list:
        for mutant in chosen:
            print(f"{mutant.file}:{mutant.row} ({mutant.kind}) {mutant.line}")
        print(f"{len(chosen)} mutants")
        return 0
    share = run(chosen, options.jobs, options.tests, options.budget, options.claims)
    return 1 if share < options.at_least else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
