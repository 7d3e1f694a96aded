"""Power laws at p = infinity for the claims of section 5: symbols, integrals, exact values."""

import itertools
from collections.abc import Callable, Iterator, Sequence
from fractions import Fraction
from functools import lru_cache, partial
from typing import Any

import sympy

from kdverify import Problem
from kdverify import formulas as f
from kdverify.arithmetic import BALLS, functions
from kdverify.gaussian import certified
from kdverify.gaussian import infinite as scaling
from kdverify.gaussian.solve.power_sum import UNLEARNT_SQUARE, PowerSum

from . import power_laws as laws

#: (alpha, beta) on the near side of beta = 2 alpha + 1.
NEAR = ((Fraction(2), Fraction(3)), (Fraction(3, 2), Fraction(2)), (Fraction(3), Fraction(5, 2)))
STEEP = ((Fraction(2), Fraction(7)), (Fraction(3, 2), Fraction(6)))
BOUNDARY = ((Fraction(2), Fraction(5)), (Fraction(3), Fraction(7)))
SIZES = (10**4, 10**5, 10**6)
#: The label of a part that is checked there.
AT_SIZES = "n = 10^4 to 10^6"
#: How far the fall of a distance may be from the predicted one, relatively.
MARGIN = Fraction(1, 10)
#: A wrong constant, for controls.
ONE_PERCENT_MORE = Fraction(101, 100)


def exponents() -> tuple[Any, Any, Any]:
    """``alpha - 1``, ``alpha`` and ``kappa``: positive symbols, and 1 + the first."""
    above, kappa = sympy.symbols("a kappa", positive=True)
    return above, 1 + above, kappa


def beta_of(alpha: Any, kappa: Any) -> Any:
    """The beta that has this kappa: checked against the formula by claim ``5.constants``."""
    return 1 + 2 * alpha * kappa


def integral(integrand: Callable[[Any], Any]) -> Any:
    """``int_0^oo`` of a function of ``u = tau z^alpha``, where it converges."""
    u = sympy.Symbol("u", positive=True)
    return sympy.integrate(integrand(u), (u, 0, sympy.oo), conds="none")


@lru_cache(maxsize=512)
def exact(alpha: Fraction, beta: Fraction, n: int, digits: int, noise: int = 0) -> Any:
    """The exact values at p = infinity, on balls."""
    return scaling.infinite(alpha, beta, n, noise, digits)


def ops() -> Any:
    """Operations on balls at the precision in force."""
    return functions.balls()


def symbolic() -> Any:
    """Operations on SymPy expressions."""
    return functions.symbols()


def number(value: Fraction | int) -> Any:
    """A ball."""
    return BALLS.number(Fraction(value))


def law(alpha: Fraction, beta: Fraction, n: int) -> Any:
    """``(c/n)^(beta - 1)``."""
    one = ops()
    c = f.scaling_tau_constant(number(alpha), one)
    return one.power(c / n, number(beta - 1))


def falls(gaps: Sequence[Any], exponent: Fraction, step: int = 10) -> list[tuple[Any, Any]]:
    """Pairs in order iff ``|gap|`` falls by ``step^exponent`` each time, within `MARGIN`.

    A gap that is ``a n^-exponent`` with a later power ``b n^-e`` falls by that factor times
    ``1 + O(n^(exponent - e))``; n is large enough, and a not too small, for `MARGIN`.
    """
    factor, margin = ops().power(number(step), number(exponent)), number(MARGIN)
    pairs = []
    for before, after in itertools.pairwise(abs(gap) for gap in gaps):
        pairs += [(after * factor * (1 - margin), before), (before, after * factor * (1 + margin))]
    return pairs


def shrinking(gap: Callable[[int], Any], exponent: Fraction | int = 1) -> list[tuple[Any, Any]]:
    """`falls` along `SIZES`: the theory's first correction is ``n^-exponent``."""
    return falls([gap(n) for n in SIZES], Fraction(exponent))


def close(
    found: Any, true: Any, tolerance: Fraction = Fraction(1, 10**12)
) -> list[tuple[Any, Any]]:
    """In order iff a float64 number is within ``tolerance`` of a ball or fraction, relatively."""
    true = number(true) if isinstance(true, Fraction | int) else true
    return [(abs(number(Fraction(found)) / true - 1), number(tolerance))]


def first_exponent(alpha: Fraction, beta: Fraction) -> Fraction:
    """Of the first correction to the limit form of a risk: 1/n, or what the first modes bring."""
    return min(Fraction(1), abs(2 * alpha + 1 - beta))


def risk_gaps(
    digits: int,
    cases: Any,
    name: str,
    limit: Any,
    exponent: int = 1,
    scale: Fraction = Fraction(1),
) -> list[tuple[Any, Any]]:
    """The relative distance of a risk from ``limit(alpha, beta, n)`` falls like n^-exponent."""

    def gap(n: int, alpha: Fraction, beta: Fraction) -> Any:
        value = limit(number(alpha), number(beta), n)
        return getattr(exact(alpha, beta, n, digits), name) / (value * number(scale)) - 1

    return [
        pair
        for alpha, beta in cases
        for pair in shrinking(partial(gap, alpha=alpha, beta=beta), exponent)
    ]


def squared_tau(alpha: Any, n: int) -> Any:
    """The limit form of tau^2."""
    tau = f.scaling_tau(alpha, n, ops())
    return tau * tau


