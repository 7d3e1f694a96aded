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
from runner_samples import A_CLAIM, folder

from kdverify import formulas, verify
from kdverify.evidence import (
    Agreement,
    Claim,
    Comparison,
    Control,
    Enclosure,
    Evidence,
    Finding,
    Identity,
    Limit,
    Verdict,
)
from kdverify.evidence.kernel import cache

x, y = sympy.Symbol("x"), sympy.Symbol("y", positive=True)


def below_zero() -> Any:
    return [{y: -1}]


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


@pytest.mark.parametrize(
    ("evidence", "message"),
    [
        (Identity("whole", lambda: (0.1 + 0.1, 0.2)), "sides must be exact"),
        (Identity("whole", lambda: (0.1 * x + 0.1 * x, 0.2 * x)), "not 0.2"),
        (Limit("whole", lambda: x + 0.5, symbol=x, point=0, value=0.5), "must be exact"),
        (Limit("whole", lambda: 1 + 0 * x, symbol=x, point=0, value=1), "symbol='x' must be one"),
        (Limit("whole", lambda: x, symbol=x, point=0, value=0, samples=list), "at least one point"),
        (
            Identity("whole", lambda: (abs(y), -y), points=lambda: [{y: -1}]),
            "points: y = -1 must respect the assumptions of y",
        ),
        (
            Limit("whole", lambda: x + abs(y), symbol=x, point=0, value=-y, samples=below_zero),
            "samples: y = -1 must respect",
        ),
        (
            Agreement("whole", lambda context: Comparison.of("x", [1.0] * 9, 1.0, 0.1)),
            "values of comparison 'x' must vary between trials",
        ),
    ],
)
def test_questions_that_show_nothing_are_errors(evidence: Any, message: str) -> None:
    outcome = evidence.run(verify_context())
    assert outcome.verdict is Verdict.ERROR
    assert message in outcome.detail


def test_a_band_as_wide_as_the_theory_measures_nothing() -> None:
    assert verdict(agreement(1.0, theory=1.0, band=0.9)) is Verdict.MEASURED
    assert verdict(agreement(1.0, theory=1.0, band=1.1)) is Verdict.UNDECIDED
    assert verdict(agreement([1.0, 9.0], theory=[1.0, 9.0], band=1.1)) is Verdict.MEASURED
    assert verdict(agreement(3.0, theory=1.0, band=1.1)) is Verdict.REFUTED


