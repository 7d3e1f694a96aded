"""Would the claims notice a wrong formula?  Change one character and see.

    python -m tests.mutations                  # every mutant of every formula
    python -m tests.mutations gain improvement # those of two functions
    python -m tests.mutations mixing.py        # those of one file

A mutant is a file of `kdverify.formulas` with one character changed inside the body of one
function: ``+`` and ``-`` swapped, ``*`` and ``/`` swapped, a digit raised.  It is judged as those
of the composing code are (`tests.mutants`): the evidence that calls the changed line is asked, the
cheap first, until a piece comes out otherwise than it should.  A mutant that survives all of it is
a hole in the claims; one that changes nothing mathematically has to be listed, with the reason,
in `tests.mutants_by_hand.EQUIVALENT`.
"""

from __future__ import annotations

import argparse
import ast
import io
import sys
import tokenize
from collections.abc import Iterator, Sequence
from pathlib import Path

from tests.mutants import Mutant, run
from tests.mutants_judge import ROOT
from tests.mutants_map import FORMULAS

SWAPS = {"+": "-", "-": "+", "*": "/", "/": "*"}


def mutants(names: Sequence[str] = ()) -> Iterator[Mutant]:
    """All one-character mutants of the functions and files named, or of all."""
    for file in sorted((ROOT / "kdverify" / FORMULAS).glob("*.py")):
        for function in ast.parse(file.read_text()).body:
            if isinstance(function, ast.FunctionDef) and (
                not names or not {file.name, function.name}.isdisjoint(names)
            ):
                yield from _mutants_of(file, function)


def _mutants_of(file: Path, function: ast.FunctionDef) -> Iterator[Mutant]:
    text = file.read_text()
    lines = text.splitlines(keepends=True)
    statements = [n for n in function.body if not _is_docstring(n)]
    for token in tokenize.generate_tokens(io.StringIO(text).readline):
        row, column = token.start
        inside = [n for n in statements if n.lineno <= row <= (n.end_lineno or n.lineno)]
        if token.type == tokenize.OP and token.string in SWAPS:
            changed = SWAPS[token.string]
        elif token.type == tokenize.NUMBER and len(token.string) == 1:
            changed = str((int(token.string) + 1) % 10)
        else:
            continue
        if inside:
            start = len("".join([*lines[: row - 1], lines[row - 1][:column]]).encode())
            rows = (inside[0].lineno, inside[0].end_lineno or inside[0].lineno)
            place = file.relative_to(ROOT).as_posix()
            yield Mutant(place, function.name, start, start + 1, row, rows, changed)


def _is_docstring(node: ast.stmt) -> bool:
    return isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant)


def main(arguments: Sequence[str]) -> int:
    """Judge all chosen mutants; 1 if one survives unexplained."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("names", nargs="*", metavar="FUNCTION or FILE")
    parser.add_argument("-j", "--jobs", type=int, default=2)
    parser.add_argument(
        "--budget", type=float, default=120.0, help="seconds of usual time for one mutant"
    )
    options = parser.parse_args(arguments)
    chosen = list(mutants(options.names))
    if not chosen:
        parser.error(f"there is no formula called {' or '.join(options.names)}")
    share = run(chosen, options.jobs, False, options.budget)
    return 1 if share < 1 else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
