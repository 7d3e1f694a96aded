"""Lists of solutions hold them all, points name what is stated, sides are two expressions."""

from __future__ import annotations

from functools import partial
from typing import Any

import pytest
import sympy
from evidence_samples import QUICK, verdict

from kdverify.evidence import Forall, Identity, Limit, Verdict
from kdverify.evidence.look.compare import compare
from kdverify.evidence.look.solutions import solved

x, y, z = sympy.symbols("x y z")
t, p = sympy.symbols("t p", positive=True)
r = sympy.Symbol("r", real=True)
m = sympy.Symbol("m", integer=True, positive=True)
q = sympy.Symbol("q", imaginary=True)
f, u = sympy.Function("f"), sympy.Function("u")
C1, C2 = sympy.symbols("C1 C2")


def looks(given: Any, sides: Any, unknowns: Any, domain: Any = ()) -> set[bool | None]:
    return {compare(*pair).equal for pair in solved(given, sides, unknowns, domain)}


@pytest.mark.parametrize(
    ("given", "sides", "unknowns"),
    [
        ([1, -1], [x**2 - 1], (x,)),
        ([2], [t**2 - 4], (t,)),
        ([p], [(t - p) ** 2 * (t + p)], (t,)),
        ([sympy.cbrt(2)], [r**3 - 2], (r,)),
        ([(1,)], [x**2 - 1, x - 1], (x,)),
        ([], [x * 0 + y], (x,)),
        ({x: (y + 3) / 2, z: (3 - y) / 2}, [x + z - 3, x - z - y], (x, z)),
        ({x: 1 - y}, [x + y - 1], (x, y)),
        ([], [x + y - 1, x + y - 2], (x, y)),
        ([], [2 * m - 1], (m,)),
        ([2], [(2 * m - 1) * (m - 2) * (m + 3)], (m,)),
    ],
)
def test_whole_lists_are_confirmed(given: Any, sides: Any, unknowns: Any) -> None:
    assert looks(given, sides, unknowns) == {True}


@pytest.mark.parametrize(
    ("given", "sides", "unknowns"),
    [
        ([1], [x**2 - 1], (x,)),
        ([], [t**2 - 4], (t,)),
        ([p], [(t - p) ** 2 * (t - 2 * p)], (t,)),
        ([y], [(x - y) * (x * x - z)], (x,)),
        ({x: 1 - y, y: y}, [x + y - 1, x - y], (x, y)),
        ([{x: 1, y: 1}], [x + y - 2, 2 * x + 2 * y - 4], (x, y)),
        ([], [x + y - 1, x - y], (x, y)),
        ([], [(2 * m - 1) * (m - 2)], (m,)),
    ],
)
def test_what_is_left_out_is_seen(given: Any, sides: Any, unknowns: Any) -> None:
    assert False in looks(given, sides, unknowns)


def test_the_reals_hold_fewer_solutions() -> None:
    assert looks([1], [x**3 - 1], (x,), (sympy.S.Reals,)) == {True}
    assert False in looks([1], [x**3 - 1], (x,))


def identity(left: Any, right: Any) -> Identity:
    return Identity("whole", lambda: (left(), right))


@pytest.mark.parametrize(
    ("left", "right"),
    [
        (lambda: sympy.solve(sympy.exp(x) - 1, x)[0], 0),
        (lambda: len(sympy.solve(sympy.sqrt(x) + 2, x)), 0),
        (lambda: next(iter(sympy.nonlinsolve([x * y - 1, x - 2], [x, y])))[0], 2),
        (lambda: len(sympy.roots((x**5 - x + 1) * (x - 1), x)), 1),
        (lambda: len(sympy.real_roots(x**3 - 1)), 1),
        (lambda: len(sympy.Poly(x**3 - 1).nroots()), 3),
        (lambda: len(sympy.solve(q**3 - 1, q)), 0),
        (lambda: sympy.dsolve(f(x).diff(x) - f(x) ** 2, f(x)).rhs, -1 / (C1 + x)),
        (
            lambda: sympy.dsolve(x * f(x).diff(x) - 2 * f(x), f(x), ics={f(1): 1}).rhs,
            x**2 + C1,
        ),
    ],
)
def test_a_list_that_may_not_be_whole_shows_nothing(left: Any, right: Any) -> None:
    assert verdict(identity(left, right)) not in (Verdict.PROVED, Verdict.ERROR)


