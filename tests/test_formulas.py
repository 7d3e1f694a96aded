"""Every formula on every number type: the same lines, the same values.

Inputs are dyadic rationals, so that they are exact in every type; the reference is exact
`Fraction` arithmetic.  The allowed error of floats and mpmath numbers is counted, operation
by operation, by running the same formula on `Rounded` numbers.
"""

from __future__ import annotations

import importlib
import inspect
import pkgutil
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

import flint
import mpmath
import numpy as np
import pytest
import sympy
import z3
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from kdverify import formulas
from kdverify.arithmetic import BALLS, MULTIPRECISION, bits
from kdverify.formulas._types import ONE_NUMBER

DIGITS = 50
MODES = 3
#: Of each formula and number type: a tenth of the profile's.
EXAMPLES = settings.default.max_examples // 10
FUNCTIONS = sorted(
    name for name in formulas.__all__ if inspect.isfunction(getattr(formulas, name, None))
)
#: The modules that need more than arithmetic.
WITH_OPS = {"kdverify.formulas.scaling"}
#: Those of plain arithmetic; `test_scaling` has the others.
NAMES = [
    name for name in FUNCTIONS if "ops" not in inspect.signature(getattr(formulas, name)).parameters
]
#: Parameters that are no numbers.
OTHERS = {"total", "same"}


@dataclass(frozen=True)
class Rounded:
    """An exact value, and a bound of the error that rounded operations have led to.

    The standard model: a computed ``x op y`` is the exact one times ``1 + e``, |e| <= unit.
    """

    value: Fraction
    error: Fraction
    unit: Fraction

    @classmethod
    def of(cls, number: Any, unit: Fraction) -> Rounded:
        return number if isinstance(number, cls) else cls(Fraction(number), Fraction(0), unit)

    def _rounded(self, value: Fraction, propagated: Fraction) -> Rounded:
        return Rounded(value, propagated + self.unit * (abs(value) + propagated), self.unit)

    def _plus(self, other: Rounded) -> Rounded:
        return self._rounded(self.value + other.value, self.error + other.error)

    def _times(self, other: Rounded) -> Rounded:
        propagated = abs(self.value) * other.error + (abs(other.value) + other.error) * self.error
        return self._rounded(self.value * other.value, propagated)

    def _over(self, other: Rounded) -> Rounded:
        exact, least = self.value / other.value, abs(other.value) - other.error
        assert least > 0
        return self._rounded(exact, (self.error + abs(exact) * other.error) / least)

    def __neg__(self) -> Rounded:
        return Rounded(-self.value, self.error, self.unit)

    def __add__(self, other: Any) -> Any:
        return self._with(other, lambda x, y: x._plus(y))

    def __sub__(self, other: Any) -> Any:
        return self._with(other, lambda x, y: x._plus(-y))

    def __rsub__(self, other: Any) -> Any:
        return self._with(other, lambda x, y: y._plus(-x))

    def __mul__(self, other: Any) -> Any:
        return self._with(other, lambda x, y: x._times(y))

    def __truediv__(self, other: Any) -> Any:
        return self._with(other, lambda x, y: x._over(y))

    def __rtruediv__(self, other: Any) -> Any:
        return self._with(other, lambda x, y: y._over(x))

    def __pow__(self, exponent: int) -> Rounded:
        power = self
        for _ in range(exponent - 1):
            power = power._times(self)
        return power

    def _with(self, other: Any, operation: Any) -> Any:
        if isinstance(other, np.ndarray):
            return NotImplemented  # NumPy then goes through its entries
        return operation(self, Rounded.of(other, self.unit))

    __radd__, __rmul__ = __add__, __mul__


def parameters(name: str) -> list[str]:
    """The parameters of a formula that are numbers."""
    signature = inspect.signature(getattr(formulas, name))
    return [key for key in signature.parameters if key not in OTHERS]


def vectors(name: str) -> set[str]:
    """Those of them that hold one number per mode."""
    sums = "total" in inspect.signature(getattr(formulas, name)).parameters
    return {key for key in parameters(name) if key not in ONE_NUMBER} if sums else set()


def objects(values: list[Any]) -> np.ndarray:
    array = np.empty(len(values), dtype=object)
    array[:] = values
    return array


