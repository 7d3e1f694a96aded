"""Symbolic evidence on something true, something false and something undecidable."""

from __future__ import annotations

import dataclasses
import math
from fractions import Fraction
from typing import Any

import pytest
from evidence_samples import (
    HIDDEN,
    QUICK,
    amplified_below,
    equation,
    gain_identity,
    verdict,
)

from kdverify import formulas
from kdverify.evidence import (
    Context,
    Forall,
    Identity,
    Limit,
    Verdict,
)
from kdverify.evidence.look.points import drawn
from kdverify.evidence.outcome import LEVELS
from kdverify.evidence.smt import Z3

# ---------------------------------------------------------------- identity


def test_identity_of_formulas_is_proved() -> None:
    assert verdict(gain_identity()) is Verdict.PROVED


def test_identity_with_a_wrong_sign_is_refuted_with_its_point() -> None:
    import sympy

    outcome = gain_identity(-1).run(QUICK)
    assert outcome.verdict is Verdict.REFUTED
    point = {
        name: sympy.Rational(value)
        for name, value in (item.split(" = ") for item in str(outcome.figures["at"]).split(", "))
    }
    zeta, omega = (Fraction(int(v.p), int(v.q)) for v in (point["zeta"], point["Omega"]))
    excess = formulas.gain_excess(zeta, 1 - zeta, omega, 1 - omega)
    assert Fraction(str(outcome.figures["difference"])) == 2 * excess


@pytest.mark.parametrize(
    ("left", "right"),
    [
        ("sin(x)**2 + cos(x)**2", "1"),
        ("(x + y)**3", "x**3 + 3*x**2*y + 3*x*y**2 + y**3"),
        ("sqrt(8)", "2*sqrt(2)"),
        ("Integral(x**2, (x, 0, 1))", "1/3"),
        ("Matrix([[1, x], [x, 1]])**2", "Matrix([[1 + x**2, 2*x], [2*x, 1 + x**2]])"),
    ],
)
def test_identities_that_hold(left: str, right: str) -> None:
    assert verdict(equation(left, right)) is Verdict.PROVED


@pytest.mark.parametrize(
    ("left", "right"),
    [
        ("sin(x)**2 + cos(x)**2", "1 + x/10**6"),
        ("exp(x)", "1 + x"),
        ("pi", "355/113"),
        ("x/y", "y/x"),
        ("Matrix([1, x])", "Matrix([1, 2*x])"),
    ],
)
def test_identities_that_do_not_hold(left: str, right: str) -> None:
    assert verdict(equation(left, right)) is Verdict.REFUTED


def test_an_identity_that_sympy_cannot_see_is_undecided() -> None:
    assert verdict(HIDDEN) is Verdict.UNDECIDED


def test_a_point_outside_the_domain_does_not_count_if_points_are_given() -> None:
    import sympy

    x = sympy.Symbol("x", real=True)
    sides = {"left": lambda: sympy.sqrt(x**2), "right": lambda: x}
    inside = Identity("whole", **sides, points=lambda: [{x: sympy.Rational(1, 3)}])
    assert verdict(inside) is Verdict.UNDECIDED
    beyond = Identity("whole", **sides, points=lambda: [{x: sympy.Rational(-1, 3)}])
    assert verdict(beyond) is Verdict.REFUTED


def test_sides_of_different_shape_are_an_error() -> None:
    outcome = equation("Matrix([1, 2])", "1").run(QUICK)
    assert outcome.verdict is Verdict.ERROR
    assert "2 entries" in outcome.detail


def test_points_respect_assumptions() -> None:
    import sympy

    assumptions: list[dict[str, bool]] = [
        {"positive": True},
        {"negative": True},
        {"nonnegative": True, "integer": True},
        {"even": True},
        {"prime": True},
        {"imaginary": True},
        {"real": True, "rational": False},
    ]
    symbols = [sympy.Symbol(f"s{i}", **given) for i, given in enumerate(assumptions)]
    for trial in range(6):
        point = drawn(symbols, trial)
        assert point == drawn(symbols[::-1], trial)
        for symbol, given in zip(symbols, assumptions, strict=True):
            assert all(getattr(point[symbol], f"is_{name}") is v for name, v in given.items())
    plain = sympy.Symbol("z")
    values = [drawn([plain], trial)[plain] for trial in range(8)]
    assert {bool(v.is_real) for v in values} == {True, False}
    assert {v > 0 for v in values if v.is_real} == {True, False}


# ------------------------------------------------------------------ forall


def test_forall_is_proved_by_both_solvers() -> None:
    outcome = Forall("whole", build=amplified_below(lambda omega: 1 - omega)).run(QUICK)
    assert outcome.verdict is Verdict.PROVED
    assert outcome.figures == {"z3": "unsat", "cvc5": "unsat"}


def test_forall_is_refuted_by_a_point_that_holds_exactly() -> None:
    evidence = Forall("whole", build=amplified_below(lambda omega: omega))
    outcome = evidence.run(QUICK)
    assert outcome.verdict is Verdict.REFUTED
    point = {name: Fraction(str(outcome.figures[name])) for name in ("zeta", "Omega")}
    assert evidence.holds_at(point) == (True, False)


def test_forall_refuted_only_at_irrational_values() -> None:
    def build(smt: Any) -> Any:
        x = smt.Real("x")
        return [x > 0], x * x != 2

    outcome = Forall("whole", build=build).run(QUICK)
    assert outcome.verdict is Verdict.REFUTED
    assert "irrational" in outcome.detail


