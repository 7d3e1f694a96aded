"""Checks of files that are read or written."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

from kdverify.checks.values import shown

FIGURE_ENDINGS = (".png", ".svg", ".pdf")
#: Endings of compressed files.
PACKED = (".gz", ".bz2", ".xz", ".zst", ".zip", ".7z", ".tgz")


def file_path(name: str, path: Any) -> Path:
    """A path, given as text or as a path."""
    if not isinstance(path, str | os.PathLike):
        raise TypeError(f"{name}={shown(path)} must be the path of a file")
    return Path(path)


def output_file(name: str, path: Any) -> Path:
    """A file to write, in a folder that exists or can be made."""
    file = file_path(name, path)
    if file.is_dir():
        raise ValueError(f"{name}={str(path)!r} must be a file, not a folder")
    if file.exists():
        if not os.access(file, os.W_OK):
            raise ValueError(f"{name}={str(path)!r} must be a file that can be written to")
        return file
    nearest = next(folder for folder in file.absolute().parents if folder.exists())
    if not (nearest.is_dir() and os.access(nearest, os.W_OK)):
        raise ValueError(f"{name}={str(path)!r} must lie in a folder that can be written to")
    return file


def output_folder(name: str, path: Any) -> Path:
    """A folder to write files to, which is there or can be made."""
    folder = file_path(name, path)
    nearest = next(f for f in (folder.absolute(), *folder.absolute().parents) if f.exists())
    if not (nearest.is_dir() and os.access(nearest, os.W_OK)):
        raise ValueError(f"{name}={str(path)!r} must be a folder that can be written to")
    return folder


def figure_file(name: str, path: Any) -> Path:
    """A file to write a figure to, by its ending."""
    file = output_file(name, path)
    if file.suffix.lower() not in FIGURE_ENDINGS:
        raise ValueError(f"{name}={str(path)!r} must end in one of {', '.join(FIGURE_ENDINGS)}")
    return file


def readable_file(name: str, path: Any, endings: tuple[str, ...]) -> Path:
    """An existing file whose name ends in one of ``endings``."""
    file = file_path(name, path)
    if file.is_dir():
        raise ValueError(f"{name}={str(path)!r} must be a file, not a folder")
    if str(path) == "-" or (file.exists() and not file.is_file()):
        raise ValueError(
            f"{name}={str(path)!r} must be a file on a disk, not a pipe or a device: it is read "
            "more than once"
        )
    if not file.is_file():
        raise ValueError(f"{name}={str(path)!r} must be an existing file")
    if not os.access(file, os.R_OK):
        raise ValueError(f"{name}={str(path)!r} must be a file that can be read")
    if file.suffix.lower() not in endings:
        packed = " (it is compressed: unpack it first)" if file.suffix.lower() in PACKED else ""
        raise ValueError(f"{name}={str(path)!r} must end in one of {', '.join(endings)}{packed}")
    return file
