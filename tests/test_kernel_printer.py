"""The printer: what a formula says in Coq is what it says in Python."""

from __future__ import annotations

import inspect
import itertools
import random
from fractions import Fraction

import mpmath
import pytest
from kernel_samples import needs_coq

from kdverify import formulas
from kdverify.arithmetic import functions
from kdverify.evidence.kernel import coqc, definitions
from kdverify.evidence.kernel.definitions import Definition, Operations
from kdverify.evidence.kernel.terms import Term, number
from kdverify.evidence.kernel.vocabulary import Coq, for_all
from kdverify.evidence.smt import Exact

MODES = 3
KEPT = (True, False, True)


def test_every_formula_prints_or_says_why_not():
    printed = {definition.function.__name__ for definition in definitions.every()}
    functions = {name for name in formulas.__all__ if name.islower()}
    assert printed | definitions.unprintable().keys() == functions
    assert definitions.unprintable() == {
        "scaling_boundary_log": "Euler's constant",
        "scaling_mask_constant": "the function hyp2f1",
        "scaling_mask_ratio": "the function hyp2f1",
        "scaling_steep_constant": "the function zeta",
    }


def test_brackets_follow_python():
    a, b, c = Term("a"), Term("b"), Term("c")
    assert str(a - (b - c)) == "a - (b - c)"
    assert str(a / (b * c) / b) == "a / (b * c) / b"
    assert str(-(a**2) * -a) == "(- a ^ 2) * (- a)"
    assert str((a + b) ** 2 * c**-1) == "(a + b) ^ 2 * (1 / c ^ 1)"
    assert str(number("-1/3") * a + 2) == "(-1 / 3) * a + 2"
    assert str((a < b) == (b > a)) == "a < b <-> a < b"


@pytest.mark.parametrize("value", [0.5, True, 1j, "one"])
def test_inexact_numbers_are_turned_away(value):
    with pytest.raises((TypeError, ValueError)):
        Term("a") + value


def test_names_that_would_fall_together_are_turned_away():
    coq = Coq()
    coq.Real("b'")
    with pytest.raises(ValueError, match="must differ from the others"):
        coq.Real("b_prime")


def test_terms_of_different_modes_do_not_mix():
    with pytest.raises(TypeError, match="different modes"):
        Term("a i", modes="kept") + Term("b i", modes="dropped")
    with pytest.raises(definitions.Unprintable, match="no entry per mode"):
        definitions.total(Term("a"))


def _points(definition: Definition) -> list[dict[str, Fraction | list[Fraction]]]:
    """Three rational points, from a stream of the definition's own."""
    stream = random.Random(definition.name)

    def draw() -> Fraction:
        return Fraction(stream.randint(1, 60), stream.randint(61, 90))

    kinds = [(name, kind) for name, kind in definition.arguments if kind in ("R", "nat -> R")]
    return [
        {name: draw() if kind == "R" else [draw() for _ in range(MODES)] for name, kind in kinds}
        for _ in range(3)
    ]


class _Entries:
    """One fraction per mode, with the arithmetic of an array."""

    def __init__(self, values):
        self.values = list(values)

    def _with(self, other, operate):
        others = other.values if isinstance(other, _Entries) else itertools.repeat(other)
        return _Entries(operate(a, b) for a, b in zip(self.values, others, strict=False))

    def __add__(self, other):
        return self._with(other, lambda a, b: a + b)

    def __sub__(self, other):
        return self._with(other, lambda a, b: a - b)

    def __rsub__(self, other):
        return self._with(other, lambda a, b: b - a)

    def __mul__(self, other):
        return self._with(other, lambda a, b: a * b)

    def __truediv__(self, other):
        return self._with(other, lambda a, b: a / b)

    __radd__, __rmul__ = __add__, __mul__


def _in_python(definition: Definition, point, ops=None):
    """The formula itself, on fractions; ``total`` adds what the sum of its modes holds."""
    names = list(inspect.signature(definition.function).parameters)
    arguments: dict[str, object] = {}
    shown = [name for name, kind in definition.arguments if kind in ("R", "nat -> R")]
    plain = [name for name in names if name not in ("total", "ops", "same")]
    for name, text in zip(plain, shown, strict=True):
        value = point[text]
        if isinstance(value, list):
            side = {"kept": True, "dropped": False}.get(name.partition("_")[0])
            chosen = [v for v, kept in zip(value, KEPT, strict=True) if side in (None, kept)]
            arguments[name] = _Entries(chosen)
        else:
            arguments[name] = value
    if "total" in names:
        arguments["total"] = lambda entries: sum(entries.values)
    if "ops" in names:
        arguments["ops"] = ops
    if definition.name.endswith("_same"):
        arguments["same"] = True
    value = definition.function(**arguments)
    return value[definition.entry] if isinstance(value, tuple) else value


