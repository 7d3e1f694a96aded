"""Several random layers, ``z = W_L ... W_1 x``: the fixed points (16) nested L times, float64.

With k the smallest of n and all widths and ``e = k - df(nu)`` they are one equation,

    e prod (e + surplus) = (ridge/nu) prod q,

the product over all other sizes.  ``e = r/nu`` for the root nu of (1) at k samples and some
ridge r, so that r is what is sought: in log r the logarithm of the ratio of both sides has a
slope between 1 and L + 1.
"""

from __future__ import annotations

import math

from scipy.optimize import brentq

from kdverify import formulas
from kdverify.gaussian import solve as gaussian
from kdverify.gaussian.solve.result import Code
from kdverify.problem import Spectrum
from kdverify.random_features.solve.result import FeatureEquivalents, unregularised


def solve(
    spectrum: Spectrum, n: float, widths: tuple[float, ...], ridge: float
) -> FeatureEquivalents:
    """The equivalents of a student on the last of several layers; ``q`` is the least width.

    Without ridge the least of n and the widths is what (1) is solved for.
    """
    least, p = min(n, *widths), spectrum.p
    if ridge == 0 and least >= p:
        return unregularised(float, n, min(widths), p, spectrum.eigenvalues)
    sizes = (n, *widths)
    surpluses = [size - least for size in sizes]
    right = math.log(ridge) + math.fsum(map(math.log, widths)) if ridge > 0 else 0.0

    def excess(place: float) -> float:
        at = gaussian.equivalents(spectrum, least, math.exp(place))
        gap = at.ridge / at.tau
        left = math.fsum(math.log(gap + surplus) for surplus in surpluses)
        return left + math.log(at.tau) - right

    share, missed = 0.0, 0.0
    if ridge > 0:
        start = math.log(ridge)
        far = abs(excess(start)) + 1e-12
        place = brentq(excess, start - far, start + far, xtol=1e-15, rtol=1e-15)
        share, missed = math.exp(place), abs(excess(place))
    at = gaussian.equivalents(spectrum, least, share)
    gaps = [share / at.tau + surplus for surplus in surpluses]
    joint, nu_1 = gaps[1], at.tau
    for gap in gaps[2:]:
        joint = formulas.joint_gap(joint, gap) if joint + gap > 0 else 0.0
    for gap, width in zip(gaps[1:], widths, strict=True):
        nu_1 = formulas.first_regularisation(nu_1, gap, width)
    spreads = float(formulas.spread(at.zeta, at.one_minus_zeta).sum())
    crowding = formulas.crowding(spreads, joint)
    room = formulas.one_minus_crowding(spreads, joint)
    return FeatureEquivalents(
        n=n,
        q=min(widths),
        ridge=ridge,
        nu=at.tau,
        nu_1=nu_1,
        sample_gap=gaps[0],
        feature_gap=joint,
        crowding=crowding,
        one_minus_crowding=room,
        upsilon=formulas.upsilon(at.n * at.omega, spreads, crowding, n),
        one_minus_upsilon=formulas.one_minus_upsilon(spreads, room, gaps[0], n),
        spreads=spreads,
        eigenvalues=spectrum.eigenvalues,
        log_error=missed + (len(sizes) + 2) * at.log_error,
        code=at.code if at.code is not Code.CONVERGED or missed < 1e-12 else Code.NOT_CONVERGED,
    )
