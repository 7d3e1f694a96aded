"""Claims and the kinds of evidence for them (nothing here knows any theory).

A claim file states `Claim` objects; `kdverify.verify` collects and runs them.  Loading a
claim file is cheap: every expression, statement and simulation stands in a function that
is called when its evidence is run.
"""

from kdverify.evidence.agreement import Agreement, Comparison
from kdverify.evidence.base import Control, Evidence
from kdverify.evidence.claim import Claim, Entry, Step
from kdverify.evidence.enclosure import Enclosure
from kdverify.evidence.forall import Forall
from kdverify.evidence.identity import Identity
from kdverify.evidence.limit import Limit
from kdverify.evidence.outcome import Context, Finding, Level, NotRun, Outcome, Verdict

__all__ = [
    "Agreement",
    "Claim",
    "Comparison",
    "Context",
    "Control",
    "Enclosure",
    "Entry",
    "Evidence",
    "Finding",
    "Forall",
    "Identity",
    "Level",
    "Limit",
    "NotRun",
    "Outcome",
    "Step",
    "Verdict",
]
