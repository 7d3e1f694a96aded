"""What makes a claim, and the verdict on it."""

from __future__ import annotations

import dataclasses
from typing import Any

import pytest
from evidence_samples import (
    agreement,
    gain_identity,
    missing,
)
from hypothesis import given
from hypothesis import strategies as st

from kdverify import verify
from kdverify.evidence import (
    Agreement,
    Claim,
    Control,
    Entry,
    Identity,
    Step,
    Verdict,
)
from kdverify.evidence.results import ClaimResult

# ------------------------------------------------------------------- claim


def claim(**changes: Any) -> Claim:
    settings: dict[str, Any] = {
        "id": "1.sample",
        "title": "A sample",
        "statement": "x = x",
        "source": "new",
        "evidence": [gain_identity(), agreement(0.0)],
        "controls": [Control(gain_identity(-1), wrong="sign")],
    }
    return Claim(**(settings | changes))


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"id": "sample"}, "must read section.slug"),
        ({"id": "1. x"}, "must read section.slug"),
        ({"id": 1}, "must read section.slug"),
        ({"source": "rumour"}, "source='rumour'"),
        ({"expect": "falls"}, "expect='falls'"),
        ({"title": ""}, "title of claim 1.sample must not be empty"),
        ({"statement": " "}, "statement of claim 1.sample must not be empty"),
        ({"needs": ["1.sample"]}, "must not name itself"),
        ({"needs": ["1.a", "1.a"]}, "must not repeat"),
        ({"parts": ["a", "a"]}, "must not repeat"),
        ({"parts": ["whole"]}, "must not contain 'whole'"),
    ],
)
def test_bad_claims(changes: dict[str, Any], message: str) -> None:
    with pytest.raises(ValueError, match=message):
        claim(**changes)


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"evidence": [gain_identity()]}, "at least two kinds"),
        ({"evidence": [gain_identity(), gain_identity()]}, "at least two kinds"),
        ({"controls": []}, "at least one control"),
        (
            {
                "parts": ["a", "b"],
                "evidence": [
                    Identity("a", left=missing, right=missing),
                    Agreement("note", sample=missing),
                ],
            },
            r"parts \['b'\]",
        ),
    ],
)
def test_what_a_claim_lacks_is_said_when_it_is_run(changes: dict[str, Any], message: str) -> None:
    lacking = claim(**changes)
    with pytest.raises(ValueError, match=message):
        verify.run([lacking])


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"needs": "1.a"}, "must be a list"),
        ({"evidence": [gain_identity(), 3]}, "must be evidence"),
        ({"evidence": [gain_identity(), Control(gain_identity(), wrong="x")]}, "must be evidence"),
        ({"controls": [gain_identity()]}, "must be Control"),
    ],
)
def test_claims_of_the_wrong_things(changes: dict[str, Any], message: str) -> None:
    with pytest.raises(TypeError, match=message):
        claim(**changes)


def test_a_good_claim_is_frozen() -> None:
    good = claim(steps=[Step("by hand")], needs=["1.other"])
    assert good.required == ("whole",)
    assert good.checks == (*good.evidence, *good.controls)
    with pytest.raises(dataclasses.FrozenInstanceError):
        good.id = "1.other"  # type: ignore[misc]


def test_a_ledger_entry_is_checked() -> None:
    assert Entry("1.a", "paper").expect == "stands"
    with pytest.raises(ValueError, match="source='x'"):
        Entry("1.a", "x")


# -------------------------------------------------- the verdict on a claim

P, C, M = Verdict.PROVED, Verdict.CERTIFIED, Verdict.MEASURED
BAD, OPEN, NOT, ERR = Verdict.REFUTED, Verdict.UNDECIDED, Verdict.NOT_RUN, Verdict.ERROR
SEEN, BLIND = Verdict.REJECTED, Verdict.NOT_REJECTED


