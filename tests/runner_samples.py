"""Claims and claim files that the tests of the runner share."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from kdverify.evidence import Agreement, Claim, Comparison, Control, Enclosure, NotRun

SAMPLE = Path(__file__).parent / "claims_sample"
ROOT = Path(__file__).parent.parent


def ordered(holds: bool) -> Enclosure:
    return Enclosure("whole", below=lambda digits: [(1, 2) if holds else (2, 1)])


def agreement(estimate: float, error: float = 0.001) -> Agreement:
    return Agreement("whole", sample=lambda c: Comparison("x", estimate, error, 99, 0.0, 1.0))


def absent(*_: Any) -> Any:
    raise NotRun("missing: hardware")


def broken(*_: Any) -> Any:
    raise RuntimeError("a bug")


SEEN = Control(ordered(False), wrong="order")
STANDS = [ordered(True), agreement(0.0)]
REFUTED = [ordered(True), agreement(9.0)]
UNDECIDED = [ordered(True), agreement(0.0, error=9.0)]
MISSING = [ordered(True), Agreement("whole", sample=absent)]
FAILING = [ordered(True), Agreement("whole", sample=broken)]


def claim(slug: str, evidence: Any, control: Control = SEEN, expect: str = "stands") -> Claim:
    return Claim(
        id=f"1.{slug}",
        title=f"Sample {slug}",
        statement="a < b",
        source="new",
        evidence=evidence,
        controls=[control],
        expect=expect,
    )


BLIND = Control(ordered(True), wrong="nothing")
A_CLAIM = """
from kdverify.evidence import Agreement, Claim, Comparison, Control, Enclosure, Identity
below = lambda pair: Enclosure("whole", below=lambda digits: [pair])
controls = lambda: [Control(below((2, 1)), wrong="order")]
def one(id, **more):
    return Claim(id=id, title="t", statement="s", source="new",
                 evidence=[below((1, 2)), Identity("whole", lambda: (1, 1))],
                 controls=controls(), **more)
"""


def folder(tmp_path: Path, **files: str) -> Path:
    for name, text in files.items():
        prefix = "" if name.startswith(("_", "ledger")) else A_CLAIM
        (tmp_path / f"{name}.py").write_text(prefix + text)
    return tmp_path
