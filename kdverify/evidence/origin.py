"""Where a claim comes from, for the reader of a report: its file, its derivation, its command."""

from __future__ import annotations

import os
import re
import shlex
from contextlib import nullcontext
from pathlib import Path
from typing import Any

from kdverify import _locate
from kdverify.evidence.claim import Claim
from kdverify.evidence.collect import helpers_importable
from kdverify.evidence.outcome import LEVELS, Level

#: Begins the origin of a claim that comes with the package.
SHIPPED = "proofs:"

#: A symbol whose name is itself an expression in brackets, such as a formal sum ``S[b**2]``.
_BRACKETED = re.compile(r"(\w+)\[([\w*/+\-. ()]+)\]")


def origin(claim: Claim) -> str | None:
    """``proofs:FOLDER/FILE`` for a claim that comes with the package, else the path of its file.

    None for a claim that was made in the process that ran it.
    """
    if claim.origin is None:
        return None
    if _is_shipped(claim.origin):
        return SHIPPED + claim.origin.relative_to(_locate.folder("proofs")).as_posix()
    relative = os.path.relpath(claim.origin)
    return str(claim.origin) if relative.startswith("..") else relative


def reproduce(claim: Claim, level: Level) -> str | None:
    """The command that runs this claim again, at this level; None if it has no file."""
    where = origin(claim)
    if where is None:
        return None
    path = [] if where.startswith(SHIPPED) else [where]
    depth = [] if level.name == next(iter(LEVELS)) else ["--level", level.name]
    return shlex.join(["kdverify", "verify", *path, "-k", claim.id, *depth])


def expressions(claim: Claim) -> list[str | None]:
    """LaTeX of the expression that each step of the derivation arrives at, None without one.

    A step whose expression cannot be formed has none: derivations are for a reader, and no
    verdict rests on them.
    """
    with helpers_importable(claim.origin.parent) if claim.origin else nullcontext():
        return [_latex(step.expression) for step in claim.steps]


def _latex(expression: Any) -> str | None:
    if expression is None:
        return None
    import sympy

    try:
        value = expression()
        names = {s: name for s in _symbols(value) if (name := _bracketed_latex(s.name))}
        return str(sympy.latex(value, symbol_names=names))
    except Exception:  # whatever a reader's own step raises
        return None


def _symbols(value: Any) -> set[Any]:
    if isinstance(value, list | tuple):
        return set().union(*map(_symbols, value))
    return set(getattr(value, "free_symbols", ()))


def _bracketed_latex(name: str) -> str | None:
    """LaTeX of a symbol called ``S[b**2/zeta]``; None for a name of another form."""
    import sympy

    match = _BRACKETED.fullmatch(name)
    if match is None:
        return None
    names = re.findall(r"[A-Za-z_]\w*", match[2])
    inside = sympy.sympify(match[2], locals={n: sympy.Symbol(n) for n in names})
    return rf"{sympy.latex(sympy.Symbol(match[1]))}\left[{sympy.latex(inside)}\right]"


def _is_shipped(file: Path) -> bool:
    try:
        return file.is_relative_to(_locate.folder("proofs"))
    except FileNotFoundError:
        return False
