"""Does an expression tend to a value?  SymPy has to say so, and the values have to lead there.

The expression is computed at points that approach the limit point ever faster, on balls and
without SymPy, for several values of its other symbols; see `kdverify.evidence.look.limits`.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, ClassVar

from kdverify.evidence.base import Evidence, shortened
from kdverify.evidence.ceiling import OutOfTime, interrupting
from kdverify.evidence.outcome import Context, Figures, Finding, Verdict
from kdverify.evidence.simplify import check_exact, simplified

if TYPE_CHECKING:
    from kdverify.evidence.look.limits import Approach

Thunk = Callable[[], Any]

#: For how many values of the other symbols the expression is followed.
SAMPLES = 3
TRIALS = 12
#: Values of another symbol at which a limit may be another one than elsewhere.
EDGES = (0, 1, -1)


@dataclass(frozen=True, eq=False)
class Limit(Evidence):
    """Does an expression tend to a value?

    Attributes:
        expression: function that returns a SymPy expression, or the pair of an expression
            and the value of its limit.
        symbol: the symbol, or its name.
        point: where it tends to; ``"oo"`` for infinity.
        value: the value of the limit, or a function that returns it; may be infinite.
        direction: ``"+"`` from above, ``"-"`` from below; None from both sides of a finite point
            as far as the symbol's assumptions allow: a positive one tends to 0 from above.
        samples: function that returns points ``{symbol: rational}`` for the other symbols.
    """

    kind: ClassVar[str] = "limit"
    typical_seconds: ClassVar[float] = 2.0
    asks: ClassVar[tuple[str, ...]] = ("expression", "value")

    expression: Thunk
    symbol: Any = field(kw_only=True)
    point: Any = field(kw_only=True)
    value: Any = field(default=None, kw_only=True)
    direction: str | None = field(default=None, kw_only=True)
    samples: Thunk | None = field(default=None, kw_only=True)

    def __post_init__(self) -> None:
        if self.direction not in ("+", "-", None):
            raise ValueError(f"direction={self.direction!r} must be '+' or '-'")

    def admissible(self) -> Iterable[Mapping[Any, Any]] | None:
        """The samples that the claim gives, if any."""
        from kdverify.evidence.look.points import as_given

        return None if self.samples is None else as_given("samples", self.samples())

    def examine(self, context: Context) -> Finding:
        """Follow the values, then ask SymPy."""
        import sympy

        from kdverify.evidence.look.watch import unwatched

        expression, value = self._asked()
        symbol, point = self._symbol(expression), sympy.sympify(self.point)
        try:
            with interrupting(context.level.seconds):
                approaches, reason = self._approaches(expression, value, symbol, point)
        except OutOfTime as out:
            return Finding(Verdict.UNDECIDED, detail=str(out))
        figures: Figures = {"samples": len(approaches)}
        if approaches:
            figures |= self._gaps(*approaches[0], point)
        finite = not value.is_infinite
        elsewhere = [a for a, to in approaches if a.leads_elsewhere(to) or (finite and a.grows())]
        if elsewhere:
            figures["leads to"] = elsewhere[0].value.mid().str(15, radius=False)
            return Finding(Verdict.REFUTED, figures, "the values lead elsewhere")
        try:
            with interrupting(context.level.seconds), unwatched():
                sides = self._sides(symbol, point)
                computed = sympy.limit(expression, symbol, point, "".join(sides))
                same = bool(computed == value) or simplified(computed - value) == 0
        except Exception as failure:  # SymPy breaks, or is out of time
            text = f"SymPy: {type(failure).__name__}: {shortened(str(failure))}"
            return Finding(Verdict.UNDECIDED, figures, text)
        if computed.has(sympy.Limit, sympy.AccumBounds, sympy.nan):
            return Finding(
                Verdict.UNDECIDED, figures, f"SymPy leaves the limit as {computed}"[:300]
            )
        leads = bool(approaches) and all(a.leads_to(limit) for a, limit in approaches)
        if same and leads:
            return Finding(Verdict.PROVED, figures)
        if same:
            return Finding(
                Verdict.UNDECIDED, figures, reason or "the values do not approach the limit"
            )
        figures["limit"] = str(computed)[:80]
        if computed.is_infinite and approaches and all(a.grows() for a, _ in approaches):
            return Finding(Verdict.REFUTED, figures, "the values grow beyond all bounds")
        return Finding(Verdict.UNDECIDED, figures, "the limit was not shown to equal the value")

    def _asked(self) -> tuple[Any, Any]:
        import sympy

        asked = self.expression()
        value = self.value() if callable(self.value) else self.value
        if value is None:
            asked, value = asked
        asked, value = sympy.sympify(asked), sympy.sympify(value)
        check_exact("expression and value", asked, value)
        return asked, value

    def _symbol(self, expression: Any) -> Any:
        named = [s for s in expression.free_symbols if self.symbol in (s, s.name)]
        if len(named) != 1:
            raise ValueError(f"symbol={str(self.symbol)!r} must be one of the expression's symbols")
        return named[0]

    def _sides(self, symbol: Any, point: Any) -> tuple[str, ...]:
        """The sides from which the symbol tends to its limit, as far as it may be there."""
        import sympy

        from kdverify.evidence.look.points import admits

        if point.is_infinite:
            near = {"+": 10**6 if point > 0 else -(10**6)}
        else:
            near = {side: point + sympy.Rational(f"{side}1e-6") for side in ("+", "-")}
        found = tuple(side for side, value in near.items() if admits(symbol, value))
        if self.direction and not point.is_infinite:
            found = tuple(side for side in found if side == self.direction)
        if not found:
            side = f" from {self.direction}" if self.direction else ""
            raise ValueError(
                f"point={point} must be where {symbol} can go{side}, by the assumptions of {symbol}"
            )
        return found

    def _approaches(
        self, expression: Any, value: Any, symbol: Any, point: Any
    ) -> tuple[list[tuple[Approach, Any]], str]:
        """How the values behave, each with the limit that it should have; why there is none."""
        import sympy

        from kdverify.arithmetic import BALLS
        from kdverify.evidence.look import limits, points
        from kdverify.evidence.look.program import Program, Unknown
        from kdverify.evidence.look.watch import check_named

        infinite, sides = bool(value.is_infinite), self._sides(symbol, point)
        others = (expression.free_symbols | value.free_symbols) - {symbol}
        given = self.admissible()
        check_named("samples", given, expression, value, but=symbol)
        found: list[tuple[Approach, Any]] = []
        reason = ""
        try:
            followed = Program(expression)
            ends = Program(0 * symbol if infinite else value, point)
        except Unknown as unknown:
            return found, str(unknown)

        def follow(trial: int, start: Mapping[Any, Any]) -> Iterator[tuple[Approach, Any]]:
            with BALLS.at_bits(limits.MOST_BITS):
                place = points.on_balls(points.drawn(others, trial, start))
                limit, end = ends.at({**place, symbol: limits.ZERO})
                function = followed.function(symbol, place)
                if infinite:
                    function = limits.inverse(function, 1 if value > 0 else -1)
                for side in sides:
                    yield limits.limit(function, end, side, bool(symbol.is_integer)), limit

        edges = [] if given else [(s, v) for s in others for v in EDGES if points.admits(s, v)]
        for trial, (edge, at) in enumerate(sorted(edges, key=str)):
            with suppress(Unknown):  # what holds elsewhere may have no value there
                met = list(follow(trial, {edge: sympy.Integer(at)}))
                found += [(a, to) for a, to in met if a.leads_elsewhere(to) or a.grows()]
        if found:
            return found, ""
        trials = [dict(p) for p in given] if given is not None else [{}] * (TRIALS if others else 1)
        for trial, start in enumerate(trials):
            try:
                found += follow(trial, start)
            except Unknown as unknown:
                reason = reason or str(unknown)
            if len(found) == SAMPLES * len(sides) and given is None:
                break
        return found, reason

    def _gaps(self, approach: Approach, limit: Any, point: Any) -> Figures:
        from kdverify.evidence.look.limits import EXPONENTS

        sign = 1 if point.is_infinite else -1
        gaps = approach.gaps(limit)
        return {f"gap at 10^{sign * k}": g for k, g in zip(EXPONENTS, gaps, strict=True)}
