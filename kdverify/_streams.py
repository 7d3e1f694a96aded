"""Standard output as it comes: closed, cut off by ``head``, or without Greek letters."""

from __future__ import annotations

import codecs
import io
import os
import sys
import unicodedata
from typing import Any, TextIO

#: What letters and signs become where an encoding has none of them.
SIGNS = {
    "±": "+-",
    "−": "-",
    "–": "-",
    "×": "x",
    "·": "*",
    "≤": "<=",
    "≥": ">=",
    "→": "->",
    "…": "...",
    "∞": "inf",
    "²": "^2",
    "⁻": "^-",
    "½": "1/2",
}


def spelt(text: str, encoding: str | None) -> str:
    """``text`` with what ``encoding`` lacks spelt out: a Greek letter by its name."""
    try:
        return text.encode(encoding or "utf-8", "kdverify").decode(encoding or "utf-8")
    except (LookupError, UnicodeError):
        return text


def _spell(error: UnicodeError) -> tuple[str, int]:
    """The error handler of that: names of letters, and a question mark for anything else."""
    if not isinstance(error, UnicodeEncodeError):
        raise error
    return "".join(_name(letter) for letter in error.object[error.start : error.end]), error.end


def _name(letter: str) -> str:
    if letter in SIGNS:
        return SIGNS[letter]
    words = unicodedata.name(letter, "").split()
    if words[:1] == ["GREEK"] and len(words) == 4:
        return words[3].capitalize() if words[1] == "CAPITAL" else words[3].lower()
    bare = unicodedata.normalize("NFKD", letter).encode("ascii", "ignore").decode()
    return bare or "?"


codecs.register_error("kdverify", _spell)


class Held(io.TextIOBase):
    """A stream that keeps what is written to it until `release`.

    Files are then written before the reader of a pipe, ``head`` perhaps, may end the program.
    """

    def __init__(self, stream: TextIO) -> None:
        self._stream, self._parts = stream, list[str]()

    @property
    def encoding(self) -> str:  # type: ignore[override]  # a property there too
        """That of the stream."""
        return self._stream.encoding

    def writable(self) -> bool:
        """It is."""
        return True

    def write(self, text: str) -> int:
        """Keep a text."""
        if not isinstance(text, str):  # who asks whether a stream is binary tries this
            raise TypeError(f"text={text!r} must be text")
        self._parts.append(text)
        return len(text)

    def release(self) -> None:
        """Write out what was kept."""
        parts, self._parts = self._parts, []
        self._stream.write("".join(parts))
        self._stream.flush()


def is_closed() -> bool:
    """Whether standard output leads nowhere, by `opened`."""
    return getattr(sys.stdout, "name", "") == os.devnull


def opened() -> Held | None:
    """Make the standard streams fit for any text; hold output that is no terminal's.

    A stream that is closed leads nowhere from then on.
    """
    for name in ("stdout", "stderr"):
        stream: Any = getattr(sys, name)
        if stream is None:
            setattr(sys, name, open(os.devnull, "w", encoding="utf-8"))  # noqa: SIM115 - it stays open to the end
        elif hasattr(stream, "reconfigure"):
            stream.reconfigure(errors="kdverify")
    if sys.stdout.isatty() or is_closed():
        return None
    held = Held(sys.stdout)
    sys.stdout = held
    return held
