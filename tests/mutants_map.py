"""Which piece of evidence runs which line: recorded once, so that a mutant asks no other.

    python -m tests.mutants_map          # what is missing in build/mutants.json

Every unit of ``kdverify verify`` at the quick level is run under a trace, each claim file in a
process of its own.  The record of a unit holds its verdict, its time, the lines that it ran of
the formulas and of the code in ``COMPOSING``, and the digest of every file that it ran anything
of: one whose files are unchanged is not run again.
"""

from __future__ import annotations

import hashlib
import json
import os
import sys
from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import asdict, dataclass
from functools import cache
from pathlib import Path

import coverage

from kdverify.evidence import execute
from kdverify.evidence.base import Control, Evidence
from kdverify.evidence.claim import Claim
from kdverify.evidence.collect import collect
from kdverify.evidence.outcome import LEVELS, Context
from tests.mutants_judge import COMPOSING, ROOT

PLACE = ROOT / "build" / "mutants.json"
FORMULAS = "formulas"


@dataclass(frozen=True)
class Record:
    """One unit as it came out on the unchanged tree."""

    claim: str
    index: int
    origin: str
    expect: str
    seeds: str
    rate: float
    verdict: str
    seconds: float
    lines: dict[str, list[int]]
    digests: dict[str, str]

    @property
    def fresh(self) -> bool:
        """Whether every file that it ran is as it was."""
        return all(_digest(file) == digest for file, digest in self.digests.items())


@cache
def _digest(file: str) -> str:
    path = ROOT / file
    return hashlib.sha256(path.read_bytes()).hexdigest()[:16] if path.is_file() else ""


class Trace:
    """The lines of formulas and composing code, and the files of the tree, that run inside."""

    def __init__(self) -> None:
        self.lines: dict[str, set[int]] = {}
        self.files: set[str] = set()
        self._tracer = coverage.Coverage(
            data_file=None, config_file=False, include=[f"{ROOT}/*"], messages=False
        )

    def __enter__(self) -> Trace:
        self._tracer.start()
        return self

    def __exit__(self, *error: object) -> None:
        self._tracer.stop()
        found = self._tracer.get_data()
        self.files = set(found.measured_files())
        for name in self.files:
            place = Path(name).relative_to(ROOT).parts
            if place[0] == "kdverify" and place[1] in (FORMULAS, *COMPOSING):
                self.lines[name] = set(found.lines(name) or ())


def _relative(name: str) -> str:
    return Path(name).relative_to(ROOT).as_posix()


def _record(claim: Claim, index: int, rate: float) -> Record:
    assert claim.origin is not None
    context = Context(LEVELS["quick"], rate, claim.seeds_of(index), cached=True)
    with Trace() as trace:
        outcome = execute.run_units((execute.Unit(claim.id, index, claim.origin, context),))[0]
    # what Coq's kernel accepted before is recalled, but not where a formula has changed
    evidence = _evidence(claim, index)
    usual = evidence.typical_seconds if evidence.kind == "kernel" else 0.0
    files = {_relative(name) for name in trace.files} | {_relative(str(claim.origin))}
    return Record(
        claim.id,
        index,
        _relative(str(claim.origin)),
        claim.expect,
        context.unit,
        rate,
        outcome.verdict.value,
        round(max(outcome.seconds, usual), 3),
        {_relative(name): sorted(lines) for name, lines in trace.lines.items()},
        {file: _digest(file) for file in sorted(files)},
    )


def _evidence(claim: Claim, index: int) -> Evidence:
    item = claim.checks[index]
    return item.evidence if isinstance(item, Control) else item


def load() -> list[Record]:
    """The records of the last run; none if there was none, or one of another version."""
    try:
        return [Record(**entry) for entry in json.loads(PLACE.read_text())]
    except (FileNotFoundError, TypeError):
        return []


def records(words: Sequence[str] = ()) -> list[Record]:
    """The records of this tree's units; what is missing or stale is run first.

    ``words``: those of claims whose ids contain one of these, if there are any.
    """
    claims = collect([ROOT / "proofs"])
    rate = execute.error_rate(claims, LEVELS["quick"])
    known = {(r.claim, r.index): r for r in load() if r.fresh}
    wanted = {
        (claim.id, index): claim
        for claim in claims
        for index in range(len(claim.checks))
        if not words or any(word in claim.id for word in words)
    }
    missing: dict[Path, list[tuple[Claim, int]]] = defaultdict(list)
    for (name, index), claim in wanted.items():
        if (name, index) not in known:
            assert claim.origin is not None
            missing[claim.origin].append((claim, index))
    order = sorted(
        missing.items(), key=lambda entry: sum(_evidence(*u).typical_seconds for u in entry[1])
    )
    for count, (file, units) in enumerate(order, 1):
        print(f"{count} of {len(missing)}: {file.name}, {len(units)} units", file=sys.stderr)
        for record in _in_a_child(units, rate):
            known[record.claim, record.index] = record
        _keep(known.values())
    return [known[key] for key in wanted]


def _keep(found: Iterable[Record]) -> None:
    PLACE.parent.mkdir(exist_ok=True)
    PLACE.write_text(json.dumps([asdict(record) for record in found]))


def _in_a_child(units: Sequence[tuple[Claim, int]], rate: float) -> Iterator[Record]:
    """The records of the units of one file, from a process that ends with them."""
    reader, writer = os.pipe()
    child = os.fork()
    if child == 0:
        with os.fdopen(writer, "w") as pipe:
            for claim, index in units:
                pipe.write(json.dumps(asdict(_record(claim, index, rate))) + "\n")
        os._exit(0)
    os.close(writer)
    with os.fdopen(reader) as pipe:
        for line in pipe:
            yield Record(**json.loads(line))
    if os.waitpid(child, 0)[1]:
        raise RuntimeError(f"{units[0][0].origin} could not be recorded")


if __name__ == "__main__":
    records()
