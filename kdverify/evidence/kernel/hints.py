"""Looks for a proof script for a statement about rational functions.

SymPy factors the difference of the two sides of every comparison, Z3 guesses the sign of every
factor from the assumptions; Coq then proves each sign and concludes.  Nothing here is trusted: a
wrong guess makes a script that Coq refuses.  The search has resource limits, no clock, and takes
everything in a fixed order: the same statement gets the same script.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from kdverify.evidence.kernel.terms import SUM, Atom, Prop, statement
from kdverify.evidence.kernel.vocabulary import Built

#: Z3's resource units for one guess of a sign.
_LIMIT = 200_000
#: Sign that Z3 sees -> tactic that proves it and splits off the case of zero.
_TACTICS = {">": "sign_pos", "<": "sign_neg", ">=": "sign_nonneg", "<=": "sign_nonpos"}
_OPPOSITE = {">": "<=", "<": ">=", ">=": "<", "<=": ">"}


def script(built: Built) -> str:
    """One tactic for `vocabulary.for_all` of ``built``.

    Raises:
        ValueError: if a comparison is not one of rational functions.
    """
    assumptions, conclusion = [statement(a) for a in built[0]], statement(built[1])
    context = _Signs(assumptions)
    known = {a.text for a in assumptions}
    signs: dict[Any, str | None] = {}
    products = []
    atoms = list(_atoms([*assumptions, conclusion]))
    for left, relation, right in atoms:
        constant, factors = _factored(right.twin - left.twin)
        simple = len(factors) <= 1 and all(power == 1 for _, power in factors)
        if simple and f"{left.at(SUM)} {relation} {right.at(SUM)}" in known:
            continue  # the assumption says the sign itself
        for factor, _ in factors:
            if factor not in signs:
                signs[factor] = context.sign(factor)
        products.append((f"{right.at(SUM)} - {left.at(SUM + 1)}", _product(constant, factors)))
    steps = ["intros; open_hyps"]
    steps += [f"try assert (0 < {text}) by pos" for text in _denominators(atoms)]
    for factor, sign in sorted(signs.items(), key=lambda item: item[1] is None):
        steps.append(f"{_TACTICS.get(sign or '', 'split_sign')} {_text(factor)}")
    for place, (difference, product) in enumerate(products):
        steps.append(f"assert (P{place} : {difference} = {product}) by (field; nonzero)")
    steps += [f"decide_sign P{place}" for place in range(len(products))]
    return ";\n  ".join([*steps, "close"])


def _atoms(statements: list[Prop]) -> Iterator[Atom]:
    seen = set()
    for atom in (atom for prop in statements for atom in prop.atoms):
        if (atom[0].text, atom[2].text) not in seen:
            seen.add((atom[0].text, atom[2].text))
            yield atom


def _denominators(atoms: list[Atom]) -> list[str]:
    """What is divided by, more than one symbol, as it is written: its sign shows there best."""
    sides = [side for left, _, right in atoms for side in (left, right)]
    texts = dict.fromkeys(text for side in sides for text in side.denominators)
    return [text for text in texts if not text.isidentifier()]


def _factored(expression: Any) -> tuple[Any, list[tuple[Any, int]]]:
    """The constant and the factors with their powers, negative ones too, in a fixed order."""
    import sympy

    constant, factors = sympy.Integer(1), []
    for argument in sympy.Mul.make_args(sympy.factor(sympy.together(expression))):
        base, power = argument.as_base_exp()
        if base.is_Rational:
            constant *= argument
        elif power.is_Integer and not base.has(sympy.Piecewise):
            symbols = sorted(base.free_symbols, key=str)
            if sympy.Poly(base, *symbols).LC() < 0:
                base, constant = sympy.expand(-base), constant * (-1) ** power
            factors.append((base, int(power)))
        else:
            raise ValueError(f"no rational function: {argument}")
    return constant, sorted(factors, key=lambda item: _text(item[0]))


def _product(constant: Any, factors: list[tuple[Any, int]]) -> str:
    pieces = [_text(constant)]
    for base, power in factors:
        pieces += [_text(base) if power > 0 else f"/ {_text(base)}"] * abs(power)
    return " * ".join(pieces)


def _text(expression: Any) -> str:
    """A polynomial as Coq; its terms in an order that does not depend on the run."""
    if expression.is_Rational:
        text = str(expression.p) + ("" if expression.q == 1 else f" / {expression.q}")
        return text if expression.q == 1 and expression.p >= 0 else f"({text})"
    if expression.is_Symbol:
        return str(expression.name)
    if expression.is_Add:
        return f"({' + '.join(map(_text, expression.as_ordered_terms()))})"
    if expression.is_Mul:
        return f"({' * '.join(map(_text, expression.as_ordered_factors()))})"
    if expression.is_Pow and expression.exp.is_Integer and expression.exp > 0:
        return f"({' * '.join([_text(expression.base)] * int(expression.exp))})"
    raise ValueError(f"no polynomial: {expression}")


class _Signs:
    """Z3 with the assumptions of one statement."""

    def __init__(self, assumptions: list[Prop]) -> None:
        import z3

        self._z3, self._context = z3, z3.Context()
        self._assumptions = [self._tree(a.tree) for a in assumptions]

    def sign(self, factor: Any) -> str | None:
        """The strictest sign that the factor has wherever the assumptions hold, None without."""
        term = self._term(factor)
        relations: Mapping[str, Any] = {
            ">": term > 0,
            "<": term < 0,
            ">=": term >= 0,
            "<=": term <= 0,
        }
        for relation, opposite in _OPPOSITE.items():
            solver = self._z3.SolverFor("QF_NRA", ctx=self._context)
            solver.set("rlimit", _LIMIT)
            solver.add(*self._assumptions, relations[opposite])
            if solver.check() == self._z3.unsat:
                return relation
        return None

    def _term(self, expression: Any) -> Any:
        z3 = self._z3
        if expression.is_Rational:
            return z3.RealVal(str(expression), self._context)
        if expression.is_Symbol:
            return z3.Real(expression.name, self._context)
        if expression.is_Add:
            return z3.Sum([self._term(a) for a in expression.args])
        if expression.is_Mul:
            return z3.Product([self._term(a) for a in expression.args])
        if expression.is_Pow and expression.exp.is_Integer:
            power = z3.Product([self._term(expression.base)] * abs(int(expression.exp)))
            return power if expression.exp > 0 else 1 / power
        raise ValueError(f"no rational function: {expression}")

    def _tree(self, tree: tuple[Any, ...]) -> Any:
        head, *rest = tree
        z3 = self._z3
        if head == "const":
            return z3.BoolVal(rest[0], self._context)
        if head in ("<", "<=", "=", "<>"):
            left, right = (self._term(term) for term in rest)
            return {"<": left < right, "<=": left <= right, "=": left == right}.get(
                head, left != right
            )
        parts = [self._tree(part) for part in rest]
        if head == "iff":
            return parts[0] == parts[1]
        if head == "not":
            return z3.Not(parts[0])
        return z3.And(parts) if head == "and" else z3.Or(parts)
