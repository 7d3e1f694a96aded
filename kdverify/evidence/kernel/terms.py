"""Numbers and statements that print Coq: the functions of `kdverify.formulas` run on them.

Every operation writes itself down, in the order in which Python did it; nothing is simplified.
Next to its text a term carries a SymPy twin, with which `hints` looks for a proof.  No statement
is made from the twin, and no verdict rests on it.
"""

from __future__ import annotations

import re
from fractions import Fraction
from typing import Any

#: How tightly a text binds, as Coq reads it: a sum, a product, a power, an application, an atom.
SUM, PRODUCT, POWER, APPLIED, ATOM = 3, 4, 5, 8, 9
_LOOSE = 0

#: Names that mean something else to Coq.
# fmt: off
_TAKEN = frozenset({
    "Set", "Prop", "Type", "at", "as", "cofix", "else", "end", "exists", "fix", "for", "forall",
    "fun", "if", "in", "let", "match", "return", "then", "where", "with", "using", "by", "I",
    "O", "S", "R", "N", "Q", "E", "C", "e", "exp", "ln", "sin", "cos", "sqrt", "PI", "INR",
    "IZR", "Sum", "not", "and", "or", "f",
})
# fmt: on


def identifier(name: str) -> str:
    """A name of Coq for a name of Python or SMT; different names may not fall together."""
    if name == "lambda":
        return "lam"
    text = name.replace("'", "_prime").replace("*", "star").replace("^", "_to_")
    text = re.sub(r"[^A-Za-z0-9_]", "_", text)
    return f"{text}_" if text in _TAKEN or not text[0].isalpha() else text


class Term:
    """A real number of Coq.

    Attributes:
        text: how it is written in ``R_scope``.
        level: how tightly the text binds, one of the constants above.
        modes: the index set over which the term runs: empty for one number, ``"i"`` for one
            entry per mode, ``"kept"`` and ``"dropped"`` for the modes on either side of a mask.
        denominators: the texts by which something in it is divided, in order.
    """

    __slots__ = ("_twin", "denominators", "level", "modes", "text")
    __array_ufunc__ = None
    __hash__ = None  # type: ignore[assignment]  # == makes a proposition

    def __init__(
        self,
        text: str,
        level: int = ATOM,
        modes: str = "",
        twin: Any = None,
        denominators: tuple[str, ...] = (),
    ) -> None:
        self.text, self.level, self.modes, self._twin = text, level, modes, twin
        self.denominators = denominators

    @property
    def twin(self) -> Any:
        """The SymPy expression; an atom is a symbol of its own text."""
        if self._twin is None:
            import sympy

            self._twin = sympy.Symbol(self.text, real=True)
        return self._twin

    def at(self, level: int) -> str:
        """The text, in brackets unless it binds at least as tightly as ``level``."""
        return self.text if self.level >= level else f"({self.text})"

    def __repr__(self) -> str:
        return self.text

    def __add__(self, other: Any) -> Term:
        return _joined(self, "+", other, SUM)

    def __radd__(self, other: Any) -> Term:
        return _joined(other, "+", self, SUM)

    def __sub__(self, other: Any) -> Term:
        return _joined(self, "-", other, SUM)

    def __rsub__(self, other: Any) -> Term:
        return _joined(other, "-", self, SUM)

    def __mul__(self, other: Any) -> Term:
        return _joined(self, "*", other, PRODUCT)

    def __rmul__(self, other: Any) -> Term:
        return _joined(other, "*", self, PRODUCT)

    def __truediv__(self, other: Any) -> Term:
        return _joined(self, "/", other, PRODUCT)

    def __rtruediv__(self, other: Any) -> Term:
        return _joined(other, "/", self, PRODUCT)

    def __neg__(self) -> Term:
        return Term(f"- {self.at(POWER)}", _LOOSE, self.modes, -self.twin, self.denominators)

    def __pos__(self) -> Term:
        return self

    def __pow__(self, power: int) -> Term:
        if not isinstance(power, int) or isinstance(power, bool):
            raise TypeError(f"power={power!r} of a term must be an integer")
        if power < 0:
            return 1 / self**-power
        text = f"{self.at(ATOM)} ^ {power}"
        return Term(text, POWER, self.modes, self.twin**power, self.denominators)

    def __lt__(self, other: Any) -> Prop:
        return _compared(self, "<", number(other))

    def __le__(self, other: Any) -> Prop:
        return _compared(self, "<=", number(other))

    def __gt__(self, other: Any) -> Prop:
        return _compared(number(other), "<", self)

    def __ge__(self, other: Any) -> Prop:
        return _compared(number(other), "<=", self)

    def __eq__(self, other: Any) -> Prop:  # type: ignore[override]  # as in SMT: a proposition
        return _compared(self, "=", number(other))

    def __ne__(self, other: Any) -> Prop:  # type: ignore[override]  # as in SMT: a proposition
        return _compared(self, "<>", number(other))

    def __bool__(self) -> bool:
        raise TypeError("a term of Coq has no truth value in Python")


