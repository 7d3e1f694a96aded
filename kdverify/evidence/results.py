"""What a run found: the verdict on every claim, the exit code, the JSON document."""

from __future__ import annotations

import hashlib
import importlib.metadata
import platform
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from kdverify.evidence.claim import WHOLE, Claim
from kdverify.evidence.outcome import STANDING, Level, Outcome, Verdict

SCHEMA = 1

#: Exit codes of a run, by precedence.
EXIT_INTERRUPTED = 130
EXIT_ERROR = 70
EXIT_BAD_INPUT = 2
EXIT_REFUTED = 1
EXIT_UNDECIDED = 3
EXIT_STANDS = 0

_DEPENDENCIES = (
    "numpy",
    "scipy",
    "sympy",
    "mpmath",
    "python-flint",
    "z3-solver",
    "cvc5",
)


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
        return min(covering, key=_WEAKNESS.index)

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
        """Whether the claim came out as it should: it stands, or is refuted where expected."""
        if self.claim.expect == "refuted":
            controls_good = all(o.verdict is Verdict.REJECTED for o in self.controls)
            return self.verdict is Verdict.REFUTED and controls_good
        return self.verdict.stands

    def exit_code(self, require_all: bool) -> int:
        """The exit code that this claim alone would give."""
        if self.as_expected:
            return EXIT_STANDS
        if self.verdict is Verdict.ERROR:
            return EXIT_ERROR
        if self.verdict is Verdict.NOT_RUN:
            return EXIT_UNDECIDED if require_all else EXIT_STANDS
        return EXIT_UNDECIDED if self.verdict is Verdict.UNDECIDED else EXIT_REFUTED

    def to_json(self) -> dict[str, Any]:
        """The claim's entry of the JSON document."""
        claim = self.claim
        return {
            "id": claim.id,
            "title": claim.title,
            "statement": claim.statement,
            "source": claim.source,
            "needs": list(claim.needs),
            "parts": list(claim.parts),
            "steps": [step.text for step in claim.steps],
            "expect": claim.expect,
            "verdict": self.verdict.value,
            "as_expected": self.as_expected,
            "evidence": [outcome.to_json() for outcome in self.evidence],
            "controls": [outcome.to_json() for outcome in self.controls],
            "seconds": round(self.seconds, 4),
        }


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
    environment: dict[str, str] = field(default_factory=dict)

    @property
    def exit_code(self) -> int:
        """The exit code of the run, by precedence (see the module's constants)."""
        if self.interrupted:
            return EXIT_INTERRUPTED
        if not self.results:
            return EXIT_BAD_INPUT
        codes = {result.exit_code(self.require_all) for result in self.results}
        return next(c for c in (EXIT_ERROR, EXIT_REFUTED, EXIT_UNDECIDED, EXIT_STANDS) if c in codes)

    def to_json(self) -> dict[str, Any]:
        """The JSON document of the run, schema 1."""
        return {
            "schema": SCHEMA,
            "claims": [result.to_json() for result in self.results],
            "level": self.level.name,
            "family_wise_error": self.level.family_wise_error,
            "formula_version": formula_version(),
            "environment": self.environment,
            "interrupted": self.interrupted,
            "exit_code": self.exit_code,
            "seconds": round(self.seconds, 3),
        }


def formula_version() -> str:
    """A fingerprint of ``formulas.py``: two reports with the same one judge the same formulas."""
    source = Path(__file__).resolve().parent.parent / "formulas.py"
    return hashlib.sha256(source.read_bytes()).hexdigest()[:16]


def environment() -> dict[str, str]:
    """Versions of Python, of this package and of everything that a verdict rests on."""
    from kdverify import __version__

    versions = {name: importlib.metadata.version(name) for name in _DEPENDENCIES}
    return {
        "python": platform.python_version(),
        "platform": platform.platform(),
        "kdverify": __version__,
        **versions,
    }
