"""One vocabulary over Z3, cvc5 and exact fractions.

A statement is built by a function of an adapter ``smt``; the same function is run with
Z3's terms, with cvc5's terms and, to check a counterexample, with fractions.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from fractions import Fraction
from typing import Any, Protocol


class Smt(Protocol):
    """What a statement may use.  Terms take ``+ - * /``, integer powers and comparisons."""

    def Real(self, name: str) -> Any:
        """The real variable ``name``."""

    def number(self, value: int | str | Fraction) -> Any:
        """An exact constant: ``3``, ``"1/3"``, ``"0.1"``.

        Needed where two constants meet: ``1 / 3`` in Python is a float, and not one third.
        """

    def And(self, *terms: Any) -> Any:
        """All of ``terms``."""

    def Or(self, *terms: Any) -> Any:
        """At least one of ``terms``."""

    def Not(self, term: Any) -> Any:
        """The opposite of ``term``."""

    def Implies(self, if_: Any, then: Any) -> Any:
        """``then``, wherever ``if_`` holds."""

    def If(self, condition: Any, then: Any, otherwise: Any) -> Any:
        """``then`` where ``condition`` holds, else ``otherwise``."""


def exact_number(value: int | str | Fraction) -> Fraction:
    """An exact constant; most floats are none, 0.1 is not one tenth."""
    if isinstance(value, float) and Fraction(value).denominator > _EXACT_FLOATS:
        raise TypeError(f"number={value!r} must be an integer, a fraction or text, such as '0.1'")
    return Fraction(value)


class _Pythonic:
    """What Z3's and cvc5's Python interfaces have in common."""

    name: str

    def __init__(self, module: Any, solver: Any, context: Any) -> None:
        self.module = module
        self.solver = solver
        self.context = context
        self.variables: dict[str, Any] = {}
        #: What stood before each ``Implies``, and the whole of each.
        self.premises: list[Any] = []
        self.implications: list[Any] = []

    def Real(self, name: str) -> Any:
        return self.variables.setdefault(name, self.module.Real(name, self.context))

    def number(self, value: int | str | Fraction) -> Any:
        return self.module.RealVal(str(exact_number(value)), self.context)

    def _term(self, value: Any) -> Any:
        return self.module.BoolVal(value, self.context) if isinstance(value, bool) else value

    def And(self, *terms: Any) -> Any:
        return self.module.And(*map(self._term, terms))

    def Or(self, *terms: Any) -> Any:
        return self.module.Or(*map(self._term, terms))

    def Not(self, term: Any) -> Any:
        return self.module.Not(self._term(term))

    def Implies(self, if_: Any, then: Any) -> Any:
        self.premises.append(self._term(if_))
        self.implications.append(self.module.Implies(self.premises[-1], self._term(then)))
        return self.implications[-1]

    def If(self, condition: Any, then: Any, otherwise: Any) -> Any:
        return self.module.If(self._term(condition), then, otherwise)

    def state(self, build: Callable[[Any], tuple[Iterable[Any], Any]]) -> tuple[list[Any], Any]:
        """The assumptions and the conclusion that ``build`` makes of this vocabulary.

        Raises:
            TypeError: if Python decides what the solver has to, or a constant is a float.
        """
        assumptions, conclusion = build(self)
        if isinstance(conclusion, bool):
            raise TypeError(f"conclusion={conclusion} must be a term, not a truth value of Python")
        return list(assumptions), conclusion

    def check(self, *constraints: Any) -> str:
        """``"sat"``, ``"unsat"`` or ``"unknown"``, within the resource limit."""
        for constraint in constraints:
            self.solver.add(self._term(constraint))
        return str(self.solver.check())


class Z3(_Pythonic):
    """Z3's decision procedure for nonlinear real arithmetic, in a context of its own.

    A fresh context keeps what ran before in the same process from having an influence.
    """

    name = "z3"

    def __init__(self, limit: int) -> None:
        import z3

        context = z3.Context()
        solver = z3.SolverFor("QF_NRA", ctx=context)
        solver.set("rlimit", limit)
        super().__init__(z3, solver, context)

    def state(self, build: Callable[[Any], tuple[Iterable[Any], Any]]) -> tuple[list[Any], Any]:
        """As of all; meanwhile a term has no truth value and a float is no constant."""
        with _strict(self.module):
            return super().state(build)

    def value(self, name: str) -> Fraction | str:
        """The value of a variable in the model: exact, or a text if it is irrational."""
        term = self.solver.model().eval(self.variables[name], model_completion=True)
        if isinstance(term, self.module.RatNumRef):
            return Fraction(term.numerator_as_long(), term.denominator_as_long())
        return str(term)

    def implied_in(self, term: Any) -> list[tuple[int, ...]]:
        """Which ``Implies`` stand in a term, each with those that it stands in.

        The premises of each have to hold together somewhere.
        """
        inside = [_parts(whole.children()[1]) for whole in self.implications]
        found = []
        for k, whole in enumerate(self.implications):
            if whole.get_id() in _parts(term):
                around = [j for j, held in enumerate(inside) if whole.get_id() in held]
                found.append((k, *around))
        return found

    def text(self) -> str:
        """The problem in SMT-LIB 2."""
        return f"(set-logic QF_NRA)\n{self.solver.to_smt2()}"


def _parts(term: Any) -> set[int]:
    """The numbers of a term and of all that stand in it."""
    seen, left = set[int](), [term]
    while left:
        inner = left.pop()
        if inner.get_id() not in seen:
            seen.add(inner.get_id())
            left += inner.children()
    return seen


#: A float is taken for the number that was meant if its denominator is below this.
_EXACT_FLOATS = 2**20


@contextmanager
def _strict(z3: Any) -> Iterator[None]:
    """Let Z3 refuse what ``and``, ``not``, ``in`` and ``1 / 3`` would silently make of a term."""
    plain = z3.z3.RealVal

    def exact(value: Any, context: Any = None) -> Any:
        if isinstance(value, float) and Fraction(value).denominator > _EXACT_FLOATS:
            raise TypeError(f"{value!r} must be exact: smt.number('1/3')")
        return plain(value, context)

    def undecided(term: Any) -> bool:
        raise TypeError(f"{term!s:.60} has no truth value: use smt.And, Or, Not, Implies, If")

    truth = z3.AstRef.__bool__
    z3.z3.RealVal, z3.AstRef.__bool__ = exact, undecided
    try:
        yield
    finally:
        z3.z3.RealVal, z3.AstRef.__bool__ = plain, truth


class CVC5(_Pythonic):
    """cvc5's decision procedure (cylindrical algebraic coverings)."""

    name = "cvc5"

    def __init__(self, limit: int) -> None:
        import cvc5.pythonic

        context = cvc5.pythonic.Context()
        solver = cvc5.pythonic.SolverFor("QF_NRA", ctx=context)
        for option, value in (
            ("nl-cov", "true"),
            ("produce-models", "true"),
            ("rlimit-per", str(limit)),
        ):
            solver.setOption(option, value)
        _teach_inverse_powers(cvc5.pythonic.ArithRef)
        super().__init__(cvc5.pythonic, solver, context)

    def value(self, name: str) -> Fraction | str:
        """The value of a variable in the model: exact, or a text if it is irrational."""
        term = self.solver.model()[self.variables[name]]
        if isinstance(term, self.module.RatNumRef):
            return Fraction(term.as_fraction())
        return str(term)


