"""What was asked of SymPy, and the equations that hold if its answer is right."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from kdverify.evidence.look.compare import flatten
from kdverify.evidence.look.program import Unknown

#: Functions of an expression with a variable, and so on: the arguments are what is asked.
SOLVING = ("solve", "solveset", "roots", "linsolve", "nonlinsolve")
DIFFERENTIATING = ("diff",)
ASKING = (
    *("residue", "series", "rsolve", "dsolve", "limit_seq", "laplace_transform"),
    *("inverse_laplace_transform", "fourier_transform", "inverse_fourier_transform"),
)
#: Roots, by their orders; that of `root` is an argument.
ROOTS = {"sqrt": 2, "cbrt": 3, "root": None}
#: Methods and functions of matrices.
MATRICES = ("det", "inv", "rank", "eigenvals", "nullspace")
#: What nothing here can check: an expression that uses its answer is undecided.
UNSEEN = (
    *("mellin_transform", "inverse_mellin_transform", "nsolve", "minimal_polynomial"),
    *("eigenvects", "jordan_form", "diagonalize", "rref", "charpoly"),
)


@dataclass(frozen=True)
class Answer:
    """What was asked of SymPy, as an expression or as its arguments, and what it answered."""

    asked: str
    question: Any
    answer: Any


def question(name: str, expression: Any, arguments: tuple[Any, ...], options: Any) -> Any:
    """What the answer has to be equal to, or the arguments; None where nothing is asked."""
    import sympy

    if name in SOLVING:
        listed = expression if isinstance(expression, list | tuple) else [expression]
        sides = [_side(each) for each in listed]
        unknowns = arguments[0] if arguments else sorted(sides[0].free_symbols, key=str)
        if not isinstance(unknowns, list | tuple):
            unknowns = [u for u in arguments if isinstance(u, sympy.Expr)]
        return sides, tuple(unknowns)
    if name in (*ASKING, *MATRICES, *UNSEEN):
        return str((expression, arguments, options)), expression, arguments, options
    if isinstance(expression, int | float | complex):
        expression = sympy.sympify(expression)
    if not isinstance(expression, sympy.Expr | sympy.MatrixBase):
        return None
    if name in ROOTS:
        order = ROOTS[name] or arguments[0]
        return sympy.Pow(expression, 1 / sympy.sympify(order), evaluate=False)
    if name in DIFFERENTIATING:
        if isinstance(expression, sympy.MatrixBase):
            return None
        return sympy.Derivative(expression, *arguments, evaluate=False)
    return expression


def _side(equation: Any) -> Any:
    import sympy

    if isinstance(equation, sympy.Eq):
        return equation.lhs - equation.rhs
    return sympy.sympify(equation)


def equations(answer: Answer) -> Iterator[tuple[Any, Any]]:
    """Pairs of expressions that are equal if the answer is right.

    Raises:
        Unknown: if nothing here can look at it.
    """
    import sympy

    asked, given = answer.question, answer.answer
    if answer.asked in UNSEEN:
        raise Unknown("it is not looked at")
    if answer.asked in SOLVING:
        sides, unknowns = asked
        if any(isinstance(side, sympy.MatrixBase) for side in sides):
            raise Unknown("equations that are matrices")
        for solution in _solutions(given, unknowns):
            for part in sides:
                yield part.subs(solution), 0 * part
    elif answer.asked in (*ASKING, *MATRICES):
        _, expression, arguments, options = asked
        yield from _LOOKS[answer.asked](given, expression, *arguments, **options)
    elif answer.asked == "Integral" and any(len(limits) == 1 for limits in asked.limits):
        if len(asked.limits) > 1:
            raise Unknown("an integral of an integral without limits")
        yield given.diff(asked.limits[0][0]), asked.function
    else:
        before, after = flatten(asked), flatten(given)
        if len(before) != len(after):
            raise Unknown("an answer of another shape")
        yield from zip(before, after, strict=True)


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


# ------------------------------------------------------------------ one for each function

Pairs = Iterator[tuple[Any, Any]]


def _residue(given: Any, f: Any, z: Any, at: Any) -> Pairs:
    import sympy

    from kdverify.evidence.look.bound import Residue

    yield Residue(*map(sympy.sympify, (f, z, at))), given


def _series(
    given: Any, f: Any, x: Any = None, x0: Any = 0, n: Any = 6, dir: Any = "+", **_: Any
) -> Pairs:
    """What is left of ``f`` vanishes as its order says, also half a power sooner."""
    import sympy

    order = given.getO() if isinstance(given, sympy.Expr) else None
    x = x if x is not None or not isinstance(f, sympy.Expr) else next(iter(f.free_symbols), None)
    if order is None or x is None or str(dir) not in ("+", "-"):
        raise Unknown("a series without an order")
    x0 = sympy.sympify(x0)
    near = 1 / x if x0.is_infinite else x - x0
    rest = (sympy.sympify(f) - given.removeO()) * sympy.sqrt(near * near) / (order.expr * near)
    yield sympy.Limit(rest * sympy.sqrt(sympy.Abs(near)), x, x0, str(dir)), sympy.S.Zero


def _recurrence(given: Any, equation: Any, y: Any, init: Any = None) -> Pairs:
    import sympy

    if not isinstance(given, sympy.Expr):
        raise Unknown("a recurrence without a solution")
    (n,) = y.args
    step = sympy.Dummy("n", integer=True, positive=True)
    law = sympy.Lambda(n, given)
    yield _side(equation).replace(y.func, law).subs(n, step), sympy.S.Zero
    for at, value in (init or {}).items():
        at = at if getattr(at, "func", None) == y.func else y.func(at)
        yield given.subs(n, at.args[0]), sympy.sympify(value)


def _differential(given: Any, equation: Any, y: Any = None, ics: Any = None, **_: Any) -> Pairs:
    import sympy

    for solution in given if isinstance(given, list) else [given]:
        y = y or getattr(solution, "lhs", None)
        if not isinstance(solution, sympy.Eq) or solution.lhs != y or len(y.args) != 1:
            raise Unknown("a solution that is not explicit")
        law = sympy.Lambda(y.args[0], solution.rhs)
        yield _side(equation).replace(y.func, law), sympy.S.Zero
        for at, value in (ics or {}).items():
            yield sympy.sympify(at).replace(y.func, law), sympy.sympify(value)


def _limit_of_sequence(given: Any, f: Any, n: Any = None, **_: Any) -> Pairs:
    import sympy

    step = sympy.Dummy("n", integer=True, positive=True)
    if given is None or n is None:
        raise Unknown("a sequence without a limit")
    yield sympy.Limit(sympy.sympify(f).subs(n, step), step, sympy.oo), given


def _transform(kernel: Callable[..., Any], inverse: bool, whole: bool) -> Callable[..., Pairs]:
    def look(given: Any, f: Any, x: Any, s: Any, *_: Any, **__: Any) -> Pairs:
        import sympy

        if not isinstance(given, sympy.Expr):
            raise Unknown("a transform with its conditions: noconds=True is looked at")
        image, original = (f, given) if inverse else (given, f)
        s, x = (x, s) if inverse else (s, x)
        along, at = sympy.symbols("x s", cls=sympy.Dummy, **{"real" if whole else "positive": True})
        body = original.subs(x, along) * kernel(along, at)
        limits = (along, -sympy.oo if whole else 0, sympy.oo)
        yield sympy.Integral(body, limits), image.subs(s, at)

    return look


def _decay(x: Any, s: Any) -> Any:
    import sympy

    return sympy.exp(-s * x)


def _wave(x: Any, s: Any) -> Any:
    import sympy

    return sympy.exp(-2 * sympy.pi * sympy.I * s * x)


def _matrix(matrix: Any) -> Any:
    import sympy

    if not isinstance(matrix, sympy.MatrixBase):
        raise Unknown("no matrix of expressions")
    return matrix.as_immutable()


def _determinant(given: Any, matrix: Any, *_: Any, **__: Any) -> Pairs:
    import sympy

    yield sympy.Determinant(_matrix(matrix)), given


def _inverse(given: Any, matrix: Any, *_: Any, **__: Any) -> Pairs:
    import sympy

    product, one = _matrix(matrix) * given, sympy.eye(given.rows)
    yield from zip(flatten(product), flatten(one), strict=True)


def _rank(given: Any, matrix: Any, *_: Any, **__: Any) -> Pairs:
    import sympy

    from kdverify.evidence.look.bound import Rank

    yield Rank(_matrix(matrix)), sympy.sympify(given)


def _eigenvalues(given: Any, matrix: Any, *_: Any, **__: Any) -> Pairs:
    """The characteristic polynomial, at any number, is that of the eigenvalues."""
    import sympy

    at, product = sympy.Dummy("x"), sympy.S.One
    for value in given:
        product *= (at - value) ** (given[value] if isinstance(given, Mapping) else 1)
    yield sympy.Determinant((at * sympy.eye(matrix.rows) - _matrix(matrix)).as_immutable()), product


def _nullspace(given: Any, matrix: Any, *_: Any, **__: Any) -> Pairs:
    import sympy

    for vector in given:
        yield from ((entry, sympy.S.Zero) for entry in flatten(_matrix(matrix) * vector))
    from kdverify.evidence.look.bound import Rank

    yield Rank(_matrix(matrix)), sympy.Integer(matrix.cols - len(given))
    if given:
        yield Rank(_matrix(sympy.Matrix.hstack(*given))), sympy.Integer(len(given))


_LOOKS: dict[str, Callable[..., Pairs]] = {
    "residue": _residue,
    "series": _series,
    "rsolve": _recurrence,
    "dsolve": _differential,
    "limit_seq": _limit_of_sequence,
    "laplace_transform": _transform(_decay, inverse=False, whole=False),
    "inverse_laplace_transform": _transform(_decay, inverse=True, whole=False),
    "fourier_transform": _transform(_wave, inverse=False, whole=True),
    "inverse_fourier_transform": _transform(_wave, inverse=True, whole=True),
    "det": _determinant,
    "inv": _inverse,
    "rank": _rank,
    "eigenvals": _eigenvalues,
    "nullspace": _nullspace,
}