def ratio_gaps(
    digits: int,
    name: str,
    limit: Callable[[Any, Any, Any], Any],
    factor: Fraction = Fraction(1),
) -> list[tuple[Any, Any]]:
    """The relative distance of a risk from ``limit (c/n)^(beta-1)`` falls like 1/n."""

    def gap(n: int, alpha: Fraction, beta: Fraction) -> Any:
        constant = limit(number(alpha), number(beta), ops())
        risk = getattr(exact(alpha, beta, n, digits), name)
        return risk / (number(factor) * constant * law(alpha, beta, n)) - 1

    return [
        pair
        for alpha, beta in NEAR
        for pair in shrinking(partial(gap, alpha=alpha, beta=beta), first_exponent(alpha, beta))
    ]


NAMES = ("tau", "standard", "optimal", "masked")


def lemma(smt: Any, factor: str = "1") -> Any:
    """What a smaller tau, ``ratio`` times the first, does to a mode, in units of the first."""
    lam, ratio = smt.Real("lam"), smt.Real("ratio")
    before, after = f.split_mode(lam, smt.number("1")), f.split_mode(lam, ratio)
    return [lam > 0, ratio > 0, ratio <= 1], smt.And(
        after[0] >= ratio * smt.number(factor) * before[0],
        after[0] <= before[0],
        after[1] >= before[1],
    )


def width() -> tuple[Any, Any]:
    """tau zeta (1 - zeta) is lam zeta^2: the upper bound of a mode's zeta (1 - zeta)."""
    lam, tau = sympy.symbols("lambda tau", positive=True)
    zeta, learnt = f.split_mode(lam, tau)
    return tau * f.spread(zeta, learnt), lam * zeta**2


def fixed_point(alpha: Fraction, beta: Fraction, n: int, p: int, digits: int) -> tuple[Any, Any]:
    """(lower, upper) of tau at p over that at infinity, and of ``1 - Omega`` at p."""
    at, ops, one = laws.exact(alpha, beta, n, digits), laws.ops(), laws.number(1)
    lost = f.scaling_tail(laws.number(alpha), laws.number(p), ops) / at.tau
    spreads = n * at.one_minus_omega
    tau = one - lost / (spreads - lost)
    return (tau, one), (tau * (spreads - lost) / n, at.one_minus_omega / tau)


def standard(alpha: Fraction, beta: Fraction, n: int, p: int, digits: int) -> Any:
    """A ball around R_std at p, from sums at the tau of p = infinity: for p of any size."""
    (tau, one), complement = fixed_point(alpha, beta, n, p, digits)
    sums, at = PowerSum(alpha, beta, digits), laws.exact(alpha, beta, n, digits)
    squares = sums.total(UNLEARNT_SQUARE, at.tau) - sums.total(UNLEARNT_SQUARE, at.tau, p + 1)
    factor = (tau * tau / complement[1]).union(one / complement[0])
    return factor * squares


def bounds(alpha: Fraction, beta: Fraction, n: int, p: int, digits: int) -> dict[str, Any]:
    """For each of `NAMES` balls (lower, upper) around its value at p over that at infinity."""
    at, ops, one = laws.exact(alpha, beta, n, digits), laws.ops(), laws.number(1)
    (tau, _), complement = fixed_point(alpha, beta, n, p, digits)
    energy = f.scaling_tail(laws.number(beta), laws.number(p), ops)
    strong = [tau**2 * at.one_minus_omega / complement[1], at.one_minus_omega / complement[0]]
    prime = f.optimal_regularisation(at.tau, at.omega, at.one_minus_omega)
    best = [
        f.optimal_regularisation(tau * at.tau, 1 - complement[1], complement[1]) / prime,
        f.optimal_regularisation(at.tau, 1 - complement[0], complement[0]) / prime,
    ]
    kept = {
        "standard": 1 - energy / at.one_minus_omega / at.standard,
        "masked": 1 - energy / at.masked,
        "optimal": 1 - energy / at.optimal,
    }
    found = {"tau": (tau, one)}
    for name, (low, high) in (("standard", strong), ("masked", strong), ("optimal", best)):
        found[name] = (kept[name] * low.min(one), high.max(one))
    return found


def ratios(alpha: Fraction, beta: Fraction, n: int, p: int, digits: int) -> dict[str, Any]:
    """Each of `NAMES` at p over its value at p = infinity, as balls."""
    finite = certified.certificate(Problem.power_law(p, alpha, beta), n, digits=digits)
    infinite = laws.exact(alpha, beta, n, digits)
    return {name: getattr(finite, name) / getattr(infinite, name) for name in NAMES}


def within(
    settings: Iterator[tuple[Fraction, Fraction, int, int]], digits: int, wrong: Fraction
) -> list[tuple[Any, Any]]:
    """Pairs in order iff all ratios lie in their bounds; ``wrong`` scales the distance from 1."""
    pairs, scale = [], laws.number(wrong)
    for setting in settings:
        limits = bounds(*setting, digits)
        for name, ratio in ratios(*setting, digits).items():
            low, high = (1 + scale * (end - 1) for end in limits[name])
            pairs += [(low, ratio), (ratio, high)]
    return pairs


def as_told(
    alpha: Any, beta: Any, law: Any, wide: Fraction, digits: int, factor: Any
) -> Iterator[Any]:
    """rho, rho_mask and the risks' constants of the library: ``wide`` beside exact ones, n = 10^6.

    Risks tend to a constant times ``law``; ``factor`` of the exact rho is for controls.
    """
    found, at = scaling.constants(alpha, beta), exact(alpha, beta, 10**6, digits)
    rho = at.optimal / at.standard * number(factor)
    yield from close(scaling.rho(alpha, beta), rho, wide)
    yield from close(scaling.rho_mask(alpha, beta), at.masked / at.standard, wide)
    yield from close(found.standard, at.standard / law, wide)
    yield from close(found.optimal, at.optimal / law, wide)
