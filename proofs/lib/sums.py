"""Sums over any number of modes, as formal linear functionals: proofs for every p.

One generic mode stands for all.  A sum over the modes is additive and takes factors that no
mode has of its own (tau, Omega, n, ...) out, so that it is known from its values on
monomials in the mode's own symbols, each of which is a symbol here.  Two expressions that
agree in these symbols agree for every number of modes and every choice of their values.
(The converse holds for enough modes: monomials are linearly independent, so that their sums
take all values of an open set.)

The mode is written in zeta, with lam = tau (1 - zeta)/zeta put in, so that everything is a
Laurent polynomial.  Three sums are known, and no others are used: the number of modes,
(1) for the sum of zeta, and the definition of Omega for the sum of zeta^2.
"""

from collections.abc import Callable
from typing import Any

import sympy

from kdverify import formulas

lam, tau, zeta, omega = sympy.symbols("lambda tau zeta Omega", positive=True)
beta_star, surrogate = sympy.symbols("b s", real=True)  # beta^*, beta^s
p, n = sympy.symbols("p n", positive=True)
spread = sympy.Symbol("w", real=True)  # of a random surrogate in this mode
ridge, noise = sympy.symbols("delta sigma^2", nonnegative=True)
OWN = (zeta, beta_star, surrogate, spread)


def total(expression: Any, ridge_over_tau: Any = 0) -> Any:
    """The sum of ``expression`` over the modes, in normal form."""
    learnt = n - ridge_over_tau
    known = {
        sympy.Integer(1): p,
        zeta: p - learnt,
        zeta**2: n * omega - p + 2 * (p - learnt),
    }
    result = sympy.Integer(0)
    for term in monomials(expression):
        # a term that is no monomial is kept whole: a symbol of its own as well
        common, monomial = term.as_independent(*OWN, as_Add=False)
        result += common * known.get(monomial, unknown_sum(monomial))
    return result


def monomials(expression: Any) -> list[Any]:
    """Terms that add up to ``expression``, lam eliminated: each a monomial times a factor."""
    numerator, denominator = sympy.fraction(sympy.cancel(in_zeta(expression)))
    terms = sympy.Add.make_args(sympy.expand(numerator))
    return [term / sympy.factor(denominator) for term in terms]


def unknown_sum(monomial: Any) -> Any:
    """The sum of a monomial over the modes, a symbol of its own."""
    return sympy.Symbol(f"S[{monomial}]", real=True)


def ridge_total(expression: Any) -> Any:
    """`total` for the ridge estimator, where (1) reads sum (1 - zeta) = n - delta/tau."""
    return total(expression, ridge / tau)


def in_zeta(expression: Any) -> Any:
    """``expression`` of one mode with lam eliminated, to be compared."""
    return sympy.sympify(expression).subs(lam, tau * (1 - zeta) / zeta)


def written(expression: Any) -> Any:
    """The same as a sum of monomials, to be read."""
    return sum(monomials(expression))


def split() -> tuple[Any, Any]:
    """(zeta, 1 - zeta) of the generic mode, from lam and tau by the formulas."""
    return formulas.split_mode(lam, tau)


def risk(student_of: Any = surrogate, truth: Any = beta_star, sums: Any = total) -> Any:
    """(2) for any number of modes."""
    unlearnt, learnt = split()
    return formulas.risk(
        lam, student_of, truth, unlearnt, learnt, omega, 1 - omega, noise, total=sums
    )


t = sympy.Symbol("t", positive=True)
tilted = lam / (1 + t * lam)
at_zero = {t: 0}


def mode_energy() -> Any:
    """Equivalent of ((I - P) Sigma (I - P))_ii for the generic mode."""
    unlearnt = formulas.zeta(tilted, tau) / (1 + t * lam)
    along = sympy.diff(unlearnt, t) + sympy.diff(unlearnt, tau) * tau_along_tilt()
    return -along.subs(at_zero)


def tau_along_tilt() -> Any:
    """d tau/d t at t = 0, from (1) at Sigma (I + t Sigma)^-1."""
    learnt = formulas.one_minus_zeta(tilted, tau)
    return -ridge_total(sympy.diff(learnt, t).subs(at_zero)) / slope()


def slope() -> Any:
    """d/d tau of the left side of (1)."""
    learnt = formulas.one_minus_zeta(lam, tau)
    return ridge_total(sympy.diff(learnt, tau)) + sympy.diff(ridge / tau, tau)


def mode_noise() -> Any:
    """Equivalent of (X'(XX' + delta)^-2 X)_ii for the generic mode."""
    tau_along_ridge = -sympy.diff(ridge / tau, ridge) / slope()
    return -sympy.diff(formulas.one_minus_zeta(lam, tau), tau) * tau_along_ridge


def transfer_energy() -> Any:
    """Equivalent of (P Sigma P)_ii: P Sigma P = (I-P) Sigma (I-P) - Sigma + P Sigma + Sigma P."""
    return mode_energy() - lam + 2 * lam * formulas.one_minus_zeta(lam, tau)


def noise_trace() -> Any:
    """Equivalent of tr(Sigma X'(XX' + delta)^-2 X)."""
    return sympy.cancel(ridge_total(lam * mode_noise()))


def matrix_identity() -> tuple[Any, Any]:
    """Both sides of the first display for any X'X and Sigma with p = 2."""
    names = sympy.symbols("a b c u v w delta", positive=True)
    gram = sympy.Matrix([[names[0], names[1]], [names[1], names[2]]])
    sigma = sympy.Matrix([[names[3], names[4]], [names[4], names[5]]])
    delta = names[6]
    at = (gram + delta * (sympy.eye(2) + t * sigma)).inv() * delta
    missed = at.subs(at_zero)
    return missed * sigma * missed, -sympy.diff(at, t).subs(at_zero)


def averaged_risk() -> Any:
    """(2) averaged over surrogates s + w and s - w, the sign of each mode fair."""
    return sum(risk(student_of=surrogate + w) for w in (spread, -spread)) / 2


def risk_of_squares(square: Callable[[Any, Any], Any] = lambda s, w: s**2 + w**2) -> Any:
    """The student's risk from the surrogate's means and mean squares, by the transfer (3)."""
    zeta, learnt = split()
    return formulas.transfer_risk(
        lam,
        surrogate,
        square(surrogate, spread),
        beta_star,
        formulas.transfer_mean(learnt),
        formulas.transfer_energy(lam, zeta, learnt, omega, 1 - omega),
        formulas.noise_trace(omega, 1 - omega),
        noise,
        total,
    )


def risk_of_law(ignore_spread: bool = False) -> Any:
    """The same from squared bias and variance of the student's own law (7)."""
    zeta, learnt = split()
    leftover = formulas.unlearnt_energy(lam, surrogate, zeta)
    if not ignore_spread:
        leftover += formulas.unlearnt_energy(lam, spread, zeta)
    scale = formulas.trained_scale(total(leftover), 1 - omega, noise)
    variance = learnt**2 * spread**2 + formulas.trained_variance(scale, n, learnt, lam + tau)
    return formulas.mean_variance_risk(lam, learnt * surrogate, variance, beta_star, total)
