"""What was asked of SymPy, and the equations that hold if its answer is right."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from kdverify.evidence.look.compare import flatten
from kdverify.evidence.look.program import Unknown

#: Functions of an expression with a variable, and so on: the arguments are what is asked.
SOLVING = ("solve", "solveset", "linsolve", "nonlinsolve")
DIFFERENTIATING = ("diff",)
ASKING = (
    *("residue", "series", "roots", "rsolve", "dsolve", "limit_seq", "laplace_transform"),
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
    *("solve_poly_system", "solve_linear_system", "solve_triangulated", "diophantine"),
    *("reduce_inequalities", "solve_univariate_inequality", "solve_undetermined_coeffs"),
    *("real_roots", "all_roots", "nroots", "intervals", "count_roots", "sturm", "singularities"),
    *("stationary_points", "maximum", "minimum", "satisfiable", "ask", "checksol", "posify"),
)
#: Functions that keep to what is true wherever they are not forced.
IF_FORCED = ("expand",)


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
        domain = [d for d in (*arguments, *options.values()) if isinstance(d, sympy.Set)]
        return sides, tuple(unknowns), tuple(domain)
    if name in (*ASKING, *MATRICES, *UNSEEN):
        return str((expression, arguments, options)), expression, arguments, options
    if name in IF_FORCED and not options.get("force"):
        return None
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
    return equation.as_expr() if isinstance(equation, sympy.Poly) else sympy.sympify(equation)


def equations(answer: Answer) -> Iterator[tuple[Any, Any]]:
    """Pairs of expressions that are equal if the answer is right.

    Raises:
        Unknown: if nothing here can look at it.
    """
    asked, given = answer.question, answer.answer
    if answer.asked in UNSEEN:
        raise Unknown("it is not looked at")
    if answer.asked in SOLVING:
        from kdverify.evidence.look.solutions import solved

        yield from solved(given, *asked)
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


def _roots(given: Any, f: Any, *of: Any, **options: Any) -> Pairs:
    """The polynomial is the product of its roots: all are there, as often as is said."""
    import sympy

    f = _side(f)
    (x,) = of or (f.free_symbols if len(f.free_symbols) == 1 else [None])
    if x is None or set(options) - {"multiple"}:
        raise Unknown("roots of which some may be left out")
    product = sympy.LC(f, x)
    for root in given:
        product *= (x - root) ** (given[root] if isinstance(given, Mapping) else 1)
    yield f, product


def _recurrence(given: Any, equation: Any, y: Any, init: Any = None) -> Pairs:
    import sympy

    from kdverify.evidence.look.solutions import recurrent

    if not isinstance(given, sympy.Expr):
        raise Unknown("a recurrence without a solution")
    (n,) = y.args
    side, step = _side(equation), sympy.Dummy("n", integer=True, positive=True)
    law = sympy.Lambda(n, given)
    yield side.replace(y.func, law).subs(n, step), sympy.S.Zero
    known = [getattr(at, "args", None) or (at,) for at in init or {}]
    values = [*(init or {}).values()]
    for (at,), value in zip(known, values, strict=True):
        yield given.subs(n, at), sympy.sympify(value)
    yield from recurrent(side, y, given, dict(zip([at for (at,) in known], values, strict=True)))


def _differential(given: Any, equation: Any, y: Any = None, ics: Any = None, **_: Any) -> Pairs:
    import sympy

    from kdverify.evidence.look.solutions import differential

    y = y or getattr(given, "lhs", None)
    if not isinstance(given, sympy.Eq) or given.lhs != y or len(y.args) != 1:
        raise Unknown("solutions that are several or not explicit")
    law = sympy.Lambda(y.args[0], given.rhs)
    yield _side(equation).replace(y.func, law), sympy.S.Zero
    for at, value in (ics or {}).items():
        yield sympy.sympify(at).replace(y.func, law), sympy.sympify(value)
    yield from differential(_side(equation), y, given.rhs, ics or {})


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
    "roots": _roots,
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
