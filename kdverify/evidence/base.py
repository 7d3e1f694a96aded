"""Evidence, the base of all kinds, and controls: the same evidence on a wrong variant."""

from __future__ import annotations

import os
import time
import traceback
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, fields, replace
from functools import partial
from inspect import Parameter, signature
from pathlib import Path
from typing import TYPE_CHECKING, Any, ClassVar, Protocol, TypeVar

from kdverify.evidence.ceiling import OutOfTime, interrupting
from kdverify.evidence.outcome import Context, Finding, NotRun, Outcome, Verdict

if TYPE_CHECKING:
    from kdverify.evidence.look.compare import Look
    from kdverify.evidence.look.watch import Answer

E = TypeVar("E", bound="Evidence")


#: The kinds of evidence that come with this package.
KINDS = ("identity", "forall", "kernel", "limit", "enclosure", "agreement", "control")
#: Any evidence is ended after so many times what a level gives a solver.
LONGEST = 20
#: Characters of an error's message that are shown.
LONGEST_MESSAGE = 300


class Owner(Protocol):
    """A claim, to the evidence that it was given."""

    def add(self, item: Evidence) -> None:
        """Give it one more piece of evidence, or one more control."""


@dataclass(frozen=True, eq=False)
class Evidence:
    """One way of checking one part of a claim; the base of all kinds.

    Attributes:
        part: a declared part of the claim, ``"whole"``, or a free note of something
            narrower (``"p = 2, 3"``), which can refute the claim but never carry it.
        note: a few words on this route, for the reader of the report.
        claim: the claim that this evidence was given to by one of the claim's methods.
        plain: the function that such a method was given.
    """

    kind: ClassVar[str]
    #: Rough cost at the quick level, so that a run can start the longest first.
    typical_seconds: ClassVar[float] = 1.0
    #: The name of draws that it shares with other evidence; empty: it has its own.
    draws: ClassVar[str] = ""
    #: The fields that hold the functions which the evidence asks.
    asks: ClassVar[tuple[str, ...]] = ()

    part: str
    note: str = field(default="", kw_only=True)
    claim: Owner | None = field(default=None, init=False, repr=False)
    plain: Callable[..., Any] | None = field(default=None, init=False, repr=False)

    def __call__(self, *args: Any, **arguments: Any) -> Any:
        """Call the first function that the evidence asks, as if it had not been decorated."""
        asked = next(f for name in self.asks if callable(f := getattr(self, name)))
        return (self.plain or asked)(*args, **arguments)

    def but(self, wrong: str, /, **changed: Any) -> Control:
        """A control: this evidence with keyword arguments of its function changed.

        A keyword that is no argument of the function but a setting of the evidence, such as
        the ``value`` of an enclosure, changes the setting.  The claim that this evidence was
        given to by one of the claim's methods gets the control.
        """
        return self._controlled_by(changing(self, changed), wrong)

    def _controlled_by(self, variant: Evidence, wrong: str) -> Control:
        control = Control(variant, wrong, of=self)
        if self.claim is not None:
            self.claim.add(control)
        return control

    @property
    def together(self) -> str:
        """Evidence of the same name is examined in one process; empty: each for itself."""
        return ""

    @property
    def thorough(self) -> bool:
        """Whether it repeats other evidence, and is left to the full level."""
        return False

    @classmethod
    def prepare(cls, items: Sequence[Evidence], context: Context) -> None:
        """What evidence that is examined together does once, before each is examined."""

    def examine(self, context: Context) -> Finding:
        """Do the check.  Raise `NotRun` if something that it needs is missing."""
        raise NotImplementedError

    def run(self, context: Context) -> Outcome:
        """`examine`, timed; what it raises becomes a verdict."""
        started, process = time.perf_counter(), os.getpid()
        try:
            with interrupting(LONGEST * context.level.seconds):
                finding = self._examined(context)
        except NotRun as reason:
            finding = Finding(Verdict.NOT_RUN, detail=str(reason))
        except OutOfTime as out:
            finding = Finding(Verdict.UNDECIDED, detail=str(out))
        except Exception as failure:
            finding = Finding(Verdict.ERROR, detail=_short_text(failure))
        if os.getpid() != process:  # a child that the evidence forked: it must not answer for it
            os._exit(70)
        return self._outcome(finding, time.perf_counter() - started)

    def _examined(self, context: Context) -> Finding:
        """`examine`, with a look at what SymPy was asked on the way."""
        from kdverify.evidence.look.watch import watching

        with watching() as answers:
            finding = self.examine(context)
        if not finding.verdict.stands and finding.verdict is not Verdict.REFUTED:
            return finding
        doubt = answers.look(self.admissible(), context.level.seconds)
        return self.doubted(finding, *doubt, context) if doubt else finding

    def admissible(self) -> Iterable[Mapping[Any, Any]] | None:
        """Points at which answers of SymPy are looked at, if the claim gives any."""
        return None

    def doubted(self, finding: Finding, answer: Answer, seen: Look, context: Context) -> Finding:
        """What is left of a finding if values contradict an answer, or do not confirm it."""
        word = "contradict" if seen.equal is False else f"do not confirm ({seen.reason})"
        asked = f"{answer.asked} of {answer.question!s:.80}: {answer.answer!s:.80}"
        text = f"values {word} SymPy's {asked}"
        return Finding(Verdict.UNDECIDED, finding.figures, text)

    def unexamined(self, verdict: Verdict, detail: str) -> Outcome:
        """The outcome of evidence that the run did not get to examine."""
        return self._outcome(Finding(verdict, detail=detail), 0.0)

    def _outcome(self, finding: Finding, seconds: float) -> Outcome:
        return Outcome(
            self.kind,
            self.part,
            finding.verdict,
            finding.figures,
            finding.detail,
            seconds,
            self.note,
        )


