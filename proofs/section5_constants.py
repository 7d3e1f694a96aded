"""Claims of section 5: the constants of the risks and their ratio."""

from __future__ import annotations

from collections.abc import Callable
from fractions import Fraction
from functools import partial
from typing import Any

import _power_laws as laws

from kdverify import formulas as f
from kdverify.evidence import Claim, Control, Enclosure, Identity, Step

WRONG = Fraction(101, 100)


def ratio_gaps(
    digits: int,
    name: str,
    limit: Callable[[Any, Any, Any], Any],
    factor: Fraction = Fraction(1),
    fall: Fraction = Fraction(3),
) -> list[tuple[Any, Any]]:
    """The relative distance of a risk from ``limit (c/n)^(beta-1)`` falls decade by decade.

    At (3/2, 2), (2, 3) and (3, 5/2) the slowest correction falls like 1/n or faster.
    """

    def gap(n: int, alpha: Fraction, beta: Fraction) -> Any:
        constant = limit(laws.number(alpha), laws.number(beta), laws.ops())
        risk = getattr(laws.exact(alpha, beta, n, digits), name)
        return risk / (laws.number(factor) * constant * laws.law(alpha, beta, n)) - 1

    return [
        pair
        for alpha, beta in laws.NEAR
        for pair in laws.shrinking(partial(gap, alpha=alpha, beta=beta), fall)
    ]


def standard_constant(scale: int = 1) -> tuple[Any, Any]:
    """``alpha int z^-beta zeta^2 dz`` (1 - Omega = 1/alpha), tau = 1; and the formula."""
    _, alpha, kappa = laws.exponents()
    beta = laws.beta_of(alpha, kappa)
    omega = f.scaling_omega(alpha)

    def integrand(u: Any) -> Any:
        signal = u ** (-beta / alpha) * u ** (1 / alpha - 1) / alpha
        return f.standard_risk(signal, f.zeta(1, u), omega, 1 - omega, 0, lambda value: value)

    import sympy

    left = sympy.integrate(
        sympy.powsimp(sympy.simplify(integrand(U())), force=True), (U(), 0, sympy.oo), conds="none"
    )
    return left, scale * f.scaling_standard_constant(alpha, beta, laws.symbolic())


def U() -> Any:
    """The variable of integration."""
    import sympy

    return sympy.Symbol("u", positive=True)


def optimal_constant(scale: int = 1) -> tuple[Any, Any]:
    """``int z^-beta zeta(z^-2alpha, tau') dz`` with tau' = (alpha - 1) tau^2, tau = 1."""
    import sympy

    _, alpha, kappa = laws.exponents()
    beta = laws.beta_of(alpha, kappa)
    omega = f.scaling_omega(alpha)
    prime = f.optimal_regularisation(1, omega, 1 - omega)
    integrand = U() ** ((1 - beta) / (2 * alpha) - 1) * f.zeta(1, U()) / (2 * alpha)
    integrand = sympy.powsimp(sympy.simplify(integrand), force=True)
    found = sympy.integrate(integrand, (U(), 0, sympy.oo), conds="none")
    shift = sympy.simplify(prime) ** ((beta - 1) / (2 * alpha))
    return shift * found, scale * f.scaling_optimal_constant(alpha, beta, laws.symbolic())


def optimal_as_one_sum(power: int = 2) -> tuple[Any, Any]:
    """One mode of the best surrogate's risk, and ``signal zeta(lam^2, tau')``."""
    import sympy

    lam, tau, omega, signal = sympy.symbols("lambda tau Omega s", positive=True)
    zeta, learnt_ = f.split_mode(lam, tau)
    risk = f.optimal_risk(signal, zeta, learnt_, omega, 1 - omega, 0, lambda value: value)
    prime = f.optimal_regularisation(tau, omega, 1 - omega)
    return risk, signal * f.zeta(lam**power, prime)


def kappa_points() -> list[dict[Any, Any]]:
    """Points of the domain."""
    import sympy

    above, _, kappa = laws.exponents()
    return [{above: sympy.Rational(3, 2), kappa: sympy.Rational(k, 7)} for k in (1, 3, 5)]


