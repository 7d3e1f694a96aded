"""Claims of section 5: tau, Omega and the constants of the scaling laws."""

from __future__ import annotations

import itertools
from fractions import Fraction
from functools import partial
from typing import Any

import _power_laws as laws

from kdverify import formulas as f
from kdverify.evidence import Claim, Control, Enclosure, Forall, Identity, Step

CASES = [*laws.NEAR, *laws.STEEP]


def learnt(u: Any) -> Any:
    """``1 - zeta`` at ``u = tau/lam``: mode 1 with tau = u."""
    return f.one_minus_zeta(1, u)


def degrees(shift: int = 0) -> tuple[Any, Any]:
    """``int_0^oo (1 - zeta) dz = c tau^(-1/alpha)``; both sides without the power of tau."""
    _, alpha, _ = laws.exponents()
    found = laws.integral(lambda u: u ** (1 / alpha - 1) * learnt(u) / alpha)
    return found, f.scaling_tau_constant(alpha + shift, laws.symbolic())


def tau_gaps(digits: int, wrong: int = 1) -> list[tuple[Any, Any]]:
    """The relative distance of tau from ``(c/n)^alpha`` falls like 1/n."""

    def gap(n: int, alpha: Fraction, beta: Fraction) -> Any:
        tau = laws.exact(alpha, beta, n, digits).tau
        return tau / (wrong * f.scaling_tau(laws.number(alpha), n, laws.ops())) - 1

    return [
        pair
        for alpha, beta in CASES
        for pair in laws.shrinking(partial(gap, alpha=alpha, beta=beta))
    ]


TAU = Claim(
    id="5.tau",
    title="tau falls like (c/n)^alpha",
    statement=r"\tau \sim (c/n)^\alpha,\quad c = \frac{\pi/\alpha}{\sin(\pi/\alpha)}",
    source="classic",
    needs=("1.unique",),
    steps=[
        Step(
            "1 - zeta = 1/(1 + tau z^alpha) falls in z from 1, so that its sum over i = 1, 2, ... "
            "differs from its integral over z > 0 by less than 1; u = tau z^alpha makes the "
            "integral a constant times tau^(-1/alpha)."
        ),
        Step("That constant is c.", lambda: degrees()[0]),
        Step("So |n - c tau^(-1/alpha)| < 1, hence tau (n/c)^alpha tends to 1."),
    ],
    evidence=[
        Identity("whole", left=lambda: degrees()[0], right=lambda: degrees()[1]),
        Enclosure(
            f"{laws.AT_SIZES}, five (alpha, beta)", below=tau_gaps, note="distance falls like 1/n"
        ),
    ],
    controls=[
        Control(
            Identity("whole", left=lambda: degrees()[0], right=lambda: degrees(1)[1]),
            wrong="alpha + 1 in c",
        ),
        Control(Enclosure(laws.AT_SIZES, below=lambda d: tau_gaps(d, 2)), wrong="twice the limit"),
    ],
)


def spreads(power: int = 1) -> tuple[Any, Any]:
    """``1 - Omega`` in the limit: the integral of zeta(1-zeta) over that of 1-zeta."""
    _, alpha, _ = laws.exponents()

    def jacobian(u: Any) -> Any:
        return u ** (1 / alpha - 1) / alpha

    spread = laws.integral(lambda u: jacobian(u) * f.spread(f.zeta(1, u), learnt(u)) ** power)
    return spread / degrees()[0], 1 - f.scaling_omega(alpha)


def omega_gaps(digits: int, wrong: int = 0) -> list[tuple[Any, Any]]:
    """Omega against its limit."""

    def gap(n: int, alpha: Fraction, beta: Fraction) -> Any:
        omega = laws.exact(alpha, beta, n, digits).omega
        return omega - f.scaling_omega(laws.number(alpha) + wrong)

    return [
        pair
        for alpha, beta in CASES
        for pair in laws.shrinking(partial(gap, alpha=alpha, beta=beta))
    ]


def plateau_gaps(digits: int, wrong: int = 0) -> list[tuple[Any, Any]]:
    """The noise part of all three risks at p = infinity against the plateau."""

    def gap(n: int, name: str, alpha: Fraction, beta: Fraction) -> Any:
        noisy, clean = (laws.exact(alpha, beta, n, digits, v) for v in (3, 0))
        part = getattr(noisy, name) - getattr(clean, name)
        return part - f.scaling_plateau(laws.number(alpha), laws.number(3 + wrong))

    return [
        pair
        for alpha, beta in laws.NEAR
        for name in ("standard", "optimal", "masked")
        for pair in laws.shrinking(partial(gap, name=name, alpha=alpha, beta=beta))
    ]


def plateau(wrong: int = 0) -> tuple[Any, Any]:
    """The noise part in the limit, and the formula."""
    import sympy

    noise = sympy.Symbol("v", positive=True)
    _, alpha, _ = laws.exponents()
    omega = f.scaling_omega(alpha)
    factor = f.variance_factor(omega, 1 - omega)
    return factor * noise, f.scaling_plateau(alpha + wrong, noise)