@dataclass(frozen=True, eq=False, init=False)
class Control(Evidence):
    """Evidence on a deliberately wrong variant, which has to come out refuted.

    "Undecided" is not a rejection: a check that shrugs at a wrong formula is no check.

    Attributes:
        evidence: the same kind of check, on the wrong variant.
        wrong: what was changed, in words.
        of: the evidence that was changed, if it is known: its seeds are the control's too.
    """

    kind: ClassVar[str] = "control"
    asks: ClassVar[tuple[str, ...]] = ("evidence",)

    evidence: Evidence
    wrong: str = field(default="")
    of: Evidence | None = field(default=None, repr=False)

    def __init__(self, evidence: Evidence, wrong: str, of: Evidence | None = None) -> None:
        if not isinstance(evidence, Evidence) or isinstance(evidence, Control):
            raise TypeError(f"evidence={evidence!r:.60} of a control must be evidence")
        if not wrong.strip():
            raise ValueError("wrong must say what was changed")
        for name, value in (
            ("evidence", evidence),
            ("wrong", wrong),
            ("of", of),
            ("part", evidence.part),
            ("note", wrong),
            ("claim", None),
        ):
            object.__setattr__(self, name, value)

    @property
    def together(self) -> str:
        """As the evidence that was changed."""
        return (self.of or self.evidence).together

    @property
    def thorough(self) -> bool:
        """As the evidence that it turns."""
        return self.evidence.thorough

    def examine(self, context: Context) -> Finding:
        """Run the wrong variant; rejected iff it is refuted."""
        inner = self.evidence.run(context)
        figures = {"of": self.evidence.kind, "variant": inner.verdict.value, **inner.figures}
        if inner.verdict in (Verdict.NOT_RUN, Verdict.ERROR):
            return Finding(inner.verdict, figures, inner.detail)
        rejected = inner.verdict is Verdict.REFUTED
        verdict = Verdict.REJECTED if rejected else Verdict.NOT_REJECTED
        return Finding(verdict, figures, inner.detail)


def check_kind(item: Evidence) -> None:
    """Refuse evidence of a class from elsewhere that goes by the name of a kind of this package."""
    cls = type(item)
    kind = vars(cls).get("kind")
    if cls.__module__.split(".")[0] != __name__.split(".")[0] and (
        not isinstance(kind, str) or not kind.strip() or kind in KINDS
    ):
        raise ValueError(
            f"kind={item.kind!r:.60} of {cls.__name__} must be a text of its own, none of {KINDS}"
        )


def changing(evidence: E, changed: Mapping[str, Any]) -> E:
    """``evidence`` with keyword arguments of its functions, or settings, changed."""
    takes = {name: _keywords(f) for name in evidence.asks if callable(f := getattr(evidence, name))}
    settings = {f.name for f in fields(evidence) if f.init} - {"part", "note"}
    changes: dict[str, Any] = {}
    for key, value in changed.items():
        asked = [name for name, accepts in takes.items() if accepts(key)]
        if not asked and key not in settings:
            raise TypeError(
                f"{key}={value!r:.60} must be a keyword argument of the function that the "
                f"{evidence.kind} ({evidence.part}) asks"
            )
        for name in asked:
            function = changes.get(name, getattr(evidence, name))
            changes[name] = partial(function, **{key: value})
        if not asked:
            changes[key] = value
    return replace(evidence, **changes)


def _keywords(function: Callable[..., Any]) -> Callable[[str], bool]:
    """Tells which keyword arguments ``function`` takes."""
    parameters = signature(function).parameters.values()
    named = {p.name for p in parameters if p.kind in _NAMED}
    anything = any(p.kind is Parameter.VAR_KEYWORD for p in parameters)
    return lambda name: anything or name in named


_NAMED = (Parameter.POSITIONAL_OR_KEYWORD, Parameter.KEYWORD_ONLY)


def _short_text(failure: Exception) -> str:
    frames = traceback.extract_tb(failure.__traceback__)
    place = f" ({Path(frames[-1].filename).name}:{frames[-1].lineno})" if frames else ""
    return f"{type(failure).__name__}: {shortened(str(failure)) or 'no message'}{place}"


def shortened(message: str) -> str:
    """The first line of a message, and no more of it than a reader wants."""
    first = message.strip().splitlines()[0] if message.strip() else ""
    return first if len(first) <= LONGEST_MESSAGE else first[: LONGEST_MESSAGE - 4] + " ..."