def evaluate(name: str, values: dict[str, Any], convert: Any, **options: Any) -> list[Any]:
    """The formula's results, one or several, for ``values`` in another number type."""
    given_values = {
        key: objects([convert(v) for v in value]) if isinstance(value, list) else convert(value)
        for key, value in values.items()
    }
    result = getattr(formulas, name)(**given_values, **options)
    return list(result) if isinstance(result, tuple) else [result]


@st.composite
def inputs(draw: Any, name: str) -> tuple[dict[str, Any], list[Fraction]]:
    """Dyadic values for every parameter, and the exact results."""
    dyadic = st.builds(lambda k: Fraction(k, 2**10), st.integers(1, 2**14))
    values = {
        key: [draw(dyadic) for _ in range(MODES)] if key in vectors(name) else draw(dyadic)
        for key in parameters(name)
    }
    try:
        return values, evaluate(name, values, Fraction)
    except ZeroDivisionError:
        assume(False)
        raise


def fixed(name: str) -> tuple[dict[str, Any], list[Fraction]]:
    """One set of values, all different, for the slow number types."""
    numbers = iter(Fraction(2 * k + 3, 8) + Fraction(k * k, 64) for k in range(40))
    values = {
        key: [next(numbers) for _ in range(MODES)] if key in vectors(name) else next(numbers)
        for key in parameters(name)
    }
    return values, evaluate(name, values, Fraction)


def allowed(name: str, values: dict[str, Any], precision: int) -> list[Fraction]:
    """Bounds of the absolute error at ``precision`` bits, rounding to nearest."""
    unit = Fraction(1, 2**precision)
    return [r.error for r in evaluate(name, values, lambda v: Rounded.of(v, unit))]


def test_every_function_of_the_package_is_public():
    """`FUNCTIONS` leaves out no formula, `NAMES` only some of the modules in `WITH_OPS`."""
    files = [file.name for file in pkgutil.iter_modules(formulas.__path__, "kdverify.formulas.")]
    defined = {
        name: file
        for file in files
        for name, value in vars(importlib.import_module(file)).items()
        if inspect.isfunction(value) and value.__module__ == file and not name.startswith("_")
    }
    assert set(defined) == set(FUNCTIONS)
    assert {defined[name] for name in set(FUNCTIONS) - set(NAMES)} <= WITH_OPS
    assert len(NAMES) > 45


@pytest.mark.parametrize("name", NAMES)
def test_floats_within_the_counted_roundings(name):
    @settings(max_examples=EXAMPLES)
    @given(inputs(name))
    def check(case):
        values, exact = case
        found = evaluate(name, values, float)
        for x, truth, error in zip(found, exact, allowed(name, values, 53), strict=True):
            assert abs(Fraction(float(x)) - truth) <= error

    check()


@pytest.mark.parametrize("name", NAMES)
def test_mpmath_and_balls(name):
    precision = bits(DIGITS)

    @settings(max_examples=EXAMPLES)
    @given(inputs(name))
    def check(case):
        values, exact = case
        bounds = allowed(name, values, precision)
        with MULTIPRECISION.precision(DIGITS), BALLS.precision(DIGITS):
            numbers = evaluate(name, values, MULTIPRECISION.number)
            balls = evaluate(name, values, BALLS.number)
        for x, ball, truth, error in zip(numbers, balls, exact, bounds, strict=True):
            assert abs(fraction(x) - truth) <= error
            with BALLS.precision(20 * DIGITS):
                assert (ball - BALLS.number(truth)).contains(0)
                # An operation on balls rounds at most twice as coarsely, and radii upward.
                assert ball.rad() <= 4 * BALLS.number(error)

    check()


def fraction(value: mpmath.mpf) -> Fraction:
    sign, mantissa, exponent, _ = value._mpf_
    return Fraction((-1) ** sign * int(mantissa)) * Fraction(2) ** int(exponent)


@pytest.mark.parametrize("name", NAMES)
def test_arrays_are_many_floats(name):
    """Float arrays give, entry by entry, exactly what floats give."""
    values, exact = fixed(name)
    if vectors(name):
        as_arrays = {
            k: np.array(v, dtype=float) if isinstance(v, list) else float(v)
            for k, v in values.items()
        }
        found = getattr(formulas, name)(**as_arrays, total=np.sum)
        assert float(found) == float(evaluate(name, values, float)[0])
        return
    factors = (1.0, 2.0, 0.25)
    arrays = {k: float(v) * np.array(factors) for k, v in values.items()}
    found = getattr(formulas, name)(**arrays)
    found = list(found) if isinstance(found, tuple) else [found]
    assert len(found) == len(exact)
    for k, factor in enumerate(factors):
        single = evaluate(name, values, lambda v, factor=factor: float(v) * factor)
        assert [float(f[k]) for f in found] == single


