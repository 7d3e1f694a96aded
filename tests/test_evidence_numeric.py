"""Numeric evidence, controls and failures of all kinds of evidence."""

from __future__ import annotations

from fractions import Fraction
from typing import Any

import numpy as np
import pytest
from evidence_samples import (
    HIDDEN,
    QUICK,
    agreement,
    amplified_below,
    broken,
    gain_identity,
    missing,
    pi,
    verdict,
    wide_pi,
)
from hypothesis import given
from hypothesis import strategies as st

from kdverify.evidence import (
    Agreement,
    Comparison,
    Context,
    Control,
    Enclosure,
    Evidence,
    Forall,
    Identity,
    Limit,
    Verdict,
)
from kdverify.evidence.enclosure import decimal_interval
from kdverify.evidence.outcome import LEVELS

# --------------------------------------------------------------- enclosure


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


def test_an_agreement_says_which_error_it_would_see() -> None:
    outcome = agreement([2.0, 10.0], error=1e-9, theory=[2.02, 10.0], band=[0.1, 1.0]).run(QUICK)
    # theory may be 8 % of 2.02 down to 1.9 before the first entry leaves its band
    seen = float(outcome.figures["detectable error"])
    assert seen == pytest.approx(0.12 / 2.02, rel=1e-6)
    for error, expected in ((0.99 * seen, Verdict.MEASURED), (1.01 * seen, Verdict.REFUTED)):
        theory = np.array([2.02, 10.0]) * (1 - error)
        assert verdict(agreement([2.0, 10.0], 1e-9, theory, [0.1, 1.0])) is expected


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
    assert failed.detail.startswith("KeyError: 'oops' (evidence_samples.py:")
