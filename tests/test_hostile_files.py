"""Claim files by careless or hostile authors: refused in a line, or not standing; never proved."""

from __future__ import annotations

import json
import os
from fractions import Fraction
from pathlib import Path
from typing import Any

import pytest
import sympy
from evidence_samples import agreement, verdict

from kdverify import verify
from kdverify.evidence import Claim, Control, Enclosure, Identity, Limit, Verdict
from kdverify.evidence.kernel import cache

x = sympy.Symbol("x")
INFINITE = [("equal", ("inf", "inf"))] + [
    (question, pair) for question in ("below", "equal") for pair in (("0 +/- inf", 1), ("nan", 1))
]


@pytest.mark.parametrize(("question", "pair"), INFINITE)
def test_balls_that_are_not_finite_show_nothing(question: str, pair: Any) -> None:
    import flint

    def balls(digits: int) -> Any:
        return [tuple(flint.arb(end) for end in pair)]

    settings: Any = {question: balls}
    assert verdict(Enclosure("whole", **settings)) is Verdict.UNDECIDED


def forced(points: Any = None) -> Identity:
    def sides() -> Any:
        return sympy.powdenest(sympy.sqrt(x**2), force=True), x

    return Identity("whole", lambda: (sympy.sqrt(x**2), sides()[0]), points=points)


def test_no_points_are_no_look() -> None:
    assert forced(list).run(verify_context()).detail.startswith("ValueError: points must hold")
    assert verdict(forced()) is not Verdict.PROVED


def verify_context() -> Any:
    from kdverify.evidence import Context

    return Context()


def test_a_limit_is_taken_from_both_sides_of_a_point() -> None:
    def at(direction: str | None) -> Limit:
        return Limit("whole", lambda: abs(x) / x, symbol=x, point=0, value=1, direction=direction)

    assert verdict(at("+")) is Verdict.PROVED
    assert verdict(at("-")) is Verdict.REFUTED
    assert verdict(at(None)) is Verdict.REFUTED
    with pytest.raises(ValueError, match=r"direction='\+-' must be"):
        at("+-")


@pytest.mark.parametrize("bad", ["nan", "inf"])
def test_numbers_that_are_none_are_refused(bad: str) -> None:
    assert verdict(agreement(float(bad))) is Verdict.ERROR
    assert verdict(agreement(0.0, band=float(bad))) is Verdict.ERROR
    assert verdict(agreement(0.0, error=float(bad))) is Verdict.ERROR


def claim(**changes: Any) -> Claim:
    evidence = (
        Identity("whole", lambda: (x, x)),
        Enclosure("whole", below=lambda digits: [(Fraction(1), Fraction(2))]),
    )
    wrong = Control(Identity("whole", lambda: (x, 2 * x)), "twice")
    given: dict[str, Any] = {
        "id": "1.a",
        "title": "[/b] \x1b[31m é",
        "statement": "x",
        "source": "new",
        "evidence": evidence,
        "controls": (wrong,),
    }
    return Claim(**given | changes)


def test_claims_of_one_id_are_refused_and_not_lost() -> None:
    with pytest.raises(ValueError, match="id='1.a' must name one claim only"):
        verify.run([claim(), claim()])


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("import os\nos._exit(0)", "must stand below"),
        ("import kdverify.formulas as f\nf.gain = lambda *a: 1", "formulas.gain must not"),
    ],
)
def test_files_that_end_the_run_or_change_the_theory(
    text: str, message: str, tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: Any
) -> None:
    from kdverify import formulas

    monkeypatch.setattr(formulas, "gain", formulas.gain)  # put back afterwards
    ends = os._exit
    (tmp_path / "bad.py").write_text(text)
    assert verify.main_verify([tmp_path]) == 2
    error = capsys.readouterr().err
    assert message in error
    assert error.count("\n") == 1
    assert os._exit is ends


def test_a_child_of_evidence_does_not_answer_for_it() -> None:
    def sides() -> Any:
        if os.fork() == 0:
            raise ValueError("in the child")
        os.wait()
        return x, x

    assert verdict(Identity("whole", sides)) is Verdict.PROVED


def test_a_remembered_acceptance_is_judged_again(monkeypatch: Any, tmp_path: Path) -> None:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    cache.folder().mkdir(parents=True)
    for axioms, believed in ((["classic"], True), (["it_is_so"], False)):
        (cache.folder() / "name.json").write_text(json.dumps({"axioms": axioms}))
        assert (cache.recall("name") is not None) is believed
