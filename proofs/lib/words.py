"""Section 9 in words of non-commuting symbols: matrices and rows of any size.

A row ``x`` is a column, ``x^T`` its transpose; a number that a word closes to, such as
``x^T N x``, is replaced by a commuting symbol.  Two words with the same normal form are equal
for every dimension and every number of samples.
"""

from collections.abc import Sequence
from typing import Any

import sympy


def normal_word(word: Any, rules: Sequence[tuple[Any, Any]]) -> Any:
    """``word`` multiplied out, each pattern replaced until none is left."""
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
    root, unroot, gram, inverse = sympy.symbols("R R^-1 W V", commutative=False)
    one = sympy.Integer(1)
    rules = [(root * unroot, one), (unroot * root, one), (gram * inverse, one)]
    solved = unroot * inverse * unroot
    left = [root * gram * root * solved, root * solved * root]
    return [normal_word(word, rules) for word in left], [one, inverse]


def noise_trace_below(split: bool = True) -> tuple[list[Any], list[Any]]:
    """n < p: the noise trace of any Sigma is above a multiple of that of I.

    With ``K = X X'`` the trace is that of ``K^-1 X Sigma X' K^-1``: ``low K^-1`` and ``K^-1 X
    (Sigma - low) X' K^-1``, no less than 0 where Sigma is no less than ``low``.  For X = Z R with
    R^2 = Sigma, ``high Z Z'`` is K and ``Z (high - Sigma) Z'``: so ``K^-1`` is no less than
    ``(Z Z')^-1/high`` (`monotone`).
    """
    X, Xt, Z, Zt, sigma, inverse = sympy.symbols("X X^T Z Z^T Sigma K^-1", commutative=False)
    low, high = sympy.symbols("low high", positive=True)
    rules = [(X * Xt * inverse, sympy.Integer(1))]
    rest = low * inverse + inverse * X * (sigma - low) * Xt * inverse
    pairs = [
        (inverse * X * sigma * Xt * inverse, rest if split else low * inverse),
        (high * Z * Zt, Z * sigma * Zt + Z * (high - sigma) * Zt),
    ]
    tables = [coefficients(*(normal_word(side, rules) for side in pair)) for pair in pairs]
    return [c for left, _ in tables for c in left], [c for _, right in tables for c in right]


x, xt, K, N = sympy.symbols("x x^T K N", commutative=False)
A, B, C = sympy.symbols("A B C", commutative=False)
delta, epsilon = sympy.symbols("delta epsilon", positive=True)
form, other = sympy.symbols("s t", positive=True)
one = sympy.Integer(1)


def word(expression: Any, rules: list[tuple[Any, Any]]) -> Any:
    """The normal form of a word."""
    return normal_word(sympy.expand(expression), rules)


def coefficients(*expressions: Any) -> tuple[list[Any], ...]:
    """The coefficients of each expression on all words that occur in any of them."""
    tables = []
    for expression in expressions:
        table: dict[Any, Any] = {}
        for term in sympy.Add.make_args(sympy.expand(expression)):
            scalars, letters = term.args_cnc()
            key = sympy.Mul(*letters)
            table[key] = table.get(key, 0) + sympy.Mul(*scalars)
        tables.append(table)
    words = sorted(set().union(*tables), key=str)
    zero = sympy.Integer(0)
    return tuple([table.get(letters, zero) for letters in words] for table in tables)


def column_with_ridge(scale: Any) -> Any:
    """``(X'X + delta) N_- x / scale``; N_- = K^-1 has all rows but x, which is one more.

    ``delta K = X_-'X_- + delta``, so that ``X'X + delta = delta K + x x'``.
    """
    rules = [(K * N, one), (xt * N * x, form)]
    return word((delta * K + x * xt) * N * x, rules) / scale


