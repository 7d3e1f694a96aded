"""Controls: would the check notice a wrong formula?"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import ClassVar

from kdverify.evidence.outcome import Context, Evidence, Finding, Verdict


@dataclass(frozen=True, eq=False, init=False)
class Control(Evidence):
    """Evidence on a deliberately wrong variant, which has to come out refuted.

    "Undecided" is not a rejection: a check that shrugs at a wrong formula is no check.

    Attributes:
        evidence: the same kind of check, on the wrong variant.
        wrong: what was changed, in words.
    """

    kind: ClassVar[str] = "control"

    evidence: Evidence
    wrong: str = field(default="")

    def __init__(self, evidence: Evidence, wrong: str) -> None:
        if not isinstance(evidence, Evidence) or isinstance(evidence, Control):
            raise TypeError(f"evidence={evidence!r:.60} of a control must be evidence")
        if not wrong.strip():
            raise ValueError("wrong must say what was changed")
        for name, value in (
            ("evidence", evidence),
            ("wrong", wrong),
            ("part", evidence.part),
            ("note", wrong),
        ):
            object.__setattr__(self, name, value)

    def examine(self, context: Context) -> Finding:
        """Run the wrong variant; rejected iff it is refuted."""
        inner = self.evidence.run(context)
        figures = {"of": self.evidence.kind, "variant": inner.verdict.value, **inner.figures}
        if inner.verdict in (Verdict.NOT_RUN, Verdict.ERROR):
            return Finding(inner.verdict, figures, inner.detail)
        rejected = inner.verdict is Verdict.REFUTED
        verdict = Verdict.REJECTED if rejected else Verdict.NOT_REJECTED
        return Finding(verdict, figures, inner.detail)
