"""What Coq's kernel accepted before, in the user's cache folder.

A key is made of the whole text, of the libraries of this package that it uses, and of Coq's
version.  Only acceptances are kept.
"""

from __future__ import annotations

import hashlib
import json
import os
from pathlib import Path

from kdverify._files import write_text
from kdverify.evidence.kernel import coqc
from kdverify.evidence.kernel.coqc import Checked


def folder() -> Path:
    """Where acceptances are kept."""
    return Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "kdverify" / "coq"


def key(*texts: str) -> str:
    """The name under which the answer about ``texts`` is kept."""
    libraries = [source for text in texts for source in coqc.sources(text).values()]
    whole = "\0".join([coqc.version(), *sorted(coqc.ALLOWED), *libraries, *texts])
    return hashlib.sha256(whole.encode()).hexdigest()


def recall(name: str) -> Checked | None:
    """The acceptance kept under this name, if there is one that can be read."""
    try:
        axioms = json.loads((folder() / f"{name}.json").read_text())["axioms"]
    except (OSError, ValueError, KeyError, TypeError):
        return None
    return Checked(True, tuple(axioms)) if coqc.ALLOWED.issuperset(axioms) else None


def remember(name: str, answer: Checked) -> None:
    """Keep an acceptance; where the folder cannot be written nothing is kept."""
    if answer.accepted:
        try:
            write_text(folder() / f"{name}.json", json.dumps({"axioms": answer.axioms}))
        except OSError:
            return
