"""Evidence given to a claim, one statement each, by the claim's own methods.

    RULE = Claim("4.rule", title=..., statement=..., source="paper", parts=("costs", "rule"))

    @RULE.identity("costs", note="kept")
    def kept_costs():
        ...
        return left, right

    cut = RULE.below("figure 1a", around_cut)
    cut.but("204 modes kept", last=204)

Every method takes the part of the statement that the evidence covers, the function that is
asked (or decorates it), the settings of the kind of evidence, and keyword arguments for the
function.  It returns the evidence, which can be called as the function can.

``but={"what is wrong": {"argument": value}}`` says what `Evidence.but` says, in place.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from fractions import Fraction
from typing import Any

from kdverify.evidence.agreement import Agreement
from kdverify.evidence.base import Evidence, changing
from kdverify.evidence.enclosure import Enclosure
from kdverify.evidence.forall import Forall
from kdverify.evidence.identity import Identity
from kdverify.evidence.limit import Limit

Wrong = Mapping[str, Mapping[str, Any]]
Function = Callable[..., Any]


class Stating:
    """What a `Claim` can be told; see the module."""

    def add(self, item: Evidence) -> None:
        """Give the claim one more piece of evidence, or one more control."""
        raise NotImplementedError

    def _state(
        self,
        make: Callable[[Function], Evidence],
        function: Function | None,
        but: Wrong | None,
        arguments: Mapping[str, Any],
    ) -> Any:
        if function is None:
            return lambda decorated: self._state(make, decorated, but, arguments)
        if isinstance(function, Evidence):  # decorated already
            function = function.plain or function
        evidence = changing(make(function), arguments)
        object.__setattr__(evidence, "plain", function)
        self.add(evidence)
        for wrong, changed in (but or {}).items():
            evidence.but(wrong, **changed)
        return evidence

    def identity(
        self,
        part: str,
        sides: Function | None = None,
        *,
        points: Function | None = None,
        note: str = "",
        but: Wrong | None = None,
        **arguments: Any,
    ) -> Any:
        """An `Identity`: ``sides`` returns the two sides as a pair."""
        return self._state(
            lambda f: Identity(part, f, points=points, note=note), sides, but, arguments
        )

    def forall(
        self,
        part: str,
        build: Function | None = None,
        *,
        witness: Mapping[str, int | str | Fraction] | None = None,
        note: str = "",
        but: Wrong | None = None,
        **arguments: Any,
    ) -> Any:
        """A `Forall`: ``build(smt)`` returns the assumptions and the conclusion."""
        return self._state(
            lambda f: Forall(part, f, witness=witness, note=note), build, but, arguments
        )

    def limit(
        self,
        part: str,
        expression: Function | None = None,
        *,
        symbol: Any,
        point: Any,
        value: Any = None,
        direction: str | None = None,
        samples: Function | None = None,
        note: str = "",
        but: Wrong | None = None,
        **arguments: Any,
    ) -> Any:
        """A `Limit` of ``expression()`` as ``symbol`` tends to ``point``.

        Without ``value`` the function returns the pair of the expression and its limit.
        """

        def make(function: Function) -> Limit:
            return Limit(
                part,
                function,
                symbol=symbol,
                point=point,
                value=value,
                direction=direction,
                samples=samples,
                note=note,
            )

        return self._state(make, expression, but, arguments)

    def below(
        self,
        part: str,
        pairs: Function | None = None,
        *,
        note: str = "",
        but: Wrong | None = None,
        **arguments: Any,
    ) -> Any:
        """An `Enclosure`: the first ball of each pair of ``pairs(digits)`` is below the second."""
        return self._state(lambda f: Enclosure(part, below=f, note=note), pairs, but, arguments)

    def equal(
        self,
        part: str,
        pairs: Function | None = None,
        *,
        guard: int = Enclosure.guard,
        note: str = "",
        but: Wrong | None = None,
        **arguments: Any,
    ) -> Any:
        """An `Enclosure`: the two balls of each pair of ``pairs(digits)`` are one number."""
        return self._state(
            lambda f: Enclosure(part, equal=f, guard=guard, note=note), pairs, but, arguments
        )

    def enclosed(
        self,
        part: str,
        ball: Function | None = None,
        *,
        value: str,
        note: str = "",
        but: Wrong | None = None,
        **arguments: Any,
    ) -> Any:
        """An `Enclosure`: the ball ``ball(digits)`` rounds to the decimal text ``value``."""
        return self._state(
            lambda f: Enclosure(part, ball=f, value=value, note=note), ball, but, arguments
        )

    def agreement(
        self,
        part: str,
        sample: Function | None = None,
        *,
        note: str = "",
        draws: str = "",
        but: Wrong | None = None,
        **arguments: Any,
    ) -> Any:
        """An `Agreement`: ``sample(context)`` returns one `Comparison` or several."""

        def make(function: Function) -> Agreement:
            return Agreement(part, function, note=note, draws=draws)

        return self._state(make, sample, but, arguments)