@pytest.mark.parametrize("witness", [None, {"x": 1}])
def test_a_statement_about_nothing(witness: Any) -> None:
    def build(smt: Any) -> Any:
        x = smt.Real("x")
        return [x > 0, x < 0], x > 5

    outcome = Forall("whole", build=build, witness=witness).run(QUICK)
    if witness is None:
        assert (outcome.verdict, outcome.detail) == (Verdict.UNDECIDED, "vacuous")
    else:
        assert outcome.verdict is Verdict.ERROR
        assert "must satisfy the assumptions" in outcome.detail


def test_a_division_by_zero_is_no_counterexample() -> None:
    def build(smt: Any) -> Any:
        x = smt.Real("x")
        return [x >= 0, x <= 1], 1 / x >= 1

    outcome = Forall("whole", build=build, witness={"x": 1}).run(QUICK)
    assert outcome.verdict is Verdict.UNDECIDED
    assert "denominators" in outcome.detail


def test_a_solver_is_not_believed_if_its_point_is_none(monkeypatch: pytest.MonkeyPatch) -> None:
    def build(smt: Any) -> Any:
        x = smt.Real("x")
        return [x > 0], smt.And(x > 0, x < 5)

    monkeypatch.setattr(Z3, "value", lambda self, name: Fraction(-7))
    outside = Forall("whole", build=build, witness={"x": 1}).run(QUICK)
    monkeypatch.setattr(Z3, "value", lambda self, name: Fraction(1))
    holds = Forall("whole", build=build, witness={"x": 1}).run(QUICK)
    for outcome in (outside, holds):
        assert outcome.verdict is Verdict.UNDECIDED
        assert outcome.detail == "the solver's counterexample is none"


def hard(smt: Any) -> Any:
    """The mean inequality for five variables: true, and beyond the resources."""
    names = [smt.Real(name) for name in "abcde"]
    product, powers = smt.number(5), smt.number(0)
    for x in names:
        product, powers = product * x, powers + x * x * x * x * x
    return [x > 0 for x in names], powers >= product


def test_out_of_resources_is_undecided_and_does_not_depend_on_the_clock() -> None:
    small = dataclasses.replace(LEVELS["quick"], z3_limit=100_000)
    context = Context(level=small)
    evidence = Forall("whole", build=hard, witness=dict.fromkeys("abcde", 1))
    first, second = evidence.run(context), evidence.run(context)
    assert first.verdict is second.verdict is Verdict.UNDECIDED
    assert first.detail == second.detail == "z3 is out of resources"
    without_witness = Forall("whole", build=hard).run(context)
    assert without_witness.verdict is Verdict.UNDECIDED


@pytest.mark.parametrize("use", ["And", "Or", "Implies", "Not", "If"])
def test_the_vocabulary_means_the_same_to_all(use: str) -> None:
    def build(smt: Any) -> Any:
        x, third = smt.Real("x"), smt.number("1/3")
        statement = {
            "And": lambda: smt.And(x * 3 > 1, True),
            "Or": lambda: smt.Or(x < 0, x > third),
            "Implies": lambda: smt.Implies(x > third, x * x * 9 > 1),
            "Not": lambda: smt.Not(x <= third),
            "If": lambda: smt.If(x > third, x, 0) > 0,
        }[use]()
        return [x > third], statement

    assert verdict(Forall("whole", build=build)) is Verdict.PROVED
    assert Forall("whole", build=build).holds_at({"x": Fraction(1, 2)}) == (True, True)


def test_smtlib_text_says_the_same_to_z3() -> None:
    import z3

    for threshold, answer in ((lambda o: 1 - o, "unsat"), (lambda o: o, "sat")):
        text = Forall("whole", build=amplified_below(threshold)).smtlib()
        solver = z3.SolverFor("QF_NRA")
        solver.from_string(text)
        assert str(solver.check()) == answer


# ------------------------------------------------------------------- limit


def limit(expression: str, value: str, **options: Any) -> Limit:
    import sympy

    settings = {"symbol": "n", "point": "oo"} | options
    return Limit(
        "whole", expression=lambda: sympy.sympify(expression), value=lambda: value, **settings
    )


@pytest.mark.parametrize(
    ("evidence", "expected"),
    [
        (limit("(1 + 1/n)**n", "E"), Verdict.PROVED),
        (limit("n/(n + a)", "1"), Verdict.PROVED),
        (limit("sin(n)/n", "1", point="0"), Verdict.PROVED),
        (limit("1/log(n)", "0"), Verdict.PROVED),
        (limit("n/(n + 1)", "2"), Verdict.REFUTED),
        (limit("a*n/(n + 1)", "1"), Verdict.REFUTED),
        (limit("log(n)", "3"), Verdict.REFUTED),
        (limit("sin(n)", "0"), Verdict.UNDECIDED),
    ],
)
def test_limits(evidence: Limit, expected: Verdict) -> None:
    assert verdict(evidence) is expected


def test_the_numbers_stand_beside_the_limit() -> None:
    outcome = limit("n/(n + 1)", "1").run(QUICK)
    assert outcome.figures["gap at 10^8"] == pytest.approx(3 / math.e * 1e-8, rel=1e-7)


def test_an_unknown_symbol_is_an_error() -> None:
    outcome = limit("1/n", "0", symbol="m").run(QUICK)
    assert outcome.verdict is Verdict.ERROR
    assert "symbol='m' must" in outcome.detail
