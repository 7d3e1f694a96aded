"""The claims of ``proofs/`` as the pages of the site need them."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from pathlib import Path

from kdverify import verify
from kdverify.evidence import Claim
from kdverify.evidence.claim import WHOLE
from kdverify.evidence.kernel import KernelTheorem

ROOT = Path(__file__).resolve().parent.parent.parent
PROOFS = ROOT / "proofs"


@cache
def claims() -> tuple[Claim, ...]:
    """Every claim, in the order of the ledger."""
    return tuple(verify.collect([PROOFS]))


def section(claim_id: str) -> str:
    """The part of an id before its first point."""
    return claim_id.partition(".")[0]


def sections() -> dict[str, list[Claim]]:
    """The claims of each section that has some, in order."""
    found: dict[str, list[Claim]] = {}
    for claim in claims():
        found.setdefault(section(claim.id), []).append(claim)
    return found


def proof_file(claim: Claim) -> str:
    """The file in ``proofs/`` that holds the claim, such as ``s4_best_mask/rule.py``."""
    assert claim.origin is not None
    return claim.origin.relative_to(PROOFS).as_posix()


@dataclass(frozen=True)
class Evidence:
    """One kind of evidence of a claim: how many pieces, for which parts."""

    kind: str
    count: int
    parts: tuple[str, ...]


def kernel(claim: Claim) -> str:
    """What Coq's kernel checks of a claim: ``whole``, parts, or lemmas, the foralls alone."""
    items = [item for item in claim.evidence if item.kind == "kernel"]
    parts = dict.fromkeys(i.part for i in items if isinstance(i, KernelTheorem))
    if WHOLE in parts or (claim.parts and set(claim.parts) <= parts.keys()):
        return WHOLE
    return ", ".join(parts) or ("lemmas" if items else "–")


def evidence(claim: Claim) -> list[Evidence]:
    """The evidence of a claim by kind, in the order in which the kinds appear."""
    kinds: dict[str, list[str]] = {}
    for item in claim.evidence:
        kinds.setdefault(item.kind, []).append(item.part)
    return [
        Evidence(kind, len(parts), tuple(dict.fromkeys(parts))) for kind, parts in kinds.items()
    ]
