"""Claims of section 5: steep signals, and the first corrections at finite n."""

from __future__ import annotations

from fractions import Fraction
from functools import partial
from typing import Any

import _power_laws as laws

from kdverify import formulas as f
from kdverify.evidence import Claim, Control, Enclosure, Identity, Step


def steep(alpha: Any, beta: Any, n: int) -> Any:
    """The limit form of R_std."""
    return f.scaling_steep_constant(alpha, beta, laws.ops()) * laws.squared_tau(alpha, n)


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


def mask_gains(digits: int, wrong: Fraction = Fraction(0)) -> list[tuple[Any, Any]]:
    """What the mask gains on strong labels falls like the share of the modes beyond n."""

    def gap(n: int, alpha: Fraction, beta: Fraction) -> Any:
        found = laws.exact(alpha, beta, n, digits)
        return 1 - found.masked / found.standard - laws.number(wrong)

    return [
        pair
        for alpha, beta in laws.STEEP
        for pair in laws.shrinking(partial(gap, alpha=alpha, beta=beta), beta - 2 * alpha - 1)
    ]


STEEP = Claim(
    id="5.steep",
    title="Steep signals: the first modes carry the risk",
    statement=r"\beta>2\alpha+1:\ R_{std}\sim\alpha\,\zeta(\beta-2\alpha)(c/n)^{2\alpha},\ "
    r"\rho=(\alpha-1)/\alpha,\ R_{mask}/R_{std}\to 1",
    source="new",
    needs=("5.tau", "5.omega"),
    parts=(
        "constant",
        "ratio of one mode",
        f"ratio at {laws.AT_SIZES}",
        f"mask at {laws.AT_SIZES}",
    ),
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
            "ratio of one mode",
            left=lambda: steep_improvement()[0],
            right=lambda: steep_improvement()[1],
        ),
        Enclosure(
            f"constant at {laws.AT_SIZES}",
            below=lambda d: laws.risk_gaps(d, laws.STEEP, "standard", steep),
        ),
        Enclosure(
            f"ratio at {laws.AT_SIZES}",
            below=lambda d: laws.risk_gaps(d, laws.STEEP, "optimal", steep_optimal),
        ),
        Enclosure(f"mask at {laws.AT_SIZES}", below=mask_gains),
    ],
    controls=[
        Control(
            Enclosure(
                f"mask at {laws.AT_SIZES}",
                below=lambda d: mask_gains(d, Fraction(1, 10**4)),
            ),
            wrong="the mask gains 1/10,000 in the limit",
        ),
        Control(
            Identity("constant", left=lambda: steep_mode(1)[0], right=lambda: steep_mode(1)[1]),
            wrong="alpha + 1",
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
    """The relative error of the shifted law falls like n^-(alpha+1)."""

    def gap(n: int, alpha: Fraction, beta: Fraction) -> Any:
        tau = laws.exact(alpha, beta, n, digits).tau
        return tau / f.scaling_tau(laws.number(alpha), laws.number(n + shift), laws.ops()) - 1

    return [
        pair
        for alpha, beta in ODD
        for pair in laws.shrinking(partial(gap, alpha=alpha, beta=beta), alpha + 1)
    ]


def omega_rate(digits: int) -> list[tuple[Any, Any]]:
    """The error of Omega falls like n^-(alpha+1)."""

    def gap(n: int, alpha: Fraction, beta: Fraction) -> Any:
        omega = laws.exact(alpha, beta, n, digits).omega
        return omega - f.scaling_omega_at(laws.number(alpha), laws.number(n))

    return [
        pair
        for alpha, beta in ODD
        for pair in laws.shrinking(partial(gap, alpha=alpha, beta=beta), alpha + 1)
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
    parts=(f"tau at {laws.AT_SIZES}", "omega", "risk"),
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
        Enclosure(f"tau at {laws.AT_SIZES}", below=tau_rate),
        Enclosure(f"omega at {laws.AT_SIZES}", below=omega_rate),
        Enclosure(
            f"risk at {laws.AT_SIZES}",
            below=lambda d: laws.risk_gaps(d, laws.NEAR, "standard", corrected, 2),
        ),
    ],
    controls=[
        Control(
            Enclosure(f"tau at {laws.AT_SIZES}", below=lambda d: tau_rate(d, Fraction(51, 100))),
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
                f"risk at {laws.AT_SIZES}",
                below=lambda d: laws.risk_gaps(d, laws.NEAR, "standard", wrongly_corrected, 2),
            ),
            wrong="1/(100 n) more",
        ),
    ],
)

CLAIMS = [STEEP, FINITE_N]

if __name__ == "__main__":
    from kdverify.verify import run_as_script

    raise SystemExit(run_as_script(CLAIMS))
