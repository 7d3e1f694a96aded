"""Claims of section 5: steep signals, the boundary, finite n, finite p, thresholds."""

from __future__ import annotations

from fractions import Fraction
from functools import partial
from typing import Any

import _power_laws as laws

from kdverify import formulas as f
from kdverify.evidence import Claim, Control, Enclosure, Identity, Step


def risk_gaps(
    digits: int, cases: Any, name: str, limit: Any, fall: int, scale: Fraction = Fraction(1)
) -> list[tuple[Any, Any]]:
    """The relative distance of a risk from ``limit(alpha, beta, n)`` falls each decade."""

    def gap(n: int, alpha: Fraction, beta: Fraction) -> Any:
        value = limit(laws.number(alpha), laws.number(beta), n)
        return getattr(laws.exact(alpha, beta, n, digits), name) / (value * laws.number(scale)) - 1

    return [
        pair
        for alpha, beta in cases
        for pair in laws.shrinking(partial(gap, alpha=alpha, beta=beta), Fraction(fall))
    ]


def squared_tau(alpha: Any, n: int) -> Any:
    """The limit form of tau^2."""
    tau = f.scaling_tau(alpha, n, laws.ops())
    return tau * tau


def steep(alpha: Any, beta: Any, n: int) -> Any:
    """The limit form of R_std."""
    return f.scaling_steep_constant(alpha, beta, laws.ops()) * squared_tau(alpha, n)


def steep_optimal(alpha: Any, beta: Any, n: int) -> Any:
    """The limit form of R_opt."""
    return f.scaling_omega(alpha) * steep(alpha, beta, n)


def steep_mode(wrong: int = 0) -> tuple[Any, Any]:
    """One mode over tau^2 as tau -> 0, with 1 - Omega in the limit, summed to a zeta value."""
    from types import SimpleNamespace

    import sympy

    _, alpha, _ = laws.exponents()
    i, tau, beta = sympy.symbols("i tau beta", positive=True)
    omega = f.scaling_omega(alpha)
    mode = f.mode_standard_risk(i**-beta, f.zeta(i**-alpha, tau), 1 - omega) / tau**2
    ops = SimpleNamespace(zeta=lambda s: i**-s)
    limit = sympy.powsimp(sympy.expand(sympy.simplify(mode).subs(tau, 0)))
    return limit, f.scaling_steep_constant(alpha + wrong, beta + 2 * wrong, ops)


def steep_improvement() -> tuple[Any, Any]:
    """The improvement of a mode with zeta = 0, and Omega."""
    import sympy

    omega = sympy.Symbol("Omega", positive=True)
    return f.improvement(0, 1, omega, 1 - omega), omega


STEEP = Claim(
    id="5.steep",
    title="Steep signals: the first modes carry the risk",
    statement=r"\beta>2\alpha+1:\ R_{std}\sim\alpha\,\zeta(\beta-2\alpha)(c/n)^{2\alpha},\ "
    r"\rho=(\alpha-1)/\alpha,\ R_{mask}/R_{std}\to 1",
    source="new",
    needs=("5.tau", "5.omega"),
    parts=("constant", "ratio", "mask at n = 100 to 10,000"),
    steps=[
        Step(
            "zeta_i <= tau i^alpha, so that the sum over tau^2 is dominated by the convergent "
            "sum of i^(2 alpha - beta): the limit may be taken term by term."
        ),
        Step("Each term's limit.", lambda: steep_mode()[0]),
        Step("The improvement of a mode with zeta = 0 is Omega.", lambda: steep_improvement()[0]),
        Step("The mask drops only modes beyond a multiple of n, whose share vanishes."),
    ],
    evidence=[
        Identity("constant", left=lambda: steep_mode()[0], right=lambda: steep_mode()[1]),
        Identity(
            "ratio", left=lambda: steep_improvement()[0], right=lambda: steep_improvement()[1]
        ),
        Enclosure("constant", below=lambda d: risk_gaps(d, laws.STEEP, "standard", steep, 9)),
        Enclosure("ratio", below=lambda d: risk_gaps(d, laws.STEEP, "optimal", steep_optimal, 9)),
        Enclosure(
            "mask at n = 100 to 10,000",
            below=lambda d: risk_gaps(d, laws.STEEP, "masked", steep, 9),
        ),
    ],
    controls=[
        Control(
            Enclosure(
                "mask at n = 100 to 10,000",
                below=lambda d: risk_gaps(d, laws.STEEP, "masked", steep, 9, Fraction(99, 100)),
            ),
            wrong="the mask gains 1 %",
        ),
        Control(
            Identity("constant", left=lambda: steep_mode(1)[0], right=lambda: steep_mode(1)[1]),
            wrong="alpha + 1",
        ),
    ],
)


