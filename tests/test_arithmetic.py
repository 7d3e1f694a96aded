"""Number types beyond float64: exact input, precision restored, powers, certain decimals."""

from __future__ import annotations

import math
from fractions import Fraction
from typing import ClassVar

import flint
import mpmath
import numpy as np
import pytest
import sympy
from hypothesis import given
from hypothesis import strategies as st

from kdverify import arithmetic
from kdverify.arithmetic import BALLS, MULTIPRECISION, bits, certified_decimal

KINDS = [BALLS, MULTIPRECISION]
EXPONENTS = ["2", "0", "-1", "1.1", "-0.5", "7/3"]
kinds = pytest.mark.parametrize("kind", KINDS, ids=lambda kind: kind.name)
rationals = st.fractions(-1000, 1000, max_denominator=10**6)


def working_precision(kind) -> int:
    return flint.ctx.prec if kind is BALLS else mpmath.mp.prec


def as_fraction(value) -> Fraction:
    """The exact value of an mpf, or of a ball's midpoint."""
    if isinstance(value, flint.arb):
        mantissa, exponent = value.mid().man_exp()
        return Fraction(int(mantissa)) * Fraction(2) ** int(exponent)
    sign, mantissa, exponent, _ = value._mpf_
    return Fraction((-1) ** sign * int(mantissa)) * Fraction(2) ** int(exponent)


@pytest.mark.parametrize("digits", [1, 15, 50, 1000])
def test_bits_hold_the_digits(digits):
    assert 2 ** bits(digits) >= 10**digits
    assert 2 ** (bits(digits) - 6) < 10**digits


@kinds
def test_precision_is_restored(kind):
    before = working_precision(kind)
    with kind.precision(50):
        inside = working_precision(kind)
        with kind.precision(200):
            assert working_precision(kind) == bits(200)
        assert working_precision(kind) == inside == bits(50)
    assert working_precision(kind) == before != inside


@kinds
def test_precision_is_restored_after_an_error(kind):
    before = working_precision(kind)
    with pytest.raises(ZeroDivisionError), kind.precision(77):
        raise ZeroDivisionError
    assert working_precision(kind) == before


@kinds
def test_at_precision(kind):
    before = working_precision(kind)
    with kind.precision(80):
        third = kind.number(Fraction(1, 3))
    assert abs(as_fraction(third) - Fraction(1, 3)) <= Fraction(1, 10**80)
    assert abs(as_fraction(kind.number(Fraction(1, 3))) - Fraction(1, 3)) > Fraction(1, 10**80)
    assert working_precision(kind) == before


@kinds
@pytest.mark.parametrize("digits", [2, 15, 60])
@given(value=st.floats(allow_nan=False, allow_infinity=False))
def test_floats_are_exact_at_any_precision(kind, digits, value):
    with kind.precision(digits):
        assert as_fraction(kind.number(value)) == Fraction(value)


@kinds
@given(value=rationals)
def test_fractions_to_working_precision(kind, value):
    with kind.precision(50):
        found = kind.number(value)
    # Two correctly rounded operations at most, or one enclosed quotient.
    assert abs(as_fraction(found) - value) <= 2 * abs(value) * Fraction(1, 2 ** bits(50))
    if kind is BALLS:
        assert (found * value.denominator - value.numerator).contains(0)


@kinds
@given(values=st.lists(st.floats(-1e10, 1e10), max_size=20))
def test_total(kind, values):
    with kind.precision(700):  # sums of doubles up to 1e10 are exact in 2326 bits
        found = kind.total(arithmetic.vector(kind, np.array(values, dtype=float)))
        assert as_fraction(found) == sum(map(Fraction, values))


@kinds
def test_log_inverts_exp(kind):
    with kind.precision(60):
        gap = kind.log(kind.exp(kind.number(Fraction(3, 7)))) - kind.number(Fraction(3, 7))
        assert kind.magnitude(gap) <= 1e-59


@given(st.floats(-1e300, 1e300), st.floats(0, 1e300))
def test_magnitude_bounds_every_number_of_a_ball(middle, radius):
    ball = flint.arb(middle, radius)
    bound = BALLS.magnitude(ball)
    assert abs(ball) <= bound
    # radii have 30 bits; below the normal doubles the next one up may be twice as large
    assert bound <= (abs(middle) + radius) * (1 + 2.0**-25) + 5e-324
    assert BALLS.midpoint(ball) == flint.arb(middle)
    assert BALLS.magnitude(flint.arb("nan")) == BALLS.magnitude(flint.arb(1) / 0) == math.inf
    assert MULTIPRECISION.magnitude(mpmath.mpf(middle)) == abs(middle)