OMEGA = Claim(
    id="5.omega",
    title="Omega tends to (alpha - 1)/alpha",
    statement=r"\Omega \to \frac{\alpha-1}{\alpha}",
    source="new",
    needs=("5.tau",),
    steps=[
        Step(
            "zeta (1 - zeta) rises and then falls, so that its sum and its integral differ by "
            "at most twice its largest value, 1/4; both integrals scale as tau^(-1/alpha)."
        ),
        Step("1 - Omega tends to the ratio of the integrals.", lambda: spreads()[0]),
    ],
    evidence=[
        Identity("whole", left=lambda: spreads()[0], right=lambda: spreads()[1]),
        Enclosure(f"{laws.AT_SIZES}, five (alpha, beta)", below=omega_gaps),
    ],
    controls=[
        Control(
            Identity("whole", left=lambda: spreads(2)[0], right=lambda: spreads()[1]),
            wrong="zeta^2 (1 - zeta)^2",
        ),
        Control(
            Enclosure(laws.AT_SIZES, below=lambda d: omega_gaps(d, 1)), wrong="alpha/(alpha + 1)"
        ),
    ],
)

PLATEAU = Claim(
    id="5.plateau",
    title="With noise the risk tends to the plateau sigma^2 (alpha - 1)",
    statement=r"\sigma^2 \frac{\Omega}{1-\Omega} \to \sigma^2(\alpha-1)",
    source="new",
    needs=("5.omega", "2.risk"),
    steps=[Step("The noise part of every risk is sigma^2 Omega/(1 - Omega).")],
    evidence=[
        Identity("whole", left=lambda: plateau()[0], right=lambda: plateau()[1]),
        Enclosure(f"{laws.AT_SIZES}, three (alpha, beta)", below=plateau_gaps),
    ],
    controls=[
        Control(
            Identity("whole", left=lambda: plateau()[0], right=lambda: plateau(1)[1]),
            wrong="sigma^2 alpha",
        ),
        Control(Enclosure(laws.AT_SIZES, below=lambda d: plateau_gaps(d, 1)), wrong="more noise"),
    ],
)


def sandwich(smt: Any, fraction: str = "1") -> Any:
    """The improvement of one mode is between min(Omega, 1 - Omega) and 1."""
    zeta, omega = smt.Real("zeta"), smt.Real("Omega")
    ratio = f.improvement(zeta, 1 - zeta, omega, 1 - omega)
    scale = smt.number(fraction)
    assumptions = [zeta > 0, zeta < 1, omega > 0, omega < 1]
    larger = smt.Or(ratio > scale * omega, ratio > scale * (1 - omega))
    return assumptions, smt.And(ratio <= 1, larger)


def slopes(digits: int, wrong: int = 0) -> list[tuple[Any, Any]]:
    """Log-log slopes over a decade approach the exponent, for all three risks."""
    pairs = []
    for alpha, beta in [*laws.NEAR, *laws.STEEP]:
        from kdverify.gaussian import infinite as scaling

        limit = laws.number(scaling.exponent(alpha, beta) + wrong)
        for name in ("standard", "optimal", "masked"):
            values = [getattr(laws.exact(alpha, beta, n, digits), name) for n in laws.SIZES]
            steps = [(a / b).log() / laws.number(10).log() for a, b in itertools.pairwise(values)]
            pairs += laws.falls([s - limit for s in steps], laws.first_exponent(alpha, beta))
    return pairs


EXPONENTS = Claim(
    id="5.exponents",
    title="Distillation never improves the exponent",
    statement=r"R \sim n^{-\min(\beta-1,2\alpha)} \text{ for standard, best surrogate, best mask}"
    r"\quad(\beta\ne 2\alpha+1)",
    source="paper",
    needs=("5.omega", "3.improvement", "4.exhaustive"),
    parts=("same for all", f"value at {laws.AT_SIZES}"),
    steps=[
        Step(
            "Mode by mode the best surrogate keeps more than min(Omega, 1 - Omega) of the standard "
            "risk, and Omega tends to (alpha-1)/alpha, strictly inside (0, 1); the mask lies "
            "between the two: so all three fall with one exponent, log factors included."
        ),
        Step("Its value is that of the standard risk: claims 5.standard, 5.steep, 5.boundary."),
    ],
    evidence=[
        Forall("same for all", build=sandwich, witness={"zeta": "1/4", "Omega": "1/2"}),
        Enclosure(
            f"value at {laws.AT_SIZES}",
            below=slopes,
            note="slopes per decade; their distance falls like 1/n",
        ),
    ],
    controls=[
        Control(Forall("same for all", build=lambda s: sandwich(s, "2")), wrong="twice the bound"),
        Control(
            Enclosure(f"value at {laws.AT_SIZES}", below=lambda d: slopes(d, 1)),
            wrong="exponent + 1",
        ),
    ],
)

CLAIMS = [TAU, OMEGA, PLATEAU, EXPONENTS]

if __name__ == "__main__":
    from kdverify.verify import run_as_script

    raise SystemExit(run_as_script(CLAIMS))
