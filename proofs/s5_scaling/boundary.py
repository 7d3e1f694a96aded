"""Claim of section 5: the boundary beta = 2 alpha + 1."""

from fractions import Fraction
from typing import Any

import sympy

from kdverify import formulas as f
from kdverify.evidence import Claim, Step
from kdverify.gaussian import infinite

from ..lib import power_laws as laws
from .tau import named, solved

BOUNDARY = Claim(
    "5.boundary",
    title="The logarithm at beta = 2 alpha + 1",
    statement=r"\beta=2\alpha+1,\ L=\ln(n/c)+\gamma:\ R_{std}\sim\alpha(c/n)^{2\alpha}(L-1/\alpha),"
    r"\ R_{opt}\sim(\alpha-1)(c/n)^{2\alpha}(L-\tfrac{\ln(\alpha-1)}{2\alpha})",
    needs=("5.tau", "5.optimal"),
    parts=(
        "logarithm",
        "integrals",
        "ratio",
        f"standard at {laws.AT_SIZES}",
        f"optimal at {laws.AT_SIZES}",
    ),
    steps=[
        Step(
            "Both risks are tau^2 times sum g(a i)/i with g(0) = 1: for a -> 0, "
            "sum g(a i)/i = -ln a + gamma - int_0^oo g'(x) ln x dx + o(1); here a = tau^(1/alpha)."
        ),
        Step(
            "For g = e^-x the sum is -ln(1 - e^-a) and the integral is gamma. The sum of what"
            " another g has more tends to the integral of (g - e^-x)/x, which is bounded near 0"
            " and falls beyond; by parts it is -int (g - e^-x)' ln x dx.",
            lambda: log_of_exponential()[0],
        ),
        Step("Standard: g = (1 - zeta)^2, u = x^alpha.", lambda: mean_log(2)),
        Step("Best surrogate: g = 1/(1 + (alpha-1) x^(2 alpha)).", lambda: mean_log(1)),
        Step("Their ratio tends to (alpha - 1)/alpha only like 1/L."),
    ],
)


def boundary_standard(alpha: Any, beta: Any, n: int) -> Any:
    """The limit form of R_std."""
    log_term = f.scaling_boundary_log(alpha, n, laws.ops())
    return f.scaling_boundary_standard(alpha, log_term) * laws.squared_tau(alpha, n)


BOUNDARY.below(
    f"standard at {laws.AT_SIZES}",
    laws.risk_gaps,
    cases=laws.BOUNDARY,
    name="standard",
    limit=boundary_standard,
)


def boundary_optimal(alpha: Any, beta: Any, n: int) -> Any:
    """The limit form of R_opt."""
    log_term = f.scaling_boundary_log(alpha, n, laws.ops())
    return f.scaling_boundary_optimal(alpha, log_term, laws.ops()) * laws.squared_tau(alpha, n)


at_sizes = BOUNDARY.below(
    f"optimal at {laws.AT_SIZES}",
    laws.risk_gaps,
    cases=laws.BOUNDARY,
    name="optimal",
    limit=boundary_optimal,
)
at_sizes.but("1 % more", scale=Fraction(101, 100))


@BOUNDARY.identity(
    "logarithm",
    note="L at tau = (c/n)^alpha",
    but={
        "without gamma": {"constant": 0},
        "c 1 % from the integral": {"scale": laws.ONE_PERCENT_MORE},
    },
)
def logarithm(constant: Any = sympy.EulerGamma, scale: Fraction = Fraction(1)) -> tuple[Any, Any]:
    """``-ln a + gamma`` at ``a = tau^(1/alpha)``, tau the integral's, and the formula."""
    _, alpha, _ = laws.exponents()
    n = sympy.Symbol("n", positive=True)
    log_tau = sympy.expand_log(sympy.log(solved(alpha, n, scale)), force=True)
    right = named(f.scaling_boundary_log(alpha, n, laws.symbolic()), alpha)
    return -log_tau / alpha + constant, sympy.expand_log(right, force=True)


@BOUNDARY.limit("logarithm", note="lemma: g = e^-x", symbol="a", point=0, value=1)
def sum_of_exponential() -> Any:
    """The exponential of ``sum e^(-a i)/i + ln a``."""
    a = sympy.Symbol("a", positive=True)
    return a / (1 - sympy.exp(-a))


