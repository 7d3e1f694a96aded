"""How far off is (17) at the n and q in hand?  The first correction, for Gaussian inputs.

Both samples, of rows and of features, fluctuate; what is added is of the first order in 1/n and 1/q
together.  Claim ``15.random-features``; that what is left is of second order is measured.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from kdverify import checks, formulas
from kdverify.arithmetic.jets import Jet, S, T, solved, summed
from kdverify.gaussian.finite_size import EXACT, FIRST_ORDER, SizeError
from kdverify.gaussian.numbers import FloatModes
from kdverify.gaussian.risks import Modes, least_squares_noise
from kdverify.gaussian.solve.result import Code
from kdverify.gaussian.theory import vector_in_modes
from kdverify.problem import Problem
from kdverify.random_features import risks
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
    if at.code is Code.UNREGULARISED:
        return 0 * at.n
    if at.ridge == 0 and at.q < at.n:
        return _given_layer(modes, at, surrogate, noise)
    energy = hessian(modes, at, modes.lam, S, T * (surrogate * surrogate), T * noise)
    moved = modes.lam * (1 + T * (modes.lam * modes.beta_star * surrogate))
    crossed = hessian(modes, at, moved)
    return energy.log_both() / 2 - crossed.by_t / crossed.value


def hessian(
    modes: Modes,
    at: FeatureEquivalents,
    lam: Any,
    penalty: Any = 0,
    along: Any = 0,
    noise: Any = 0,
) -> Jet:
    """Determinant of the saddle's Hessian as the eigenvalues, the penalty or the labels move.

    The penalty is on the eigenvalues themselves; ``along`` (p,) squares of coefficients.
    """
    total, weights = summed(modes.total), modes.lam
    nu_1, ratio = Jet.of(at.nu_1), Jet.of(at.feature_gap / at.q)
    ridge = at.ridge + noise
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


def _given_layer(modes: Modes, at: FeatureEquivalents, surrogate: Any, noise: Any) -> Any:
    """q < n without ridge: least squares on q features, whose rows are exact given the layer."""
    split = at.zeta, at.one_minus_zeta
    mean = formulas.mean_unlearnt(modes.total(formulas.spread(*split) * at.zeta), at.spreads)
    learnt = formulas.learnt_correction(*split, mean, at.spreads)
    leftover = noise + modes.total(modes.lam * at.zeta * surrogate * surrogate)
    exact = least_squares_noise(at.n, at.q, leftover)
    if not exact < np.inf:
        return exact
    factor = formulas.ols_noise_risk(1, at.n, at.q)
    moved = formulas.given_layer_correction(
        modes.lam, surrogate, modes.beta_star, learnt, factor, modes.total
    )
    return moved + exact - leftover * formulas.feature_few(at.q / at.n)


def _errors(
    problem: Problem, n: Any, features: Any, labels: dict[str, Any], noise: Any, ridge: Any
) -> dict[str, SizeError]:
    checks.instance("problem", problem, Problem)
    noise = checks.non_negative("noise_variance", noise)
    q, modes = checks.number("features", features), FloatModes.of(problem)
    at = equivalents(problem, n, q, ridge)
    basis = EXACT if at.code is Code.UNREGULARISED else FIRST_ORDER
    found = {}
    for name, vector in labels.items():
        known = modes.beta_star if vector is None else vector
        risk = float(risks.excess_risk(modes, at, known, noise))
        added = float(risk_correction(modes, at, known, noise)) if np.isfinite(risk) else 0.0
        found[name] = SizeError(risk, added, basis)
    return found
