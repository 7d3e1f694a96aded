"""What a run found: the verdict on every claim, the exit code, the JSON document."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

from kdverify.evidence.base import KINDS
from kdverify.evidence.claim import WHOLE, Claim
from kdverify.evidence.origin import expressions, origin, reproduce
from kdverify.evidence.outcome import STANDING, Level, Outcome, Verdict, unit_name
from kdverify.provenance import SCHEMA, environment, formula_version

#: Exit codes of a run, by precedence.
EXIT_INTERRUPTED = 130
EXIT_ERROR = 70
EXIT_BAD_INPUT = 2
EXIT_REFUTED = 1
EXIT_UNDECIDED = 3
EXIT_STANDS = 0


@dataclass(frozen=True)
class ClaimResult:
    """A claim with the outcomes of its evidence and of its controls, in order."""

    claim: Claim
    evidence: tuple[Outcome, ...]
    controls: tuple[Outcome, ...]

    @property
    def verdict(self) -> Verdict:
        """The verdict on the claim.

        In this order: an error, a refutation, a control that did not notice, anything
        undecided; what stands is as strong as the weakest of its parts, and a part as strong
        as the strongest evidence that covers it.
        """
        outcomes = {outcome.verdict for outcome in (*self.evidence, *self.controls)}
        for decisive in (
            Verdict.ERROR,
            Verdict.REFUTED,
            Verdict.NOT_REJECTED,
            Verdict.UNDECIDED,
        ):
            if decisive in outcomes:
                return decisive
        if Verdict.REJECTED not in outcomes:
            return Verdict.NOT_RUN
        return max(map(self._of_part, self.claim.required), key=_WEAKNESS.index)

    def _of_part(self, part: str) -> Verdict:
        covering = [o.verdict for o in self.evidence if o.part in (part, WHOLE)]
        return min(covering, key=_WEAKNESS.index, default=Verdict.NOT_RUN)

    @property
    def own_kinds(self) -> list[str]:
        """Kinds of evidence that do not come with this package, if what stands hangs on them."""
        own = {o.kind for o in self.evidence if o.verdict.stands} - {*KINDS}
        without = tuple(o for o in self.evidence if o.kind in KINDS)
        if not self.verdict.stands or replace(self, evidence=without).verdict is self.verdict:
            return []
        return sorted(own)

    @property
    def seconds(self) -> float:
        """Time of all evidence and controls together."""
        return sum(outcome.seconds for outcome in (*self.evidence, *self.controls))

    @property
    def rejected(self) -> int:
        """Number of controls that were rejected."""
        return sum(outcome.verdict is Verdict.REJECTED for outcome in self.controls)

    @property
    def as_expected(self) -> bool:
        """Whether the claim came out as it should: it stands, or is refuted where expected.

        Either way at least one control has noticed its wrong variant, and none has not.
        """
        if self.claim.expect == "refuted":
            return self.verdict is Verdict.REFUTED and self.rejected > 0 and not self.unnoticed
        return self.verdict.stands

    @property
    def unnoticed(self) -> int:
        """Number of controls that did not notice their wrong variant."""
        return sum(outcome.verdict is Verdict.NOT_REJECTED for outcome in self.controls)

    def exit_code(self, require_all: bool) -> int:
        """The exit code that this claim alone would give.

        "Not run" counts as "undecided" if everything is required, else as nothing.
        """
        outcomes = {outcome.verdict for outcome in (*self.evidence, *self.controls)}
        if Verdict.ERROR in outcomes:
            return EXIT_ERROR
        missing = Verdict.NOT_RUN in outcomes
        if self.as_expected:
            return EXIT_UNDECIDED if missing and require_all else EXIT_STANDS
        if self.verdict is Verdict.UNDECIDED:
            return EXIT_UNDECIDED
        unchecked = self.verdict is Verdict.REFUTED and self.claim.expect == "refuted"
        if self.verdict is Verdict.NOT_RUN or (unchecked and not self.unnoticed):
            return EXIT_UNDECIDED if require_all else EXIT_STANDS
        return EXIT_REFUTED

    def to_json(self, level: Level) -> dict[str, Any]:
        """The claim's entry of the JSON document of a run at this level."""
        claim = self.claim
        return {
            "id": claim.id,
            "title": claim.title,
            "statement": claim.statement,
            "source": claim.source,
            "needs": list(claim.needs),
            "parts": list(claim.parts),
            "steps": [step.text for step in claim.steps],
            "expressions": expressions(claim),
            "origin": origin(claim),
            "reproduce": reproduce(claim, level),
            "expect": claim.expect,
            "verdict": self.verdict.value,
            "as_expected": self.as_expected,
            "own_kinds": self.own_kinds,
            "evidence": self._outcomes_json(self.evidence, 0),
            "controls": self._outcomes_json(self.controls, len(self.evidence)),
            "seconds": round(self.seconds, 4),
        }

    def _outcomes_json(self, outcomes: tuple[Outcome, ...], first: int) -> list[dict[str, Any]]:
        """Each outcome with the name of its unit of work, from which its seeds are made."""
        return [
            outcome.to_json() | {"unit": unit_name(self.claim.id, index)}
            for index, outcome in enumerate(outcomes, start=first)
        ]


