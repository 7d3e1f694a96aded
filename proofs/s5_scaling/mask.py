"""Claim of section 5: the constant of the best mask."""

from fractions import Fraction
from functools import partial
from types import SimpleNamespace
from typing import Any

import sympy
from flint import acb

from kdverify import formulas as f
from kdverify.evidence import Claim, Step

from ..lib import power_laws as laws

MASK = Claim(
    "5.mask",
    title="Constant of the best mask",
    statement=r"R_{mask} \sim \Big[\alpha\int_0^{x^\circ}\frac{x^{2\alpha-\beta}}{(1+x^\alpha)^2}dx"
    r"+\frac{x^{\circ\,1-\beta}}{\beta-1}\Big](c/n)^{\beta-1},\quad"
    r" \rho_{mask} = \lim R_{mask}/R_{std},\; \zeta^\circ=\alpha^{-1/2},"
    r"\; x^\circ=(\zeta^\circ/(1-\zeta^\circ))^{1/\alpha}",
    needs=("4.rule", "5.standard"),
    parts=("integral", f"law at {laws.AT_SIZES}", f"ratio at {laws.AT_SIZES}"),
    steps=[
        Step("The rule zeta^2 < 1 - Omega tends to zeta < alpha^(-1/2), z < x(n/c)."),
        Step(
            "The kept part, u = z^alpha, is U^q/q 2F1(2, q; q+1; -U), q = 2 - 2 kappa: equal term "
            "by term for U < 1, hence for all U > 0 by analytic continuation."
        ),
        Step("The dropped part is the integral of z^-beta beyond the threshold."),
    ],
)


@MASK.identity("integral")
def mask_series(term_shift: int = 0) -> tuple[Any, Any]:
    """The k-th term of the kept part, formula against the term of the integrated series.

    ``1/(1+u)^2 = sum (k+1)(-u)^k``, integrated against ``u^(q-1)`` from 0 to the threshold.
    """
    threshold, order = sympy.symbols("U q", positive=True)
    k = sympy.Symbol("k", integer=True, nonnegative=True)
    alpha = sympy.Symbol("alpha", positive=True)
    beta = 1 + alpha * (2 - order)

    def term(a: Any, b: Any, c: Any, x: Any) -> Any:
        def rising(v: Any) -> Any:
            return sympy.gamma(v + k) / sympy.gamma(v)

        value = rising(sympy.Integer(a)) * rising(b) / rising(c) / sympy.gamma(k + 1)
        return value * (-1) ** k * (-x) ** k

    ops = SimpleNamespace(power=sympy.Pow, sqrt=lambda _: 1 + 1 / threshold, hyp2f1=term)
    whole = f.scaling_mask_constant(alpha, beta, ops)
    dropped = threshold ** (order - 2) / (beta - 1)
    expected = (k + 1 + term_shift) * (-1) ** k * threshold ** (order + k) / (order + k)
    return sympy.simplify(sympy.gammasimp((whole - dropped) / expected)), sympy.Integer(1)


mask_series.but("a shifted term", term_shift=1)


def _kept_density(power: Any, v: Any, analytic: bool) -> Any:
    """``1/(1+u)^2`` at ``v = u^q``; the path stays off the branch point."""
    return 1 / (1 + v**power) ** 2


@MASK.equal("integral", guard=10, but={"one more": {"wrong": 1}})
def mask_quadrature(digits: int, wrong: int = 0) -> list[tuple[Any, Any]]:
    """The constant, by the formula and by rigorous quadrature of its definition."""
    pairs = []
    for alpha, beta in laws.NEAR:
        a, b = laws.number(alpha), laws.number(beta)
        zeta = 1 / a.sqrt()
        edge = zeta / (1 - zeta)
        q = (2 * a - b + 1) / a
        # v = u^q removes the singularity at 0
        rest = laws.number(Fraction(1, 10 ** (digits + 20)))  # where the integral starts
        density = partial(_kept_density, 1 / acb(q))
        kept = acb.integral(density, acb(rest), acb(edge**q)).real / q
        kept += rest.neg().union(2 * rest) / q
        dropped = edge ** ((1 - b) / a) / (b - 1)
        pairs.append((kept + dropped + wrong, f.scaling_mask_constant(a, b, laws.ops())))
    return pairs


@MASK.below(f"ratio at {laws.AT_SIZES}", but={"1 % more": {"wrong": laws.ONE_PERCENT_MORE}})
def mask_ratio_gaps(digits: int, wrong: Fraction = Fraction(1)) -> list[tuple[Any, Any]]:
    """The distance of R_mask/R_std from its limit falls like 1/n."""

    def gap(n: int, alpha: Fraction, beta: Fraction) -> Any:
        found = laws.exact(alpha, beta, n, digits)
        limit = f.scaling_mask_ratio(laws.number(alpha), laws.number(beta), laws.ops())
        return found.masked / found.standard - laws.number(wrong) * limit

    return [
        pair
        for alpha, beta in laws.NEAR
        for pair in laws.shrinking(partial(gap, alpha=alpha, beta=beta))
    ]


at_sizes = MASK.below(
    f"law at {laws.AT_SIZES}", laws.ratio_gaps, name="masked", limit=f.scaling_mask_constant
)
at_sizes.but("1 % more", factor=laws.ONE_PERCENT_MORE)