@pytest.mark.parametrize("name", NAMES)
def test_sympy_symbols(name):
    """Symbols first, exact rationals substituted afterwards."""
    values, exact = fixed(name)
    table: dict[sympy.Symbol, sympy.Rational] = {}

    def symbol(value: Fraction) -> sympy.Symbol:
        fresh = sympy.Symbol(f"x{len(table)}", positive=True)
        table[fresh] = sympy.Rational(value.numerator, value.denominator)
        return fresh

    found = evaluate(name, values, symbol)
    assert [sympy.sympify(e).subs(table) for e in found] == [
        sympy.Rational(x.numerator, x.denominator) for x in exact
    ]


@pytest.mark.parametrize("name", NAMES)
def test_smt_terms(name):
    """One mode at a time: SMT terms do not multiply arrays."""
    values = {k: v[0] if isinstance(v, list) else v for k, v in fixed(name)[0].items()}
    one_mode = {"total": lambda term: term} if vectors(name) else {}
    table: list[tuple[Any, Any]] = []

    def term(value: Fraction) -> Any:
        fresh = z3.Real(f"x{len(table)}")
        table.append((fresh, z3.RealVal(f"{value.numerator}/{value.denominator}")))
        return fresh

    exact = evaluate(name, values, Fraction, **one_mode)
    for found, truth in zip(evaluate(name, values, term, **one_mode), exact, strict=True):
        value = z3.simplify(z3.substitute(found, *table))
        assert value.as_fraction() == truth


@pytest.mark.parametrize("name", NAMES)
def test_defaults_mean_zero(name):
    """Without noise and ridge is with noise and ridge 0, and their values do count."""
    signature = inspect.signature(getattr(formulas, name)).parameters
    optional = [k for k, v in signature.items() if v.default is not v.empty and k not in OTHERS]
    values, exact = fixed(name)
    zeros = values | dict.fromkeys(optional, Fraction(0))
    short = {k: v for k, v in values.items() if k not in optional}
    assert evaluate(name, short, Fraction) == evaluate(name, zeros, Fraction)
    assert all(signature[k].default == 0 for k in optional)
    for key in parameters(name):
        value = values[key]
        other = [v + 1 for v in value] if isinstance(value, list) else value + 1
        assert evaluate(name, values | {key: other}, Fraction) != exact, key


def test_projector_variance_on_the_diagonal_is_twice_that_off_it():
    values, exact = fixed("projector_variance")
    assert evaluate("projector_variance", values, Fraction, same=True) == [2 * exact[0]]


@given(inputs("gain"))
def test_a_wrong_formula_is_noticed(case):
    """The counted error is far below the effect of a wrong term, or of 100 lost roundings."""
    values, (truth,) = case
    (error,) = allowed("gain", values, 53)
    zeta, learnt, omega, rest = (float(values[k]) for k in parameters("gain"))
    wrong = learnt / formulas.mode_curvature(zeta, learnt, omega, rest)
    assume(rest != 1)
    assert abs(Fraction(wrong) - truth) > error
    assert abs(Fraction(float(truth) * (1 + 100 * 2.0**-52)) - truth) > error


def test_rounded_numbers_know_cancellation():
    """(a + b) - a in floats loses b's digits, and the count says so."""
    unit = Fraction(1, 2**53)
    a, b = (Rounded.of(v, unit) for v in (Fraction(2**53), Fraction(1, 4)))
    found = (a + b) - a
    assert found.value == Fraction(1, 4)
    assert abs(Fraction((2.0**53 + 0.25) - 2.0**53) - found.value) <= found.error
    assert found.error >= Fraction(1, 4)


def test_arb_object_arrays_keep_their_type():
    lam = objects([flint.arb(k) for k in (1, 2, 3)])
    zeta, learnt = formulas.split_mode(lam, flint.arb(1))
    assert all(isinstance(ball, flint.arb) for ball in (*zeta, *learnt))
    assert isinstance(formulas.degrees_of_freedom(learnt), flint.arb)
