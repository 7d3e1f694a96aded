"""The driver of Coq, the search for scripts, and evidence by the kernel."""

from __future__ import annotations

from fractions import Fraction
from pathlib import Path

import pytest
from kernel_samples import REQUIRED, needs_coq

from kdverify import formulas as f
from kdverify import verify
from kdverify.evidence import Context, Control, Forall, Verdict, collect, execute
from kdverify.evidence.execute import asked
from kdverify.evidence.kernel import (
    KernelForall,
    KernelTheorem,
    cache,
    coqc,
    definitions,
    hints,
    statements,
    theorems,
)
from kdverify.evidence.kernel.statements import Theorem
from kdverify.evidence.kernel.vocabulary import Coq, for_all
from kdverify.evidence.outcome import LEVELS


def amplified(smt, threshold=lambda omega: 1 - omega):
    zeta, omega = smt.Real("zeta"), smt.Real("Omega")
    inside = [zeta > 0, zeta < 1, omega > 0, omega < 1]
    gain = f.gain(zeta, 1 - zeta, omega, 1 - omega)
    return inside, (gain > 1) == (zeta < threshold(omega))


def twice_bound(smt):
    zeta, omega = smt.Real("zeta"), smt.Real("Omega")
    inside = [zeta > 0, zeta < 1, omega > 0, omega < 1]
    return inside, f.improvement(zeta, 1 - zeta, omega, 1 - omega) <= smt.number("1/2")


def test_coq_is_there_where_it_is_required():
    if REQUIRED:
        assert coqc.version()


def test_without_coq_the_evidence_is_not_run(monkeypatch):
    monkeypatch.setattr(coqc.shutil, "which", lambda name: None)
    coqc.version.cache_clear()
    outcome = KernelForall("rule", amplified).run(Context())
    coqc.version.cache_clear()
    assert outcome.verdict is Verdict.NOT_RUN
    assert "apt-get install --no-install-recommends coq" in outcome.detail


def test_the_search_is_the_same_each_time():
    def once():
        coq = Coq()
        built = amplified(coq)
        return for_all(coq, built), hints.script(built)

    assert once() == once()


def test_a_comparison_that_is_not_rational_has_no_hints():
    def absolute(smt):
        x = smt.Real("x")
        return [], smt.If(x >= 0, x, -x) >= 0

    with pytest.raises(ValueError, match="no rational function"):
        hints.script(absolute(Coq()))


@pytest.mark.parametrize(
    ("said", "accepted", "axioms"),
    [
        ("Closed under the global context\n", True, ()),
        (
            "Axioms:\nClassicalDedekindReals.sig_forall_dec\n  : forall P : nat -> Prop,\n    x\n"
            "FunctionalExtensionality.functional_extensionality_dep : forall A\n",
            True,
            ("functional_extensionality_dep", "sig_forall_dec"),
        ),
        ("Axioms:\nPrimFloat.add : float -> float -> float\n", False, ("add",)),
        ("Axioms:\nfoo is assumed to be guarded.\n", False, ()),
        ("Theory: Set is impredicative\n", False, ()),
        ("", False, ()),
    ],
)
def test_only_listed_axioms_are_accepted(said, accepted, axioms):
    answer = coqc.judged(said)
    assert answer.accepted is accepted
    assert answer.axioms == axioms
    assert bool(answer.message) is not accepted


@needs_coq
@pytest.mark.parametrize(
    ("text", "message"),
    [
        (
            "Axiom cheat : False.\nTheorem t : 1 = 2. Proof. destruct cheat. Qed.",
            "not contain Axiom",
        ),
        ("Theorem t : 1 = 2. Admitted.", "not contain Admitted"),
        ("Theorem t : 1 = 2. Proof. reflexivity. Qed.", "line 1: "),
        (
            "Require Import IndefiniteDescription.\nTheorem t : forall A (P : A -> Prop), "
            "(exists x, P x) -> {x | P x}.\nProof. exact constructive_indefinite_description. Qed.",
            "it rests on constructive_indefinite_description",
        ),
        ("Theorem t : True. Proof. do 1000000000 idtac. exact I. Qed.", "out of processor time"),
    ],
)
def test_what_is_no_proof_is_refused(text, message):
    answer = coqc.check(text, ["t"], seconds=3)
    assert not answer.accepted
    assert message in answer.message


