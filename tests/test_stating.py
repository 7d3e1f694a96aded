"""Claims that stand first, with their evidence and controls below them."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest
from evidence_samples import QUICK, missing, pi, verdict

from kdverify import verify
from kdverify.evidence import (
    Agreement,
    Claim,
    Comparison,
    Context,
    Control,
    Enclosure,
    Forall,
    Identity,
    Limit,
    Verdict,
)

CALLS = []


def square(power: int = 2, sign: int = 1) -> Any:
    import sympy

    CALLS.append(power)
    x = sympy.Symbol("x")
    return (x + sign) ** power, x**2 + 2 * x + 1


def positive(smt: Any, relation: str, power: int = 2) -> Any:
    x = smt.Real("x")
    value = x**power
    return [x != 0], {"above": value > 0, "not below": value >= 0}[relation]


def means(context: Context, theory: float = 0.0, trials: int = 400) -> Comparison:
    draws = np.random.default_rng(context.seed_sequence("draws")).normal(size=(trials, 2))
    return Comparison.of("mean", draws, theory, band=0.5)


def sample() -> Claim:
    return Claim("1.sample", title="A sample", statement="s", source="new", parts=("a", "b"))


def test_every_kind_as_a_call_with_its_control() -> None:
    stated = sample()
    stated.identity("a", square, note="binomial").but("a cube", power=3)
    stated.forall("b", positive, relation="above", witness={"x": 1}).but("x", power=1)
    stated.limit("a", lambda k=1: missing() if k is None else (k / _n(), 0), symbol="n", point="oo")
    below = stated.below("pi", lambda d, low=3: [(low, pi(d)), (pi(d), 4)])
    below.but("four", low=4)
    stated.equal("pi twice", lambda d, factor=4: [(pi(d), factor * (pi(d) / 4))]).but(
        "thrice", factor=3
    )
    stated.enclosed("digits", pi, value="3.14159265").but("last digit", value="3.14159266")
    measured = stated.agreement("mean", means)
    measured.shifted(1)
    measured.but("lower, few trials", shift=-1, trials=300)
    stated.check_complete()
    kinds = [Identity, Forall, Limit, Enclosure, Enclosure, Enclosure, Agreement]
    assert [type(item) for item in stated.evidence] == kinds
    report = verify.run([stated])
    assert report.exit_code == 0, report.to_json()
    (result,) = report.results
    assert result.verdict is Verdict.PROVED
    assert [(o.part, o.note) for o in result.controls] == [
        ("a", "a cube"),
        ("b", "x"),
        ("pi", "four"),
        ("pi twice", "thrice"),
        ("digits", "last digit"),
        ("mean", "moved by 1 band width(s)"),
        ("mean", "lower, few trials"),
    ]
    units = [entry["unit"] for entry in report.to_json()["claims"][0]["controls"]]
    assert units == [f"1.sample#{index}" for index in range(7, 14)]
    assert result.evidence[0].note == "binomial"


def _n() -> Any:
    import sympy

    return sympy.Symbol("n")


def test_the_decorator_says_the_same_as_the_call() -> None:
    stated = sample()

    @stated.forall("b", witness={"x": 1}, relation="above", but={"odd": {"power": 1}})
    @stated.forall("b", witness={"x": 1}, relation="not below")
    def holds(smt: Any, relation: str, power: int = 2) -> Any:
        return positive(smt, relation, power)

    @stated.identity("a", but={"minus": {"sign": -1}})
    def binomial(sign: int = 1) -> Any:
        return square(sign=sign)

    assert isinstance(holds, Forall)
    assert len(stated.evidence) == 3
    assert binomial() == square()  # it can still be called
    assert [c.wrong for c in stated.controls] == ["odd", "minus"]
    assert [verdict(c) for c in stated.checks[:3]] == [Verdict.PROVED] * 3
    assert [verdict(c) for c in stated.controls] == [Verdict.REJECTED] * 2


def test_an_identity_calls_its_function_once() -> None:
    CALLS.clear()
    assert verdict(Identity("whole", square)) is Verdict.PROVED
    assert len(CALLS) == 1


@pytest.mark.parametrize("settings", [{}, {"left": square}, {"sides": square, "right": square}])
def test_an_identity_has_either_a_pair_or_two_sides(settings: Any) -> None:
    with pytest.raises(ValueError, match="sides, or left and right"):
        Identity("whole", **settings)


def test_sides_that_are_no_pair_are_an_error() -> None:
    outcome = Identity("whole", lambda: 1).run(QUICK)
    assert outcome.verdict is Verdict.ERROR
    assert "sides must return a pair" in outcome.detail


def test_a_keyword_that_the_function_does_not_take_is_refused() -> None:
    stated = sample()
    evidence = stated.identity("a", square)
    with pytest.raises(TypeError, match="last=3 must be a keyword argument of the function"):
        evidence.but("nothing", last=3)
    with pytest.raises(TypeError, match="last=3 must be"):
        stated.forall("b", positive, last=3)
    assert stated.controls == ()


def test_evidence_of_no_claim_gives_a_control_for_the_list() -> None:
    control = Enclosure("pi", ball=pi, value="3.14").but("another", value="3.15")
    assert isinstance(control, Control)
    assert verdict(control) is Verdict.REJECTED


def test_both_sides_given_apart_are_changed_together() -> None:
    apart = Identity("whole", left=lambda k=1: k, right=lambda k=1: k * k)
    assert verdict(apart) is Verdict.PROVED
    assert verdict(apart.but("two", k=2)) is Verdict.REJECTED


def test_a_comparison_of_trials() -> None:
    values = np.arange(12.0).reshape(4, 3)
    comparison = Comparison.of("x", values, theory=[4.0, 5.0, 6.0], band=1.0)
    np.testing.assert_allclose(comparison.estimate, [4.5, 5.5, 6.5])
    np.testing.assert_allclose(comparison.standard_error, np.std([0, 3, 6, 9], ddof=1) / 2)
    assert set(comparison.degrees_of_freedom) == {3}
    np.testing.assert_allclose(comparison.shifted(1).estimate, [6.5, 7.5, 8.5])
    for bad in (3.0, [1.0]):
        with pytest.raises(ValueError, match="at least two trials"):
            Comparison.of("x", bad, 0.0, 1.0)


def test_variates_of_mean_zero_are_taken_off() -> None:
    draw = np.random.default_rng(2)
    zeros, own = draw.standard_normal((400, 2)), 0.1 * draw.standard_normal(400)
    values = 3 + zeros @ [2.0, -1.0] + own
    plain = Comparison.of("x", values, 3.0, 1.0)
    steady = Comparison.of("x", values, 3.0, 1.0, zeros)
    assert steady.standard_error < 1.1 * own.std() / 20 < plain.standard_error / 10
    assert abs(steady.estimate - 3) < 4 * steady.standard_error
    with pytest.raises(ValueError, match="zeros of 399 trials"):
        Comparison.of("x", values, 3.0, 1.0, zeros[:-1])


FILE = """
from kdverify.evidence import Claim
C = Claim("1.a", title="t", statement="s", source="new")
C.below("whole", lambda digits, first=1: [(first, 2)]).but("order", first=3)
"""


def test_a_file_is_looked_at_when_it_is_collected(tmp_path: Path) -> None:
    file = tmp_path / "claims.py"
    file.write_text(FILE)
    with pytest.raises(ValueError, match=r"claims.py: evidence of claim 1.a must be of at least"):
        verify.collect([file])
    file.write_text(FILE + "C.identity('whole', lambda: (1, 1))\n")
    assert verify.run(verify.collect([file]), jobs=1).exit_code == 0