STANDARD = Claim(
    id="5.standard",
    title="Constant of the standard risk",
    statement=r"R_{std} \sim \frac{\pi(1-2\kappa)}{\sin 2\pi\kappa}(c/n)^{\beta-1},"
    r"\quad \kappa=\frac{\beta-1}{2\alpha}<1",
    source="new",
    needs=("5.tau", "5.omega", "2.classical"),
    steps=[
        Step(
            "z^-beta zeta^2 has one hump, at z of the order of n, of height O(n^-beta), and its "
            "part near 0 is O(tau^2) = o(n^(1-beta)) as beta < 2 alpha + 1: so the sum may be "
            "replaced by the integral."
        ),
        Step(
            "With u = tau z^alpha and 1/(1 - Omega) = alpha the constant is a Beta integral.",
            lambda: standard_constant()[0],
        ),
    ],
    evidence=[
        Identity(
            "whole",
            left=lambda: standard_constant()[0],
            right=lambda: standard_constant()[1],
            points=kappa_points,
        ),
        Enclosure("whole", below=lambda d: ratio_gaps(d, "standard", f.scaling_standard_constant)),
    ],
    controls=[
        Control(
            Identity(
                "whole",
                left=lambda: standard_constant()[0],
                right=lambda: standard_constant(2)[1],
                points=kappa_points,
            ),
            wrong="twice the constant",
        ),
        Control(
            Enclosure(
                "whole",
                below=lambda d: ratio_gaps(d, "standard", f.scaling_standard_constant, WRONG),
            ),
            wrong="1 % more",
        ),
    ],
)

OPTIMAL = Claim(
    id="5.optimal",
    title="Constant of the best surrogate's risk",
    statement=r"R_{opt} \sim (\alpha-1)^\kappa\frac{\pi/(2\alpha)}{\sin\pi\kappa}(c/n)^{\beta-1}",
    source="new",
    needs=("5.tau", "5.omega", "3.optimal"),
    parts=("one sum", "constant"),
    steps=[
        Step(
            "The best surrogate's risk is that of one sum: sum signal zeta(lam^2, tau').",
            lambda: optimal_as_one_sum()[1],
        ),
        Step("tau' = tau^2 Omega/(1 - Omega) tends to (alpha - 1) tau^2."),
        Step("The integral, again of one hump.", lambda: optimal_constant()[0]),
    ],
    evidence=[
        Identity(
            "one sum",
            left=lambda: optimal_as_one_sum()[0],
            right=lambda: optimal_as_one_sum()[1],
        ),
        Identity(
            "constant",
            left=lambda: optimal_constant()[0],
            right=lambda: optimal_constant()[1],
            points=kappa_points,
        ),
        Enclosure("constant", below=lambda d: ratio_gaps(d, "optimal", f.scaling_optimal_constant)),
    ],
    controls=[
        Control(
            Identity(
                "one sum",
                left=lambda: optimal_as_one_sum()[0],
                right=lambda: optimal_as_one_sum(1)[1],
            ),
            wrong="lam instead of lam^2",
        ),
        Control(
            Enclosure(
                "constant",
                below=lambda d: ratio_gaps(d, "optimal", f.scaling_optimal_constant, WRONG),
            ),
            wrong="1 % more",
        ),
    ],
)


def ratio() -> tuple[Any, Any]:
    """The quotient of the two constants, and (6)."""
    import sympy

    _, alpha, kappa = laws.exponents()
    beta, ops = laws.beta_of(alpha, kappa), laws.symbolic()
    optimal = f.scaling_optimal_constant(alpha, beta, ops)
    standard = f.scaling_standard_constant(alpha, beta, ops)
    quotient = sympy.expand_trig(sympy.simplify(optimal / standard))
    shifted = f.scaling_ratio(alpha, beta, ops)
    return quotient, sympy.expand_trig(sympy.simplify(shifted))


def ratio_text(shift: int = 0) -> tuple[Any, Any]:
    """(6) as the theory writes it, and as the formula does."""
    import sympy

    above, alpha, kappa = laws.exponents()
    text = above**kappa * sympy.cos(sympy.pi * kappa) / (alpha * (1 - 2 * kappa) + shift)
    return text, ratio()[1]


def ball_ratio(alpha: str, beta: str) -> Any:
    """(6) on balls."""
    a, b = (laws.number(Fraction(v)) for v in (alpha, beta))
    return f.scaling_ratio(a, b, laws.ops())


def values(digits: int) -> list[tuple[Any, Any]]:
    """The check values."""
    one = laws.ops()
    return [
        (ball_ratio("2", "3"), one.pi / 4),
        (ball_ratio("1.5", "2"), one.power(2, laws.number(Fraction(-1, 3)))),
        (f.scaling_omega(Fraction(2)), Fraction(1, 2)),
    ]


def wrong_values(digits: int) -> list[tuple[Any, Any]]:
    """A wrong check value."""
    return [(ball_ratio("2", "3"), laws.ops().pi / 3)]