@needs_coq
def test_a_missing_package_of_coq_is_not_run():
    with pytest.raises(coqc.NotRun, match=r"Nothing of Coq is not installed: apt-get"):
        coqc.check("From Nowhere Require Import Nothing.", [], 10)


@needs_coq
def test_one_refused_theorem_does_not_stop_the_others():
    right = [Theorem(f"forall x : R, x < x + {k}", "auto_real.") for k in (1, 2, 3)]
    wrong = [Theorem(f"forall x : R, x < x - {k}", "auto_real.") for k in (1, 2)]
    escaping = Theorem("0 < 0", "Abort.\nTheorem other : True.\nexact I.")
    asked = [right[0], wrong[0], right[1], escaping, wrong[1], right[2]]
    answers = statements.check(asked, cached=False)
    assert [answers[theorem].accepted for theorem in asked] == [
        True,
        False,
        True,
        False,
        False,
        True,
    ]


@needs_coq
def test_the_kernel_proves_and_refutes():
    proved = KernelForall("rule", amplified).run(Context())
    assert proved.verdict is Verdict.PROVED
    assert proved.figures["axioms"] == "functional_extensionality_dep, sig_forall_dec"
    wrong = KernelForall("rule", lambda smt: amplified(smt, lambda omega: omega))
    control = Control(wrong, "threshold Omega").run(Context())
    assert control.verdict is Verdict.REJECTED
    point = {name: Fraction(control.figures[name]) for name in ("zeta", "Omega")}
    assert Forall("rule", wrong.build).holds_at(point) == (True, False)


@needs_coq
def test_a_proof_that_is_not_found_is_undecided(monkeypatch):
    monkeypatch.setattr(KernelForall, "_counterexample", lambda self: {})
    outcome = KernelForall("bound", twice_bound).run(Context())
    assert outcome.verdict is Verdict.UNDECIDED
    assert outcome.detail.startswith("line ")


@needs_coq
def test_what_was_accepted_is_remembered_by_its_text_and_only_if_asked(monkeypatch, tmp_path):
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    theorem = Theorem("forall x : R, 0 <= x * x", "auto_real.")
    statements.check([theorem], cached=False)
    assert not cache.folder().exists()
    first = statements.check([theorem], cached=True)
    monkeypatch.setattr(coqc, "check", lambda *_: pytest.fail("asked again"))
    assert statements.check([theorem], cached=True) == first
    monkeypatch.undo()
    assert cache.key("a") != cache.key("b")


CLAIM_FILE = """
from kdverify.evidence import Claim, Control, Forall, Identity

def square(smt, least=0):
    x = smt.Real("x")
    return [], x * x >= least

CLAIM = Claim(
    id="1.square", title="Squares", statement="x^2", source="classic",
    evidence=[
        Forall("whole", square),
        Identity("x = 2", left=lambda: 4, right=lambda: 2**2),
    ],
    controls=[Control(Forall("whole", lambda smt: square(smt, 1)), "at least one")],
)
"""
LEDGER_FILE = """
from kdverify.evidence import Entry
LEDGER = [Entry("1.square", "classic")]
KERNEL = {}
"""
COQ_FILE = """
From KD Require Import Formulas.
(** whole: squares of gains are not negative. *)
Theorem squares : forall x y a b : R, 0 <= f.gain x y a b * f.gain x y a b.
Proof. intros. apply Rle_0_sqr. Qed.
(** control of whole: strictly. *)
Theorem not_strictly : ~ forall x : R, 0 < x * x.
Proof. intros H. specialize (H 0). lra. Qed.
"""


@pytest.fixture
def package(tmp_path):
    (tmp_path / "square.py").write_text(CLAIM_FILE)
    (tmp_path / "square.v").write_text(COQ_FILE)
    (tmp_path / "ledger.py").write_text(LEDGER_FILE)
    return tmp_path


