"""Every formula of `kdverify.formulas` as a definition of Coq, by running it on terms.

A theorem names a formula as Python does: ``f.gain zeta learnt omega (1 - omega)``.  A formula
that takes ``total`` sums over modes: its Coq counterpart takes the number ``p`` of modes first
and a function of the mode for every argument that holds one entry per mode.  Of a formula with
a mask the second argument ``M`` says which modes are kept.  A pair becomes two definitions,
``_1`` and ``_2``.
"""

from __future__ import annotations

import inspect
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import cache
from typing import Any

from kdverify import formulas
from kdverify.evidence.kernel.terms import APPLIED, ATOM, Term, identifier, number
from kdverify.formulas._types import ONE_NUMBER

#: Names of the libraries that hold the definitions: over Coq's reals, and over any field.
NAME, FIELD_NAME = "Formulas", "FormulasField"

#: Beginnings of the arguments that run over the modes on one side of a mask.
_SIDES = ("kept", "dropped")
#: Functions of `kdverify.arithmetic.functions` and their names in Coq.
_OPERATIONS = {"sinc": "sinc", "power": "Rpower", "sqrt": "sqrt", "log": "ln"}
_SINC = "Definition sinc x := if Req_EM_T x 0 then 1 else sin (PI * x) / (PI * x).\n"


class Unprintable(Exception):
    """A formula needs a function that is not defined in Coq here, or mixes modes and numbers."""


@dataclass(frozen=True)
class Definition:
    """One formula in Coq.

    Attributes:
        name: as in Python, with ``_1`` or ``_2`` for the entries of a pair.
        arguments: names and types, in order.
        body: the term.
        function: the formula; ``entry`` picks from a pair.
    """

    name: str
    arguments: tuple[tuple[str, str], ...]
    body: Term
    function: Callable[..., Any]
    entry: int | None = None

    def text(self) -> str:
        """The definition as Coq reads it."""
        arguments = " ".join(f"({name} : {kind})" for name, kind in self.arguments)
        return f"Definition {self.name} {arguments} : R :=\n  {self.body}."


class Operations:
    """`kdverify.arithmetic.functions` on terms of Coq."""

    pi = Term("PI")

    @property
    def euler_gamma(self) -> Term:
        """Euler's constant."""
        raise Unprintable("Euler's constant")

    def __getattr__(self, name: str) -> Callable[..., Term]:
        if name not in _OPERATIONS:
            raise Unprintable(f"the function {name}")
        return lambda *arguments: Term(
            " ".join([_OPERATIONS[name], *(number(a).at(ATOM) for a in arguments)]), APPLIED
        )


def total(term: Term) -> Term:
    """The sum over the modes, what ``total`` is to the formulas."""
    if not term.modes:
        raise Unprintable(f"{term} has no entry per mode to sum")
    summand = {
        "i": term.text,
        "kept": f"if M i then {term} else 0",
        "dropped": f"if M i then 0 else {term}",
    }[term.modes]
    return Term(f"Sum (fun i => {summand}) p", APPLIED)


@cache
def every() -> tuple[Definition, ...]:
    """The definitions of all formulas that print, in alphabetical order."""
    return tuple(d for name in sorted(_functions()) for d in _defined(name))


@cache
def unprintable() -> dict[str, str]:
    """The formulas that do not print, and why."""
    reasons = {}
    for name in _functions():
        try:
            list(_printed(name))
        except (Unprintable, TypeError) as reason:
            reasons[name] = str(reason)
    return reasons


@cache
def library() -> str:
    """The text of the library: all definitions, and the tactic ``formulas`` that unfolds them."""
    names = ", ".join(f"f.{d.name}" for d in every())
    definitions = "\n".join(definition.text() for definition in every())
    return (
        "(* Written by kdverify.evidence.kernel.definitions from kdverify.formulas. *)\n"
        f"From KD Require Export Sums.\n{_SINC}Module f.\n{definitions}\nEnd f.\n"
        f"Ltac formulas := unfold {names} in *.\n"
    )


@cache
def field_library() -> str:
    """The formulas that are rational functions of numbers, over any field of mathcomp."""
    plain = [d for d in every() if _is_plain(d)]
    lines = []
    for definition in plain:
        arguments = " ".join(name for name, _ in definition.arguments)
        body = re.sub(r" \^ (\d+)", r" ^+ \1", definition.body.text)
        body = re.sub(r"(?<!\^\+ )(?<![\w.])(\d+)\b", _in_field, body)
        lines.append(
            f"Definition {definition.name} (F : fieldType) ({arguments} : F) : F := {body}.\n"
            f"Arguments {definition.name} {{F}}."
        )
    return (
        "(* Written by kdverify.evidence.kernel.definitions from kdverify.formulas. *)\n"
        "From mathcomp Require Export all_ssreflect all_algebra.\nExport GRing.Theory.\n"
        "Local Open Scope ring_scope.\nModule f.\n" + "\n".join(lines) + "\nEnd f.\n"
    )


def _in_field(match: re.Match[str]) -> str:
    return match[1] if match[1] in "01" else f"{match[1]}%:R"


def _is_plain(definition: Definition) -> bool:
    words = set(re.findall(r"[A-Za-z]\w*", definition.body.text))
    return words <= {name for name, kind in definition.arguments if kind == "R"}


def _functions() -> dict[str, Callable[..., Any]]:
    return {name: getattr(formulas, name) for name in formulas.__all__ if name.islower()}


def _defined(name: str) -> Iterator[Definition]:
    if name not in unprintable():
        yield from _printed(name)


def _printed(name: str) -> Iterator[Definition]:
    function = _functions()[name]
    parameters = inspect.signature(function).parameters
    sums = "total" in parameters
    given: dict[str, Any] = {"total": total} if sums else {}
    arguments = [("p", "nat")] if sums else []
    if any(parameter.partition("_")[0] in _SIDES for parameter in parameters):
        arguments.append(("M", "nat -> bool"))
    for parameter in parameters:
        if parameter == "ops":
            given[parameter] = Operations()
        elif parameter not in ("total", "same"):
            symbol = identifier(parameter)
            one = not sums or parameter in ONE_NUMBER
            arguments.append((symbol, "R" if one else "nat -> R"))
            side = parameter.partition("_")[0]
            modes = side if side in _SIDES else "i"
            given[parameter] = Term(symbol) if one else Term(f"{symbol} i", APPLIED, modes)
    flags = (False, True) if "same" in parameters else (None,)
    for flag in flags:
        value = function(**given) if flag is None else function(**given, same=flag)
        entries = value if isinstance(value, tuple) else (value,)
        for place, entry in enumerate(entries):
            title = f"{name}_same" if flag else name
            if len(entries) > 1:
                title += f"_{place + 1}"
            term = number(entry)
            if term.modes:
                raise Unprintable(f"{term} has one entry per mode")
            yield Definition(title, tuple(arguments), term, function, place)
