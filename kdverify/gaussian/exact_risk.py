"""The exact mean risk of one Gaussian sample, and of p - 1, with proof.

Where (2) is an approximation, these two are integrals of one variable: ``x_i x_j/|x|^4`` is an
integral over t of ``t x_i x_j exp(-t |x|^2)``, under which each coordinate stays normal; and the
p - 1 rows leave one direction, distributed as one row with the covariance ``Sigma^-1``.
"""

from __future__ import annotations

from typing import Any

import flint
import numpy as np

from kdverify import checks, formulas
from kdverify.arithmetic import BALLS, vector
from kdverify.problem import Problem

#: Digits carried beyond those asked for.
GUARD_DIGITS = 12


def exact_risk(
    problem: Problem, n: Any, surrogate: Any = None, noise_variance: Any = 0, digits: int = 20
) -> flint.arb:
    """A ball that holds the mean excess risk over Gaussian rows of the minimum-norm student.

    Args:
        n: 1, or p - 1 (without noise, whose part then has no finite mean); p at least 2.
        surrogate: (p,) coefficients of the labels, None for beta*.
        noise_variance: variance of their noise; n = 1 with noise needs p >= 3.
        digits: certified digits wanted.

    Raises:
        ValueError: another n, or noise without a finite mean.

    Source: claim ``15.one-sample``.
    """
    checks.instance("problem", problem, Problem)
    p, size = problem.p, checks.count("n", n)
    if size not in (1, p - 1):
        raise ValueError(f"n={size} must be 1 or p - 1={p - 1}: no other mean is known exactly")
    noise = checks.exact("noise_variance", noise_variance)
    checks.non_negative("noise_variance", noise)
    if noise > 0 and (size > 1 or p < 3):
        raise ValueError(f"noise_variance={noise_variance!r} must be 0 here: its part is infinite")
    given = problem.beta_star if surrogate is None else surrogate
    teacher = problem.spectrum.to_modes(checks.real_vector("surrogate", given, p))
    with BALLS.precision(digits + GUARD_DIGITS):
        lam = vector(BALLS, problem.spectrum.eigenvalues)
        truth, labels = vector(BALLS, problem.beta_modes), vector(BALLS, teacher)
        square, aim = labels * labels, lam * truth * labels
        signal = BALLS.total(lam * truth * truth)
        if size == 1:
            row = Row(lam)
            both = row.quadratic(square, lam)
            if noise > 0:
                both += BALLS.number(noise) * row.inverse(lam)
            return formulas.squared_error(both, row.linear(aim), signal)
        # P = I - N, and N is the P of one row with the covariance Sigma^-1
        row = Row(np.array([1 / value for value in lam], dtype=object))
        kept = BALLS.total(lam * square) - 2 * row.linear(lam * square)
        crossed = BALLS.total(aim) - row.linear(aim)
        return formulas.squared_error(kept + row.quadratic(square, lam), crossed, signal)


class Row:
    """Means over one row x, normal with variances ``lam``, by certified integration.

    ``1/|x|^2`` is the integral of ``exp(-t |x|^2)`` over t, and ``1/|x|^4`` with a factor t.  With
    ``t = (1 - r^2)/r^2`` every ``1 + 2 t lam`` is ``h/r^2``, ``h = r^2 + 2 (1 - r^2) lam``, and
    the integrals run over [0, 1] without a singularity.
    """

    def __init__(self, lam: np.ndarray) -> None:
        self.lam = lam

    def linear(self, weights: np.ndarray) -> flint.arb:
        """``E sum w_i x_i^2/|x|^2``."""
        return self._integral(lambda v: _dot(weights, v), 0, 1)

    def quadratic(self, weights: np.ndarray, others: np.ndarray) -> flint.arb:
        """``E (sum w_i x_i^2)(sum u_k x_k^2)/|x|^4``."""

        def moment(v: list[Any]) -> Any:
            both = sum(w * u * x * x for w, u, x in zip(weights, others, v, strict=True))
            return formulas.paired_squares(_dot(weights, v), _dot(others, v), both)

        return self._integral(moment, 1, 2)

    def inverse(self, weights: np.ndarray) -> flint.arb:
        """``E sum w_i x_i^2/|x|^4``."""
        return self._integral(lambda v: _dot(weights, v), 1, 1)

    def _integral(self, moment: Any, power: int, degree: int) -> flint.arb:
        """``int t^power E[moment exp(-t |x|^2)] dt`` for a moment of that degree in variances.

        The damped variances ``lam/(1 + 2 t lam)`` are handed over as ``lam/h``.
        """
        exponent = self.lam.size + 2 * degree - 2 * power - 3

        def integrand(r: Any, analytic: bool) -> Any:
            square = r * r
            scales = [square + 2 * (1 - square) * value for value in self.lam]
            damped = flint.acb(2) * r**exponent * (1 - square) ** power
            for scale in scales:
                damped = damped / scale.sqrt(analytic=analytic)
            return damped * moment([v / h for v, h in zip(self.lam, scales, strict=True)])

        return flint.acb.integral(integrand, 0, 1).real


def _dot(weights: np.ndarray, values: list[Any]) -> Any:
    return sum(w * v for w, v in zip(weights, values, strict=True))
