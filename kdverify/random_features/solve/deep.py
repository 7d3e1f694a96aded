"""Several random layers, ``z = W_L ... W_1 x``: the fixed points (16) nested L times.

With k the smallest of n and all widths and ``e = k - df(nu)`` they are one equation,

    e prod (e + surplus) = (ridge/nu) prod q,

the product over all other sizes.  ``e = r/nu`` for the root nu of (1) at k samples and some
ridge r, so that r is what is sought: in log r the logarithm of the ratio of both sides has a
slope between 1 and L + 1.  log nu and log e rise with log r, by at most as much: so one
evaluation on balls encloses all three.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from fractions import Fraction
from typing import Any

from scipy.optimize import brentq

from kdverify import formulas
from kdverify.arithmetic import BALLS
from kdverify.gaussian import solve as gaussian
from kdverify.gaussian.solve import proved as gaussian_proved
from kdverify.gaussian.solve.exact import GUARD_DIGITS, MAX_STEPS, ExactModes
from kdverify.gaussian.solve.result import Code, Equivalents
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
    share, missed = _share(spectrum, n, widths, ridge) if ridge > 0 else (0.0, 0.0)
    at = gaussian.equivalents(spectrum, least, share)
    squares, split = at.n * at.omega, (at.zeta, at.one_minus_zeta)
    gaps = [share / at.tau + (size - least) for size in (n, *widths)]
    return FeatureEquivalents(
        **_assembled(n, widths, ridge, at.tau, split, gaps, squares, lambda v: float(v.sum())),
        q=min(widths),
        eigenvalues=spectrum.eigenvalues,
        log_error=missed + (len(widths) + 3) * at.log_error,
        code=at.code if at.code is not Code.CONVERGED or missed < 1e-12 else Code.NOT_CONVERGED,
    )


def enclosed(
    modes: ExactModes, n: Fraction, widths: tuple[Fraction, ...], ridge: Fraction, digits: int
) -> FeatureEquivalents:
    """The same on balls that are proved to hold it; at the working precision, as there."""
    sizes, p = (n, *widths), modes.spectrum.p
    least, finer, number = min(sizes), digits + GUARD_DIGITS // 2, BALLS.number
    if ridge == 0 and least >= p:
        return unregularised(lambda v: number(Fraction(v)), n, min(widths), p, modes.lam)
    surpluses, share = [number(size - least) for size in sizes], Fraction(0)
    if ridge > 0:
        floats = tuple(map(float, widths))
        share = Fraction(_share(modes.spectrum, float(n), floats, float(ridge))[0])
    for _ in range(MAX_STEPS):
        at = gaussian_proved.solve(modes, least, share, finer)
        gap, wider = number(share) / at.tau, number(1)
        if ridge == 0:
            break
        missed = _log_ratio(at, gap, surpluses, BALLS.log) - BALLS.log(
            number(ridge * math.prod(widths))
        )
        bound = missed.abs_upper()
        wider = BALLS.exp(bound.neg().union(bound))
        if bound < number(Fraction(1, 10 ** (digits + 2))):
            break
        pull = gap / (at.n * at.one_minus_omega)  # d log nu/d log r
        slope = pull + sum((1 - pull) * gap / (gap + surplus) for surplus in surpluses)
        mantissa, power = (number(share) * BALLS.exp(-missed / slope)).mid().man_exp()
        share = Fraction(int(mantissa)) * Fraction(2) ** int(power)
    nu, gaps = at.tau * wider, [gap * wider + surplus for surplus in surpluses]
    split = formulas.split_mode(modes.lam, nu)
    squares = BALLS.total(formulas.learnt_square(split[1]))
    asked = number(n), tuple(map(number, widths)), number(ridge)
    return FeatureEquivalents(
        **_assembled(*asked, nu, split, gaps, squares, BALLS.total),
        q=number(min(widths)),
        eigenvalues=modes.lam,
        split=split,
        log_error=(nu / nu.mid()).log().abs_upper(),
        code=Code.CONVERGED if nu > 0 and nu.is_finite() else Code.NOT_CONVERGED,
    )


def _log_ratio(at: Equivalents, gap: Any, surpluses: Sequence[Any], log: Callable[..., Any]) -> Any:
    """The logarithm of ``nu e prod (e + surplus)``."""
    return log(at.tau) + sum(log(gap + surplus) for surplus in surpluses)


def _share(
    spectrum: Spectrum, n: float, widths: tuple[float, ...], ridge: float
) -> tuple[float, float]:
    """r, and how far off it is in its logarithm at most."""
    least = min(n, *widths)
    surpluses = [size - least for size in (n, *widths)]
    right = math.log(ridge) + math.fsum(map(math.log, widths))

    def excess(place: float) -> float:
        at = gaussian.equivalents(spectrum, least, math.exp(place))
        return float(_log_ratio(at, at.ridge / at.tau, surpluses, math.log)) - right

    start = math.log(ridge)
    far = abs(excess(start)) + 1e-12
    place = brentq(excess, start - far, start + far, xtol=1e-15, rtol=1e-15)
    return math.exp(place), abs(excess(place))


def _assembled(
    n: Any,
    widths: tuple[Any, ...],
    ridge: Any,
    nu: Any,
    split: tuple[Any, Any],
    gaps: list[Any],
    squares: Any,
    total: Callable[[Any], Any],
) -> dict[str, Any]:
    """The numbers of `FeatureEquivalents`; ``gaps`` are n - df and q - df of every layer."""
    joint, nu_1 = gaps[1], nu
    for gap in gaps[2:]:
        joint = formulas.joint_gap(joint, gap) if joint + gap > 0 else 0 * joint
    for gap, width in zip(gaps[1:], widths, strict=True):
        nu_1 = formulas.first_regularisation(nu_1, gap, width)
    spreads = total(formulas.spread(*split))
    crowding = formulas.crowding(spreads, joint)
    room = formulas.one_minus_crowding(spreads, joint)
    return {
        "n": n,
        "ridge": ridge,
        "nu": nu,
        "nu_1": nu_1,
        "sample_gap": gaps[0],
        "feature_gap": joint,
        "crowding": crowding,
        "one_minus_crowding": room,
        "upsilon": formulas.upsilon(squares, spreads, crowding, n),
        "one_minus_upsilon": formulas.one_minus_upsilon(spreads, room, gaps[0], n),
        "spreads": spreads,
    }
