"""Claims of section 5: the constants of the risks and their ratio."""

from __future__ import annotations

from fractions import Fraction
from typing import Any

import _power_laws as laws

from kdverify import formulas as f
from kdverify.evidence import Claim, Control, Enclosure, Identity, Step


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
        Enclosure(
            laws.AT_SIZES,
            below=lambda d: laws.ratio_gaps(d, "standard", f.scaling_standard_constant),
        ),
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
                laws.AT_SIZES,
                below=lambda d: laws.ratio_gaps(
                    d, "standard", f.scaling_standard_constant, laws.ONE_PERCENT_MORE
                ),
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
        Enclosure(
            laws.AT_SIZES, below=lambda d: laws.ratio_gaps(d, "optimal", f.scaling_optimal_constant)
        ),
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
                laws.AT_SIZES,
                below=lambda d: laws.ratio_gaps(
                    d, "optimal", f.scaling_optimal_constant, laws.ONE_PERCENT_MORE
                ),
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


CLAIMS = [STANDARD, OPTIMAL, RATIO]

if __name__ == "__main__":
    from kdverify.verify import run_as_script

    raise SystemExit(run_as_script(CLAIMS))
