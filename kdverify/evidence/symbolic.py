"""Identities and limits, by SymPy on the functions of `kdverify.formulas`.

A difference of rational functions is decided: ``cancel(together(.))`` brings it to a
canonical form.  Beyond rational functions a difference that does not simplify to zero is
evaluated at rational points; a value that is certainly not zero refutes the identity, and
the point is the counterexample.
"""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, ClassVar

from kdverify.evidence.base import Evidence
from kdverify.evidence.outcome import Context, Figures, Finding, Verdict

Thunk = Callable[[], Any]
Point = Mapping[Any, Any]

#: Decimal digits at which a value is computed to tell it from zero; it is computed again
#: at twice as many, and the two must agree in all but the last `SEPARATION_GUARD`.
SEPARATION_DIGITS = 40
SEPARATION_GUARD = 10
#: How many rational points are tried for a counterexample.
POINTS = 5


@dataclass(frozen=True, eq=False)
class Identity(Evidence):
    """Are two expressions equal?

    Attributes:
        sides: function that returns the two, a pair; called once.  Each is a SymPy
            expression, a matrix, or a (nested) list or object array of expressions.
        left, right: in the place of ``sides``, a function for each of the two.
        points: function that returns points ``{symbol: rational}`` inside the domain at
            which a counterexample is sought.  By default every symbol takes simple
            rational values that respect its assumptions (positive, negative, integer).
    """

    kind: ClassVar[str] = "identity"
    typical_seconds: ClassVar[float] = 0.5
    asks: ClassVar[tuple[str, ...]] = ("sides", "left", "right")

    sides: Callable[..., tuple[Any, Any]] | None = None
    left: Thunk | None = field(default=None, kw_only=True)
    right: Thunk | None = field(default=None, kw_only=True)
    points: Thunk | None = field(default=None, kw_only=True)

    def __post_init__(self) -> None:
        given = [callable(getattr(self, name)) for name in self.asks]
        if given not in ([True, False, False], [False, True, True]):
            raise ValueError("sides, or left and right, must be given: functions")

    def _both(self) -> tuple[list[Any], list[Any]]:
        if self.sides is None:
            assert self.left
            assert self.right
            return flatten(self.left()), flatten(self.right())
        both = self.sides()
        if not isinstance(both, tuple) or len(both) != 2:
            raise ValueError(f"sides must return a pair (left, right), not {both!r:.60}")
        return flatten(both[0]), flatten(both[1])

    def examine(self, context: Context) -> Finding:
        """Simplify the differences; look for a counterexample where one does not vanish."""
        left, right = self._both()
        if len(left) != len(right) or not left:
            raise ValueError(f"left has {len(left)} entries and right has {len(right)}")
        differences = [a - b for a, b in zip(left, right, strict=True)]
        figures: Figures = {"equations": len(differences)}
        for index, difference in enumerate(differences):
            remainder = simplified(difference)
            if remainder == 0:
                continue
            where = f"equation {index + 1}: " if len(differences) > 1 else ""
            points = self.points() if self.points else simple_points(difference.free_symbols)
            found = counterexample(difference, points)
            if found is None:
                return Finding(
                    Verdict.UNDECIDED, figures, f"{where}not simplified to 0: {remainder}"[:300]
                )
            return Finding(Verdict.REFUTED, figures | found, f"{where}the sides differ")
        return Finding(Verdict.PROVED, figures)


def flatten(value: Any) -> list[Any]:
    """The entries of an expression, a matrix or a nested sequence, in order."""
    import numpy as np
    import sympy

    if isinstance(value, sympy.MatrixBase | np.ndarray):
        return [sympy.sympify(entry) for entry in np.asarray(value, dtype=object).ravel()]
    if isinstance(value, list | tuple):
        return [entry for item in value for entry in flatten(item)]
    return [sympy.sympify(value)]


def simplified(difference: Any) -> Any:
    """``difference`` in the first form that shows it to be zero, else simplified.

    For a rational function the first form is canonical and the others are not tried.
    """
    import sympy

    form = sympy.sympify(difference).doit()
    try:
        form = sympy.cancel(sympy.together(form))
    except sympy.PolynomialError:
        pass
    else:
        if _rational(form):
            return form
    for rewrite in (sympy.expand, sympy.simplify):
        form = rewrite(form)
        if form == 0:
            break
    return form


def _rational(expression: Any) -> bool:
    """Whether this is a quotient of polynomials with rational coefficients."""
    symbols = expression.free_symbols
    if not symbols:
        return bool(expression.is_Rational)
    quotient = expression.as_numer_denom()
    if not all(part.is_polynomial(*symbols) for part in quotient):
        return False
    domains = [part.as_poly(*symbols).get_domain() for part in quotient]
    return all(domain.is_ZZ or domain.is_QQ for domain in domains)


def simple_points(symbols: Iterable[Any]) -> Iterator[dict[Any, Any]]:
    """`POINTS` points of simple rational values that respect the symbols' assumptions."""
    import sympy

    ordered = sorted(symbols, key=str)
    for trial in range(POINTS):
        point = {}
        for index, symbol in enumerate(ordered):
            numerator = sympy.prime(1 + index + trial)
            denominator = 1 if symbol.is_integer else sympy.prime(3 + (2 * index + 3 * trial) % 7)
            sign = -1 if symbol.is_negative else 1
            point[symbol] = sympy.Rational(sign * numerator, denominator)
        yield point


