"""Random features on power laws: exact at p = infinity, and exponents in n and q.

``lam_i = i^-alpha`` and ``lam_i beta*_i^2 = i^-beta`` for i = 1, 2, ...; alpha, beta > 1.
`infinite` gives the fixed points and the risks on strong labels, on those of the best surrogate
and of the best mask as balls that contain the exact values; `exponents` says how fast they fall
where q and the ridge are powers of n.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from fractions import Fraction
from functools import cached_property
from typing import Any

import numpy as np
from flint import arb, arb_series

from kdverify import checks, formulas
from kdverify.arithmetic import BALLS, functions
from kdverify.gaussian.infinite import (
    GUARD_DIGITS,
    LARGEST_N,
    MAX_DIGITS,
    SMALLEST_N,
    AtInfinity,
    checked_exponents,
    count_below,
    enclosed_root,
    working_digits,
)
from kdverify.gaussian.solve.power_sum import (
    LEARNT,
    SPREAD,
    UNLEARNT,
    UNLEARNT_SQUARE,
    PowerSum,
    series_length,
)
from kdverify.random_features import question
from kdverify.random_features.solve.newton import Evaluation
from kdverify.random_features.solve.result import FeatureEquivalents, assemble
from kdverify.shown import Shown

#: Modes that the best surrogate's risk adds one by one at the most.
MAX_HEAD = 500_000

__all__ = ["Exponents", "Infinite", "exponents", "infinite", "plateau"]


@dataclass(frozen=True, eq=False, repr=False)
class Infinite(AtInfinity):
    """What the theory says about one power law at p = infinity, n samples and q features.

    Every number is a python-flint ``arb``, about ``10**-digits`` wide relatively.

    Attributes:
        alpha, beta, noise: what was asked.
        digits: decimal digits aimed at.
        equivalents: the fixed points and what follows from them; without eigenvalues.
    """

    alpha: Fraction
    beta: Fraction
    noise: Fraction
    digits: int
    equivalents: FeatureEquivalents

    @cached_property
    def standard(self) -> arb:
        """Excess risk on strong labels."""
        return self._at_precision(lambda: self._risk(self._unlearnt(1), arb(0)))

    def gain(self, i: int) -> arb:
        """``beta_opt_i / beta*_i`` of mode i = 1, 2, ..."""
        mode, at = checks.count("i", i), self.equivalents

        def gain() -> arb:
            split = formulas.split_mode(BALLS.power(mode, -self.alpha), at.nu)
            return formulas.feature_gain(*split, at.upsilon, at.one_minus_upsilon, at.crowding)

        return self._at_precision(gain)

    def _unlearnt(self, first: int) -> arb:
        """``sum_{i >= first} i^-beta zeta (zeta + eta (1 - zeta))``."""
        at = self.equivalents
        sums = PowerSum(self.alpha, self.beta, self.digits + GUARD_DIGITS // 2)
        square = sums.total(UNLEARNT_SQUARE, at.nu, first)
        return at.one_minus_crowding * square + at.crowding * sums.total(UNLEARNT, at.nu, first)

    def _risk(self, unlearnt: arb, dropped: arb) -> arb:
        at = self.equivalents
        kept = formulas.feature_standard_risk(
            1,
            1,
            0,
            at.upsilon,
            at.one_minus_upsilon,
            at.crowding,
            BALLS.number(self.noise),
            total=lambda _: unlearnt,
        )
        return kept + dropped

    def _optimal(self) -> arb:
        """Modes with odds ``x = lam/nu`` up to a quarter of the radius of the share's series in x
        by Hurwitz zeta functions, the others one by one.

        What K terms leave of the share is ``x^K (a + b x)`` over the denominator, at least
        Upsilon, with ``a = -eta c_{K-1} - (1 - Upsilon) c_{K-2}``, ``b = -(1 - Upsilon) c_{K-1}``.
        """
        at, terms = self.equivalents, 2 * (self.digits + GUARD_DIGITS)
        parts = (at.upsilon, at.one_minus_upsilon, at.crowding)
        first = self._first_small()
        odds = (BALLS.power(i, -self.alpha) / at.nu for i in range(1, first))
        head = BALLS.total(
            BALLS.power(i, -self.beta) * formulas.feature_optimal_share(x, *parts)
            for i, x in enumerate(odds, 1)
        )
        with series_length(terms):
            taylor = formulas.feature_optimal_share(arb_series([0, 1]), *parts).coeffs()

        def powers(k: int) -> arb:
            """``sum_{i >= first} i^-beta x^k``."""
            return BALLS.number(self.beta + k * self.alpha).zeta(arb(first)) / at.nu**k

        tail = sum((c * powers(k) for k, c in enumerate(taylor)), arb(0))
        last, before = taylor[terms - 1], taylor[terms - 2]
        a = abs(at.crowding * last + at.one_minus_upsilon * before)
        b = abs(at.one_minus_upsilon * last)
        rest = ((a * powers(terms) + b * powers(terms + 1)) / at.upsilon).abs_upper()
        factor = formulas.variance_factor(at.upsilon, at.one_minus_upsilon)
        noise = factor * BALLS.number(self.noise)
        return head + tail + rest.neg().union(rest) + noise

    def _first_small(self) -> int:
        """The first mode whose odds are at most a quarter of the radius of convergence."""
        at = self.equivalents
        upsilon, rest, eta = (float(v) for v in (at.upsilon, at.one_minus_upsilon, at.crowding))
        spread = eta**2 - 4 * upsilon * rest
        radius = 2 * upsilon / (eta + spread**0.5) if spread > 0 else (upsilon / rest) ** 0.5
        first = math.ceil((4 / (float(at.nu) * radius)) ** (1 / float(self.alpha))) + 1
        if first > MAX_HEAD:
            raise ArithmeticError(
                f"n={float(at.n):g}: the best surrogate needs {first} modes one by one, "
                f"above {MAX_HEAD}"
            )
        return first

    def _kept(self) -> tuple[int, int]:
        at = self.equivalents
        margin = 4 * at.one_minus_crowding * at.one_minus_upsilon
        threshold = 2 * at.one_minus_upsilon / (at.crowding + (at.crowding**2 + margin).sqrt())
        edge = (threshold / (1 - threshold) / at.nu) ** (1 / BALLS.number(self.alpha))
        return count_below(edge.lower()), count_below(edge.upper())

    def _masked(self, kept: int) -> arb:
        dropped = BALLS.number(self.beta).zeta(arb(kept + 1))
        return self._risk(self._unlearnt(1) - self._unlearnt(kept + 1), dropped)

    @property
    def _size(self) -> Fraction:
        return Fraction(float(self.equivalents.n))


def infinite(
    alpha: Any,
    beta: Any,
    n: Any,
    features: Any,
    noise_variance: Any = 0,
    ridge: Any = 0,
    digits: int = 30,
) -> Infinite:
    """Solve (16) for a power law at p = infinity, with proof.

    Args:
        alpha, beta: exponents of ``lam_i`` and of ``lam_i beta*_i^2``, both in (1, 50].
        n, features: real numbers, n from 1/1000 and features from 1, both to 10^12; they must
            differ without ridge.
        noise_variance, ridge: as in `kdverify.random_features.risk`.
        digits: decimal digits wanted, 1 to 300.

    Raises:
        ValueError, TypeError: for bad input.
    """
    a, b = checked_exponents(alpha, beta)
    names = ("n", "features", "noise_variance", "ridge")
    values = (n, features, noise_variance, ridge)
    size, q, noise, delta = (checks.exact(*pair) for pair in zip(names, values, strict=True))
    checks.non_negative("noise_variance", noise)
    question.checked(size, q, delta, LARGEST_N + 1)
    if not (size >= SMALLEST_N and max(size, q) <= LARGEST_N):
        raise ValueError(
            f"n={checks.shown(n)}, features={checks.shown(features)} must lie between "
            f"{SMALLEST_N} and {LARGEST_N}"
        )
    digits = checks.count("digits", digits, most=MAX_DIGITS)
    aim = digits + GUARD_DIGITS // 2
    with BALLS.precision(working_digits(digits, a, max(size, q))):
        return Infinite(a, b, noise, digits, _solved(a, size, q, delta, aim))


def _solved(
    alpha: Fraction, n: Fraction, q: Fraction, ridge: Fraction, digits: int
) -> FeatureEquivalents:
    sums = PowerSum(alpha, Fraction(0), digits)
    surplus, load = BALLS.number(abs(n - q)), BALLS.number(q * ridge)

    def gap(nu: arb) -> arb:
        root = formulas.feature_gap_discriminant(load / nu, surplus).sqrt()
        return formulas.feature_gap(load / nu, surplus, root)

    def fall(nu: arb) -> arb:
        pull = gap(nu)
        return sums.total(SPREAD, nu) + pull * formulas.feature_gap_rate(pull, surplus)

    shifted = BALLS.number(min(n, q) + Fraction(1, 2))
    start = formulas.scaling_tau(BALLS.number(alpha), shifted, functions.balls())
    nu = enclosed_root(
        lambda nu: sums.total(LEARNT, nu) + gap(nu),
        fall,
        BALLS.number(min(n, q)),
        start.max(BALLS.number(ridge / n)),
        alpha,
        digits,
    )
    spreads = sums.total(SPREAD, nu)
    now = Evaluation(None, None, gap(nu), spreads, sums.total(LEARNT, nu) - spreads)
    samples, features, delta = (BALLS.number(value) for value in (n, q, ridge))
    return FeatureEquivalents(
        **assemble(samples, features, delta, surplus, n <= q, nu, now),
        eigenvalues=np.empty(0, dtype=object),
        log_error=(nu / nu.mid()).log().abs_upper(),
    )


@dataclass(frozen=True, repr=False)
class Exponents(Shown):
    """How fast the parts of the risk on strong labels fall: as ``n^-value``.

    Attributes:
        learnt: exponent of the number of modes that are learnt, ``n^learnt``.
        ridge_bias: of what the effective regularisation takes, ``sum lam beta*^2 zeta^2``.
        feature_bias: of what the missing features take, ``eta sum lam beta*^2 zeta (1 - zeta)``.
        bias: the smaller of both. variance: of the noise part; 0 is a plateau.
    """

    learnt: Fraction
    ridge_bias: Fraction
    feature_bias: Fraction
    variance: Fraction

    @property
    def bias(self) -> Fraction:
        """Exponent of the noiseless risk."""
        return min(self.ridge_bias, self.feature_bias)


def exponents(alpha: Any, beta: Any, width: Any = 1, decay: Any = None) -> Exponents:
    """Exponents in n of the risk on strong labels where ``q = n^width``.

    Args:
        alpha, beta: of the power law; where ``beta - 1`` is alpha or 2 alpha there may be a
            logarithm on top.
        width: of the number of features, positive; at 1, q is a multiple of n other than n.
        decay: l, where the ridge is ``n^(1 - l)``, positive; None: no ridge.

    Source: Defilippis, Loureiro, Misiakiewicz 2024 with ``alpha``, ``r = (beta - 1)/(2 alpha)``
    and their exponents of q and of the ridge; claim ``12.exponents``.
    """
    a, b = checked_exponents(alpha, beta)
    gamma = checks.exact("width", width)
    checks.positive("width", gamma)
    learnt = min(Fraction(1), gamma)
    if decay is not None:
        power = checks.exact("decay", decay)
        checks.positive("decay", power)
        learnt = min(learnt, power / a)
    return Exponents(
        learnt=learnt,
        ridge_bias=formulas.feature_ridge_exponent(learnt, min(b - 1, 2 * a)),
        feature_bias=formulas.feature_bias_exponent(learnt, min(b - 1, a), gamma),
        variance=1 - learnt,
    )


def plateau(alpha: Any, ratio: Any) -> float:
    """Limit of the noise part of every risk per unit of noise, without ridge, at ``q = ratio n``.

    ``alpha - 1 + 1/(ratio - 1)`` above 1, ``ratio/(1 - ratio)`` below.
    """
    a, _ = checked_exponents(alpha, 2)
    c = checks.positive("ratio", ratio)
    if c == 1:
        raise ValueError("ratio=1 must not be 1: there is no finite risk at q = n without ridge")
    return float(formulas.feature_plateau(float(a), c) if c > 1 else formulas.feature_few(c))
