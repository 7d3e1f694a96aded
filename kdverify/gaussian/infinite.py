"""Power laws at p = infinity, and their scaling laws for n to infinity.

``lam_i = i^-alpha`` and ``lam_i beta*_i^2 = i^-beta`` for i = 1, 2, ...; ``alpha > 1`` makes
tau exist (the trace is finite), ``beta > 1`` makes the energy of the labels finite.

`infinite` gives tau, Omega and the three risks at one n as balls that contain the exact
values; `rho`, `rho_mask`, `exponent` and `constants` the limits, `extrapolate` estimates
limits from exact values.  Exponents given as text, ``Fraction`` or integers are exact, floats
are their exact binary values.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass
from fractions import Fraction
from functools import cached_property, reduce
from typing import Any

from flint import arb

from kdverify import checks, formulas
from kdverify.arithmetic import BALLS, functions
from kdverify.gaussian.extrapolation import Extrapolation, correction_exponents, extrapolate
from kdverify.gaussian.solve.power_sum import LEARNT, SPREAD, UNLEARNT, UNLEARNT_SQUARE, PowerSum
from kdverify.shown import Shown

__all__ = [
    "Constants",
    "Extrapolation",
    "Infinite",
    "constants",
    "correction_exponents",
    "exponent",
    "extrapolate",
    "infinite",
    "rho",
    "rho_mask",
]

GUARD_DIGITS = 12
MAX_DIGITS = 300
MAX_STEPS = 60
#: Largest exponents accepted: the number of modes added directly grows with alpha.
MAX_EXPONENT = 50
#: Cuts of the mask that a result may leave open.
MAX_CUTS = 64
SMALLEST_N, LARGEST_N = Fraction(1, 1000), 10**12


class AtInfinity(Shown):
    """What is said alike of a power law at p = infinity, whatever the student sees."""

    alpha: Fraction
    digits: int
    #: Under the working precision: best surrogate's risk, modes kept, risk of a cut.
    _optimal: Callable[[], arb]
    _kept: Callable[[], tuple[int, int]]
    _masked: Callable[[int], arb]

    @property
    def _size(self) -> Fraction:
        """n."""
        raise NotImplementedError

    @cached_property
    def optimal(self) -> arb:
        """Excess risk of the student of the best surrogate.

        Raises:
            ArithmeticError: where too many modes would have to be added one by one.
        """
        return self._at_precision(self._optimal)

    @cached_property
    def kept(self) -> tuple[int, int]:
        """Number of modes that the best mask keeps: certain ones, and possible ones."""
        return self._at_precision(self._kept)

    @cached_property
    def masked(self) -> arb:
        """Excess risk of the student of the best mask: the hull over all possible cuts."""
        low, high = self.kept
        if high - low > MAX_CUTS:
            raise ArithmeticError(
                f"the mask's cut lies between {low} and {high}: ask for more digits"
            )
        return self._at_precision(
            lambda: reduce(arb.union, (self._masked(cut) for cut in range(low, high + 1)))
        )

    def _at_precision(self, compute: Callable[[], Any]) -> Any:
        with BALLS.precision(working_digits(self.digits, self.alpha, self._size)):
            return compute()


@dataclass(frozen=True, eq=False, repr=False)
class Infinite(AtInfinity):
    """Everything that the theory says about one power law at p = infinity and one n.

    Every number is a python-flint ``arb``, about ``10**-digits`` wide relatively.

    Attributes:
        alpha, beta, n, noise: what was asked.
        digits: decimal digits aimed at.
        tau: effective regularisation, the root of (1).
        omega, one_minus_omega: Omega and its complement.
    """

    alpha: Fraction
    beta: Fraction
    n: Fraction
    noise: Fraction
    digits: int
    tau: arb
    omega: arb
    one_minus_omega: arb

    def zeta(self, i: int) -> arb:
        """Fraction of mode i = 1, 2, ... that n samples do not learn."""
        return self._at_precision(lambda: self._split(i)[0])

    def gain(self, i: int) -> arb:
        """``beta_opt_i / beta*_i``."""
        return self._at_precision(
            lambda: formulas.gain(*self._split(i), self.omega, self.one_minus_omega)
        )

    @cached_property
    def standard(self) -> arb:
        """Excess risk on strong labels."""
        return self._at_precision(
            lambda: formulas.standard_risk(
                1, 1, self.omega, self.one_minus_omega, self._noise, total=lambda _: self._squares
            )
        )

    def _split(self, i: int) -> tuple[arb, arb]:
        mode = checks.count("i", i)
        return formulas.split_mode(BALLS.power(mode, -self.alpha), self.tau)

    @property
    def _noise(self) -> arb:
        return BALLS.number(self.noise)

    def _sums(self) -> PowerSum:
        return PowerSum(self.alpha, self.beta, self.digits + GUARD_DIGITS // 2)

    @cached_property
    def _squares(self) -> arb:
        return self._sums().total(UNLEARNT_SQUARE, self.tau)

    def _optimal(self) -> arb:
        tau = formulas.optimal_regularisation(self.tau, self.omega, self.one_minus_omega)
        sums = PowerSum(2 * self.alpha, self.beta, self.digits + GUARD_DIGITS // 2)
        factor = formulas.variance_factor(self.omega, self.one_minus_omega)
        return sums.total(UNLEARNT, tau) + factor * self._noise

    def _kept(self) -> tuple[int, int]:
        threshold = self.one_minus_omega.sqrt()
        edge = (threshold / (1 - threshold) / self.tau) ** (1 / BALLS.number(self.alpha))
        # a mode exactly at the edge is dropped
        return count_below(edge.lower()), count_below(edge.upper())

    def _masked(self, kept: int) -> arb:
        dropped = BALLS.number(self.beta).zeta(arb(kept + 1))
        squares = self._squares - self._sums().total(UNLEARNT_SQUARE, self.tau, kept + 1)
        return formulas.masked_risk(
            squares,
            arb(1),
            dropped,
            self.omega,
            self.one_minus_omega,
            self._noise,
            total=lambda value: value,
        )

    @property
    def _size(self) -> Fraction:
        return self.n


def infinite(alpha: Any, beta: Any, n: Any, noise_variance: Any = 0, digits: int = 30) -> Infinite:
    """Solve the fixed point of a power law at p = infinity, with proof.

    Args:
        alpha, beta: exponents of ``lam_i`` and of ``lam_i beta*_i^2``, both in (1, 50].
        n: number of samples, any real number from 1/1000 to 10^12.
        noise_variance: of the student's label noise.
        digits: decimal digits wanted, 1 to 300.

    Raises:
        ValueError, TypeError: for bad input.
    """
    a, b = checked_exponents(alpha, beta)
    size = checks.exact("n", n)
    if not SMALLEST_N <= size <= LARGEST_N:
        raise ValueError(f"n={checks.shown(n)} must lie between {SMALLEST_N} and {LARGEST_N}")
    noise = checks.exact("noise_variance", noise_variance)
    checks.non_negative("noise_variance", noise)
    digits = checks.count("digits", digits, most=MAX_DIGITS)
    with BALLS.precision(working_digits(digits, a, size)):
        tau = _tau(a, size, digits + GUARD_DIGITS // 2)
        spreads = PowerSum(a, Fraction(0), digits + GUARD_DIGITS // 2).total(SPREAD, tau)
        complement = formulas.one_minus_omega(spreads, BALLS.number(size))
        return Infinite(a, b, size, noise, digits, tau, 1 - complement, complement)


def rho(alpha: Any, beta: Any) -> float:
    """Limit of ``R_opt / R_std`` without noise, for n to infinity; below 1 always."""
    a, b = checked_exponents(alpha, beta)
    if b >= 2 * a + 1:
        return float(formulas.scaling_omega(a))
    return float(formulas.scaling_ratio(float(a), float(b), functions.floats()))


def rho_mask(alpha: Any, beta: Any) -> float:
    """Limit of ``R_mask / R_std`` without noise; 1 for ``beta >= 2 alpha + 1``."""
    a, b = checked_exponents(alpha, beta)
    if b >= 2 * a + 1:
        return 1.0
    return float(formulas.scaling_mask_ratio(float(a), float(b), functions.floats()))


def exponent(alpha: Any, beta: Any) -> Fraction:
    """``r`` in ``R ~ n^-r``, the same for standard, best surrogate and best mask.

    At ``beta = 2 alpha + 1`` a factor ``log n`` comes on top.
    """
    a, b = checked_exponents(alpha, beta)
    return min(b - 1, 2 * a)


@dataclass(frozen=True, repr=False)
class Constants(Shown):
    """Constants of the scaling law; ``standard`` and ``optimal`` multiply ``(c/n)^exponent``.

    Attributes:
        c: ``tau ~ (c/n)^alpha``.
        kappa: ``(beta - 1)/(2 alpha)``.
        omega: limit of Omega.
        exponent: of n in the risk.
        standard, optimal: constants of the risks; at ``beta = 2 alpha + 1`` of
            ``(c/n)^exponent log n``.
        amplified, kept: ``i/n`` up to which modes are amplified, and kept by the mask.
        plateau: limit of the noise part per unit of noise variance.
    """

    c: float
    kappa: float
    omega: float
    exponent: Fraction
    standard: float
    optimal: float
    amplified: float
    kept: float
    plateau: float


def constants(alpha: Any, beta: Any) -> Constants:
    """Constants of the scaling law of one pair of exponents."""
    exact_a, exact_b = checked_exponents(alpha, beta)
    ops, a, b = functions.floats(), float(exact_a), float(exact_b)
    if exact_b < 2 * exact_a + 1:
        standard = formulas.scaling_standard_constant(a, b, ops)
        optimal = formulas.scaling_optimal_constant(a, b, ops)
    else:
        boundary = exact_b == 2 * exact_a + 1
        standard = a if boundary else formulas.scaling_steep_constant(a, b, ops)
        optimal = formulas.scaling_omega(a) * standard
    return Constants(
        c=formulas.scaling_tau_constant(a, ops),
        kappa=formulas.scaling_kappa(a, b),
        omega=formulas.scaling_omega(a),
        exponent=exponent(exact_a, exact_b),
        standard=standard,
        optimal=optimal,
        amplified=formulas.scaling_amplified(a, ops),
        kept=formulas.scaling_kept(a, ops),
        plateau=formulas.scaling_plateau(a, 1.0),
    )


def count_below(edge: arb) -> int:
    """How many whole numbers from 1 on are below the exact number ``edge``."""
    ceiling = edge.ceil().unique_fmpz()
    assert ceiling is not None
    return max(0, int(ceiling) - 1)


def checked_exponents(alpha: Any, beta: Any) -> tuple[Fraction, Fraction]:
    """Both exponents of a power law at p = infinity, exact."""
    pair = []
    for name, value in (("alpha", alpha), ("beta", beta)):
        exact = checks.exact(name, value)
        if not 1 < exact <= MAX_EXPONENT:
            raise ValueError(
                f"{name}={checks.shown(value)} must be above 1 (p = infinity: the sum over all "
                f"modes must be finite) and at most {MAX_EXPONENT}"
            )
        pair.append(exact)
    return pair[0], pair[1]


def working_digits(digits: int, alpha: Fraction, n: Fraction) -> int:
    """Guard digits for sums that are small differences: risks may fall like n^(-2 alpha)."""
    return digits + GUARD_DIGITS + math.ceil(math.log10(max(float(n), 10.0)))


def _tau(alpha: Fraction, n: Fraction, digits: int) -> arb:
    """The root of (1)."""
    sums = PowerSum(alpha, Fraction(0), digits)
    shifted = BALLS.number(n + Fraction(1, 2))
    return enclosed_root(
        lambda tau: sums.total(LEARNT, tau),
        lambda tau: sums.total(SPREAD, tau),
        BALLS.number(n),
        formulas.scaling_tau(BALLS.number(alpha), shifted, functions.balls()),
        alpha,
        digits,
    )


def enclosed_root(
    value: Callable[[arb], arb],
    fall: Callable[[arb], arb],
    wanted: arb,
    tau: arb,
    alpha: Fraction,
    digits: int,
) -> arb:
    """The tau at which ``value`` is ``wanted``: Newton's method, then one interval Newton step.

    ``h(u) = log value`` at ``tau = e^u`` has slope ``-fall/value`` in (-1, 0), about -1/alpha.
    With the slope enclosed over an interval around a point, the Newton step from there encloses
    the root if it stays inside the interval.
    """
    goal = BALLS.log(wanted)
    for _ in range(MAX_STEPS):
        tau = tau.mid()
        here = value(tau)
        gap = BALLS.log(here) - goal
        reach = 2 * BALLS.number(alpha) * gap.abs_upper()
        if reach < arb(10) ** (-digits // 2):
            box = tau * BALLS.exp(reach.neg().union(reach))
            step = gap * value(box) / fall(box)
            if abs(step) < reach:
                return tau * BALLS.exp(step)
        tau = tau * BALLS.exp(gap * here / fall(tau))
    raise ArithmeticError(f"alpha={alpha}: the root of {wanted} could not be enclosed")
