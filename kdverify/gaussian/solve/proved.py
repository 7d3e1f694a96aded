"""The fixed point with proof: one ball evaluation of g encloses the root.

By fact 1.6 (claims ``1.certificate`` and ``1.curvature``) g has exactly one root u*, slope
between -2 and -1 and |g''| <= 1/4.  So for any u = log t

    u* - u = g(u) / s,   |s + g'(u)| <= |u* - u| / 8 <= |g(u)| / 8,

where -s is the mean slope between u and u*, and the ball evaluation of g and g' at t gives
a rigorous interval whose width is about g^2/4: a t that is right to half of the digits is
enough.  Existence, uniqueness and the enclosure rest on nothing else: not on the way in
which t was found.
"""

from __future__ import annotations

from fractions import Fraction

from kdverify import formulas
from kdverify.arithmetic import BALLS
from kdverify.gaussian.solve.exact import ExactModes, FixedPoint, unregularised
from kdverify.gaussian.solve.result import Code, Equivalents


def solve(modes: ExactModes, n: Fraction, ridge: Fraction, digits: int) -> Equivalents:
    """Enclose the solution of (1); every value is a ball.

    To be called at the working precision in which the result is wanted (some ten digits
    beyond ``digits``); ``modes`` are balls.
    """
    if ridge == 0 and n >= modes.spectrum.p:
        return unregularised(modes, n)
    equation = FixedPoint(modes, n, ridge)
    tau, _ = equation.enclosed(equation.root(digits // 2 + 2))
    zeta, learnt = split = formulas.split_mode(modes.lam, tau)
    squares = BALLS.total(formulas.learnt_square(learnt))
    spreads = BALLS.total(formulas.spread(zeta, learnt))
    n_ball, ridge_ball = BALLS.number(n), BALLS.number(ridge)
    return Equivalents(
        n=n_ball,
        ridge=ridge_ball,
        tau=tau,
        omega=formulas.omega(squares, n_ball),
        one_minus_omega=formulas.one_minus_omega(spreads, n_ball, ridge_ball / tau),
        eigenvalues=modes.lam,
        split=split,
        log_error=(tau / tau.mid()).log().abs_upper(),
        code=Code.CONVERGED if tau > 0 and tau.is_finite() else Code.NOT_CONVERGED,
    )
