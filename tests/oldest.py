"""The oldest versions that pyproject.toml says will do, as constraints for pip.

    python -m tests.oldest tables torch

Those of the core and of the named extras, one a line.  Needs the standard library only.
"""

from __future__ import annotations

import re
import sys
import tomllib
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any

PYPROJECT = Path(__file__).parents[1] / "pyproject.toml"
#: Name, extras, and the lower bound or the one version.
REQUIREMENT = re.compile(r"([\w.-]+)(?:\[[\w,-]+\])?\s*[>=]=\s*([\w.]+)")


def oldest(project: Mapping[str, Any], extras: Iterable[str] = ()) -> Iterator[str]:
    """``name==version`` for each requirement of the core and of ``extras``."""
    named = [project["dependencies"], *(project["optional-dependencies"][one] for one in extras)]
    for requirement in (one for group in named for one in group):
        found = REQUIREMENT.match(requirement)
        if found is not None:
            yield "{}=={}".format(*found.groups())
        elif not requirement.startswith(f"{project['name']}["):
            raise ValueError(f"requirement={requirement!r} must name the oldest version")


def project() -> dict[str, Any]:
    """The table of that name."""
    return dict(tomllib.loads(PYPROJECT.read_text(encoding="utf-8"))["project"])


if __name__ == "__main__":
    print(*oldest(project(), sys.argv[1:]), sep="\n")