def counterexample(difference: Any, points: Iterable[Point]) -> Figures | None:
    """The first point at which ``difference`` is certainly not zero, with its value."""
    for point in points:
        value = difference.subs(dict(point)).doit()
        if separated_from_zero(value):
            place = ", ".join(f"{s} = {v}" for s, v in sorted(point.items(), key=str))
            shown = str(value) if value.is_Rational else str(value.evalf(15))
            found: Figures = {"at": place} if place else {}
            return found | {"difference": shown[:80]}
    return None


def separated_from_zero(value: Any) -> bool:
    """Whether a constant is certainly not zero.

    Exact for rationals; else the value at two working precisions, which must agree.
    """
    import sympy

    if value.is_Rational:
        return bool(value != 0)
    if value.free_symbols or not value.is_finite or value.is_zero:
        return False
    low = sympy.N(value, SEPARATION_DIGITS, maxn=20 * SEPARATION_DIGITS)
    high = sympy.N(value, 2 * SEPARATION_DIGITS, maxn=40 * SEPARATION_DIGITS)
    if not (low.is_number and high.is_number and low.is_comparable and high.is_comparable):
        return False
    scale = sympy.Rational(10) ** (SEPARATION_GUARD - SEPARATION_DIGITS)
    return bool(high != 0 and abs(high) > scale and abs(low - high) <= abs(high) * scale)


@dataclass(frozen=True, eq=False)
class Limit(Evidence):
    """Does an expression tend to a value?

    SymPy computes the limit; beside it the expression is evaluated at points that approach
    the limit point, at high precision, and the distance to the value has to shrink
    throughout.  The limit is proved, the distances are figures.

    Attributes:
        expression: function that returns a SymPy expression, or the pair of an expression
            and the value of its limit.
        symbol: the symbol, or its name.
        point: where it tends to; ``"oo"`` for infinity.
        value: the value of the limit, or a function that returns it.
        direction: ``"+"`` from above, ``"-"`` from below.
        samples: function that returns points ``{symbol: rational}`` for the other symbols.
    """

    kind: ClassVar[str] = "limit"
    typical_seconds: ClassVar[float] = 2.0
    asks: ClassVar[tuple[str, ...]] = ("expression", "value")

    expression: Thunk
    symbol: Any = field(kw_only=True)
    point: Any = field(kw_only=True)
    value: Any = field(default=None, kw_only=True)
    direction: str = field(default="+", kw_only=True)
    samples: Thunk | None = field(default=None, kw_only=True)

    #: The powers of ten by which the points of the numeric check are near (or far out).
    exponents: ClassVar[Sequence[int]] = (4, 8, 12, 16)

    def examine(self, context: Context) -> Finding:
        """Compare SymPy's limit with the value, then look at the numbers."""
        import sympy

        asked = self.expression()
        value = self.value() if callable(self.value) else self.value
        if value is None:
            asked, value = asked
        expression, value = sympy.sympify(asked), sympy.sympify(value)
        symbol, point = self._symbol(expression), sympy.sympify(self.point)
        others = (expression.free_symbols | value.free_symbols) - {symbol}
        samples = list(self.samples() if self.samples else simple_points(others))
        gaps = self._gaps(expression, value, symbol, point, samples[0] if samples else {})
        figures: Figures = {
            f"gap at 10^{k if point.is_infinite else -k}": float(gap)
            for k, gap in zip(self.exponents, gaps, strict=True)
        }
        shrinking = all(b < a or a == b == 0 for a, b in itertools.pairwise(gaps))
        computed = sympy.limit(expression, symbol, point, self.direction)
        if computed.has(sympy.Limit, sympy.AccumBounds, sympy.nan):
            return Finding(
                Verdict.UNDECIDED, figures, f"SymPy leaves the limit as {computed}"[:300]
            )
        if computed == value or simplified(computed - value) == 0:
            if shrinking:
                return Finding(Verdict.PROVED, figures)
            return Finding(Verdict.UNDECIDED, figures, "the numbers do not approach the limit")
        figures["limit"] = str(computed)[:80]
        found = None if computed.is_infinite else counterexample(computed - value, samples)
        converging = 2 * gaps[-1] < gaps[0]
        if (found or computed.is_infinite) and not converging:
            return Finding(Verdict.REFUTED, figures | (found or {}), "the limit is another one")
        return Finding(Verdict.UNDECIDED, figures, "the limit was not shown to equal the value")

    def _symbol(self, expression: Any) -> Any:
        if not isinstance(self.symbol, str):
            return self.symbol
        named = [s for s in expression.free_symbols if s.name == self.symbol]
        if len(named) != 1:
            raise ValueError(f"symbol={self.symbol!r} must be one of the expression's symbols")
        return named[0]

    def _gaps(
        self, expression: Any, value: Any, symbol: Any, point: Any, sample: Point
    ) -> list[Any]:
        import sympy

        gaps = []
        for exponent in self.exponents:
            if point.is_infinite:
                place = sympy.sign(point) * sympy.Integer(10) ** exponent
            else:
                step = sympy.Rational(1, 10**exponent)
                place = point + (step if self.direction == "+" else -step)
            # Numbers are put in while evaluating: 1.0001**(10**4) must not become a fraction.
            gap = (expression - value).evalf(
                SEPARATION_DIGITS, subs={**sample, symbol: place}, maxn=20 * SEPARATION_DIGITS
            )
            gaps.append(abs(gap))
        if not all(gap.is_comparable for gap in gaps):
            raise ValueError(f"the expression has no numeric value near the limit: {gaps}")
        return gaps
