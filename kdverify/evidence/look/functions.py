"""What each SymPy function is on balls.

Every operation takes its arguments' values and two flags.  ``analytic``: the arguments are
boxes of an integration contour, and the value must be nothing (`NOTHING`) unless the function
is analytic on them.  ``real``: the arguments are real on the path, so that ``|x|``, signs,
steps and comparisons are those of real numbers, continued on either side.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from flint import acb, arb

#: Values are balls, and truth values with None for "cannot tell".
Value = Any
Operation = Callable[[Sequence[Value], bool, bool], Value]
Guard = Callable[[Any], bool]

NOTHING = acb(arb.nan(), arb.nan())


# ------------------------------------------------------------ where branch cuts are


def on_negatives(z: Any) -> bool:
    """Whether the box may touch ``(-oo, 0]``."""
    return bool(z.imag.contains(0)) and not z.real > 0


def beyond_one(z: Any) -> bool:
    """Whether the box may touch ``[1, oo)``."""
    return bool(z.imag.contains(0)) and not z.real < 1


def outside_unit(z: Any) -> bool:
    """Whether the box may touch the real axis outside ``(-1, 1)``."""
    return bool(z.imag.contains(0)) and not (z.real < 1 and z.real > -1)


def outside_unit_upright(z: Any) -> bool:
    """Whether the box may touch the imaginary axis outside ``(-i, i)``."""
    return bool(z.real.contains(0)) and not (z.imag < 1 and z.imag > -1)


def below_one(z: Any) -> bool:
    """Whether the box may touch ``(-oo, 1]``."""
    return bool(z.imag.contains(0)) and not z.real > 1


def plain(function: Callable[..., Any], cut: Guard | None = None, place: int = -1) -> Operation:
    """A function of its arguments; ``cut`` looks at the argument in ``place``."""

    def operation(values: Sequence[Value], analytic: bool, real: bool) -> Value:
        if analytic and cut is not None and cut(values[place]):
            return NOTHING
        return function(*values)

    return operation


# ------------------------------------------------------------------- the real ones


def _modulus(values: Sequence[Value], analytic: bool, real: bool) -> Value:
    (z,) = values
    if real:
        return z.real_abs(analytic=analytic)
    return NOTHING if analytic else acb((z.real * z.real + z.imag * z.imag).sqrt())


def _sign(values: Sequence[Value], analytic: bool, real: bool) -> Value:
    (z,) = values
    if real:
        return z.real_sgn(analytic=analytic)
    return NOTHING if analytic else z / _modulus(values, False, False)


def of_reals(name: str) -> Operation:
    """A method of balls that continues a function of real numbers."""

    def operation(values: Sequence[Value], analytic: bool, real: bool) -> Value:
        if not real:
            return NOTHING
        value = values[0]
        if len(values) == 1:
            return getattr(value, name)(analytic=analytic)
        for other in values[1:]:
            value = getattr(value, name)(other, analytic=analytic)
        return value

    return operation


def _heaviside(values: Sequence[Value], analytic: bool, real: bool) -> Value:
    return of_reals("real_heaviside")(values[:1], analytic, real)


def _modulo(values: Sequence[Value], analytic: bool, real: bool) -> Value:
    a, b = values
    return a - b * of_reals("real_floor")([a / b], analytic, real)


def part(take: Callable[[Any], Any]) -> Operation:
    """A function that is analytic nowhere, such as the real part."""

    def operation(values: Sequence[Value], analytic: bool, real: bool) -> Value:
        return NOTHING if analytic and not real else acb(take(values[0]))

    return operation


def _atan2(values: Sequence[Value], analytic: bool, real: bool) -> Value:
    y, x = values
    return NOTHING if analytic or not real else acb(arb.atan2(y.real, x.real))


# ------------------------------------------------------- conditions, and what hangs on them


def relation(holds: Callable[[Any, Any], bool], fails: Callable[[Any, Any], bool]) -> Operation:
    """A comparison of two real numbers: True, False or None."""

    def operation(values: Sequence[Value], analytic: bool, real: bool) -> bool | None:
        if not real:
            return None
        a, b = (value.real for value in values)
        return True if holds(a, b) else False if fails(a, b) else None

    return operation


def _equal(values: Sequence[Value], analytic: bool, real: bool) -> bool | None:
    a, b = values
    return False if not a.overlaps(b) else True if a.is_exact() and a == b else None


def _unequal(values: Sequence[Value], analytic: bool, real: bool) -> bool | None:
    answer = _equal(values, analytic, real)
    return None if answer is None else not answer


def _all(values: Sequence[Value], analytic: bool, real: bool) -> bool | None:
    return False if False in values else None if None in values else True


def _any(values: Sequence[Value], analytic: bool, real: bool) -> bool | None:
    return True if True in values else None if None in values else False


def _not(values: Sequence[Value], analytic: bool, real: bool) -> bool | None:
    return None if values[0] is None else not values[0]


def pieces(values: Sequence[Value], analytic: bool, real: bool) -> Value:
    """Of value, condition, value, condition, ...: the first value whose condition holds."""
    hull = None
    for value, condition in zip(values[::2], values[1::2], strict=True):
        if condition is False:
            continue
        if condition is None and analytic:
            return NOTHING
        hull = value if hull is None else hull.union(value)
        if condition is True:
            return hull
    return NOTHING


CONDITIONS: dict[str, Operation] = {
    "StrictLessThan": relation(lambda a, b: a < b, lambda a, b: a >= b),
    "LessThan": relation(lambda a, b: a <= b, lambda a, b: a > b),
    "StrictGreaterThan": relation(lambda a, b: a > b, lambda a, b: a <= b),
    "GreaterThan": relation(lambda a, b: a >= b, lambda a, b: a < b),
    "Equality": _equal,
    "Unequality": _unequal,
    "And": _all,
    "Or": _any,
    "Not": _not,
    "BooleanTrue": lambda values, analytic, real: True,
    "BooleanFalse": lambda values, analytic, real: False,
}


# --------------------------------------------------------------------- combinatorial


def _whole(value: Any) -> int | None:
    number = value.real.unique_fmpz() if value.imag.is_zero() else None
    return None if number is None or not value.is_exact() else int(number)


def falling(x: Any, k: Any) -> Any:
    """``x (x - 1) ... (x - k + 1)``; for other ``k`` by the gamma function."""
    count = _whole(k)
    if count is None or not 0 <= count <= 10_000:
        return (x + 1).gamma() * (x - k + 1).rgamma()
    product = acb(1)
    for step in range(count):
        product *= x - step
    return product


def rising(x: Any, k: Any) -> Any:
    """``x (x + 1) ... (x + k - 1)``; for other ``k`` by the gamma function."""
    count = _whole(k)
    if count is None or not 0 <= count <= 10_000:
        return (x + k).gamma() * x.rgamma()
    product = acb(1)
    for step in range(count):
        product *= x + step
    return product


def binomial(n: Any, k: Any) -> Any:
    """The binomial coefficient; 0 for a negative whole ``k``."""
    count = _whole(k)
    if count is not None and count < 0:
        return acb(0)
    return falling(n, k) * (k + 1).rgamma()


def harmonic(n: Any, order: Any = 1) -> Any:
    """``1 + 1/2^order + ... + 1/n^order``."""
    if order == 1:
        return (n + 1).digamma() + arb.const_euler()
    return acb(order).zeta() - acb(order).zeta(n + 1)


def beta(a: Any, b: Any = None) -> Any:
    """Euler's beta function."""
    b = a if b is None else b
    return a.gamma() * b.gamma() * (a + b).rgamma()


