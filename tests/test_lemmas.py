"""Evidence that calls no function of `kdverify.formulas` says that it is a lemma, and no other.

What it shows is plain algebra on the way; the formula that is run enters the claim elsewhere.
"""

from __future__ import annotations

import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from kdverify import formulas, verify
from kdverify.evidence import Forall, Identity, Limit
from kdverify.evidence.kernel.vocabulary import Coq

ROOT = Path(__file__).parent.parent / "proofs"
HOME = str(Path(formulas.__file__).parent)


class Called(BaseException):
    """A formula was called; no evidence and no formula may catch it."""


def calls_a_formula(run: Callable[[], Any]) -> bool:
    def watch(frame: Any, event: str, _: Any) -> None:
        if event == "call" and frame.f_code.co_filename.startswith(HOME):
            raise Called

    before = sys.getprofile()
    sys.setprofile(watch)
    try:
        run()
    except Called:
        return True
    finally:
        sys.setprofile(before)
    return False


def asked(item: Forall | Identity | Limit) -> Callable[[], Any]:
    if isinstance(item, Forall):
        return lambda: [*item.build(Coq())[0]]
    if isinstance(item, Limit):
        return item.expression
    return item.sides or (lambda: (item.left(), item.right()))


CLAIMS = verify.collect([ROOT])


@pytest.mark.parametrize("claim", CLAIMS, ids=lambda claim: claim.id)
def test_evidence_calls_a_formula_or_says_that_it_is_a_lemma(claim):
    for place, item in enumerate(claim.evidence):
        lemma = item.note.startswith("lemma")
        if isinstance(item, Forall | Identity | Limit):
            assert calls_a_formula(asked(item)) is not lemma, (place, item.kind, item.part)
