"""Statements about all admissible real values, by decision procedures.

Z3 and then cvc5 are asked for a counterexample.  Only if both say that there is none is
the statement proved; a counterexample with rational values is checked again with exact
fractions before it refutes; one with irrational values counts if both solvers find one.  A
solver that runs out of resources, or of time, ends the search: undecided.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from fractions import Fraction
from typing import Any, ClassVar

from kdverify.evidence.base import Control, Evidence
from kdverify.evidence.ceiling import OutOfTime, killing
from kdverify.evidence.outcome import Context, Figures, Finding, Verdict
from kdverify.evidence.smt import CVC5, Z3, Exact, Smt

Statement = tuple[Iterable[Any], Any]
#: Values of the variables: exact, or a text if they are irrational.
Model = Mapping[str, Fraction | str]


#: Places of the ``Implies`` whose premises are meant, in the order in which they are built.
Premises = tuple[int, ...]


@dataclass(frozen=True, eq=False)
class Forall(Evidence):
    """Does the conclusion hold wherever the assumptions hold?

    A division by zero is no value at all to the reader, but an arbitrary one to the
    solvers: state in the assumptions that denominators are not zero.

    Attributes:
        build: function of an adapter ``smt`` (see `Smt`) that returns the pair of the
            assumptions (a list) and the conclusion (one term).
        witness: values ``{name: "1/2"}`` that satisfy the assumptions, checked exactly.
            Without it the solvers look for one: a statement about nothing is undecided.
    """

    kind: ClassVar[str] = "forall"
    asks: ClassVar[tuple[str, ...]] = ("build",)

    build: Callable[[Smt], Statement]
    witness: Mapping[str, int | str | Fraction] | None = field(default=None, kw_only=True)

    def but(self, wrong: str, /, **changed: Any) -> Control:
        """As of all evidence; the witness, which the wrong variant may refuse, is not kept."""
        return super().but(wrong, **{"witness": None} | changed)

    def examine(self, context: Context) -> Finding:
        """A counterexample from each solver; if there is none, does it speak of anything?"""
        answers: Figures = {}
        for solver in _solvers(context):
            assumptions, conclusion = solver.state(self.build)
            answer, model = _ask(solver, [*assumptions, solver.Not(conclusion)], context)
            answers[solver.name] = answer
            if answer == "sat":
                judged = self._judge(model, answers)
                if judged is not None:
                    return judged
            elif answer == "unsat":
                if "sat" in answers.values():
                    return Finding(Verdict.UNDECIDED, answers, "the solvers contradict each other")
            elif answer == "unknown":
                return Finding(Verdict.UNDECIDED, answers, f"{solver.name} is out of resources")
            else:
                return Finding(Verdict.UNDECIDED, answers, f"{solver.name}: {answer}")
        if "sat" in answers.values():
            return Finding(Verdict.REFUTED, answers, "counterexamples with irrational values")
        vacuous = self.vacuous(context)
        return Finding(Verdict.UNDECIDED if vacuous else Verdict.PROVED, answers, vacuous)

    def smtlib(self) -> str:
        """The search for a counterexample in SMT-LIB 2: the statement holds iff unsat."""
        solver = Z3(limit=1)
        assumptions, conclusion = solver.state(self.build)
        for constraint in (*assumptions, solver.Not(conclusion)):
            solver.solver.add(constraint)
        return solver.text()

    def holds_at(self, values: Mapping[str, Fraction]) -> tuple[bool, bool]:
        """Whether the assumptions and the conclusion hold at one point, exactly."""
        assumptions, conclusion = self.build(Exact(values))
        return all(assumptions), bool(conclusion)

    def vacuous(self, context: Context) -> str:
        """Why it says nothing: the assumptions never hold, or the premise of what is concluded."""
        named = Z3(limit=1)
        _, conclusion = named.state(self.build)
        asked: list[Premises] = [(), *named.implied_in(conclusion)]
        if self.witness is not None:
            values = {name: Fraction(value) for name, value in self.witness.items()}
            if foreign := sorted(values.keys() - named.variables.keys()):
                named_there = f"witness={{{foreign[0]!r}: ...}}"
                raise ValueError(f"{named_there} must name variables of the statement")
            if not self._reached(values, ()):
                raise ValueError(f"witness={dict(self.witness)!r} must satisfy the assumptions")
            asked = [place for place in asked[1:] if not self._reached(values, place)]
        return next(filter(None, (self._never(place, context) for place in asked)), "")

    def _never(self, place: Premises, context: Context) -> str:
        """Why no values are known for the assumptions, with the premises of one ``Implies``."""
        answers: list[str] = []
        model: Model = {}
        for solver in _solvers(context):
            constraints = solver.state(self.build)[0]
            constraints += [solver.premises[k] for k in place]
            answer, model = _ask(solver, constraints, context)
            answers.append(answer)
            if answer == "sat" and self._premises_at(model, place):
                return ""
        if answers == ["sat", "sat"] and len(_rational(model)) < len(model):
            return ""
        where = ": what stands before an Implies never holds" if place else ""
        if "unsat" in answers:
            return f"vacuous{where}"
        return f"vacuous? no values were found; give a witness{where}"

    def _reached(self, values: Mapping[str, Fraction], place: Premises) -> bool:
        """Whether the assumptions hold at a point, and the premises of one ``Implies``."""
        at = Exact(values)
        assumptions = self.build(at)[0]
        return all(assumptions) and all(at.premises[k] for k in place)

    def _premises_at(self, model: Model, place: Premises) -> bool:
        """The same, exactly, at a model of rational values."""
        values = _rational(model)
        try:
            return len(values) == len(model) and self._reached(values, place)
        except ZeroDivisionError:
            return False

    def _judge(self, model: Model, answers: Figures) -> Finding | None:
        """What a counterexample says, checked; None if the other solver has to find one too.

        Irrational values are not checked: that takes two solvers.
        """
        exact = _rational(model)
        if len(exact) < len(model):
            answers |= {name: str(value) for name, value in model.items()}
            if "unsat" in answers.values():
                return Finding(Verdict.UNDECIDED, answers, "the solvers contradict each other")
            return None
        answers = answers | {name: str(value) for name, value in model.items()}
        try:
            premises, conclusion = self.holds_at(exact)
        except ZeroDivisionError:
            return Finding(
                Verdict.UNDECIDED,
                answers,
                "the solver divides by zero: assume that the denominators are not zero",
            )
        if premises and not conclusion:
            return Finding(Verdict.REFUTED, answers, "counterexample, checked with exact fractions")
        return Finding(Verdict.UNDECIDED, answers, "the solver's counterexample is none")


def _rational(model: Model) -> dict[str, Fraction]:
    return {name: value for name, value in model.items() if isinstance(value, Fraction)}


def _ask(solver: Z3 | CVC5, constraints: list[Any], context: Context) -> tuple[str, Model]:
    """``"sat"`` with its values, ``"unsat"``, ``"unknown"``, or why the solver was ended."""

    def work() -> tuple[str, Model]:
        answer = solver.check(*constraints)
        names = sorted(solver.variables) if answer == "sat" else []
        return answer, {name: solver.value(name) for name in names}

    try:
        return killing(context.level.seconds, work)
    except OutOfTime as out:
        return str(out), {}


def _solvers(context: Context) -> Iterable[Z3 | CVC5]:
    """Fresh solvers, one after the other: the second is built only if it is asked for."""
    yield Z3(context.level.z3_limit)
    yield CVC5(context.level.cvc5_limit)
