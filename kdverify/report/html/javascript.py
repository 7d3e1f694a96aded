"""The formulas of the theory as JavaScript, from the functions of `kdverify.formulas`.

A formula is plain arithmetic, so that it can be run on recorders: objects that remember
what was done to them.  What they have recorded is written as JavaScript, operation by
operation and in the same order, so that both round alike.  No formula is copied by hand.

A parameter in `PER_MODE` of a formula that sums over the modes is an array there, ``total``
a compensated sum, and ``ops`` the object of that name in ``assets/solver.js``.
"""

from __future__ import annotations

import inspect
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Any

from kdverify import formulas

#: Parameters that are arrays, one entry per mode, in formulas with a ``total``.
PER_MODE = frozenset(
    {
        "lam",
        "signal",
        "zeta",
        "one_minus_zeta",
        "surrogate",
        "beta_star",
        "centre",
        "kept_signal",
        "kept_zeta",
        "dropped_signal",
    }
)

#: The formulas that the page computes with.
FORMULAS = (
    formulas.zeta,
    formulas.one_minus_zeta,
    formulas.spread,
    formulas.learnt_square,
    formulas.omega,
    formulas.one_minus_omega,
    formulas.split_numerator,
    formulas.split_denominator,
    formulas.split_minus_slope,
    formulas.ridge_of_root,
    formulas.standard_risk,
    formulas.optimal_risk,
    formulas.masked_risk,
    formulas.risk,
    formulas.unlearnt_energy,
    formulas.trained_scale,
    formulas.trained_variance,
    formulas.disagreement,
    formulas.two_kinds_noise,
    formulas.gain,
    formulas.keep_margin,
    formulas.amplification_margin,
    formulas.scaling_kappa,
    formulas.scaling_omega,
    formulas.scaling_ratio,
)


class Recorder:
    """A number that remembers how it was made."""

    def __init__(self, operation: str, *parts: Any) -> None:
        self.operation = operation
        self.parts = parts

    def __add__(self, other: Any) -> Recorder:
        return Recorder("+", self, other)

    def __radd__(self, other: Any) -> Recorder:
        return Recorder("+", other, self)

    def __sub__(self, other: Any) -> Recorder:
        return Recorder("-", self, other)

    def __rsub__(self, other: Any) -> Recorder:
        return Recorder("-", other, self)

    def __mul__(self, other: Any) -> Recorder:
        return Recorder("*", self, other)

    def __rmul__(self, other: Any) -> Recorder:
        return Recorder("*", other, self)

    def __truediv__(self, other: Any) -> Recorder:
        return Recorder("/", self, other)

    def __rtruediv__(self, other: Any) -> Recorder:
        return Recorder("/", other, self)

    def __neg__(self) -> Recorder:
        return Recorder("negative", self)

    def __bool__(self) -> bool:
        raise TypeError("a formula must not branch on its numbers")


class RecordedOperations:
    """Stands for one of `kdverify.arithmetic.functions`: every attribute is recorded."""

    #: Attributes that are numbers; the others are functions.
    CONSTANTS = ("pi", "euler_gamma")

    def __getattr__(self, name: str) -> Any:
        if name in self.CONSTANTS:
            return Recorder("constant", name)
        return lambda *arguments: Recorder("call", name, *arguments)


def script() -> str:
    """``const formulas = {...};`` with all `FORMULAS`."""
    members = ",\n".join(f"  {f.__name__}: {function(f)}" for f in FORMULAS)
    return f"const formulas = {{\n{members}\n}};\n"


def function(formula: Callable[..., Any]) -> str:
    """One formula as a JavaScript function expression of the same parameters.

    Raises:
        TypeError: for a formula that branches, or takes what cannot be recorded.
    """
    parameters = inspect.signature(formula).parameters
    summing = "total" in parameters
    names = [name for name in parameters if name not in ("total", "ops")]
    arguments: dict[str, Any] = {
        name: Recorder("mode" if summing and name in PER_MODE else "parameter", name)
        for name in names
    }
    if summing:
        arguments["total"] = lambda value: Recorder("total", value)
    if "ops" in parameters:
        arguments["ops"] = RecordedOperations()
    result = formula(**arguments)
    writer = _Writer(_uses(result))
    value = writer.write(result)
    lines = [*writer.lines, f"return {value};"]
    return f"({', '.join(names)}) => {{ {' '.join(lines)} }}"


def _uses(result: Any) -> Counter[int]:
    """How often each recorder is used by another."""
    uses: Counter[int] = Counter()
    seen: set[int] = set()
    waiting = [result]
    while waiting:
        node = waiting.pop()
        if not isinstance(node, Recorder):
            continue
        uses[id(node)] += 1
        if id(node) not in seen:
            seen.add(id(node))
            waiting.extend(node.parts)
    return uses


def _leaves(node: Any) -> Iterator[Recorder]:
    if isinstance(node, Recorder):
        if node.operation == "mode":
            yield node
        for part in node.parts:
            yield from _leaves(part)


@dataclass
class _Writer:
    """Writes recorders; what is used more than once gets a name, in the scope of its use."""

    uses: Counter[int]
    depth: int = 0
    lines: list[str] = field(default_factory=list)
    names: dict[int, str] = field(default_factory=dict)

    def write(self, node: Any) -> str:
        """An expression for the node; names that it needs are added to `lines`."""
        if not isinstance(node, Recorder):
            return _literal(node)
        if id(node) in self.names:
            return self.names[id(node)]
        text = self._expression(node)
        if self.uses[id(node)] > 1 and node.operation not in ("parameter", "mode", "constant"):
            name = f"{'m' if self.depth else 't'}{len(self.names)}"
            self.lines.append(f"const {name} = {text};")
            self.names[id(node)] = text = name
        return text

    def _expression(self, node: Recorder) -> str:
        parts = node.parts
        if node.operation == "parameter":
            return str(parts[0])
        if node.operation == "mode":
            return f"{parts[0]}[i]"
        if node.operation == "constant":
            return f"ops.{parts[0]}"
        if node.operation == "call":
            return f"ops.{parts[0]}({', '.join(map(self.write, parts[1:]))})"
        if node.operation == "negative":
            return f"(-{self.write(parts[0])})"
        if node.operation == "total":
            return self._total(parts[0])
        left, right = map(self.write, parts)
        return f"({left} {node.operation} {right})"

    def _total(self, summand: Any) -> str:
        leaf = next(_leaves(summand), None)
        if leaf is None:
            raise TypeError("a sum must run over the modes")
        inner = _Writer(self.uses, self.depth + 1)
        value = inner.write(summand)
        body = " ".join([*inner.lines, f"return {value};"])
        return f"total({leaf.parts[0]}.length, (i) => {{ {body} }})"


def _literal(value: Any) -> str:
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise TypeError(f"{value!r:.60} cannot be written as a number")
    return f"({value!r})" if value < 0 else repr(value)