# ------------------------------------------------------------------------ the table


def _method(name: str, cut: Guard | None = None) -> Operation:
    return plain(lambda z: getattr(z, name)(), cut)


def _of_inverse(name: str, cut: Guard) -> Operation:
    def operation(values: Sequence[Value], analytic: bool, real: bool) -> Value:
        inverse = 1 / values[0]
        return NOTHING if analytic and cut(inverse) else getattr(inverse, name)()

    return operation


def _log(values: Sequence[Value], analytic: bool, real: bool) -> Value:
    value = values[0].log(analytic=analytic)
    return value / values[1].log(analytic=analytic) if len(values) == 2 else value


FUNCTIONS: dict[str, Operation] = {
    name: _method(name)
    for name in (
        *("exp", "sin", "cos", "tan", "cot", "sec", "csc", "sinc"),
        *("sinh", "cosh", "tanh", "coth", "sech", "csch"),
        *("gamma", "digamma", "erf", "erfc", "erfi"),
    )
} | {
    "log": _log,
    "asin": _method("asin", outside_unit),
    "acos": _method("acos", outside_unit),
    "atan": _method("atan", outside_unit_upright),
    "asinh": _method("asinh", outside_unit_upright),
    "acosh": _method("acosh", below_one),
    "atanh": _method("atanh", outside_unit),
    "acot": _of_inverse("atan", outside_unit_upright),
    "asec": _of_inverse("acos", outside_unit),
    "acsc": _of_inverse("asin", outside_unit),
    "acoth": _of_inverse("atanh", outside_unit),
    "asech": _of_inverse("acosh", below_one),
    "acsch": _of_inverse("asinh", outside_unit_upright),
    "loggamma": _method("lgamma", on_negatives),
    "polygamma": plain(lambda n, z: z.polygamma(n)),
    "zeta": plain(lambda s, a=None: s.zeta() if a is None else s.zeta(a), on_negatives),
    "dirichlet_eta": plain(lambda s: s.dirichlet_eta()),
    "beta": plain(beta),
    "factorial": plain(lambda z: (z + 1).gamma()),
    "binomial": plain(binomial),
    "RisingFactorial": plain(rising),
    "FallingFactorial": plain(falling),
    "harmonic": plain(harmonic),
    "Ei": _method("ei", on_negatives),
    "li": plain(lambda z: z.li(), below_one),
    "Li": plain(lambda z: z.li(offset=True), below_one),
    "Si": _method("si"),
    "Ci": _method("ci", on_negatives),
    "Shi": _method("shi"),
    "Chi": _method("chi", on_negatives),
    "expint": plain(lambda s, z: z.expint(s), on_negatives),
    "uppergamma": plain(lambda s, z: z.gamma_upper(s), on_negatives),
    "lowergamma": plain(lambda s, z: z.gamma_lower(s), on_negatives),
    "fresnels": plain(lambda z: z.fresnel_s()),
    "fresnelc": plain(lambda z: z.fresnel_c()),
    "besselj": plain(lambda n, z: z.bessel_j(n), on_negatives),
    "bessely": plain(lambda n, z: z.bessel_y(n), on_negatives),
    "besseli": plain(lambda n, z: z.bessel_i(n), on_negatives),
    "besselk": plain(lambda n, z: z.bessel_k(n), on_negatives),
    "airyai": _method("airy_ai"),
    "airybi": _method("airy_bi"),
    "LambertW": plain(lambda z: z.lambertw(), on_negatives),  # the principal branch only
    "polylog": plain(lambda s, z: z.polylog(s), beyond_one),
    "elliptic_k": plain(lambda m: acb.elliptic_k(m), beyond_one),
    "legendre": plain(lambda n, z: z.legendre_p(n), on_negatives),
    "hermite": plain(lambda n, z: z.hermite_h(n)),
    "chebyshevt": plain(lambda n, z: z.chebyshev_t(n), on_negatives),
    "Abs": _modulus,
    "sign": _sign,
    "floor": of_reals("real_floor"),
    "ceiling": of_reals("real_ceil"),
    "Max": of_reals("real_max"),
    "Min": of_reals("real_min"),
    "Heaviside": _heaviside,
    "Mod": _modulo,
    "re": part(lambda z: z.real),
    "im": part(lambda z: z.imag),
    "conjugate": part(lambda z: z.conjugate()),
    "arg": part(lambda z: z.arg()),
    "atan2": _atan2,
    "Piecewise": pieces,
    **CONDITIONS,
}

#: Operations that look at the flag ``real``.
LOOKS_AT_REALITY = {
    *("Abs", "sign", "floor", "ceiling", "Max", "Min", "Heaviside", "Mod", "atan2", "re", "im"),
    *("conjugate", "arg", *CONDITIONS),
}
