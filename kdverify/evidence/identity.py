"""Are two expressions equal?  SymPy has to show it, and their values have to agree.

The values are those of the sides as they stand, neither simplified nor evaluated by SymPy: in
balls, at two precisions, at random points that respect the symbols' assumptions.  Where they
certainly differ the identity is refuted; without values it is undecided, whatever SymPy says.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, ClassVar

from kdverify.evidence.base import Evidence, shortened
from kdverify.evidence.ceiling import interrupting
from kdverify.evidence.outcome import Context, Figures, Finding, Verdict
from kdverify.evidence.simplify import check_exact, simplified
from kdverify.evidence.twice import written_twice

if TYPE_CHECKING:
    from kdverify.evidence.look.compare import Look
    from kdverify.evidence.look.watch import Answer

Thunk = Callable[[], Any]

#: Processor time for the values of the sides without SymPy's answers.
REPLAY_SECONDS = 20


@dataclass(frozen=True, eq=False)
class Identity(Evidence):
    """Are two expressions equal?

    Attributes:
        sides: function that returns the two, a pair; called once.  Each is a SymPy
            expression, a matrix, or a (nested) list or object array of expressions.
        left, right: in the place of ``sides``, a function for each of the two.
        points: function that returns points ``{symbol: rational}`` inside the domain, at which
            the values are compared.  By default the points are random, within the symbols'
            assumptions; a symbol without assumptions is complex.
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

    def admissible(self) -> Iterable[Mapping[Any, Any]] | None:
        """The points that the claim gives, if any."""
        from kdverify.evidence.look.points import as_given

        return None if self.points is None else as_given("points", self.points())

    def examine(self, context: Context) -> Finding:
        """Compare the values; where they agree, SymPy has to bring the difference to zero."""
        pairs = self._pairs()
        figures: Figures = {"equations": len(pairs)}
        looks = self._looks(pairs, context)
        refuted = _difference(pairs, looks, figures)
        if refuted:
            return refuted
        for index, ((a, b), seen) in enumerate(zip(pairs, looks, strict=True)):
            where = f"equation {index + 1}: " if len(pairs) > 1 else ""
            try:
                with interrupting(context.level.seconds):
                    remainder = simplified(a - b)
            except Exception as failure:  # SymPy breaks, or is out of time
                text = f"{where}SymPy: {type(failure).__name__}: {shortened(str(failure))}"
                return Finding(Verdict.UNDECIDED, figures, text)
            if remainder != 0:
                text = f"{where}not simplified to 0: {remainder}"
                return Finding(Verdict.UNDECIDED, figures, text[:300])
            if seen.equal is None and a != b:
                text = f"{where}SymPy calls the difference 0, but its values: {seen.reason}"
                return Finding(Verdict.UNDECIDED, figures, text[:300])
        figures["points"] = min(seen.points for seen in looks)
        if self.points is not None:
            figures["domain"] = "as far as the given points stand for it"
        return Finding(Verdict.PROVED, figures)

    def doubted(self, finding: Finding, answer: Answer, seen: Look, context: Context) -> Finding:
        """Form the sides again without SymPy's answers, and compare these."""
        from kdverify.evidence.look.watch import watching

        doubt = super().doubted(finding, answer, seen, context)
        try:
            with interrupting(REPLAY_SECONDS), watching(raw=True) as still_asked:
                pairs = self._pairs()
                looks = self._looks(pairs, context)
            if still_asked.look(self.admissible(), context.level.seconds):
                return doubt
        except Exception:  # the claim's code cannot do without the answers, or not in time
            return doubt
        if seen.equal is None:  # without the answer the sides still agree
            proved = finding.verdict.stands and all(look.equal for look in looks)
            return finding if proved else doubt
        refuted = _difference(pairs, looks, dict(finding.figures))
        if refuted is None:
            return doubt
        return Finding(Verdict.REFUTED, refuted.figures, f"{refuted.detail}; {doubt.detail}")

    def _pairs(self) -> list[tuple[Any, Any]]:
        from kdverify.evidence.look.compare import flatten, shape_of
        from kdverify.evidence.look.watch import check_named

        both = self._both()
        first, second = map(shape_of, both)
        if first and second and first != second:
            raise ValueError(f"left of shape {first} and right of shape {second} must be alike")
        left, right = map(flatten, both)
        if len(left) != len(right) or not left:
            raise ValueError(f"left has {len(left)} entries and right has {len(right)}")
        if left == right and written_twice(self.sides, self.left, self.right):
            raise ValueError("sides must be two expressions, not one that is written twice")
        check_exact("sides", *left, *right)
        check_named("points", self.admissible(), *left, *right)
        return list(zip(left, right, strict=True))

    def _both(self) -> tuple[Any, Any]:
        if self.sides is None:
            assert self.left
            assert self.right
            return self.left(), self.right()
        both = self.sides()
        if not isinstance(both, tuple) or len(both) != 2:
            raise ValueError(f"sides must return a pair (left, right), not {both!r:.60}")
        return both

    def _looks(self, pairs: list[tuple[Any, Any]], context: Context) -> list[Look]:
        from kdverify.evidence.look.compare import compare, in_time

        points, seconds = self.admissible(), context.level.seconds
        return [in_time(seconds, compare, a, b, points) for a, b in pairs]


def _difference(
    pairs: list[tuple[Any, Any]], looks: list[Look], figures: Figures
) -> Finding | None:
    """The first of the equations whose sides differ, with the point where they do."""
    for index, ((a, b), seen) in enumerate(zip(pairs, looks, strict=True)):
        if seen.equal is not False:
            continue
        where = f"equation {index + 1}: " if len(pairs) > 1 else ""
        place = ", ".join(f"{s} = {v}" for s, v in sorted(seen.place.items(), key=str))
        found: Figures = {"at": place[:200]} if place else {}
        found["difference"] = exactly(a, b, seen)
        return Finding(Verdict.REFUTED, figures | found, f"{where}the sides differ")
    return None


def exactly(a: Any, b: Any, seen: Look) -> str:
    """The difference at the point, as a fraction if it is one, else its digits."""
    import sympy

    from kdverify.evidence.quotient import rational_value

    place = {s: v for s, v in seen.place.items() if isinstance(v, sympy.Basic)}
    if all(v.is_Rational for v in place.values()):
        value = rational_value(a - b, place)
        if value is not None:
            return str(value)[:80]
    return seen.difference[:80]