def claim(**changes: Any) -> Claim:
    evidence = (
        Identity("whole", lambda: (x + x, 2 * x)),
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
    text: str, message: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    ends, gain = os._exit, formulas.gain
    (tmp_path / "bad.py").write_text(text)
    assert verify.main_verify([tmp_path]) == 2
    error = capsys.readouterr().err
    assert message in error
    assert error.count("\n") == 1
    assert os._exit is ends
    assert formulas.gain is gain


@pytest.mark.parametrize(
    "text",
    ["C = one('1.a')\nC = one('1.b')", "C = one('1.b')\none('1.a')", "C = {'a': one('1.a')}"],
)
def test_claims_that_a_file_loses_are_errors(text: str, tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="claim 1.a is made and lost"):
        verify.collect([folder(tmp_path, a=text)])


def test_claims_of_helpers_and_lists_are_not_lost(tmp_path: Path) -> None:
    files = folder(tmp_path, _more=A_CLAIM + "M = one('1.m')", a="import _more\nC = one('1.a')")
    (tmp_path / "b.py").write_text(A_CLAIM + "from _more import M\nCLAIMS = [one('1.b')]")
    assert [each.id for each in verify.collect([files])] == ["1.a", "1.b", "1.m"]
    (tmp_path / "b.py").write_text(A_CLAIM + "CLAIMS = (one(i) for i in ('1.b', '1.c'))")
    with pytest.raises(ValueError, match="CLAIMS must be a list"):
        verify.collect([files])


def test_a_claim_does_not_read_as_if_what_it_needs_stood(capsys: Any) -> None:
    from rich.console import Console

    from kdverify.evidence.terminal import print_report

    wrong = claim(evidence=[*claim().evidence, Identity("n = 2", lambda: (x, 2 * x))])
    above = claim(id="1.b", needs=("1.a",))
    last = claim(id="1.c", needs=("1.b",))
    report = verify.run([wrong, above, last])
    assert [c["rests_on_open"] for c in report.to_json()["claims"]] == [[], ["1.a"], ["1.a"]]
    assert report.exit_code == 1
    print_report(report, Console(width=200))
    shown = capsys.readouterr().out
    assert shown.count("rests on what does not stand: 1.a") == 2
    assert "3 claims: 1 refuted, 2 proved but not what it needs" in shown


class Wish(Evidence):
    kind = "wish"

    def examine(self, context: Any) -> Finding:
        return Finding(Verdict.PROVED)


class Posing(Wish):
    kind = "forall"


class Inheriting(Identity):
    def examine(self, context: Any) -> Finding:
        return Finding(Verdict.PROVED)


class Blind(Control):
    def examine(self, context: Any) -> Finding:
        return Finding(Verdict.REJECTED)


def test_own_kinds_of_evidence_go_by_their_own_names(capsys: Any) -> None:
    from rich.console import Console

    from kdverify.evidence.terminal import print_report

    certified = claim().evidence[1]
    report = verify.run([claim(evidence=(Wish("whole"), certified))])
    assert report.to_json()["claims"][0]["own_kinds"] == ["wish"]
    print_report(report, Console(width=200))
    assert "1 claim: 1 proved by its own kind of evidence" in capsys.readouterr().out
    beside = verify.run([claim(evidence=(*claim().evidence, Wish("whole")))])
    assert beside.to_json()["claims"][0]["own_kinds"] == []  # nothing hangs on it
    for poser in (Posing("whole"), Inheriting("whole", lambda: (x + x, 2 * x))):
        with pytest.raises(ValueError, match="must be a text of its own"):
            verify.run([claim(evidence=(poser, certified))])
    with pytest.raises(TypeError, match="controls of claim 1.a must be Control"):
        claim(controls=(Blind(certified, "nothing"),))


PATCHES = """
def sides():
    import kdverify.formulas as f, kdverify.formulas.surrogates as m
    {patch}
    return 1, 1
def seen():
    import kdverify.formulas as f
    from fractions import Fraction
    return f.gain(Fraction(2), 1, 3, 1), 1
C = Claim("1.a", "t", "s", controls=controls(), evidence=[
    Identity("whole", sides), below((1, 2)), Identity("whole", seen)])
"""


@pytest.mark.parametrize(
    "patch",
    [
        "f.gain = lambda *a: 1",
        "m.gain = lambda *a: 1",
        "f.gain.__code__ = (lambda *a: 1).__code__",
        "f.gain.__defaults__ = (1,)",
    ],
)
def test_evidence_that_changes_the_theory_is_an_error(patch: str, tmp_path: Path) -> None:
    files = folder(tmp_path, a=PATCHES.format(patch=patch))
    (result,) = verify.run(verify.collect([files]), jobs=1).results
    changing, _, seen = result.evidence
    assert changing.verdict is Verdict.ERROR
    assert changing.detail == "kdverify.formulas.gain must not be changed"
    assert seen.verdict is Verdict.REFUTED  # the formula was put back


def test_a_child_of_evidence_does_not_answer_for_it() -> None:
    def sides() -> Any:
        if os.fork() == 0:
            raise ValueError("in the child")
        os.wait()
        return x + x, 2 * x

    assert verdict(Identity("whole", sides)) is Verdict.PROVED


def test_a_remembered_acceptance_is_judged_again(monkeypatch: Any, tmp_path: Path) -> None:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    cache.folder().mkdir(parents=True)
    for axioms, believed in ((["classic"], True), (["it_is_so"], False)):
        (cache.folder() / "name.json").write_text(json.dumps({"axioms": axioms}))
        assert (cache.recall("name") is not None) is believed
