"""How far off is (17) at the n and q in hand?  The first correction, for Gaussian inputs.

Both samples, of rows and of features, fluctuate; what is added is of the first order in 1/n and 1/q
together.  Claim ``15.random-features``; that what is left is of second order is measured.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from kdverify import checks, formulas
from kdverify.arithmetic.jets import Jet, S, T, solved, summed
from kdverify.gaussian.finite_size import EXACT, FIRST_ORDER, SizeError, correction
from kdverify.gaussian.numbers import FloatModes
from kdverify.gaussian.risks import Modes, least_squares_noise
from kdverify.gaussian.solve.result import Code, Equivalents
from kdverify.gaussian.theory import vector_in_modes
from kdverify.problem import Problem
from kdverify.random_features import question, risks
from kdverify.random_features.solve import FeatureEquivalents, equivalents


def size_error(
    problem: Problem,
    n: Any,
    features: Any,
    surrogate: Any = None,
    noise_variance: Any = 0.0,
    ridge: Any = 0.0,
) -> SizeError:
    """`kdverify.random_features.risk` with its first correction at finite n and q.

    Arguments as there.  Without ridge and for q < n the mean over the sample is exact, and only the
    mean over the first layer is of first order.

    >>> import kdverify as kd
    >>> problem = kd.Problem.power_law(p=500, alpha=2.0, beta=1.5)
    >>> error = kd.random_features.size_error(problem, n=200, features=400)
    >>> round(error.risk, 6), round(error.correction, 6)
    (0.208033, 0.000991)
    """
    vector = None if surrogate is None else vector_in_modes(problem, surrogate)
    return _errors(problem, n, features, {"asked": vector}, noise_variance, ridge)["asked"]


def size_errors(
    problem: Problem, n: Any, features: Any, noise_variance: Any = 0.0, ridge: Any = 0.0
) -> dict[str, SizeError]:
    """`size_error` for strong labels, the best surrogate and the best mask."""
    at = equivalents(problem, n, features, ridge)
    labels = {
        "standard": None,
        "optimal": risks.gains(at) * problem.beta_modes,
        "masked": (risks.keep_margins(at) > 0) * problem.beta_modes,
    }
    return _errors(problem, n, features, labels, noise_variance, ridge)


def risk_correction(modes: Modes, at: FeatureEquivalents, surrogate: Any, noise: Any) -> Any:
    """What finite n and q add to the excess risk (17), to first order, in any numbers."""
    linear, square = modes.lam * modes.beta_star, surrogate * surrogate
    return form_correction(modes, at, modes.lam, linear, surrogate, square, noise)


def form_correction(
    modes: Modes,
    at: FeatureEquivalents,
    weights: Any,
    linear: Any,
    mean: Any,
    square: Any,
    noise: Any,
) -> Any:
    """What finite n and q add to the mean of ``b'Ab - 2 linear'b``, b the student, to first order.

    Args:
        weights: (p,) the diagonal of A; linear: (p,).
        mean, square: (p,) means and mean squares of the labels' coefficients; noise: theirs.
    """
    if at.code is Code.UNREGULARISED:
        return 0 * at.n
    if at.ridge == 0 and at.q < at.n:
        return _given_layer(modes, at, weights, linear, mean, square, noise)
    energy = hessian(modes, at, weights, square, noise).log_both() / 2
    return energy - 2 * modes.total(linear * mean * learnt_correction(modes, at))


def learnt_correction(modes: Modes, at: FeatureEquivalents) -> Any:
    """(p,) what finite n and q add to ``E P_ii``, P the student's map, to first order."""
    split = at.zeta, at.one_minus_zeta
    slopes = modes.total(formulas.spread_slope(*split))
    return formulas.feature_learnt_correction(
        *split, slopes, at.spreads, at.sample_gap, at.feature_gap
    )


def hessian(modes: Modes, at: FeatureEquivalents, weights: Any, square: Any, noise: Any) -> Jet:
    """Determinant of the saddle's Hessian as a penalty s and labels t grow."""
    total, lam = summed(modes.total), at.eigenvalues
    penalty, along = S, T * square
    nu_1, ratio = Jet.of(at.nu_1), Jet.of(at.feature_gap / at.q)
    ridge = at.ridge + T * noise
    for left in (2, 1, 0):
        pole = formulas.feature_pole(lam, weights, nu_1, ratio, penalty, along)
        own = formulas.pole_by_nu(weights, nu_1, ratio, penalty) / pole
        other = formulas.pole_by_ratio(lam, weights, nu_1, ratio, penalty, along) / pole
        both = formulas.pole_by_both(weights, nu_1, ratio, penalty) / pole
        by_nu = total(own * (1 - own)) + ridge / nu_1
        by_ratio = total(other * (1 - other)) + at.q * ratio
        crossed = total(both - own * other)
        if left:  # a step of Newton's method doubles the order in s and t that is right
            slopes = total(own) - ridge / nu_1, total(other) + at.q * ratio
            matrix = [[by_nu, crossed], [crossed, by_ratio]]
            steps = solved(matrix, [-slope.change() for slope in slopes])[1]
            nu_1, ratio = nu_1 * steps[0].exp_change(), ratio * steps[1].exp_change()
    return formulas.saddle_hessian(by_nu, by_ratio, crossed)


def _given_layer(
    modes: Modes,
    at: FeatureEquivalents,
    weights: Any,
    linear: Any,
    mean: Any,
    square: Any,
    noise: Any,
) -> Any:
    """q < n without ridge: least squares on q features, whose rows are exact given the layer.

    The layer's ``Pi = Sigma^(1/2) W'(W Sigma W')^-1 W Sigma^(1/2)`` is a ridgeless student's P on q
    rows; the form is ``Pi (A/lam) Pi``, and what is left of the labels is noise on q features.
    """
    total, lam, zeta, learnt = modes.total, at.eigenvalues, at.zeta, at.one_minus_zeta
    rows = Equivalents(
        n=at.q,
        ridge=0 * at.q,
        tau=at.nu,
        omega=1 - at.spreads / at.q,
        one_minus_omega=at.spreads / at.q,
        eigenvalues=lam,
        split=(zeta, learnt),
    )
    own = weights / lam
    found = correction(modes, rows, own)
    left = noise + total(lam * zeta * square)
    if not least_squares_noise(at.n, at.q, left) < np.inf:
        return left + np.inf
    return formulas.given_layer_correction(
        total(lam * square * found.energy - 2 * linear * mean * found.learnt),
        left,
        -total(lam * square * found.learnt),
        total(own * learnt),
        total(own * found.learnt),
        at.n,
        at.q,
    )


def _errors(
    problem: Problem, n: Any, features: Any, labels: dict[str, Any], noise: Any, ridge: Any
) -> dict[str, SizeError]:
    checks.instance("problem", problem, Problem)
    noise = checks.non_negative("noise_variance", noise)
    q, modes = question.one_layer(features), FloatModes.of(problem)
    at = equivalents(problem, n, q, ridge)
    basis = EXACT if at.code is Code.UNREGULARISED else FIRST_ORDER
    found = {}
    for name, vector in labels.items():
        known = modes.beta_star if vector is None else vector
        risk = float(risks.excess_risk(modes, at, known, noise))
        added = float(risk_correction(modes, at, known, noise)) if np.isfinite(risk) else 0.0
        found[name] = SizeError(risk, added, basis)
    return found
