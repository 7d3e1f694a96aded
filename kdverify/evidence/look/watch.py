"""Looks at what SymPy answers while a claim's function runs.

A claim may ask SymPy for an integral, a limit, a sum, a solution or a simpler form before any
evidence sees the expression.  Inside `watching`, each of these answers is written down with
its question, and `Answers.look` checks it by values: of the integral by quadrature, of the
limit along points, of a solution in its equation, of a simpler form against the first one.

Only what the claim asks is written down, not what SymPy asks itself on the way.
"""

from __future__ import annotations

import itertools
import sys
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import cache, lru_cache, wraps
from importlib import import_module
from types import CodeType, FunctionType
from typing import Any

from kdverify.evidence.look.compare import Look, compare, in_time
from kdverify.evidence.look.program import Unknown
from kdverify.evidence.look.questions import (
    ASKING,
    DIFFERENTIATING,
    MATRICES,
    ROOTS,
    SOLVING,
    UNSEEN,
    Answer,
    equations,
    question,
)

#: How many points of each answer are looked at.
ANSWER_POINTS = 2

#: Methods that evaluate what was written down unevaluated.
_EVALUATING = ("Integral", "Limit", "Sum", "Product", "Derivative")
#: Functions that return an equal expression.
_REWRITING = (
    *("simplify", "powsimp", "powdenest", "expand_power_base", "expand_log", "logcombine"),
    *("trigsimp", "expand_trig", "gammasimp", "combsimp", "hyperexpand", "radsimp", "ratsimp"),
    *("nsimplify", "refine", "factor", "cancel", "together", "apart", "sqrtdenest", "expand_func"),
    *("expand", "separatevars", "inversecombine", "collect", "signsimp"),
)
#: Functions whose answers are no expression that could take the place of the question.
_ASKING = (*SOLVING, *ASKING, *MATRICES, *UNSEEN)


@dataclass
class Answers:
    """What SymPy was asked inside one `watching`, in order and without repetition.

    With ``raw`` the questions themselves are given back in the place of the answers,
    wherever they are expressions.
    """

    raw: bool = False
    found: list[Answer] = field(default_factory=list)

    def look(
        self, given: Iterable[Mapping[Any, Any]] | None, seconds: float = 30.0
    ) -> tuple[Answer, Look] | None:
        """The first answer that values contradict, or else do not confirm; None if all are.

        Each look gets so many seconds of processor time.
        """
        given = None if given is None else [dict(point) for point in given]
        unconfirmed = None
        for answer in self.found:
            seen = in_time(seconds, _look, answer, given)
            if seen.equal is False:
                return answer, seen
            if seen.equal is None and unconfirmed is None:
                unconfirmed = answer, seen
        return unconfirmed


def _look(answer: Answer, given: Iterable[Mapping[Any, Any]] | None) -> Look:
    worst = Look(True)
    places = None if given is None else tuple(map(_Place, given))
    try:
        for left, right in equations(answer):
            seen = _compared(left, right, places)
            if seen.equal is False:
                return seen
            worst = seen if seen.equal is None else worst
    except Unknown as unknown:
        return Look(None, reason=str(unknown))
    return worst


class _Place(dict[Any, Any]):
    """A point that can be told from another one."""

    def __hash__(self) -> int:  # type: ignore[override]  # a dict has none
        return hash(frozenset(self.items()))


@lru_cache(maxsize=1000)
def _compared(left: Any, right: Any, given: tuple[_Place, ...] | None) -> Look:
    """Remembered, since a claim's evidence and controls ask for the same answers."""
    return compare(left, right, given, at_most=ANSWER_POINTS)


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


def check_named(
    name: str, given: Iterable[Mapping[Any, Any]] | None, *stated: Any, but: Any = None
) -> None:
    """Refuse points that name what neither the statement nor a question to SymPy holds."""
    asked = [answer.question for answer in (_Watch.answers.found if _Watch.answers else [])]
    symbols = _symbols_of([*asked, *stated]) - {but}
    for foreign in {symbol for point in given or () for symbol in point} - symbols:
        raise ValueError(f"{name}={{{foreign}: ...}} must name symbols of the statement")


