"""Each kind of evidence on something true, something false and something undecidable."""

from __future__ import annotations

import dataclasses
from fractions import Fraction
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from kdverify import formulas
from kdverify.evidence import (
    Agreement,
    Claim,
    Comparison,
    Context,
    Control,
    Enclosure,
    Entry,
    Evidence,
    Forall,
    Identity,
    Limit,
    NotRun,
    Step,
    Verdict,
)
from kdverify.evidence.enclosure import decimal_interval
from kdverify.evidence.outcome import LEVELS
from kdverify.evidence.results import ClaimResult
from kdverify.evidence.symbolic import separated_from_zero, simple_points

QUICK = Context()


def verdict(evidence: Evidence, context: Context = QUICK) -> Verdict:
    return evidence.run(context).verdict


# ---------------------------------------------------------------- identity


def zeta_omega() -> Any:
    import sympy

    return sympy.symbols("zeta Omega", positive=True)


def gain_identity(sign: int = 1) -> Identity:
    def left() -> Any:
        zeta, omega = zeta_omega()
        return formulas.gain(zeta, 1 - zeta, omega, 1 - omega) - 1

    def right() -> Any:
        zeta, omega = zeta_omega()
        return sign * formulas.gain_excess(zeta, 1 - zeta, omega, 1 - omega)

    return Identity("whole", left=left, right=right)


def equation(left: str, right: str, **options: Any) -> Identity:
    import sympy

    return Identity(
        "whole", left=lambda: sympy.sympify(left), right=lambda: sympy.sympify(right), **options
    )


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


#: True (Machin), and beyond SymPy's simplification.
HIDDEN = equation("16*atan(Rational(1, 5)) - 4*atan(Rational(1, 239))", "pi")


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


def test_simple_points_respect_assumptions() -> None:
    import sympy

    positive = sympy.Symbol("a", positive=True)
    negative = sympy.Symbol("b", negative=True)
    whole = sympy.Symbol("c", integer=True)
    points = list(simple_points([positive, negative, whole]))
    assert len({tuple(p.values()) for p in points}) == len(points) > 1
    assert all(p[positive] > 0 > p[negative] and p[whole].is_Integer for p in points)


def test_a_tiny_difference_is_seen_and_a_hidden_zero_is_not() -> None:
    import sympy

    assert separated_from_zero(sympy.Rational(1, 10**200))
    assert separated_from_zero(sympy.sqrt(2) - sympy.Rational(14142135623730950488, 10**19))
    assert not separated_from_zero(
        sympy.sqrt(2) + sympy.sqrt(3) - sympy.sqrt(5 + 2 * sympy.sqrt(6))
    )


# ------------------------------------------------------------------ forall


def amplified_below(threshold: Any) -> Any:
    """gain > 1 iff zeta < threshold(omega)."""

    def build(smt: Any) -> Any:
        zeta, omega = smt.Real("zeta"), smt.Real("Omega")
        inside = [zeta > 0, zeta < 1, omega > 0, omega < 1]
        gain = formulas.gain(zeta, 1 - zeta, omega, 1 - omega)
        return inside, (gain > 1) == (zeta < threshold(omega))

    return build


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
    assert outcome.figures["gap at 10^8"] == pytest.approx(1e-8, rel=1e-7)


def test_an_unknown_symbol_is_an_error() -> None:
    outcome = limit("1/n", "0", symbol="m").run(QUICK)
    assert outcome.verdict is Verdict.ERROR
    assert "symbol='m' must" in outcome.detail


# --------------------------------------------------------------- enclosure


def pi(digits: int) -> Any:
    import flint

    return flint.arb.pi()


def wide_pi(digits: int) -> Any:
    import flint

    return flint.arb("3.14159 +/- 0.1")


@pytest.mark.parametrize(
    ("evidence", "expected"),
    [
        (Enclosure("whole", ball=pi, value="3.1415926536"), Verdict.CERTIFIED),
        (Enclosure("whole", ball=pi, value="3.14"), Verdict.CERTIFIED),
        (Enclosure("whole", ball=pi, value="3.1415926537"), Verdict.REFUTED),
        (Enclosure("whole", ball=pi, value="3.13"), Verdict.REFUTED),
        (Enclosure("whole", ball=wide_pi, value="3.14"), Verdict.UNDECIDED),
        (Enclosure("whole", below=lambda d: [(3, pi(d)), (pi(d), 4)]), Verdict.CERTIFIED),
        (Enclosure("whole", below=lambda d: [(3, pi(d)), (4, pi(d))]), Verdict.REFUTED),
        (Enclosure("whole", below=lambda d: [(3, 3)]), Verdict.REFUTED),
        (Enclosure("whole", below=lambda d: [(pi(d), wide_pi(d))]), Verdict.UNDECIDED),
        (Enclosure("whole", equal=lambda d: [(pi(d), 4 * (pi(d) / 4))]), Verdict.CERTIFIED),
        (Enclosure("whole", equal=lambda d: [(2, Fraction(2))]), Verdict.CERTIFIED),
        (Enclosure("whole", equal=lambda d: [(pi(d), Fraction(22, 7))]), Verdict.REFUTED),
        (Enclosure("whole", equal=lambda d: [(pi(d), wide_pi(d))]), Verdict.UNDECIDED),
        (Enclosure("whole", equal=lambda d: [(pi(d) - pi(d), 0)]), Verdict.UNDECIDED),
        (Enclosure("whole", below=lambda d: []), Verdict.ERROR),
        (Enclosure("whole", equal=lambda d: []), Verdict.ERROR),
        (Enclosure("whole", below=lambda d: [(3.0, pi(d))]), Verdict.ERROR),
    ],
)
def test_enclosures(evidence: Enclosure, expected: Verdict) -> None:
    assert verdict(evidence) is expected


