"""Would the claims notice a wrong formula?  Change one character and see.

    python -m tests.mutations                  # every mutant of every formula
    python -m tests.mutations gain improvement # those of two functions
    python -m tests.mutations gain --claims 3. # first the claims of section 3, see below

A mutant is a file of `kdverify.formulas` with one character changed inside the body of one
function: ``+`` and ``-`` swapped, ``*`` and ``/`` swapped, a digit raised.  For each mutant a
fresh process loads it in the place of the real module and runs the claims, cheap evidence
first, until one comes out as it must not; the verdict that did it is printed.  A mutant that
survives all of them is a hole in the claims; one that changes nothing mathematically has to
be listed, with the reason, in ``EQUIVALENT``.  The unchanged source has to survive first.

``--claims 3.`` asks the claims whose ids begin so first: it saves time where these kill most
mutants, and changes no verdict, since what survives them is judged by all claims.
"""

from __future__ import annotations

import argparse
import ast
import io
import subprocess
import sys
import tokenize
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
FORMULAS = ROOT / "kdverify" / "formulas"
SWAPS = {"+": "-", "-": "+", "*": "/", "/": "*"}
CHEAP_FIRST = ("identity", "forall", "enclosure", "limit", "agreement", "kernel")

#: (function, line of code after the change): mutants that mean the same.
EQUIVALENT: dict[tuple[str, str], str] = {}


@dataclass(frozen=True)
class Mutant:
    """One character changed: where, and what the line reads afterwards."""

    file: str
    function: str
    row: int
    column: int
    text: str

    @property
    def source(self) -> str:
        """The whole module with the change."""
        lines = (FORMULAS / self.file).read_text().splitlines(keepends=True)
        line = lines[self.row - 1]
        lines[self.row - 1] = line[: self.column] + self.text + line[self.column + 1 :]
        return "".join(lines)

    @property
    def line(self) -> str:
        """The changed line."""
        return self.source.splitlines()[self.row - 1].strip()


def mutants(names: list[str] | None = None) -> Iterator[Mutant]:
    """All one-character mutants of the functions named, or of all."""
    for file in sorted(FORMULAS.glob("*.py")):
        source = file.read_text()
        tokens = list(tokenize.generate_tokens(io.StringIO(source).readline))
        for node in ast.parse(source).body:
            if isinstance(node, ast.FunctionDef) and (not names or node.name in names):
                yield from _mutants_of(file.name, node, tokens)


def _mutants_of(
    file: str, function: ast.FunctionDef, tokens: list[tokenize.TokenInfo]
) -> Iterator[Mutant]:
    body = [n for n in function.body if not _is_docstring(n)]
    first, last = body[0].lineno, body[-1].end_lineno or body[-1].lineno
    for token in tokens:
        if not first <= token.start[0] <= last:
            continue
        if token.type == tokenize.OP and token.string in SWAPS:
            yield Mutant(file, function.name, *token.start, SWAPS[token.string])
        elif token.type == tokenize.NUMBER and len(token.string) == 1:
            yield Mutant(file, function.name, *token.start, str((int(token.string) + 1) % 10))


def _is_docstring(node: ast.stmt) -> bool:
    return isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant)


def verdict_on(file: str, source: str, first: str = "", timeout: float = 900) -> str:
    """How this source of one file dies, by the claims that begin with ``first`` if it can be.

    Nothing if it survives all claims.
    """
    for prefix in dict.fromkeys((first, "")):
        death = _verdict_of_a_process(file, source, prefix, timeout)
        if death:
            return death
    return ""


def _verdict_of_a_process(file: str, source: str, prefix: str, timeout: float) -> str:
    finished = subprocess.run(
        [sys.executable, "-m", "tests.mutations", "--judge", file, "--claims", prefix],
        input=source,
        text=True,
        capture_output=True,
        cwd=ROOT,
        timeout=timeout,
        check=False,
    )
    if finished.returncode != 0:
        raise RuntimeError(f"judging {file} broke:\n{finished.stderr}")
    return finished.stdout.strip()


def judge(file: str, source: str, prefix: str = "") -> None:
    """Print the first check that comes out as it must not on this source, or nothing.

    Of the claims whose ids begin with ``prefix``.
    """
    _replace(file, source)
    from kdverify import _locate
    from kdverify.evidence import Context, Control
    from kdverify.evidence.collect import helpers_importable
    from kdverify.verify import collect

    folder = _locate.folder("proofs")
    units = [
        (claim, index, item.evidence.kind if isinstance(item, Control) else item.kind)
        for claim in collect([folder])
        for index, item in enumerate(claim.checks)
    ]
    random = sum(kind == "agreement" for _, _, kind in units)
    rate = Context().error_rate / random  # as a run of all claims shares it out
    chosen = [unit for unit in units if unit[0].id.startswith(prefix)]
    for claim, index, kind in sorted(chosen, key=lambda unit: CHEAP_FIRST.index(unit[2])):
        item = claim.checks[index]
        with helpers_importable(folder):
            verdict = item.run(Context(error_rate=rate, unit=f"{claim.id}#{index}")).verdict
        tempting = claim.expect == "refuted" and not isinstance(item, Control)
        if not (verdict.stands or verdict == "rejected" or tempting):
            print(f"{claim.id}: {kind} {verdict}")
            return


def _replace(file: str, source: str) -> None:
    """Put the functions of ``source`` in the place of those of one file, wherever used."""
    from kdverify import formulas

    name = f"kdverify.formulas.{Path(file).stem}"
    original = dict(vars(sys.modules[name]))
    changed = dict(original)
    exec(compile(source, str(FORMULAS / file), "exec"), changed)
    modules = [m for n, m in sys.modules.items() if n.startswith(formulas.__name__)]
    for key, function in original.items():
        if getattr(function, "__module__", None) != name:
            continue
        for module in modules:
            if getattr(module, key, None) is function:
                setattr(module, key, changed[key])


def main(arguments: list[str]) -> int:
    """Judge all chosen mutants, two at a time; 1 if one survives unexplained."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("functions", nargs="*")
    parser.add_argument("--judge", metavar="FILE", help="judge a source from standard input")
    parser.add_argument("--claims", metavar="PREFIX", default="", help="ask these claims first")
    parser.add_argument("-j", "--jobs", type=int, default=2)
    options = parser.parse_args(arguments)
    if options.judge:
        judge(options.judge, sys.stdin.read(), options.claims)
        return 0
    chosen = list(mutants(options.functions))
    if not chosen:
        parser.error(f"there is no formula called {' or '.join(options.functions)}")
    unchanged = verdict_on(chosen[0].file, (FORMULAS / chosen[0].file).read_text(), options.claims)
    if unchanged:
        parser.error(f"the claims do not stand even unchanged: {unchanged}")
    holes = 0
    with ThreadPoolExecutor(options.jobs) as pool:
        verdicts = pool.map(lambda m: verdict_on(m.file, m.source, options.claims), chosen)
        for mutant, death in zip(chosen, verdicts, strict=True):
            reason = EQUIVALENT.get((mutant.function, mutant.line))
            holes += not death and reason is None
            word = death or (f"equivalent: {reason}" if reason else "SURVIVES")
            print(f"{mutant.function}: {mutant.line}  <- {word}", flush=True)
    print(f"{len(chosen)} mutants, {holes} unexplained survivors")
    return 1 if holes else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
