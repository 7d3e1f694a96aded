"""Gives claims their evidence by the kernel: counterparts of foralls, and theorems beside them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path

from kdverify.evidence.base import Control, Evidence
from kdverify.evidence.claim import Claim
from kdverify.evidence.forall import Forall
from kdverify.evidence.kernel.foralls import KernelForall
from kdverify.evidence.kernel.theorems import stated_in

#: Claim and part -> tactics by hand for the foralls of that part.
Scripts = Mapping[tuple[str, str], Sequence[str]]


def attached(
    claim: Claim, file: Path, scripts: Scripts | None, claims: Sequence[str] = ()
) -> Claim:
    """The claim of a file with its evidence by the kernel behind the other.

    ``claims``: the ids of all claims of the file; by default it is alone.

    Counterparts of foralls are made if ``scripts`` are given, theorems taken from the file of
    Coq beside ``file``, if there is one.
    """
    found: list[Evidence] = []
    if scripts is not None:
        for item in claim.checks:
            inner = item.evidence if isinstance(item, Control) else item
            if isinstance(inner, Forall):
                asked = KernelForall.of(inner, scripts.get((claim.id, inner.part), ()))
                found.append(Control(asked, item.wrong) if isinstance(item, Control) else asked)
    beside = file.with_suffix(".v")
    if beside.is_file():
        found += stated_in(beside, claim.id, claims or (claim.id,))
    controls = [item for item in found if isinstance(item, Control)]
    evidence = [item for item in found if not isinstance(item, Control)]
    return replace(
        claim,
        evidence=(*claim.evidence, *evidence),
        controls=(*claim.controls, *controls),
    )
