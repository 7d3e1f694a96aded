"""The vocabulary of `kdverify.evidence.smt` on terms of Coq, beside Z3, cvc5 and fractions."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from fractions import Fraction
from typing import Any

from kdverify.evidence.kernel.terms import ATOM, Prop, Term, identifier, negation, number, statement

#: What a function ``build`` of a `Forall` returns: assumptions and conclusion.
Built = tuple[Iterable[Any], Any]


class Coq:
    """An adapter for the functions ``build`` of `Forall`."""

    name = "coq"

    def __init__(self) -> None:
        self.variables: dict[str, Term] = {}

    def Real(self, name: str) -> Term:
        """The real variable ``name``."""
        if name not in self.variables:
            text = identifier(name)
            if any(text == other.text for other in self.variables.values()):
                raise ValueError(f"variable {name!r} must differ from the others in Coq: {text}")
            self.variables[name] = Term(text)
        return self.variables[name]

    def number(self, value: int | str | Fraction) -> Term:
        """An exact constant."""
        return number(Fraction(value))

    def And(self, *terms: Any) -> Prop:
        """All of ``terms``."""
        return _connected("/\\", 1, "and", terms) if terms else statement(True)

    def Or(self, *terms: Any) -> Prop:
        """At least one of ``terms``."""
        return _connected("\\/", 0, "or", terms) if terms else statement(False)

    def Not(self, term: Any) -> Prop:
        """The opposite of ``term``."""
        return negation(term)

    def Implies(self, if_: Any, then: Any) -> Prop:
        """``then``, wherever ``if_`` holds."""
        if_, then = statement(if_), statement(then)
        tree = ("or", ("not", if_.tree), then.tree)
        return Prop(f"({if_.at(1)} -> {then.at(1)})", 2, if_.atoms + then.atoms, tree)

    def If(self, condition: Any, then: Any, otherwise: Any) -> Term:
        """``then`` where ``condition``, one comparison ``a <= b`` or ``a >= b``, holds."""
        import sympy

        atoms = statement(condition).atoms
        if len(atoms) != 1 or atoms[0][1] != "<=":
            raise TypeError(f"condition={condition!r:.60} must read a <= b or a >= b")
        left, _, right = atoms[0]
        then, otherwise = number(then), number(otherwise)
        text = f"(if Rle_dec {left.at(ATOM)} {right.at(ATOM)} then {then} else {otherwise})"
        twin = sympy.Piecewise((then.twin, left.twin <= right.twin), (otherwise.twin, True))
        denominators = then.denominators + otherwise.denominators
        return Term(text, ATOM, twin=twin, denominators=denominators)


def _connected(sign: str, level: int, name: str, terms: Iterable[Any]) -> Prop:
    parts = [statement(term) for term in terms]
    atoms = tuple(atom for part in parts for atom in part.atoms)
    text = f" {sign} ".join(part.at(2) for part in parts)
    return Prop(text, level, atoms, (name, *[part.tree for part in parts]))


def for_all(coq: Coq, built: Built) -> str:
    """``forall x y : R, a -> b -> c`` of what a function ``build`` returned."""
    assumptions, conclusion = built
    lines = [statement(a).at(1) + " ->" for a in assumptions] + [statement(conclusion).at(0)]
    names = " ".join(term.text for term in coq.variables.values())
    return (f"forall {names} : R,\n  " if names else "") + "\n  ".join(lines)


def values(coq: Coq, point: Mapping[str, Fraction]) -> str:
    """The values of the variables at a rational point, in the order of `for_all`."""
    return " ".join(f"({number(point[name])})" for name in coq.variables)