def _in_coq(definition: Definition, point) -> str:
    """The definition applied to the same values."""
    given = {"p": str(MODES), "M": "(fun i => negb (Nat.eqb i 1))"}
    for name, value in point.items():
        if isinstance(value, list):
            cases = " | ".join(f"{i}%nat => {number(v)}" for i, v in enumerate(value))
            given[name] = f"(fun i => match i with {cases} | _ => 0 end)"
        else:
            given[name] = number(value).at(9)
    return f"f.{definition.name} " + " ".join(given[name] for name, _ in definition.arguments)


def _takes_operations(definition: Definition) -> bool:
    return "ops" in inspect.signature(definition.function).parameters


@needs_coq
def test_coq_evaluates_every_rational_formula_to_the_fraction_of_python():
    rational = [d for d in definitions.every() if not _takes_operations(d)]
    assert len(rational) > 80
    lines = ["From KD Require Import Formulas."]
    for place, (definition, point) in enumerate(
        (d, point) for d in rational for point in _points(d)
    ):
        value = number(_in_python(definition, point))
        lines.append(f"Lemma at_{place} : {_in_coq(definition, point)} = {value}.")
        lines.append(f"Proof. unfold f.{definition.name}; cbn [Sum Nat.eqb negb]; lra. Qed.")
    answer = coqc.check("\n".join(lines), ["at_0", f"at_{place}"], 200)
    assert answer.accepted, answer.message


@needs_coq
def test_coq_encloses_every_other_formula_around_the_value_of_mpmath():
    mpmath.mp.dps = 30
    ops = functions.multiprecision()
    others = [d for d in definitions.every() if _takes_operations(d)]
    lines = ["From KD Require Import Formulas.", "From KD Require Import ZInterval."]
    stream = random.Random("others")
    for place, definition in enumerate(others):
        point = {n: Fraction(stream.randint(30, 38), 20) + 1 for n, _ in definition.arguments}
        exact = {n: mpmath.mpf(v.numerator) / v.denominator for n, v in point.items()}
        value = _in_python(definition, exact, ops)
        near = number(Fraction(int(mpmath.nint(value * 10**12)), 10**12)).at(9)
        lines.append(f"Lemma at_{place} : Rabs ({_in_coq(definition, point)} - {near}) <= 1e-11.")
        lines.append(
            f"Proof. unfold f.{definition.name}, sinc, Rpower; repeat match goal with "
            "|- context [Req_EM_T ?a 0] => destruct (Req_EM_T a 0) as [E | _]; "
            "[exfalso; revert E; assert (0 < a) by interval with (i_prec 80); lra |] end; "
            "interval with (i_prec 80). Qed."
        )
    assert len(others) > 10
    answer = coqc.check("\n".join(lines), ["at_0", f"at_{place}"], 200)
    assert answer.accepted, answer.message


def test_a_changed_formula_changes_its_definition(monkeypatch):
    before = next(d for d in definitions.every() if d.name == "keep_margin").text()
    monkeypatch.setattr(formulas, "keep_margin", lambda zeta, one_minus_omega: zeta)
    (after,) = definitions._printed("keep_margin")
    assert before != after.text()


def test_the_vocabulary_prints_and_evaluates_alike():
    def build(smt):
        x, y = smt.Real("x"), smt.Real("lambda")
        size = smt.If(x >= 0, x, -x)
        return [y > smt.number("1/3"), smt.Not(x == y)], smt.Or(
            smt.And(size <= y, x != 0), smt.Implies(x < y, x**2 <= y**2)
        )

    coq = Coq()
    assert for_all(coq, build(coq)) == (
        "forall x lam : R,\n  1 / 3 < lam ->\n  ~ x = lam ->\n  "
        "((if Rle_dec 0 x then x else - x) <= lam /\\ x <> 0) \\/ (x < lam -> x ^ 2 <= lam ^ 2)"
    )
    assumptions, conclusion = build(Exact({"x": Fraction(-1), "lambda": Fraction(1, 2)}))
    assert all(assumptions)
    assert not conclusion


def test_operations_that_coq_does_not_have_are_named():
    with pytest.raises(definitions.Unprintable, match="hyp2f1"):
        Operations().hyp2f1(1, 2, 3, 4)