def boundary_standard(alpha: Any, beta: Any, n: int) -> Any:
    """The limit form of R_std."""
    log_term = f.scaling_boundary_log(alpha, n, laws.ops())
    return f.scaling_boundary_standard(alpha, log_term) * squared_tau(alpha, n)


def boundary_optimal(alpha: Any, beta: Any, n: int) -> Any:
    """The limit form of R_opt."""
    log_term = f.scaling_boundary_log(alpha, n, laws.ops())
    return f.scaling_boundary_optimal(alpha, log_term, laws.ops()) * squared_tau(alpha, n)


def mean_log(power: int) -> Any:
    """``int_0^oo -d/du (1 - zeta)^power log u du`` with ``1 - zeta = 1/(1 + u)``.

    The derivative at s = 0 of the same integral with ``u^s`` for the logarithm.
    """
    import sympy

    u, s = sympy.symbols("u s", positive=True)
    fall = -sympy.diff(f.one_minus_zeta(1, u) ** power, u)
    moment = sympy.integrate(u**s * fall, (u, 0, sympy.oo), conds="none")
    return sympy.limit(sympy.diff(moment, s), s, 0)


def boundary(which: str, wrong: int = 0) -> tuple[Any, Any]:
    """Constants with the logarithm, from integrals and from the formulas."""
    import sympy

    above, alpha, _ = laws.exponents()
    log_term = sympy.Symbol("L", positive=True)
    if which == "standard":
        left = alpha * (log_term + mean_log(2) / alpha)
        return left, f.scaling_boundary_standard(alpha, log_term + wrong)
    mean = (mean_log(1) - sympy.log(above)) / (2 * alpha)
    left = above * (log_term + mean)
    return left, f.scaling_boundary_optimal(alpha, log_term + wrong, laws.symbolic())


BOUNDARY = Claim(
    id="5.boundary",
    title="The logarithm at beta = 2 alpha + 1",
    statement=r"\beta=2\alpha+1,\ L=\ln(n/c)+\gamma:\ R_{std}\sim\alpha(c/n)^{2\alpha}(L-1/\alpha),"
    r"\ R_{opt}\sim(\alpha-1)(c/n)^{2\alpha}(L-\tfrac{\ln(\alpha-1)}{2\alpha})",
    source="new",
    needs=("5.tau", "5.optimal"),
    parts=("standard", "optimal"),
    steps=[
        Step(
            "Both risks are tau^2 times sum g(a i)/i with g(0) = 1: for a -> 0, "
            "sum g(a i)/i = -ln a + gamma - int_0^oo g'(x) ln x dx + o(1); here a = tau^(1/alpha)."
        ),
        Step("Standard: g = (1 - zeta)^2, u = x^alpha.", lambda: mean_log(2)),
        Step("Best surrogate: g = 1/(1 + (alpha-1) x^(2 alpha)).", lambda: mean_log(1)),
        Step("Their ratio tends to (alpha - 1)/alpha only like 1/L."),
    ],
    evidence=[
        Identity(
            "standard", left=lambda: boundary("standard")[0], right=lambda: boundary("standard")[1]
        ),
        Identity(
            "optimal", left=lambda: boundary("optimal")[0], right=lambda: boundary("optimal")[1]
        ),
        Enclosure(
            "standard",
            below=lambda d: risk_gaps(d, laws.BOUNDARY, "standard", boundary_standard, 8),
        ),
        Enclosure(
            "optimal", below=lambda d: risk_gaps(d, laws.BOUNDARY, "optimal", boundary_optimal, 8)
        ),
    ],
    controls=[
        Control(
            Identity(
                "standard",
                left=lambda: boundary("standard")[0],
                right=lambda: boundary("standard", 1)[1],
            ),
            wrong="L + 1",
        ),
        Control(
            Enclosure(
                "optimal",
                below=lambda d: risk_gaps(
                    d, laws.BOUNDARY, "optimal", boundary_optimal, 8, Fraction(101, 100)
                ),
            ),
            wrong="1 % more",
        ),
    ],
)


def omega_from_tau(wrong: int = 0) -> tuple[Any, Any]:
    """``n (1 - Omega) = -dn/dlog tau`` on ``tau = (c/(n + 1/2))^alpha``."""
    import sympy

    _, alpha, _ = laws.exponents()
    n = sympy.Symbol("n", positive=True)
    tau = f.scaling_tau(alpha, n + sympy.Rational(1, 2), laws.symbolic())
    slope = sympy.diff(sympy.expand_log(sympy.log(tau), force=True), n)
    return 1 + 1 / (n * sympy.simplify(slope)), f.scaling_omega_at(alpha, n + wrong)