def _teach_inverse_powers(arithmetic: Any) -> None:
    """Let ``t**-2`` of cvc5's terms be ``1 / t**2``, as Z3 has it; cvc5 refuses it otherwise."""
    power = arithmetic.__pow__
    if hasattr(power, "of_kdverify"):
        return

    def either_way(term: Any, exponent: Any) -> Any:
        if isinstance(exponent, int) and exponent < 0:
            return 1 / power(term, -exponent)
        return power(term, exponent)

    either_way.of_kdverify = True  # type: ignore[attr-defined]  # a mark on a function
    arithmetic.__pow__ = either_way


@dataclass(frozen=True)
class Exact:
    """The same vocabulary on fractions: evaluates a statement at one point."""

    values: Mapping[str, Fraction]
    premises: list[bool] = field(default_factory=list, init=False, compare=False)

    def Real(self, name: str) -> Fraction:
        """The value of the variable at this point."""
        if name not in self.values:
            raise ValueError(f"the point gives no value for {name}")
        return self.values[name]

    def number(self, value: int | str | Fraction) -> Fraction:
        """An exact constant."""
        return exact_number(value)

    def And(self, *terms: bool) -> bool:
        """All of ``terms``."""
        return all(terms)

    def Or(self, *terms: bool) -> bool:
        """At least one of ``terms``."""
        return any(terms)

    def Not(self, term: bool) -> bool:
        """The opposite of ``term``."""
        return not term

    def Implies(self, if_: bool, then: bool) -> bool:
        """``then``, wherever ``if_`` holds."""
        self.premises.append(bool(if_))
        return then or not if_

    def If(self, condition: bool, then: Any, otherwise: Any) -> Any:
        """``then`` where ``condition`` holds, else ``otherwise``."""
        return then if condition else otherwise
