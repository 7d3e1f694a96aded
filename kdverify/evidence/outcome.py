"""What evidence answers: verdicts, outcomes, and the context in which it is asked.

A verdict says how far a statement has been established:

==============  ==========================================================================
proved          by a proof that a kernel checked, by symbolic algebra or by a decision procedure,
                for all admissible values
certified       by ball arithmetic, for the numbers given
measured        by an equivalence test on simulations, at a stated error rate
refuted         a counterexample was found
undecided       out of resources, too wide, too few trials
not run         data, an extra or hardware is missing
error           the check itself broke: a bug, never a statement about the theory
rejected        of a control: the deliberately wrong variant was refuted, as it must be
not rejected    of a control: the check did not notice the wrong variant
==============  ==========================================================================
"""

from __future__ import annotations

import hashlib
import math
from dataclasses import dataclass, field
from enum import StrEnum
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import numpy as np

Figures = dict[str, str | float | int]


class Verdict(StrEnum):
    """How a piece of evidence, a control or a claim came out (see the module's table)."""

    PROVED = "proved"
    CERTIFIED = "certified"
    MEASURED = "measured"
    REFUTED = "refuted"
    UNDECIDED = "undecided"
    NOT_RUN = "not run"
    ERROR = "error"
    REJECTED = "rejected"
    NOT_REJECTED = "not rejected"

    @property
    def stands(self) -> bool:
        """Whether this verdict establishes something."""
        return self in STANDING


#: The verdicts that establish a statement, strongest first.
STANDING = (Verdict.PROVED, Verdict.CERTIFIED, Verdict.MEASURED)


class NotRun(Exception):
    """Raised by evidence that cannot run here; the message says what is missing."""


@dataclass(frozen=True)
class Finding:
    """What an examination found: a verdict, the figures behind it, a sentence."""

    verdict: Verdict
    figures: Figures = field(default_factory=dict)
    detail: str = ""


@dataclass(frozen=True)
class Outcome:
    """A `Finding` with the evidence that it belongs to and the seconds that it took."""

    kind: str
    part: str
    verdict: Verdict
    figures: Figures = field(default_factory=dict)
    detail: str = ""
    seconds: float = 0.0
    note: str = ""

    def to_json(self) -> dict[str, Any]:
        """A dictionary of plain values; a figure that is not finite becomes text."""
        return {
            "kind": self.kind,
            "part": self.part,
            "note": self.note,
            "verdict": self.verdict.value,
            "figures": {name: _plain(value) for name, value in self.figures.items()},
            "detail": self.detail,
            "seconds": round(self.seconds, 4),
        }


def _plain(value: str | float | int) -> str | float | int:
    if isinstance(value, float) and not math.isfinite(value):
        return str(value)
    return value


@dataclass(frozen=True)
class Level:
    """How much a run may spend; one instance per name of ``--level``.

    Attributes:
        digits: decimal digits of ball arithmetic.
        trials_scale: factor on the numbers of trials of simulations.
        family_wise_error: probability that any of the run's simultaneous confidence
            intervals misses.
        z3_limit, cvc5_limit: resource units per query.
        seconds: processor time after which a solver or SymPy is ended: what it did not
            answer is undecided.
        thorough: whether evidence that repeats other evidence is examined as well.
    """

    name: str
    digits: int
    trials_scale: float
    family_wise_error: float
    z3_limit: int
    cvc5_limit: int
    seconds: float = 30.0
    thorough: bool = False


LEVELS = {
    level.name: level
    for level in (
        Level("quick", 30, 1.0, 1e-3, 1_000_000, 20_000),
        Level("full", 100, 4.0, 1e-6, 10_000_000, 200_000, 600.0, thorough=True),
    )
}


def level_named(name: str) -> Level:
    """The level called ``name``."""
    if name not in LEVELS:
        raise ValueError(f"level={name!r} must be one of {', '.join(LEVELS)}")
    return LEVELS[name]


def unit_name(claim_id: str, index: int) -> str:
    """Name of a unit of work, the evidence or control ``index`` of a claim."""
    return f"{claim_id}#{index}"


@dataclass(frozen=True)
class Context:
    """What one piece of evidence is told about the run.

    Attributes:
        level: the resources.
        error_rate: probability with which this evidence may be wrong by chance; the run's
            family-wise error divided by the number of agreements and their controls.
        unit: names the unit of work; the seeds hang on it, so that results depend neither
            on the order nor on the number of workers (`Claim.seeds_of`).
        workers: how many processes the evidence may use itself.
        cached: whether what an earlier run found may be believed.
    """

    level: Level = LEVELS["quick"]
    error_rate: float = LEVELS["quick"].family_wise_error
    unit: str = "unit"
    workers: int = 1
    cached: bool = False

    @property
    def digits(self) -> int:
        """Decimal digits of ball arithmetic at this level."""
        return self.level.digits

    def trials(self, base: int, full: int | None = None) -> int:
        """Number of trials at this level, where the quick level takes ``base``.

        ``full``: what the full level takes, if it is not in its usual proportion to that.
        """
        if full is not None and self.level.thorough:
            return full
        return math.ceil(base * self.level.trials_scale)

    def seed_sequence(self, *key: str | int) -> np.random.SeedSequence:
        """The seed of one stream of random numbers of this unit, named by ``key``."""
        import numpy as np

        name = "\x1f".join([self.unit, *map(str, key)])
        return np.random.SeedSequence(int(hashlib.sha256(name.encode()).hexdigest(), 16))
