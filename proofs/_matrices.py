"""The risk from matrices: no eigenbasis, for SymPy matrices and matrices of balls alike."""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction
from typing import Any

from kdverify import formulas


def four_term_risk(
    sigma: Any, eye: Any, tau: Any, surrogate: Any, beta_star: Any, n: Any, p: Any, noise: Any
) -> Any:
    """The paper's four-term form for a covariance matrix; vectors are columns (p, 1)."""
    resolvent = (sigma + eye * tau).inv()
    theta = resolvent * sigma
    shift = theta * (surrogate - beta_star)
    missed = beta_star - theta * beta_star

    def energy(left: Any, right: Any) -> Any:
        return (left.transpose() * sigma * right)[0, 0]

    leftover = tau * tau * energy(resolvent * surrogate, resolvent * surrogate)
    learnt = (theta * theta).trace()
    omega = formulas.omega(learnt, n)
    return formulas.four_term_risk(
        energy(shift, shift),
        formulas.gamma_squared(p, n, 1 - omega, leftover, noise),
        learnt / p,
        energy(missed, missed),
        energy(missed, shift),
    )


def reflection(direction: Sequence[int]) -> list[list[Fraction]]:
    """The orthogonal matrix I - 2 v v'/|v|^2 of an integer vector v: exact and dense."""
    square = sum(v * v for v in direction)
    return [
        [Fraction(int(i == j)) - Fraction(2 * v * w, square) for j, w in enumerate(direction)]
        for i, v in enumerate(direction)
    ]


def balls(rows: Sequence[Sequence[Any]]) -> Any:
    """A python-flint matrix of balls, from rationals."""
    import flint

    from kdverify.arithmetic import BALLS

    return flint.arb_mat([[BALLS.number(Fraction(entry)) for entry in row] for row in rows])


def widened(matrix: Any, radius: float) -> Any:
    """The matrix with ``radius`` added to the radius of every entry."""
    import flint

    return flint.arb_mat([[x + flint.arb(0, radius) for x in row] for row in matrix.tolist()])


def column(values: Sequence[Any]) -> Any:
    """A column of balls."""
    return balls([[value] for value in values])


def diagonal(values: Sequence[Any]) -> Any:
    """A diagonal matrix of balls."""
    p = len(values)
    return balls([[values[i] if i == j else 0 for j in range(p)] for i in range(p)])


# --------------------------------------------------------------------------
# Words in non-commuting symbols: matrices of any size
# --------------------------------------------------------------------------


def normal_word(word: Any, rules: Sequence[tuple[Any, Any]]) -> Any:
    """``word`` multiplied out, each pattern replaced until none is left."""
    import sympy

    before = None
    while word != before:
        before = word
        for pattern, value in rules:
            word = sympy.expand(word.subs(pattern, value))
    return word


def rotated_forms() -> tuple[list[Any], list[Any]]:
    """The matrices in the four-term form, at O Sigma O' and as O (.) O'.

    Sigma is any symmetric matrix, D = (Sigma + tau)^-1, O any orthogonal matrix.  The first
    pair says that O D O' is the resolvent of O Sigma O'.
    """
    import sympy

    o, transposed, sigma, inverse = sympy.symbols("O O^T Sigma D", commutative=False)
    tau, one = sympy.Symbol("tau", positive=True), sympy.Integer(1)
    rules = [
        (transposed * o, one),
        (o * transposed, one),
        (sigma * inverse, 1 - tau * inverse),
        (inverse * sigma, 1 - tau * inverse),
    ]

    def forms(sigma: Any, inverse: Any) -> list[Any]:
        theta, missed = inverse * sigma, 1 - inverse * sigma
        theta_t, missed_t = sigma * inverse, 1 - sigma * inverse
        return [
            theta_t * sigma * theta,
            missed_t * sigma * missed,
            missed_t * sigma * theta,
            inverse * sigma * inverse,
            theta * theta,
        ]

    turned, turned_inverse = o * sigma * transposed, o * inverse * transposed
    left = [(turned + tau) * turned_inverse, *forms(turned, turned_inverse)]
    right = [one, *(o * form * transposed for form in forms(sigma, inverse))]
    return [normal_word(w, rules) for w in left], [normal_word(w, rules) for w in right]


def whitened_trace() -> tuple[list[Any], list[Any]]:
    """Sigma = R^2, X'X = R W R, V = W^-1: the inverse of X'X, and R (X'X)^-1 R.

    The second has the trace of Sigma (X'X)^-1 and does not know Sigma.
    """
    import sympy

    root, unroot, gram, inverse = sympy.symbols("R R^-1 W V", commutative=False)
    one = sympy.Integer(1)
    rules = [(root * unroot, one), (unroot * root, one), (gram * inverse, one)]
    solved = unroot * inverse * unroot
    left = [root * gram * root * solved, root * solved * root]
    return [normal_word(word, rules) for word in left], [one, inverse]
