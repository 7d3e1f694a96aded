"""Is a difference zero?  By algebra; `kdverify.evidence.look` has to confirm it by values.

A difference of rational functions is decided, by FLINT (`kdverify.evidence.quotient`); SymPy's
``cancel(together(.))`` brings one that is not zero to a canonical form.
"""

from __future__ import annotations

from typing import Any


def check_exact(name: str, *expressions: Any) -> None:
    """Refuse expressions with floats in them: arithmetic on these is not what is stated."""
    import sympy

    for expression in expressions:
        if found := expression.atoms(sympy.Float):
            number = float(min(found))
            raise ValueError(f"{name} must be exact, such as Rational(1, 3), not {number!r}")


def simplified(difference: Any) -> Any:
    """``difference`` in the first form that shows it to be zero, else simplified.

    For a rational function the first form is canonical and the others are not tried.
    """
    from kdverify.evidence.look.watch import unwatched

    with unwatched():
        return _simplified(difference)


def _simplified(difference: Any) -> Any:
    import sympy

    from kdverify.evidence.quotient import vanishes

    if vanishes(difference):
        return sympy.S.Zero
    form = sympy.sympify(difference).doit()
    if vanishes(form):
        return sympy.S.Zero
    try:
        form = sympy.cancel(sympy.together(form))
    except sympy.PolynomialError:
        pass
    else:
        if _rational(form):
            return form
    for rewrite in (sympy.expand, sympy.simplify):
        form = rewrite(form)
        if form == 0:
            break
    return form


def _rational(expression: Any) -> bool:
    """Whether this is a quotient of polynomials with rational coefficients."""
    symbols = expression.free_symbols
    if not symbols:
        return bool(expression.is_Rational)
    quotient = expression.as_numer_denom()
    if not all(part.is_polynomial(*symbols) for part in quotient):
        return False
    domains = [part.as_poly(*symbols).get_domain() for part in quotient]
    return all(domain.is_ZZ or domain.is_QQ for domain in domains)