def column_without_ridge(scale: Any) -> tuple[Any, Any, Any]:
    """``X N_- x / scale`` on the other rows and on x, and its part outside the span of the rows.

    ``N_- = 1 - X_-' Y X_-`` with ``X_- X_-' Y = 1``: N_- x is x less a combination of rows.
    """
    others, transposed, solved = sympy.symbols("X_- X_-^T Y", commutative=False)
    rules = [(others * transposed * solved, one), (xt * N * x, form)]
    left_over = x - transposed * solved * others * x
    on_others = word(others * left_over, rules) / scale
    outside = sympy.Symbol("O", commutative=False)
    # O projects on what is orthogonal to all rows: O x = 0 and O X_-' = 0
    off_span = word(outside * left_over, [(outside * x, 0), (outside * transposed, 0)])
    return on_others, word(xt * N * x, rules) / scale, off_span / scale


def penalty_difference(sign: int = 1) -> tuple[Any, Any]:
    """``N_eps - N`` and ``-N_eps (K_eps - K) N`` for two inverses of K_eps = K + eps A and K."""
    N_eps, K_eps = sympy.symbols("N_eps K_eps", commutative=False)
    rules = [(K * N, one), (N_eps * K_eps, one)]
    return N_eps - N, word(-sign * N_eps * (K_eps - K) * N, rules)


def projector_difference(keep_metric: bool = True) -> tuple[Any, Any]:
    """Without ridge: ``N_eps - N`` and ``-N_eps (B - 1) N`` for ``B = 1 + eps A``.

    ``N_eps = C - C X' Z X C``, ``C = B^-1``, ``Z = (X C X')^-1``; N the same with B = 1.
    """
    X, Xt, Z, Y = sympy.symbols("X X^T Z Y", commutative=False)
    rules = [
        (B * C, one),
        (C * B, one),
        (Z * X * C * Xt, one),
        (X * C * Xt * Z, one),
        (X * Xt * Y, one),
        (Y * X * Xt, one),
    ]
    oblique = C - C * Xt * Z * X * C
    plain = 1 - Xt * Y * X
    middle = (B - 1) if keep_metric else (B - 2)
    return word(oblique - plain, rules), word(-oblique * middle * plain, rules)


def response_difference(squared: bool = True) -> tuple[list[Any], ...]:
    """``-(M_eps - M)`` and (10) at finite eps, one generic row of the pool with weight w.

    ``K_eps - K = eps A + w x x' (1/b_eps - 1/b)`` and ``b_eps - b = -eps x'D x`` with
    ``D = -(M_eps - M)/eps``; then ``D = M_eps (A + w x x' x'Dx / (b b_eps)) M``, which tends to
    (10).
    """
    M, M_eps, K_eps = sympy.symbols("M M_eps K_eps", commutative=False)
    b, b_eps, weight, own = sympy.symbols("b b_eps w d", positive=True)
    moved = M_eps * K_eps * M - M_eps * K * M  # = M - M_eps
    inverse_gap = (1 / b_eps - 1 / b).subs(b_eps, b - epsilon * own)
    change = epsilon * A + weight * inverse_gap * x * xt
    left = moved.subs(K_eps, K + change)
    denominator = b * (b - epsilon * own) if squared else b
    right = M_eps * (epsilon * A + epsilon * weight * own / denominator * x * xt) * M
    return coefficients(left, right)


def monotone(sign: int = 1) -> tuple[Any, Any]:
    """``M' - M`` and ``M G M + M G M' G M`` for ``G = M^-1 - M'^-1``: two squares if G >= 0."""
    M, larger, own, other_inverse = sympy.symbols("M M' K K'", commutative=False)
    gap = own - other_inverse
    rules = [(M * own, one), (own * M, one), (larger * other_inverse, one)]
    rules.append((other_inverse * larger, one))
    return larger - M, word(M * gap * M + sign * M * gap * larger * gap * M, rules)


def scale_difference(power: int = 1) -> tuple[list[Any], ...]:
    """``M' - M`` where one scale b becomes b', and ``M' x x' M`` with its factor.

    At b' = b it is the derivative by b that the coupling J holds.
    """
    M, renewed, own, other_inverse = sympy.symbols("M M' K K'", commutative=False)
    b, b_renewed, weight = sympy.symbols("b b' w", positive=True)
    moved = renewed * own * M - renewed * other_inverse * M
    moved = moved.subs(other_inverse, own + weight * (1 / b_renewed - 1 / b) * x * xt)
    factor = weight * (b_renewed - b) / (b * b_renewed**power)
    return coefficients(moved, factor * renewed * x * xt * M)