_WEAKNESS = (*STANDING, Verdict.NOT_RUN)


@dataclass(frozen=True)
class Report:
    """The results of one run.

    Attributes:
        results: one per claim, in order.
        level: the resources of the run.
        seconds: wall time.
        require_all: whether "not run" fails the run.
        interrupted: whether the run was stopped; what had not ended is "not run".
    """

    results: tuple[ClaimResult, ...]
    level: Level
    seconds: float
    require_all: bool = False
    interrupted: bool = False

    @property
    def exit_code(self) -> int:
        """The exit code of the run, by precedence (see the module's constants)."""
        if self.interrupted:
            return EXIT_INTERRUPTED
        if not self.results:
            return EXIT_BAD_INPUT
        codes = {result.exit_code(self.require_all) for result in self.results}
        return next(
            c for c in (EXIT_ERROR, EXIT_REFUTED, EXIT_UNDECIDED, EXIT_STANDS) if c in codes
        )

    def measured_below(self, result: ClaimResult) -> list[str]:
        """The claims of this run that a proved or certified claim needs and that are measured.

        Needs of needs count too; a claim that is itself measured says so already.
        """
        if result.verdict not in (Verdict.PROVED, Verdict.CERTIFIED):
            return []
        return [r.claim.id for r in self._below(result) if r.verdict is Verdict.MEASURED]

    def open_below(self, result: ClaimResult) -> list[str]:
        """The claims of this run that a claim which stands needs, and that do not stand."""
        if not result.verdict.stands:
            return []
        return [r.claim.id for r in self._below(result) if not r.as_expected]

    def _below(self, result: ClaimResult) -> list[ClaimResult]:
        """The claims of this run that a claim needs, and that these need, in order."""
        by_id = {other.claim.id: other for other in self.results}
        waiting, seen = list(result.claim.needs), set()
        while waiting:
            need = waiting.pop()
            if need in by_id and need not in seen:
                seen.add(need)
                waiting += by_id[need].claim.needs
        return [other for other in self.results if other.claim.id in seen]

    def to_json(self) -> dict[str, Any]:
        """The JSON document of the run, schema 1."""
        return {
            "schema": SCHEMA,
            "claims": [
                result.to_json(self.level)
                | {
                    "rests_on_measured": self.measured_below(result),
                    "rests_on_open": self.open_below(result),
                }
                for result in self.results
            ],
            "level": self.level.name,
            "family_wise_error": self.level.family_wise_error,
            "formula_version": formula_version(),
            "environment": environment(),
            "interrupted": self.interrupted,
            "exit_code": self.exit_code,
            "seconds": round(self.seconds, 3),
        }
