"""The sixth kind of evidence: a proof that Coq's kernel has checked."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from fractions import Fraction
from typing import Any, ClassVar

from kdverify.evidence.forall import Forall
from kdverify.evidence.kernel import coqc, hints, statements
from kdverify.evidence.kernel.coqc import Checked
from kdverify.evidence.kernel.statements import Theorem
from kdverify.evidence.kernel.vocabulary import Built, Coq, for_all, values
from kdverify.evidence.outcome import Context, Evidence, Figures, Finding, Verdict
from kdverify.evidence.smt import Z3, Exact, Smt

#: Z3's resource units in the search for a counterexample, whatever the level.
_LIMIT = 1_000_000
#: What the kernel said in this process: `KernelForall.prepare` asks about many at once.
_answers: dict[Theorem, Checked] = {}


@dataclass(frozen=True, eq=False)
class KernelForall(Evidence):
    """Does the conclusion hold wherever the assumptions hold?  Coq's kernel checks the proof.

    The same function ``build`` as of a `Forall` prints the statement.  If Z3 finds a
    counterexample with rational values the kernel is asked to prove that the statement fails
    there, else that it holds.  Nothing of the search is believed.

    Division by zero has a value in Coq, as in SMT: assume that denominators are not zero.

    Attributes:
        build: as of a `Forall`.
        script: a tactic that proves the statement, where the search does not find one.
    """

    kind: ClassVar[str] = "kernel"
    typical_seconds: ClassVar[float] = 20.0

    build: Callable[[Smt], Built] = field(kw_only=True)
    script: str = field(default="", kw_only=True)

    @classmethod
    def of(cls, forall: Forall, script: str = "") -> KernelForall:
        """The counterpart of a `Forall`."""
        note = f"{forall.note}; " if forall.note else ""
        return cls(forall.part, note=f"{note}as the forall", build=forall.build, script=script)

    @classmethod
    def prepare(cls, items: Sequence[KernelForall], context: Context) -> None:
        """Ask the kernel about all of ``items`` at once; `examine` then finds its answer."""
        theorems = [item.theorem()[0] for item in items]
        _answers.update(statements.check(theorems, context.cached))

    def examine(self, context: Context) -> Finding:
        """Search, then let the kernel decide."""
        coqc.version()
        theorem, point = self.theorem()
        if theorem not in _answers:
            _answers.update(statements.check([theorem], context.cached))
        verdict = Verdict.REFUTED if point else Verdict.PROVED
        return finding(_answers[theorem], verdict, {name: str(v) for name, v in point.items()})

    def theorem(self) -> tuple[Theorem, Mapping[str, Fraction]]:
        """What the kernel is asked, and the counterexample, if there is one."""
        coq = Coq()
        assumptions, conclusion = self.build(coq)
        built = list(assumptions), conclusion
        statement = for_all(coq, built)
        point = self._counterexample()
        if point:
            refutation = f"intro H. specialize (H {values(coq, point)}). refute H."
            return Theorem(f"~ ({statement})", refutation), point
        return Theorem(statement, self.script or _searched(built)), {}

    def _counterexample(self) -> Mapping[str, Fraction]:
        """Rational values at which the statement fails, if Z3 finds some."""
        solver = Z3(_LIMIT)
        assumptions, conclusion = self.build(solver)
        if solver.check(*assumptions, solver.Not(conclusion)) != "sat":
            return {}
        model = {name: solver.value(name) for name in sorted(solver.variables)}
        exact = {name: value for name, value in model.items() if isinstance(value, Fraction)}
        return exact if len(exact) == len(model) and self._fails_at(exact) else {}

    def _fails_at(self, point: Mapping[str, Fraction]) -> bool:
        try:
            assumptions, conclusion = self.build(Exact(point))
            return all(assumptions) and not conclusion
        except ZeroDivisionError:
            return False


def _searched(built: Built) -> str:
    """The general tactic, and behind it a script with hints if the search finds one."""
    try:
        return f"first [ solve [ auto_real ] | solve [ {hints.script(built)} ] ]."
    except ValueError:
        return "auto_real."


def finding(answer: Checked, verdict: Verdict, figures: Figures) -> Finding:
    """The verdict if the kernel accepted, with what it rests on; else undecided."""
    figures = {
        "coq": coqc.version(),
        "axioms": ", ".join(answer.axioms) or "none",
        **figures,
    }
    return Finding(verdict if answer.accepted else Verdict.UNDECIDED, figures, answer.message)
