"""A forall whose proof, or counterexample, Coq's kernel has checked."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from fractions import Fraction
from typing import ClassVar, cast

from kdverify.evidence.base import Evidence
from kdverify.evidence.forall import Forall
from kdverify.evidence.kernel import coqc, hints, statements
from kdverify.evidence.kernel.coqc import Checked
from kdverify.evidence.kernel.statements import Theorem
from kdverify.evidence.kernel.vocabulary import Built, Coq, for_all, values
from kdverify.evidence.outcome import Context, Figures, Finding, Verdict
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
    there, else that it holds.  Nothing of the search is believed.  The full level asks; at the
    quick one the two solvers of the `Forall` have to do.

    Division by zero has a value in Coq, as in SMT: assume that denominators are not zero.

    Attributes:
        build: as of a `Forall`.
        scripts: tactics by hand, tried before what the search finds.
        witness: as of a `Forall`: a statement about nothing is undecided here too.
    """

    kind: ClassVar[str] = "kernel"
    asks: ClassVar[tuple[str, ...]] = ("build",)
    typical_seconds: ClassVar[float] = 20.0

    build: Callable[[Smt], Built]
    scripts: Sequence[str] = field(default=(), kw_only=True)
    witness: Mapping[str, int | str | Fraction] | None = field(default=None, kw_only=True)

    @classmethod
    def of(cls, forall: Forall, scripts: Sequence[str] = ()) -> KernelForall:
        """The counterpart of a `Forall`."""
        return cls(
            forall.part, forall.build, note=forall.note, scripts=scripts, witness=forall.witness
        )

    @property
    def together(self) -> str:
        """All of a run are asked together."""
        return "foralls"

    @property
    def thorough(self) -> bool:
        """The `Forall` has been asked already."""
        return True

    @classmethod
    def prepare(cls, items: Sequence[Evidence], context: Context) -> None:
        """Ask the kernel about all of ``items`` at once; `examine` then finds its answer."""
        theorems = []
        for item in items:
            with suppress(Exception):  # `examine` will say so
                theorems.append(cast(KernelForall, item).theorem()[0])
        _answers.update(statements.check(theorems, context.cached))

    def examine(self, context: Context) -> Finding:
        """Search, then let the kernel decide."""
        coqc.version()
        theorem, point = self.theorem()
        if theorem not in _answers:
            _answers.update(statements.check([theorem], context.cached))
        verdict = Verdict.REFUTED if point else Verdict.PROVED
        at: Figures = {name: str(value) for name, value in point.items()}
        stated = Forall(self.part, self.build, witness=self.witness)
        if not point and (nothing := stated.vacuous(context)):
            return Finding(Verdict.UNDECIDED, at, nothing)
        return coqc.finding(_answers[theorem], verdict, at)

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
        return Theorem(statement, _tried([*self.scripts, *_searched(built)])), {}

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


def _searched(built: Built) -> list[str]:
    """The script with hints, if the search finds one."""
    try:
        return [hints.script(built)]
    except ValueError:
        return []


def _tried(scripts: Iterable[str]) -> str:
    """The general tactic, then each of the others."""
    return f"first [ {' | '.join(f'solve [ {s} ]' for s in ('auto_real', *scripts))} ]."