def at_thousand(digits: int) -> Any:
    """R_opt/R_std at (2, 5), n = 1000."""
    found = laws.exact(Fraction(2), Fraction(5), 1000, digits)
    return found.optimal / found.standard


RATIO = Claim(
    id="5.ratio",
    title="The ratio of the constants",
    statement=r"\rho = \lim R_{opt}/R_{std} = \frac{(\alpha-1)^\kappa\cos\pi\kappa}"
    r"{\alpha(1-2\kappa)}",
    source="new",
    needs=("5.standard", "5.optimal"),
    parts=("ratio", "values"),
    steps=[Step("The quotient of the two constants; sinc leaves no gap at kappa = 1/2.")],
    evidence=[
        Identity("ratio", left=lambda: ratio()[0], right=lambda: ratio()[1], points=kappa_points),
        Identity(
            "ratio",
            left=lambda: ratio_text()[0],
            right=lambda: ratio_text()[1],
            points=kappa_points,
        ),
        Enclosure("values", equal=values),
        Enclosure("values", ball=at_thousand, value="0.538"),
    ],
    controls=[
        Control(
            Identity(
                "ratio",
                left=lambda: ratio_text(1)[0],
                right=lambda: ratio_text()[1],
                points=kappa_points,
            ),
            wrong="another denominator",
        ),
        Control(Enclosure("values", equal=wrong_values), wrong="pi/3 at (2, 3)"),
        Control(Enclosure("values", ball=at_thousand, value="0.539"), wrong="0.539"),
    ],
)


def mask_series(term_shift: int = 0) -> tuple[Any, Any]:
    """The k-th term of the kept part, formula against the term of the integrated series.

    ``1/(1+u)^2 = sum (k+1)(-u)^k``, integrated against ``u^(q-1)`` from 0 to the threshold.
    """
    from types import SimpleNamespace

    import sympy

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


def _kept_density(power: Any, v: Any, analytic: bool) -> Any:
    """``1/(1+u)^2`` at ``v = u^q``; the path stays off the branch point."""
    return 1 / (1 + v**power) ** 2


def mask_quadrature(digits: int, wrong: int = 0) -> list[tuple[Any, Any]]:
    """The constant, by the formula and by rigorous quadrature of its definition."""
    from flint import acb

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


MASK = Claim(
    id="5.mask",
    title="Constant of the best mask",
    statement=r"R_{mask} \sim \Big[\alpha\int_0^{x^\circ}\frac{x^{2\alpha-\beta}}{(1+x^\alpha)^2}dx"
    r"+\frac{x^{\circ\,1-\beta}}{\beta-1}\Big](c/n)^{\beta-1},\quad"
    r" \zeta^\circ=\alpha^{-1/2},\; x^\circ=(\zeta^\circ/(1-\zeta^\circ))^{1/\alpha}",
    source="new",
    needs=("4.rule", "5.standard"),
    parts=("integral", "law at n = 100 to 10,000"),
    steps=[
        Step("The rule zeta^2 < 1 - Omega tends to zeta < alpha^(-1/2), z < x(n/c)."),
        Step(
            "The kept part, u = z^alpha, is U^q/q 2F1(2, q; q+1; -U), q = 2 - 2 kappa: equal term "
            "by term for U < 1, hence for all U > 0 by analytic continuation."
        ),
        Step("The dropped part is the integral of z^-beta beyond the threshold."),
    ],
    evidence=[
        Identity("integral", left=lambda: mask_series()[0], right=lambda: mask_series()[1]),
        Enclosure("integral", equal=mask_quadrature, guard=10),
        Enclosure(
            "law at n = 100 to 10,000",
            below=lambda d: ratio_gaps(d, "masked", f.scaling_mask_constant),
        ),
    ],
    controls=[
        Control(
            Identity("integral", left=lambda: mask_series(1)[0], right=lambda: mask_series()[1]),
            wrong="a shifted term",
        ),
        Control(Enclosure("integral", equal=partial(mask_quadrature, wrong=1)), wrong="one more"),
        Control(
            Enclosure(
                "law at n = 100 to 10,000",
                below=lambda d: ratio_gaps(d, "masked", f.scaling_mask_constant, WRONG),
            ),
            wrong="1 % more",
        ),
    ],
)

CLAIMS = [STANDARD, OPTIMAL, RATIO, MASK]

if __name__ == "__main__":
    from kdverify.verify import run_as_script

    raise SystemExit(run_as_script(CLAIMS))
