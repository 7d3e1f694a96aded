"""Are two sides one expression that is written twice?  Such an identity would say ``x == x``."""

from __future__ import annotations

import dis
from collections.abc import Callable
from dataclasses import fields
from functools import partial
from types import FunctionType
from typing import Any

Function = Callable[..., Any] | None


def written_twice(sides: Function, left: Function, right: Function) -> bool:
    """Whether ``sides`` returns ``e, e``, or ``left`` and ``right`` return the same ``e``.

    This is seen in the code of the functions: two routes that arrive at one expression, which
    is what an identity is for, are not taken for one.
    """
    if sides is None:
        one, other = _plain(left), _plain(right)
        if one is None or other is None or _given(left) != _given(right):
            return False
        return one is other or (_code(one) == _code(other) and _computes(one))
    function = _plain(sides)
    if function is None:
        return False
    lines = [line for line in dis.get_instructions(function) if line.opname not in _SILENT]
    pairs = [k for k, line in enumerate(lines) if line.opname == "BUILD_TUPLE" and line.arg == 2]
    ends = [k for k in pairs if lines[k + 1].opname == "RETURN_VALUE"]
    return bool(ends) and all(
        not lines[end].is_jump_target and _halves_agree(lines[:end]) for end in ends
    )


def made_in_a_loop(first: Any, second: Any) -> bool:
    """Whether two pieces of evidence ask functions of one code, state and set of settings.

    So do those that a loop makes with a variable of its own: when they are asked all of them
    see its last value.  One function that is given to two parts is not meant.
    """
    if type(first) is not type(second):
        return False
    for one in fields(first):
        if one.name in ("part", "note", "claim", "plain"):
            continue
        mine, other = getattr(first, one.name), getattr(second, one.name)
        if one.name in first.asks and mine is not None and other is not None:
            plain, same = _plain(mine), _plain(other)
            if plain is None or same is None or plain is same:
                return False
            if _given(mine) != _given(other) or _code(plain) != _code(same):
                return False
        elif mine is not other and mine != other:
            return False
    return True


#: Instructions that compute nothing.
_SILENT = ("RESUME", "NOP", "CACHE", "EXTENDED_ARG")


def _plain(function: Function) -> FunctionType | None:
    while isinstance(function, partial):
        function = function.func
    return function if isinstance(function, FunctionType) else None


def _given(function: Function) -> list[Any]:
    """Which arguments a partial function holds."""
    held: list[Any] = []
    while isinstance(function, partial):
        held += [*map(id, function.args), len(function.args)]
        held += [(name, id(value)) for name, value in function.keywords.items()]
        function = function.func
    return held


def _computes(function: FunctionType) -> bool:
    """Whether it does more than return a constant, which Python may have computed: ``2**2``."""
    return bool(function.__code__.co_names or function.__code__.co_freevars)


def _code(function: Any) -> Any:
    """What a function does and with which values, apart from its name and place in the file."""
    code = function.__code__
    cells = [cell.cell_contents for cell in function.__closure__ or ()]
    defaults = [*(function.__defaults__ or ()), *(function.__kwdefaults__ or {}).values()]
    held = [id(value) for value in (function.__globals__, *cells, *defaults)]
    return code.co_code, code.co_consts, code.co_names, code.co_freevars, held


def _halves_agree(lines: list[dis.Instruction]) -> bool:
    """Whether the last two values on the stack are computed by the same instructions."""
    if lines[-1].opname.startswith("LOAD_FAST") and isinstance(lines[-1].argval, tuple):
        return len(set(lines[-1].argval)) == 1  # two at once
    second = _last_value(lines)
    first = _last_value(lines[: -len(second)]) if second else []
    if any(line.is_jump_target for line in [*first[1:], *second]):
        return False  # one of several values
    return bool(first) and [(x.opname, x.argval) for x in first] == [
        (x.opname, x.argval) for x in second
    ]


def _last_value(lines: list[dis.Instruction]) -> list[dis.Instruction]:
    """The instructions that leave one value on the stack, back from the end."""
    depth = 0
    for start in range(len(lines) - 1, -1, -1):
        depth += dis.stack_effect(lines[start].opcode, lines[start].arg, jump=False)
        if depth == 1:
            return lines[start:]
    return []