def test_claims_get_counterparts_of_their_foralls_and_the_theorems_beside_them(package):
    (claim,) = verify.collect([package])
    asked = [item for item in claim.evidence if item.kind == "kernel"]
    assert [type(item).__name__ for item in asked] == ["KernelForall", "KernelTheorem"]
    assert asked[1].note == "squares of gains are not negative"
    wrong = [item.evidence for item in claim.controls if item.evidence.kind == "kernel"]
    assert [item.part for item in wrong] == ["whole", "whole"]
    (package / "ledger.py").unlink()
    (package / "square.v").unlink()
    (claim,) = verify.collect([package])
    assert {item.kind for item in claim.evidence} == {"forall", "identity"}


@needs_coq
@pytest.mark.parametrize(("level", "proofs"), [("quick", 1), ("full", 2)])
def test_a_run_with_the_kernel_stands(package, level, proofs):
    report = verify.run(verify.collect([package]), level, require_all=True, jobs=1)
    assert report.exit_code == 0
    (result,) = report.results
    kinds = [(outcome.kind, outcome.verdict.value) for outcome in result.evidence]
    assert kinds[2:] == [("kernel", "proved")] * proofs
    assert result.rejected == len(result.controls) == 1 + proofs


def test_counterparts_of_foralls_are_left_to_the_full_level(package):
    (claim,) = verify.collect([package])
    left = [i for i, item in enumerate(claim.checks) if not asked(item, LEVELS["quick"])]
    assert [type(execute._inner(claim.checks[i])).__name__ for i in left] == ["KernelForall"] * 2
    assert all(asked(item, LEVELS["full"]) for item in claim.checks)


@needs_coq
def test_a_theorem_is_refused_under_another_formula(monkeypatch):
    text = """From KD Require Import Formulas.
Theorem t : forall b, f.gain 0 1 b (1 - b) = 1 - b -> 1 - b = 0 \\/ b = 0.
Proof. intros b. unfold f.gain. intros E. destruct (Req_dec (1 - b) 0); [left; easy | right].
  assert ((1 - b) * 1 / ((1 - b) * 1 * 1 + b * 0 * 0) = 1) by (field; lra). lra. Qed."""

    def forget():
        for kept in (definitions.every, definitions.unprintable, definitions.library):
            kept.cache_clear()

    assert coqc.check(text, ["t"], 20).accepted
    monkeypatch.setattr(f, "gain", lambda zeta, learnt, omega, rest: rest * learnt)
    forget()
    refused = coqc.check(text, ["t"], 20)
    monkeypatch.undo()
    forget()
    assert not refused.accepted


@pytest.mark.parametrize(
    ("comment", "message"),
    [
        ("(** control of whole: no negation. *)", "must state a negation"),
        ("(** nothing to read *)", "must read PART: WORDS"),
    ],
)
def test_a_comment_that_says_nothing_is_an_error(package, comment, message):
    file = package / "square.v"
    file.write_text(f"{comment}\nTheorem t : True. Proof. exact I. Qed.")
    with pytest.raises(ValueError, match=message):
        list(theorems.stated_in(file, "1.square", ["1.square"]))


def test_tactics_by_hand_and_files_of_coq_belong_to_claims():
    root = Path(__file__).parent.parent / "proofs"
    claims = {claim.id: claim for claim in verify.collect([root])}
    scripts = vars(collect.load(root / "ledger.py"))["KERNEL"]
    for name, part in scripts:
        foralls = [item for item in claims[name].evidence if isinstance(item, Forall)]
        assert part in {item.part for item in foralls}, (name, part)
    beside = {claim.origin.with_suffix(".v") for claim in claims.values()}
    assert set(root.glob("s*/*.v")) <= beside
    for claim in claims.values():
        for item in claim.evidence:
            if isinstance(item, KernelTheorem):
                assert item.part == "whole" or item.part in claim.parts, (claim.id, item.part)
