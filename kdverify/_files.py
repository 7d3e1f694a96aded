"""Files are written whole or not at all; pipes and devices as they are."""

from __future__ import annotations

import errno
import json
import os
import stat
import sys
import tempfile
from pathlib import Path
from typing import Any


def write_text(path: Path, text: str) -> None:
    """Write ``text`` to ``path`` atomically, or to standard output where it is ``-``."""
    if str(path) == "-":
        sys.stdout.write(text)
    else:
        write_bytes(path, text.encode("utf-8", "backslashreplace"))


def write_bytes(path: Path, content: bytes) -> None:
    """`_written`, with the file's name in every error: a full disk has none of its own."""
    try:
        _written(path, content)
    except BrokenPipeError:
        raise
    except OSError as error:
        raise OSError(error.errno, error.strerror, str(path)) from None


def _written(path: Path, content: bytes) -> None:
    """Write ``content`` to ``path``: a reader sees the old file or the new one.

    A link leads to the file that is written, which keeps its permissions.  A pipe or a device, and
    a file in a folder where no other can be made, is written to as it is.
    """
    mode = 0o666 & ~_umask()
    if path.exists():
        mode = stat.S_IMODE(path.stat().st_mode)
        if not os.access(path, os.W_OK):
            raise PermissionError(errno.EACCES, "cannot be written to", str(path))
        device = not path.is_file() or path.absolute().parts[:2] in (("/", "dev"), ("/", "proc"))
        if device or not os.access(path.resolve().parent, os.W_OK):
            with path.open("wb") as stream:
                stream.write(content)
            return
    path = path.resolve()
    path.parent.mkdir(parents=True, exist_ok=True)
    handle, temporary = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.")
    try:
        with os.fdopen(handle, "wb") as stream:
            stream.write(content)
        os.chmod(temporary, mode)
        os.replace(temporary, path)
    except BaseException:
        os.unlink(temporary)
        raise


def write_json(content: dict[str, Any], path: str) -> None:
    """Write a JSON document to a file, or to standard output where ``path`` is ``-``."""
    known = path != "-" or "utf" in (sys.stdout.encoding or "utf").lower()
    text = json.dumps(content, indent=2, ensure_ascii=not known, allow_nan=False) + "\n"
    text = text.encode("utf-8", "backslashreplace").decode()  # names of files that are no UTF-8
    write_text(Path(path), text)


def _umask() -> int:
    mask = os.umask(0)
    os.umask(mask)
    return mask