def row_sum(ridge: Any = delta) -> tuple[Any, Any]:
    """The sum of a row of J, ``x'M S M x / b`` with ``S = M^-1 - I``, and ``1 - (delta + q)/b``.

    ``q`` is ``x'M^2x`` and ``b = delta + x'Mx``.
    """
    M, own = sympy.symbols("M K", commutative=False)
    square = sympy.Symbol("q", positive=True)
    rules = [(M * own, one), (own * M, one), (xt * M * x, form), (xt * M**2 * x, square)]
    b = delta + form
    return word(xt * M * (own - 1) * M * x, rules) / b, 1 - (ridge + square) / b


def learnt() -> tuple[Any, Any]:
    """``I - M`` and ``S M`` with ``S = M^-1 - I``."""
    M, own = sympy.symbols("M K", commutative=False)
    return 1 - M, word((own - 1) * M, [(own * M, one)])


def second_moment(crossed: int = 2) -> tuple[Any, Any]:
    """``b'Ab`` for ``b = (1 - N) theta + X+ e``, and its four parts.

    The parts are those of (11) before the means are taken.
    """
    theta, theta_t, plus, plus_t, e, e_t = sympy.symbols(
        "theta theta^T P P^T e e^T", commutative=False
    )
    student = theta - N * theta + plus * e
    student_t = theta_t - theta_t * N + e_t * plus_t
    square = sympy.expand(student_t * A * student)
    linear = theta_t * (A - N * A - A * N + N * A * N) * theta
    mixed = theta_t * (A * plus - N * A * plus) * e
    mixed_t = e_t * (plus_t * A - plus_t * A * N) * theta
    noise = e_t * plus_t * A * plus * e
    scale = sympy.Rational(crossed, 2)
    return square, sympy.expand(linear + scale * (mixed + mixed_t) + noise)


def variance_split(crossed: int = 2) -> tuple[list[Any], ...]:
    """``theta'(A - MA - AM + D)theta + 2 theta'M x w e + w e^2``, and mean plus variance.

    One row x of weight ``w = n x'Dx/b^2`` with ``D = M A M + M w x x' M``; the mean is
    ``(I - M) theta``, its residual ``e + x'M theta``.
    """
    theta, theta_t, M = sympy.symbols("theta theta^T M", commutative=False)
    w, e = sympy.symbols("w e", positive=True)
    D = M * A * M + w * M * x * xt * M
    linear = theta_t * (A - M * A - A * M + D) * theta
    mixed = sympy.Rational(crossed, 2) * w * e * (theta_t * M * x + xt * M * theta)
    mean, mean_t = theta - M * theta, theta_t - theta_t * M
    residual, residual_t = e + xt * M * theta, e + theta_t * M * x
    return coefficients(linear + mixed + w * e**2, mean_t * A * mean + w * residual_t * residual)


def teacher_square(form_sign: int = 1) -> tuple[list[Any], ...]:
    """``s'Ks - s'a - a's`` and ``(s - K^-1 a)'K(s - K^-1 a) - a'K^-1 a``."""
    s, st, a, at, form_, inverse = sympy.symbols("s s^T a a^T Q Q^-1", commutative=False)
    rules = [(form_ * inverse, one), (inverse * form_, one)]
    square = (st - at * inverse) * form_ * (s - inverse * a)
    right = word(square, rules) - form_sign * at * inverse * a
    return coefficients(st * form_ * s - st * a - at * s, right)


def teacher_form() -> tuple[list[Any], ...]:
    """``A - MA - AM + D`` and ``(I - M) A (I - M) + (D - M A M)``."""
    M, D = sympy.symbols("M D", commutative=False)
    return coefficients(A - M * A - A * M + D, (1 - M) * A * (1 - M) + D - M * A * M)


def left_out_row(factor: Any, weight: Any, own: Any) -> tuple[list[Any], ...]:
    """``(M^-1 - weight x x') M x factor``, and x, for ``x'Mx = own``."""
    M, inverse = sympy.symbols("M K", commutative=False)
    rules = [(inverse * M, one), (xt * M * x, own)]
    return coefficients(word((inverse - weight * x * xt) * M * x, rules) * factor, x)