def first_correction(wrong: int = 0) -> tuple[Any, Any]:
    """d/d(1/n) at 0 of R_std over its limit form, tau and Omega as above."""
    import sympy

    _, alpha, _ = laws.exponents()
    h, beta = sympy.symbols("h beta", positive=True)
    omega = f.scaling_omega_at(alpha, 1 / h)
    ratio = (1 + h / 2) ** (1 - beta) * (1 - f.scaling_omega(alpha)) / (1 - omega)
    left = sympy.diff(ratio, h).subs(h, 0)
    return left, sympy.diff(f.scaling_standard_correction(beta + wrong, 1 / h), h)


ODD = ((Fraction(3, 2), Fraction(2)), (Fraction(5, 2), Fraction(3)))


def tau_rate(digits: int, shift: Fraction = Fraction(1, 2)) -> list[tuple[Any, Any]]:
    """The relative error of the shifted law falls like n^-(alpha+1); 10 % are left for it."""

    def gap(n: int, alpha: Fraction, beta: Fraction) -> Any:
        tau = laws.exact(alpha, beta, n, digits).tau
        return tau / f.scaling_tau(laws.number(alpha), laws.number(n + shift), laws.ops()) - 1

    return [
        pair
        for alpha, beta in ODD
        for pair in laws.shrinking(
            partial(gap, alpha=alpha, beta=beta), Fraction(9 * int(10 ** float(alpha)), 10)
        )
    ]


def omega_rate(digits: int) -> list[tuple[Any, Any]]:
    """The error of Omega falls like n^-(alpha+1)."""

    def gap(n: int, alpha: Fraction, beta: Fraction) -> Any:
        omega = laws.exact(alpha, beta, n, digits).omega
        return omega - f.scaling_omega_at(laws.number(alpha), laws.number(n))

    return [
        pair
        for alpha, beta in ODD
        for pair in laws.shrinking(
            partial(gap, alpha=alpha, beta=beta), Fraction(9 * int(10 ** float(alpha)), 10)
        )
    ]


def corrected(alpha: Any, beta: Any, n: int) -> Any:
    """The limit form with its first correction."""
    one = laws.ops()
    limit = f.scaling_standard_constant(alpha, beta, one) * one.power(
        f.scaling_tau_constant(alpha, one) / n, beta - 1
    )
    return limit * f.scaling_standard_correction(beta, laws.number(n))


def wrongly_corrected(alpha: Any, beta: Any, n: int) -> Any:
    """The same, 1/(100 n) off."""
    return corrected(alpha, beta, n) * (1 + laws.number(Fraction(1, 100 * n)))


FINITE_N = Claim(
    id="5.finite-n",
    title="First corrections at finite n",
    statement=r"\tau=(c/(n+\tfrac12))^\alpha,\ \Omega=\tfrac{\alpha-1}{\alpha}-\tfrac{1}{2\alpha n}"
    r"\text{ up to }O(n^{-\alpha-1});\ R_{std}:\ 1-\tfrac{\beta}{2n}",
    source="new",
    needs=("5.tau", "5.standard"),
    parts=("tau at n = 100 to 10,000", "omega", "risk"),
    steps=[
        Step(
            "n = c tau^(-1/alpha) + zeta(0) - tau zeta(-alpha) + ..., zeta(0) = -1/2 (the "
            "Mellin transform's poles)."
        ),
        Step("n (1 - Omega) = -dn/dlog tau.", lambda: omega_from_tau()[0]),
        Step("The first order of R_std.", lambda: first_correction()[0]),
    ],
    evidence=[
        Identity("omega", left=lambda: omega_from_tau()[0], right=lambda: omega_from_tau()[1]),
        Identity("risk", left=lambda: first_correction()[0], right=lambda: first_correction()[1]),
        Enclosure("tau at n = 100 to 10,000", below=tau_rate),
        Enclosure("omega", below=omega_rate),
        Enclosure("risk", below=lambda d: risk_gaps(d, laws.NEAR, "standard", corrected, 80)),
    ],
    controls=[
        Control(
            Enclosure("tau at n = 100 to 10,000", below=lambda d: tau_rate(d, Fraction(51, 100))),
            wrong="n + 0.51",
        ),
        Control(
            Identity(
                "risk", left=lambda: first_correction()[0], right=lambda: first_correction(1)[1]
            ),
            wrong="beta + 1",
        ),
        Control(
            Enclosure(
                "risk",
                below=lambda d: risk_gaps(d, laws.NEAR, "standard", wrongly_corrected, 80),
            ),
            wrong="1/(100 n) more",
        ),
    ],
)

CLAIMS = [STEEP, BOUNDARY, FINITE_N]

if __name__ == "__main__":
    from kdverify.verify import run_as_script

    raise SystemExit(run_as_script(CLAIMS))