@BOUNDARY.identity("logarithm", note="lemma: g = e^-x", but={"twice gamma": {"times": 2}})
def log_of_exponential(times: int = 1) -> tuple[Any, Any]:
    """``int_0^oo g'(x) ln x dx``, and gamma: the derivative at s = 0 of that with ``x^s``."""
    x, s = sympy.symbols("x s", positive=True)
    moment = sympy.integrate(x**s * sympy.diff(sympy.exp(-x), x), (x, 0, sympy.oo))
    return sympy.diff(moment, s).subs(s, 0), times * sympy.EulerGamma


def mean_log(power: int) -> Any:
    """``int_0^oo -d/du (1 - zeta)^power log u du`` with ``1 - zeta = 1/(1 + u)``.

    The derivative at s = 0 of the same integral with ``u^s`` for the logarithm.
    """
    u, s = sympy.symbols("u s", positive=True)
    fall = -sympy.diff(f.one_minus_zeta(1, u) ** power, u)
    moment = sympy.integrate(u**s * fall, (u, 0, sympy.oo), conds="none")
    return sympy.limit(sympy.diff(moment, s), s, 0)


@BOUNDARY.identity("integrals", note="standard", which="standard", but={"L + 1": {"wrong": 1}})
@BOUNDARY.identity("integrals", note="optimal", which="optimal")
def boundary(which: str, wrong: int = 0) -> tuple[Any, Any]:
    """Constants with the logarithm, from integrals and from the formulas."""
    above, alpha, _ = laws.exponents()
    log_term = sympy.Symbol("L", positive=True)
    if which == "standard":
        left = alpha * (log_term + mean_log(2) / alpha)
        return left, f.scaling_boundary_standard(alpha, log_term + wrong)
    mean = (mean_log(1) - sympy.log(above)) / (2 * alpha)
    left = above * (log_term + mean)
    return left, f.scaling_boundary_optimal(alpha, log_term + wrong, laws.symbolic())


@BOUNDARY.limit(
    "ratio",
    symbol="L",
    point="oo",
    value=lambda: boundary_slope(),
    samples=lambda: boundary_points(),
)
def boundary_ratio() -> Any:
    """(R_opt/R_std over its limit - 1) times the logarithm, from the two limit forms."""
    _, alpha, _ = laws.exponents()
    log_term = sympy.Symbol("L", positive=True)
    best = f.scaling_boundary_optimal(alpha, log_term, laws.symbolic())
    ratio = best / f.scaling_boundary_standard(alpha, log_term)
    return (ratio / f.scaling_omega(alpha) - 1) * log_term


def boundary_slope(wrong: int = 1) -> Any:
    """The limit of that: not 0, so that the ratio is reached like 1/L and no faster."""
    above, alpha, _ = laws.exponents()
    return wrong / alpha - sympy.log(above) / (2 * alpha)


def boundary_points() -> list[dict[Any, Any]]:
    """A point of the domain."""
    above, _, _ = laws.exponents()
    return [{above: sympy.Rational(7, 3)}]


boundary_ratio.but("another slope in 1/L", value=lambda: boundary_slope(2))


@BOUNDARY.below(
    "as run",
    note="kdverify.scaling, alpha = 2 and 3",
    but={"1 % more": {"factor": Fraction(101, 100)}},
)
def as_run(digits: int, factor: Fraction = Fraction(1)) -> list[tuple[Any, Any]]:
    """rho, rho_mask and constants of the library: what R / (tau^2 log n) and its ratio tend to."""
    pairs = []
    for alpha, beta in laws.BOUNDARY:
        found = infinite.constants(alpha, beta)
        pairs += laws.close(infinite.rho(alpha, beta), (alpha - 1) / alpha * factor)
        pairs += laws.close(infinite.rho_mask(alpha, beta), Fraction(1))
        pairs += laws.close(found.standard, alpha)
        pairs += laws.close(found.optimal, alpha - 1)
        pairs += laws.close(infinite.exponent(alpha, beta), 2 * alpha)
    return pairs
