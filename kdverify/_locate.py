"""Where the folders that travel with the package lie."""

from __future__ import annotations

from pathlib import Path

_PACKAGE = Path(__file__).resolve().parent


def folder(name: str) -> Path:
    """The folder ``name`` (``"proofs"``, ``"experiments"``).

    A wheel carries it as ``kdverify/_<name>``; in a checkout it lies beside the package.
    """
    for candidate in (_PACKAGE / f"_{name}", _PACKAGE.parent / name):
        if candidate.is_dir():
            return candidate
    raise FileNotFoundError(
        f"the folder {name!r} is neither inside nor beside the package: the installation is "
        "incomplete"
    )