def test_a_ball_that_is_not_finite_is_undecided() -> None:
    def nothing(digits: int) -> Any:
        import flint

        return flint.arb(1) / flint.arb(0)

    for evidence in (
        Enclosure("whole", ball=nothing, value="1"),
        Enclosure("whole", below=lambda d: [(nothing(d), 1)]),
        Enclosure("whole", equal=lambda d: [(nothing(d), 1)]),
    ):
        assert verdict(evidence) is Verdict.UNDECIDED


def test_enclosure_works_at_the_digits_of_the_level_and_restores_the_precision() -> None:
    import flint

    before, seen = flint.ctx.prec, []

    def ball(digits: int) -> Any:
        seen.append((digits, flint.ctx.prec))
        return flint.arb.pi()

    for name in LEVELS:
        assert (
            verdict(Enclosure("whole", ball=ball, value="3.14"), Context(level=LEVELS[name]))
            is Verdict.CERTIFIED
        )
    assert [digits for digits, _ in seen] == [30, 100]
    assert all(prec > digits * 3.3219 for digits, prec in seen)
    assert flint.ctx.prec == before


@pytest.mark.parametrize("options", [{}, {"ball": pi}, {"value": "1"}, {"below": pi, "equal": pi}])
def test_enclosure_wants_exactly_one_question(options: Any) -> None:
    with pytest.raises(ValueError, match="must be given"):
        Enclosure("whole", **options)


@pytest.mark.parametrize("value", ["", "x", "nan", "inf", "1/3"])
def test_enclosure_wants_a_decimal(value: str) -> None:
    with pytest.raises(ValueError, match="must be a decimal number"):
        Enclosure("whole", ball=pi, value=value)


@given(st.integers(-(10**6), 10**6), st.integers(-12, 12))
def test_the_interval_of_a_decimal_is_half_a_unit_around_it(mantissa: int, exponent: int) -> None:
    low, high = decimal_interval(f"{mantissa}e{exponent}")
    unit = Fraction(10) ** exponent
    assert high - low == unit
    assert (high + low) / 2 == mantissa * unit


# --------------------------------------------------------------- agreement


def agreement(estimate: Any, error: Any = 0.01, theory: Any = 0.0, band: Any = 0.1) -> Agreement:
    return Agreement(
        "whole", sample=lambda context: Comparison("mean", estimate, error, 999, theory, band)
    )


@pytest.mark.parametrize(
    ("evidence", "expected"),
    [
        (agreement(0.02), Verdict.MEASURED),
        (agreement([0.02, -0.03, 0.0]), Verdict.MEASURED),
        (agreement(0.2), Verdict.REFUTED),
        (agreement([0.0, -0.2]), Verdict.REFUTED),
        (agreement(0.1), Verdict.UNDECIDED),
        (agreement(0.0, error=0.05), Verdict.UNDECIDED),
        (agreement([0.0, 0.09]), Verdict.UNDECIDED),
        (agreement(0.0, error=0.0), Verdict.MEASURED),
    ],
)
def test_agreements(evidence: Agreement, expected: Verdict) -> None:
    assert verdict(evidence) is expected


def test_the_interval_uses_the_whole_error_rate_and_bonferroni() -> None:
    from scipy import stats

    outcome = agreement([0.02, 0.0, 0.01]).run(Context(error_rate=0.03))
    half = stats.t.isf(0.03 / 3 / 2, 999) * 0.01
    assert outcome.figures["used"] == pytest.approx((0.02 + half) / 0.1)
    assert outcome.figures["worst"] == "mean[0]"


def test_joint_coverage_of_the_simultaneous_intervals() -> None:
    """Of 400 samples of 5 entries at error rate 0.1 at most 10 % + 5 standard errors miss."""
    rng = np.random.default_rng(np.random.SeedSequence(20))
    context, missed, repeats = Context(error_rate=0.1), 0, 400
    for _ in range(repeats):
        draws = rng.standard_normal((10, 5))
        error = draws.std(axis=0, ddof=1) / 10**0.5
        # An interval that misses the true mean lies outside a band of no width.
        comparison = Comparison("mean", draws.mean(axis=0), error, 9, 0.0, 1e-300)
        outcome = Agreement("whole", sample=lambda _, c=comparison: c).run(context)
        missed += outcome.verdict is Verdict.REFUTED
    assert 0 < missed / repeats <= 0.1 + 5 * (0.1 * 0.9 / repeats) ** 0.5


