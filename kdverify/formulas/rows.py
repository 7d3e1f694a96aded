"""Section 9 of the theory: rows of any distribution, labels of any kind.

``x`` is a row, ``b = ridge + x' M x`` its scale, ``M`` the matrix that E N is close to,
``N = ridge (X'X + ridge I)^-1`` (the projector on the null space of X without ridge).
Matrices and their products are passed in, so that each line runs on numbers, on arrays and on
SymPy matrices.
"""

from __future__ import annotations

from kdverify.formulas._types import Number


def row_scale(ridge: Number, form: Number) -> Number:
    """``b`` of a row, from its form ``x' M x``: (9)."""
    return ridge + form


def row_weight(n: Number, b: Number) -> Number:
    """Weight of ``x x'`` in ``M = (I + n E[x x' / b])^-1``: (9)."""
    return n / b


def distinct_form(others: Number, ridge: Number, left: Number) -> Number:
    """``x' M x`` where a sample takes rows of a pool at most once: (9) for different rows.

    ``others`` is ``x' M_- x`` for the M_- of the other rows, ``left`` the share of the pool that
    a sample leaves.  The row's weight in ``M^-1 = I + sum s x x'`` is ``s = (1 - left) / b`` with
    `distinct_scale` for b.
    """
    return others * (ridge + left * others) / (ridge + others)


def distinct_scale(others: Number, ridge: Number, left: Number) -> Number:
    """``b`` of a row there: `row_scale` where a sample is a vanishing part of the pool."""
    return ridge + left * others


def distinct_slope(others: Number, ridge: Number, left: Number) -> Number:
    """``db / d(x'Mx)`` there: a factor of all weights of (10) and (12); 1 without ridge."""
    taken = ridge * ridge + 2 * left * ridge * others + left * others * others
    return left * (ridge + others) ** 2 / taken


def row_kernel(form: Number, b: Number) -> Number:
    """``k(x, j)``: what row j teaches x for each unit of its error, ``form`` is ``x' M x_j``."""
    return form / b


def response_weight(n: Number, b: Number, form: Number) -> Number:
    """Weight of ``x x'`` in ``D = M (A + n E[x x' x'Dx / b^2]) M``, ``form`` is ``x'Dx``: (10).

    The same weight stands in the adjoint equation (12), where ``form`` is ``x' M V M x``; with
    the square of a label's residual as a factor, its mean is the noise part of (11).
    """
    return n * form / b**2


def crossed_weight(n: Number, b: Number, form: Number, residual: Number) -> Number:
    """Weight of ``x`` in ``k = M n E[x e x'Dx / b^2]``: the part of (11) that is linear in e."""
    return n * residual * form / b**2


def label_weight(
    n: Number, b: Number, unlearnt: Number, residual: Number, square: Number
) -> Number:
    """Weight of ``x x'`` in W of (12): ``n (2 e x'M theta + e^2) / b^2``.

    ``unlearnt`` is ``x' M theta``, ``square`` the mean square of the label's residual e, that
    of its noise included.
    """
    return n * (2 * residual * unlearnt + square) / b**2


def coupling(n: Number, rows: Number, b: Number, other_b: Number, form: Number) -> Number:
    """Entry J_ij of the coupling of two rows of a pool, ``form`` is ``x_i' M x_j``.

    (10) and (12) read ``(I - J) u = c`` in ``u_i = x_i'Dx_i / b_i`` and
    ``u_i = x_i' M V M x_i / b_i``; J is also the derivative of the logarithm of the right-hand
    side of (9) with respect to log b.
    """
    return n * form * form / (rows * b * other_b)


def teacher_form(full: Number, left: Number, right: Number, both: Number) -> Number:
    """``A - M A - A M + D_A``: the form of E b'Ab in a linear teacher's coefficients; (11).

    With ``theta theta'``, ``M theta theta'``, ``theta theta' M`` and ``M V M`` it is E b b': (12).
    """
    return full - left - right + both


def form_gain(aim: Number, form: Number) -> Number:
    """Factor of a direction that makes ``form s^2 - 2 aim s`` least.

    ``form`` and ``aim`` are K and ``(I - M) A`` there; signs of beta*'s coefficients average out.
    """
    return aim / form


def form_keep_margin(aim: Number, form: Number) -> Number:
    """Above zero where ``form s^2 - 2 aim s`` is less at s = 1 than at s = 0: kept by a mask."""
    return 2 * aim - form


def squared_error(second: Number, crossed: Number, power: Number) -> Number:
    """``E (y - x'b)^2`` from ``E b'Ab``, ``E b' E[x y]`` and ``E y^2``."""
    return second - 2 * crossed + power


def left_out_factor(n: Number, rows: Number, ridge: Number, b: Number) -> Number:
    """``x'M_- = factor x'M`` for the M of the pool without x itself: a rank-one correction.

    ``M_-^-1 = M^-1 - n x x' / (rows b)``, the other rows' scales as they are.
    """
    return rows * b / (rows * b - n * (b - ridge))


def rows_error_contraction(square: Number, b: Number) -> Number:
    """Slack of a row: in log b, (9) contracts by ``1 - slack`` at the solution.

    ``square`` is ``ridge + x' M^2 x``; the sum of a row of the coupling J is ``1 - slack``.
    """
    return square / b


def one_row_variance(n: Number, square: Number, mean: Number) -> Number:
    """Part of ``Var(x'N x) / b^2`` that single rows make, N of n other rows; finite size.

    ``square`` and ``mean`` are the mean square and the mean of ``rho``, N times the entry of
    ``R = J (I - J)^-1`` between x and a row a of the pool, over a: one row moves ``x'N x`` by
    ``-b rho / n``.
    """
    return (square - mean**2) / n


def chains_variance(n: Number, response: Number, single: Number, double: Number) -> Number:
    """Part of ``Var(x'N x) / b^2`` that chains of two rows and more make, each in two directions.

    N times the diagonal entries of ``R = J (I - J)^-1``, J and J^2 at x.
    """
    return 2 * (response - single - double) / n


def finite_size_source(
    fewer: Number, weighted: Number, fluctuating: Number, chains: Number, coupled: Number
) -> Number:
    """What drives ``E N - M`` to first order: ``D M - M S M - M W M + chains - n D B M``.

    ``S = E[x x'/b]``, D is D_A of (10) for A = S, ``W = E[x x' w/b]`` with w the relative
    variance of ``x'N x``, and ``B = E[x x' (R 1)_x / (n b)]``; the products are the arguments.
    """
    return fewer - weighted - fluctuating + chains - coupled