def judged(
    evidence: list[tuple[str, Verdict]],
    controls: list[Verdict],
    parts: tuple[str, ...] = (),
    expect: str = "stands",
) -> ClaimResult:
    stated = claim(
        parts=parts,
        expect=expect,
        evidence=[
            Identity(evidence[0][0], left=missing, right=missing),
            *(Agreement(part, sample=missing) for part, _ in evidence[1:]),
        ],
    )
    template = gain_identity().unexamined(NOT, "")
    return ClaimResult(
        stated,
        tuple(dataclasses.replace(template, part=p, verdict=v) for p, v in evidence),
        tuple(dataclasses.replace(template, verdict=v) for v in controls),
    )


@pytest.mark.parametrize(
    ("evidence", "controls", "parts", "expected"),
    [
        ([("whole", P), ("whole", M)], [SEEN], (), P),
        ([("whole", C), ("whole", M)], [SEEN], (), C),
        ([("whole", M), ("p = 2", P)], [SEEN], (), M),
        ([("a", P), ("b", M)], [SEEN], ("a", "b"), M),
        ([("a", P), ("whole", C)], [SEEN], ("a", "b"), C),
        ([("a", P), ("b", P), ("p = 2", M)], [SEEN], ("a", "b"), P),
        ([("whole", P), ("p = 2", BAD)], [SEEN], (), BAD),
        ([("whole", P), ("p = 2", OPEN)], [SEEN], (), OPEN),
        ([("whole", P), ("whole", NOT)], [SEEN], (), P),
        ([("a", P), ("b", NOT)], [SEEN], ("a", "b"), NOT),
        ([("whole", NOT), ("whole", NOT)], [SEEN], (), NOT),
        ([("whole", P), ("whole", P)], [SEEN, BLIND], (), BLIND),
        ([("whole", P), ("whole", OPEN)], [BLIND], (), BLIND),
        ([("whole", P), ("whole", BAD)], [BLIND], (), BAD),
        ([("whole", BAD), ("whole", ERR)], [SEEN], (), ERR),
        ([("whole", P), ("whole", P)], [ERR], (), ERR),
        ([("whole", P), ("whole", P)], [NOT], (), NOT),
        ([("whole", P), ("whole", P)], [NOT, SEEN], (), P),
    ],
)
def test_verdict_of_a_claim(
    evidence: Any, controls: Any, parts: tuple[str, ...], expected: Verdict
) -> None:
    assert judged(evidence, controls, parts).verdict is expected


@given(
    st.lists(st.sampled_from([P, C, M]), min_size=2, max_size=5),
    st.integers(0, 4),
    st.sampled_from([BAD, OPEN, ERR]),
)
def test_one_bad_outcome_is_never_outweighed(good: Any, place: int, bad: Verdict) -> None:
    good.insert(place, bad)
    assert judged([("whole", v) for v in good], [SEEN]).verdict is bad


@pytest.mark.parametrize(
    ("verdicts", "controls", "expect", "code", "code_if_all_required"),
    [
        ([P, M], [SEEN], "stands", 0, 0),
        ([P, BAD], [SEEN], "stands", 1, 1),
        ([P, M], [BLIND], "stands", 1, 1),
        ([P, OPEN], [SEEN], "stands", 3, 3),
        ([P, NOT], [SEEN], "stands", 0, 3),
        ([NOT, NOT], [SEEN], "stands", 0, 3),
        ([P, P], [NOT], "stands", 0, 3),
        ([P, ERR], [SEEN], "stands", 70, 70),
        ([BAD, P], [SEEN], "refuted", 0, 0),
        ([BAD, NOT], [SEEN], "refuted", 0, 3),
        ([BAD, P], [BLIND], "refuted", 1, 1),
        ([BAD, P], [NOT], "refuted", 0, 3),
        ([P, P], [SEEN], "refuted", 1, 1),
        ([P, OPEN], [SEEN], "refuted", 3, 3),
        ([NOT, NOT], [SEEN], "refuted", 0, 3),
        ([BAD, ERR], [SEEN], "refuted", 70, 70),
    ],
)
def test_exit_code_of_a_claim(
    verdicts: Any, controls: Any, expect: str, code: int, code_if_all_required: int
) -> None:
    result = judged([("whole", v) for v in verdicts], controls, expect=expect)
    assert result.exit_code(require_all=False) == code
    assert result.exit_code(require_all=True) == code_if_all_required