def number(value: Any) -> Term:
    """A term, or an exact number as one."""
    if isinstance(value, Term):
        return value
    if isinstance(value, bool) or (isinstance(value, float) and value != 0):
        raise TypeError(f"{value!r} must be an exact number: an integer, a fraction, a text")
    exact = Fraction(value)
    whole = exact.denominator == 1
    text = str(exact.numerator) if whole else f"{exact.numerator} / {exact.denominator}"
    level = _LOOSE if exact < 0 else ATOM if whole else PRODUCT
    import sympy

    return Term(text, level, twin=sympy.Rational(exact.numerator, exact.denominator))


def _joined(left: Any, sign: str, right: Any, level: int) -> Term:
    left, right = number(left), number(right)
    modes = {left.modes, right.modes} - {""}
    if len(modes) > 1:
        raise TypeError(f"{left} and {right} run over different modes")
    twins = left.twin, right.twin
    if sign in "+-":
        twin = twins[0] + twins[1] if sign == "+" else twins[0] - twins[1]
    else:
        twin = twins[0] * twins[1] if sign == "*" else twins[0] / twins[1]
    text = f"{left.at(level)} {sign} {right.at(level + 1)}"
    below = (right.text,) if sign == "/" and not twins[1].is_Rational else ()
    denominators = tuple(dict.fromkeys((*left.denominators, *right.denominators, *below)))
    return Term(text, level, modes.pop() if modes else "", twin, denominators)


class Prop:
    """A statement of Coq.

    Attributes:
        level: 2 for a comparison, 1 for a conjunction or negation, 0 for anything else.
        atoms: the comparisons in it.
        tree: the statement as nested tuples, for `hints`.
    """

    __slots__ = ("atoms", "level", "text", "tree")
    __hash__ = None  # type: ignore[assignment]  # == makes a proposition

    def __init__(self, text: str, level: int, atoms: tuple[Atom, ...], tree: tuple[Any, ...]):
        self.text, self.level, self.atoms, self.tree = text, level, atoms, tree

    def at(self, level: int) -> str:
        """The text, in brackets unless it binds at least as tightly as ``level``."""
        return self.text if self.level >= level else f"({self.text})"

    def __repr__(self) -> str:
        return self.text

    def __eq__(self, other: Any) -> Prop:  # type: ignore[override]  # as in SMT: a proposition
        other = statement(other)
        text = f"{self.at(1)} <-> {other.at(1)}"
        return Prop(text, 0, self.atoms + other.atoms, ("iff", self.tree, other.tree))

    def __ne__(self, other: Any) -> Prop:  # type: ignore[override]  # as in SMT: a proposition
        return negation(self == other)

    def __bool__(self) -> bool:
        raise TypeError("a statement of Coq has no truth value in Python")


#: Left, relation, right.
Atom = tuple[Term, str, Term]


def statement(value: Any) -> Prop:
    """A statement, or a truth value of Python as one."""
    if isinstance(value, Prop):
        return value
    if isinstance(value, bool):
        return Prop(str(value), 2, (), ("const", value))
    raise TypeError(f"{value!r:.60} must be a statement")


def negation(value: Any) -> Prop:
    """Not ``value``."""
    value = statement(value)
    return Prop(f"~ {value.at(2)}", 1, value.atoms, ("not", value.tree))


def _compared(left: Term, relation: str, right: Term) -> Prop:
    text = f"{left.at(SUM)} {relation} {right.at(SUM)}"
    return Prop(text, 2, ((left, relation, right),), (relation, left.twin, right.twin))
