"""Runs Coq on a text and says what its kernel accepted, and on which axioms it rests.

Coq runs in a folder of its own that is removed (``nra`` leaves files), under a limit of
processor time (its own ``timeout`` counts wall time), with one thread.  Believed are its exit
code and what ``Print Assumptions`` prints after a mark that the text cannot know.
"""

from __future__ import annotations

import ctypes
import os
import re
import resource
import secrets
import shutil
import signal
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from kdverify.evidence.outcome import Figures, Finding, NotRun, Verdict

LIBRARY = Path(__file__).with_name("library")
INSTALL = (
    "apt-get install --no-install-recommends coq libcoq-interval libcoq-coquelicot "
    "libcoq-mathcomp-algebra-tactics"
)
#: Axioms of Coq's classical real numbers.  A theorem that rests on any other is not accepted.
ALLOWED = frozenset({"sig_forall_dec", "sig_not_dec", "functional_extensionality_dep", "classic"})

#: Words that add an axiom or leave a proof open.
_FORBIDDEN = re.compile(r"\b(Axioms?|Parameters?|Conjecture|Admitted|admit|give_up|Bypass_Check)\b")
_OURS = re.compile(r"^From KD Require (Import|Export) ([\w ]+)\.", re.MULTILINE)
_FOREIGN = re.compile(r"^((?:From \w+ )?Require )(?:Import |Export )?(.+\.)$", re.MULTILINE)
#: The garbage collector of Coq's language waits longer than Coq makes it: a quarter less time.
_COLLECTOR = "s=8M,o=1000"
_MEMORY = 4 << 30
_PR_SET_PDEATHSIG = 1


@dataclass(frozen=True)
class Checked:
    """What the kernel said of one theorem.

    Attributes:
        accepted: whether it has a proof that rests on allowed axioms only.
        axioms: the axioms that it rests on, by their short names, in order.
        message: why it was not accepted.
        line: where in the text Coq stopped, if it did.
    """

    accepted: bool
    axioms: tuple[str, ...] = ()
    message: str = ""
    line: int | None = None


@cache
def version() -> str:
    """Coq's version.

    Raises:
        NotRun: if Coq is not installed.
    """
    if shutil.which("coqc") is None:
        raise NotRun(f"Coq is not installed: {INSTALL}")
    said = subprocess.run(["coqc", "--version"], capture_output=True, text=True, check=True)
    found = re.search(r"version (\S+)", said.stdout)
    return found[1] if found else said.stdout.strip()


def check(text: str, theorems: Sequence[str], seconds: int) -> Checked:
    """Whether Coq reads ``text`` to its end, and on which axioms its ``theorems`` rest together.

    ``Print Assumptions`` takes as long as many proofs, and is therefore asked once: the axioms
    are those of all theorems, at least those of each.  ``seconds`` limits the processor time.

    Raises:
        NotRun: if Coq, or a package that the text uses, is not installed.
    """
    mark = secrets.token_hex(8)
    asked = f"Definition kd_all := {' '.join(f'let _ := {name} in' for name in theorems)} I.\n"
    asked += f'Goal True. idtac "{mark}". Abort.\nPrint Assumptions kd_all.\n'
    printed, refusal = _compiled(f"{text}\n{asked}", seconds)
    return refusal or judged(printed.rpartition(f"{mark}\n")[2])


def judged(assumptions: str) -> Checked:
    """What ``Print Assumptions`` printed about one theorem, held against `ALLOWED`."""
    lines = assumptions.strip().splitlines()
    if lines == ["Closed under the global context"]:
        return Checked(True)
    names = [re.match(r"([\w.']+)\s*(?::|$)", line) for line in lines[1:] if line[:1].strip()]
    if not names or not all(names) or lines[0] != "Axioms:":
        return Checked(False, message=f"Coq's answer is not understood: {lines[:2]}")
    axioms = tuple(sorted(name[1].rpartition(".")[2] for name in names if name))
    foreign = [axiom for axiom in axioms if axiom not in ALLOWED]
    return Checked(not foreign, axioms, f"it rests on {', '.join(foreign[:5])}" if foreign else "")


