"""Looks at what SymPy answers while a claim's function runs.

A claim may ask SymPy for an integral, a limit, a sum, a solution or a simpler form before any
evidence sees the expression.  Inside `watching`, each of these answers is written down with
its question, and `Answers.look` checks it by values: of the integral by quadrature, of the
limit along points, of a solution in its equation, of a simpler form against the first one.

Only what the claim asks is written down, not what SymPy asks itself on the way.
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import cache, lru_cache, wraps
from types import CodeType, FunctionType
from typing import Any

from kdverify.evidence.look.compare import Look, compare, flatten
from kdverify.evidence.look.program import Unknown

#: How many points of each answer are looked at.
ANSWER_POINTS = 2

#: Methods that evaluate what was written down unevaluated.
_EVALUATING = ("Integral", "Limit", "Sum", "Product", "Derivative")
#: Functions that return an equal expression.
_REWRITING = (
    *("simplify", "powsimp", "powdenest", "expand_power_base", "expand_log", "logcombine"),
    *("trigsimp", "expand_trig", "gammasimp", "combsimp", "hyperexpand", "radsimp", "ratsimp"),
    *("nsimplify", "refine", "factor", "cancel", "together", "apart", "sqrtdenest", "expand_func"),
)
_SOLVING = ("solve", "solveset", "roots")
#: Differentiation is an answer too.
_DIFFERENTIATING = ("diff",)
#: Functions whose answers nothing here can check: what uses them is undecided.
_UNSEEN = (
    *("laplace_transform", "inverse_laplace_transform", "mellin_transform", "residue", "series"),
    *("inverse_mellin_transform", "fourier_transform", "inverse_fourier_transform", "dsolve"),
    *("rsolve", "linsolve", "nonlinsolve", "nsolve", "minimal_polynomial", "limit_seq"),
)


@dataclass(frozen=True)
class Answer:
    """What was asked of SymPy, as an expression, and what it answered."""

    asked: str
    question: Any
    answer: Any


@dataclass
class Answers:
    """What SymPy was asked inside one `watching`, in order and without repetition.

    With ``raw`` the questions themselves are given back in the place of the answers,
    wherever they are expressions.
    """

    raw: bool = False
    found: list[Answer] = field(default_factory=list)

    def look(self, given: Iterable[Mapping[Any, Any]] | None) -> tuple[Answer, Look] | None:
        """The first answer that values contradict, or else do not confirm; None if all are."""
        given = None if given is None else [dict(point) for point in given]
        unconfirmed = None
        for answer in self.found:
            seen = _look(answer, given)
            if seen.equal is False:
                return answer, seen
            if seen.equal is None and unconfirmed is None:
                unconfirmed = answer, seen
        return unconfirmed


def _look(answer: Answer, given: Iterable[Mapping[Any, Any]] | None) -> Look:
    worst = Look(True)
    places = None if given is None else tuple(map(_Place, given))
    if answer.asked in _UNSEEN:
        return Look(None, reason="it is not looked at")
    try:
        for left, right in _equations(answer):
            seen = _compared(left, right, places)
            if seen.equal is False:
                return seen
            worst = seen if seen.equal is None else worst
    except Unknown as unknown:
        return Look(None, reason=str(unknown))
    return worst


class _Place(dict[Any, Any]):
    """A point that can be told from another one."""

    def __hash__(self) -> int:  # type: ignore[override]
        return hash(frozenset(self.items()))


@lru_cache(maxsize=1000)
def _compared(left: Any, right: Any, given: tuple[_Place, ...] | None) -> Look:
    """Remembered, since a claim's evidence and controls ask for the same answers."""
    return compare(left, right, given, at_most=ANSWER_POINTS)


def _equations(answer: Answer) -> Iterator[tuple[Any, Any]]:
    """Pairs of expressions that are equal if the answer is right."""
    question, given = answer.question, answer.answer
    if answer.asked in _SOLVING:
        equation, unknowns = question
        for solution in _solutions(given, unknowns):
            for part in equation:
                yield part.subs(solution), 0 * part
        return
    if answer.asked == "Integral" and any(len(limits) == 1 for limits in question.limits):
        variable = question.limits[0][0]
        if len(question.limits) == 1:
            yield given.diff(variable), question.function
            return
    yield from zip(flatten(question), flatten(given), strict=True)


def _solutions(given: Any, unknowns: tuple[Any, ...]) -> Iterator[dict[Any, Any]]:
    """The solutions, each as values of the unknowns; `Unknown` for a set that is not finite."""
    import sympy

    if isinstance(given, Mapping) and all(u in given for u in unknowns):
        yield dict(given)
        return
    if not isinstance(given, list | tuple | set | Mapping | sympy.FiniteSet):
        raise Unknown(f"solutions that are no list: {given!r:.60}")
    for solution in given:
        if isinstance(solution, Mapping):
            yield dict(solution)
        elif isinstance(solution, tuple | sympy.Tuple):
            yield dict(zip(unknowns, solution, strict=True))
        else:
            yield {unknowns[0]: solution}