def test_too_few_trials_say_how_many_are_needed() -> None:
    outcome = agreement(0.02, error=0.05).run(QUICK)
    assert outcome.detail.startswith("too few trials: about")
    factor = float(outcome.detail.split("about ")[1].split()[0])
    enough = agreement(0.02, error=0.05 / (1.05 * factor) ** 0.5)
    assert verdict(enough) is Verdict.MEASURED


def test_comparisons_are_judged_together() -> None:
    good = Comparison("good", [0.0, 0.0], 0.001, 99, 0.0, 0.1)
    bad = Comparison("bad", [0.0, 5.0], 0.001, 99, 0.0, 0.1)
    outcome = Agreement("whole", sample=lambda context: [good, bad]).run(QUICK)
    assert outcome.verdict is Verdict.REFUTED
    assert (outcome.figures["worst"], outcome.figures["entries"]) == ("bad[1]", 4)


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"band": 0.0}, "band=0.0"),
        ({"band": float("nan")}, "band=nan"),
        ({"band": -1.0}, "band=-1.0"),
        ({"estimate": float("nan")}, "estimate=nan"),
        ({"estimate": []}, "estimate=nothing"),
        ({"theory": float("inf")}, "theory=inf"),
        ({"standard_error": -0.1}, "standard_error=-0.1"),
        ({"degrees_of_freedom": 0}, "degrees_of_freedom=0.0"),
    ],
)
def test_bad_comparisons(change: dict[str, Any], message: str) -> None:
    good = {
        "name": "mean",
        "estimate": 0.0,
        "standard_error": 0.1,
        "degrees_of_freedom": 9,
        "theory": 0.0,
        "band": 1.0,
    }
    Comparison(**good)
    with pytest.raises(ValueError, match=message):
        Comparison(**(good | change))


def test_seeds_hang_on_the_unit_and_the_key() -> None:
    def state(unit: str, *key: str | int) -> tuple[int, ...]:
        return tuple(Context(unit=unit).seed_sequence(*key).generate_state(4))

    assert state("1.a#0", "x", 1) == state("1.a#0", "x", 1)
    different = {state("1.a#0", "x", 1), state("1.a#1", "x", 1), state("1.a#0", "x", 2)}
    assert len(different | {state("1.a#0", "x1")}) == 4


def test_trials_scale_with_the_level() -> None:
    assert QUICK.trials(100) == 100
    assert Context(level=LEVELS["full"]).trials(100) == 400


# ----------------------------------------------------------------- control


@pytest.mark.parametrize(
    ("inner", "expected"),
    [
        (gain_identity(-1), Verdict.REJECTED),
        (gain_identity(), Verdict.NOT_REJECTED),
        (HIDDEN, Verdict.NOT_REJECTED),
        (Forall("whole", build=amplified_below(lambda o: o)), Verdict.REJECTED),
        (Forall("whole", build=amplified_below(lambda o: 1 - o)), Verdict.NOT_REJECTED),
        (agreement(0.5), Verdict.REJECTED),
        (agreement(0.1), Verdict.NOT_REJECTED),
        (Enclosure("whole", ball=pi, value="3.15"), Verdict.REJECTED),
        (Enclosure("whole", ball=wide_pi, value="3.15"), Verdict.NOT_REJECTED),
        (Enclosure("whole", below=lambda d: []), Verdict.ERROR),
    ],
)
def test_controls(inner: Evidence, expected: Verdict) -> None:
    outcome = Control(inner, wrong="something").run(QUICK)
    assert (outcome.verdict, outcome.note) == (expected, "something")


def test_a_control_wants_evidence_and_a_reason() -> None:
    with pytest.raises(ValueError, match="wrong must say"):
        Control(gain_identity(), wrong=" ")
    with pytest.raises(TypeError, match="must be evidence"):
        Control(Control(gain_identity(), wrong="x"), wrong="y")


# ----------------------------------------------------- not run, and errors


def missing(*_: Any) -> Any:
    raise NotRun("missing: the data")


def broken(*_: Any) -> Any:
    raise KeyError("oops")


@pytest.mark.parametrize(
    "make",
    [
        lambda f: Identity("whole", left=f, right=f),
        lambda f: Forall("whole", build=f),
        lambda f: Limit("whole", expression=f, symbol="n", point="oo", value=0),
        lambda f: Enclosure("whole", below=f),
        lambda f: Agreement("whole", sample=f),
        lambda f: Control(Agreement("whole", sample=f), wrong="x"),
    ],
)
def test_not_run_and_errors_of_every_kind(make: Any) -> None:
    absent, failed = make(missing).run(QUICK), make(broken).run(QUICK)
    assert (absent.verdict, absent.detail) == (Verdict.NOT_RUN, "missing: the data")
    assert failed.verdict is Verdict.ERROR
    assert failed.detail.startswith("KeyError: 'oops' (test_evidence.py:")


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
def test_bad_claims(changes: dict[str, Any], message: str) -> None:
    with pytest.raises(ValueError, match=message):
        claim(**changes)


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