def finding(answer: Checked, verdict: Verdict, figures: Figures | None = None) -> Finding:
    """The verdict if the kernel accepted, with what it rests on; else undecided."""
    shown = {"coq": version(), "axioms": ", ".join(answer.axioms) or "none", **(figures or {})}
    if not answer.accepted:
        return Finding(Verdict.UNDECIDED, {"coq": version()}, answer.message)
    return Finding(verdict, shown)


def _compiled(text: str, seconds: int) -> tuple[str, Checked | None]:
    """What Coq prints about the text; and its refusal, if it does not read it to the end."""
    version()
    forbidden = _FORBIDDEN.search(re.sub(r"\(\*.*?\*\)", "", text, flags=re.DOTALL))
    if forbidden:
        return "", Checked(False, message=f"the text must not contain {forbidden[0]}")
    libraries = _modules(text)
    with tempfile.TemporaryDirectory(prefix="kdverify-coq-") as name:
        return _coqc(Path(name), libraries, _named(text), seconds)


def _modules(text: str) -> str:
    """The libraries of this package that ``text`` asks for, as modules in one text with it.

    Coq then loads its own libraries once, and outside of modules, whose ends load them again.
    """
    modules, foreign = "", dict[str, None]()
    for name, source in sources(text).items():
        source = _named(source)
        foreign |= dict.fromkeys("".join(found) for found in _FOREIGN.findall(source))
        modules += f"Module {name}.\n{source}\nEnd {name}.\n"
    return "".join(f"{line}\n" for line in foreign) + modules


def _named(text: str) -> str:
    """Libraries of this package by their names as modules."""
    return _OURS.sub(r"\1 \2.", text)


def sources(text: str) -> dict[str, str]:
    """The texts of the libraries of this package that ``text`` asks for, in order."""
    from kdverify.evidence.kernel import definitions

    written = {
        definitions.NAME: definitions.library,
        definitions.FIELD_NAME: definitions.field_library,
    }
    found: dict[str, str] = {}
    asked = " ".join(names for _, names in _OURS.findall(text)).split()
    for name in dict.fromkeys(asked):
        file = LIBRARY / f"{name}.v"
        source = written[name]() if name in written else file.read_text()
        found |= sources(source) | {name: source}
    return found


def _coqc(folder: Path, before: str, text: str, seconds: int) -> tuple[str, Checked | None]:
    (folder / "Statements.v").write_text(before + text)

    def limit() -> None:
        resource.setrlimit(resource.RLIMIT_CPU, (seconds, seconds + 1))
        resource.setrlimit(resource.RLIMIT_AS, (_MEMORY, _MEMORY))
        if sys.platform == "linux":  # end with the process that asked
            ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, signal.SIGKILL)

    done = subprocess.run(
        ["coqc", "-q", "-noglob", "-w", "none", "Statements.v"],
        cwd=folder,
        env=os.environ | {"OMP_NUM_THREADS": "1", "COQPATH": "", "OCAMLRUNPARAM": _COLLECTOR},
        capture_output=True,
        text=True,
        check=False,
        preexec_fn=limit,
    )
    return done.stdout, _refusal(done, before.count("\n")) if done.returncode else None


def _refusal(done: subprocess.CompletedProcess[str], before: int) -> Checked:
    """Where, not counting so many lines ``before``, and why Coq stopped.

    Raises:
        NotRun: if it did not find a package of Coq.
    """
    if done.returncode in (-signal.SIGXCPU, -signal.SIGKILL):
        return Checked(False, message="out of processor time")
    missing = re.search(r"Cannot find a physical path bound to logical path\s+(\S+)", done.stderr)
    if missing:
        raise NotRun(f"{missing[1].rstrip('.')} of Coq is not installed: {INSTALL}")
    where = re.search(r"line (\d+)", done.stderr)
    line = int(where[1]) - before if where else 0
    text = " ".join(done.stderr.partition("Error:")[2].split()) or done.stderr.strip()
    if line <= 0:
        return Checked(False, message=f"before its first line: {text[:200]}")
    return Checked(False, message=f"line {line}: {text[:200]}", line=line)