@kinds
@pytest.mark.parametrize("exponent", EXPONENTS)
@pytest.mark.parametrize("p", [1, 2, 3, 97, 360])
def test_powers(kind, exponent, p):
    """Against one power each at twice the digits."""
    alpha, digits = Fraction(exponent), 50
    with kind.precision(digits):
        found = arithmetic.powers(kind, p, alpha)
    assert found.shape == (p,)
    with mpmath.workdps(2 * digits + 5):
        truths = [
            as_fraction(mpmath.power(i, -mpmath.mpf(alpha.numerator) / alpha.denominator))
            for i in range(1, p + 1)
        ]
    for i, (value, truth) in enumerate(zip(found, truths, strict=True), start=1):
        # exp(-alpha log i) rounds -alpha, the logarithm and their product, each magnified by
        # alpha log i; at most 8 exponentials and 7 products follow, log2(360) < 9.  A ball
        # may truncate where mpmath rounds to nearest: two units each.
        roundings = 2 * (15 + 3 * abs(float(alpha)) * math.log(i)) + 1
        allowed = truth * Fraction(roundings) * Fraction(1, 2 ** bits(digits))
        if kind is MULTIPRECISION:
            assert abs(as_fraction(value) - truth) <= allowed
            continue
        assert value.rad() <= 8 * BALLS.number(allowed)  # a power of balls costs some roundings
        with BALLS.precision(2 * digits):
            gap = abs(value - BALLS.number(truth))
            assert gap.contains(0) or gap < BALLS.number(truth * Fraction(1, 10**100))


@kinds
@pytest.mark.parametrize("exponent", [0, 1, 2, 7])
def test_integer_powers_are_exact(kind, exponent):
    """``i**exponent`` fits into the precision and every operation on the way is exact."""
    with kind.precision(50):
        found = arithmetic.powers(kind, 200, Fraction(-exponent))
        assert [as_fraction(v) for v in found] == [i**exponent for i in range(1, 201)]
        assert kind is MULTIPRECISION or all(v.is_exact() for v in found)


def test_only_primes_need_a_power():
    class Counting(type(MULTIPRECISION)):
        bases: ClassVar[list[int]] = []

        def power(self, base, exponent):
            self.bases.append(base)
            return super().power(base, exponent)

    arithmetic.powers(Counting(), 1000, Fraction(11, 10))
    assert Counting.bases == list(sympy.primerange(1001))


@kinds
def test_a_vector_holds_exact_binary_values(kind):
    values = np.array([0.1, -5e-324, 1.7e308, 0.0, 2.0**-1074, 1 / 3])
    with kind.precision(3):
        found = arithmetic.vector(kind, values)
    assert found.dtype == object
    assert [as_fraction(v) for v in found] == [Fraction(v) for v in values.tolist()]


def test_powers_of_another_exponent_would_be_noticed():
    with BALLS.precision(50):
        good, bad = (arithmetic.powers(BALLS, 30, Fraction(a)) for a in ("1.1", str(Fraction(1.1))))
    assert good[0].overlaps(bad[0])  # 1 whatever the exponent
    assert not any(g.overlaps(b) for g, b in zip(good[1:], bad[1:], strict=True))


@given(rationals, st.fractions(0, 1, max_denominator=10**9), st.integers(1, 30))
def test_certified_decimals_are_certain(middle, radius, digits):
    with BALLS.precision(60):
        ball = BALLS.number(middle) + BALLS.number(radius).neg().union(BALLS.number(radius))
    text = certified_decimal(ball, digits)
    if text == "?":
        # Nothing is thrown away: the ball is wider than a tenth of its largest number.
        assert 20 * radius >= abs(middle) + radius
        return
    mantissa, _, exponent = text.partition("e")
    whole, _, places = mantissa.partition(".")
    unit = Fraction(10) ** (int(exponent or 0) - len(places))
    assert len((whole.lstrip("-") + places).strip("0")) <= digits
    for end in (middle - radius, middle + radius):
        assert abs(Fraction(text) - end) <= unit


@pytest.mark.parametrize(
    ("ball", "text"),
    [
        (flint.arb(0), "0"),
        (flint.arb(0, 1), "?"),
        (flint.arb(1, 10), "?"),
        (flint.arb("inf"), "?"),
        (flint.arb("nan"), "?"),
        (flint.arb(2), "2"),
        (flint.arb(1) / 8, "0.125"),
    ],
)
def test_certified_decimal_at_the_ends(ball, text):
    assert certified_decimal(ball, 5).rstrip("0").rstrip(".") == text.rstrip("0").rstrip(".")