class _Watch:
    """Whose answers are written down now, if anybody's."""

    answers: Answers | None = None
    inside = False


@contextmanager
def watching(raw: bool = False) -> Iterator[Answers]:
    """Write down what is asked of SymPy inside; ``raw``: do not even use its answers."""
    before, _Watch.answers = _Watch.answers, Answers(raw)
    inside, _Watch.inside = _Watch.inside, True
    replacements = [] if inside else _replacements()
    try:
        for owner, name, _, value in replacements:
            setattr(owner, name, value)
        yield _Watch.answers
    finally:
        _Watch.answers, _Watch.inside = before, inside
        for owner, name, value, _ in replacements:
            setattr(owner, name, value)


@contextmanager
def unwatched() -> Iterator[None]:
    """Inside, nothing is written down: the evidence itself asks."""
    before, _Watch.answers = _Watch.answers, None
    try:
        yield
    finally:
        _Watch.answers = before


@cache
def _replacements() -> list[tuple[Any, str, Any, Any]]:
    """Where a claim gets at SymPy's answers: owner, name, what stands there, what takes its place.

    A function is given other code, so that it is watched under whatever name it is called.
    """
    import sympy

    found: list[tuple[Any, str, Any, Any]] = []
    for class_name in _EVALUATING:
        owner = getattr(sympy, class_name)
        found.append((owner, "doit", owner.doit, _watched_method(class_name, owner.doit)))
    for owner in (sympy.Basic, sympy.Expr):
        for name in (*_REWRITING, *_DIFFERENTIATING, *_UNSEEN):
            if method := vars(owner).get(name):
                found.append((owner, name, method, _watched(name, method, 2)))
    for name in (*_REWRITING, *_DIFFERENTIATING, *_SOLVING, *_UNSEEN):
        function: FunctionType = getattr(sympy, name)
        code = function.__code__
        same = FunctionType(
            code, function.__globals__, name, function.__defaults__, function.__closure__
        )
        same.__kwdefaults__ = function.__kwdefaults__
        found.append((function, "__code__", code, _leading_to(_watched(name, same, 3), code)))
    return found


def _leading_to(function: Any, before: CodeType) -> CodeType:
    """Code that calls ``function``, for one that had the code ``before``."""

    def leading(*arguments: Any, **options: Any) -> Any:
        called: Any = "function"
        return called(*arguments, **options)

    code = leading.__code__
    constants = tuple(function if c == "function" else c for c in code.co_consts)
    return code.replace(co_consts=constants, co_freevars=before.co_freevars)


def _from_sympy(frames: int) -> bool:
    """Whether the watched function was called by SymPy itself, so many frames above it."""
    name = str(sys._getframe(frames).f_globals.get("__name__", ""))
    return name.startswith("sympy.")


def _watched_method(name: str, original: Callable[..., Any]) -> Any:
    @wraps(original)
    def doit(self: Any, **hints: Any) -> Any:
        return _ask(name, lambda: self, lambda: original(self, **hints))

    return doit


def _watched(name: str, original: Callable[..., Any], frames: int) -> Any:
    @wraps(original)
    def function(expression: Any, *arguments: Any, **options: Any) -> Any:
        def compute() -> Any:
            return original(expression, *arguments, **options)

        if _from_sympy(frames):
            return compute()
        return _ask(name, lambda: _question(name, expression, arguments), compute)

    return function


def _question(name: str, expression: Any, arguments: tuple[Any, ...]) -> Any:
    """The question as an expression: what the answer has to be equal to.

    None where there is none, for instance of a polynomial.
    """
    import sympy

    if name in _SOLVING:
        listed = expression if isinstance(expression, list | tuple) else [expression]
        sides = [e.lhs - e.rhs if isinstance(e, sympy.Eq) else sympy.sympify(e) for e in listed]
        unknowns = arguments[0] if arguments else sorted(sides[0].free_symbols, key=str)
        return sides, tuple(unknowns) if isinstance(unknowns, list | tuple) else (unknowns,)
    if isinstance(expression, int | float | complex):
        expression = sympy.sympify(expression)
    if name in _UNSEEN:
        return str(expression)
    if not isinstance(expression, sympy.Expr | sympy.MatrixBase):
        return None
    if name in _DIFFERENTIATING:
        if isinstance(expression, sympy.MatrixBase):
            return None
        return sympy.Derivative(expression, *arguments, evaluate=False)
    return expression


def _ask(name: str, question: Callable[[], Any], compute: Callable[[], Any]) -> Any:
    answers = _Watch.answers
    if answers is None:
        return compute()
    with unwatched():
        asked = question()
        if answers.raw and name in _UNSEEN:
            raise Unknown(f"{name} has no question to take the place of its answer")
        if answers.raw and asked is not None and name not in _SOLVING:
            return asked
        answer = compute()
    if asked is None or (name not in (*_SOLVING, *_UNSEEN) and answer == asked):
        return answer
    if not any(entry.asked == name and entry.question == asked for entry in answers.found):
        answers.found.append(Answer(name, asked, answer))
    return answer
