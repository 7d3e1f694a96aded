"""Where a result comes from: versions of the formulas and of the software."""

from __future__ import annotations

import hashlib
import platform
from functools import cache
from importlib import metadata
from pathlib import Path

#: Version of every JSON document that kdverify writes.
SCHEMA = 1

SOLVERS = ("numpy", "scipy", "sympy", "mpmath", "gmpy2", "python-flint", "z3-solver", "cvc5")


@cache
def formula_version() -> str:
    """Hash of `kdverify.formulas` (hex, 12 digits): it changes when any formula does."""
    digest = hashlib.sha256()
    for file in sorted(Path(__file__).with_name("formulas").glob("*.py")):
        digest.update(file.read_bytes())
    return digest.hexdigest()[:12]


@cache
def environment() -> dict[str, str]:
    """Versions of kdverify, Python and the solvers, read without importing them."""
    from kdverify import __version__

    versions = {"kdverify": __version__, "python": platform.python_version()}
    for name in SOLVERS:
        try:
            versions[name] = metadata.version(name)
        except metadata.PackageNotFoundError:
            versions[name] = "not installed"
    versions["platform"] = platform.platform()
    return versions
