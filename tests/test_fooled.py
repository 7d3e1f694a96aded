"""False statements that honest-looking evidence once let pass, and true ones that it refuted."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
import sympy
from flint import arb

from kdverify.evidence import Claim, Comparison, Context, Verdict
from kdverify.evidence.kernel import theorems

CONTEXT = Context()
STANDS = (Verdict.PROVED, Verdict.CERTIFIED, Verdict.MEASURED)
x, y, a = sympy.symbols("x y a", real=True)
t, nonnegative = sympy.Symbol("t", positive=True), sympy.Symbol("b", nonnegative=True)


def claim() -> Any:
    return Claim("1.fooled", title="something", statement="s")


def test_a_loop_whose_variable_all_functions_share_is_refused():
    one = Claim("1.loop", title="x > -k", statement="s", parts=("k = 0", "k = 1"))
    for k in (0, 1):
        one.forall(
            f"k = {k}",
            lambda smt: ([smt.Real("x") > 0], smt.Real("x") > -k),  # noqa: B023 - that is meant
        )
    one.identity("k = 0", lambda m=1: ((t + m) ** 2, t**2 + 2 * t + 1), but={"m": {"m": 2}})
    with pytest.raises(ValueError, match="'k = 0' and of 'k = 1' is one function with the same"):
        one.check_complete()
    other = Claim("1.own", title="each has its own", statement="s", parts=("k = 0", "k = 1"))
    for k in (0, 1):
        other.forall(f"k = {k}", lambda smt, k: ([smt.Real("x") > 0], smt.Real("x") > -k), k=k)
    other.identity("k = 0", lambda m=1: ((t + m) ** 2, t**2 + 2 * t + 1), but={"m": {"m": 2}})
    other.check_complete()


def posified() -> tuple[Any, Any]:
    expression, back = sympy.posify(sympy.sqrt(x**2))
    return sympy.simplify(expression).subs(back), x


def inverted() -> tuple[Any, Any]:
    from sympy.simplify.simplify import inversecombine

    return inversecombine(sympy.asin(sympy.sin(x, evaluate=False), evaluate=False)), x


FORCED: dict[str, Callable[[], tuple[Any, Any]]] = {
    "expand": lambda: (sympy.expand(sympy.sqrt(x * y), force=True), sympy.sqrt(x) * sympy.sqrt(y)),
    "expand, a method": lambda: (sympy.log(x**2).expand(force=True), 2 * sympy.log(x)),
    "posify": posified,
    "separatevars": lambda: (
        sympy.separatevars(sympy.sqrt(x**2 * y + x**2), force=True),
        x * sympy.sqrt(y + 1),
    ),
    "inversecombine": inverted,
}


@pytest.mark.parametrize("name", FORCED)
def test_what_sympy_is_forced_to_is_not_believed(name):
    assert claim().identity("whole", FORCED[name]).run(CONTEXT).verdict not in STANDS


def test_an_expansion_that_is_not_forced_is():
    found = claim().identity("whole", lambda: (sympy.expand((x + y) ** 3), (x + y) ** 3))
    assert found.run(CONTEXT).verdict is Verdict.PROVED


@pytest.mark.parametrize(
    ("point", "value", "direction", "message"),
    [("-oo", 1, None, "t can go"), (-1, -1, None, "t can go"), (0, 1, "-", "t can go from -")],
)
def test_a_symbol_does_not_go_where_it_cannot_be(point, value, direction, message):
    found = claim().limit(
        "whole", lambda: sympy.sqrt(t**2) / t + t, symbol="t", point=point, value=value,
        direction=direction,
    )  # fmt: skip
    outcome = found.run(CONTEXT)
    assert outcome.verdict is Verdict.ERROR
    assert message in outcome.detail


def test_limits_at_the_edge_of_what_a_parameter_may_be():
    """At a = 0 they are others; and what holds for all a stays proved."""
    for expression, value in (
        (1 / (1 + nonnegative * t), 0),
        (t / (1 + a**2 * t**2), 0),
        (a * t / (1 + a * t), 1),
    ):
        found = claim().limit("whole", lambda e=expression: e, symbol="t", point="oo", value=value)
        assert found.run(CONTEXT).verdict is Verdict.REFUTED, expression
    for expression, value in ((t / (a**2 + t), 1), (nonnegative / (1 + t), 0)):
        found = claim().limit("whole", lambda e=expression: e, symbol="t", point="oo", value=value)
        assert found.run(CONTEXT).verdict is Verdict.PROVED, expression
    near = claim().limit("whole", lambda: 1 / nonnegative, symbol="b", point=0, value=sympy.oo)
    assert near.run(CONTEXT).verdict is Verdict.PROVED  # from above, where alone it may be


def uniform(context: Context) -> np.ndarray:
    return np.random.default_rng(0).uniform(size=10_000)


@pytest.mark.parametrize(
    "sample",
    [
        lambda c: [
            Comparison.of("mean", uniform(c), 0.5, 0.02),
            Comparison.of("square", uniform(c) ** 2, 5, 10),
        ],
        lambda c: Comparison.of(
            "both", np.stack([uniform(c), uniform(c)], axis=1), [0.5, 3], [0.02, 5]
        ),
        lambda c: Comparison.of("mean of what is not 0", uniform(c), 0.0, 1.5),
    ],
)
def test_a_wide_band_does_not_hide_behind_another(sample):
    outcome = claim().agreement("whole", sample).run(CONTEXT)
    assert outcome.verdict is Verdict.UNDECIDED
    assert "the band is wide" in outcome.detail


def test_small_entries_beside_large_ones_have_the_large_ones_size():
    values = np.stack([uniform(CONTEXT), 1e-3 * uniform(CONTEXT)], axis=1)
    sample = Comparison.of("both", values, [0.5, 5e-4], [0.02, 0.02])
    assert claim().agreement("whole", lambda c: sample).run(CONTEXT).verdict is Verdict.MEASURED


def test_trials_are_real_numbers_all_of_them():
    values = uniform(CONTEXT)
    with pytest.raises(TypeError, match="values of comparison 'c' must be real, not of dtype comp"):
        Comparison.of("c", values * 1j, 0.5, 0.1)
    with pytest.raises(TypeError, match="theory of comparison 'c' must be real"):
        Comparison.of("c", values, 0.5 + 0.1j, 0.1)
    with pytest.raises(ValueError, match="values of comparison 'c' must not have masked entries"):
        Comparison.of("c", np.ma.masked_where(values > 0.5, values), 0.5, 0.1)
    with pytest.raises(ValueError, match="zeros of comparison 'c' must have the mean 0"):
        Comparison.of("c", values, 0.05, 0.1, zeros=values[:, None])
    Comparison.of("c", values, 0.5, 0.1, zeros=values[:, None] - values.mean())


def test_matrices_of_other_shapes_are_not_equal():
    column = sympy.Matrix(sympy.symbols("a b c"))
    outcome = claim().identity("whole", lambda: (column.T, column)).run(CONTEXT)
    assert outcome.verdict is Verdict.ERROR
    assert "left of shape (1, 3) and right of shape (3, 1) must be alike" in outcome.detail


def test_a_float_is_no_exact_number():
    def third(smt: Any) -> Any:
        v = smt.Real("x")
        return [v > 0], 3 * smt.number(1 / 3) * v < v

    outcome = claim().forall("whole", third).run(CONTEXT)
    assert outcome.verdict is Verdict.ERROR
    assert "must be an integer, a fraction or text" in outcome.detail
    half = claim().forall(
        "whole", lambda smt: ([smt.Real("x") > 1], smt.number(0.5) < smt.Real("x"))
    )
    assert half.run(CONTEXT).verdict is Verdict.PROVED


def test_premises_inside_one_another_have_to_hold_together():
    def nested(smt: Any, sign: int = 1) -> Any:
        v = smt.Real("x")
        return [], smt.Implies(v > 0, smt.Implies(sign * v < 0, v == 7))

    outcome = claim().forall("whole", nested).run(CONTEXT)
    assert outcome.verdict is Verdict.UNDECIDED
    assert "what stands before an Implies never holds" in outcome.detail

    def together(smt: Any) -> Any:
        v = smt.Real("x")
        return [], smt.Implies(v > 0, smt.Implies(v > 1, v * v > 1))

    assert claim().forall("whole", together).run(CONTEXT).verdict is Verdict.PROVED


def test_two_routes_may_not_lose_nearly_all_digits():
    with pytest.raises(ValueError, match="guard=29 must be from 0 to 15 digits"):
        claim().equal("whole", lambda digits: [(arb.pi(), arb("3.142857", "0.01"))], guard=29)


def test_derivatives_by_a_function_and_functions_with_signs_are_not_refuted():
    time = sympy.Symbol("time", real=True)
    q = sympy.Function("q")(time)
    negative = sympy.Function("g", negative=True)(time)
    for sides in (
        lambda: (sympy.diff(q**2 + sympy.diff(q, time) ** 2, q), 2 * q),
        lambda: (sympy.sqrt(negative**2), -negative),
    ):
        assert claim().identity("whole", sides).run(CONTEXT).verdict is Verdict.UNDECIDED


def test_a_theorem_beside_two_claims_names_one(tmp_path):
    file = tmp_path / "two.v"
    file.write_text(
        "Require Import Reals Lra Psatz.\nOpen Scope R_scope.\n"
        "(** whole: a square is at least 0. *)\nTheorem square : forall x : R, 0 <= x * x.\n"
        "Proof. intros. nra. Qed.\n"
    )
    assert len(list(theorems.stated_in(file, "7.true", ["7.true"]))) == 1
    with pytest.raises(ValueError, match="before square must name one of the claims 7.true, 7.fal"):
        list(theorems.stated_in(file, "7.true", ["7.true", "7.false"]))
    file.write_text(file.read_text().replace("(** whole", "(** stein.words, whole"))
    found = list(theorems.stated_in(file, "stein.words", ["stein.words", "stein.other"]))
    assert [one.part for one in found] == ["whole"]
    assert not list(theorems.stated_in(file, "stein.other", ["stein.words", "stein.other"]))


def test_a_theorem_stands_outside_of_sections(tmp_path):
    """After its end a section's hypotheses are premises, which the text does not show."""
    file = tmp_path / "section.v"
    inside = (
        "Require Import Reals Lra.\nOpen Scope R_scope.\nSection S.\n"
        "Hypothesis H : forall x : R, 0 < x.\n{end}"
        "(** whole: x = 5. *)\nTheorem five : forall x : R, x = 5.\n"
        "Proof. intros. pose proof (H 0). lra. Qed.\n"
    )
    file.write_text(inside.format(end=""))
    with pytest.raises(ValueError, match="five must stand outside of sections with"):
        list(theorems.stated_in(file, "7.five", ["7.five"]))
    file.write_text(inside.format(end="").replace("H : forall x : R, 0 < x", "H : False"))
    with pytest.raises(ValueError, match="five must stand outside of sections with"):
        list(theorems.stated_in(file, "7.five", ["7.five"]))
    types = inside.format(end="").replace(
        "Hypothesis H : forall x : R, 0 < x", "Variable F : fieldType"
    )
    file.write_text(types)
    assert len(list(theorems.stated_in(file, "7.five", ["7.five"]))) == 1
    file.write_text(inside.format(end="End S.\n"))
    assert len(list(theorems.stated_in(file, "7.five", ["7.five"]))) == 1