def _symbols_of(asked: Any) -> set[Any]:
    """The free symbols of an expression, or of all that lists and mappings of them hold."""
    if isinstance(asked, Mapping):
        return _symbols_of([*asked, *asked.values()])
    if isinstance(asked, list | tuple | set):
        return set().union(*map(_symbols_of, asked))
    return set(getattr(asked, "free_symbols", ()))


@cache
def _replacements() -> list[tuple[Any, str, Any, Any]]:
    """Where a claim gets at SymPy's answers: owner, name, what stands there, what takes its place.

    A function is given other code, so that it is watched under whatever name it is called.
    """
    import sympy

    simplifying = import_module("sympy.simplify.simplify")  # the package has a function of its name
    found: list[tuple[Any, str, Any, Any]] = []
    for class_name in _EVALUATING:
        owner = getattr(sympy, class_name)
        found.append((owner, "doit", owner.doit, _watched_method(class_name, owner.doit)))
    for owner in (sympy.Basic, sympy.Expr):
        for name in (*_REWRITING, *DIFFERENTIATING, *ASKING, *UNSEEN):
            if method := vars(owner).get(name):
                found.append((owner, name, method, _watched(name, method, 2)))
    for owner, name in itertools.product((sympy.MatrixBase, sympy.Poly), (*MATRICES, *UNSEEN)):
        if method := vars(owner).get(name):
            found.append((owner, name, method, _watched(name, method, 2)))
    for owner, name in _writing():
        found.append((owner, name, vars(owner)[name], _written(owner, name)))
    for name in (*_REWRITING, *DIFFERENTIATING, *SOLVING, *ASKING, *UNSEEN, *ROOTS):
        function = vars(sympy).get(name) or vars(simplifying).get(name)
        if function is None:
            continue
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
        return _ask(name, lambda: question(name, expression, arguments, options), compute)

    return function


def _writing() -> Iterator[tuple[Any, str]]:
    """Where SymPy evaluates what a claim writes down: functions, and powers that are not whole."""
    import sympy
    from sympy.core.function import DefinedFunction

    yield from ((DefinedFunction, "__new__"), (sympy.Heaviside, "__new__"))
    yield from ((sympy.Expr, "__pow__"), (sympy.Pow, "__new__"))


def _written(owner: Any, name: str) -> Any:
    """What takes the place of a constructor: its value is an answer if SymPy made another of it."""
    original = vars(owner)[name]
    function = original.__func__ if isinstance(original, staticmethod) else original

    @wraps(function)
    def write(first: Any, *arguments: Any, **options: Any) -> Any:
        if _Watch.answers is None or _from_sympy(2) or not options.get("evaluate", True):
            return function(first, *arguments, **options)
        return _evaluated(first, arguments, lambda: function(first, *arguments, **options))

    return staticmethod(write) if name == "__new__" else write


def _evaluated(first: Any, arguments: tuple[Any, ...], compute: Callable[[], Any]) -> Any:
    import sympy

    power = isinstance(first, sympy.Expr)
    kind, given = (sympy.Pow, (first, *arguments)) if power else (first, arguments)
    if kind is sympy.Pow and getattr(sympy.sympify(given[1]), "is_Integer", False):
        return compute()
    with unwatched():
        value = compute()
        taken = tuple(map(sympy.sympify, given))
        same = isinstance(value, kind) and value.args == taken
        if same or not all(isinstance(each, sympy.Expr) for each in (value, *taken)):
            return value
        asked = kind(*given, evaluate=False)
    return _ask(kind.__name__, lambda: asked, lambda: value)


def _ask(name: str, put: Callable[[], Any], compute: Callable[[], Any]) -> Any:
    answers = _Watch.answers
    if answers is None:
        return compute()
    with unwatched():
        asked = put()
        if answers.raw and name in _ASKING and name not in SOLVING:
            raise Unknown(f"{name} has no question to take the place of its answer")
        if answers.raw and asked is not None and name not in SOLVING:
            return asked
        answer = compute()
    if asked is None or (name not in _ASKING and answer == asked):
        return answer
    if not any(entry.asked == name and entry.question == asked for entry in answers.found):
        answers.found.append(Answer(name, asked, answer))
    return answer