@pytest.mark.parametrize(
    ("left", "right"),
    [
        (lambda: sum(k * v for k, v in sympy.roots((x - 1) ** 2 * (x - y), x).items()), 2 + y),
        (lambda: len(sympy.solveset(x**3 - 2, x, sympy.S.Reals)), 1),
        (
            lambda: sympy.dsolve(f(x).diff(x, 2) + f(x), f(x)).rhs,
            C1 * sympy.sin(x) + C2 * sympy.cos(x),
        ),
        (lambda: sympy.rsolve(u(m + 1) - 2 * u(m), u(m), {u(0): 3}), 3 * 2**m),
        (lambda: sympy.rsolve(u(m + 1) - 2 * u(m), u(m), {u(0): p}), p * 2**m),
        (lambda: sympy.dsolve(f(x).diff(x) - f(x), f(x), ics={f(0): p}).rhs, p * sympy.exp(x)),
    ],
)
def test_a_whole_list_counts(left: Any, right: Any) -> None:
    assert verdict(identity(left, right)) is Verdict.PROVED


def squared() -> tuple[Any, Any]:
    square = (x + y) ** 2
    return square, square


def two_ways(wrong: bool = False) -> tuple[Any, Any]:
    if wrong:
        return x, x
    return x + y, y + x


def product(one: Any, other: Any) -> Any:
    return one * other


def chosen(first: bool = True) -> tuple[Any, Any]:
    return (product(x, y) if first else product(y, x)), product(y, x)


@pytest.mark.parametrize(
    "same",
    [
        Identity("whole", squared),
        Identity("whole", partial(squared)),
        Identity("whole", lambda: (x + 1, x + 1)),
        Identity("whole", left=lambda: x, right=lambda: x),
        Identity("whole", left=partial(product, x, y), right=partial(product, x, y)),
    ],
)
def test_one_expression_written_twice_is_an_error(same: Identity) -> None:
    outcome = same.run(QUICK)
    assert outcome.verdict is Verdict.ERROR
    assert "sides must be two expressions" in outcome.detail


def test_two_ways_to_one_expression_are_no_error() -> None:
    assert verdict(Identity("whole", two_ways)) is Verdict.PROVED
    assert verdict(Identity("whole", left=lambda: x + x, right=lambda: 2 * x)) is Verdict.PROVED
    apart = partial(product, x, y), partial(product, y, x)
    defaults = (lambda a=x, b=y: a * b), (lambda a=y, b=x: a * b)
    for left, right in (apart, defaults):
        assert verdict(Identity("whole", left=left, right=right)) is Verdict.PROVED
    assert verdict(Identity("whole", chosen)) is Verdict.PROVED


def test_points_may_name_what_only_sympy_was_asked() -> None:
    def roots() -> tuple[Any, Any]:
        return sum(sympy.solve(x**2 - y, x)), 0

    assert verdict(Identity("whole", roots, points=lambda: [{y: 2}])) is Verdict.PROVED


@pytest.mark.parametrize(
    ("evidence", "text"),
    [
        (
            Identity("whole", lambda: (x + x, 2 * x), points=lambda: [{y: 1}]),
            "points={y: ...} must name symbols of the statement",
        ),
        (
            Limit("whole", lambda: p / t, symbol=t, point="oo", value=0, samples=lambda: [{t: 1}]),
            "samples={t: ...} must name symbols of the statement",
        ),
        (
            Forall("whole", lambda s: ([s.Real("a") > 0], s.Real("a") > -1), witness={"b": 1}),
            "witness={'b': ...} must name variables of the statement",
        ),
    ],
)
def test_points_name_what_is_stated(evidence: Any, text: str) -> None:
    outcome = evidence.run(QUICK)
    assert outcome.verdict is Verdict.ERROR
    assert text in outcome.detail


def implied(smt: Any, premise: int) -> Any:
    a = smt.Real("a")
    return [a > 1], smt.And(a > 0, smt.Implies(a < premise, a == 7))


@pytest.mark.parametrize("witness", [None, {"a": 2}])
def test_a_premise_that_never_holds_shows_nothing(witness: Any) -> None:
    outcome = Forall("whole", lambda smt: implied(smt, 0), witness=witness).run(QUICK)
    assert outcome.verdict is Verdict.UNDECIDED
    assert outcome.detail == "vacuous: what stands before an Implies never holds"
    assert verdict(Forall("whole", lambda smt: implied(smt, 5))) is Verdict.REFUTED


def test_a_premise_may_fail_at_the_witness_and_in_an_assumption() -> None:
    def grown(smt: Any) -> Any:
        a, b = smt.Real("a"), smt.Real("b")
        return [b > a, smt.Implies(b <= a, a > 5)], smt.Implies(a > 1, b > 1)

    assert verdict(Forall("whole", grown, witness={"a": 0, "b": 1})) is Verdict.PROVED
