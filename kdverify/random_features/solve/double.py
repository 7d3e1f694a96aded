"""The two nested fixed points (16) in double precision: one equation, a few passes."""

from __future__ import annotations

import math

from kdverify.gaussian.solve import double
from kdverify.gaussian.solve.newton import Split, Sums, start
from kdverify.problem import Spectrum
from kdverify.random_features import question
from kdverify.random_features.solve.newton import Evaluation, evaluate
from kdverify.random_features.solve.result import FeatureEquivalents, assemble

#: Rounding in the computed g: that of (1) and 8 for the root e and the load in it.
ROUNDING = double.ROUNDING + 8 * double.UNIT_ROUNDOFF


def solve(spectrum: Spectrum, n: float, q: float, ridge: float) -> FeatureEquivalents:
    """Solve (16) for n and q that differ and of which one is below p, or with ridge > 0.

    The result is right to 3e-14 in nu when its code is `Code.CONVERGED`.
    """
    lam = spectrum.descending
    question.root_in_range(n, q, ridge, lam.size, float(lam[0]))
    split, surplus = Split.at(min(n, q), lam.size), abs(n - q)

    def equation(head: list[Sums], tail: list[Sums], nu: float) -> Evaluation:
        load = q * (ridge / nu)
        return evaluate(head, tail, load, surplus, split.surplus, math.sqrt, math.fsum)

    found = double.iterate(lam, split, equation, start(lam, split, n, ridge))
    return FeatureEquivalents(
        **assemble(n, q, ridge, surplus, n <= q, found.tau, found.now),
        eigenvalues=spectrum.eigenvalues,
        log_error=2 * (abs(found.g) + ROUNDING),
        evaluations=found.evaluations,
        code=found.code,
        minus_slope=found.now.slope,
    )
